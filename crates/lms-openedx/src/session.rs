//! A browser's session, for the views of Studio that take no token (reference openedx.md 1.3, 1.4).

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, CookieJar, Method, RequestBuilder, Safety};
use serde::Deserialize;
use tokio::sync::Mutex;

/// Signs in on first use, with the account's name and password.
#[derive(Debug)]
pub(crate) struct Session {
    lms: Client,
    studio: Option<Client>,
    jar: CookieJar,
    username: String,
    password: Secret,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    lms: bool,
    studio: bool,
}

#[derive(Deserialize)]
struct Csrf {
    #[serde(rename = "csrfToken")]
    token: String,
}

impl Session {
    pub(crate) fn new(
        lms: Client,
        studio: Option<Client>,
        jar: CookieJar,
        username: String,
        password: Secret,
    ) -> Self {
        Self { lms, studio, jar, username, password, state: Mutex::default() }
    }

    pub(crate) fn requests(&self) -> (u64, u64) {
        let mut sum = (self.lms.stats().read, self.lms.stats().write);
        if let Some(studio) = &self.studio {
            sum.0 += studio.stats().read;
            sum.1 += studio.stats().write;
        }
        sum
    }

    /// A request to Studio as the account, signed in and with its CSRF token where it changes something.
    pub(crate) async fn studio(&self, method: Method, path: &str, safety: Safety) -> Result<RequestBuilder> {
        let Some(studio) = &self.studio else {
            return Err(Error::new(ErrorKind::Config, "studio_url is not configured")
                .at(Platform::OpenEdx, "session.studio"));
        };
        let mut state = self.state.lock().await;
        if !state.lms {
            self.sign_in().await?;
            state.lms = true;
        }
        if !state.studio {
            // The LMS session opens one on Studio by redirects through the LMS's OAuth page.
            let landed = studio.get("/login/").operation("session.studio").send().await?;
            if landed.url().origin() != studio.base_url().origin() {
                return Err(Error::new(
                    ErrorKind::Unauthenticated,
                    "Studio does not take the session of the LMS",
                )
                .at(Platform::OpenEdx, "session.studio"));
            }
            if self.jar.get(studio.base_url(), "csrftoken").is_none() {
                studio.get("/csrf/api/v1/token").operation("session.csrf").sensitive().send().await?;
            }
            state.studio = true;
        }
        drop(state);
        let request = studio.request(method, path, safety);
        if method == Method::Get {
            return Ok(request);
        }
        Ok(self.with_csrf(studio, request))
    }

    /// A form to the LMS as the account.
    pub(crate) async fn lms_form(&self, path: &str, safety: Safety) -> Result<RequestBuilder> {
        let mut state = self.state.lock().await;
        if !state.lms {
            self.sign_in().await?;
            state.lms = true;
        }
        drop(state);
        Ok(self.with_csrf(&self.lms, self.lms.request(Method::Post, path, safety)))
    }

    /// The platform does not know the session any more: the next request signs in anew.
    pub(crate) async fn forget(&self) {
        *self.state.lock().await = State::default();
    }

    async fn sign_in(&self) -> Result<()> {
        let csrf: Csrf =
            self.lms.get("/csrf/api/v1/token").operation("session.csrf").sensitive().send_json().await?;
        self.lms
            .request(Method::Post, "/api/user/v1/account/login_session/", Safety::Repeatable)
            .operation("session.sign_in")
            .sensitive()
            .header("X-CSRFToken", &csrf.token)
            .header("Referer", self.lms.base_url().as_str())
            .form(&[("email", &self.username), ("password", self.password.expose())])
            .send()
            .await
            .map_err(|error| match error.kind() {
                // Every refusal of this view is a 400 (reference openedx.md 1.4).
                ErrorKind::InvalidInput => {
                    Error::new(ErrorKind::Unauthenticated, "user name or password is wrong")
                        .at(Platform::OpenEdx, "session.sign_in")
                }
                _ => error,
            })?;
        Ok(())
    }

    /// The token may change at every answer, so it is read from the jar each time; https asks for a
    /// `Referer` too.
    fn with_csrf(&self, client: &Client, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("Referer", client.base_url().as_str());
        match self.jar.get(client.base_url(), "csrftoken") {
            Some(token) => request.header("X-CSRFToken", token.expose()),
            None => request,
        }
    }
}
