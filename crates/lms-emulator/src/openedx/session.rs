//! Session login, CSRF, and the way from an LMS session to a Studio session (reference openedx.md 1.4).

use axum::extract::State as Ext;
use axum::response::Response;
use serde_json::json;
use url::form_urlencoded;

use super::auth::{cookie_name, csrf_ok, session_user};
use super::call::{Call, field};
use super::reply;
use super::state::{App, Host};
use crate::fault::Effect;
use crate::random;

const YEAR: u32 = 31_449_600;
const FOUR_WEEKS: u32 = 2_419_200;

/// `GET /csrf/api/v1/token`.
pub(crate) async fn csrf_token(call: Call) -> Response {
    let token =
        call.cookie("csrftoken").filter(|token| token.len() == 64).map_or_else(new_csrf, str::to_owned);
    let mut response = reply::ok(json!({"csrfToken": token}));
    reply::set_cookie(&mut response, "csrftoken", &token, YEAR);
    response
}

/// `GET /api/user/v1/account/login_session/`: the form, and the cookie.
pub(crate) async fn login_form() -> Response {
    let mut response = reply::ok(json!({
        "method": "post", "submit_url": "/api/user/v1/account/login_session/",
        "fields": [
            {"name": "email", "label": "Email", "type": "email", "required": true, "defaultValue": "", "placeholder": "",
             "instructions": "", "restrictions": {"min_length": 3, "max_length": 254}, "errorMessages": {}},
            {"name": "password", "label": "Password", "type": "password", "required": true, "defaultValue": "",
             "placeholder": "", "instructions": "", "restrictions": {}, "errorMessages": {}},
        ],
    }));
    reply::set_cookie(&mut response, "csrftoken", &new_csrf(), YEAR);
    response
}

/// `POST /api/user/v{1,2}/account/login_session/`, form-encoded.
pub(crate) async fn login(Ext(app): Ext<App>, call: Call) -> Response {
    // The second version takes a stranger without any token (recorded: `login without CSRF token`).
    let stranger = call.path().contains("/v2/") && call.cookie("csrftoken").is_none();
    if !stranger && !csrf_ok(&call) {
        return csrf_failed();
    }
    let form = call.form();
    let who = field(&form, "email").or_else(|| field(&form, "email_or_username")).unwrap_or_default();
    let password = field(&form, "password").unwrap_or_default();
    if who.is_empty() || password.is_empty() {
        let value = "There was an error receiving your login information. Please email us.";
        return reply::json(400, &json!({"success": false, "value": value}));
    }
    let any_password = app.faults().fires(Effect::AcceptWrongSecret, "POST", call.path());
    let mut state = app.lock();
    let user = state.find_user(who).filter(|user| user.password == password || any_password);
    let Some(username) = user.map(|user| user.username.clone()) else {
        let count = state.failed_logins.entry(who.to_owned()).or_default();
        *count += 1;
        return reply::json(
            400,
            &json!({"success": false, "value": "Email or password is incorrect.",
                "error_code": "incorrect-email-or-password", "context": {"failure_count": *count}, "email": who}),
        );
    };
    drop(state);
    let mut response = reply::ok(json!({"success": true, "redirect_url": null}));
    open_session(&app, &mut response, &username);
    // The token rotates at login, so it has to be read again (reference openedx.md 1.4).
    reply::set_cookie(&mut response, "csrftoken", &new_csrf(), YEAR);
    response
}

/// `GET /logout`.
pub(crate) async fn logout(Ext(app): Ext<App>, call: Call) -> Response {
    let name = cookie_name(app.host);
    if let Some(id) = call.cookie(name) {
        app.lock().sessions.remove(&(app.host, id.to_owned()));
    }
    let mut response = reply::redirect("/");
    reply::set_cookie(&mut response, name, "", 0);
    response
}

