//! Answers in the shapes of the error catalogue (reference openedx.md 1.5).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(crate) fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

pub(crate) fn ok(body: Value) -> Response {
    json(200, &body)
}

pub(crate) fn empty(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

pub(crate) fn text(status: u16, body: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body.to_owned()).into_response()
}

/// Django's own page.
pub(crate) fn html(status: u16, title: &str) -> Response {
    text(
        status,
        &format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
        ),
    )
}

pub(crate) fn not_found() -> Response {
    html(404, "Page Not Found")
}

/// `{"detail": …}`: plain views.
pub(crate) fn detail(status: u16, message: &str) -> Response {
    json(status, &json!({"detail": message}))
}

/// `{"developer_message": …}`: views with the developer error mixin.
pub(crate) fn developer(status: u16, message: &str) -> Response {
    json(status, &json!({"developer_message": message}))
}

pub(crate) fn developer_code(status: u16, message: &str, code: &str) -> Response {
    json(status, &json!({"developer_message": message, "error_code": code}))
}

/// `{"message": …}`: enrollment.
pub(crate) fn message(status: u16, text: &str) -> Response {
    json(status, &json!({"message": text}))
}

/// 429 of the REST framework. That of the course API is worded by the developer mixin and has no `Retry-After`
/// (recorded: `limits`).
pub(crate) fn throttled(path: &str, seconds: Option<u32>) -> Response {
    let wait =
        seconds.map(|seconds| format!(" Expected available in {seconds} seconds.")).unwrap_or_default();
    let text = format!("Request was throttled.{wait}");
    if path.starts_with("/api/courses/") {
        return developer(429, &text);
    }
    let mut response = detail(429, &text);
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// 302.
pub(crate) fn redirect(to: &str) -> Response {
    location(StatusCode::FOUND, to)
}

/// 301.
pub(crate) fn moved(to: &str) -> Response {
    location(StatusCode::MOVED_PERMANENTLY, to)
}

fn location(status: StatusCode, to: &str) -> Response {
    let mut response = status.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// Adds a cookie.
pub(crate) fn set_cookie(response: &mut Response, name: &str, value: &str, max_age: u32) {
    let text = format!("{name}={value}; Max-Age={max_age}; Path=/; SameSite=Lax");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

pub(crate) fn unauthenticated(mut response: Response) -> Response {
    // The first authenticator names itself, whatever the client sent (recorded: `me, bad bearer`).
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("JWT realm=\"api\""));
    response
}

/// The text of a plain refusal.
pub(crate) const FORBIDDEN: &str = "You do not have permission to perform this action.";
