//! Studio's blocks and settings, and the LMS's grade book, by plain requests.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bench, sample};

const KEY: &str = "course-v1:New+Course+R1";

fn usage(kind: &str, name: &str) -> String {
    format!("block-v1:New+Course+R1+type@{kind}+block@{name}")
}

impl Bench {
    /// By token, on Studio's surface for tokens.
    async fn block(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = self.studio(&format!("/api/contentstore/v0/xblock/{KEY}{path}"));
        let ask = self.http.request(method, url).header("Authorization", format!("JWT {}", self.token));
        let answer = ask.json(body).send().await.expect("answer");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn published(&self, kind: &str) -> Vec<String> {
        let url = self.lms(&format!(
            "/api/courses/v1/blocks/?course_id={}&all_blocks=true&depth=all&requested_fields=children",
            KEY.replace('+', "%2B")
        ));
        let blocks = self.json(url).await;
        let all = blocks["blocks"].as_object().expect("blocks").values();
        let of_kind = all.filter(|block| block["type"] == kind);
        of_kind.filter_map(|block| Some(block["display_name"].as_str()?.to_owned())).collect()
    }
}

#[tokio::test]
async fn units_wait_for_publishing_and_sections_do_not() {
    let bench = Bench::new().await;
    assert_eq!(bench.import(KEY, &sample()).await, "Succeeded");
    let root = usage("course", "course");
    let chapter = json!({"parent_locator": root, "category": "chapter", "display_name": "Week 2"});
    let (status, made) = bench.block(Method::POST, "", &chapter).await;
    assert_eq!((status.as_u16(), &made["courseKey"]), (200, &json!(KEY)));
    let name = made["locator"].as_str().and_then(|key| key.rsplit_once('@')).expect("a key").1.to_owned();
    assert!(name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
    assert!(bench.published("chapter").await.contains(&"Week 2".to_owned()));

    let unit =
        json!({"parent_locator": usage("sequential", "s1"), "category": "vertical", "display_name": "New"});
    let (_, unit) = bench.block(Method::POST, "", &unit).await;
    let unit = unit["locator"].as_str().expect("a key").to_owned();
    assert!(!bench.published("vertical").await.contains(&"New".to_owned()));
    // The draft is in the export, beside what is published.
    bench.sign_in().await;
    let files = bench.export(KEY).await;
    assert_eq!(files.keys().filter(|path| path.starts_with("drafts/vertical/")).count(), 1);
    let (status, _) =
        bench.block(Method::PATCH, &format!("/{unit}"), &json!({"publish": "make_public"})).await;
    assert_eq!(status, 200);
    assert!(bench.published("vertical").await.contains(&"New".to_owned()));

    let page = format!("/{}", usage("html", "h1"));
    let (_, page_now) = bench.block(Method::GET, &page, &Value::Null).await;
    assert!(page_now["data"].as_str().is_some_and(|data| data.contains("/static/fig.png")));
    bench.block(Method::PUT, &page, &json!({"metadata": {"display_name": "Changed"}})).await;
    assert!(!bench.published("html").await.contains(&"Changed".to_owned()));
    let olx = bench.json(bench.studio(&format!("/api/olx-export/v1/xblock/{}/", usage("html", "h1")))).await;
    assert!(olx["blocks"][usage("html", "h1")]["olx"].as_str().is_some_and(|olx| olx.contains("Changed")));
    bench
        .block(Method::PUT, &format!("/{}", usage("vertical", "v1")), &json!({"publish": "discard_changes"}))
        .await;
    let (_, back) = bench.block(Method::GET, &page, &Value::Null).await;
    assert_eq!(back["display_name"], "Read me");
    assert_eq!(bench.block(Method::DELETE, &format!("/{unit}"), &Value::Null).await.0, 204);
    assert!(!bench.published("vertical").await.contains(&"New".to_owned()));
    assert_eq!(bench.block(Method::DELETE, &format!("/{unit}"), &Value::Null).await.0, 404);
}

#[tokio::test]
async fn odd_changes_are_refused_as_studio_does() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let one = |kind: &str, name: &str| format!("/{}", usage(kind, name));
    for (path, body, status) in [
        (one("problem", "p1"), json!({"colour": 1}), 400),
        (one("problem", "p1"), json!({"metadata": {"colour": 1}}), 500),
        (one("problem", "p1"), json!({"metadata": {"weight": "much"}}), 400),
        (one("problem", "p1"), json!({"data": "<problem>"}), 400),
        (one("vertical", "v1"), json!({"children": []}), 400),
        (one("problem", "nope"), json!({"data": "<problem/>"}), 404),
        (one("problem", "p1"), json!({"metadata": {"max_attempts": null}}), 200),
    ] {
        assert_eq!(bench.block(Method::PUT, &path, &body).await.0, status, "{path} {body}");
    }
    let (_, problem) = bench.block(Method::GET, &one("problem", "p1"), &Value::Null).await;
    assert_eq!(problem["metadata"].get("max_attempts"), None);
    let wrong = json!({"parent_locator": usage("chapter", "ch1"), "category": "html"});
    assert_eq!(bench.block(Method::POST, "", &wrong).await.0, 400);
    // Without a session the views for browsers lead to the sign-in page, and with one they want JSON.
    let legacy = bench.studio(&format!("/xblock/{}", usage("problem", "p1")));
    bench.sign_in().await;
    assert_eq!(bench.http.get(&legacy).send().await.expect("answer").status(), 406);
    let ask = bench.http.get(&legacy).header("Accept", "application/json");
    let read: Value = ask.send().await.expect("answer").json().await.expect("JSON");
    assert_eq!(read["category"], "problem");
    let outline = bench.studio(&format!("/xblock/outline/{}", usage("course", "course")));
    let outline: Value = bench.http.get(outline).send().await.expect("answer").json().await.expect("JSON");
    let unit =
        &outline["child_info"]["children"][0]["child_info"]["children"][0]["child_info"]["children"][0];
    assert_eq!((&unit["category"], unit.get("child_info")), (&json!("vertical"), None));
}

#[tokio::test]
async fn a_missing_date_is_emptied_and_a_row_that_fails_makes_it_a_422() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let details = bench.studio(&format!("/api/contentstore/v1/course_details/{KEY}"));
    let put = async |body: Value| -> Value {
        let ask =
            bench.http.put(&details).header("Authorization", format!("JWT {}", bench.token)).json(&body);
        ask.send().await.expect("answer").json().await.expect("JSON")
    };
    let after = put(json!({"start_date": "2025-02-03T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(
        (&after["end_date"], &after["overview"]),
        (&json!("2026-01-01T00:00:00Z"), &json!("<p>All about it</p>"))
    );
    assert_eq!(put(json!({"start_date": "2025-02-03T00:00:00Z"})).await["end_date"], Value::Null);

    let learner = bench.learner().await;
    let progress = bench.lms(&format!("/api/course_home/v1/progress/{KEY}"));
    let ask = bench.http.get(&progress).header("Authorization", format!("JWT {learner}"));
    let refused = ask.send().await.expect("answer");
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.expect("JSON"), "User not enrolled.");
    let body = json!({"course_details": {"course_id": KEY}, "user": "learner"});
    bench.post(bench.lms("/api/enrollment/v1/enrollment")).json(&body).send().await.expect("answer");
    let book = bench.json(bench.lms(&format!("/api/grades/v1/gradebook/{KEY}/?username=learner"))).await;
    let user = book["user_id"].as_u64().expect("a number");
    let row = |user: u64| {
        let grade = json!({"earned_all_override": 1, "possible_all_override": 1});
        json!({"user_id": user, "usage_id": usage("sequential", "s1"), "grade": grade})
    };
    let update = bench.lms(&format!("/api/grades/v1/gradebook/{KEY}/bulk-update"));
    for (rows, status) in [(json!([row(user)]), 202), (json!([row(user), row(9999)]), 422)] {
        assert_eq!(bench.post(update.clone()).json(&rows).send().await.expect("answer").status(), status);
    }
    let book = bench.json(bench.lms(&format!("/api/grades/v1/gradebook/{KEY}/?username=learner"))).await;
    assert_eq!((&book["percent"], &book["section_breakdown"][0]["percent"]), (&json!(1.0), &json!(1.0)));
    let certificate = bench.lms(&format!("/api/certificates/v0/certificates/learner/courses/{KEY}/"));
    assert_eq!(bench.json(certificate).await["status"], "downloadable");
    let none = bench.lms(&format!("/api/certificates/v0/certificates/author/courses/{KEY}/"));
    assert_eq!(bench.json(none).await["error_code"], "no_certificate_for_user");
}
