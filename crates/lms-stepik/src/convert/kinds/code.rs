//! `code`: a program, run against tests (reference stepik.md 4.13).

use lms_core::{CodeInteraction, CodeLanguage, CodeSample, CodeTest, Exercise, Grader, Interaction, Key};
use serde_json::{Value, json};

use super::templates::{native_name, parse, render, scaled_seconds};
use super::{ANY, MISFIT, Quiz, Written, all_or_nothing, keep, kept, key, restore};
use crate::convert::Losses;
use crate::wire::{Object, get, object};

const EXPRESSED: [&str; 8] = [
    "code",
    "execution_time_limit",
    "execution_memory_limit",
    "samples_count",
    "templates_data",
    "manual_time_limits",
    "manual_memory_limits",
    "test_cases",
];

/// Makes no tests of its own (those of `test_cases` are used) and compares output with the expected.
const PLAIN_CHECK: &str =
    "def generate():\n    return []\n\ndef check(reply, clue):\n    return reply.strip() == clue.strip()\n";

/// Tests at most (reference stepik.md 4.13).
const MOST_TESTS: usize = 100;
const SECONDS: (f64, f64, f64) = (1.0, 5.0, 30.0);
const MEGABYTES: (f64, f64, f64) = (32.0, 256.0, 512.0);

