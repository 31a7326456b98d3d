//! Marks of problems, and what is said of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{PYTHON, Replay};
use crate::openedx::tests::shared::shared;

/// Every recorded submission again, in order: same verdict, score and attempts, same status at every input.
#[tokio::test]
async fn problems_are_marked_as_by_the_real_grader() {
    let Some(root) = shared("") else { return };
    let replay = Replay::start(&root).await;
    let mut compared = 0;
    let mut wrong = Vec::new();
    for record in replay.read("problems") {
        let name = record["name"].as_str().expect("name");
        if PYTHON.iter().any(|word| name.contains(word)) {
            continue;
        }
        let ours = replay.ask(&record).await;
        let real = &record["response"];
        assert_eq!(u64::from(ours.status), real["status"].as_u64().expect("status"), "{name}");
        let (Some(real), Some(ours)) = (real.get("json"), ours.json) else { continue };
        compared += 1;
        for field in
            ["success", "msg", "current_score", "total_possible", "attempts_used", "progress_changed"]
        {
            let number = |value: &Value| value.get(field).and_then(Value::as_f64);
            if ours.get(field) != real.get(field)
                && (number(&ours).is_none() || number(&ours) != number(real))
            {
                wrong.push(format!("{name}: {field} {:?}, real {:?}", ours.get(field), real.get(field)));
            }
        }
        for page in ["html", "contents"] {
            let (ours, real) = (statuses(&ours[page]), statuses(&real[page]));
            if ours != real {
                wrong.push(format!("{name}: {ours:?}, real {real:?}"));
            }
        }
        for page in ["html", "contents"] {
            let (ours, real) = (feedback(&ours[page]), feedback(&real[page]));
            if ours != real {
                wrong.push(format!("{name}: feedback {ours:?}, real {real:?}"));
            }
        }
        if let Some(answers) = real["answers"].as_object() {
            for (id, answer) in answers.iter().filter(|(id, _)| !id.contains("solution")) {
                let sorted = |value: &Value| {
                    let mut list: Vec<String> =
                        value.as_array().into_iter().flatten().map(Value::to_string).collect();
                    list.sort();
                    if list.is_empty() { value.to_string() } else { list.join(" ") }
                };
                if sorted(&ours["answers"][id]) != sorted(answer) {
                    wrong.push(format!("{name}: answer {id} {}, real {answer}", ours["answers"][id]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{compared} compared\n{}", wrong.join("\n"));
    assert!(compared > 50, "{compared}");
}

/// `status` class by input id.
fn statuses(page: &Value) -> BTreeMap<String, String> {
    let text = page.as_str().unwrap_or_default();
    let found = text.split("<span class=\"status ").skip(1).filter_map(|rest| {
        let (class, rest) = rest.split_once('"')?;
        let id = rest.trim_start().strip_prefix("id=\"status_")?.split('"').next()?;
        Some((id.to_owned(), class.to_owned()))
    });
    found.collect()
}

/// Labels and texts of the feedback.
fn feedback(page: &Value) -> Vec<String> {
    let text =
        page.as_str().unwrap_or_default().replace("<span class=\"hint-label\">", "<div class=\"hint-text\">");
    let found = text.split("<div class=\"hint-text\">").skip(1);
    found.map(|rest| rest.split('<').next().unwrap_or_default().trim().to_owned()).collect()
}
