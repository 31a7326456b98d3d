//! Finding courses: filters, search, many at once; and the API's own lists.

use lms_core::*;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{CourseFilter, CourseOrder, Direction, Endpoint, Found, NativeQuery, ScheduleType, Stepik};
use serde_json::json;

use crate::{author, learner, start};

async fn create(stepik: &Stepik, title: &str, visibility: Visibility) -> CourseId {
    let course = Course { visibility, ..Course::new("c", title) };
    let authoring = stepik.authoring().expect("authoring");
    let id = authoring.create_course(&course, &NewCourse::default()).await.expect("a course");
    authoring.finish(&id, &course, &AssetLinks::new()).await.expect("it");
    id
}

fn ids(of: &[CourseSummary]) -> Vec<CourseId> {
    of.iter().map(|course| course.id.clone()).collect()
}

/// The query of the last request to a path.
fn query(server: &StepikEmulator, path: &str) -> String {
    let entries = server.log().entries();
    entries.iter().rev().find(|entry| entry.path == path).expect("a request").query.clone()
}

#[tokio::test]
async fn the_list_is_asked_with_every_filter_and_order() {
    let server = start().await;
    let stepik = author(&server);
    let public = create(&stepik, "Open", Visibility::Public).await;
    let private = create(&stepik, "Closed", Visibility::Private).await;
    let me = stepik.accounts().expect("accounts").me().await.expect("me").id;
    let list = |filter: CourseFilter| {
        let stepik = stepik.clone();
        async move { ids(&stepik.list_courses(filter).expect("a list").all().await.expect("courses")) }
    };
    let only = |public| CourseFilter { public: Some(public), ..CourseFilter::new() };
    assert_eq!(list(only(true)).await, [public.as_str().into()]);
    assert_eq!(list(only(false)).await, [private.as_str().into()]);
    let newest = CourseFilter {
        owner: Some(me.clone()),
        order: vec![(CourseOrder::Id, Direction::Descending)],
        ..CourseFilter::new()
    };
    assert_eq!(list(newest).await, [private.clone(), public.clone()]);
    let others = CourseFilter { teacher: Some("424242".into()), ..CourseFilter::new() };
    assert_eq!(list(others).await, []);
    let all = CourseFilter {
        featured: Some(false),
        tag: Some(22),
        language: Some("en".into()),
        owner: Some(me.clone()),
        teacher: Some(me),
        idea_compatible: Some(false),
        public: Some(true),
        promoted: Some(false),
        schedule: Some(ScheduleType::SelfPaced),
        exclude_ended: Some(true),
        popular: Some(false),
        unsuitable: Some(false),
        paid: Some(false),
        cataloged: Some(false),
        with_certificate: Some(false),
        enrolled: Some(true),
        order: vec![
            (CourseOrder::Popularity, Direction::Descending),
            (CourseOrder::Id, Direction::Ascending),
        ],
        from: None,
    };
    list(all).await;
    let asked = query(&server, "/api/courses");
    for filter in Endpoint::Courses.filters() {
        assert!(asked.contains(&format!("{filter}=")), "{filter} in {asked}");
    }
    assert!(
        asked.contains("order=-popularity%2Cid") && asked.contains("schedule_type=self_paced"),
        "{asked}"
    );
}

#[tokio::test]
async fn many_courses_are_fetched_by_id_in_the_asked_order_and_missing_ones_are_named() {
    let server = start().await;
    let stepik = author(&server);
    let mut there = Vec::new();
    for n in 0..5 {
        there.push(create(&stepik, &format!("Course {n}"), Visibility::Public).await);
    }
    there.reverse();
    let secret = create(&stepik, "Hidden", Visibility::Private).await;
    let mut asked = there.clone();
    asked.insert(2, "424242".into());
    asked.push(secret.clone());
    server.log().clear();
    let Found { items, missing } = learner(&server).courses_by_id(&asked).await.expect("courses");
    assert_eq!(ids(&items), there);
    assert_eq!(missing, ["424242".to_owned(), secret.to_string()]);
    assert_eq!(server.log().reads(), 1);
    // A plain listing would answer a request without ids (reference stepik.md 2.5).
    server.log().clear();
    assert_eq!(stepik.courses_by_id(&[]).await.expect("none").items, []);
    assert_eq!(server.log().reads(), 0);
    let bad = stepik.courses_by_id(&["67".into(), "course-v1:X".into()]).await.expect_err("no number");
    assert_eq!((bad.kind(), bad.resource()), (ErrorKind::InvalidInput, Some("course-v1:X")));
    assert_eq!(server.log().reads(), 0);
    // 250 ids take three requests.
    let many: Vec<CourseId> = (500_000u64..500_250).map(CourseId::from).collect();
    assert_eq!(stepik.courses_by_id(&many).await.expect("none").missing.len(), 250);
    assert_eq!(server.log().reads(), 3);
}

