//! A site, by its emulator: reading, answering, people.

use std::collections::BTreeSet;

use bytes::Bytes;
use lms_core::{
    Accounts, Asset, AssetBody, AssetLinks, AssetRole, Authoring, Block, BlockBody, Cardinality,
    ChoiceInteraction, ChoiceOption, Course, CourseId, CourseQuery, Courses, CoursesExt, Credit,
    EnrollOptions, Enrollments, ErrorKind, Exercise, FileUploadInteraction, Grades, Interaction, Key, Lesson,
    NewAccount, NewCourse, NumberAccept, Patience, Registered, Registration, Response, Section, Slot, Step,
    Subject, SubmissionQuery, SubmissionState, Submissions, SubmissionsExt, SubmittedFile, TaskAnswer,
    TaskQuery, TaskRef, TaskStatus, Tasks, Text, TextAccept, TextEntryInteraction, TextRule, Tolerance,
    Visibility,
};
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_inginious::{FolderCourse, Inginious, InginiousBuilder, SubmitBy};

fn exercise(interaction: Interaction, key: Key) -> Block {
    Block::new(
        "x",
        BlockBody::Exercise(Box::new(Exercise::new("x", "<p>What?</p>".into(), interaction).with_key(key))),
    )
}

fn choice(cardinality: Cardinality, correct: &[usize]) -> Block {
    let options = ["one", "two", "three"].map(ChoiceOption::new).to_vec();
    let interaction =
        Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: None });
    exercise(interaction, Key::Choice { correct: correct.iter().copied().collect() })
}

fn course() -> Course {
    let accept = vec![TextAccept { text: "Paris".into(), rule: TextRule::Exact, case_sensitive: true }];
    let text = exercise(Interaction::TextEntry(TextEntryInteraction::default()), Key::Text { accept });
    let accept = vec![NumberAccept::Value {
        value: "3.14".into(),
        tolerance: Tolerance::Absolute { by: "0.01".into() },
    }];
    let number = exercise(Interaction::Numeric(Default::default()), Key::Number { accept });
    let mut partial = choice(Cardinality::Multiple, &[0, 1]);
    if let BlockBody::Exercise(exercise) = &mut partial.body {
        exercise.scoring.credit = Credit::EveryDecision;
    }
    let file = exercise(
        Interaction::FileUpload(FileUploadInteraction { extensions: vec![".txt".into()], max_bytes: None }),
        Key::Any,
    );
    let intro = Block::new(
        "i",
        BlockBody::Text(Text { markup: "<p>See <img src=\"asset:pic\" alt=\"x\"></p>".into() }),
    );
    let tasks = [
        (
            "quiz",
            vec![intro, choice(Cardinality::Single, &[1]), choice(Cardinality::Multiple, &[0, 2]), text],
        ),
        ("numbers", vec![number, partial]),
        ("upload", vec![file]),
    ];
    let mut course = Course::new("demo", "Demo course");
    course.visibility = Visibility::Public;
    let mut lesson = Lesson::new("l", "Basics");
    for (name, blocks) in tasks {
        let mut step = Step::new(name, name);
        for (n, mut block) in blocks.into_iter().enumerate() {
            block.id = format!("{name}/p{n}").into();
            step.blocks.push(block);
        }
        lesson.steps.push(step);
    }
    let mut section = Section::new("s", "Basics");
    section.lessons.push(lesson);
    course.sections.push(section);
    course.assets.push(Asset {
        id: "pic".into(),
        name: "pic.png".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    });
    course
}

