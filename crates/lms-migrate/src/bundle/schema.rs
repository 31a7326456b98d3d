//! Holding JSON against the bundle's own schema, so that an error names the field and says what may stand there.
//!
//! It reads as much of JSON Schema as `schema.json` uses; a test sees to it that it uses no more.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use lms_core::Timestamp;
use serde_json::{Map, Value};

use super::line::Segment;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(super::SCHEMA).unwrap_or_default());

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) path: Vec<Segment>,
    pub(super) message: String,
}

type Checked = Result<(), Problem>;

/// Holds `value` against one of `$defs`.
pub(super) fn check(definition: &str, value: &Value) -> Checked {
    let mut path = Vec::new();
    check_by(defined(definition), value, &mut path)
}

fn defined(name: &str) -> &'static Value {
    SCHEMA.get("$defs").and_then(|all| all.get(name)).unwrap_or(&Value::Null)
}

fn problem(path: &[Segment], message: impl Into<String>) -> Checked {
    Err(Problem { path: path.to_vec(), message: message.into() })
}

fn check_by(schema: &Value, value: &Value, path: &mut Vec<Segment>) -> Checked {
    let Some(schema) = schema.as_object() else { return Ok(()) };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return check_by(defined(name.trim_start_matches("#/$defs/")), value, path);
    }
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        return check_union(schema, branches, value, path);
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return check_any(branches, value, path);
    }
    if let Some(wanted) = schema.get("const")
        && !same(wanted, value)
    {
        return problem(path, format!("must be {wanted}, is {}", short(value)));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        return problem(path, format!("must be {}, is {}", list(allowed.iter()), short(value)));
    }
    if let Some(wanted) = schema.get("type").and_then(Value::as_str)
        && !is_of(wanted, value)
    {
        return problem(path, format!("must be {}, is {}", article(wanted), short(value)));
    }
    match value {
        Value::String(text) => check_text(schema, text, path),
        Value::Number(_) => check_number(schema, value, path),
        Value::Array(items) => check_items(schema, items, path),
        Value::Object(fields) => check_fields(schema, fields, path),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn check_text(schema: &Map<String, Value>, text: &str, path: &[Segment]) -> Checked {
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && !matches(pattern, text)
    {
        return problem(path, format!("must match {pattern}, is {text:?}"));
    }
    if schema.get("format").is_some()
        && let Err(error) = text.parse::<Timestamp>()
    {
        return problem(path, format!("{}: {text:?}; write 2025-09-01T00:00:00Z", error.message()));
    }
    Ok(())
}

/// The two patterns that the schema uses.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[A-Za-z0-9_-]+$" => {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        }
        "^[0-9a-f]{64}$" => text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')),
        _ => false,
    }
}

fn check_number(schema: &Map<String, Value>, value: &Value, path: &[Segment]) -> Checked {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let number = value.as_f64().unwrap_or_default();
    if let Some(least) = bound("minimum")
        && number < least
    {
        return problem(path, format!("must be {least} at least, is {value}"));
    }
    if let Some(most) = bound("maximum")
        && number > most
    {
        return problem(path, format!("must be {most} at most, is {value}"));
    }
    Ok(())
}

fn check_items(schema: &Map<String, Value>, items: &[Value], path: &mut Vec<Segment>) -> Checked {
    let count = |name: &str| schema.get(name).and_then(Value::as_u64);
    if count("minItems").is_some_and(|n| (items.len() as u64) < n)
        || count("maxItems").is_some_and(|n| (items.len() as u64) > n)
    {
        return problem(
            path,
            format!("must have {} items, has {}", count("minItems").unwrap_or(0), items.len()),
        );
    }
    let unique = schema.get("uniqueItems").is_some();
    let mut seen = BTreeSet::new();
    let first = schema.get("prefixItems").and_then(Value::as_array);
    for (n, item) in items.iter().enumerate() {
        path.push(Segment::Item(n));
        if unique && !seen.insert(item.to_string()) {
            return problem(path, format!("stands here twice: {item}"));
        }
        let by = first.and_then(|first| first.get(n)).or_else(|| schema.get("items"));
        check_by(by.unwrap_or(&Value::Null), item, path)?;
        path.pop();
    }
    Ok(())
}

fn check_fields(
    schema: &Map<String, Value>,
    fields: &Map<String, Value>,
    path: &mut Vec<Segment>,
) -> Checked {
    let known = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    // A misspelt field is named before the one that is missing for it.
    if others == Some(&Value::Bool(false))
        && let Some(name) = fields.keys().find(|name| known.is_none_or(|known| !known.contains_key(*name)))
    {
        let names = known.into_iter().flat_map(Map::keys).cloned().collect::<Vec<_>>().join(", ");
        path.push(Segment::Field(name.clone()));
        return problem(path, format!("unknown field; known here are {names}"));
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = name.as_str()
            && !fields.contains_key(name)
        {
            return problem(path, format!("`{name}` is missing"));
        }
    }
    for (name, field) in fields {
        path.push(Segment::Field(name.clone()));
        if let Some(names) = schema.get("propertyNames") {
            check_by(names, &Value::String(name.clone()), path)?;
        }
        let by = known.and_then(|known| known.get(name)).or(others);
        check_by(by.unwrap_or(&Value::Null), field, path)?;
        path.pop();
    }
    Ok(())
}

