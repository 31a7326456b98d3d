//! The script, run for real against the reference grader.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lms_core::grade::probes;
use lms_core::{
    AssetLinks, Block, BlockBody, Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction,
    CodeLanguage, CodeTest, Course, Credit, Exercise, GapAccept, GapInteraction, GapSegment, Grader,
    Interaction, Key, Lesson, Markup, NumberAccept, NumericInteraction, OrderInteraction, Response, Section,
    Step, TextAccept, TextEntryInteraction, TextRule, Tolerance,
};
use serde_json::{Value, json};

use super::{GRADING_FILE, Grading, RUN_FILE};
use crate::convert::adapt::adapt;
use crate::convert::write::write_task;

/// Stands for the container's library: answers come from a file, what is said goes to another.
const DRIVER: &str = r#"
import base64, json, subprocess, sys, types

cases = json.load(open(sys.argv[1], encoding="utf-8"))
said = {}
given = {}

def get_input(problem):
    name, _, part = problem.partition(":")
    answer = given[name]
    if isinstance(answer, dict):
        return answer["filename"] if part == "filename" else base64.b64decode(answer["base64"])
    return answer

def run_student_simple(cmd, cmd_input=None, time_limit=0, hard_time_limit=0, **_other):
    done = subprocess.run(cmd, shell=True, cwd=folder + "/student", input=cmd_input, capture_output=True, text=True,
                          timeout=hard_time_limit or None)
    return done.stdout, done.stderr, done.returncode

package = types.ModuleType("inginious_container_api")
package.input = types.SimpleNamespace(get_input=get_input)
package.run_student = types.SimpleNamespace(run_student_simple=run_student_simple)
package.feedback = types.SimpleNamespace(
    set_grade=lambda grade: said.update(grade=grade),
    set_global_result=lambda result: said.update(result=result),
    set_problem_result=lambda result, problem: said.setdefault("problems", {}).update({problem: result}),
    set_problem_feedback=lambda text, problem: said.setdefault("texts", {}).update({problem: text}),
)
sys.modules["inginious_container_api"] = package
out, scripts = [], {}
for case in cases:
    said, given, folder = {}, case["input"], case["folder"]
    with open(folder + "/run.py", encoding="utf-8") as file:
        text = file.read()
    if text not in scripts:
        scripts[text] = compile(text, "run.py", "exec")
    exec(scripts[text], {"__name__": "__main__", "__file__": folder + "/run.py"})
    out.append(said)
json.dump(out, sys.stdout)
"#;

pub(super) fn has_python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success());
    if !there {
        eprintln!("skipped: there is no python3");
    }
    there
}

fn exercise(interaction: Interaction, key: Key, credit: Credit) -> Exercise {
    let mut exercise = Exercise::new("t", "<p>What?</p>".into(), interaction).with_key(key);
    exercise.scoring.credit = credit;
    exercise
}

fn options(texts: &[&str]) -> Vec<ChoiceOption> {
    texts.iter().map(|text| ChoiceOption::new(*text)).collect()
}

fn accept(text: &str, rule: TextRule, case_sensitive: bool) -> TextAccept {
    TextAccept { text: text.into(), rule, case_sensitive }
}

fn text(accept: Vec<TextAccept>) -> Exercise {
    let interaction = Interaction::TextEntry(TextEntryInteraction::default());
    exercise(interaction, Key::Text { accept }, Credit::AllOrNothing)
}

fn number(accept: Vec<NumberAccept>) -> Exercise {
    exercise(
        Interaction::Numeric(NumericInteraction::default()),
        Key::Number { accept },
        Credit::AllOrNothing,
    )
}

fn multiple(credit: Credit) -> Exercise {
    let interaction = Interaction::Choice(ChoiceInteraction {
        cardinality: Cardinality::Multiple,
        options: options(&["a", "b", "c", "d", "e"]),
        shuffle: true,
        shown: None,
    });
    exercise(interaction, Key::Choice { correct: [0, 2].into() }, credit)
}

fn order(credit: Credit) -> Exercise {
    let items = ["first", "second", "third", "third"].map(Markup::from_text).to_vec();
    exercise(Interaction::Order(OrderInteraction { items }), Key::Order { order: vec![0, 1, 2, 3] }, credit)
}

fn gaps(credit: Credit) -> Exercise {
    let segments = vec![
        GapSegment::Text { markup: "<p>The capital of France is ".into() },
        GapSegment::Entry,
        GapSegment::Text { markup: " on the ".into() },
        GapSegment::Choice { options: vec!["Seine".into(), "Loire".into()] },
    ];
    let gaps = vec![
        GapAccept::Text { accept: vec![accept("Paris", TextRule::Exact, false)] },
        GapAccept::Choice { correct: [0].into() },
    ];
    exercise(Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps }, credit)
}

