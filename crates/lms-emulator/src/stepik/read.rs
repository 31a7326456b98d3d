//! Reading stored objects: by id, by ids[], and in filtered pages. (reference stepik.md 2.4-2.6, 2.11)

use serde_json::Value;

use super::filters::{candidates, passes, sort};
use super::render::{render, with_side_lists};
use super::rights::Caller;
use super::state::{Kind, State};
use super::switches::{ForeignSource, MultiGetOrder};
use super::wire::{Object, Pager, Refusal, flag, int, listed, one};

/// What the caller asks for: stored objects of a kind, under the name of an endpoint. Steps have two endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
}

impl Shelf {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, name: kind.name() }
    }

    pub(crate) fn step_sources() -> Self {
        Self { kind: Kind::Steps, name: "step-sources" }
    }

    pub(crate) fn is_author_form(self) -> bool {
        self.name == "step-sources"
    }
}

/// Whether an answer follows a write: then dates carry milliseconds and money is a number. (reference stepik.md 2.8)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Read,
    Write,
}

pub(crate) fn by_id(state: &State, caller: Caller, shelf: Shelf, id: &str) -> Result<Value, Refusal> {
    let id: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let object = state.get(shelf.kind, id).ok_or_else(Refusal::missing)?;
    if !visible(state, caller, shelf, id, object) {
        // A foreign step-source is refused, not hidden: the step itself can be seen. (reference stepik.md 6.4)
        let seen_as_step =
            shelf.is_author_form() && visible(state, caller, Shelf::of(Kind::Steps), id, object);
        return match state.switches.foreign_source {
            ForeignSource::Forbidden if seen_as_step => Err(Refusal::forbidden()),
            ForeignSource::EmptyList if seen_as_step => Ok(listed(shelf.name, Vec::new())),
            _ => Err(Refusal::missing()),
        };
    }
    let shown = render(state, caller, shelf, id, object, Occasion::Read);
    Ok(with_side_lists(state, caller, shelf, one(shelf.name, shown)))
}

pub(crate) fn after_write(state: &State, caller: Caller, shelf: Shelf, id: i64) -> Result<Value, Refusal> {
    let object = state.get(shelf.kind, id).ok_or_else(Refusal::missing)?;
    let shown = render(state, caller, shelf, id, object, Occasion::Write);
    Ok(with_side_lists(state, caller, shelf, one(shelf.name, shown)))
}

pub(crate) fn list(state: &State, caller: Caller, shelf: Shelf, pager: &Pager<'_>) -> Result<Value, Refusal> {
    let ask = pager.ask;
    let shown = |found: &[(i64, &Object)]| -> Vec<Value> {
        found.iter().map(|(id, object)| render(state, caller, shelf, *id, object, Occasion::Read)).collect()
    };
    if let Some(ids) = ask.ids() {
        // Everything in one answer; unknown, deleted and forbidden ids are left out. (reference stepik.md 2.5)
        let held = ids.iter().filter_map(|id| id.parse().ok());
        let held = held.filter_map(|id| Some((id, state.get(shelf.kind, id)?)));
        let mut found: Vec<(i64, &Object)> =
            held.filter(|(id, object)| visible(state, caller, shelf, *id, object)).collect();
        in_multi_get_order(state, &mut found);
        return Ok(with_side_lists(state, caller, shelf, listed(shelf.name, shown(&found))));
    }
    if shelf.kind == Kind::Submissions
        && let Some(step) = ask.param("step")
        && !step.parse().is_ok_and(|step| state.has(Kind::Steps, step))
    {
        // The submissions of a deleted step are a 404. (reference stepik.md 3.10)
        return Err(Refusal::missing());
    }
    let mut found = candidates(state, shelf.kind, ask);
    found.retain(|(id, object)| {
        let passes = |(key, value): &(String, String)| passes(state, caller, shelf.kind, object, key, value);
        ask.query.iter().all(passes) && visible(state, caller, shelf, *id, object)
    });
    sort(state, shelf.kind, &mut found, ask)?;
    let cut = pager.cut(found.len())?;
    let shown = shown(found.get(cut.range.clone()).unwrap_or_default());
    Ok(with_side_lists(state, caller, shelf, cut.answer(shelf.name, shown)))
}

