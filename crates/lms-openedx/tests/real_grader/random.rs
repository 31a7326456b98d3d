//! Random exercises, the same at each run: a hundred for each response type that is marked by a key.

use std::collections::BTreeMap;

use lms_core::grade::probes;
use lms_core::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::course::exercise;

/// For each response type.
pub(crate) const EACH: usize = 100;

/// Text as authors write it, awkward characters included; never only white space.
fn words() -> BoxedStrategy<String> {
    let piece = select(vec![
        "a", "b", "ß", "É", "мир", "丈", "7", "x^2", "<", ">", "&", "\"", "'", "$1", "%", "#", ",", ";", "(",
        ")", "[", "]", "{", "}", "\\", "|", "*", "+", "?", ".", "^", "_or_", "=", "--", "~", "`", "@", "!",
        "/", " ",
    ]);
    (select(vec!["one", "two", "Three", "4", "é"]), prop::collection::vec(piece, 0..6))
        .prop_map(|(first, more)| format!("{first}{}", more.concat()).trim().to_owned())
        .boxed()
}

/// Texts of which no two are the same when read.
fn texts(least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(words(), least..=most)
        .prop_map(|texts| texts.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn options(texts: Vec<String>) -> Vec<ChoiceOption> {
    texts.into_iter().map(|text| ChoiceOption::new(Markup::from_text(&text))).collect()
}

fn choice(cardinality: Cardinality) -> impl Strategy<Value = Exercise> {
    let least = match cardinality {
        Cardinality::Single => 1,
        Cardinality::Multiple => 0,
    };
    let credit = match cardinality {
        Cardinality::Single => vec![Credit::AllOrNothing],
        Cardinality::Multiple => vec![Credit::AllOrNothing, Credit::EveryDecision, Credit::Halves],
    };
    let picked = texts(2, 7).prop_flat_map(move |texts| {
        let places: Vec<usize> = (0..texts.len()).collect();
        (Just(texts), subsequence(places.clone(), least..=places.len()))
    });
    (picked, any::<bool>(), select(credit)).prop_map(move |((texts, correct), shuffle, credit)| {
        let options = options(texts);
        let interaction =
            Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle, shown: None });
        let key = Key::Choice { correct: correct.into_iter().collect() };
        let mut exercise = exercise(interaction, key);
        exercise.scoring.credit = credit;
        exercise
    })
}

fn dropdown() -> impl Strategy<Value = Exercise> {
    texts(2, 6).prop_flat_map(|texts| {
        let last = texts.len() - 1;
        (Just(texts), 0..=last).prop_map(|(texts, right)| {
            let interaction = Interaction::InlineChoice(InlineChoiceInteraction { options: options(texts) });
            exercise(interaction, Key::Choice { correct: [right].into() })
        })
    })
}

/// Patterns that Python and Rust read alike.
fn pattern() -> impl Strategy<Value = String> {
    let atom = select(vec!["a", "[b-d]", "\\d", "x+", "(ab|cd)", "y?", "é", "\\.", "[^z]", "0{2,3}"]);
    let branch = prop::collection::vec(atom, 1..4).prop_map(|atoms| atoms.concat());
    prop::collection::vec(branch, 1..3).prop_map(|branches| branches.join("|"))
}

fn text() -> impl Strategy<Value = Exercise> {
    let accept = prop_oneof![
        4 => (words(), select(vec![TextRule::Exact, TextRule::Substring])),
        2 => (pattern(), select(vec![TextRule::Regex, TextRule::RegexSearch])),
    ];
    let accept = (accept, any::<bool>()).prop_map(|((text, rule), case_sensitive)| TextAccept {
        text,
        rule,
        case_sensitive,
    });
    prop::collection::vec(accept, 1..4).prop_map(|accept| {
        exercise(Interaction::TextEntry(TextEntryInteraction::default()), Key::Text { accept })
    })
}

/// A number as an author writes it.
fn decimal() -> impl Strategy<Value = String> {
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,5}"];
    let exponent = prop_oneof![4 => Just(String::new()), 1 => "[eE]-?[1-9]"];
    (any::<bool>(), "0|[1-9][0-9]{0,5}", fraction, exponent).prop_map(|(minus, whole, fraction, exponent)| {
        format!("{}{whole}{fraction}{exponent}", if minus { "-" } else { "" })
    })
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    prop_oneof![
        Just(Tolerance::none()),
        "[1-9]|0\\.[0-9]{0,3}[1-9]".prop_map(|by| Tolerance::Absolute { by }),
        "[1-9]|0\\.[0-9][1-9]|[1-4][0-9]".prop_map(|by| Tolerance::Percent { by }),
    ]
}