/// Exercises that INGInious cannot judge by itself.
fn all() -> Vec<Exercise> {
    let within = |value: &str, tolerance| NumberAccept::Value { value: value.into(), tolerance };
    let mut any = multiple(Credit::AllOrNothing);
    any.key = Some(Key::Any);
    vec![
        text(vec![accept("Paris", TextRule::Exact, false), accept("Lutetia", TextRule::Exact, true)]),
        text(vec![accept("cat", TextRule::Substring, false)]),
        text(vec![accept("(mich|ohi)[a-z]+", TextRule::Regex, false)]),
        text(vec![accept("^a|b$", TextRule::RegexSearch, true)]),
        number(vec![
            within("25.5", Tolerance::Absolute { by: "0.5".into() }),
            within("-200", Tolerance::Percent { by: "1".into() }),
        ]),
        number(vec![NumberAccept::Range {
            low: "5".into(),
            high: "7".into(),
            includes_low: true,
            includes_high: false,
        }]),
        multiple(Credit::EveryDecision),
        multiple(Credit::Halves),
        any,
        order(Credit::AllOrNothing),
        order(Credit::PerPart),
        gaps(Credit::AllOrNothing),
        gaps(Credit::PerPart),
    ]
}

/// The task that a course with these exercises in one step becomes, with the exercises as they are there.
pub(super) fn task(exercises: &[Exercise]) -> (Step, Grading, Vec<(String, String)>) {
    let mut step = Step::new("t", "Task");
    for (n, exercise) in exercises.iter().enumerate() {
        step.blocks.push(Block::new(format!("e{n}"), BlockBody::Exercise(Box::new(exercise.clone()))));
    }
    let mut course = Course::new("c", "C");
    let mut section = Section::new("s", "S");
    let mut lesson = Lesson::new("l", "S");
    lesson.steps.push(step);
    section.lessons.push(lesson);
    course.sections.push(section);
    let adapted = adapt(&course);
    let step = adapted.course.steps().next().expect("a step").clone();
    let written = write_task(&step, &AssetLinks::new()).expect("written");
    let grading = written.files.iter().find(|(name, _)| name == GRADING_FILE).expect("grading");
    let grading = Grading::parse(grading.1.as_bytes()).expect("ours");
    (step, grading, written.files)
}

/// An answer as the container gives it to a script.
pub(super) fn input(grading: &Grading, index: usize, response: &Response) -> BTreeMap<String, Value> {
    let graded = &grading.exercises[index];
    let first = graded.problems[0].clone();
    let mut input = BTreeMap::new();
    match (response, &graded.exercise.interaction) {
        (Response::Choice { selected }, Interaction::Choice(choice)) => {
            let values: Vec<String> = selected.iter().map(usize::to_string).collect();
            match choice.cardinality {
                Cardinality::Multiple => drop(input.insert(first, json!(values))),
                Cardinality::Single => drop(values.first().map(|v| input.insert(first, json!(v)))),
            }
        }
        (Response::Text { text } | Response::ExtendedText { text }, _) => {
            drop(input.insert(first, json!(text)))
        }
        (Response::Number { number }, _) => drop(input.insert(first, json!(number))),
        (Response::Formula { formula }, _) => drop(input.insert(first, json!(formula))),
        (Response::Match { targets }, _) => {
            for (target, problem) in targets.iter().zip(&graded.problems) {
                if let Some(target) = target {
                    input.insert(problem.clone(), json!(target.to_string()));
                }
            }
        }
        (Response::Table { rows }, Interaction::Table(table)) => {
            for (row, problem) in rows.iter().zip(&graded.problems) {
                let ticked: Vec<String> = row.iter().map(usize::to_string).collect();
                match (table.cardinality, ticked.first()) {
                    (Cardinality::Multiple, _) => drop(input.insert(problem.clone(), json!(ticked))),
                    (Cardinality::Single, Some(only)) => drop(input.insert(problem.clone(), json!(only))),
                    (Cardinality::Single, None) => {}
                }
            }
        }
        (Response::Code { source, .. }, _) => drop(input.insert(first, json!(source))),
        (Response::Order { order }, _) => {
            let shown =
                order.iter().map(|item| graded.display.iter().position(|d| d == item).expect("shown") + 1);
            input.insert(first, json!(shown.map(|n| n.to_string()).collect::<Vec<_>>().join(", ")));
        }
        (Response::Gaps { texts }, Interaction::Gap(gap)) => {
            for ((options, text), problem) in gap.gaps().zip(texts).zip(&graded.problems) {
                match options {
                    None => drop(input.insert(problem.clone(), json!(text))),
                    Some(options) => {
                        if let Some(at) = options.iter().position(|o| o.trim() == text.trim()) {
                            input.insert(problem.clone(), json!(at.to_string()));
                        }
                    }
                }
            }
        }
        (Response::Files(files), _) => {
            // As the container holds it; nothing handed in is no field.
            if let Some(file) = files.first() {
                let held = json!({"filename": file.name, "base64": STANDARD.encode(&file.content)});
                input.insert(first, held);
            }
        }
        other => panic!("no input for {other:?}"),
    }
    input
}

