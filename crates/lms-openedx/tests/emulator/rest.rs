//! The REST provider against the emulated LMS and Studio.

use std::path::PathBuf;

use bytes::Bytes;
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_http::{HttpOptions, Method, Pace, RetryPolicy, Safety};
use lms_openedx::{Host, OpenEdx, OpenEdxBuilder, OpenEdxKey};
use lms_testkit::seed;

const ONE: &str = "course-v1:Example+ONE+demo";

fn example() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx"))
}

async fn start(load: Vec<PathBuf>) -> OpenEdxEmulator {
    OpenEdxEmulator::start(Options { load, page_size: 2, ..Options::default() }).await.expect("an emulator")
}

/// No pauses: the emulator has no limits here.
fn quick() -> HttpOptions {
    let retry = RetryPolicy { first: std::time::Duration::from_millis(1), ..RetryPolicy::default() };
    HttpOptions { retry, pace: Some(Pace::default()), ..HttpOptions::default() }
}

fn builder(server: &OpenEdxEmulator) -> OpenEdxBuilder {
    let who = server.credentials();
    OpenEdxBuilder::new()
        .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
        .with_option(OpenEdxKey::StudioUrl, &who.studio_url)
        .with_option(OpenEdxKey::ClientId, &who.client_id)
        .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
        .with_option(OpenEdxKey::Org, "Tests")
        .with_http(quick())
}

fn author(server: &OpenEdxEmulator) -> OpenEdx {
    let who = server.credentials();
    let builder = builder(server)
        .with_option(OpenEdxKey::Username, &who.username)
        .with_option(OpenEdxKey::Password, &who.password);
    builder.build().expect("a provider")
}

fn learner(server: &OpenEdxEmulator) -> OpenEdx {
    let who = server.credentials();
    let builder = builder(server)
        .with_option(OpenEdxKey::Username, &who.learner_username)
        .with_option(OpenEdxKey::Password, &who.learner_password);
    builder.build().expect("a provider")
}

