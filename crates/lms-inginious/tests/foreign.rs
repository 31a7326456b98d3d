//! A course of another platform in a course folder: what is written is what adapting promised.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::grade::probes;
use lms_core::{
    Adapted, Asset, AssetBody, AssetLinks, AssetRole, Authoring, Block, BlockBody, BlockId, Cardinality,
    ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage, CodeTest, Course, Courses, Credit,
    Exercise, ExistingCourse, ExtendedTextInteraction, FileLink, Foreign, GapAccept, GapInteraction,
    GapSegment, Grader, InlineChoiceInteraction, Interaction, Key, Lesson, MatchInteraction, NewCourse,
    NumberAccept, OrderInteraction, Platform, Section, Severity, Slot, SourceFormat, Step, TableInteraction,
    Text, TextAccept, TextEntryInteraction, TextRule, Timestamp, Tolerance, Video, Visibility,
};
use lms_inginious::FolderCourse;

fn exercise(interaction: Interaction, key: Option<Key>) -> Exercise {
    let mut exercise = Exercise::new("x", "<p>What is <b>it</b>?</p>".into(), interaction);
    exercise.key = key;
    exercise
}

fn body(exercise: Exercise) -> BlockBody {
    BlockBody::Exercise(Box::new(exercise))
}

fn choice(cardinality: Cardinality, correct: &[usize]) -> Exercise {
    let options = ["one", "<i>two</i>", "<p>three</p><p>more</p>"].map(ChoiceOption::new).to_vec();
    let interaction =
        Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: true, shown: None });
    exercise(interaction, Some(Key::Choice { correct: correct.iter().copied().collect() }))
}

fn text(text: &str, rule: TextRule, case_sensitive: bool) -> Exercise {
    let accept = vec![TextAccept { text: text.into(), rule, case_sensitive }];
    exercise(Interaction::TextEntry(TextEntryInteraction { suffix: "kg".into() }), Some(Key::Text { accept }))
}

