//! From a request to the handler that knows it. (reference stepik.md 1.1, 2.9)

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State as Shared};
use axum::http::{Method, Response, header};
use axum::response::IntoResponse;
use bytes::Bytes;

use super::auth::{Credentials, check_csrf};
use super::call::Call;
use super::consent;
use super::downloads;
use super::files;
use super::people;
use super::site;
use super::state::State;
use super::switches::BadToken;
use super::wire::{Answer, Ask, Pager, Part, Refusal, answer_json, no_content};
use crate::fault::{Effect, Faults};

/// Everything that a handler may need.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Faults,
    pub(crate) page_size: usize,
    pub(crate) longest_query: usize,
}

const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(crate) async fn handle(Shared(app): Shared<Arc<App>>, request: Request) -> Response<Body> {
    // Very long `ids[]` lists are refused because the request line grows too large; the status is a choice.
    // (reference stepik.md 1.6)
    if request.uri().query().is_some_and(|query| query.len() > app.longest_query) {
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
        ["oauth2", "token"] if ask.method == Method::POST => {
            let switches = state.switches.clone();
            state.keyring.token(ask, &app.faults, &switches)
        }
        ["oauth2", "authorize"] => {
            let credentials = state.keyring.credentials(ask, &app.faults);
            consent::authorize(state, ask, credentials)
        }
        ["oauth2", "social-token"] if ask.method == Method::POST => consent::social_token(state, ask),
        ["media", ..] => files::download(state, &ask.path),
        ["api", "users", "login"] if ask.method == Method::POST => {
            let any = app.faults.fires(Effect::AcceptWrongSecret, ask.method.as_str(), &ask.path);
            site::log_in(state, ask, any)
        }
        ["api", "users", "logout"] if ask.method == Method::POST => site::log_out(state, ask),
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
    let is_guest_here = name == "stepics" && state.switches.bad_token == BadToken::Guest;
    if credentials == Credentials::Bad && !is_guest_here {
        return Err(Refusal::signed_out());
    }
    if name == "stepics" {
        return match rest {
            // An unusable token makes a guest here, and an error everywhere else. (reference stepik.md 1.4)
            ["1"] if is_safe => Ok(answer_json(200, &people::stepics(state, credentials))),
            _ => Err(Refusal::missing()),
        };
    }
    let caller = credentials.caller();
    match rest {
        [] | [_] => {}
        [id, below] => return downloads::below(state, caller, ask, (name, id, below)),
        _ => return Err(Refusal::missing()),
    }
    let beyond_end = state.switches.page_beyond_end;
    let pager = Pager { ask, faults: &app.faults, page_size: app.page_size, beyond_end };
    let call = Call { ask, pager, caller, id: rest.first().copied() };
    let answer = call.answer(state, name)?;
    // What a client wrote is what it would read, except for a registration that says nothing.
    if name == "users" && ask.method == Method::POST && call.is_silent_registration(state) {
        return Ok(no_content());
    }
    Ok(answer)
}
