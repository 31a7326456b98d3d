//! One right and one wrong answer for each type, and the rules that bite. Right answers are worked out from what a
//! learner sees, so shuffled datasets are really understood.

use serde_json::{Value, json};

use crate::client::{Client, id, start};

struct Desk {
    client: Client,
    lesson: i64,
    _server: lms_emulator::stepik::StepikEmulator,
}

impl Desk {
    async fn new() -> Self {
        let server = start().await;
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        Self { client, lesson, _server: server }
    }

    async fn step(&self, name: &str, source: Value) -> Value {
        self.client.step(self.lesson, json!({"name": name, "text": "?", "source": source})).await
    }

    /// The verdicts on replies, each on an attempt of its own.
    async fn verdicts(&self, name: &str, source: Value, replies: &[Value]) -> Vec<Value> {
        let step = self.step(name, source).await;
        assert_eq!(step["status"], "ready", "{}", step["error"]);
        let mut verdicts = Vec::new();
        for reply in replies {
            let attempt = self.client.attempt(id(&step)).await;
            verdicts.push(self.client.submit(&attempt, reply.clone()).await);
        }
        verdicts
    }

    async fn assert_graded(&self, name: &str, source: Value, right: &[Value], wrong: &[Value]) {
        for verdict in self.verdicts(name, source.clone(), right).await {
            assert_eq!(
                (&verdict["status"], &verdict["score"]),
                (&json!("correct"), &json!(1.0)),
                "{verdict}"
            );
        }
        for verdict in self.verdicts(name, source, wrong).await {
            assert_eq!((&verdict["status"], &verdict["score"]), (&json!("wrong"), &json!(0.0)), "{verdict}");
        }
    }

    async fn assert_unprepared(&self, name: &str, source: Value) {
        let step = self.step(name, source).await;
        assert_eq!(step["status"], "error", "{name}: {}", step["block"]["source"]);
        assert_eq!(step["reason_of_failure"], step["error"]["text"]);
        assert_ne!(step["error"]["text"], "");
    }
}

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

#[tokio::test]
async fn free_answer_code_sql_and_client_trusted_types() {
    let desk = Desk::new().await;
    let source = json!({"is_attachments_enabled": false, "is_html_enabled": true, "manual_scoring": false});
    let words = |text: &str| json!({"text": text, "attachments": []});
    desk.assert_graded("free-answer", source, &[words("<p>Because</p>")], &[words("<p> </p>")]).await;

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
