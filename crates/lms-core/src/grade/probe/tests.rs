//! What is tried on each kind of exercise.

use std::collections::BTreeSet;

use super::{Probe, probes};
use crate::grade::Mark;
use crate::grade::testing::{exercise, ordering, pattern, within};
use crate::{
    Cardinality, ChoiceInteraction, ChoiceOption, Credit, Exercise, FormulaInteraction, GapAccept,
    GapInteraction, GapSegment, Grader, Interaction, Key, Markup, MatchInteraction, NumberAccept,
    NumericInteraction, Response, SampledVariable, TableInteraction, TextAccept, TextEntryInteraction,
    TextRule, Tolerance,
};

fn choice(cardinality: Cardinality, options: usize, correct: &[usize]) -> Exercise {
    let options = (0..options).map(|at| ChoiceOption::new(format!("option {at}"))).collect();
    let interaction =
        Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: true, shown: None });
    exercise(interaction, Key::Choice { correct: correct.iter().copied().collect() }, Credit::EveryDecision)
}

fn text(accept: &[(&str, TextRule, bool)]) -> Exercise {
    let accept = accept
        .iter()
        .map(|(text, rule, case_sensitive)| TextAccept {
            text: (*text).into(),
            rule: *rule,
            case_sensitive: *case_sensitive,
        })
        .collect();
    let interaction = Interaction::TextEntry(TextEntryInteraction::default());
    exercise(interaction, Key::Text { accept }, Credit::AllOrNothing)
}

fn numbers(accept: Vec<NumberAccept>) -> Exercise {
    let interaction = Interaction::Numeric(NumericInteraction::default());
    exercise(interaction, Key::Number { accept }, Credit::AllOrNothing)
}

fn range() -> NumberAccept {
    NumberAccept::Range { low: "5".into(), high: "7".into(), includes_low: true, includes_high: false }
}

fn formula() -> Exercise {
    let key = Key::Formula {
        answer: "x^2+1".into(),
        variables: vec![SampledVariable { name: "x".into(), low: 1.0, high: 3.0 }],
        samples: 10,
        tolerance: Tolerance::Percent { by: "1".into() },
        case_sensitive: false,
    };
    exercise(Interaction::Formula(FormulaInteraction::default()), key, Credit::AllOrNothing)
}

fn pairs() -> Exercise {
    let named = |texts: [&str; 3]| texts.map(Markup::from_text).to_vec();
    let interaction = Interaction::Match(MatchInteraction {
        sources: named(["cat", "fish", "snail"]),
        targets: named(["", "meow", ""]),
        shuffle_sources: false,
    });
    let targets = vec![[1].into(), [0, 2].into(), [0, 2].into()];
    exercise(interaction, Key::Match { targets }, Credit::PerPart)
}

fn gap() -> Exercise {
    let segments = vec![GapSegment::Entry, GapSegment::Choice { options: vec!["yes".into(), "no".into()] }];
    let four = TextAccept { text: "four".into(), rule: TextRule::Exact, case_sensitive: false };
    let gaps = vec![GapAccept::Text { accept: vec![four] }, GapAccept::Choice { correct: [0].into() }];
    exercise(Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps }, Credit::PerPart)
}

fn table() -> Exercise {
    let interaction = Interaction::Table(TableInteraction {
        description: Markup::default(),
        rows: ["2", "3"].map(Markup::from_text).to_vec(),
        columns: ["even", "odd"].map(Markup::from_text).to_vec(),
        cardinality: Cardinality::Single,
        shuffle_rows: false,
        shuffle_columns: false,
        shown: None,
    });
    exercise(interaction, Key::Table { rows: vec![[0].into(), [1].into()] }, Credit::PerPart)
}

fn labelled<'a>(probes: &'a [Probe], label: &str) -> Vec<&'a Probe> {
    probes.iter().filter(|probe| probe.label == label).collect()
}

fn marks(probes: &[Probe], label: &str) -> Vec<Mark> {
    labelled(probes, label).iter().map(|probe| probe.expected).collect()
}

#[test]
fn each_kind_has_five_with_right_ones_and_wrong_ones() {
    use TextRule::{Exact, Regex, RegexSearch, Substring};
    let exercises = [
        choice(Cardinality::Single, 4, &[2]),
        choice(Cardinality::Multiple, 3, &[0, 2]),
        text(&[("Paris", Exact, false)]),
        text(&[("Paris", Substring, true)]),
        text(&[(" is ", Substring, true)]),
        text(&[("Mich(igan)?", Regex, false)]),
        text(&[(r"\d+\s*kg", RegexSearch, true)]),
        within("25.5", "0.5"),
        within("42", "0"),
        within("1e-40", "1e-42"),
        numbers(vec![range()]),
        formula(),
        pairs(),
        ordering(&[2, 0, 1]),
        gap(),
        table(),
    ];
    for exercise in exercises {
        let all = probes(&exercise);
        assert!((5..=super::MOST).contains(&all.len()), "{:?} {all:?}", exercise.key);
        assert_eq!(marks(&all, "right"), [Mark::RIGHT], "{:?}", exercise.key);
        let empty = marks(&all, "empty");
        let none = matches!(exercise.interaction, Interaction::Order(_));
        assert_eq!(empty, if none { vec![] } else { vec![Mark::WRONG] }, "{:?}", exercise.key);
        assert!(all.iter().filter(|probe| !probe.expected.correct).count() >= 2, "{all:?}");
    }
}

