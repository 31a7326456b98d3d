use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start};

fn text(words: &str) -> Value {
    json!({"name": "text", "text": words, "video": null, "options": null})
}

#[tokio::test]
async fn a_course_is_built_and_read_back() {
    let server = start().await;
    let client = Client::author(&server).await;
    let (status, made) = client
        .post("/api/courses", json!({"course": {"title": "Основы Rust", "description": null, "captcha": 1}}))
        .await;
    assert_eq!(status, 201);
    let course = &made["courses"][0];
    assert_eq!(made["meta"], json!({"page": 1, "has_next": false, "has_previous": false}));
    assert_eq!(made["enrollments"], json!([{"id": id(course), "course": id(course)}]));
    assert_eq!(course["slug"], format!("Основы-Rust-{}", id(course)));
    assert_eq!((&course["description"], &course["commission_basic"]), (&json!(""), &json!(7)));
    assert_eq!(course["is_public"], false);
    assert!(course["create_date"].as_str().unwrap().contains('.'));
    // Foreign keys may be numeric strings, and the wrapper key may be anything.
    let section = client.create("sections", json!({"course": id(course).to_string(), "title": "One"})).await;
    let lesson = client.create("lessons", json!({"title": "Lesson"})).await;
    assert_eq!((&lesson["is_blank"], &lesson["is_orphaned"]), (&json!(true), &json!(true)));
    let unit = client.create("units", json!({"section": id(&section), "lesson": id(&lesson)})).await;
    let step = client.step(id(&lesson), text("<p>Hi</p>")).await;
    assert_eq!(step["status"], "ready");

    let course = client.get(&format!("/api/courses/{}", id(course))).await["courses"][0].clone();
    assert_eq!(course["sections"], json!([id(&section)]));
    assert_eq!((&course["first_unit"], &course["first_lesson"]), (&unit["id"], &lesson["id"]));
    assert_eq!((&course["total_units"], &course["commission_basic"]), (&json!(1), &json!("7.00")));
    assert!(!course["create_date"].as_str().unwrap().contains('.'));
    let unit = client.get(&format!("/api/units?lesson={}", id(&lesson))).await["units"][0].clone();
    assert_eq!(unit["assignments"].as_array().unwrap().len(), 1);
    let lesson = client.get(&format!("/api/lessons/{}/", id(&lesson))).await["lessons"][0].clone();
    assert_eq!((&lesson["is_blank"], &lesson["courses"]), (&json!(false), &json!([id(&course)])));
    assert_eq!(lesson["steps"], json!([id(&step)]));
    // The same step has two faces.
    let seen = client.get(&format!("/api/steps/{}", id(&step))).await["steps"][0].clone();
    assert!(seen["block"].get("source").is_none() && seen.get("cost").is_none());
    assert_eq!(step["cost"], 4);
    server.stop().await;
}

#[tokio::test]
async fn refusals_name_their_fields() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    assert_eq!(
        author.post("/api/courses", json!({"course": {}})).await,
        (400, json!({"title": ["This field is required."]}))
    );
    let (status, body) = author.post("/api/sections", json!({"section": {}})).await;
    assert_eq!((status, body["course"].is_array(), body["title"].is_array()), (400, true, true));
    let (status, body) = author.post("/api/units", json!({"unit": {"section": 5, "lesson": 6}})).await;
    assert_eq!((status, &body["section"][0]), (400, &json!("Invalid pk '5' - object does not exist.")));
    let (status, body) = author.post("/api/step-sources", json!({"stepSource": {}})).await;
    assert_eq!((status, body["lesson"].is_array(), body["block"].is_array()), (400, true, true));
    let lesson = author.lesson().await;
    let unknown = json!({"stepSource": {"lesson": lesson, "block": {"name": "telepathy"}}});
    assert_eq!(author.post("/api/step-sources", unknown).await.0, 400);
    assert_eq!(author.post("/api/steps", json!({"step": {}})).await.0, 405);
    assert_eq!(author.call(Method::GET, "/api/courses/1", None).await.0, 404);
    assert_eq!(author.call(Method::GET, "/api/nonsense", None).await.0, 404);
    assert_eq!(author.put("/api/step-sources/5", json!({"stepSource": {}})).await.0, 404);

    let (course, section, _) = author.course_with(lesson).await;
    let step = author.step(lesson, text("x")).await;
    for (path, body) in [
        (format!("/api/courses/{course}"), json!({"course": {"title": "Mine"}})),
        (format!("/api/sections/{section}"), json!({"section": {"title": "Mine", "course": course}})),
        (format!("/api/lessons/{lesson}"), json!({"lesson": {"title": "Mine"}})),
        (
            format!("/api/step-sources/{}", id(&step)),
            json!({"stepSource": {"lesson": lesson, "block": text("m")}}),
        ),
    ] {
        let (status, refusal) = learner.put(&path, body).await;
        assert_eq!(
            (status, &refusal["detail"]),
            (403, &json!("You do not have permission to perform this action.")),
            "{path}"
        );
        assert_eq!(learner.delete(&path).await, 403);
    }
    // A foreign step-source is refused, while the step itself can be read; in a multi-get it is left out.
    assert_eq!(learner.call(Method::GET, &format!("/api/step-sources/{}", id(&step)), None).await.0, 403);
    assert_eq!(learner.get(&format!("/api/steps/{}", id(&step))).await["steps"][0]["actions"], json!({}));
    let many = learner.get(&format!("/api/step-sources?ids[]={}", id(&step))).await;
    assert_eq!(many["step-sources"], json!([]));
}

