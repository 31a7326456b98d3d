//! Problems, marks, progress and certificates, against the emulated LMS.

use lms_core::*;
use lms_openedx::*;

use crate::world::{self, course, usage};

fn task(name: &str) -> TaskRef {
    TaskRef::new(course(), name)
}

fn number(part: &BlockId, text: &str) -> TaskAnswer {
    TaskAnswer::one(part.clone(), Response::number(text))
}

async fn answer(edx: &OpenEdx, name: &str, text: &str) {
    let part = edx.problem(&task(name)).await.expect("a problem").inputs[0].part.clone();
    let submissions = edx.require_submissions().expect("submissions");
    submissions.submit(&task(name), &number(&part, text)).await.expect("taken");
}

#[tokio::test]
async fn a_problem_is_saved_answered_shown_and_reset() {
    let server = world::start().await;
    let edx = world::learner(&server).await;
    let sum = task("sum");
    let before = edx.problem(&sum).await.expect("a problem");
    assert_eq!((before.attempts_used, before.attempts_left, before.earned), (0, Some(3), Some(0.0)));
    let input = &before.inputs[0];
    assert_eq!((input.field.as_str(), input.kind), ("input_sum_2_1", "formulaequationinput"));
    let hidden = edx.show_answers(&sum).await.expect_err("not attempted yet");
    assert_eq!(hidden.kind(), ErrorKind::InvalidInput);
    let early = edx.reset_problem(&sum).await.expect_err("nothing was submitted");
    assert_eq!(early.kind(), ErrorKind::Conflict, "{early:?}");

    edx.save_answer(&sum, &number(&input.part, "4")).await.expect("saved");
    assert_eq!(edx.problem(&sum).await.expect("a problem").attempts_used, 0);
    answer(&edx, "sum", "4").await;
    let after = edx.problem(&sum).await.expect("a problem");
    assert_eq!((after.attempts_used, after.attempts_left, after.earned), (1, Some(2), Some(0.0)));
    assert_eq!(after.inputs[0].status, "incorrect");

    let shown = edx.show_answers(&sum).await.expect("shown after an attempt");
    assert_eq!(shown.answers[&input.part], ["5"]);
    assert_eq!((shown.solutions.len(), shown.solutions[0].plain().as_str()), (1, "Count on."));
    let hint = edx.hint(&sum, 0).await.expect("a hint");
    assert!(hint.more && hint.text.plain().contains("Fingers"), "{hint:?}");
    assert!(!edx.hint(&sum, 1).await.expect("a hint").more);

    let reset = edx.reset_problem(&sum).await.expect("reset");
    assert_eq!((reset.attempts_used, reset.inputs[0].status.as_str()), (1, "unanswered"));
    let writes = server.log().writes();
    let misfit = edx.save_answer(&sum, &TaskAnswer::one(input.part.clone(), Response::choice(0))).await;
    assert_eq!(misfit.expect_err("no choice").kind(), ErrorKind::InvalidInput);
    assert_eq!(server.log().writes(), writes + 1, "the form is read by POST, and nothing is saved");
}

#[tokio::test]
async fn tasks_of_other_blocks_are_named_and_not_answered() {
    let server = world::start().await;
    let edx = world::learner(&server).await;
    let tasks = edx.require_tasks().expect("tasks");
    let found = tasks.list(&course(), TaskQuery::default()).expect("a listing").all().await.expect("tasks");
    let kinds: Vec<&str> = found.iter().map(|task| task.kinds[0].as_str()).collect();
    assert_eq!(kinds, ["problem", "problem", "drag-and-drop-v2", "openassessment"]);
    let drag = TaskRef::new(course(), found[2].id.clone());
    assert_eq!(drag.task.as_str(), usage("drag-and-drop-v2", "drag").as_str());
    let named = tasks.get(&drag).await.expect("a task");
    assert_eq!((named.summary.title.as_str(), named.summary.points), ("Sort", Some(3.0)));
    assert_eq!((named.parts.len(), named.summary.kinds), (0, vec!["drag-and-drop-v2".to_owned()]));
    let requests = server.log().entries().len();
    let submissions = edx.require_submissions().expect("submissions");
    let error = submissions.submit(&drag, &number(&"x".into(), "1")).await.expect_err("not answered here");
    assert_eq!((error.kind(), server.log().entries().len()), (ErrorKind::Unsupported, requests));
    assert!(error.to_string().contains("drag-and-drop-v2"), "{error}");
}

