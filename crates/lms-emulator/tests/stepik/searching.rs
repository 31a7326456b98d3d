//! Filters, orders and search.

use lms_emulator::stepik::{MultiGetOrder, PageBeyondEnd, Switches};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start, start_with};

#[tokio::test]
async fn courses_are_filtered_and_ordered() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let mut made = Vec::new();
    for (title, more) in [
        ("Old", json!({"end_date_source": "2020-01-01T00:00:00Z", "language": "ru", "tags": [7]})),
        ("New", json!({"is_idea_compatible": true, "language": "en"})),
        ("Draft", json!({"is_public": false})),
    ] {
        let mut course = json!({"title": title, "is_public": true});
        course.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        made.push(id(&author.create("courses", course).await));
    }
    learner.create("enrollments", json!({"course": made[1]})).await;
    let me = author.me().await;
    let found = async |query: &str| ids(&author.get(&format!("/api/courses?{query}")).await["courses"]);
    let all = made.clone();
    for (query, due) in [
        ("is_public=True".to_owned(), vec![all[0], all[1]]),
        ("is_public=false".to_owned(), vec![all[2]]),
        ("is_cataloged=true".to_owned(), vec![all[0], all[1]]),
        ("language=ru".to_owned(), vec![all[0]]),
        ("tag=7".to_owned(), vec![all[0]]),
        ("schedule_type=ended".to_owned(), vec![all[0]]),
        ("exclude_ended=true".to_owned(), vec![all[1], all[2]]),
        ("exclude_ended=false".to_owned(), all.clone()),
        ("is_idea_compatible=true".to_owned(), vec![all[1]]),
        ("is_paid=true".to_owned(), vec![]),
        (format!("owner={me}"), all.clone()),
        (format!("teacher={me}"), all.clone()),
        ("owner=1".to_owned(), vec![]),
        ("enrolled=true".to_owned(), all.clone()),
        ("nonsense=1".to_owned(), all.clone()),
        ("order=-id".to_owned(), vec![all[2], all[1], all[0]]),
        ("order=-popularity,id".to_owned(), vec![all[1], all[0], all[2]]),
        ("order=create_date".to_owned(), all.clone()),
        ("order=nonsense".to_owned(), all.clone()),
    ] {
        assert_eq!(found(&query).await, due, "{query}");
    }
    assert_eq!(ids(&learner.get("/api/courses?enrolled=true").await["courses"]), [all[1]]);
    assert_eq!(ids(&learner.get("/api/courses").await["courses"]), [all[0], all[1]]);

    let hit = learner.get("/api/search-results?query=new&type=course").await["search-results"].clone();
    assert_eq!((&hit[0]["course"], &hit[0]["lesson_title"]), (&json!(all[1]), &Value::Null));
    for (query, due) in [
        ("query=old&language=ru", 1),
        ("query=old&language=en", 0),
        ("query=new&type=lesson", 0),
        ("query=draft", 0),
    ] {
        let found = learner.get(&format!("/api/search-results?{query}")).await["search-results"].clone();
        assert_eq!(found.as_array().unwrap().len(), due, "{query}");
    }
}

#[tokio::test]
async fn everything_below_a_course_can_be_found_by_its_parents() {
    let server = start().await;
    let author = Client::author(&server).await;
    let (lesson, other) = (author.lesson().await, author.lesson().await);
    let step = id(&author.step(lesson, json!({"name": "text", "text": "x"})).await);
    author.step(other, json!({"name": "text", "text": "y"})).await;
    let (course, section, unit) = author.course_with(lesson).await;
    author.course_with(other).await;
    for (name, query, due) in [
        ("sections", format!("course={course}"), section),
        ("units", format!("course={course}"), unit),
        ("units", format!("section={section}"), unit),
        ("units", format!("lesson={lesson}"), unit),
        ("units", format!("course={course}&lesson={lesson}"), unit),
        ("lessons", format!("course={course}"), lesson),
        ("lessons", format!("course={course}&teacher={}&order=-id", author.me().await), lesson),
        ("steps", format!("lesson={lesson}"), step),
        ("step-sources", format!("lesson={lesson}"), step),
    ] {
        assert_eq!(ids(&author.get(&format!("/api/{name}?{query}")).await[name]), [due], "{name}?{query}");
    }
    for path in ["units?course=1", "units?course=x", "sections?course=1", "steps?lesson=1"] {
        let name = path.split('?').next().unwrap();
        assert_eq!(author.get(&format!("/api/{path}")).await[name], json!([]), "{path}");
    }
    let user = author.me().await;
    assert_eq!(author.get("/api/users?alias=nobody").await["users"], json!([]));
    assert_eq!(author.get("/api/users?order=-id").await["users"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&author.get(&format!("/api/profiles?ids[]={user}&ids[]=1")).await["profiles"]), [user]);
}

