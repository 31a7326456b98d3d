//! Exercises with edge keys, of each interaction.

use std::collections::BTreeSet;

use lms::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage, CodeSample, CodeTest,
    Credit, Exercise, ExtendedTextInteraction, Feedback, FileUploadInteraction, FormulaInteraction,
    GapAccept, GapInteraction, GapSegment, Grader, InlineChoiceInteraction, Interaction, Key, Markup,
    MatchInteraction, NumberAccept, NumericInteraction, OrderInteraction, SampledVariable, Scoring,
    TableInteraction, TaskId, TextAccept, TextEntryInteraction, TextRule, Tolerance,
};

use crate::texts::{Dice, PLAIN, markup, said};

/// An exercise of this kind, 0 to 11.
pub(crate) fn exercise(dice: &mut Dice, kind: usize, task: TaskId) -> Exercise {
    let (interaction, key) = asked(dice, kind);
    let prompt = if dice.one_in(8) { Markup::default() } else { markup(dice) };
    let mut exercise = Exercise::new(task, prompt, interaction);
    exercise.key = match dice.below(14) {
        0 => None,
        1 => Some(Key::Any),
        _ => key,
    };
    if dice.one_in(20) {
        exercise.grader = dice.of(&[Grader::Human, Grader::Native("own check".into())]);
    }
    exercise.scoring = Scoring {
        points: dice.of(&[1.0, 1.0, 0.0, 2.0, 0.5, 1.0 / 3.0, 7.25, 100.0]),
        credit: dice.of(&[
            Credit::AllOrNothing,
            Credit::AllOrNothing,
            Credit::PerPart,
            Credit::EveryDecision,
            Credit::Halves,
        ]),
        attempts: dice.of(&[None, None, Some(0), Some(1), Some(3), Some(1000)]),
    };
    exercise.hints = (0..dice.below(3)).map(|n| said(dice, n)).collect();
    if dice.one_in(2) {
        let mut part = |n| if n == 0 { Markup::default() } else { markup(dice) };
        exercise.feedback = Feedback { correct: part(1), incorrect: part(0), explanation: part(1) };
        exercise.feedback.incorrect = if dice.one_in(2) { markup(dice) } else { Markup::default() };
    }
    exercise
}

fn some(dice: &mut Dice, n: usize) -> BTreeSet<usize> {
    match dice.below(5) {
        0 => BTreeSet::new(),
        1 => (0..n).collect(),
        2 => BTreeSet::from([n - 1]),
        _ => (0..n).filter(|_| dice.one_in(2)).collect(),
    }
}

fn options(dice: &mut Dice) -> Vec<ChoiceOption> {
    let n = dice.of(&[1, 2, 3, 4, 12]);
    let mut options: Vec<_> = (0..n).map(|n| ChoiceOption::new(said(dice, n))).collect();
    if dice.one_in(4) {
        let first = options[0].text.clone();
        options.push(ChoiceOption::new(first));
    }
    if dice.one_in(6) {
        options.push(ChoiceOption::new(""));
    }
    if dice.one_in(3) {
        options[0].feedback = markup(dice);
    }
    if dice.one_in(5) {
        options[0].feedback_unselected = markup(dice);
    }
    options
}

fn accept(dice: &mut Dice) -> TextAccept {
    let rule = dice.of(&[
        TextRule::Exact,
        TextRule::Exact,
        TextRule::Exact,
        TextRule::Substring,
        TextRule::Regex,
        TextRule::RegexSearch,
    ]);
    let text: String = match rule {
        TextRule::Regex | TextRule::RegexSearch => dice
            .of(&[
                "a|b",
                "\\d+([.,]\\d+)?",
                "(?i)heat",
                "^x$",
                "<b>",
                "a{2,3}",
                "[а-я]+",
                "\\\\",
                "a b",
                "a&b",
            ])
            .into(),
        _ if dice.one_in(5) => {
            dice.of(&[" lead", "trail ", "Case", "two  spaces", "a,b", "1,5", "joule|watt"]).into()
        }
        _ => dice.of(PLAIN).into(),
    };
    TextAccept { text, rule, case_sensitive: dice.one_in(2) }
}

