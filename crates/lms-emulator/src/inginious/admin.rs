//! Administration of a course: creating it, its students, its task page (reference inginious.md 6.8).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Webdav;
use super::app::{App, SessionId};
use super::course::{Course, Stored};
use super::dispenser::{Dispenser, Section};
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
    let changed = match (post, form.text("task_dispenser"), form.text("course_structure")) {
        (true, Some(dispenser), _) => Some(change_dispenser(&mut store, &id, dispenser)),
        (true, None, Some(structure)) => {
            let saved = save_structure(&mut store, &id, structure, &form);
            Some(saved.map_err(|what| format!("Something wrong happened: {what}")))
        }
        _ => None,
    };
    let saved = match changed {
        Some(changed) => match changed {
            Ok(()) => alert("success", "", "Changes saved."),
            Err(what) => alert("danger", "", &what),
        },
        None => String::new(),
    };
    let dispenser = store.courses.get(&id).and_then(|stored| stored.files().text("course.yaml"));
    let dispenser =
        dispenser.and_then(|text| Node::parse(&text).ok()?.get("task_dispenser").map(Node::python_str));
    let structure = store.course(&id).map(|course| structure_html(&course)).unwrap_or_default();
    let structure = dispensers_html(dispenser.as_deref().unwrap_or("toc")) + &structure;
    if app.webdav() == Webdav::Off {
        return page(200, &format!("{} ", course.name.shown()), &format!("{saved}\n{structure}"));
    }
    let key = store.users.get_mut(&username).map(User::api_key).unwrap_or_default();
    let row = |name: &str, value: &str| {
        format!("<tr><td>{name}</td><td><code>{}</code></td></tr>\n", escape(value))
    };
    let url = format!("{}/{id}", app.webdav_url.get().map(String::as_str).unwrap_or_default());
    let panel = format!(
        "{saved}\n{structure}<div id=\"webdav\">\n<table class=\"table\">\n{}{}{}</table>\n</div>",
        row("URL", &url),
        row("Username", &username),
        row("Password", &key)
    );
    page(200, &format!("{} ", course.name.shown()), &panel)
}

/// The choice of dispensers.
fn dispensers_html(chosen: &str) -> String {
    let options = ["toc", "combinatory_test"].map(|id| {
        let selected = if id == chosen { " selected" } else { "" };
        format!("<option value=\"{id}\"{selected}>{id}</option>")
    });
    format!("<select id=\"new_task_dispenser\" name=\"task_dispenser\">{}</select>\n", options.concat())
}

/// The sections as the editor of the structure shows them; the settings of tasks are JSON inside a script.
fn structure_html(course: &Course) -> String {
    let sections =
        course.dispenser.sections.iter().zip(1..).map(|(of, n)| section_html(of, &format!("0_{n}")));
    let config =
        http::python_json(&course.dispenser.written(course.tasks.iter().map(|task| task.id.as_str())));
    // As the templates of the server make JSON safe inside a script.
    let config = config
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    format!(
        "<div id=\"dispenser_data\"><div id=\"course_structure\" class=\"sections_list\"><div \
         class=\"content\">\n{}</div></div>\n<script>\n    dispenser_config = JSON.parse('{config}');\n</script></div>\n",
        sections.collect::<String>()
    )
}

fn section_html(section: &Section, number: &str) -> String {
    let tasks = section.tasks.iter().map(|id| format!("<div id=\"task_{id}\" class=\"task\">{id}</div>\n"));
    let inner =
        section.sections.iter().zip(1..).map(|(inner, n)| section_html(inner, &format!("{number}_{n}")));
    let boxes = ["closed", "hidden_if_empty"].map(|name| {
        let checked = if section.flags.iter().any(|flag| flag == name) { " checked=\"checked\"" } else { "" };
        format!("<input id=\"{name}\" type=\"checkbox\" class=\"section-config-item\"{checked}>")
    });
    let amount = section.amount.iter().map(|amount| {
        format!(
            "<input id=\"amount\" type=\"number\" class=\"section-config-item\" value=\"{}\">",
            escape(amount)
        )
    });
    let kind = if section.sections.is_empty() { "tasks_list" } else { "sections_list" };
    format!(
        "<div id=\"section_{number}\" class=\"section {kind}\"><div class=\"section_header\"><span \
         class=\"title\">{}</span></div><div class=\"config\">{}</div><div class=\"content\">\n{}{}</div></div>\n",
        escape(&section.title),
        boxes.concat() + &amount.collect::<String>(),
        tasks.collect::<String>(),
        inner.collect::<String>()
    )
}

/// A course file in the order of its keys. JSON is YAML; the comments of the file are lost, as on the server.
pub(crate) fn descriptor_text(fields: &Map<String, Value>) -> String {
    fields.iter().map(|(key, value)| format!("{}: {value}\n", Value::from(key.as_str()))).collect()
}

/// Another dispenser; the structure is erased (reference inginious.md 6.8).
fn change_dispenser(store: &mut Store, id: &str, dispenser: &str) -> Result<(), String> {
    if !["toc", "combinatory_test"].contains(&dispenser) {
        return Err("Invalid task dispenser".to_owned());
    }
    let stored = store.courses.get_mut(id).ok_or("the course is gone")?;
    let mut descriptor = Node::parse(&stored.files().text("course.yaml").unwrap_or_default())?.to_json();
    let fields = descriptor.as_object_mut().ok_or("course.yaml is no mapping")?;
    fields.insert("task_dispenser".to_owned(), dispenser.into());
    fields.insert("dispenser_data".to_owned(), Map::new().into());
    stored.files_mut().put("course.yaml", descriptor_text(fields).into());
    Ok(())
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
        if !valid_id(&task) || files.exists(&format!("{task}/task.yaml")) {
            return Err(format!("Couldn't create task {task} : it is no id, or taken"));
        }
        let text = format!("environment_type: mcq\nname: {}\nproblems: {{}}\n", Value::from(task.as_str()));
        files.put(&format!("{task}/task.yaml"), text.into());
    }
    deleted.iter().filter(|task| valid_id(task)).for_each(|task| files.remove(task));
    let mut descriptor = Node::parse(&files.text("course.yaml").unwrap_or_default())?.to_json();
    let fields = descriptor.as_object_mut().ok_or("course.yaml is no mapping")?;
    let mut structure = structure;
    let before = fields.get("dispenser_data").and_then(|data| data.get("imported"));
    let imported = [structure.get("imported"), before].contains(&Some(&Value::Bool(true)));
    structure.insert("imported".to_owned(), Value::from(imported));
    // Settings of tasks that are in no section are dropped.
    let shape = Dispenser::read(&Node::parse(&Value::from(structure.clone()).to_string())?, |_| true)
        .map_err(|what| format!("Invalid course structure: {what}"))?;
    let listed: Vec<String> = shape.sections.iter().flat_map(Section::all_tasks).collect();
    if let Some(config) = structure.get_mut("config").and_then(Value::as_object_mut) {
        config.retain(|task, _| listed.contains(task));
    }
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

pub(crate) fn asks_for(query: Option<&str>, field: &str) -> bool {
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
            store.submissions.retain(|submission| !submission.is_of(name));
            store.records.retain(|(_, _, user), _| user != name);
            store.students.values_mut().for_each(|students| students.remove(name));
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
