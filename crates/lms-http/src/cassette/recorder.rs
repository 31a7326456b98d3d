//! The recording side: exchanges as they come, filtered at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use lms_core::{Error, ErrorKind, Result};
use reqwest::header::{HeaderMap, SET_COOKIE};

use super::body::{self, Layout};
use super::filter::{Depth, Filter, Mode};
use super::format::{Answered, Asked, Ending, Exchange, Failed, File, Sort, VERSION, Values};
use super::{Sent, cookie, headers};

/// Which exchange of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(usize);

#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) filter: Filter,
    overwrite: bool,
    recorded: Option<SystemTime>,
    origins: Vec<String>,
    exchanges: Vec<Option<Exchange>>,
}

/// What the request was, as far as its answer is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) sensitive: bool,
    pub(super) streaming: bool,
}

impl Recorder {
    pub(super) fn new(overwrite: bool) -> Self {
        Self {
            filter: Filter::new(Mode::Record),
            overwrite,
            recorded: None,
            origins: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    pub(super) fn register(&mut self, origin: String) {
        if !self.origins.contains(&origin) {
            self.origins.push(origin);
        }
    }

    /// A request is about to be sent.
    pub(super) fn begin(&mut self, sent: &Sent<'_>, now: SystemTime) -> Number {
        self.recorded.get_or_insert(now);
        headers::learn(sent.headers, &mut self.filter);
        if let Some(cookies) = &sent.cookies {
            cookie::learn(cookies, &mut self.filter);
        }
        let request = asked(sent, &mut self.filter);
        let failure = Some(Failed { sort: Sort::Abandoned, message: String::new() });
        self.exchanges.push(Some(Exchange { request, response: None, failure }));
        Number(self.exchanges.len() - 1)
    }

    /// It was not sent after all.
    pub(super) fn withdraw(&mut self, number: Number) {
        if let Some(exchange) = self.exchanges.get_mut(number.0) {
            *exchange = None;
        }
    }

    pub(super) fn failed(&mut self, number: Number, sort: Sort, message: &str) {
        let message = self.filter.whole(message, Depth::Usual);
        if let Some(exchange) = self.exchange(number) {
            (exchange.response, exchange.failure) = (None, Some(Failed { sort, message }));
        }
    }

    /// Status and headers are there; the body is to come.
    pub(super) fn answered(&mut self, number: Number, status: u16, all: &HeaderMap, now: SystemTime) {
        let mut written: BTreeMap<String, Values> = BTreeMap::new();
        for (name, value) in all {
            let Ok(value) = value.to_str() else { continue };
            let value = if name == SET_COOKIE {
                cookie::mask(value, &mut self.filter, now)
            } else if headers::is_kept_of_answer(name.as_str()) {
                headers::filter(name.as_str(), value, &mut self.filter)
            } else {
                continue;
            };
            match written.get_mut(name.as_str()) {
                Some(values) => values.push(value),
                None => {
                    written.insert(name.as_str().to_owned(), Values::One(value));
                }
            }
        }
        if let Some(exchange) = self.exchange(number) {
            let response = Answered { status, headers: written, body: None, ending: Ending::Stopped };
            (exchange.response, exchange.failure) = (Some(response), None);
        }
    }

    /// The body has been read, as far as it was.
    pub(super) fn body(
        &mut self,
        number: Number,
        kind: Kind,
        bytes: &[u8],
        content_type: Option<&str>,
        end: Ending,
    ) {
        let layout = if kind.streaming { Layout::Exact } else { Layout::Free };
        let depth = if kind.sensitive { Depth::SensitiveAnswer } else { Depth::Usual };
        let content = body::content(bytes, content_type, layout, &mut self.filter, depth);
        if let Some(response) = self.exchange(number).and_then(|exchange| exchange.response.as_mut()) {
            (response.body, response.ending) = (content, end);
        }
    }

    /// The time of the attempt is over.
    pub(super) fn timed_out(&mut self, number: Number) {
        let Some(exchange) = self.exchange(number) else { return };
        match &mut exchange.response {
            Some(response) => response.ending = Ending::TimedOut,
            None => exchange.failure = Some(Failed { sort: Sort::TimedOut, message: String::new() }),
        }
    }

    fn exchange(&mut self, number: Number) -> Option<&mut Exchange> {
        self.exchanges.get_mut(number.0)?.as_mut()
    }

    /// Writes the file at once or not at all; says how many exchanges are in it.
    pub(super) fn save(&mut self, path: &Path) -> Result<usize> {
        let mut exchanges: Vec<Exchange> = self.exchanges.iter().flatten().cloned().collect();
        exchanges.iter_mut().for_each(|exchange| self.filter.finish(exchange));
        let count = exchanges.len();
        let recorded = self.recorded.map(httpdate::fmt_http_date);
        let file = File { version: VERSION, recorded, origins: self.origins.clone(), exchanges };
        let mut text = serde_json::to_vec_pretty(&file)
            .map_err(|e| Error::new(ErrorKind::Io, "the cassette cannot be written").with_source(e))?;
        text.push(b'\n');
        self.write(path, &text).map_err(|e| Error::io(path.display(), e))?;
        // From now on the file is ours.
        self.overwrite = true;
        Ok(count)
    }

    fn write(&self, path: &Path, text: &[u8]) -> std::io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        std::fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut file, text)?;
        file.as_file().sync_all()?;
        if self.overwrite {
            file.persist(path)?;
        } else {
            file.persist_noclobber(path)?;
        }
        Ok(())
    }
}

/// A request as it is written, and as it is compared.
pub(super) fn asked(sent: &Sent<'_>, filter: &mut Filter) -> Asked {
    let depth = if sent.sensitive { Depth::Sensitive } else { Depth::Usual };
    let (content_type, body) = body::of_payload(sent.payload, filter, depth);
    let path = match sent.url.query() {
        Some(query) => format!("{}?{query}", sent.url.path()),
        None => sent.url.path().to_owned(),
    };
    let kept = sent.headers.iter().filter(|(name, _)| headers::is_kept_of_request(name.as_str()));
    let headers = kept
        .filter_map(|(name, value)| {
            let value = headers::filter(name.as_str(), value.to_str().ok()?, filter);
            Some((name.as_str().to_owned(), value))
        })
        .collect();
    Asked {
        method: sent.method.name().to_owned(),
        origin: crate::target::origin(sent.url),
        url: filter.address(&path),
        headers,
        content_type,
        body,
    }
}
