//! Attempts and submissions. (reference stepik.md 3.9, 3.10, 4.2)

use std::time::Instant;

use serde_json::{Value, json};

use super::form::{Form, set};
use super::quiz;
use super::rights::Caller;
use super::state::{Job, Kind, State, now};
use super::switches::Expired;
use super::tree::is_quiz;
use super::wire::{Object, Refusal, flag, int, object, text};

/// Makes an attempt; older ones of the same user and step become `cleanedup`. (reference stepik.md 3.9)
pub(crate) fn create_attempt(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let mut form = Form::new(input);
    let step_id = form.required_key("step", |id| {
        state.get(Kind::Steps, id).is_some_and(|step| state.may_see_step(caller, step))
    });
    form.finish()?;
    let step = state.get(Kind::Steps, step_id).cloned().ok_or_else(Refusal::missing)?;
    if !is_quiz(&step) {
        return Err(Refusal::field("step", "Only quiz steps accept attempts."));
    }
    if state.sourceless.contains(&step_id) {
        return Err(Refusal::field(
            "step",
            "This step was loaded without its source and cannot be attempted here.",
        ));
    }
    if text(&step, "status") != "ready" {
        return Err(Refusal::field("step", "The step is not ready."));
    }
    // What makes old attempts `cleanedup` is unknown; a new one is the natural reading. (reference stepik.md 4.2)
    let older = if state.switches.new_attempt_cleans_up {
        state.ids_where(Kind::Attempts, "step", step_id)
    } else {
        Vec::new()
    };
    for older in older {
        if let Some(older) = state.get_mut(Kind::Attempts, older)
            && int(older, "user") == Some(user)
        {
            set(older, "status", "cleanedup");
        }
    }
    let id = state.new_id(Kind::Attempts);
    let (dataset, secret) = quiz::new_attempt(&step, id, state.switches.dataset_time);
    // A dataset quiz gives a file and little time. (reference stepik.md 3.9, 4.15)
    let file = quiz::has_dataset_file(&step).then(|| format!("/api/attempts/{id}/file"));
    let attempt = json!({
        "id": id, "dataset": dataset, "dataset_url": file, "time": now(), "status": "active", "time_left": null,
        "step": step_id, "user": user,
    });
    state.secrets.insert(id, secret);
    state.put(Kind::Attempts, id, object(attempt));
    Ok(id)
}

/// Takes a reply; the verdict comes later. What the platform answers to a reply for a used-up attempt is unknown:
/// refusing it is a choice that finds clients which do not renew. (reference stepik.md 4.2)
pub(crate) fn create_submission(state: &mut State, caller: Caller, input: &Object) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let mut form = Form::new(input);
    let attempt_id = form.required_key("attempt", |id| {
        state.get(Kind::Attempts, id).is_some_and(|attempt| int(attempt, "user") == Some(user))
    });
    let reply = form.required_object("reply");
    form.finish()?;
    let attempt = state.get(Kind::Attempts, attempt_id).ok_or_else(Refusal::missing)?;
    let step_id = int(attempt, "step").unwrap_or_default();
    let step = state.get(Kind::Steps, step_id).ok_or_else(Refusal::missing)?;
    let secret = state.secrets.get(&attempt_id);
    let is_used_up = secret.is_some_and(|secret| secret.used)
        && !quiz::keeps_attempt(step)
        && !state.switches.takes_used_attempts;
    if text(attempt, "status") != "active" || is_used_up {
        return Err(Refusal::field("attempt", "This attempt is over. Start a new one."));
    }
    let is_late = secret.and_then(|secret| secret.ends).is_some_and(|ends| ends <= Instant::now());
    if is_late && state.switches.expired == Expired::Refused {
        return Err(Refusal::field("attempt", "The time of this attempt is over."));
    }
    // Whether teachers are exempt is unknown. (reference stepik.md 4.2)
    let is_spared = state.switches.limit_spares_teachers && state.may_teach_step(caller, step_id);
    let limit = int(step, "max_submissions_count").unwrap_or(i64::MAX);
    if flag(step, "has_submissions_restrictions")
        && !is_spared
        && submissions_of(state, user, step_id) >= limit
    {
        return Err(Refusal::field(
            "non_field_errors",
            "The number of submissions for this step is exhausted.",
        ));
    }
    let dataset = attempt.get("dataset").cloned().unwrap_or_default();
    let reply = quiz::clean_reply(step, &dataset, &Value::Object(reply))
        .map_err(|why| Refusal::field("reply", why))?;
    if let Some(secret) = state.secrets.get_mut(&attempt_id) {
        secret.used = true;
        secret.is_late = is_late;
    }
    let id = state.new_id(Kind::Submissions);
    // Set when the reply is a file. (reference stepik.md 3.10)
    let file = reply.get("file").map(|_| format!("/api/submissions/{id}/file"));
    let submission = json!({
        "id": id, "status": "evaluation", "score": 0.0, "hint": "", "feedback": "", "time": now(), "reply": reply,
        "reply_url": file, "attempt": attempt_id, "session": null, "eta": 1,
    });
    state.put(Kind::Submissions, id, object(submission));
    state.later(Job::GradeSubmission(id));
    Ok(id)
}

fn submissions_of(state: &State, user: i64, step: i64) -> i64 {
    let attempts = state.ids_where(Kind::Attempts, "step", step).into_iter();
    let mine =
        attempts.filter(|id| state.get(Kind::Attempts, *id).and_then(|a| int(a, "user")) == Some(user));
    mine.map(|id| state.ids_where(Kind::Submissions, "attempt", id).len() as i64).sum()
}
