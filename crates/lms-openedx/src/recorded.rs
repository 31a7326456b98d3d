//! The dialect and the problem page, held against answers of a real LMS and Studio.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use lms_core::{ErrorKind, Response};
use lms_http::Dialect;
use lms_http::testing::Recorded;
use serde_json::Value;

use crate::dialect::OpenEdxDialect;
use crate::problem_page::ProblemPage;
use crate::shared::shared;

fn json(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).expect("a recording");
    serde_json::from_str(&text).expect("JSON")
}

/// Every record as `file: name`, with what the dialect is shown.
fn records(root: &std::path::Path) -> Vec<(String, Value, Recorded)> {
    let folder = root.join("courses/recordings/openedx-lms");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files.into_iter().filter(|f| f.extension().is_some_and(|e| e == "json")) {
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        for record in json(file).as_array().expect("a list") {
            let response = &record["response"];
            let body = match response.get("json") {
                Some(json) => json.to_string(),
                None => response["text"].as_str().unwrap_or_default().to_owned(),
            };
            let status = response["status"].as_u64().expect("a status") as u16;
            let mut answer = Recorded::new(status, body);
            for header in response["headers"].as_array().into_iter().flatten() {
                answer = answer.header(header[0].as_str().unwrap_or(""), header[1].as_str().unwrap_or(""));
            }
            let name = format!("{stem}: {}", record["name"].as_str().expect("a name"));
            found.push((name, record.clone(), answer));
        }
    }
    found
}

/// What is an error, and of which kind. Whatever is not named is a success.
const ERRORS: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::Unauthenticated,
        &[
            "enrollment: list, none",
            "oauth: unknown client",
            "oauth: wrong password",
            "oauth: wrong secret",
            "oauth: refresh used twice",
            "problems: check, anonymous",
            "session: login, wrong password",
            "studio-import: anonymous",
            "users: me, bad bearer",
            "users: me, bad jwt",
            "users: me, bearer without value",
            "users: me, none",
        ],
    ),
    (
        ErrorKind::PermissionDenied,
        &[
            "blocks: all_blocks as learner",
            "blocks: another user",
            "blocks: no credentials",
            // The platform does not tell one that is not there from one that may not be seen.
            "blocks: unknown course",
            "completion: batch, other user",
            "courses: list, another user",
            "courses: list, unknown user, anonymous",
            "enrollment: admin list as learner",
            "enrollment: mode not offered",
            "grades: all grades as learner",
            "grades: all grades as staff",
            "problems: check, session without CSRF",
            "studio-import: as learner",
            "studio: create as learner",
        ],
    ),
    (
        ErrorKind::NotFound,
        &[
            "courses: detail, bad key",
            "courses: detail, unknown course",
            "courses: list, page is a word",
            "courses: list, page past the end",
            "enrollment: enroll someone else",
            "home: progress",
            "misc: unknown API",
            "problems: malformed usage key",
            "problems: unknown block",
            "problems: unknown handler",
            "users: account unknown",
            "xblock: of a unit, anonymous",
        ],
    ),
    (
        ErrorKind::InvalidInput,
        &[
            "blocks: bad course key",
            "blocks: bad depth",
            "blocks: no course",
            "blocks: no username",
            "completion: batch, bad value",
            "enrollment: course details, unknown",
            "enrollment: enroll, bad key",
            "enrollment: enroll, no course",
            "enrollment: enroll, unknown course",
            "oauth: no grant",
            "oauth: unsupported grant",
            "problems: check blank: Annotation Problem",
            "problems: check blank: Design a Logic Gate",
            "problems: check shown answers: Annotation Problem",
            "problems: check shown answers: Design a Logic Gate",
            "problems: hint",
            "problems: malformed field name",
            "problems: show: Advanced Custom Python-Evaluated Input Problem",
            "problems: show: Annotation Problem",
            "problems: show: Custom JavaScript Display and Grading",
            "problems: show: Design a Logic Gate",
            "problems: show: Medical Scenario",
            "problems: show: Protein Builder",
            "problems: show: Reflection questions",
            "problems: show: Simple Python-Evaluated Input Problem",
            // Sign-in is a form like any other here; `session` makes it `Unauthenticated`.
            "studio: create without fields",
            "studio: olx export api of a block",
        ],
    ),
    (
        ErrorKind::RateLimited,
        &[
            "limits: course list with a user, over the throttle",
            "limits: course list, over the throttle",
            "limits: enrollment, over the throttle",
        ],
    ),
    // A missing slash.
    (ErrorKind::Protocol, &["grades: subsection"]),
    (ErrorKind::Unsupported, &["courses: POST not allowed", "oauth: GET not allowed"]),
    (
        ErrorKind::Unavailable,
        &[
            "blocks: from one unit",
            "blocks: unknown block",
            "misc: heartbeat",
            "studio-import: no file",
            "studio-import: wrong extension",
            "studio: olx export api of an unknown block",
            "studio: quality",
            "studio: status without task",
        ],
    ),
];

