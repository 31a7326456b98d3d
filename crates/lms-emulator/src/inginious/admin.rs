//! Administration of a course: creating it, its students, its task page (reference inginious.md 6.8).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::app::{App, SessionId};
use super::course::{Course, Stored};
use super::files::{Folder, valid_id};
use super::http::{self, alert, forbidden, page, read_form};
use super::input::Form;
use super::reports;
use super::rst::escape;
use super::state::{Store, User};
use super::web::signed_in;
use super::yaml::Node;

/// Makes an empty course. False if the id is taken or no id.
pub(crate) fn create_course(app: &App, id: &str) -> bool {
    let mut store = app.store();
    if !valid_id(id) || store.courses.contains_key(id) {
        return false;
    }
    let mut folder = Folder::default();
    folder.put("course.yaml", format!("accessible: false\nname: {}\n", serde_json::Value::from(id)).into());
    store.courses.insert(id.to_owned(), Stored::new(folder, false));
    true
}

/// What a page of the administration starts with: who asks, and for which course.
pub(crate) async fn enter(
    app: &App,
    session: &SessionId,
    id: &str,
    tutors: bool,
    request: Request,
) -> Result<(Arc<Course>, String, Form), Response> {
    let form = read_form(request).await?;
    let username = signed_in(app, session, &form, "/admin/").map_err(|response| *response)?;
    let mut store = app.store();
    // One text for an unknown course and for missing rights.
    let refused = || forbidden("This course is unreachable");
    let course = store.course(id).ok_or_else(refused)?;
    let person = store.person(&username, id);
    if course.is_admin(person) || (tutors && course.is_staff(person)) {
        Ok((course, username, form))
    } else {
        Err(refused())
    }
}

/// `/admin/<course>/students`: the page, the CSV, registering and removing. The answers carry no message.
pub(crate) async fn students(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let (course, _, form) = match enter(&app, &session, &id, true, request).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let mut store = app.store();
    let username = form.text("username").unwrap_or_default();
    if post && form.has("register_student") && store.users.contains_key(username) {
        store.enroll(&id, username);
    }
    if post && form.has("remove_student") {
        match form.text("type") {
            Some("all") => store.students.entry(id.clone()).or_default().clear(),
            _ => store.unenroll(&id, username),
        }
    }
    if asks_for(query.as_deref(), "csv_student") {
        return reports::csv_answer(reports::students(&store, &course));
    }
    let mut rows = String::new();
    for name in store.students.get(&id).into_iter().flatten() {
        rows.extend(["<li>", &escape(name), "</li>\n"]);
    }
    page(200, &format!("{} ", course.name.shown()), &format!("<ul id=\"students\">\n{rows}</ul>"))
}

/// `/admin/<course>/tasks`: the panel with the address and the password of WebDAV (reference inginious.md 7), and saving
/// the structure.
pub(crate) async fn tasks(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let (course, username, form) = match enter(&app, &session, &id, false, request).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let mut store = app.store();
    let saved = match (post, form.text("course_structure")) {
        (true, Some(structure)) => match save_structure(&mut store, &id, structure, &form) {
            Ok(()) => alert("success", "", "Changes saved."),
            Err(what) => alert("danger", "", &format!("Something wrong happened: {what}")),
        },
        _ => String::new(),
    };
    let key = store.users.get_mut(&username).map(User::api_key).unwrap_or_default();
    let row = |name: &str, value: &str| {
        format!("<tr><td>{name}</td><td><code>{}</code></td></tr>\n", escape(value))
    };
    let url = format!("{}/{id}", app.webdav_url.get().map(String::as_str).unwrap_or_default());
    let panel = format!(
        "{saved}\n<div id=\"webdav\">\n<table class=\"table\">\n{}{}{}</table>\n</div>",
        row("URL", &url),
        row("Username", &username),
        row("Password", &key)
    );
    page(200, &format!("{} ", course.name.shown()), &panel)
}

/// A course file in the order of its keys. JSON is YAML; the comments of the file are lost, as on the server.
pub(crate) fn descriptor_text(fields: &Map<String, Value>) -> String {
    fields.iter().map(|(key, value)| format!("{}: {value}\n", Value::from(key.as_str()))).collect()
}

