//! Answering quizzes.

use std::collections::BTreeMap;

use lms_core::grade::{grade, probes};
use lms_core::*;

use crate::{author, learner, samples, start, start_quick, write};

#[tokio::test]
async fn verdicts_agree_with_the_reference_grader() {
    let server = start_quick().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises()));
    let id = write(&stepik, &adapted.course, &[]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let submissions = stepik.submissions().expect("submissions");
    let mut tried: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for place in content.course.blocks() {
        let (block, Some(exercise)) = (place.block.1, place.block.1.exercise()) else { continue };
        let task = TaskRef::new(id.clone(), exercise.task.clone());
        for probe in probes(exercise) {
            let expected = grade(exercise, &probe.response).expect("a mark");
            let answer = TaskAnswer::one(block.id.clone(), probe.response.clone());
            // What a learner could not even send is no answer: the platform refuses it, or we do.
            let got = match submissions.submit_and_wait(&task, &answer, Patience::default()).await {
                Ok(got) => got.verdict.expect("a verdict"),
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::InvalidInput, "{e}");
                    assert!(
                        !expected.correct,
                        "a right answer was refused: {e} {:?} {exercise:?}",
                        probe.response
                    );
                    continue;
                }
            };
            assert_eq!(got.correct, expected.correct, "{exercise:?}\n{:?}\n{got:?}", probe.response);
            assert!((got.score - expected.score).abs() < 1e-9, "{:?}", probe.response);
            let count = tried.entry(exercise.interaction.name()).or_default();
            if got.correct { count.0 += 1 } else { count.1 += 1 }
        }
    }
    for name in ["choice", "text_entry", "numeric", "match", "order", "gap", "table", "formula"] {
        assert!(tried.get(name).is_some_and(|(right, wrong)| *right > 0 && *wrong > 0), "{name}: {tried:?}");
    }
}

#[tokio::test]
async fn a_learner_answers_by_what_is_shown() {
    let server = start().await;
    let (stepik, learner) = (author(&server), learner(&server));
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises()));
    let mut course = adapted.course.clone();
    course.visibility = Visibility::Public;
    let id = write(&stepik, &course, &[]).await;
    let options = EnrollOptions::default();
    let enrollments = learner.enrollments().expect("enrollments");
    enrollments.enroll(&id, &Subject::Me, &options).await.expect("enrolled");
    enrollments.enroll(&id, &Subject::Me, &options).await.expect("twice is no error");
    let keys = stepik.courses().expect("courses").content(&id).await.expect("the course").course;
    let seen = learner.courses().expect("courses").content(&id).await.expect("the learner's course");
    assert!(seen.course.blocks().filter_map(|p| p.block.1.exercise()).all(|e| e.key.is_none()));
    let tasks = learner.tasks().expect("tasks");
    let list = tasks.list(&id, TaskQuery::default()).expect("tasks").all().await.expect("tasks");
    assert_eq!(list.len(), samples::exercises().len());
    assert!(list.iter().all(|task| task.status == Some(TaskStatus::NotAttempted)));
    for summary in &list {
        let task = TaskRef::new(id.clone(), summary.id.clone());
        let shown = tasks.get(&task).await.expect("a task");
        let exercise = &shown.parts[0].exercise;
        let known =
            keys.block(&BlockId::from(summary.id.as_str())).expect("it").block.1.exercise().expect("it");
        let Some(response) = right_answer(known, exercise) else { continue };
        let submissions = learner.submissions().expect("submissions");
        let answer = TaskAnswer::one(shown.parts[0].block.clone(), response);
        let got = submissions.submit_and_wait(&task, &answer, Patience::default()).await.expect("a verdict");
        assert!(got.verdict.as_ref().is_some_and(|v| v.correct), "{exercise:?} {answer:?} {got:?}");
        let listed =
            submissions.list(&task, SubmissionQuery::default()).expect("list").all().await.expect("list");
        assert_eq!(listed[0].id, got.id);
    }
    let mine = learner.grades().expect("grades").mine(&id).await.expect("a grade");
    assert!(mine.points.is_some_and(|points| points >= 18.0), "{mine:?}");
    let roster =
        stepik.enrollments().expect("enrollments").list(&id, EnrollmentQuery::default()).expect("a list");
    let me = learner.accounts().expect("accounts").me().await.expect("me");
    assert!(roster.all().await.expect("a roster").iter().any(|e| e.user == me.id));
    let all = stepik.grades().expect("grades").list(&id, GradeQuery::default()).expect("a list").all().await;
    assert!(
        all.expect("grades")
            .iter()
            .any(|grade| grade.user == me.id && (grade.share - mine.share).abs() < 1e-9)
    );
    enrollments.unenroll(&id, &Subject::Me).await.expect("unenrolled");
}

/// The right answer by texts, in the positions that the learner is shown.
fn right_answer(known: &Exercise, shown: &Exercise) -> Option<Response> {
    let right = |at: usize, of: &[&Markup], among: &[&Markup]| {
        among.iter().position(|text| *text == of[at]).expect("the same texts")
    };
    Some(match (&known.interaction, &shown.interaction, known.key.as_ref()?) {
        (Interaction::Choice(all), Interaction::Choice(seen), Key::Choice { correct }) => {
            let all: Vec<&Markup> = all.options.iter().map(|o| &o.text).collect();
            let seen: Vec<&Markup> = seen.options.iter().map(|o| &o.text).collect();
            let selected =
                correct.iter().filter_map(|at| seen.iter().position(|text| *text == all[*at])).collect();
            Response::Choice { selected }
        }
        (Interaction::Match(all), Interaction::Match(seen), Key::Match { targets }) => {
            let (sources, all_sources): (Vec<&Markup>, Vec<&Markup>) =
                (seen.sources.iter().collect(), all.sources.iter().collect());
            let (shown, all): (Vec<&Markup>, Vec<&Markup>) =
                (seen.targets.iter().collect(), all.targets.iter().collect());
            let mut answer = vec![None; sources.len()];
            for (at, target) in targets.iter().enumerate() {
                answer[right(at, &all_sources, &sources)] = target.first().map(|t| right(*t, &all, &shown));
            }
            Response::Match { targets: answer }
        }
        (Interaction::Order(all), Interaction::Order(seen), Key::Order { order }) => {
            let (shown, all): (Vec<&Markup>, Vec<&Markup>) =
                (seen.items.iter().collect(), all.items.iter().collect());
            Response::Order { order: order.iter().map(|at| right(*at, &all, &shown)).collect() }
        }
        (Interaction::Table(all), Interaction::Table(seen), Key::Table { rows }) => {
            let columns: Vec<&Markup> = seen.columns.iter().collect();
            let all_columns: Vec<&Markup> = all.columns.iter().collect();
            let row = |name: &Markup| all.rows.iter().position(|r| r == name).expect("the same rows");
            let ticked = |at: usize| rows[at].iter().map(|c| right(*c, &all_columns, &columns)).collect();
            Response::Table { rows: seen.rows.iter().map(|name| ticked(row(name))).collect() }
        }
        (Interaction::Code(_), Interaction::Code(_), _) => {
            Response::Code { language: String::new(), source: "# expect: correct".into() }
        }
        (Interaction::ExtendedText(_), ..) => Response::ExtendedText { text: "words".into() },
        _ => {
            probes(known)
                .into_iter()
                .find(|probe| grade(known, &probe.response).is_ok_and(|m| m.correct))?
                .response
        }
    })
}