#[tokio::test]
async fn each_way_of_signing_in_is_somebody_and_a_wrong_secret_is_nobody() {
    let server = start(vec![]).await;
    let me = async |edx: OpenEdx| edx.require_accounts()?.me().await;
    // The owner of the application, without a password.
    assert_eq!(me(builder(&server).build().expect("a provider")).await.expect("me").id.as_str(), "author");
    assert_eq!(me(learner(&server)).await.expect("me").id.as_str(), "learner");
    let wrong_secret = builder(&server).with_option(OpenEdxKey::ClientSecret, "canary-of-the-test");
    let wrong_password = builder(&server)
        .with_option(OpenEdxKey::Username, "learner")
        .with_option(OpenEdxKey::Password, "canary-of-the-test");
    let wrong_token = builder(&server).with_option(OpenEdxKey::Token, "canary-of-the-test");
    for wrong in [wrong_secret, wrong_password, wrong_token] {
        let edx = wrong.build().expect("nothing is sent yet");
        let error = me(edx.clone()).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error:?}");
        assert!(!format!("{error:?} {error} {edx:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_session_with_a_wrong_password_is_refused_too() {
    let server = start(vec![example()]).await;
    let edx = builder(&server)
        .with_option(OpenEdxKey::Username, "author")
        .with_option(OpenEdxKey::Password, "wrong")
        .build()
        .expect("nothing is sent yet");
    let error = edx.require_courses().expect("courses").content(&ONE.into()).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error:?}");
}

#[tokio::test]
async fn courses_are_listed_over_pages_searched_and_found() {
    let folder = tempfile::tempdir().expect("a folder");
    // More than the hundred that a page may hold.
    let (seed, mut load) = seed::openedx(folder.path(), 105).expect("the seed");
    load.push(example());
    let server = start(load).await;
    let edx = learner(&server);
    let courses = edx.require_courses().expect("courses");
    let all = courses.list(CourseQuery::new()).expect("a listing").all().await.expect("courses");
    assert_eq!(all.len(), 106);
    assert_eq!(server.log().count("GET", "/api/courses/v1/courses/"), 2);
    for id in &seed.courses {
        assert!(all.iter().any(|course| course.id == *id), "{id}");
    }
    let one = courses.get(&ONE.into()).await.expect("a course");
    assert_eq!((one.title.as_str(), one.enrolled), ("One question", Some(false)));
    let unknown = courses.get(&"course-v1:Example+ONE+other".into()).await.expect_err("unknown");
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    // A listing goes on where it stopped.
    let mut pages = courses.list(CourseQuery::new()).expect("a listing").pages();
    let first = futures::StreamExt::next(&mut pages).await.expect("a page").expect("a page");
    let rest = CourseQuery::new().with_from(first.next.expect("more"));
    let rest = courses.list(rest).expect("a listing").all().await.expect("courses");
    assert_eq!(first.items.len() + rest.len(), all.len());
    assert!(!rest.iter().any(|course| course.id == first.items[0].id));
    let odd = CourseQuery::new().with_teaching().with_enrolled();
    let refused = courses.list(odd).map(|_| ()).expect_err("not offered");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_whole_course_comes_through_the_export() {
    let server = start(vec![example()]).await;
    let edx = author(&server);
    let content = edx.require_courses().expect("courses").content(&ONE.into()).await.expect("the course");
    assert_eq!(content.course.id.as_str(), ONE);
    assert_eq!(content.course.title, "One question");
    assert_eq!(content.native.exercises["multiplechoiceresponse"], 1);
    let exercise =
        content.course.blocks().find_map(|place| place.block.1.exercise().cloned()).expect("an exercise");
    assert_eq!(exercise.key, Some(Key::Choice { correct: [1].into() }));
    assert_eq!(exercise.scoring.points, 2.0);
    // A token opens no export; that is said before anything is sent.
    let edx = builder(&server).build().expect("a provider");
    let before = server.log().entries().len();
    let error = edx.require_courses().expect("courses").content(&ONE.into()).await.expect_err("no session");
    assert_eq!((error.kind(), server.log().entries().len()), (ErrorKind::Config, before));
}

#[tokio::test]
async fn people_come_and_go() {
    let server = start(vec![example()]).await;
    let (author, learner) = (author(&server), learner(&server));
    let (course, who) = (CourseId::from(ONE), Subject::User("learner".into()));
    let staff = author.require_enrollments().expect("enrollments");
    let own = learner.require_enrollments().expect("enrollments");
    let options = EnrollOptions::default();
    for _ in 0..2 {
        let enrollment = own.enroll(&course, &Subject::Me, &options).await.expect("enrolled");
        assert_eq!((enrollment.user.as_str(), enrollment.state), ("learner", EnrollmentState::Active));
        assert!(enrollment.since.is_some());
    }
    let mine = learner.require_courses().expect("courses").list(CourseQuery::new().with_enrolled());
    let mine = mine.expect("a listing").all().await.expect("courses");
    assert_eq!(mine.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), [ONE]);
    own.unenroll(&course, &Subject::Me).await.expect("unenrolled");
    let states = async || -> Vec<(String, EnrollmentState)> {
        let all =
            staff.list(&course, EnrollmentQuery::default()).expect("a listing").all().await.expect("people");
        all.into_iter().map(|e| (e.user.to_string(), e.state)).collect()
    };
    assert_eq!(states().await, [("learner".to_owned(), EnrollmentState::Inactive)]);
    staff.enroll(&course, &who, &options).await.expect("enrolled");
    assert_eq!(states().await, [("learner".to_owned(), EnrollmentState::Active)]);
    staff.unenroll(&course, &who).await.expect("unenrolled");
    assert_eq!(states().await, [("learner".to_owned(), EnrollmentState::Inactive)]);
    let gone = staff.unenroll(&course, &who).await.expect_err("not there");
    assert_eq!(gone.kind(), ErrorKind::NotEnrolled);
    let nobody = Subject::User("nobody-at-all".into());
    let error = staff.enroll(&course, &nobody, &options).await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    let by_mail = staff.enroll(&course, &Subject::Email("learner@example.org".into()), &options).await;
    assert_eq!(by_mail.expect("enrolled").user.as_str(), "learner");
    let with_password = EnrollOptions { password: Some("x".into()), ..options };
    let writes = server.log().writes();
    let error = own.enroll(&course, &Subject::Me, &with_password).await.expect_err("not offered");
    assert_eq!((error.kind(), server.log().writes()), (ErrorKind::Unsupported, writes));
}

#[tokio::test]
async fn accounts_are_opened_checked_and_found() {
    let server = start(vec![]).await;
    let edx = author(&server);
    let registration = edx.require_registration().expect("registration");
    let new = |username: &str, email: &str| NewAccount {
        username: Some(username.into()),
        email: email.into(),
        password: "Correct-horse-7".into(),
        name: "Ada Example".into(),
        accepted_terms: true,
        fields: vec![("country".into(), "BE".into())],
    };
    let ada = new("ada", "ada@example.org");
    assert_eq!(registration.validate(&ada).await.expect("an answer"), []);
    let Registered::AwaitingActivation(account) = registration.register(&ada).await.expect("registered")
    else {
        panic!("the platform does not say that the account is active");
    };
    assert_eq!(account.id.as_str(), "ada");
    let complaints = registration.validate(&ada).await.expect("an answer");
    assert!(complaints.iter().any(|(field, _)| field == "username"), "{complaints:?}");
    let error = registration.register(&ada).await.expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.fields().iter().any(|(field, _)| field == "email"), "{error:?}");
    let nameless = NewAccount { username: None, ..new("", "b@example.org") };
    assert_eq!(registration.register(&nameless).await.expect_err("no name").kind(), ErrorKind::InvalidInput);
    let accounts = edx.require_accounts().expect("accounts");
    for who in [Subject::User("ada".into()), Subject::Email("ada@example.org".into())] {
        assert_eq!(accounts.get(&who).await.expect("found").id.as_str(), "ada");
    }
    let unknown = accounts.get(&Subject::User("ghost".into())).await.expect_err("unknown");
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_answer_is_judged_and_counts() {
    let server = start(vec![example()]).await;
    let edx = learner(&server);
    let course = CourseId::from(ONE);
    let options = EnrollOptions::default();
    edx.require_enrollments()
        .expect("enrollments")
        .enroll(&course, &Subject::Me, &options)
        .await
        .expect("enrolled");
    let tasks = edx.require_tasks().expect("tasks");
    let found = tasks.list(&course, TaskQuery::default()).expect("a listing").all().await.expect("tasks");
    assert_eq!(
        found.iter().map(|t| (t.id.as_str(), t.title.as_str())).collect::<Vec<_>>(),
        [("answer", "Six times seven")]
    );
    let place = TaskRef { course: course.clone(), task: found[0].id.clone() };
    let task = tasks.get(&place).await.expect("the task");
    assert_eq!(task.parts[0].exercise.prompt.plain(), "What is 6 × 7?");
    assert_eq!(task.summary.points, Some(2.0));
    let block = task.parts[0].block.clone();
    let submissions = edx.require_submissions().expect("submissions");
    assert_eq!(
        submissions.list(&place, SubmissionQuery::default()).expect("a listing").all().await.expect("none"),
        []
    );
    for (option, right) in [(0, false), (1, true)] {
        let answer = TaskAnswer::one(block.clone(), Response::choice(option));
        let judged = submissions.submit_and_wait(&place, &answer, Patience::default()).await.expect("judged");
        let verdict = judged.verdict.expect("a verdict");
        assert_eq!((verdict.correct, verdict.score), (right, f64::from(u8::from(right))));
        assert_eq!(verdict.parts, [(block.clone(), right)]);
    }
    assert_eq!(
        submissions
            .list(&place, SubmissionQuery::default())
            .expect("a listing")
            .all()
            .await
            .expect("one")
            .len(),
        1
    );
    let grades = edx.require_grades().expect("grades");
    assert_eq!(grades.mine(&course).await.expect("a grade").user.as_str(), "learner");
    // Everybody's marks are for staff.
    let all = grades.list(&course, GradeQuery::default()).expect("a listing").all().await;
    assert_eq!(all.expect_err("a learner").kind(), ErrorKind::PermissionDenied);
    let staff = author(&server);
    let all =
        staff.require_grades().expect("grades").list(&course, GradeQuery::default()).expect("a listing");
    assert_eq!(all.all().await.expect("grades").len(), 1);
}

#[tokio::test]
async fn a_problem_without_attempts_left_takes_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let (seed, load) = seed::openedx(folder.path(), 1).expect("the seed");
    let problem = folder.path().join("olx-0/problem/answer.xml");
    let text = std::fs::read_to_string(&problem).expect("a problem");
    std::fs::write(&problem, text.replace("weight=", "max_attempts=\"1\" weight=")).expect("a problem");
    let server = start(load).await;
    let edx = learner(&server);
    let course = &seed.courses[0];
    let options = EnrollOptions::default();
    edx.require_enrollments()
        .expect("enrollments")
        .enroll(course, &Subject::Me, &options)
        .await
        .expect("enrolled");
    let place = TaskRef::new(course.clone(), "answer");
    let task = edx.require_tasks().expect("tasks").get(&place).await.expect("the task");
    assert_eq!(task.attempts_left, Some(1));
    let answer = TaskAnswer::one(task.parts[0].block.clone(), Response::choice(0));
    let submissions = edx.require_submissions().expect("submissions");
    submissions.submit(&place, &answer).await.expect("taken");
    let error = submissions.submit(&place, &answer).await.expect_err("no attempt is left");
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
}