fn defaults() -> [(&'static str, Value); 4] {
    [
        ("is_time_limit_scaled", json!(false)),
        ("is_memory_limit_scaled", json!(false)),
        ("is_run_user_code_allowed", json!(true)),
        ("test_archive", json!([])),
    ]
}

pub(in crate::convert) fn read(source: &Object) -> Option<Quiz> {
    let tests: Vec<CodeTest> = get::list(source, "test_cases").iter().map(test).collect::<Option<_>>()?;
    let count = get::number(source, "samples_count").map_or(0, |n| n.max(0.0) as usize);
    let samples = tests
        .iter()
        .take(count)
        .map(|t| CodeSample { input: t.input.clone(), output: t.output.clone() })
        .collect();
    let seconds = get::number(source, "execution_time_limit");
    let data = get::text(source, "templates_data");
    let mut languages = parse(data);
    let mut kept = Object::new();
    let manual_seconds = manual(source, "manual_time_limits", "time", &languages, &mut kept);
    let manual_megabytes = manual(source, "manual_memory_limits", "memory", &languages, &mut kept);
    let scaled = get::flag(source, "is_time_limit_scaled");
    for language in &mut languages {
        let of = |limits: &[(String, f64)]| limits.iter().find(|(n, _)| *n == language.name).map(|(_, n)| *n);
        language.megabytes = of(&manual_megabytes);
        language.seconds = of(&manual_seconds).or_else(|| {
            let seconds = seconds.filter(|_| scaled)?;
            Some(scaled_seconds(&language.name, seconds)).filter(|scaled| *scaled != seconds)
        });
    }
    let code = get::text(source, "code");
    let plain = essence(code) == essence(PLAIN_CHECK) || essence(code).is_empty();
    let interaction = CodeInteraction {
        languages,
        samples,
        single_line: false,
        optional: false,
        seconds,
        megabytes: get::number(source, "execution_memory_limit"),
    };
    if !get::list(source, "test_archive").is_empty() {
        return Some(Quiz::marked_by(Interaction::Code(interaction), "tests in an archive"));
    }
    let key = Key::Code { tests, checker: (!plain).then(|| code.to_owned()), solution: None };
    let mut quiz = Quiz::new(Interaction::Code(interaction), Some(key));
    keep(&mut quiz.kept, source, &EXPRESSED, &defaults());
    quiz.kept.extend(kept);
    Some(quiz)
}

fn test(case: &Value) -> Option<CodeTest> {
    let text = |at: usize| case.get(at)?.as_str().map(str::to_owned);
    Some(CodeTest { input: text(0)?, output: text(1)? })
}

/// Code without comments and blank lines.
fn essence(code: &str) -> Vec<&str> {
    code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Limits by language; those of languages without template go to `kept`.
fn manual(
    source: &Object,
    key: &'static str,
    unit: &str,
    languages: &[CodeLanguage],
    kept: &mut Object,
) -> Vec<(String, f64)> {
    let mut limits = Vec::new();
    let mut others = Vec::new();
    for limit in get::list(source, key) {
        let known = limit.as_object().and_then(|limit| {
            let name = get::text(limit, "language");
            languages.iter().any(|l| l.name == name).then_some((name.to_owned(), get::number(limit, unit)?))
        });
        match known {
            Some(known) => limits.push(known),
            None => others.push(limit.clone()),
        }
    }
    if !others.is_empty() {
        kept.insert(key.into(), Value::Array(others));
    }
    limits
}

pub(in crate::convert) fn write(
    code: &CodeInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let (tests, checker, solution) = match key(exercise)? {
        Key::Code { tests, checker, solution } => (tests, checker, solution),
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    all_or_nothing(exercise.scoring.credit, losses);
    if let Grader::Native(name) = &exercise.grader {
        losses.changing_marks(
            &format!("the grader {name}"),
            "it stays on its own platform",
            "Stepik runs the tests that were told to it: what it marked otherwise is right or wrong by them alone",
        );
    }
    let own = checker.as_deref().filter(|code| code.contains("def check") || code.contains("def generate"));
    // Tests stand there, or a program makes them (reference stepik.md 4.13).
    let has_archive = !get::list(extras, "test_archive").is_empty();
    if tests.is_empty() && !has_archive && !own.is_some_and(|code| code.contains("def generate")) {
        return Err(match checker {
            Some(_) => "another platform's program checks the answers",
            None => "it has no tests",
        });
    }
    if checker.is_some() && own.is_none() {
        losses.changing_marks(
            "checking by a program",
            "another platform's program does not run on Stepik",
            "what a solution prints is compared with what it should print, and anything else is wrong",
        );
    }
    if solution.is_some() {
        losses.dropped("the author's solution", "Stepik has no place for it that learners do not see");
    }
    if code.single_line || code.optional {
        losses.approximated("a single line, or none", "Stepik has one kind of editor", "a full editor");
    }
    let (mut cases, samples) = cases(code, tests, losses);
    if cases.len() > MOST_TESTS {
        losses.dropped_changing_marks(
            &format!("{} tests of a program", cases.len() - MOST_TESTS),
            "Stepik runs a hundred tests at most",
            "a program that passes the first hundred is right",
        );
        cases.truncate(MOST_TESTS);
    }
    let languages = languages(code, extras, losses)?;
    let given = (code.seconds, code.megabytes);
    let seconds = limit(code.seconds, SECONDS);
    let megabytes = limit(code.megabytes, MEGABYTES);
    let mut changed = given != (Some(seconds), Some(megabytes));
    let scaled = kept(extras, "is_time_limit_scaled").and_then(Value::as_bool).unwrap_or_default();
    let (mut times, mut memories) = (Vec::new(), Vec::new());
    for language in &languages {
        let usual = if scaled { scaled_seconds(&language.name, seconds) } else { seconds };
        if let Some(own) = language.seconds.filter(|own| *own != usual) {
            changed |= own != limit(Some(own), SECONDS);
            times.push(json!({"language": language.name, "time": whole(limit(Some(own), SECONDS))}));
        }
        if let Some(own) = language.megabytes {
            changed |= own != limit(Some(own), MEGABYTES);
            memories.push(json!({"language": language.name, "memory": whole(limit(Some(own), MEGABYTES))}));
        }
    }
    if changed {
        losses.changing_marks(
            "limits of time and memory",
            "Stepik wants whole seconds from 1 to 30 and megabytes from 32 to 512",
            "the nearest that it takes; 5 s and 256 MB where none were given: what needs more is wrong",
        );
    }
    times.extend(get::list(extras, "manual_time_limits").iter().cloned());
    memories.extend(get::list(extras, "manual_memory_limits").iter().cloned());
    let source = object(json!({
        "code": own.unwrap_or(PLAIN_CHECK),
        "execution_time_limit": whole(seconds),
        "execution_memory_limit": whole(megabytes),
        "samples_count": samples,
        "templates_data": render(&languages),
        "manual_time_limits": times,
        "manual_memory_limits": memories,
        "test_cases": cases,
    }));
    Ok(("code", restore(source, extras, &defaults())))
}

/// The tests, those that learners see first, and how many these are.
fn cases(code: &CodeInteraction, tests: &[CodeTest], losses: &mut Losses) -> (Vec<Value>, usize) {
    let case = |input: &str, output: &str| json!([input, output]);
    let mut cases: Vec<Value> = code.samples.iter().map(|s| case(&s.input, &s.output)).collect();
    let shown = cases.len();
    let all: Vec<Value> = tests.iter().map(|t| case(&t.input, &t.output)).collect();
    if all.starts_with(&cases) {
        return (all, shown);
    }
    if cases.iter().any(|sample| !all.contains(sample)) {
        losses.changing_marks(
            "samples",
            "on Stepik samples are tests",
            "the samples are tests too: a program that fails one is wrong",
        );
    }
    let hidden = all.into_iter().filter(|case| !cases[..shown].contains(case)).collect::<Vec<_>>();
    cases.extend(hidden);
    (cases, shown)
}

fn languages(
    code: &CodeInteraction,
    extras: &Object,
    losses: &mut Losses,
) -> Result<Vec<CodeLanguage>, &'static str> {
    let mut languages: Vec<CodeLanguage> = Vec::new();
    let own = !extras.is_empty();
    for given in &code.languages {
        let native = if own { Some(given.name.as_str()) } else { native_name(&given.name) };
        match native {
            Some(name) => {
                if name != given.name {
                    losses.approximated(
                        &format!("language {}", given.name),
                        "Stepik calls its own otherwise, and its version may be another",
                        "the nearest language of Stepik",
                    );
                }
                if !languages.iter().any(|language| language.name == name) {
                    languages.push(CodeLanguage { name: name.to_owned(), ..given.clone() });
                }
            }
            None => losses.dropped(&format!("language {}", given.name), "Stepik does not have it"),
        }
    }
    if languages.is_empty() && !code.languages.is_empty() {
        return Err("Stepik has none of its languages");
    }
    Ok(languages)
}

fn limit(given: Option<f64>, (least, usual, most): (f64, f64, f64)) -> f64 {
    given.filter(|n| n.is_finite()).map_or(usual, |n| n.ceil().clamp(least, most))
}

fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use lms_core::Markup;

    use super::*;

    #[test]
    fn another_grader_and_limits_of_a_language_that_change_are_named() {
        let language = |seconds, megabytes| CodeLanguage {
            name: "python3".into(),
            template: String::new(),
            header: String::new(),
            footer: String::new(),
            seconds,
            megabytes,
        };
        let said = |grader: Grader, language: CodeLanguage| {
            let code = CodeInteraction {
                languages: vec![language],
                seconds: Some(2.0),
                megabytes: Some(64.0),
                ..CodeInteraction::default()
            };
            let tests = vec![CodeTest { input: "1".into(), output: "1".into() }];
            let mut exercise = Exercise::new("t", Markup::default(), Interaction::Code(code.clone()))
                .with_key(Key::Code { tests, checker: None, solution: None });
            exercise.grader = grader;
            let mut losses = Losses::default();
            write(&code, &exercise, &Object::new(), &mut losses).expect("it is written");
            losses.0.into_iter().filter(|loss| loss.marks).map(|loss| loss.what).collect::<Vec<_>>()
        };
        assert_eq!(said(Grader::Key, language(Some(3.0), Some(32.0))), Vec::<String>::new());
        assert_eq!(said(Grader::Key, language(Some(0.5), None)), ["limits of time and memory"]);
        assert_eq!(said(Grader::Key, language(None, Some(1000.0))), ["limits of time and memory"]);
        assert_eq!(said(Grader::Native("queue".into()), language(None, None)), ["the grader queue"]);
    }
}
