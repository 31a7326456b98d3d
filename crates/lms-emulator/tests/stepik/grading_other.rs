//! Free answers, code, and the types that are taken on trust.

use serde_json::json;

use crate::client::id;
use crate::desk::Desk;

#[tokio::test]
async fn free_answer_code_sql_and_client_trusted_types() {
    let desk = Desk::new().await;
    let source = json!({"is_attachments_enabled": false, "is_html_enabled": true, "manual_scoring": false});
    let words = |text: &str| json!({"text": text, "attachments": []});
    desk.assert_graded("free-answer", source.clone(), &[words("<p>Because</p>")], &[words("<p> </p>")]).await;
    // What is stored is not what was sent.
    let sent = words("<p>Be<SCRIPT>alert(1)</Script>cause</p><style>p{}");
    let stored = desk.verdicts("free-answer", source, &[sent]).await.remove(0);
    assert_eq!(stored["reply"]["text"], "<p>Because</p>");

    let source = json!({"code": "def check(reply, clue):\n    return reply == clue", "execution_time_limit": 5,
        "execution_memory_limit": 256, "samples_count": 1, "templates_data": "::python3\n::header\nimport sys\n::code\n# here\n::java8\n",
        "is_time_limit_scaled": true, "is_memory_limit_scaled": true, "manual_time_limits": [], "manual_memory_limits": [],
        "test_archive": [], "test_cases": [["1 2\n", "3\n"], ["2 2\n", "4\n"]]});
    let step = desk.step("code", source.clone()).await;
    let options = &step["block"]["options"];
    assert_eq!(
        options["limits"],
        json!({"python3": {"time": 15, "memory": 256}, "java8": {"time": 8, "memory": 256}})
    );
    assert_eq!(
        (&options["samples"], &options["code_templates"]["python3"]),
        (&json!([["1 2\n", "3\n"]]), &json!("# here"))
    );
    let code = |code: &str| json!({"language": "python3", "code": code});
    desk.assert_graded(
        "code",
        source.clone(),
        &[code("# expect: correct\nprint(3)")],
        &[code("print('expect: correct')"), code("# expect: wrong")],
    )
    .await;
    let verdict = &desk.verdicts("code", source.clone(), &[code("")]).await[0];
    assert_eq!(verdict["hint"], "Failed test #1 of 2. Wrong answer");
    let attempt = desk.client.attempt(id(&step)).await;
    let basic = json!({"submission": {"attempt": id(&attempt), "reply": {"language": "basic", "code": ""}}});
    assert_eq!(desk.client.post("/api/submissions", basic).await.0, 400);
    let mut untested = source;
    untested["test_cases"] = json!([]);
    untested["code"] = json!("def generate():\n    return ['1']\n\ndef solve(dataset):\n    return []\n");
    assert_eq!(desk.step("code", untested.clone()).await["status"], "ready");
    untested["code"] = json!("def generate():\n    return []\n\ndef solve(dataset):\n    return 1\n");
    desk.assert_unprepared("code", untested).await;

    let source = json!({"init_sql": "", "solve_sql": "SELECT 1;", "check_code": ""});
    let query = |query: &str| json!({ "solve_sql": query });
    desk.assert_graded("sql", source, &[query("select  1")], &[query("select 2")]).await;
    desk.assert_graded(
        "puzzle",
        json!({"image_src": "x", "level": 1}),
        &[json!({"solved": true})],
        &[json!({"solved": false})],
    )
    .await;
    desk.assert_graded(
        "pycharm",
        json!({"files": []}),
        &[json!({"score": "1", "solution": []})],
        &[json!({"score": "0", "solution": []})],
    )
    .await;
    desk.assert_graded("manual-score", json!({}), &[], &[json!({})]).await;
}
