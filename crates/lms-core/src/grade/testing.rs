//! What the grader's tests share: exercises, and strategies for the model.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, Credit, Exercise, ExtendedTextInteraction,
    FileUploadInteraction, FormulaInteraction, GapAccept, GapInteraction, GapSegment, Grader,
    InlineChoiceInteraction, Interaction, Key, Markup, MatchInteraction, NumberAccept, NumericInteraction,
    OrderInteraction, Response, SampledVariable, Scoring, SubmittedFile, TableInteraction, TextAccept,
    TextEntryInteraction, TextRule, Tolerance,
};

/// An exercise with this key and credit.
pub(crate) fn exercise(interaction: Interaction, key: Key, credit: Credit) -> Exercise {
    let mut exercise = Exercise::new("task", Markup::from_text("?"), interaction).with_key(key);
    exercise.scoring = Scoring { credit, ..Scoring::default() };
    exercise
}

/// A number with an absolute tolerance.
pub(crate) fn within(value: &str, by: &str) -> Exercise {
    let accept =
        NumberAccept::Value { value: value.into(), tolerance: Tolerance::Absolute { by: by.into() } };
    let interaction = Interaction::Numeric(NumericInteraction::default());
    exercise(interaction, Key::Number { accept: vec![accept] }, Credit::AllOrNothing)
}

/// Different things in this order.
pub(crate) fn ordering(order: &[usize]) -> Exercise {
    let items = (0..order.len()).map(|item| Markup::from(format!("item {item}"))).collect();
    let interaction = Interaction::Order(OrderInteraction { items });
    exercise(interaction, Key::Order { order: order.to_vec() }, Credit::PerPart)
}

/// A text by a pattern that must match all of it.
pub(crate) fn pattern(pattern: &str) -> Exercise {
    let accept = vec![TextAccept { text: pattern.into(), rule: TextRule::Regex, case_sensitive: false }];
    let interaction = Interaction::TextEntry(TextEntryInteraction::default());
    exercise(interaction, Key::Text { accept }, Credit::AllOrNothing)
}

fn credit() -> impl Strategy<Value = Credit> {
    select(vec![Credit::AllOrNothing, Credit::PerPart, Credit::EveryDecision, Credit::Halves])
}

fn cardinality() -> impl Strategy<Value = Cardinality> {
    select(vec![Cardinality::Single, Cardinality::Multiple])
}

fn set(below: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    btree_set(0..below, 0..=below)
}

fn markups(most: usize) -> impl Strategy<Value = Vec<Markup>> {
    vec("[ab]{0,2}".prop_map(Markup::from), 0..most)
}

fn options(most: usize) -> impl Strategy<Value = Vec<ChoiceOption>> {
    markups(most).prop_map(|texts| texts.into_iter().map(ChoiceOption::new).collect())
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    let by = select(vec!["0", "0.5", "1e-6", "20", "-1", "x", "1e999999999"]);
    (by, any::<bool>()).prop_map(|(by, percent)| {
        let by = by.to_owned();
        if percent { Tolerance::Percent { by } } else { Tolerance::Absolute { by } }
    })
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{1,4}([.,][0-9]{1,3})?(e-?[0-9]{1,2})?",
        ".{0,8}",
        Just("1e999999999".to_owned()),
        Just("-1e-5000".to_owned()),
    ]
}

fn accepted_text() -> impl Strategy<Value = TextAccept> {
    let rule = select(vec![TextRule::Exact, TextRule::Substring, TextRule::Regex, TextRule::RegexSearch]);
    ("[a-cA-C.*+|() ]{0,6}", rule, any::<bool>()).prop_map(|(text, rule, case_sensitive)| TextAccept {
        text,
        rule,
        case_sensitive,
    })
}

fn accepted_number() -> impl Strategy<Value = NumberAccept> {
    prop_oneof![
        (number(), tolerance()).prop_map(|(value, tolerance)| NumberAccept::Value { value, tolerance }),
        (number(), number(), any::<bool>(), any::<bool>()).prop_map(
            |(low, high, includes_low, includes_high)| NumberAccept::Range {
                low,
                high,
                includes_low,
                includes_high
            }
        ),
    ]
}

fn gap_accept() -> impl Strategy<Value = GapAccept> {
    prop_oneof![
        vec(accepted_text(), 0..3).prop_map(|accept| GapAccept::Text { accept }),
        set(4).prop_map(|correct| GapAccept::Choice { correct }),
    ]
}

