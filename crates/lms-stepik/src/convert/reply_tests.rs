use lms_core::*;
use serde_json::{Value, json};
use url::Url;

use super::samples::{programs, sources};
use super::*;
use crate::wire;

fn site() -> Site {
    Site::new(Url::parse("https://stepik.org").expect("a URL"))
}

fn exercise(name: &str, source: &Value) -> Exercise {
    let step = json!({"id": 7, "block": {"name": name, "text": "<p>?</p>", "source": source}});
    let step = serde_json::from_value(step).expect("a step");
    let block = read_step(&site(), &BlockId::from("7"), &step, &mut Losses::default());
    block.exercise().expect("an exercise").clone()
}

#[test]
fn reply_positions_are_led_over_by_text() {
    let by_name = |name: &str| {
        let (name, source) = sources().into_iter().find(|(n, _)| *n == name).expect("a source");
        exercise(name, &source)
    };
    let dataset = |value: Value| wire::object(value);
    let to = |name: &str, response: Response, set: Value| {
        reply(&site(), name, Some(&by_name(name)), &response, &dataset(set))
    };
    assert_eq!(
        to(
            "choice",
            Response::choice(0),
            json!({"is_multiple_choice": false, "options": ["$5$", "<b>4</b>"]})
        )
        .expect("a reply"),
        json!({"choices": [false, true]})
    );
    assert!(to("choice", Response::choice(7), json!({"options": ["$5$", "<b>4</b>"]})).is_err());
    assert!(to("choice", Response::choice(0), json!({"options": ["$5$"]})).is_err());
    let pairs = json!({"pairs": [{"first": "dog", "second": ""}, {"first": "cat", "second": "bark"}, {"first": "fish", "second": "meow"}]});
    assert_eq!(
        to("matching", Response::Match { targets: vec![Some(0), None, Some(1)] }, pairs).expect("a reply"),
        json!({"ordering": [1, 2, 0]})
    );
    assert_eq!(
        to("sorting", Response::Order { order: vec![0, 1, 2] }, json!({"options": ["three", "one", "two"]}))
            .expect("a reply"),
        json!({"ordering": [1, 2, 0]})
    );
    let ticked = vec![[0].into(), [1].into()];
    assert_eq!(
        to(
            "table",
            Response::Table { rows: ticked },
            json!({"rows": ["3", "2"], "columns": ["even", "odd"]})
        )
        .expect("a reply")["choices"][0],
        json!({"name_row": "3", "columns": [{"name": "even", "answer": false}, {"name": "odd", "answer": true}]})
    );
}

/// An answer of each kind.
fn answers() -> Vec<Response> {
    let file = SubmittedFile { name: "a.txt".into(), content: bytes::Bytes::from_static(b"1") };
    vec![
        Response::choice(0),
        Response::text("x"),
        Response::number("1"),
        Response::Formula { formula: "x".into() },
        Response::Match { targets: vec![Some(0), None, Some(1)] },
        Response::Order { order: vec![0, 1, 2] },
        Response::Gaps { texts: vec!["4".into(), "yes".into()] },
        Response::Table { rows: vec![[0].into(), [1].into()] },
        Response::Code { language: "python3".into(), source: "pass".into() },
        Response::ExtendedText { text: "x".into() },
        Response::Files(vec![file]),
    ]
}

#[test]
fn an_answer_of_the_wrong_kind_is_refused_and_says_which_is_wanted() {
    let all = sources().into_iter().chain(programs().into_iter().map(|(name, source, _)| (name, source)));
    for (name, source) in all {
        let quiz = exercise(name, &source);
        let mut taken = 0;
        for answer in answers() {
            let Err(error) = check_answer(name, Some(&quiz), &answer) else {
                taken += 1;
                continue;
            };
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let wanted = match quiz.interaction.name() {
                "text_entry" => "text",
                "numeric" => "number",
                "gap" => "gaps",
                "file_upload" => "files",
                other => other,
            };
            let (wanted, given) = (format!("`{wanted}`"), format!("`{}`", answer.name()));
            let said = error.to_string();
            assert!(said.contains(name) && said.contains(&wanted) && said.contains(&given), "{said}");
        }
        // Short and long texts may come as a file.
        let files = matches!(quiz.interaction.name(), "text_entry" | "extended_text");
        assert_eq!(taken, if files { 2 } else { 1 }, "{name}");
    }
    for answer in answers() {
        let said = check_answer("pycharm", None, &answer).expect_err("no native answer").to_string();
        assert!(said.contains("`native`"), "{said}");
    }
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let by_name = |wanted: &str| {
        let (name, source) = sources().into_iter().find(|(name, _)| *name == wanted).expect("a source");
        exercise(name, &source)
    };
    for (name, answer, why) in [
        ("choice", Response::choice(9), "no option 9"),
        ("matching", Response::Match { targets: vec![None] }, "3 source"),
        ("sorting", Response::Order { order: vec![0, 0, 1] }, "once"),
        ("fill-blanks", Response::Gaps { texts: vec!["4".into()] }, "2 gap"),
        ("fill-blanks", Response::Gaps { texts: vec!["4".into(), "maybe".into()] }, "no entry"),
        ("table", Response::Table { rows: vec![[0, 1].into(), [1].into()] }, "picks 2"),
    ] {
        let error = check_answer(name, Some(&by_name(name)), &answer).expect_err(name);
        assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains(why), "{error}");
    }
    let dataset = wire::object(json!({"rows": ["2", "3"], "columns": ["even", "odd"]}));
    let nothing = Response::Table { rows: vec![[].into(), [].into()] };
    reply(&site(), "table", Some(&by_name("table")), &nothing, &dataset).expect_err("nothing is ticked");
    let code = Response::Code { language: "cobol".into(), source: String::new() };
    let error =
        reply(&site(), "code", Some(&by_name("code")), &code, &wire::Object::new()).expect_err("unknown");
    assert!(error.to_string().contains("python3, java8"), "{error}");
}

