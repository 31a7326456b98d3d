//! Reading what a client writes: required fields, types, per-field errors. (reference stepik.md 1.6, 2.3, 2.10)

use serde_json::Value;

use super::wire::{Object, Refusal, int_of};

/// What a writable field takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Takes {
    /// Text; null comes back as `""` (reference stepik.md 3.3).
    Text,
    /// Text or null, kept as sent.
    OptionalText,
    Flag,
    Int,
    OptionalInt,
    /// Anything, kept as sent.
    Any,
}

/// Reads one written object and gathers every error before it refuses, as the platform does.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    input: &'a Object,
    errors: Object,
}

impl<'a> Form<'a> {
    pub(crate) fn new(input: &'a Object) -> Self {
        Self { input, errors: Object::new() }
    }

    pub(crate) fn fail(&mut self, field: &str, text: impl Into<String>) {
        self.errors.insert(field.to_owned(), Value::from(vec![text.into()]));
    }

    fn given(&mut self, field: &str) -> Option<&'a Value> {
        match self.input.get(field) {
            Some(Value::Null) => {
                self.fail(field, "This field may not be null.");
                None
            }
            None => {
                self.fail(field, "This field is required.");
                None
            }
            value => value,
        }
    }

    pub(crate) fn required_text(&mut self, field: &str, longest: usize) -> String {
        let Some(value) = self.given(field) else { return String::new() };
        let Some(text) = value.as_str() else {
            self.fail(field, "Not a valid string.");
            return String::new();
        };
        if text.trim().is_empty() {
            self.fail(field, "This field may not be blank.");
        } else if text.chars().count() > longest {
            self.fail(field, format!("Ensure this field has no more than {longest} characters."));
        }
        text.trim().to_owned()
    }

    /// A foreign key that must point to something that `exists`.
    pub(crate) fn required_key(&mut self, field: &str, exists: impl Fn(i64) -> bool) -> i64 {
        let Some(value) = self.given(field) else { return 0 };
        match int_of(value) {
            Some(id) if exists(id) => id,
            Some(id) => {
                self.fail(field, format!("Invalid pk '{id}' - object does not exist."));
                0
            }
            None => {
                self.fail(field, "Incorrect type. Expected pk value.");
                0
            }
        }
    }

    /// A foreign key that may be left out or null.
    pub(crate) fn optional_key(&mut self, field: &str, exists: impl Fn(i64) -> bool) {
        if let Some(id) = self.input.get(field).and_then(int_of).filter(|id| !exists(*id)) {
            self.fail(field, format!("Invalid pk '{id}' - object does not exist."));
        }
    }

    pub(crate) fn required_object(&mut self, field: &str) -> Object {
        match self.given(field) {
            Some(Value::Object(map)) => map.clone(),
            Some(_) => {
                self.fail(field, "Expected a dictionary of items.");
                Object::new()
            }
            None => Object::new(),
        }
    }

    pub(crate) fn int_or(&mut self, field: &str, default: i64) -> i64 {
        match self.input.get(field) {
            None | Some(Value::Null) => default,
            Some(value) => int_of(value).unwrap_or_else(|| {
                self.fail(field, "A valid integer is required.");
                default
            }),
        }
    }

    /// Copies the writable fields that are present; read-only and unknown ones are ignored, not refused.
    pub(crate) fn copy(&mut self, target: &mut Object, fields: &[(&str, Takes)]) {
        for (field, takes) in fields {
            let Some(value) = self.input.get(*field) else { continue };
            match (takes, value) {
                (Takes::Text, Value::Null) => set(target, field, ""),
                (Takes::Text, Value::String(_)) | (Takes::Flag, Value::Bool(_)) | (Takes::Any, _) => {
                    set(target, field, value.clone());
                }
                (Takes::OptionalText, Value::Null | Value::String(_)) | (Takes::OptionalInt, Value::Null) => {
                    set(target, field, value.clone());
                }
                (Takes::Int | Takes::OptionalInt, _) => match int_of(value) {
                    Some(number) => set(target, field, number),
                    // Explicit null is accepted for optional fields and leaves the default. (reference stepik.md 2.3)
                    None if value.is_null() => {}
                    None => self.fail(field, "A valid integer is required."),
                },
                (Takes::Flag, Value::Null) => {}
                (Takes::Flag, _) => self.fail(field, "Must be a valid boolean."),
                (Takes::Text | Takes::OptionalText, _) => self.fail(field, "Not a valid string."),
            }
        }
    }

    /// Dates are ISO texts, null or `""`.
    pub(crate) fn dates(&mut self, fields: &[&str]) {
        for field in fields {
            let Some(written) = self.input.get(*field).and_then(Value::as_str) else { continue };
            if !written.is_empty() && written.parse::<jiff::Timestamp>().is_err() {
                self.fail(field, "Datetime has wrong format. Use YYYY-MM-DDThh:mm:ssZ.");
            }
        }
    }

    /// A text that must be one of a few; null and `""` leave the default.
    pub(crate) fn one_of(&mut self, field: &str, known: &[&str]) {
        let Some(written) = self.input.get(field).and_then(Value::as_str) else { return };
        if !written.is_empty() && !known.contains(&written) {
            self.fail(field, format!("\"{written}\" is not a valid choice."));
        }
    }

    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::new(400, Value::Object(self.errors))) }
    }
}

pub(crate) fn set(target: &mut Object, field: &str, value: impl Into<Value>) {
    target.insert(field.to_owned(), value.into());
}