#[test]
fn the_edges_of_a_tolerance_are_tried_on_both_sides() {
    for exercise in [within("25.5", "0.5"), within("-3", "0.001"), formula()] {
        let all = probes(&exercise);
        let (inside, outside) =
            (marks(&all, "just inside the tolerance"), marks(&all, "just outside the tolerance"));
        assert!(!inside.is_empty() && inside.iter().all(|mark| mark.correct), "{all:?}");
        assert_eq!(inside.len(), outside.len());
        assert!(outside.iter().all(|mark| !mark.correct), "{all:?}");
    }
    let all = probes(&numbers(vec![range()]));
    assert_eq!(marks(&all, "lower edge"), [Mark::RIGHT]);
    assert_eq!(marks(&all, "upper edge"), [Mark::WRONG]);
    assert_eq!(marks(&all, "just below the range"), [Mark::WRONG]);
    assert_eq!(marks(&all, "just inside the range"), [Mark::RIGHT, Mark::RIGHT]);
}

#[test]
fn case_and_white_space_are_tried() {
    let loose = probes(&text(&[("Paris", TextRule::Exact, false)]));
    let strict = probes(&text(&[("Paris", TextRule::Exact, true)]));
    assert_eq!(marks(&loose, "other case"), [Mark::RIGHT]);
    assert_eq!(marks(&strict, "other case"), [Mark::WRONG]);
    assert_eq!(marks(&strict, "outer white space"), [Mark::RIGHT]);
    assert_eq!(marks(&strict, "last character missing"), [Mark::WRONG]);
    let within = probes(&text(&[("Paris", TextRule::Substring, true)]));
    assert_eq!(marks(&within, "text around"), [Mark::RIGHT]);
}

#[test]
fn every_accepted_answer_is_tried() {
    let all = probes(&text(&[("Michigan", TextRule::Exact, false), ("M[IJ]", TextRule::Regex, true)]));
    let tried: Vec<_> =
        labelled(&all, "another right answer").into_iter().map(|probe| &probe.response).collect();
    assert_eq!(tried, [&Response::text("MI")]);
    let value = NumberAccept::Value { value: "1000".into(), tolerance: Tolerance::none() };
    let all = probes(&numbers(vec![range(), value]));
    assert_eq!(marks(&all, "another right answer"), [Mark::RIGHT]);
    let all = probes(&choice(Cardinality::Single, 5, &[1, 3]));
    assert_eq!(labelled(&all, "another right answer")[0].response, Response::choice(3));
}

#[test]
fn a_match_uses_each_target_once_where_it_can() {
    let all = probes(&pairs());
    let Response::Match { targets } = &labelled(&all, "right")[0].response else { panic!("{all:?}") };
    assert_eq!(targets.iter().collect::<BTreeSet<_>>().len(), 3, "{targets:?}");
}

#[test]
fn a_match_gives_way_so_that_all_are_paired() {
    let mut exercise = pairs();
    exercise.key = Some(Key::Match { targets: vec![[0, 1].into(), [0].into(), [1, 2].into()] });
    let right = Response::Match { targets: vec![Some(1), Some(0), Some(2)] };
    assert_eq!(labelled(&probes(&exercise), "right")[0].response, right);
}

#[test]
fn what_cannot_be_graded_is_not_tried() {
    let mut human = within("1", "0");
    human.grader = Grader::Human;
    let mut keyless = within("1", "0");
    keyless.key = None;
    for exercise in [human, keyless, within("x", "0"), pattern("("), choice(Cardinality::Single, 2, &[2])] {
        assert_eq!(probes(&exercise), []);
    }
}

#[test]
fn a_pattern_without_an_example_still_has_wrong_answers() {
    let all = probes(&pattern("(?=ab)a.(?<=b)c"));
    assert_eq!(marks(&all, "right"), []);
    assert!(all.len() >= 3 && all.iter().all(|probe| !probe.expected.correct), "{all:?}");
}

#[test]
fn where_everything_is_right_emptiness_is_not() {
    let interaction = Interaction::ExtendedText(crate::ExtendedTextInteraction::default());
    let all = probes(&exercise(interaction, Key::Any, Credit::AllOrNothing));
    assert_eq!(marks(&all, "any"), [Mark::RIGHT]);
    assert_eq!(marks(&all, "empty"), [Mark::WRONG]);
}
