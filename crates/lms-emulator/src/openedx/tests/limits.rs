//! The limits of accounts and views.

use serde_json::Value;

use super::Bench;

/// How many of `tries` requests are answered before the first refusal, and that refusal.
async fn until_refused(
    bench: &Bench,
    token: Option<&str>,
    path: &str,
    tries: usize,
) -> (usize, Option<Refused>) {
    for n in 0..tries {
        let mut request = bench.http.get(bench.lms(path));
        if let Some(token) = token {
            request = request.header("Authorization", format!("JWT {token}"));
        }
        let answer = request.send().await.expect("answer");
        if answer.status() == 429 {
            let after =
                answer.headers().get("retry-after").map(|value| value.to_str().expect("text").to_owned());
            return (n, Some(Refused { after, body: answer.json().await.expect("JSON") }));
        }
    }
    (tries, None)
}

struct Refused {
    after: Option<String>,
    body: Value,
}

#[tokio::test]
async fn each_account_has_the_limits_of_its_role() {
    let bench = Bench::new().await;
    let learner = bench.learner().await;
    let (courses, enrollments) = ("/api/courses/v1/courses/", "/api/enrollment/v1/enrollment");
    let (staff, learner) = (Some(bench.token.as_str()), Some(learner.as_str()));
    assert_eq!(until_refused(&bench, learner, courses, 25).await.0, 25, "off until it is turned on");
    bench.edx.keep_limits();
    for (who, path, most) in [
        (learner, courses, 20),
        (staff, courses, 40),
        (learner, enrollments, 40),
        (staff, enrollments, 120),
        (None, courses, 20),
    ] {
        let (answered, refused) = until_refused(&bench, who, path, most + 5).await;
        let refused = refused.unwrap_or_else(|| panic!("{path}: no refusal in {answered}"));
        assert_eq!(answered, most, "{path}");
        // Only that of enrollment has the header (recorded: `limits`).
        let seconds = refused.after.map(|after| after.parse::<u32>().expect("seconds"));
        assert_eq!(seconds.is_some(), path == enrollments);
        assert!(seconds.is_none_or(|seconds| (1..=60).contains(&seconds)), "{seconds:?}");
        let text = refused.body.get("developer_message").or(refused.body.get("detail")).expect("a sentence");
        assert!(text.as_str().is_some_and(|text| text.contains("Expected available in")), "{text}");
    }
    // Bulk enrollment and the history of submissions count with the enrollments.
    let history = "/api/grades/v1/submission_history/course-v1:A+B+C/";
    assert_eq!(until_refused(&bench, staff, history, 1).await.0, 0);
    let bulk = bench.post(bench.lms("/api/bulk_enroll/v1/bulk_enroll")).json(&Value::Null).send().await;
    assert_eq!(bulk.expect("answer").status(), 429);
    // Other views have no such limit, and who is not signed in is refused for that.
    assert_eq!(until_refused(&bench, learner, "/api/user/v1/me", 50).await.0, 50);
    let nobody = bench.http.get(bench.lms(enrollments)).send().await.expect("answer");
    assert_eq!(nobody.status(), 401);
}
