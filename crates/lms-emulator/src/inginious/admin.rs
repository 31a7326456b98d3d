//! Administration of a course: creating it, its students, its task page (reference inginious.md 6.8).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use serde_json::json;

use super::access::now;
use super::app::{App, SessionId};
use super::course::{Course, Stored};
use super::files::{Folder, valid_id};
use super::http::{self, forbidden, page, read_form};
use super::input::Form;
use super::rst::escape;
use super::state::Store;
use super::web::signed_in;
use super::yaml::python_float;

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
async fn enter(
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
    let query = query.unwrap_or_default();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "csv_student") {
        let mut response = http::respond(200, "text/csv; charset=utf-8", students_csv(&store, &course));
        let name = HeaderValue::from_static("attachment; filename=export.csv");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        return response;
    }
    let names = store.students.get(&id).cloned().unwrap_or_default();
    let rows: String = names.iter().map(|name| format!("<li>{}</li>\n", escape(name))).collect();
    page(200, &format!("{} ", course.name), &format!("<ul id=\"students\">\n{rows}</ul>"))
}

/// The columns are `id` and whatever any row has, by name: grades appear only for people who have seen a task, and only
/// of tasks that have started (reference inginious.md 6.8).
fn students_csv(store: &Store, course: &Course) -> String {
    let mut people: Vec<&str> = course.admins.iter().chain(&course.tutors).map(String::as_str).collect();
    people.extend(store.students.get(&course.id).into_iter().flatten().map(String::as_str));
    let started = |task: &str| course.dispenser.settings(task).access.has_started(now());
    let tasks: Vec<&str> =
        course.tasks.iter().map(|task| task.id.as_str()).filter(|task| started(task)).collect();
    let mut rows: Vec<(&str, BTreeMap<String, String>)> = Vec::new();
    for name in people {
        let Some(user) = store.users.get(name) else { continue };
        let all: Vec<_> =
            course.tasks.iter().filter_map(|task| store.record(&course.id, &task.id, name)).collect();
        let seen = tasks.iter().filter_map(|task| Some((*task, store.record(&course.id, task, name)?)));
        let seen: Vec<_> = seen.collect();
        let mut row = BTreeMap::from(
            [
                ("email", user.email.clone()),
                ("grade", store.course_grade(course, name).to_string()),
                ("realname", user.realname.clone()),
                ("task_succeeded", seen.iter().filter(|(_, record)| record.succeeded).count().to_string()),
                ("task_tried", all.iter().filter(|record| record.tried > 0).count().to_string()),
                ("total_tasks", "0".to_owned()),
                ("total_tries", all.iter().map(|record| record.tried).sum::<i64>().to_string()),
                ("url", format!("?format=taskid%2Fusername&users={name}")),
                ("username", name.to_owned()),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        if all.is_empty() {
            row.insert("task_grades".to_owned(), "[]".to_owned());
        } else {
            row.insert("_id".to_owned(), name.to_owned());
        }
        row.extend(
            seen.iter().map(|(task, record)| (format!("task_grades[{task}]"), python_float(record.grade))),
        );
        rows.push((name, row));
    }
    let columns: BTreeSet<&String> = rows.iter().flat_map(|(_, row)| row.keys()).collect();
    let line = |cells: Vec<&str>| cells.into_iter().map(csv_cell).collect::<Vec<_>>().join(",") + "\r\n";
    let head = line(std::iter::once("id").chain(columns.iter().map(|name| name.as_str())).collect());
    let body = rows.iter().map(|(name, row)| {
        let cell = |column: &&String| row.get(*column).map_or("", String::as_str);
        line(std::iter::once(*name).chain(columns.iter().map(cell)).collect())
    });
    head + &body.collect::<String>()
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// `/admin/<course>/tasks`: the panel with the address and the password of WebDAV (reference inginious.md 7).
pub(crate) async fn tasks(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (course, username, _) = match enter(&app, &session, &id, false, request).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let key = app.store().users.get_mut(&username).map(super::state::User::api_key).unwrap_or_default();
    let row = |name: &str, value: &str| {
        format!("<tr><td>{name}</td><td><code>{}</code></td></tr>\n", escape(value))
    };
    let url = format!("{}/{id}", app.webdav_url.get().map(String::as_str).unwrap_or_default());
    let panel = format!(
        "<div id=\"webdav\">\n<table class=\"table\">\n{}{}{}</table>\n</div>",
        row("URL", &url),
        row("Username", &username),
        row("Password", &key)
    );
    page(200, &format!("{} ", course.name), &panel)
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
