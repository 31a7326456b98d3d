//! The editor of a task: the form that writes its `task.yaml`, and the table of its files (reference inginious.md 6.8.1,
//! 6.8.2).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::Method;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::admin::{descriptor_text, enter};
use super::app::{App, SessionId};
use super::files::{Folder, valid_id};
use super::http::{self, alert, not_found, page, respond};
use super::input::{Field, Form};
use super::rst::escape;
use super::task::Task;
use super::yaml::Node;

/// `/admin/<course>/edit/task/<task>`: the form replaces the file; what it does not know is gone, but for `order`.
pub(crate) async fn task(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, task)): Path<(String, String)>,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let form = match enter(&app, &session, &id, false, request).await {
        Ok((.., form)) => form,
        Err(response) => return response,
    };
    let mut store = app.store();
    let Some(stored) = store.courses.get_mut(&id).filter(|_| valid_id(&task)) else { return not_found() };
    let path = format!("{task}/task.yaml");
    if !post {
        let there = stored.files().exists(&path);
        return if there {
            page(200, "Edit task", &format!("<h2>{}</h2>", escape(&task)))
        } else {
            not_found()
        };
    }
    let saved = described(&form).and_then(|mut fields| {
        let before = Node::parse(&stored.files().text(&path).unwrap_or_default()).ok();
        if let Some(order) = before.as_ref().and_then(|node| node.get("order")) {
            fields.insert("order".to_owned(), order.to_json());
        }
        let text = descriptor_text(&fields);
        Task::read(&task, &text).map_err(|what| format!("Invalid data: {what}"))?;
        stored.files_mut().put(&path, text.into());
        Ok(())
    });
    let said = match saved {
        Ok(()) => json!({ "status": "ok" }),
        Err(message) => json!({ "status": "error", "message": message }),
    };
    respond(200, "text/html; charset=utf-8", http::python_json(&said))
}

/// The mapping that the form describes, in the order of its keys.
fn described(form: &Form) -> Result<Map<String, Value>, String> {
    let invalid = |what: &str| format!("Your browser returned an invalid form ({what})");
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    let (mut problems, mut limits, mut ids): (Nested, Nested, Nested) = Default::default();
    for (name, value) in &form.0 {
        let Field::Text(text) = value else { continue };
        let tree = [("problem", &mut problems), ("envparams", &mut limits), ("environment_id", &mut ids)];
        match tree.into_iter().find_map(|(prefix, tree)| Some((name.strip_prefix(prefix)?, tree))) {
            Some((path, tree)) => tree.put(path, as_written(text)),
            None if name.starts_with('@') || name.starts_with('/') => {}
            None => {
                fields.entry(name.clone()).or_insert_with(|| as_written(text).into());
            }
        }
    }
    match form.text("@filetype") {
        Some("yaml") => {}
        Some(other) => return Err(format!("Invalid file type: {other}")),
        None => return Err(invalid("'@filetype'")),
    }
    if limits.0.is_empty() || ids.0.is_empty() {
        return Err(invalid("'NoneType' object has no attribute 'get'"));
    }
    let kind = form.text("environment_type").unwrap_or_default();
    let of_kind = |tree: &Map<String, Value>, default: Value| tree.get(kind).cloned().unwrap_or(default);
    fields.insert("environment_id".to_owned(), of_kind(&ids.0, "".into()));
    fields.insert("environment_parameters".to_owned(), of_kind(&limits.0, json!({})));
    let random = form.text("input_random").and_then(|number| number.trim().parse::<i64>().ok());
    let random = random.ok_or("The number of random inputs must be an integer!")?;
    if random < 0 {
        return Err("The number of random inputs must be positive!".to_owned());
    }
    fields.insert("input_random".to_owned(), random.into());
    fields.insert("network_grading".to_owned(), form.has("network_grading").into());
    let mut ordered = Vec::new();
    for (id, problem) in problems.0 {
        let mut problem = problem.as_object().cloned().ok_or_else(|| invalid("no problem"))?;
        let order = problem.remove("@order").and_then(|n| n.as_str()?.trim().parse::<i64>().ok());
        ordered.push((order.ok_or_else(|| invalid("'@order'"))?, id, typed(problem)));
    }
    ordered.sort_by_key(|(order, ..)| *order);
    fields.insert(
        "problems".to_owned(),
        ordered.into_iter().map(|(_, id, p)| (id, p)).collect::<Map<_, _>>().into(),
    );
    Ok(fields.into_iter().collect())
}

