use lms_core::*;
use serde_json::{Value, json};
use url::Url;

use super::samples::{course, exercises, programs, sources};
use super::*;
use crate::wire;

pub(super) fn base() -> Url {
    Url::parse("https://stepik.org").expect("a URL")
}

pub(super) fn step(name: &str, source: &Value) -> wire::Step {
    serde_json::from_value(json!({
        "id": 7, "status": "ready", "cost": 3, "has_submissions_restrictions": true, "max_submissions_count": 4,
        "is_solutions_unlocked": true, "solutions_unlocked_attempts": 2,
        "block": {"name": name, "text": "<p>$x$?</p>", "video": null, "options": {}, "source": source,
            "subtitles": {}, "feedback_correct": "yes", "feedback_wrong": "no"},
    }))
    .expect("a step")
}

pub(super) fn read(step: &wire::Step) -> Block {
    read_step(&Site::new(base()), &BlockId::from("7"), step, &mut Losses::default())
}

#[test]
fn every_native_quiz_is_an_exercise_and_goes_back_as_it_came() {
    let programs = programs().into_iter().map(|(name, source, _)| (name, source));
    for (name, source) in sources().into_iter().chain(programs) {
        let native = step(name, &source);
        let block = read(&native);
        assert!(block.exercise().is_some(), "{name} is no exercise: {source}");
        let mut losses = Losses::default();
        let payload = write_block(&block, &mut losses).payload(1, 2);
        assert_eq!(losses.0, [], "{name}");
        assert_eq!(payload["block"]["source"], source, "{name}");
        assert_eq!(payload["block"]["text"], "<p>$x$?</p>");
        assert_eq!(payload["block"]["feedback_wrong"], "no");
        assert_eq!(payload["cost"], 3);
        assert_eq!(payload["max_submissions_count"], 4);
        assert_eq!(payload["is_solutions_unlocked"], true);
        assert_eq!(payload["solutions_unlocked_attempts"], 2);
    }
}

#[test]
fn native_courses_are_carried_without_a_finding() {
    let programs = programs().into_iter().map(|(name, source, _)| (name, source));
    let natives = sources().into_iter().chain(programs);
    let blocks: Vec<Block> = natives.map(|(name, source)| read(&step(name, &source))).collect();
    let mut given = course(Vec::new());
    for (n, mut block) in blocks.into_iter().enumerate() {
        block.id = BlockId::from(format!("b{n}"));
        if let BlockBody::Exercise(exercise) = &mut block.body {
            exercise.task = TaskId::from(format!("b{n}"));
        }
        let mut step = Step::new(format!("s{n}"), "");
        step.blocks.push(block);
        given.sections[0].lessons[0].steps.push(step);
    }
    let adapted = adapt(&base(), &given);
    assert_eq!(adapted.findings, []);
    assert_eq!(adapted.course, given);
}

#[test]
fn unknown_kinds_are_foreign_and_go_back_verbatim() {
    let native = step("chemical", &json!({"expression": "y_2", "template": "sub"}));
    let block = read(&native);
    let BlockBody::Foreign(foreign) = &block.body else { panic!("{block:?}") };
    assert_eq!((foreign.name.as_str(), foreign.points), ("chemical", Some(3.0)));
    assert!(!foreign.readable.html().contains('y'), "the solution shows");
    let payload = write_block(&block, &mut Losses::default()).payload(1, 1);
    assert_eq!(payload["block"], Value::Object(native.block));
    assert_eq!(payload["max_submissions_count"], 4);
}

