//! What is not under /api: pages that open a session, sign-up by form, and the OAuth2 authorization page.
//! (reference stepik.md 1.2, 1.3, 1.5)

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::auth::{Credentials, check_csrf, cookie};
use super::people;
use super::quiz::escape_html;
use super::state::State;
use super::wire::{Answer, Ask, Object, Refusal, no_content, object};

fn form(ask: &Ask) -> HashMap<String, String> {
    url::form_urlencoded::parse(&ask.body).into_owned().collect()
}

fn page(status: u16, title: &str, body: &str) -> Response<Body> {
    let html =
        format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>\n{body}\n</body></html>\n");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn redirect(target: &str) -> Response<Body> {
    (StatusCode::FOUND, [(header::LOCATION, target.to_owned())]).into_response()
}

fn with_cookies(mut response: Response<Body>, (csrf, session): &(String, String)) -> Response<Body> {
    let cookies =
        [format!("csrftoken={csrf}; Path=/; SameSite=Lax"), format!("sessionid={session}; Path=/; HttpOnly")];
    for cookie in cookies {
        if let Ok(value) = cookie.parse() {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Any page; sets the cookies of a guest session unless there is one. (reference stepik.md 1.5)
pub(crate) fn any_page(state: &mut State, ask: &Ask) -> Answer {
    if ask.path.trim_matches('/') == "accounts/signup" && ask.method == Method::POST {
        return sign_up(state, ask);
    }
    let first = ask.path.split('/').find(|segment| !segment.is_empty());
    if !matches!(first, None | Some("accounts" | "catalog" | "course" | "lesson" | "users" | "teach")) {
        return Ok(page(404, "404 Not Found", "<h1>404 Not Found</h1>"));
    }
    if ask.method != Method::GET && ask.method != Method::HEAD {
        return Err(Refusal::not_allowed(&ask.method));
    }
    let known = state.keyring.knows_session(ask) && cookie(ask, "csrftoken").is_some();
    let cookies = (!known).then(|| state.keyring.open_session(None));
    let token = cookies
        .as_ref()
        .map(|(csrf, _)| csrf.clone())
        .or_else(|| cookie(ask, "csrftoken"))
        .unwrap_or_default();
    let body = format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\"></form>",
        escape_html(&token)
    );
    let response = page(200, "Stepik", &body);
    Ok(match cookies {
        Some(cookies) => with_cookies(response, &cookies),
        None => response,
    })
}

/// Form registration; success leads to `next`. (reference stepik.md 1.5)
fn sign_up(state: &mut State, ask: &Ask) -> Answer {
    let fields = form(ask);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if cookie(ask, "csrftoken").is_none_or(|token| token != field("csrfmiddlewaretoken"))
        || ask.header(header::REFERER).is_none()
    {
        return Ok(page(403, "403 Forbidden", "CSRF verification failed."));
    }
    let input = json!({
        "first_name": field("first_name"), "last_name": field("last_name"), "email": field("email"),
        "password": field("password1"),
    });
    let same = field("password1") == field("password2");
    match same.then(|| people::register(state, &object(input))) {
        Some(Ok(_)) => Ok(redirect(if field("next").starts_with('/') { field("next") } else { "/" })),
        // Django shows the form again, with status 200.
        _ => Ok(page(200, "Sign up", "<p class=\"error\">Please correct the errors below.</p>")),
    }
}

/// POST /api/users/login: a cookie session for `email` and `password`; 204. (reference stepik.md 1.5)
pub(crate) fn log_in(state: &mut State, ask: &Ask, any_password: bool) -> Answer {
    check_csrf(ask)?;
    let input: Object = match serde_json::from_slice::<Value>(&ask.body) {
        Ok(value) => object(value),
        Err(_) => form(ask).into_iter().map(|(key, value)| (key, value.into())).collect(),
    };
    let field = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let user = state.keyring.sign_in(field("email"), field("password"), any_password);
    let user = user.ok_or_else(|| Refusal::detail(401, "E-mail address or password is incorrect."))?;
    let cookies = state.keyring.open_session(Some(user));
    Ok(with_cookies(no_content(), &cookies))
}

/// /oauth2/authorize/: with a signed-in session the code comes at once, otherwise a sign-in form is shown, which posts
/// to the same address. Only loopback redirects are registered. (reference stepik.md 1.2, 1.3; the page is a choice)
pub(crate) fn authorize(state: &mut State, ask: &Ask, credentials: Credentials) -> Answer {
    let refuse = |what: &str| Ok(page(400, "Error", &format!("<p>{what}</p>")));
    let redirect_uri = ask.param("redirect_uri").unwrap_or_default();
    let target = url::Url::parse(redirect_uri).ok();
    let is_loopback = |url: &url::Url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    };
    let Some(mut target) = target.filter(is_loopback) else { return refuse("Mismatching redirect URI.") };
    if ask.param("client_id") != Some(state.keyring.client_id.as_str()) {
        return refuse("Invalid client_id parameter value.");
    }
    let answer = |target: &mut url::Url, pairs: &[(&str, &str)]| {
        target.query_pairs_mut().extend_pairs(pairs);
        if let Some(given) = ask.param("state") {
            target.query_pairs_mut().append_pair("state", given);
        }
        redirect(target.as_str())
    };
    if ask.param("response_type") != Some("code") {
        return Ok(answer(&mut target, &[("error", "unsupported_response_type")]));
    }
    let posted = (ask.method == Method::POST).then(|| form(ask));
    let user = match (&posted, credentials) {
        (Some(fields), _) => {
            let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
            state.keyring.sign_in(field("username"), field("password"), false)
        }
        (None, Credentials::Good(user)) => Some(user),
        (None, _) => None,
    };
    let Some(user) = user else {
        let error = if posted.is_some() {
            "<p class=\"error\">E-mail address or password is incorrect.</p>\n"
        } else {
            ""
        };
        let form = format!(
            "{error}<form method=\"post\">\n<input name=\"username\" type=\"email\">\n\
             <input name=\"password\" type=\"password\">\n<button>Authorize</button>\n</form>"
        );
        return Ok(page(200, "Authorize", &form));
    };
    let challenge = ask.param("code_challenge").map(|challenge| {
        (ask.param("code_challenge_method").unwrap_or("plain").to_owned(), challenge.to_owned())
    });
    let code = state.keyring.issue_code(user, redirect_uri, challenge);
    Ok(answer(&mut target, &[("code", &code)]))
}
