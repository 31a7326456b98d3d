//! Random exercises of every interaction, marked by the script and by the reference grader.

use std::collections::BTreeMap;

use lms_core::grade::{Mark, grade, probes};
use lms_core::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage, CodeTest, Credit, Exercise,
    ExtendedTextInteraction, FileUploadInteraction, FormulaInteraction, GapAccept, GapInteraction,
    GapSegment, InlineChoiceInteraction, Interaction, Key, Markup, MatchInteraction, NumberAccept,
    NumericInteraction, OrderInteraction, Response, SampledVariable, SubmittedFile, TableInteraction,
    TextAccept, TextEntryInteraction, TextRule, Tolerance,
};

use super::tests::{Case, has_python, input, run, task};

/// Exercises of each interaction.
const EACH: u64 = 200;
/// Answers to each exercise, besides one that is drawn.
const ANSWERS: usize = 4;

/// A small generator, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Some of the numbers below `n`, one at least.
    fn some(&mut self, n: usize) -> std::collections::BTreeSet<usize> {
        let mut set: std::collections::BTreeSet<usize> = (0..n).filter(|_| self.coin()).collect();
        if set.is_empty() {
            set.insert(self.below(n));
        }
        set
    }

    fn word(&mut self) -> String {
        let words =
            ["Paris", "lutetia", "été", "a b", " x ", "ß", "İ", "42", "<b>", "10%", "C++", "naïve", "Ω"];
        self.pick(&words).to_owned()
    }

    fn texts(&mut self, least: usize) -> Vec<String> {
        let count = least + self.below(4);
        (0..count).map(|n| format!("{} {n}", self.word())).collect()
    }

    fn markups(&mut self, least: usize) -> Vec<Markup> {
        self.texts(least).iter().map(|text| Markup::from_text(text)).collect()
    }

    fn options(&mut self, least: usize) -> Vec<ChoiceOption> {
        self.markups(least).into_iter().map(ChoiceOption::new).collect()
    }

    fn credit(&mut self) -> Credit {
        self.pick(&[Credit::AllOrNothing, Credit::PerPart, Credit::EveryDecision, Credit::Halves])
    }

    fn number(&mut self) -> String {
        let sign = self.pick(&["", "-"]);
        match self.below(4) {
            0 => format!("{sign}{}", self.below(1000)),
            1 => format!("{sign}{}.{}", self.below(100), self.below(1000)),
            2 => format!("{sign}{}e{}", 1 + self.below(9), self.pick(&[-12, -3, 2, 15])),
            _ => "0".to_owned(),
        }
    }

    fn tolerance(&mut self) -> Tolerance {
        let by = self.pick(&["0", "0.01", "1", "2.5"]).to_owned();
        if self.coin() { Tolerance::Absolute { by } } else { Tolerance::Percent { by } }
    }

    fn text_accept(&mut self) -> TextAccept {
        let rule = self.pick(&[
            TextRule::Exact,
            TextRule::Exact,
            TextRule::Substring,
            TextRule::Regex,
            TextRule::RegexSearch,
        ]);
        let text = match rule {
            TextRule::Exact | TextRule::Substring => self.word(),
            _ => {
                self.pick(&["a+b?", "(cat|dog)s?", "[0-9]{2,3}", "^x|y$", "été", "\\d+ \\w+", "."]).to_owned()
            }
        };
        TextAccept { text, rule, case_sensitive: self.coin() }
    }

    fn text_accepts(&mut self) -> Vec<TextAccept> {
        (0..1 + self.below(3)).map(|_| self.text_accept()).collect()
    }

    /// An expression over `x` and `y` that has a value nearly everywhere.
    fn formula(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.below(5) {
                0 | 1 => "x".to_owned(),
                2 => "y".to_owned(),
                3 => format!("{}", 1 + self.below(9)),
                _ => self.pick(&["pi", "0.5", "1.5e1", "20%", "e"]).to_owned(),
            };
        }
        let (a, b) = (self.formula(depth - 1), self.formula(depth - 1));
        match self.below(12) {
            0 | 1 => format!("{a}+{b}"),
            2 => format!("({a}-{b})"),
            3 | 4 => format!("({a})*({b})"),
            5 => format!("({a})/({b})"),
            6 => format!("({a})^2"),
            7 => format!("-({a})"),
            8 => format!("(({a}) || ({b}))"),
            9 => {
                let names = [
                    "sin", "cos", "tan", "arctan", "sqrt", "abs", "sinh", "tanh", "exp", "ln", "arcsin",
                    "arccos", "arcsinh", "arctanh", "arccosh", "sec", "arccot", "re", "conj", "log10",
                ];
                format!("{}({a})", self.pick(&names))
            }
            10 => format!("({a})**(0-2)"),
            _ => format!("2^({a}/9)"),
        }
    }

    /// What a learner may type by mistake, and what only looks like one.
    fn scribble(&mut self) -> String {
        let parts = [
            "x", "y", "X", "2", ".5", "3.", "1e2", "50%", "+", "-", "*", "/", "^", "**", "||", "(", ")", " ",
            "sin(", "arccoth(", "fact(", "log2(", "x'", "_", "\u{2212}", "pi", "i", "2k", "é", "1/0", "-2^2",
        ];
        (0..1 + self.below(7)).map(|_| self.pick(&parts)).collect()
    }

    fn exercise(&mut self, interaction: &str) -> Exercise {
        let (shape, key) = match interaction {
            "choice" => {
                let options = self.options(2);
                let count = options.len();
                let multiple = self.coin();
                let cardinality = if multiple { Cardinality::Multiple } else { Cardinality::Single };
                let correct = self.some(count);
                let choice = ChoiceInteraction { cardinality, options, shuffle: self.coin(), shown: None };
                (Interaction::Choice(choice), Key::Choice { correct })
            }
            "inline_choice" => {
                let options = self.options(2);
                let correct = [self.below(options.len())].into();
                (Interaction::InlineChoice(InlineChoiceInteraction { options }), Key::Choice { correct })
            }
            "text_entry" => {
                let shape = Interaction::TextEntry(TextEntryInteraction::default());
                (shape, Key::Text { accept: self.text_accepts() })
            }
            "numeric" => {
                let accept = (0..1 + self.below(3)).map(|_| self.number_accept()).collect();
                (Interaction::Numeric(NumericInteraction::default()), Key::Number { accept })
            }
            "formula" => {
                let depth = 1 + self.below(3);
                let variable =
                    |name: &str, low: f64| SampledVariable { name: name.into(), low, high: low + 2.5 };
                let low = self.pick(&[0.1, 1.0, -3.0]);
                let key = Key::Formula {
                    answer: self.formula(depth),
                    variables: vec![variable("x", low), variable("y", 0.25)],
                    samples: 1 + self.below(12) as u32,
                    tolerance: self.tolerance(),
                    case_sensitive: self.coin(),
                };
                (Interaction::Formula(FormulaInteraction::default()), key)
            }
            "order" => {
                let items = self.markups(2);
                let mut order: Vec<usize> = (0..items.len()).collect();
                order.rotate_left(self.below(items.len()));
                (Interaction::Order(OrderInteraction { items }), Key::Order { order })
            }
            "gap" => self.gaps(),
            "match" => {
                let (sources, targets) = (self.markups(1), self.markups(2));
                let right = sources.iter().map(|_| [self.below(targets.len())].into()).collect();
                let shape = MatchInteraction { sources, targets, shuffle_sources: false };
                (Interaction::Match(shape), Key::Match { targets: right })
            }
            "table" => {
                let (rows, columns) = (self.markups(1), self.markups(2));
                let multiple = self.coin();
                let cardinality = if multiple { Cardinality::Multiple } else { Cardinality::Single };
                let key =
                    rows.iter()
                        .map(|_| {
                            if multiple {
                                self.some(columns.len())
                            } else {
                                [self.below(columns.len())].into()
                            }
                        })
                        .collect();
                let shape = TableInteraction {
                    description: Markup::default(),
                    rows,
                    columns,
                    cardinality,
                    shuffle_rows: false,
                    shuffle_columns: self.coin(),
                    shown: None,
                };
                (Interaction::Table(shape), Key::Table { rows: key })
            }
            "file_upload" => {
                let endings = [".txt", ".tar.gz", ".py"];
                let extensions = if self.coin() { vec![] } else { vec![self.pick(&endings).to_owned()] };
                let max_bytes = self.coin().then(|| 40 + self.below(60) as u64);
                (Interaction::FileUpload(FileUploadInteraction { extensions, max_bytes }), Key::Any)
            }
            _ => (Interaction::ExtendedText(ExtendedTextInteraction::default()), Key::Any),
        };
        let mut exercise = Exercise::new("t", "<p>What?</p>".into(), shape).with_key(key);
        exercise.scoring.credit = self.credit();
        exercise.scoring.points = self.pick(&[1.0, 3.0, 0.5]);
        if self.below(12) == 0 {
            exercise.key = Some(Key::Any);
        }
        exercise
    }

    /// A file that the exercise takes; others the platform refuses before a script sees them.
    fn file(&mut self, of: &FileUploadInteraction) -> Response {
        let ending = of.extensions.first().map_or(".bin", String::as_str);
        let name = format!("{}{ending}", self.pick(&["a", "été", "a b", ".", "x.y"]));
        let bytes: Vec<u8> = (0..self.below(7)).map(|_| self.below(256) as u8).collect();
        Response::Files(vec![SubmittedFile { name, content: bytes.into() }])
    }

    fn number_accept(&mut self) -> NumberAccept {
        if self.coin() {
            return NumberAccept::Value { value: self.number(), tolerance: self.tolerance() };
        }
        let low = self.below(100);
        NumberAccept::Range {
            low: format!("{low}.5"),
            high: format!("{}", low + 1 + self.below(9)),
            includes_low: self.coin(),
            includes_high: self.coin(),
        }
    }

    fn gaps(&mut self) -> (Interaction, Key) {
        let (mut segments, mut gaps) = (Vec::new(), Vec::new());
        let entry = self.below(3);
        for n in 0..1 + self.below(3) {
            segments.push(GapSegment::Text { markup: Markup::from_text(&self.word()) });
            if n == entry || self.coin() {
                segments.push(GapSegment::Entry);
                gaps.push(GapAccept::Text { accept: self.text_accepts() });
            } else {
                let options = self.texts(2);
                gaps.push(GapAccept::Choice { correct: [self.below(options.len())].into() });
                segments.push(GapSegment::Choice { options });
            }
        }
        (Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps })
    }
}

