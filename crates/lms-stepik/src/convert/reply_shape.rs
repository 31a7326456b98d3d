//! Replies in Stepik's own form: what the platform takes is checked before it is sent.
//!
//! The platform checks a reply in two steps before it grades it, keys and types first
//! (reference stepik.md 4.2). Integers may be numeric text, booleans must be booleans, further keys
//! do no harm. The shapes are those of reference stepik.md 4.4–4.15.

use lms_core::{Error, Result};
use serde_json::Value;

use crate::wire::{Object, get, number};

/// What stands under a key of a reply.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Text,
    /// Text that is a number, as `pycharm` has its score.
    NumberText,
    Flag,
    Integer,
    Flags,
    Texts,
    /// A permutation of 0..n-1.
    Ordering,
    /// Files with their five keys (reference stepik.md 4.14).
    Attachments,
    /// Objects with these keys of text.
    Objects(&'static [&'static str]),
}

/// The keys that a reply needs. `None` for kinds that no source describes: any object may do.
fn keys(name: &str) -> Option<&'static [(&'static str, Shape)]> {
    use Shape::{Attachments, Flag, Flags, Integer, NumberText, Objects, Ordering, Text, Texts};
    Some(match name {
        "choice" | "simple-choice" => &[("choices", Flags)],
        "string" => &[("text", Text)],
        "number" => &[("number", Text)],
        "math" => &[("formula", Text)],
        "matching" | "sorting" => &[("ordering", Ordering)],
        "fill-blanks" => &[("blanks", Texts)],
        "table" => &[("choices", Objects(&["name_row"]))],
        "free-answer" => &[("text", Text), ("attachments", Attachments)],
        "code" => &[("language", Text), ("code", Text)],
        "sql" => &[("solve_sql", Text)],
        "dataset" => &[("file", Text)],
        "random-tasks" => &[("answer", Text)],
        "linux-code" => &[("solution", Attachments), ("makefile", Attachments)],
        "chemical" => &[("slots", Objects(&["normal", "sub", "sup"]))],
        "puzzle" => &[("solved", Flag)],
        "schulte" => &[("solved", Flag), ("time_seconds", Integer)],
        "pycharm" => &[("score", NumberText), ("solution", Objects(&["name", "text"]))],
        "admin" | "manual-score" => &[],
        _ => return None,
    })
}

/// Checks a reply to a quiz of this kind.
pub(super) fn check_native(name: &str, reply: &Value) -> Result<()> {
    let Some(reply) = reply.as_object() else {
        return Err(wrong(name, "the reply", "must be an object"));
    };
    for (key, shape) in keys(name).unwrap_or_default() {
        let at = format!("`{key}`");
        let value = reply.get(*key).ok_or_else(|| wrong(name, &at, "is needed"))?;
        shape.check(value).map_err(|why| wrong(name, &at, why))?;
    }
    if name == "sql" && queries(get::text(reply, "solve_sql")) != 1 {
        return Err(wrong(name, "`solve_sql`", "must be one query"));
    }
    Ok(())
}

/// Whether a reply has one entry for each thing that the attempt offers (reference stepik.md 4.4, 4.8,
/// 4.12).
pub(super) fn check_offered(name: &str, reply: &Value, dataset: &Object) -> Result<()> {
    let (key, of) = match name {
        "choice" | "simple-choice" => ("choices", "options"),
        "table" => ("choices", "rows"),
        "matching" => ("ordering", "pairs"),
        "sorting" => ("ordering", "options"),
        _ => return Ok(()),
    };
    let given = reply.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let offered = get::list(dataset, of).len();
    if given == offered {
        return Ok(());
    }
    Err(wrong(name, &format!("`{key}`"), &format!("needs one entry for each of the {offered} `{of}`")))
}

/// Queries in a text; a semicolon between quotes ends none.
fn queries(text: &str) -> usize {
    let (mut found, mut begun, mut quote) = (0, false, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => (quote, begun) = (Some(c), true),
            (None, ';') => (found, begun) = (found + usize::from(begun), false),
            (None, c) => begun |= !c.is_whitespace(),
        }
    }
    found + usize::from(begun)
}

fn wrong(name: &str, what: &str, why: &str) -> Error {
    Error::invalid(format!("{what} of the reply to a {name} quiz {why}")).on(name)
}

