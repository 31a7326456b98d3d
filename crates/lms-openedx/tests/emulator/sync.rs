//! Writing block by block: only what changed, and keys stay. Against the emulated Studio, in a session and by token alone.

use bytes::Bytes;
use lms_core::*;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_openedx::*;

use crate::world::{self, course, usage};

/// The course as its author reads it.
async fn read(edx: &OpenEdx) -> Course {
    edx.require_courses().expect("courses").content(&course()).await.expect("the course").course
}

fn steps(course: &Course) -> &[Step] {
    &course.sections[0].lessons[0].steps
}

/// Another answer for the first exercise of a step.
fn with_answer(step: &Step, answer: &str) -> Step {
    let mut step = step.clone();
    let exercise = step.blocks.iter_mut().find_map(|block| match &mut block.body {
        BlockBody::Exercise(exercise) => Some(exercise),
        _ => None,
    });
    let value = NumberAccept::Value { value: answer.into(), tolerance: Tolerance::none() };
    exercise.expect("an exercise").key = Some(Key::Number { accept: vec![value] });
    step
}

fn text(id: &str, html: &str) -> Block {
    Block::new(id, BlockBody::Text(Text { markup: Markup::from_html(html) }))
}

async fn put(edx: &OpenEdx, step: &Step, position: u32) -> Result<StepId> {
    let slot = Slot { position, existing: Some(step.id.clone()) };
    let authoring = edx.require_authoring()?;
    authoring.put_step(&course(), &"hw1".into(), step, &slot, &AssetLinks::new()).await
}