#[tokio::test]
async fn a_search_finds_words_and_takes_up_where_it_stopped() {
    let server = start().await;
    let stepik = author(&server);
    for n in 0..6 {
        create(&stepik, &format!("Algebra {n}"), Visibility::Public).await;
    }
    create(&stepik, "Botany", Visibility::Public).await;
    let courses = stepik.courses().expect("courses");
    let query = CourseQuery::new().with_search("algebra");
    let all = courses.list(query.clone()).expect("a list").all().await.expect("courses");
    assert_eq!(all.len(), 6);
    let mut pages = courses.list(query.clone()).expect("a list").pages();
    let first = futures::StreamExt::next(&mut pages).await.expect("a page").expect("a page");
    let rest = query.with_from(first.next.expect("more"));
    let rest = courses.list(rest).expect("a list").all().await.expect("courses");
    assert_eq!(ids(&[first.items, rest].concat()), ids(&all));
}

#[tokio::test]
async fn native_lists_refuse_what_the_platform_would_pass_over() {
    let server = start().await;
    let stepik = author(&server);
    let native = stepik.native();
    let before = server.log().reads();
    let unknown = native.list(Endpoint::Lessons, NativeQuery::new().with("titel", "x")).expect_err("a slip");
    assert_eq!(unknown.kind(), ErrorKind::Unsupported);
    assert!(unknown.message().contains("teacher"), "names what there is: {unknown}");
    assert!(native.list(Endpoint::Lessons, NativeQuery::new().with_order("title")).is_err());
    assert!(native.list(Endpoint::Groups, NativeQuery::new()).is_err());
    assert_eq!(
        native.create(Endpoint::Steps, json!({})).await.expect_err("read-only").kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(server.log().reads() - before + server.log().writes(), 0, "nothing was sent");
}

#[tokio::test]
async fn native_objects_are_made_found_changed_and_deleted() {
    let server = start().await;
    let native = author(&server).native();
    let mut made = Vec::new();
    for n in 0..5 {
        let lesson = native.create(Endpoint::Lessons, json!({"title": format!("L{n}"), "is_public": true}));
        made.push(lesson.await.expect("a lesson")["id"].to_string());
    }
    let newest = NativeQuery::new().with_order("-id");
    let listed =
        native.list(Endpoint::Lessons, newest.clone()).expect("a list").all().await.expect("lessons");
    let listed: Vec<String> = listed.iter().map(|lesson| lesson["id"].to_string()).collect();
    assert_eq!(listed, made.iter().rev().cloned().collect::<Vec<_>>());
    let page = native.page(Endpoint::Lessons, newest.clone()).await.expect("a page");
    assert_eq!(page.objects.len(), 4);
    let next =
        native.page(Endpoint::Lessons, newest.with_from(page.next.expect("more"))).await.expect("a page");
    assert_eq!((next.objects.len(), next.next), (1, None));
    let change = json!({"title": "Renamed"});
    native.change(Endpoint::Lessons, &made[1], change).await.expect("changed");
    native.delete(Endpoint::Lessons, &made[2]).await.expect("deleted");
    native.delete(Endpoint::Lessons, &made[2]).await.expect("is gone already");
    let found = native.many(Endpoint::Lessons, [&made[2], &made[1], &made[0]]).await.expect("lessons");
    let titles: Vec<_> = found.items.iter().map(|lesson| lesson["title"].as_str()).collect();
    assert_eq!((titles, found.missing), (vec![Some("Renamed"), Some("L0")], vec![made[2].clone()]));
    assert_eq!(native.get(Endpoint::Lessons, &made[1]).await.expect("it")["is_public"], true, "kept");
    assert_eq!(native.get(Endpoint::Lessons, &made[2]).await.expect_err("gone").kind(), ErrorKind::NotFound);
    // Lists that come along are given too (reference stepik.md 2.6).
    native.create(Endpoint::Courses, json!({"title": "Mine"})).await.expect("a course");
    let courses = native.page(Endpoint::Courses, NativeQuery::new()).await.expect("courses");
    assert_eq!(courses.side["enrollments"].len(), 1);
}
