//! Mistakes of other tools that are not to be made here. `docs/traps.md` says which, and which tests watch.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lms::grade::grade;
use lms::inginious::FolderCourse;
use lms::migrate::{Plan, plan_content};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{
    BlockBody, Content, Credit, Exercise, Interaction, Key, LmsProvider, NewCourse, Platform, ProviderInfo,
    Response, Severity,
};
use serde_json::json;

use crate::sites::{choice, quiz, read_olx, read_stepik, stepik_course, string, text};

/// The files that hold the tests of the list, this one included.
const FILES: [&str; 12] = [
    "tests/trust/traps.rs",
    "crates/lms-cli/tests/cli.rs",
    "crates/lms-cli/tests/migrate/again.rs",
    "crates/lms-cli/tests/migrate/resume.rs",
    "crates/lms-migrate/tests/migration.rs",
    "crates/lms-migrate/src/sync/matching.rs",
    "crates/lms-migrate/src/journal/file.rs",
    "crates/lms-stepik/tests/emulator/writing.rs",
    "crates/lms-http/tests/http/secrets.rs",
    "crates/lms-http/tests/http/canary/mod.rs",
    "crates/lms-http/tests/http/oauth.rs",
    "crates/lms-core/src/page/tests.rs",
];
const CHECKS: &str = "crates/lms-openedx/src/check/tests.rs";

#[test]
fn each_trap_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let code: String = FILES.iter().chain([&CHECKS]).map(|name| text(name)).collect();
    let list = text("docs/traps.md");
    let rows: Vec<Vec<&str>> = list
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| no."))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let numbers: Vec<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(numbers, (1..=16).map(|n| n.to_string()).collect::<Vec<_>>());
    for row in &rows {
        let tests: Vec<&str> = row[3].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "trap {} has no test", row[0]);
        for test in tests {
            // One of a list, from which a macro makes the tests.
            if code.contains(&format!("\n    {test}: ")) {
                continue;
            }
            let at = code
                .find(&format!("fn {test}()"))
                .unwrap_or_else(|| panic!("{test} of trap {} is gone", row[0]));
            let before = code[..at].trim_end().trim_end_matches("async").trim_end();
            assert!(before.ends_with(']'), "{test} is no test");
        }
    }
}

fn to(target: &dyn LmsProvider, content: &Content) -> Plan {
    let source = ProviderInfo { platform: Platform::Other, location: "there".into() };
    plan_content(content.clone(), &source, target).expect("a plan")
}

fn targets(folder: &Path) -> [Arc<dyn LmsProvider>; 3] {
    let options = [("client_id", "x"), ("client_secret", "x")];
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    [
        lms::connect(Platform::Stepik, options).expect("the options are sound"),
        Arc::new(OlxArchive::create(folder.join("olx"), ArchiveForm::Folder).expect("a place")),
        Arc::new(FolderCourse::create(folder.join("folder")).expect("a place")),
    ]
}

fn exercises(content: &Content) -> Vec<&Exercise> {
    content.course.blocks().filter_map(|place| place.block.1.exercise()).collect()
}

const GOOD: &str = "<problem><p>Well?</p><multiplechoiceresponse><choicegroup><choice correct=\"true\">a</choice>\
    <choice correct=\"false\">b</choice></choicegroup></multiplechoiceresponse></problem>";

/// Trap 2.
#[tokio::test]
async fn one_odd_question_leaves_its_neighbours_alone() {
    let odd = "<problem><p>Odd</p><quantumresponse answer=\"x\"/></problem>";
    let content = read_olx(&[GOOD, odd, GOOD]).await;
    assert_eq!(exercises(&content).len(), 2);
    let folder = tempfile::tempdir().expect("a folder");
    for target in targets(folder.path()) {
        let plan = to(target.as_ref(), &content);
        let kept = plan.adapted.course.blocks().filter(|place| place.block.1.exercise().is_some()).count();
        assert_eq!(kept, 2, "{}", target.info().platform);
    }
}

