//! Course and task pages: what a student sees, static files, and the form that submits (reference inginious.md 5.5,
//! 6.3, 6.6, 6.7).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::access::now;
use super::app::{App, SessionId};
use super::course::{Course, Person};
use super::dispenser::Section;
use super::http::{self, alert, not_found, page, read_form, redirect, web_json};
use super::input::{Form, Input, Refusal};
use super::jobs::{self, Job, Pending};
use super::mcq::Outcome;
use super::rst::{self, escape};
use super::state::{Store, Submission};
use super::task::{Kind, Task};
use super::web::signed_in;

/// `/course/<course>`: the page, and leaving the course.
pub(crate) async fn course(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = match signed_in(&app, &session, &form, "/course/") {
        Ok(username) => username,
        Err(response) => return *response,
    };
    let mut store = app.store();
    let Some(course) = store.course(&id) else {
        return page(404, "Error 404", &alert("warning", "Error 404", "Course not found."));
    };
    if post && form.has("unregister") && course.allow_unregister {
        store.unenroll(&id, &username);
        return redirect(&app.link("/mycourses"));
    }
    let person = store.person(&username, &id);
    if !course.is_open_to(person) {
        return shut(&app, &course, person);
    }
    let sections = course.dispenser.sections.iter();
    let sections: String =
        sections.map(|section| section_html(&app, &store, &course, section, &username)).collect();
    let about = rst::to_html(&course.description);
    page(
        200,
        &course.name.shown(),
        &format!(
            "<h2>{}</h2>\n<div id=\"course_desc\">{about}</div>\n{sections}",
            escape(&course.name.shown())
        ),
    )
}

/// What pages of a course say to somebody to whom it is not open: whoever may register is sent there.
fn shut(app: &App, course: &Course, person: Person<'_>) -> Response {
    if course.can_register(person) {
        return redirect(&app.link(&format!("/register/{}", course.id)));
    }
    page(200, "Course unavailable", &alert("warning", "Error 403", "This course is closed."))
}

fn section_html(app: &App, store: &Store, course: &Course, section: &Section, username: &str) -> String {
    let mut html =
        format!("<div class=\"section\">\n<span class=\"title\">{}</span>\n", escape(&section.title));
    for id in &section.tasks {
        let Some(task) = course.task(id) else { continue };
        if !course.dispenser.settings(id).access.has_started(now()) {
            continue;
        }
        let grade = store.record(&course.id, id, username).map_or(0.0, |record| record.grade);
        let link = app.link(&format!("/course/{}/{id}", course.id));
        let name = escape(&task.name.shown());
        html.push_str(&format!(
            "<a href=\"{link}\" class=\"list-group-item\">{name} <span>{grade} %</span></a>\n"
        ));
    }
    let inner: String =
        section.sections.iter().map(|section| section_html(app, store, course, section, username)).collect();
    html + &inner + "</div>\n"
}

/// `/course/<course>/<task>/<path>` and `/course/<course>/$common/<path>`: files of the `public` folder. Without a
/// login, and for whom the course is not open to, the server breaks (reference inginious.md 6.7; the latter observed).
pub(crate) async fn static_file(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, task, path)): Path<(String, String, String)>,
) -> Response {
    let mut store = app.store();
    let Some(username) = store.username(&session.0) else { return http::internal_error() };
    let Some(course) = store.course(&id) else { return not_found() };
    if !course.is_open_to(store.person(&username, &id)) {
        return http::internal_error();
    }
    if task != "$common" {
        if course.task(&task).is_none() {
            return not_found();
        }
        if !may_look(&course, &task, store.person(&username, &id)) {
            return task_unavailable();
        }
    }
    let file = store
        .courses
        .get(&id)
        .and_then(|stored| stored.files().file(&format!("{task}/public/{path}")).cloned());
    match file {
        Some(bytes) => {
            let media = mime_guess::from_path(&path).first_or_octet_stream().to_string();
            http::respond(200, &media, bytes)
        }
        None => not_found(),
    }
}

/// `/course/<course>/<task>`: the page, files that were handed in, and the form's actions.
pub(crate) async fn task(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path((id, task)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let post = request.method() == Method::POST;
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = match signed_in(&app, &session, &form, "/course/") {
        Ok(username) => username,
        Err(response) => return *response,
    };
    let job = {
        let mut store = app.store();
        let Some(course) = store.course(&id) else { return not_found() };
        let person = store.person(&username, &id);
        if !course.is_open_to(person) {
            return shut(&app, &course, person);
        }
        let Some(task) = course.task(&task).cloned() else { return not_found() };
        if !may_look(&course, &task.id, person) {
            return task_unavailable();
        }
        store.saw(&course.id, &task.id, &username);
        Job { course, task, username, through_api: false }
    };
    if !post {
        let query = query.unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let find = |key: &str| query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_ref());
        return match (find("submissionid"), find("questionid")) {
            (Some(submission), Some(question)) => handed_in(&app.store(), &job, submission, question),
            _ => task_page(&app, &job),
        };
    }
    match (form.text("@action"), form.text("submissionid")) {
        (Some("submit"), _) => submit(&app, job, &form),
        (Some("check"), Some(submission)) => check(&app.store(), &job, submission, false),
        (Some("load_submission_input"), Some(submission)) => check(&app.store(), &job, submission, true),
        // Grading here ends by itself within moments; the server, too, says so if nothing was killed.
        (Some("kill"), Some(_)) => web_json(&json!({ "status": "done" })),
        _ => not_found(),
    }
}

