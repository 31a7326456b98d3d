//! Bytes to what is written, by what they are.

use serde_json::Value;

use super::filter::{Depth, Filter};
use super::format::{Content, Part};
use crate::request::Payload;

/// How true to its bytes a body must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Spaces and escapes of JSON may change.
    Free,
    /// It is a file: not one byte, unless something is taken out of it.
    Exact,
}

/// What is sent.
pub(super) fn of_payload(
    payload: &Payload,
    filter: &mut Filter,
    depth: Depth,
) -> (Option<String>, Option<Content>) {
    match payload {
        Payload::None => (None, None),
        Payload::Whole { body, content_type } => {
            let content_type = content_type.to_str().ok().map(str::to_owned);
            let body = content(body, content_type.as_deref(), Layout::Free, filter, depth);
            (content_type, body)
        }
        // The boundary is new each time, so the type is left to the parts.
        Payload::Multipart(parts) => {
            let parts = parts.iter().map(|part| part_of(part, filter, depth)).collect();
            (None, Some(Content::Parts(parts)))
        }
    }
}

fn part_of(part: &crate::Part, filter: &mut Filter, depth: Depth) -> Part {
    let crate::Part { name, filename, content_type, body } = part;
    // A file that cannot be read was refused before it came here.
    let body = &body.read().unwrap_or_default();
    let field = filename.is_none().then(|| std::str::from_utf8(body).ok()).flatten();
    let body = match field {
        Some("") => None,
        Some(text) => Some(Content::text(filter.value(name, text, depth))),
        None => content(body, content_type.as_deref(), Layout::Exact, filter, depth),
    };
    let filename = filename.as_ref().map(|name| filter.value("filename", name, Depth::Usual));
    Part { name: name.clone(), filename, content_type: content_type.clone(), body }
}

/// A body; `None` when it is empty.
pub(super) fn content(
    bytes: &[u8],
    content_type: Option<&str>,
    layout: Layout,
    filter: &mut Filter,
    depth: Depth,
) -> Option<Content> {
    if bytes.is_empty() {
        return None;
    }
    let media = content_type.unwrap_or_default().to_ascii_lowercase();
    if media.starts_with("application/x-www-form-urlencoded") {
        return Some(filter.form(bytes, depth));
    }
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else {
        return Some(Content::binary(bytes));
    };
    // INGInious calls its JSON `text/json`, and pages hold some (reference inginious.md 2.2).
    let maybe = media.contains("json") || text.trim_start().starts_with(['{', '[']);
    if let Some(mut value) = maybe.then(|| serde_json::from_str::<Value>(text).ok()).flatten() {
        let as_sent = (layout == Layout::Exact).then(|| value.clone());
        filter.json("", &mut value, depth);
        return Some(match as_sent {
            Some(as_sent) if as_sent == value => Content::text(text.to_owned()),
            _ => Content::Json(value),
        });
    }
    Some(Content::text(filter.whole(text, depth)))
}
