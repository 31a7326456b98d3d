//! Small resources: addresses, accounts, records, reviews, code runs.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

#[tokio::test]
async fn addresses_accounts_and_records_belong_to_their_user() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let me = learner.me().await;
    let first = learner.get("/api/email-addresses?is_primary=true").await["email-addresses"][0].clone();
    assert_eq!(
        (&first["user"], &first["email"]),
        (&json!(me), &json!(server.credentials().learner_username))
    );
    let second = learner.create("email-addresses", json!({"email": "second@example.test"})).await;
    assert_eq!((&second["is_primary"], &second["is_verified"]), (&json!(false), &json!(false)));
    let (status, body) =
        learner.post("/api/email-addresses", json!({"emailAddress": {"email": "SECOND@example.test"}})).await;
    assert_eq!((status, body["email"].is_array()), (400, true));
    assert_eq!(author.refused(&format!("/api/email-addresses/{}", id(&second))).await, 404);
    let path = format!("/api/email-addresses/{}", id(&second));
    assert_eq!(author.post(&format!("{path}/set-as-primary"), json!({})).await.0, 404);
    assert_eq!(learner.delete(&format!("/api/email-addresses/{}", id(&first))).await, 400);
    assert_eq!(learner.post(&format!("{path}/send-confirmation"), json!({})).await.0, 204);
    assert_eq!(learner.post(&format!("{path}/set-as-primary"), json!({})).await.0, 204);
    assert_eq!(learner.delete(&format!("/api/email-addresses/{}", id(&first))).await, 204);
    let form = [
        ("grant_type", "password"),
        ("username", "second@example.test"),
        ("password", &server.credentials().learner_password),
    ];
    assert_eq!(Client::with_grant(&server, &form).await.me().await, me);
    assert_eq!(
        learner.get(&format!("/api/profiles/{me}")).await["profiles"][0]["email_addresses"],
        json!([id(&second)])
    );

    let account = learner.create("social-accounts", json!({"provider": "vk", "uid": "17"})).await;
    assert_eq!(account["user"], me);
    for (query, found) in [("provider=vk&uid=17", 1), ("provider=google", 0), ("uid=18", 0)] {
        let listed = author.get(&format!("/api/social-accounts?{query}")).await["social-accounts"].clone();
        assert_eq!(listed.as_array().unwrap().len(), found, "{query}");
    }
    let path = format!("/api/social-accounts/{}", id(&account));
    assert_eq!(author.delete(&path).await, 403);
    assert_eq!(learner.delete(&path).await, 204);

    let record = learner.create("storage-records", json!({"kind": "notes_1", "data": {"a": [1]}})).await;
    let path = format!("/api/storage-records/{}", id(&record));
    let put = json!({"storage-record": {"kind": "notes_1", "data": {"b": 2}}});
    assert_eq!(learner.put(&path, put.clone()).await.1["storage-records"][0]["data"], json!({"b": 2}));
    assert_eq!(author.put(&path, put).await.0, 404);
    let found = learner.get(&format!("/api/storage-records?user={me}&kind__startswith=notes")).await;
    assert_eq!(ids(&found["storage-records"]), [id(&record)]);
    assert_eq!(learner.get("/api/storage-records?kind=other").await["storage-records"], json!([]));
}

#[tokio::test]
async fn reviews_sum_up_and_announcements_are_the_authors() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let (course, ..) = author.course_with(author.lesson().await).await;
    let (status, body) =
        learner.post("/api/course-reviews", json!({"courseReview": {"course": course, "score": 9}})).await;
    assert_eq!((status, body["score"].is_array()), (400, true));
    let review =
        learner.create("course-reviews", json!({"course": course, "score": 4, "text": "Good"})).await;
    author.create("course-reviews", json!({"course": course, "score": 5})).await;
    let (status, _) =
        learner.post("/api/course-reviews", json!({"courseReview": {"course": course, "score": 1}})).await;
    assert_eq!(status, 400);
    let summary = author.get(&format!("/api/courses/{course}")).await["courses"][0]["review_summary"].clone();
    let shown =
        author.get(&format!("/api/course-review-summaries?ids[]={summary}")).await["course-review-summaries"]
            [0]
        .clone();
    assert_eq!(
        (&shown["course"], &shown["average"], &shown["distribution"]),
        (&json!(course), &json!(4.5), &json!([0, 0, 0, 1, 1]))
    );
    let listed =
        author.get(&format!("/api/course-reviews?course={course}&order=-score")).await["course-reviews"]
            .clone();
    assert_eq!((&listed[0]["score"], id(&listed[1])), (&json!(5), id(&review)));
    let news = json!({"announcement": {"subject": "News", "text": "Soon", "course": course}});
    assert_eq!(learner.post("/api/announcements", news.clone()).await.0, 403);
    assert_eq!(author.post("/api/announcements", news).await.0, 201);
    let (status, body) = author.post("/api/announcements", json!({"announcement": {"course": course}})).await;
    assert_eq!((status, body["subject"].is_array(), body["text"].is_array()), (400, true, true));
    let star = learner.create("favorite-courses", json!({ "course": course })).await;
    assert_eq!(learner.delete(&format!("/api/favorite-courses/{}", id(&star))).await, 204);
}

