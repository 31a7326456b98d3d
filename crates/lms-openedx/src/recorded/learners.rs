//! Enrollments, marks, completion.

use std::collections::BTreeSet;

use lms_core::{
    EnrollOptions, Enrollment, EnrollmentQuery, EnrollmentState, Enrollments, ErrorKind, LmsProviderExt,
    Subject,
};
use serde_json::Value;

use super::player::Player;
use super::{Record, named, text, when};
use crate::{EnrollmentFilter, GradeBookQuery};

const DEMO: &str = "course-v1:OpenedX+DemoX+DemoCourse";

pub(super) async fn play(records: &[Record], seen: &mut BTreeSet<usize>) {
    enrollments(records, seen).await;
    changes(records, seen).await;
    marks(records, seen).await;
}

fn same(found: &Enrollment, wanted: &Value) {
    let course = wanted.get("course_id").unwrap_or(&wanted["course_details"]["course_id"]);
    assert_eq!(found.course.as_str(), *course);
    assert_eq!(found.user.as_str(), wanted["user"]);
    assert_eq!(found.mode, text(&wanted["mode"]));
    assert_eq!(found.state == EnrollmentState::Active, wanted["is_active"]);
    assert_eq!(found.since, when(&wanted["created"]));
}

async fn enrollments(records: &[Record], seen: &mut BTreeSet<usize>) {
    let list = named(records, "enrollment: list");
    let wanted = list.json().as_array().expect("a list");
    let player = Player::start("learner", [list]).await;
    let found = player.client().enrollments_of(&"learner".into()).await.expect("enrollments");
    assert_eq!((found.len(), wanted.len()), (5, 5));
    found.iter().zip(wanted).for_each(|(found, wanted)| same(found, wanted));
    player.end(seen);
    // As courses.
    let player = Player::start("learner", [list]).await;
    let site = player.client();
    let mine = lms_core::CourseQuery { enrolled: true, ..Default::default() };
    let found = site.require_courses().expect("courses").list(mine).expect("a listing").all().await;
    let found: Vec<_> = found.expect("courses").into_iter().map(|c| (c.id.to_string(), c.title)).collect();
    let wanted = wanted.iter().map(|one| &one["course_details"]);
    let wanted: Vec<_> =
        wanted.filter_map(|c| Some((text(&c["course_id"])?, text(&c["course_name"])?))).collect();
    assert_eq!(found, wanted);

    let one = named(records, "enrollment: one");
    let player = Player::start("learner", [one]).await;
    let found = player.client().enrollment_of(&DEMO.into(), &"learner".into()).await.expect("an answer");
    same(&found.expect("an enrollment"), one.json());
    player.end(seen);
    let player = Player::start("staff", [named(records, "enrollment: one, not enrolled")]).await;
    assert_eq!(player.client().enrollment_of(&DEMO.into(), &"staff".into()).await.expect("an answer"), None);
    player.end(seen);

    let all = named(records, "enrollment: admin list");
    let wanted = all.json()["results"].as_array().expect("a list");
    for by_course in [true, false] {
        let player = Player::start("admin", [all]).await;
        let site = player.client();
        let listing = match by_course {
            true => site.list(&DEMO.into(), EnrollmentQuery::default()),
            false => site.all_enrollments(EnrollmentFilter::default()),
        };
        let found = listing.expect("a listing").all().await.expect("enrollments");
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).for_each(|(found, wanted)| same(found, wanted));
        player.end(seen);
    }

    let details = named(records, "enrollment: course details");
    let player = Player::start("learner", [details]).await;
    let found = player.client().course_modes(&DEMO.into()).await.expect("modes");
    let wanted = details.json()["course_modes"].as_array().expect("a list");
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!((found.slug.as_str(), found.name.as_str()), pair(wanted, "slug", "name"));
        assert_eq!(found.currency, wanted["currency"]);
        assert_eq!(Some(found.min_price), wanted["min_price"].as_f64());
        assert_eq!(found.expires, when(&wanted["expiration_datetime"]));
    }
    player.end(seen);

    let roles = named(records, "enrollment: roles");
    let player = Player::start("staff", [roles]).await;
    let found = player.client().roles(None).await.expect("roles");
    assert_eq!(found.staff, roles.json()["is_staff"]);
    let wanted = roles.json()["roles"].as_array().expect("a list");
    assert_eq!(found.roles.len(), wanted.len());
    for (found, wanted) in found.roles.iter().zip(wanted) {
        assert_eq!((found.org.as_str(), found.course.as_str()), pair(wanted, "org", "course_id"));
        assert_eq!(found.role, wanted["role"]);
    }
    player.end(seen);
}

fn pair<'a>(value: &'a Value, a: &str, b: &str) -> (&'a str, &'a str) {
    (value[a].as_str().expect("a text"), value[b].as_str().expect("a text"))
}