/// A task past its deadline is still shown; one that has not started, or is closed, is not.
fn may_look(course: &Course, task: &str, person: Person<'_>) -> bool {
    course.is_staff(person) || course.dispenser.settings(task).access.has_started(now())
}

fn task_unavailable() -> Response {
    page(200, "Task unavailable", &alert("warning", "Error 403", "Task unavailable"))
}

fn submit(app: &Arc<App>, job: Job, form: &Form) -> Response {
    let failure = |text: &str| json!({ "status": "error", "title": "Error", "text": text });
    if !app.store().may_submit(&job.course, &job.task.id, &job.username) {
        // JSON that calls itself HTML (reference inginious.md 5.5).
        let body = http::python_json(&failure("You are not allowed to submit for this task."));
        return http::respond(200, "text/html; charset=utf-8", body);
    }
    let random: Vec<String> = app
        .store()
        .saw(&job.course.id, &job.task.id, &job.username)
        .random
        .iter()
        .map(f64::to_string)
        .collect();
    let current =
        random.iter().enumerate().all(|(index, value)| form.text(&format!("@random_{index}")) == Some(value));
    if !current {
        let body =
            http::python_json(&failure("Your task has been regenerated. This current task is outdated."));
        return http::respond(200, "text/html; charset=utf-8", body);
    }
    let input = match form.answers(&job.task) {
        Ok(input) => input,
        Err(Refusal::Broken) => return http::internal_error(),
        Err(Refusal::Invalid) => {
            return web_json(&failure(
                "Please answer to all the questions and verify the extensions of the files you want to upload. Your \
                 responses were not tested.",
            ));
        }
    };
    match jobs::submit(app, job, input) {
        Ok(accepted) => web_json(&json!({
            "status": "ok",
            "submissionid": accepted.id,
            "remove": accepted.removed,
            "text": "<b>Your submission has been sent...</b>",
        })),
        Err(Pending) => web_json(&failure("A submission is already pending for this task!")),
    }
}

/// The state of a submission. An unknown id breaks the server; somebody else's is an error of the form.
fn check(store: &Store, job: &Job, id: &str, with_input: bool) -> Response {
    let Some(submission) = store.submissions.iter().find(|s| s.id == id) else {
        return http::internal_error();
    };
    if !submission.is_of(&job.username) {
        if with_input {
            return http::internal_error();
        }
        return web_json(&json!({ "status": "error", "title": "Error", "text": "Internal error" }));
    }
    let head = |text: &str| {
        let time = submission.submitted_on.strftime("%Y-%m-%d %H:%M:%S");
        format!("{text} [Submission #{id} (<b>{time}</b>)]")
    };
    let counting = store.record(&submission.course, &submission.task, &job.username);
    let replace = counting.is_some_and(|record| record.counting.as_deref() == Some(id));
    let Some(outcome) = &submission.outcome else {
        // `result` and `grade` mean nothing yet.
        return web_json(&json!({
            "status": "waiting", "result": "crash", "id": id, "submitted_on": submission.submitted_text(),
            "grade": "0.0", "replace": false, "title": head("<b>Your submission has been sent...</b>"), "text": "",
            "feedback_script": "",
        }));
    };
    let mut view = Map::new();
    let status = if with_input { "ok" } else { submission.status() };
    view.insert("status".to_owned(), status.into());
    view.insert("result".to_owned(), outcome.result.clone().into());
    view.insert("id".to_owned(), id.into());
    view.insert("submitted_on".to_owned(), submission.submitted_text().into());
    view.insert("grade".to_owned(), super::yaml::python_float(outcome.grade).into());
    view.insert("replace".to_owned(), (replace && !with_input).into());
    view.insert("text".to_owned(), outcome.text.clone().into());
    view.insert("problems".to_owned(), outcome.problems_view());
    view.insert("title".to_owned(), head(&verdict(outcome)).into());
    if with_input {
        view.insert("input".to_owned(), loaded_input(submission));
    }
    view.insert("tests".to_owned(), json!({}));
    view.insert("feedback_script".to_owned(), "".into());
    web_json(&view.into())
}

fn verdict(outcome: &Outcome) -> String {
    let grade = super::yaml::python_float(outcome.grade);
    match outcome.result.as_str() {
        "success" => format!("Your answer passed the tests! Your score is {grade}%."),
        "failed" => format!("There are some errors in your answer. Your score is {grade}%."),
        "timeout" => format!("Your submission timed out. Your score is {grade}%."),
        "overflow" => format!("Your submission made an overflow. Your score is {grade}%."),
        "killed" => "Your submission was killed.".to_owned(),
        _ => "An internal error occurred. Please retry later. If the error persists, send an email to the course \
              administrator."
            .to_owned(),
    }
}