/// The order of a multi-get is not the asked one; an object that was asked for twice comes once.
/// (reference stepik.md 2.5)
pub(crate) fn in_multi_get_order<T>(state: &State, found: &mut Vec<(i64, T)>) {
    match state.switches.multi_get_order {
        // Multiplying by a large odd number gives an order that is neither that of the ids nor that of the request.
        MultiGetOrder::Scrambled => {
            found.sort_by_key(|(id, _)| (id.wrapping_mul(0x5851_F42D_4C95_7F2D), *id));
        }
        MultiGetOrder::Ascending => found.sort_by_key(|(id, _)| *id),
    }
    found.dedup_by_key(|(id, _)| *id);
}

fn visible(state: &State, caller: Caller, shelf: Shelf, id: i64, object: &Object) -> bool {
    match shelf.kind {
        Kind::Courses => state.may_see_course(caller, id),
        Kind::Sections => int(object, "course")
            .is_none_or(|c| !state.has(Kind::Courses, c) || state.may_see_course(caller, c)),
        Kind::Units => state
            .course_of_unit(object)
            .is_none_or(|c| !state.has(Kind::Courses, c) || state.may_see_course(caller, c)),
        Kind::Lessons => state.may_see_lesson(caller, id),
        Kind::Steps if shelf.is_author_form() => {
            !state.sourceless.contains(&id)
                && int(object, "lesson").is_some_and(|lesson| state.may_edit_lesson(caller, lesson))
        }
        Kind::Steps => state.may_see_step(caller, object),
        Kind::Attachments => match (int(object, "lesson"), int(object, "course")) {
            (Some(lesson), _) => state.may_see_lesson(caller, lesson),
            (None, Some(course)) => state.may_see_course(caller, course),
            (None, None) => false,
        },
        Kind::Attempts | Kind::Submissions
            if state.recorded.contains(&(shelf.kind, id))
                && caller.0 == Some(state.keyring.application_owner) =>
        {
            true
        }
        Kind::Attempts => owned_or_taught(state, caller, object),
        Kind::Submissions => int(object, "attempt")
            .and_then(|a| state.get(Kind::Attempts, a))
            .is_some_and(|a| owned_or_taught(state, caller, a)),
        Kind::Users => true,
        Kind::Members => int(object, "group").is_some_and(|group| sees_group(state, caller, group)),
        Kind::Certificates => {
            flag(object, "is_public")
                || (caller.0.is_some() && int(object, "user") == caller.0)
                || int(object, "course").is_some_and(|course| state.may_teach_course(caller, course))
        }
        Kind::Comments => int(object, "target")
            .and_then(|step| state.get(Kind::Steps, step))
            .is_some_and(|step| state.may_see_step(caller, step)),
        Kind::Plain(plain) => plain.visible(state, caller, object),
        Kind::Videos => false,
    }
}

fn owned_or_taught(state: &State, caller: Caller, attempt: &Object) -> bool {
    let mine = caller.0.is_some() && int(attempt, "user") == caller.0;
    mine || int(attempt, "step").is_some_and(|step| state.may_teach_step(caller, step))
}

/// Members are changed by those who administer the course or lesson of the group.
pub(crate) fn administers_group(state: &State, caller: Caller, group: i64) -> bool {
    match state.groups.get(&group).map(|group| group.of) {
        Some((Kind::Courses, course)) => state.may_edit_course(caller, course),
        Some((_, lesson)) => state.may_edit_lesson(caller, lesson),
        None => false,
    }
}

/// Who sees members beside the administrators is unknown. (reference stepik.md 6.3)
pub(crate) fn sees_group(state: &State, caller: Caller, group: i64) -> bool {
    let teaches = || match state.groups.get(&group).map(|group| group.of) {
        Some((Kind::Courses, course)) => state.may_teach_course(caller, course),
        Some((_, lesson)) => state.may_teach_lesson(caller, lesson),
        None => false,
    };
    administers_group(state, caller, group) || (state.switches.teachers_see_members && teaches())
}
