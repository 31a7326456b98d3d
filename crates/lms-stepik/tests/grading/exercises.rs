//! Random exercises. The shapes are those that authors make, the texts are drawn.

use std::collections::BTreeSet;

use lms_core::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A text of a few characters that are special in HTML, formulas or patterns, in two scripts.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Zа-яА-Я0-9]{1,6}( [a-zа-я]{1,5})?",
        2 => "[a-c<>&$.*+?()|\\[\\]{}^'\"\\\\-]{1,6}",
        1 => Just("$x^2$".to_owned()),
        1 => "[éßñüçø] ?[a-z]{0,3}",
    ]
    .prop_map(|text| text.trim().to_owned())
    .prop_filter("blank", |text| !text.is_empty())
}

/// The text as it stands, or in tags.
fn markup() -> impl Strategy<Value = Markup> {
    (text(), 0..6).prop_map(|(text, tag)| match tag {
        0 => Markup::from_html(format!("<b>{}</b>", escape(&text))),
        1 => {
            Markup::from_html(format!("<p>{}</p>\n<pre><code>{}</code></pre>", escape(&text), escape(&text)))
        }
        _ => Markup::from_text(&text),
    })
}

/// Markups that differ.
fn markups(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Markup>> {
    proptest::collection::vec(markup(), count).prop_map(distinct)
}

fn distinct(items: Vec<Markup>) -> Vec<Markup> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(item.html().to_owned())).collect()
}

fn some_of(count: usize, least: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    subsequence((0..count).collect::<Vec<_>>(), least.min(count)..=count)
        .prop_map(|at| at.into_iter().collect())
}

fn exercise(interaction: Interaction, key: Key) -> Exercise {
    Exercise::new("t", Markup::from_html("<p>What?</p>"), interaction).with_key(key)
}

fn options() -> impl Strategy<Value = Vec<ChoiceOption>> {
    markups(2..7).prop_filter("too few", |options| options.len() > 1).prop_flat_map(|options| {
        let count = options.len();
        (Just(options), proptest::collection::vec(proptest::option::of(markup()), count)).prop_map(
            |(texts, said)| {
                let option = |(text, said): (Markup, Option<Markup>)| ChoiceOption {
                    feedback: said.unwrap_or_default(),
                    ..ChoiceOption::new(text)
                };
                texts.into_iter().zip(said).map(option).collect()
            },
        )
    })
}

fn choice_of(sampled: bool) -> impl Strategy<Value = Exercise> {
    options().prop_flat_map(move |options| {
        let count = options.len();
        let single = select(vec![true, false]);
        (Just(options), single, some_of(count, 1), any::<bool>(), 1..=count as u32, 0..12).prop_map(
            move |(options, single, correct, shuffle, shown, odd)| {
                let cardinality = if single { Cardinality::Single } else { Cardinality::Multiple };
                let correct = match (single, odd) {
                    // Of several right options any one is taken; that is announced.
                    (true, 0) => correct,
                    (true, _) => correct.into_iter().take(1).collect(),
                    (false, 1) => BTreeSet::new(),
                    (false, _) => correct,
                };
                let key = if odd == 2 { Key::Any } else { Key::Choice { correct } };
                let shown = Some(shown.max(2)).filter(|shown| sampled && (*shown as usize) < options.len());
                exercise(Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle, shown }), key)
            },
        )
    })
}

pub(crate) fn choice() -> impl Strategy<Value = Exercise> {
    choice_of(false)
}

pub(crate) fn sampled_choice() -> impl Strategy<Value = Exercise> {
    choice_of(true)
}

fn exact() -> impl Strategy<Value = TextAccept> {
    (text(), any::<bool>()).prop_map(|(text, case_sensitive)| TextAccept {
        text,
        rule: TextRule::Exact,
        case_sensitive,
    })
}

/// Patterns as authors write them.
fn pattern() -> impl Strategy<Value = String> {
    let plain = vec!["[0-9]+", "[a-f]{2,3}", "(?:cat|dog)s?", "(a|ab)", "colou?r", "a*", "(x)y\\1"];
    // Slow to compile, since they know all scripts.
    let wide = vec!["\\d+", "\\w+", "\\s*", "."];
    let piece = prop_oneof![
        10 => "[a-d]{1,3}",
        9 => select(plain).prop_map(String::from),
        1 => select(wide).prop_map(String::from),
    ];
    let alternative = proptest::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat());
    prop_oneof![
        3 => proptest::collection::vec(alternative, 1..4).prop_map(|all| all.join("|")),
        1 => select(vec!["^a$", "a|ab", "ab|a$", "(?:a|b)$", "x+", "(?i)paris", "\\(\\d\\)", "a.c|b\\.d"]).prop_map(String::from),
    ]
    // A group is counted from the beginning of the whole pattern.
    .prop_filter("one group at most", |pattern| !pattern.contains("\\1") || pattern.matches('(').count() == 1)
}

