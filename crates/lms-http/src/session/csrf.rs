//! Proof that a write comes from a page of the site: a cookie repeated in a header.

use lms_core::{Error, ErrorKind, Result, Secret};
use tokio::sync::Mutex;
use url::Url;

use crate::flight::Rounds;
use crate::{Client, CookieJar, Method, Outgoing, Route, target};

const OPERATION: &str = "session.csrf";

/// How a site protects its forms: what must be repeated from where. Reads need nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csrf {
    /// The cookie that holds the token, such as `csrftoken`.
    pub cookie: String,
    /// The header that repeats it, such as `X-CSRFToken`.
    pub header: String,
    /// Whether the site also wants to know from which page the write comes.
    pub referer: Referer,
    /// What to GET for the cookie when there is none: a path below the base URL.
    pub source: String,
}

/// What becomes of `Referer` in a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referer {
    /// It names the root of the host that is written to.
    Root,
    /// None is sent.
    Omit,
}

impl Csrf {
    /// As Django does it unless told otherwise: cookie `csrftoken`, header `X-CSRFToken`, and a
    /// `Referer` of the same host, which it demands over https.
    ///
    /// Stepik and Open edX are such sites (reference stepik.md 1.5, openedx.md 1.4).
    pub fn django(source: impl Into<String>) -> Self {
        Self {
            cookie: "csrftoken".to_owned(),
            header: "X-CSRFToken".to_owned(),
            referer: Referer::Root,
            source: source.into(),
        }
    }
}

/// Gives writes their token.
#[derive(Debug)]
pub(super) struct Guard {
    csrf: Csrf,
    jar: CookieJar,
    /// Fetches the cookie; has no credential.
    client: Client,
    fetching: Mutex<()>,
    rounds: Rounds,
}

impl Guard {
    pub(super) fn new(csrf: Csrf, jar: CookieJar, client: Client) -> Self {
        Self { csrf, jar, client, fetching: Mutex::default(), rounds: Rounds::default() }
    }

    /// Whether this request needs a token.
    pub(super) fn guards(method: Method) -> bool {
        !matches!(method, Method::Get | Method::Head | Method::Options)
    }

    pub(super) async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        if !Self::guards(request.method()) {
            return Ok(());
        }
        let token = self.token(request.url()).await?;
        request.set_header(&self.csrf.header, &token)?;
        match self.csrf.referer {
            Referer::Root => {
                let root = format!("{}/", target::origin(request.url()));
                request.set_header("Referer", &Secret::new(root))
            }
            Referer::Omit => Ok(()),
        }
    }

    /// From the jar each time: any answer may replace it (reference openedx.md 1.4).
    async fn token(&self, url: &Url) -> Result<Secret> {
        let held = || self.jar.get(url, &self.csrf.cookie);
        if let Some(token) = held() {
            return Ok(token);
        }
        let then = self.rounds.now();
        let _one = self.fetching.lock().await;
        if let Some(token) = held() {
            return Ok(token);
        }
        if let Some(error) = self.rounds.failed_since(then) {
            return Err(error);
        }
        let answer =
            self.client.get(Route::given(&self.csrf.source)).operation(OPERATION).sensitive().send().await;
        let token = answer.and_then(|_| {
            held().ok_or_else(|| {
                let message = format!("the site gave no `{}` cookie", self.csrf.cookie);
                Error::new(ErrorKind::Protocol, message)
                    .at(self.client.platform(), OPERATION)
                    .on(&self.csrf.source)
            })
        });
        self.rounds.end(&token);
        token
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}
