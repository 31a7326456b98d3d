//! The REST API, `/api/v0` (reference inginious.md 2 to 5).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::app::{App, SessionId};
use super::course::Course;
use super::http::{self, Format};
use super::input::{Form, Refusal};
use super::jobs::{self, Job, Pending};
use super::state::{Store, Submission};
use super::task::Task;

/// Status and body of an API answer.
type Answer = (u16, Value);

fn error(status: u16, text: &str) -> Answer {
    (status, json!({ "error": text }))
}

/// Handles every path under `/api/v0/`. A trailing slash is an unknown path.
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let segments: Vec<&str> = path.split('/').collect();
    let writable =
        matches!(segments.as_slice(), ["authentication"] | ["courses", _, "tasks", _, "submissions"]);
    let known = match segments.as_slice() {
        ["auth_methods" | "authentication" | "courses"] => true,
        ["courses", course] | ["courses", course, "tasks"] => !course.is_empty(),
        ["courses", _, "tasks", task] | ["courses", _, "tasks", task, "submissions"] => !task.is_empty(),
        ["courses", _, "tasks", _, "submissions", id] => !id.is_empty(),
        _ => false,
    };
    let allow = "POST, GET, HEAD, OPTIONS";
    match request.method() {
        _ if !known => http::not_found(),
        &Method::OPTIONS => {
            let mut response = http::respond(200, "text/html; charset=utf-8", "");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
            response
        }
        &Method::GET | &Method::HEAD => {
            let format = Format::of(request.headers());
            let with_input = request.uri().query().is_some_and(|query| {
                url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "input")
            });
            match read(&mut app.store(), &session, &segments, with_input) {
                Some((status, body)) => format.answer(status, &body),
                None => http::internal_error(),
            }
        }
        &Method::POST if writable => {
            let format = Format::of(request.headers());
            let form = match http::read_form(request).await {
                Ok(form) => form,
                Err(response) => return response,
            };
            let answer = match segments.as_slice() {
                ["courses", course, "tasks", task, "submissions"] => {
                    submit(&app, &session, course, task, &form)
                }
                _ => Some(sign_in(&app, &session, &form)),
            };
            answer.map_or_else(http::internal_error, |(status, body)| format.answer(status, &body))
        }
        &Method::POST => {
            let format = Format::of(request.headers());
            // Whoever must be signed in is asked for that first (compared with a real server).
            let guest = app.store().username(&session.0).is_none();
            if guest && segments.first() == Some(&"courses") {
                return format.answer(403, &json!({ "error": "You are not authenticated" }));
            }
            // Wrong, and yet 200 (reference inginious.md, fact 6).
            let mut response = format.answer(200, &json!({ "error": "This endpoint has no such method" }));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
            response
        }
        _ => http::method_not_allowed(allow),
    }
}

fn sign_in(app: &App, session: &SessionId, form: &Form) -> Answer {
    let (Some(login), Some(password)) = (form.text("login"), form.text("password")) else {
        return error(400, "Invalid arguments for this method");
    };
    let login = login.trim();
    if app.sign_in(session, login, password, "/api/v0/authentication") {
        (200, json!({ "status": "success", "username": login }))
    } else {
        (403, json!({ "status": "error" }))
    }
}