fn accepts(dice: &mut Dice) -> Vec<TextAccept> {
    let mut all: Vec<_> = (0..dice.of(&[1, 1, 1, 2, 3])).map(|_| accept(dice)).collect();
    if dice.one_in(3) {
        let (rule, case) = (all[0].rule, all[0].case_sensitive);
        for one in &mut all {
            (one.rule, one.case_sensitive) = (rule, case);
        }
    }
    all
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "3.14",
    "-0.001",
    "1e-6",
    "6.02e23",
    "-1.6E-19",
    "100",
    "1000000",
    "0.1",
    "2.50",
    "1e300",
    "007",
    "+5",
    "12345678901234567890.123456789",
    ".5",
    "5.",
];

fn tolerance(dice: &mut Dice) -> Tolerance {
    let by = dice.of(&["0", "0.01", "1", "5", "1e-9", "0.5", "100", "250"]).to_owned();
    if dice.one_in(2) { Tolerance::Absolute { by } } else { Tolerance::Percent { by } }
}

fn number(dice: &mut Dice) -> NumberAccept {
    if dice.one_in(4) {
        let (low, high) = dice.of(&[("0", "1"), ("-5", "-2"), ("1e3", "1e4"), ("2", "2"), ("-0.5", "0.5")]);
        return NumberAccept::Range {
            low: low.into(),
            high: high.into(),
            includes_low: dice.one_in(2),
            includes_high: dice.one_in(2),
        };
    }
    NumberAccept::Value { value: dice.of(NUMBERS).into(), tolerance: tolerance(dice) }
}

fn texts(dice: &mut Dice, n: usize) -> Vec<Markup> {
    let mut texts: Vec<_> = (0..n).map(|n| said(dice, n)).collect();
    if n > 1 && dice.one_in(4) {
        texts[1] = texts[0].clone();
    }
    texts
}

fn suffix(dice: &mut Dice) -> String {
    if dice.one_in(3) { dice.of(PLAIN).into() } else { String::new() }
}

fn asked(dice: &mut Dice, kind: usize) -> (Interaction, Option<Key>) {
    let cardinality = dice.of(&[Cardinality::Single, Cardinality::Multiple]);
    match kind % 12 {
        0 => {
            let options = options(dice);
            let mut correct = some(dice, options.len());
            if cardinality == Cardinality::Single && dice.one_in(2) {
                correct = BTreeSet::from([dice.below(options.len())]);
            }
            let shown = dice.of(&[None, None, None, Some(1), Some(2), Some(50)]);
            let choice = ChoiceInteraction { cardinality, options, shuffle: dice.one_in(2), shown };
            (Interaction::Choice(choice), Some(Key::Choice { correct }))
        }
        1 => {
            let entry = TextEntryInteraction { suffix: suffix(dice) };
            (Interaction::TextEntry(entry), Some(Key::Text { accept: accepts(dice) }))
        }
        2 => {
            let accept = (0..dice.of(&[1, 1, 1, 2, 3])).map(|_| number(dice)).collect();
            (Interaction::Numeric(NumericInteraction { suffix: suffix(dice) }), Some(Key::Number { accept }))
        }
        3 => {
            let answer = dice.of(&["x+1", "x*y", "sin(x)^2", "X/2", "2*x_1", "e^(-x)", "x"]).to_owned();
            let mut variables: Vec<_> = ["x", "y"]
                .iter()
                .map(|name| SampledVariable { name: (*name).into(), low: 1.0, high: 2.5 })
                .collect();
            if answer.contains("x_1") {
                variables[0].name = "x_1".into();
            }
            let key = Key::Formula {
                answer,
                variables,
                samples: dice.of(&[1, 5, 20]),
                tolerance: tolerance(dice),
                case_sensitive: dice.one_in(2),
            };
            (Interaction::Formula(FormulaInteraction { suffix: suffix(dice) }), Some(key))
        }
        4 => {
            let n = dice.of(&[1, 2, 3]);
            let extra = dice.below(2);
            let targets = (0..n).map(|n| if dice.one_in(6) { BTreeSet::new() } else { BTreeSet::from([n]) });
            let key = Key::Match { targets: targets.collect() };
            let (sources, targets) = (texts(dice, n), texts(dice, n + extra));
            (
                Interaction::Match(MatchInteraction { sources, targets, shuffle_sources: dice.one_in(2) }),
                Some(key),
            )
        }
        5 => {
            let n = dice.of(&[1, 2, 3, 4]);
            let order = if dice.one_in(2) { (0..n).collect() } else { (0..n).rev().collect() };
            (Interaction::Order(OrderInteraction { items: texts(dice, n) }), Some(Key::Order { order }))
        }
        6 => gap(dice),
        7 => {
            let options = options(dice);
            let correct = BTreeSet::from([dice.below(options.len())]);
            (Interaction::InlineChoice(InlineChoiceInteraction { options }), Some(Key::Choice { correct }))
        }
        8 => {
            let (r, c) = (dice.of(&[1, 2, 3]), dice.of(&[1, 2, 3]));
            let (rows, columns) = (texts(dice, r), texts(dice, c));
            let key = (0..r).map(|_| match cardinality {
                Cardinality::Single => BTreeSet::from([dice.below(c)]),
                Cardinality::Multiple => some(dice, c),
            });
            let key = Key::Table { rows: key.collect() };
            let table = TableInteraction {
                description: markup(dice),
                rows,
                columns,
                cardinality,
                shuffle_rows: dice.one_in(2),
                shuffle_columns: dice.one_in(2),
                shown: dice.of(&[None, None, Some(1)]),
            };
            (Interaction::Table(table), Some(key))
        }
        9 => code(dice),
        10 => {
            let rubric = if dice.one_in(2) { markup(dice) } else { Markup::default() };
            (Interaction::ExtendedText(ExtendedTextInteraction { attachments: dice.one_in(2), rubric }), None)
        }
        _ => {
            let extensions =
                dice.of(&[vec![], vec![".pdf".to_owned()], vec![".tar.gz".to_owned(), ".C".to_owned()]]);
            let max_bytes = dice.of(&[None, Some(1), Some(1 << 20)]);
            (Interaction::FileUpload(FileUploadInteraction { extensions, max_bytes }), None)
        }
    }
}

