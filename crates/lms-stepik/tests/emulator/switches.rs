//! One story under every setting of what is unknown of the real platform (reference stepik.md 6.3): the
//! provider must not depend on any of them.

use bytes::Bytes;
use lms_core::grade::{grade, probes};
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::{
    BadToken, ChildLists, CostEdit, ForeignSource, MultiGetOrder, Numbers, Omitted, PageBeyondEnd,
    PartialCredit, RefreshTokens, Registered, StepikEmulator, Switches, Worth,
};
use lms_stepik::{Endpoint, GradeBookQuery, ProgressOf, Stepik, StepikBuilder, SubmissionFilter};
use serde_json::json;

use crate::{author, sample, without_ids, write};

async fn server(switches: Switches) -> StepikEmulator {
    StepikEmulator::start_with(Options::default(), switches).await.expect("an emulator")
}

/// Somebody new, who takes part in the course.
async fn newcomer(server: &StepikEmulator, course: &CourseId) -> Stepik {
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let new = NewAccount {
        username: None,
        email: "nina@stepik.example".into(),
        password: "long-enough-1".into(),
        name: "Nina New".into(),
        accepted_terms: true,
        fields: Vec::new(),
    };
    guest.registration().expect("registration").register(&new).await.expect("an account");
    let who = server.credentials();
    let nina = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password("nina@stepik.example", "long-enough-1")
        .build()
        .expect("a provider");
    nina.enrollments()
        .expect("it")
        .enroll(course, &Subject::Me, &EnrollOptions::default())
        .await
        .expect("enrolled");
    nina
}

