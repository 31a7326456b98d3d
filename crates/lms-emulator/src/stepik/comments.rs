//! Comments, votes, discussions. (reference stepik.md 2.6, 2.7, 3.19)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::form::{Form, Takes, set};
use super::rights::Caller;
use super::state::{Kind, State, now};
use super::tree::is_quiz;
use super::wire::{Object, Refusal, int, object, one, text};

const FIELDS: [(&str, Takes); 3] =
    [("is_pinned", Takes::Flag), ("is_reported", Takes::Flag), ("attachments", Takes::Any)];

/// POST or PUT /api/comments. The target is a step; a solution brings its submission. (reference stepik.md 3.19)
pub(crate) fn save(
    state: &mut State,
    caller: Caller,
    id: Option<i64>,
    input: &Object,
) -> Result<i64, Refusal> {
    let user = caller.required()?;
    let mut form = Form::new(input);
    let visible_step =
        |id: i64| state.get(Kind::Steps, id).is_some_and(|step| state.may_see_step(caller, step));
    let target = form.required_key("target", visible_step);
    let said = form.required_text("text", 100_000);
    let held =
        id.map(|id| state.get(Kind::Comments, id).cloned().ok_or_else(Refusal::missing)).transpose()?;
    let kept = |key: &str| held.as_ref().filter(|_| !input.contains_key(key)).and_then(|held| int(held, key));
    let parent = int(input, "parent").or(kept("parent"));
    if parent.is_some_and(|parent| !state.has(Kind::Comments, parent)) {
        form.fail("parent", format!("Invalid pk '{}' - object does not exist.", parent.unwrap_or_default()));
    }
    let submission = int(input, "submission").or(kept("submission"));
    let mut comment = match held {
        Some(held) => {
            if int(&held, "user") != Some(user) && !state.may_teach_step(caller, target) {
                return Err(Refusal::forbidden());
            }
            held
        }
        None => blank(user),
    };
    form.copy(&mut comment, &FIELDS);
    if submission.is_some_and(|submission| !state.has(Kind::Submissions, submission)) {
        form.fail("submission", "Invalid pk - object does not exist.");
    }
    form.finish()?;
    let is_solution = submission.is_some() || text(input, "thread") == "solutions";
    set(&mut comment, "target", target);
    set(&mut comment, "text", said);
    set(&mut comment, "parent", parent);
    set(&mut comment, "submission", submission);
    set(&mut comment, "thread", if is_solution { "solutions" } else { "default" });
    set(&mut comment, "last_time", now());
    let is_new = id.is_none();
    let id = id.unwrap_or_else(|| state.new_id(Kind::Comments));
    set(&mut comment, "id", id);
    state.put(Kind::Comments, id, comment);
    if is_new {
        state.add_to(Kind::Steps, target, "discussions_count", 1);
    }
    Ok(id)
}

fn blank(user: i64) -> Object {
    object(json!({
        "id": 0, "parent": null, "user": user, "user_role": "student", "time": now(), "last_time": now(), "text": "",
        "target": 0, "thread": "default", "submission": null, "is_pinned": false, "is_reported": false,
        "is_deleted": false, "deleted_by": null, "deleted_at": "", "attachments": [], "epic_count": 0,
        "abuse_count": 0, "vote_delta": 0, "edited_by": null, "edited_at": null, "pinned_by": null, "pinned_at": null,
        "subscriptions": [], "is_staff_replied": null, "translations": {},
    }))
}

pub(crate) fn delete(state: &mut State, caller: Caller, id: i64) -> Result<(), Refusal> {
    let user = caller.required()?;
    let held = state.get(Kind::Comments, id).cloned().ok_or_else(Refusal::missing)?;
    let target = int(&held, "target").unwrap_or_default();
    if int(&held, "user") != Some(user) && !state.may_teach_step(caller, target) {
        return Err(Refusal::forbidden());
    }
    let mut gone = vec![id];
    gone.extend(state.ids_where(Kind::Comments, "parent", id));
    for id in gone {
        if state.remove(Kind::Comments, id).is_some() {
            state.add_to(Kind::Steps, target, "discussions_count", -1);
        }
    }
    Ok(())
}

/// What depends on who asks, and on the replies.
pub(crate) fn show_for(state: &State, caller: Caller, comment: &mut Object) {
    let id = int(comment, "id").unwrap_or_default();
    let target = int(comment, "target").unwrap_or_default();
    let replies = state.ids_where(Kind::Comments, "parent", id);
    let is_own = caller.0.is_some() && int(comment, "user") == caller.0;
    let moderates = state.may_teach_step(caller, target);
    let author = Caller(int(comment, "user"));
    set(comment, "user_role", if state.may_teach_step(author, target) { "teacher" } else { "student" });
    set(comment, "reply_count", replies.len());
    set(comment, "replies", replies);
    set(comment, "can_edit", is_own || moderates);
    set(comment, "can_delete", is_own || moderates);
    set(comment, "can_moderate", moderates);
    set(comment, "vote", format!("{COMMENT}-{id}"));
    let actions = json!({
        "vote": caller.0.is_some(), "edit": is_own || moderates, "delete": is_own || moderates, "pin": moderates,
    });
    set(comment, "actions", actions);
}

/// The prefix of comment ids is in no source; this number is a choice.
const COMMENT: i64 = 74;

