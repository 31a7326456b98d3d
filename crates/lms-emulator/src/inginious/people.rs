//! The people of a course, for its staff: students, audiences and groups (reference inginious.md 6.8). Observed on 0.9.2
//! beside that: an unknown id in a form changes nothing and is no error; a student is in one group of a course at most.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::Value;

use super::admin::{asks_for, enter};
use super::app::{App, SessionId};
use super::course::Course;
use super::http::{self, alert, page, redirect};
use super::input::Form;
use super::reports;
use super::rst::escape;
use super::state::Store;

/// Students who hand in together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) size: i64,
    pub(crate) students: Vec<String>,
    /// Ids of the audiences whose students alone may be in it.
    pub(crate) audiences: Vec<String>,
}

/// Students whom some of the staff look after.
#[derive(Debug, Clone)]
pub(crate) struct Audience {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) students: Vec<String>,
    pub(crate) tutors: Vec<String>,
}

impl Store {
    /// The members of the group of a student; `None` without one.
    pub(crate) fn group_of(&self, course: &str, username: &str) -> Option<&[String]> {
        let groups = self.groups.get(course)?;
        let group = groups.iter().find(|group| group.students.iter().any(|name| name == username))?;
        Some(&group.students)
    }

    fn is_student(&self, course: &str, username: &str) -> bool {
        self.students.get(course).is_some_and(|students| students.has(username))
    }

    fn is_in_one_of(&self, course: &str, username: &str, audiences: &[String]) -> bool {
        let known = self.audiences.get(course).into_iter().flatten();
        known.filter(|a| audiences.contains(&a.id)).any(|a| a.students.iter().any(|name| name == username))
    }

    /// Writes one group of a form; returns those who may not be in it.
    fn write_group(&mut self, course: &str, sent: &Value) -> Option<Vec<String>> {
        let texts = |key: &str| -> Option<Vec<String>> {
            sent.get(key)?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let (wanted, audiences) = (texts("students")?, texts("audiences")?);
        let (description, size) =
            (sent.get("description")?.as_str()?.to_owned(), sent.get("size")?.as_i64()?);
        let id = match sent.get("_id").and_then(Value::as_str) {
            None | Some("None") => {
                let id = self.new_id();
                let group = Group {
                    id: id.clone(),
                    description: description.clone(),
                    size,
                    students: Vec::new(),
                    audiences: Vec::new(),
                };
                self.groups.entry(course.to_owned()).or_default().push(group);
                id
            }
            Some(id) => id.to_owned(),
        };
        let (mut students, mut refused) = (Vec::new(), Vec::new());
        if i64::try_from(wanted.len()).is_ok_and(|count| count <= size) {
            for name in wanted {
                let fits = audiences.is_empty() || self.is_in_one_of(course, &name, &audiences);
                if self.is_student(course, &name) && fits { students.push(name) } else { refused.push(name) }
            }
        }
        let groups = self.groups.entry(course.to_owned()).or_default();
        groups.iter_mut().for_each(|group| group.students.retain(|name| !students.contains(name)));
        if let Some(group) = groups.iter_mut().find(|group| group.id == id) {
            *group = Group { id, description, size, students, audiences };
        }
        Some(refused)
    }
}

/// `/admin/<course>/students`: the page, its CSV, and its forms.
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
    let said = if post { change(&mut store, &id, &form) } else { String::new() };
    if asks_for(query.as_deref(), "csv_student") {
        return reports::csv_answer(reports::students(&store, &course));
    }
    if asks_for(query.as_deref(), "csv_audiences") {
        return reports::csv_answer(reports::audiences(&store, &course));
    }
    let title = format!("{} ", course.name.shown());
    // Nobody looks at what follows upon one student of thousands; drawing all of them each time would be the most of the
    // work.
    if form.has("register_student") || form.has("remove_student") {
        return page(200, &title, &said);
    }
    page(200, &title, &(said + &tabs(&store, &course)))
}

/// What the forms of the page do; the alert that follows. Students are changed without a word.
fn change(store: &mut Store, id: &str, form: &Form) -> String {
    let username = form.text("username").unwrap_or_default().trim();
    if form.has("remove_student") {
        match form.text("type") {
            Some("all") => {
                for name in store.students_of(id).to_vec() {
                    store.unenroll(id, &name);
                }
            }
            _ => store.unenroll(id, username),
        }
    } else if form.has("register_student") && store.users.contains_key(username) {
        store.enroll(id, username);
    }
    let mut said = String::new();
    if let Some(description) = form.text("audience") {
        let made = Audience {
            id: store.new_id(),
            description: description.to_owned(),
            students: Vec::new(),
            tutors: Vec::new(),
        };
        store.audiences.entry(id.to_owned()).or_default().push(made);
        said.push_str(&alert("success", "", "New audience created."));
    }
    if let Some(gone) = form.text("delete") {
        let groups = store.groups.entry(id.to_owned()).or_default();
        let before = groups.len();
        groups.retain(|group| group.id != gone);
        said.push_str(&if groups.len() < before {
            alert("success", "", "Audience updated.")
        } else {
            alert("danger", "", &format!("group with id {gone} not found."))
        });
    }
    if let Some(groups) = form.text("groups") {
        let sent: Option<Vec<Value>> = serde_json::from_str(groups).ok();
        let refused: Option<Vec<Vec<String>>> =
            sent.and_then(|sent| sent.iter().map(|group| store.write_group(id, group)).collect());
        let refused: Option<Vec<String>> = refused.map(|all| all.into_iter().flatten().collect());
        said.push_str(&match refused {
            None => alert("danger", "", "An error occurred while parsing the data."),
            Some(names) if names.is_empty() => alert("success", "", "Groups updated."),
            Some(names) => {
                let list: String = names.iter().map(|name| format!("<li>{name}</li>")).collect();
                alert(
                    "danger",
                    "",
                    &format!("Changes couldn't be applied for following students :<ul>{list}</ul>"),
                )
            }
        });
    }
    said
}