async fn story(name: &str, switches: Switches) {
    let server = server(switches).await;
    let stepik = author(&server);
    let (authoring, courses) = (stepik.authoring().expect("authoring"), stepik.courses().expect("courses"));
    // Written, and read back as it was adapted.
    let mut course = sample();
    course.visibility = Visibility::Public;
    let adapted = authoring.adapt(&course).course;
    let id = write(&stepik, &adapted, &[("data", b"1,2")]).await;
    let now = courses.content(&id).await.expect("the course").course;
    assert!(without_ids(&now) == without_ids(&adapted), "{name}: not as written");
    // Changed in place, and nothing else changes with it, known to the neutral model or not.
    let native = stepik.native();
    let exam: u64 = id.as_str().parse().expect("a number");
    let (first_section, first_lesson) = (&now.sections[0].id, &now.sections[0].lessons[0].id);
    native.change(Endpoint::Courses, &id, json!({"is_idea_compatible": true})).await.expect(name);
    native
        .change(Endpoint::Sections, first_section, json!({"random_exam_problems_course": exam}))
        .await
        .expect(name);
    native.change(Endpoint::Lessons, first_lesson, json!({"lti_consumer_key": "key"})).await.expect(name);
    let links = AssetLinks::new();
    let slot = |position| move |id| Slot { position, existing: Some(id) };
    let mut now = courses.content(&id).await.expect("the course").course;
    now.sections[0].title = "Renamed".into();
    let section = now.sections[0].clone();
    authoring.put_section(&id, &section, &slot(1)(section.id.clone()), &links).await.expect(name);
    now.sections[0].lessons[0].title = "Renamed too".into();
    let lesson = now.sections[0].lessons[0].clone();
    let to = Slot { position: 1, existing: Some(lesson.id.clone()) };
    authoring.put_lesson(&id, &section.id, &lesson, &to).await.expect(name);
    let text = BlockBody::Text(Text { markup: "Changed".into() });
    let first =
        lesson.steps.iter().position(|t| matches!(t.blocks[0].body, BlockBody::Text(_))).expect("a text");
    now.sections[0].lessons[0].steps[first].blocks[0].body = text;
    let step = now.sections[0].lessons[0].steps[first].clone();
    let place = u32::try_from(first + 1).expect("a place");
    let to = Slot { position: place, existing: Some(step.id.clone()) };
    authoring.put_step(&id, &lesson.id, &step, &to, &links).await.expect(name);
    authoring.finish(&id, &now.header(), &links).await.expect(name);
    // The file of the text is linked from nowhere any more, and attached all the same.
    let read = courses.content(&id).await.expect("the course").course;
    assert!(read == now, "{name}: more has changed than was written");
    let get = |endpoint, id: String| {
        let native = native.clone();
        async move { native.get(endpoint, id).await.expect("it") }
    };
    let flag = get(Endpoint::Courses, id.to_string()).await["is_idea_compatible"].clone();
    let number = get(Endpoint::Sections, section.id.to_string()).await["random_exam_problems_course"].clone();
    let text = get(Endpoint::Lessons, lesson.id.to_string()).await["lti_consumer_key"].clone();
    assert_eq!((flag, number, text), (json!(true), json!(exam), json!("key")), "{name}");
    // In another order.
    let steps = &mut now.sections[0].lessons[0].steps;
    steps.reverse();
    let order: Vec<StepId> = steps.iter().map(|step| step.id.clone()).collect();
    stepik.reorder_steps(&id, &lesson.id, &order).await.expect(name);
    stepik.wait_until_ready(&order).await.expect(name);
    assert!(courses.content(&id).await.expect("the course").course == now, "{name}: another order");
    // Answered wrong and right.
    let nina = newcomer(&server, &id).await;
    let quiz = now.steps().find(|step| {
        step.blocks[0].exercise().is_some_and(|e| matches!(e.interaction, Interaction::Numeric(_)))
    });
    let quiz = quiz.expect("a quiz");
    let exercise = quiz.blocks[0].exercise().expect("an exercise");
    let task = TaskRef::new(id.clone(), quiz.id.as_str());
    nina.tasks().expect("tasks").get(&task).await.expect(name);
    let answers =
        probes(exercise).into_iter().map(|p| (grade(exercise, &p.response).is_ok_and(|m| m.correct), p));
    let (mut right, mut wrong): (Vec<_>, Vec<_>) = answers.partition(|(right, _)| *right);
    let submissions = nina.submissions().expect("submissions");
    for (correct, probe) in [wrong.swap_remove(0), right.swap_remove(0)] {
        let answer = TaskAnswer::one(quiz.blocks[0].id.clone(), probe.response);
        let judged = submissions.submit_and_wait(&task, &answer, Patience::default()).await.expect(name);
        assert_eq!(judged.verdict.expect("a verdict").correct, correct, "{name}");
    }
    let own = submissions.list(&task, SubmissionQuery::default()).expect("a list").all().await.expect(name);
    assert_eq!(
        own.iter().map(|s| s.verdict.as_ref().is_some_and(|v| v.correct)).collect::<Vec<_>>(),
        [true, false]
    );
    let all = stepik.list_submissions(SubmissionFilter::of_step(quiz.id.as_str())).expect("a list");
    assert_eq!(all.all().await.expect(name).len(), 2, "{name}");
    let points = exercise.scoring.points;
    let progress = nina.progresses(&[ProgressOf::Step(quiz.id.clone())]).await.expect(name).items;
    assert!(progress[0].passed && progress[0].score == points, "{name}: {progress:?}");
    let rows = stepik.grade_book(&id, GradeBookQuery::default()).expect("a list").all().await.expect(name);
    assert!(
        rows.iter().any(|row| row.points == points && row.steps.contains_key(&quiz.id)),
        "{name}: {rows:?}"
    );
    // What learners see is told as what it is; what is another's is not written.
    let theirs = nina.courses().expect("courses").content(&id).await.expect(name);
    assert_eq!(theirs.course.steps().count(), now.steps().count(), "{name}");
    assert!(!theirs.findings.is_empty());
    let refused = nina.authoring().expect("it").put_step(&id, &lesson.id, &step, &to, &links).await;
    assert_eq!(refused.expect_err(name).kind(), ErrorKind::PermissionDenied, "{name}");
    // Gone.
    authoring.delete_section(&id, &section.id).await.expect(name);
    assert_eq!(courses.content(&id).await.expect(name).course.sections.len(), now.sections.len() - 1);
}

