//! From a request to the handler that knows it. (reference stepik.md 1.1, 2.9)

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State as Shared};
use axum::http::{Method, Response, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde_json::{Value, json};

use super::auth::{Credentials, check_csrf};
use super::files;
use super::read::{self, Shelf};
use super::rights::Caller;
use super::state::{Kind, State};
use super::wire::{Answer, Ask, Pager, Part, Refusal, answer_json, listed, no_content, one};
use super::{authoring, listings, people, progress, site, solutions, steps};
use crate::fault::{Effect, Faults};

/// Everything that a handler may need.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Faults,
    pub(crate) page_size: usize,
}

/// Longest query that is taken. Very long `ids[]` lists are refused because the request line grows too large; the
/// limit and the status are choices. (reference stepik.md 1.6)
const LONGEST_QUERY: usize = 8192;
const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(crate) async fn handle(Shared(app): Shared<Arc<App>>, request: Request) -> Response<Body> {
    if request.uri().query().is_some_and(|query| query.len() > LONGEST_QUERY) {
        return (axum::http::StatusCode::URI_TOO_LONG, "<html><h1>414 Request-URI Too Large</h1></html>")
            .into_response();
    }
    let ask = match read_request(request).await {
        Ok(ask) => ask,
        Err(refusal) => return refusal.into_response(),
    };
    let mut state = app.state.lock().unwrap_or_else(PoisonError::into_inner);
    state.settle();
    dispatch(&app, &mut state, &ask).unwrap_or_else(IntoResponse::into_response)
}

async fn read_request(request: Request) -> Result<Ask, Refusal> {
    let (head, body) = request.into_parts();
    let body =
        to_bytes(body, LARGEST_BODY).await.map_err(|_| Refusal::detail(413, "The body is too large."))?;
    let kind =
        head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parts = if kind.starts_with("multipart/form-data") {
        read_parts(kind, body.clone())
            .await
            .ok_or_else(|| Refusal::detail(400, "Multipart form parse error"))?
    } else {
        Vec::new()
    };
    let query = head.uri.query().unwrap_or_default();
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let path = head.uri.path().to_owned();
    Ok(Ask { method: head.method, path, query, headers: head.headers, body, parts })
}

async fn read_parts(kind: &str, body: Bytes) -> Option<Vec<Part>> {
    let mut request = Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from(body)).ok()?;
    // The extractor's own limit is 2 MB; what is too large was refused above.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        parts.push(Part { name, file_name, bytes: field.bytes().await.ok()? });
    }
    Some(parts)
}

fn dispatch(app: &App, state: &mut State, ask: &Ask) -> Answer {
    // A slash at the end is optional. (reference stepik.md 1.1)
    let segments: Vec<&str> = ask.path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        ["oauth2", "token"] if ask.method == Method::POST => state.keyring.token(ask, &app.faults),
        ["oauth2", "authorize"] => {
            let credentials = state.keyring.credentials(ask, &app.faults);
            site::authorize(state, ask, credentials)
        }
        ["media", ..] => files::download(state, &ask.path),
        ["api", "users", "login"] if ask.method == Method::POST => {
            let any = app.faults.fires(Effect::AcceptWrongSecret, ask.method.as_str(), &ask.path);
            site::log_in(state, ask, any)
        }
        ["api", name, rest @ ..] => api(app, state, ask, name, rest),
        _ => site::any_page(state, ask),
    }
}