/// `GET {Studio}/login/` and `/signin`: off to the LMS, which sends back a code.
pub(crate) async fn studio_login(Ext(app): Ext<App>, call: Call) -> Response {
    let next = call.query("next").unwrap_or("/home/");
    let back = format!("{}/complete/edx-oauth2/", app.studio_url());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "studio-sso-key")
        .append_pair("redirect_uri", &back)
        .append_pair("response_type", "code")
        .append_pair("state", next)
        .finish();
    reply::redirect(&format!("{}/oauth2/authorize?{query}", app.lms_url()))
}

/// `GET {LMS}/oauth2/authorize`: known redirect targets are Studio's own sign-in and, for the application of
/// these credentials, addresses of this machine. Nobody is asked whether he agrees: the application is taken
/// for one that the operator trusts.
pub(crate) async fn authorize(Ext(app): Ext<App>, call: Call) -> Response {
    let back = call.query("redirect_uri").unwrap_or_default();
    let of_studio = back == format!("{}/complete/edx-oauth2/", app.studio_url());
    let own = call.query("client_id") == Some(app.lock().client_id.as_str());
    if !(of_studio || own && is_loopback(back)) || call.query("response_type") != Some("code") {
        return reply::html(400, "Mismatching redirect URI.");
    }
    let Some(username) = session_user(&app, &call) else {
        let here = call.uri.path_and_query().map_or("/", |path| path.as_str());
        let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
        return reply::redirect(&format!("{}/login?next={next}", app.lms_url()));
    };
    let code = random::secret();
    app.lock().codes.insert(code.clone(), (username, back.to_owned()));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", call.query("state").unwrap_or("/home/"))
        .finish();
    reply::redirect(&format!("{back}?{query}"))
}

fn is_loopback(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    matches!(host.split(':').next(), Some("127.0.0.1" | "localhost"))
}

/// `GET {Studio}/complete/edx-oauth2/`: the code becomes a Studio session.
pub(crate) async fn studio_complete(Ext(app): Ext<App>, call: Call) -> Response {
    let code = call.query("code").unwrap_or_default();
    let Some((username, _)) = app.lock().codes.remove(code) else {
        return reply::redirect("/login/");
    };
    let next = call.query("state").filter(|next| next.starts_with('/')).unwrap_or("/home/");
    let mut response = reply::redirect(next);
    open_session(&app, &mut response, &username);
    // The cookie is the LMS's too on this one address; changing it would spoil that session.
    let token =
        call.cookie("csrftoken").filter(|token| token.len() == 64).map_or_else(new_csrf, str::to_owned);
    reply::set_cookie(&mut response, "csrftoken", &token, YEAR);
    response
}

/// A page for people: enough that a redirected client sees HTML, not data.
pub(crate) async fn sign_in_page() -> Response {
    let mut response = reply::html(200, "Sign in or Register");
    reply::set_cookie(&mut response, "csrftoken", &new_csrf(), YEAR);
    response
}

/// The session user of a `login_required` view; others are sent to sign in (reference openedx.md 1.3).
pub(crate) fn require_session(app: &App, call: &Call) -> Result<String, Box<Response>> {
    let Some(username) = session_user(app, call) else {
        let next: String = form_urlencoded::byte_serialize(call.path().as_bytes()).collect();
        let page = if app.host == Host::Studio { "/signin" } else { "/login" };
        return Err(Box::new(reply::redirect(&format!("{page}?next={next}"))));
    };
    if !call.method.is_safe() && !csrf_ok(call) {
        return Err(Box::new(csrf_failed()));
    }
    Ok(username)
}

pub(crate) fn csrf_failed() -> Response {
    reply::html(403, "403 Forbidden: CSRF verification failed. Request aborted.")
}

/// Session and companion cookies.
pub(crate) fn open_session(app: &App, response: &mut Response, username: &str) {
    let id = random::secret();
    app.lock().sessions.insert((app.host, id.clone()), username.to_owned());
    reply::set_cookie(response, cookie_name(app.host), &id, FOUR_WEEKS);
    if app.host == Host::Lms {
        reply::set_cookie(response, "edxloggedin", "true", FOUR_WEEKS);
    }
}

/// 64 characters, as Django makes them.
fn new_csrf() -> String {
    let mut token = random::secret() + &random::secret();
    token.truncate(64);
    token
}