pub(crate) fn string() -> impl Strategy<Value = Exercise> {
    let rule = |rule| move |(text, case_sensitive)| vec![TextAccept { text, rule, case_sensitive }];
    let accept = prop_oneof![
        exact().prop_map(|one| vec![one]),
        proptest::collection::vec(exact(), 2..5),
        (text(), any::<bool>()).prop_map(rule(TextRule::Substring)),
        (pattern(), any::<bool>()).prop_map(rule(TextRule::Regex)),
        (pattern(), any::<bool>()).prop_map(rule(TextRule::RegexSearch)),
    ];
    let entry = || Interaction::TextEntry(TextEntryInteraction::default());
    prop_oneof![
        12 => accept.prop_map(move |accept| exercise(entry(), Key::Text { accept })),
        1 => Just(exercise(entry(), Key::Any)),
    ]
}

pub(crate) fn number() -> impl Strategy<Value = Exercise> {
    let value = || "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,12})?";
    let wide = || prop_oneof![5 => value(), 1 => "-?[1-9]\\.[0-9]{1,4}e-?[1-9]"];
    let by = || select(vec!["0", "0.5", "1e-3", "2", "0.000001", "100", "1.25"]).prop_map(String::from);
    let range =
        ("[1-9][0-9]{0,3}", "[0-9]{1,3}\\.[0-9]", any::<(bool, bool)>()).prop_map(|(low, width, ends)| {
            let high = low.parse::<f64>().expect("a number") + width.parse::<f64>().expect("a number");
            let (includes_low, includes_high) = ends;
            NumberAccept::Range { low, high: high.to_string(), includes_low, includes_high }
        });
    let accept = prop_oneof![
        6 => (wide(), by())
            .prop_map(|(value, by)| NumberAccept::Value { value, tolerance: Tolerance::Absolute { by } }),
        1 => (value(), select(vec!["1", "0.1", "10", "12.5"]))
            .prop_map(|(value, by)| NumberAccept::Value { value, tolerance: Tolerance::Percent { by: by.into() } }),
        1 => range,
    ];
    proptest::collection::vec(accept, 1..4).prop_map(|accept| {
        exercise(Interaction::Numeric(NumericInteraction::default()), Key::Number { accept })
    })
}

pub(crate) fn math() -> impl Strategy<Value = Exercise> {
    let leaf = prop_oneof![
        3 => Just("x".to_owned()),
        2 => Just("y".to_owned()),
        2 => "[1-9]",
        1 => Just("0.5".to_owned()),
        1 => select(vec!["pi", "e", "arctan(1)"]).prop_map(String::from),
    ];
    let formula = leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), select(vec!["+", "-", "*"]), inner.clone())
                .prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} + {b}")),
            inner.clone().prop_map(|a| format!("({a})^2")),
            (inner.clone(), "[1-9]").prop_map(|(a, b)| format!("({a})/{b}")),
            (select(vec!["sin", "cos", "sqrt", "exp"]), select(vec!["x", "y", "x+1", "x*y"]))
                .prop_map(|(f, a)| format!("{f}({a})")),
        ]
    });
    let by = select(vec!["0", "0.001", "1e-06", "0.1"]);
    let range = select(vec![(1.0, 2.0), (0.5, 3.0), (2.0, 2.5)]);
    (formula, by, range).prop_map(|(answer, by, (low, high))| {
        let variables: Vec<SampledVariable> = ["x", "y"]
            .into_iter()
            .filter(|name| answer.replace("exp", "").contains(*name))
            .map(|name| SampledVariable { name: name.into(), low, high })
            .collect();
        let tolerance = Tolerance::Absolute { by: by.into() };
        let key = Key::Formula { answer, variables, samples: 10, tolerance, case_sensitive: true };
        exercise(Interaction::Formula(FormulaInteraction::default()), key)
    })
}

