//! Blocks without a name of their own, of which `policy.json` says something by the name that their title gives them; and
//! foreign blocks that are worth something else than before.

use lms_core::{BlockBody, Course};

use super::read::read_folder;
use super::write::write;
use crate::convert::adapt;

const COURSE: &str = r#"<course url_name="r" org="O" course="C"><chapter url_name="c"><sequential url_name="s"><vertical url_name="v">
<problem display_name="Sum" weight="1"><numericalresponse answer="5"><label>2 + 3?</label><formulaequationinput/></numericalresponse></problem>
<done url_name="d" xblock-family="xblock.v1" weight="2.0"/>
</vertical></sequential></chapter></course>"#;
const POLICY: &str = r#"{"course/r": {"display_name": "T"}, "problem/Sum": {"weight": 3}}"#;

/// The course after a change, written and read again.
fn after(change: impl FnOnce(&mut Course)) -> Course {
    let (from, to) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    std::fs::create_dir_all(from.path().join("policies/r")).expect("a folder");
    std::fs::write(from.path().join("course.xml"), COURSE).expect("a file");
    std::fs::write(from.path().join("policies/r/policy.json"), POLICY).expect("a file");
    let mut course = read_folder(from.path()).expect("a course").course;
    change(&mut course);
    let adapted = adapt(&course).course;
    write(&adapted, to.path()).expect("written");
    let back = read_folder(to.path()).expect("a course").course;
    assert_eq!(format!("{:?}", points(&adapted)), format!("{:?}", points(&back)));
    back
}

fn points(course: &Course) -> (f64, Option<f64>) {
    let blocks = &course.sections[0].lessons[0].steps[0].blocks;
    let exercise = blocks[0].exercise().expect("an exercise");
    let BlockBody::Foreign(foreign) = &blocks[1].body else { panic!("{:?}", blocks[1]) };
    (exercise.scoring.points, foreign.points)
}

#[test]
fn what_policy_json_says_of_a_block_without_a_name_follows_its_changes() {
    let first = |course: &mut Course, points: Option<f64>, title: Option<&str>| {
        let block = &mut course.sections[0].lessons[0].steps[0].blocks[0];
        if let Some(title) = title {
            block.title = title.to_owned();
        }
        let BlockBody::Exercise(exercise) = &mut block.body else { return };
        exercise.scoring.points = points.unwrap_or(exercise.scoring.points);
    };
    assert_eq!(points(&after(|_| ())).0, 3.0);
    assert_eq!(points(&after(|course| first(course, Some(4.0), None))).0, 4.0);
    assert_eq!(points(&after(|course| first(course, None, Some("Adding")))).0, 3.0);
    assert_eq!(points(&after(|course| first(course, Some(5.0), Some("Adding")))).0, 5.0);
}

#[test]
fn a_foreign_block_has_the_weight_that_it_is_given() {
    let worth = |points| {
        move |course: &mut Course| {
            if let BlockBody::Foreign(foreign) = &mut course.sections[0].lessons[0].steps[0].blocks[1].body {
                foreign.points = points;
            }
        }
    };
    assert_eq!(points(&after(|_| ())).1, Some(2.0));
    assert_eq!(points(&after(worth(Some(7.5)))).1, Some(7.5));
    assert_eq!(points(&after(worth(None))).1, None);
}
