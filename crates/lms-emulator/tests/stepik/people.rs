use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

#[tokio::test]
async fn enrollment_is_the_course_and_can_be_left() {
    let server = start().await;
    let (author, learner, guest) =
        (Client::author(&server).await, Client::learner(&server).await, Client::guest(&server));
    let lesson = author.lesson().await;
    let (course, ..) = author.course_with(lesson).await;
    let hidden = id(&author.create("courses", json!({"title": "Private"})).await);
    let body = json!({"enrollment": {"course": course.to_string()}});
    assert_eq!(guest.post("/api/enrollments", body.clone()).await.0, 401);
    let (status, answer) = learner.post("/api/enrollments", body.clone()).await;
    assert_eq!((status, &answer["enrollments"]), (201, &json!([{"id": course, "course": course}])));
    assert_eq!(ids(&answer["courses"]), [course]);
    assert_eq!(learner.post("/api/enrollments", body).await.0, 201);
    assert_eq!(learner.post("/api/enrollments", json!({"enrollment": {"course": hidden}})).await.0, 403);
    assert_eq!(learner.post("/api/enrollments", json!({"enrollment": {"course": 1}})).await.0, 400);
    assert_eq!(learner.get(&format!("/api/courses/{course}")).await["courses"][0]["learners_count"], 1);
    assert_eq!(ids(&learner.get("/api/courses?enrolled=true").await["courses"]), [course]);
    let row = learner.get("/api/user-courses").await["user-courses"][0].clone();
    assert_eq!(row["course"], course);
    let put = json!({"userCourse": {"is_favorite": true}});
    assert_eq!(
        learner.put(&format!("/api/user-courses/{}", id(&row)), put).await.1["user-courses"][0]["is_favorite"],
        true
    );
    let path = format!("/api/enrollments/{course}");
    assert_eq!(learner.call(Method::GET, &path, None).await.0, 200);
    assert_eq!(learner.delete(&path).await, 204);
    assert_eq!(learner.call(Method::GET, &path, None).await.0, 404);
    assert_eq!(learner.delete(&path).await, 404);
}

#[tokio::test]
async fn a_member_of_the_admins_is_a_co_author() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let (course, ..) = author.course_with(lesson).await;
    let shown = author.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    let groups: Vec<i64> = ["teachers", "admins", "learners", "testers", "moderators", "assistants"]
        .iter()
        .map(|role| shown[format!("{role}_group")].as_i64().unwrap())
        .collect();
    assert!(groups.windows(2).all(|pair| pair[1] == pair[0] + 1));
    let email = server.credentials().learner_username.clone();
    let member = json!({"member": {"group": groups[1], "email": email}});
    assert_eq!(learner.post("/api/members", member.clone()).await.0, 403);
    let (status, body) = author.post("/api/members", member).await;
    assert_eq!(status, 201);
    assert_eq!(
        author.get(&format!("/api/groups/{}", groups[1])).await["groups"][0]["users"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        author.get(&format!("/api/members?group={}", groups[1])).await["members"].as_array().unwrap().len(),
        2
    );
    let put = json!({"course": {"title": "Ours"}});
    assert_eq!(learner.put(&format!("/api/courses/{course}"), put.clone()).await.0, 200);
    assert_eq!(
        learner.put(&format!("/api/lessons/{lesson}"), json!({"lesson": {"title": "Ours"}})).await.0,
        200
    );
    assert_eq!(author.delete(&format!("/api/members/{}", id(&body["members"][0]))).await, 204);
    assert_eq!(learner.put(&format!("/api/courses/{course}"), put).await.0, 403);
}

