//! What only Stepik's authors do: shared lessons, order, files, videos.

use bytes::Bytes;
use lms_core::*;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{
    Endpoint, NativeQuery, Owner, SharedLessons, Stepik, StepikBuilder, UploadedVideo, VideoSource,
};
use serde_json::{Value, json};

use crate::{author, samples, start, write};

/// A course of one section with so many lessons of so many texts each.
fn course(lessons: usize, steps: usize) -> Course {
    let mut course = Course::new("c", "Order");
    let mut section = Section::new("s", "Only");
    for l in 0..lessons {
        let mut lesson = Lesson::new(l as u64, format!("L{l}"));
        for t in 0..steps {
            let mut step = Step::new(t as u64, "");
            let text = Text { markup: Markup::from_html(format!("<p>{l}.{t}</p>")) };
            step.blocks.push(Block::new((l * 100 + t) as u64, BlockBody::Text(text)));
            lesson.steps.push(step);
        }
        section.lessons.push(lesson);
    }
    course.sections.push(section);
    course
}

/// Writes two courses and places the first lesson of the first into the second as well.
async fn shared(stepik: &Stepik) -> (CourseId, Course, CourseId) {
    let authoring = stepik.authoring().expect("authoring");
    let mine = write(stepik, &authoring.adapt(&course(1, 2)).course, &[]).await;
    let other = write(stepik, &authoring.adapt(&samples::course(Vec::new())).course, &[]).await;
    let courses = stepik.courses().expect("courses");
    let read = courses.content(&mine).await.expect("it").course;
    let section = courses.content(&other).await.expect("it").course.sections[0].id.clone();
    let unit = json!({"section": section, "lesson": read.sections[0].lessons[0].id, "position": 2});
    stepik.native().create(Endpoint::Units, unit).await.expect("a second place");
    (mine, read, other)
}

fn slot<Id>(id: Id) -> Slot<Id> {
    Slot { position: 1, existing: Some(id) }
}

#[tokio::test]
async fn a_lesson_of_two_courses_is_neither_changed_nor_deleted_silently() {
    let server = start().await;
    let stepik = author(&server);
    let (mine, read, other) = shared(&stepik).await;
    let authoring = stepik.authoring().expect("authoring");
    let section = &read.sections[0];
    let lesson = &section.lessons[0];
    let step = &lesson.steps[0];
    let links = AssetLinks::new();
    let before = server.log().writes();
    let renamed = Lesson { title: "Renamed".into(), ..lesson.clone() };
    let errors = [
        authoring.put_lesson(&mine, &section.id, &renamed, &slot(lesson.id.clone())).await.map(drop),
        authoring.put_step(&mine, &lesson.id, step, &slot(step.id.clone()), &links).await.map(drop),
        authoring.put_step(&mine, &lesson.id, step, &Slot::new(3), &links).await.map(drop),
        authoring.delete_step(&mine, &step.id).await,
        stepik.reorder_steps(&mine, &lesson.id, &[lesson.steps[1].id.clone(), step.id.clone()]).await,
    ];
    for refused in errors {
        let refused = refused.expect_err("another course would change");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        let message = refused.to_string();
        assert!(message.contains(&format!("{other} (Samples)")), "{message}");
        assert!(message.contains(&format!("lesson {}", lesson.id)), "{message}");
    }
    assert_eq!(server.log().writes(), before, "nothing was written");
    // A step of the shared lesson cannot be led away to another lesson either.
    let own = authoring.put_lesson(&mine, &section.id, &renamed, &Slot::new(2)).await.expect("a lesson");
    let moved = authoring.put_step(&mine, &own, step, &slot(step.id.clone()), &links).await;
    assert_eq!(moved.expect_err("led away").kind(), ErrorKind::Conflict);
    // Deleting takes it out of this course and leaves it in the other.
    authoring.delete_lesson(&mine, &lesson.id).await.expect("taken out");
    let courses = stepik.courses().expect("courses");
    let here = courses.content(&mine).await.expect("it").course;
    assert!(here.sections[0].lessons.iter().all(|l| l.id != lesson.id));
    let there = courses.content(&other).await.expect("it").course;
    let kept = there.sections[0].lessons.iter().find(|l| l.id == lesson.id).expect("still there");
    assert_eq!(kept.steps.len(), 2);
    // Now it stands in the other course only, and that course may change it.
    authoring
        .put_lesson(&other, &there.sections[0].id, &renamed, &slot(lesson.id.clone()))
        .await
        .expect("own");
}

#[tokio::test]
async fn whoever_allows_it_changes_a_shared_lesson_for_all_courses() {
    let server = start().await;
    let (mine, read, other) = shared(&author(&server)).await;
    let who = server.credentials();
    let stepik = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_shared_lessons(SharedLessons::Change)
        .build()
        .expect("a provider");
    let section = &read.sections[0];
    let renamed = Lesson { title: "Renamed".into(), ..section.lessons[0].clone() };
    let authoring = stepik.authoring().expect("authoring");
    authoring.put_lesson(&mine, &section.id, &renamed, &slot(renamed.id.clone())).await.expect("changed");
    let there = stepik.courses().expect("courses").content(&other).await.expect("it").course;
    assert!(there.sections[0].lessons.iter().any(|lesson| lesson.title == "Renamed"));
}

