//! What stands around a problem's inputs, and the settings that decide what an answer earns.

use std::fs;

use lms_core::{Course, Exercise, Interaction, Key};

use crate::olx::read::read_folder;

/// A course whose sequential hands down four tries, with one problem and what `policy.json` says of it.
fn course(attributes: &str, content: &str, policy: &str) -> Course {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        r#"<course org="o" course="c" url_name="r"><chapter url_name="ch"><sequential url_name="s" max_attempts="4">
        <vertical url_name="v"><problem url_name="p" {attributes}>{content}</problem></vertical></sequential></chapter></course>"#
    );
    fs::write(folder.path().join("course.xml"), text).expect("written");
    fs::create_dir_all(folder.path().join("policies/r")).expect("a folder");
    let policy = format!(r#"{{"course/r": {{}}, "problem/p": {{{policy}}}}}"#);
    fs::write(folder.path().join("policies/r/policy.json"), policy).expect("written");
    read_folder(folder.path()).expect("it is read").course
}

fn exercises(course: &Course) -> Vec<&Exercise> {
    course.blocks().filter_map(|place| place.block.1.exercise()).collect()
}

const NUMBER: &str = "<numericalresponse answer=\"1\"><textline/></numericalresponse>";

#[test]
fn tries_and_points_are_those_of_the_problem_of_the_policy_or_handed_down() {
    for (attributes, policy, tries, points) in [
        ("", "", Some(4), 1.0),
        ("max_attempts=\"2\" weight=\"3\"", "", Some(2), 3.0),
        ("max_attempts=\"null\" weight=\"null\"", "", None, 1.0),
        ("max_attempts=\"\"", "", None, 1.0),
        ("max_attempts=\"2\" weight=\"3\"", r#""max_attempts": null, "weight": 5"#, None, 5.0),
        ("max_attempts=\"2\"", r#""max_attempts": 1"#, Some(1), 1.0),
    ] {
        let course = course(attributes, NUMBER, policy);
        let scoring = exercises(&course)[0].scoring;
        assert_eq!((scoring.attempts, scoring.points), (tries, points), "{attributes} {policy}");
    }
    let several = course("weight=\"3\"", &NUMBER.repeat(2), "");
    assert_eq!(exercises(&several).iter().map(|e| e.scoring.points).collect::<Vec<_>>(), [1.5, 1.5]);
}

#[test]
fn what_is_said_of_an_option_depends_on_whether_it_was_picked() {
    let content = r#"<choiceresponse><checkboxgroup><choice correct="true">a<choicehint selected="true">picked</choicehint>
        <choicehint selected="False">left</choicehint></choice><choice correct="false">b</choice></checkboxgroup></choiceresponse>"#;
    let course = course("", content, "");
    let Interaction::Choice(choice) = &exercises(&course)[0].interaction else { panic!("a choice") };
    let option = &choice.options[0];
    assert_eq!(
        (option.feedback.plain(), option.feedback_unselected.plain()),
        ("picked".into(), "left".into())
    );
}

#[test]
fn a_list_has_one_right_entry_and_types_of_formulas_are_read_as_capa_reads_them() {
    let two = "<optionresponse><optioninput><option correct=\"True\">a</option><option correct=\"true\">b</option>\
               </optioninput></optionresponse>";
    assert!(exercises(&course("", two, "")).is_empty());
    for (kind, is) in [("cs", true), ("cs,ci", false), ("ci", false), ("", false), ("CS", false)] {
        let content = format!(
            "<formularesponse type=\"{kind}\" samples=\"x@1:2#3\" answer=\"x\"><textline/></formularesponse>"
        );
        let course = course("", &content, "");
        let key = exercises(&course)[0].key.as_ref();
        assert!(matches!(key, Some(Key::Formula { case_sensitive, .. }) if *case_sensitive == is), "{kind}");
    }
}
