//! Types that a machine would judge, and the two small ones.

use std::time::Duration;

use lms_emulator::Options;
use lms_emulator::stepik::{CodeRule, Expired, StepikEmulator, Switches};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, id, start_with};
use crate::desk::Desk;

fn file(name: &str, text: &str) -> Value {
    use base64::Engine as _;
    let content = base64::engine::general_purpose::STANDARD.encode(text);
    json!({"name": name, "type": "text/plain", "size": text.len(), "content": format!("attachment$base64${content}"), "url": ""})
}

#[tokio::test]
async fn linux_code_and_admin() {
    let desk = Desk::new().await;
    let source = json!({"task_id": "t1", "is_makefile_required": true});
    let make = file("Makefile", "all:");
    let right = json!({"solution": [file("a.c", "// expect: correct\nint main() {}")], "makefile": [make]});
    let wrong = json!({"solution": [file("a.c", "int main() {}")], "makefile": [make]});
    desk.assert_graded("linux-code", source.clone(), &[right], &[wrong]).await;
    let step = desk.step("linux-code", source).await;
    let attempt = desk.client.attempt(id(&step)).await;
    assert_eq!(attempt["dataset"], json!({"is_makefile_required": true}));
    for reply in
        [json!({"solution": [], "makefile": [make]}), json!({"solution": [make], "makefile": []}), json!({})]
    {
        let sent = json!({"submission": {"attempt": id(&attempt), "reply": reply}});
        assert_eq!(desk.client.post("/api/submissions", sent).await.0, 400);
    }
    let admin = |scenario: &str, memory: i64| json!({"image_id": 3, "memory": memory, "is_bootstrap": false, "bootstrap_script": "", "test_scenario": scenario});
    desk.assert_graded("admin", admin("# expect: correct", 64), &[json!({})], &[]).await;
    desk.assert_graded("admin", admin("def test(): pass", 64), &[], &[json!({})]).await;
    desk.assert_unprepared("admin", admin("", 1024)).await;
    let step = desk.step("admin", admin("", 128)).await;
    assert_eq!(step["block"]["options"], json!({"time_limit": 3600}));
    let attempt = desk.client.attempt(id(&step)).await;
    assert!(attempt["dataset"]["terminal_id"].is_u64() && attempt["dataset"]["kaylee_url"].is_string());
}

#[tokio::test]
async fn chemical_and_simple_choice() {
    let desk = Desk::new().await;
    let slot = |normal: &str, sub: &str| json!({"normal": normal, "sub": sub, "sup": ""});
    let source = json!({"expression": "H_2O", "template": ["subsup", "normal"]});
    let right = json!({"slots": [slot("H", "2"), slot("O", "")]});
    let wrong = json!({"slots": [slot("H", "3"), slot("O", "")]});
    desk.assert_graded("chemical", source.clone(), &[right], &[wrong]).await;
    desk.assert_unprepared("chemical", json!({"expression": "H", "template": ["odd"]})).await;
    let step = desk.step("chemical", source).await;
    let attempt = desk.client.attempt(id(&step)).await;
    assert_eq!(attempt["dataset"], json!({"template": ["subsup", "normal"]}));
    let short = json!({"submission": {"attempt": id(&attempt), "reply": {"slots": [slot("H", "2")]}}});
    assert_eq!(desk.client.post("/api/submissions", short).await.0, 400);

    let source = json!({"options": [{"text": "a", "is_correct": true}, {"text": "b", "is_correct": false}, {"text": "c", "is_correct": true}]});
    let step = desk.step("simple-choice", source).await;
    for (wanted, due) in [(vec!["a", "c"], "correct"), (vec!["a"], "wrong")] {
        let attempt = desk.client.attempt(id(&step)).await;
        let ticks: Vec<bool> = attempt["dataset"]["options"]
            .as_array()
            .unwrap()
            .iter()
            .map(|o| wanted.contains(&o.as_str().unwrap()))
            .collect();
        assert_eq!(desk.client.submit(&attempt, json!({ "choices": ticks })).await["status"], due);
    }
}

/// A dataset step whose answer is 5.
async fn dataset(client: &Client) -> i64 {
    let lesson = client.lesson().await;
    let code = "# dataset: 2 3\n# expect: 5\ndef generate(): ...\n";
    id(&client.step(lesson, json!({"name": "dataset", "text": "?", "source": {"code": code}})).await)
}

