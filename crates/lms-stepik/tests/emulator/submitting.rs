//! Submissions: limits and deadlines, lists by every filter, the export of a whole course.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{
    Direction, Endpoint, ExportOptions, ReviewStatus, Stepik, StepikBuilder, SubmissionFilter,
    SubmissionStatus, Which,
};
use serde_json::json;

use crate::{author, learner, start, start_quick};

/// A public course of one lesson with so many questions for 4; course and steps.
async fn questions(stepik: &Stepik, count: u64, limit: Option<u32>) -> (CourseId, Vec<TaskId>) {
    let native = stepik.native();
    let id = |made: serde_json::Value| made["id"].as_u64().expect("an id");
    let make = |endpoint, fields| {
        let native = native.clone();
        async move { id(native.create(endpoint, fields).await.expect("it is made")) }
    };
    let course = make(Endpoint::Courses, json!({"title": "Sums", "is_public": true})).await;
    let section = make(Endpoint::Sections, json!({"course": course, "title": "S", "position": 1})).await;
    let lesson = make(Endpoint::Lessons, json!({"title": "L", "is_public": true})).await;
    make(Endpoint::Units, json!({"section": section, "lesson": lesson, "position": 1})).await;
    let mut steps = Vec::new();
    for n in 1..=count {
        let block = json!({"name": "number", "text": "<p>2+2?</p>",
            "source": {"options": [{"answer": "4", "max_error": "0"}]}});
        let fields = json!({"lesson": lesson, "position": n, "cost": 1, "block": block,
            "has_submissions_restrictions": limit.is_some(), "max_submissions_count": limit.unwrap_or(3)});
        steps.push(TaskId::from(make(Endpoint::StepSources, fields).await));
    }
    let ready: Vec<StepId> = steps.iter().map(|step| StepId::from(step.as_str())).collect();
    stepik.wait_until_ready(&ready).await.expect("ready");
    (course.into(), steps)
}

