//! Small resources that a table describes: what they need, what they keep, who sees them.
//! (reference stepik.md 2.9-2.11, 3.2, 3.14, 3.20)

mod table;

use serde_json::{Value, json};

use crate::random::secret;
use crate::stepik::filters::equals;
use crate::stepik::form::{Form, set};
use crate::stepik::read::administers_group;
use crate::stepik::rights::Caller;
use crate::stepik::state::{Job, Kind, State, now};
use crate::stepik::wire::{Object, Refusal, int, object, text};
pub(crate) use table::Plain;
use table::{Needs, Seen};

impl Plain {
    pub(crate) fn passes(self, state: &State, object: &Object, key: &str, value: &str) -> bool {
        match (self, key) {
            (Self::StorageRecords, "kind__startswith") => text(object, "kind").starts_with(value),
            (Self::Classes, "student") => {
                let class = int(object, "id").unwrap_or_default();
                value.parse().is_ok_and(|user| state.is_student(class, user))
            }
            _ if self.spec().filters.contains(&key) => {
                object.get(key).is_some_and(|held| value.split(',').any(|value| equals(held, value)))
            }
            _ => true,
        }
    }

    pub(crate) fn visible(self, state: &State, caller: Caller, object: &Object) -> bool {
        let is_own =
            caller.0.is_some() && (int(object, "user") == caller.0 || int(object, "owner") == caller.0);
        match self.spec().seen {
            Seen::Everyone => true,
            Seen::ItsUser => is_own,
            Seen::Staff => is_own || is_staff(state, caller, object),
        }
    }
}

impl State {
    pub(crate) fn is_student(&self, class: i64, user: i64) -> bool {
        self.all(Kind::Plain(Plain::Students))
            .any(|(_, student)| int(student, "klass") == Some(class) && int(student, "user") == Some(user))
    }
}

fn is_staff(state: &State, caller: Caller, object: &Object) -> bool {
    if let Some(group) = int(object, "group") {
        return administers_group(state, caller, group);
    }
    let class = int(object, "klass").and_then(|class| state.get(Kind::Plain(Plain::Classes), class));
    let course = int(class.unwrap_or(object), "course");
    course.is_some_and(|course| state.may_teach_course(caller, course))
}

/// POST or PUT of a small resource.
pub(crate) fn save(
    state: &mut State,
    caller: Caller,
    plain: Plain,
    id: Option<i64>,
    input: &Object,
) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let kind = Kind::Plain(plain);
    let mut row = match id {
        Some(id) => {
            let held = state.get(kind, id).cloned().ok_or_else(Refusal::missing)?;
            require_change(state, caller, plain, &held)?;
            held
        }
        None => blank(plain, user),
    };
    let spec = plain.spec();
    let mut form = Form::new(input);
    for (field, needs) in spec.required {
        let value: Value = match needs {
            Needs::Text => form.required_text(field, 100_000).into(),
            Needs::Course => form.required_key(field, |id| state.may_see_course(caller, id)).into(),
            Needs::Class => form.required_key(field, |id| state.has(Kind::Plain(Plain::Classes), id)).into(),
            Needs::User => form.required_key(field, |id| state.has(Kind::Users, id)).into(),
            Needs::Group => form.required_key(field, |id| state.groups.contains_key(&id)).into(),
            Needs::Step => form.required_key(field, |id| state.has(Kind::Steps, id)).into(),
        };
        set(&mut row, field, value);
    }
    form.copy(&mut row, spec.fields);
    check(state, caller, plain, &row, &mut form);
    form.finish()?;
    if plain.spec().seen == Seen::Staff && plain != Plain::Students && !is_staff(state, caller, &row) {
        return Err(Refusal::forbidden());
    }
    if row.contains_key("update_date") {
        set(&mut row, "update_date", now());
    }
    let id = id.unwrap_or_else(|| state.new_id(kind));
    set(&mut row, "id", id);
    state.put(kind, id, row);
    if plain == Plain::UserCodeRuns {
        state.later(Job::RunCode(id));
    }
    Ok(id)
}

