//! The replaying side: which recorded exchange answers a request.

use lms_core::{Error, ErrorKind, Result};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

use super::filter::{Filter, Mode};
use super::format::{Answered, Asked, Content, Ending, Exchange, Failed, File};
use super::matching::{Key, People};
use super::origins::Origins;
use super::{Sent, cookie, headers, recorder};

/// How many of something a message names.
const NAMED: usize = 5;

#[derive(Debug)]
pub(super) struct Player {
    pub(super) filter: Filter,
    exchanges: Vec<Recorded>,
    origins: Origins,
    people: People,
    /// Requests that were not in the recording.
    unknown: Vec<String>,
}

#[derive(Debug)]
struct Recorded {
    key: Key,
    exchange: Exchange,
    used: bool,
}

/// What a request is answered with.
#[derive(Debug)]
pub(super) enum Hit {
    Answer(Played),
    Failure(Failed),
}

#[derive(Debug)]
pub(super) struct Played {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// `Set-Cookie` as the jar takes it.
    pub(super) cookies: Vec<String>,
    pub(super) body: Vec<u8>,
    pub(super) ending: Ending,
}

impl Player {
    pub(super) fn new(file: File) -> Self {
        let exchanges = file.exchanges.into_iter().map(|exchange| Recorded {
            key: Key::new(&exchange.request),
            exchange,
            used: false,
        });
        Self {
            filter: Filter::new(Mode::Replay),
            exchanges: exchanges.collect(),
            origins: Origins::new(file.origins),
            people: People::default(),
            unknown: Vec::new(),
        }
    }

    pub(super) fn register(&mut self, origin: &str) {
        self.origins.register(origin);
    }

    /// The answer to a request, which is used up by it.
    ///
    /// # Errors
    /// `Config` when the recording has no such request left.
    pub(super) fn find(&mut self, sent: &Sent<'_>) -> Result<Hit> {
        headers::learn(sent.headers, &mut self.filter);
        let asked = recorder::asked(sent, &mut self.filter);
        let asked = self.then(asked);
        // A secret that stands where no name gives it away was found in the recording, and may be in here;
        // but a stand-in such as `test` is also a word.
        let mut swept = asked.clone();
        self.filter.finish_request(&mut swept);
        let (plain, swept) = (Key::new(&asked), Key::new(&swept));
        let found = [plain, swept.clone()].into_iter().find_map(|key| Some((self.position(&key)?, key)));
        let Some((recorded, key)) = found.and_then(|(at, key)| Some((self.exchanges.get_mut(at)?, key)))
        else {
            return Err(self.unknown(&swept));
        };
        recorded.used = true;
        self.people.learn(recorded.key.people(), key.people());
        let same_origin = crate::target::origin(sent.url) == recorded.exchange.request.origin;
        match (&recorded.exchange.response, &recorded.exchange.failure) {
            (Some(response), _) => Ok(Hit::Answer(play(response, &self.origins, same_origin))),
            (None, Some(failure)) => Ok(Hit::Failure(failure.clone())),
            (None, None) => {
                Err(Error::new(ErrorKind::Config, "the exchange has neither response nor failure"))
            }
        }
    }

    /// Where the first unused exchange is that fits.
    fn position(&self, key: &Key) -> Option<usize> {
        let fits = |recorded: &Recorded| !recorded.used && recorded.key.fits(key, &self.people);
        // Equal but for their secrets: the session they belong to tells them apart.
        let exact = self.exchanges.iter().position(|recorded| fits(recorded) && recorded.key.is_exactly(key));
        exact.or_else(|| self.exchanges.iter().position(fits))
    }

    /// The request as the recording would have it.
    fn then(&self, mut asked: Asked) -> Asked {
        asked.origin = self.origins.then(&asked.origin).unwrap_or(&asked.origin).to_owned();
        asked.strings(&mut |text| {
            let then = self.origins.text_then(text).into_owned();
            *text = then;
        });
        asked
    }

    fn unknown(&mut self, key: &Key) -> Error {
        self.unknown.push(key.line.clone());
        let near = (1..)
            .zip(&self.exchanges)
            .max_by_key(|(n, recorded)| (recorded.key.likeness(key), !recorded.used, std::cmp::Reverse(*n)));
        let what = format!("the cassette has no answer to {}; nothing was sent", key.line);
        let why = match near {
            None => "it is empty".to_owned(),
            Some((n, recorded)) if recorded.key.fits(key, &self.people) => {
                format!("exchange {n} is the same and was used already")
            }
            Some((n, recorded)) => {
                let used = if recorded.used { ", used already" } else { "" };
                let difference = recorded.key.difference(key);
                format!("the nearest is exchange {n}, {}{used}: {difference}", recorded.key.line)
            }
        };
        Error::new(ErrorKind::Config, format!("{what}; {why}"))
    }

    /// Whether everything was asked for again, and nothing else.
    pub(super) fn finish(&self) -> Result<usize> {
        let left: Vec<String> = (1..)
            .zip(&self.exchanges)
            .filter(|(_, recorded)| !recorded.used && recorded.exchange.is_awaited())
            .map(|(n, recorded)| format!("{n}, {}", recorded.key.line))
            .collect();
        let used = self.exchanges.iter().filter(|recorded| recorded.used).count();
        let mut faults = Vec::new();
        if !left.is_empty() {
            faults.push(format!(
                "{} not used: {}",
                count(left.len(), "recorded exchange was", "recorded exchanges were"),
                named(&left)
            ));
        }
        if !self.unknown.is_empty() {
            let unknown = &self.unknown;
            faults.push(format!(
                "{} not in it: {}",
                count(unknown.len(), "request was", "requests were"),
                named(unknown)
            ));
        }
        match faults.is_empty() {
            true => Ok(used),
            false => Err(Error::new(
                ErrorKind::Config,
                format!("the cassette does not fit: {}", faults.join("; ")),
            )),
        }
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn named(all: &[String]) -> String {
    let mut text = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    if all.len() > NAMED {
        text.push_str("; …");
    }
    text
}

fn play(response: &Answered, origins: &Origins, same_origin: bool) -> Played {
    let Answered { status, headers: written, body, ending } = response;
    let mut body = body.clone();
    if let Some(body) = body.as_mut().filter(|body| !matches!(body, Content::Base64(_))) {
        body.strings(&mut |text| {
            let now = origins.text_now(text).into_owned();
            *text = now;
        });
    }
    let body = body.and_then(|body| body.bytes()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    let mut cookies = Vec::new();
    for (name, values) in written {
        let Ok(name) = name.parse::<HeaderName>() else { continue };
        for value in values.all() {
            let value = origins.text_now(value);
            if name == SET_COOKIE {
                cookies.push(cookie::moved(&value, same_origin));
            }
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(&name, value);
            }
        }
    }
    // What was taken out, and the layout of JSON, have changed it. An answer to HEAD has no body.
    if headers.contains_key(CONTENT_LENGTH) && !body.is_empty() && *ending == Ending::Whole {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Played { status: *status, headers, cookies, body, ending: *ending }
}
