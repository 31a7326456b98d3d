//! Users, profiles, the signed-in user, groups, members, enrollments. (reference stepik.md 3.1, 3.2, 3.11, 3.14)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::auth::{self, Credentials};
use super::form::{Form, Takes, set};
use super::read::administers_group;
use super::rights::Caller;
use super::state::{Kind, State, now, unix_now};
use super::template;
use super::wire::{Object, Pager, Refusal, flag, int, object, one, text};

/// GET /api/stepics/1. No `meta`; without good credentials a guest, not an error. (reference stepik.md 1.4, 3.1)
pub(crate) fn stepics(state: &State, credentials: Credentials) -> Value {
    let (user, profile) = match credentials.caller().0.and_then(|id| state.get(Kind::Users, id)) {
        Some(user) => (Value::Object(user.clone()), profile_of(state, user)),
        None => {
            let mut guest = template::user(0, "", "");
            set(&mut guest, "is_guest", true);
            set(&mut guest, "id", 79_004_410);
            set(&mut guest, "profile", 79_004_410);
            (Value::Object(guest.clone()), profile_of(state, &guest))
        }
    };
    let id = user.get("id").cloned().unwrap_or_default();
    json!({
        "stepics": [{
            "id": 1, "user": id, "profile": id, "total_quizzes": 0, "total_active": 0, "total_submissions": 0,
            "server_time": unix_now() as f64 + 0.25, "config": {},
        }],
        "users": [user], "profiles": [profile],
    })
}

fn profile_of(state: &State, user: &Object) -> Value {
    let id = int(user, "id").unwrap_or_default();
    let account = state.keyring.accounts.iter().find(|account| account.user == id);
    json!({
        "id": id, "first_name": text(user, "first_name"), "last_name": text(user, "last_name"),
        "full_name": text(user, "full_name"), "is_private": flag(user, "is_private"),
        "avatar": text(user, "avatar"), "language": "en", "city": null, "short_bio": text(user, "short_bio"),
        "details": text(user, "details"), "notification_email_delay": "5m", "is_staff": false,
        "is_guest": flag(user, "is_guest"), "can_add_lesson": account.is_some(),
        "can_add_course": account.is_some(), "can_add_group": false, "level": 0, "level_title": "",
        "level_abilities": [], "has_password": account.is_some(), "social_accounts": [], "email_addresses": [],
        "is_email_verified": true, "subscription_plan": null, "is_web_push_enabled": false,
    })
}

/// GET /api/profiles/{id}, PUT of one's own.
pub(crate) fn profile(
    state: &mut State,
    caller: Caller,
    id: &str,
    input: Option<&Object>,
) -> Result<Value, Refusal> {
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let mut user = state.get(Kind::Users, id).cloned().ok_or_else(Refusal::missing)?;
    if let Some(input) = input {
        if caller.required()? != id {
            return Err(Refusal::forbidden());
        }
        let mut form = Form::new(input);
        let fields = ["first_name", "last_name", "short_bio", "details"].map(|field| (field, Takes::Text));
        form.copy(&mut user, &fields);
        form.copy(&mut user, &[("is_private", Takes::Flag)]);
        form.finish()?;
        let full_name = format!("{} {}", text(&user, "first_name"), text(&user, "last_name"));
        set(&mut user, "full_name", full_name.trim());
        state.put(Kind::Users, id, user.clone());
    }
    Ok(one("profiles", profile_of(state, &user)))
}

/// POST /api/users, after the CSRF check. 201 with the user is this project's choice. (reference stepik.md 1.5)
pub(crate) fn register(state: &mut State, input: &Object) -> Result<i64, Refusal> {
    let taken = |email: &str| state.keyring.accounts.iter().any(|a| a.email.eq_ignore_ascii_case(email));
    let account = auth::registration(input, taken)?;
    Ok(add_account(
        state,
        account.email,
        account.password,
        text(input, "first_name"),
        text(input, "last_name"),
    ))
}

pub(crate) fn add_account(
    state: &mut State,
    email: String,
    password: String,
    first: &str,
    last: &str,
) -> i64 {
    let user = state.new_id(Kind::Users);
    state.put(Kind::Users, user, template::user(user, first, last));
    state.keyring.accounts.push(auth::Account { user, email, password });
    user
}

/// GET /api/groups/{id}.
pub(crate) fn group(state: &State, caller: Caller, id: &str) -> Result<Value, Refusal> {
    caller.required()?;
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let users = state.groups.get(&id).ok_or_else(Refusal::missing)?;
    if !administers_group(state, caller, id) {
        return Err(Refusal::forbidden());
    }
    Ok(one("groups", json!({ "id": id, "users": users })))
}

