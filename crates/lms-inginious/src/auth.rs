//! Signing in: name and password once, a cookie afterwards (reference inginious.md 3.3).

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, Method, RequestBuilder, Response, Safety};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::dialect::title;

/// One account's session.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    login: Option<(String, Secret)>,
    /// How often we signed in; guards against signing in twice at once.
    signed_in: Mutex<u64>,
}

impl Session {
    pub(crate) fn new(client: Client, login: Option<(String, Secret)>) -> Self {
        Self { client, login, signed_in: Mutex::new(0) }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The user name that signs in.
    pub(crate) fn username(&self) -> Result<&str> {
        match &self.login {
            Some((username, _)) => Ok(username),
            None => Err(Error::new(ErrorKind::Unauthenticated, "set username and password")),
        }
    }

    /// Signs in unless somebody has since `seen`; answers how often that was done.
    async fn sign_in(&self, seen: u64) -> Result<u64> {
        let mut count = self.signed_in.lock().await;
        if *count > seen {
            return Ok(*count);
        }
        let Some((username, password)) = &self.login else { return Ok(*count) };
        self.client
            .request(Method::Post, "/api/v0/authentication", Safety::Repeatable)
            .operation("sign in")
            .resource(username)
            .form(&[("login", username), ("password", password.expose())])
            .sensitive()
            .send()
            .await?;
        *count += 1;
        Ok(*count)
    }

    /// Sends a request that `make` builds, signed in; once more when the session has ended meanwhile.
    pub(crate) async fn send(&self, make: impl Fn(&Client) -> RequestBuilder) -> Result<Response> {
        let seen = self.sign_in(0).await?;
        match make(&self.client).send().await {
            // Nothing was done: the server looks at the session first (reference 5.1).
            Err(error) if error.kind() == ErrorKind::Unauthenticated && self.login.is_some() => {
                self.sign_in(seen).await?;
                make(&self.client).send().await
            }
            other => other,
        }
    }

    /// The same for answers in JSON.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<T> {
        self.send(make).await?.json().await
    }

    /// The same for web pages, which answer with the login page when the session has ended.
    pub(crate) async fn page(
        &self,
        operation: &'static str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Page> {
        let seen = self.sign_in(0).await?;
        let page = Page::read(make(&self.client).send().await?).await?;
        if !page.is_login() {
            return Ok(page);
        }
        self.sign_in(seen).await?;
        let page = Page::read(make(&self.client).send().await?).await?;
        if page.is_login() {
            return Err(Error::new(ErrorKind::Unauthenticated, "the site asks to sign in")
                .at(Platform::Inginious, operation));
        }
        Ok(page)
    }
}

/// The answer of a web form.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Page {
    pub(crate) async fn read(response: Response) -> Result<Self> {
        let status = response.status();
        Ok(Self { status, body: response.text().await? })
    }

    pub(crate) fn is_redirect(&self) -> bool {
        matches!(self.status, 301..=303 | 307 | 308)
    }

    /// The page that asks to sign in comes with status 200 (reference 6).
    fn is_login(&self) -> bool {
        title(self.body.as_bytes()).is_some_and(|title| title.starts_with("Welcome |"))
    }

    /// The texts of its alerts, with whether they tell of success.
    pub(crate) fn alerts(&self) -> Vec<(bool, String)> {
        let Ok(selector) = scraper::Selector::parse(".alert") else { return Vec::new() };
        let document = scraper::Html::parse_document(&self.body);
        document
            .select(&selector)
            .map(|alert| {
                let good = alert.value().classes().any(|class| class == "alert-success");
                let text = alert.text().collect::<String>();
                (good, text.split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect()
    }
}