#[tokio::test]
async fn submissions_are_found_by_step_user_status_name_and_order() {
    let server = start_with(Switches { ignores_order_with_step: false, ..Switches::default() }).await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let source = json!({"options": [{"answer": "4", "max_error": "0"}]});
    let step = id(&author.step(lesson, json!({"name": "number", "source": source})).await);
    let (course, ..) = author.course_with(lesson).await;
    let mut made = Vec::new();
    for (client, number) in [(&learner, "5"), (&learner, "4"), (&author, "4")] {
        let attempt = client.attempt(step).await;
        made.push(id(&client.submit(&attempt, json!({ "number": number })).await));
    }
    let (pupil, teacher) = (learner.me().await, author.me().await);
    for (query, due) in [
        (format!("step={step}"), vec![made[0], made[1], made[2]]),
        (format!("step={step}&order=desc"), vec![made[2], made[1], made[0]]),
        (format!("step={step}&user={pupil}&status=correct"), vec![made[1]]),
        (format!("step={step}&status=wrong"), vec![made[0]]),
        (format!("step={step}&user_name=LEARN"), vec![made[0], made[1]]),
        (format!("step={step}&search=id:{teacher}"), vec![made[2]]),
        (format!("step={step}&search=ada"), vec![made[2]]),
        (format!("step={step}&review_status=awaiting"), vec![]),
        (format!("course={course}"), vec![made[2]]),
        (format!("user={pupil}&order=asc"), vec![made[0], made[1]]),
    ] {
        assert_eq!(
            ids(&author.get(&format!("/api/submissions?{query}")).await["submissions"]),
            due,
            "{query}"
        );
    }
    let own = learner.get(&format!("/api/submissions?step={step}")).await;
    assert_eq!(ids(&own["submissions"]), [made[0], made[1]]);
    let attempts = author.get(&format!("/api/attempts?step={step}&user={pupil}")).await["attempts"].clone();
    assert_eq!((attempts.as_array().unwrap().len(), &attempts[1]["status"]), (2, &json!("cleanedup")));
}

#[tokio::test]
async fn a_multi_get_is_unordered_or_ascending_and_takes_a_hundred_ids() {
    for (multi_get_order, ascends) in [(MultiGetOrder::Scrambled, false), (MultiGetOrder::Ascending, true)] {
        let server =
            start_with(Switches { multi_get_order, longest_query: 3_000, ..Switches::default() }).await;
        let client = Client::author(&server).await;
        let mut made = Vec::new();
        for _ in 0..100 {
            made.push(client.lesson().await);
        }
        let query =
            |ids: &[i64]| ids.iter().map(|id| format!("ids%5B%5D={id}")).collect::<Vec<_>>().join("&");
        let twice = [made.as_slice(), &made[..1]].concat();
        let many = client.get(&format!("/api/lessons?{}", query(&twice))).await;
        let got = ids(&many["lessons"]);
        assert_eq!(got.len(), 100);
        assert_eq!(many["meta"], json!({"page": 1, "has_next": false, "has_previous": false}));
        assert_eq!(got.is_sorted(), ascends);
        assert_eq!(server.log().count("GET", "/api/lessons"), 1);
        let long: Vec<i64> = made.iter().chain(&made).copied().collect();
        let answer =
            client.request(Method::GET, &format!("/api/lessons?{}", query(&long))).send().await.unwrap();
        assert_eq!(answer.status(), 414);
        assert!(answer.text().await.unwrap().starts_with("<html>"));
    }
}

#[tokio::test]
async fn beyond_the_last_page_and_unknown_orders() {
    for (page_beyond_end, due) in [(PageBeyondEnd::NotFound, 404), (PageBeyondEnd::Empty, 200)] {
        let switches = Switches { page_beyond_end, refuses_unknown_order: due == 200, ..Switches::default() };
        let server = start_with(switches).await;
        let client = Client::author(&server).await;
        for _ in 0..5 {
            client.lesson().await;
        }
        let (status, body) = client.call(Method::GET, "/api/lessons?page=3&page_size=100", None).await;
        assert_eq!(status, due);
        if due == 200 {
            assert_eq!((&body["lessons"], &body["meta"]["has_next"]), (&json!([]), &json!(false)));
        }
        assert_eq!(client.get("/api/lessons?page=1").await["meta"]["has_next"], true);
        let (status, body) = client.call(Method::GET, "/api/lessons?order=-magic", None).await;
        assert_eq!((status, body["order"].is_array()), if due == 200 { (400, true) } else { (200, false) });
    }
}