/// A site that serves the course above, and a learner's and an administrator's view of it.
async fn site() -> (InginiousEmulator, Inginious, Inginious) {
    let folder = tempfile::tempdir().expect("a folder");
    let target = FolderCourse::create(folder.path().join("demo")).expect("a place");
    let adapted = target.adapt(&course()).course;
    let id = target.create_course(&adapted.header(), &NewCourse::default()).await.expect("created");
    let mut links = AssetLinks::new();
    for asset in &adapted.assets {
        let link = target.put_asset(&id, asset, AssetBody::from_bytes(&b"PNG"[..])).await.expect("stored");
        links.insert(asset.id.clone(), link);
    }
    for section in &adapted.sections {
        let at = target.put_section(&id, section, &Slot::new(1), &links).await.expect("section");
        for lesson in &section.lessons {
            let at = target.put_lesson(&id, &at, lesson, &Slot::new(1)).await.expect("lesson");
            for (n, step) in (1..).zip(&lesson.steps) {
                target.put_step(&id, &at, step, &Slot::new(n), &links).await.expect("step");
            }
        }
    }
    target.finish(&id, &adapted.header(), &links).await.expect("finished");
    let emulator =
        InginiousEmulator::start(Options { load: vec![folder.path().join("demo")], ..Options::default() })
            .await
            .expect("a site");
    let credentials = emulator.credentials();
    let builder = |name: &str, password: &str| {
        InginiousBuilder::new(emulator.url()).with_password(name, password.to_owned())
    };
    let learner =
        builder(&credentials.learner_username, &credentials.learner_password).build().expect("a provider");
    let admin = builder(&credentials.username, &credentials.password).build().expect("a provider");
    (emulator, learner, admin)
}

fn answer(parts: &[(&str, Response)]) -> TaskAnswer {
    TaskAnswer(parts.iter().map(|(block, response)| ((*block).into(), response.clone())).collect())
}

#[tokio::test]
async fn a_learner_registers_reads_answers_and_gets_marks() {
    let (_emulator, learner, _) = site().await;
    let demo = CourseId::new("demo");
    assert_eq!(learner.me().await.expect("me").id.as_str(), "learner");
    let found = learner.find_course("Demo course").await.expect("the course");
    assert_eq!((found.id.as_str(), found.enrolled), ("demo", Some(false)));
    let refused = Tasks::list(&learner, &demo, TaskQuery::default()).expect("a listing").all().await;
    assert_eq!(refused.expect_err("not yet").kind(), ErrorKind::NotEnrolled);
    learner.enroll(&demo, &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    learner.enroll(&demo, &Subject::Me, &EnrollOptions::default()).await.expect("twice is no error");
    let mine = Courses::list(&learner, CourseQuery::new().with_enrolled())
        .expect("a listing")
        .all()
        .await
        .expect("mine");
    assert_eq!(mine.len(), 1);

    let content = learner.content(&demo).await.expect("content");
    assert_eq!(content.native.blocks["task"], 3);
    assert!(content.course.blocks().filter_map(|p| p.block.1.exercise()).all(|e| e.key.is_none()));
    let picture = learner.read_asset(&demo, &content.course.assets[0].id).await.expect("the picture");
    assert_eq!(picture.into_bytes(100).await.expect("bytes"), Bytes::from_static(b"PNG"));

    let quiz = TaskRef::new("demo", "quiz");
    let task = Tasks::get(&learner, &quiz).await.expect("the task");
    let blocks: Vec<&str> = task.parts.iter().map(|p| p.block.as_str()).collect();
    assert_eq!(blocks, ["quiz/p1", "quiz/p2", "quiz/p3"]);
    let half = answer(&[
        ("quiz/p1", Response::choice(1)),
        ("quiz/p2", Response::choices([])),
        ("quiz/p3", Response::text("Paris")),
    ]);
    let judged = learner.submit_and_wait(&quiz, &half, Patience::default()).await.expect("judged");
    let verdict = judged.verdict.expect("a verdict");
    assert!(!verdict.correct && (verdict.score - 0.6667).abs() < 1e-9, "{verdict:?}");
    let right = answer(&[
        ("quiz/p1", Response::choice(1)),
        ("quiz/p2", Response::choices([0, 2])),
        ("quiz/p3", Response::text(" Paris ")),
    ]);
    let judged = learner.submit_and_wait(&quiz, &right, Patience::default()).await.expect("judged");
    assert!(judged.verdict.expect("a verdict").correct);
    let list = Submissions::list(&learner, &quiz, SubmissionQuery::default())
        .expect("a listing")
        .all()
        .await
        .expect("list");
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].id, judged.id, "newest first");
    let tasks =
        Tasks::list(&learner, &demo, TaskQuery::default()).expect("a listing").all().await.expect("tasks");
    let passed: BTreeSet<_> =
        tasks.iter().filter(|t| t.status == Some(TaskStatus::Passed)).map(|t| t.id.as_str()).collect();
    assert_eq!(passed, BTreeSet::from(["quiz"]));
    // Weights are 3, 2 and 1: three of six points.
    assert!((learner.mine(&demo).await.expect("a grade").share - 0.5).abs() < 1e-9);

    learner.unenroll(&demo, &Subject::Me).await.expect("left");
    assert_eq!(Tasks::get(&learner, &quiz).await.expect_err("out").kind(), ErrorKind::NotEnrolled);
}

