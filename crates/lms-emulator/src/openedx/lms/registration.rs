//! Registration and its validation (reference openedx.md 3.7). No credentials, CSRF exempt.

use axum::extract::State as Ext;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::bulk::is_email;
use crate::openedx::call::{Call, field};
use crate::openedx::reply;
use crate::openedx::session::open_session;
use crate::openedx::state::{App, State};

const FIELDS: [(&str, &str, &str); 4] = [
    ("email", "Email", "email"),
    ("name", "Full Name", "text"),
    ("username", "Public Username", "text"),
    ("password", "Password", "password"),
];

/// `GET`: the form description.
pub(crate) async fn form() -> Response {
    let mut fields: Vec<Value> = FIELDS
        .iter()
        .map(|(name, label, kind)| {
            json!({
                "name": name, "label": label, "type": kind, "defaultValue": "", "placeholder": "", "instructions": "",
                "required": true, "restrictions": {}, "errorMessages": {}, "supplementalLink": "", "supplementalText": "",
            })
        })
        .collect();
    fields.push(json!({
        "name": "honor_code", "label": "I agree to the Terms of Service and Honor Code", "type": "plaintext",
        "defaultValue": "", "placeholder": "", "instructions": "", "required": true, "restrictions": {},
        "errorMessages": {}, "supplementalLink": "", "supplementalText": "",
    }));
    reply::ok(json!({"method": "post", "submit_url": "/api/user/v2/account/registration/", "fields": fields}))
}

/// `POST`: form-encoded only; a JSON body is read as empty. The account is active at once.
pub(crate) async fn register(Ext(app): Ext<App>, call: Call) -> Response {
    let form = call.any_form().await;
    let mut state = app.lock();
    let get = |name: &str| field(&form, name).unwrap_or_default();
    let taken = taken(&state, get("username"), get("email"));
    if !taken.is_empty() {
        let both: Vec<&str> =
            ["email", "username"].into_iter().filter(|name| taken.contains_key(*name)).collect();
        let mut body = taken;
        if both.contains(&"username") {
            body.insert("username_suggestions".into(), suggestions(&state, get("username")).into());
        }
        body.insert("error_code".into(), format!("duplicate-{}", both.join("-")).into());
        return reply::json(409, &Value::Object(body));
    }
    let mut errors = Map::new();
    for (name, _, _) in FIELDS {
        let problem = problem(&state, name, get(name));
        if !problem.is_empty() {
            errors.insert(name.into(), json!([{"user_message": problem}]));
        }
    }
    // Only the text `true` counts.
    if get("honor_code") != "true" && get("terms_of_service") != "true" {
        let text = "You must agree to the Terms of Service and Honor Code";
        errors.insert("honor_code".into(), json!([{"user_message": text}]));
    }
    if !errors.is_empty() {
        errors.insert("error_code".into(), "validation-error".into());
        return reply::json(400, &Value::Object(errors));
    }
    let (username, email) = (get("username").to_owned(), get("email").to_owned());
    state.add_user(&username, &email, get("name"), get("password"), false);
    let waiting: Vec<_> =
        state.allowed.iter().filter(|entry| entry.email == email && entry.auto_enroll).cloned().collect();
    for entry in waiting {
        state.enroll(&username, &entry.course, "audit", true);
    }
    let id = state.users.get(&username).map(|user| user.id);
    drop(state);
    let mut response = reply::ok(json!({
        "success": true, "redirect_url": format!("{}/dashboard", app.lms_url()),
        "authenticated_user": {"username": username, "full_name": get("name"), "user_id": id},
    }));
    open_session(&app, &mut response, &username);
    response
}

/// `POST /api/user/v1/validation/registration`: any subset of the fields; an empty text is an acceptance.
pub(crate) async fn validate(Ext(app): Ext<App>, call: Call) -> Response {
    let fields: Vec<(String, String)> = match call.json() {
        Some(Value::Object(body)) => body
            .into_iter()
            .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        _ => call.any_form().await,
    };
    let state = app.lock();
    let mut decisions = Map::new();
    for (name, value) in &fields {
        let decision = match taken(&state, value, value).get(name.as_str()) {
            Some(known) => known[0]["user_message"].as_str().unwrap_or_default().to_owned(),
            None => problem(&state, name, value),
        };
        if matches!(name.as_str(), "name" | "username" | "email" | "password" | "confirm_email" | "country") {
            decisions.insert(name.clone(), decision.into());
        }
    }
    let mut body = json!({"validation_decisions": decisions});
    if let Some(username) = field(&fields, "username").filter(|name| state.users.contains_key(*name)) {
        body["username_suggestions"] = suggestions(&state, username).into();
    }
    reply::ok(body)
}

fn taken(state: &State, username: &str, email: &str) -> Map<String, Value> {
    let mut found = Map::new();
    if state.users.values().any(|user| user.email.eq_ignore_ascii_case(email)) {
        let text = "This email is already associated with an existing or previous account";
        found.insert("email".into(), json!([{"user_message": text}]));
    }
    if state.users.contains_key(username) {
        found.insert(
            "username".into(),
            json!([{"user_message": "It looks like this username is already taken"}]),
        );
    }
    found
}

/// What is wrong with a value; empty when nothing is.
fn problem(state: &State, name: &str, value: &str) -> String {
    let length = value.chars().count();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let text = match name {
        "email" if !(3..=254).contains(&length) || !is_email(value) => {
            "A properly formatted e-mail is required."
        }
        "username" if !(2..=30).contains(&length) => "Username must be between 2 and 30 characters long.",
        "username" if !value.chars().all(plain) => {
            "Usernames can only contain letters (A-Z, a-z), numerals (0-9), underscores (_), and hyphens (-)."
        }
        "name" if length == 0 => "Enter your full name",
        "name" if value.contains(['<', '>']) || value.contains("://") => "Enter a valid name",
        "password" if length < 2 => "This password is too short. It must contain at least 2 characters.",
        "password" if length > 75 => "This password is too long. It must contain no more than 75 characters.",
        "password" if state.users.contains_key(value) => "The password is too similar to the username.",
        _ => "",
    };
    text.to_owned()
}

fn suggestions(state: &State, username: &str) -> Vec<String> {
    let names = (1..100).map(|number| format!("{username}_{number}"));
    names.filter(|name| !state.users.contains_key(name)).take(3).collect()
}