/// An exercise that makes a script judge the task it stands in, with a right answer.
fn companion() -> (Exercise, Response) {
    let accept = vec![NumberAccept::Value { value: "7".into(), tolerance: Tolerance::none() }];
    let mut seven =
        Exercise::new("t", "<p>Seven?</p>".into(), Interaction::Numeric(NumericInteraction::default()))
            .with_key(Key::Number { accept });
    seven.scoring.points = 7.0;
    (seven, Response::number("7"))
}

/// What a task is worth by the marks of its exercises.
fn whole(marks: &[(Mark, f64)]) -> (f64, bool) {
    let total: f64 = marks.iter().map(|(_, points)| points).sum();
    let earned: f64 = marks.iter().map(|(mark, points)| mark.score * points).sum();
    (100.0 * earned / total, marks.iter().all(|(mark, _)| mark.correct))
}

#[test]
fn random_exercises_are_marked_alike() {
    if !has_python() {
        return;
    }
    let interactions = [
        "choice",
        "inline_choice",
        "text_entry",
        "numeric",
        "formula",
        "match",
        "order",
        "gap",
        "table",
        "extended_text",
        "file_upload",
    ];
    for interaction in interactions {
        let mut dice = Dice(20_261_122);
        let (mut cases, mut expected): (Vec<Case>, Vec<(f64, bool, String)>) = (Vec::new(), Vec::new());
        let (mut exercises, mut tried) = (0, 0);
        while exercises < EACH {
            tried += 1;
            assert!(tried < 20 * EACH, "{interaction}: only {exercises} exercises can be judged");
            let drawn = dice.exercise(interaction);
            if probes(&drawn).is_empty() {
                continue;
            }
            exercises += 1;
            let (other, seven) = companion();
            let (step, grading, files) = task(&[drawn, other]);
            let parts: Vec<&Exercise> = step.blocks.iter().filter_map(|b| b.exercise()).collect();
            assert_eq!(grading.exercises.len(), parts.len());
            let mut tries: Vec<Vec<Response>> =
                parts.iter().map(|part| probes(part).into_iter().map(|p| p.response).collect()).collect();
            if let Some(tries) = tries.first_mut().filter(|_| interaction == "formula") {
                tries.extend((0..3).map(|n| Response::Formula { formula: dice.formula(n) }));
                tries.extend((0..3).map(|_| Response::Formula { formula: dice.scribble() }));
            }
            if let (Some(tries), Interaction::FileUpload(of)) = (tries.first_mut(), &parts[0].interaction) {
                tries.extend((0..ANSWERS).map(|_| dice.file(of)));
            }
            for n in 0..ANSWERS {
                let (mut given, mut marks, mut said) = (BTreeMap::new(), Vec::new(), String::new());
                for (at, part) in parts.iter().enumerate() {
                    let last = at + 1 == parts.len();
                    let response = match tries[at].len() {
                        _ if last => seven.clone(),
                        0 => panic!("nothing to try on {part:?}"),
                        _ if n == 0 => tries[at][0].clone(),
                        many => tries[at][dice.below(many)].clone(),
                    };
                    marks.push((grade(part, &response).expect("probes fit"), part.scoring.points));
                    said.push_str(&format!("{response:?} to {:?}; ", part.key));
                    given.extend(input(&grading, at, &response));
                }
                let (percent, correct) = whole(&marks);
                cases.push((files.clone(), given));
                expected.push((percent, correct, said));
            }
        }
        let results = run(&cases);
        let right = expected.iter().filter(|(_, correct, _)| *correct).count();
        assert!(
            right > 0 && right < expected.len(),
            "{interaction}: {right} of {} are right",
            expected.len()
        );
        for (said, (percent, correct, what)) in results.iter().zip(&expected) {
            let grade = said["grade"].as_f64().expect("a grade");
            assert!((grade - percent).abs() < 1e-9, "{interaction}: {said}, expected {percent}: {what}");
            assert_eq!(said["result"] == "success", *correct, "{interaction}: {said}: {what}");
        }
        eprintln!("{interaction}: {exercises} exercises, {} answers, {right} of them right", expected.len());
    }
}

