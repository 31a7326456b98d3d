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
