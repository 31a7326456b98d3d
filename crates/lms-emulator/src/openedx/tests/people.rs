//! Enrollment, registration, accounts.

use serde_json::{Value, json};

use super::{Bench, sample};

const KEY: &str = "course-v1:New+Course+R1";

impl Bench {
    async fn learner_post(&self, path: &str, body: &Value) -> (u16, Value) {
        let token = self.learner().await;
        let ask = self.http.post(self.lms(path)).header("Authorization", format!("JWT {token}")).json(body);
        let answer = ask.send().await.expect("answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn author_post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.post(self.lms(path)).json(body).send().await.expect("answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

#[tokio::test]
async fn enrollment_has_its_odd_answers() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let path = "/api/enrollment/v1/enrollment";
    let one = bench.lms(&format!("{path}/learner,{KEY}"));
    let none = bench.get(one.clone()).send().await.expect("answer");
    assert_eq!((none.status().as_u16(), none.text().await.expect("text").as_str()), (200, ""));
    let body = |extra: Value| {
        let mut body = json!({"course_details": {"course_id": KEY}});
        extra.as_object().expect("object").iter().for_each(|(name, value)| body[name] = value.clone());
        body
    };
    let (status, answer) = bench.learner_post(path, &body(json!({}))).await;
    assert_eq!((status, &answer["mode"], &answer["is_active"]), (200, &"audit".into(), &true.into()));
    assert_eq!(bench.learner_post(path, &body(json!({"user": "author"}))).await.0, 404);
    assert_eq!(bench.learner_post(path, &body(json!({"mode": "verified"}))).await.0, 403);
    assert_eq!(bench.learner_post(path, &body(json!({"is_active": "false"}))).await.0, 400);
    assert_eq!(bench.learner_post(path, &json!({})).await.0, 400);
    // A learner cannot leave this way; staff can put anybody out.
    assert_eq!(bench.learner_post(path, &body(json!({"is_active": false}))).await.1["is_active"], true);
    assert_eq!(bench.author_post(path, &body(json!({"user": "ghost"}))).await.0, 406);
    let out = json!({"user": "learner", "is_active": false});
    assert_eq!(bench.author_post(path, &body(out)).await.1["is_active"], false);
    assert_eq!(bench.json(one).await["is_active"], false);
    assert_eq!(bench.json(bench.lms(&format!("{path}?user=learner"))).await, json!([]));
    let list = bench.json(bench.lms("/api/enrollment/v1/enrollments/?username=learner")).await;
    assert_eq!(list["results"][0]["is_active"], false);
}

#[tokio::test]
async fn lists_come_in_small_pages_with_links() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let people: Vec<String> = (0..9).map(|number| format!("p{number}")).collect();
    for name in &people {
        let form = [
            ("username", name.as_str()),
            ("email", &format!("{name}@example.org")),
            ("name", "P"),
            ("password", "long enough"),
            ("honor_code", "true"),
        ];
        let answer = bench
            .http
            .post(bench.lms("/api/user/v2/account/registration/"))
            .form(&form)
            .send()
            .await
            .expect("answer");
        assert_eq!(answer.status(), 200);
    }
    let body = json!({"identifiers": people.join(","), "courses": KEY, "action": "enroll"});
    let (status, answer) = bench.author_post("/api/bulk_enroll/v1/bulk_enroll", &body).await;
    assert_eq!(status, 200);
    assert_eq!(answer["courses"][KEY]["results"][8]["after"]["enrollment"], true);
    let mut next =
        Some(bench.lms(&format!("/api/enrollment/v1/enrollments/?course_id={}", KEY.replace('+', "%2B"))));
    let mut seen = Vec::new();
    let mut pages = 0;
    while let Some(url) = next {
        let page = bench.json(url).await;
        seen.extend(
            page["results"]
                .as_array()
                .expect("results")
                .iter()
                .map(|entry| entry["user"].as_str().unwrap_or_default().to_owned()),
        );
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    seen.reverse();
    assert_eq!((seen, pages), (people, 3));
    for number in 2..=6 {
        bench.import(&format!("course-v1:New+Course+R{number}"), &sample()).await;
    }
    let first = bench.json(bench.lms("/api/courses/v1/courses/?org=new")).await;
    assert_eq!(first["results"].as_array().expect("results").len(), 4);
    assert_eq!(first["pagination"]["count"], 6);
    let second = bench.json(first["pagination"]["next"].as_str().expect("next").to_owned()).await;
    assert_eq!(second["results"].as_array().expect("results").len(), 2);
    let beyond = bench.get(bench.lms("/api/courses/v1/courses/?page=3")).send().await.expect("answer");
    assert_eq!(beyond.status(), 404);
    bench.edx.faults().inject("repeat-cursor".parse().expect("fault"));
    let again = bench.json(bench.lms("/api/courses/v1/courses/?page=1")).await;
    assert!(again["pagination"]["next"].as_str().expect("next").ends_with("/api/courses/v1/courses/"));
}

#[tokio::test]
async fn bulk_enrollment_reports_each_person() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let path = "/api/bulk_enroll/v1/bulk_enroll";
    let people = "learner@example.org\nnot an email,new@example.org";
    let body = json!({"identifiers": people, "courses": [KEY, "course-v1:B+B+B"], "action": "enroll", "auto_enroll": true});
    let (_, answer) = bench.author_post(path, &body).await;
    let results = &answer["courses"][KEY]["results"];
    assert_eq!(answer["courses"].as_object().expect("courses").len(), 1);
    assert_eq!(
        (&results[0]["before"]["enrollment"], &results[0]["after"]["enrollment"]),
        (&false.into(), &true.into())
    );
    assert_eq!(results[1], json!({"identifier": "not an email", "invalidIdentifier": true}));
    assert_eq!(
        (&results[2]["after"]["allowed"], &results[2]["after"]["user"]),
        (&true.into(), &false.into())
    );
    let bad = json!({"identifiers": "a", "courses": "junk", "action": "enroll"});
    assert_eq!(
        bench.author_post(path, &bad).await,
        (400, json!({"courses": ["Course key not valid: junk"]}))
    );
    assert_eq!(bench.learner_post(path, &body).await.0, 403);
    // The invited one is enrolled on registration.
    let form = [
        ("username", "newbie"),
        ("email", "new@example.org"),
        ("name", "N"),
        ("password", "long enough"),
        ("honor_code", "true"),
    ];
    bench
        .http
        .post(bench.lms("/api/user/v1/account/registration/"))
        .form(&form)
        .send()
        .await
        .expect("answer");
    assert_eq!(
        bench.json(bench.lms(&format!("/api/enrollment/v1/enrollment/newbie,{KEY}"))).await["is_active"],
        true
    );
}

#[tokio::test]
async fn registration_says_what_is_wrong() {
    let bench = Bench::new().await;
    let register = async |form: &[(&str, &str)]| {
        let answer = bench
            .http
            .post(bench.lms("/api/user/v1/account/registration/"))
            .form(form)
            .send()
            .await
            .expect("answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let (status, body) = register(&[("username", "learner"), ("email", "learner@example.org")]).await;
    assert_eq!((status, &body["error_code"]), (409, &"duplicate-email-username".into()));
    assert_eq!(body["username_suggestions"].as_array().expect("suggestions").len(), 3);
    let (status, body) =
        register(&[("username", "a b"), ("email", "x"), ("name", ""), ("password", "1")]).await;
    assert_eq!((status, &body["error_code"]), (400, &"validation-error".into()));
    assert_eq!(body.as_object().expect("body").len(), 6);
    let json = bench
        .http
        .post(bench.lms("/api/user/v1/account/registration/"))
        .json(&json!({"username": "n"}))
        .send()
        .await;
    assert_eq!(json.expect("answer").status(), 400);
    let check = json!({"username": "learner", "email": "fresh@example.org"});
    let answer = bench
        .http
        .post(bench.lms("/api/user/v1/validation/registration"))
        .json(&check)
        .send()
        .await
        .expect("answer");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["validation_decisions"]["email"], "");
    assert_eq!(body["validation_decisions"]["username"], "It looks like this username is already taken");
}

#[tokio::test]
async fn accounts_change_by_merge_patch_only() {
    let bench = Bench::new().await;
    let url = bench.lms("/api/user/v1/accounts/author");
    let patch = |kind: &'static str| {
        let ask = bench.http.patch(&url).header("Authorization", format!("JWT {}", bench.token));
        ask.header("Content-Type", kind).body(r#"{"name": "New Name"}"#).send()
    };
    assert_eq!(patch("application/json").await.expect("answer").status(), 415);
    assert_eq!(patch("application/merge-patch+json").await.expect("answer").status(), 200);
    assert_eq!(bench.json(url).await["name"], "New Name");
    let other = bench
        .http
        .get(bench.lms("/api/user/v1/accounts/author"))
        .header("Authorization", format!("JWT {}", bench.learner().await));
    let body: Value = other.send().await.expect("answer").json().await.expect("JSON");
    assert_eq!((&body["username"], body.get("email")), (&"author".into(), None));
}

#[tokio::test]
async fn closed_courses_let_only_staff_in() {
    let bench = Bench::new().await;
    let mut archive = sample();
    let course = r#"<course start="2020-01-01T00:00:00Z" enrollment_end="2021-01-01T00:00:00Z"><chapter url_name="ch1"/></course>"#;
    archive.insert("course/2025.xml".into(), course.as_bytes().to_vec());
    bench.import(KEY, &archive).await;
    let body = json!({"course_details": {"course_id": KEY}, "user": "learner"});
    assert_eq!(bench.learner_post("/api/enrollment/v1/enrollment", &body).await.0, 400);
    bench.sign_in().await;
    let csrf = bench.csrf().await;
    let change = async |action: &str| {
        let form = [("course_id", KEY), ("enrollment_action", action)];
        let ask = bench.http.post(bench.lms("/change_enrollment")).header("X-CSRFToken", &csrf).form(&form);
        ask.send().await.expect("answer").status().as_u16()
    };
    assert_eq!(change("enroll").await, 400);
    assert_eq!(change("unenroll").await, 400);
    assert_eq!(bench.author_post("/api/enrollment/v1/enrollment", &body).await.0, 200);
    bench.import(KEY, &sample()).await;
    assert_eq!((change("enroll").await, change("unenroll").await, change("unenroll").await), (200, 200, 400));
}