#[tokio::test]
async fn inserting_shifts_and_deleting_closes_the_gap() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let mut made = Vec::new();
    for (position, name) in [(1, "a"), (2, "b"), (2, "c"), (1, "d")] {
        let step = json!({"lesson": lesson, "position": position, "block": text(name)});
        made.push(id(&client.create("step-sources", step).await));
    }
    let order = async || {
        let listed = client.get(&format!("/api/lessons/{lesson}")).await["lessons"][0]["steps"].clone();
        let mut shown = String::new();
        for (place, step) in ids(&listed).into_iter().enumerate() {
            let step = client.get(&format!("/api/steps/{step}")).await["steps"][0].clone();
            assert_eq!(step["position"], place + 1);
            shown += step["block"]["text"].as_str().unwrap();
        }
        shown
    };
    assert_eq!(order().await, "dacb");
    let moved = json!({"lesson": lesson, "position": 1, "block": text("b"), "cost": 3});
    let (status, body) =
        client.put(&format!("/api/step-sources/{}", made[1]), json!({ "stepSource": moved })).await;
    assert_eq!((status, &body["step-sources"][0]["status"]), (200, &json!("preparing")));
    assert_eq!(order().await, "bdac");
    assert_eq!(client.delete(&format!("/api/step-sources/{}", made[3])).await, 204);
    assert_eq!(order().await, "bac");
    for step in [made[0], made[1], made[2]] {
        assert_eq!(client.delete(&format!("/api/step-sources/{step}")).await, 204);
    }
    assert_eq!(order().await, "<p>All steps of this lesson have been deleted.</p>");
    assert_eq!(client.delete(&format!("/api/step-sources/{}", made[0])).await, 404);
}

#[tokio::test]
async fn a_put_of_a_step_replaces_and_a_bad_source_fails_later() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let good =
        json!({"name": "number", "text": "?", "source": {"options": [{"answer": "4", "max_error": "0"}]}});
    let step = client.step(lesson, good).await;
    assert_eq!((&step["status"], &step["cost"]), (&json!("ready"), &json!(4)));
    let bad = json!({"name": "number", "text": "?", "source": {"options": []}});
    let put = json!({"stepSource": {"lesson": lesson, "position": 1, "block": bad}});
    let (status, body) = client.put(&format!("/api/step-sources/{}", id(&step)), put).await;
    assert_eq!((status, &body["step-sources"][0]["status"]), (200, &json!("preparing")));
    let step = client.prepared(id(&step)).await;
    assert_eq!((&step["status"], &step["cost"]), (&json!("error"), &json!(0)));
    assert!(step["error"]["text"].as_str().unwrap().contains("answer"));
    assert_eq!(client.post("/api/attempts", json!({"attempt": {"step": id(&step)}})).await.0, 400);
}

#[tokio::test]
async fn one_lesson_in_two_units_outlives_both() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let (course, section, unit) = client.course_with(lesson).await;
    let second = id(&client.create("sections", json!({"title": "B", "course": course, "position": 1})).await);
    let other = id(&client.create("units", json!({"section": second, "lesson": lesson})).await);
    // Equal positions stay; the order is that of the parent's list.
    let shown = client.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    assert_eq!(shown["sections"], json!([section, second]));
    let (status, _) = client
        .put(
            &format!("/api/units/{other}"),
            json!({"unit": {"section": section, "lesson": lesson, "position": 2}}),
        )
        .await;
    assert_eq!(status, 200);
    let shown = client.get(&format!("/api/sections?ids[]={section}&ids[]={second}")).await;
    let units: Vec<(i64, Value)> =
        shown["sections"].as_array().unwrap().iter().map(|s| (id(s), s["units"].clone())).collect();
    assert!(
        units.contains(&(section, json!([unit, other]))) && units.contains(&(second, json!([]))),
        "{units:?}"
    );
    assert_eq!(client.delete(&format!("/api/sections/{section}")).await, 204);
    let shown = client.get(&format!("/api/lessons/{lesson}")).await["lessons"][0].clone();
    assert_eq!((&shown["is_orphaned"], &shown["units"]), (&json!(true), &json!([])));
    assert_eq!(client.call(Method::GET, &format!("/api/units/{unit}"), None).await.0, 404);
    assert_eq!(client.delete(&format!("/api/courses/{course}")).await, 204);
    assert_eq!(client.delete(&format!("/api/lessons/{lesson}")).await, 204);
    assert_eq!(client.call(Method::GET, &format!("/api/sections/{second}"), None).await.0, 404);
}

