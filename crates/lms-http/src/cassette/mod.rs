//! Exchanges on file: recorded without their secrets, and replayed without a server.

mod body;
mod cookie;
mod email;
mod filter;
mod format;
mod headers;
mod html;
mod matching;
mod names;
mod origins;
mod player;
mod recorder;
mod tape;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use lms_core::{Error, ErrorKind, Result, Secret};
use reqwest::header::HeaderMap;
use url::Url;

use self::filter::{Filter, Swept};
use self::format::File;
use self::player::Player;
use self::recorder::Recorder;
pub(crate) use self::tape::{Played, Recording, Take};
use crate::request::Payload;
use crate::{Method, target};

/// Exchanges with a platform on file, so that a test can run without it.
///
/// Put into [`crate::HttpOptions`], a cassette serves all clients that are made with them: everything that
/// a provider sends, for its tokens and sessions too, goes into one file. It lies below everything else:
/// retries, pauses, errors, decoding and paging happen in replay as they did. Clones are the same cassette.
///
/// **Recording** sends as usual and writes what came of it: answers, and failures of the connection with
/// their sort. Secrets and e-mail addresses are replaced before they are kept, each always by the same
/// words (`secret-3`, `person-1@example.invalid`); `docs/cassettes.md` says what is hidden and what is not.
///
/// **Replaying** sends nothing. A request is answered by the first unused exchange with the same method,
/// path, query, headers that count, and body; a secret matches any other, an e-mail address always the same
/// one. Everything else is a `Config` error that names the nearest exchange and the difference. The host may
/// be another one than in the recording: links in answers are changed to it.
///
/// Pauses are real ones in replay too, and a date in `Retry-After` lies in the past: give the clients a
/// [`crate::testing::ManualClock`] at [`Cassette::recorded_at`].
///
/// ```
/// use std::sync::Arc;
///
/// use lms_core::{Platform, Result};
/// use lms_http::testing::ManualClock;
/// use lms_http::{Cassette, Client, HttpOptions};
///
/// /// What is tested: it does not know whether it is recorded, replayed or neither.
/// async fn title_of_course(options: &HttpOptions) -> Result<String> {
///     let site = "https://lms.example.org".parse().expect("a constant");
///     let client = Client::builder(Platform::Stepik, site).options(options).build()?;
///     let courses: serde_json::Value = client.get("/api/courses/67").send_json().await?;
///     Ok(courses["courses"][0]["title"].as_str().unwrap_or_default().to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let folder = std::env::temp_dir().join(format!("cassette-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).expect("a folder");
/// # let path = folder.join("course.json");
/// # std::fs::write(&path, r#"{"version": 1, "origins": ["https://lms.example.org"], "exchanges": [{
/// #     "request": {"method": "GET", "origin": "https://lms.example.org", "url": "/api/courses/67"},
/// #     "response": {"status": 200, "body": {"json": {"courses": [{"id": 67, "title": "Python"}]}}}
/// # }]}"#).expect("a file");
/// // Recorded once with `Cassette::record(path)` and `save()`.
/// let cassette = Cassette::replay(&path)?;
/// let mut options = HttpOptions { cassette: Some(cassette.clone()), ..HttpOptions::default() };
/// if let Some(then) = cassette.recorded_at() {
///     options.clock = Arc::new(ManualClock::new(then));
/// }
/// assert_eq!(title_of_course(&options).await?, "Python");
/// assert_eq!(cassette.finish()?, 1);
/// # std::fs::remove_dir_all(folder).expect("the folder");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cassette(Arc<Shared>);

struct Shared {
    path: PathBuf,
    recorded_at: Option<SystemTime>,
    state: Mutex<State>,
}

enum State {
    Record(Recorder),
    Replay(Player),
}

/// A request at the moment in which it is sent.
struct Sent<'a> {
    method: Method,
    url: &'a Url,
    headers: &'a HeaderMap,
    /// The `Cookie` header.
    cookies: Option<String>,
    payload: &'a Payload,
    sensitive: bool,
}

