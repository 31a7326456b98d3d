//! Two clients that nobody here wrote, and this one, see the same of one server: `openedx-rest-api-client` and
//! `edx-api-client` from PyPI.
//!
//! `cargo xtask clients` starts `lms emulate`, and says in `LMS_OPENEDX` where it is and in
//! `LMS_OPENEDX_PYTHON` which interpreter has the packages; without them the test says that it is skipped.

use std::path::Path;
use std::process::{Command, Stdio};

use lms_core::*;
use lms_openedx::{BulkOptions, OpenEdx, OpenEdxBuilder, OpenEdxKey};
use serde_json::{Value, json};

const MARKED: &str = "course-v1:Lighthouse+SEA+marked";
const OPEN: &str = "course-v1:Harbour+SEA+alpha";
const PASSWORD: &str = "Correct-horse-7";

struct Site {
    server: Value,
    line: String,
    python: String,
}

impl Site {
    fn find() -> Option<Self> {
        let Some((line, python)) =
            std::env::var("LMS_OPENEDX").ok().zip(std::env::var("LMS_OPENEDX_PYTHON").ok())
        else {
            eprintln!("skipped: set LMS_OPENEDX and LMS_OPENEDX_PYTHON, as `cargo xtask clients` does");
            return None;
        };
        Some(Self { server: serde_json::from_str(&line).expect("a line of JSON"), line, python })
    }

    /// What the packages see.
    fn they(&self, work: &str) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/openedx/client.py");
        let mut command = Command::new(&self.python);
        command.arg("-B").arg(script).arg(work).env("LMS_OPENEDX", &self.line).stderr(Stdio::inherit());
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{work}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    fn builder(&self) -> OpenEdxBuilder {
        let text = |key: &str| self.server[key].as_str().expect("a text").to_owned();
        OpenEdxBuilder::new()
            .with_option(OpenEdxKey::LmsUrl, text("lms_url"))
            .with_option(OpenEdxKey::ClientId, text("client_id"))
            .with_option(OpenEdxKey::ClientSecret, text("client_secret"))
    }

    fn staff(&self) -> OpenEdx {
        self.builder().build().expect("a provider")
    }

    fn learner(&self, name: &str) -> OpenEdx {
        let builder = self.builder().with_option(OpenEdxKey::Username, name);
        builder.with_option(OpenEdxKey::Password, PASSWORD).build().expect("a provider")
    }
}

fn account(name: &str, email: &str, full: &str, password: &str, terms: bool) -> NewAccount {
    NewAccount {
        username: Some(name.into()),
        email: email.into(),
        password: password.into(),
        name: full.into(),
        accepted_terms: terms,
        fields: Vec::new(),
    }
}

/// Complaints by field, in order.
fn complaints(decisions: &Value) -> Vec<(String, String)> {
    let decisions = decisions.as_object().expect("decisions");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    sorted(decisions.iter().map(|(k, v)| (k.clone(), text(v))).filter(|(_, text)| !text.is_empty()).collect())
}

fn sorted(mut list: Vec<(String, String)>) -> Vec<(String, String)> {
    list.sort();
    list
}

/// `{"field": [{"user_message": …}], …}` by field.
fn messages(answer: &Value) -> Vec<(String, String)> {
    let fields = answer.as_object().expect("an object").iter();
    let said = fields.filter_map(|(k, v)| Some((k.clone(), v[0]["user_message"].as_str()?.to_owned())));
    sorted(said.collect())
}

#[tokio::test]
async fn other_clients_see_what_ours_sees() {
    let Some(site) = Site::find() else { return };
    let did = site.they("people");
    let staff = site.staff();
    accounts(&staff, &did).await;
    enrolled(&staff, &did).await;
    // The people whom the packages registered sign in with ours, and answer.
    answer(&site.learner("ann"), &[("colour", Response::choices([1]))]).await;
    answer(&site.learner("bo"), &[("colour", Response::choices([1])), ("count", Response::text("4"))]).await;
    answer(&site.learner("cy"), &[("colour", Response::choices([0]))]).await;
    let saw = site.they("look");
    courses(&staff, &saw).await;
    rosters(&staff, &saw).await;
    grades(&site, &staff, &saw).await;
}