#[tokio::test]
async fn attachments_images_and_videos() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let upload = async |client: &Client, content: &'static str| {
        let form = Form::new()
            .part("file", Part::bytes(content.as_bytes()).file_name("числа 1.csv"))
            .text("lesson", lesson.to_string());
        client.request(Method::POST, "/api/attachments").multipart(form).send().await.unwrap()
    };
    assert_eq!(upload(&learner, "x").await.status(), 403);
    let first = upload(&author, "1;2").await;
    assert_eq!(first.status(), StatusCode::CREATED);
    let first = first.json::<Value>().await.unwrap()["attachments"][0].clone();
    assert_eq!(first["file"], format!("/media/attachments/lesson/{lesson}/числа 1.csv"));
    assert_eq!((&first["size"], &first["course"]), (&json!(3), &Value::Null));
    // A second file of the same name does not overwrite the first.
    let second = upload(&author, "3;4").await.json::<Value>().await.unwrap()["attachments"][0].clone();
    assert_ne!(first["file"], second["file"]);
    let path = first["file"].as_str().unwrap();
    let file = Client::guest(&server).request(Method::GET, path).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "text/csv");
    assert_eq!(file.text().await.unwrap(), "1;2");
    let listed = author.get(&format!("/api/attachments?lesson={lesson}")).await;
    assert_eq!(listed["attachments"].as_array().unwrap().len(), 2);
    assert_eq!(author.delete(&format!("/api/attachments/{}", id(&first))).await, 204);
    assert_eq!(author.request(Method::GET, path).send().await.unwrap().status(), 404);

    let kept = second["file"].as_str().unwrap();
    let other = author.lesson().await;
    let form = Form::new()
        .part("file", Part::bytes(b"x".as_slice()).file_name("a"))
        .text("lesson", other.to_string());
    author.request(Method::POST, "/api/attachments").multipart(form).send().await.unwrap();
    assert_eq!(author.delete(&format!("/api/lessons/{other}")).await, 204);
    let gone = format!("/media/attachments/lesson/{other}/a");
    assert_eq!(author.request(Method::GET, &gone).send().await.unwrap().status(), 404);
    assert_eq!(author.request(Method::GET, kept).send().await.unwrap().status(), 200);

    let (course, ..) = author.course_with(lesson).await;
    let form = Form::new().part("cover", Part::bytes(b"png".as_slice()).file_name("c.png"));
    let image = author.request(Method::PUT, &format!("/api/course-images/{course}")).multipart(form);
    assert_eq!(image.send().await.unwrap().status(), 200);
    let cover = author.get(&format!("/api/courses/{course}")).await["courses"][0]["cover"].clone();
    assert_eq!(
        author.request(Method::GET, cover.as_str().unwrap()).send().await.unwrap().text().await.unwrap(),
        "png"
    );

    let form = Form::new()
        .part("source", Part::bytes(b"mp4".as_slice()).file_name("v.mp4"))
        .text("lesson", lesson.to_string());
    let video = author.request(Method::POST, "/api/videos").multipart(form).send().await.unwrap();
    let video = video.json::<Value>().await.unwrap()["videos"][0].clone();
    assert_eq!((&video["status"], &video["urls"]), (&json!("raw"), &json!([])));
    let step = author.step(lesson, json!({"name": "video", "text": "", "video": {"id": video["id"]}})).await;
    let url = step["block"]["video"]["urls"][0]["url"].as_str().unwrap();
    assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), "mp4");
}

#[tokio::test]
async fn five_hundred_writes_are_quick() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let begin = std::time::Instant::now();
    for position in 1..=500 {
        client
            .create("step-sources", json!({"lesson": lesson, "position": position, "block": text("x")}))
            .await;
    }
    assert_eq!(server.log().writes(), 501);
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    eprintln!("500 writes: {:?}", begin.elapsed());
}
