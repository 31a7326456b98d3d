//! One attempt at the seam: sent and recorded, or looked up.

use std::error::Error as StdError;
use std::time::SystemTime;

use bytes::Bytes;
use lms_core::{Error, ErrorKind};
use reqwest::cookie::CookieStore;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;

use super::format::{Ending, Failed, Sort};
use super::player::{self, Hit};
use super::recorder::{Kind, Number};
use super::{Cassette, Sent, State};
use crate::client::Inner;
use crate::request::Request;
use crate::transport::{Broken, Failure, Incoming, Pieces, failure};

/// Longest body that is kept, in bytes.
const LONGEST: usize = 32 << 20;

/// How much of a body is given back at once, in bytes.
const PIECE: usize = 64 << 10;

/// One attempt: an exchange for each redirect.
#[derive(Debug)]
pub(crate) struct Take {
    cassette: Cassette,
    last: Option<Number>,
}

impl Take {
    pub(super) fn new(cassette: Cassette) -> Self {
        Self { cassette, last: None }
    }

    /// Sends and records, or replays.
    pub(crate) async fn exchange(
        &mut self,
        client: &Inner,
        request: &Request,
        headers: &HeaderMap,
        url: &Url,
        wire: reqwest::RequestBuilder,
    ) -> Result<Incoming, Failure> {
        // What cannot be built fails here in replay as well.
        let (http, wire) = wire.build_split();
        let wire = wire.map_err(failure)?;
        let cookies = client.cookies.as_ref().and_then(|jar| jar.provider().cookies(url));
        let sent = Sent {
            method: request.method,
            url,
            headers,
            cookies: cookies.and_then(|cookies| cookies.to_str().ok().map(str::to_owned)),
            payload: &request.payload,
            sensitive: request.sensitive,
        };
        let now = client.clock.now();
        let begun = match &mut *self.cassette.state() {
            State::Record(recorder) => Ok(recorder.begin(&sent, now)),
            State::Replay(player) => Err(player.find(&sent)),
        };
        match begun {
            Ok(number) => {
                self.last = Some(number);
                let kind = Kind { sensitive: request.sensitive, streaming: request.streaming };
                let answer = http.execute(wire).await.map_err(failure);
                self.recorded(number, kind, answer, now)
            }
            Err(found) => {
                // Those who wait for their turn get it, as they would while a server answers.
                tokio::task::yield_now().await;
                match found.map_err(Failure::Refused)? {
                    Hit::Answer(played) => Ok(given(played, client, url)),
                    Hit::Failure(failed) => Err(again(failed).await),
                }
            }
        }
    }

    fn recorded(
        &self,
        number: Number,
        kind: Kind,
        answer: Result<reqwest::Response, Failure>,
        now: SystemTime,
    ) -> Result<Incoming, Failure> {
        let mut state = self.cassette.state();
        let State::Record(recorder) = &mut *state else {
            return Err(Failure::Refused(Error::new(ErrorKind::Config, "the cassette is not recorded")));
        };
        let mut wire = match answer {
            Ok(wire) => wire,
            Err(failure) => {
                match &failure {
                    Failure::NotSent(source) => recorder.failed(number, Sort::NotSent, &chain(&**source)),
                    Failure::Lost { source, .. } => recorder.failed(number, Sort::Lost, &chain(&**source)),
                    Failure::TimedOut { .. } => recorder.failed(number, Sort::TimedOut, ""),
                    Failure::Refused(_) => recorder.withdraw(number),
                }
                return Err(failure);
            }
        };
        let status = wire.status().as_u16();
        let headers = std::mem::take(wire.headers_mut());
        recorder.answered(number, status, &headers, now);
        let content_type = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
        let recording = Recording {
            wire,
            cassette: self.cassette.clone(),
            number,
            kind,
            content_type: content_type.map(str::to_owned),
            bytes: Vec::new(),
            ending: Ending::Stopped,
            written: false,
        };
        Ok(Incoming { status, headers, body: Pieces::Recorded(Box::new(recording)) })
    }

    /// The time of this attempt is over.
    pub(crate) fn timed_out(&self) {
        if let (Some(number), State::Record(recorder)) = (self.last, &mut *self.cassette.state()) {
            recorder.timed_out(number);
        }
    }
}

/// A recorded answer as it would come from the wire.
fn given(played: player::Played, client: &Inner, url: &Url) -> Incoming {
    let player::Played { status, headers, cookies, body, ending } = played;
    if let Some(jar) = &client.cookies {
        for cookie in cookies {
            jar.set(url, &cookie.into());
        }
    }
    Incoming { status, headers, body: Pieces::Played(Played { rest: body.into(), ending }) }
}

async fn again(failed: Failed) -> Failure {
    let Failed { sort, message } = failed;
    match sort {
        Sort::NotSent => Failure::NotSent(message.into()),
        Sort::Lost => Failure::Lost { status: None, source: message.into() },
        // Whoever had gone before the answer came will go again, or run out of time.
        Sort::Abandoned => std::future::pending().await,
        Sort::TimedOut => Failure::TimedOut { status: None },
    }
}

/// An error and what is behind it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(&format!(": {error}"));
        next = error.source();
    }
    text
}

/// A body on its way, which is kept as it passes.
pub(crate) struct Recording {
    wire: reqwest::Response,
    cassette: Cassette,
    number: Number,
    kind: Kind,
    content_type: Option<String>,
    bytes: Vec<u8>,
    ending: Ending,
    written: bool,
}

impl Recording {
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        match self.wire.chunk().await {
            Ok(Some(piece)) => {
                if self.bytes.len() + piece.len() <= LONGEST {
                    self.bytes.extend_from_slice(&piece);
                } else {
                    self.ending = Ending::Cut;
                }
                Ok(Some(piece))
            }
            Ok(None) => {
                self.end(Ending::Whole);
                Ok(None)
            }
            Err(e) => {
                self.end(Ending::BrokeOff);
                Err(Broken::Off(e.without_url().into()))
            }
        }
    }

    pub(crate) fn timed_out(&mut self) {
        self.end(Ending::TimedOut);
    }

    fn end(&mut self, ending: Ending) {
        if self.ending != Ending::Cut {
            self.ending = ending;
        }
        self.write();
    }

    fn write(&mut self) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        if let State::Record(recorder) = &mut *self.cassette.state() {
            let media = self.content_type.as_deref();
            recorder.body(self.number, self.kind, &self.bytes, media, self.ending);
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.write();
    }
}

/// A body from file.
pub(crate) struct Played {
    rest: Bytes,
    ending: Ending,
}

impl Played {
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        if !self.rest.is_empty() {
            return Ok(Some(self.rest.split_to(self.rest.len().min(PIECE))));
        }
        let refused = |why: &'static str| Err(Broken::Refused(Error::new(ErrorKind::Config, why)));
        match self.ending {
            Ending::Whole => Ok(None),
            Ending::BrokeOff => Err(Broken::Off("the connection broke, in the recording".into())),
            Ending::TimedOut => Err(Broken::TimedOut),
            Ending::Stopped => refused("the recording ends where its reader stopped; record it anew"),
            Ending::Cut => refused("the rest of the answer was too long for a cassette"),
        }
    }
}
