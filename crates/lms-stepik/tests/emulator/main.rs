//! The provider against the Stepik emulator.

mod authoring;
mod bad_input;
mod large;
mod listing;
mod marks;
mod people;
mod raw;
mod reading;
#[path = "../../src/convert/samples.rs"]
mod samples;
mod sign_in;
mod solving;
mod submitting;
mod switches;
mod writing;

use std::collections::BTreeMap;

use bytes::Bytes;
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{Stepik, StepikBuilder};

async fn start() -> StepikEmulator {
    StepikEmulator::start(Options::default()).await.expect("an emulator")
}

/// One that judges at once, for tests of very many answers.
async fn start_quick() -> StepikEmulator {
    let options = Options { background_delay: std::time::Duration::ZERO, ..Options::default() };
    StepikEmulator::start(options).await.expect("an emulator")
}

fn author(server: &StepikEmulator) -> Stepik {
    let who = server.credentials();
    let builder = StepikBuilder::new().with_base_url(server.url());
    builder.with_client(&who.client_id, who.client_secret.as_str()).build().expect("a provider")
}

fn learner(server: &StepikEmulator) -> Stepik {
    let who = server.credentials();
    StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password(&who.learner_username, who.learner_password.as_str())
        .build()
        .expect("a provider")
}

/// Writes an adapted course; answers its id.
async fn write(stepik: &Stepik, course: &Course, files: &[(&str, &'static [u8])]) -> CourseId {
    let authoring = stepik.authoring().expect("authoring");
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await.expect("a course");
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let (_, bytes) = files.iter().find(|(id, _)| *id == asset.id.as_str()).expect("a file");
        let body = AssetBody::from_bytes(Bytes::from_static(bytes));
        links.insert(asset.id.clone(), authoring.put_asset(&id, asset, body).await.expect("an attachment"));
    }
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = authoring.put_section(&id, section, &Slot::new(s), &links).await.expect("a section");
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id =
                authoring.put_lesson(&id, &section_id, lesson, &Slot::new(l)).await.expect("a lesson");
            for (t, step) in (1..).zip(&lesson.steps) {
                authoring.put_step(&id, &lesson_id, step, &Slot::new(t), &links).await.expect("a step");
            }
        }
    }
    authoring.finish(&id, &course.header(), &links).await.expect("steps that are ready");
    id
}

/// The course with ids that say where things are, so that two can be compared; files by name.
fn without_ids(course: &Course) -> Course {
    let names: BTreeMap<String, String> =
        course.assets.iter().map(|a| (format!("asset:{}", a.id), format!("asset:{}", a.name))).collect();
    let mut text = serde_json::to_string(course).expect("JSON");
    for (id, name) in names {
        text = text.replace(&id, &name);
    }
    let mut course: Course = serde_json::from_str(&text).expect("a course");
    // Where it is seen is an id too.
    note_pages(&mut course, Platform::Stepik, |_| Some(String::new()));
    course.id = "".into();
    course.cover = None;
    course.assets.iter_mut().for_each(|asset| asset.id = asset.name.as_str().into());
    course.assets.sort_by(|a, b| a.name.cmp(&b.name));
    let mut n = 0u64;
    for section in &mut course.sections {
        section.id = "".into();
        for lesson in &mut section.lessons {
            lesson.id = "".into();
            for step in &mut lesson.steps {
                n += 1;
                step.id = n.into();
                for block in &mut step.blocks {
                    block.id = n.into();
                    if let BlockBody::Exercise(exercise) = &mut block.body {
                        exercise.task = n.into();
                    }
                }
            }
        }
    }
    course
}

fn sample() -> Course {
    let mut course = samples::course(samples::exercises());
    course.summary = Some("All kinds".into());
    course.description = Markup::from_html("<p>See <a href=\"asset:data\">the data</a></p>");
    course.assets.push(Asset {
        id: "data".into(),
        name: "files/data.csv".into(),
        media_type: None,
        size: Some(3),
        role: AssetRole::Content,
    });
    let text = Markup::from_html("<img src=\"asset:data\"> and <span class=\"math inline\">\\(x_1\\)</span>");
    course.sections[0].lessons[0].steps[0].blocks[0].body = BlockBody::Text(Text { markup: text });
    course.sections[0].schedule.due = "2030-01-02T03:04:05Z".parse().ok();
    course
}
