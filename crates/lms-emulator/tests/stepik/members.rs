//! Learners, members, groups, classes, the grade book.

use lms_emulator::stepik::Switches;
use serde_json::{Value, json};

use crate::client::{Client, id, ids, start, start_with};

fn users(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|m| m["user"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn whoever_enrolls_is_a_member_of_the_learners() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let (course, ..) = author.course_with(author.lesson().await).await;
    let shown = async || author.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
    let (learners, admins) = (shown().await["learners_group"].clone(), shown().await["admins_group"].clone());
    let members =
        async |group: &Value| author.get(&format!("/api/members?group={group}")).await["members"].clone();
    assert_eq!(
        (users(&members(&learners).await), shown().await["learners_count"].clone()),
        (vec![], json!(0))
    );
    assert_eq!(users(&members(&admins).await), [author.me().await]);
    learner.create("enrollments", json!({ "course": course })).await;
    let held = members(&learners).await;
    assert_eq!((users(&held), shown().await["learners_count"].clone()), (vec![learner.me().await], json!(1)));
    assert_eq!(
        author.get(&format!("/api/groups/{learners}")).await["groups"][0]["users"],
        json!([learner.me().await])
    );
    // A listing of both groups' rows by ids; strangers see neither.
    let both = author.get(&format!("/api/groups?ids[]={learners}&ids[]={admins}&ids[]=1")).await;
    assert_eq!(both["groups"].as_array().unwrap().len(), 2);
    assert_eq!(learner.get(&format!("/api/groups?ids[]={learners}")).await["groups"], json!([]));
    assert_eq!(learner.refused(&format!("/api/groups/{learners}")).await, 403);
    assert_eq!(learner.get(&format!("/api/members?group={learners}")).await["members"], json!([]));
    // Taking the membership away takes the enrollment away, and the other way round.
    assert_eq!(author.delete(&format!("/api/members/{}", id(&held[0]))).await, 204);
    assert_eq!(learner.refused(&format!("/api/enrollments/{course}")).await, 404);
    assert_eq!(shown().await["learners_count"], 0);
    learner.create("enrollments", json!({ "course": course })).await;
    assert_eq!(learner.delete(&format!("/api/enrollments/{course}")).await, 204);
    assert!(users(&members(&learners).await).is_empty());
    let member = json!({"member": {"group": learners, "user": learner.me().await}});
    assert_eq!(author.post("/api/members", member).await.0, 201);
    assert_eq!(learner.get(&format!("/api/enrollments/{course}")).await["enrollments"][0]["id"], course);
    for (wrong, field) in [
        (json!({"group": learners, "user": 5}), "user"),
        (json!({"group": learners, "email": "no@example.test"}), "email"),
        (json!({ "group": learners }), "non_field_errors"),
        (json!({"group": 5, "user": 1}), "group"),
    ] {
        let (status, body) = author.post("/api/members", json!({ "member": wrong })).await;
        assert_eq!((status, body[field].is_array()), (400, true), "{body}");
    }
    // With the course its groups and members are gone.
    assert_eq!(author.delete(&format!("/api/courses/{course}")).await, 204);
    assert_eq!(author.refused(&format!("/api/groups/{learners}")).await, 404);
    assert!(users(&members(&learners).await).is_empty());
}

#[tokio::test]
async fn teachers_see_the_roster_if_the_switch_says_so() {
    for (teachers_see_members, due) in [(true, 200), (false, 403)] {
        let server = start_with(Switches { teachers_see_members, ..Switches::default() }).await;
        let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
        let (course, ..) = author.course_with(author.lesson().await).await;
        let shown = author.get(&format!("/api/courses/{course}")).await["courses"][0].clone();
        let member = json!({"group": shown["teachers_group"], "user": learner.me().await});
        author.create("members", member).await;
        assert_eq!(learner.refused(&format!("/api/groups/{}", shown["learners_group"])).await, due);
        // Seeing is not changing.
        let member = json!({"member": {"group": shown["learners_group"], "user": learner.me().await}});
        assert_eq!(learner.post("/api/members", member).await.0, 403);
    }
}

#[tokio::test]
async fn the_grade_book_is_filtered_and_ordered() {
    let server = start().await;
    let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
    let lesson = author.lesson().await;
    let source = json!({"options": [{"answer": "4", "max_error": "0"}]});
    let step = id(&author.step(lesson, json!({"name": "number", "text": "?", "source": source})).await);
    let (course, ..) = author.course_with(lesson).await;
    learner.create("enrollments", json!({ "course": course })).await;
    let attempt = learner.attempt(step).await;
    learner.submit(&attempt, json!({"number": "4"})).await;
    let rows = async |query: &str| {
        users(&author.get(&format!("/api/course-grades?course={course}{query}")).await["course-grades"])
    };
    let (teacher, pupil) = (author.me().await, learner.me().await);
    assert_eq!(rows("&order=-score,-id").await, [pupil, teacher]);
    assert_eq!(rows("&order=score").await, [teacher, pupil]);
    assert_eq!(rows("&order=-id").await, [pupil, teacher]);
    assert_eq!(
        (rows("&is_teacher=True").await, rows("&is_teacher=false").await),
        (vec![teacher], vec![pupil])
    );
    assert_eq!(
        (rows("&search=lea").await, rows(&format!("&search=id:{teacher}")).await),
        (vec![pupil], vec![teacher])
    );
    assert_eq!(rows(&format!("&user={pupil}")).await, [pupil]);
    let row = author.get(&format!("/api/course-grades?course={course}&user={pupil}")).await["course-grades"]
        [0]
    .clone();
    let many =
        author.get(&format!("/api/course-grades?ids[]={}&ids[]=1", id(&row))).await["course-grades"].clone();
    assert_eq!((ids(&many), &many[0]["score"]), (vec![id(&row)], &json!(4.0)));

    // A class is a cohort of the course, joined with its key.
    let class = author.create("classes", json!({"course": course, "title": "8a"})).await;
    let key = class["invitation_key"].as_str().unwrap();
    let (status, body) =
        learner.post("/api/students", json!({"student": {"klass": id(&class), "invitation_key": "x"}})).await;
    assert_eq!((status, body["invitation_key"].is_array()), (400, true));
    learner.create("students", json!({"klass": id(&class), "invitation_key": key})).await;
    assert_eq!(rows(&format!("&klass={}", id(&class))).await, [pupil]);
    let of_class = async |class: i64| {
        author.get(&format!("/api/submissions?step={step}&klass={class}")).await["submissions"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((of_class(id(&class)).await, of_class(1).await), (1, 0));
    assert_eq!(ids(&author.get(&format!("/api/classes?student={pupil}")).await["classes"]), [id(&class)]);
    assert_eq!(learner.get("/api/classes").await["classes"], json!([]));
    assert_eq!(learner.post("/api/classes", json!({"class": {"course": course}})).await.0, 403);
    let invitation =
        json!({"group": author.get(&format!("/api/courses/{course}")).await["courses"][0]["learners_group"]});
    let invitation = author.create("invitations", invitation).await;
    assert!(invitation["url"].as_str().unwrap().starts_with('/'));
    assert_eq!(learner.refused(&format!("/api/invitations/{}", id(&invitation))).await, 404);
}
