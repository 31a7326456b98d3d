//! What cannot be used is refused with an error that says what it is and what to do, and nothing is left
//! half-written without being named.

use bytes::Bytes;
use futures::StreamExt;
use lms_core::*;
use lms_emulator::{FaultKind, FaultRule};
use lms_http::{Method, Safety};
use lms_stepik::{Endpoint, Owner, Stepik, StepikBuilder, VideoSource};
use serde_json::json;

use crate::{author, learner, samples, start, write};

/// A course of one lesson with these exercises; its ids.
async fn written(stepik: &Stepik, exercises: Vec<Exercise>) -> Course {
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(exercises)).course;
    let id = write(stepik, &adapted, &[]).await;
    stepik.courses().expect("courses").content(&id).await.expect("the course").course
}

#[tokio::test]
async fn an_unknown_course_is_named() {
    let server = start().await;
    let stepik = author(&server);
    let courses = stepik.courses().expect("courses");
    let unknown = CourseId::from("424242");
    let errors = [
        courses.content(&unknown).await.map(drop),
        courses.get(&unknown).await.map(drop),
        stepik.outline(&unknown).await.map(drop),
        stepik.grades().expect("grades").mine(&unknown).await.map(drop),
        stepik
            .authoring()
            .expect("authoring")
            .put_section(&unknown, &Section::new("s", "S"), &Slot::new(1), &AssetLinks::new())
            .await
            .map(drop),
    ];
    for (n, error) in errors.into_iter().enumerate() {
        let error = error.expect_err("there is none");
        let wanted = if n == 4 { ErrorKind::InvalidInput } else { ErrorKind::NotFound };
        assert_eq!(error.kind(), wanted, "{error:?}");
        assert!(error.to_string().contains("424242"), "{error}");
    }
    let no_number = courses.content(&"course-v1:Org+C+R".into()).await.expect_err("another platform's id");
    assert_eq!(no_number.kind(), ErrorKind::InvalidInput);
    assert!(no_number.to_string().contains("number") && no_number.to_string().contains("course-v1:Org+C+R"));
    assert_eq!(server.log().writes(), 1);
}

#[tokio::test]
async fn a_key_to_a_missing_lesson_is_named_with_its_field() {
    let server = start().await;
    let stepik = author(&server);
    let course = written(&stepik, Vec::new()).await;
    let section = &course.sections[0].id;
    let unit = json!({"section": section, "lesson": 424_242, "position": 2});
    let refused = stepik.native().create(Endpoint::Units, unit).await.expect_err("no such lesson");
    assert_eq!((refused.kind(), refused.status()), (ErrorKind::InvalidInput, Some(400)));
    assert_eq!(refused.fields()[0].0, "lesson");
    assert!(refused.fields()[0].1.contains("424242"), "{refused}");
    let authoring = stepik.authoring().expect("authoring");
    let step = &course.sections[0].lessons[0].steps.first().cloned().unwrap_or_else(|| {
        let mut step = Step::new("t", "");
        step.blocks.push(Block::new("b", BlockBody::Text(Text { markup: "Text".into() })));
        step
    });
    let missing = LessonId::from("424242");
    let before = server.log().writes();
    let refused = authoring
        .put_step(&course.id, &missing, step, &Slot::new(1), &AssetLinks::new())
        .await
        .expect_err("none");
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    assert!(refused.to_string().contains("lessons 424242"), "{refused}");
    assert_eq!(server.log().writes(), before);
    // A lesson that cannot be placed is taken back, so that nothing is left behind.
    let lessons = || async {
        let query = lms_stepik::NativeQuery::new();
        stepik.native().list(Endpoint::Lessons, query).expect("a list").all().await.expect("lessons").len()
    };
    let there = lessons().await;
    let refused = authoring
        .put_lesson(&course.id, &"424242".into(), &Lesson::new("l", "Lost"), &Slot::new(1))
        .await
        .expect_err("no such section");
    assert_eq!((refused.kind(), refused.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "section"));
    assert_eq!(lessons().await, there);
}