impl Cassette {
    /// Records into a new file, which [`Cassette::save`] writes.
    ///
    /// # Errors
    /// `AlreadyExists` when there is such a file.
    pub fn record(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if path.exists() {
            let message = "the cassette is there already; remove it, or record over it";
            return Err(Error::new(ErrorKind::AlreadyExists, message).on(path.display()));
        }
        Ok(Self::new(path, None, State::Record(Recorder::new(false))))
    }

    /// Records, and [`Cassette::save`] replaces the file if there is one.
    pub fn record_over(path: impl AsRef<Path>) -> Self {
        Self::new(path.as_ref(), None, State::Record(Recorder::new(true)))
    }

    /// Replays a file.
    ///
    /// # Errors
    /// `NotFound` or `Io` when the file cannot be read; `Config`, naming line and column, when it is no
    /// cassette or one of another version.
    pub fn replay(path: impl AsRef<Path>) -> Result<Self> {
        let file = File::read(path.as_ref())?;
        Ok(Self::new(path.as_ref(), file.recorded_at(), State::Replay(Player::new(file))))
    }

    fn new(path: &Path, recorded_at: Option<SystemTime>, state: State) -> Self {
        Self(Arc::new(Shared { path: path.to_owned(), recorded_at, state: Mutex::new(state) }))
    }

    /// Hides a further secret wherever it stands, even inside words. Give the same in replay if it is part
    /// of a request.
    #[must_use]
    pub fn hide(self, secret: Secret) -> Self {
        self.state().filter().secret(secret.expose(), Swept::Told);
        self
    }

    /// Adds a filter of one's own. It is called with the name of a value (that of the field, the query's
    /// pair or the header; empty for the text of a body) and the value, and gives what is written instead,
    /// or `None` to leave it to the others. The first that gives something counts. Also for what is new in
    /// every run, such as random names: in replay it is asked about requests, so give the same there.
    #[must_use]
    pub fn rewrite(self, rule: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.state().filter().add_rule(Arc::new(rule));
        self
    }

    /// When the first request of the recording was sent; `None` while recording.
    pub fn recorded_at(&self) -> Option<SystemTime> {
        self.0.recorded_at
    }

    /// Writes what has been recorded so far, in full or not at all, and says how many exchanges it is.
    /// May be called again.
    ///
    /// # Errors
    /// `AlreadyExists` when somebody else has written the file since; `Io` when it cannot be written;
    /// `Config` in replay.
    pub fn save(&self) -> Result<usize> {
        match &mut *self.state() {
            State::Record(recorder) => recorder.save(&self.0.path),
            State::Replay(_) => Err(self.wrong("a cassette that is replayed is not saved")),
        }
    }

    /// Ends a replay, and says how many exchanges were used.
    ///
    /// # Errors
    /// `Config` when recorded exchanges were not used, or requests were not in the recording, even if
    /// somebody got over their errors; and for a recording, which is saved instead.
    pub fn finish(&self) -> Result<usize> {
        match &*self.state() {
            State::Record(_) => Err(self.wrong("a recording is saved, not finished")),
            State::Replay(player) => player.finish().map_err(|e| e.on(self.0.path.display())),
        }
    }

    /// Whether it is replayed, so that its secrets are none.
    pub(crate) fn is_replayed(&self) -> bool {
        matches!(&*self.state(), State::Replay(_))
    }

    /// A client will send there.
    pub(crate) fn register(&self, base_url: &Url) {
        let origin = target::origin(base_url);
        match &mut *self.state() {
            State::Record(recorder) => recorder.register(origin),
            State::Replay(player) => player.register(&origin),
        }
    }

    /// Begins an attempt.
    pub(crate) fn take(&self) -> Take {
        Take::new(self.clone())
    }

    fn wrong(&self, why: &'static str) -> Error {
        Error::new(ErrorKind::Config, why).on(self.0.path.display())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn filter(&mut self) -> &mut Filter {
        match self {
            Self::Record(recorder) => &mut recorder.filter,
            Self::Replay(player) => &mut player.filter,
        }
    }
}

impl fmt::Debug for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match &*self.state() {
            State::Record(_) => "record",
            State::Replay(_) => "replay",
        };
        f.debug_struct("Cassette").field("path", &self.0.path).field("mode", &mode).finish_non_exhaustive()
    }
}
