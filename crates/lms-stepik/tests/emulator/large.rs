//! How many requests a large course takes, by the server's own count.

use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::Stepik;
use serde_json::{Value, json};

use crate::{author, learner};

/// Sections, lessons and steps of a course.
struct Scale {
    sections: u64,
    lessons: u64,
    steps: u64,
}

const M: Scale = Scale { sections: 15, lessons: 100, steps: 1_000 };
const L: Scale = Scale { sections: 40, lessons: 400, steps: 5_000 };

/// A course in the platform's own JSON. Ids as long as the real ones: they fill the request line.
fn course(scale: &Scale) -> Value {
    let (mut sections, mut units, mut lessons, mut steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (section, unit, lesson, step) = (1_000_000, 2_000_000, 3_000_000, 40_000_000);
    for s in 0..scale.sections {
        let mine: Vec<u64> =
            (0..scale.lessons).filter(|l| l % scale.sections == s).map(|l| unit + l).collect();
        sections.push(json!({"id": section + s, "course": 67, "title": format!("S{s}"), "position": s + 1, "units": mine}));
    }
    // The first lessons have the steps that are left over.
    let (each, over) = (scale.steps / scale.lessons, scale.steps % scale.lessons);
    let mut next = step;
    for l in 0..scale.lessons {
        units.push(json!({"id": unit + l, "section": section + l % scale.sections, "lesson": lesson + l,
            "position": l / scale.sections + 1}));
        let mine: Vec<u64> = (next..next + each + u64::from(l < over)).collect();
        next += mine.len() as u64;
        for (t, id) in (1..).zip(&mine) {
            let t: u64 = t;
            steps.push(json!({"id": id, "lesson": lesson + l, "position": t, "cost": 1, "status": "ready",
                "block": {"name": "number", "text": "<p>2+2?</p>", "source": {"options": [{"answer": "4", "max_error": "0"}]}}}));
        }
        lessons.push(json!({"id": lesson + l, "title": format!("L{l}"), "is_public": true, "steps": mine}));
    }
    let ids: Vec<u64> = (section..section + scale.sections).collect();
    json!({"courses": [{"id": 67, "title": "Large", "language": "en", "is_public": true, "sections": ids}],
        "sections": sections, "units": units, "lessons": lessons, "step-sources": steps})
}

async fn holds(scale: &Scale) -> StepikEmulator {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("course.json");
    std::fs::write(&file, course(scale).to_string()).expect("a file");
    let options = Options { load: vec![file], ..Options::default() };
    StepikEmulator::start(options).await.expect("an emulator")
}

/// Reads the whole course; answers how many requests the server saw.
async fn read(server: &StepikEmulator, stepik: &Stepik, scale: &Scale, keys: bool) -> usize {
    server.log().clear();
    let content = stepik.courses().expect("courses").content(&"67".into()).await.expect("the course");
    let lessons = content.course.sections.iter().flat_map(|section| &section.lessons).count() as u64;
    let counted = (content.course.sections.len() as u64, lessons, content.course.steps().count() as u64);
    assert_eq!(counted, (scale.sections, scale.lessons, scale.steps));
    assert_eq!(content.native.blocks["number"] as u64, scale.steps);
    // One finding for each answer that is hidden.
    assert_eq!(content.findings.len() as u64, if keys { 0 } else { scale.steps });
    let first = content.course.blocks().next().expect("a block");
    assert_eq!(first.block.1.exercise().expect("an exercise").key.is_some(), keys);
    assert_eq!(server.log().writes(), 0);
    server.log().reads()
}

#[tokio::test]
async fn a_course_of_a_thousand_steps_takes_at_most_twenty_requests() {
    let server = holds(&M).await;
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let requests = read(&server, &stepik, &M, keys).await;
        assert!(requests <= 20, "{requests} requests, keys {keys}");
    }
}

#[tokio::test]
async fn a_course_of_five_thousand_steps_takes_at_most_eighty_requests() {
    let server = holds(&L).await;
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let requests = read(&server, &stepik, &L, keys).await;
        assert!(requests <= 80, "{requests} requests, keys {keys}");
        let sources = server.log().count("GET", "/api/step-sources");
        assert_eq!(sources > 0, keys, "learners are not sent where only authors get answers");
    }
}

#[tokio::test]
async fn an_outline_takes_no_request_for_steps() {
    let server = holds(&M).await;
    let stepik = learner(&server);
    server.log().clear();
    let outline = stepik.outline(&"67".into()).await.expect("an outline");
    assert_eq!(outline.steps().count(), 1_000);
    assert!(outline.sections[0].title == "S0" && outline.sections[0].lessons[0].title == "L0");
    // Course, sections, units, lessons.
    assert_eq!(server.log().reads(), 4);
}
