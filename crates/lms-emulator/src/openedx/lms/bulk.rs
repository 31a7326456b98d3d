//! `POST /api/bulk_enroll/v1/bulk_enroll` (reference openedx.md 3.5): tokens only, global staff.

use axum::extract::State as Ext;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::openedx::auth::{View, require};
use crate::openedx::call::Call;
use crate::openedx::keys::CourseKey;
use crate::openedx::reply;
use crate::openedx::state::{Allowed, App, State};

pub(crate) async fn enroll(Ext(app): Ext<App>, call: Call) -> Response {
    let caller = match require(&app, &call, View::TokenOnly) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let mut state = app.lock();
    if !state.is_staff(&caller) {
        return reply::detail(403, reply::FORBIDDEN);
    }
    let body = match call.json() {
        Some(body) => body,
        None => Value::Object(call.form().into_iter().map(|(name, value)| (name, value.into())).collect()),
    };
    let mut errors = Map::new();
    let identifiers = body["identifiers"].as_str().unwrap_or_default();
    if identifiers.is_empty() {
        errors.insert("identifiers".into(), json!(["This field is required."]));
    }
    // Of a list only the first element counts.
    let courses = body["courses"].as_str().or_else(|| body["courses"][0].as_str()).unwrap_or_default();
    if courses.is_empty() {
        errors.insert("courses".into(), json!(["This field is required."]));
    }
    let mut keys = Vec::new();
    for id in courses.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        match CourseKey::parse(id) {
            Some(key) => keys.push(key),
            None => drop(errors.insert("courses".into(), json!([format!("Course key not valid: {id}")]))),
        }
    }
    let action = body["action"].as_str().unwrap_or_default();
    if !matches!(action, "enroll" | "unenroll") {
        errors.insert("action".into(), json!([format!("\"{action}\" is not a valid choice.")]));
    }
    let cohorts: Vec<&str> =
        body["cohorts"].as_str().map(|list| list.split(',').map(str::trim).collect()).unwrap_or_default();
    if let Some(why) = cohorts_misfit(&state, &cohorts, &keys, action) {
        errors.insert("cohorts".into(), json!([why]));
    }
    if !errors.is_empty() {
        return reply::json(400, &Value::Object(errors));
    }
    // So the documentation of the package `openedx-rest-api-client` says.
    if keys.iter().any(|key| !state.courses.contains_key(key)) {
        return reply::detail(404, "Not found.");
    }
    let auto_enroll = is_true(&body["auto_enroll"]);
    let people: Vec<&str> =
        identifiers.split([',', '\n', '\r']).map(str::trim).filter(|person| !person.is_empty()).collect();
    let mut answers = Map::new();
    for (n, key) in keys.into_iter().enumerate() {
        let cohort = cohorts.get(n).copied();
        let results: Vec<Value> =
            people.iter().map(|person| one(&mut state, person, &key, action, auto_enroll, cohort)).collect();
        let answer = json!({"action": action, "auto_enroll": auto_enroll, "results": results});
        answers.insert(key.to_string(), answer);
    }
    reply::ok(json!({
        "auto_enroll": auto_enroll, "email_students": is_true(&body["email_students"]), "action": action,
        "courses": answers,
    }))
}

fn is_true(value: &Value) -> bool {
    value == true || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// What is wrong with the list of cohorts: it goes with enrolling, one for each course. That a course has no cohort of
/// this name is a 400 too, by choice; which cohorts there are stands in the course's `cohort_config`.
fn cohorts_misfit(state: &State, cohorts: &[&str], keys: &[CourseKey], action: &str) -> Option<String> {
    if cohorts.is_empty() {
        return None;
    }
    if action != "enroll" {
        return Some("Cohorts can only be used with the enroll action.".into());
    }
    if cohorts.len() != keys.len() {
        return Some("If provided, the cohorts and courses should have equal number of items.".into());
    }
    let has = |key: &CourseKey, cohort: &str| {
        let config = state.courses.get(key).and_then(|course| course.course_setting("cohort_config"));
        let config: Value = serde_json::from_str(&config.unwrap_or_default()).unwrap_or_default();
        config["auto_cohort_groups"]
            .as_array()
            .is_some_and(|groups| groups.iter().any(|group| group == cohort))
    };
    let missing =
        keys.iter().zip(cohorts).find(|(key, cohort)| state.courses.contains_key(key) && !has(key, cohort));
    missing.map(|(key, cohort)| format!("cohort {cohort} not found in course {key}."))
}

/// One person in one course. The whole answer is 200 even when this one fails.
fn one(
    state: &mut State,
    person: &str,
    key: &CourseKey,
    action: &str,
    auto_enroll: bool,
    cohort: Option<&str>,
) -> Value {
    let known = state.find_user(person).map(|user| user.username.clone());
    if known.is_none() && !is_email(person) {
        return json!({"identifier": person, "invalidIdentifier": true});
    }
    let mut before = standing(state, person, known.as_deref(), key);
    let in_cohort = |state: &State| -> Value {
        known.as_ref().and_then(|user| state.cohorts.get(&(user.clone(), key.clone()))).cloned().into()
    };
    if cohort.is_some() {
        before["cohort"] = in_cohort(state);
    }
    match (&known, action) {
        (Some(username), "enroll") => {
            let mode = state
                .enrollment(username, key)
                .map_or_else(|| "audit".to_owned(), |entry| entry.mode.clone());
            state.enroll(username, key, &mode, true);
        }
        (Some(username), _) => {
            if let Some(mode) = state.enrollment(username, key).map(|entry| entry.mode.clone()) {
                state.enroll(username, key, &mode, false);
            }
        }
        (None, "enroll") => {
            state.allowed.retain(|entry| entry.email != person || entry.course != *key);
            state.allowed.push(Allowed { email: person.to_owned(), course: key.clone(), auto_enroll });
        }
        (None, _) => state.allowed.retain(|entry| entry.email != person || entry.course != *key),
    }
    let mut after = standing(state, person, known.as_deref(), key);
    if let Some(cohort) = cohort {
        if let Some(user) = &known {
            state.cohorts.insert((user.clone(), key.clone()), cohort.to_owned());
        }
        after["cohort"] = in_cohort(state);
    }
    json!({"identifier": person, "before": before, "after": after})
}

fn standing(state: &State, person: &str, known: Option<&str>, key: &CourseKey) -> Value {
    let allowed = state.allowed.iter().find(|entry| entry.email == person && entry.course == *key);
    json!({
        "enrollment": known.is_some_and(|username| state.is_enrolled(username, key)),
        "auto_enroll": allowed.is_some_and(|entry| entry.auto_enroll),
        "user": known.is_some(),
        "allowed": allowed.is_some(),
    })
}

pub(crate) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let inner = host.split('.').all(|part| !part.is_empty());
    !name.is_empty()
        && host.contains('.')
        && inner
        && !text.chars().any(char::is_whitespace)
        && !host.contains('@')
}