/// `None` stands for an exception on the server.
fn read(store: &mut Store, session: &SessionId, segments: &[&str], with_input: bool) -> Option<Answer> {
    let username = store.username(&session.0);
    Some(match segments {
        ["auth_methods"] => (200, auth_methods()),
        ["authentication"] => match username {
            Some(name) => (200, json!({ "authenticated": true, "username": name })),
            None => (200, json!({ "authenticated": false })),
        },
        _ => {
            let Some(username) = username else { return Some(error(403, "You are not authenticated")) };
            match segments {
                ["courses"] => {
                    let ids = store.course_ids();
                    let courses: Vec<Arc<Course>> = ids.iter().filter_map(|id| store.course(id)).collect();
                    (200, courses.iter().filter_map(|course| course_view(store, course, &username)).collect())
                }
                ["courses", course] => match store.course(course) {
                    Some(course) => (200, course_view(store, &course, &username).into_iter().collect()),
                    None => error(404, "Course not found"),
                },
                ["courses", course, "tasks", rest @ ..] => match open_course(store, course, &username) {
                    Err(refusal) => refusal,
                    Ok(course) => match rest {
                        [] => {
                            let view = |task: &Arc<Task>| task_view(store, &course, task, &username);
                            (200, course.tasks.iter().map(view).collect())
                        }
                        [task, rest @ ..] => match (course.task(task), rest) {
                            (None, _) => error(404, "Task not found"),
                            (Some(task), []) => (200, json!([task_view(store, &course, task, &username)])),
                            (Some(task), [_]) => {
                                let mine = store.submissions_of(&course.id, &task.id, &username);
                                let list = mine.iter().map(|s| submission_view(s, with_input));
                                (200, Value::Array(list.collect::<Option<_>>()?))
                            }
                            (Some(task), [_, id, ..]) => {
                                match store.submissions.iter().find(|s| s.id == *id) {
                                    // Somebody else's, for staff too, and whatever the task
                                    // (reference inginious.md 5.2).
                                    Some(other) if !other.is_of(&username) => return None,
                                    Some(other) if other.course != course.id || other.task != task.id => {
                                        error(404, "Submission not found")
                                    }
                                    None => error(404, "Submission not found"),
                                    Some(submission) => {
                                        (200, json!([submission_view(submission, with_input)?]))
                                    }
                                }
                            }
                        },
                    },
                },
                _ => return None,
            }
        }
    })
}

fn auth_methods() -> Value {
    json!([{
        "id": 0,
        "name": "INGInious account",
        "input": [
            { "id": "login", "name": "Login", "type": "text" },
            { "id": "password", "name": "Password", "type": "password" },
        ],
    }])
}

/// A course in which this user may read tasks.
fn open_course(store: &mut Store, id: &str, username: &str) -> Result<Arc<Course>, Answer> {
    let course = store.course(id).ok_or_else(|| error(404, "Course not found"))?;
    if course.is_open_to(store.person(username, id)) {
        Ok(course)
    } else {
        Err(error(403, "You are not registered to this course"))
    }
}

/// `None` for a course that this user neither sees nor may register in (reference inginious.md 4.1).
fn course_view(store: &Store, course: &Course, username: &str) -> Option<Value> {
    let person = store.person(username, &course.id);
    let open = course.is_open_to(person);
    if !open && !course.can_register(person) {
        return None;
    }
    let mut view = json!({
        "id": course.id,
        "name": course.name.to_json(),
        "require_password": course.password.is_some(),
        "is_registered": open,
    });
    if let (true, Some(view)) = (open, view.as_object_mut()) {
        let tasks: Map<String, Value> =
            course.tasks.iter().map(|task| (task.id.clone(), task.name.to_json())).collect();
        view.insert("tasks".to_owned(), tasks.into());
        view.insert("grade".to_owned(), store.course_grade(course, username).into());
    }
    Some(view)
}

fn task_view(store: &Store, course: &Course, task: &Task, username: &str) -> Value {
    let record = store.record(&course.id, &task.id, username);
    let status = match record {
        None => "notviewed",
        Some(record) if record.tried == 0 => "notattempted",
        Some(record) if record.succeeded => "succeeded",
        Some(_) => "failed",
    };
    json!({
        "id": task.id,
        "name": task.name.to_json(),
        "authors": task.author,
        "contact_url": task.contact_url,
        "status": status,
        "grade": record.map_or(0.0, |record| record.grade),
        "context": task.context.to_json(),
        "problems": task.problems.iter().map(super::task::Problem::to_api).collect::<Vec<_>>(),
    })
}