pub(crate) fn delete(state: &mut State, caller: Caller, plain: Plain, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let kind = Kind::Plain(plain);
    let held = state.get(kind, id).cloned().ok_or_else(Refusal::missing)?;
    require_change(state, caller, plain, &held)?;
    if plain == Plain::EmailAddresses && held.get("is_primary") == Some(&Value::Bool(true)) {
        return Err(Refusal::field("non_field_errors", "The primary address cannot be deleted."));
    }
    state.remove(kind, id);
    Ok(())
}

fn require_change(state: &State, caller: Caller, plain: Plain, held: &Object) -> Result<(), Refusal> {
    if !plain.visible(state, caller, held) {
        return Err(Refusal::missing());
    }
    let is_own = int(held, "user") == caller.0 || int(held, "owner") == caller.0;
    if is_own || is_staff(state, caller, held) { Ok(()) } else { Err(Refusal::forbidden()) }
}

/// A new row before the client's fields are in it.
fn blank(plain: Plain, user: i64) -> Object {
    let now = now();
    object(match plain {
        Plain::EmailAddresses => {
            json!({"id": 0, "user": user, "email": "", "is_verified": false, "is_primary": false})
        }
        Plain::CourseReviews => json!({
            "id": 0, "course": 0, "user": user, "score": 0, "text": "", "create_date": now.clone(),
            "update_date": now, "translations": {},
        }),
        Plain::Classes => json!({
            "id": 0, "course": 0, "owner": user, "title": "", "description": "",
            "invitation_key": secret().get(..12), "create_date": now.clone(), "update_date": now,
        }),
        Plain::Invitations => json!({
            "id": 0, "group": 0, "name": "", "url": format!("/join/{}", secret().get(..8).unwrap_or_default()),
            "description": "", "limit": null,
        }),
        Plain::Announcements => json!({
            "id": 0, "user": user, "course": null, "subject": "", "text": "", "create_date": now.clone(),
            "update_date": now,
        }),
        Plain::UserCodeRuns => json!({
            "id": 0, "user": user, "step": 0, "language": "", "code": "", "stdin": "", "status": "evaluation",
            "stdout": null, "stderr": null, "time_limit_exceeded": false, "memory_limit_exceeded": false,
            "create_date": now.clone(), "update_date": now,
        }),
        Plain::StorageRecords => json!({
            "id": 0, "user": user, "kind": "", "data": {}, "create_date": now.clone(), "update_date": now,
        }),
        Plain::Students => json!({"id": 0, "user": user, "klass": 0, "date_joined": now}),
        Plain::Assistants => json!({"id": 0, "user": 0, "klass": 0}),
        _ => json!({"id": 0, "user": user}),
    })
}

/// Rules beyond the presence of fields.
fn check(state: &State, caller: Caller, plain: Plain, row: &Object, form: &mut Form<'_>) {
    let kind = Kind::Plain(plain);
    match plain {
        Plain::EmailAddresses => {
            let email = text(row, "email");
            if state.all(kind).any(|(_, held)| text(held, "email").eq_ignore_ascii_case(email)) {
                form.fail("email", "User with this email already exists.");
            }
        }
        Plain::CourseReviews => {
            let is_new = int(row, "id") == Some(0);
            if !(1..=5).contains(&int(row, "score").unwrap_or(0)) {
                form.fail("score", "Ensure this value is between 1 and 5.");
            }
            let again =
                |held: &Object| int(held, "user") == caller.0 && int(held, "course") == int(row, "course");
            if is_new && state.all(kind).any(|(_, held)| again(held)) {
                form.fail("non_field_errors", "You have already reviewed this course.");
            }
        }
        Plain::Students => {
            let class = int(row, "klass").and_then(|class| state.get(Kind::Plain(Plain::Classes), class));
            let key = class.map(|class| text(class, "invitation_key")).unwrap_or_default();
            if class.is_some() && key != text(row, "invitation_key") {
                form.fail("invitation_key", "Invalid invitation key.");
            }
        }
        _ => {}
    }
}

/// The end of a code run. Nothing is run: the output is the texts of comment lines `print: TEXT`, a choice.
pub(crate) fn run_code(state: &mut State, id: i64) {
    let Some(run) = state.get_mut(Kind::Plain(Plain::UserCodeRuns), id) else { return };
    let printed: Vec<String> = crate::stepik::quiz::comment_texts(text(run, "code"), "print:").collect();
    set(run, "status", "success");
    set(run, "stdout", printed.join("\n"));
    set(run, "stderr", "");
}
