//! Quizzes that a program of the platform marks, or that the model has no form for: what a learner
//! sends arrives, and comes back as it was sent.

use base64::Engine as _;
use lms_core::*;
use serde_json::{Value, json};

use crate::arena::{author, course, emulator, learner, publish};

/// Kinds of quiz with their settings. The emulator takes `# expect: TEXT` in a check code for its
/// answer, and `# expect: correct` in a program for a right one.
fn quizzes() -> Vec<(&'static str, Value)> {
    let string = |code: &str, file_only: bool| {
        json!({"pattern": "Paris", "use_re": false, "match_substring": false, "case_sensitive": true, "code": code,
            "is_text_disabled": file_only, "is_file_disabled": !file_only})
    };
    let check = "def check(reply):\n    # expect: seven\n    return reply == 'seven'\ndef solve():\n    return 'seven'\n";
    let range = json!({"variable": "x", "num_from": "2", "num_to": "9", "num_step": "1"});
    vec![
        ("string", string(check, false)),
        ("string", string("", true)),
        ("sql", json!({"init_sql": "CREATE", "solve_sql": "SELECT a FROM t", "check_code": ""})),
        ("random-tasks", json!({"task": "Twice x?", "solve": "2*x", "max_error": "0", "ranges": [range]})),
        ("puzzle", json!({"image_src": "", "level": 1})),
        ("schulte", json!({"table_size": 3})),
        ("pycharm", json!({"title": "A task", "files": []})),
        ("chemical", json!({"expression": "H_2", "template": ["subsup"]})),
        (
            "admin",
            json!({"image_id": 1, "memory": 64, "is_bootstrap": false, "bootstrap_script": "",
                "test_scenario": "# expect: correct"}),
        ),
        ("manual-score", json!({})),
        ("dataset", json!({"code": "# dataset: 2 3\n# expect: 5\ndef generate(): ...\n"})),
        ("linux-code", json!({"task_id": "t", "is_makefile_required": false})),
        (
            "simple-choice",
            json!({"options": [{"text": "a", "is_correct": true}, {"text": "b", "is_correct": false}]}),
        ),
    ]
}

/// What a learner answers to the quiz as it is shown, and what it is worth.
fn answers(at: usize, task: &Task) -> Vec<(Response, f64)> {
    let native = |reply: Value| Response::Native { reply };
    let file = |text: &'static str| {
        Response::Files(vec![SubmittedFile {
            name: "a.txt".into(),
            content: bytes::Bytes::from_static(text.as_bytes()),
        }])
    };
    let sql = |source: &str| Response::Code { language: String::new(), source: source.into() };
    let pycharm = |score: &str| native(json!({"score": score, "solution": [{"name": "a.py", "text": "x"}]}));
    let slots = |sub: &str| native(json!({"slots": [{"normal": "H", "sub": sub, "sup": ""}]}));
    let program = |code: &str| {
        let content = base64::engine::general_purpose::STANDARD.encode(code);
        let file = json!({"name": "a.c", "type": "text/x-c", "size": code.len(),
            "content": format!("attachment$base64${content}"), "url": ""});
        native(json!({"solution": [file], "makefile": []}))
    };
    match at {
        0 => vec![(Response::text("seven"), 1.0), (Response::text("six"), 0.0), (file("seven"), 1.0)],
        1 => vec![(file("Paris"), 1.0), (file("Rome"), 0.0)],
        2 => vec![(sql("select a from t;"), 1.0), (sql("SELECT b FROM t"), 0.0)],
        3 => {
            // Each attempt draws a number of its own, and it stands in what is asked.
            let asked = task.parts[0].exercise.prompt.plain();
            let drawn: String = asked
                .rsplit("Twice")
                .next()
                .into_iter()
                .flat_map(str::chars)
                .filter(char::is_ascii_digit)
                .collect();
            let drawn: u32 = drawn.parse().unwrap_or_else(|_| panic!("no number in {asked:?}"));
            vec![(Response::number((2 * drawn).to_string()), 1.0), (Response::number("1"), 0.0)]
        }
        4 => vec![(native(json!({"solved": true})), 1.0), (native(json!({"solved": false})), 0.0)],
        5 => vec![(native(json!({"solved": true, "time_seconds": 3})), 1.0)],
        6 => vec![(pycharm("1"), 1.0), (pycharm("0.5"), 0.5), (pycharm("0"), 0.0)],
        7 => vec![(slots("2"), 1.0), (slots("3"), 0.0)],
        8 => vec![(native(json!({})), 1.0)],
        9 => vec![(native(json!({})), 0.0)],
        10 => {
            let links = task.parts[0].exercise.prompt.links();
            assert!(links.iter().any(|link| link.ends_with("/file")), "no link to the file: {links:?}");
            let text = |text: &str| Response::ExtendedText { text: text.into() };
            vec![(text("5"), 1.0), (text("6"), 0.0)]
        }
        11 => vec![(program("// expect: correct"), 1.0), (program("int main() {}"), 0.0)],
        _ => {
            let Interaction::Choice(choice) = &task.parts[0].exercise.interaction else { panic!("{task:?}") };
            let right =
                choice.options.iter().position(|option| option.text.plain() == "a").expect("the option");
            vec![(Response::choice(right), 1.0), (Response::choices([0, 1]), 0.0)]
        }
    }
}

