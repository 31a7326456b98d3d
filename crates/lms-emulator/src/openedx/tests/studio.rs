//! Studio's own pages, files, and courses loaded at the start.

use serde_json::{Value, json};

use super::{Bench, sample, token};
use crate::openedx::OpenEdxEmulator;
use crate::openedx::archive::pack;
use crate::{EmulatorError, Options};

const KEY: &str = "course-v1:New+Course+R1";

#[tokio::test]
async fn courses_given_at_the_start_are_there() {
    let folder = tempfile::tempdir().expect("folder");
    let archive = folder.path().join("c.tar.gz");
    std::fs::write(&archive, pack(&sample(), "anything").expect("archive")).expect("write");
    let bench = Bench::with(Options { load: vec![archive], ..Options::default() }).await;
    let list = bench.json(bench.lms("/api/courses/v1/courses/")).await;
    assert_eq!(list["results"][0]["id"], "course-v1:DemoU+PY101+2025");
    let image = bench.http.get(bench.lms("/asset-v1:DemoU+PY101+2025+type@asset+block@fig.png"));
    assert_eq!(image.send().await.expect("answer").text().await.expect("text"), "not really a picture");
    std::fs::write(folder.path().join("course.xml"), "<course/>").expect("write");
    let options = Options { load: vec![folder.path().to_owned()], ..Options::default() };
    match OpenEdxEmulator::start(options).await {
        Err(EmulatorError::Load { field, .. }) => assert_eq!(field, "course.xml"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn course_runs_are_for_staff_and_say_what_is_missing() {
    let bench = Bench::new().await;
    let url = bench.studio("/api/v1/course_runs/");
    let body = json!({"org": "O", "number": "N", "run": "R", "title": "T", "schedule": {"start": "2025-01-01T00:00:00Z", "end": "2025-02-01T00:00:00Z"}, "team": [{"user": "learner", "role": "staff"}]});
    let made = bench.post(url.clone()).json(&body).send().await.expect("answer");
    assert_eq!(made.status(), 201);
    assert_eq!(made.json::<Value>().await.expect("JSON")["schedule"]["start"], "2025-01-01T00:00:00Z");
    assert_eq!(bench.post(url.clone()).json(&body).send().await.expect("answer").status(), 500);
    let empty = bench.post(url.clone()).json(&json!({})).send().await.expect("answer");
    assert_eq!(empty.json::<Value>().await.expect("JSON").as_object().expect("object").len(), 4);
    let bad = bench.post(url.clone()).json(&json!({"org": "O", "number": "N N", "run": "R", "title": "T"}));
    assert!(
        bad.send().await.expect("answer").json::<Value>().await.expect("JSON")["non_field_errors"].is_array()
    );
    let learner = bench.http.post(&url).header("Authorization", format!("JWT {}", bench.learner().await));
    assert_eq!(learner.json(&body).send().await.expect("answer").status(), 403);
    let one = bench.studio("/api/v1/course_runs/course-v1:O+N+R/");
    let patch = |method: reqwest::Method| {
        bench
            .http
            .request(method, &one)
            .header("Authorization", format!("JWT {}", bench.token))
            .json(&json!({"title": "U"}))
            .send()
    };
    let patched: Value = patch(reqwest::Method::PATCH).await.expect("answer").json().await.expect("JSON");
    assert_eq!((&patched["title"], &patched["team"][0]["user"]), (&"U".into(), &"learner".into()));
    let replaced: Value = patch(reqwest::Method::PUT).await.expect("answer").json().await.expect("JSON");
    assert_eq!(replaced["team"], json!([]));
    assert_eq!(
        bench
            .get(bench.studio("/api/v1/course_runs/course-v1:No+Such+R/"))
            .send()
            .await
            .expect("answer")
            .status(),
        404
    );
}

#[tokio::test]
async fn files_go_up_and_come_back() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let part = reqwest::multipart::Part::bytes(b"data".to_vec()).file_name("my file.txt");
    let form = reqwest::multipart::Form::new().part("file", part);
    let url = bench.studio(&format!("/api/contentstore/v0/file_assets/{KEY}"));
    let answer: Value =
        bench.post(url).multipart(form).send().await.expect("answer").json().await.expect("JSON");
    assert_eq!(answer["asset"]["portable_url"], "/static/my_file.txt");
    let address = answer["asset"]["external_url"].as_str().expect("url").to_owned();
    assert_eq!(reqwest::get(&address).await.expect("answer").text().await.expect("text"), "data");
    bench.sign_in().await;
    let list = bench
        .http
        .get(bench.studio(&format!("/assets/{KEY}/?page_size=1&page=1")))
        .header("Accept", "application/json");
    let list: Value = list.send().await.expect("answer").json().await.expect("JSON");
    assert_eq!(
        (&list["totalCount"], &list["start"], &list["assets"][0]["display_name"]),
        (&json!(2), &json!(1), &"my file.txt".into())
    );
    let one = bench.studio(&format!("/assets/{KEY}/{}", answer["asset"]["id"].as_str().expect("id")));
    let csrf = bench.csrf().await;
    let lock = bench.http.put(&one).header("X-CSRFToken", &csrf).json(&json!({"locked": true}));
    assert_eq!(lock.send().await.expect("answer").status(), 201);
    assert_eq!(reqwest::get(&address).await.expect("answer").status(), 403);
    assert_eq!(
        bench.http.delete(&one).header("X-CSRFToken", &csrf).send().await.expect("answer").status(),
        204
    );
    assert_eq!(reqwest::get(&address).await.expect("answer").status(), 404);
}

#[tokio::test]
async fn the_session_forms_create_and_import_too() {
    let bench = Bench::new().await;
    bench.sign_in().await;
    let csrf = bench.csrf().await;
    let create = async || {
        let body = json!({"org": "New", "number": "Course", "run": "R1", "display_name": "Typed"});
        let ask = bench.http.post(bench.studio("/course/")).header("X-CSRFToken", &csrf).json(&body);
        let answer = ask.send().await.expect("answer");
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.expect("JSON")
    };
    assert_eq!(create().await["course_key"], KEY);
    assert!(create().await["ErrMsg"].as_str().expect("sentence").starts_with("There is already a course"));
    let part = reqwest::multipart::Part::bytes(pack(&sample(), "x").expect("archive")).file_name("c.tar.gz");
    let form = reqwest::multipart::Form::new().part("course-data", part);
    let start =
        bench.http.post(bench.studio(&format!("/import/{KEY}"))).header("X-CSRFToken", &csrf).multipart(form);
    assert_eq!(
        start.send().await.expect("answer").json::<Value>().await.expect("JSON"),
        json!({"ImportStatus": 1})
    );
    let status = bench.studio(&format!("/import_status/{KEY}/c.tar.gz"));
    for _ in 0..500 {
        let body: Value = bench.http.get(&status).send().await.expect("answer").json().await.expect("JSON");
        if body["ImportStatus"] == 4 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(bench.export(KEY).await.contains_key("problem/p1.xml"));
    let report = bench.json(bench.studio(&format!("/api/courses/v1/validation/{KEY}/?all=true"))).await;
    assert_eq!(
        (&report["dates"]["has_start_date"], &report["assignments"]["total_number"]),
        (&true.into(), &json!(1))
    );
    let empty = bench.export_page().await;
    assert_eq!(empty, 406);
}

impl Bench {
    async fn export_page(&self) -> u16 {
        let ask = self.http.get(self.studio(&format!("/export/{KEY}"))).header("Accept", "application/json");
        ask.send().await.expect("answer").status().as_u16()
    }
}

#[tokio::test]
async fn an_emptied_page_still_leads_on_and_secrets_stay_out_of_debug() {
    let bench = Bench::new().await;
    for run in 1..=6 {
        bench.import(&format!("course-v1:New+Course+R{run}"), &sample()).await;
    }
    bench.edx.faults().inject("empty-page:path=/api/courses/v1/courses/".parse().expect("fault"));
    let page = bench.json(bench.lms("/api/courses/v1/courses/")).await;
    assert_eq!(page["results"], json!([]));
    assert!(page["pagination"]["next"].is_string());
    let credentials = bench.edx.credentials();
    let shown = format!("{:?} {:?}", bench.edx, credentials);
    for secret in
        [&credentials.client_secret, &credentials.password, &credentials.learner_password, &bench.token]
    {
        assert!(!shown.contains(secret.as_str()));
    }
    let short = Options { token_lifetime: std::time::Duration::from_millis(50), ..Options::default() };
    let edx = OpenEdxEmulator::start(short).await.expect("start");
    let jwt = token(&edx, &bench.http, &[("grant_type", "client_credentials"), ("token_type", "jwt")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    let me =
        bench.http.get(format!("{}/api/user/v1/me", edx.url())).header("Authorization", format!("JWT {jwt}"));
    assert_eq!(me.send().await.expect("answer").status(), 401);
    edx.stop().await;
}
