//! Random exercises, the same at each run: a hundred for each response type that is marked by a key, and for the forms
//! that some of them have.

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

/// The same text in the other case or with one character more, which is another option.
fn twin(text: &str, by_case: bool) -> String {
    let other = if by_case { text.to_uppercase() } else { format!("{text}s") };
    if other == text { format!("{text}S") } else { other }
}

/// Texts of which two are nearly the same.
fn with_twins(least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    (texts(least, most), any::<bool>()).prop_map(|(mut texts, by_case)| {
        let twin = texts.first().map(|text| twin(text, by_case));
        texts.extend(twin.filter(|twin| !texts.contains(twin)));
        texts
    })
}

fn options(texts: Vec<String>) -> Vec<ChoiceOption> {
    texts.into_iter().map(|text| ChoiceOption::new(Markup::from_text(&text))).collect()
}

fn choice(cardinality: Cardinality) -> impl Strategy<Value = Exercise> {
    let (least, options_at_least) = match cardinality {
        Cardinality::Single => (1, 4),
        Cardinality::Multiple => (0, 3),
    };
    let credit = match cardinality {
        Cardinality::Single => vec![Credit::AllOrNothing],
        Cardinality::Multiple => vec![Credit::AllOrNothing, Credit::EveryDecision, Credit::Halves],
    };
    let picked = with_twins(options_at_least, 6).prop_flat_map(move |texts| {
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
    with_twins(4, 6).prop_flat_map(|texts| {
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

fn entry(accept: Vec<TextAccept>) -> Exercise {
    exercise(Interaction::TextEntry(TextEntryInteraction::default()), Key::Text { accept })
}

/// One answer, or several of which the second and further ones are additional answers.
fn answers() -> impl Strategy<Value = Exercise> {
    (prop::collection::vec(words(), 1..4), any::<bool>()).prop_map(|(texts, case_sensitive)| {
        let accept = |text| TextAccept { text, rule: TextRule::Exact, case_sensitive };
        entry(texts.into_iter().map(accept).collect())
    })
}

/// Patterns, parts of a text, and these mixed with whole answers.
fn patterns() -> impl Strategy<Value = Exercise> {
    let accept = prop_oneof![
        1 => (words(), select(vec![TextRule::Exact, TextRule::Substring])),
        3 => (pattern(), select(vec![TextRule::Regex, TextRule::RegexSearch])),
    ];
    let accept = (accept, any::<bool>()).prop_map(|((text, rule), case_sensitive)| TextAccept {
        text,
        rule,
        case_sensitive,
    });
    prop::collection::vec(accept, 1..4).prop_map(entry)
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

/// The first number or range, and perhaps one more number that must be met exactly.
fn numbers(first: impl Strategy<Value = NumberAccept>) -> impl Strategy<Value = Exercise> {
    let more = decimal().prop_map(|value| NumberAccept::Value { value, tolerance: Tolerance::none() });
    (first, prop::collection::vec(more, 0..2)).prop_map(|(first, more)| {
        let accept = std::iter::once(first).chain(more).collect();
        exercise(Interaction::Numeric(NumericInteraction::default()), Key::Number { accept })
    })
}

fn value() -> impl Strategy<Value = NumberAccept> {
    (decimal(), tolerance()).prop_map(|(value, tolerance)| NumberAccept::Value { value, tolerance })
}

fn range() -> impl Strategy<Value = NumberAccept> {
    (-50_i32..50, 1_i32..50, any::<[bool; 2]>()).prop_map(|(low, wide, [includes_low, includes_high])| {
        NumberAccept::Range {
            low: format!("{}", f64::from(low) / 4.0),
            high: format!("{}", f64::from(low + wide) / 4.0),
            includes_low,
            includes_high,
        }
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
        answers().boxed(),
        patterns().boxed(),
        numbers(value()).boxed(),
        numbers(range()).boxed(),
        formula().boxed(),
    ];
    let mut runner = TestRunner::deterministic();
    let mut exercises = Vec::new();
    for kind in kinds {
        exercises.extend((0..EACH).map(|_| kind.new_tree(&mut runner).expect("a value").current()));
    }
    exercises
}

/// What is tried on the exercises of one form, by the labels of the answers: right, wrong, near miss, and case, white
/// space or edge of the tolerance where there is such a thing. Of options in a list one is nearly the same as another.
const TRIED: [(&str, &[&str]); 8] = [
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
        "stringresponse, answers",
        &[
            "right",
            "another right answer",
            "something else",
            "last character missing",
            "text behind",
            "other case",
            "outer white space",
            "empty",
        ],
    ),
    (
        "stringresponse, patterns",
        &[
            "right",
            "another right answer",
            "something else",
            "last character missing",
            "text before",
            "text behind",
            "text around",
            "other case",
            "outer white space",
            "empty",
        ],
    ),
    (
        "numericalresponse, values",
        &[
            "right",
            "another right answer",
            "far off",
            "opposite sign",
            "outer white space",
            "just inside the tolerance",
            "just outside the tolerance",
            "empty",
        ],
    ),
    (
        "numericalresponse, ranges",
        &[
            "right",
            "another right answer",
            "lower edge",
            "upper edge",
            "just inside the range",
            "just below the range",
            "just above the range",
            "outer white space",
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

/// How many forms there are.
pub(crate) const FORMS: usize = TRIED.len();

#[test]
fn each_response_type_is_tried_with_answers_of_every_kind() {
    for ((kind, wanted), exercises) in TRIED.iter().zip(exercises().chunks(EACH)) {
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        for exercise in exercises {
            let tried = probes(exercise);
            assert!(tried.len() >= 5, "{kind}: {} answers to {:?}", tried.len(), exercise.key);
            for probe in tried {
                *labels.entry(probe.label).or_default() += 1;
            }
        }
        let missing: Vec<&&str> = wanted.iter().filter(|label| !labels.contains_key(**label)).collect();
        assert!(missing.is_empty(), "{kind}: {missing:?} are not among {labels:?}");
    }
}