/// Every kind of block, by what it is called here.
fn blocks() -> Vec<(&'static str, BlockBody)> {
    let gap = |segments, gaps| {
        body(exercise(Interaction::Gap(GapInteraction { segments }), Some(Key::Gaps { gaps })))
    };
    let language = |name: &str| CodeLanguage {
        name: name.into(),
        template: String::new(),
        header: String::new(),
        footer: String::new(),
        seconds: None,
        megabytes: None,
    };
    let mut hinted = choice(Cardinality::Single, &[1]);
    hinted.hints = vec!["look".into()];
    hinted.feedback.explanation = "because".into();
    hinted.feedback.incorrect = "no".into();
    let mut native = choice(Cardinality::Single, &[1]);
    native.key = None;
    native.grader = Grader::Native("check.py".into());
    let mut human = exercise(Interaction::ExtendedText(ExtendedTextInteraction::default()), None);
    human.grader = Grader::Human;
    let mut halves = choice(Cardinality::Multiple, &[0, 2]);
    halves.scoring.credit = Credit::Halves;
    let tests = vec![CodeTest { input: "1".into(), output: "2".into() }];
    let code = |languages: Vec<CodeLanguage>| {
        let interaction = Interaction::Code(CodeInteraction { languages, ..CodeInteraction::default() });
        body(exercise(interaction, Some(Key::Code { tests: tests.clone(), checker: None, solution: None })))
    };
    vec![
        (
            "text",
            BlockBody::Text(Text {
                markup: "<h2>Title</h2><p>See <img src=\"asset:7\" alt=\"a\"> and \
             <span class=\"math inline\">\\(x&lt;1\\)</span> <u>here</u></p>"
                    .into(),
            }),
        ),
        (
            "video",
            BlockBody::Video(Video { sources: vec!["https://v.test/a.mp4".into()], ..Video::default() }),
        ),
        ("file", BlockBody::File(FileLink { asset: "7".into(), label: "the picture".into() })),
        ("single", body(hinted)),
        ("multiple", body(choice(Cardinality::Multiple, &[0, 2]))),
        ("halves", body(halves)),
        ("exact", body(text(" Paris ", TextRule::Exact, true))),
        ("case", body(text("Paris", TextRule::Exact, false))),
        ("pattern", body(text("a+", TextRule::Regex, true))),
        (
            "number",
            body(exercise(
                Interaction::Numeric(Default::default()),
                Some(Key::Number {
                    accept: vec![NumberAccept::Value { value: "2.5".into(), tolerance: Tolerance::none() }],
                }),
            )),
        ),
        (
            "inline",
            body(exercise(
                Interaction::InlineChoice(InlineChoiceInteraction {
                    options: ["a", "b"].map(ChoiceOption::new).to_vec(),
                }),
                Some(Key::Choice { correct: [1].into() }),
            )),
        ),
        (
            "match",
            body(exercise(
                Interaction::Match(MatchInteraction {
                    sources: vec!["cat".into(), "stone".into()],
                    targets: vec!["meow".into(), "bark".into()],
                    shuffle_sources: false,
                }),
                Some(Key::Match { targets: vec![[0].into(), BTreeSet::new()] }),
            )),
        ),
        (
            "order",
            body(exercise(
                Interaction::Order(OrderInteraction { items: vec!["c".into(), "a".into(), "b".into()] }),
                Some(Key::Order { order: vec![1, 2, 0] }),
            )),
        ),
        (
            "gap",
            gap(
                vec![GapSegment::Text { markup: "x ".into() }, GapSegment::Entry],
                vec![GapAccept::Text {
                    accept: vec![TextAccept {
                        text: "y".into(),
                        rule: TextRule::Exact,
                        case_sensitive: false,
                    }],
                }],
            ),
        ),
        (
            "lists",
            gap(
                vec![
                    GapSegment::Choice { options: vec!["a".into(), "b".into()] },
                    GapSegment::Text { markup: " or ".into() },
                    GapSegment::Choice { options: vec!["c".into()] },
                ],
                vec![GapAccept::Choice { correct: [1].into() }, GapAccept::Choice { correct: [0].into() }],
            ),
        ),
        (
            "table",
            body(exercise(
                Interaction::Table(TableInteraction {
                    description: "tick".into(),
                    rows: vec!["r1".into(), "r2".into()],
                    columns: vec!["yes".into(), "no".into()],
                    cardinality: Cardinality::Multiple,
                    shuffle_rows: false,
                    shuffle_columns: false,
                    shown: None,
                }),
                Some(Key::Table { rows: vec![[0, 1].into(), [1].into()] }),
            )),
        ),
        ("code", code(vec![language("c++"), language("python3")])),
        ("other code", code(vec![language("c++")])),
        ("essay", body(human)),
        ("unknown", body(exercise(Interaction::Numeric(Default::default()), None))),
        ("native", body(native)),
        (
            "foreign",
            BlockBody::Foreign(Foreign {
                platform: Platform::Stepik,
                name: "pycharm".into(),
                format: SourceFormat::Json,
                source: "{\"secret\": \"hunter2\"}".into(),
                readable: "<p>Open the editor</p>".into(),
                points: Some(1.0),
            }),
        ),
    ]
}

