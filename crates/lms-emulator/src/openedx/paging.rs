//! The three ways of paging (reference openedx.md 2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::call::Call;
use super::state::{App, Host};
use crate::fault::Effect;

/// One page by number.
pub(crate) struct Page {
    items: Vec<Value>,
    next: Option<String>,
    previous: Option<String>,
    count: usize,
    pages: usize,
    number: usize,
    size: usize,
}

/// Cuts the page that the request asks for; `None` when there is no such page.
pub(crate) fn numbered(app: &App, call: &Call, items: Vec<Value>, max: usize) -> Option<Page> {
    let size = requested_size(app, call).min(max);
    let count = items.len();
    let pages = count.div_ceil(size).max(1);
    let number = match call.query("page") {
        None => 1,
        Some("last") => pages,
        Some(text) => text.parse().ok().filter(|number| (1..=pages).contains(number))?,
    };
    let link = |number: usize| with_query(app, call, "page", (number > 1).then(|| number.to_string()));
    let mut page = Page {
        items: items.into_iter().skip((number - 1) * size).take(size).collect(),
        next: (number < pages).then(|| link(number + 1)),
        previous: (number > 1).then(|| link(number - 1)),
        count,
        pages,
        number,
        size,
    };
    if page.next.is_some() {
        distort(app, call, &mut page.items, &mut page.next, || link(number));
    }
    Some(page)
}

impl Page {
    /// `{results, pagination}`.
    pub(crate) fn namespaced(self) -> Value {
        json!({
            "results": self.items,
            "pagination": {"next": self.next, "previous": self.previous, "count": self.count, "num_pages": self.pages},
        })
    }

    /// `{next, previous, count, num_pages, current_page, start, results}`.
    pub(crate) fn flat(self) -> Value {
        json!({
            "next": self.next, "previous": self.previous, "count": self.count, "num_pages": self.pages,
            "current_page": self.number, "start": (self.number - 1) * self.size, "results": self.items,
        })
    }
}

/// A page by opaque cursor: `{next, previous, results}`.
pub(crate) fn by_cursor(app: &App, call: &Call, items: Vec<Value>, size: usize) -> Value {
    let from = call.query("cursor").and_then(decode_cursor).unwrap_or(0).min(items.len());
    let link = |from: usize| with_query(app, call, "cursor", Some(STANDARD.encode(format!("p={from}"))));
    let mut next = (from.saturating_add(size) < items.len()).then(|| link(from + size));
    let previous = (from > 0).then(|| link(from.saturating_sub(size)));
    let mut results: Vec<Value> = items.into_iter().skip(from).take(size).collect();
    if next.is_some() {
        distort(app, call, &mut results, &mut next, || link(from));
    }
    json!({"next": next, "previous": previous, "results": results})
}

pub(crate) fn requested_size(app: &App, call: &Call) -> usize {
    let asked = call.query("page_size").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
    asked.unwrap_or_else(|| app.page_size())
}

fn distort(
    app: &App,
    call: &Call,
    items: &mut Vec<Value>,
    next: &mut Option<String>,
    same: impl FnOnce() -> String,
) {
    let fires = |effect| app.faults().fires(effect, call.method.as_str(), call.path());
    if fires(Effect::EmptyMiddlePage) {
        items.clear();
    }
    if fires(Effect::RepeatCursor) {
        *next = Some(same());
    }
}

fn decode_cursor(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("p=")?.parse().ok()
}

/// The address of this request with one parameter changed; the others come out sorted (recorded).
fn with_query(app: &App, call: &Call, name: &str, value: Option<String>) -> String {
    let mut query: Vec<(String, String)> =
        call.query.iter().filter(|(key, _)| key != name).cloned().collect();
    query.extend(value.map(|value| (name.to_owned(), value)));
    query.sort();
    let base = match app.host {
        Host::Lms => app.lms_url(),
        Host::Studio => app.studio_url(),
    };
    let address = format!("{base}{}", call.path());
    if query.is_empty() {
        return address;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{address}?{query}")
}
