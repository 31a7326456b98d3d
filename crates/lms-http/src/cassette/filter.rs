//! What must not be written is replaced, the same value always by the same words.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use lms_core::Secret;
use serde_json::Value;
use url::form_urlencoded;

use super::format::{Asked, Content, Exchange};
use super::{email, html, names, words};

/// A caller's own filter: the name of a value and the value, to what is written instead.
pub(super) type Rule = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

/// Shortest secret that is looked for everywhere, and not only where its name gave it away.
const SWEPT: usize = 6;

/// From this length on it is looked for inside longer words as well.
const UNMISTAKABLE: usize = 16;

/// Stands in replay for a secret that the recording did not have.
const UNKNOWN: &str = "secret-0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Record,
    /// Addresses stay, because they are compared; secrets have no number of their own.
    Replay,
}

/// How much of a text is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// What is known to be secret.
    Usual,
    /// All values: of a request that is marked sensitive.
    Sensitive,
    /// The same of its answer, in which the words of the protocol stay.
    SensitiveAnswer,
}

pub(super) struct Filter {
    mode: Mode,
    rules: Vec<Arc<Rule>>,
    secrets: Vec<Known>,
    numbers: HashMap<Secretly, usize>,
    people: HashMap<String, usize>,
}

struct Known {
    value: Secret,
    number: usize,
    swept: Swept,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Swept {
    /// Only where it stands.
    Here,
    /// Wherever it stands as a word.
    Everywhere,
    /// Wherever it stands, be it short or inside a word: the caller said so.
    Told,
}

/// A secret as a key, which `Debug` must not show.
#[derive(PartialEq, Eq, Hash)]
struct Secretly(String);

impl Filter {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, rules: Vec::new(), secrets: Vec::new(), numbers: HashMap::new(), people: HashMap::new() }
    }

    pub(super) fn add_rule(&mut self, rule: Arc<Rule>) {
        self.rules.push(rule);
    }

    /// What is written instead of `value`.
    pub(super) fn secret(&mut self, value: &str, swept: Swept) -> String {
        if value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        let next = self.secrets.len() + 1;
        let number = *self.numbers.entry(Secretly(value.to_owned())).or_insert(next);
        match self.secrets.get_mut(number - 1) {
            Some(known) if known.swept < swept => known.swept = swept,
            Some(_) => {}
            None => self.secrets.push(Known { value: Secret::new(value), number, swept }),
        }
        self.placeholder(number)
    }

    fn placeholder(&self, number: usize) -> String {
        match self.mode {
            Mode::Record => format!("secret-{number}"),
            Mode::Replay => UNKNOWN.to_owned(),
        }
    }

    /// A value that has a name.
    pub(super) fn value(&mut self, name: &str, value: &str, depth: Depth) -> String {
        if let Some(other) = self.ruled(name, value) {
            return other;
        }
        match depth {
            _ if names::is_secret(name) => self.secret(value, Swept::Everywhere),
            Depth::Usual => self.text(value, depth),
            Depth::Sensitive if names::is_grant(name) => self.text(value, Depth::Usual),
            Depth::SensitiveAnswer if names::is_protocol(name) => self.text(value, Depth::Usual),
            Depth::Sensitive | Depth::SensitiveAnswer => self.secret(value, Swept::Here),
        }
    }

    fn ruled(&self, name: &str, value: &str) -> Option<String> {
        self.rules.iter().find_map(|rule| rule(name, value))
    }

    /// Text without a name, which the caller's rules have seen.
    fn text(&mut self, text: &str, depth: Depth) -> String {
        let text = self.told(text);
        let text = match is_address(&text) {
            true => self.address(&text),
            false => text,
        };
        let text = match html::has_fields(&text) {
            true => html::filter(&text, self, depth),
            false => text,
        };
        self.people(text)
    }

    /// The whole text of a body.
    pub(super) fn whole(&mut self, text: &str, depth: Depth) -> String {
        if let Some(other) = self.ruled("", text) {
            return other;
        }
        match depth {
            _ if html::is_page(text) => {
                let text = self.told(text);
                let text = html::filter(&text, self, depth);
                self.people(text)
            }
            Depth::Usual => {
                let text = self.assignments(text, Quoted::OrNot);
                self.text(&text, depth)
            }
            Depth::Sensitive | Depth::SensitiveAnswer => self.secret(text, Swept::Here),
        }
    }

    /// `name = "value"` in the text of programs and settings.
    pub(super) fn assignments(&mut self, text: &str, quoted: Quoted) -> String {
        words::assignments(text, quoted, |name, value| {
            names::is_secret(name).then(|| self.secret(value, Swept::Everywhere))
        })
    }

    /// Addresses of people; in replay they stay.
    fn people(&mut self, text: String) -> String {
        if self.mode == Mode::Replay {
            return text;
        }
        let people = &mut self.people;
        let other = |address: &str| match address.ends_with(words::NOBODY) {
            true => address.to_owned(),
            false => {
                let next = people.len() + 1;
                let number = people.entry(address.to_owned()).or_insert(next);
                format!("person-{number}{}", words::NOBODY)
            }
        };
        email::replace(&text, other).unwrap_or(text)
    }

    /// Secrets that the caller named.
    fn told(&self, text: &str) -> String {
        self.sweep(text, Swept::Told)
    }

    fn sweep(&self, text: &str, least: Swept) -> String {
        let mut out = text.to_owned();
        for known in self.secrets.iter().filter(|known| known.swept >= least) {
            let value = known.value.expose();
            let inside = known.swept == Swept::Told || value.len() >= UNMISTAKABLE;
            if known.swept == Swept::Told || value.len() >= SWEPT {
                out = words::replace(&out, value, &self.placeholder(known.number), inside);
            }
        }
        out
    }

    /// Path and query, or a whole address.
    pub(super) fn address(&mut self, url: &str) -> String {
        let (front, fragment) = url.split_once('#').map_or((url, None), |(front, rest)| (front, Some(rest)));
        let (path, query) = front.split_once('?').map_or((front, None), |(path, rest)| (path, Some(rest)));
        let path = self.told(path);
        let mut out = self.people(path);
        for (mark, pairs) in [('?', query), ('#', fragment)] {
            if let Some(pairs) = pairs {
                out.push(mark);
                out.push_str(&self.query(pairs));
            }
        }
        out
    }

    fn query(&mut self, query: &str) -> String {
        let pairs: Vec<String> = query.split('&').map(|pair| self.pair(pair)).collect();
        pairs.join("&")
    }

    /// One pair of a query, which stays as it was written unless something is taken out of it.
    fn pair(&mut self, raw: &str) -> String {
        let Some((name, value)) = form_urlencoded::parse(raw.as_bytes()).next() else {
            return raw.to_owned();
        };
        let other = match self.ruled(&name, &value) {
            Some(other) => other,
            None if names::is_secret_in_query(&name, &value) => self.secret(&value, Swept::Everywhere),
            None => self.text(&value, Depth::Usual),
        };
        let known = self.people(self.told(&name));
        if other == value && known == name {
            return raw.to_owned();
        }
        let mut pair = form_urlencoded::Serializer::new(String::new());
        if raw.contains('=') {
            pair.append_pair(&known, &other).finish()
        } else {
            pair.append_key_only(&known).finish()
        }
    }

    /// A JSON value in place; `name` is that of the field it stands in.
    pub(super) fn json(&mut self, name: &str, value: &mut Value, depth: Depth) {
        match value {
            Value::String(text) => *text = self.value(name, text, depth),
            Value::Number(_) if names::is_password(name) => *value = Value::from(0),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(name, item, depth)),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                for (key, mut value) in old {
                    // What is in an object under a secret name is secret too, unless it is called otherwise.
                    let inner = if names::is_secret(name) && !names::is_protocol(&key) { name } else { &key };
                    self.json(inner, &mut value, depth);
                    let key = self.people(self.told(&key));
                    fields.insert(key, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Takes what is known by now out of an exchange that was filtered when less was known.
    pub(super) fn finish(&self, exchange: &mut Exchange) {
        exchange.strings(&mut |text| self.sweep_in_place(text));
        exchange.binaries(&mut |bytes| {
            for known in self.secrets.iter().filter(|known| known.swept > Swept::Here) {
                let value = known.value.expose().as_bytes();
                if known.swept == Swept::Told || value.len() >= SWEPT {
                    words::blank(bytes, value);
                }
            }
        });
    }

    /// The same for a request that is only looked up.
    pub(super) fn finish_request(&self, asked: &mut Asked) {
        asked.strings(&mut |text| self.sweep_in_place(text));
    }

    fn sweep_in_place(&self, text: &mut String) {
        let swept = self.sweep(text, Swept::Everywhere);
        if swept != *text {
            *text = swept;
        }
    }

    /// A body of form fields.
    pub(super) fn form(&mut self, body: &[u8], depth: Depth) -> Content {
        let pairs = form_urlencoded::parse(body).map(|(name, value)| {
            let value = self.value(&name, &value, depth);
            (self.people(self.told(&name)), value)
        });
        Content::Form(pairs.collect())
    }
}

/// Which values of assignments are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    Only,
    OrNot,
}

/// Whether the text is one address with a query.
fn is_address(text: &str) -> bool {
    let start = ["http://", "https://", "/"].iter().any(|start| text.starts_with(start));
    start && text.contains(['?', '#']) && !text.contains(|c: char| c.is_whitespace() || c == '<')
}

fn is_placeholder(value: &str) -> bool {
    value.strip_prefix("secret-").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("mode", &self.mode)
            .field("rules", &self.rules.len())
            .field("secrets", &self.secrets.len())
            .field("people", &self.people.len())
            .finish_non_exhaustive()
    }
}