#[tokio::test]
async fn sections_lessons_and_steps_are_put_in_another_order_and_keep_their_ids() {
    let server = start().await;
    let stepik = author(&server);
    let mut native = course(3, 4);
    native.sections.push(Section::new("t", "Second"));
    native.sections.push(Section::new("u", "Third"));
    let adapted = stepik.authoring().expect("authoring").adapt(&native).course;
    let id = write(&stepik, &adapted, &[]).await;
    let courses = stepik.courses().expect("courses");
    let mut wanted = courses.content(&id).await.expect("it").course;
    wanted.sections.rotate_left(1);
    wanted.sections[2].lessons.reverse();
    wanted.sections[2].lessons[0].steps.swap(1, 3);
    let sections: Vec<SectionId> = wanted.sections.iter().map(|s| s.id.clone()).collect();
    let lessons: Vec<LessonId> = wanted.sections[2].lessons.iter().map(|l| l.id.clone()).collect();
    let steps: Vec<StepId> = wanted.sections[2].lessons[0].steps.iter().map(|t| t.id.clone()).collect();
    stepik.reorder_sections(&id, &sections).await.expect("ordered");
    stepik.reorder_lessons(&sections[2], &lessons).await.expect("ordered");
    server.log().clear();
    stepik.reorder_steps(&id, &lessons[0], &steps).await.expect("ordered");
    assert_eq!(server.log().writes(), 2, "only two steps of the four have to move");
    stepik.wait_until_ready(&steps).await.expect("ready");
    assert_eq!(courses.content(&id).await.expect("it").course, wanted);
    // The same order once more writes nothing; an order of something else is refused.
    server.log().clear();
    stepik.reorder_sections(&id, &sections).await.expect("is so");
    stepik.reorder_lessons(&sections[2], &lessons).await.expect("is so");
    stepik.reorder_steps(&id, &lessons[0], &steps).await.expect("is so");
    let strange = [steps[0].clone(), steps[1].clone(), "424242".into(), steps[3].clone()];
    let refused = stepik.reorder_steps(&id, &lessons[0], &strange).await.expect_err("not its steps");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let fields =
        [("left out".to_owned(), steps[2].to_string()), ("not there".to_owned(), "424242".to_owned())];
    assert_eq!(refused.fields(), fields);
    assert_eq!(server.log().writes(), 0);
}

#[tokio::test]
async fn lessons_get_files_and_courses_a_cover() {
    let server = start().await;
    let stepik = author(&server);
    let id = write(&stepik, &samples::course(Vec::new()), &[]).await;
    let courses = stepik.courses().expect("courses");
    let lesson = courses.content(&id).await.expect("it").course.sections[0].lessons[0].id.clone();
    let body = || AssetBody::from_bytes(Bytes::from_static(b"a,b"));
    let to = Owner::Lesson(lesson.clone());
    let link = stepik.attach(&to, "data.csv", Some("text/csv"), body()).await.expect("an attachment");
    assert_eq!(link.url, format!("/media/attachments/lesson/{lesson}/data.csv"));
    let query = NativeQuery::new().with("lesson", &lesson);
    let listed =
        stepik.native().list(Endpoint::Attachments, query).expect("a list").all().await.expect("files");
    assert_eq!((listed.len(), &listed[0]["size"], &listed[0]["name"]), (1, &json!(3), &json!("data.csv")));
    let bytes = courses.read_asset(&id, &link.id).await.expect("a file").into_bytes(9).await.expect("bytes");
    assert_eq!(bytes, Bytes::from_static(b"a,b"));
    stepik.set_cover(&id, "cover.png", Some("image/png"), body()).await.expect("a cover");
    let cover = courses.content(&id).await.expect("it").course.cover.expect("a cover");
    assert!(cover.as_str().ends_with("cover.png"), "{cover}");
}

async fn video_step(stepik: &Stepik, course: &CourseId, lesson: &LessonId, video: &UploadedVideo) -> Value {
    let step = stepik.add_video_step(course, lesson, 1, video).await.expect("a step");
    stepik.wait_until_ready(std::slice::from_ref(&step)).await.expect("ready");
    stepik.native().get(Endpoint::Steps, step).await.expect("the step")["block"]["video"].clone()
}

#[tokio::test]
async fn videos_come_by_address_or_as_a_file() {
    let server: StepikEmulator = start().await;
    let stepik = author(&server);
    let id = write(&stepik, &samples::course(Vec::new()), &[]).await;
    let courses = stepik.courses().expect("courses");
    let lesson = courses.content(&id).await.expect("it").course.sections[0].lessons[0].id.clone();
    let to = Owner::Lesson(lesson.clone());
    let address = VideoSource::Url("https://video.example/lecture.mp4".into());
    let video = stepik.upload_video(&to, address).await.expect("a video");
    assert_eq!(video_step(&stepik, &id, &lesson, &video).await["id"], json!(video.id));
    let body = AssetBody::from_bytes(Bytes::from_static(b"frames"));
    let file = VideoSource::File { name: "lecture.mp4".into(), body };
    let video = stepik.upload_video(&Owner::Course(id.clone()), file).await.expect("a video");
    assert_eq!(video.filename.as_deref(), Some("lecture.mp4"));
    assert_eq!(video_step(&stepik, &id, &lesson, &video).await["id"], json!(video.id));
}
