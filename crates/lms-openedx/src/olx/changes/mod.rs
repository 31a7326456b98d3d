//! A course that was read from OLX and then changed: each change is in what is written, or is named.
//!
//! Every value of the model is changed in turn, values that are not there included: whatever field the model gets, it is
//! tried here.

mod fixture;
mod variants;

use lms_core::grade::{grade, probes};
use lms_core::{Adapted, Block, BlockBody, Course, Credit, Exercise, Finding, Key, Lesson, Section, Step};
use serde::Serialize;
use serde_json::Value;

use self::fixture::{original, statics};
use self::variants::changed;
use super::read::read_folder;
use super::write::write;
use crate::convert::adapt;

fn rewritten(adapted: &Adapted) -> Course {
    let dir = tempfile::tempdir().expect("a folder");
    write(&adapted.course, dir.path()).expect("written");
    statics(dir.path());
    read_folder(dir.path()).expect("read back").course
}

/// What is to come back of a node: not its id, nor what only Open edX knows.
fn said<T: Serialize>(node: &T) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| {
                    !matches!(key.as_str(), "id" | "task" | "extras" | "source" | "readable")
                });
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(node).expect("JSON");
    strip(&mut value);
    value.to_string()
}

/// What is said otherwise and means the same, by what was changed.
const SAME_MEANING: [(&str, &str); 14] = [
    (
        ".shown",
        "a part of the options is drawn, so that their order says nothing; as many as there are is all of them",
    ),
    (".shuffle", "as above"),
    ("pool.interaction.options", "as above"),
    (".feedback.correct", "said on the option that makes the answer right"),
    (".feedback.incorrect", "said on the options that make it wrong"),
    (".feedback comes", "as above"),
    (".hints comes", "the hints of a part are those of its problem"),
    ("several#2.title", "it stands above the question"),
    (".caption", "it stands in a text behind the video"),
    (".seconds = 0", "no length is none"),
    (".sources[0] = \"\"", "no address is none"),
    (".samples = 0", "a formula is tried at one point at least"),
    ("course.summary = \"\"", "no summary is none"),
    ("lesson.category = \"\"", "no category is none"),
];

/// Whether two courses ask and mark the same, though keys are written in other words.
fn same_marks(one: &Course, other: &Course) -> bool {
    let exercises = |course: &Course| -> Vec<Exercise> {
        course.blocks().filter_map(|place| place.block.1.exercise().cloned()).collect()
    };
    let (one, other) = (exercises(one), exercises(other));
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| {
            let kinds = (one.interaction.name(), one.grader.clone())
                == (other.interaction.name(), other.grader.clone());
            kinds && probes(one).iter().all(|probe| grade(other, &probe.response) == Ok(probe.expected))
        })
}

/// What is to come back but for keys, and for how parts of one decision count.
fn keyless(course: &Course) -> String {
    let mut course = course.clone();
    let steps = course.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps);
    for block in steps.flat_map(|step| &mut step.blocks) {
        if let BlockBody::Exercise(exercise) = &mut block.body {
            exercise.key = exercise.key.take().filter(|key| matches!(key, Key::Code { .. }));
            exercise.scoring.credit = Credit::AllOrNothing;
        }
    }
    said(&course)
}

/// What is wrong with a changed course, if anything is.
fn fault(changed: &Course, known: &[Finding]) -> Option<String> {
    let adapted = adapt(changed);
    let back = rewritten(&adapted);
    if said(&back) != said(&adapted.course) {
        return Some(format!(
            "written otherwise:\n  to be  {}\n  is     {}",
            said(&adapted.course),
            said(&back)
        ));
    }
    let named = adapted
        .findings
        .iter()
        .any(|finding| known.iter().all(|known| (&known.what, &known.why) != (&finding.what, &finding.why)));
    let same = keyless(&adapted.course) == keyless(changed) && same_marks(changed, &adapted.course);
    if !same && !named {
        return Some(format!(
            "lost without a word:\n  was    {}\n  is     {}",
            said(changed),
            said(&adapted.course)
        ));
    }
    None
}

/// The course with one step alone.
fn with_step(course: &Course, step: Step) -> Course {
    let mut small = course.header();
    let (section, lesson) = (&course.sections[0], &course.sections[0].lessons[0]);
    let lesson = Lesson { steps: vec![step], ..lesson.clone() };
    small.sections = vec![Section { lessons: vec![lesson], ..section.clone() }];
    small.assets.clone_from(&course.assets);
    small
}