async fn accounts(staff: &OpenEdx, did: &Value) {
    assert_eq!(complaints(&did["before"]["validation_decisions"]), []);
    assert!(did["registered"].as_array().expect("a list").iter().all(|one| one["success"] == true), "{did}");
    let registration = staff.require_registration().expect("registration");
    let ann = account("ann", "ann@example.org", "Ann Example", PASSWORD, true);
    let taken = registration.validate(&ann).await.expect("decisions");
    assert_eq!(sorted(taken), complaints(&did["after"]["validation_decisions"]));
    let bad = account("a", "nowhere", "<b>", "p", false);
    let ours = sorted(registration.validate(&bad).await.expect("decisions"));
    assert_eq!(ours.len(), 4);
    assert_eq!(ours, complaints(&did["bad"]["validation_decisions"]));
    assert_eq!(ours, complaints(&did["bad_seen_by_the_other"]));
    let refused = registration.register(&ann).await.expect_err("taken");
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert_eq!(sorted(refused.fields().to_vec()), messages(&did["refused"]));
    let refused = registration.register(&account("new", "new@example.org", "New", PASSWORD, false)).await;
    let refused = refused.expect_err("without consent");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.fields(), messages(&did["without_terms"]));
    let suggested = &did["after"]["username_suggestions"];
    assert_eq!(json!(staff.username_suggestions("ann").await.expect("names")), *suggested);
    let seen =
        staff.require_accounts().expect("accounts").get(&Subject::User("di".into())).await.expect("di");
    assert_eq!((seen.name.as_deref(), seen.email.as_deref()), (Some("Di Example"), Some("di@example.org")));
}

async fn enrolled(staff: &OpenEdx, did: &Value) {
    let results = did["enrolled"]["courses"][MARKED]["results"].as_array().expect("rows");
    let invalid: Vec<&str> = results
        .iter()
        .filter(|row| row["invalidIdentifier"] == true)
        .map(|row| row["identifier"].as_str().expect("a name"))
        .collect();
    assert_eq!((results.len(), invalid), (7, vec!["no address"]));
    assert_eq!(did["unknown_course"]["status_code"], 404);
    let nobody = ["ann@example.org".to_owned()];
    let job = staff.bulk_enroll(&"course-v1:No+Such+Course".into(), nobody, BulkOptions::default());
    assert_eq!(job.expect("a job").all().await.expect_err("no course").kind(), ErrorKind::NotFound);
    // Who was put in and taken out of the other course is so for us.
    let states = list(staff, OPEN).await;
    let state = |name: &str| states.iter().find(|e| e.user.as_str() == name).map(|e| e.state);
    assert_eq!(state("ed"), Some(EnrollmentState::Inactive), "unenrolled in bulk");
    assert_eq!(state("cy"), Some(EnrollmentState::Inactive), "deactivated");
    assert_eq!(did["left"]["active"], false);
    assert_eq!(state("ann"), Some(EnrollmentState::Active));
    assert_eq!(did["one"]["user"], "bo");
}

async fn list(staff: &OpenEdx, course: &str) -> Vec<Enrollment> {
    let enrollments = staff.require_enrollments().expect("enrollments");
    let listing = enrollments.list(&course.into(), EnrollmentQuery::default()).expect("a listing");
    listing.all().await.expect("enrollments")
}

async fn answer(learner: &OpenEdx, answers: &[(&str, Response)]) {
    for (problem, response) in answers {
        let id = format!("block-v1:Lighthouse+SEA+marked+type@problem+block@{problem}");
        let place = TaskRef::new(CourseId::from(MARKED), TaskId::from(id.as_str()));
        let task = learner.require_tasks().expect("tasks").get(&place).await.expect("a task");
        let answer = TaskAnswer([(task.parts[0].block.clone(), response.clone())].into());
        learner.require_submissions().expect("submissions").submit(&place, &answer).await.expect("taken");
    }
}

