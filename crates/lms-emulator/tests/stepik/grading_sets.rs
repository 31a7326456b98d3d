//! Answers that are picked or ordered, worked out from what a learner sees: shuffled datasets must be understood.

use serde_json::{Value, json};

use crate::client::id;
use crate::desk::Desk;

#[tokio::test]
async fn matching_follows_the_rows_of_the_dataset() {
    let desk = Desk::new().await;
    let pairs = [("cat", "meow"), ("dog", "bark"), ("cow", "moo"), ("fish", ""), ("stone", "")];
    let listed: Vec<Value> =
        pairs.iter().map(|(first, second)| json!({"first": first, "second": second})).collect();
    let step = desk
        .step("matching", json!({"preserve_firsts_order": false, "is_html_enabled": true, "pairs": listed}))
        .await;
    let attempt = desk.client.attempt(id(&step)).await;
    assert_eq!(attempt["dataset"]["is_html_enabled"], true);
    let rows = attempt["dataset"]["pairs"].as_array().unwrap();
    let mut free: Vec<usize> = (0..rows.len()).collect();
    let ordering: Vec<usize> = rows
        .iter()
        .map(|row| {
            let second = pairs.iter().find(|(first, _)| row["first"] == *first).unwrap().1;
            let place = free.iter().position(|index| rows[*index]["second"] == second).unwrap();
            free.remove(place)
        })
        .collect();
    assert_ne!(ordering, [0, 1, 2, 3, 4], "the dataset gives the answer away");
    assert_eq!(desk.client.submit(&attempt, json!({ "ordering": ordering })).await["status"], "correct");
    // Blank seconds are interchangeable.
    let blanks: Vec<usize> = (0..5).filter(|index| rows[*index]["second"] == "").collect();
    let swapped: Vec<usize> = ordering
        .iter()
        .map(|x| {
            if *x == blanks[0] {
                blanks[1]
            } else if *x == blanks[1] {
                blanks[0]
            } else {
                *x
            }
        })
        .collect();
    assert_eq!(desk.client.submit(&attempt, json!({ "ordering": swapped })).await["status"], "correct");
    let turned: Vec<usize> = ordering.iter().rev().copied().collect();
    assert_eq!(desk.client.submit(&attempt, json!({ "ordering": turned })).await["status"], "wrong");
    let (status, _) = desk
        .client
        .post(
            "/api/submissions",
            json!({"submission": {"attempt": id(&attempt), "reply": {"ordering": [0, 0, 1, 2, 3]}}}),
        )
        .await;
    assert_eq!(status, 400);
    desk.assert_unprepared(
        "matching",
        json!({"preserve_firsts_order": true, "pairs": [listed[0], listed[0]]}),
    )
    .await;
}

#[tokio::test]
async fn sorting_lists_dataset_indexes_in_right_order() {
    let desk = Desk::new().await;
    let order = ["one", "two", "three", "four"];
    for options in [json!(order), json!(order.map(|text| json!({ "text": text })))] {
        let step = desk.step("sorting", json!({ "options": options })).await;
        let attempt = desk.client.attempt(id(&step)).await;
        let shown = attempt["dataset"]["options"].as_array().unwrap();
        assert_ne!(*shown, order, "the dataset gives the answer away");
        let ordering: Vec<usize> =
            order.iter().map(|text| shown.iter().position(|s| s == text).unwrap()).collect();
        assert_eq!(desk.client.submit(&attempt, json!({ "ordering": ordering })).await["status"], "correct");
        assert_eq!(desk.client.submit(&attempt, json!({"ordering": [0, 1, 2, 3]})).await["status"], "wrong");
    }
    desk.assert_unprepared("sorting", json!({"options": ["x", "x"]})).await;
}

