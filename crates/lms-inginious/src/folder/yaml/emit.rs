//! From values to text that PyYAML reads back as the same values.

use serde_json::Value;

use super::Data;
use super::scalar::{python_float, resolve};

const STEP: usize = 4;

/// A document. Mappings keep their order; several lines become a literal block, and every text that
/// YAML 1.1 could take for something else is quoted (reference inginious.md 9.2).
pub(crate) fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
        other => {
            scalar(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn mapping(map: &serde_json::Map<String, Value>, indent: usize, out: &mut String) {
    for (n, (key, value)) in map.iter().enumerate() {
        if n > 0 || out.ends_with('\n') {
            pad(indent, out);
        }
        text(key, indent, false, out);
        out.push(':');
        child(value, indent, out);
    }
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    for item in items {
        pad(indent, out);
        out.push('-');
        match item {
            Value::Object(map) if !map.is_empty() => {
                out.push_str(&" ".repeat(STEP - 1));
                mapping(map, indent + STEP, out);
            }
            _ => child(item, indent, out),
        }
    }
}

/// What follows `key:` or `-`.
fn child(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            mapping(map, indent + STEP, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(items, indent + STEP, out);
        }
        other => {
            out.push(' ');
            scalar(other, indent, out);
            out.push('\n');
        }
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => out.push_str(&n.to_string()),
            (None, Some(x)) => out.push_str(&yaml_float(x)),
            (None, None) => out.push_str(&n.to_string()),
        },
        Value::String(s) => text(s, indent, true, out),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Python writes `1e+16`, which YAML 1.1 takes for a text without a dot.
fn yaml_float(x: f64) -> String {
    let text = python_float(x);
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    }
}

fn text(text: &str, indent: usize, block: bool, out: &mut String) {
    let printable = text.chars().all(|c| {
        matches!(c, '\n' | '\t' | ' '..='~')
            || (c > '\u{a0}' && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    });
    if !printable || (text.contains('\t') && !text.contains('\n')) {
        return double_quoted(text, out);
    }
    if text.contains('\n') {
        let first_is_blank = text.lines().next().is_none_or(|line| line.trim().is_empty());
        if !block || first_is_blank {
            return double_quoted(text, out);
        }
        return literal(text, indent, out);
    }
    if is_plain(text) {
        out.push_str(text);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
}

fn literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with(' ') {
        out.push_str(&STEP.to_string());
    }
    let body = match text.strip_suffix('\n') {
        None => {
            out.push('-');
            text
        }
        Some(body) if body.ends_with('\n') => {
            out.push('+');
            body
        }
        Some(body) => body,
    };
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent + STEP, out);
            out.push_str(line);
        }
    }
}

fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '(' | '<' | '+' | '$'))
        && matches!(resolve(text), Data::Str(_))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && text != "<<"
}

fn double_quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            c if c > '\u{a0}' && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push_str(&format!("\\u{:04x}", c as u32)),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::parse;
    use super::*;

    #[test]
    fn texts_that_look_like_something_else_are_quoted() {
        let value = json!({
            "name": "yes", "when": "2014-05-10", "n": "042", "x": "1.0", "e": "", "h": "# no", "k": "a: b",
            "many": "one\n  two\n\nthree", "tail": "a\n\n", "lead": "  a\nb\n", "list": ["- x", {"a": [1, 2.5]}, []],
            "none": null, "flag": true, "tab": "a\tb", "tabs": "a\n\tb\n",
        });
        let text = emit(&value);
        assert_eq!(parse(&text).expect("yaml").to_json(), value, "{text}");
        assert!(text.contains("name: 'yes'\n"), "{text}");
        assert!(text.contains("many: |-\n    one\n      two\n\n    three\n"), "{text}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let texts = prop_oneof![
            any::<String>(),
            "[ -~\n\t]{0,30}",
            "[0-9:._eExXb+-]{1,8}",
            Just("null".to_owned()),
            Just("on".to_owned())
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e12..1e12f64).prop_map(Value::from),
            texts.clone().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((texts.clone(), inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect()))
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any_value()) {
            let text = emit(&value);
            let back = parse(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            prop_assert_eq!(back.to_json(), value, "{}", text);
        }
    }
}
