//! Listings, large courses, and servers that misbehave.

use lms_core::*;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{FaultKind, FaultRule, Options};
use serde_json::json;

use crate::{author, learner, samples, start, write};

#[tokio::test]
async fn a_course_is_read_in_few_requests_and_listings_are_paged() {
    let server = start().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises())).course;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(write(&stepik, &adapted, &[]).await);
    }
    let courses = stepik.courses().expect("courses");
    let before = stepik.requests().read;
    courses.content(&ids[0]).await.expect("it");
    assert!(stepik.requests().read - before <= 6, "{} requests", stepik.requests().read - before);
    for query in [CourseQuery::new(), CourseQuery::new().with_teaching(), CourseQuery::new().with_enrolled()]
    {
        let listed = courses.list(query.clone()).expect("a list").all().await.expect("courses");
        assert!(ids.iter().all(|id| listed.iter().any(|course| course.id == *id)), "{query:?}: {listed:?}");
    }
    let mixed = CourseQuery::new().with_search("x").with_enrolled();
    assert_eq!(courses.list(mixed).expect_err("refused").kind(), ErrorKind::Unsupported);
    assert_eq!(courses.get(&"99999".into()).await.expect_err("none").kind(), ErrorKind::NotFound);
}

/// A course in the platform's own JSON: 15 sections, 100 lessons, 1000 steps.
fn large_course() -> serde_json::Value {
    let (mut sections, mut units, mut lessons, mut steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let ids = |from: u64, count: u64| (from..from + count).collect::<Vec<u64>>();
    for s in 0..15u64 {
        let mine: Vec<u64> = (0..100).filter(|l| l % 15 == s).map(|l| 2000 + l).collect();
        sections.push(
            json!({"id": 1000 + s, "course": 67, "title": format!("S{s}"), "position": s + 1, "units": mine}),
        );
    }
    for l in 0..100u64 {
        units.push(
            json!({"id": 2000 + l, "section": 1000 + l % 15, "lesson": 3000 + l, "position": l / 15 + 1}),
        );
        lessons.push(json!({"id": 3000 + l, "title": format!("L{l}"), "is_public": true, "steps": ids(10_000 + 10 * l, 10)}));
        for t in 0..10u64 {
            steps.push(json!({"id": 10_000 + 10 * l + t, "lesson": 3000 + l, "position": t + 1, "cost": 1, "status": "ready",
                "block": {"name": "number", "text": "<p>2+2?</p>", "source": {"options": [{"answer": "4", "max_error": "0"}]}}}));
        }
    }
    json!({"courses": [{"id": 67, "title": "Large", "language": "en", "is_public": true, "sections": ids(1000, 15)}],
        "sections": sections, "units": units, "lessons": lessons, "step-sources": steps})
}

#[tokio::test]
async fn a_thousand_steps_are_read_in_twenty_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("course.json");
    std::fs::write(&file, large_course().to_string()).expect("a file");
    let options = Options { load: vec![file], ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("an emulator");
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let content = stepik.courses().expect("courses").content(&"67".into()).await.expect("the course");
        let lessons = content.course.sections.iter().flat_map(|section| &section.lessons).count();
        assert_eq!(content.findings.len(), if keys { 0 } else { 1000 }, "one for each answer that is hidden");
        assert_eq!((content.course.sections.len(), lessons, content.course.steps().count()), (15, 100, 1000));
        assert_eq!(content.native.blocks["number"], 1000);
        let first = content.course.blocks().next().expect("a block");
        assert_eq!(first.block.1.exercise().expect("an exercise").key.is_some(), keys);
        assert!(stepik.requests().read <= 20, "{}", stepik.requests().read);
    }
}

#[tokio::test]
async fn listings_end_and_lose_nothing_when_the_server_misbehaves() {
    let server = start().await;
    let stepik = author(&server);
    let course = Course::new("c", "One of many");
    for _ in 0..11 {
        let new = NewCourse::default();
        stepik.authoring().expect("authoring").create_course(&course, &new).await.expect("a course");
    }
    let courses = stepik.courses().expect("courses");
    let teaching = || async { courses.list(CourseQuery::new().with_teaching()).expect("a list").all().await };
    assert_eq!(teaching().await.expect("courses").len(), 11);
    let on_list = |kind| FaultRule::once(kind).on_path("/api/courses");
    server.faults().inject(on_list(FaultKind::EmptyMiddlePage));
    let shown = teaching().await.expect("courses").len();
    assert_eq!(shown, 7, "an empty page of four is not the end");
    server.faults().inject(on_list(FaultKind::RepeatCursor));
    assert_eq!(teaching().await.expect_err("items would be lost").kind(), ErrorKind::Protocol);
    for kind in [
        FaultKind::TooManyRequests { retry_after: Some(0) },
        FaultKind::HtmlBadGateway,
        FaultKind::ExpireToken,
    ] {
        server.faults().inject(on_list(kind.clone()));
        assert_eq!(teaching().await.expect("repeated").len(), 11, "{kind:?}");
    }
    let lost = on_list(FaultKind::DropAfterCommit).on_method("POST");
    server.faults().inject(lost);
    let created = stepik.authoring().expect("authoring").create_course(&course, &NewCourse::default()).await;
    assert_eq!(created.expect_err("nobody knows").kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(teaching().await.expect("courses").len(), 12, "written once");
}
