//! What of changed marks is noticed.

use lms_core::{
    Adapted, BlockBody, Cardinality, Carried, ChoiceInteraction, ChoiceOption, Content, Credit, GapAccept,
    GapInteraction, GapSegment, Key, Lesson, NativeCounts, Platform, ProviderInfo, Section, Severity, Step,
    TextAccept, TextRule,
};

use super::*;

/// A course of one single choice, of which the option `right` is right.
fn course(right: usize) -> Course {
    let choice = ChoiceInteraction {
        cardinality: Cardinality::Single,
        options: ["yes", "no", "perhaps"].map(ChoiceOption::new).into(),
        shuffle: false,
        shown: None,
    };
    let exercise = Exercise::new("task", "Is it?".into(), Interaction::Choice(choice))
        .with_key(Key::Choice { correct: BTreeSet::from([right]) });
    let mut step = Step::new("step", "");
    step.blocks.push(Block::new("block", BlockBody::Exercise(Box::new(exercise))));
    let mut lesson = Lesson::new("lesson", "");
    lesson.steps.push(step);
    let mut section = Section::new("section", "");
    section.lessons.push(lesson);
    let mut course = Course::new("course", "");
    course.sections.push(section);
    course
}

/// How the exercise compares where its key was to change as planned, and a finding of the block says so much;
/// `there` is what the target takes for right.
fn outcome(finding: Finding, there: usize) -> Outcome {
    let finding = finding.with_block(&"block".into());
    let carried = vec![Carried { source: "block".into(), target: vec!["block".into()] }];
    let info = ProviderInfo { platform: Platform::Stepik, location: "here".into() };
    let plan = Plan {
        source: info.clone(),
        target: info,
        content: Content { course: course(0), findings: Vec::new(), native: NativeCounts::default() },
        adapted: Adapted { course: course(1), findings: vec![finding.clone()], carried },
        findings: vec![finding],
    };
    check_grading(&plan, &course(there)).remove(0).outcome
}

#[test]
fn only_a_finding_that_speaks_of_marks_excuses_them() {
    let form = |severity| Finding::new(severity, "here", "choice", "it is drawn otherwise");
    for severity in [Severity::Approximated, Severity::Exact, Severity::Dropped] {
        let (silent, said) = (outcome(form(severity), 1), outcome(form(severity).changing_marks(), 1));
        assert!(matches!(silent, Outcome::Disagreed { .. }), "{severity}: {silent:?}");
        assert!(matches!(said, Outcome::Announced { .. }), "{severity}: {said:?}");
    }
}

#[test]
fn a_finding_excuses_the_change_that_was_planned_and_no_other() {
    let finding = || Finding::new(Severity::Approximated, "here", "choice", "it is marked otherwise");
    for there in [2, 7] {
        let other = outcome(finding().changing_marks(), there);
        assert!(matches!(&other, Outcome::Disagreed { example } if example.contains("planned")), "{other:?}");
    }
    let same = outcome(finding().changing_marks(), 0);
    assert!(matches!(same, Outcome::Agreed { .. }), "{same:?}");
}

#[test]
fn a_share_of_the_points_more_or_less_is_noticed() {
    let exercise = |last: &str| {
        let gaps = ["one", "two", last].map(|text| {
            let accept = TextAccept { text: text.into(), rule: TextRule::Exact, case_sensitive: true };
            GapAccept::Text { accept: vec![accept] }
        });
        let segments = gaps.iter().map(|_| GapSegment::Entry).collect();
        let mut exercise = Exercise::new("t", "?".into(), Interaction::Gap(GapInteraction { segments }))
            .with_key(Key::Gaps { gaps: gaps.into() });
        exercise.scoring.credit = Credit::PerPart;
        exercise
    };
    let outcome = |last| check(&exercise("three"), &[&exercise(last)], false);
    assert!(matches!(outcome("three"), Outcome::Agreed { .. }));
    assert!(matches!(outcome("drei"), Outcome::Disagreed { .. }), "{:?}", outcome("drei"));
}

#[test]
fn programs_that_any_answer_is_right_of_are_tried() {
    let code = Interaction::Code(lms_core::CodeInteraction::default());
    let exercise = Exercise::new("task", "Do it.".into(), code).with_key(Key::Any);
    let outcome = check(&exercise, &[&exercise], false);
    assert!(matches!(outcome, Outcome::Agreed { probes: 1.. }), "{outcome:?}");
}