/// A new account, signed in and enrolled.
async fn member(server: &StepikEmulator, name: &str, course: &CourseId) -> Stepik {
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let email = format!("{name}@stepik.example");
    let account = NewAccount {
        username: None,
        email: email.clone(),
        password: "long-enough-1".into(),
        name: format!("{name} Member"),
        accepted_terms: true,
        fields: Vec::new(),
    };
    guest.registration().expect("registration").register(&account).await.expect("an account");
    let who = server.credentials();
    let stepik = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password(email, "long-enough-1")
        .build()
        .expect("a provider");
    let enrollments = stepik.enrollments().expect("enrollments");
    enrollments.enroll(course, &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    stepik
}

async fn answer(stepik: &Stepik, course: &CourseId, task: &TaskId, number: &str) -> Result<Submission> {
    let task = TaskRef { course: course.clone(), task: task.clone() };
    let response = Response::Number { number: number.into() };
    let answer = TaskAnswer::one(BlockId::from(task.task.as_str()), response);
    stepik.submissions().expect("submissions").submit_and_wait(&task, &answer, Patience::default()).await
}

async fn me(stepik: &Stepik) -> UserId {
    stepik.accounts().expect("accounts").me().await.expect("me").id
}

#[tokio::test]
async fn a_course_is_exported_all_best_and_last_with_whose_it_is() {
    let server = start_quick().await;
    let stepik = author(&server);
    let (course, steps) = questions(&stepik, 3, None).await;
    let (ada, ben) = (member(&server, "ada", &course).await, member(&server, "ben", &course).await);
    for number in ["5", "4", "6", "4", "7"] {
        answer(&ada, &course, &steps[0], number).await.expect("judged");
    }
    answer(&ben, &course, &steps[0], "5").await.expect("judged");
    answer(&ben, &course, &steps[2], "4").await.expect("judged");
    let export = |which| {
        let stream = stepik.export_submissions(&course, ExportOptions::of(which)).expect("a stream");
        stream.try_collect::<Vec<Submission>>()
    };
    let all = export(Which::All).await.expect("submissions");
    let told = |of: &[Submission]| -> Vec<(TaskId, UserId, String, bool)> {
        of.iter()
            .map(|s| {
                let Some(Response::Number { number }) = s.answer.as_ref().and_then(|a| a.0.values().next())
                else {
                    panic!("{s:?}")
                };
                let right = s.verdict.as_ref().is_some_and(|v| v.correct);
                (s.task.clone(), s.user.clone().expect("whose"), number.clone(), right)
            })
            .collect()
    };
    let row = |step: usize, who: &UserId, number: &str| {
        (steps[step].clone(), who.clone(), number.to_owned(), number == "4")
    };
    let (a, b) = (me(&ada).await, me(&ben).await);
    let every = ["5", "4", "6", "4", "7"].map(|number| row(0, &a, number));
    let every: Vec<_> = every.into_iter().chain([row(0, &b, "5"), row(2, &b, "4")]).collect();
    assert_eq!(told(&all), every);
    let best = export(Which::Best).await.expect("submissions");
    assert_eq!(told(&best), [row(0, &a, "4"), row(0, &b, "5"), row(2, &b, "4")]);
    assert_eq!(best[0].id, all[1].id, "of two right ones the first");
    let last = export(Which::Last).await.expect("submissions");
    let mut newest = told(&last);
    newest.sort_by_key(|row| (row.0.clone(), row.1.to_string()));
    assert_eq!(newest, [row(0, &a, "7"), row(0, &b, "5"), row(2, &b, "4")]);
    // Learners get their own only.
    let own = ben.export_submissions(&course, ExportOptions::default()).expect("a stream");
    assert_eq!(told(&own.try_collect::<Vec<_>>().await.expect("own")), [row(0, &b, "5"), row(2, &b, "4")]);
}

#[tokio::test]
async fn an_export_sends_nothing_before_it_is_read_and_stays_a_few_steps_ahead() {
    let server = start_quick().await;
    let stepik = author(&server);
    let (course, steps) = questions(&stepik, 9, None).await;
    let ada = member(&server, "ada", &course).await;
    for step in &steps {
        for number in ["1", "2", "3", "4", "5"] {
            answer(&ada, &course, step, number).await.expect("judged");
        }
    }
    let options = ExportOptions { prefetch: 2, ..ExportOptions::default() };
    server.log().clear();
    let mut stream = stepik.export_submissions(&course, options).expect("a stream");
    assert_eq!(server.log().reads(), 0);
    let asked = || server.log().count("GET", "/api/submissions");
    let first = stream.next().await.expect("one").expect("one");
    assert_eq!(first.task, steps[0]);
    assert!(asked() <= 3, "{} pages for the first submission", asked());
    for _ in 0..9 {
        stream.next().await.expect("one").expect("one");
    }
    assert!(asked() <= 6, "{} pages for two steps", asked());
    let rest: Vec<Submission> = stream.try_collect().await.expect("the rest");
    assert_eq!((rest.len(), asked()), (35, 18));
    assert_eq!(server.log().count("GET", "/api/steps"), 1, "kinds of steps are asked for once");
}

#[tokio::test]
async fn submissions_are_listed_by_step_user_and_status() {
    let server = start_quick().await;
    let stepik = author(&server);
    let (course, steps) = questions(&stepik, 2, None).await;
    let (ada, ben) = (member(&server, "ada", &course).await, member(&server, "ben", &course).await);
    let a = me(&ada).await;
    for (who, step, number) in [(&ada, 0, "5"), (&ada, 0, "4"), (&ben, 0, "4"), (&ada, 1, "3")] {
        answer(who, &course, &steps[step], number).await.expect("judged");
    }
    let list = |filter: SubmissionFilter| {
        let listed = stepik.list_submissions(filter).expect("a list").all();
        async move { listed.await.expect("submissions") }
    };
    let of_step = || SubmissionFilter::of_step(steps[0].clone());
    assert_eq!(list(of_step()).await.len(), 3);
    let adas = list(SubmissionFilter { user: Some(a.clone()), ..of_step() }).await;
    assert!(adas.len() == 2 && adas.iter().all(|s| s.user.as_ref() == Some(&a) && s.task == steps[0]));
    let wrong = list(SubmissionFilter { status: Some(SubmissionStatus::Wrong), ..of_step() }).await;
    assert!(wrong.len() == 1 && wrong[0].verdict.as_ref().is_some_and(|v| !v.correct));
    let found = list(SubmissionFilter { search: Some(format!("id:{a}")), ..of_step() }).await;
    assert_eq!(found.len(), 2);
    let newest =
        SubmissionFilter { user: Some(a.clone()), order: Some(Direction::Descending), ..Default::default() };
    let newest = list(newest).await;
    assert!(newest.len() == 3 && newest[0].task == steps[1], "{newest:?}");
    let own = ben.list_submissions(SubmissionFilter { course: Some(course.clone()), ..Default::default() });
    assert_eq!(own.expect("a list").all().await.expect("own").len(), 1);
    let everything = SubmissionFilter {
        step: Some(steps[0].clone()),
        attempt: Some(1),
        course: Some(course.clone()),
        user: Some(a),
        user_name: Some("ada".into()),
        status: Some(SubmissionStatus::Correct),
        search: Some("Ada".into()),
        review: Some(ReviewStatus::Done),
        class: Some(3),
        order: Some(Direction::Ascending),
        from: None,
    };
    server.log().clear();
    list(everything).await;
    let asked = server.log().entries()[0].query.clone();
    for filter in Endpoint::Submissions.filters() {
        assert!(asked.contains(&format!("{filter}=")), "{filter} in {asked}");
    }
    let gone = stepik.list_submissions(SubmissionFilter::of_step("424242")).expect("a list").all().await;
    assert_eq!(gone.expect_err("no such step").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn when_no_try_is_left_the_error_says_so() {
    let server = start().await;
    let stepik = author(&server);
    let (course, steps) = questions(&stepik, 1, Some(2)).await;
    let ada = member(&server, "ada", &course).await;
    let task = TaskRef { course: course.clone(), task: steps[0].clone() };
    let left = || async { ada.tasks().expect("tasks").get(&task).await.expect("the task").attempts_left };
    assert_eq!(left().await, Some(2));
    for _ in 0..2 {
        answer(&ada, &course, &steps[0], "5").await.expect("judged");
    }
    assert_eq!(left().await, Some(0));
    let spent = answer(&ada, &course, &steps[0], "4").await.expect_err("no try is left");
    assert_eq!((spent.kind(), spent.status()), (ErrorKind::PermissionDenied, Some(400)));
    assert!(spent.message().contains("2 of 2"), "{spent}");
}

#[tokio::test]
async fn waiting_ends_with_patience_and_asks_ever_more_slowly() {
    let options = Options { background_delay: Duration::from_millis(1500), ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("an emulator");
    let stepik = author(&server);
    let (course, steps) = questions(&stepik, 1, None).await;
    let task = TaskRef { course, task: steps[0].clone() };
    let lea = learner(&server);
    let answer = TaskAnswer::one(BlockId::from(steps[0].as_str()), Response::Number { number: "4".into() });
    let submissions = lea.submissions().expect("submissions");
    let id = submissions.submit(&task, &answer).await.expect("taken");
    server.log().clear();
    let patience = |total| Patience { total };
    let late =
        submissions.wait(&task, &id, patience(Duration::from_millis(900))).await.expect_err("too early");
    assert_eq!(late.kind(), ErrorKind::Timeout);
    assert!(late.to_string().contains(&format!("submission {id}")), "{late}");
    let asked = server.log().count("GET", "/api/submissions/");
    assert!((2..=5).contains(&asked), "{asked} questions in 0.9 s, pauses from 0.1 s on");
    let pending = submissions.get(&task, &id).await.expect("it stands");
    assert_eq!((pending.state, pending.verdict), (SubmissionState::Pending, None));
    let judged = submissions.wait(&task, &id, patience(Duration::from_secs(30))).await.expect("judged");
    assert!(judged.verdict.is_some_and(|verdict| verdict.correct));
}
