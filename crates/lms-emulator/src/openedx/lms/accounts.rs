//! `/api/user/v1/` (reference openedx.md 3.8).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::reply;
use crate::openedx::state::{App, User};

/// `GET me`.
pub(crate) async fn me(Ext(app): Ext<App>, call: Call) -> Response {
    match require(&app, &call, View::Plain) {
        Ok(username) => reply::ok(json!({"username": username})),
        Err(refused) => *refused,
    }
}

/// `GET accounts/{username}`: everything about oneself and for staff, a little about others.
pub(crate) async fn read(Ext(app): Ext<App>, Path(username): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    match state.users.get(&username) {
        Some(user) => reply::ok(describe(&app, user, caller == username || state.is_staff(&caller))),
        None => reply::empty(404),
    }
}

/// `GET accounts?username=a,b`, `?email=`, `?lms_user_id=`.
pub(crate) async fn search(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let staff = state.is_staff(&caller);
    let mut found = Vec::new();
    for name in call.query_list("username") {
        match state.users.get(name) {
            Some(user) => found.push(user),
            None => return reply::empty(404),
        }
    }
    let by = |user: &&User| {
        call.query("email").is_some_and(|email| user.email.eq_ignore_ascii_case(email))
            || call.query("lms_user_id").is_some_and(|id| id == user.id.to_string())
    };
    if found.is_empty() {
        match state.users.values().find(by).filter(|user| staff || user.username == caller) {
            Some(user) => found.push(user),
            None => return reply::empty(404),
        }
    }
    let bodies: Vec<Value> =
        found.into_iter().map(|user| describe(&app, user, staff || user.username == caller)).collect();
    reply::ok(bodies.into())
}

/// `POST accounts/search_emails` `{"emails": […]}`: staff, 404 for others.
pub(crate) async fn search_emails(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    if !state.is_staff(&caller) {
        return reply::detail(404, "Not Found");
    }
    let body = call.json().unwrap_or_default();
    let emails: Vec<&str> =
        body["emails"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let found: Vec<Value> = state
        .users
        .values()
        .filter(|user| emails.iter().any(|email| user.email.eq_ignore_ascii_case(email)))
        .map(|user| json!({"username": user.username, "email": user.email, "id": user.id}))
        .collect();
    reply::ok(found.into())
}

/// `PATCH accounts/{username}`: merge-patch, own account only.
pub(crate) async fn change(Ext(app): Ext<App>, Path(username): Path<String>, call: Call) -> Response {
    let caller = match require(&app, &call, View::Plain) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    if !call.content_type().starts_with("application/merge-patch+json") {
        return reply::detail(
            415,
            &format!("Unsupported media type \"{}\" in request.", call.content_type()),
        );
    }
    let mut state = app.lock();
    if caller != username {
        return reply::empty(if state.is_staff(&caller) && state.users.contains_key(&username) {
            403
        } else {
            404
        });
    }
    let Some(Value::Object(body)) = call.json() else { return reply::detail(400, "JSON parse error") };
    let Some(user) = state.users.get_mut(&username) else { return reply::empty(404) };
    let mut errors = Map::new();
    for (name, value) in &body {
        if matches!(name.as_str(), "username" | "id" | "date_joined" | "is_active" | "profile_image") {
            let text = "This field is not editable via this API";
            let user_message = format!("The '{name}' field cannot be edited.");
            errors.insert(name.clone(), json!({"developer_message": text, "user_message": user_message}));
        } else if name == "name" && value.as_str().is_none_or(str::is_empty) {
            let text = "Enter your full name";
            errors.insert(name.clone(), json!({"developer_message": text, "user_message": text}));
        }
    }
    if !errors.is_empty() {
        return reply::json(400, &json!({"field_errors": errors}));
    }
    for (name, value) in body {
        match (name.as_str(), value.as_str()) {
            ("name", Some(text)) => text.clone_into(&mut user.name),
            // A change of address waits for a mail to be answered.
            ("email", _) => {}
            _ => drop(user.profile.insert(name, value)),
        }
    }
    reply::ok(describe(&app, user, true))
}

/// Keys in the order of the recorded account.
fn describe(app: &App, user: &User, all: bool) -> Value {
    let image = |size: u32| format!("{}/static/default_{size}.png", app.lms_url());
    let mut body = json!({
        "account_privacy": "private",
        "profile_image": {
            "has_image": false, "image_url_full": image(500), "image_url_large": image(120),
            "image_url_medium": image(50), "image_url_small": image(30),
        },
        "username": user.username,
    });
    if !all {
        return body;
    }
    let full = json!({
        "bio": null, "course_certificates": null, "country": null,
        "date_joined": user.joined.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "language_proficiencies": [], "level_of_education": null, "social_links": [], "time_zone": null,
        "accomplishments_shared": false, "name": user.name, "email": user.email, "id": user.id,
        "verified_name": null, "extended_profile": [], "gender": null, "state": null, "goals": null,
        "is_active": true, "last_login": user.joined.to_string(), "mailing_address": null, "requires_parental_consent": true,
        "secondary_email": null, "secondary_email_enabled": null, "year_of_birth": null, "phone_number": null,
        "activation_key": null, "pending_name_change": null,
    });
    for (name, value) in full.as_object().into_iter().flatten().chain(&user.profile) {
        body[name] = value.clone();
    }
    body
}