/// Writes a course as the migration does; answers its id.
async fn write(edx: &OpenEdx, course: &Course, new: &NewCourse) -> Result<CourseId> {
    let authoring = edx.require_authoring()?;
    let id = authoring.create_course(&course.header(), new).await?;
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let body = AssetBody::from_bytes(Bytes::from_static(b"1,2"));
        links.insert(asset.id.clone(), authoring.put_asset(&id, asset, body).await?);
    }
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = authoring.put_section(&id, section, &Slot::new(s), &links).await?;
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id = authoring.put_lesson(&id, &section_id, lesson, &Slot::new(l)).await?;
            for (t, step) in (1..).zip(&lesson.steps) {
                authoring.put_step(&id, &lesson_id, step, &Slot::new(t), &links).await?;
            }
        }
    }
    authoring.finish(&id, &course.header(), &links).await?;
    Ok(id)
}

fn sample() -> Course {
    let mut exercise = Exercise::new(
        "sum",
        Markup::from_html("<p>What is 6 × 7?</p>"),
        Interaction::Numeric(NumericInteraction::default()),
    );
    exercise.key = Some(Key::Number {
        accept: vec![NumberAccept::Value { value: "42".into(), tolerance: Tolerance::none() }],
    });
    let text = Markup::from_html("<p>See <a href=\"asset:data\">the data</a>.</p>");
    let mut course = Course::new("source", "Measuring the world");
    course.assets.push(Asset {
        id: "data".into(),
        name: "data.csv".into(),
        media_type: None,
        size: Some(3),
        role: AssetRole::Content,
    });
    let blocks = vec![
        Block::new("t", BlockBody::Text(Text { markup: text })),
        Block::new("e", BlockBody::Exercise(exercise.into())),
    ];
    let mut step = Step::new("step", "Sums");
    step.blocks = blocks;
    let mut lesson = Lesson::new("lesson", "Lesson");
    lesson.steps.push(step);
    let mut section = Section::new("section", "Section");
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

#[tokio::test]
async fn a_course_is_written_and_read_back() {
    let server = start(vec![]).await;
    let edx = author(&server);
    let adapted = edx.require_authoring().expect("authoring").adapt(&sample());
    let id = write(&edx, &adapted.course, &NewCourse::default()).await.expect("written");
    assert_eq!(id.as_str(), "course-v1:Tests+measuring-the-world+1");
    let courses = edx.require_courses().expect("courses");
    let back = courses.content(&id).await.expect("the course");
    let kinds = |course: &Course| course.blocks().map(|place| place.block.1.body.kind()).collect::<Vec<_>>();
    assert_eq!(back.course.title, "Measuring the world");
    assert_eq!(kinds(&back.course), kinds(&adapted.course));
    let keys = |course: &Course| {
        course
            .blocks()
            .filter_map(|place| place.block.1.exercise().and_then(|e| e.key.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&back.course), keys(&sample()));
    let data = back.course.assets.iter().find(|asset| asset.name.ends_with("data.csv")).expect("the file");
    let bytes = courses.read_asset(&id, &data.id).await.expect("a file").into_bytes(10).await.expect("bytes");
    assert_eq!(bytes, Bytes::from_static(b"1,2"));
    // The next course of that title is another one.
    let second = write(&edx, &adapted.course, &NewCourse::default()).await.expect("written");
    assert_eq!(second.as_str(), "course-v1:Tests+measuring-the-world+2");
}

#[tokio::test]
async fn a_course_that_is_there_is_refused_or_replaced() {
    let server = start(vec![]).await;
    let edx = author(&server);
    let course = edx.require_authoring().expect("authoring").adapt(&sample()).course;
    let chosen = CourseId::from("course-v1:Tests+Chosen+2025");
    let mut new = NewCourse { id: Some(chosen.clone()), existing: ExistingCourse::Refuse };
    assert_eq!(write(&edx, &course, &new).await.expect("written"), chosen);
    let writes = server.log().writes();
    let error = write(&edx, &course, &new).await.expect_err("there already");
    assert_eq!((error.kind(), server.log().writes()), (ErrorKind::AlreadyExists, writes));
    new.existing = ExistingCourse::Replace;
    assert_eq!(write(&edx, &course, &new).await.expect("written"), chosen);
    let new = NewCourse { id: Some("67".into()), ..NewCourse::default() };
    assert_eq!(write(&edx, &course, &new).await.expect_err("no key").kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_course_with_defects_is_not_uploaded() {
    let server = start(vec![]).await;
    let who = server.credentials();
    let options = |more: &[(OpenEdxKey, &str)]| {
        let builder = builder(&server)
            .with_option(OpenEdxKey::Username, &who.username)
            .with_option(OpenEdxKey::Password, &who.password);
        let with = more.iter().fold(builder, |builder, (key, value)| builder.with_option(*key, *value));
        with.build().expect("a provider")
    };
    let imports = || server.log().entries().iter().filter(|e| e.path.contains("/import/")).count();
    let small = options(&[(OpenEdxKey::MaxUpload, "100")]);
    let course = small.require_authoring().expect("authoring").adapt(&sample()).course;
    let error = write(&small, &course, &NewCourse::default()).await.expect_err("too large");
    assert_eq!((error.kind(), imports()), (ErrorKind::InvalidInput, 0), "{error}");
    assert!(error.to_string().contains("max_upload"), "{error}");

    let mut odd = course;
    let source = "<azure_media_services url_name=\"a\"/>";
    let foreign = Foreign {
        platform: Platform::OpenEdx,
        name: "azure_media_services".into(),
        format: SourceFormat::Xml,
        source: source.into(),
        readable: Markup::default(),
        points: None,
    };
    odd.sections[0].lessons[0].steps[0].blocks.push(Block::new("odd", BlockBody::Foreign(foreign)));
    let error = write(&options(&[]), &odd, &NewCourse::default()).await.expect_err("not installed");
    assert_eq!((error.kind(), imports()), (ErrorKind::InvalidInput, 0), "{error}");
    assert!(error.fields().iter().any(|(place, _)| place.starts_with("vertical/")), "{error:?}");
    let has = options(&[(OpenEdxKey::BlockTypes, "done, azure_media_services")]);
    // The emulator has not got it, whatever is said here.
    let error = write(&has, &odd, &NewCourse::default()).await.expect_err("refused by Studio");
    assert!(error.to_string().contains("Studio refused"), "{error}");
    assert!(imports() > 0);
}

#[tokio::test]
async fn what_the_model_lacks_can_be_asked_raw() {
    let server = start(vec![example()]).await;
    let edx = author(&server);
    let runs = edx.raw(Host::Studio, Method::Get, "/api/v1/course_runs/", Safety::Read).expect("a request");
    let runs: serde_json::Value = runs.send_json().await.expect("the runs");
    assert_eq!(runs["results"][0]["id"], ONE);
    assert!(edx.requests().read > 0);
}
