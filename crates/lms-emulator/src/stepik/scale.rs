//! Large synthetic courses. Only what differs from a new object is held of them; the rest, and the `options` that
//! follow from a source, are filled in when an object is shown. So fifty thousand steps stay small.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::form::set;
use super::quiz;
use super::state::{Kind, State, now};
use super::template;
use super::tree::is_quiz;
use super::wire::{Object, id_list, object, text};
use crate::options::Scale;

/// Which objects are held in part.
#[derive(Debug)]
pub(crate) struct Lean {
    sections: RangeInclusive<i64>,
    units: RangeInclusive<i64>,
    lessons: RangeInclusive<i64>,
    steps: RangeInclusive<i64>,
    /// When all of them were made.
    date: String,
    owner: i64,
}

impl State {
    /// The object with every field that the platform answers.
    pub(crate) fn complete(&self, kind: Kind, id: i64, held: &Object) -> Object {
        let Some(lean) = self.lean.as_ref().filter(|lean| lean.holds(kind, id)) else { return held.clone() };
        let mut whole = match kind {
            Kind::Sections => template::section(id),
            Kind::Units => template::unit(id),
            Kind::Lessons => template::lesson(id, lean.owner),
            _ => template::step(id, 0),
        };
        set(&mut whole, "create_date", lean.date.clone());
        set(&mut whole, "update_date", lean.date.clone());
        whole.extend(held.clone());
        match kind {
            Kind::Sections => {
                let slug = template::slug(text(&whole, "title"), id);
                set(&mut whole, "slug", slug);
            }
            Kind::Lessons => complete_lesson(self, id, &mut whole),
            Kind::Steps => complete_step(id, &mut whole),
            _ => {}
        }
        whole
    }
}

impl Lean {
    fn holds(&self, kind: Kind, id: i64) -> bool {
        let range = match kind {
            Kind::Sections => &self.sections,
            Kind::Units => &self.units,
            Kind::Lessons => &self.lessons,
            Kind::Steps => &self.steps,
            _ => return false,
        };
        range.contains(&id)
    }
}

fn complete_lesson(state: &State, id: i64, lesson: &mut Object) {
    let slug = template::slug(text(lesson, "title"), id);
    set(lesson, "slug", slug);
    let units = state.ids_where(Kind::Units, "lesson", id);
    let courses: Vec<i64> = state.courses_of_lesson(id).into_iter().collect();
    set(lesson, "is_blank", id_list(lesson, "steps").is_empty());
    set(lesson, "is_orphaned", units.is_empty());
    set(lesson, "units", units);
    set(lesson, "courses", courses);
}

fn complete_step(id: i64, step: &mut Object) {
    if is_quiz(step) {
        set(step, "discussion_threads", vec![format!("77-{id}-1"), format!("77-{id}-2")]);
    }
    let options = quiz::options_of(step);
    let mut block = object(json!({
        "name": "", "text": "", "video": null, "options": options, "subtitle_files": [], "is_deprecated": false,
        "source": {}, "subtitles": {}, "tests_archive": null, "feedback_correct": "", "feedback_wrong": "",
    }));
    if let Some(Value::Object(held)) = step.get("block") {
        block.extend(held.clone());
    }
    set(step, "block", block);
}

/// Makes one public course of that size, owned by `owner`; the same in every run. Gives its id.
pub(crate) fn generate(state: &mut State, scale: Scale, owner: i64) -> i64 {
    let course = state.new_id(Kind::Courses);
    let review_summary = state.other_id();
    let mut held = template::course(course, owner, review_summary);
    let title = format!("Synthetic course {scale}");
    set(&mut held, "slug", template::slug(&title, course));
    set(&mut held, "title", title);
    set(&mut held, "is_public", true);
    state.add_groups(Kind::Courses, &mut held, owner);
    state.count_created(Kind::Courses, owner);

    let (sections, lessons, steps) = (scale.sections(), scale.lessons(), scale.steps());
    let mut ids = Vec::with_capacity(sections);
    let (mut lesson_number, mut step_number, mut quizzes) = (0, 0, 0);
    let mut ranges: [Option<(i64, i64)>; 4] = [None; 4];
    let mut note = |place: usize, id: i64| {
        if let Some(range) = ranges.get_mut(place) {
            *range = Some((range.map_or(id, |(first, _)| first), id));
        }
    };
    let mut first = (None, None);
    for place in 1..=sections {
        let section = state.new_id(Kind::Sections);
        note(0, section);
        let mut units = Vec::new();
        // The last section and the last lesson take what the division leaves.
        while lesson_number < lessons * place / sections {
            lesson_number += 1;
            let (lesson, unit) = (state.new_id(Kind::Lessons), state.new_id(Kind::Units));
            note(1, unit);
            note(2, lesson);
            let (mut step_ids, mut assignments) = (Vec::new(), Vec::new());
            while step_number < steps * lesson_number / lessons {
                step_number += 1;
                let step = state.new_id(Kind::Steps);
                note(3, step);
                let (cost, block) = block(step_number);
                let held = json!({
                    "lesson": lesson, "position": step_ids.len() + 1, "status": "ready", "cost": cost, "block": block,
                });
                let held = object(held);
                quizzes += usize::from(is_quiz(&held));
                state.put(Kind::Steps, step, held);
                let assignment = state.other_id();
                state.assignments.insert((unit, step), assignment);
                assignments.push(assignment);
                step_ids.push(step);
            }
            let title = format!("Lesson {lesson_number}");
            let held = json!({
                "id": lesson, "title": title, "steps": step_ids, "is_public": true, "owner": owner,
            });
            state.put(Kind::Lessons, lesson, object(held));
            let held = json!({
                "section": section, "lesson": lesson, "position": units.len() + 1, "assignments": assignments,
            });
            state.put(Kind::Units, unit, object(held));
            first = (first.0.or(Some(lesson)), first.1.or(Some(unit)));
            units.push(unit);
        }
        let held = json!({
            "course": course, "title": format!("Section {place}"), "position": place, "units": units,
        });
        state.put(Kind::Sections, section, object(held));
        ids.push(section);
    }
    for (key, count) in [("total_units", lessons), ("lessons_count", lessons), ("quizzes_count", quizzes)] {
        set(&mut held, key, count);
    }
    set(&mut held, "first_lesson", first.0);
    set(&mut held, "first_unit", first.1);
    set(&mut held, "sections", ids);
    state.put(Kind::Courses, course, held);
    state.enroll(course, owner);
    let range = |place: usize| {
        let (first, last) = ranges.get(place).copied().flatten().unwrap_or((1, 0));
        first..=last
    };
    state.lean = Some(Lean {
        sections: range(0),
        units: range(1),
        lessons: range(2),
        steps: range(3),
        date: now(),
        owner,
    });
    course
}