/// POST /api/members: `user` or `email` into a group. (reference stepik.md 3.14)
pub(crate) fn add_member(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    caller.required()?;
    let mut form = Form::new(input);
    let group = form.required_key("group", |id| state.groups.contains_key(&id));
    let by_email = || {
        let email = text(input, "email");
        state
            .keyring
            .accounts
            .iter()
            .find(|a| !email.is_empty() && a.email.eq_ignore_ascii_case(email))
            .map(|a| a.user)
    };
    let user = int(input, "user").filter(|id| state.has(Kind::Users, *id)).or_else(by_email);
    if user.is_none() {
        form.fail("user", "Invalid user or email.");
    }
    form.finish()?;
    if !administers_group(state, caller, group) {
        return Err(Refusal::forbidden());
    }
    let user = user.unwrap_or_default();
    let held = state.ids_where(Kind::Members, "group", group);
    let known =
        held.into_iter().find(|id| state.get(Kind::Members, *id).and_then(|m| int(m, "user")) == Some(user));
    if let Some(id) = known {
        return Ok(id);
    }
    state.groups.entry(group).or_default().insert(user);
    // Learners of a course are its enrolled users.
    let course =
        state.all(Kind::Courses).find(|(_, c)| int(c, "learners_group") == Some(group)).map(|(id, _)| id);
    if let Some(course) = course {
        state.enroll(course, user);
    }
    let id = state.new_id(Kind::Members);
    let member = json!({ "id": id, "group": group, "user": user, "date_joined": now(), "is_synced": false });
    state.put(Kind::Members, id, object(member));
    Ok(id)
}

pub(crate) fn remove_member(state: &mut State, caller: Caller, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let member = state.get(Kind::Members, id).cloned().ok_or_else(Refusal::missing)?;
    let (group, user) = (int(&member, "group").unwrap_or_default(), int(&member, "user").unwrap_or_default());
    if !administers_group(state, caller, group) {
        return Err(Refusal::forbidden());
    }
    state.groups.get_mut(&group).map(|users: &mut BTreeSet<i64>| users.remove(&user));
    let course =
        state.all(Kind::Courses).find(|(_, c)| int(c, "learners_group") == Some(group)).map(|(id, _)| id);
    if let Some(course) = course {
        state.enrollments.remove(&(course, user));
    }
    state.remove(Kind::Members, id);
    Ok(())
}

/// POST /api/enrollments. The id of an enrollment is that of its course; doing it twice is no error.
/// (reference stepik.md 3.11, 6.4)
pub(crate) fn enroll(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let mut form = Form::new(input);
    let course = form.required_key("course", |id| state.has(Kind::Courses, id));
    form.finish()?;
    // A private or paid course refuses. (reference stepik.md 3.11)
    let is_paid = state.get(Kind::Courses, course).is_some_and(|c| flag(c, "is_paid"));
    if !state.may_see_course(caller, course) || (is_paid && !state.may_edit_course(caller, course)) {
        return Err(Refusal::forbidden());
    }
    state.enroll(course, user);
    if let Some(group) = state.get(Kind::Courses, course).and_then(|c| int(c, "learners_group")) {
        state.groups.entry(group).or_default().insert(user);
    }
    Ok(course)
}

pub(crate) fn unenroll(state: &mut State, caller: Caller, course: i64) -> Result<(), Refusal> {
    let user = caller.required()?;
    state.enrollments.remove(&(course, user)).ok_or_else(Refusal::missing)?;
    if let Some(group) = state.get(Kind::Courses, course).and_then(|c| int(c, "learners_group")) {
        state.groups.entry(group).or_default().remove(&user);
    }
    Ok(())
}

pub(crate) fn enrollment(state: &State, caller: Caller, course: i64) -> Result<Value, Refusal> {
    let user = caller.required()?;
    state.enrollments.get(&(course, user)).ok_or_else(Refusal::missing)?;
    Ok(one("enrollments", json!({ "id": course, "course": course })))
}

/// user-courses: one row for each course that the caller is enrolled in; flags change by PUT.
/// (reference stepik.md 3.20)
pub(crate) fn user_courses(state: &State, caller: Caller, pager: &Pager<'_>) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let wanted = pager.ask.param("course").and_then(|course| course.parse::<i64>().ok());
    let mine = state
        .enrollments
        .iter()
        .filter(|((course, row), _)| *row == user && wanted.is_none_or(|w| w == *course));
    let rows: Vec<Value> = mine
        .map(|((course, _), enrollment)| user_course(state, user, *course, enrollment.grade_id))
        .collect();
    let passes = |row: &Value| {
        ["is_favorite", "is_archived"].iter().all(|key| {
            let asked = pager.ask.param(key).map(|asked| asked.eq_ignore_ascii_case("true"));
            asked.is_none_or(|asked| row.get(*key).and_then(Value::as_bool) == Some(asked))
        })
    };
    pager.page("user-courses", rows.into_iter().filter(passes).collect())
}

fn user_course(state: &State, user: i64, course: i64, id: i64) -> Value {
    let mut row = object(json!({
        "id": id, "user": user, "course": course, "is_favorite": false, "is_pinned": false, "is_archived": false,
        "last_viewed": null, "can_be_reviewed": false,
    }));
    row.extend(state.user_courses.get(&(user, course)).cloned().unwrap_or_default());
    Value::Object(row)
}

/// GET or PUT /api/user-courses/{id}.
pub(crate) fn one_user_course(
    state: &mut State,
    caller: Caller,
    id: &str,
    input: Option<&Object>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let mine =
        state.enrollments.iter().find(|((_, row), enrollment)| *row == user && enrollment.grade_id == id);
    let course = mine.map(|((course, _), _)| *course).ok_or_else(Refusal::missing)?;
    if let Some(input) = input {
        let mut form = Form::new(input);
        let mut changed = state.user_courses.get(&(user, course)).cloned().unwrap_or_default();
        form.copy(
            &mut changed,
            &["is_favorite", "is_pinned", "is_archived"].map(|field| (field, Takes::Flag)),
        );
        form.finish()?;
        state.user_courses.insert((user, course), changed);
    }
    Ok(one("user-courses", user_course(state, user, course, id)))
}