#[test]
fn random_programs_are_marked_by_what_they_print() {
    if !has_python() {
        return;
    }
    let mut dice = Dice(7);
    let (mut cases, mut expected): (Vec<Case>, Vec<bool>) = (Vec::new(), Vec::new());
    for _ in 0..EACH {
        let factor = 1 + dice.below(9);
        let tests = (0..1 + dice.below(2))
            .map(|_| dice.below(100))
            .map(|n| CodeTest { input: format!("{n}\n"), output: format!("{}\n", n * factor) })
            .collect::<Vec<_>>();
        let language = CodeLanguage {
            name: "python3".into(),
            template: String::new(),
            header: String::new(),
            footer: String::new(),
            seconds: Some(5.0),
            megabytes: None,
        };
        let shape =
            Interaction::Code(CodeInteraction { languages: vec![language], ..CodeInteraction::default() });
        let exercise = Exercise::new("t", "<p>Multiply.</p>".into(), shape).with_key(Key::Code {
            tests: tests.clone(),
            checker: None,
            solution: None,
        });
        let (_, grading, files) = task(&[exercise]);
        let guess = if dice.coin() { factor } else { 1 + dice.below(9) };
        let right = tests.iter().all(|test| {
            let n: usize = test.input.trim().parse().expect("a number");
            n * guess == n * factor
        });
        let source = format!("print(int(input()) * {guess})");
        let response = Response::Code { language: String::new(), source };
        cases.push((files, input(&grading, 0, &response)));
        expected.push(right);
    }
    for (said, right) in run(&cases).iter().zip(&expected) {
        assert_eq!(said["result"] == "success", *right, "{said}");
    }
}
