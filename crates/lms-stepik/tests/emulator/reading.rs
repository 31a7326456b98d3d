//! Listings, large courses, and servers that misbehave.

use lms_core::*;
use lms_emulator::{FaultKind, FaultRule};

use crate::{author, samples, start, write};

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
