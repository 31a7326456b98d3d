//! What adapting promises is what the files hold: adapt → write → read gives the adapted course.

use std::collections::BTreeSet;

use lms_core::*;

use super::adapt;
use crate::olx::read::read_folder;
use crate::olx::write::write;

fn choice(cardinality: Cardinality, options: &[&str]) -> Interaction {
    let options = options.iter().map(|text| ChoiceOption::new(*text)).collect();
    Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: None })
}

fn right(correct: &[usize]) -> Key {
    Key::Choice { correct: correct.iter().copied().collect() }
}

fn text(text: &str, rule: TextRule, case_sensitive: bool) -> TextAccept {
    TextAccept { text: text.into(), rule, case_sensitive }
}

fn value(value: &str, tolerance: Tolerance) -> NumberAccept {
    NumberAccept::Value { value: value.into(), tolerance }
}

/// One exercise of every kind, as another platform may give it.
fn exercises() -> Vec<(Interaction, Option<Key>)> {
    let sets = |sets: &[&[usize]]| -> Vec<BTreeSet<usize>> {
        sets.iter().map(|s| s.iter().copied().collect()).collect()
    };
    let code = CodeInteraction {
        languages: vec![CodeLanguage {
            name: "python3".into(),
            template: "print(\"<\")\n".into(),
            header: String::new(),
            footer: String::new(),
            seconds: Some(2.0),
            megabytes: None,
        }],
        ..CodeInteraction::default()
    };
    let tests = vec![CodeTest { input: "1\n".into(), output: "2\n".into() }];
    vec![
        (choice(Cardinality::Single, &["<b>a</b>", "b &amp; c"]), Some(right(&[1]))),
        (choice(Cardinality::Multiple, &["a", "b", "c"]), Some(right(&[0, 2]))),
        (choice(Cardinality::Multiple, &["a", "b"]), Some(right(&[]))),
        (choice(Cardinality::Single, &["a", "b"]), None),
        (choice(Cardinality::Multiple, &["a", "b"]), Some(Key::Any)),
        (
            Interaction::TextEntry(TextEntryInteraction { suffix: "km".into() }),
            Some(Key::Text {
                accept: vec![text("Riga", TextRule::Exact, false), text("a_or_b", TextRule::Regex, true)],
            }),
        ),
        (
            Interaction::TextEntry(TextEntryInteraction::default()),
            Some(Key::Text {
                accept: vec![text("one", TextRule::Exact, true), text("two", TextRule::Exact, true)],
            }),
        ),
        (
            Interaction::Numeric(NumericInteraction { suffix: "m".into() }),
            Some(Key::Number {
                accept: vec![
                    value("1.50", Tolerance::none()),
                    value("+2", Tolerance::Percent { by: "0.0010".into() }),
                    value("3", Tolerance::Absolute { by: "1".into() }),
                ],
            }),
        ),
        (
            Interaction::Numeric(NumericInteraction::default()),
            Some(Key::Number {
                accept: vec![NumberAccept::Range {
                    low: "5".into(),
                    high: "7".into(),
                    includes_low: true,
                    includes_high: false,
                }],
            }),
        ),
        (
            Interaction::Formula(FormulaInteraction::default()),
            Some(Key::Formula {
                answer: "x^2+y".into(),
                variables: vec![
                    SampledVariable { name: "x".into(), low: 1.0, high: 2.5 },
                    SampledVariable { name: "y".into(), low: -1.0, high: 3.0 },
                ],
                samples: 5,
                tolerance: Tolerance::Percent { by: "1".into() },
                case_sensitive: true,
            }),
        ),
        (
            Interaction::Match(MatchInteraction {
                sources: vec!["a".into(), "b".into(), "c".into()],
                targets: vec!["2".into(), "1".into(), "1".into()],
                shuffle_sources: true,
            }),
            Some(Key::Match { targets: sets(&[&[0], &[1, 2], &[]]) }),
        ),
        (
            Interaction::Order(OrderInteraction { items: vec!["one".into(), "<i>two</i>".into()] }),
            Some(Key::Order { order: vec![1, 0] }),
        ),
        (
            Interaction::Gap(GapInteraction {
                segments: vec![
                    GapSegment::Text { markup: "<p>Roses are ".into() },
                    GapSegment::Entry,
                    GapSegment::Text { markup: ", violets are ".into() },
                    GapSegment::Choice { options: vec!["blue".into(), "'90s".into()] },
                    GapSegment::Text { markup: ".</p>".into() },
                ],
            }),
            Some(Key::Gaps {
                gaps: vec![
                    GapAccept::Text { accept: vec![text("red", TextRule::Substring, true)] },
                    GapAccept::Choice { correct: BTreeSet::from([0]) },
                ],
            }),
        ),
        (
            Interaction::Table(TableInteraction {
                description: "<p>Tick.</p>".into(),
                rows: vec!["r1".into(), "r2".into()],
                columns: vec!["yes".into(), "no".into()],
                cardinality: Cardinality::Multiple,
                shuffle_rows: false,
                shuffle_columns: false,
                shown: None,
            }),
            Some(Key::Table { rows: sets(&[&[0], &[]]) }),
        ),
        (
            Interaction::Code(code),
            Some(Key::Code { tests, checker: None, solution: Some("print(1 < 2)".into()) }),
        ),
        (
            Interaction::ExtendedText(ExtendedTextInteraction {
                attachments: true,
                rubric: "<p>Fair</p>".into(),
            }),
            None,
        ),
        (
            Interaction::FileUpload(FileUploadInteraction {
                extensions: vec![".pdf".into()],
                max_bytes: None,
            }),
            None,
        ),
        (
            Interaction::InlineChoice(InlineChoiceInteraction {
                options: vec![ChoiceOption::new("a"), ChoiceOption::new("it's &lt; 5")],
            }),
            Some(right(&[1])),
        ),
    ]
}