/// Each switch in each setting that is not its default. Fields are named one by one, so that a new switch
/// is missed by nobody who looks here.
fn settings() -> Vec<(&'static str, Switches)> {
    let usual = Switches::default;
    vec![
        ("as supposed", usual()),
        ("refresh tokens stay", Switches { refresh_tokens: RefreshTokens::Keep, ..usual() }),
        ("bad tokens are 401", Switches { bad_token: BadToken::Unauthorized, ..usual() }),
        ("registration says nothing", Switches { registered: Registered::Empty, ..usual() }),
        ("past the end is empty", Switches { page_beyond_end: PageBeyondEnd::Empty, ..usual() }),
        ("many by id in order", Switches { multi_get_order: MultiGetOrder::Ascending, ..usual() }),
        ("unknown orders are refused", Switches { refuses_unknown_order: true, ..usual() }),
        ("submissions in order", Switches { ignores_order_with_step: false, ..usual() }),
        ("numbers are texts", Switches { numbers: Numbers::Text, ..usual() }),
        ("foreign sources are missing", Switches { foreign_source: ForeignSource::NotFound, ..usual() }),
        ("foreign sources are empty", Switches { foreign_source: ForeignSource::EmptyList, ..usual() }),
        ("lists of children order", Switches { child_lists: ChildLists::Reorder, ..usual() }),
        ("what is left out is reset", Switches { omitted: Omitted::Reset, ..usual() }),
        ("steps do not make room", Switches { shifts_steps: false, ..usual() }),
        ("worth is cost", Switches { worth: Worth::Cost, ..usual() }),
        ("points follow the cost", Switches { cost_edit: CostEdit::Rescales, ..usual() }),
        ("attempts stay open", Switches { new_attempt_cleans_up: false, ..usual() }),
        ("attempts outlive changes", Switches { step_change_cleans_up: false, ..usual() }),
        ("attempts are used again", Switches { takes_used_attempts: true, ..usual() }),
        ("teachers have no limit", Switches { limit_spares_teachers: true, ..usual() }),
        ("part marks are correct", Switches { partial_credit: PartialCredit::Correct, ..usual() }),
        ("teachers do not see members", Switches { teachers_see_members: false, ..usual() }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_is_the_same_whatever_is_unknown() {
    let stories = settings().into_iter().map(|(name, switches)| tokio::spawn(story(name, switches)));
    let mut failed = Vec::new();
    for ((name, _), story) in settings().into_iter().zip(futures::future::join_all(stories).await) {
        if story.is_err() {
            failed.push(name);
        }
    }
    assert_eq!(failed, [] as [&str; 0]);
}

#[tokio::test]
async fn wrong_passwords_are_told_from_too_many_of_them() {
    for status in [400, 401] {
        let server = server(Switches { bad_grant_status: status, ..Switches::default() }).await;
        let who = server.credentials();
        let wrong = StepikBuilder::new().with_base_url(server.url()).with_client(&who.client_id, "wrong");
        let refused = wrong.build().expect("a provider").accounts().expect("accounts").me().await;
        assert_eq!(refused.expect_err("a wrong secret").kind(), ErrorKind::Unauthenticated, "{status}");
    }
}

#[tokio::test]
async fn a_file_that_the_platform_finds_too_large_is_named() {
    let server = server(Switches { largest_attachment: 1_000, ..Switches::default() }).await;
    let stepik = author(&server);
    let course = write(&stepik, &Course::new("c", "Files"), &[]).await;
    let asset = Asset {
        id: "big".into(),
        name: "big.zip".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    };
    let body = AssetBody::from_bytes(Bytes::from(vec![7; 1_001]));
    let refused =
        stepik.authoring().expect("it").put_asset(&course, &asset, body).await.expect_err("too large");
    assert_eq!((refused.kind(), refused.resource()), (ErrorKind::InvalidInput, Some("big.zip")));
}
