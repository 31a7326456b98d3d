//! A course with forty known losses: each is reported where it is and as what it is, and nothing else is.

use lms::migrate::{Plan, plan_content};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{Platform, ProviderInfo, Severity};
use serde_json::{Value, json};

use crate::sites::{choice, merged, quiz, read_stepik, stepik_course, string, text};

use Severity::{Approximated, Dropped};

/// A loss that must be found: how bad, and the words by which it is known.
type Loss = (Severity, &'static str);

/// A lesson with something in it that Open edX cannot hold, and what is lost there.
type Planted = (&'static str, Value, &'static [Loss]);

fn code(more: Value) -> Value {
    let source = json!({"code": "", "execution_time_limit": 5, "execution_memory_limit": 256, "samples_count": 1,
        "templates_data": "::python3\n# here\n", "is_time_limit_scaled": true, "is_memory_limit_scaled": true,
        "is_run_user_code_allowed": false, "manual_time_limits": [], "manual_memory_limits": [], "test_archive": [],
        "test_cases": [["1 2\n", "3\n"]]});
    quiz("code", merged(source, more))
}

fn essay(is_marked: bool) -> Value {
    quiz(
        "free-answer",
        json!({"is_attachments_enabled": false, "is_html_enabled": true, "manual_scoring": is_marked}),
    )
}

/// In the order of the course; behind them what is named of the section, and of the whole course.
fn planted() -> Vec<Planted> {
    let option = |right: bool, text: &str| json!({"is_correct": right, "text": text, "feedback": ""});
    let three = json!([option(true, "4"), option(false, "5"), option(true, "6")]);
    let several = |sample: u32| {
        choice(json!({"sample_size": sample, "is_multiple_choice": true, "options": three,
            "preserve_order": sample < 3}))
    };
    let table = json!({"description": "Pick", "columns": [{"name": "even"}, {"name": "odd"}],
        "rows": [{"name": "2", "columns": [{"choice": true}, {"choice": false}]},
                 {"name": "3", "columns": [{"choice": false}, {"choice": true}]}],
        "options": {"is_checkbox": false, "is_randomize_rows": true, "is_randomize_columns": false, "sample_size": -1},
        "is_always_correct": false});
    let blanks = json!({"components": [{"type": "text", "text": "2+2=", "options": []},
            {"type": "input", "text": "", "options": [{"text": "4", "is_correct": true}]},
            {"type": "select", "text": "", "options": [option(true, "yes"), option(false, "no")]}],
        "is_case_sensitive": true, "is_detailed_feedback": false, "is_partially_correct": true});
    let complex = json!({"answer": "2*x+1", "numerical_test": {"z_re_min": "2", "z_re_max": "3.0", "z_im_min": "-1",
        "z_im_max": "1", "max_error": "1e-06", "integer_only": false}});
    let pairs = json!({"preserve_firsts_order": true, "is_html_enabled": true,
        "pairs": [{"first": "cat", "second": "meow"}, {"first": "dog", "second": "bark"}]});
    let sorted =
        json!({"options": [{"text": "one"}, {"text": "two"}, {"text": "three"}], "is_html_enabled": true});
    let film = json!({"cost": 0, "block": {"name": "video", "text": "", "options": {}, "source": {},
        "video": {"id": 5, "status": "ready", "thumbnail": "https://films.test/t.jpg", "duration": 30,
            "urls": [{"quality": "720", "url": "https://films.test/v.mp4"}]}}});
    let all_or_nothing: &[Loss] = &[(Approximated, "marks for all or nothing")];
    let by_queue: &[Loss] = &[(Approximated, "the grader")];
    let by_rubric: &[Loss] = &[(Approximated, "people mark by a rubric")];
    let check = "def check(reply):\n    return reply == 'x'\n";
    vec![
        ("A part of the options", several(2), &[(Approximated, "a part of the options for each learner")]),
        ("Options in any order", several(3), &[(Approximated, "options in another order for each learner")]),
        (
            "Two tolerances",
            quiz(
                "number",
                json!({"options": [{"answer": "25.5", "max_error": "0.5"},
            {"answer": "1000", "max_error": "2"}]}),
            ),
            &[(Approximated, "several tolerances")],
        ),
        ("An expression", quiz("math", complex), &[(Approximated, "what counts as equal")]),
        ("Pairs", quiz("matching", pairs), all_or_nothing),
        ("An order", quiz("sorting", sorted), all_or_nothing),
        ("Gaps", quiz("fill-blanks", blanks), &[(Approximated, "gap")]),
        (
            "A table",
            quiz("table", table),
            &[
                (Approximated, "marks for all or nothing"),
                (Approximated, "rows in another order for each learner"),
            ],
        ),
        ("An essay for a teacher", essay(true), by_rubric),
        ("An essay for nobody", essay(false), by_rubric),
        ("A file", string(json!({"is_text_disabled": true, "is_file_disabled": false})), by_rubric),
        ("A program", code(json!({})), by_queue),
        (
            "A program with a check",
            code(json!({"code": "def check(reply, clue):\n    return True\n"})),
            by_queue,
        ),
        (
            "A query",
            quiz("sql", json!({"init_sql": "create", "solve_sql": "select", "check_code": ""})),
            by_queue,
        ),
        ("A data set", quiz("dataset", json!({"code": "def generate(): pass"})), by_rubric),
        (
            "Checked by a program",
            string(json!({"code": check})),
            &[(Dropped, "a program of the other platform")],
        ),
        (
            "Numbers that vary",
            quiz(
                "random-tasks",
                json!({"task": "What is \\a?", "solve": "\\a", "max_error": "",
            "ranges": [{"variable": "\\a", "num_from": "1", "num_to": "5", "num_step": "1"}], "combinations": 1}),
            ),
            &[(Dropped, "random-tasks")],
        ),
        ("A server to run", quiz("admin", json!({"image_id": 1})), &[(Dropped, "admin")]),
        ("A shell", quiz("linux-code", json!({"code": "ls"})), &[(Dropped, "linux-code")]),
        ("A project", quiz("pycharm", json!({"files": [], "test": []})), &[(Dropped, "pycharm")]),
        ("A robot", quiz("trik", json!({"code": "go"})), &[(Dropped, "trik")]),
        ("A reaction", quiz("chemical", json!({"expression": "H2O"})), &[(Dropped, "chemical")]),
        ("A puzzle", quiz("puzzle", json!({"x": 1})), &[(Dropped, "puzzle")]),
        ("A number square", quiz("schulte", json!({"x": 1})), &[(Dropped, "schulte")]),
        (
            "Graded elsewhere",
            quiz("external-grader", json!({"queue_name": "q"})),
            &[(Dropped, "external-grader")],
        ),
        ("Scored by hand", quiz("manual-score", json!({})), &[(Dropped, "manual-score")]),
        ("Never heard of", quiz("hologram", json!({"x": 1})), &[(Dropped, "hologram")]),
        (
            "A drawing that moves",
            json!({"cost": 0, "block": {"name": "animation", "text": "", "options": {},
            "animation": {"id": 7}, "source": {}}}),
            &[(Dropped, "animation")],
        ),
        (
            "Reviewed by peers",
            merged(essay(true), json!({"instruction_type": "peer", "instruction": 4})),
            &[(Dropped, "peer review"), (Approximated, "people mark by a rubric")],
        ),
        ("A film", film, &[(Dropped, "the still picture of a video")]),
        (
            "Solutions on demand",
            merged(
                choice(json!({})),
                json!({"is_solutions_unlocked": true,
            "solutions_unlocked_attempts": 5}),
            ),
            &[],
        ),
        ("Points for reading", merged(text(), json!({"cost": 3})), &[]),
        (
            "§",
            Value::Null,
            &[(Dropped, "description"), (Approximated, "a closing date later than the deadline")],
        ),
        (
            "*",
            Value::Null,
            &[
                (Dropped, "the setting numerical_test of stepik"),
                (Dropped, "the setting is_solutions_unlocked of stepik"),
                (Dropped, "the setting solutions_unlocked_attempts of stepik"),
                (Dropped, "the setting cost of stepik"),
                (Dropped, "the setting source of stepik, in 2 places"),
                (Dropped, "the setting verbatim of stepik, in 8 places"),
            ],
        ),
    ]
}

/// What a migration to Open edX of a course with these lessons says.
async fn rehearse(course: Value, lessons: &[(&str, Vec<Value>)]) -> Plan {
    let content = read_stepik(&stepik_course(course, lessons)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let target = OlxArchive::create(folder.path().join("copy"), ArchiveForm::Folder).expect("a place");
    let source = ProviderInfo { platform: Platform::Stepik, location: "emulated".into() };
    plan_content(content, &source, &target).expect("a plan")
}

#[tokio::test]
async fn forty_planted_losses_are_found_and_none_is_invented() {
    let planted = planted();
    assert_eq!(planted.iter().map(|(_, _, losses)| losses.len()).sum::<usize>(), 40);
    let lessons: Vec<(&str, Vec<Value>)> = planted
        .iter()
        .filter(|p| !p.1.is_null())
        .map(|(title, step, _)| (*title, vec![step.clone()]))
        .collect();
    let course = json!({"section.description": "About work.", "section.soft_deadline_source": "2030-01-01T00:00:00Z",
        "section.hard_deadline_source": "2030-02-01T00:00:00Z"});
    let plan = rehearse(course, &lessons).await;

    let mut found: Vec<String> =
        plan.findings.iter().filter(|f| f.severity > Severity::Exact).map(ToString::to_string).collect();
    let mut missing = Vec::new();
    for (n, (title, _, losses)) in planted.iter().enumerate() {
        let place = match *title {
            "*" => "course: ".to_owned(),
            "§" => "1. Work: ".to_owned(),
            title => format!("1. Work › {}. {title} › 1", n + 1),
        };
        for (severity, words) in *losses {
            let is_it = |said: &String| {
                said.starts_with(&format!("{severity}: {place}")) && said[place.len()..].contains(words)
            };
            match found.iter().position(is_it) {
                Some(at) => drop(found.remove(at)),
                None => missing.push(format!("{severity}: {place}: {words}")),
            }
        }
    }
    assert!(missing.is_empty() && found.is_empty(), "missing: {missing:#?}\ninvented: {found:#?}");
}

#[tokio::test]
async fn the_clean_twin_has_no_loss() {
    let right = json!([{"answer": "3", "max_error": "0.5"}]);
    let clean = [text(), choice(json!({})), string(json!({})), quiz("number", json!({"options": right}))];
    let titles: Vec<&str> = planted().iter().filter(|p| !p.1.is_null()).map(|p| p.0).collect();
    let lessons: Vec<(&str, Vec<Value>)> =
        titles.iter().zip(clean.iter().cycle()).map(|(title, step)| (*title, vec![step.clone()])).collect();
    let plan = rehearse(json!({}), &lessons).await;
    let invented: Vec<String> =
        plan.findings.iter().filter(|f| f.severity > Severity::Exact).map(ToString::to_string).collect();
    assert!(invented.is_empty(), "{invented:#?}");
    assert_eq!(plan.content.course.blocks().count(), plan.adapted.course.blocks().count());
}
