//! People by the hundred, against the emulated LMS.

use std::path::PathBuf;

use futures::StreamExt;
use lms_core::*;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::{FaultKind, FaultRule, Options};
use lms_http::{HttpOptions, Pace, RetryPolicy};
use lms_openedx::{BulkAction, BulkOptions, BulkResult, OpenEdx, OpenEdxBuilder, OpenEdxKey};

const ONE: &str = "course-v1:Example+ONE+demo";

async fn start() -> OpenEdxEmulator {
    let load = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx"))];
    OpenEdxEmulator::start(Options { load, ..Options::default() }).await.expect("an emulator")
}

fn builder(server: &OpenEdxEmulator) -> OpenEdxBuilder {
    let who = server.credentials();
    OpenEdxBuilder::new()
        .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
        .with_option(OpenEdxKey::ClientId, &who.client_id)
        .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
}

/// Staff, without pauses: the emulator has no limits here.
fn staff(server: &OpenEdxEmulator) -> OpenEdx {
    let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    let http = HttpOptions { retry, pace: Some(Pace::default()), ..HttpOptions::default() };
    builder(server).with_http(http).build().expect("a provider")
}

fn addresses(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("person{n}@example.org")).collect()
}

#[tokio::test]
async fn ten_thousand_rows_have_ten_thousand_outcomes() {
    let server = start().await;
    let edx = staff(&server);
    let mut people = addresses(10_000);
    people[4321] = "learner".into();
    people[9999] = "not an address".into();
    let mut options = BulkOptions::default();
    options.chunk = 500;
    options.auto_enroll = true;
    let rows =
        edx.bulk_enroll(&ONE.into(), people.clone(), options).expect("a job").all().await.expect("rows");
    assert_eq!(rows.len(), 10_000);
    assert_eq!(server.log().count("POST", "/api/bulk_enroll/v1/bulk_enroll"), 20);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!((row.row, row.who.as_str()), (n, people[n].as_str()));
        match (n, &row.result) {
            (4321, BulkResult::Done { before, after }) => {
                assert!(!before.enrollment && after.enrollment && after.user);
            }
            (9999, result) => assert_eq!(*result, BulkResult::Unknown),
            (_, BulkResult::Done { before, after }) => {
                assert!(!before.allowed && after.allowed && after.auto_enroll && !after.user, "{row:?}");
            }
            _ => panic!("{row:?}"),
        }
    }
    let mut out = BulkOptions::default();
    out.action = BulkAction::Unenroll;
    let rows =
        edx.bulk_enroll(&ONE.into(), ["learner".to_owned()], out).expect("a job").all().await.expect("rows");
    assert!(
        matches!(&rows[0].result, BulkResult::Done { before, after } if before.enrollment && !after.enrollment)
    );
}

#[tokio::test]
async fn a_job_that_breaks_off_goes_on_where_it_stopped() {
    let server = start().await;
    let edx = staff(&server);
    let people = addresses(25);
    let mut options = BulkOptions::default();
    options.chunk = 10;
    let mut pages = edx.bulk_enroll(&ONE.into(), people.clone(), options.clone()).expect("a job").pages();
    let first = pages.next().await.expect("a page").expect("rows");
    assert_eq!((first.items.len(), first.total), (10, Some(25)));
    server.faults().inject(FaultRule::once(FaultKind::Status(503)).on_path("/api/bulk_enroll/"));
    let error = pages.next().await.expect("a page").expect_err("it fails");
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    options.from = first.next;
    let rest =
        edx.bulk_enroll(&ONE.into(), people, options.clone()).expect("a job").all().await.expect("rows");
    assert_eq!(rest.iter().map(|row| row.row).collect::<Vec<_>>(), (10..25).collect::<Vec<_>>());
    options.from = Some(Cursor::new("99"));
    let error = edx.bulk_enroll(&ONE.into(), addresses(3), options).expect("a job").all().await;
    assert_eq!(error.expect_err("no such row").kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn rows_that_would_be_several_are_named_before_anything_is_sent() {
    let server = start().await;
    let edx = staff(&server);
    let rows = ["ann", "a,b", "", "c\nd"].map(str::to_owned);
    let error = edx.bulk_enroll(&ONE.into(), rows, BulkOptions::default()).expect_err("refused");
    let fields: Vec<&str> = error.fields().iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["row 1", "row 2", "row 3"]);
    let mut options = BulkOptions::default();
    options.action = BulkAction::Unenroll;
    options.cohort = Some("red".into());
    let error = edx.bulk_enroll(&ONE.into(), addresses(1), options).expect_err("refused");
    assert_eq!((error.kind(), server.log().entries().len()), (ErrorKind::Unsupported, 0));
}

#[tokio::test]
async fn how_long_a_job_takes_is_known_before_it_begins() {
    let server = start().await;
    let planned = |role: &str, calls| {
        let edx = builder(&server).with_option(OpenEdxKey::Throttled, role).build().expect("a provider");
        edx.planned("enrollments.bulk", calls).as_secs()
    };
    // 40 and 120 a minute: the last of 400 requests is sent nine, and three, minutes after the first.
    assert_eq!((planned("user", 400), planned("staff", 400)), (540, 180));
    assert_eq!((planned("none", 400), planned("user", 40)), (0, 0));
}

fn learner(server: &OpenEdxEmulator) -> OpenEdx {
    let who = server.credentials();
    builder(server)
        .with_option(OpenEdxKey::Username, &who.learner_username)
        .with_option(OpenEdxKey::Password, &who.learner_password)
        .build()
        .expect("a provider")
}

#[tokio::test]
async fn a_course_that_lets_nobody_in_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut load = Vec::new();
    for (run, settings) in [
        ("invited", "invitation_only=\"true\""),
        ("early", "enrollment_start=\"2099-01-01T00:00:00Z\""),
        ("late", "enrollment_end=\"2001-01-01T00:00:00Z\""),
        ("open", ""),
    ] {
        let dir = folder.path().join(run);
        std::fs::create_dir(&dir).expect("a folder");
        let course = format!(
            "<course url_name=\"{run}\" org=\"O\" course=\"C\" display_name=\"T\" start=\"2020-01-01T00:00:00Z\" \
             {settings}><chapter url_name=\"c\" display_name=\"One\"/></course>"
        );
        std::fs::write(dir.join("course.xml"), course).expect("a file");
        load.push(dir);
    }
    let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await.expect("an emulator");
    let edx = learner(&server);
    let people = edx.require_enrollments().expect("enrollments");
    for (run, why) in [
        ("invited", Some("by invitation only")),
        ("early", Some("begins on 2099-01-01")),
        ("late", Some("ended on 2001-01-01")),
        ("open", None),
    ] {
        let course = CourseId::from(format!("course-v1:O+C+{run}").as_str());
        let said = people.enroll(&course, &Subject::Me, &EnrollOptions::default()).await;
        match (said, why) {
            (Ok(enrollment), None) => assert_eq!(enrollment.state, EnrollmentState::Active),
            (Err(error), Some(why)) => {
                assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
                assert!(error.to_string().contains(why), "{run}: {error}");
            }
            (said, why) => panic!("{run}: {said:?}, not {why:?}"),
        }
    }
}

