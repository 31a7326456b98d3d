//! Signing in (reference stepik.md 1.2–1.5).

use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{
    Client, ClientBuilder, Csrf, Grant, HttpOptions, Method, OAuth, Pace, Safety, Session, SignIn,
    StaticToken,
};
use serde_json::json;
use url::Url;

use crate::dialect::StepikDialect;

/// What requests are signed with.
#[derive(Debug, Clone)]
pub(crate) enum Account {
    /// Nobody: what guests see.
    Guest,
    /// A token that somebody else obtained.
    Token(Secret),
    /// An application's own account, a person's password, or a code from the browser.
    OAuth { client_id: String, client_secret: Option<Secret>, grant: Grant },
    /// A person's password, as the site's own pages sign in.
    Session { username: String, password: Secret },
}

/// The clients of a provider.
pub(crate) struct Clients {
    /// Sends for the account.
    pub(crate) own: Client,
    /// Sends without credential, in a session of its own.
    pub(crate) guest: Client,
    /// The sessions of the two, as far as they have one: they send requests of their own.
    pub(crate) sessions: Vec<Session>,
}

/// Real limits are not known (reference stepik.md 1.6). As many as a browser has under way over a few
/// connections; the first refusal halves them.
fn pace() -> Pace {
    Pace { concurrency: 25, ..Pace::default() }
}

/// Makes the clients for `account`.
pub(crate) fn connect(base: &Url, account: Account, mut http: HttpOptions) -> Result<Clients> {
    http.pace.get_or_insert_with(pace);
    let client =
        Client::builder(Platform::Stepik, base.clone()).dialect(Arc::new(StepikDialect)).options(&http);
    // Registration is done without credential, in a session of its own (reference stepik.md 1.5).
    let guest = Session::builder(client.clone()).csrf(csrf()).build()?;
    let mut sessions = vec![guest.clone()];
    let guest = guest.serve(client.clone())?;
    let own = match account {
        Account::Guest => client.build()?,
        Account::Token(token) => client.credential(Arc::new(StaticToken::bearer(token))).build()?,
        Account::OAuth { client_id, client_secret, grant } => {
            let oauth = oauth(base, client_id, client_secret, grant, &http)?;
            client.credential(Arc::new(oauth)).build()?
        }
        Account::Session { username, password } => {
            let session = session(&client, username, password)?;
            sessions.push(session.clone());
            session.serve(client)?
        }
    };
    Ok(Clients { own, guest, sessions })
}

/// Any page sets the cookies of a session (reference stepik.md 1.5).
fn csrf() -> Csrf {
    Csrf::django("/accounts/signup/?next=/")
}

fn oauth(
    base: &Url,
    client_id: String,
    client_secret: Option<Secret>,
    grant: Grant,
    http: &HttpOptions,
) -> Result<OAuth> {
    let mut oauth = OAuth::builder(Platform::Stepik, endpoint(base, "oauth2/token/")?, client_id)
        .grant(grant)
        .dialect(Arc::new(StepikDialect))
        .options(http);
    if let Some(secret) = client_secret {
        oauth = oauth.client_secret(secret);
    }
    oauth.build()
}

fn session(client: &ClientBuilder, username: String, password: Secret) -> Result<Session> {
    let entry = Arc::new(CookieLogin { username, password });
    Session::builder(client.clone()).csrf(csrf()).sign_in(entry).build()
}

/// `POST /api/users/login`: 204 and fresh cookies (reference stepik.md 1.5).
#[derive(Debug)]
struct CookieLogin {
    username: String,
    password: Secret,
}

#[async_trait]
impl SignIn for CookieLogin {
    async fn sign_in(&self, client: &Client) -> Result<()> {
        let body = json!({"email": self.username, "password": self.password.expose()});
        let request = client.request(Method::Post, "/api/users/login", Safety::Repeatable);
        let sent = request.operation("session.sign_in").sensitive().json(&body).send().await;
        sent.map(drop).map_err(|e| match e.status() {
            // What a wrong password is answered with is not known here; 400 or 401 elsewhere
            // (reference stepik.md 1.3).
            Some(status @ (400 | 401)) => Error::new(
                ErrorKind::Unauthenticated,
                "Stepik does not know this e-mail address and password",
            )
            .at(Platform::Stepik, "session.sign_in")
            .with_status(status),
            _ => e,
        })
    }
}

/// Where a person allows an application to act for them.
pub(crate) fn authorize_url(base: &Url) -> Result<Url> {
    endpoint(base, "oauth2/authorize/")
}

fn endpoint(base: &Url, path: &str) -> Result<Url> {
    let mut base = base.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(path).map_err(|e| {
        Error::new(ErrorKind::Config, "the address of the site cannot be used")
            .at(Platform::Stepik, "build")
            .with_source(e)
    })
}