#[tokio::test]
async fn registration_needs_a_session_csrf_and_referer() {
    let server = start().await;
    let url = server.url().to_owned();
    let no_redirect = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().cookie_store(true).redirect(no_redirect).build().unwrap();
    let page = http.get(format!("{url}/accounts/signup/?next=/")).send().await.unwrap();
    let csrf = page.cookies().find(|cookie| cookie.name() == "csrftoken").unwrap().value().to_owned();
    let post = async |body: Value, csrf: Option<&str>, referer: Option<&str>| {
        let mut request = http.post(format!("{url}/api/users")).json(&body);
        if let Some(csrf) = csrf {
            request = request.header("x-csrftoken", csrf);
        }
        if let Some(referer) = referer {
            request = request.header("referer", referer);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let home = format!("{url}/");
    let user = json!({"user": {"first_name": "Zoé", "last_name": "Doe", "email": "zoe@example.test", "password": "s3cret-pass"}});
    assert_eq!(post(user.clone(), None, Some(&home)).await.0, 403);
    assert_eq!(post(user.clone(), Some(&csrf), None).await.0, 403);
    assert_eq!(post(user.clone(), Some(&csrf), Some("https://evil.example/")).await.0, 403);
    let (status, body) = post(user.clone(), Some(&csrf), Some(&home)).await;
    assert_eq!((status, &body["users"][0]["full_name"]), (201, &json!("Zoé Doe")));
    let (status, body) = post(user, Some(&csrf), Some(&home)).await;
    assert_eq!((status, body["email"].is_array()), (400, true));
    assert_eq!(
        post(json!({"user": {}}), Some(&csrf), Some(&home)).await,
        (400, json!({"email": ["This field is required."]}))
    );
    let weak = json!({"user": {"email": "b@example.test", "password": "short"}});
    assert!(post(weak, Some(&csrf), Some(&home)).await.1["password"].is_array());

    // The new account signs in both ways.
    let held = server.credentials();
    let form = [("grant_type", "password"), ("username", "zoe@example.test"), ("password", "s3cret-pass")];
    let token = http
        .post(format!("{url}/oauth2/token/"))
        .basic_auth(&held.client_id, Some(&held.client_secret))
        .form(&form);
    assert_eq!(token.send().await.unwrap().status(), 200);
    let login = http
        .post(format!("{url}/api/users/login"))
        .header("x-csrftoken", &csrf)
        .header("referer", &home)
        .json(&json!({"email": "zoe@example.test", "password": "s3cret-pass"}));
    assert_eq!(login.send().await.unwrap().status(), 204);
    let me: Value = http.get(format!("{url}/api/stepics/1")).send().await.unwrap().json().await.unwrap();
    assert_eq!(me["users"][0]["first_name"], "Zoé");
    // A session may write too, with the CSRF token that came with it, and is only asked to approve.
    let bare = json!({"lesson": {"title": "T"}});
    assert_eq!(http.post(format!("{url}/api/lessons")).json(&bare).send().await.unwrap().status(), 403);
    let back = "http://127.0.0.1:9/";
    let ask = [("response_type", "code"), ("client_id", &held.client_id), ("redirect_uri", back)];
    let page = reqwest::Url::parse_with_params(&format!("{url}/oauth2/authorize/"), ask).unwrap();
    let shown = http.get(page.clone()).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    let shown = shown.text().await.unwrap();
    assert!(shown.contains("You are signed in") && !shown.contains("type=\"password\""), "{shown}");
    let token =
        shown.split("name=\"csrfmiddlewaretoken\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let foreign = http.post(page.clone()).form(&[("allow", "Authorize"), ("csrfmiddlewaretoken", "x")]);
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    let approved = http.post(page).form(&[("allow", "Authorize"), ("csrfmiddlewaretoken", token)]);
    let answer = approved.send().await.unwrap();
    assert!(answer.headers()["location"].to_str().unwrap().starts_with("http://127.0.0.1:9/?code="));
}

#[tokio::test]
async fn sign_up_by_form_and_profile() {
    let server = start().await;
    let url = format!("{}/accounts/signup/?next=/catalog", server.url());
    let no_redirect = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().cookie_store(true).redirect(no_redirect).build().unwrap();
    let page = http.get(&url).send().await.unwrap();
    let csrf = page.cookies().find(|cookie| cookie.name() == "csrftoken").unwrap().value().to_owned();
    let post = async |csrf: &str, second: &str| {
        let form = [
            ("first_name", "Yu"),
            ("last_name", "Lin"),
            ("email", "yu@example.test"),
            ("password1", "long enough"),
            ("password2", second),
            ("csrfmiddlewaretoken", csrf),
            ("next", "/catalog"),
        ];
        http.post(&url).header("referer", &url).form(&form).send().await.unwrap()
    };
    assert_eq!(post("wrong", "long enough").await.status(), 403);
    assert_eq!(post(&csrf, "different").await.status(), 200);
    let done = post(&csrf, "long enough").await;
    assert_eq!((done.status().as_u16(), done.headers()["location"].to_str().unwrap()), (302, "/catalog"));
    assert_eq!(http.get(format!("{}/no/such/page", server.url())).send().await.unwrap().status(), 404);

    let learner = Client::learner(&server).await;
    let me = id(&learner.get("/api/stepics/1").await["profiles"][0]);
    let path = format!("/api/profiles/{me}");
    let (status, body) = learner.put(&path, json!({"profile": {"first_name": "Léa"}})).await;
    assert_eq!((status, &body["profiles"][0]["full_name"]), (200, &json!("Léa Learner")));
    assert_eq!(Client::author(&server).await.put(&path, json!({"profile": {}})).await.0, 403);
    let mail = learner.get("/api/email-addresses").await["email-addresses"].clone();
    assert_eq!(mail[0]["email"], server.credentials().learner_username);
}
