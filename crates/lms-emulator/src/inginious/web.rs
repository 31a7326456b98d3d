//! Pages that a visitor or a student asks for: signing in and out, accounts, registering in a course
//! (reference inginious.md 6.1 to 6.3).

use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::Method;
use axum::response::Response;
use fancy_regex::Regex;

use super::app::{App, SessionId};
use super::http::{
    alert, bad_request, forbidden, internal_error, method_not_allowed, not_found, page, read_form, redirect,
};
use super::input::Form;
use super::rst::escape;
use super::state::{Mail, User};
use crate::random;

/// What every page that needs a login answers without one, with status 200.
pub(crate) fn login_page(failed: bool) -> Response {
    let message = if failed { alert("danger", "", "Invalid login/password") } else { String::new() };
    let form = "<form role=\"form\" method=\"post\">\n<input type=\"text\" name=\"login\">\n\
                <input type=\"password\" name=\"password\">\n<button type=\"submit\">Sign in</button>\n</form>";
    page(200, "Welcome", &format!("{message}\n{form}"))
}

/// The user of a request. A POST to any page that carries `login` and `password` without a session signs in and shows
/// the page, but is not carried out (reference inginious.md 6).
pub(crate) fn signed_in(
    app: &App,
    session: &SessionId,
    form: &Form,
    path: &str,
) -> Result<String, Box<Response>> {
    if let Some(name) = app.store().username(&session.0) {
        return Ok(name);
    }
    match (form.text("login"), form.text("password")) {
        (Some(login), Some(password)) => {
            let good = app.sign_in(session, login.trim(), password, path);
            Err(Box::new(if good { page(200, "Signed in", "") } else { login_page(true) }))
        }
        _ => Err(Box::new(login_page(false))),
    }
}

/// `/signin`.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    request: Request,
) -> Response {
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let _ = signed_in(&app, &session, &form, "/signin");
    if app.store().username(&session.0).is_some() {
        redirect(&app.link("/mycourses"))
    } else {
        login_page(form.has("login"))
    }
}

/// `/logout` ends the session.
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
) -> Response {
    let mut store = app.store();
    if store.username(&session.0).is_none() {
        return login_page(false);
    }
    store.sessions.remove(&session.0);
    redirect(&app.link("/courselist"))
}

/// `/`, `/index` and `/courselist`.
pub(crate) async fn course_list(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
) -> Response {
    let mut store = app.store();
    let username = store.username(&session.0).unwrap_or_default();
    let mut content = String::new();
    for id in store.course_ids() {
        let Some(course) = store.course(&id) else { continue };
        let person = store.person(&username, &id);
        if course.is_open_to(person) || course.can_register(person) {
            let (link, name) = (app.link(&format!("/course/{id}")), escape(&course.name.shown()));
            content.push_str(&format!("<a href=\"{link}\">{name}</a>\n"));
        }
    }
    page(200, "Course list", &content)
}

/// `/register`: accounts, and the links of activation mails.
pub(crate) async fn account(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    if app.store().username(&session.0).is_some() {
        return forbidden("You're not allow to register.");
    }
    if request.method() == Method::GET {
        let query = query.unwrap_or_default();
        let hash = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "activate");
        return match hash {
            // The two messages are the wrong way round in 0.9 (reference inginious.md 6.2).
            Some((_, hash)) if activate(&app, &hash) => register_page("danger", "Invalid activation hash."),
            Some(_) => register_page("success", "User successfully activated."),
            None => page(200, "Register ", "<form method=\"post\"></form>"),
        };
    }
    match read_form(request).await {
        Err(response) => response,
        Ok(form) if form.has("register") => match create(&app, &form) {
            None => bad_request(),
            Some(Ok(text)) => register_page("success", text),
            Some(Err(text)) => register_page("danger", text),
        },
        Ok(_) => page(200, "Register ", "<form method=\"post\"></form>"),
    }
}

fn register_page(level: &str, text: &str) -> Response {
    page(200, "Register ", &alert(level, "", text))
}

fn activate(app: &App, hash: &str) -> bool {
    let mut store = app.store();
    let waiting = store.users.values_mut().find(|user| user.activation.as_deref() == Some(hash));
    waiting.map(|user| user.activation = None).is_some()
}

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,6}$").ok());