#[tokio::test]
async fn what_a_site_asks_of_people_is_told_and_a_name_that_is_taken_gets_others() {
    let server = start().await;
    let edx = learner(&server);
    let fields = edx.registration_fields().await.expect("fields");
    let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    assert_eq!(required, ["email", "name", "username", "password", "honor_code"]);
    let free = edx.username_suggestions("learner").await.expect("suggestions");
    assert!(free.iter().all(|name| name.starts_with("learner") && name != "learner"), "{free:?}");
    assert_eq!((free.len(), edx.username_suggestions("nobody-yet").await.expect("none").len()), (3, 0));
    let changes = |json: serde_json::Value| json.as_object().cloned().expect("an object");
    let account = edx.update_account(changes(serde_json::json!({"name": "Ada", "country": "BE"}))).await;
    assert_eq!(account.expect("changed").name.as_deref(), Some("Ada"));
    let me = edx.require_accounts().expect("accounts").me().await.expect("me");
    assert_eq!(me.name.as_deref(), Some("Ada"));
    let error = edx.update_account(changes(serde_json::json!({"username": "x"}))).await.expect_err("refused");
    assert_eq!((error.kind(), error.fields().len()), (ErrorKind::InvalidInput, 1), "{error:?}");
}

#[tokio::test]
async fn staff_see_what_somebody_answered_the_newest_first() {
    let server = start().await;
    let (edx, author) = (learner(&server), staff(&server));
    let course = CourseId::from(ONE);
    let options = EnrollOptions::default();
    edx.require_enrollments()
        .expect("enrollments")
        .enroll(&course, &Subject::Me, &options)
        .await
        .expect("in");
    let tasks = edx.require_tasks().expect("tasks");
    let listed = tasks.list(&course, TaskQuery::default()).expect("a listing").all().await.expect("tasks");
    let task = TaskRef { course: course.clone(), task: listed[0].id.clone() };
    let part = tasks.get(&task).await.expect("a task").parts[0].block.clone();
    let submissions = edx.require_submissions().expect("submissions");
    for option in [0, 1, 2] {
        let answer = TaskAnswer([(part.clone(), Response::choices([option]))].into());
        submissions.submit(&task, &answer).await.expect("taken");
    }
    let query = SubmissionQuery { user: Some("learner".into()), ..SubmissionQuery::default() };
    let theirs = author.require_submissions().expect("submissions").list(&task, query.clone());
    let theirs = theirs.expect("a listing").all().await.expect("submissions");
    let attempts: Vec<&str> = theirs.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(attempts, ["3", "2", "1"]);
    assert!(
        theirs.iter().all(|s| s.at.is_some() && s.user.as_ref().is_some_and(|u| u.as_str() == "learner"))
    );
    let right: Vec<f64> = theirs.iter().filter_map(|s| Some(s.verdict.as_ref()?.score)).collect();
    assert_eq!(right.len(), 3);
    assert!((right.iter().sum::<f64>() - 1.0).abs() < 1e-9, "one of three options is right: {right:?}");
    let refused = submissions.list(&task, query).expect("a listing").all().await.expect_err("not staff");
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
}