fn segment() -> impl Strategy<Value = GapSegment> {
    prop_oneof![
        Just(GapSegment::Text { markup: Markup::from("text") }),
        Just(GapSegment::Entry),
        vec("[ab]{0,2}", 0..4).prop_map(|options| GapSegment::Choice { options }),
    ]
}

fn any_interaction() -> impl Strategy<Value = Interaction> {
    prop_oneof![
        (cardinality(), options(6)).prop_map(|(cardinality, options)| {
            Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: None })
        }),
        Just(Interaction::TextEntry(TextEntryInteraction::default())),
        Just(Interaction::Numeric(NumericInteraction::default())),
        Just(Interaction::Formula(FormulaInteraction::default())),
        (markups(5), markups(5)).prop_map(|(sources, targets)| {
            Interaction::Match(MatchInteraction { sources, targets, shuffle_sources: false })
        }),
        markups(5).prop_map(|items| Interaction::Order(OrderInteraction { items })),
        vec(segment(), 0..5).prop_map(|segments| Interaction::Gap(GapInteraction { segments })),
        options(5).prop_map(|options| Interaction::InlineChoice(InlineChoiceInteraction { options })),
        (markups(4), markups(4), cardinality()).prop_map(|(rows, columns, cardinality)| table(
            rows,
            columns,
            cardinality
        )),
        Just(Interaction::Code(CodeInteraction::default())),
        Just(Interaction::ExtendedText(ExtendedTextInteraction::default())),
        Just(Interaction::FileUpload(FileUploadInteraction {
            extensions: vec![".py".into()],
            max_bytes: Some(3)
        })),
    ]
}

fn table(rows: Vec<Markup>, columns: Vec<Markup>, cardinality: Cardinality) -> Interaction {
    Interaction::Table(TableInteraction {
        description: Markup::default(),
        rows,
        columns,
        cardinality,
        shuffle_rows: false,
        shuffle_columns: false,
        shown: None,
    })
}

fn any_key() -> impl Strategy<Value = Key> {
    let formula = (
        "[-xyi0-9+*/^().]{0,12}",
        vec(("[xy]", any::<f64>(), -9.0..9.0_f64), 0..3),
        select(vec![0, 1, 10, u32::MAX]),
        tolerance(),
        any::<bool>(),
    );
    prop_oneof![
        Just(Key::Any),
        set(6).prop_map(|correct| Key::Choice { correct }),
        vec(accepted_text(), 0..4).prop_map(|accept| Key::Text { accept }),
        vec(accepted_number(), 0..4).prop_map(|accept| Key::Number { accept }),
        formula.prop_map(|(answer, variables, samples, tolerance, case_sensitive)| Key::Formula {
            answer,
            variables: variables
                .into_iter()
                .map(|(name, low, high)| SampledVariable { name, low, high })
                .collect(),
            samples,
            tolerance,
            case_sensitive,
        }),
        vec(set(4), 0..5).prop_map(|targets| Key::Match { targets }),
        vec(0..5_usize, 0..5).prop_map(|order| Key::Order { order }),
        vec(gap_accept(), 0..5).prop_map(|gaps| Key::Gaps { gaps }),
        vec(set(4), 0..4).prop_map(|rows| Key::Table { rows }),
        Just(Key::Code { tests: Vec::new(), checker: None, solution: None }),
    ]
}

/// Any exercise, mostly one that makes no sense.
pub(crate) fn any_exercise() -> impl Strategy<Value = Exercise> {
    let grader = prop_oneof![
        8 => Just(Grader::Key),
        1 => Just(Grader::Human),
        1 => Just(Grader::Native("run script".into())),
    ];
    let free = (any_interaction(), proptest::option::of(any_key()), credit(), grader).prop_map(
        |(interaction, key, credit, grader)| {
            let mut exercise = exercise(interaction, Key::Any, credit);
            exercise.key = key;
            exercise.grader = grader;
            exercise
        },
    );
    prop_oneof![2 => free, 1 => sound_exercise()]
}