/// Comments bring their users and votes along, solutions their attempts and submissions. (reference stepik.md 2.6)
pub(crate) fn add_side_lists(state: &State, caller: Caller, envelope: &mut Object) {
    let comments: Vec<Object> = envelope
        .get("comments")
        .and_then(Value::as_array)
        .map(|comments| comments.iter().filter_map(Value::as_object).cloned().collect())
        .unwrap_or_default();
    let ids = |key: &str| -> BTreeSet<i64> { comments.iter().filter_map(|c| int(c, key)).collect() };
    let held = |kind: Kind, ids: &BTreeSet<i64>| -> Vec<Value> {
        ids.iter().filter_map(|id| state.get(kind, *id)).cloned().map(Value::Object).collect()
    };
    set(envelope, "users", held(Kind::Users, &ids("user")));
    let votes: Vec<Value> = ids("id").into_iter().filter_map(|id| vote_of(state, caller, id)).collect();
    set(envelope, "votes", votes);
    let submissions = ids("submission");
    if !submissions.is_empty() {
        let attempts: BTreeSet<i64> = submissions
            .iter()
            .filter_map(|id| state.get(Kind::Submissions, *id))
            .filter_map(|submission| int(submission, "attempt"))
            .collect();
        set(envelope, "attempts", held(Kind::Attempts, &attempts));
        set(envelope, "submissions", held(Kind::Submissions, &submissions));
    }
}

fn vote_of(state: &State, caller: Caller, comment: i64) -> Option<Value> {
    let value = state.votes.get(&(comment, caller.0?)).cloned();
    Some(json!({ "id": format!("{COMMENT}-{comment}"), "value": value }))
}

/// GET or PUT /api/votes/{id}; the value is `epic`, `abuse` or null. (reference stepik.md 3.19)
pub(crate) fn vote(
    state: &mut State,
    caller: Caller,
    id: &str,
    input: Option<&Object>,
) -> Result<Value, Refusal> {
    let user = caller.required()?;
    let comment = id.split_once('-').filter(|(prefix, _)| *prefix == COMMENT.to_string());
    let comment: i64 = comment.and_then(|(_, id)| id.parse().ok()).ok_or_else(Refusal::missing)?;
    if !state.has(Kind::Comments, comment) {
        return Err(Refusal::missing());
    }
    if let Some(input) = input {
        match input.get("value") {
            None | Some(Value::Null) => {
                state.votes.remove(&(comment, user));
            }
            Some(Value::String(value)) if value == "epic" || value == "abuse" => {
                state.votes.insert((comment, user), value.clone());
            }
            Some(_) => return Err(Refusal::field("value", "Not a valid choice.")),
        }
        let all = |wanted: &str| {
            state.votes.range((comment, i64::MIN)..=(comment, i64::MAX)).filter(|(_, v)| *v == wanted).count()
        };
        let (epic, abuse) = (all("epic") as i64, all("abuse") as i64);
        if let Some(comment) = state.get_mut(Kind::Comments, comment) {
            set(comment, "epic_count", epic);
            set(comment, "abuse_count", abuse);
            set(comment, "vote_delta", epic - abuse);
        }
    }
    Ok(one("votes", vote_of(state, caller, comment).unwrap_or_default()))
}

/// The comments of one thread of a step, oldest first, or `None` when there is no such thread.
fn thread(state: &State, caller: Caller, id: &str) -> Option<(&'static str, Vec<i64>)> {
    let mut parts = id.split('-');
    let (kind, object, number) = (parts.next()?, parts.next()?.parse::<i64>().ok()?, parts.next()?);
    let name = if number == "2" { "solutions" } else { "default" };
    let is_there = match kind {
        // Text steps have one thread, quizzes two. (reference stepik.md 2.7)
        "77" => state.get(Kind::Steps, object).is_some_and(|step| {
            state.may_see_step(caller, step) && (number == "1" || (number == "2" && is_quiz(step)))
        }),
        "76" => number == "1" && state.may_see_lesson(caller, object),
        "78" => number == "1" && state.may_see_course(caller, object),
        _ => false,
    };
    let comments = state.ids_where(Kind::Comments, "target", object).into_iter().filter(|id| {
        let held = state.get(Kind::Comments, *id);
        kind == "77" && held.is_some_and(|c| text(c, "thread") == name && int(c, "parent").is_none())
    });
    is_there.then(|| (name, comments.collect()))
}

/// One row of discussion-proxies or discussion-threads; ids are texts such as `77-502-1`.
pub(crate) fn discussion(state: &State, caller: Caller, name: &str, id: &str) -> Option<Value> {
    let (thread, comments) = thread(state, caller, id)?;
    if name == "discussion-threads" {
        return Some(json!({
            "id": id, "thread": thread, "discussions_count": comments.len(), "discussion_proxy": id,
        }));
    }
    let by = |key: &str| {
        let mut sorted = comments.clone();
        let number = |id: &i64| state.get(Kind::Comments, *id).and_then(|c| int(c, key)).unwrap_or_default();
        sorted.sort_by_key(|id| std::cmp::Reverse(number(id)));
        sorted
    };
    let replies = |id: &i64| std::cmp::Reverse(state.ids_where(Kind::Comments, "parent", *id).len());
    let mut active = comments.clone();
    active.sort_by_key(replies);
    let recent: Vec<i64> = comments.iter().rev().copied().collect();
    Some(json!({
        "id": id, "discussions": comments, "discussions_most_liked": by("epic_count"),
        "discussions_most_active": active, "discussions_recent_activity": recent,
    }))
}