fn gap(dice: &mut Dice) -> (Interaction, Option<Key>) {
    let (mut segments, mut gaps) = (Vec::new(), Vec::new());
    for n in 0..dice.of(&[1, 2, 3]) {
        if !dice.one_in(5) {
            segments.push(GapSegment::Text { markup: said(dice, n) });
        }
        if dice.one_in(2) {
            segments.push(GapSegment::Entry);
            gaps.push(GapAccept::Text { accept: accepts(dice) });
        } else {
            let options: Vec<String> = (0..3).map(|n| format!("{}{n}", dice.of(PLAIN))).collect();
            segments.push(GapSegment::Choice { options });
            let two = dice.one_in(5);
            gaps.push(GapAccept::Choice { correct: if two { [0, 2].into() } else { [1].into() } });
        }
    }
    segments.push(GapSegment::Text { markup: markup(dice) });
    (Interaction::Gap(GapInteraction { segments }), Some(Key::Gaps { gaps }))
}

fn code(dice: &mut Dice) -> (Interaction, Option<Key>) {
    let source = dice.of(&["", "x = 1\n", "# <b> & ::\n\tprint('a')\r\n", "::python3\ntricky\n"]);
    let languages = (0..dice.below(3)).map(|n| CodeLanguage {
        name: ["python3", "c++11"][n].into(),
        template: source.into(),
        header: dice.of(&["", "import x\n"]).into(),
        footer: dice.of(&["", "# end ]]>\n"]).into(),
        seconds: dice.of(&[None, Some(5.0), Some(0.5)]),
        megabytes: dice.of(&[None, Some(256.0)]),
    });
    let languages = languages.collect();
    let tests: Vec<_> = (0..dice.below(3))
        .map(|n| CodeTest {
            input: format!("{n} {}\n", dice.of(PLAIN)),
            output: format!("{}\n", dice.of(PLAIN)),
        })
        .collect();
    let samples = if dice.one_in(2) {
        tests
            .iter()
            .take(1)
            .map(|t| CodeSample { input: t.input.clone(), output: t.output.clone() })
            .collect()
    } else {
        Vec::new()
    };
    let code = CodeInteraction {
        languages,
        samples,
        single_line: dice.one_in(4),
        optional: dice.one_in(4),
        seconds: dice.of(&[None, Some(2.0)]),
        megabytes: dice.of(&[None, Some(64.0)]),
    };
    let checker = dice.of(&[None, Some("def check(reply, clue):\n    return True\n".to_owned())]);
    let solution = dice.of(&[None, Some("print(1)\n".to_owned())]);
    (Interaction::Code(code), Some(Key::Code { tests, checker, solution }))
}
