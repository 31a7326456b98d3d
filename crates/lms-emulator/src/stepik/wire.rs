//! The shape of answers: envelope, pages, refusals. (reference stepik.md 1.6, 2.1-2.5)

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::switches::PageBeyondEnd;
use crate::fault::{Effect, Faults};

pub(crate) type Object = Map<String, Value>;

/// What a handler gives back.
pub(crate) type Answer = Result<Response<Body>, Refusal>;

/// A request, already read from the socket.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) parts: Vec<Part>,
}

/// One part of a multipart body.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Ask {
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The ids of a multi-get; `None` when the request is not one. (reference stepik.md 2.5)
    pub(crate) fn ids(&self) -> Option<Vec<&str>> {
        let ids: Vec<&str> =
            self.query.iter().filter(|(key, _)| key == "ids[]").map(|(_, value)| value.as_str()).collect();
        (!ids.is_empty()).then_some(ids)
    }

    /// The written object: any single wrapper key is taken, and so is a bare object. (reference stepik.md 2.2)
    pub(crate) fn written(&self) -> Result<Object, Refusal> {
        let value: Value = serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::detail(400, &format!("JSON parse error - {error}")))?;
        let Value::Object(mut outer) = value else {
            return Err(Refusal::detail(400, "Invalid data. Expected a dictionary."));
        };
        if outer.len() == 1 && outer.values().all(Value::is_object) {
            let only = outer.values_mut().next().map(Value::take);
            if let Some(Value::Object(inner)) = only {
                return Ok(inner);
            }
        }
        Ok(outer)
    }
}

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body }
    }

    pub(crate) fn detail(status: u16, text: &str) -> Self {
        Self::new(status, json!({ "detail": text }))
    }

    pub(crate) fn missing() -> Self {
        Self::detail(404, "Not found.")
    }

    pub(crate) fn forbidden() -> Self {
        Self::detail(403, "You do not have permission to perform this action.")
    }

    pub(crate) fn signed_out() -> Self {
        Self::detail(401, "Authentication credentials were not provided.")
    }

    pub(crate) fn not_allowed(method: &Method) -> Self {
        Self::detail(405, &format!("Method \"{method}\" not allowed."))
    }

    /// What a 400 says, by field.
    pub(crate) fn fields(self) -> Object {
        object(self.body)
    }

    pub(crate) fn field(name: &str, text: impl Into<String>) -> Self {
        Self::new(400, json!({ name: [text.into()] }))
    }

    /// OAuth errors are a flat object with a string `error`. (reference stepik.md 1.3)
    pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Self {
        Self::new(status, json!({ "error": error, "error_description": description }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        answer_json(self.status, &self.body)
    }
}

pub(crate) fn answer_json(status: u16, body: &Value) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

pub(crate) fn no_content() -> Response<Body> {
    StatusCode::NO_CONTENT.into_response()
}

/// The envelope of one object, as every write and every read by id answers.
pub(crate) fn one(name: &str, object: Value) -> Value {
    listed(name, vec![object])
}

/// The envelope of a multi-get: everything at once. (reference stepik.md 2.5)
pub(crate) fn listed(name: &str, objects: Vec<Value>) -> Value {
    json!({ "meta": { "page": 1, "has_next": false, "has_previous": false }, name: objects })
}

/// Cuts a listing into pages, or answers a multi-get in one piece.
#[derive(Debug)]
pub(crate) struct Pager<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) faults: &'a Faults,
    pub(crate) page_size: usize,
    pub(crate) beyond_end: PageBeyondEnd,
}

/// One page: which of the objects are on it, and what is said about it.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) range: Range<usize>,
    meta: Value,
}

impl Cut {
    pub(crate) fn answer(&self, name: &str, shown: Vec<Value>) -> Value {
        json!({ "meta": self.meta, name: shown })
    }
}

impl Pager<'_> {
    /// The page that is asked for, of so many objects. `page_size` in the query is ignored. (reference stepik.md 2.4)
    pub(crate) fn cut(&self, total: usize) -> Result<Cut, Refusal> {
        let invalid = || Refusal::detail(404, "Invalid page.");
        let asked = match self.ask.param("page") {
            None => 1,
            Some(text) => text.parse::<usize>().ok().filter(|page| *page > 0).ok_or_else(invalid)?,
        };
        let size = self.page_size.max(1);
        let pages = total.div_ceil(size).max(1);
        if asked > pages {
            if self.beyond_end == PageBeyondEnd::NotFound {
                return Err(invalid());
            }
            let meta = json!({ "page": asked, "has_next": false, "has_previous": true });
            return Ok(Cut { range: total..total, meta });
        }
        let fires = |effect| self.faults.fires(effect, self.ask.method.as_str(), &self.ask.path);
        let page = if asked > 1 && fires(Effect::RepeatCursor) { asked - 1 } else { asked };
        let has_next = page < pages;
        let start = (page - 1) * size;
        let is_emptied = has_next && fires(Effect::EmptyMiddlePage);
        let end = if is_emptied { start } else { (start + size).min(total) };
        let meta = json!({ "page": page, "has_next": has_next, "has_previous": page > 1 });
        Ok(Cut { range: start..end, meta })
    }

    pub(crate) fn page(&self, name: &str, mut objects: Vec<Value>) -> Result<Value, Refusal> {
        let cut = self.cut(objects.len())?;
        objects.truncate(cut.range.end);
        let shown = objects.split_off(cut.range.start);
        Ok(cut.answer(name, shown))
    }
}

/// Numbers may be written as numeric strings. (reference stepik.md 2.3)
pub(crate) fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(crate) fn int(object: &Object, key: &str) -> Option<i64> {
    object.get(key).and_then(int_of)
}

pub(crate) fn text<'a>(object: &'a Object, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn flag(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or_default()
}

pub(crate) fn id_list(object: &Object, key: &str) -> Vec<i64> {
    object
        .get(key)
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(int_of).collect())
        .unwrap_or_default()
}

/// The fields of a `json!({…})` literal.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(map) => map,
        _ => Object::new(),
    }
}