/// Trap 3.
#[tokio::test]
async fn no_default_changes_how_parts_count() {
    let several = choice(json!({"is_multiple_choice": true, "preserve_order": true}));
    let content = read_stepik(&stepik_course(json!({}), &[("several", vec![several])])).await;
    assert_eq!(exercises(&content)[0].scoring.credit, Credit::AllOrNothing);
    let folder = tempfile::tempdir().expect("a folder");
    for target in targets(folder.path()) {
        let plan = to(target.as_ref(), &content);
        let there: Vec<&Exercise> =
            plan.adapted.course.blocks().filter_map(|p| p.block.1.exercise()).collect();
        assert_eq!(there[0].scoring.credit, Credit::AllOrNothing, "{}", target.info().platform);
    }
    let part = "<problem><p>Well?</p><choiceresponse partial_credit=\"EDC\"><checkboxgroup><choice correct=\"true\">a</choice>\
        <choice correct=\"true\">b</choice><choice correct=\"false\">c</choice></checkboxgroup></choiceresponse></problem>";
    let content = read_olx(&[part]).await;
    assert_eq!(exercises(&content)[0].scoring.credit, Credit::EveryDecision);
    let [stepik, _, folder] = targets(folder.path());
    for target in [stepik, folder] {
        let plan = to(target.as_ref(), &content);
        let block = &content.course.blocks().next().expect("a block").block.1.id;
        let named =
            plan.findings.iter().any(|f| f.block.as_ref() == Some(block) && f.severity > Severity::Exact);
        assert!(named, "{}: {:?}", target.info().platform, plan.findings);
    }
}