#[tokio::test]
async fn staff_see_the_states_that_the_platform_keeps() {
    let server = world::start().await;
    let edx = world::learner(&server).await;
    answer(&edx, "sum", "4").await;
    answer(&edx, "sum", "5").await;
    let staff = world::by_token(&server);
    let states = staff.problem_states(&task("sum"), &"learner".into(), None).expect("a listing");
    let states = states.all().await.expect("states");
    let answers: Vec<&str> =
        states.iter().filter_map(|state| state.state["student_answers"]["sum_2_1"].as_str()).collect();
    assert_eq!(answers, ["5", "4"]);
    assert_eq!((states[0].earned, states[1].earned, states[0].possible), (Some(1.0), Some(0.0), Some(1.0)));
    let refused = edx.problem_states(&task("sum"), &"learner".into(), None).expect("a listing").all().await;
    assert_eq!(refused.expect_err("not staff").kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn the_grade_book_has_a_row_for_each_learner() {
    let server = world::start().await;
    let (staff, edx) = (world::by_token(&server), world::learner(&server).await);
    answer(&edx, "sum", "5").await;
    let policy = staff.grading_policy(&course()).await.expect("a policy");
    assert_eq!((policy.len(), policy[0].name.as_str(), policy[0].weight), (1, "Homework", 1.0));
    let info = staff.grading_info(&course()).await.expect("a policy");
    assert_eq!(info.cutoffs, [("A".to_owned(), 0.9), ("Pass".to_owned(), 0.3)]);
    assert_eq!(info.categories[0].short_label.as_deref(), Some("HW"));

    let rows = staff.grade_book(&course(), GradeBookQuery::default()).expect("a listing");
    let rows = rows.all().await.expect("rows");
    assert_eq!((rows.len(), rows[0].user.as_str()), (1, "learner"));
    let section = &rows[0].sections[0];
    assert_eq!(
        (section.label.as_deref(), section.earned, section.possible),
        (Some("HW 01"), Some(1.0), Some(3.0))
    );
    assert_eq!(section.section, usage("sequential", "hw1"));
    let mut high = GradeBookQuery::default();
    high.at_least = Some(0.9);
    assert_eq!(staff.grade_book(&course(), high).expect("a listing").all().await.expect("rows"), []);
    let mut wrong = GradeBookQuery::default();
    wrong.at_most = Some(90.0);
    let error = staff.grade_book(&course(), wrong).expect_err("no share");
    assert_eq!((error.kind(), error.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "course_grade_max"));
    let refused = edx.grade_book(&course(), GradeBookQuery::default()).expect("a listing").all().await;
    assert_eq!(refused.expect_err("not staff").kind(), ErrorKind::PermissionDenied);
    let absent = staff.grade_book_of(&course(), &"author".into()).await.expect_err("not enrolled");
    assert_eq!(absent.kind(), ErrorKind::NotEnrolled);
}

#[tokio::test]
async fn a_mark_that_is_set_by_hand_counts_and_a_wrong_row_says_why() {
    let server = world::start().await;
    let (staff, edx) = (world::by_token(&server), world::learner(&server).await);
    let user = staff.grade_book_of(&course(), &"learner".into()).await.expect("a row").user_id;
    let set = |user_id, section: &str| GradeOverride {
        user_id,
        section: usage("sequential", section),
        earned: 3.0,
        possible: 3.0,
        comment: Some("by word of mouth".into()),
    };
    let rows = [set(user, "hw1"), set(user, "nowhere"), set(9999, "hw1")];
    let outcomes = staff.set_grades(&course(), &rows).await.expect("outcomes");
    assert_eq!(outcomes.iter().map(|row| row.success).collect::<Vec<_>>(), [true, false, false]);
    assert!(outcomes[1].reason.is_some());
    let points = staff.subsection_grade(&usage("sequential", "hw1"), user).await.expect("points");
    assert_eq!(points.set.and_then(|set| set.earned_graded), Some(3.0));
    let grade = staff.grade_of(&course(), &"learner".into()).await.expect("a grade");
    assert_eq!((grade.share, grade.letter.as_deref(), grade.passed), (1.0, Some("A"), Some(true)));
    let mine = edx.certificate(&course(), None).await.expect("asked").expect("a certificate");
    assert_eq!((mine.user.as_str(), mine.passing, mine.share), ("learner", true, Some(1.0)));
    assert!(mine.created.is_some());
    assert_eq!(staff.certificate(&course(), None).await.expect("asked"), None);
    let others = edx.certificate(&course(), Some(&"author".into())).await.expect_err("not staff");
    assert_eq!(others.kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn progress_counts_what_was_answered_and_what_was_said_to_be_read() {
    let server = world::start().await;
    let outside = world::outsider(&server).progress(&course()).await.expect_err("not enrolled");
    assert_eq!(outside.kind(), ErrorKind::NotEnrolled, "{outside:?}");
    let (staff, edx) = (world::by_token(&server), world::learner(&server).await);
    answer(&edx, "sum", "5").await;
    let seen = edx.progress(&course()).await.expect("progress");
    assert_eq!((seen.completion.complete, seen.completion.incomplete), (1, 4));
    let part = &seen.sections[0].subsections[0];
    assert_eq!((part.earned, part.possible, part.graded), (1.0, 3.0, true));
    assert_eq!((part.problems.len(), part.problems[1].possible), (2, 2.0));
    assert_eq!(seen.grade.letter.as_deref(), Some("Pass"));

    let section = usage("sequential", "hw1");
    assert!(!edx.is_complete(&section, None).await.expect("asked"));
    let rest =
        [("html", "read"), ("problem", "product"), ("drag-and-drop-v2", "drag"), ("openassessment", "essay")];
    let rest: Vec<(BlockId, f64)> = rest.iter().map(|(kind, name)| (usage(kind, name), 1.0)).collect();
    let mut query = OutlineQuery::default();
    query.fields = vec!["completion".into(), "complete".into()];
    let outline = edx.outline(&course(), &query).await.expect("an outline");
    let told = |outline: &Outline, kind: &str, name: &str| {
        let fields = outline.blocks[&usage(kind, name)].fields.clone();
        (fields["completion"].as_f64(), fields.get("complete").is_some())
    };
    assert_eq!(told(&outline, "problem", "sum"), (Some(1.0), true));
    assert_eq!(told(&outline, "html", "read"), (Some(0.0), false));
    assert_eq!(told(&outline, "sequential", "hw1"), (Some(0.0), false));
    edx.complete(&course(), None, &rest).await.expect("said");
    let outline = edx.outline(&course(), &query).await.expect("an outline");
    assert_eq!(told(&outline, "sequential", "hw1"), (Some(1.0), true));
    assert!(staff.is_complete(&section, Some(&"learner".into())).await.expect("asked"));
    let user = staff.grade_book_of(&course(), &"learner".into()).await.expect("a row").user_id;
    let theirs = staff.progress_of(&course(), user).await.expect("progress");
    assert_eq!((theirs.user.as_str(), theirs.completion.incomplete), ("learner", 0));
    assert_eq!(edx.progress_of(&course(), 4).await.expect_err("not staff").kind(), ErrorKind::NotFound);

    let writes = server.log().writes();
    let too_much = edx.complete(&course(), None, &[(usage("html", "read"), 3.5)]).await;
    assert_eq!(too_much.expect_err("more than all").kind(), ErrorKind::InvalidInput);
    let elsewhere = BlockId::from("block-v1:A+B+C+type@html+block@x");
    let other = edx.complete(&course(), None, &[(elsewhere, 1.0)]).await.expect_err("another course");
    assert_eq!((other.kind(), server.log().writes()), (ErrorKind::InvalidInput, writes));
    let others = edx.complete(&course(), Some(&"author".into()), &rest).await.expect_err("not staff");
    assert_eq!(others.kind(), ErrorKind::PermissionDenied);
}
