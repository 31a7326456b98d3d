//! Quizzes and exercises for the tests of this folder. Shapes are real, texts are invented.

use std::collections::BTreeSet;

use lms_core::*;
use serde_json::{Value, json};

/// One native `source` for each kind that has a neutral form, and some of their variants.
pub(super) fn sources() -> Vec<(&'static str, Value)> {
    let option =
        |right: bool, text: &str, said: &str| json!({"is_correct": right, "text": text, "feedback": said});
    let choice = |multiple: bool, options: Vec<Value>, html: bool, sample: usize| {
        json!({"is_multiple_choice": multiple, "is_always_correct": false, "sample_size": sample,
            "preserve_order": false, "is_html_enabled": html, "is_options_feedback": false, "options": options})
    };
    let string = |pattern: &str, re: bool, sub: bool| {
        json!({"pattern": pattern, "use_re": re, "match_substring": sub, "case_sensitive": true, "code": "",
            "is_text_disabled": false, "is_file_disabled": true})
    };
    vec![
        (
            "choice",
            choice(false, vec![option(true, "<b>4</b>", ""), option(false, "$5$", "too big")], true, 2),
        ),
        (
            "choice",
            choice(
                true,
                vec![option(true, "a < b", "why not?"), option(false, "b", ""), option(true, "c", "")],
                false,
                2,
            ),
        ),
        (
            "choice",
            json!({"is_multiple_choice": true, "is_always_correct": true, "sample_size": 2, "preserve_order": true,
                "is_html_enabled": true, "is_options_feedback": true,
                "options": [option(false, "x", ""), option(true, "y", "")]}),
        ),
        ("string", string("42", false, false)),
        ("string", string("needle", false, true)),
        ("string", string("a|ab", true, false)),
        ("string", string("\\d+", true, false)),
        ("string", string("(?:cat|dog)$", true, false)),
        ("string", string("b.d", true, true)),
        (
            "number",
            json!({"options": [{"answer": "25.50", "max_error": "0.5"}, {"answer": "1000", "max_error": "2"}]}),
        ),
        (
            "math",
            json!({"answer": "2*x+1", "numerical_test": {"z_re_min": "2", "z_re_max": "3.0", "z_im_min": "-1",
                "z_im_max": "1", "max_error": "1e-06", "integer_only": false}}),
        ),
        (
            "matching",
            json!({"preserve_firsts_order": false, "is_html_enabled": true,
                "pairs": [{"first": "cat", "second": "meow"}, {"first": "fish", "second": ""}, {"first": "dog", "second": "bark"}]}),
        ),
        (
            "sorting",
            json!({"options": [{"text": "one"}, {"text": "two"}, {"text": "three"}], "is_html_enabled": true}),
        ),
        (
            "fill-blanks",
            json!({"components": [
                {"type": "text", "text": "2+2=", "options": []},
                {"type": "input", "text": "", "options": [{"text": "4", "is_correct": true}, {"text": "four", "is_correct": true}]},
                {"type": "select", "text": "", "options": [{"text": "yes", "is_correct": true}, {"text": "no", "is_correct": false}]}],
                "is_case_sensitive": true, "is_detailed_feedback": true, "is_partially_correct": true}),
        ),
        (
            "table",
            json!({"description": "Pick", "columns": [{"name": "even"}, {"name": "odd"}],
                "rows": [{"name": "2", "columns": [{"choice": true}, {"choice": false}]},
                         {"name": "3", "columns": [{"choice": false}, {"choice": true}]}],
                "options": {"is_checkbox": false, "is_randomize_rows": true, "is_randomize_columns": false, "sample_size": -1},
                "is_always_correct": false}),
        ),
        (
            "free-answer",
            json!({"is_attachments_enabled": true, "is_html_enabled": false, "manual_scoring": true}),
        ),
        (
            "code",
            json!({"code": "def generate():\n    return [('1', '2')]\n\ndef check(reply, clue):\n    return int(reply) == int(clue)\n",
                "execution_time_limit": 5, "execution_memory_limit": 256, "samples_count": 1,
                "templates_data": "::python3\n# your code\n\n::java8\n::header\nclass A {\n::code\n// here\n::footer\n}",
                "is_time_limit_scaled": true, "is_memory_limit_scaled": true, "is_run_user_code_allowed": false,
                "manual_time_limits": [{"language": "java8", "time": 9}, {"language": "rust", "time": 3}],
                "manual_memory_limits": [], "test_archive": [], "test_cases": [["1 2\n", "3\n"], ["2 2\n", "4\n"]]}),
        ),
    ]
}

