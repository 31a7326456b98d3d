//! The file: what is written, and nothing else (`docs/cassettes.md`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lms_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: u32,
    /// When the first request was sent, as an HTTP date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recorded: Option<String>,
    /// Where the clients sent, in the order in which they were made.
    pub(super) origins: Vec<String>,
    pub(super) exchanges: Vec<Exchange>,
}

/// One request and what came of it: a response or a failure.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) request: Asked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failed>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) origin: String,
    /// Path and query.
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Content>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    pub(super) status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, Values>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Content>,
    #[serde(default, skip_serializing_if = "Ending::is_whole")]
    pub(super) ending: Ending,
}

/// The values of a header: mostly one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    pub(super) fn push(&mut self, value: String) {
        match self {
            Self::One(first) => *self = Self::Many(vec![std::mem::take(first), value]),
            Self::Many(values) => values.push(value),
        }
    }

    pub(super) fn all_mut(&mut self) -> &mut [String] {
        match self {
            Self::One(value) => std::slice::from_mut(value),
            Self::Many(values) => values,
        }
    }

    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// How a body ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    /// It came in full.
    #[default]
    Whole,
    /// The connection broke.
    BrokeOff,
    /// No more of it came in time.
    TimedOut,
    /// The reader had enough.
    Stopped,
    /// The rest was too long for a cassette.
    Cut,
}

impl Ending {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failed {
    pub(super) sort: Sort,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) message: String,
}

/// Why there was no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sort {
    /// No connection: surely nothing was sent.
    NotSent,
    /// The request may have arrived.
    Lost,
    /// No answer in time, although the request may have arrived.
    TimedOut,
    /// Whoever asked had gone before the answer came.
    Abandoned,
}

/// A body in the form in which it reads best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    Json(Value),
    Form(Vec<(String, String)>),
    Text(String),
    /// Text of more than one line.
    Lines(Vec<String>),
    Base64(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Content>,
}

impl Content {
    pub(super) fn text(text: String) -> Self {
        if text.contains('\n') {
            Self::Lines(text.split('\n').map(str::to_owned).collect())
        } else {
            Self::Text(text)
        }
    }

    pub(super) fn binary(bytes: &[u8]) -> Self {
        Self::Base64(STANDARD.encode(bytes))
    }

    /// The bytes for a reader. `None` when it is no body of a response.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Json(value) => serde_json::to_vec(value).ok(),
            Self::Form(pairs) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                Some(form.extend_pairs(pairs).finish().into_bytes())
            }
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Lines(lines) => Some(lines.join("\n").into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).ok(),
            Self::Parts(_) => None,
        }
    }

    /// Calls `change` with every string in it, names included.
    pub(super) fn strings(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Json(value) => strings(value, change),
            Self::Form(pairs) => pairs.iter_mut().for_each(|(name, value)| {
                change(name);
                change(value);
            }),
            Self::Text(text) => change(text),
            Self::Lines(lines) => {
                let mut text = lines.join("\n");
                change(&mut text);
                *self = Self::text(text);
            }
            Self::Base64(_) => {}
            Self::Parts(parts) => {
                for part in parts {
                    change(&mut part.name);
                    part.filename.iter_mut().for_each(&mut *change);
                    if let Some(body) = &mut part.body {
                        body.strings(change);
                    }
                }
            }
        }
    }

    /// Calls `change` with the bytes of every binary body in it.
    pub(super) fn binaries(&mut self, change: &mut dyn FnMut(&mut Vec<u8>)) {
        match self {
            Self::Base64(text) => {
                if let Ok(mut bytes) = STANDARD.decode(&*text) {
                    change(&mut bytes);
                    *text = STANDARD.encode(bytes);
                }
            }
            Self::Parts(parts) => {
                parts.iter_mut().filter_map(|part| part.body.as_mut()).for_each(|b| b.binaries(change));
            }
            Self::Json(_) | Self::Form(_) | Self::Text(_) | Self::Lines(_) => {}
        }
    }
}

fn strings(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| strings(item, change)),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            for (mut name, mut value) in old {
                change(&mut name);
                strings(&mut value, change);
                fields.insert(name, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Asked {
    /// Calls `change` with every string that came from outside.
    pub(super) fn strings(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.url);
        self.headers.values_mut().for_each(&mut *change);
        self.body.iter_mut().for_each(|body| body.strings(change));
    }
}

impl Exchange {
    /// Calls `change` with every string that came from outside.
    pub(super) fn strings(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self { request, response, failure } = self;
        request.strings(change);
        if let Some(response) = response {
            response.headers.values_mut().flat_map(Values::all_mut).for_each(&mut *change);
            response.body.iter_mut().for_each(|body| body.strings(change));
        }
        failure.iter_mut().for_each(|failure| change(&mut failure.message));
    }

    pub(super) fn binaries(&mut self, change: &mut dyn FnMut(&mut Vec<u8>)) {
        let bodies = [self.request.body.as_mut(), self.response.as_mut().and_then(|r| r.body.as_mut())];
        bodies.into_iter().flatten().for_each(|body| body.binaries(change));
    }

    /// Whether the caller of old waited for it, so that it must be asked for again.
    pub(super) fn is_awaited(&self) -> bool {
        self.failure.as_ref().is_none_or(|failure| failure.sort != Sort::Abandoned)
    }
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).map_err(|e| Error::io(path.display(), e))?;
        let wrong = |why: String| Error::new(ErrorKind::Config, why).on(path.display());
        let file: Self = serde_json::from_slice(&text).map_err(|e| wrong(format!("not a cassette: {e}")))?;
        if file.version != VERSION {
            let version = file.version;
            return Err(wrong(format!(
                "the cassette has version {version} and only {VERSION} is known; record it anew"
            )));
        }
        for (n, exchange) in (1..).zip(&file.exchanges) {
            if exchange.response.is_some() == exchange.failure.is_some() {
                return Err(wrong(format!("exchange {n} must have either a response or a failure")));
            }
            let body = exchange.response.as_ref().and_then(|response| response.body.as_ref());
            if body.is_some_and(|body| body.bytes().is_none()) {
                return Err(wrong(format!("the body of response {n} cannot be read")));
            }
        }
        Ok(file)
    }

    pub(super) fn recorded_at(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.recorded.as_deref()?).ok()
    }
}