#[test]
fn every_recorded_answer_is_read_as_the_error_or_the_success_that_it_is() {
    let Some(root) = shared("") else { return };
    let kinds: BTreeMap<&str, ErrorKind> =
        ERRORS.iter().flat_map(|(kind, names)| names.iter().map(|name| (*name, *kind))).collect();
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for (name, _, recorded) in records(&root) {
        let read = OpenEdxDialect.read(&recorded.answer("recorded")).map(|error| error.kind());
        let expected = kinds.get(name.as_str()).copied();
        if read.is_some() {
            met.insert(name.clone());
        }
        if read != expected {
            wrong.push(format!("{name}: {read:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met.len(), kinds.len(), "a record of the table is not there");
}

#[test]
fn a_throttled_answer_says_how_long_to_wait_with_or_without_the_header() {
    let Some(root) = shared("") else { return };
    let pauses: Vec<_> = records(&root)
        .into_iter()
        .filter(|(name, ..)| name.starts_with("limits: "))
        .map(|(_, _, recorded)| OpenEdxDialect.throttled(&recorded.answer("recorded")))
        .map(|pause| pause.flatten().map(|pause| pause.as_secs()))
        .collect();
    assert_eq!(pauses.len(), 3);
    assert!(pauses.iter().all(|pause| matches!(pause, Some(1..=60))), "{pauses:?}");
}

#[test]
fn the_complaints_of_a_form_are_kept_by_field() {
    let read = |status, body: &str| OpenEdxDialect.read(&Recorded::new(status, body).answer("x"));
    let error = read(
        409,
        r#"{"email":[{"user_message":"Taken."}],"username_suggestions":["ann_1"],"error_code":"duplicate-email"}"#,
    )
    .expect("an error");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.fields(), [("email".to_owned(), "Taken.".to_owned())]);
    let error =
        read(400, r#"{"field_errors":{"depth":{"developer_message":"Not a depth."}}}"#).expect("an error");
    assert_eq!(error.fields(), [("depth".to_owned(), "Not a depth.".to_owned())]);
    let error = read(200, r#"{"ErrMsg":"It is there.","OrgErrMsg":"Change it."}"#).expect("an error");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(read(200, r#"{"success":true,"redirect_url":null}"#).is_none());
    let moved = Recorded::new(302, "").header("Location", "/login/?next=/export/x");
    let error = OpenEdxDialect.read(&moved.answer("x")).expect("an error");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

/// What the problem code itself says of each problem, by the name of its block: the fields of the form
/// with their control and the values on offer.
fn oracle(root: &std::path::Path) -> BTreeMap<String, Value> {
    let golden = json(root.join("openedx-oracle/golden/demo-course.json"));
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
    let (mut pages, mut wrong) = (0, Vec::new());
    for (name, record, _) in records(&root) {
        let Some((block, page)) = page(&record).filter(|_| name.starts_with("problems: ")) else { continue };
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
    let Some(root) = shared("") else { return };
    let (mut given, mut marked) = (0, 0);
    let mut pages: BTreeMap<String, ProblemPage> = BTreeMap::new();
    for (name, record, _) in records(&root) {
        if name.starts_with("problems: get: ") {
            pages.extend(page(&record));
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
        let Some((_, after)) = page(&record) else { continue };
        let right = record["response"]["json"]["success"] == "correct";
        for input in after.inputs.iter().filter(|_| right) {
            assert!(matches!(input.status.as_str(), "correct" | "partially-correct"), "{name}: {input:?}");
            marked += 1;
        }
    }
    assert!(given > 20 && marked > 20, "{given} given, {marked} marked");
    eprintln!("{given} recorded answers given, {marked} marks read");
}
