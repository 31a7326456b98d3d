//! What the course's staff does with learners' work, against the emulated LMS.

use lms_core::*;
use lms_openedx::*;

use crate::world::{self, course, usage};

fn task(name: &str) -> TaskRef {
    TaskRef::new(course(), name)
}

async fn answer(edx: &OpenEdx, name: &str, text: &str) {
    let part = edx.problem(&task(name)).await.expect("a problem").inputs[0].part.clone();
    let submissions = edx.require_submissions().expect("submissions");
    submissions.submit(&task(name), &TaskAnswer::one(part, Response::number(text))).await.expect("taken");
}

/// Attempts used and points earned.
async fn stands(edx: &OpenEdx, name: &str) -> (u32, Option<f64>) {
    let found = edx.problem(&task(name)).await.expect("a problem");
    (found.attempts_used, found.earned)
}

#[tokio::test]
async fn attempts_are_given_back_and_marks_set_by_hand() {
    let server = world::start().await;
    let (learner, staff) = (world::learner(&server).await, world::by_token(&server));
    let me = Learners::One(server.credentials().learner_username.as_str().into());
    let user = UserId::from(server.credentials().learner_username.as_str());
    let nothing = staff.reset_attempts(&task("sum"), &me, ResetOf::Attempts).await.expect_err("no work yet");
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
    for _ in 0..3 {
        answer(&learner, "sum", "5").await;
    }
    assert_eq!(stands(&learner, "sum").await, (3, Some(1.0)));
    staff.reset_attempts(&task("sum"), &me, ResetOf::Attempts).await.expect("given back");
    assert_eq!(stands(&learner, "sum").await, (0, Some(1.0)), "the mark stays");
    answer(&learner, "sum", "4").await;
    assert_eq!(stands(&learner, "sum").await, (1, Some(0.0)));

    // The history has every state, for staff.
    let states =
        staff.problem_states(&task("sum"), &user, None).expect("a listing").all().await.expect("states");
    assert_eq!(states.len(), 5);
    assert_eq!((states[0].earned, states[0].state["attempts"].as_u64()), (Some(0.0), Some(1)));

    staff.set_problem_points(&task("product"), &user, 1.5).await.expect("set");
    assert_eq!(stands(&learner, "product").await, (0, Some(1.5)), "of two, and no attempt");
    let most = staff.set_problem_points(&task("product"), &user, 2.5).await.expect_err("there are two");
    assert_eq!(most.kind(), ErrorKind::InvalidInput);
    let unsent = staff.set_problem_points(&task("product"), &user, f64::NAN).await.expect_err("no number");
    assert_eq!(unsent.kind(), ErrorKind::InvalidInput);

    staff.reset_attempts(&task("sum"), &me, ResetOf::State).await.expect("taken back");
    assert_eq!(stands(&learner, "sum").await, (0, Some(0.0)));
    let states =
        staff.problem_states(&task("sum"), &user, None).expect("a listing").all().await.expect("states");
    assert_eq!(states, []);
}

#[tokio::test]
async fn a_changed_key_marks_what_was_answered() {
    let server = world::start().await;
    let (learner, staff) = (world::learner(&server).await, world::by_token(&server));
    answer(&learner, "sum", "6").await;
    let change = |answer: u32| {
        let xml = format!(
            "<problem><numericalresponse answer=\"{answer}\"><label>2 + 3?</label><formulaequationinput/>\
             </numericalresponse></problem>"
        );
        let mut change = BlockChange::data(xml);
        change.publish = Some(Publish::MakePublic);
        change
    };
    staff.update_block(&usage("problem", "sum"), &change(6)).await.expect("changed");
    assert_eq!(stands(&learner, "sum").await.1, Some(0.0), "marks stay until they are made again");
    staff.rescore(&task("sum"), &Learners::All, Rescore::Always).await.expect("marked again");
    assert_eq!(stands(&learner, "sum").await, (1, Some(1.0)));
    staff.update_block(&usage("problem", "sum"), &change(7)).await.expect("changed");
    staff.rescore(&task("sum"), &Learners::All, Rescore::IfHigher).await.expect("marked again");
    assert_eq!(stands(&learner, "sum").await.1, Some(1.0), "nobody loses points");
    staff.rescore(&task("sum"), &Learners::All, Rescore::Always).await.expect("marked again");
    assert_eq!(stands(&learner, "sum").await.1, Some(0.0));
}

#[tokio::test]
async fn only_staff_does_so_and_nobody_to_everybodys_state() {
    let server = world::start().await;
    let (learner, staff) = (world::learner(&server).await, world::by_token(&server));
    answer(&learner, "sum", "5").await;
    let me = Learners::One(server.credentials().learner_username.as_str().into());
    let refused = learner.reset_attempts(&task("sum"), &me, ResetOf::State).await.expect_err("a learner");
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    let before = server.log().entries().len();
    let refused = staff.reset_attempts(&task("sum"), &Learners::All, ResetOf::State).await.expect_err("all");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_eq!(server.log().entries().len(), before, "nothing is sent");
    let ghost = Learners::One("ghost".into());
    let unknown = staff.rescore(&task("sum"), &ghost, Rescore::Always).await.expect_err("nobody");
    assert_eq!(unknown.kind(), ErrorKind::InvalidInput);
    assert_eq!(stands(&learner, "sum").await, (1, Some(1.0)));
}
