//! Calls that nothing else covers: signed in, with errors and repetition like everything else.

use lms_core::*;
use lms_emulator::{FaultKind, FaultRule};
use lms_http::{Method, Safety};
use serde_json::{Value, json};

use crate::{author, start};

#[tokio::test]
async fn a_raw_call_is_signed_in_and_reads_errors_as_all_do() {
    let server = start().await;
    let stepik = author(&server);
    let me: Value = stepik.raw(Method::Get, "/api/stepics/1", Safety::Read).send_json().await.expect("me");
    assert_eq!(me["users"][0]["full_name"], "Ada Author");
    let request = stepik.raw(Method::Post, "/api/courses?by=ada@example.test", Safety::Once);
    let refused = request.json(&json!({"course": {}})).send().await.expect_err("no title");
    assert_eq!((refused.kind(), refused.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "title"));
    assert_eq!(refused.resource(), Some("/api/courses"), "the query is nobody's business");
    assert!(!format!("{refused:?}").contains("ada@example.test"));
}

#[tokio::test]
async fn a_raw_call_is_repeated_only_as_far_as_it_is_safe() {
    let server = start().await;
    let stepik = author(&server);
    let lost = || {
        let rule = FaultRule::once(FaultKind::DropAfterCommit).on_path("/api/courses").on_method("POST");
        server.faults().inject(rule);
    };
    let create =
        |safety| stepik.raw(Method::Post, "/api/courses", safety).json(&json!({"course": {"title": "T"}}));
    lost();
    let unknown = create(Safety::Once).send().await.expect_err("nobody knows");
    assert_eq!(unknown.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(server.log().count("POST", "/api/courses"), 1);
    lost();
    create(Safety::Repeatable).send().await.expect("sent again");
    assert_eq!(server.log().count("POST", "/api/courses"), 3);
}

#[tokio::test]
async fn a_raw_call_goes_to_no_other_site() {
    let server = start().await;
    let stepik = author(&server);
    let other = start().await;
    let away = stepik.raw(Method::Get, &format!("{}/api/courses", other.url()), Safety::Read).send().await;
    assert_eq!(away.expect_err("another site").kind(), ErrorKind::Protocol);
    assert_eq!(other.log().reads(), 0, "nothing was sent there");
    let own = format!("{}/api/courses", server.url());
    stepik.raw(Method::Get, &own, Safety::Read).send().await.expect("an address of the site itself");
}
