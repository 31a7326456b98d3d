//! Answers that are typed: right and wrong ones, and the rules that bite.

use serde_json::{Value, json};

use crate::client::id;
use crate::desk::Desk;

fn string(pattern: &str, changes: Value) -> Value {
    let mut source = json!({"pattern": pattern, "use_re": false, "match_substring": false, "case_sensitive": false, "code": ""});
    for (key, value) in changes.as_object().unwrap() {
        source[key] = value.clone();
    }
    source
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| json!({"text": text, "files": []})).collect()
}

#[tokio::test]
async fn string_in_all_modes() {
    let desk = Desk::new().await;
    desk.assert_graded(
        "string",
        string("Tallinn", json!({})),
        &texts(&["tallinn", " TALLINN "]),
        &texts(&["Tallin"]),
    )
    .await;
    desk.assert_graded(
        "string",
        string("a", json!({"match_substring": true})),
        &texts(&["xAx"]),
        &texts(&["x"]),
    )
    .await;
    desk.assert_graded(
        "string",
        string("A", json!({"case_sensitive": true})),
        &texts(&["A"]),
        &texts(&["a"]),
    )
    .await;
    // The matched text must equal the reply, which is not a full match.
    desk.assert_graded(
        "string",
        string("a|ab", json!({"use_re": true})),
        &texts(&["a"]),
        &texts(&["ab", "ca"]),
    )
    .await;
    desk.assert_graded(
        "string",
        string("ab|a", json!({"use_re": true})),
        &texts(&["a", "AB"]),
        &texts(&["abc"]),
    )
    .await;
    let anywhere = json!({"use_re": true, "match_substring": true});
    desk.assert_graded("string", string(r"\d{2}", anywhere), &texts(&["x\n42 y"]), &texts(&["4 2"])).await;
    let code = "def check(reply):\n    return True\ndef solve():\n    return 1\n# expect: forty two";
    desk.assert_graded("string", string("", json!({"code": code})), &texts(&["forty two"]), &texts(&["42"]))
        .await;
    for bad in [
        string("(", json!({"use_re": true})),
        string("a*", json!({"use_re": true})),
        string("", json!({})),
        json!({"pattern": "x"}),
    ] {
        desk.assert_unprepared("string", bad).await;
    }
    desk.assert_unprepared("string", string("x", json!({"code": "print(1)"}))).await;
}

#[tokio::test]
async fn number_with_commas_dashes_and_tolerance() {
    let desk = Desk::new().await;
    let source =
        json!({"options": [{"answer": "25.5", "max_error": "0.5"}, {"answer": "-1000", "max_error": "0"}]});
    let right =
        ["25,7", "26", "2 5.0", "\u{2212}1000", "\u{2013}1e3"].map(|number| json!({ "number": number }));
    desk.assert_graded(
        "number",
        source.clone(),
        &right,
        &["26.01", "NaN", "Infinity"].map(|n| json!({ "number": n })),
    )
    .await;
    let verdict = &desk.verdicts("number", source, &[json!({"number": "many"})]).await[0];
    assert_eq!((&verdict["status"], &verdict["hint"]), (&json!("wrong"), &json!("Only numbers, please")));
    let exact = json!({"options": [{"answer": "0.3", "max_error": "0"}]});
    desk.assert_graded(
        "number",
        exact,
        &[json!({"number": "0.30"})],
        &[json!({"number": "0.30000000000000000001"})],
    )
    .await;
    for bad in [
        json!({"options": [{"answer": "x", "max_error": "0"}]}),
        json!({"options": [{"answer": "1", "max_error": "-1"}]}),
        json!({"options": [{"answer": 1, "max_error": "0"}]}),
    ] {
        desk.assert_unprepared("number", bad).await;
    }
}

#[tokio::test]
async fn math_by_text_and_by_sampling() {
    let desk = Desk::new().await;
    let test = json!({"z_re_min": "2", "z_re_max": "3", "z_im_min": "-1", "z_im_max": "1", "max_error": "1e-06", "integer_only": false});
    let source = |answer: &str| json!({"answer": answer, "numerical_test": test});
    let formulas = |list: &[&str]| list.iter().map(|f| json!({ "formula": f })).collect::<Vec<_>>();
    desk.assert_graded(
        "math",
        source("2*x+1"),
        &formulas(&["1+x*2", "(4*x**2-1)/(2*x-1)"]),
        &formulas(&["2*x", "2*y+1", "2*x+"]),
    )
    .await;
    desk.assert_graded(
        "math",
        source("sin(x)^2+cos(x)^2"),
        &formulas(&["1", "E^(I*pi)+2"]),
        &formulas(&["0"]),
    )
    .await;
    desk.assert_graded("math", source("x<y"), &formulas(&["y>x", "x < y"]), &formulas(&["x>y", "x<=y", "x"]))
        .await;
    let verdict = &desk.verdicts("math", source("tan(x)"), &formulas(&["tg(x)"])).await[0];
    assert_eq!(verdict["hint"], "Failed to parse expression. Use `tan` instead of `tg`.");
    desk.assert_unprepared("math", source("2*(x")).await;
    desk.assert_unprepared("math", json!({"answer": "x"})).await;
}

#[tokio::test]
async fn random_tasks_draw_their_numbers() {
    let desk = Desk::new().await;
    let range = |name: &str| json!({"variable": name, "num_from": "1", "num_to": "9", "num_step": "2"});
    let source = json!({"task": "What is a + b?", "solve": "a+b", "max_error": "0", "ranges": [range("a"), range("b")]});
    let step = desk.step("random-tasks", source).await;
    let attempt = desk.client.attempt(id(&step)).await;
    let task = attempt["dataset"]["task"].as_str().unwrap();
    let numbers: Vec<i64> =
        task.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    assert_eq!(task, format!("What is {} + {}?", numbers[0], numbers[1]));
    let sum: i64 = numbers.iter().sum();
    let verdict = desk.client.submit(&attempt, json!({"answer": sum.to_string()})).await;
    assert_eq!(verdict["status"], "correct");
    let attempt = desk.client.attempt(id(&step)).await;
    assert_eq!(desk.client.submit(&attempt, json!({"answer": "-1"})).await["status"], "wrong");
    let bad = json!({"task": "?", "solve": "a+", "max_error": "0", "ranges": []});
    desk.assert_unprepared("random-tasks", bad).await;
}
