//! What all handlers share, and the session cookie around them (reference inginious.md 2.3).

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::state::{Session, Store};
use super::{Agent, RunScripts, Webdav};
use crate::fault::{Effect, Faults};

/// Name of the only cookie (reference inginious.md, fact 1).
const COOKIE: &str = "inginious_session_id";

/// One server: its state and its settings.
#[derive(Debug)]
pub(crate) struct App {
    store: Mutex<Store>,
    pub(crate) faults: Faults,
    /// How long grading takes at least.
    pub(crate) grading_delay: Duration,
    session_lifetime: Duration,
    cookie_secret: String,
    run_scripts: Mutex<RunScripts>,
    webdav: Mutex<Webdav>,
    pub(crate) agent: watch::Sender<Agent>,
    /// Addresses of the web application and of WebDAV, known once the sockets are open.
    pub(crate) url: OnceLock<String>,
    pub(crate) webdav_url: OnceLock<String>,
}

/// The session of a request, put there by [`session_layer`].
#[derive(Debug, Clone)]
pub(crate) struct SessionId(pub(crate) String);

impl App {
    pub(crate) fn new(options: &crate::Options, faults: Faults) -> Self {
        Self {
            store: Mutex::default(),
            faults,
            grading_delay: options.background_delay,
            session_lifetime: options.token_lifetime,
            cookie_secret: crate::random::secret(),
            run_scripts: Mutex::new(RunScripts::default()),
            webdav: Mutex::default(),
            agent: watch::Sender::default(),
            url: OnceLock::new(),
            webdav_url: OnceLock::new(),
        }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn run_scripts(&self) -> RunScripts {
        *self.run_scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_run_scripts(&self, choice: RunScripts) {
        *self.run_scripts.lock().unwrap_or_else(PoisonError::into_inner) = choice;
    }

    pub(crate) fn webdav(&self) -> Webdav {
        *self.webdav.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_webdav(&self, choice: Webdav) {
        *self.webdav.lock().unwrap_or_else(PoisonError::into_inner) = choice;
    }

    /// An absolute address of the web application.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url.get().map(String::as_str).unwrap_or_default())
    }

    /// Logs a session in, if user name and password are right. The session keeps its id
    /// (reference inginious.md 2.3, 3.3).
    pub(crate) fn sign_in(&self, session: &SessionId, login: &str, password: &str, path: &str) -> bool {
        let careless = self.faults.fires(Effect::AcceptWrongSecret, "POST", path);
        let mut store = self.store();
        let Some(user) = store.users.get(login).filter(|user| user.activation.is_none()) else {
            return false;
        };
        if !careless && !user.has_password(password) {
            return false;
        }
        if let Some(session) = store.sessions.get_mut(&session.0) {
            session.username = Some(login.to_owned());
        }
        true
    }

    /// The cookie's value: the id and a signature of 27 characters.
    fn signed(&self, id: &str) -> String {
        let digest = Sha256::digest(format!("{}{id}", self.cookie_secret).as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(digest.get(..20).unwrap_or_default());
        format!("{id}.{signature}")
    }

    /// The living session that the cookie names; a forged or expired one gives a fresh anonymous session.
    fn open_session(&self, headers: &HeaderMap, expire: bool) -> String {
        let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let sent = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let sent = sent.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value).next_back();
        let id = sent
            .and_then(|value| value.split_once('.').map(|(id, _)| id).filter(|id| self.signed(id) == value));
        let mut store = self.store();
        if let Some(id) = id.filter(|_| !expire)
            && store.touch(id, self.session_lifetime)
        {
            return id.to_owned();
        }
        if let Some(id) = id {
            store.sessions.remove(id);
        }
        let id = store.new_id();
        store
            .sessions
            .insert(id.clone(), Session { username: None, expires: Instant::now() + self.session_lifetime });
        id
    }
}

/// Finds or opens the session of a request and sets the cookie on every answer.
pub(crate) async fn session_layer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let expire = app.faults.fires(Effect::ExpireToken, request.method().as_str(), request.uri().path());
    let id = app.open_session(request.headers(), expire);
    request.extensions_mut().insert(SessionId(id.clone()));
    let mut response = next.run(request).await;
    let alive = app.store().sessions.contains_key(&id);
    let (value, life) =
        if alive { (app.signed(&id), app.session_lifetime) } else { (String::new(), Duration::ZERO) };
    // The header knows whole seconds only; rounded up, so that a short life is not over before it began.
    let life = life.saturating_add(Duration::from_millis(999));
    let expires = match jiff::SignedDuration::try_from(life) {
        Ok(life) if alive => jiff::Timestamp::now().saturating_add(life).unwrap_or(jiff::Timestamp::MAX),
        _ => jiff::Timestamp::UNIX_EPOCH,
    };
    let expires = expires.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let cookie = format!("{COOKIE}={value}; Expires={expires}; HttpOnly; Path=/");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
