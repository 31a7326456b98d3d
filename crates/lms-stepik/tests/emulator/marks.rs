//! Groups, progress, the grade book.

use lms_core::grade::{grade, probes};
use lms_core::*;
use lms_stepik::{
    CertificateQuery, Direction, Endpoint, Found, GradeBookQuery, GradeOrder, ProgressOf, Role,
};

use crate::{author, learner, samples, start, write};

#[tokio::test]
async fn people_get_roles_and_lose_them() {
    let server = start().await;
    let (stepik, lea) = (author(&server), learner(&server));
    let authoring = stepik.authoring().expect("authoring");
    let id = write(&stepik, &authoring.adapt(&samples::course(Vec::new())).course, &[]).await;
    let who = lea.accounts().expect("accounts").me().await.expect("me").id;
    let in_role = |role| {
        let members = stepik.members(&id, role, None).expect("a list").all();
        async move { members.await.expect("members").into_iter().map(|m| m.user).collect::<Vec<_>>() }
    };
    for role in [Role::Learner, Role::Tester, Role::Moderator, Role::Assistant, Role::Teacher, Role::Admin] {
        assert!(!in_role(role).await.contains(&who), "{role:?}");
        let member = stepik.add_member(&id, role, &Subject::User(who.clone())).await.expect("a member");
        assert!(member.user == who && member.since.is_some());
        assert!(in_role(role).await.contains(&who), "{role:?}");
        stepik.remove_member(&id, role, &who).await.expect("removed");
        stepik.remove_member(&id, role, &who).await.expect("is gone");
        assert!(!in_role(role).await.contains(&who), "{role:?}");
    }
    // A co-author may edit.
    let email = Subject::Email(server.credentials().learner_username.clone());
    stepik.add_member(&id, Role::Admin, &email).await.expect("a member");
    let theirs = lea.authoring().expect("authoring");
    theirs
        .put_section(&id, &Section::new("s", "Theirs"), &Slot::new(2), &AssetLinks::new())
        .await
        .expect("may");
    let stranger = stepik.members(&"424242".into(), Role::Learner, None).expect("a list").all().await;
    assert_eq!(stranger.expect_err("no course").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn progress_and_grade_book_tell_the_same() {
    let server = start().await;
    let (stepik, lea) = (author(&server), learner(&server));
    let authoring = stepik.authoring().expect("authoring");
    let numeric =
        samples::exercises().into_iter().filter(|e| matches!(e.interaction, Interaction::Numeric(_)));
    let mut adapted = authoring.adapt(&samples::course(numeric.take(1).collect())).course;
    adapted.visibility = Visibility::Public;
    let id = write(&stepik, &adapted, &[]).await;
    lea.enrollments()
        .expect("it")
        .enroll(&id, &Subject::Me, &EnrollOptions::default())
        .await
        .expect("enrolled");
    let course = stepik.courses().expect("courses").content(&id).await.expect("it").course;
    let (section, lesson) = (&course.sections[0], &course.sections[0].lessons[0]);
    let quiz = course.steps().find(|step| step.blocks[0].exercise().is_some()).expect("a quiz").clone();
    let text = course.steps().find(|step| step.blocks[0].exercise().is_none()).expect("a text").clone();
    let unit = stepik.native().get(Endpoint::Sections, &section.id).await.expect("it")["units"][0].as_u64();
    let all = [
        ProgressOf::Course(id.clone()),
        ProgressOf::Section(section.id.clone()),
        ProgressOf::Unit(unit.expect("a unit")),
        ProgressOf::Lesson(lesson.id.clone()),
        ProgressOf::Step(quiz.id.clone()),
        ProgressOf::Step(text.id.clone()),
        ProgressOf::Step("424242".into()),
    ];
    let Found { items, missing } = lea.progresses(&all).await.expect("progress");
    assert_eq!((items.len(), missing), (6, vec!["77-424242".to_owned()]));
    assert!(
        items.iter().all(|p| p.score == 0.0 && p.steps_passed == 0 && p.last_viewed.is_none()),
        "{items:?}"
    );
    assert_eq!(items[0].id, format!("78-{id}"));
    // A text is passed by being seen, a quiz by being solved.
    lea.view(&TaskId::from(text.id.as_str())).await.expect("seen");
    let exercise = quiz.blocks[0].exercise().expect("an exercise");
    let right = probes(exercise).into_iter().find(|p| grade(exercise, &p.response).is_ok_and(|m| m.correct));
    let task = TaskRef::new(id.clone(), quiz.id.as_str());
    let answer = TaskAnswer::one(quiz.blocks[0].id.clone(), right.expect("a right answer").response);
    let submissions = lea.submissions().expect("submissions");
    submissions.submit_and_wait(&task, &answer, Patience::default()).await.expect("judged");
    let now = lea.progresses(&all).await.expect("progress").items;
    assert!(now[4].passed && now[5].passed && now[4].last_viewed.is_some(), "{now:?}");
    assert_eq!((now[4].score, now[4].cost), (exercise.scoring.points, exercise.scoring.points));
    assert!(
        now[0].score == now[4].score
            && now[0].steps_passed == 2
            && now[0].steps == course.steps().count() as u64
    );

    let me = lea.accounts().expect("accounts").me().await.expect("me").id;
    let query = GradeBookQuery {
        teachers: Some(false),
        order: vec![(GradeOrder::Score, Direction::Descending), (GradeOrder::Id, Direction::Ascending)],
        ..GradeBookQuery::default()
    };
    let rows = stepik.grade_book(&id, query).expect("a list").all().await.expect("rows");
    let row = rows.iter().find(|row| row.user == me).expect("a row");
    assert_eq!((row.points, row.teacher, row.joined.is_some()), (now[4].score, false, true));
    let step = &row.steps[&quiz.id];
    assert_eq!(
        (step.passed, step.points, step.submissions, step.first_success),
        (true, now[4].score, 1, Some(1))
    );
    let own = GradeBookQuery { user: Some(me.clone()), ..GradeBookQuery::default() };
    assert_eq!(
        lea.grade_book(&id, own).expect("a list").all().await.expect("rows"),
        std::slice::from_ref(row)
    );
    server.log().clear();
    let everything = GradeBookQuery {
        user: Some(me),
        teachers: Some(true),
        class: Some(3),
        search: Some("Lea".into()),
        order: vec![(GradeOrder::Id, Direction::Ascending)],
        from: None,
    };
    stepik.grade_book(&id, everything).expect("a list").all().await.expect("rows");
    let asked = server.log().entries()[0].query.clone();
    for filter in Endpoint::CourseGrades.filters() {
        assert!(asked.contains(&format!("{filter}=")), "{filter} in {asked}");
    }
}

#[tokio::test]
async fn certificates_are_asked_for_by_user_and_course() {
    let server = start().await;
    let stepik = author(&server);
    let me = stepik.accounts().expect("accounts").me().await.expect("me").id;
    server.log().clear();
    let query = CertificateQuery { course: Some("67".into()), ..CertificateQuery::of(me.clone()) };
    let none = stepik.certificates(query).expect("a list").all().await.expect("certificates");
    assert_eq!(none, []);
    let asked = server.log().entries()[0].query.clone();
    assert!(asked.contains(&format!("user={me}")) && asked.contains("course=67"), "{asked}");
    assert!(stepik.certificates(CertificateQuery::for_course("x")).is_err());
}
