//! Users, profiles, the signed-in user, groups, members, enrollments. (reference stepik.md 3.1, 3.2, 3.11, 3.14)

use serde_json::{Value, json};

use super::auth::{self, Credentials};
use super::form::{Form, Takes, set};
use super::plain::Plain;
use super::read::{administers_group, sees_group};
use super::rights::Caller;
use super::state::{Kind, State, unix_now};
use super::template;
use super::wire::{Object, Refusal, flag, int, object, one, text};

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

pub(crate) fn profile_of(state: &State, user: &Object) -> Value {
    let id = int(user, "id").unwrap_or_default();
    let has_account = state.keyring.has_account(id);
    let rows = |plain: Plain| state.ids_where(Kind::Plain(plain), "user", id);
    let mut profile = object(json!({
        "id": id, "first_name": text(user, "first_name"), "last_name": text(user, "last_name"),
        "full_name": text(user, "full_name"), "is_private": flag(user, "is_private"),
        "avatar": text(user, "avatar"), "language": "en", "city": null, "short_bio": text(user, "short_bio"),
        "details": text(user, "details"), "subscribed_for_mail": true, "notification_email_delay": "5m",
        "notification_status": 0, "is_staff": false, "is_guest": flag(user, "is_guest"),
        "can_add_lesson": has_account, "can_add_course": has_account, "can_add_group": false,
        "subscribed_for_marketing": false, "subscribed_for_partners": false, "subscribed_for_news_en": false,
        "subscribed_for_news_ru": false, "bit_field": 0, "level": 0, "level_title": "", "level_abilities": [],
    }));
    profile.extend(object(json!({
        "has_password": has_account, "social_accounts": rows(Plain::SocialAccounts),
        "email_addresses": rows(Plain::EmailAddresses), "is_email_verified": has_account, "invite_url": null,
        "telegram_bot_url": null, "subscription_plan": null, "experiment_choices": {},
        "allowed_private_courses_count": 0, "is_web_push_enabled": false,
    })));
    profile.extend(state.profiles.get(&id).cloned().unwrap_or_default());
    Value::Object(profile)
}

/// What a profile keeps beside the fields of its user. (reference stepik.md 3.2)
const PROFILE: [(&str, Takes); 8] = [
    ("language", Takes::Text),
    ("city", Takes::OptionalInt),
    ("subscribed_for_mail", Takes::Flag),
    ("notification_email_delay", Takes::OptionalText),
    ("subscribed_for_marketing", Takes::Flag),
    ("subscribed_for_partners", Takes::Flag),
    ("subscribed_for_news_en", Takes::Flag),
    ("subscribed_for_news_ru", Takes::Flag),
];

/// GET /api/profiles/{id}, PUT of one's own: own data is edited here, not through users. (reference stepik.md 3.2)
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
        let mut kept = state.profiles.get(&id).cloned().unwrap_or_default();
        form.copy(&mut kept, &PROFILE);
        form.finish()?;
        state.profiles.insert(id, kept);
        let full_name = format!("{} {}", text(&user, "first_name"), text(&user, "last_name"));
        set(&mut user, "full_name", full_name.trim());
        state.put(Kind::Users, id, user.clone());
    }
    Ok(one("profiles", profile_of(state, &user)))
}

/// POST /api/profiles/{id}/change-password. (reference stepik.md 1.5; 204 is a choice)
pub(crate) fn change_password(
    state: &mut State,
    caller: Caller,
    id: &str,
    input: &Object,
) -> Result<(), Refusal> {
    let user = caller.required()?;
    if id.parse() != Ok(user) {
        return Err(Refusal::forbidden());
    }
    let mut form = Form::new(input);
    let (current, new) =
        (form.required_text("current_password", 200), form.required_text("new_password", 200));
    let account = state.keyring.account_mut(user);
    let account = account.ok_or_else(Refusal::missing)?;
    if !current.is_empty() && account.password != current {
        form.fail("current_password", "Invalid password.");
    }
    if let Some(why) = auth::weak(&new) {
        form.fail("new_password", why);
    }
    form.finish()?;
    account.password = new;
    Ok(())
}

