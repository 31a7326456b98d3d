//! Certificates: issued when the points of a learner pass a threshold of the course. (reference stepik.md 3.3, 3.18)

use serde_json::{Value, json};

use super::form::{Form, Takes, set};
use super::grades;
use super::rights::Caller;
use super::state::{Kind, State, now};
use super::wire::{Object, Refusal, flag, int, object, text};

/// Issues or raises the certificates that a step which was just done earns. That the thresholds are percent of the
/// points of the course is a choice: no source states the unit.
pub(crate) fn issue_after(state: &mut State, user: i64, step: i64) {
    let lesson = state.get(Kind::Steps, step).and_then(|step| int(step, "lesson"));
    let courses = lesson.map(|lesson| state.courses_of_lesson(lesson)).unwrap_or_default();
    for course in courses {
        let Some(held) = state.get(Kind::Courses, course) else { continue };
        if flag(held, "is_certificate_auto_issued") && state.enrollments.contains_key(&(course, user)) {
            issue(state, course, user);
        }
    }
}

fn issue(state: &mut State, course: i64, user: i64) {
    let Some(held) = state.get(Kind::Courses, course) else { return };
    let cost = grades::cost(state, course);
    if cost == 0 {
        return;
    }
    let percent = 100.0 * grades::score(state, course, user) / cost as f64;
    let reaches = |key: &str| int(held, key).is_some_and(|least| least > 0 && percent >= least as f64);
    let kind = match (reaches("certificate_distinction_threshold"), reaches("certificate_regular_threshold"))
    {
        (true, _) => "distinction",
        (false, true) => "regular",
        _ => return,
    };
    let name = state.get(Kind::Users, user).map(|user| text(user, "full_name").to_owned());
    let title = text(held, "title").to_owned();
    let fresh = object(json!({
        "course_title": title, "course_title_en": text(held, "title_en"),
        "course_is_public": flag(held, "is_public"), "course_language": text(held, "language"),
        "is_with_score": flag(held, "is_certificate_with_score"),
    }));
    let old = state.enrollments.get(&(course, user)).and_then(|held| held.certificate);
    let id = old.unwrap_or_else(|| state.new_id(Kind::Certificates));
    let mut certificate = match old.and_then(|id| state.get(Kind::Certificates, id)) {
        Some(held) => held.clone(),
        None => object(json!({
            "id": id, "user": user, "course": course, "issue_date": now(), "update_date": now(), "grade": "0",
            "type": "regular", "url": format!("{}/certificate/{id}.pdf", state.site),
            "preview_url": format!("{}/certificate/{id}.png", state.site), "is_public": true,
            "saved_fullname": name, "edits_count": 0, "allowed_edits_count": 1, "user_rank": null,
            "user_rank_max": null, "leaderboard_size": null,
        })),
    };
    certificate.extend(fresh);
    let grade = format!("{}", percent.floor());
    if text(&certificate, "grade") != grade || text(&certificate, "type") != kind {
        set(&mut certificate, "update_date", now());
    }
    set(&mut certificate, "grade", grade);
    set(&mut certificate, "type", kind);
    set(&mut certificate, "distinction", kind == "distinction");
    state.put(Kind::Certificates, id, certificate);
    if let Some(enrollment) = state.enrollments.get_mut(&(course, user)) {
        enrollment.certificate = Some(id);
    }
    if old.is_none() {
        for (kind, id, key) in
            [(Kind::Courses, course, "certificates_count"), (Kind::Users, user, "issued_certificates_count")]
        {
            state.add_to(kind, id, key, 1);
        }
    }
}

/// PUT /api/certificates/{id}: the holder may show or hide it, and correct the name as often as is allowed.
pub(crate) fn update(state: &mut State, caller: Caller, id: i64, input: &Object) -> Result<(), Refusal> {
    let user = caller.required()?;
    let mut held = state.get(Kind::Certificates, id).cloned().ok_or_else(Refusal::missing)?;
    if int(&held, "user") != Some(user) {
        return Err(Refusal::forbidden());
    }
    let mut form = Form::new(input);
    let old_name = held.get("saved_fullname").cloned();
    form.copy(&mut held, &[("is_public", Takes::Flag), ("saved_fullname", Takes::OptionalText)]);
    if held.get("saved_fullname").cloned() != old_name {
        let edits = int(&held, "edits_count").unwrap_or(0);
        if edits >= int(&held, "allowed_edits_count").unwrap_or(0) {
            form.fail("saved_fullname", "The name cannot be changed any more.");
        }
        set(&mut held, "edits_count", edits + 1);
    }
    form.finish()?;
    set(&mut held, "update_date", Value::from(now()));
    state.put(Kind::Certificates, id, held);
    Ok(())
}