#[test]
fn what_a_program_marks_is_an_exercise_without_key() {
    for (name, source, interaction) in programs() {
        let block = read(&step(name, &source));
        let exercise = block.exercise().expect("an exercise");
        assert_eq!(exercise.interaction.name(), interaction, "{source}");
        assert!(exercise.key.is_none() && matches!(exercise.grader, Grader::Native(_)), "{exercise:?}");
        // Another platform gets no answers to show: they are kept for Stepik alone.
        let shown = serde_json::to_string(exercise).expect("JSON");
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn odd_spellings_come_back_until_the_exercise_is_changed() {
    let source = json!({"options": [{"answer": 0.10, "max_error": null, "note": "kept"}], "unknown": null});
    let mut block = read(&step("number", &source));
    let write = |block: &Block| write_block(block, &mut Losses::default()).payload(1, 1)["block"].clone();
    assert_eq!(write(&block)["source"], source);
    let BlockBody::Exercise(exercise) = &mut block.body else { panic!() };
    exercise.scoring.attempts = None;
    exercise.prompt = "Another question".into();
    let written = write(&block);
    assert_eq!((&written["source"], &written["text"]), (&source, &json!("Another question")));
    let accept = NumberAccept::Value { value: "7".into(), tolerance: Tolerance::none() };
    let BlockBody::Exercise(exercise) = &mut block.body else { panic!() };
    exercise.key = Some(Key::Number { accept: vec![accept] });
    let edited = json!({"options": [{"answer": "7", "max_error": "0"}], "unknown": null});
    assert_eq!(write(&block)["source"], edited);
}

#[test]
fn unknown_keys_of_a_block_and_how_its_text_is_spelled_come_back() {
    let text =
        "<p>a <span class=\"math-tex\">\\(x\\)</span> <img src=\"/media/attachments/lesson/7/b.png\"></p>";
    let video = json!({"id": 7, "thumbnail": null, "urls": [{"url": "https://v.test/1", "quality": "270"}]});
    for (name, source) in [
        ("text", json!({})),
        ("html", json!(null)),
        ("video", json!({})),
        ("number", json!({"options": [{"answer": "1", "max_error": "0"}]})),
    ] {
        let own_video = if name == "video" { video.clone() } else { json!(null) };
        let native: wire::Step = serde_json::from_value(json!({"id": 7, "cost": 2, "status": "ready",
            "has_submissions_restrictions": name == "text", "max_submissions_count": 5,
            "block": {"name": name, "text": text, "source": source, "video": own_video, "later": [1, null],
                "subtitles": {"en": 3}, "subtitle_files": [1], "options": {"x": 1}, "is_deprecated": true,
                "tests_archive": "/api/step-sources/7/tests", "feedback_correct": null, "feedback_wrong": "\\(y\\)"}}))
        .expect("a step");
        let block = read(&native);
        let mut losses = Losses::default();
        let payload = write_block(&block, &mut losses).payload(1, 1);
        assert_eq!(losses.0, [], "{name}");
        let written = &payload["block"];
        // What the platform fills in is not sent; a link names the file, whatever its address will be.
        assert_eq!(written["text"], text.replace("/media", "asset:/media"), "{name}");
        for key in ["source", "video", "later", "subtitles", "feedback_correct", "feedback_wrong"] {
            assert_eq!(written[key], native.block[key], "{name}: {key}");
        }
        assert_eq!(written["options"], json!({}));
        for key in ["subtitle_files", "is_deprecated", "tests_archive"] {
            assert_eq!(written.get(key), None, "{name}");
        }
        assert_eq!((&payload["cost"], &payload["max_submissions_count"]), (&json!(2), &json!(5)), "{name}");
        assert_eq!(payload["has_submissions_restrictions"], name == "text");
    }
}

#[test]
fn an_edited_video_is_not_written_as_it_was() {
    let native: wire::Step = serde_json::from_value(json!({"id": 7, "block": {"name": "video", "text": "",
        "video": {"id": 7, "urls": [{"url": "https://v.test/old", "quality": "270"}]}}}))
    .expect("a step");
    let mut block = read(&native);
    let BlockBody::Video(video) = &mut block.body else { panic!("{block:?}") };
    video.sources = vec!["https://v.test/new".into()];
    let mut losses = Losses::default();
    let payload = write_block(&block, &mut losses).payload(1, 1).to_string();
    assert!(payload.contains("v.test/new") && !payload.contains("v.test/old"), "{payload}");
    assert_eq!(losses.0.len(), 1);
}

#[test]
fn a_learners_view_has_no_answers_and_is_not_written_as_a_broken_quiz() {
    let native: wire::Step =
        serde_json::from_value(json!({"id": 1, "block": {"name": "choice", "text": "Pick",
        "options": {"is_multiple_choice": false}}}))
        .expect("a step");
    let mut losses = Losses::default();
    let block = read_step(&Site::new(base()), &BlockId::from("1"), &native, &mut losses);
    assert_eq!(block.body.kind(), "foreign");
    assert_eq!(losses.0.len(), 1);
    let mut losses = Losses::default();
    let payload = write_block(&block, &mut losses).payload(1, 1);
    assert_eq!(payload["block"]["name"], "text");
    assert_eq!(losses.0.len(), 1);
}

#[test]
fn every_interaction_is_carried_and_adapting_again_changes_nothing() {
    let given = course(exercises());
    let count = exercises().len();
    let adapted = adapt(&base(), &given);
    assert_eq!(adapted.carried.len(), 2 * count);
    let kinds: Vec<&str> =
        adapted.course.blocks().filter_map(|p| p.block.1.exercise()).map(|e| e.interaction.name()).collect();
    assert_eq!(kinds.len(), count, "an exercise became a text: {:?}", adapted.findings);
    assert!(adapted.course.steps().all(|step| step.blocks.len() == 1));
    let ids: std::collections::HashSet<_> = adapted.course.steps().map(|step| step.id.clone()).collect();
    assert_eq!(ids.len(), 2 * count);
    let again = adapt(&base(), &adapted.course);
    assert_eq!(again.course, adapted.course);
    assert_eq!(again.findings, [], "new losses");
    // No finding for what is exact, and one for what is not.
    let named =
        |block: &str| adapted.findings.iter().filter(|f| f.block == Some(BlockId::from(block))).count();
    for exact in [0, 2, 3, 4, 5, 6, 7, 8, 11, 13, 14, 16, 17, 18] {
        assert_eq!(named(&format!("block{exact}")), 0, "{exact}: {:?}", adapted.findings);
    }
    for lossy in [1, 9, 10, 12, 15, 19] {
        assert!(named(&format!("block{lossy}")) > 0, "{lossy}");
    }
}

#[test]
fn percent_and_ranges_become_distances_exactly() {
    let adapted = adapt(&base(), &course(vec![exercises().swap_remove(9)]));
    let block = adapted.course.block(&BlockId::from("block0")).expect("the block");
    let Some(Key::Number { accept }) = &block.block.1.exercise().expect("an exercise").key else { panic!() };
    let absolute = |value: &str, by: &str| NumberAccept::Value {
        value: value.into(),
        tolerance: Tolerance::Absolute { by: by.into() },
    };
    assert_eq!(accept[..], [absolute("3.14", "0.01"), absolute("-200", "3"), absolute("1.5", "0.5")]);
}

#[test]
fn what_has_no_answers_becomes_a_text_that_shows_none() {
    let mut exercise = exercises().swap_remove(0);
    exercise.key = None;
    exercise.feedback.explanation = Markup::from_html("because of b");
    let adapted = adapt(&base(), &course(vec![exercise]));
    let block = adapted.course.block(&BlockId::from("block0")).expect("the block").block.1.clone();
    assert_eq!(block.body.kind(), "text");
    let BlockBody::Text(text) = block.body else { panic!() };
    assert!(text.markup.html().contains("Question 0") && !text.markup.html().contains("because"));
    assert_eq!(adapted.findings[0].severity, Severity::Dropped);
}

#[test]
fn lost_marks_points_and_help_are_named() {
    let mut exercise = exercises().swap_remove(2);
    exercise.scoring = Scoring { points: 2.517, credit: Credit::Halves, attempts: Some(2) };
    exercise.hints.push("look".into());
    let adapted = adapt(&base(), &course(vec![exercise]));
    let named: Vec<&str> = adapted.findings.iter().map(|f| f.what.as_str()).collect();
    assert_eq!(named, ["points", "partial marks", "hints", "points"]);
    let scoring =
        adapted.course.block(&BlockId::from("block0")).expect("it").block.1.exercise().expect("it").scoring;
    assert_eq!(scoring, Scoring { points: 252.0, credit: Credit::AllOrNothing, attempts: Some(2) });
}

fn one(interaction: Interaction, key: Option<Key>) -> Adapted {
    let mut exercise = Exercise::new("t", Markup::default(), interaction);
    exercise.key = key;
    adapt(&base(), &course(vec![exercise]))
}

fn adapted_exercise(adapted: &Adapted) -> Exercise {
    let block = adapted.course.block(&BlockId::from("block0")).expect("the block");
    block.block.1.exercise().expect("an exercise").clone()
}

#[test]
fn a_pattern_that_takes_nothing_is_made_one_that_stepik_takes() {
    let accept = TextAccept { text: "a*".into(), rule: TextRule::Regex, case_sensitive: true };
    let entry = Interaction::TextEntry(TextEntryInteraction::default());
    let adapted = one(entry, Some(Key::Text { accept: vec![accept] }));
    assert_eq!(adapted.findings.len(), 1, "{:?}", adapted.findings);
    let exercise = adapted_exercise(&adapted);
    let right = |text: &str| grade::grade(&exercise, &Response::text(text)).expect("a mark").correct;
    assert!(right("aa") && !right("") && !right("b"));
    assert_eq!(adapt(&base(), &adapted.course).findings, []);
}

#[test]
fn more_tests_than_stepik_runs_are_named() {
    let test = |n: usize| CodeTest { input: n.to_string(), output: n.to_string() };
    let key = Key::Code { tests: (0..103).map(test).collect(), checker: None, solution: None };
    let code = CodeInteraction { seconds: Some(5.0), megabytes: Some(256.0), ..CodeInteraction::default() };
    let adapted = one(Interaction::Code(code), Some(key));
    assert_eq!(adapted.findings.len(), 1, "{:?}", adapted.findings);
    assert!(
        adapted.findings[0].what.starts_with("3 tests") && adapted.findings[0].severity == Severity::Dropped
    );
    let Some(Key::Code { tests, .. }) = adapted_exercise(&adapted).key else { panic!() };
    assert_eq!(tests.len(), 100);
}

#[test]
fn marks_of_an_adapted_exercise_are_those_of_the_source() {
    for (n, given) in exercises().into_iter().enumerate() {
        // What is asked in another form is not answered in the same.
        if [1, 12, 15, 19].contains(&n) {
            continue;
        }
        let adapted = adapted_exercise(&adapt(&base(), &course(vec![given.clone()])));
        for probe in grade::probes(&given) {
            let want = grade::grade(&given, &probe.response).ok();
            let response = match (&given.key, probe.response) {
                // Stepik lists things to be sorted and paired in the right order.
                (Some(Key::Order { order: from }), Response::Order { order }) => {
                    let place = |at: &usize| from.iter().position(|f| f == at).expect("an item");
                    Response::Order { order: order.iter().map(place).collect() }
                }
                (Some(Key::Match { targets: from }), Response::Match { targets }) => {
                    let place = |t: usize| from.iter().position(|f| f.contains(&t));
                    Response::Match { targets: targets.iter().map(|t| t.and_then(place)).collect() }
                }
                (_, response) => response,
            };
            assert_eq!(grade::grade(&adapted, &response).ok(), want, "{n}: {response:?}");
        }
    }
}

#[test]
fn other_platforms_blocks_become_readable_texts() {
    let mut given = course(Vec::new());
    let mut step = Step::new("s", "A vertical");
    let foreign = Foreign {
        platform: Platform::OpenEdx,
        name: "drag-and-drop-v2".into(),
        format: SourceFormat::Xml,
        source: "<drag-and-drop-v2 secret='1'/>".into(),
        readable: "<p>Drag it</p>".into(),
        points: Some(1.0),
    };
    let video = Video {
        sources: vec!["https://v.test/1.mp4".into()],
        youtube: Some("abc".into()),
        ..Video::default()
    };
    let file = FileLink { asset: "f".into(), label: "Notes".into() };
    for (id, body) in [
        ("foreign", BlockBody::Foreign(foreign)),
        ("video", BlockBody::Video(video)),
        ("file", BlockBody::File(file)),
    ] {
        let mut block = Block::new(id, body);
        block.title = "Titled".into();
        step.blocks.push(block);
    }
    given.sections[0].lessons[0].steps.push(step);
    let asset = |id: &str, role| Asset {
        id: id.into(),
        name: format!("dir/{id}"),
        media_type: None,
        size: None,
        role,
    };
    given.assets =
        vec![asset("f", AssetRole::Content), asset("tests", AssetRole::Grader), asset("x", AssetRole::Other)];
    let adapted = adapt(&base(), &given);
    let texts: Vec<String> = adapted
        .course
        .blocks()
        .map(|place| match &place.block.1.body {
            BlockBody::Text(text) => text.markup.html().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(texts[0].contains("Drag it") && !texts[0].contains("secret"), "{texts:?}");
    assert!(texts[1].contains("https://v.test/1.mp4") && texts[1].contains("watch?v=abc"), "{texts:?}");
    assert!(texts[2].contains("asset:f"), "{texts:?}");
    assert!(texts.iter().all(|text| text.matches("Titled").count() == 1), "{texts:?}");
    assert_eq!(adapted.course.assets.len(), 1);
    let ids: Vec<&str> = adapted.course.steps().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["s", "s~2", "s~3"]);
    for what in ["drag-and-drop-v2", "video", "file"] {
        assert!(adapted.findings.iter().any(|f| f.what.contains(what)), "{what}: {:?}", adapted.findings);
    }
    let step = "1. Section › 1. Lesson › 1. A vertical".to_owned();
    for (path, what) in [
        (step.clone(), "title of a step"),
        (format!("{step} › 1. Titled"), "title"),
        (format!("{step} › 2. Titled"), "title"),
        (format!("{step} › 3. Titled"), "title"),
        ("file dir/f".to_owned(), "name of a file"),
        ("file dir/tests".to_owned(), "file of a grader"),
        ("file dir/x".to_owned(), "file that no text links to"),
    ] {
        let said = adapted.findings.iter().filter(|f| f.path == path && f.what == what).count();
        assert_eq!(said, 1, "{path}: {what}: {:?}", adapted.findings);
    }
    assert_eq!(adapt(&base(), &adapted.course).findings, []);
}

#[test]
fn things_are_listed_in_the_right_order_and_beside_their_partners() {
    let texts = |items: &[Markup]| items.iter().map(|item| item.html().to_owned()).collect::<Vec<_>>();
    let of =
        |n: usize| adapted_exercise(&adapt(&base(), &course(vec![exercises().swap_remove(n)]))).interaction;
    let Interaction::Order(order) = of(13) else { panic!() };
    assert_eq!(texts(&order.items), ["a", "b", "c"]);
    let Interaction::Match(pairs) = of(11) else { panic!() };
    assert_eq!(
        (texts(&pairs.sources), texts(&pairs.targets)),
        (vec!["a".into(), "b".into()], vec!["2".into(), "1".into()])
    );
    let Interaction::Table(table) = of(12) else { panic!() };
    assert_eq!(
        (texts(&table.rows).len(), texts(&table.columns)),
        (3, vec!["1".into(), "2".into(), "3".into()])
    );
}

#[test]
fn what_hides_a_step_elsewhere_is_named_where_it_stands() {
    let mut given = course(vec![exercises().swap_remove(0)]);
    let hidden = json!({"visible_to_staff_only": "true"});
    given.sections[0].lessons[0].steps[0].extras.set(Platform::OpenEdx, Extras::FIELDS, hidden);
    let findings = adapt(&base(), &given).findings;
    let said = findings.iter().filter(|f| f.what == "visible_to_staff_only of openedx");
    assert_eq!(said.map(|f| f.path.as_str()).collect::<Vec<_>>(), ["1. Section › 1. Lesson › 1"]);
}

#[test]
fn points_keep_their_shares() {
    let with = |points: f64| {
        let mut exercise = exercises().swap_remove(0);
        exercise.scoring.points = points;
        exercise
    };
    let adapted = adapt(&base(), &course(vec![with(1.0 / 3.0), with(0.5), with(2.0), with(0.0)]));
    let points: Vec<f64> =
        adapted.course.blocks().filter_map(|p| p.block.1.exercise()).map(|e| e.scoring.points).collect();
    assert_eq!(points, [2.0, 3.0, 12.0, 0.0]);
    assert_eq!(adapted.findings.len(), 1, "{:?}", adapted.findings);
    assert!(adapted.findings[0].fallback.as_deref().is_some_and(|said| said.contains("by 6")));
    assert_eq!(adapt(&base(), &adapted.course).findings, []);
}

#[test]
fn points_that_depend_on_the_try_are_said() {
    let said = |policy: &str| {
        let section =
            json!({"id": 1, "course": 1, "position": 1, "title": "S", "discounting_policy": policy});
        let section: wire::Section = serde_json::from_value(section).expect("a section");
        let mut losses = Losses::default();
        crate::convert::course::read_section(&Site::new(base()), &section, &mut losses);
        losses.0.into_iter().map(|loss| loss.what).collect::<Vec<_>>()
    };
    assert_eq!(said("no_discount"), [""; 0]);
    assert_eq!(said("first_one"), ["points that depend on the try: first_one"]);
}