/// POST /api/users, after the CSRF check. 201 with the user is this project's choice. (reference stepik.md 1.5)
pub(crate) fn register(state: &mut State, input: &Object) -> Result<i64, Refusal> {
    let taken = |email: &str| state.keyring.account_at(email).is_some();
    let account = auth::registration(input, taken)?;
    let (first, last) = (text(input, "first_name").trim(), text(input, "last_name").trim());
    let id = add_account(state, account.email, account.password, first, last);
    if let Some(user) = state.get_mut(Kind::Users, id) {
        for key in ["short_bio", "details"] {
            set(user, key, text(input, key));
        }
        set(user, "is_private", flag(input, "is_private"));
    }
    Ok(id)
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
    let kind = Kind::Plain(Plain::EmailAddresses);
    let id = state.new_id(kind);
    let address = json!({"id": id, "user": user, "email": email, "is_verified": true, "is_primary": true});
    state.put(kind, id, object(address));
    state.keyring.add(auth::Account { user, email, password, failures: 0 });
    user
}

/// GET /api/groups/{id}.
pub(crate) fn group(state: &State, caller: Caller, id: &str) -> Result<Value, Refusal> {
    caller.required()?;
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    if !state.groups.contains_key(&id) {
        return Err(Refusal::missing());
    }
    Ok(one("groups", group_row(state, caller, id).ok_or_else(Refusal::forbidden)?))
}

pub(crate) fn group_row(state: &State, caller: Caller, id: i64) -> Option<Value> {
    let users: Vec<i64> = state.groups.get(&id)?.members.keys().copied().collect();
    sees_group(state, caller, id).then(|| json!({ "id": id, "users": users }))
}

/// POST /api/members: `user` or `email` into a group. (reference stepik.md 3.14)
pub(crate) fn add_member(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    caller.required()?;
    let mut form = Form::new(input);
    let group = form.required_key("group", |id| state.groups.contains_key(&id));
    let by_email = || state.keyring.account_at(text(input, "email")).map(|account| account.user);
    let user = int(input, "user").filter(|id| state.has(Kind::Users, *id)).or_else(by_email);
    if user.is_none() {
        match (int(input, "user"), text(input, "email")) {
            (Some(id), _) => form.fail("user", format!("Invalid pk '{id}' - object does not exist.")),
            (None, "") => form.fail("non_field_errors", "Either user or email is required."),
            (None, _) => form.fail("email", "User with this email does not exist."),
        }
    }
    form.finish()?;
    if !administers_group(state, caller, group) {
        return Err(Refusal::forbidden());
    }
    let user = user.unwrap_or_default();
    // Learners of a course are its enrolled users.
    if let Some(course) = course_of_learners(state, group) {
        state.enroll(course, user);
    }
    Ok(state.join_group(group, user))
}

fn course_of_learners(state: &State, group: i64) -> Option<i64> {
    let group = state.groups.get(&group)?;
    (group.of.0 == Kind::Courses && group.role == "learners").then_some(group.of.1)
}

pub(crate) fn remove_member(state: &mut State, caller: Caller, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let member = state.get(Kind::Members, id).cloned().ok_or_else(Refusal::missing)?;
    let (group, user) = (int(&member, "group").unwrap_or_default(), int(&member, "user").unwrap_or_default());
    if !administers_group(state, caller, group) {
        return Err(Refusal::forbidden());
    }
    match course_of_learners(state, group) {
        Some(course) => {
            state.unenroll(course, user);
        }
        None => state.leave_group(group, user),
    }
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
    Ok(course)
}

pub(crate) fn unenroll(state: &mut State, caller: Caller, course: i64) -> Result<(), Refusal> {
    let user = caller.required()?;
    if state.unenroll(course, user) { Ok(()) } else { Err(Refusal::missing()) }
}

pub(crate) fn enrollment(state: &State, caller: Caller, course: i64) -> Result<Value, Refusal> {
    let user = caller.required()?;
    state.enrollments.get(&(course, user)).ok_or_else(Refusal::missing)?;
    Ok(one("enrollments", json!({ "id": course, "course": course })))
}