fn api(app: &App, state: &mut State, ask: &Ask, name: &str, rest: &[&str]) -> Answer {
    let credentials = state.keyring.credentials(ask, &app.faults);
    let is_safe = matches!(ask.method, Method::GET | Method::HEAD | Method::OPTIONS);
    // Calls without a token live in a cookie session, and unsafe ones need its CSRF token. (reference stepik.md 1.5)
    let is_session =
        ask.header(header::AUTHORIZATION).is_none() && (name == "users" || credentials != Credentials::None);
    if is_session && !is_safe {
        check_csrf(ask)?;
    }
    if name == "stepics" {
        return match rest {
            // An unusable token makes a guest here, and an error everywhere else. (reference stepik.md 1.4)
            ["1"] if is_safe => Ok(answer_json(200, &people::stepics(state, credentials))),
            _ => Err(Refusal::missing()),
        };
    }
    if credentials == Credentials::Bad {
        return Err(Refusal::signed_out());
    }
    let pager = Pager { ask, faults: &app.faults, page_size: app.page_size };
    let call = Call { ask, pager, caller: credentials.caller(), id: rest.first().copied() };
    if rest.len() > 1 {
        return Err(Refusal::missing());
    }
    match name {
        "courses" => call.stored(state, Shelf::of(Kind::Courses)),
        "sections" => call.stored(state, Shelf::of(Kind::Sections)),
        "units" => call.stored(state, Shelf::of(Kind::Units)),
        "lessons" => call.stored(state, Shelf::of(Kind::Lessons)),
        "step-sources" => call.stored(state, Shelf::step_sources()),
        "steps" => call.stored(state, Shelf::of(Kind::Steps)),
        "attachments" => call.stored(state, Shelf::of(Kind::Attachments)),
        "attempts" => call.stored(state, Shelf::of(Kind::Attempts)),
        "submissions" => call.stored(state, Shelf::of(Kind::Submissions)),
        "users" => call.stored(state, Shelf::of(Kind::Users)),
        "members" => call.stored(state, Shelf::of(Kind::Members)),
        _ => call.computed(state, name),
    }
}

struct Call<'a> {
    ask: &'a Ask,
    pager: Pager<'a>,
    caller: Caller,
    id: Option<&'a str>,
}

