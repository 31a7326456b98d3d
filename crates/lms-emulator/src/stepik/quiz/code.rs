//! code and sql: shapes are real, grading is a documented stand-in that never runs anything.
//! (reference stepik.md 4.13, 4.15)
//!
//! A code reply is right if, and only if, one of its lines is a comment `expect: correct` in any comment style
//! (`# expect: correct`, `// expect: correct`, `-- expect: correct`, …). Nothing else in it is looked at.
//! A teacher's `code` of a *string* step accepts the texts of its own comment lines `# expect: TEXT`.
//! An sql reply is right if its query equals the author's apart from blanks, letter case and a final semicolon.

use serde_json::{Map, Value, json};

use super::schema::{flag, int, later_flag, list, text};
use super::{Quiz, Task, Verdict, schema};
use crate::random::Dice;

/// Factors of the scaled time limit; all others are 1. (reference stepik.md 4.13)
const SLOW: [(&str, f64); 11] = [
    ("python3", 3.0),
    ("haskell", 2.0),
    ("java", 1.5),
    ("octave", 2.5),
    ("rust", 2.5),
    ("r", 1.5),
    ("ruby", 3.0),
    ("clojure", 2.0),
    ("mono c#", 1.5),
    ("javascript", 3.0),
    ("scala", 1.5),
];

/// The languages of a step whose template names none. (reference stepik.md 4.13)
const LANGUAGES: &str = "python3|c|c++|c++11|haskell|haskell 7.10|haskell 8.0|java|java8|java11|octave|asm32|asm64|\
     shell|rust|r|ruby|clojure|mono c#|javascript|scala|kotlin|go|pascalabc|perl|python3.10";

#[derive(Debug)]
pub(super) struct Code;