#[tokio::test]
async fn fill_blanks_whole_and_in_parts() {
    let desk = Desk::new().await;
    let mut source = json!({"components": [
        {"type": "text", "text": "2+2=", "options": []},
        {"type": "input", "text": "", "options": [{"text": "Four", "is_correct": true}, {"text": "4", "is_correct": true}]},
        {"type": "select", "text": "", "options": [{"text": "yes", "is_correct": true}, {"text": "no", "is_correct": false}]},
    ], "is_case_sensitive": false, "is_detailed_feedback": false, "is_partially_correct": false});
    let blanks = |a: &str, b: &str| json!({"blanks": [a, b]});
    desk.assert_graded(
        "fill-blanks",
        source.clone(),
        &[blanks(" four", "yes"), blanks("4", "yes")],
        &[blanks("4", "no"), blanks("5", "yes")],
    )
    .await;
    source["is_partially_correct"] = json!(true);
    source["is_detailed_feedback"] = json!(true);
    let verdict = &desk.verdicts("fill-blanks", source.clone(), &[blanks("4", "no")]).await[0];
    assert_eq!((&verdict["status"], &verdict["score"]), (&json!("partially_correct"), &json!(0.5)));
    assert_eq!(verdict["feedback"], json!({"blanks_feedback": [true, false]}));
    let step = desk.step("fill-blanks", source.clone()).await;
    let attempt = desk.client.attempt(id(&step)).await;
    assert_eq!(attempt["dataset"]["components"][1]["options"], json!([]));
    assert_eq!(attempt["dataset"]["components"][2]["options"].as_array().unwrap().len(), 2);
    let short = json!({"submission": {"attempt": id(&attempt), "reply": {"blanks": ["4"]}}});
    assert_eq!(desk.client.post("/api/submissions", short).await.0, 400);
    source["components"] = json!([{"type": "text", "text": "no blank", "options": []}]);
    desk.assert_unprepared("fill-blanks", source).await;
}

#[tokio::test]
async fn table_is_graded_by_place() {
    let desk = Desk::new().await;
    let rows = [("2", [true, false]), ("3", [false, true]), ("4", [true, false])];
    let listed: Vec<Value> = rows
        .iter()
        .map(|(name, cells)| json!({"name": name, "columns": cells.map(|c| json!({ "choice": c }))}))
        .collect();
    let mut source = json!({"description": "Pick", "columns": [{"name": "even"}, {"name": "odd"}], "rows": listed,
        "options": {"is_checkbox": false, "is_randomize_rows": true, "is_randomize_columns": true, "sample_size": 2},
        "is_always_correct": false});
    let step = desk.step("table", source.clone()).await;
    assert_eq!(step["block"]["options"], json!({"is_checkbox": false}));
    let reply = |attempt: &Value, right: bool| {
        let columns = attempt["dataset"]["columns"].as_array().unwrap();
        let rows = attempt["dataset"]["rows"].as_array().unwrap();
        let row = |name: &Value| {
            let is_even = name != "3";
            let cell =
                |column: &Value| json!({"name": column, "answer": ((column == "even") == is_even) == right});
            json!({"name_row": name, "columns": columns.iter().map(cell).collect::<Vec<_>>()})
        };
        json!({"choices": rows.iter().map(row).collect::<Vec<_>>()})
    };
    for right in [true, false] {
        let attempt = desk.client.attempt(id(&step)).await;
        assert_eq!(attempt["dataset"]["rows"].as_array().unwrap().len(), 2);
        let verdict = desk.client.submit(&attempt, reply(&attempt, right)).await;
        assert_eq!(verdict["status"], if right { "correct" } else { "wrong" });
    }
    source["rows"][0]["columns"][1]["choice"] = json!(true);
    desk.assert_unprepared("table", source).await;
}

#[tokio::test]
async fn choice_sources_that_cannot_work() {
    let desk = Desk::new().await;
    let source = |is_multiple: bool, sample: i64, options: &[(&str, bool)]| {
        let options: Vec<Value> = options
            .iter()
            .map(|(text, right)| json!({"text": text, "is_correct": right, "feedback": ""}))
            .collect();
        json!({"is_multiple_choice": is_multiple, "is_always_correct": false, "sample_size": sample, "preserve_order": true,
            "is_html_enabled": true, "is_options_feedback": true, "options": options})
    };
    for bad in [
        source(false, 2, &[("a", false), ("b", false)]),
        source(false, 3, &[("a", true), ("b", true), ("c", false)]),
        source(true, 3, &[("a", true), ("b", false)]),
        source(true, 0, &[("a", true)]),
        source(true, 2, &[("a", true), ("a", false)]),
        source(true, 1, &[("a < b", true)]),
    ] {
        desk.assert_unprepared("choice", bad).await;
    }
    let kept = source(true, 3, &[("a", true), ("b", false), ("<b>c</b>", true)]);
    desk.assert_graded(
        "choice",
        kept.clone(),
        &[json!({"choices": [true, false, true]})],
        &[json!({"choices": [true, false, false]})],
    )
    .await;
    let mut lax = kept;
    lax["is_always_correct"] = json!(true);
    desk.assert_graded("choice", lax, &[json!({"choices": [false, false, false]})], &[]).await;
}