fn course() -> Course {
    let mut course = Course::new("67", "A course");
    course.summary = Some("short".into());
    course.language = Some("en".into());
    course.description = "<p>About <a href=\"asset:7\">this</a></p>".into();
    course.visibility = Visibility::Public;
    course.assets.push(Asset {
        id: "7".into(),
        name: "a picture.png".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    });
    course.assets.push(Asset {
        id: "8".into(),
        name: "hidden/tests.zip".into(),
        media_type: None,
        size: None,
        role: AssetRole::Grader,
    });
    let mut section = Section::new("11", "First");
    section.schedule.start = Timestamp::from_naive("2025-09-01").ok();
    let mut apart = Lesson::new("21", "One by one");
    for (n, (name, body)) in blocks().into_iter().enumerate() {
        let mut step = Step::new(format!("{n}"), if n % 2 == 0 { name } else { "" });
        step.blocks.push(Block::new(format!("block-v1:O+C+R+type@problem+block@{n}"), body));
        apart.steps.push(step);
    }
    let mut together = Lesson::new("22", "Together");
    let mut step = Step::new("100", "All of it");
    for (n, (_, mut body)) in blocks().into_iter().enumerate() {
        if let BlockBody::Exercise(exercise) = &mut body {
            exercise.task = if n < 6 { "t1".into() } else { "t2".into() };
            exercise.scoring.attempts = Some(3);
        }
        step.blocks.push(Block::new(format!("t{n}"), body));
    }
    step.blocks.push(Block::new("end", BlockBody::Text(Text { markup: "<p>The end</p>".into() })));
    together.steps.push(step);
    section.lessons = vec![apart, together];
    course.sections.push(section);
    course
}

async fn write(target: &FolderCourse, adapted: &Course) -> Course {
    let new = NewCourse { id: None, existing: ExistingCourse::Replace };
    let id = target.create_course(&adapted.header(), &new).await.expect("created");
    let mut links = AssetLinks::new();
    for asset in &adapted.assets {
        let link = target.put_asset(&id, asset, AssetBody::from_bytes(&b"x"[..])).await.expect("stored");
        links.insert(asset.id.clone(), link);
    }
    for (s, section) in (1..).zip(&adapted.sections) {
        let at = target.put_section(&id, section, &Slot::new(s), &links).await.expect("section");
        for (l, lesson) in (1..).zip(&section.lessons) {
            let at = target.put_lesson(&id, &at, lesson, &Slot::new(l)).await.expect("lesson");
            for (t, step) in (1..).zip(&lesson.steps) {
                target.put_step(&id, &at, step, &Slot::new(t), &links).await.expect("step");
            }
        }
    }
    target.finish(&id, &adapted.header(), &links).await.expect("finished");
    target.content(&id).await.expect("read back").course
}

/// What a step says, ids aside and files by name.
fn said(course: &Course) -> Vec<serde_json::Value> {
    let names: BTreeMap<&str, &str> =
        course.assets.iter().map(|a| (a.id.as_str(), a.name.as_str())).collect();
    course
        .steps()
        .map(|step| {
            let mut step = step.clone();
            step.id = "s".into();
            for block in &mut step.blocks {
                block.id = "b".into();
                if let BlockBody::Exercise(exercise) = &mut block.body {
                    exercise.task = "t".into();
                }
            }
            let text = serde_json::to_string(&step).expect("JSON");
            let text = names.iter().fold(text, |text, (id, name)| {
                text.replace(&format!("asset:{id}\\\""), &format!("file:{name}\\\""))
            });
            serde_json::from_str(&text).expect("JSON")
        })
        .collect()
}

#[tokio::test]
async fn what_is_written_is_what_adapting_promised() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = FolderCourse::create(folder.path().join("moved")).expect("a place");
    let adapted = target.adapt(&course());
    let back = write(&target, &adapted.course).await;
    for (left, right) in said(&back).iter().zip(said(&adapted.course)) {
        assert_eq!(*left, right);
    }
    assert_eq!(back.steps().count(), adapted.course.steps().count());
    let heads = |c: &Course| (c.title.clone(), c.visibility, c.schedule, c.sections[0].title.clone());
    assert_eq!(heads(&back), heads(&adapted.course));
    let names = |c: &Course| c.assets.iter().map(|a| (a.name.clone(), a.role)).collect::<Vec<_>>();
    assert_eq!(names(&back), names(&adapted.course));
    // Exercises that can be tried are worth the same after reading back.
    let tried = |c: &Course| c.blocks().filter_map(|p| p.block.1.exercise()).map(probes).collect::<Vec<_>>();
    assert_eq!(tried(&back), tried(&adapted.course));
    // Adapting again loses nothing more, and writing again changes no file.
    let again = target.adapt(&adapted.course);
    assert_eq!(said(&again.course), said(&adapted.course));
    let dropped: Vec<_> = again.findings.iter().filter(|f| f.severity >= Severity::Dropped).collect();
    assert!(dropped.is_empty(), "{dropped:?}");
    let own = target.adapt(&back);
    let twice = write(&target, &own.course).await;
    assert_eq!(said(&twice), said(&back));
}