#[test]
fn a_course_that_has_not_changed_is_the_same() {
    let course = original();
    let adapted = adapt(&course);
    assert_eq!(adapted.findings, []);
    assert_eq!(adapted.course, course);
    assert_eq!(rewritten(&adapted), course);
    let kinds: std::collections::BTreeSet<&str> =
        course.blocks().filter_map(|place| Some(place.block.1.exercise()?.interaction.name())).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

/// What is wrong with a change, but for what means the same.
fn complaint(place: &str, course: &Course, known: &[Finding]) -> Option<String> {
    let same = SAME_MEANING.iter().any(|(what, _)| place.contains(what));
    let fault = fault(course, known)?;
    (!(same && fault.starts_with("lost"))).then(|| format!("{place}: {fault}"))
}

/// The complaints about all changes of the blocks of a step, and how many there were.
fn of_step(course: &Course, step: &Step) -> (Vec<String>, usize) {
    let known = adapt(&with_step(course, step.clone())).findings;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for n in 0..step.blocks.len() {
        for (place, block) in changed(&step.blocks[n]) {
            // Of a foreign block all but the title is its source's affair.
            if matches!(block.body, BlockBody::Foreign(_)) && block.title == step.blocks[n].title {
                continue;
            }
            tried += 1;
            let mut step = step.clone();
            let id = std::mem::replace(&mut step.blocks[n], block).id;
            wrong.extend(complaint(&format!("{id}{place}"), &with_step(course, step), &known));
        }
    }
    (wrong, tried)
}

#[test]
fn every_change_of_a_block_is_written_or_named() {
    let course = original();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        let course = &course;
        let steps: Vec<_> = course.steps().map(|step| scope.spawn(move || of_step(course, step))).collect();
        for (complaints, changes) in steps.into_iter().map(|step| step.join().expect("no panic")) {
            wrong.extend(complaints);
            tried += changes;
        }
    });
    assert!(wrong.is_empty(), "{} of {tried} changes\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "only {tried} changes");
}

#[test]
fn every_change_around_the_blocks_is_written_or_named() {
    let course = original();
    let small = with_step(&course, course.sections[0].lessons[0].steps[0].clone());
    let known = adapt(&small).findings;
    let (section, lesson) = (&small.sections[0], &small.sections[0].lessons[0]);
    let mut all: Vec<(String, Course)> = Vec::new();
    for (place, mut header) in changed(&small.header()) {
        (header.sections, header.assets) = (small.sections.clone(), small.assets.clone());
        all.push((format!("course{place}"), header));
    }
    for (place, changed) in changed(section) {
        all.push((format!("section{place}"), Course { sections: vec![changed], ..small.clone() }));
    }
    for (place, changed) in changed(lesson) {
        let section = Section { lessons: vec![changed], ..section.clone() };
        all.push((format!("lesson{place}"), Course { sections: vec![section], ..small.clone() }));
    }
    for (place, changed) in changed(&lesson.steps[0]) {
        all.push((format!("step{place}"), with_step(&small, changed)));
    }
    let wrong: Vec<String> =
        all.iter().filter_map(|(place, course)| complaint(place, course, &known)).collect();
    assert!(wrong.is_empty(), "{} of {} changes\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert!(all.len() > 40, "only {} changes", all.len());
}

/// A change of a title, of tries or of points leaves the rest of the definition as it stood.
#[test]
fn what_the_model_does_not_know_stays_where_only_settings_change() {
    let course = original();
    let mut step = course.steps().next().expect("a step").clone();
    let block: &mut Block = &mut step.blocks[0];
    block.title = "Another".into();
    let BlockBody::Exercise(exercise) = &mut block.body else { panic!("an exercise") };
    exercise.scoring.attempts = Some(9);
    let dir = tempfile::tempdir().expect("a folder");
    write(&adapt(&with_step(&course, step)).course, dir.path()).expect("written");
    let unit = std::fs::read_to_string(dir.path().join("vertical/v0.xml")).expect("the unit");
    for kept in [
        "showanswer=\"past_due\"",
        "markdown=",
        "max_attempts=\"9\"",
        "display_name=\"Another\"",
        "<choicehint>",
    ] {
        assert!(unit.contains(kept), "{kept}: {unit}");
    }
}

/// A problem that inherits its tries and comes to stand where others are handed down keeps its own.
#[test]
fn tries_stay_the_same_in_another_place() {
    let course = original();
    let inherits = course.steps().nth(1).expect("a step").clone();
    assert_eq!(inherits.blocks[0].exercise().expect("an exercise").scoring.attempts, Some(4));
    let mut elsewhere = with_step(&course, inherits);
    elsewhere.sections[0].lessons[0].extras = lms_core::Extras::new();
    let back = rewritten(&adapt(&elsewhere));
    let exercise = back.blocks().find_map(|place| place.block.1.exercise().cloned()).expect("an exercise");
    assert_eq!(exercise.scoring.attempts, Some(4));
}

/// The same page in two units is one block; when one of them changes they are two.
#[test]
fn a_block_in_two_places_may_change_in_one_of_them() {
    let course = original();
    let page = course.steps().nth(14).expect("a step").clone();
    for n in [0, 1] {
        let mut step = Step { blocks: vec![page.blocks[0].clone(), page.blocks[0].clone()], ..page.clone() };
        step.blocks[1].id = "html/page~2".into();
        let BlockBody::Text(text) = &mut step.blocks[n].body else { panic!("a text") };
        text.markup = "<p>Another</p>".into();
        let back = rewritten(&adapt(&with_step(&course, step.clone())));
        let texts: Vec<String> = back.blocks().map(|place| said(place.block.1)).collect();
        assert_eq!(texts, step.blocks.iter().map(said).collect::<Vec<_>>());
    }
}