/// The files of a task and the answers to it.
pub(super) type Case = (Vec<(String, String)>, BTreeMap<String, Value>);

/// Runs the script of each case and returns what it said.
pub(super) fn run(cases: &[Case]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut list = Vec::new();
    let mut last: Option<(&Vec<(String, String)>, PathBuf)> = None;
    for (n, (files, input)) in cases.iter().enumerate() {
        let task = match &last {
            Some((written, task)) if *written == files => task.clone(),
            _ => folder.path().join(n.to_string()),
        };
        if !task.exists() {
            std::fs::create_dir(&task).expect("a folder");
            for (name, text) in files {
                std::fs::write(task.join(name), text).expect("written");
            }
        }
        last = Some((files, task.clone()));
        list.push(json!({"folder": task.to_str(), "input": input}));
    }
    std::fs::write(folder.path().join("cases.json"), Value::from(list).to_string()).expect("written");
    std::fs::write(folder.path().join("driver.py"), DRIVER).expect("written");
    let out = Command::new("python3")
        .args(["-B", "driver.py", "cases.json"])
        .current_dir(folder.path())
        .output()
        .expect("python3");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

#[test]
fn the_script_marks_as_the_reference_grader_does() {
    if !has_python() {
        return;
    }
    let mut cases = Vec::new();
    let mut expected = Vec::new();
    for exercise in all() {
        let (step, grading, files) = task(&[exercise]);
        let exercise = step.blocks[0].exercise().expect("an exercise").clone();
        let probes = probes(&exercise);
        assert!(!probes.is_empty(), "{exercise:?}");
        for probe in probes {
            cases.push((files.clone(), input(&grading, 0, &probe.response)));
            expected.push((exercise.interaction.name(), probe));
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    for (said, (name, probe)) in run(&cases).iter().zip(&expected) {
        let grade = said["grade"].as_f64().expect("a grade");
        assert!((grade - 100.0 * probe.expected.score).abs() < 1e-9, "{name} {probe:?}: {said}");
        assert_eq!(said["result"] == "success", probe.expected.correct, "{name} {probe:?}: {said}");
    }
}

#[test]
fn programs_are_run_on_every_test() {
    if !has_python() {
        return;
    }
    let language = |name: &str| CodeLanguage {
        name: name.into(),
        template: "print()".into(),
        header: String::new(),
        footer: String::new(),
        seconds: Some(2.0),
        megabytes: None,
    };
    let interaction = Interaction::Code(CodeInteraction {
        languages: vec![language("c++11"), language("python3")],
        ..CodeInteraction::default()
    });
    let tests = [("1 2\n", "3"), ("-1 1\n", "0\n")]
        .map(|(input, output)| CodeTest { input: input.into(), output: output.into() })
        .to_vec();
    let code =
        exercise(interaction, Key::Code { tests, checker: None, solution: None }, Credit::AllOrNothing);
    let (_, grading, files) = task(&[code]);
    let answers = ["print(sum(map(int, input().split())))", "print(3)", "1/0", ""];
    let cases: Vec<_> = answers
        .iter()
        .map(|source| {
            let response = Response::Code { language: String::new(), source: (*source).into() };
            (files.clone(), input(&grading, 0, &response))
        })
        .collect();
    let results: Vec<Value> = run(&cases).iter().map(|said| said["result"].clone()).collect();
    assert_eq!(results, ["success", "failed", "failed", "failed"]);
}

#[test]
fn points_weigh_and_messages_are_said() {
    if !has_python() {
        return;
    }
    let mut heavy = text(vec![accept("yes", TextRule::Exact, false)]);
    heavy.scoring.points = 3.0;
    heavy.feedback.correct = "Well <b>done</b>".into();
    let mut light = multiple(Credit::AllOrNothing);
    if let Interaction::Choice(choice) = &mut light.interaction {
        choice.options[1].feedback = "not b".into();
    }
    let (step, grading, files) = task(&[heavy, light]);
    assert!(step.blocks.iter().all(|b| b.exercise().is_some_and(|e| e.grader == Grader::Key)));
    let mut given = input(&grading, 0, &Response::text("YES"));
    given.extend(input(&grading, 1, &Response::choices([1])));
    let said = &run(&[(files.clone(), given)])[0];
    assert_eq!(said["grade"], json!(75.0));
    assert_eq!(said["result"], json!("failed"));
    assert_eq!(said["texts"], json!({"e0": "Well **done**", "e1": "not b"}));
    let (_, yaml) = files.iter().find(|(name, _)| name == "task.yaml").expect("task.yaml");
    assert!(!yaml.contains("yes") && !yaml.contains("Well"), "no answer where learners look:\n{yaml}");
    assert!(files.iter().any(|(name, _)| name == RUN_FILE));
}