async fn courses(staff: &OpenEdx, saw: &Value) {
    let courses = staff.require_courses().expect("courses");
    let listed = courses.list(CourseQuery::new()).expect("a listing").all().await.expect("courses");
    assert_eq!(listed.len(), 5);
    // The platform escapes titles in this answer; the packages leave them so.
    let theirs = |c: &Value| {
        let text = |key: &str| c[key].as_str().map(str::to_owned);
        (text("id").expect("an id"), unescape(&text("title").expect("a title")), text("summary"))
    };
    let ours: Vec<_> =
        listed.iter().map(|c| (c.id.to_string(), c.title.clone(), c.summary.clone())).collect();
    for list in ["courses", "courses_of_the_other"] {
        assert_eq!(
            saw[list].as_array().expect("a list").iter().map(theirs).collect::<Vec<_>>(),
            ours,
            "{list}"
        );
    }
    assert_eq!(saw["of_an_org"], json!([MARKED]));
    assert_eq!(saw["details"].as_object().expect("details").len(), 5);
    for summary in &listed {
        let one = courses.get(&summary.id).await.expect("a course");
        let detail = &saw["details"][summary.id.as_str()];
        assert_eq!(theirs(detail), (one.id.to_string(), one.title, one.summary));
    }
    assert_eq!(saw["overview"], "<p>What the lights mean.</p>\n");
}

async fn rosters(staff: &OpenEdx, saw: &Value) {
    let ours = list(staff, MARKED).await;
    assert_eq!(ours.len(), 5);
    let theirs: Vec<Enrollment> = saw["enrollments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| Enrollment {
            course: e["course"].as_str().expect("an id").into(),
            user: e["user"].as_str().expect("a name").into(),
            state: if e["active"] == true { EnrollmentState::Active } else { EnrollmentState::Inactive },
            mode: e["mode"].as_str().map(str::to_owned),
            since: e["since"].as_str().and_then(|since| since.parse().ok()),
        })
        .collect();
    assert_eq!(theirs, ours);
    let users = |list: &Value| list.as_array().expect("a list").len();
    assert_eq!(users(&saw["enrollments_of_two"]), 5, "two courses each, and the one by invitation");
}

async fn grades(site: &Site, staff: &OpenEdx, saw: &Value) {
    let grades = staff.require_grades().expect("grades");
    let ours =
        grades.list(&MARKED.into(), GradeQuery::default()).expect("a listing").all().await.expect("grades");
    let share = |name: &str| ours.iter().find(|g| g.user.as_str() == name).map(|g| g.share);
    assert_eq!(
        (share("ann"), share("bo"), share("cy"), share("di")),
        (Some(0.5), Some(1.0), Some(0.0), Some(0.0))
    );
    let theirs = |g: &Value| Grade {
        user: g["username"].as_str().expect("a name").into(),
        share: g["percent"].as_f64().expect("a number"),
        points: None,
        letter: g["letter_grade"].as_str().map(str::to_owned),
        passed: g["passed"].as_bool(),
    };
    for list in ["grades", "grades_of_the_other"] {
        let mut listed: Vec<Grade> = saw[list].as_array().expect("a list").iter().map(theirs).collect();
        let mut ours = ours.clone();
        // The second package keeps them by name.
        listed.sort_by_key(|g| g.user.to_string());
        ours.sort_by_key(|g| g.user.to_string());
        assert_eq!(listed, ours, "{list}");
    }
    let mine =
        site.learner("ann").require_grades().expect("grades").mine(&MARKED.into()).await.expect("a grade");
    assert_eq!(theirs(&saw["grade_of_one"][0]), mine);
    assert_eq!(theirs(&saw["grade_of_one_of_the_other"]), mine);
}