#[test]
fn what_programs_mark_is_answered_in_their_own_keys() {
    let file = || SubmittedFile { name: "a.txt".into(), content: bytes::Bytes::from_static(b"1") };
    let attached = json!({"name": "a.txt", "type": "application/octet-stream", "size": 1,
        "content": "attachment$base64$MQ==", "url": ""});
    let code = |source: &str| Response::Code { language: String::new(), source: source.into() };
    let programs = programs();
    let [string, upload, _, sql, dataset, archive] = programs.as_slice() else { panic!("six") };
    for ((name, source, _), answer, expected) in [
        (string, Response::text("x"), json!({"text": "x", "files": []})),
        (string, Response::Files(vec![file()]), json!({"text": "", "files": [attached]})),
        (upload, Response::Files(vec![file()]), json!({"text": "", "files": [attached]})),
        (sql, code("SELECT 1;"), json!({"solve_sql": "SELECT 1;"})),
        (dataset, Response::ExtendedText { text: "7".into() }, json!({"file": "7"})),
        (dataset, Response::Files(vec![file()]), json!({"file": "1"})),
        (
            archive,
            Response::Code { language: "rust".into(), source: "x".into() },
            json!({"language": "rust", "code": "x"}),
        ),
    ] {
        let quiz = exercise(name, source);
        let sent = reply(&site(), name, Some(&quiz), &answer, &wire::Object::new()).expect("a reply");
        assert_eq!(sent, expected);
        if !matches!(answer, Response::Files(_)) && *name != "sql" {
            assert_eq!(read_reply(name, &sent), Some(answer));
        }
    }
    let two = Response::Files(vec![file(), file()]);
    let quiz = exercise(string.0, &string.1);
    reply(&site(), string.0, Some(&quiz), &two, &wire::Object::new()).expect_err("two files");
    let quiz = exercise(sql.0, &sql.1);
    reply(&site(), sql.0, Some(&quiz), &code("SELECT 1; SELECT 2"), &wire::Object::new())
        .expect_err("two queries");
}

#[test]
fn options_that_read_alike_are_told_apart() {
    let option = |right: bool, text: &str| json!({"is_correct": right, "text": text, "feedback": ""});
    let quiz = exercise(
        "choice",
        &json!({"is_multiple_choice": false, "is_always_correct": false, "sample_size": 2,
            "preserve_order": false, "is_html_enabled": true, "is_options_feedback": false,
            "options": [option(false, "4"), option(true, "<b>4</b>")]}),
    );
    for (options, picked) in [(["<b>4</b>", "4"], [true, false]), (["4", "<b>4</b>"], [false, true])] {
        let dataset = wire::object(json!({"is_multiple_choice": false, "options": options}));
        let sent = reply(&site(), "choice", Some(&quiz), &Response::choice(1), &dataset).expect("a reply");
        assert_eq!(sent, json!({"choices": picked}));
    }
}

#[test]
fn native_answers_are_checked_and_come_back() {
    let dataset = wire::object(json!({"options": ["a", "b"]}));
    let native = |reply: Value| Response::Native { reply };
    let pycharm = json!({"score": "1", "solution": [{"name": "a.py", "text": ""}]});
    let sent = reply(&site(), "pycharm", None, &native(pycharm.clone()), &dataset).expect("a reply");
    assert_eq!(sent, pycharm);
    assert_eq!(read_reply("pycharm", &sent), Some(native(pycharm)));
    for wrong in [json!({"choices": [true]}), json!({"choices": ["a", "b"]}), json!({})] {
        reply(&site(), "choice", None, &native(wrong), &dataset).expect_err("a wrong shape");
    }
}