/// `/admin/<course>/edit/audience/<audience>`.
pub(crate) async fn audience(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, audience)): Path<(String, String)>,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let form = match enter(&app, &session, &id, true, request).await {
        Ok((.., form)) => form,
        Err(response) => return response,
    };
    let mut store = app.store();
    let mut said = String::new();
    if let (true, Some(gone)) = (post, form.text("delete")) {
        let audiences = store.audiences.entry(id.clone()).or_default();
        let before = audiences.len();
        audiences.retain(|known| known.id != gone);
        if gone == audience {
            return redirect(&app.link(&format!("/admin/{id}/students?audiences")));
        }
        said = if audiences.len() < before {
            alert("success", "", "Audience updated.")
        } else {
            alert("danger", "", &format!("Audience with id {gone} not found."))
        };
    } else if post {
        let sent: Option<Value> = form.text("audiences").and_then(|sent| serde_json::from_str(sent).ok());
        let Some(written) = sent.as_ref().and_then(|sent| write_audience(&mut store, &id, sent)) else {
            return http::internal_error();
        };
        said = match written {
            Ok(()) => alert("success", "", "Audience updated."),
            Err(name) => alert("danger", "", &format!("User not found : {name}")),
        };
    }
    if audience.len() != 24 || !audience.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return http::internal_error();
    }
    match store.audiences.get(&id).into_iter().flatten().find(|known| known.id == audience) {
        None => page(404, "Error 404", &alert("warning", "Error 404", "This audience doesn't exist.")),
        Some(known) => {
            let heading = format!("<h2>Edit audience {}</h2>", escape(&known.description));
            page(200, &format!("Edit {}", known.description), &(said + &heading))
        }
    }
}

/// `None` for a form that breaks the server; otherwise a name that nobody has, if there is one.
fn write_audience(store: &mut Store, course: &str, sent: &Value) -> Option<Result<(), String>> {
    let sent = sent.get(0)?;
    let texts = |key: &str| -> Option<Vec<String>> {
        sent.get(key)?.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let (students, tutors) = (texts("students")?, texts("tutors")?);
    let (audience, description) = (sent.get("_id")?.as_str()?, sent.get("description")?.as_str()?);
    for name in &students {
        if !store.users.contains_key(name) {
            return Some(Err(name.clone()));
        }
        store.enroll(course, name);
    }
    let known = store.audiences.entry(course.to_owned()).or_default();
    if let Some(known) = known.iter_mut().find(|known| known.id == audience) {
        *known = Audience { id: audience.to_owned(), description: description.to_owned(), students, tutors };
    }
    Some(Ok(()))
}

fn tabs(store: &Store, course: &Course) -> String {
    let row = |name: &String| {
        let (real, mail) =
            store.users.get(name).map_or(("", ""), |u| (u.realname.as_str(), u.email.as_str()));
        format!("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", escape(real), escape(name), escape(mail))
    };
    let table = |id: &str, rows: String| {
        format!("<div id=\"{id}\"><table class=\"table\"><tbody>\n{rows}</tbody></table></div>\n")
    };
    let students = store.students_of(&course.id).to_vec();
    let staff: String = course.admins.iter().chain(&course.tutors).map(row).collect();
    let audiences = store.audiences.get(&course.id).into_iter().flatten().map(|audience| {
        format!(
            "<tr><td>{}</td><td>{}</td><td><a href=\"/admin/{}/edit/audience/{}\">edit</a></td></tr>\n",
            escape(&audience.description),
            audience.students.len(),
            course.id,
            audience.id
        )
    });
    let entry =
        |name: &String| format!("<li data-username=\"{0}\" class=\"group-entry\">{0}</li>\n", escape(name));
    let alone: String =
        students.iter().filter(|name| store.group_of(&course.id, name).is_none()).map(entry).collect();
    let mut groups: Vec<&Group> = store.groups.get(&course.id).into_iter().flatten().collect();
    groups.sort_by(|a, b| a.description.cmp(&b.description));
    let cards = groups.iter().zip(1..).map(|(group, number)| {
        let audiences = group.audiences.iter().map(|id| format!("<li id=\"{id}\" class=\"list-group-item\"></li>\n"));
        format!(
            "<div id=\"{number}\" class=\"card mb-3 group-card group\">\n<input type=\"hidden\" id=\"_id\" name=\"_id\" \
             value=\"{}\"/>\n<input type=\"text\" id=\"description\" name=\"description\" value=\"{}\">\n<input id=\"size\" \
             type=\"number\" value=\"{}\">\n<ul id=\"group_{number}\">\n{}</ul>\n<ul id=\"students\" \
             class=\"students\">\n{}</ul>\n</div>\n",
            group.id,
            escape(&group.description),
            group.size,
            audiences.collect::<String>(),
            group.students.iter().map(entry).collect::<String>()
        )
    });
    format!(
        "{}{}{}<div id=\"tab_groups\"><form method=\"post\" id=\"groups_form\"><div id=\"groups\">\n<div class=\"card \
         group\"><ul id=\"group_0\" class=\"students\">\n{alone}</ul></div>\n{}</div></form></div>\n",
        table("tab_students", students.iter().map(row).collect()),
        table("tab_staff", staff),
        table("tab_audiences", audiences.collect()),
        cards.collect::<String>()
    )
}
