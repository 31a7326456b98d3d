//! Answering tasks: what is judged, what is refused, and what becomes of it when there is no grader.

use lms_core::{
    Enrollments, ErrorKind, LmsProviderExt, Patience, Response, Subject, Submission, SubmissionQuery,
    SubmissionState, SubmittedFile, TaskAnswer, TaskRef, TaskStatus,
};
use lms_emulator::inginious::Agent;
use lms_inginious::{Inginious, RawRequest, SubmitBy};

use super::{BASICS, COURSE, Place, answer, code, enroll, kind, task};

/// Answering tasks of every kind, by the form or by the API.
pub(crate) async fn answering(place: &Place, by: SubmitBy) {
    let site = place.builder("learner").with_submit(by).build().expect("sound");
    enroll(&site, BASICS).await;
    for (task_id, parts, correct, score) in [
        ("single", vec![("sum", Response::choice(0))], false, 0.0),
        ("single", vec![("sum", Response::choice(2))], true, 1.0),
        ("several", vec![("even", Response::choices([0, 2])), ("odd", Response::choices([]))], false, 0.5),
        (
            "several",
            vec![("several/even", Response::choices([0, 2])), ("odd", Response::choice(1))],
            true,
            1.0,
        ),
        ("octal", vec![("value", Response::text(" 34 "))], true, 1.0),
        (
            "words",
            vec![
                ("truth", Response::text("True")),
                ("number", Response::text("1.0")),
                ("text", Response::text("été")),
            ],
            false,
            0.6667,
        ),
        ("script", vec![("code", code("def double(n):\n\treturn n + n"))], true, 1.0),
        (
            "script",
            vec![("code", code("def double(n):\n    return abs(n) * 2")), ("remark", code("hm"))],
            false,
            0.75,
        ),
    ] {
        let judged = answer(&site, &task(task_id), &parts).await.expect(task_id);
        assert_eq!(judged.state, SubmissionState::Judged, "{task_id}");
        let verdict = judged.verdict.expect("a verdict");
        assert_eq!(verdict.correct, correct, "{task_id}: {verdict:?}");
        assert!((verdict.score - score).abs() < 1e-9, "{task_id}: {verdict:?}");
        assert!(judged.at.is_some(), "{task_id}");
    }
    let status =
        site.require_tasks().expect("tasks").get(&task("single")).await.expect("the task").summary.status;
    assert_eq!(status, Some(TaskStatus::Passed));

    let listed = submissions(&site, &task("single")).await;
    assert!(listed.len() >= 2);
    assert_eq!(listed[0].verdict.as_ref().map(|v| v.correct), Some(true), "newest first");
    let one = site
        .require_submissions()
        .expect("submissions")
        .get(&task("single"), &listed[1].id)
        .await
        .expect("one");
    assert_eq!(one.verdict.map(|verdict| verdict.parts), Some(vec![("sum".into(), false)]));
    let other = SubmissionQuery { user: Some("visitor".into()), from: None };
    assert_eq!(
        kind(site.require_submissions().expect("submissions").list(&task("single"), other)),
        ErrorKind::Unsupported
    );
}

async fn submissions(site: &Inginious, at: &TaskRef) -> Vec<Submission> {
    let service = site.require_submissions().expect("submissions");
    service.list(at, SubmissionQuery::default()).expect("claimed").all().await.expect("a list")
}

/// What the platform refuses, and what it cannot judge.
pub(crate) async fn refusals(place: &Place, by: SubmitBy) {
    let site = place.builder("visitor").with_submit(by).build().expect("sound");
    enroll(&site, BASICS).await;
    let yes = [("say", Response::text("yes"))];
    for closed in ["early", "late"] {
        assert_eq!(kind(answer(&site, &task(closed), &yes).await), ErrorKind::PermissionDenied, "{closed}");
    }
    if submissions(&site, &task("once")).await.is_empty() {
        answer(&site, &task("once"), &yes).await.expect("the first try");
    }
    assert_eq!(kind(answer(&site, &task("once"), &yes).await), ErrorKind::PermissionDenied, "no tries left");
    assert_eq!(kind(answer(&site, &task("no-such-task"), &yes).await), ErrorKind::NotFound);

    let before = submissions(&site, &task("single")).await.len();
    for misfit in [Response::choices([]), Response::choices([0, 1]), Response::choice(9), Response::text("4")]
    {
        assert_eq!(kind(answer(&site, &task("single"), &[("sum", misfit)]).await), ErrorKind::InvalidInput);
    }
    assert_eq!(submissions(&site, &task("single")).await.len(), before);

    // A second answer while the first waits.
    let slow = [("code", code("import time\ntime.sleep(1.5)\ndef double(n): return 2 * n"))];
    let slow_answer =
        TaskAnswer(slow.iter().map(|(id, response)| ((*id).into(), response.clone())).collect());
    let service = site.require_submissions().expect("submissions");
    let first = service.submit(&task("script"), &slow_answer).await.expect("taken");
    assert_eq!(service.get(&task("script"), &first).await.expect("it waits").state, SubmissionState::Pending);
    let impatient = Patience { total: std::time::Duration::ZERO };
    assert_eq!(kind(service.wait(&task("script"), &first, impatient).await), ErrorKind::Timeout);
    assert_eq!(kind(service.submit(&task("script"), &slow_answer).await), ErrorKind::Conflict);
    let judged = service.wait(&task("script"), &first, Patience::default()).await.expect("judged");
    assert_eq!(judged.verdict.map(|verdict| verdict.correct), Some(true));

    // Somebody else's.
    let admin = place.sign_in("superadmin");
    let foreign = admin.require_submissions().expect("submissions").get(&task("script"), &first).await;
    assert_eq!(kind(foreign), ErrorKind::PermissionDenied);
    assert_eq!(
        kind(service.get(&task("script"), &"0123456789abcdef01234567".into()).await),
        ErrorKind::NotFound
    );
}