fn number() -> impl Strategy<Value = Exercise> {
    let value =
        (decimal(), tolerance()).prop_map(|(value, tolerance)| NumberAccept::Value { value, tolerance });
    let range = (-50_i32..50, 1_i32..50, any::<[bool; 2]>()).prop_map(
        |(low, wide, [includes_low, includes_high])| NumberAccept::Range {
            low: format!("{}", f64::from(low) / 4.0),
            high: format!("{}", f64::from(low + wide) / 4.0),
            includes_low,
            includes_high,
        },
    );
    let first = prop_oneof![4 => value, 1 => range];
    let more = decimal().prop_map(|value| NumberAccept::Value { value, tolerance: Tolerance::none() });
    (first, prop::collection::vec(more, 0..2)).prop_map(|(first, more)| {
        let accept = std::iter::once(first).chain(more).collect();
        exercise(Interaction::Numeric(NumericInteraction::default()), Key::Number { accept })
    })
}

/// An expression over `x` and `y`, which are positive, so that it has a value everywhere.
fn expression() -> impl Strategy<Value = String> {
    let leaf = select(vec!["x", "y", "2", "3.5", "pi", "x^2", "sqrt(y)", "10"]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["+", "-", "*"]), inner.clone())
                .prop_map(|(a, operator, b)| format!("({a}{operator}{b})")),
            inner.clone().prop_map(|a| format!("{a}/(1+x)")),
            (select(vec!["sin", "cos", "abs", "arctan"]), inner).prop_map(|(f, a)| format!("{f}({a})")),
        ]
    })
}

fn formula() -> impl Strategy<Value = Exercise> {
    let by = select(vec!["0.5", "1", "2"]).prop_map(|by| Tolerance::Percent { by: by.into() });
    (expression(), by, any::<bool>(), 3_u32..8).prop_map(|(answer, tolerance, case_sensitive, samples)| {
        let variables = [("x", 1.0, 3.0), ("y", 2.0, 5.0)];
        let variables = variables.map(|(name, low, high)| SampledVariable { name: name.into(), low, high });
        let key = Key::Formula { answer, variables: variables.into(), samples, tolerance, case_sensitive };
        exercise(Interaction::Formula(FormulaInteraction::default()), key)
    })
}

/// The exercises, one response type after the other.
pub(crate) fn exercises() -> Vec<Exercise> {
    let kinds = [
        choice(Cardinality::Single).boxed(),
        choice(Cardinality::Multiple).boxed(),
        dropdown().boxed(),
        text().boxed(),
        number().boxed(),
        formula().boxed(),
    ];
    let mut runner = TestRunner::deterministic();
    let mut exercises = Vec::new();
    for kind in kinds {
        exercises.extend((0..EACH).map(|_| kind.new_tree(&mut runner).expect("a value").current()));
    }
    exercises
}

/// Right, wrong, near miss, case or white space, edge of the tolerance: what of these there is for a response type, by
/// the labels of the answers that are tried.
const TRIED: [(&str, &[&str]); 6] = [
    ("multiplechoiceresponse", &["right", "another right answer", "wrong option", "empty"]),
    (
        "choiceresponse",
        &[
            "right",
            "the other way round",
            "one missing",
            "one too many",
            "one for another",
            "everything",
            "empty",
        ],
    ),
    ("optionresponse", &["right", "wrong option", "empty"]),
    (
        "stringresponse",
        &[
            "right",
            "something else",
            "last character missing",
            "text behind",
            "other case",
            "outer white space",
            "empty",
        ],
    ),
    (
        "numericalresponse",
        &[
            "right",
            "far off",
            "opposite sign",
            "outer white space",
            "just inside the tolerance",
            "just outside the tolerance",
            "lower edge",
            "upper edge",
            "just below the range",
            "just above the range",
            "empty",
        ],
    ),
    (
        "formularesponse",
        &[
            "right",
            "zero",
            "opposite sign",
            "other case",
            "outer white space",
            "just inside the tolerance",
            "just outside the tolerance",
            "empty",
        ],
    ),
];

#[test]
fn each_response_type_is_tried_with_answers_of_every_kind() {
    for ((kind, wanted), exercises) in TRIED.iter().zip(exercises().chunks(EACH)) {
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        for exercise in exercises {
            for probe in probes(exercise) {
                *labels.entry(probe.label).or_default() += 1;
            }
        }
        let missing: Vec<&&str> = wanted.iter().filter(|label| !labels.contains_key(**label)).collect();
        assert!(missing.is_empty(), "{kind}: {missing:?} are not among {labels:?}");
        assert!(labels.values().sum::<usize>() >= 5 * EACH, "{kind}: {labels:?}");
    }
}
