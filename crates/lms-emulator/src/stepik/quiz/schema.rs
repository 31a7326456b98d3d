//! Lenient reading of sources and replies: an integer may be a numeric string, extra keys are fine, a missing key is
//! an error, booleans must be JSON booleans. (reference stepik.md 4.2)

use serde_json::Value;

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    get(value, key)?.as_str().ok_or_else(|| format!("`{key}` must be a string."))
}

/// The text without outer white space, as Python's `str.strip` takes it away: the server's graders are Python.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

pub(super) fn flag(value: &Value, key: &str) -> Result<bool, String> {
    get(value, key)?.as_bool().ok_or_else(|| format!("`{key}` must be a boolean."))
}

pub(super) fn int(value: &Value, key: &str) -> Result<i64, String> {
    as_int(get(value, key)?).ok_or_else(|| format!("`{key}` must be an integer."))
}

pub(super) fn as_int(value: &Value) -> Option<i64> {
    crate::stepik::wire::int_of(value)
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], String> {
    get(value, key)?.as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}` must be a list."))
}

pub(super) fn get<'a>(value: &'a Value, key: &str) -> Result<&'a Value, String> {
    value.get(key).ok_or_else(|| format!("`{key}` is required."))
}

/// A flag that later versions added; absent means off.
pub(super) fn later_flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// A list of integers, such as `ordering`.
pub(super) fn ints(value: &Value, key: &str) -> Result<Vec<i64>, String> {
    let numbers: Option<Vec<i64>> = list(value, key)?.iter().map(as_int).collect();
    numbers.ok_or_else(|| format!("`{key}` must be a list of integers."))
}

/// An attachment object has all five keys. (reference stepik.md 4.14)
pub(super) fn attachments<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], String> {
    let list = list(value, key)?;
    for item in list {
        for field in ["name", "type", "content", "url"] {
            text(item, field)?;
        }
        int(item, "size")?;
    }
    Ok(list)
}