#[tokio::test]
async fn a_lesson_that_is_left_behind_is_named() {
    let server = start().await;
    let stepik = author(&server);
    let course = written(&stepik, Vec::new()).await;
    let rule = |kind, path: &str, method: &str| FaultRule::once(kind).on_path(path).on_method(method);
    server.faults().inject(rule(FaultKind::DropAfterCommit, "/api/units", "POST"));
    let section = &course.sections[0].id;
    let authoring = stepik.authoring().expect("authoring");
    let lost = authoring
        .put_lesson(&course.id, section, &Lesson::new("l", "Lost"), &Slot::new(2))
        .await
        .expect_err("nobody knows");
    assert_eq!(lost.kind(), ErrorKind::OutcomeUnknown);
    let lessons = stepik.courses().expect("courses").content(&course.id).await.expect("it").course;
    let placed =
        lessons.sections[0].lessons.iter().find(|lesson| lesson.title == "Lost").expect("it arrived");
    assert_eq!(lost.fields()[0].0, "perhaps left behind");
    assert!(lost.fields()[0].1.contains(placed.id.as_str()), "{lost}");
}

#[tokio::test]
async fn a_step_of_another_author_is_not_written() {
    let server = start().await;
    let (stepik, stranger) = (author(&server), learner(&server));
    let theirs = written(&stepik, samples::exercises().into_iter().take(1).collect()).await;
    let lesson = &theirs.sections[0].lessons[0];
    let step = &lesson.steps[0];
    let open = Course { visibility: Visibility::Public, ..theirs.header() };
    stepik.authoring().expect("authoring").finish(&theirs.id, &open, &AssetLinks::new()).await.expect("open");
    let own = written(&stranger, Vec::new()).await;
    let authoring = stranger.authoring().expect("authoring");
    let before = server.log().writes();
    let slot = Slot { position: 1, existing: Some(step.id.clone()) };
    let links = AssetLinks::new();
    let own_lesson = &own.sections[0].lessons[0].id;
    for refused in [
        authoring.put_step(&theirs.id, &lesson.id, step, &slot, &links).await.map(drop),
        authoring.put_step(&own.id, own_lesson, step, &slot, &links).await.map(drop),
        authoring.delete_step(&theirs.id, &step.id).await,
    ] {
        let refused = refused.expect_err("not the account's");
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused:?}");
        assert!(refused.to_string().contains(&format!("lesson {}", lesson.id)), "{refused}");
        assert!(refused.message().contains("let this account edit it"), "{refused}");
    }
    assert_eq!(server.log().writes(), before);
}

#[tokio::test]
async fn a_reply_of_the_wrong_kind_is_not_sent() {
    let server = start().await;
    let stepik = author(&server);
    let course = written(&stepik, samples::exercises()).await;
    let submissions = stepik.submissions().expect("submissions");
    for step in &course.sections[0].lessons[0].steps {
        let Some(exercise) = step.blocks[0].exercise() else { continue };
        let wrong = match exercise.interaction {
            Interaction::Order(_) => Response::Text { text: "first, second".into() },
            _ => Response::Order { order: vec![0] },
        };
        let task = TaskRef::new(course.id.clone(), step.id.as_str());
        let before = server.log().count("POST", "/api/submissions");
        let answer = TaskAnswer::one(step.blocks[0].id.clone(), wrong);
        let refused = submissions.submit(&task, &answer).await.expect_err("another kind");
        assert!(
            matches!(refused.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported),
            "{:?}: {refused:?}",
            exercise.interaction
        );
        assert!(refused.to_string().contains(step.id.as_str()), "{refused}");
        assert_eq!(server.log().count("POST", "/api/submissions"), before);
    }
    // What the platform refuses itself says so too: a choice of the wrong length.
    let quizzes = || course.steps().filter(|step| step.blocks[0].exercise().is_some());
    let choice = quizzes().find(|step| {
        step.blocks[0].exercise().is_some_and(|e| matches!(e.interaction, Interaction::Choice(_)))
    });
    let step = choice.map(|step| step.id.clone());
    let attempt =
        stepik.native().create(Endpoint::Attempts, json!({"step": step})).await.expect("an attempt");
    let reply = json!({"attempt": attempt["id"], "reply": {"choices": "all"}});
    let refused = stepik.native().create(Endpoint::Submissions, reply).await.expect_err("no list");
    assert_eq!((refused.kind(), refused.status()), (ErrorKind::InvalidInput, Some(400)));
}