/// Writes the structure into `course.yaml`, and makes and deletes tasks (reference inginious.md 6.8).
fn save_structure(store: &mut Store, id: &str, structure: &str, form: &Form) -> Result<(), String> {
    let structure: Map<String, Value> = serde_json::from_str(structure).map_err(|error| error.to_string())?;
    let ids = |field: &str| -> Result<Vec<String>, String> {
        form.text(field)
            .map_or(Ok(Vec::new()), |text| serde_json::from_str(text).map_err(|error| error.to_string()))
    };
    let (new, deleted) = (ids("new_tasks")?, ids("deleted_tasks")?);
    let stored = store.courses.get_mut(id).ok_or("the course is gone")?;
    let mut files = stored.files().clone();
    for task in new {
        if !valid_id(&task) || files.exists(&task) {
            return Err(format!("Couldn't create task {task} : it is no id, or taken"));
        }
        let text = format!("environment_type: mcq\nname: {}\nproblems: {{}}\n", Value::from(task.as_str()));
        files.put(&format!("{task}/task.yaml"), text.into());
    }
    deleted.iter().filter(|task| valid_id(task)).for_each(|task| files.remove(task));
    let mut descriptor = Node::parse(&files.text("course.yaml").unwrap_or_default())?.to_json();
    let fields = descriptor.as_object_mut().ok_or("course.yaml is no mapping")?;
    let mut structure = structure;
    structure.insert("imported".to_owned(), Value::from(false));
    fields.entry("task_dispenser").or_insert_with(|| "toc".into());
    fields.insert("dispenser_data".to_owned(), structure.into());
    files.put("course.yaml", descriptor_text(fields).into());
    Course::read(id, &files).map_err(|what| format!("Invalid course structure: {what}"))?;
    *stored.files_mut() = files;
    Ok(())
}

/// `/admin/<course>/stats`: how many students saw, tried and solved each task.
pub(crate) async fn stats(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    match enter(&app, &session, &id, true, request).await {
        Err(response) => response,
        Ok((course, ..)) if asks_for(query.as_deref(), "progress_csv") => {
            reports::csv_answer(reports::progress(&app.store(), &course))
        }
        Ok((course, ..)) => page(200, &course.name.shown(), ""),
    }
}

/// `/admin/<course>/student/<user>`: the tasks of one student.
pub(crate) async fn student(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let course = match enter(&app, &session, &id, true, request).await {
        Err(response) => return response,
        Ok((course, ..)) => course,
    };
    let store = app.store();
    match reports::student(&store, &course, &name) {
        None => http::internal_error(),
        Some(csv) if asks_for(query.as_deref(), "csv") => reports::csv_answer(csv),
        Some(_) => page(200, &format!(" {name} - {}", course.name.shown()), ""),
    }
}

fn asks_for(query: Option<&str>, field: &str) -> bool {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(name, _)| name == field)
}

/// `/administrator/user_action`: accounts, for super-administrators; others get a page that forbids with 200.
pub(crate) async fn user_action(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    request: Request,
) -> Response {
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = match signed_in(&app, &session, &form, "/administrator/") {
        Ok(username) => username,
        Err(response) => return *response,
    };
    let mut store = app.store();
    if !store.person(&username, "").superadmin {
        let text = "You have not sufficient right to see this part.";
        return page(200, "Forbidden", &alert("warning", "Forbidden", text));
    }
    let field = |name: &str| form.text(name).unwrap_or_default();
    let failure = match (field("action"), field("username")) {
        ("add_user", name) => {
            let fields = ["username", "realname", "email", "password"];
            if fields.iter().any(|field| form.text(field).is_none()) {
                return http::internal_error();
            }
            let taken = store.users.contains_key(name)
                || store.users.values().any(|user| user.email == field("email"));
            if !taken {
                let user = User::new(field("realname"), field("email"), field("password"));
                store.users.insert(name.to_owned(), user);
            }
            taken.then_some("User could not be created.")
        }
        ("delete", name) => {
            let known = store.users.remove(name).is_some();
            store.submissions.retain(|submission| submission.username != name);
            store.records.retain(|(_, _, user), _| user != name);
            store.students.values_mut().for_each(|names| names.retain(|student| student != name));
            (!known).then_some("Impossible to delete this user")
        }
        ("activate", name) => {
            if let Some(user) = store.users.get_mut(name) {
                user.activation = None;
            }
            None
        }
        _ => Some("Unknown action."),
    };
    // Unlike everywhere else, without blanks and with a line end.
    let body = match failure {
        None => json!({ "message": "" }),
        Some(text) => json!({ "error": true, "message": text }),
    };
    http::respond(200, "application/json", format!("{body}\n"))
}

/// `/admin/<course>/search_user/<text>`: at most ten active users of the whole site, in a list in a list.
pub(crate) async fn search_user(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, text)): Path<(String, String)>,
    request: Request,
) -> Response {
    if let Err(response) = enter(&app, &session, &id, true, request).await {
        return response;
    }
    let store = app.store();
    let text = text.to_lowercase();
    let matches = |field: &str| field.to_lowercase().contains(&text);
    let found = store.users.iter().filter(|(name, user)| {
        user.activation.is_none() && (matches(name) || matches(&user.realname) || matches(&user.email))
    });
    let found: Vec<_> =
        found.take(10).map(|(name, user)| json!({ "username": name, "realname": user.realname })).collect();
    http::respond(200, "text/json; charset=utf-8", http::python_json(&json!([found])))
}