/// Native quizzes that a program of the platform marks, and the interaction that each is.
#[allow(dead_code, reason = "the tests on the emulator have no use for it")]
pub(super) fn programs() -> Vec<(&'static str, Value, &'static str)> {
    let string = |code: &str, file_only: bool| {
        json!({"pattern": "secret", "use_re": false, "match_substring": false, "case_sensitive": false,
            "code": code, "is_text_disabled": file_only, "is_file_disabled": !file_only})
    };
    let check =
        "# a comment\ndef check(reply):\n    return reply == 'secret'\ndef solve():\n    return 'secret'\n";
    let archive =
        json!({"name": "secret.zip", "type": "application/zip", "size": 1, "content": "", "url": ""});
    vec![
        ("string", string(check, false), "text_entry"),
        ("string", string("", true), "file_upload"),
        (
            "string",
            json!({"pattern": "(secret|x)\\1|y", "use_re": true, "match_substring": false, "case_sensitive": false,
                "code": "", "is_text_disabled": false, "is_file_disabled": true}),
            "text_entry",
        ),
        ("sql", json!({"init_sql": "create", "solve_sql": "select secret", "check_code": ""}), "code"),
        ("dataset", json!({"code": "secret()"}), "extended_text"),
        (
            "code",
            json!({"code": "secret()", "execution_time_limit": 5, "execution_memory_limit": 256,
                "samples_count": 0, "templates_data": "", "is_time_limit_scaled": true,
                "is_memory_limit_scaled": true, "manual_time_limits": [], "manual_memory_limits": [],
                "test_archive": [archive]}),
            "code",
        ),
    ]
}

