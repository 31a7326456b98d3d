//! Whether two requests are the same, and how they differ if not.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::format::{Asked, Content};
use super::{email, words};
use crate::redact;

/// A request in the form in which it is compared: secrets are all alike, and so are addresses, which
/// are compared apart.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) line: String,
    origin: String,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Value,
    body: Value,
    people: Vec<String>,
    /// With the numbers of the secrets.
    exact: String,
}

/// Which address of now stands for which one of the recording.
#[derive(Debug, Default)]
pub(super) struct People(HashMap<String, String>);

impl Key {
    pub(super) fn new(asked: &Asked) -> Self {
        let Asked { method, origin, url, headers, content_type, body } = asked;
        let mut people = Vec::new();
        let mut plain = |text: &str| alike(text, &mut people);
        let url = plain(url);
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut headers: Value = headers.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect();
        if let Some(content_type) = content_type {
            headers["content-type"] = json!(content_type);
        }
        let mut body = body.as_ref().map_or(Value::Null, value);
        for value in [&mut headers, &mut body] {
            each(value, &mut plain);
            value.sort_all_objects();
        }
        let exact = json!([asked.url, asked.headers, asked.body]).to_string();
        Self {
            line: redact::bounded(&format!("{method} {url}")),
            origin: origin.clone(),
            method: method.clone(),
            path: path.to_owned(),
            query,
            headers,
            body,
            people,
            exact,
        }
    }

    /// Whether `asked` is this request, which was recorded.
    pub(super) fn fits(&self, asked: &Key, people: &People) -> bool {
        self.origin == asked.origin
            && self.method == asked.method
            && self.path == asked.path
            && self.query == asked.query
            && self.headers == asked.headers
            && self.body == asked.body
            && people.agree(&self.people, &asked.people)
    }

    /// Whether the secrets are those of the recording as well.
    pub(super) fn is_exactly(&self, asked: &Key) -> bool {
        self.exact == asked.exact
    }

    pub(super) fn people(&self) -> &[String] {
        &self.people
    }

    /// How near `asked` comes.
    pub(super) fn likeness(&self, asked: &Key) -> usize {
        let segments = self.path.split('/').zip(asked.path.split('/')).take_while(|(a, b)| a == b).count();
        let pairs = asked.query.iter().filter(|pair| self.query.contains(pair)).count();
        let same = |same: bool, weight| if same { weight } else { 0 };
        same(self.path == asked.path, 40)
            + same(self.method == asked.method, 20)
            + same(self.origin == asked.origin, 10)
            + same(self.query == asked.query, 8)
            + same(self.body == asked.body, 8)
            + segments.min(8)
            + pairs.min(4)
    }

    /// The first thing in which `asked` differs from what was recorded.
    pub(super) fn difference(&self, asked: &Key) -> String {
        let differ = |what: &str, then: &str, now: &str| {
            let (then, now) = (redact::bounded(then), redact::bounded(now));
            format!("{what} was `{then}` and is `{now}`")
        };
        if self.method != asked.method {
            return differ("the method", &self.method, &asked.method);
        }
        if self.path != asked.path {
            return differ("the path", &self.path, &asked.path);
        }
        if self.query != asked.query {
            return query_difference(&self.query, &asked.query);
        }
        if let Some((at, then, now)) = json_difference(&self.headers, &asked.headers, String::new()) {
            return differ(&format!("the header {}", at.trim_start_matches('/')), &then, &now);
        }
        if let Some((at, then, now)) = json_difference(&self.body, &asked.body, String::new()) {
            let place = if at.is_empty() { "the body".to_owned() } else { format!("the body at {at}") };
            return differ(&place, &then, &now);
        }
        if self.origin != asked.origin {
            return differ("the host", &self.origin, &asked.origin);
        }
        "an e-mail address is another one".to_owned()
    }
}

fn query_difference(then: &[(String, String)], now: &[(String, String)]) -> String {
    for (name, value) in now {
        let same_name: Vec<&String> = then.iter().filter(|(n, _)| n == name).map(|(_, v)| v).collect();
        if same_name.is_empty() {
            return format!("the query had no `{}`", redact::bounded(name));
        }
        if let Some(then) = same_name.first().filter(|_| !same_name.contains(&value)) {
            let (then, now) = (redact::bounded(then), redact::bounded(value));
            return format!("`{}` in the query was `{then}` and is `{now}`", redact::bounded(name));
        }
    }
    match then.iter().find(|(name, _)| now.iter().all(|(n, _)| n != name)) {
        Some((name, value)) => {
            format!("the query had `{}={}`", redact::bounded(name), redact::bounded(value))
        }
        None => "the query has the same values in another order or number".to_owned(),
    }
}

/// Where two values differ first: a JSON pointer, and both values there.
fn json_difference(then: &Value, now: &Value, at: String) -> Option<(String, String, String)> {
    match (then, now) {
        (then, now) if then == now => None,
        (Value::Object(a), Value::Object(b)) => {
            let mut names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
            names.find_map(|name| {
                let (then, now) = (a.get(name), b.get(name));
                let at = format!("{at}/{name}");
                match (then, now) {
                    (Some(then), Some(now)) => json_difference(then, now, at),
                    _ => Some((at, shown(then), shown(now))),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            (0..a.len().max(b.len())).find_map(|n| match (a.get(n), b.get(n)) {
                (Some(then), Some(now)) => json_difference(then, now, format!("{at}/{n}")),
                (then, now) => Some((format!("{at}/{n}"), shown(then), shown(now))),
            })
        }
        _ => Some((at, shown(Some(then)), shown(Some(now)))),
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn value(body: &Content) -> Value {
    match body {
        Content::Json(value) => value.clone(),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

fn each(value: &mut Value, change: &mut impl FnMut(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        Value::Object(fields) => {
            let mut old: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
            // Addresses are collected in the same order, however the fields were written.
            old.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (name, mut value) in old {
                each(&mut value, change);
                fields.insert(change(&name), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with all secrets alike and all addresses alike; these are put aside.
fn alike(text: &str, people: &mut Vec<String>) -> String {
    let text = email::replace(text, |address| {
        people.push(address.to_owned());
        format!("person{}", words::NOBODY)
    })
    .unwrap_or_else(|| text.to_owned());
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((head, tail)) = rest.split_once("secret-") {
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        out.push_str(head);
        out.push_str(if digits > 0 { "secret" } else { "secret-" });
        rest = tail.get(digits..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

impl People {
    fn agree(&self, then: &[String], now: &[String]) -> bool {
        let mut here: HashMap<&str, &str> = HashMap::new();
        then.len() == now.len()
            && then.iter().zip(now).filter(|(then, now)| then != now).all(|(then, now)| {
                let known = self.0.get(then).map_or(now.as_str(), String::as_str);
                known == now && here.insert(then, now).is_none_or(|other| other == now)
            })
    }

    /// Remembers who is who.
    pub(super) fn learn(&mut self, then: &[String], now: &[String]) {
        for (then, now) in then.iter().zip(now).filter(|(then, now)| then != now) {
            self.0.insert(then.clone(), now.clone());
        }
    }
}