fn course() -> Course {
    let mut course = Course::new("67", "Sums & more");
    course.description = "<p>About \u{3c0}</p>".into();
    course.summary = Some("1 < 2".into());
    course.language = Some("en".into());
    let mut section = Section::new("7", "First");
    let mut lesson = Lesson::new("8", "Lesson");
    lesson.category = Some("Homework".into());
    for (n, (interaction, key)) in exercises().into_iter().enumerate() {
        let mut step = Step::new(format!("{n}"), "");
        let prompt =
            "Solve&nbsp;it:<br><span class=\"math inline\">\\(x&lt;1\\)</span><script>alert(1)</script>";
        let mut exercise = Exercise::new(format!("t{n}"), prompt.into(), interaction);
        exercise.key = key;
        exercise.hints = vec!["a hint".into()];
        exercise.scoring = Scoring { points: 3.0, credit: Credit::AllOrNothing, attempts: Some(2) };
        exercise.feedback.explanation = "<p>because<br></p>".into();
        exercise.feedback.correct = "well done".into();
        step.blocks.push(Block::new(format!("b{n}"), BlockBody::Exercise(Box::new(exercise))));
        lesson.steps.push(step);
    }
    let mut step = Step::new("texts", "Texts");
    step.blocks.push(Block::new("text", BlockBody::Text(Text { markup: "<p>Unclosed &nbsp; <b>x".into() })));
    let video = Video {
        sources: vec!["https://example.org/v.mp4".into()],
        youtube: Some("abc".into()),
        ..Video::default()
    };
    step.blocks.push(Block::new("video", BlockBody::Video(video)));
    let foreign = Foreign {
        platform: Platform::Stepik,
        name: "pycharm".into(),
        format: SourceFormat::Json,
        source: "{\"secret\":1}".into(),
        readable: "<p>Read me</p>".into(),
        points: None,
    };
    step.blocks.push(Block::new("foreign", BlockBody::Foreign(foreign)));
    lesson.steps.push(step);
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

/// A block without what the files do not say: its id, its task's id.
fn said(block: &Block) -> (String, BlockBody) {
    let mut body = block.body.clone();
    match &mut body {
        BlockBody::Exercise(exercise) => exercise.task = TaskId::from("any"),
        // The file adds the name and puts the prompt's text in other words.
        BlockBody::Foreign(foreign) => {
            foreign.source.clear();
            foreign.readable = Markup::default();
            foreign.points = None;
        }
        _ => {}
    }
    (block.title.clone(), body)
}

#[test]
fn what_is_adapted_is_what_is_read_back() {
    let adapted = adapt(&course()).course;
    let dir = tempfile::tempdir().expect("a folder");
    write(&adapted, dir.path()).expect("written");
    let back = read_folder(dir.path()).expect("read");
    assert_eq!(back.findings, []);
    assert_eq!(back.course.title, adapted.title);
    assert_eq!((&back.course.description, &back.course.summary), (&adapted.description, &adapted.summary));
    assert_eq!(back.course.schedule, adapted.schedule);
    for (was, is) in adapted.steps().zip(back.course.steps()) {
        let (was, is): (Vec<_>, Vec<_>) =
            (was.blocks.iter().map(said).collect(), is.blocks.iter().map(said).collect());
        assert_eq!(was, is);
    }
    assert_eq!(adapted.blocks().count(), back.course.blocks().count());
}

#[test]
fn every_block_is_carried_or_named_and_adapting_again_loses_nothing() {
    let source = course();
    let first = adapt(&source);
    for place in source.blocks() {
        let id = &place.block.1.id;
        assert!(first.carried.iter().any(|c| c.source == *id && !c.target.is_empty()), "{id}");
    }
    let second = adapt(&first.course);
    let losses: Vec<_> = second.findings.iter().filter(|f| f.severity > Severity::Exact).collect();
    assert!(losses.is_empty(), "{losses:#?}");
    assert_eq!(second.course, first.course);
}

#[test]
fn keys_and_programs_never_stand_in_text() {
    let adapted = adapt(&course());
    for place in adapted.course.blocks() {
        if let BlockBody::Text(text) = &place.block.1.body {
            assert!(!text.markup.html().contains("secret"), "{}", text.markup);
        }
        if let Some(exercise) = place.block.1.exercise() {
            assert!(!exercise.prompt.html().contains("alert"), "{}", exercise.prompt);
        }
    }
}

#[test]
fn one_trial_more_than_all_or_nothing_is_named() {
    let adapted = adapt(&course());
    let named = |id: &str| {
        adapted
            .findings
            .iter()
            .any(|f| f.block.as_ref().is_some_and(|b| b.as_str() == id) && f.what.contains("all or nothing"))
    };
    for id in ["b10", "b11", "b12", "b13"] {
        assert!(named(id), "{id}");
    }
    assert!(!named("b0"));
}

#[test]
fn what_is_marked_otherwise_in_parts_is_named() {
    let sets = |sets: &[&[usize]]| -> Vec<BTreeSet<usize>> {
        sets.iter().map(|s| s.iter().copied().collect()).collect()
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| Markup::from_text(text)).collect::<Vec<_>>();
    let matching = |targets: &[&str], right: &[&[usize]]| {
        let (sources, targets) = (texts(&["one", "two"]), texts(targets));
        let pairs = MatchInteraction { sources, targets, shuffle_sources: false };
        (Interaction::Match(pairs), Key::Match { targets: sets(right) })
    };
    let table = |right: &[&[usize]]| {
        let table = TableInteraction {
            description: Markup::default(),
            rows: texts(&["one", "two"]),
            columns: texts(&["a", "b"]),
            cardinality: Cardinality::Single,
            shuffle_rows: false,
            shuffle_columns: false,
            shown: None,
        };
        (Interaction::Table(table), Key::Table { rows: sets(right) })
    };
    for ((interaction, key), said) in [
        (matching(&["a", "b"], &[&[0], &[1]]), None),
        (matching(&["a", "b"], &[&[0], &[]]), Some("match: a row without a partner")),
        (matching(&["a", "a"], &[&[0], &[1]]), Some("match: targets that say the same")),
        (table(&[&[0], &[1]]), None),
        (table(&[&[0], &[]]), Some("table: a row without a right cell")),
    ] {
        let mut source = course();
        let mut exercise = Exercise::new("t0", "Which?".into(), interaction).with_key(key);
        exercise.scoring.credit = Credit::PerPart;
        source.sections[0].lessons[0].steps[0].blocks =
            vec![Block::new("b0", BlockBody::Exercise(Box::new(exercise)))];
        let findings = adapt(&source).findings;
        let of_it = findings.iter().filter(|f| f.block.as_ref().is_some_and(|b| b.as_str() == "b0"));
        let marks: Vec<&str> = of_it.filter(|f| f.marks).map(|f| f.what.as_str()).collect();
        assert_eq!(marks, said.into_iter().collect::<Vec<_>>());
    }
}

/// Capa replaces `$seed` wherever it stands in a problem.
#[test]
fn names_that_open_edx_has_a_value_for_are_kept_apart_or_named() {
    let moved = |prompt: &str, interaction: Interaction, key: Key| {
        let mut source = course();
        let step = &mut source.sections[0].lessons[0].steps[0];
        let exercise = Exercise::new("t0", prompt.into(), interaction).with_key(key);
        step.blocks = vec![Block::new("b0", BlockBody::Exercise(Box::new(exercise)))];
        let adapted = adapt(&source);
        let dir = tempfile::tempdir().expect("a folder");
        write(&adapted.course, dir.path()).expect("written");
        let back = read_folder(dir.path()).expect("read").course;
        let block = back.sections[0].lessons[0].steps[0].blocks[0].clone();
        assert_eq!(said(&block), said(&adapted.course.sections[0].lessons[0].steps[0].blocks[0]));
        let named = adapted.findings.iter().any(|f| f.why.contains("$seed"));
        (block, named)
    };
    let single = || choice(Cardinality::Single, &["<code>$seed</code>", "none"]);
    let (block, named) = moved("<p>What is <code>$seed</code>?</p>", single(), right(&[0]));
    let exercise = block.exercise().expect("an exercise");
    assert_eq!((exercise.prompt.plain().as_str(), named), ("What is $seed?", false));
    let entry = || Interaction::TextEntry(TextEntryInteraction::default());
    let key = Key::Text { accept: vec![text("$seed", TextRule::Exact, true)] };
    let (block, named) = moved("<p>Which name?</p>", entry(), key);
    assert!(block.exercise().is_none() && named);
    let list = InlineChoiceInteraction { options: vec![ChoiceOption::new("$seed"), ChoiceOption::new("x")] };
    let (block, named) = moved("<p>Which?</p>", Interaction::InlineChoice(list), right(&[1]));
    assert!(block.exercise().is_none() && named);
    let (block, named) = moved("<p><img src=\"x\" alt=\"$seed\">?</p>", single(), right(&[1]));
    assert!(block.exercise().is_none() && named);
}
