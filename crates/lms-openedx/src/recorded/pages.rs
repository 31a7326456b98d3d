//! Pages of problems, as the platform renders them, against what its own problem code says of the same problems.

use std::collections::BTreeMap;
use std::path::Path;

use lms_core::Response;
use serde_json::Value;

use super::{json, records};
use crate::problem_page::ProblemPage;
use crate::shared::shared;

/// What the problem code itself says of each problem, by the name of its block: the fields of the form
/// with their control and the values on offer.
fn oracle(root: &Path) -> BTreeMap<String, Value> {
    let golden = json(&root.join("openedx-oracle/golden/demo-course.json"));
    let problems = golden["problems"].as_array().expect("problems");
    problems.iter().map(|p| (p["id"].as_str().expect("an id").to_owned(), p["inputs"].clone())).collect()
}

/// The page of a record, and the name of its block.
fn page(record: &Value) -> Option<(String, ProblemPage)> {
    let path = record["request"]["path"].as_str()?;
    let block = path.split("+block@").nth(1)?.split('/').next()?.to_owned();
    let answer = serde_json::from_value(record["response"]["json"].clone()).ok()?;
    let page = ProblemPage::read(&answer, &block).ok()?;
    Some((block, page))
}

#[test]
fn recorded_pages_have_the_inputs_that_the_problem_code_has() {
    let Some(root) = shared("") else { return };
    let oracle = oracle(&root);
    let Some(records) = records() else { return };
    let (mut pages, mut wrong) = (0, Vec::new());
    for record in &records {
        let name = &record.name;
        let Some((block, page)) = page(&record.record).filter(|_| name.starts_with("problems: ")) else {
            continue;
        };
        let Some(expected) = oracle.get(&block).and_then(Value::as_array) else { continue };
        pages += 1;
        let expected: Vec<String> = expected
            .iter()
            .map(|input| {
                let form = &input["form"][0];
                let kind = form["type"].as_str().unwrap_or(form["control"].as_str().unwrap_or_default());
                let offered = form["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
                // The entry that stands for no answer is not on offer.
                let offered = offered.filter(|value| !value.ends_with("_dummy_default")).count();
                format!("{} {kind} {offered}", input["id"].as_str().unwrap_or_default())
            })
            .collect();
        let read: Vec<String> = page
            .inputs
            .iter()
            .map(|input| {
                let kind = match input.kind() {
                    "formulaequationinput" => "text",
                    "other" => "hidden",
                    kind => kind,
                };
                format!("{} {kind} {}", input.id, input.offered().len())
            })
            .collect();
        if block == "b20c43dfbd874a729762ab44a1dfc282" {
            // The text stands in the response, and is rendered beside the options.
            let said = page.statement.plain();
            assert!(said.contains("era tanker") && !said.contains("1952"), "{name}: {said}");
        }
        if read != expected {
            wrong.push(format!("{name}: {read:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages > 60, "{pages} pages");
    eprintln!("{pages} recorded pages read");
}

#[test]
fn recorded_answers_can_be_given_and_their_marks_are_read() {
    let Some(records) = records() else { return };
    let (mut given, mut marked) = (0, 0);
    let mut pages: BTreeMap<String, ProblemPage> = BTreeMap::new();
    for record in &records {
        let (name, record) = (&record.name, &record.record);
        if name.starts_with("problems: get: ") {
            pages.extend(page(record));
        }
        if !name.starts_with("problems: check shown answers: ") {
            continue;
        }
        let path = record["request"]["path"].as_str().expect("a path");
        let block = path.split("+block@").nth(1).and_then(|b| b.split('/').next()).expect("a block");
        let Some(before) = pages.get(block) else { continue };
        let body = record["request"]["body"].as_str().unwrap_or_default();
        let sent: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        for input in &before.inputs {
            let of_it: Vec<_> = sent
                .iter()
                .filter(|(k, _)| k.trim_end_matches("[]") == format!("input_{}", input.id))
                .collect();
            if of_it.is_empty() {
                continue;
            }
            let offered = input.offered();
            let response = match input.kind() {
                "radio" | "checkbox" | "select" => {
                    let picked =
                        of_it.iter().map(|(_, v)| offered.iter().position(|o| o == v).expect("an offer"));
                    Response::choices(picked)
                }
                _ => Response::text(of_it[0].1.clone()),
            };
            let mut fields = input.fields(&response).expect("fields");
            fields.sort();
            let mut of_it: Vec<_> = of_it.into_iter().cloned().collect();
            of_it.sort();
            assert_eq!(fields, of_it, "{name}");
            given += 1;
        }
        // The mark of every input of the page that comes back.
        let Some((_, after)) = page(record) else { continue };
        let right = record["response"]["json"]["success"] == "correct";
        for input in after.inputs.iter().filter(|_| right) {
            assert!(matches!(input.status.as_str(), "correct" | "partially-correct"), "{name}: {input:?}");
            marked += 1;
        }
    }
    assert!(given > 20 && marked > 20, "{given} given, {marked} marked");
    eprintln!("{given} recorded answers given, {marked} marks read");
}