#[tokio::test]
async fn code_runs_end_later_and_methods_are_told() {
    let server = start().await;
    let author = Client::author(&server).await;
    let lesson = author.lesson().await;
    let step = id(&author.step(lesson, json!({"name": "text", "text": "x"})).await);
    let run = json!({"user": 1, "step": step, "language": "python3", "code": "# print: 42\nprint(42)", "stdin": ""});
    let run = author.create("user-code-runs", run).await;
    assert_eq!((&run["status"], &run["user"]), (&json!("evaluation"), &json!(author.me().await)));
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    let done = author.get(&format!("/api/user-code-runs/{}", id(&run))).await["user-code-runs"][0].clone();
    assert_eq!((&done["status"], &done["stdout"]), (&json!("success"), &json!("42")));

    for (path, due) in [
        ("courses", "GET, POST, HEAD, OPTIONS"),
        ("courses/1", "GET, PUT, DELETE, HEAD, OPTIONS"),
        ("steps/1", "GET, HEAD, OPTIONS"),
        ("videos", "POST, HEAD, OPTIONS"),
        ("certificates/1", "GET, PUT, HEAD, OPTIONS"),
        ("enrollments/1", "GET, DELETE, HEAD, OPTIONS"),
    ] {
        let answer = author.request(Method::OPTIONS, &format!("/api/{path}")).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()),
            (200, due),
            "{path}"
        );
    }
    for (method, path) in [
        (Method::PATCH, "courses/1"),
        (Method::GET, "videos"),
        (Method::POST, "progresses"),
        (Method::DELETE, "attempts/1"),
        (Method::PUT, "enrollments/1"),
        (Method::POST, "attempts/1/file"),
    ] {
        let (status, body) = author.call(method.clone(), &format!("/api/{path}"), None).await;
        assert_eq!((status, body["detail"].is_string()), (405, true), "{method} {path}");
    }
    for path in ["notifications", "review-sessions", "enrollments"] {
        assert_eq!(author.get(&format!("/api/{path}")).await[path], json!([]), "{path}");
    }
    assert_eq!(author.refused("/api/courses/1/nonsense").await, 404);
}

#[tokio::test]
async fn a_user_changes_password_and_picture_and_signs_out() {
    let server = start().await;
    let learner = Client::learner(&server).await;
    let me = learner.me().await;
    let path = format!("/api/profiles/{me}/change-password");
    let old = server.credentials().learner_password.clone();
    let ask = async |current: &str, new: &str| {
        learner.post(&path, json!({"current_password": current, "new_password": new})).await
    };
    let (status, body) = ask("wrong", "long enough").await;
    assert_eq!((status, body["current_password"].is_array()), (400, true));
    assert!(ask(&old, "short").await.1["new_password"].is_array());
    assert_eq!(ask(&old, "long enough").await.0, 204);
    assert_eq!(Client::author(&server).await.post(&path, json!({})).await.0, 403);
    let form = [
        ("grant_type", "password"),
        ("username", &server.credentials().learner_username),
        ("password", "long enough"),
    ];
    assert_eq!(Client::with_grant(&server, &form).await.me().await, me);

    let form = Form::new().part("avatar", Part::bytes(b"png".as_slice()).file_name("me.png"));
    let put = learner
        .request(Method::PUT, &format!("/api/profile-images/{me}"))
        .multipart(form)
        .send()
        .await
        .unwrap();
    let shown = put.json::<Value>().await.unwrap()["profile-images"][0].clone();
    assert_eq!(reqwest::get(shown["avatar"].as_str().unwrap()).await.unwrap().text().await.unwrap(), "png");
    let put = json!({"profile": {"subscribed_for_mail": false, "language": "ru"}});
    let shown = learner.put(&format!("/api/profiles/{me}"), put).await.1["profiles"][0].clone();
    assert_eq!((&shown["subscribed_for_mail"], &shown["language"]), (&json!(false), &json!("ru")));

    let (http, url) = (reqwest::Client::builder().cookie_store(true).build().unwrap(), server.url());
    let home = http.get(format!("{url}/")).send().await.unwrap();
    let csrf = home.cookies().find(|cookie| cookie.name() == "csrftoken").unwrap().value().to_owned();
    let post = |path: &str, csrf: &str| {
        let request = http.post(format!("{url}{path}")).header("referer", format!("{url}/"));
        request.header("x-csrftoken", csrf.to_owned())
    };
    let account = json!({"email": server.credentials().username, "password": server.credentials().password});
    let answer = post("/api/users/login", &csrf).json(&account).send().await.unwrap();
    let csrf = answer.cookies().find(|cookie| cookie.name() == "csrftoken").unwrap().value().to_owned();
    let is_guest = async || {
        let me = http.get(format!("{url}/api/stepics/1")).send().await.unwrap();
        me.json::<Value>().await.unwrap()["users"][0]["is_guest"].clone()
    };
    assert_eq!(is_guest().await, false);
    assert_eq!(post("/api/users/logout", "x").send().await.unwrap().status(), 403);
    assert_eq!(post("/api/users/logout", &csrf).send().await.unwrap().status(), 204);
    assert_eq!(is_guest().await, true);
}
