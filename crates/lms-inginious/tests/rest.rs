//! The REST and web half against the emulator.

mod flows;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use flows::Place;
use futures::{StreamExt, stream};
use lms_core::{
    AssetLink, AssetLinks, Authoring, Block, BlockBody, Course, CourseQuery, Courses, Cursor, EnrollOptions,
    EnrollmentQuery, Enrollments, ErrorKind, ExistingCourse, GradeQuery, Lesson, LmsProvider, LmsProviderExt,
    NewCourse, Patience, Response, Section, Slot, Step, StepId, Subject, SubmissionQuery, Submissions,
    SubmissionsExt, TaskAnswer, TaskRef, Text,
};
use lms_emulator::inginious::{InginiousEmulator, RunScripts, Webdav};
use lms_emulator::{FaultKind, FaultRule, Options};
use lms_inginious::{SubmitBy, UploadBy};

async fn start() -> (Place, Arc<InginiousEmulator>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut load = vec![flows::write_course(folder.path())];
    let courses = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real/inginious/courses");
    load.extend(["basics", "doors", "preview", "shut"].map(|name| courses.join(format!("compare-{name}"))));
    let server =
        InginiousEmulator::start(Options { load, ..Options::default() }).await.expect("the emulator starts");
    server.set_run_scripts(RunScripts::Always);
    let server = Arc::new(server);
    let who = server.credentials().clone();
    let visitor = server.add_user("visitor", "visitor@example.org");
    let (mails, graders) = (Arc::clone(&server), Arc::clone(&server));
    let place = Place {
        url: who.url,
        passwords: vec![
            (who.username, who.password),
            (who.learner_username, who.learner_password),
            ("visitor".to_owned(), visitor),
        ],
        agent: Box::new(move |state| graders.set_agent(state)),
        mails: Box::new(move || mails.mails().into_iter().map(|mail| mail.text).collect()),
    };
    (place, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn courses_are_written() {
    let (place, _server) = start().await;
    flows::authoring::writing(&place, UploadBy::Webdav).await;
    flows::authoring::writing_refused(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn courses_are_written_without_webdav() {
    let (place, server) = start().await;
    server.set_webdav(Webdav::Off);
    flows::authoring::writing(&place, UploadBy::Pages).await;
    flows::authoring::forms_lose_what_they_say(&place).await;
    // Nobody is moved to another way by what the site offers.
    let by_webdav = place.sign_in("superadmin");
    let error =
        by_webdav.delete_step(&"formed".into(), &"sums".into()).await.expect_err("there is no WebDAV");
    assert!(
        error.kind() == ErrorKind::Unsupported && error.to_string().contains("upload = pages"),
        "{error}"
    );
}

/// A task that a course does not list can be reached all the same, and is somebody's; what a broken-off upload left
/// is not.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_not_listed_are_not_written_over() {
    for by in [UploadBy::Webdav, UploadBy::Pages] {
        let (place, server) = start().await;
        let admin = place.builder("superadmin").with_upload(by).build().expect("the options are sound");
        let theirs = "name: Precious\ncontext: Hours of work.\nenvironment_type: mcq\nenvironment_id: mcq\n\
                      problems: {q: {type: match, name: Q, header: '', answer: a}}\n";
        let folder = tempfile::tempdir().expect("a folder");
        let load = |name: &str, tasks: &[(&str, &[u8])]| {
            let course = folder.path().join(name);
            fs::create_dir_all(&course).expect("made");
            let text = "name: Crowd\nadmins: [superadmin]\naccessible: true\ntask_dispenser: toc\ndispenser_data: \
                        {toc: [{id: s, title: s, tasks_list: [first]}], config: {}}\n";
            fs::write(course.join("course.yaml"), text).expect("written");
            for (task, bytes) in [("first", theirs.as_bytes())].iter().chain(tasks) {
                fs::create_dir_all(course.join(task)).expect("made");
                fs::write(course.join(task).join("task.yaml"), bytes).expect("written");
            }
            server.load_course(&course).expect("loaded");
        };
        let file = |course: &str, path: &str| {
            let files = server.course_files(course);
            files.into_iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes)
        };
        load("crowd", &[("intro", theirs.as_bytes())]);
        let (course, links) = ("crowd".into(), AssetLinks::new());
        let mut step = Step::new("intro", "Introduction");
        step.blocks.push(Block::new("text", BlockBody::Text(Text { markup: "<p>Hello.</p>".into() })));
        let put = |course: &'static str, step: &Step| {
            let (admin, step) = (admin.clone(), step.clone());
            async move {
                let slot = Slot::new(1);
                admin.put_step(&course.into(), &"s".into(), &step, &slot, &AssetLinks::new()).await
            }
        };
        assert_eq!(put("crowd", &step).await.expect("written").as_str(), "intro-2", "{by:?}");
        Authoring::finish_nodes(&admin, &course).await.expect("whole");
        assert_eq!(file("crowd", "intro/task.yaml").as_deref(), Some(theirs.as_bytes()), "{by:?}");

        // A task of INGInious brings files in a folder of its name, which is taken.
        let mut graders = links.clone();
        let run = AssetLink { id: "intro/run".into(), url: "intro/run".into() };
        graders.insert("intro/run".into(), run);
        let refused = admin.put_step(&course, &"s".into(), &step, &Slot::new(2), &graders).await;
        let error = refused.expect_err("it would be graded by nobody");
        assert!(error.kind() == ErrorKind::Conflict && error.to_string().contains("intro"), "{error}");

        let left = file("crowd", "intro-2/task.yaml").expect("there");
        let half = &left[..left.len() / 2];
        load("again", &[("intro", left.as_slice())]);
        assert_eq!(put("again", &step).await.expect("taken up").as_str(), "intro", "{by:?}");
        if by == UploadBy::Webdav {
            load("half", &[("intro", half)]);
            assert_eq!(put("half", &step).await.expect("taken up").as_str(), "intro");
            assert_eq!(file("half", "intro/task.yaml"), Some(left));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_are_written_at_once() {
    let (place, server) = start().await;
    flows::authoring::writing_at_once(&place).await;
    let saves = server.log().count("PUT", "/at-once/course.yaml");
    assert!(saves < 40, "{saves} course files for 40 steps, two lessons and a section");
}

/// A course file that is refused is everybody's who waited for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_for_is_listed_whatever_is_refused() {
    let (place, server) = start().await;
    let (admin, links) = (place.sign_in("superadmin"), AssetLinks::new());
    let new = NewCourse { id: Some("refusing".into()), existing: ExistingCourse::Refuse };
    let course = admin.create_course(&Course::new("refusing", "Refusing"), &new).await.expect("made");
    let section =
        admin.put_section(&course, &Section::new("s", "S"), &Slot::new(1), &links).await.expect("made");
    let lesson =
        admin.put_lesson(&course, &section, &Lesson::new("l", "L"), &Slot::new(1)).await.expect("made");
    let refusal = FaultRule::once(FaultKind::Status(403)).on_path("/refusing/course.yaml").on_method("PUT");
    server.faults().inject(FaultRule { after: 1, ..refusal });
    let steps = (0..24).map(|n| {
        let mut step = Step::new(format!("step{n}"), format!("Step {n}"));
        step.blocks.push(Block::new("text", BlockBody::Text(Text { markup: "<p>Hello.</p>".into() })));
        let (admin, course, lesson, links) = (&admin, &course, &lesson, &links);
        async move { admin.put_step(course, lesson, &step, &Slot::new(1 + n), links).await }
    });
    let steps = stream::iter(steps.collect::<Vec<_>>()).buffered(Authoring::parallel(&admin));
    let answers: Vec<lms_core::Result<StepId>> = steps.collect().await;
    let refused = answers.iter().filter(|answer| answer.is_err()).count();
    assert!((1..24).contains(&refused), "{answers:?}");
    let read = Courses::content(&admin, &course).await.expect("read").course;
    let listed: Vec<&StepId> = read.sections[0].lessons[0].steps.iter().map(|step| &step.id).collect();
    let missing: Vec<&StepId> = answers.iter().flatten().filter(|id| !listed.contains(id)).collect();
    assert!(missing.is_empty(), "answered for, and not there: {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_hand_in_together() {
    let (place, _server) = start().await;
    flows::groups::groups(&place).await;
    flows::groups::roles(&place).await;
}

macro_rules! flows {
    ($($name:ident ( $($by:expr)? );)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let (place, _server) = start().await;
            flows::$name(&place $(, $by)?).await;
        }
    )*};
}

flows! {
    signing_in();
    listing();
    enrolling();
    teaching();
    reading();
    tasks();
    answering(SubmitBy::Web);
    refusals(SubmitBy::Web);
    files(SubmitBy::Web);
    in_french();
    grader_down();
    random_numbers();
    grades();
    opening_an_account();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_takes_answers_too() {
    let (place, _server) = start().await;
    flows::answering(&place, SubmitBy::Api).await;
    flows::refusals(&place, SubmitBy::Api).await;
    flows::files(&place, SubmitBy::Api).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_sign_in_once() {
    let (place, server) = start().await;
    let site = place.sign_in("learner");
    let course = "compare-preview".into();
    let calls = (0..12).map(|_| Courses::get(&site, &course));
    assert_eq!(
        server.log().count("POST", "/api/v0/authentication"),
        0,
        "nothing is sent before it is needed"
    );
    for result in futures::future::join_all(calls).await {
        result.expect("the course is open");
    }
    assert_eq!(server.log().count("POST", "/api/v0/authentication"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_session_is_opened_anew_without_the_caller() {
    let (place, server) = start().await;
    let site = place.sign_in("learner");
    site.enroll(&"compare-basics".into(), &Subject::Me, &EnrollOptions::default())
        .await
        .expect("open to all");
    let task = TaskRef::new("compare-basics", "single");
    let answer = TaskAnswer::one("sum", Response::choice(1));
    let mut sign_ins = server.log().count("POST", "/api/v0/authentication");
    // The API, pages, the form of a task, files: each has its own way of saying that nobody is signed in.
    for (method, path) in [
        ("GET", "/api/v0/courses"),
        ("GET", "/api/v0/authentication"),
        ("GET", "/mycourses"),
        ("GET", "/course/compare-basics/single"),
        ("POST", "/course/compare-basics/single"),
        ("POST", "/register/"),
        ("GET", "/course/flows/"),
    ] {
        let spec = format!("expire-token:times=1:method={method}:path={path}");
        server.faults().inject(spec.parse().expect("a fault"));
        match (method, path) {
            (_, "/api/v0/courses") => {
                Courses::list(&site, CourseQuery::new()).expect("claimed").all().await.expect(path);
            }
            (_, "/api/v0/authentication") => {
                site.accounts().expect("accounts").me().await.expect(path);
            }
            (_, "/mycourses") => {
                Courses::list(&site, CourseQuery::new().with_enrolled())
                    .expect("claimed")
                    .all()
                    .await
                    .expect(path);
            }
            (_, "/register/") => {
                site.enroll(&"flows".into(), &Subject::Me, &EnrollOptions::default()).await.expect(path);
            }
            (_, "/course/flows/") => {
                site.read_asset(&"flows".into(), &"figure/public/dot.png".into()).await.expect(path);
            }
            _ => {
                let site = place.sign_in("learner");
                site.accounts().expect("accounts").me().await.expect("signed in");
                sign_ins += 1;
                let judged = site.submit_and_wait(&task, &answer, Patience::default()).await.expect(path);
                assert_eq!(judged.verdict.map(|verdict| verdict.correct), Some(true));
            }
        }
        sign_ins += 1;
        assert_eq!(server.log().count("POST", "/api/v0/authentication"), sign_ins, "{method} {path}");
    }
    // One submission for each time that it was answered.
    let all = site.require_submissions().expect("submissions").list(&task, SubmissionQuery::default());
    assert_eq!(all.expect("claimed").all().await.expect("a list").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_never_sent_again() {
    let (place, server) = start().await;
    for by in [SubmitBy::Web, SubmitBy::Api] {
        let site = place.builder("learner").with_submit(by).build().expect("sound");
        site.enroll(&"compare-basics".into(), &Subject::Me, &EnrollOptions::default())
            .await
            .expect("open to all");
        let task = TaskRef::new("compare-basics", if by == SubmitBy::Web { "single" } else { "several" });
        let answer = match by {
            SubmitBy::Web => TaskAnswer::one("sum", Response::choice(1)),
            _ => TaskAnswer(
                [("even".into(), Response::choices([0])), ("odd".into(), Response::choice(1))].into(),
            ),
        };
        let prefix = if by == SubmitBy::Web { "/course/" } else { "/api/v0/courses/" };
        server
            .faults()
            .inject(format!("drop-after-commit:times=1:method=POST:path={prefix}").parse().expect("a fault"));
        let error = site.submit(&task, &answer).await.expect_err("the answer is lost");
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        let found = Submissions::list(&site, &task, SubmissionQuery::default()).expect("claimed").all().await;
        assert_eq!(found.expect("a list").len(), 1, "it was taken, once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_refused_unsent() {
    let (place, server) = start().await;
    let site = place.sign_in("learner");
    let course = "compare-basics".into();
    let others = Subject::Email("visitor@example.org".into());
    let task = TaskRef::new("compare-basics", "single");
    let refused = [
        Courses::list(&site, CourseQuery::new().with_search("x")).err(),
        site.enroll(&course, &others, &EnrollOptions::default()).await.err(),
        site.unenroll(&course, &others).await.err(),
        Enrollments::list(&site, &course, EnrollmentQuery { from: Some(Cursor::new("2")) }).err(),
        site.require_accounts().expect("accounts").get(&others).await.err(),
        Submissions::list(&site, &task, SubmissionQuery { user: Some("visitor".into()), from: None }).err(),
        site.require_grades()
            .expect("grades")
            .list(&course, GradeQuery { from: Some(Cursor::new("2")) })
            .err(),
    ];
    for error in refused {
        assert_eq!(error.expect("refused").kind(), ErrorKind::Unsupported);
    }
    assert_eq!(server.log().entries().len(), 0);
    assert_eq!(site.requests(), lms_core::RequestCount::default());
}

/// How many requests things take: a change is to be seen.
#[tokio::test(flavor = "multi_thread")]
async fn as_few_requests_as_can_be() {
    let (place, server) = start().await;
    let site = place.sign_in("superadmin");
    site.require_accounts().expect("accounts").me().await.expect("signed in");
    let sent = || server.log().entries().len();
    let before = sent();
    site.content(&"compare-basics".into()).await.expect("content");
    let described = 17 + 1;
    assert_eq!(sent() - before, 2 + described, "a whole course: page, list, and what describes it");
    let learner = place.sign_in("learner");
    let options = EnrollOptions::default();
    learner.enroll(&"compare-basics".into(), &Subject::Me, &options).await.expect("open to all");
    let before = sent();
    learner.content(&"compare-basics".into()).await.expect("content");
    assert_eq!(sent() - before, 3, "as the API shows it: page, course, tasks");
    let (task, answer) =
        (TaskRef::new("compare-basics", "single"), TaskAnswer::one("sum", Response::choice(1)));
    let before = sent();
    site.submit(&task, &answer).await.expect("taken");
    assert_eq!(sent() - before, 3, "the first answer: task, page, form");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let before = sent();
    site.submit(&task, &answer).await.expect("taken");
    assert_eq!(sent() - before, 2, "the next answer: task, form");
}