/// What the writer makes of a text of several lines.
fn as_written(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n")
        .replace('\t', "    ")
        .split('\n')
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Fields whose names are paths: `[a][b]`.
#[derive(Default)]
struct Nested(Map<String, Value>);

impl Nested {
    fn put(&mut self, path: &str, text: String) {
        let mut keys: Vec<&str> = path.split('[').filter_map(|part| part.strip_suffix(']')).collect();
        let Some(last) = keys.pop() else { return };
        let mut at = &mut self.0;
        for key in keys {
            let inner = at.entry(key).or_insert_with(|| json!({}));
            match inner {
                Value::Object(inner) => at = inner,
                _ => return,
            }
        }
        at.entry(last).or_insert_with(|| text.into());
    }
}

/// Texts of the form as each type of problem stores them; an optional box stays a text.
fn typed(mut problem: Map<String, Value>) -> Value {
    let kind = problem.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let flags: &[&str] = match kind.as_str() {
        "multiple_choice" => &["optional", "multiple", "centralize", "unshuffle"],
        "match" => &["centralize"],
        _ => &[],
    };
    for flag in flags {
        if let Some(value) = problem.get_mut(*flag) {
            *value = true.into();
        }
    }
    for number in ["limit", "offset", "max_size"] {
        match problem.get(number).and_then(Value::as_str).map(|text| text.trim().parse::<i64>()) {
            Some(Ok(value)) => {
                problem.insert(number.to_owned(), value.into());
            }
            Some(Err(_)) => {
                problem.remove(number);
            }
            None => {}
        }
    }
    let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    for text in ["error_message", "success_message", "allowed_exts"] {
        if problem.get(text).is_some_and(blank) {
            problem.remove(text);
        }
    }
    if let Some(endings) = problem.get("allowed_exts").and_then(Value::as_str) {
        let endings: Value = endings.split(',').map(str::trim).map(Value::from).collect();
        problem.insert("allowed_exts".to_owned(), endings);
    }
    if let Some(choices) = problem.get("choices").and_then(Value::as_object) {
        let mut list: Vec<(i64, Map<String, Value>)> = choices
            .iter()
            .filter_map(|(number, choice)| Some((number.parse().ok()?, choice.as_object()?.clone())))
            .collect();
        list.sort_by_key(|(number, _)| *number);
        for (_, choice) in &mut list {
            if choice.contains_key("valid") {
                choice.insert("valid".to_owned(), true.into());
            }
            if choice.get("feedback").is_some_and(blank) {
                choice.remove("feedback");
            }
        }
        problem
            .insert("choices".to_owned(), list.into_iter().map(|(_, choice)| Value::from(choice)).collect());
    }
    problem.into()
}

/// `/admin/<course>/edit/task/<task>/files`: the table, and what changes it; some of that by GET.
pub(crate) async fn files(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, task)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let form = match enter(&app, &session, &id, false, request).await {
        Ok((.., form)) => form,
        Err(response) => return response,
    };
    let mut store = app.store();
    let Some(stored) = store.courses.get_mut(&id).filter(|_| valid_id(&task)) else { return not_found() };
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let place = Place { task: &task };
    if !post && asked("action") == Some("download") {
        return match asked("path").and_then(|path| place.there(stored.files(), path)) {
            Some(path) => download(stored.files(), &path),
            None => page(404, "Error 404", &alert("warning", "Error 404", "This path doesn't exist.")),
        };
    }
    let what = if post {
        let file = form.0.iter().find_map(|(name, value)| match value {
            Field::File { bytes, .. } if name == "file" => Some(bytes.clone()),
            _ => None,
        });
        match (form.text("action"), form.text("path"), file) {
            (Some("upload"), Some(path), Some(bytes)) => Some(Change::Put(path.trim().to_owned(), bytes)),
            _ => None,
        }
    } else {
        match (asked("action"), asked("path"), asked("new_path")) {
            (Some("delete"), Some(path), _) => Some(Change::Delete(path.trim().to_owned())),
            (Some("create"), Some(path), _) => Some(Change::Put(path.trim().to_owned(), Bytes::new())),
            (Some("rename"), Some(path), Some(to)) => {
                Some(Change::Rename(path.trim().to_owned(), to.trim().to_owned()))
            }
            _ => None,
        }
    };
    let said = what.and_then(|what| what.carry_out(stored.files_mut(), place).err());
    respond(200, "text/html; charset=utf-8", table(stored.files(), place, said))
}