#[tokio::test]
async fn answers_in_the_platforms_own_form_arrive_and_come_back() {
    let server = emulator().await;
    let blocks = quizzes().into_iter().enumerate().map(|(n, (name, source))| {
        let block = json!({"name": name, "text": format!("<p>Question {n}</p>"), "source": source});
        let foreign = Foreign {
            platform: Platform::Stepik,
            name: name.into(),
            format: SourceFormat::Json,
            source: block.to_string(),
            readable: Markup::default(),
            points: Some(2.0),
        };
        Block::new(format!("b{n}"), BlockBody::Foreign(foreign))
    });
    let adapted = author(&server).authoring().expect("authoring").adapt(&course(blocks));
    assert_eq!(adapted.findings, []);
    let (author, id) = publish(&server, &adapted.course).await;
    let learner = learner(&server, &id).await;
    let content = author.courses().expect("courses").content(&id).await.expect("the course").course;
    let (tasks, submissions) = (learner.tasks().expect("tasks"), learner.submissions().expect("submissions"));
    for (at, ((name, source), place)) in quizzes().into_iter().zip(content.blocks()).enumerate() {
        let block = place.block.1;
        match &block.body {
            BlockBody::Foreign(foreign) => {
                let read: Value = serde_json::from_str(&foreign.source).expect("JSON");
                assert_eq!(
                    (foreign.name.as_str(), &read["source"], foreign.points),
                    (name, &source, Some(2.0))
                );
                // What the platform filled in makes no difference.
                let written = adapted.course.block(&format!("b{at}").into()).expect("the block").block.1;
                let BlockBody::Foreign(written) = &written.body else { panic!("{written:?}") };
                assert!(foreign.same_as(written), "{}\n{}", foreign.source, written.source);
            }
            BlockBody::Exercise(exercise) => {
                assert!(exercise.key.is_none() && matches!(exercise.grader, Grader::Native(_)), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
        let task = TaskRef::new(id.clone(), TaskId::from(block.id.as_str()));
        let shown = tasks.get(&task).await.expect("the task");
        for (turn, (response, score)) in answers(at, &shown).into_iter().enumerate() {
            if matches!(name, "random-tasks" | "dataset") && turn > 0 {
                // The first attempt is used up, and the next one asks otherwise.
                let answer = TaskAnswer::one(block.id.clone(), response.clone());
                let error = submissions.submit(&task, &answer).await.expect_err("another task");
                assert!(error.to_string().contains("read the task again"), "{error}");
                tasks.get(&task).await.expect("the task");
            }
            let answer = TaskAnswer::one(block.id.clone(), response.clone());
            let got = submissions.submit_and_wait(&task, &answer, Patience::default()).await;
            let got = got.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(got.verdict.as_ref().map(|v| v.score), Some(score), "{name}: {response:?} {got:?}");
            let said =
                got.answer.and_then(|answer| answer.0.into_values().next()).expect("what was answered");
            match response {
                // A file replaces the text (reference stepik.md 4.5), and is kept in the platform's form.
                Response::Files(_) => assert_eq!(said.name(), "native"),
                Response::Code { source, .. } => {
                    assert_eq!(said, Response::Code { language: "sql".into(), source });
                }
                // Ticks stand in the order of the attempt.
                Response::Choice { .. } => assert_eq!(said.name(), "native"),
                sent => assert_eq!(said, sent, "{name}"),
            }
        }
        // What the platform would refuse is not sent, and nothing is begun for it.
        let before = server.log().entries().len();
        let wrong = TaskAnswer::one(block.id.clone(), Response::Order { order: vec![0] });
        let error = submissions.submit(&task, &wrong).await.expect_err("an answer of the wrong kind");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
        assert_eq!(server.log().entries().len(), before, "{name}: something was sent");
    }
}