impl Call<'_> {
    fn number(&self) -> Result<i64, Refusal> {
        self.id.and_then(|id| id.parse().ok()).ok_or_else(Refusal::missing)
    }

    /// Endpoints whose objects are stored as they go over the wire.
    fn stored(&self, state: &mut State, shelf: Shelf) -> Answer {
        let caller = self.caller;
        let id = match (&self.ask.method, self.id) {
            (&Method::GET | &Method::HEAD, Some(id)) => {
                return Ok(answer_json(200, &read::by_id(state, caller, shelf, id)?));
            }
            (&Method::GET | &Method::HEAD, None) => {
                return Ok(answer_json(200, &read::list(state, caller, shelf, &self.pager)?));
            }
            (&Method::POST, None) => self.create(state, shelf)?,
            (&Method::PUT, Some(_)) => self.replace(state, shelf)?,
            (&Method::DELETE, Some(_)) => {
                self.delete(state, shelf)?;
                return Ok(no_content());
            }
            _ => return Err(Refusal::not_allowed(&self.ask.method)),
        };
        let status = if self.ask.method == Method::POST { 201 } else { 200 };
        Ok(answer_json(status, &read::after_write(state, caller, shelf, id)?))
    }

    fn create(&self, state: &mut State, shelf: Shelf) -> Result<i64, Refusal> {
        let (caller, ask) = (self.caller, self.ask);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::create(state, caller, shelf.kind, &ask.written()?)
            }
            Kind::Steps if shelf == Shelf::step_sources() => steps::create(state, caller, &ask.written()?),
            Kind::Attachments => files::save_attachment(state, caller, ask, None),
            Kind::Attempts => solutions::create_attempt(state, caller, &ask.written()?),
            Kind::Submissions => solutions::create_submission(state, caller, &ask.written()?),
            Kind::Users => people::register(state, &ask.written()?),
            Kind::Members => people::add_member(state, caller, &ask.written()?),
            Kind::Steps | Kind::Videos => Err(Refusal::not_allowed(&ask.method)),
        }
    }

    fn replace(&self, state: &mut State, shelf: Shelf) -> Result<i64, Refusal> {
        let (caller, ask, id) = (self.caller, self.ask, self.number()?);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::update(state, caller, shelf.kind, id, &ask.written()?)?;
            }
            Kind::Steps if shelf == Shelf::step_sources() => {
                steps::update(state, caller, id, &ask.written()?)?
            }
            Kind::Attachments => {
                files::save_attachment(state, caller, ask, Some(id))?;
            }
            _ => return Err(Refusal::not_allowed(&ask.method)),
        }
        Ok(id)
    }

    fn delete(&self, state: &mut State, shelf: Shelf) -> Result<(), Refusal> {
        let (caller, id) = (self.caller, self.number()?);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::delete(state, caller, shelf.kind, id)
            }
            Kind::Steps if shelf == Shelf::step_sources() => steps::delete(state, caller, id),
            Kind::Attachments => files::delete_attachment(state, caller, id),
            Kind::Members => people::remove_member(state, caller, id),
            _ => Err(Refusal::not_allowed(&self.ask.method)),
        }
    }

    /// Endpoints whose answers are computed, or that only write.
    fn computed(&self, state: &mut State, name: &str) -> Answer {
        let (caller, ask) = (self.caller, self.ask);
        let read = matches!(ask.method, Method::GET | Method::HEAD);
        let body: (u16, Value) = match (name, &ask.method, self.id) {
            ("progresses", _, id) if read => (200, progress::progresses(state, caller, &self.pager, id)?),
            ("course-grades", _, id) if read => {
                (200, progress::course_grades(state, caller, &self.pager, id)?)
            }
            ("views", &Method::POST, None) => (201, progress::view(state, caller, &ask.written()?)?),
            ("groups", _, Some(id)) if read => (200, people::group(state, caller, id)?),
            ("profiles", _, Some(id)) if read => (200, people::profile(state, caller, id, None)?),
            ("profiles", &Method::PUT, Some(id)) => {
                (200, people::profile(state, caller, id, Some(&ask.written()?))?)
            }
            ("enrollments", &Method::POST, None) => {
                let course = people::enroll(state, caller, &ask.written()?)?;
                let mut answer = one("enrollments", json!({ "id": course, "course": course }));
                // Side-loads the course. (reference stepik.md 2.6)
                let shown = read::after_write(state, caller, Shelf::of(Kind::Courses), course)?;
                answer["courses"] = shown.get("courses").cloned().unwrap_or_default();
                (201, answer)
            }
            ("enrollments", _, Some(_)) if read => (200, people::enrollment(state, caller, self.number()?)?),
            ("enrollments", &Method::DELETE, Some(_)) => {
                people::unenroll(state, caller, self.number()?)?;
                return Ok(no_content());
            }
            ("user-courses", _, None) if read => (200, people::user_courses(state, caller, &self.pager)?),
            ("user-courses", _, Some(id)) if read => (200, people::one_user_course(state, caller, id, None)?),
            ("user-courses", &Method::PUT, Some(id)) => {
                (200, people::one_user_course(state, caller, id, Some(&ask.written()?))?)
            }
            ("course-images", &Method::PUT, Some(_)) => {
                let images = files::save_course_images(state, caller, ask, self.number()?)?;
                (200, one("course-images", Value::Object(images)))
            }
            ("videos", &Method::POST, None) => {
                (201, one("videos", Value::Object(files::create_video(state, caller, ask)?)))
            }
            ("assignments" | "user-lessons" | "email-addresses" | "search-results", _, id) if read => {
                let rows = listings::rows(state, caller, name, &self.pager)?;
                match id {
                    Some(id) => (200, listings::by_id(name, rows, id)?),
                    None if ask.ids().is_some() => (200, listed(name, rows)),
                    None => (200, self.pager.page(name, rows)?),
                }
            }
            (
                "progresses" | "course-grades" | "views" | "groups" | "profiles" | "enrollments"
                | "user-courses" | "course-images" | "videos",
                ..,
            ) => return Err(Refusal::not_allowed(&ask.method)),
            // The emulator holds none of these; a listing is truthfully empty.
            (
                "certificates" | "announcements" | "course-reviews" | "comments" | "invitations"
                | "notifications",
                _,
                None,
            ) if read => (200, self.pager.page(name, Vec::new())?),
            _ => return Err(Refusal::missing()),
        };
        Ok(answer_json(body.0, &body.1))
    }
}
