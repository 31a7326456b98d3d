//! Whatever a client sends is answered: with a refusal where it makes no sense, never with a dropped connection.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, start};

fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("9223372036854775807"),
        json!("1e999999999"),
        json!("\u{0}<é>"),
        json!([]),
        json!([[]]),
        json!([null, 1, "x"]),
        json!({}),
        json!({"a": {"b": []}}),
    ]
}

#[tokio::test]
async fn odd_fields_are_answered() {
    let server = start().await;
    let client = Client::author(&server).await;
    let lesson = client.lesson().await;
    let (course, section, unit) = client.course_with(lesson).await;
    let step = id(&client.step(lesson, json!({"name": "text"})).await);
    let mut refused = 0;
    for (name, known, fields) in [
        (
            "courses",
            course,
            &["title", "is_public", "certificate_regular_threshold", "begin_date_source"][..],
        ),
        ("sections", section, &["title", "course", "position", "required_percent"]),
        ("units", unit, &["section", "lesson", "position"]),
        ("lessons", lesson, &["title", "is_public", "cover_url"]),
        ("step-sources", step, &["lesson", "position", "block", "cost", "max_submissions_count"]),
        ("attempts", 0, &["step"]),
        ("submissions", 0, &["attempt", "reply"]),
        ("enrollments", 0, &["course"]),
        ("members", 0, &["group", "user", "email"]),
        ("views", 0, &["step", "assignment"]),
        ("users", 0, &["email", "password", "first_name"]),
        ("profiles", 0, &["first_name"]),
        ("user-courses", 0, &["is_favorite"]),
        ("comments", 0, &["target", "text", "parent", "submission", "thread"]),
        ("votes", 0, &["value"]),
        ("certificates", 0, &["saved_fullname"]),
        ("course-reviews", 0, &["course", "score", "text"]),
        ("classes", 0, &["course", "title"]),
        ("students", 0, &["klass", "invitation_key"]),
        ("storage-records", 0, &["kind", "data"]),
        ("email-addresses", 0, &["email"]),
        ("user-code-runs", 0, &["step", "language", "code", "stdin"]),
    ] {
        let base = json!({"title": "T", "course": course, "section": section, "lesson": lesson, "block": {"name": "text"},
            "position": 1});
        for field in fields {
            for value in odd_values() {
                let mut object = base.clone();
                object[*field] = value.clone();
                for (method, path) in
                    [(Method::POST, format!("/api/{name}")), (Method::PUT, format!("/api/{name}/{known}"))]
                {
                    let (status, _) = client.call(method, &path, Some(json!({"object": object}))).await;
                    assert!(status < 500, "{path} {field}={value}: {status}");
                    refused += usize::from(status >= 400);
                }
            }
        }
        for value in odd_values() {
            assert!(client.post(&format!("/api/{name}"), value).await.0 < 500);
        }
    }
    assert!(refused > 300, "only {refused} refused");
    for query in [
        "ids[]=x&ids[]=",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "order=,-,",
        "step=é&user=",
        "%ff",
    ] {
        for name in [
            "courses",
            "steps",
            "submissions",
            "progresses",
            "course-grades",
            "users",
            "user-courses",
            "assignments",
            "comments",
            "discussion-proxies",
            "discussion-threads",
            "last-steps",
            "groups",
            "profiles",
            "course-review-summaries",
            "search-results",
            "storage-records",
        ] {
            let (status, _) = client.call(Method::GET, &format!("/api/{name}?{query}"), None).await;
            assert!(status < 500, "{name}?{query}: {status}");
        }
    }
    for path in [
        "/api/progresses/77-x",
        "/api/progresses/-",
        "/api/courses/é",
        "/api",
        "/media/%ff/../x",
        "/api/votes/74-x",
        "/api/last-steps/78-",
        "/api/discussion-proxies/77",
        "/api/attempts/x/file",
        "/api/attempts/1/file",
        "/oauth2/applications/",
        "//",
        "/oauth2/authorize?redirect_uri=x",
    ] {
        assert!(client.call(Method::GET, path, None).await.0 < 500, "{path}");
    }
    assert_eq!(client.call(Method::GET, &format!("/api/courses/{course}"), None).await.0, 200);
}

