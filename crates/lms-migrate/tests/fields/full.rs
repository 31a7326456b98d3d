//! A course in which every field of the model says something. Nothing is left to a default, so that a field that is
//! added to the model has to be added here.

use lms_core::*;

fn date(day: u8) -> Option<Timestamp> {
    Timestamp::from_naive(&format!("2026-01-{day:02}")).ok()
}

fn schedule(day: u8) -> Schedule {
    Schedule { start: date(day), due: date(day + 1), end: date(day + 2) }
}

fn extras(key: &str) -> Extras {
    let mut extras = Extras::new();
    extras.set(Platform::Other, key, "set");
    extras
}

fn texts(texts: &[&str]) -> Vec<Markup> {
    texts.iter().map(|text| Markup::from_text(text)).collect()
}

fn options(texts: &[&str]) -> Vec<ChoiceOption> {
    let option = |text: &&str| ChoiceOption {
        text: format!("{text} <img src=\"asset:a.png\">").into(),
        feedback: format!("{text} was picked").into(),
        feedback_unselected: format!("{text} was left").into(),
    };
    texts.iter().map(option).collect()
}

fn accept(text: &str) -> TextAccept {
    TextAccept { text: text.into(), rule: TextRule::Exact, case_sensitive: false }
}

fn tolerance() -> Tolerance {
    Tolerance::Absolute { by: "0.5".into() }
}

fn value(value: &str, tolerance: Tolerance) -> NumberAccept {
    NumberAccept::Value { value: value.into(), tolerance }
}

/// One of each kind, and what is right.
fn interactions() -> Vec<(Interaction, Option<Key>)> {
    let choice = |cardinality| {
        let options = options(&["red", "green", "blue"]);
        Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: Some(3) })
    };
    let table = TableInteraction {
        description: "Which is which?".into(),
        rows: texts(&["two", "three"]),
        columns: texts(&["even", "odd"]),
        cardinality: Cardinality::Single,
        shuffle_rows: false,
        shuffle_columns: true,
        shown: Some(2),
    };
    let language = CodeLanguage {
        name: "python3".into(),
        template: "# here".into(),
        header: "import math".into(),
        footer: "main()".into(),
        seconds: Some(5.0),
        megabytes: Some(64.0),
    };
    let code = CodeInteraction {
        languages: vec![language],
        samples: vec![CodeSample { input: "1".into(), output: "2".into() }],
        single_line: false,
        optional: false,
        seconds: Some(5.0),
        megabytes: Some(64.0),
    };
    let gap = GapInteraction {
        segments: vec![
            GapSegment::Text { markup: "2 + 2 = <img src=\"asset:a.png\">".into() },
            GapSegment::Entry,
            GapSegment::Choice { options: vec!["yes".into(), "no".into()] },
        ],
    };
    let pairs = MatchInteraction {
        sources: texts(&["cat", "dog"]),
        targets: vec!["meow <img src=\"asset:a.png\">".into(), "bark".into()],
        shuffle_sources: true,
    };
    let formula = Key::Formula {
        answer: "2*x".into(),
        variables: vec![SampledVariable { name: "x".into(), low: 1.0, high: 3.0 }],
        samples: 3,
        tolerance: tolerance(),
        case_sensitive: true,
    };
    let range = |includes| NumberAccept::Range {
        low: "10".into(),
        high: "20".into(),
        includes_low: includes,
        includes_high: includes,
    };
    let suffix = "cm".to_owned();
    let numeric = || Interaction::Numeric(NumericInteraction { suffix: suffix.clone() });
    let test = CodeTest { input: "1".into(), output: "2".into() };
    vec![
        (choice(Cardinality::Single), Some(Key::Choice { correct: [1].into() })),
        (choice(Cardinality::Multiple), Some(Key::Choice { correct: [0, 2].into() })),
        (
            Interaction::TextEntry(TextEntryInteraction { suffix: suffix.clone() }),
            Some(Key::Text { accept: vec![accept("four"), accept("vier")] }),
        ),
        (numeric(), Some(Key::Number { accept: vec![value("4", tolerance())] })),
        (numeric(), Some(Key::Number { accept: vec![value("200", Tolerance::Percent { by: "10".into() })] })),
        (numeric(), Some(Key::Number { accept: vec![range(true)] })),
        (Interaction::Formula(FormulaInteraction { suffix: suffix.clone() }), Some(formula)),
        (Interaction::Match(pairs), Some(Key::Match { targets: vec![[0].into(), [1].into()] })),
        (
            Interaction::Order(OrderInteraction { items: texts(&["one", "two", "three"]) }),
            Some(Key::Order { order: vec![0, 1, 2] }),
        ),
        (
            Interaction::Gap(gap),
            Some(Key::Gaps {
                gaps: vec![
                    GapAccept::Text { accept: vec![accept("four")] },
                    GapAccept::Choice { correct: [0].into() },
                ],
            }),
        ),
        (
            Interaction::InlineChoice(InlineChoiceInteraction { options: options(&["yes", "no"]) }),
            Some(Key::Choice { correct: [0].into() }),
        ),
        (Interaction::Table(table), Some(Key::Table { rows: vec![[0].into(), [1].into()] })),
        (
            Interaction::Code(code.clone()),
            Some(Key::Code {
                tests: vec![test],
                checker: Some("compare()".into()),
                solution: Some("print(2)".into()),
            }),
        ),
        (Interaction::Code(code), Some(Key::Any)),
        (
            Interaction::ExtendedText(ExtendedTextInteraction {
                attachments: false,
                rubric: "Ten points for style".into(),
            }),
            Some(Key::Any),
        ),
        (
            Interaction::FileUpload(FileUploadInteraction {
                extensions: vec![".pdf".into()],
                max_bytes: Some(1000),
            }),
            None,
        ),
    ]
}