/// The folder of a task.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    task: &'a str,
}

impl Place<'_> {
    /// The path in the course, for a name as the page sends it. `task.yaml` is out of reach, and `..` is refused.
    fn inside(self, files: &Folder, path: &str) -> Option<String> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let barred = path.contains("..") || path == "task.yaml" || !files.is_dir(self.task);
        let path = path.trim_end_matches('/');
        (!barred)
            .then(|| if path.is_empty() { self.task.to_owned() } else { format!("{}/{path}", self.task) })
    }

    fn there(self, files: &Folder, path: &str) -> Option<String> {
        self.inside(files, path).filter(|inside| files.exists(inside))
    }

    fn free(self, files: &Folder, path: &str) -> Option<String> {
        self.inside(files, path).filter(|inside| !files.exists(inside))
    }
}

enum Change {
    Put(String, Bytes),
    Delete(String),
    Rename(String, String),
}

impl Change {
    fn carry_out(self, files: &mut Folder, place: Place<'_>) -> Result<(), &'static str> {
        match self {
            Self::Put(path, bytes) => {
                let inside = place.free(files, &path).ok_or("Invalid new path")?;
                if path.ends_with('/') { files.make_dir(&inside) } else { files.put(&inside, bytes) }
            }
            Self::Delete(path) => {
                let inside = place.there(files, &path).filter(|inside| inside != place.task);
                files.remove(&inside.ok_or("Internal error")?);
            }
            Self::Rename(path, to) => {
                let from = place.there(files, &path).ok_or("Internal error")?;
                let to = place.free(files, &to).ok_or("Invalid new path")?;
                files.copy(&from, &to);
                files.remove(&from);
            }
        }
        Ok(())
    }
}

/// A file as it is; a folder as a zip, `task.yaml` included.
fn download(files: &Folder, path: &str) -> Response {
    if let Some(bytes) = files.file(path) {
        let media = mime_guess::from_path(path).first_or_octet_stream().to_string();
        return respond(200, &media, bytes.clone());
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let prefix = format!("{path}/");
    for (name, bytes) in files.under(&prefix) {
        let begun = zip.start_file(name, zip::write::SimpleFileOptions::default());
        if begun.is_err() || zip.write_all(bytes).is_err() {
            return http::internal_error();
        }
    }
    match zip.finish() {
        Ok(whole) => respond(200, "application/zip", whole.into_inner()),
        Err(_) => http::internal_error(),
    }
}

fn table(files: &Folder, place: Place<'_>, said: Option<&str>) -> String {
    let mut names = Vec::new();
    listed(files, place.task, &mut names);
    let names = names.iter().filter_map(|name| name.strip_prefix(place.task)?.strip_prefix('/'));
    let rows: String = names
        .filter(|name| *name != "task.yaml")
        .map(|name| format!("<tr data-x-path=\"/{0}\"><td>{0}</td></tr>\n", escape(name)))
        .collect();
    let said = said.map(|said| alert("danger", "", said)).unwrap_or_default();
    format!(
        "<div id=\"tab_file_list\">{said}<table class=\"table\">\n<tr><td>/</td></tr>\n{rows}</table></div>\n"
    )
}

/// The files of each folder, then what is in the folders within.
fn listed(files: &Folder, folder: &str, names: &mut Vec<String>) {
    let (folders, mut inside) = files.children(folder);
    names.append(&mut inside);
    folders.iter().for_each(|inner| listed(files, inner, names));
}
