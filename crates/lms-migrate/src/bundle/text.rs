//! Long texts in files of their own, so that they read well in an editor and in `git diff`.
//!
//! In JSON such a text is `{"$text": "NAME"}`; the file holds it byte for byte.

use lms_core::{Error, Result};
use serde_json::{Map, Value};

/// The key under which the name of the file stands.
pub(super) const TEXT: &str = "$text";
/// A text on one line is kept in JSON up to this many bytes.
const SHORT: usize = 160;
/// What in it is free is left alone: it may hold the same key.
const FREE: &str = "extras";

/// Takes long texts out of a node. `name` is the node's file name without ending; `keep` is given the
/// name of each text file and what belongs into it.
pub(super) fn detach(
    value: &mut Value,
    name: &str,
    keep: &mut dyn FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    match value {
        Value::Object(fields) => {
            let source_ends = match fields.get("format").and_then(Value::as_str) {
                Some(format @ ("xml" | "json" | "yaml")) => format.to_owned(),
                _ => "txt".to_owned(),
            };
            for (key, field) in fields.iter_mut().filter(|(key, _)| *key != FREE) {
                let path = if key == "blocks" { name.to_owned() } else { format!("{name}.{key}") };
                match field {
                    Value::String(text) if is_long(text) => {
                        let file = format!("{path}.{}", ending(key, &source_ends));
                        keep(&file, text)?;
                        *field = named(file);
                    }
                    other => detach(other, &path, keep)?,
                }
            }
        }
        Value::Array(items) => {
            for (n, item) in (1..).zip(items) {
                let path = format!("{name}.{n}");
                match item {
                    Value::String(text) if is_long(text) => {
                        let file = format!("{path}.html");
                        keep(&file, text)?;
                        *item = named(file);
                    }
                    other => detach(other, &path, keep)?,
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn named(file: String) -> Value {
    Value::Object(Map::from_iter([(TEXT.to_owned(), Value::String(file))]))
}

fn is_long(text: &str) -> bool {
    text.len() > SHORT || text.contains(['\n', '\r'])
}

fn ending<'a>(key: &str, source: &'a str) -> &'a str {
    match key {
        "source" => source,
        "markup"
        | "prompt"
        | "text"
        | "description"
        | "caption"
        | "readable"
        | "rubric"
        | "correct"
        | "incorrect"
        | "explanation"
        | "feedback"
        | "feedback_unselected" => "html",
        _ => "txt",
    }
}

/// Puts the texts back. `read` is given the name of each text file.
pub(super) fn attach(value: &mut Value, read: &mut dyn FnMut(&str) -> Result<String>) -> Result<()> {
    if let Value::Object(fields) = value
        && let Some(file) = fields.get(TEXT)
    {
        let file = match file {
            Value::String(file) if fields.len() == 1 => file,
            _ => {
                return Err(Error::invalid(format!(
                    "`{TEXT}` stands alone, with the name of a file: {{\"{TEXT}\": \"NAME\"}}"
                )));
            }
        };
        *value = Value::String(read(file)?);
        return Ok(());
    }
    match value {
        Value::Object(fields) => {
            for (_, field) in fields.iter_mut().filter(|(key, _)| *key != FREE) {
                attach(field, read)?;
            }
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| attach(item, read))?,
        _ => {}
    }
    Ok(())
}