#[tokio::test]
async fn a_dataset_is_a_file_and_little_time() {
    for (expired, due) in [(Expired::Refused, None), (Expired::GradedWrong, Some("wrong"))] {
        let dataset_time = Duration::from_millis(1_500);
        let server = start_with(Switches { expired, dataset_time, ..Switches::default() }).await;
        let (author, learner) = (Client::author(&server).await, Client::learner(&server).await);
        let step = dataset(&author).await;
        let attempt = learner.attempt(step).await;
        assert_eq!((&attempt["dataset"], attempt["time_left"].as_u64()), (&json!(""), Some(1)));
        let url = attempt["dataset_url"].as_str().unwrap();
        assert_eq!(url, format!("/api/attempts/{}/file", id(&attempt)));
        let file = learner.request(Method::GET, url).send().await.unwrap();
        assert_eq!(file.text().await.unwrap(), "2 3\n");
        assert_eq!(Client::guest(&server).refused(url).await, 404);
        let verdict = learner.submit(&attempt, json!({"file": "5\n"})).await;
        assert_eq!(verdict["status"], "correct");
        assert_eq!(verdict["reply_url"], format!("/api/submissions/{}/file", id(&verdict)));
        let sent = learner.request(Method::GET, verdict["reply_url"].as_str().unwrap());
        assert_eq!(sent.send().await.unwrap().text().await.unwrap(), "5\n");

        let late = learner.attempt(step).await;
        tokio::time::sleep(dataset_time).await;
        match due {
            None => {
                let reply = json!({"submission": {"attempt": id(&late), "reply": {"file": "5"}}});
                let (status, body) = learner.post("/api/submissions", reply).await;
                assert_eq!((status, body["attempt"].is_array()), (400, true));
            }
            Some(due) => assert_eq!(learner.submit(&late, json!({"file": "5"})).await["status"], due),
        }
    }
}

#[tokio::test]
async fn the_rule_for_code_is_a_switch() {
    for (rule, plain, marked) in [
        (CodeRule::Marker, "wrong", "correct"),
        (CodeRule::AllRight, "correct", "correct"),
        (CodeRule::AllWrong, "wrong", "wrong"),
    ] {
        let options = Options { background_delay: Duration::ZERO, ..Options::default() };
        let server = StepikEmulator::start_with(options, Switches { code: rule, ..Switches::default() })
            .await
            .unwrap();
        let client = Client::author(&server).await;
        let lesson = client.lesson().await;
        let source = json!({"code": "data.split('\\n')", "execution_time_limit": 5, "execution_memory_limit": 256,
            "samples_count": 1, "templates_data": "::python3", "is_time_limit_scaled": true,
            "is_memory_limit_scaled": true, "is_run_user_code_allowed": true, "manual_time_limits": [],
            "manual_memory_limits": [], "test_archive": [], "test_cases": [["1 2", "3"]]});
        let block = json!({"name": "code", "text": "?", "source": source});
        let made = client.create("step-sources", json!({"lesson": lesson, "block": block})).await;
        let step = client.prepared(id(&made)).await;
        assert_eq!((&step["status"], step["warnings"].as_array().unwrap().len()), (&json!("ready"), 2));
        for (code, due) in [("print(3)", plain), ("# expect: correct", marked)] {
            let attempt = client.attempt(id(&step)).await;
            let sent = json!({"attempt": id(&attempt), "reply": {"language": "python3", "code": code}});
            let sent = client.create("submissions", sent).await;
            let verdict =
                client.get(&format!("/api/submissions/{}", id(&sent))).await["submissions"][0].clone();
            assert_eq!(verdict["status"], due, "{rule:?}");
        }
        // The tests as an archive, for authors only.
        let tests = client
            .request(Method::GET, step["block"]["tests_archive"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(tests.headers()["content-type"], "application/zip");
        let bytes = tests.bytes().await.unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(std::io::read_to_string(archive.by_name("1.clue").unwrap()).unwrap(), "3");
        let learner = Client::learner(&server).await;
        assert_eq!(learner.refused(&format!("/api/step-sources/{}/tests", id(&step))).await, 403);
        let trik = client.step(lesson, json!({"name": "trik", "source": {"fields_archive": []}})).await;
        let attempt = client.attempt(id(&trik)).await;
        let sent = json!({"attempt": id(&attempt), "reply": {"project": [file("a.qrs", "x")]}});
        let sent = client.create("submissions", sent).await;
        let verdict = client.get(&format!("/api/submissions/{}", id(&sent))).await["submissions"][0].clone();
        assert_eq!(verdict["status"], if rule == CodeRule::AllRight { "correct" } else { "wrong" });
    }
}
