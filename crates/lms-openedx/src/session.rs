//! A browser's session, for the views that take no token (reference openedx.md 1.3, 1.4).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, ClientBuilder, Csrf, Method, Redirects, Safety, Session, SignIn};

/// More than Studio's sign-in through the LMS takes.
const REDIRECTS: u32 = 10;

/// The sessions of one account: on the LMS, and through it on Studio.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// Sends to the LMS in a session.
    pub(crate) lms: Client,
    /// Sends to Studio in a session.
    pub(crate) studio: Option<Client>,
    opened: Vec<Session>,
}

impl Sessions {
    /// For two hosts of one site; nothing is sent before a request needs it.
    pub(crate) fn new(
        lms: ClientBuilder,
        studio: Option<ClientBuilder>,
        username: String,
        password: Secret,
    ) -> Result<Self> {
        let csrf = || Csrf::django("/csrf/api/v1/token");
        let on_lms = Session::builder(lms.clone())
            .csrf(csrf())
            .sign_in(Arc::new(Account { username, password }))
            .build()?;
        let lms = on_lms.serve(lms)?;
        let mut opened = vec![on_lms];
        let mut sends = None;
        if let (Some(studio), Some(on_lms)) = (studio, opened.first()) {
            let follows = studio.clone().redirects(Redirects::Follow(REDIRECTS));
            let session = Session::builder(follows)
                .csrf(csrf())
                .sign_in(Arc::new(ThroughLms))
                .through(on_lms)
                .build()?;
            // Studio sends those who are not signed in to its sign-in page; the dialect has to see that.
            sends = Some(session.serve(studio.redirects(Redirects::Return))?);
            opened.push(session);
        }
        Ok(Self { lms, studio: sends, opened })
    }

    /// Requests sent so far, sign-ins included: reads and writes.
    pub(crate) fn requests(&self) -> (u64, u64) {
        let clients = std::iter::once(&self.lms).chain(&self.studio).map(Client::stats);
        clients
            .chain(self.opened.iter().map(Session::stats))
            .fold((0, 0), |(read, write), stats| (read + stats.read, write + stats.write))
    }
}

/// Name and password.
struct Account {
    username: String,
    password: Secret,
}

#[async_trait]
impl SignIn for Account {
    /// `POST /api/user/v1/account/login_session/`: every refusal is a 400 (reference openedx.md 1.4), which
    /// the dialect tells apart.
    async fn sign_in(&self, client: &Client) -> Result<()> {
        client
            .request(Method::Post, "/api/user/v1/account/login_session/", Safety::Repeatable)
            .operation("session.sign_in")
            .sensitive()
            .form(&[("email", &self.username), ("password", self.password.expose())])
            .send()
            .await
            .map(drop)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The LMS's session opens one on Studio by redirects through the LMS's OAuth page.
#[derive(Debug)]
struct ThroughLms;

#[async_trait]
impl SignIn for ThroughLms {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let landed = client.get("/login/").operation("session.studio").send().await?;
        if landed.url().origin() == client.base_url().origin() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unauthenticated, "Studio does not take the session of the LMS")
            .at(Platform::OpenEdx, "session.studio"))
    }
}