/// Trap 6.
#[tokio::test]
async fn program_tasks_are_carried_or_named() {
    let source = json!({"code": "def check(reply, clue):\n    return True\n", "execution_time_limit": 5,
        "execution_memory_limit": 256, "samples_count": 1, "templates_data": "::python3\n# here\n",
        "is_time_limit_scaled": true, "is_memory_limit_scaled": true, "manual_time_limits": [],
        "manual_memory_limits": [], "test_archive": [], "test_cases": [["1 2\n", "3\n"]]});
    let sql = json!({"init_sql": "create", "solve_sql": "select", "check_code": ""});
    let lessons = [("code", vec![quiz("code", source)]), ("sql", vec![quiz("sql", sql)])];
    let content = read_stepik(&stepik_course(json!({}), &lessons)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let [_, olx, tasks] = targets(folder.path());
    for target in [olx, tasks] {
        let plan = to(target.as_ref(), &content);
        for place in content.course.blocks() {
            let id = &place.block.1.id;
            let named =
                plan.findings.iter().any(|f| f.block.as_ref() == Some(id) && f.severity > Severity::Exact);
            let there = plan.adapted.carried.iter().any(|c| c.source == *id && !c.target.is_empty());
            assert!(named && there, "{} to {}", place.place(), target.info().platform);
        }
    }
}

/// Trap 10.
#[tokio::test]
async fn what_the_reader_does_not_know_is_counted_and_kept() {
    let content = read_olx(&["<hologram data=\"1\"/>", GOOD, "<poll question=\"Well?\"/>"]).await;
    assert_eq!((content.native.blocks["hologram"], content.native.blocks["poll"]), (1, 1));
    let sources: Vec<&str> = content
        .course
        .blocks()
        .filter_map(|place| match &place.block.1.body {
            BlockBody::Foreign(foreign) => Some(foreign.source.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(sources.len(), 2);
    assert!(sources[0].contains("<hologram") && sources[1].contains("Well?"), "{sources:?}");
}

/// Trap 11.
#[tokio::test]
async fn an_unknown_kind_is_no_empty_choice() {
    let lessons = [("odd", vec![quiz("hologram", json!({"options": [{"text": "a"}]})), text()])];
    let content = read_stepik(&stepik_course(json!({}), &lessons)).await;
    assert!(exercises(&content).is_empty());
    let folder = tempfile::tempdir().expect("a folder");
    for target in targets(folder.path()).iter().skip(1) {
        let plan = to(target.as_ref(), &content);
        assert!(plan.adapted.course.blocks().all(|place| place.block.1.exercise().is_none()));
        assert!(plan.findings.iter().any(|f| f.to_string().contains("hologram")));
    }
}

/// Trap 13.
#[tokio::test]
async fn an_option_worth_a_part_is_not_right() {
    let part = "<problem><p>Well?</p><multiplechoiceresponse partial_credit=\"points\"><choicegroup>\
        <choice correct=\"true\">a</choice><choice correct=\"partial\" point_value=\"0.5\">b</choice>\
        <choice correct=\"false\">c</choice></choicegroup></multiplechoiceresponse></problem>";
    let content = read_olx(&[part]).await;
    assert_eq!(content.course.blocks().count(), 1, "it is read as one block");
    let never_b = |exercise: &Exercise| {
        let (Interaction::Choice(choice), Some(Key::Choice { correct })) =
            (&exercise.interaction, &exercise.key)
        else {
            return;
        };
        let right: Vec<String> = correct.iter().map(|n| choice.options[*n].text.plain()).collect();
        assert_eq!(right, ["a"]);
    };
    exercises(&content).into_iter().for_each(never_b);
    let folder = tempfile::tempdir().expect("a folder");
    let [stepik, _, tasks] = targets(folder.path());
    for target in [stepik, tasks] {
        let plan = to(target.as_ref(), &content);
        plan.adapted.course.blocks().filter_map(|place| place.block.1.exercise()).for_each(never_b);
        assert!(
            plan.findings.iter().any(|f| f.severity > Severity::Exact && f.block.is_some()),
            "it is named"
        );
    }
}

/// Trap 14.
#[tokio::test]
async fn twelve_options_are_twelve_everywhere() {
    let option = |n: usize| json!({"is_correct": n == 11, "text": format!("option {n}"), "feedback": ""});
    let options: Vec<_> = (0..12).map(option).collect();
    let many = choice(json!({"options": options, "sample_size": 12}));
    let content = read_stepik(&stepik_course(json!({}), &[("many", vec![many])])).await;
    let folder = tempfile::tempdir().expect("a folder");
    for target in targets(folder.path()) {
        let plan = to(target.as_ref(), &content);
        let there = plan.adapted.course.blocks().find_map(|place| place.block.1.exercise().cloned());
        let there = there.expect("an exercise");
        let Interaction::Choice(choice) = &there.interaction else { panic!("{there:?}") };
        assert_eq!(choice.options.len(), 12, "{}", target.info().platform);
        assert_eq!(there.key, Some(Key::Choice { correct: [11].into() }));
    }
}

/// Trap 15: Open edX puts `^` before and `$` behind what it has joined with `|` (reference openedx.md 5.10).
#[tokio::test]
async fn alternatives_of_a_pattern_are_anchored_one_by_one() {
    let pattern = string(json!({"use_re": true, "pattern": "cat|dog"}));
    let content = read_stepik(&stepik_course(json!({}), &[("pattern", vec![pattern])])).await;
    let folder = tempfile::tempdir().expect("a folder");
    let [_, olx, _] = targets(folder.path());
    let plan = to(olx.as_ref(), &content);
    let adapted =
        plan.adapted.course.blocks().find_map(|place| place.block.1.exercise()).expect("an exercise");
    for (answer, score) in [("cat", 1.0), ("dog", 1.0), ("catfish", 0.0), ("hotdog", 0.0)] {
        for exercise in [exercises(&content)[0], adapted] {
            let mark = grade(exercise, &Response::text(answer)).expect("it can be marked");
            assert_eq!(mark.score, score, "{answer}");
        }
    }
    lms::migrate::apply(&plan, olx.as_ref(), olx.as_ref(), &NewCourse::default(), &lms::migrate::Quiet)
        .await
        .expect("it is written");
    let problems = fs::read_dir(folder.path().join("olx/problem")).expect("problems");
    let written: String =
        problems.flatten().map(|file| fs::read_to_string(file.path()).expect("a problem")).collect();
    let (_, answer) = written.split_once(" answer=\"").expect("an answer");
    let answer = answer.split('"').next().unwrap_or_default();
    assert!(answer.contains("cat|dog"), "{written}");
    let mut depth = 0;
    for c in answer.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        assert!(c != '|' || depth > 0, "an alternative stands alone in {answer}");
    }
}