impl Quiz for Code {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        let code = text(source, "code")?;
        let (time, memory) = (int(source, "execution_time_limit")?, int(source, "execution_memory_limit")?);
        let samples = int(source, "samples_count")?;
        for key in ["is_time_limit_scaled", "is_memory_limit_scaled"] {
            flag(source, key)?;
        }
        if !(1..=30).contains(&time) {
            return Err("Time limit must be between 1 and 30 seconds.".to_owned());
        }
        if !(32..=512).contains(&memory) {
            return Err("Memory limit must be between 32 and 512 megabytes.".to_owned());
        }
        if schema::attachments(source, "test_archive")?.len() > 1 {
            return Err("At most one test archive.".to_owned());
        }
        let tests = test_cases(source)?;
        let has_archive = !list(source, "test_archive")?.is_empty();
        let is_generated = generates(code);
        if tests.is_empty() && !has_archive && !is_generated {
            return Err("At least one test is needed.".to_owned());
        }
        if tests.len() > 100 {
            return Err("At most 100 tests.".to_owned());
        }
        let templates = templates(text(source, "templates_data")?);
        let (mut limits, mut shown) = (Map::new(), Map::new());
        for (language, template) in templates {
            let manual = |key: &str, field: &str| -> Result<Option<i64>, String> {
                let named =
                    list(source, key)?.iter().find(|item| text(item, "language") == Ok(language.as_str()));
                named.map(|item| int(item, field)).transpose()
            };
            let scaled =
                if later_flag(source, "is_time_limit_scaled") { scale(&language, time) } else { time };
            let limit = json!({
                "time": manual("manual_time_limits", "time")?.unwrap_or(scaled),
                "memory": manual("manual_memory_limits", "memory")?.unwrap_or(memory),
            });
            limits.insert(language.clone(), limit);
            shown.insert(language, template.into());
        }
        let samples: Vec<&Value> = tests.iter().take(usize::try_from(samples).unwrap_or(0)).collect();
        Ok(json!({
            "execution_time_limit": time, "execution_memory_limit": memory, "limits": limits,
            "code_templates": shown, "code_templates_options": {}, "samples": samples,
            "is_run_user_code_allowed": later_flag(source, "is_run_user_code_allowed"),
        }))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let language = text(reply, "language")?;
        let listed = templates(text(source, "templates_data").unwrap_or_default());
        if !listed.iter().any(|(name, _)| name == language) {
            return Err(format!("Unknown language: {language}. Please reload the page and try again"));
        }
        Ok(json!({ "language": language, "code": text(reply, "code")? }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        if text(reply, "code").is_ok_and(has_right_mark) {
            return Verdict::of(true);
        }
        match test_cases(source).map(|tests| tests.len()).unwrap_or(0) {
            0 | 1 => Verdict::wrong("Failed. Wrong answer"),
            tests => Verdict::wrong(format!("Failed test #1 of {tests}. Wrong answer")),
        }
    }

    fn keeps_attempt(&self) -> bool {
        true
    }

    fn needs_machine(&self) -> bool {
        true
    }

    fn warnings(&self, source: &Value) -> Vec<String> {
        let tests = test_cases(source).unwrap_or_default();
        let inputs: Vec<&str> = tests.iter().filter_map(|case| case.get(0)?.as_str()).collect();
        newline_warnings(text(source, "code").unwrap_or_default(), &inputs)
    }
}

/// Whether the teacher's `generate` makes tests. The web editor sends one that returns an empty list.
/// (reference stepik.md 4.13)
fn generates(code: &str) -> bool {
    let body =
        code.split_once("def generate(").map(|(_, rest)| rest.split("\ndef ").next().unwrap_or_default());
    body.is_some_and(|body| !body.contains("return []"))
}

/// Pairs of input and output; a later addition, so it may be absent.
fn test_cases(source: &Value) -> Result<Vec<Value>, String> {
    let Some(cases) = source.get("test_cases").filter(|cases| !cases.is_null()) else {
        return Ok(Vec::new());
    };
    let wrong = || "`test_cases` must hold pairs of texts.".to_owned();
    let cases = cases.as_array().ok_or_else(wrong)?;
    for case in cases {
        match case.as_array().map(Vec::as_slice) {
            Some([Value::String(_), Value::String(_)]) => {}
            _ => return Err(wrong()),
        }
    }
    Ok(cases.clone())
}

/// Languages with the part of the template that learners see. Without any `::language` line all are allowed.
fn templates(data: &str) -> Vec<(String, String)> {
    let (mut found, mut is_shown): (Vec<(String, Vec<&str>)>, bool) = (Vec::new(), true);
    for line in data.lines() {
        match line.trim_end().strip_prefix("::") {
            Some("header" | "footer") => is_shown = false,
            Some("code") => is_shown = true,
            Some(language) => {
                found.push((language.trim().to_owned(), Vec::new()));
                is_shown = true;
            }
            None if is_shown => {
                if let Some((_, lines)) = found.last_mut() {
                    lines.push(line);
                }
            }
            None => {}
        }
    }
    if found.is_empty() {
        return LANGUAGES.split('|').map(|language| (language.to_owned(), String::new())).collect();
    }
    found.into_iter().map(|(language, lines)| (language, lines.join("\n"))).collect()
}

/// Rounded half up. (reference stepik.md 4.13)
fn scale(language: &str, seconds: i64) -> i64 {
    let family = |name: &str| match name {
        "haskell" => language.starts_with(name),
        "java" => language == name || (language.starts_with(name) && language != "javascript"),
        _ => language == name,
    };
    let factor = SLOW.iter().find(|(name, _)| family(name)).map_or(1.0, |(_, factor)| *factor);
    (seconds as f64 * factor + 0.5).floor() as i64
}

/// The texts behind `prefix` in comment lines, in any comment style.
pub(crate) fn comment_texts<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    code.lines().filter_map(move |line| {
        let bare = line.trim();
        let body = bare.trim_start_matches(['#', '/', '-', '%', ';', '*']);
        if body.len() == bare.len() {
            None
        } else {
            Some(body.trim().strip_prefix(prefix)?.trim().to_owned())
        }
    })
}

/// Whether a line says `expect: correct`.
pub(super) fn has_right_mark(code: &str) -> bool {
    comment_texts(code, "expect:").any(|mark| mark == "correct")
}

/// The two known warnings; their wording is a choice. (reference stepik.md 6.3)
pub(super) fn newline_warnings(code: &str, inputs: &[&str]) -> Vec<String> {
    let mut warnings = Vec::new();
    if inputs.iter().any(|input| !input.is_empty() && !input.ends_with('\n')) {
        warnings.push("A dataset does not end with a newline.".to_owned());
    }
    if ["split('\\n')", "split(\"\\n\")"].iter().any(|call| code.contains(call)) {
        warnings.push("Use splitlines() instead of split on newlines.".to_owned());
    }
    warnings
}

#[derive(Debug)]
pub(super) struct Sql;

impl Quiz for Sql {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        for key in ["init_sql", "solve_sql", "check_code"] {
            text(source, key)?;
        }
        Ok(json!({}))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::showing(json!({}))
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let query = text(reply, "solve_sql")?;
        match query.split(';').filter(|part| !part.trim().is_empty()).count() {
            1 => Ok(json!({ "solve_sql": query })),
            _ => Err("Exactly one query is expected.".to_owned()),
        }
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let folded = |value: &Value| {
            let query = text(value, "solve_sql").unwrap_or_default().to_lowercase();
            let words: Vec<&str> = query.split_whitespace().collect();
            words.join(" ").trim_end_matches([';', ' ']).to_owned()
        };
        Verdict::of(folded(source) == folded(reply))
    }
}