/// What was sent, without reading: method and last part of the path.
fn writes(server: &OpenEdxEmulator, from: usize) -> Vec<String> {
    let log = server.log().entries();
    let sent = log.iter().skip(from).filter(|entry| entry.method != "GET" && !entry.path.contains("login"));
    let sent = sent.filter(|entry| !entry.path.contains("access_token"));
    sent.map(|entry| {
        let name = entry.path.rsplit(['@', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        format!("{} {name}", entry.method)
    })
    .collect()
}

#[tokio::test]
async fn an_unchanged_course_is_not_written_at_all() {
    let server = world::start().await;
    let reader = world::author(&server);
    let whole = read(&reader).await;
    for edx in world::writers(&server) {
        let authoring = edx.require_authoring().expect("authoring");
        let from = server.log().entries().len();
        let (section, lesson) = (&whole.sections[0], &whole.sections[0].lessons[0]);
        let links = AssetLinks::new();
        let slot = Slot { position: 1, existing: Some(section.id.clone()) };
        authoring.put_section(&course(), section, &slot, &links).await.expect("a section");
        let slot = Slot { position: 1, existing: Some(lesson.id.clone()) };
        authoring.put_lesson(&course(), &section.id, lesson, &slot).await.expect("a lesson");
        for (n, step) in (1..).zip(steps(&whole)) {
            assert_eq!(put(&edx, step, n).await.expect("a step"), step.id);
        }
        authoring.finish(&course(), &whole.header(), &links).await.expect("finished");
        assert_eq!(writes(&server, from), Vec::<String>::new());
    }
    assert_eq!(read(&reader).await, whole);
}

#[tokio::test]
async fn one_problem_is_changed_by_two_writes_and_keeps_what_was_answered() {
    let server = world::start().await;
    let reader = world::author(&server);
    let learner = world::learner(&server).await;
    let task = TaskRef::new(course(), "sum");
    let part = learner.problem(&task).await.expect("a problem").inputs[0].part.clone();
    let submissions = learner.require_submissions().expect("submissions");
    for (n, edx) in world::writers(&server).iter().enumerate() {
        let whole = read(&reader).await;
        let answer = format!("{}", 17 + n);
        let from = server.log().entries().len();
        put(edx, &with_answer(&steps(&whole)[0], &answer), 1).await.expect("a step");
        let method = if n == 0 { "POST" } else { "PATCH" };
        assert_eq!(writes(&server, from), [format!("{method} sum"), format!("{method} unit1")]);
        let given = TaskAnswer::one(part.clone(), Response::number(&answer));
        let judged = submissions.submit_and_wait(&task, &given, Patience::default()).await.expect("judged");
        assert!(judged.verdict.expect("a verdict").correct);
        assert_eq!(learner.problem(&task).await.expect("a problem").attempts_used, 1 + n as u32);
    }
    // What the model does not know is as its author left it.
    let sum = world::by_token(&server).studio_block(&usage("problem", "sum")).await.expect("a block");
    assert_eq!(
        (&sum.metadata["showanswer"], &sum.metadata["max_attempts"]),
        (&"attempted".into(), &3.into())
    );
}

#[tokio::test]
async fn blocks_come_go_and_change_places() {
    let server = world::start().await;
    let reader = world::author(&server);
    for edx in world::writers(&server) {
        let whole = read(&reader).await;
        let mut step = steps(&whole)[0].clone();
        step.title = "Adding up".into();
        step.blocks.reverse();
        step.blocks.insert(1, text("new", "<p>In the middle.</p>"));
        put(&edx, &step, 1).await.expect("a step");
        let now = read(&reader).await;
        let blocks = &steps(&now)[0].blocks;
        let kinds: Vec<&str> = blocks.iter().map(|block| block.body.kind()).collect();
        assert_eq!(kinds, ["exercise", "text", "text"]);
        assert_eq!(steps(&now)[0].title, "Adding up");
        let BlockBody::Text(middle) = &blocks[1].body else { panic!("{blocks:?}") };
        assert_eq!(middle.markup.plain(), "In the middle.");
        assert!(
            blocks[0].id.as_str().contains("sum") && blocks[2].id.as_str().contains("read"),
            "{blocks:?}"
        );

        // The block that Studio named is found again, and changed in its place.
        let made = blocks[1].id.clone();
        step.blocks[1] = text("new", "<p>Still there.</p>");
        put(&edx, &step, 1).await.expect("a step");
        assert_eq!(steps(&read(&reader).await)[0].blocks[1].id, made);

        put(&edx, &steps(&whole)[0], 1).await.expect("a step");
        let back = read(&reader).await;
        assert_eq!(steps(&back)[0].blocks.len(), 2);
    }
}

#[tokio::test]
async fn sections_lessons_and_steps_are_made_moved_and_deleted() {
    let server = world::start().await;
    let reader = world::author(&server);
    for edx in world::writers(&server) {
        let before = read(&reader).await;
        let authoring = edx.require_authoring().expect("authoring");
        let links = AssetLinks::new();
        let section = authoring
            .put_section(&course(), &Section::new("s", "Week 0"), &Slot::new(1), &links)
            .await
            .expect("a section");
        let mut homework = Lesson::new("l", "Warming up");
        homework.category = Some("Homework".into());
        let lesson =
            authoring.put_lesson(&course(), &section, &homework, &Slot::new(1)).await.expect("a lesson");
        let mut step = Step::new("t", "First");
        step.blocks = vec![text("hello", "<p>Hello.</p>")];
        let first =
            authoring.put_step(&course(), &lesson, &step, &Slot::new(1), &links).await.expect("a step");
        step.title = "Zeroth".into();
        let zeroth =
            authoring.put_step(&course(), &lesson, &step, &Slot::new(1), &links).await.expect("a step");

        let now = read(&reader).await;
        assert_eq!(now.sections[0].title, "Week 0");
        assert_eq!(now.sections[1].title, "Week 1");
        let made = &now.sections[0].lessons[0];
        assert_eq!((made.title.as_str(), made.category.as_deref()), ("Warming up", Some("Homework")));
        assert_eq!(made.steps.iter().map(|step| &step.id).collect::<Vec<_>>(), [&zeroth, &first]);
        let learner = world::learner(&server).await;
        let seen = learner.outline(&course(), &OutlineQuery::default()).await.expect("an outline");
        assert!(seen.in_order().iter().any(|block| block.title.as_deref() == Some("Zeroth")));

        homework.category = None;
        let slot = Slot { position: 1, existing: Some(lesson.clone()) };
        authoring.put_lesson(&course(), &section, &homework, &slot).await.expect("a lesson");
        assert_eq!(read(&reader).await.sections[0].lessons[0].category, None);
        assert!(!authoring.staged());
        let writes = server.log().writes();
        authoring
            .order_steps(&course(), &lesson, &[zeroth.clone(), first.clone()])
            .await
            .expect("so already");
        assert_eq!(server.log().writes(), writes);
        authoring.order_steps(&course(), &lesson, &[first.clone(), zeroth.clone()]).await.expect("ordered");
        authoring.order_sections(&course(), &["week1".into(), section.clone()]).await.expect("ordered");
        let now = read(&reader).await;
        let made = &now.sections[1].lessons[0];
        assert_eq!(made.steps.iter().map(|step| &step.id).collect::<Vec<_>>(), [&first, &zeroth]);
        let twice = authoring.order_steps(&course(), &lesson, &[first.clone(), first.clone()]).await;
        assert_eq!(twice.expect_err("not all of them").kind(), ErrorKind::Conflict);
        authoring.order_sections(&course(), &[section.clone(), "week1".into()]).await.expect("ordered");
        authoring.finish_nodes(&course()).await.expect("finished");
        authoring.delete_step(&course(), &first).await.expect("deleted");
        assert_eq!(read(&reader).await.sections[0].lessons[0].steps.len(), 1);
        authoring.delete_lesson(&course(), &lesson).await.expect("deleted");
        authoring.delete_section(&course(), &section).await.expect("deleted");
        assert_eq!(read(&reader).await, before);
    }
}

#[tokio::test]
async fn the_header_and_files_are_written_where_they_differ() {
    let server = world::start().await;
    let reader = world::author(&server);
    for (n, edx) in world::writers(&server).iter().enumerate() {
        let mut header = read(&reader).await.header();
        header.title = format!("Sums {n}");
        header.description = Markup::from_html(format!("<p>All about sums, {n}.</p>"));
        if let Some(grading) = &mut header.grading {
            grading.cutoffs = vec![("Pass".into(), 0.5 + n as f64 / 10.0)];
        }
        let authoring = edx.require_authoring().expect("authoring");
        let asset = Asset {
            id: "data".into(),
            name: format!("my data {n}.csv"),
            media_type: None,
            size: Some(3),
            role: AssetRole::Content,
        };
        let body = AssetBody::from_bytes(Bytes::from_static(b"1,2"));
        let link = authoring.put_asset(&course(), &asset, body).await.expect("a file");
        assert_eq!(link.url, format!("/static/my_data_{n}.csv"));
        let mut links = AssetLinks::new();
        links.insert(asset.id.clone(), link.clone());
        let mut step = steps(&read(&reader).await)[0].clone();
        step.blocks[0] = text("read", "<p>See <a href=\"asset:data\">the data</a>.</p>");
        let slot = Slot { position: 1, existing: Some(step.id.clone()) };
        authoring.put_step(&course(), &"hw1".into(), &step, &slot, &links).await.expect("a step");
        authoring.finish(&course(), &header, &links).await.expect("finished");

        let now = read(&reader).await;
        assert_eq!(
            (&now.title, &now.description, &now.grading),
            (&header.title, &header.description, &header.grading)
        );
        let BlockBody::Text(text) = &steps(&now)[0].blocks[0].body else { panic!("no text") };
        let linked = text.markup.assets();
        assert_eq!(linked.len(), 1, "{}", text.markup.html());
        assert!(now.assets.iter().any(|asset| asset.id == linked[0]));
    }
}

#[tokio::test]
async fn a_new_course_is_built_node_by_node() {
    let server = world::start().await;
    let reader = world::author(&server);
    let whole = read(&reader).await;
    for (n, edx) in world::writers(&server).iter().enumerate() {
        let authoring = edx.require_authoring().expect("authoring");
        let id = CourseId::from(format!("course-v1:Tests+NEW+{n}").as_str());
        let new = NewCourse { id: Some(id.clone()), existing: ExistingCourse::Refuse };
        assert_eq!(authoring.create_course(&whole.header(), &new).await.expect("a course"), id);
        let links = AssetLinks::new();
        let section =
            authoring.put_section(&id, &whole.sections[0], &Slot::new(1), &links).await.expect("one");
        let lesson = &whole.sections[0].lessons[0];
        let lesson = authoring.put_lesson(&id, &section, lesson, &Slot::new(1)).await.expect("one");
        authoring.put_step(&id, &lesson, &steps(&whole)[0], &Slot::new(1), &links).await.expect("one");
        authoring.finish(&id, &whole.header(), &links).await.expect("finished");
        let made = reader.require_courses().expect("courses").content(&id).await.expect("the course").course;
        assert_eq!(
            (&made.title, &made.grading, made.schedule),
            (&whole.title, &whole.grading, whole.schedule)
        );
        let bodies =
            |course: &Course| steps(course)[0].blocks.iter().map(|b| b.body.clone()).collect::<Vec<_>>();
        let keys = |course: &Course| {
            let exercises = steps(course)[0].blocks.iter().filter_map(Block::exercise);
            exercises.map(|exercise| exercise.key.clone()).collect::<Vec<_>>()
        };
        assert_eq!((bodies(&made).len(), keys(&made)), (bodies(&whole).len(), keys(&whole)));
    }
}

#[tokio::test]
async fn what_cannot_be_written_alone_is_refused_before_anything_is_sent() {
    let server = world::start().await;
    let reader = world::author(&server);
    let whole = read(&reader).await;
    for edx in world::writers(&server) {
        let from = server.log().entries().len();
        let mut step = steps(&whole)[1].clone();
        let source = "<openassessment><title>Other</title></openassessment>";
        let foreign = Foreign {
            platform: Platform::OpenEdx,
            name: "openassessment".into(),
            format: SourceFormat::Xml,
            source: source.into(),
            readable: Markup::default(),
            points: None,
        };
        step.blocks.push(Block::new("other", BlockBody::Foreign(foreign)));
        let error = put(&edx, &step, 2).await.expect_err("no request can write it");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
        let mut unknown = steps(&whole)[0].clone();
        unknown.id = "nowhere".into();
        assert_eq!(put(&edx, &unknown, 1).await.expect_err("not there").kind(), ErrorKind::NotFound);
        let authoring = edx.require_authoring().expect("authoring");
        let error = authoring
            .put_step(&"67".into(), &"hw1".into(), &step, &Slot::new(1), &AssetLinks::new())
            .await
            .expect_err("no key");
        assert_eq!((error.kind(), writes(&server, from)), (ErrorKind::InvalidInput, Vec::new()));
    }
}
