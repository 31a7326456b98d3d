//! What an answer earns once a course is adapted: points, tries and keys.

use lms_core::*;

use super::adapt;

fn value(value: &str, by: &str) -> NumberAccept {
    NumberAccept::Value { value: value.into(), tolerance: Tolerance::Absolute { by: by.into() } }
}

fn range(low: &str, high: &str, ends: bool) -> NumberAccept {
    NumberAccept::Range { low: low.into(), high: high.into(), includes_low: ends, includes_high: false }
}

fn numbers(accept: Vec<NumberAccept>) -> Exercise {
    let numeric = Interaction::Numeric(NumericInteraction::default());
    Exercise::new("t", "How many?".into(), numeric).with_key(Key::Number { accept })
}

fn formula(answer: &str) -> Exercise {
    let key = Key::Formula {
        answer: answer.into(),
        variables: vec![SampledVariable { name: "x".into(), low: 0.1, high: 0.9 }],
        samples: 5,
        tolerance: Tolerance::Absolute { by: "0.01".into() },
        case_sensitive: true,
    };
    let formula = Interaction::Formula(FormulaInteraction::default());
    Exercise::new("t", "Which function?".into(), formula).with_key(key)
}

/// A unit with these exercises, adapted: they are one task.
fn adapted(exercises: Vec<Exercise>) -> Adapted {
    let mut step = Step::new("t", "T");
    step.blocks = (0..)
        .zip(exercises)
        .map(|(n, exercise)| Block::new(format!("b{n}"), BlockBody::Exercise(Box::new(exercise))))
        .collect();
    let (mut section, mut lesson) = (Section::new("s", "S"), Lesson::new("l", "L"));
    lesson.steps.push(step);
    section.lessons.push(lesson);
    let mut course = Course::new("c", "C");
    course.sections.push(section);
    adapt(&course)
}

fn exercises(adapted: &Adapted) -> Vec<&Exercise> {
    adapted.course.blocks().filter_map(|place| place.block.1.exercise()).collect()
}

fn changing_marks(adapted: &Adapted) -> Vec<&str> {
    adapted.findings.iter().filter(|finding| finding.marks).map(|finding| finding.what.as_str()).collect()
}

#[test]
fn tolerances_that_are_lost_are_named_and_a_range_that_takes_nothing_goes_on_to_take_nothing() {
    for (accept, narrowed) in [
        (vec![value("1", "0.5"), value("7", "0")], false),
        (vec![value("1", "0.5"), value("7", "0.1")], true),
        (vec![value("1", "0.5"), range("7", "8", true)], true),
    ] {
        let adapted = adapted(vec![numbers(accept.clone())]);
        assert_eq!(changing_marks(&adapted).len(), usize::from(narrowed), "{accept:?}");
    }
    let same = adapted(vec![numbers(vec![range("5", "5", true)])]);
    assert_eq!(exercises(&same)[0].key, Some(Key::Number { accept: vec![range("5", "5", false)] }));
    let inverted = adapted(vec![numbers(vec![range("7", "5", true)])]);
    assert_eq!((exercises(&inverted).len(), inverted.findings.is_empty()), (0, false));
}

#[test]
fn formulas_are_written_in_words_that_open_edx_reads() {
    let adapted_formula = adapted(vec![formula("asin(x)**2 + E*-x")]);
    let Some(Key::Formula { answer, .. }) = &exercises(&adapted_formula)[0].key else { panic!("a formula") };
    assert_eq!(answer, "arcsin(x)^2 + e*(-x)");
    for unreadable in ["2x", "floor(x)", "re(x)"] {
        let adapted = adapted(vec![formula(unreadable)]);
        assert_eq!((exercises(&adapted).len(), adapted.findings.is_empty()), (0, false), "{unreadable}");
    }
}

#[test]
fn parts_share_the_points_of_the_whole() {
    let segments = vec![GapSegment::Entry, GapSegment::Text { markup: "and".into() }, GapSegment::Entry];
    let accept = |text: &str| GapAccept::Text {
        accept: vec![TextAccept { text: text.into(), rule: TextRule::Exact, case_sensitive: true }],
    };
    let gaps = Key::Gaps { gaps: vec![accept("a"), accept("b")] };
    let mut gap =
        Exercise::new("t", "Fill".into(), Interaction::Gap(GapInteraction { segments })).with_key(gaps);
    gap.scoring = Scoring { points: 3.0, credit: Credit::PerPart, attempts: None };
    let adapted = adapted(vec![gap]);
    let points: Vec<f64> = exercises(&adapted).iter().map(|e| e.scoring.points).collect();
    assert_eq!(points, [1.5, 1.5]);
}

#[test]
fn exercises_of_one_task_keep_their_points_and_get_the_least_tries() {
    let with = |points, attempts| {
        let mut exercise = numbers(vec![value("1", "0")]);
        exercise.scoring = Scoring { points, attempts, ..exercise.scoring };
        exercise
    };
    let same = adapted(vec![with(2.0, Some(5)), with(2.0, None), with(2.0, Some(3))]);
    let tries: Vec<_> = exercises(&same).iter().map(|e| (e.task.clone(), e.scoring.attempts)).collect();
    assert_eq!(tries, vec![("t".into(), Some(3)); 3]);
    assert!(same.findings.iter().any(|finding| finding.what == "tries"));
    let other = adapted(vec![with(1.0, None), with(2.0, None)]);
    let points: Vec<_> = exercises(&other).iter().map(|e| (e.task.as_str(), e.scoring.points)).collect();
    assert_eq!(points, [("t", 1.0), ("t~2", 2.0)]);
    assert!(other.findings.iter().any(|finding| finding.what == "parts with different points"));
}
