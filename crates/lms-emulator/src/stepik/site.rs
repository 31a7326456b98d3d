//! What is not under /api: pages that open a session, sign-up by form, sign-in by cookie. (reference stepik.md 1.5)

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::auth::{SignInFault, check_csrf, cookie};
use super::people;
use super::quiz::escape_html;
use super::state::State;
use super::wire::{Answer, Ask, Object, Refusal, no_content, object};

pub(crate) fn form(ask: &Ask) -> HashMap<String, String> {
    url::form_urlencoded::parse(&ask.body).into_owned().collect()
}

pub(crate) fn page(status: u16, title: &str, body: &str) -> Response<Body> {
    let html =
        format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>\n{body}\n</body></html>\n");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

pub(crate) fn redirect(target: &str) -> Response<Body> {
    (StatusCode::FOUND, [(header::LOCATION, target.to_owned())]).into_response()
}

pub(crate) fn with_cookies(
    mut response: Response<Body>,
    (csrf, session): &(String, String),
) -> Response<Body> {
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
    match (ask.path.trim_matches('/'), &ask.method) {
        ("accounts/signup", &Method::POST) => return sign_up(state, ask),
        // Says the same whether the address is known or not. (reference stepik.md 1.5)
        ("accounts/password/reset", &Method::POST) => return Ok(redirect("/accounts/password/reset/done/")),
        _ => {}
    }
    let first = ask.path.split('/').find(|segment| !segment.is_empty());
    if !matches!(
        first,
        None | Some("accounts" | "oauth2" | "catalog" | "course" | "lesson" | "users" | "teach")
    ) {
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
    let is_sign_up = ask.path.trim_matches('/') == "accounts/signup";
    let body = if is_sign_up {
        let next = ask.param("next").map(|next| ("next".to_owned(), next.to_owned()));
        sign_up_form(&token, &next.into_iter().collect(), &Object::new())
    } else {
        let token = escape_html(&token);
        format!(
            "<form method=\"post\"><input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{token}\"></form>"
        )
    };
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
    let mut errors = Object::new();
    if field("password1") != field("password2") {
        errors.insert("password2".to_owned(), json!(["You must type the same password each time."]));
    } else {
        match people::register(state, &object(input)) {
            Ok(_) => return Ok(redirect(if field("next").starts_with('/') { field("next") } else { "/" })),
            Err(refusal) => errors.extend(refusal.fields()),
        }
        if let Some(why) = errors.remove("password") {
            errors.insert("password1".to_owned(), why);
        }
    }
    let token = cookie(ask, "csrftoken").unwrap_or_default();
    Ok(page(200, "Sign up", &sign_up_form(&token, &fields, &errors)))
}

/// The form of `/accounts/signup/`. After a mistake it comes again with status 200 and a list of errors in front of
/// each field, as Django prints them; the real page is in no source.
fn sign_up_form(token: &str, fields: &HashMap<String, String>, errors: &Object) -> String {
    let mut body = format!(
        "<form id=\"signup_form\" method=\"post\" action=\"/accounts/signup/\">\n\
         <input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">\n\
         <input type=\"hidden\" name=\"next\" value=\"{}\">\n",
        escape_html(token),
        escape_html(fields.get("next").map_or("/", String::as_str)),
    );
    for (name, kind) in [
        ("first_name", "text"),
        ("last_name", "text"),
        ("email", "email"),
        ("password1", "password"),
        ("password2", "password"),
    ] {
        let told: String = errors
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|why| format!("<li>{}</li>", escape_html(why)))
            .collect();
        if !told.is_empty() {
            body += &format!("<ul class=\"errorlist\" id=\"id_{name}_error\">{told}</ul>\n");
        }
        let value = if kind == "password" { "" } else { fields.get(name).map_or("", String::as_str) };
        let value = escape_html(value);
        body += &format!(
            "<p><label for=\"id_{name}\">{name}</label> \
             <input id=\"id_{name}\" name=\"{name}\" type=\"{kind}\" value=\"{value}\"></p>\n"
        );
    }
    body + "<button type=\"submit\">Sign up</button>\n</form>"
}

/// POST /api/users/login: a cookie session for `email` and `password`; 204. (reference stepik.md 1.5)
pub(crate) fn log_in(state: &mut State, ask: &Ask, any_password: bool) -> Answer {
    check_csrf(ask)?;
    let input: Object = match serde_json::from_slice::<Value>(&ask.body) {
        Ok(value) => object(value),
        Err(_) => form(ask).into_iter().map(|(key, value)| (key, value.into())).collect(),
    };
    let field = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let throttle = state.switches.login_throttle;
    let user = state.keyring.sign_in(field("email"), field("password"), any_password, throttle);
    let user = user.map_err(|fault| match fault {
        SignInFault::Wrong => Refusal::detail(401, "E-mail address or password is incorrect."),
        SignInFault::Throttled(status) => Refusal::detail(status, "Too many failed login attempts."),
    })?;
    let cookies = state.keyring.open_session(Some(user));
    Ok(with_cookies(no_content(), &cookies))
}

/// POST /api/users/logout: ends the session; 204. (reference stepik.md 1.5; the status is a choice)
pub(crate) fn log_out(state: &mut State, ask: &Ask) -> Answer {
    check_csrf(ask)?;
    state.keyring.close_session(ask);
    Ok(no_content())
}
