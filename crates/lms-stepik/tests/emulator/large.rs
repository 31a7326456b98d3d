//! How many requests a large course takes, by the server's own count.

use lms_core::*;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Options, Scale};
use lms_stepik::Stepik;

use crate::{author, learner};

async fn holds(scale: Scale) -> StepikEmulator {
    let options = Options { scale: Some(scale), page_size: 20, ..Options::default() };
    StepikEmulator::start(options).await.expect("an emulator")
}

async fn only_course(stepik: &Stepik) -> CourseId {
    stepik.courses().expect("courses").first_course().await.expect("a course").id
}

/// Reads the whole course; answers how many requests the server saw.
async fn read(server: &StepikEmulator, stepik: &Stepik, scale: Scale, keys: bool) -> usize {
    let id = only_course(stepik).await;
    server.log().clear();
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let lessons = content.course.sections.iter().flat_map(|section| &section.lessons).count();
    let counted = (content.course.sections.len(), lessons, content.course.steps().count());
    assert_eq!(counted, (scale.sections(), scale.lessons(), scale.steps()));
    assert_eq!(content.native.exercises.values().sum::<usize>(), scale.steps() / 2);
    let mut exercises = content.course.blocks().filter_map(|place| place.block.1.exercise());
    let answer = exercises.find(|e| matches!(e.interaction, Interaction::Numeric(_))).expect("a quiz");
    assert_eq!(answer.key.is_some(), keys);
    assert_eq!(content.findings.is_empty(), keys, "{:?}", content.findings.first());
    assert_eq!(server.log().writes(), 0);
    server.log().reads()
}

#[tokio::test]
async fn a_course_of_a_thousand_steps_takes_at_most_twenty_requests() {
    let server = holds(Scale::M).await;
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let requests = read(&server, &stepik, Scale::M, keys).await;
        assert!(requests <= 20, "{requests} requests, keys {keys}");
    }
}

#[tokio::test]
async fn a_course_of_five_thousand_steps_takes_at_most_eighty_requests() {
    let server = holds(Scale::L).await;
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let requests = read(&server, &stepik, Scale::L, keys).await;
        assert!(requests <= 80, "{requests} requests, keys {keys}");
        let sources = server.log().count("GET", "/api/step-sources");
        assert_eq!(sources > 0, keys, "learners are not sent where only authors get answers");
    }
}

#[tokio::test]
async fn an_outline_takes_no_request_for_steps() {
    let server = holds(Scale::M).await;
    let stepik = learner(&server);
    let id = only_course(&stepik).await;
    server.log().clear();
    let outline = stepik.outline(&id).await.expect("an outline");
    assert_eq!(outline.steps().count(), 1_000);
    assert_eq!(outline.sections[1].title, "Section 2");
    // Course, sections, units, lessons.
    assert_eq!(server.log().reads(), 4);
}