/// Refusals are understood in the language of a user who has another than English.
pub(crate) async fn in_french(place: &Place) {
    let site = place.sign_in("visitor");
    enroll(&site, BASICS).await;
    let language = RawRequest { expect: vec![302], ..RawRequest::get("/?lang=fr") };
    site.raw(language).await.expect("the language can be chosen");
    let yes = [("say", Response::text("yes"))];
    for closed in ["early", "late"] {
        assert_eq!(kind(answer(&site, &task(closed), &yes).await), ErrorKind::PermissionDenied, "{closed}");
    }
    assert_eq!(kind(site.unenroll(&"no-such-course".into(), &Subject::Me).await), ErrorKind::NotFound);
    let slow = TaskAnswer::one("code", code("import time\ntime.sleep(1.5)\ndef double(n): return 2 * n"));
    let service = site.require_submissions().expect("submissions");
    let first = service.submit(&task("script"), &slow).await.expect("taken");
    assert_eq!(kind(service.submit(&task("script"), &slow).await), ErrorKind::Conflict);
    service.wait(&task("script"), &first, Patience::default()).await.expect("judged");
}

/// Handing in a file, and a submission that cannot be judged.
pub(crate) async fn files(place: &Place, by: SubmitBy) {
    let site = place.builder("learner").with_submit(by).build().expect("sound");
    enroll(&site, BASICS).await;
    let file = |name: &str, size: usize| {
        let content = vec![b'x'; size].into();
        [("paper", Response::Files(vec![SubmittedFile { name: name.into(), content }]))]
    };
    // 64 bytes in the server's memory are 31 of the file.
    for (name, size) in [("paper.txt", 32), ("paper.TXT", 3), ("paper.pdf", 3)] {
        assert_eq!(
            kind(answer(&site, &task("upload"), &file(name, size)).await),
            ErrorKind::InvalidInput,
            "{name}"
        );
    }
    let judged = answer(&site, &task("upload"), &file("paper.txt", 31)).await.expect("taken");
    assert_eq!(judged.state, SubmissionState::Judged, "{judged:?}");
    enroll(&site, COURSE).await;
    let hopeless = TaskRef::new(COURSE, "hopeless");
    let failed = answer(&site, &hopeless, &[("code", code("pass"))]).await.expect("taken");
    assert_eq!(failed.state, SubmissionState::Failed);
    let said = failed.verdict.expect("the form says why").feedback.plain();
    assert!(said.contains("internal error") || said.contains("Internal error"), "{said}");
    let listed = submissions(&site, &hopeless).await;
    assert_eq!((listed[0].state, listed[0].verdict.is_none()), (SubmissionState::Failed, true));
}

/// A grader that is not there, goes while it grades, and comes back.
pub(crate) async fn grader_down(place: &Place) {
    let site = place.sign_in("learner");
    enroll(&site, BASICS).await;
    enroll(&site, COURSE).await;
    // No agent ever said that it has this environment.
    let failed =
        answer(&site, &TaskRef::new(COURSE, "orphan"), &[("code", code("pass"))]).await.expect("taken");
    assert_eq!(failed.state, SubmissionState::Failed, "{failed:?}");
    assert!(failed.verdict.is_some_and(|verdict| !verdict.feedback.is_empty()), "the form says why");

    let service = site.require_submissions().expect("submissions");
    // Long enough that it is still at work when it goes, however busy the machine is; nobody waits for its end.
    let slow = TaskAnswer::one("code", code("import time\ntime.sleep(30)\ndef double(n): return 2 * n"));
    let lost = service.submit(&task("script"), &slow).await.expect("taken");
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    (place.agent)(Agent::Down);
    let failed = service.wait(&task("script"), &lost, Patience::default()).await.expect("the site notices");
    assert_eq!(failed.state, SubmissionState::Failed, "{failed:?}");

    // What is handed in now waits, and is judged when the grader is back.
    let good = TaskAnswer::one("code", code("def double(n): return 2 * n"));
    let waits = service.submit(&task("script"), &good).await.expect("taken");
    let impatient = Patience { total: std::time::Duration::from_millis(300) };
    assert_eq!(kind(service.wait(&task("script"), &waits, impatient).await), ErrorKind::Timeout);
    (place.agent)(Agent::Up);
    let judged = service.wait(&task("script"), &waits, Patience::default()).await.expect("judged");
    assert_eq!(judged.verdict.map(|verdict| verdict.correct), Some(true));
    let listed = submissions(&site, &task("script")).await;
    assert_eq!((&listed[0].id, &listed[1].id), (&waits, &lost), "nothing is lost");
}

/// A task with random numbers takes the answer that carries them.
pub(crate) async fn random_numbers(place: &Place) {
    let site = place.sign_in("learner");
    enroll(&site, COURSE).await;
    let at = TaskRef::new(COURSE, "random");
    for said in ["no", "yes"] {
        let judged =
            answer(&site, &at, &[("say", Response::text(said))]).await.expect("the numbers were sent");
        assert_eq!(judged.verdict.map(|verdict| verdict.correct), Some(said == "yes"));
    }
}