pub(crate) fn matching() -> impl Strategy<Value = Exercise> {
    let sides = (markups(2..7), markups(2..7)).prop_filter("too few", |(a, b)| a.len() > 1 && b.len() > 1);
    sides.prop_flat_map(|(mut sources, mut targets)| {
        // Sources without target are left alone.
        targets.truncate(sources.len());
        sources.truncate(targets.len() + 2);
        let (sources_count, targets_count) = (sources.len(), targets.len());
        let shuffled = Just((0..sources_count).collect::<Vec<_>>()).prop_shuffle();
        (Just(sources), Just(targets), shuffled, any::<bool>()).prop_map(
            move |(sources, targets, shuffled, shuffle_sources)| {
                let mut right = vec![BTreeSet::new(); sources_count];
                for (target, source) in (0..targets_count).zip(shuffled) {
                    right[source].insert(target);
                }
                let pairs = MatchInteraction { sources, targets, shuffle_sources };
                exercise(Interaction::Match(pairs), Key::Match { targets: right })
            },
        )
    })
}

pub(crate) fn sorting() -> impl Strategy<Value = Exercise> {
    markups(2..8).prop_filter("too few", |items| items.len() > 1).prop_flat_map(|items| {
        let order = Just((0..items.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(items), order).prop_map(|(items, order)| {
            exercise(Interaction::Order(OrderInteraction { items }), Key::Order { order })
        })
    })
}

pub(crate) fn fill_blanks() -> impl Strategy<Value = Exercise> {
    let entries =
        proptest::collection::btree_set(text(), 2..5).prop_map(|set| set.into_iter().collect::<Vec<_>>());
    let list = entries.prop_flat_map(|options| {
        let correct = some_of(options.len(), 1);
        (Just(options), correct).prop_map(|(options, correct)| {
            (GapSegment::Choice { options }, Some(GapAccept::Choice { correct }))
        })
    });
    let list = list.boxed();
    any::<bool>().prop_flat_map(move |case_sensitive| {
        let entry = proptest::collection::vec(text(), 1..4).prop_map(move |texts| {
            let accept = |text| TextAccept { text, rule: TextRule::Exact, case_sensitive };
            (GapSegment::Entry, Some(GapAccept::Text { accept: texts.into_iter().map(accept).collect() }))
        });
        let said = markup().prop_map(|markup| (GapSegment::Text { markup }, None));
        let pieces = proptest::collection::vec(prop_oneof![said, entry, list.clone()], 1..6);
        (pieces.prop_filter("no gap", |all| all.iter().any(|(_, key)| key.is_some())), any::<bool>())
            .prop_map(|(pieces, partly)| {
                let (segments, gaps): (Vec<GapSegment>, Vec<Option<GapAccept>>) = pieces.into_iter().unzip();
                let key = Key::Gaps { gaps: gaps.into_iter().flatten().collect() };
                let mut exercise = exercise(Interaction::Gap(GapInteraction { segments }), key);
                exercise.scoring.credit = if partly { Credit::PerPart } else { Credit::AllOrNothing };
                exercise
            })
    })
}

pub(crate) fn table() -> impl Strategy<Value = Exercise> {
    let sides = (markups(1..6), markups(2..5)).prop_filter("too few", |(_, columns)| columns.len() > 1);
    sides.prop_flat_map(|(rows, columns)| {
        let ticks = proptest::collection::vec(some_of(columns.len(), 1), rows.len());
        let flags = (any::<bool>(), any::<bool>(), any::<bool>());
        (Just(rows), Just(columns), ticks, flags, 0..8, markup()).prop_map(
            |(rows, columns, ticks, (single, shuffle_rows, shuffle_columns), odd, description)| {
                let cardinality = if single { Cardinality::Single } else { Cardinality::Multiple };
                let shown = Some(rows.len() as u32 - 1).filter(|shown| odd == 0 && *shown > 0);
                let ticks = ticks.into_iter().enumerate().map(|(at, ticks)| match (single, odd) {
                    (true, _) => ticks.into_iter().take(1).collect(),
                    (false, 1) if at == 0 => BTreeSet::new(),
                    (false, _) => ticks,
                });
                let key = if odd == 2 { Key::Any } else { Key::Table { rows: ticks.collect() } };
                let table = TableInteraction {
                    description,
                    rows,
                    columns,
                    cardinality,
                    shuffle_rows,
                    shuffle_columns,
                    shown,
                };
                exercise(Interaction::Table(table), key)
            },
        )
    })
}

pub(crate) fn free_answer() -> impl Strategy<Value = Exercise> {
    any::<bool>().prop_map(|attachments| {
        let text = ExtendedTextInteraction { attachments, rubric: Markup::default() };
        exercise(Interaction::ExtendedText(text), Key::Any)
    })
}