impl Shape {
    fn check(self, value: &Value) -> std::result::Result<(), &'static str> {
        let all =
            |holds: &dyn Fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(holds));
        let texts =
            |of: &Value, keys: &[&str]| keys.iter().all(|key| of.get(key).is_some_and(Value::is_string));
        let (holds, why) = match self {
            Self::Text => (value.is_string(), "must be text"),
            Self::NumberText => {
                let text = value.as_str().and_then(|text| text.trim().parse::<f64>().ok());
                (text.is_some_and(f64::is_finite), "must be a number as text")
            }
            Self::Flag => (value.is_boolean(), "must be true or false"),
            Self::Integer => (is_integer(value), "must be an integer"),
            Self::Flags => (all(&Value::is_boolean), "must be a list of true and false"),
            Self::Texts => (all(&Value::is_string), "must be a list of texts"),
            Self::Ordering => (is_permutation(value), "must name each of 0 to n-1 once"),
            Self::Attachments => {
                let file = |file: &Value| {
                    texts(file, &["name", "type", "content", "url"])
                        && file.get("size").is_some_and(is_integer)
                };
                (all(&file), "must be a list of files with `name`, `type`, `size`, `content` and `url`")
            }
            Self::Objects(keys) => {
                (all(&|item| texts(item, keys)), "must be a list of objects with their texts")
            }
        };
        if holds { Ok(()) } else { Err(why) }
    }
}

fn is_integer(value: &Value) -> bool {
    number(value).is_some_and(|number| number.fract() == 0.0)
}

fn is_permutation(value: &Value) -> bool {
    let Some(items) = value.as_array() else { return false };
    let mut places: Vec<Option<f64>> = items.iter().map(number).collect();
    places.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    places.iter().enumerate().all(|(at, place)| *place == Some(at as f64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::object;

    #[test]
    fn every_kind_takes_its_reply_and_no_other() {
        let file = json!({"name": "a", "type": "text/plain", "size": "1", "content": "attachment$base64$YQ==", "url": ""});
        let dataset =
            object(json!({"options": ["a", "b"], "pairs": [{}, {}], "rows": ["r"], "columns": ["c"]}));
        let cases = [
            ("choice", json!({"choices": [true, false]})),
            ("simple-choice", json!({"choices": [true, true]})),
            ("string", json!({"text": "x"})),
            ("number", json!({"number": "1"})),
            ("math", json!({"formula": "x"})),
            ("matching", json!({"ordering": [1, 0]})),
            ("sorting", json!({"ordering": ["0", 1]})),
            ("fill-blanks", json!({"blanks": ["a"]})),
            ("table", json!({"choices": [{"name_row": "r", "columns": []}]})),
            ("free-answer", json!({"text": "", "attachments": [file]})),
            ("code", json!({"language": "c", "code": ""})),
            ("sql", json!({"solve_sql": "SELECT ';' FROM t;\n"})),
            ("dataset", json!({"file": "1"})),
            ("random-tasks", json!({"answer": "3"})),
            ("linux-code", json!({"solution": [file], "makefile": []})),
            ("chemical", json!({"slots": [{"normal": "H", "sub": "2", "sup": ""}]})),
            ("puzzle", json!({"solved": true})),
            ("schulte", json!({"solved": false, "time_seconds": 7})),
            ("pycharm", json!({"score": "1", "solution": [{"name": "a", "text": "b"}], "version": 11})),
        ];
        for (name, reply) in &cases {
            check_native(name, reply).expect(name);
            check_offered(name, reply, &dataset).expect(name);
            for key in reply.as_object().expect("an object").keys() {
                for bad in [json!(null), json!(-1.5), json!({}), json!([null])] {
                    if keys(name).expect("known").iter().any(|(needed, _)| needed == key) {
                        let mut wrong = reply.clone();
                        wrong[key] = bad;
                        let error = check_native(name, &wrong).expect_err(name).to_string();
                        assert!(error.contains(key) && error.contains(name), "{error}");
                    }
                }
            }
        }
        for name in ["admin", "manual-score", "trik", "not known"] {
            check_native(name, &json!({})).expect(name);
            check_native(name, &json!("x")).expect_err(name);
        }
        for (name, wrong) in [
            ("choice", json!({"choices": [true]})),
            ("sorting", json!({"ordering": [0, 0]})),
            ("sorting", json!({"ordering": [0, 1, 2]})),
            ("sql", json!({"solve_sql": "SELECT 1; SELECT 2"})),
            ("sql", json!({"solve_sql": " ;"})),
            ("pycharm", json!({"score": "much", "solution": []})),
        ] {
            check_native(name, &wrong).and_then(|()| check_offered(name, &wrong, &dataset)).expect_err(name);
        }
    }
}