/// `None` if the input is asked for and holds a file: bytes cannot be encoded, and the whole answer fails
/// (reference inginious.md 5.4).
fn submission_view(submission: &Submission, with_input: bool) -> Option<Value> {
    let mut view = Map::new();
    view.insert("id".to_owned(), submission.id.clone().into());
    view.insert("submitted_on".to_owned(), submission.submitted_text().into());
    view.insert("status".to_owned(), submission.status().into());
    if with_input {
        view.insert("input".to_owned(), submission.input_view()?);
    }
    if let (Some(outcome), "done") = (&submission.outcome, submission.status()) {
        view.insert("grade".to_owned(), outcome.grade.into());
        view.insert("result".to_owned(), outcome.result.clone().into());
        view.insert("feedback".to_owned(), outcome.text.clone().into());
        view.insert("problems_feedback".to_owned(), outcome.problems_view());
    }
    Some(view.into())
}

impl Submission {
    /// `YYYY-MM-DD HH:MM:SS.ffffff`; without fraction when it is zero.
    pub(crate) fn submitted_text(&self) -> String {
        let format = if self.submitted_on.subsec_nanosecond() == 0 {
            "%Y-%m-%d %H:%M:%S"
        } else {
            "%Y-%m-%d %H:%M:%S.%6f"
        };
        self.submitted_on.strftime(format).to_string()
    }

    /// The stored answers and the server's own fields; everything sent through the API sits in a list of one
    /// (reference inginious.md 5.4).
    pub(crate) fn input_view(&self) -> Option<Value> {
        let mut view = Map::new();
        for (name, input) in &self.input {
            view.insert(name.clone(), input.to_json()?);
        }
        let about = &self.about;
        view.insert("@username".to_owned(), self.submitters().into());
        view.insert("@email".to_owned(), about.email.clone().into());
        view.insert("@lang".to_owned(), "en".into());
        view.insert("@time".to_owned(), about.time.clone().into());
        view.insert("@attempts".to_owned(), about.attempts.to_string().into());
        view.insert("@random".to_owned(), json!(about.random));
        view.insert("@state".to_owned(), about.state.clone().into());
        if self.through_api {
            view.values_mut().for_each(|value| *value = json!([value.take()]));
        }
        Some(view.into())
    }
}

impl super::mcq::Outcome {
    /// Problem id to the pair of result and feedback.
    pub(crate) fn problems_view(&self) -> Value {
        let pairs = self.problems.iter().map(|(id, result, html)| (id.clone(), json!([result, html])));
        Value::Object(pairs.collect())
    }
}

/// The checks run in the order of reference inginious.md 5.1; `None` stands for an exception on the server.
fn submit(app: &Arc<App>, session: &SessionId, course: &str, task: &str, form: &Form) -> Option<Answer> {
    let job = {
        let mut store = app.store();
        let Some(username) = store.username(&session.0) else {
            return Some(error(403, "You are not authenticated"));
        };
        let course = match open_course(&mut store, course, &username) {
            Ok(course) => course,
            Err(refusal) => return Some(refusal),
        };
        let Some(task) = course.task(task).cloned() else { return Some(error(404, "Task not found")) };
        store.saw(&course.id, &task.id, &username);
        if !store.may_submit(&course, &task.id, &username) {
            return Some(error(403, "You are not allowed to submit for this task"));
        }
        Job { course, task, username, through_api: true }
    };
    let input = match form.answers(&job.task) {
        Ok(input) => input,
        Err(Refusal::Invalid) => return Some(error(400, "Invalid arguments for this method")),
        Err(Refusal::Broken) => return None,
    };
    Some(match jobs::submit(app, job, input) {
        Ok(accepted) => (200, json!({ "submissionid": accepted.id })),
        Err(Pending) => (500, "A submission is already pending for this task!".into()),
    })
}