async fn changes(records: &[Record], seen: &mut BTreeSet<usize>) {
    for name in ["enrollment: enroll", "enrollment: enroll again"] {
        let record = named(records, name);
        let player = Player::start("learner", [record]).await;
        let course = record.json()["course_details"]["course_id"].as_str().expect("a course").into();
        let found = player.client().enroll(&course, &Subject::Me, &EnrollOptions::default()).await;
        same(&found.expect("an enrollment"), record.json());
        let sent: Value = serde_json::from_str(&player.asked()[0].body).expect("JSON");
        assert_eq!(sent["course_details"]["course_id"], course.as_str());
        player.end(seen);
    }
    // Learners do not leave this way, though the answer is a 200.
    let (one, leave) = (named(records, "enrollment: one"), named(records, "enrollment: leave"));
    assert_eq!(leave.json()["is_active"], true);
    let player = Player::start("learner", [one, leave]).await;
    let refused = player.client().unenroll(&DEMO.into(), &Subject::User("learner".into())).await;
    assert_eq!(refused.expect_err("still enrolled").kind(), ErrorKind::PermissionDenied);
    player.end(seen);

    let batch = named(records, "completion: batch");
    let player = Player::start("learner", [batch]).await;
    let sent: Value = serde_json::from_str(batch.sent()).expect("JSON");
    let blocks = sent["blocks"].as_object().expect("blocks").iter();
    let blocks: Vec<_> =
        blocks.map(|(id, share)| (id.as_str().into(), share.as_f64().expect("a share"))).collect();
    player.client().complete(&DEMO.into(), None, &blocks).await.expect("said");
    let asked = player.asked();
    let body = &asked.iter().find(|asked| asked.path.contains("completion")).expect("sent").body;
    assert_eq!(serde_json::from_str::<Value>(body).expect("JSON"), sent, "what was recorded");
    player.end(seen);
}

async fn marks(records: &[Record], seen: &mut BTreeSet<usize>) {
    let mine = named(records, "grades: my grade");
    let wanted = &mine.json()[0];
    for own in [true, false] {
        let player = Player::start("learner", [mine]).await;
        let site = player.client();
        let found = match own {
            true => site.require_grades().expect("grades").mine(&DEMO.into()).await,
            false => site.grade_of(&DEMO.into(), &"learner".into()).await,
        };
        let found = found.expect("a mark");
        assert_eq!(found.user.as_str(), wanted["username"]);
        assert_eq!(Some(found.share), wanted["percent"].as_f64());
        assert_eq!((found.letter, found.passed), (text(&wanted["letter_grade"]), wanted["passed"].as_bool()));
        player.end(seen);
    }

    let policy = named(records, "grades: policy");
    let player = Player::start("staff", [policy]).await;
    let found = player.client().grading_policy(&DEMO.into()).await.expect("a policy");
    let wanted = policy.json().as_array().expect("a list");
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found.name, wanted["assignment_type"]);
        assert_eq!((found.count, found.drop), (number(&wanted["count"]), number(&wanted["dropped"])));
        assert_eq!(Some(found.weight), wanted["weight"].as_f64());
    }
    player.end(seen);

    let book = named(records, "grades: gradebook");
    let player = Player::start("staff", [book]).await;
    let rows = player.client().grade_book(&DEMO.into(), GradeBookQuery::default()).expect("a listing");
    let rows = rows.all().await.expect("rows");
    let wanted = book.json()["results"].as_array().expect("a list");
    assert_eq!(rows.len(), wanted.len());
    for (row, wanted) in rows.iter().zip(wanted) {
        assert_eq!(
            (row.user.as_str(), Some(row.user_id)),
            (wanted["username"].as_str().expect("a name"), wanted["user_id"].as_u64())
        );
        assert_eq!(Some(row.share), wanted["percent"].as_f64());
        let sections = wanted["section_breakdown"].as_array().expect("a list");
        assert_eq!(row.sections.len(), sections.len());
        for (found, wanted) in row.sections.iter().zip(sections) {
            assert_eq!(found.section.as_str(), wanted["module_id"]);
            assert_eq!(Some(found.attempted), wanted["attempted"].as_bool());
            assert_eq!(
                (&found.category, &found.label),
                (&text(&wanted["category"]), &text(&wanted["label"]))
            );
            assert_eq!(found.title, text(&wanted["subsection_name"]));
            let points = (wanted["score_earned"].as_f64(), wanted["score_possible"].as_f64());
            assert_eq!(
                (Some(found.share), (found.earned, found.possible)),
                (wanted["percent"].as_f64(), points)
            );
        }
    }
    player.end(seen);
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|n| n.try_into().ok()).expect("a number")
}