/// One whole source of each type, so that every single field can be spoilt in turn.
fn sources() -> Vec<(&'static str, Value, Value)> {
    let test = json!({"z_re_min": "2", "z_re_max": "3", "z_im_min": "-1", "z_im_max": "1", "max_error": "1e-06", "integer_only": false});
    let choice = json!({"is_multiple_choice": true, "is_always_correct": false, "sample_size": 2, "preserve_order": false,
        "is_html_enabled": true, "is_options_feedback": true,
        "options": [{"is_correct": true, "text": "a", "feedback": ""}, {"is_correct": false, "text": "b", "feedback": ""}]});
    let table = json!({"description": "d", "columns": [{"name": "c"}], "rows": [{"name": "r", "columns": [{"choice": true}]}],
        "options": {"is_checkbox": false, "is_randomize_rows": true, "is_randomize_columns": true, "sample_size": -1},
        "is_always_correct": false});
    let code = json!({"code": "", "execution_time_limit": 5, "execution_memory_limit": 256, "samples_count": 1,
        "templates_data": "::python3", "is_time_limit_scaled": true, "is_memory_limit_scaled": true,
        "manual_time_limits": [{"language": "python3", "time": 4}], "manual_memory_limits": [], "test_archive": [],
        "test_cases": [["1", "2"]]});
    let tasks = json!({"task": "a", "solve": "a", "max_error": "0",
        "ranges": [{"variable": "a", "num_from": "1", "num_to": "3", "num_step": "1"}]});
    let blanks = json!({"components": [{"type": "input", "text": "", "options": [{"text": "4", "is_correct": true}]}],
        "is_case_sensitive": false, "is_detailed_feedback": true, "is_partially_correct": true});
    vec![
        ("choice", choice, json!({"choices": [true, false]})),
        (
            "string",
            json!({"pattern": "a", "use_re": true, "match_substring": false, "case_sensitive": false, "code": ""}),
            json!({"text": "a", "files": []}),
        ),
        ("number", json!({"options": [{"answer": "4", "max_error": "0"}]}), json!({"number": "4"})),
        ("math", json!({"answer": "x", "numerical_test": test}), json!({"formula": "x"})),
        (
            "matching",
            json!({"preserve_firsts_order": false, "pairs": [{"first": "a", "second": "b"}]}),
            json!({"ordering": [0]}),
        ),
        ("sorting", json!({"options": ["a", "b"]}), json!({"ordering": [1, 0]})),
        (
            "free-answer",
            json!({"is_attachments_enabled": true, "is_html_enabled": true, "manual_scoring": false}),
            json!({"text": "x", "attachments": []}),
        ),
        ("fill-blanks", blanks, json!({"blanks": ["4"]})),
        ("table", table, json!({"choices": [{"name_row": "r", "columns": [{"name": "c", "answer": true}]}]})),
        ("code", code, json!({"language": "python3", "code": "x"})),
        ("random-tasks", tasks, json!({"answer": "1"})),
        ("pycharm", json!({"files": []}), json!({"score": "1"})),
        ("puzzle", json!({"image_src": "x", "level": 1}), json!({"solved": true})),
        ("dataset", json!({"code": "# dataset: 1\n# expect: 1"}), json!({"file": "1"})),
        (
            "linux-code",
            json!({"task_id": "t", "is_makefile_required": false}),
            json!({"solution": [{"name": "a", "type": "t", "size": 1, "content": "x", "url": ""}], "makefile": []}),
        ),
        (
            "admin",
            json!({"image_id": 1, "memory": 64, "is_bootstrap": false, "bootstrap_script": "", "test_scenario": ""}),
            json!({}),
        ),
        (
            "chemical",
            json!({"expression": "H", "template": ["normal"]}),
            json!({"slots": [{"normal": "H", "sub": "", "sup": ""}]}),
        ),
        (
            "simple-choice",
            json!({"options": [{"is_correct": true, "text": "a"}]}),
            json!({"choices": [true]}),
        ),
    ]
}

/// `value` with each of its inner values replaced in turn.
fn spoilt(value: &Value, odd: &Value) -> Vec<Value> {
    let mut all = vec![odd.clone()];
    let keys: Vec<String> = match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(list) => (0..list.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    };
    for key in keys {
        let pointer = format!("/{key}");
        for inner in spoilt(value.pointer(&pointer).unwrap(), odd) {
            let mut copy = value.clone();
            *copy.pointer_mut(&pointer).unwrap() = inner;
            all.push(copy);
        }
    }
    all
}

#[tokio::test]
async fn odd_sources_and_replies_are_answered() {
    let options = lms_emulator::Options {
        background_delay: std::time::Duration::ZERO,
        ..lms_emulator::Options::default()
    };
    let server = lms_emulator::stepik::StepikEmulator::start(options).await.unwrap();
    let client = Client::author(&server).await;
    let (mut failed, mut refused) = (0, 0);
    for (name, source, reply) in sources() {
        let make = async |source: &Value| {
            let lesson = client.lesson().await;
            let block = json!({"name": name, "source": source});
            let (status, body) = client
                .post("/api/step-sources", json!({"s": {"lesson": lesson, "position": 1, "block": block}}))
                .await;
            assert_eq!(status, 201, "{name} {source}");
            client.prepared(id(&body["step-sources"][0])).await
        };
        let good = make(&source).await;
        assert_eq!(good["status"], "ready", "{name}: {}", good["error"]);
        for odd in odd_values() {
            for source in spoilt(&source, &odd) {
                let step = make(&source).await;
                if step["status"] == "error" {
                    failed += 1;
                    continue;
                }
                let attempt = client.attempt(id(&step)).await;
                let (status, _) = client
                    .post("/api/submissions", json!({"s": {"attempt": attempt["id"], "reply": reply}}))
                    .await;
                assert!(status < 500, "{name} {source}");
            }
            for reply in spoilt(&reply, &odd) {
                let attempt = client.attempt(id(&good)).await;
                let (status, _) = client
                    .post("/api/submissions", json!({"s": {"attempt": attempt["id"], "reply": reply}}))
                    .await;
                assert!(status == 201 || status == 400, "{name} {reply}: {status}");
                refused += usize::from(status == 400);
            }
        }
    }
    client.get("/api/submissions").await;
    assert!(failed > 500 && refused > 200, "{failed} failed, {refused} refused");
}