/// `None` if a field is missing, which is a 400.
fn create(app: &App, form: &Form) -> Option<Result<&'static str, &'static str>> {
    let (username, realname) = (form.text("username")?, form.text("realname")?);
    let (email, password, again) = (form.text("email")?, form.text("passwd")?, form.text("passwd2")?);
    // Only the domain is lower-cased.
    let email = match email.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => email.to_owned(),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '|' | '~');
    let mut store = app.store();
    Some(if username.len() < 4 || !username.chars().all(allowed) {
        Err("Invalid username format.")
    } else if !EMAIL.as_ref().is_some_and(|pattern| pattern.is_match(&email).unwrap_or(false)) {
        Err("Invalid email format.")
    } else if password.chars().count() < 6 {
        Err("Password too short.")
    } else if password != again {
        Err("Passwords don't match !")
    } else if store.users.contains_key(username) {
        Err("This username is already taken !")
    } else if store.users.values().any(|user| user.email == email) {
        Err("This email address is already in use !")
    } else {
        // 128 hexadecimal digits.
        let hash: String = (0..4).map(|_| random::secret()).collect::<String>().chars().take(128).collect();
        let mut user = User::new(realname, &email, password);
        user.activation = Some(hash.clone());
        store.users.insert(username.to_owned(), user);
        store.mails.push(Mail {
            to: email,
            subject: "Welcome on INGInious".to_owned(),
            text: format!(
                "Follow this link to activate your account:\n{}",
                app.link(&format!("/register?activate={hash}"))
            ),
        });
        Ok("You are succesfully registered. An email has been sent to you for activation.")
    })
}

/// `/register/<course>`: success is a redirect, every failure the form again (reference inginious.md 6.3).
pub(crate) async fn register_in_course(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let method = request.method().clone();
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = match signed_in(&app, &session, &form, "/register/") {
        Ok(username) => username,
        Err(response) => return *response,
    };
    let mut store = app.store();
    let Some(course) = store.course(&id) else {
        // A course that cannot be read breaks this page.
        if store.courses.contains_key(&id) {
            return internal_error();
        }
        return page(404, "Error 404", &alert("warning", "Error 404", "This course doesn't exist."));
    };
    let person = store.person(&username, &id);
    let (may, target) = (course.can_register(person), app.link(&format!("/course/{id}")));
    let title = format!("Register to course '{}'", course.name.shown());
    let input = "<form method=\"post\"><input type=\"password\" name=\"register_password\"></form>";
    match method {
        Method::GET | Method::HEAD if may => page(200, &title, input),
        Method::GET | Method::HEAD => redirect(&target),
        Method::POST => {
            let password_fits =
                course.password.as_deref().is_none_or(|p| form.text("register_password") == Some(p));
            if may && password_fits {
                store.enroll(&id, &username);
                redirect(&target)
            } else {
                page(200, &title, &format!("{}\n{input}", alert("danger", "", "Invalid password.")))
            }
        }
        _ => method_not_allowed("GET, POST, HEAD, OPTIONS"),
    }
}

/// `/mycourses`: the courses of a user; a super-administrator creates courses here (reference inginious.md 6.8).
pub(crate) async fn my_courses(
    State(app): State<Arc<App>>,
    Extension(session): Extension<SessionId>,
    request: Request,
) -> Response {
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let username = match signed_in(&app, &session, &form, "/mycourses") {
        Ok(username) => username,
        Err(response) => return *response,
    };
    let superadmin = app.store().person(&username, "").superadmin;
    let mut content = String::new();
    if let (Some(id), true) = (form.text("new_courseid"), superadmin) {
        content = match super::admin::create_course(&app, id) {
            true => alert("success", "", "Course created."),
            false => alert("danger", "", "Failed to create the course."),
        };
    }
    let mut store = app.store();
    for id in store.course_ids() {
        let Some(course) = store.course(&id) else { continue };
        let person = store.person(&username, &id);
        if person.registered || course.is_staff(person) {
            let (link, name) = (app.link(&format!("/course/{id}")), escape(&course.name.shown()));
            content.push_str(&format!("<a href=\"{link}\">{name}</a>\n"));
        }
    }
    page(200, "My courses", &content)
}

/// Any other path.
pub(crate) async fn unknown() -> Response {
    not_found()
}