/// Any answer.
pub(crate) fn any_response() -> impl Strategy<Value = Response> {
    let place = prop_oneof![9 => 0..5_usize, 1 => Just(usize::MAX)];
    let places = btree_set(place.clone(), 0..5);
    prop_oneof![
        places.clone().prop_map(|selected| Response::Choice { selected }),
        "[a-cA-C \\PC]{0,8}".prop_map(|text| Response::Text { text }),
        number().prop_map(|number| Response::Number { number }),
        "[-xyi0-9+*/^(). ]{0,16}".prop_map(|formula| Response::Formula { formula }),
        vec(proptest::option::of(place.clone()), 0..5).prop_map(|targets| Response::Match { targets }),
        vec(place, 0..5).prop_map(|order| Response::Order { order }),
        vec("[ab]{0,2}", 0..5).prop_map(|texts| Response::Gaps { texts }),
        vec(places, 0..4).prop_map(|rows| Response::Table { rows }),
        ".{0,8}".prop_map(|source| Response::Code { language: String::new(), source }),
        ".{0,8}".prop_map(|text| Response::ExtendedText { text }),
        "[a.py]{0,6}".prop_map(|name| {
            Response::Files(vec![SubmittedFile { name, content: bytes::Bytes::from_static(b"abc") }])
        }),
    ]
}

/// An exercise that makes sense: it has a right answer and a wrong one.
pub(crate) fn sound_exercise() -> impl Strategy<Value = Exercise> {
    let named = |what: &str, many: usize| {
        (0..many).map(|at| Markup::from(format!("{what} {at}"))).collect::<Vec<_>>()
    };
    let choice = (2..7_usize, cardinality(), credit()).prop_flat_map(move |(many, cardinality, credit)| {
        btree_set(0..many, 1..many).prop_map(move |correct| {
            let options = named("option", many).into_iter().map(ChoiceOption::new).collect();
            let interaction =
                Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: true, shown: None });
            exercise(interaction, Key::Choice { correct }, credit)
        })
    });
    let text =
        ("[a-zA-Zäß]{1,3}( [a-z]{1,3})?", 0..4_usize, any::<bool>()).prop_map(|(text, rule, cased)| {
            let rule = [TextRule::Exact, TextRule::Substring, TextRule::Regex, TextRule::RegexSearch][rule];
            let accept = vec![TextAccept { text, rule, case_sensitive: cased }];
            let interaction = Interaction::TextEntry(TextEntryInteraction::default());
            exercise(interaction, Key::Text { accept }, Credit::AllOrNothing)
        });
    let value = (any::<i32>(), 0..6_i32, 0..1000_u32)
        .prop_map(|(digits, scale, by)| within(&format!("{digits}e-{scale}"), &format!("{by}e-{scale}")));
    let formula = (1..9_u8, 1..9_u8, any::<bool>()).prop_map(|(a, b, case_sensitive)| {
        let key = Key::Formula {
            answer: format!("{a}*x^2+sin(y)/{b}"),
            variables: ["x", "y"]
                .map(|name| SampledVariable { name: name.into(), low: 1.0, high: 3.0 })
                .into(),
            samples: 5,
            tolerance: Tolerance::Percent { by: "0.1".into() },
            case_sensitive,
        };
        exercise(Interaction::Formula(FormulaInteraction::default()), key, Credit::AllOrNothing)
    });
    let pairs = (2..6_usize, credit()).prop_flat_map(move |(many, credit)| {
        vec(btree_set(0..many, 0..3), many)
            .prop_filter("nothing to pair", |key| key.iter().any(|targets| !targets.is_empty()))
            .prop_map(move |targets| {
                let interaction = Interaction::Match(MatchInteraction {
                    sources: named("source", many),
                    targets: named("target", many),
                    shuffle_sources: false,
                });
                exercise(interaction, Key::Match { targets }, credit)
            })
    });
    let order = (2..7_usize)
        .prop_flat_map(|many| Just((0..many).collect::<Vec<_>>()).prop_shuffle())
        .prop_map(|order| ordering(&order));
    let gaps = (credit(), 0..3_usize, "[a-z]{1,5}").prop_map(|(credit, entry, text)| {
        let segments = vec![
            GapSegment::Entry,
            GapSegment::Text { markup: Markup::from("and") },
            GapSegment::Choice { options: ["p", "q", "r"].map(String::from).into() },
        ];
        let accept = vec![TextAccept { text, rule: TextRule::Exact, case_sensitive: false }];
        let gaps = vec![GapAccept::Text { accept }, GapAccept::Choice { correct: [entry].into() }];
        exercise(Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps }, credit)
    });
    let table = (1..4_usize, cardinality(), credit()).prop_flat_map(move |(many, cardinality, credit)| {
        vec(btree_set(0..3_usize, 1..3), many).prop_map(move |rows| {
            let interaction = table(named("row", many), named("column", 3), cardinality);
            exercise(interaction, Key::Table { rows }, credit)
        })
    });
    prop_oneof![choice, text, value, formula, pairs, order, gaps, table]
}