/// The block of step number `n`, and its cost: half of the steps are text, the rest the common kinds of quiz.
fn block(n: usize) -> (i64, Value) {
    let said = |what: &str| format!("<p>Step {n}: {what}</p>");
    let quiz = |name: &str, what: &str, source: Value| {
        (1, json!({ "name": name, "text": said(what), "source": source }))
    };
    match n % 10 {
        1 => quiz(
            "choice",
            "which of these is the number of this step?",
            json!({
                "is_multiple_choice": false, "is_always_correct": false, "sample_size": 3, "preserve_order": false,
                "is_html_enabled": true, "is_options_feedback": false,
                "options": [
                    {"is_correct": true, "text": n.to_string(), "feedback": ""},
                    {"is_correct": false, "text": (n + 1).to_string(), "feedback": "One too many."},
                    {"is_correct": false, "text": (n + 2).to_string(), "feedback": ""},
                ],
            }),
        ),
        3 => quiz(
            "number",
            "what is its double?",
            json!({ "options": [{"answer": (2 * n).to_string(), "max_error": "0"}] }),
        ),
        5 => quiz(
            "string",
            "write the word <i>step</i> and its number.",
            json!({
                "pattern": format!("step {n}"), "use_re": false, "match_substring": false, "case_sensitive": false,
                "code": "",
            }),
        ),
        7 => quiz(
            "matching",
            "what belongs together?",
            json!({
                "preserve_firsts_order": true,
                "pairs": [
                    {"first": "this", "second": n.to_string()}, {"first": "next", "second": (n + 1).to_string()},
                ],
            }),
        ),
        9 if n.is_multiple_of(3) => quiz(
            "code",
            "print its number.",
            json!({
                "code": "", "execution_time_limit": 5, "execution_memory_limit": 256, "samples_count": 1,
                "templates_data": "::python3\n# your code\n", "is_time_limit_scaled": true,
                "is_memory_limit_scaled": true, "is_run_user_code_allowed": true, "manual_time_limits": [],
                "manual_memory_limits": [], "test_archive": [], "test_cases": [["\n", format!("{n}\n")]],
            }),
        ),
        9 => quiz(
            "sorting",
            "put these in order.",
            json!({ "options": [{"text": n.to_string()}, {"text": (n + 1).to_string()}, {"text": (n + 2).to_string()}] }),
        ),
        _ => (
            0,
            json!({
                "name": "text",
                "text": said("something to read, with <b>weight</b> and a formula \\(x^2\\) in it."),
            }),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stepik::wire::int;

    fn sizes(state: &State, course: i64) -> (usize, usize, usize) {
        let units = state.units_of(course).into_iter().filter_map(|unit| state.get(Kind::Units, unit));
        let lessons: Vec<i64> = units.filter_map(|unit| int(unit, "lesson")).collect();
        let steps = lessons.iter().map(|lesson| state.steps_of(*lesson).len()).sum();
        let sections = state.get(Kind::Courses, course).map_or(0, |held| id_list(held, "sections").len());
        (sections, lessons.len(), steps)
    }

    #[test]
    fn every_scale_has_its_sizes_and_all_its_sources_prepare() {
        for (scale, sizes_due) in
            [(Scale::M, (15, 100, 1_000)), (Scale::L, (40, 400, 5_000)), (Scale::XL, (400, 4_000, 50_000))]
        {
            let mut state = State::default();
            let begin = std::time::Instant::now();
            let course = generate(&mut state, scale, 7);
            eprintln!("{scale}: {:?}", begin.elapsed());
            assert!(begin.elapsed().as_secs() < 30, "{scale}: {:?}", begin.elapsed());
            assert_eq!(sizes(&state, course), sizes_due, "{scale}");
            let mut steps = state.all(Kind::Steps);
            for (id, step) in steps.by_ref().take(60) {
                assert_eq!(quiz::fault_of(step), None, "{step:?}");
                assert_eq!(state.complete(Kind::Steps, id, step).len(), template::step(id, 1).len());
            }
        }
    }
}