#[test]
fn every_block_is_accounted_for_and_no_answer_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = FolderCourse::create(folder.path().join("moved")).expect("a place");
    let Adapted { course: adapted, findings, carried } = target.adapt(&course());
    let targets: BTreeSet<&BlockId> = adapted.blocks().map(|p| &p.block.1.id).collect();
    assert_eq!(targets.len(), adapted.blocks().count(), "ids are unique");
    for place in course().blocks() {
        let id = &place.block.1.id;
        let known =
            carried.iter().any(|c| c.source == *id) || findings.iter().any(|f| f.block.as_ref() == Some(id));
        assert!(known, "{}", place.place());
    }
    for carried in &carried {
        assert!(carried.target.iter().all(|t| targets.contains(t)), "{carried:?}");
    }
    let severity = |n: &str| {
        let at = blocks().iter().position(|(name, _)| *name == n).expect("a name");
        let id = BlockId::from(format!("block-v1:O+C+R+type@problem+block@{at}"));
        findings.iter().filter(|f| f.block.as_ref() == Some(&id)).map(|f| f.severity).max()
    };
    use Severity::{Approximated as A, Dropped as D};
    for (name, expected) in [
        ("text", None),
        ("video", Some(D)),
        ("file", Some(A)),
        ("single", Some(D)),
        ("multiple", None),
        ("halves", Some(A)),
        ("exact", Some(A)),
        ("case", Some(A)),
        ("pattern", Some(A)),
        ("number", Some(A)),
        ("inline", Some(Severity::Exact)),
        ("match", Some(A)),
        ("order", Some(A)),
        ("gap", Some(A)),
        ("lists", Some(A)),
        ("table", Some(A)),
        ("code", Some(A)),
        ("other code", Some(D)),
        ("essay", Some(A)),
        ("unknown", Some(D)),
        ("native", Some(D)),
        ("foreign", Some(D)),
    ] {
        assert_eq!(severity(name), expected, "{name}");
    }
    let marks = |n: &str| -> Vec<&str> {
        let at = blocks().iter().position(|(name, _)| *name == n).expect("a name");
        let id = BlockId::from(format!("block-v1:O+C+R+type@problem+block@{at}"));
        let of_it = findings.iter().filter(|f| f.marks && f.block.as_ref() == Some(&id));
        of_it.map(|f| f.what.as_str()).collect()
    };
    assert_eq!(marks("match"), ["a row without a right answer", "match"]);
    assert_eq!((marks("table"), marks("essay")), (vec!["table"], vec!["extended_text"]));
    for name in ["single", "multiple", "halves", "exact", "pattern", "number", "inline", "order", "code"] {
        assert!(marks(name).is_empty(), "{name}: {:?}", marks(name));
    }
    // The original lies in the description of the task, which the site does not show.
    let mut shown = adapted.clone();
    let kept = serde_json::to_string(&adapted).expect("JSON");
    assert!(kept.contains("hunter2"));
    let lessons = shown.sections.iter_mut().flat_map(|section| &mut section.lessons);
    lessons.flat_map(|lesson| &mut lesson.steps).for_each(|step| step.extras = lms_core::Extras::new());
    assert!(!serde_json::to_string(&shown).expect("JSON").contains("hunter2"));
    for what in ["summary", "language", "dates"] {
        assert!(findings.iter().any(|f| f.what == what), "{what}");
    }
}