#[tokio::test]
async fn a_file_that_is_too_long_is_refused_before_it_is_sent() {
    let server = start().await;
    let who = server.credentials();
    let stepik = author(&server);
    let course = written(&stepik, Vec::new()).await;
    let of = |bytes: usize| AssetBody::from_bytes(Bytes::from(vec![7; bytes]));
    // 20 MB are less than the platform's own limit, so they go through whole.
    let asset = Asset {
        id: "big".into(),
        name: "files/big.zip".into(),
        media_type: None,
        size: Some(20_000_000),
        role: AssetRole::Content,
    };
    let authoring = stepik.authoring().expect("authoring");
    let link = authoring.put_asset(&course.id, &asset, of(20_000_000)).await.expect("taken");
    let back = stepik.courses().expect("courses").read_asset(&course.id, &link.id).await.expect("the file");
    assert_eq!(back.into_bytes(u64::MAX).await.expect("bytes").len(), 20_000_000);
    let strict = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_longest_attachment(16_000_000)
        .build()
        .expect("a provider");
    let before = server.log().writes();
    for (stepik, bytes, limit) in [(&stepik, 25_000_001, "25000000"), (&strict, 20_000_000, "16000000")] {
        let authoring = stepik.authoring().expect("authoring");
        let refused = authoring.put_asset(&course.id, &asset, of(bytes)).await.expect_err("too long");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert_eq!(refused.resource(), Some("files/big.zip"));
        for said in [limit, &bytes.to_string(), "link to it"] {
            assert!(refused.message().contains(said), "{said} in {refused}");
        }
    }
    assert_eq!(server.log().writes(), before, "nothing was sent");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_and_not_sent() {
    let server = start().await;
    let stepik = author(&server);
    let course = written(&stepik, Vec::new()).await;
    let lesson = course.sections[0].lessons[0].id.clone();
    let torn = || {
        let error = Error::io("/mnt/part", std::io::Error::other("the disk is gone"));
        let pieces = vec![Ok(Bytes::from_static(b"beginning")), Err(error)];
        AssetBody::from_stream(futures::stream::iter(pieces).boxed(), None)
    };
    let before = server.log().writes();
    let to = Owner::Lesson(lesson);
    let video = VideoSource::File { name: "lecture.mp4".into(), body: torn() };
    for refused in [
        stepik.attach(&to, "lecture.mp4", None, torn()).await.map(drop),
        stepik.upload_video(&to, video).await.map(drop),
        stepik.set_cover(&course.id, "lecture.mp4", None, torn()).await,
    ] {
        let refused = refused.expect_err("unreadable");
        assert_eq!((refused.kind(), refused.resource()), (ErrorKind::Io, Some("lecture.mp4")));
        let source = std::error::Error::source(&refused).expect("the reason");
        assert!(source.to_string().contains("the disk is gone"));
    }
    assert_eq!(server.log().writes(), before, "nothing was sent");
    let missing = stepik.courses().expect("courses").read_asset(&course.id, &"/media/none.csv".into()).await;
    assert_eq!(missing.expect_err("no such file").kind(), ErrorKind::NotFound);
    // An answer that is no JSON keeps its status and does not pass for success.
    let html = stepik.raw(Method::Get, "/catalog", Safety::Read).send_json::<serde_json::Value>().await;
    assert_eq!(html.expect_err("a page").kind(), ErrorKind::Protocol);
}