/// Files appear with the `repr` of their bytes (reference inginious.md 5.5).
fn loaded_input(submission: &Submission) -> Value {
    let mut texts = submission.clone();
    let mut files = Map::new();
    for (name, input) in &submission.input {
        if let Input::File { name: file, bytes } = input {
            let shown: String =
                bytes.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect();
            files.insert(name.clone(), json!({ "filename": file, "value": format!("b'{shown}'") }));
        }
    }
    texts.input.retain(|(name, _)| !files.contains_key(name));
    let mut view = texts.input_view().and_then(|view| view.as_object().cloned()).unwrap_or_default();
    files.extend(std::mem::take(&mut view));
    files.into()
}

/// One answer as a download.
fn handed_in(store: &Store, job: &Job, id: &str, question: &str) -> Response {
    let Some(submission) = store.submissions.iter().find(|s| s.id == id) else { return not_found() };
    if !submission.is_of(&job.username) {
        return http::internal_error();
    }
    // The address may name any task that the user can open.
    match submission.input.iter().find(|(name, _)| name == question).map(|(_, input)| input) {
        // A text inside its list still passes; anything else breaks the answer off (reference inginious.md 5.4).
        Some(Input::Text(text)) => http::respond(200, "text/plain", text.clone()),
        Some(_) if submission.through_api => {
            let broken = futures::stream::unfold(0u8, async |sent| match sent {
                0 => Some((Ok("['"), 1)),
                1 => {
                    // Time for the head to leave, so that the break comes in the middle of a 200.
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    Some((Err(std::io::Error::other("a list is no text")), 2))
                }
                _ => None,
            });
            http::respond(200, "application/octet-stream", axum::body::Body::from_stream(broken))
        }
        Some(Input::File { name, bytes }) => {
            let media = mime_guess::from_path(name).first_or_octet_stream().to_string();
            let mut response = http::respond(200, &media, bytes.clone());
            if let Ok(value) =
                HeaderValue::from_str(&format!("attachment; filename=\"{}\"", name.replace('"', "")))
            {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
            }
            response
        }
        _ => not_found(),
    }
}

fn task_page(app: &App, job: &Job) -> Response {
    let (course, task) = (&job.course, &job.task);
    let mut store = app.store();
    let record = store.saw(&course.id, &task.id, &job.username);
    if record.random.len() != task.input_random {
        let mut dice = random_numbers(task, &job.username);
        record.random = (0..task.input_random).map(|_| dice.unit()).collect();
    }
    let hidden = record.random.iter().enumerate();
    let hidden: String = hidden
        .map(|(index, value)| {
            format!("<input type=\"hidden\" name=\"@random_{index}\" value=\"{value}\"/>\n")
        })
        .collect();
    let problems: String = task.problems.iter().map(problem_html).collect();
    let history: String = store
        .submissions_of(&course.id, &task.id, &job.username)
        .iter()
        .map(|s| format!("<li data-submission-id=\"{}\">{}</li>\n", s.id, s.submitted_text()))
        .collect();
    let content = format!(
        "<h2>{}</h2>\n<div id=\"task_context\">\n{}</div>\n<form id=\"task\" action=\"{}\" method=\"post\" \
         enctype=\"multipart/form-data\">\n<input type=\"hidden\" name=\"@action\" value=\"submit\"/>\n{hidden}{problems}\
         <button type=\"submit\" id=\"task-submit\">Submit</button>\n</form>\n<ul id=\"submissions\">\n{history}</ul>",
        escape(&task.name.shown()),
        rst::to_html(&task.context.shown()),
        app.link(&format!("/course/{}/{}", course.id, task.id)),
    );
    page(200, &format!("{} - {}", task.name.shown(), course.name.shown()), &content)
}

fn random_numbers(task: &Task, username: &str) -> crate::random::Dice {
    let seed = task
        .id
        .bytes()
        .chain(username.bytes())
        .fold(7u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    crate::random::Dice::new(seed)
}

fn problem_html(problem: &super::task::Problem) -> String {
    let id = &problem.id;
    let field = match &problem.kind {
        Kind::Choice { multiple, choices, .. } => {
            let kind = if *multiple { "checkbox" } else { "radio" };
            let choices = choices.iter().enumerate();
            choices
                .map(|(index, choice)| {
                    let text = rst::to_html(&choice.text.python_str());
                    format!(
                        "<input type=\"{kind}\" name=\"{id}\" value=\"{index}\" id=\"{id}_{index}\"/>\n{text}"
                    )
                })
                .collect()
        }
        Kind::Match { .. } => format!("<input type=\"text\" name=\"{id}\" value=\"\"/>\n"),
        Kind::Code { .. } => format!("<textarea name=\"{id}\"></textarea>\n"),
        Kind::File { .. } => format!("<input type=\"file\" name=\"{id}\"/>\n"),
    };
    format!(
        "<div class=\"problem\">\n<h5>{}</h5>\n<div id=\"task_alert_{id}\"></div>\n{}{field}</div>\n",
        escape(&problem.name()),
        rst::to_html(&problem.header())
    )
}