/// A union is told by the field that `discriminator` names.
fn check_union(
    schema: &Map<String, Value>,
    branches: &[Value],
    value: &Value,
    path: &mut Vec<Segment>,
) -> Checked {
    let tag = schema
        .get("discriminator")
        .and_then(|d| d.get("propertyName"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(fields) = value.as_object() else {
        return problem(path, format!("must be an object, is {}", short(value)));
    };
    let Some(said) = fields.get(tag) else { return problem(path, format!("`{tag}` is missing")) };
    let mut known = Vec::new();
    for branch in branches {
        let name = branch.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let branch = defined(name.trim_start_matches("#/$defs/"));
        let named = branch.get("properties").and_then(|p| p.get(tag)).and_then(|t| t.get("const"));
        if named == Some(said) {
            return check_by(branch, value, path);
        }
        known.extend(named);
    }
    path.push(Segment::Field(tag.to_owned()));
    problem(path, format!("must be {}, is {}", list(known.into_iter()), short(said)))
}

fn check_any(branches: &[Value], value: &Value, path: &mut Vec<Segment>) -> Checked {
    let depth = path.len();
    let mut deepest: Option<Problem> = None;
    for branch in branches {
        match check_by(branch, value, path) {
            Ok(()) => return Ok(()),
            Err(found) => {
                path.truncate(depth);
                if deepest.as_ref().is_none_or(|known| known.path.len() < found.path.len()) {
                    deepest = Some(found);
                }
            }
        }
    }
    deepest.map_or(Ok(()), Err)
}

/// Numbers are the same however they are written.
fn same(wanted: &Value, value: &Value) -> bool {
    wanted == value || (wanted.is_number() && wanted.as_f64() == value.as_f64())
}

fn is_of(wanted: &str, value: &Value) -> bool {
    match wanted {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    }
}

fn article(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    }
}

fn list<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(Value::to_string).collect::<Vec<_>>().join(" or ")
}

fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => other.to_string().chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(schema: &Value, names: &mut BTreeSet<String>) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "properties" | "$defs" => {
                    value.as_object().into_iter().flatten().for_each(|(_, s)| visit(s, names));
                }
                "anyOf" | "oneOf" | "prefixItems" => {
                    value.as_array().into_iter().flatten().for_each(|s| visit(s, names));
                }
                "items" | "additionalProperties" | "propertyNames" => visit(value, names),
                "$ref" => {
                    let name = value.as_str().and_then(|v| v.strip_prefix("#/$defs/")).expect("a local name");
                    assert!(defined(name).is_object(), "{name} is not defined");
                }
                "pattern" => assert!(
                    matches(value.as_str().expect("a text"), &"a".repeat(64)),
                    "{value} is not understood"
                ),
                _ => {}
            }
            names.insert(keyword.clone());
        }
    }

    #[test]
    fn the_schema_uses_only_what_is_read_here() {
        let mut names = BTreeSet::new();
        visit(&SCHEMA, &mut names);
        let read = "$defs $ref $schema additionalProperties anyOf const description discriminator enum format items \
                    maxItems maximum minItems minimum oneOf pattern prefixItems properties propertyNames required title \
                    type uniqueItems";
        let unread: Vec<&String> = names.iter().filter(|n| !read.split(' ').any(|r| r == *n)).collect();
        assert!(unread.is_empty(), "{unread:?}");
        assert!(names.len() > 15, "the schema was read: {names:?}");
    }

    #[test]
    fn a_problem_names_the_field_and_what_may_stand_there() {
        let step = |block: Value| serde_json::json!({"id": "t", "blocks": [block]});
        let says = |value: Value, at: &str, what: &str| {
            let found = check("step", &value).expect_err("a problem");
            assert_eq!(super::super::line::spell(&found.path), at);
            assert!(found.message.contains(what), "{}", found.message);
        };
        says(
            step(serde_json::json!({"id": "b", "kind": "txt", "markup": ""})),
            "blocks[0].kind",
            "\"video\"",
        );
        says(step(serde_json::json!({"id": "b", "kind": "text"})), "blocks[0]", "`markup` is missing");
        says(
            step(serde_json::json!({"id": "b", "kind": "text", "markup": "", "tilte": ""})),
            "blocks[0].tilte",
            "unknown field; known here are id, kind, markup, title, extras",
        );
        says(
            step(
                serde_json::json!({"id": "b", "kind": "exercise", "task": "t", "interaction": {"type": "numeric"},
                                    "scoring": {"points": 1, "attempts": -1}}),
            ),
            "blocks[0].scoring.attempts",
            "must be 0 at least",
        );
        says(
            serde_json::json!({"id": "t", "blocks": [], "schedule": {"due": "tomorrow"}}),
            "schedule.due",
            "tomorrow",
        );
        says(serde_json::json!({"id": "t", "blocks": 3}), "blocks", "a list");
    }
}