/// One exercise for each interaction, and what other platforms have beyond Stepik.
pub(super) fn exercises() -> Vec<Exercise> {
    let set = |items: &[usize]| items.iter().copied().collect::<BTreeSet<usize>>();
    let exact =
        |text: &str, case_sensitive| TextAccept { text: text.into(), rule: TextRule::Exact, case_sensitive };
    let entry = || Interaction::TextEntry(TextEntryInteraction::default());
    let numeric = || Interaction::Numeric(NumericInteraction { suffix: "kg".into() });
    let choice = |cardinality, texts: &[&str]| {
        Interaction::Choice(ChoiceInteraction {
            cardinality,
            options: texts.iter().map(|text| ChoiceOption::new(*text)).collect(),
            shuffle: true,
            shown: None,
        })
    };
    let pairs = |sources: &[&str], targets: &[&str]| {
        Interaction::Match(MatchInteraction {
            sources: sources.iter().map(|text| Markup::from(*text)).collect(),
            targets: targets.iter().map(|text| Markup::from(*text)).collect(),
            shuffle_sources: true,
        })
    };
    let value = |value: &str, tolerance| NumberAccept::Value { value: value.into(), tolerance };
    let kinds: Vec<(Interaction, Key)> = vec![
        (choice(Cardinality::Single, &["a", "b", "c"]), Key::Choice { correct: set(&[1]) }),
        (choice(Cardinality::Single, &["a", "b", "c"]), Key::Choice { correct: set(&[0, 2]) }),
        (choice(Cardinality::Multiple, &["a", "b", "c"]), Key::Choice { correct: set(&[0, 2]) }),
        (choice(Cardinality::Multiple, &["a", "b"]), Key::Any),
        (entry(), Key::Text { accept: vec![exact("Paris", false)] }),
        (entry(), Key::Text { accept: vec![exact("a.b", true), exact("c|d", true)] }),
        (entry(), Key::Text { accept: vec![exact("Ab", true), exact("Cd", false)] }),
        (
            entry(),
            Key::Text {
                accept: vec![TextAccept { text: "a|ab".into(), rule: TextRule::Regex, case_sensitive: true }],
            },
        ),
        (entry(), Key::Any),
        (
            numeric(),
            Key::Number {
                accept: vec![
                    value("3.14", Tolerance::Absolute { by: "0.01".into() }),
                    value("-200", Tolerance::Percent { by: "1.5".into() }),
                    NumberAccept::Range {
                        low: "1".into(),
                        high: "2".into(),
                        includes_low: true,
                        includes_high: true,
                    },
                ],
            },
        ),
        (
            Interaction::Formula(FormulaInteraction::default()),
            Key::Formula {
                answer: "x^2+y".into(),
                variables: vec![
                    SampledVariable { name: "x".into(), low: 1.0, high: 3.0 },
                    SampledVariable { name: "y".into(), low: 1.0, high: 3.0 },
                ],
                samples: 10,
                tolerance: Tolerance::Absolute { by: "0.001".into() },
                case_sensitive: true,
            },
        ),
        (pairs(&["a", "b"], &["1", "2"]), Key::Match { targets: vec![set(&[1]), set(&[0])] }),
        (
            pairs(&["a", "b", "c"], &["1", "2", "3"]),
            Key::Match { targets: vec![set(&[1]), set(&[1]), set(&[])] },
        ),
        (
            Interaction::Order(OrderInteraction { items: ["c", "a", "b"].map(Markup::from).to_vec() }),
            Key::Order { order: vec![1, 2, 0] },
        ),
        (
            Interaction::Gap(GapInteraction {
                segments: vec![
                    GapSegment::Text { markup: "one: ".into() },
                    GapSegment::Entry,
                    GapSegment::Choice { options: vec!["x".into(), "y".into()] },
                ],
            }),
            Key::Gaps {
                gaps: vec![
                    GapAccept::Text { accept: vec![exact("1", false), exact("one", false)] },
                    GapAccept::Choice { correct: set(&[1]) },
                ],
            },
        ),
        (
            Interaction::InlineChoice(InlineChoiceInteraction {
                options: ["p", "q"].map(ChoiceOption::new).to_vec(),
            }),
            Key::Choice { correct: set(&[0]) },
        ),
        (
            Interaction::Table(TableInteraction {
                description: "Tick".into(),
                rows: ["r", "s"].map(Markup::from).to_vec(),
                columns: ["t", "u"].map(Markup::from).to_vec(),
                cardinality: Cardinality::Multiple,
                shuffle_rows: false,
                shuffle_columns: false,
                shown: None,
            }),
            Key::Table { rows: vec![set(&[0, 1]), set(&[])] },
        ),
        (
            Interaction::Code(CodeInteraction {
                languages: vec![CodeLanguage {
                    name: "python3".into(),
                    template: "# here".into(),
                    header: String::new(),
                    footer: String::new(),
                    seconds: Some(7.0),
                    megabytes: None,
                }],
                samples: vec![CodeSample { input: "1".into(), output: "2".into() }],
                single_line: false,
                optional: false,
                seconds: Some(5.0),
                megabytes: Some(64.0),
            }),
            Key::Code {
                tests: vec![
                    CodeTest { input: "2".into(), output: "3".into() },
                    CodeTest { input: "1".into(), output: "2".into() },
                ],
                checker: None,
                solution: None,
            },
        ),
        (Interaction::ExtendedText(ExtendedTextInteraction::default()), Key::Any),
        (Interaction::FileUpload(FileUploadInteraction::default()), Key::Any),
    ];
    kinds
        .into_iter()
        .enumerate()
        .map(|(n, (interaction, key))| {
            Exercise::new(format!("t{n}"), Markup::from_html(format!("<p>Question {n}</p>")), interaction)
                .with_key(key)
        })
        .collect()
}

/// A course of one lesson with these exercises, a text before each, both in one step.
pub(super) fn course(exercises: Vec<Exercise>) -> Course {
    let mut course = Course::new("c", "Samples");
    course.language = Some("en".into());
    let mut section = Section::new("s", "Section");
    let mut lesson = Lesson::new("l", "Lesson");
    for (n, exercise) in exercises.into_iter().enumerate() {
        let mut step = Step::new(format!("step{n}"), "");
        let text = Text { markup: Markup::from_html(format!("<p>Text {n} costs $5, <em>not $6</em></p>")) };
        step.blocks.push(Block::new(format!("text{n}"), BlockBody::Text(text)));
        step.blocks.push(Block::new(format!("block{n}"), BlockBody::Exercise(Box::new(exercise))));
        lesson.steps.push(step);
    }
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}
