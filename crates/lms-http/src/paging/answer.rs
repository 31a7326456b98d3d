//! What an answer says about a page.

use lms_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Form;
use crate::{Response, decode};

/// A page as the platform sent it.
#[derive(Debug)]
pub struct PageBody {
    pub(super) items: Vec<Value>,
    pub(super) next: Next,
    pub(super) total: Option<u64>,
    /// The number of the page, where the platform says it.
    pub(super) number: Option<u64>,
    key: &'static str,
    beside: Map<String, Value>,
    sensitive: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    End,
    /// The page with the next number.
    More,
    At(String),
}

impl Next {
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::End)
    }
}

impl PageBody {
    /// The items of the page; none when called again.
    ///
    /// # Errors
    /// `Protocol` with the JSON path of the item that does not fit.
    pub fn items<W: DeserializeOwned>(&mut self) -> Result<Vec<W>> {
        let items = std::mem::take(&mut self.items);
        decode::value(Value::Array(items), self.key, self.sensitive)
    }

    /// What stands under another key of the answer, such as objects that the platform sends along with the
    /// items (reference stepik.md 2.6); `None` when there is no such key, or when called again.
    ///
    /// # Errors
    /// `Protocol` with the JSON path when it does not fit.
    pub fn beside<W: DeserializeOwned>(&mut self, key: &str) -> Result<Option<W>> {
        let found = self.beside.remove(key);
        found.map(|value| decode::value(value, key, self.sensitive)).transpose()
    }
}

/// Reads the answer as a page of this form. Nothing is taken for an end that is not said to be one: an
/// object with an error in it, sent with status 200, must not pass for an empty listing.
pub(super) async fn read(answer: Response, form: Form, key: &'static str) -> Result<PageBody> {
    let (origin, status) = (answer.origin.clone(), answer.status);
    let fail = |what: String| {
        let error = Error::new(ErrorKind::Protocol, format!("the answer is not a page of a listing: {what}"));
        origin.stamp(error.with_status(status))
    };
    let mut body: Map<String, Value> = match answer.json().await? {
        Value::Object(body) => body,
        Value::Array(items) if form != Form::Numbered => {
            Map::from_iter([(key.to_owned(), Value::Array(items)), ("next".to_owned(), Value::Null)])
        }
        _ => return Err(fail(format!("no object with `{key}`"))),
    };
    let Some(Value::Array(items)) = body.remove(key) else {
        return Err(fail(format!("there is no list `{key}` in it")));
    };
    let (place, around) = match form {
        Form::Numbered => ("meta.has_next", body.get("meta")),
        Form::Namespaced => ("pagination.next", body.get("pagination")),
        Form::Link => ("next", None),
    };
    let said = |name: &str| match form {
        Form::Link => body.get(name),
        Form::Numbered | Form::Namespaced => around?.get(name),
    };
    let next = match (form, said(if form == Form::Numbered { "has_next" } else { "next" })) {
        (Form::Numbered, Some(Value::Bool(false))) => Next::End,
        (Form::Numbered, Some(Value::Bool(true))) => Next::More,
        (Form::Link | Form::Namespaced, Some(Value::Null)) => Next::End,
        (Form::Link | Form::Namespaced, Some(Value::String(link))) => Next::At(link.clone()),
        _ => return Err(fail(format!("`{place}` does not say whether more pages follow"))),
    };
    let total = said("count").and_then(Value::as_u64);
    let number = said("page").filter(|_| form == Form::Numbered).and_then(integer);
    Ok(PageBody { items, next, total, number, key, beside: body, sensitive: origin.sensitive })
}

/// A number as platforms write one: `2`, `2.0` or `"2"` (reference stepik.md 2.8).
fn integer(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().or_else(|| {
            let float = value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..1e15).contains(n))?;
            Some(float as u64)
        }),
    }
}