fn exercise(task: String, interaction: Interaction, key: Option<Key>) -> Exercise {
    let grader = if key.is_none() { Grader::Native("run".into()) } else { Grader::Key };
    Exercise {
        task: task.into(),
        prompt: "<p>What is it? <a href=\"https://help.test/\">help</a></p>".into(),
        interaction,
        key,
        grader,
        scoring: Scoring { points: 2.0, credit: Credit::AllOrNothing, attempts: Some(3) },
        hints: vec!["Think".into(), "Think twice".into()],
        feedback: Feedback { correct: "Yes".into(), incorrect: "No".into(), explanation: "It is so".into() },
    }
}

/// Blocks by the step that they stand in.
fn bodies() -> Vec<Vec<BlockBody>> {
    let text = "<p>Look <b>here</b>: <img src=\"asset:a.png\" alt=\"a tower\"></p>\
                <pre>if a:\n    b</pre><p><span class=\"math inline\">\\(x\\)</span></p>";
    let video = Video {
        sources: vec!["https://films.test/v.mp4".into(), "asset:v.webm".into()],
        youtube: Some("abc".into()),
        seconds: Some(30.0),
        poster: Some("https://films.test/p.jpg".into()),
        transcripts: vec![Transcript { language: "en".into(), asset: "c.srt".into() }],
        caption: "A film".into(),
    };
    let foreign = Foreign {
        platform: Platform::Other,
        name: "hologram".into(),
        format: SourceFormat::Json,
        source: "{\"a\": 1}".into(),
        readable: "See it".into(),
        points: Some(2.0),
    };
    let native = BlockBody::Text(Text { markup: text.into() });
    let file = FileLink { asset: "a.png".into(), label: "A picture".into() };
    let mut steps =
        vec![vec![native, BlockBody::Video(video), BlockBody::File(file), BlockBody::Foreign(foreign)]];
    // Two that are answered and marked together.
    let joint = interactions().swap_remove(0);
    let both = (0..2).map(|_| exercise("joint".into(), joint.0.clone(), joint.1.clone()));
    steps.push(both.map(|exercise| BlockBody::Exercise(Box::new(exercise))).collect());
    let exercises = interactions().into_iter().enumerate();
    steps.extend(exercises.map(|(n, (interaction, key))| {
        vec![BlockBody::Exercise(Box::new(exercise(format!("task {n}"), interaction, key)))]
    }));
    steps
}

/// The files and what is in them.
pub(crate) const FILES: [(&str, AssetRole); 5] = [
    ("a.png", AssetRole::Content),
    ("v.webm", AssetRole::Content),
    ("c.srt", AssetRole::Content),
    ("run.py", AssetRole::Grader),
    ("notes.txt", AssetRole::Other),
];

/// The course.
pub(crate) fn course() -> Course {
    let block = |step: usize, (n, body)| Block {
        id: format!("b{step}-{n}").into(),
        title: format!("Block {step}-{n}"),
        body,
        extras: extras("block"),
    };
    let step = |(n, bodies): (usize, Vec<BlockBody>)| Step {
        id: format!("t{n}").into(),
        title: format!("Step {n}"),
        schedule: schedule(20),
        blocks: bodies.into_iter().enumerate().map(|body| block(n, body)).collect(),
        extras: extras("step"),
    };
    let lesson = Lesson {
        id: "l".into(),
        title: "A lesson".into(),
        schedule: schedule(15),
        category: Some("Homework".into()),
        steps: bodies().into_iter().enumerate().map(step).collect(),
        extras: extras("lesson"),
    };
    let section = Section {
        id: "s".into(),
        title: "A section".into(),
        description: "It has one lesson".into(),
        schedule: schedule(10),
        lessons: vec![lesson],
        extras: extras("section"),
    };
    let category = GradingCategory {
        name: "Homework".into(),
        short_label: Some("HW".into()),
        weight: 1.0,
        count: 2,
        drop: 1,
    };
    let asset = |(name, role): (&str, AssetRole)| Asset {
        id: name.into(),
        name: name.into(),
        media_type: Some("text/plain".into()),
        size: Some(name.len() as u64),
        role,
    };
    Course {
        id: "c".into(),
        title: "A course".into(),
        summary: Some("All of it".into()),
        description: "<p>Every field</p>".into(),
        language: Some("en".into()),
        cover: Some("a.png".into()),
        visibility: Visibility::Public,
        schedule: schedule(1),
        grading: Some(GradingPolicy { categories: vec![category], cutoffs: vec![("Pass".into(), 0.5)] }),
        sections: vec![section],
        assets: FILES.into_iter().map(asset).collect(),
        extras: extras("course"),
    }
}