#[tokio::test]
async fn a_generated_script_judges_on_the_site() {
    let (_emulator, learner, _) = site().await;
    learner.enroll(&"demo".into(), &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    let numbers = TaskRef::new("demo", "numbers");
    for (number, picked, score) in
        [("3,145", vec![0, 1], 1.0), ("3.2", vec![0, 1], 0.5), ("3.14", vec![0], 0.835)]
    {
        let given =
            answer(&[("numbers/p0", Response::number(number)), ("numbers/p1", Response::choices(picked))]);
        let judged = learner.submit_and_wait(&numbers, &given, Patience::default()).await.expect("judged");
        assert_eq!(judged.state, SubmissionState::Judged);
        let verdict = judged.verdict.expect("a verdict");
        assert!((verdict.score - score).abs() < 1e-9, "{number}: {verdict:?}");
    }
    let upload = TaskRef::new("demo", "upload");
    let file = SubmittedFile { name: "essay.txt".into(), content: Bytes::from_static(b"words") };
    let given = answer(&[("upload/p0", Response::Files(vec![file]))]);
    let judged = learner.submit_and_wait(&upload, &given, Patience::default()).await.expect("judged");
    assert!(judged.verdict.expect("a verdict").correct);
}

#[tokio::test]
async fn what_would_burn_a_try_is_refused_before_it_is_sent() {
    let (emulator, learner, admin) = site().await;
    learner.enroll(&"demo".into(), &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    let quiz = TaskRef::new("demo", "quiz");
    for parts in [
        vec![("quiz/p1", Response::choice(1))],
        vec![("quiz/p1", Response::choice(9)), ("quiz/p3", Response::text("x"))],
        vec![("quiz/p1", Response::choices([0, 1])), ("quiz/p3", Response::text("x"))],
        vec![("quiz/p9", Response::choice(1))],
    ] {
        let error = learner.submit(&quiz, &answer(&parts)).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    let list = Submissions::list(&learner, &quiz, SubmissionQuery::default())
        .expect("a listing")
        .all()
        .await
        .expect("list");
    assert!(list.is_empty());
    // The same through the API.
    let credentials = emulator.credentials();
    let by_api = InginiousBuilder::new(emulator.url())
        .with_password(&credentials.learner_username, credentials.learner_password.clone())
        .with_submit(SubmitBy::Api)
        .build()
        .expect("a provider");
    let given = answer(&[("quiz/p1", Response::choice(0)), ("quiz/p3", Response::text("Rome"))]);
    let judged = by_api.submit_and_wait(&quiz, &given, Patience::default()).await.expect("judged");
    assert_eq!(judged.verdict.map(|v| v.score), Some(0.0));
    let foreign = Submissions::get(&admin, &quiz, &judged.id).await.expect_err("somebody else's");
    assert_eq!(foreign.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn accounts_wait_for_activation_and_refusals_name_the_field() {
    let (emulator, learner, _) = site().await;
    let account = |username: &str, password: &str| NewAccount {
        username: Some(username.into()),
        email: format!("{username}@example.org"),
        password: password.into(),
        name: "New Person".into(),
        accepted_terms: false,
        fields: Vec::new(),
    };
    let made = learner.register(&account("newcomer", "secret-1")).await.expect("registered");
    assert!(matches!(made, Registered::AwaitingActivation(_)), "{made:?}");
    let error = learner.register(&account("newcomer", "secret-1")).await.expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    let error = learner.register(&account("other", "x")).await.expect_err("short");
    assert_eq!(error.fields().first().map(|(field, _)| field.as_str()), Some("password"), "{error}");
    let asleep = InginiousBuilder::new(emulator.url())
        .with_password("newcomer", "secret-1")
        .build()
        .expect("a provider");
    assert_eq!(asleep.me().await.expect_err("not activated").kind(), ErrorKind::Unauthenticated);
}
