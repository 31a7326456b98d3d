//! Writing courses and reading them back.

use bytes::Bytes;
use lms_core::*;
use lms_http::{Method, Safety};
use serde_json::json;

use crate::{author, sample, samples, start, without_ids, write};

#[tokio::test]
async fn a_course_of_every_interaction_is_read_back_as_adapted() {
    let server = start().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&sample());
    let id = write(&stepik, &adapted.course, &[("data", b"1,2")]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    assert_eq!(content.findings, []);
    assert_eq!(without_ids(&content.course), without_ids(&adapted.course));
    assert_eq!(content.native.exercises["choice"], 5);
    assert_eq!(content.native.blocks["text"], 20);
    let again = stepik.authoring().expect("authoring").adapt(&content.course);
    assert_eq!(again.findings, []);
    let data = &content.course.assets[0];
    let body = stepik.courses().expect("courses").read_asset(&id, &data.id).await.expect("a file");
    assert_eq!(body.into_bytes(10).await.expect("bytes"), Bytes::from_static(b"1,2"));
}

#[tokio::test]
async fn native_quizzes_survive_the_way_through_the_platform() {
    let server = start().await;
    let stepik = author(&server);
    let id = write(&stepik, &samples::course(Vec::new()), &[]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let lesson = content.course.sections[0].lessons[0].id.clone();
    for (n, (name, source)) in samples::sources().into_iter().enumerate() {
        let body = json!({"stepSource": {"lesson": lesson, "position": n + 1, "cost": 2,
            "block": {"name": name, "text": "?", "source": source}}});
        let request = stepik.raw(Method::Post, "/api/step-sources", Safety::Once);
        request.json(&body).send().await.expect("a step");
    }
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let copy =
        write(&stepik, &stepik.authoring().expect("authoring").adapt(&content.course).course, &[]).await;
    let copied = stepik.courses().expect("courses").content(&copy).await.expect("the copy");
    assert_eq!(without_ids(&copied.course), without_ids(&content.course));
    assert!(copied.course.blocks().all(|place| place.block.1.exercise().is_some()));
}

#[tokio::test]
async fn writing_again_changes_in_place_and_deleting_removes() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let adapted =
        authoring.adapt(&samples::course(samples::exercises().into_iter().take(1).collect())).course;
    let id = write(&stepik, &adapted, &[]).await;
    let courses = stepik.courses().expect("courses");
    let mut now = courses.content(&id).await.expect("it").course;
    let links = AssetLinks::new();
    now.sections[0].title = "Renamed".into();
    now.sections[0].lessons[0].title = "Renamed too".into();
    let section = now.sections[0].clone();
    let lesson = section.lessons[0].clone();
    let slot = |id: &SectionId| Slot { position: 1, existing: Some(id.clone()) };
    assert_eq!(
        authoring.put_section(&id, &section, &slot(&section.id), &links).await.expect("it"),
        section.id
    );
    let to = Slot { position: 1, existing: Some(lesson.id.clone()) };
    assert_eq!(authoring.put_lesson(&id, &section.id, &lesson, &to).await.expect("it"), lesson.id);
    let mut step = lesson.steps[0].clone();
    step.blocks[0].body = BlockBody::Text(Text { markup: "Changed".into() });
    now.sections[0].lessons[0].steps[0] = step.clone();
    let to = Slot { position: 1, existing: Some(step.id.clone()) };
    assert_eq!(authoring.put_step(&id, &lesson.id, &step, &to, &links).await.expect("it"), step.id);
    authoring.finish(&id, &now.header(), &links).await.expect("ready");
    assert_eq!(courses.content(&id).await.expect("it").course, now);
    authoring.delete_step(&id, &lesson.steps[1].id).await.expect("gone");
    assert_eq!(courses.content(&id).await.expect("it").course.steps().count(), 1);
    authoring.delete_section(&id, &section.id).await.expect("gone");
    assert_eq!(courses.content(&id).await.expect("it").course.sections, []);
    let again = stepik.raw(Method::Get, &format!("/api/lessons/{}", lesson.id), Safety::Read);
    assert_eq!(again.send().await.expect_err("the lesson is gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_broken_quiz_is_named_when_the_course_is_finished() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let mut course = samples::course(Vec::new());
    let mut exercise = samples::exercises().swap_remove(4);
    exercise.key = Some(Key::Text {
        // Whether Stepik takes this one is not known before it is written; what surely is malformed is not sent.
        accept: vec![TextAccept { text: "(?a)a".into(), rule: TextRule::Regex, case_sensitive: true }],
    });
    let mut step = Step::new("broken", "");
    step.blocks.push(Block::new("b", BlockBody::Exercise(Box::new(exercise))));
    course.sections[0].lessons[0].steps.push(step);
    let course = authoring.adapt(&course).course;
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await.expect("a course");
    let links = AssetLinks::new();
    let section = authoring.put_section(&id, &course.sections[0], &Slot::new(1), &links).await.expect("it");
    let lesson = &course.sections[0].lessons[0];
    let lesson_id = authoring.put_lesson(&id, &section, lesson, &Slot::new(1)).await.expect("it");
    authoring.put_step(&id, &lesson_id, &lesson.steps[0], &Slot::new(1), &links).await.expect("taken");
    let error = authoring.finish(&id, &course.header(), &links).await.expect_err("not ready");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.fields()[0].0.contains("broken"), "{error}");
    let later = author(&server);
    let resumed = later.authoring().expect("authoring").finish(&id, &course.header(), &links).await;
    assert_eq!(resumed.expect_err("still broken").fields().len(), 1);
}

#[tokio::test]
async fn the_cover_and_the_dates_go_with_the_course() {
    let server = start().await;
    let stepik = author(&server);
    let mut course = sample();
    course.cover = Some("data".into());
    course.schedule.start = "2030-01-01T00:00:00Z".parse().ok();
    course.extras.set(Platform::Stepik, "workload", "2 hours a week");
    course.extras.set(Platform::OpenEdx, "course_image", "x.png");
    let adapted = stepik.authoring().expect("authoring").adapt(&course);
    assert!(adapted.findings.iter().any(|finding| finding.what.contains("course_image")));
    let id = write(&stepik, &adapted.course, &[("data", b"1,2")]).await;
    let read = stepik.courses().expect("courses").content(&id).await.expect("the course").course;
    assert!(read.cover.is_some());
    assert_eq!((read.schedule, &read.extras), (adapted.course.schedule, &adapted.course.extras));
    let cover = read.cover.expect("a cover");
    let body = stepik.courses().expect("courses").read_asset(&id, &cover).await.expect("the file");
    assert_eq!(body.into_bytes(10).await.expect("bytes"), Bytes::from_static(b"1,2"));
}

#[tokio::test]
async fn an_existing_course_is_overwritten_only_when_asked() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let course = authoring.adapt(&samples::course(Vec::new())).course;
    let id = write(&stepik, &course, &[]).await;
    let mut new = NewCourse { id: Some(id.clone()), existing: ExistingCourse::Refuse };
    let refused = authoring.create_course(&course.header(), &new).await.expect_err("there");
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    new.existing = ExistingCourse::Replace;
    assert_eq!(authoring.create_course(&course.header(), &new).await.expect("replaced"), id);
    assert_eq!(stepik.courses().expect("courses").content(&id).await.expect("it").course.sections, []);
    new.id = Some("424242".into());
    let chosen = authoring.create_course(&course.header(), &new).await.expect_err("no choice");
    assert_eq!(chosen.kind(), ErrorKind::Unsupported);
}
