//! How to connect.

use std::str::FromStr;
use std::sync::Arc;

use lms_core::{Error, ErrorKind, Platform, Result, Secret, Timestamp};
use lms_http::{Allow, Client, Cookies, HttpOptions, Session};
use url::Url;

use crate::auth::Login;
use crate::dialect::InginiousDialect;
use crate::provider::{Inginious, Parts};

/// The options by the names that configuration files and the environment use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InginiousKey {
    /// `url`: the root of the site. Needed.
    BaseUrl,
    /// `username`: the account, not its e-mail address. Without it only accounts can be opened.
    Username,
    /// `password`: its password on the site; accounts of other sign-in services have none.
    Password,
    /// `webdav_url`: where the site takes course files, without the id of a course. If it is not given, the address
    /// that the site shows to administrators of a course is used.
    WebdavUrl,
    /// `submit`: how answers are sent, `web` (the default) or `api`; see [`SubmitBy`].
    Submit,
    /// `upload`: how courses are written, `webdav` (the default) or `pages`; see [`UploadBy`].
    Upload,
    /// `timezone`: the offset of the server's clock from UTC, such as `+02:00`; `+00:00` if not given.
    ///
    /// Up to 0.9, the platform writes dates without zone, in the server's local time (reference inginious.md
    /// 5.2). A fixed offset is all that can be said here, so it is an hour off for half of the year
    /// where clocks change.
    Timezone,
    /// `allow_plain_http`: `true` lets the password travel over plain http to another machine.
    AllowPlainHttp,
}

impl InginiousKey {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::BaseUrl,
        Self::Username,
        Self::Password,
        Self::WebdavUrl,
        Self::Submit,
        Self::Upload,
        Self::Timezone,
        Self::AllowPlainHttp,
    ];

    /// The name in configuration files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "url",
            Self::Username => "username",
            Self::Password => "password",
            Self::WebdavUrl => "webdav_url",
            Self::Submit => "submit",
            Self::Upload => "upload",
            Self::Timezone => "timezone",
            Self::AllowPlainHttp => "allow_plain_http",
        }
    }
}

impl FromStr for InginiousKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name).ok_or_else(|| {
            let known = Self::ALL.iter().map(|key| key.name()).collect::<Vec<_>>().join(", ");
            Error::new(ErrorKind::Config, format!("unknown option for inginious; known are {known}")).on(name)
        })
    }
}

/// How answers are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubmitBy {
    /// By the form of the task's page. Stored as the platform means it.
    #[default]
    Web,
    /// By `POST /api/v0/…/submissions`. The platform stores such answers with every value in a list:
    /// when a teacher lets them be marked again, marking fails and the mark is lost, and files in them
    /// cannot be had back (reference inginious.md 1, fact 10). Broken in versions after 0.9 (12).
    Api,
}

/// How courses are written, and read with their keys. It is chosen beforehand, never by what a site happens to
/// offer, so that a plan can name what is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadBy {
    /// By WebDAV: files as they are. One request for a file, two or three for a step. Sites that do not offer it refuse.
    #[default]
    Webdav,
    /// By the forms and file pages of a course's administrators, which every site has (reference inginious.md 6.8).
    /// Emulated: two requests for a step and for each of its files, one more where a file is written over; reading takes
    /// one request for each task, which carries all its files. Files that tasks share lie in the folder of one task,
    /// files of the course outside tasks cannot be written, tabs in texts of several lines become blanks, and settings
    /// that no form knows are lost; findings name each.
    Pages,
}

/// Collects what an [`Inginious`] needs. `Debug` shows no secret.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is made before `build`"]
pub struct InginiousBuilder {
    base_url: Option<String>,
    username: Option<String>,
    password: Option<Secret>,
    webdav_url: Option<String>,
    submit: Option<String>,
    upload: Option<String>,
    timezone: Option<String>,
    allow_plain_http: Option<String>,
    http: HttpOptions,
}

impl InginiousBuilder {
    /// Nothing chosen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes options by name.
    ///
    /// # Errors
    /// `Config` for a name that is not an option.
    pub fn from_options(options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        options
            .into_iter()
            .try_fold(Self::new(), |builder, (key, value)| Ok(builder.with_option(key.parse()?, value)))
    }

    /// Sets one option; it is checked in [`InginiousBuilder::build`].
    pub fn with_option(mut self, key: InginiousKey, value: impl Into<String>) -> Self {
        let value = value.into();
        match key {
            InginiousKey::BaseUrl => self.base_url = Some(value),
            InginiousKey::Username => self.username = Some(value),
            InginiousKey::Password => self.password = Some(value.into()),
            InginiousKey::WebdavUrl => self.webdav_url = Some(value),
            InginiousKey::Submit => self.submit = Some(value),
            InginiousKey::Upload => self.upload = Some(value),
            InginiousKey::Timezone => self.timezone = Some(value),
            InginiousKey::AllowPlainHttp => self.allow_plain_http = Some(value),
        }
        self
    }

    /// The root of the site.
    pub fn with_base_url(self, url: impl Into<String>) -> Self {
        self.with_option(InginiousKey::BaseUrl, url)
    }

    /// The account and its password.
    pub fn with_account(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        (self.username, self.password) = (Some(username.into()), Some(password.into()));
        self
    }

    /// How answers are sent.
    pub fn with_submit(self, by: SubmitBy) -> Self {
        let name = match by {
            SubmitBy::Web => "web",
            SubmitBy::Api => "api",
        };
        self.with_option(InginiousKey::Submit, name)
    }

    /// How courses are written.
    pub fn with_upload(self, by: UploadBy) -> Self {
        let name = match by {
            UploadBy::Webdav => "webdav",
            UploadBy::Pages => "pages",
        };
        self.with_option(InginiousKey::Upload, name)
    }

    /// How requests are sent: retry, limits, pace, observer. The observer is told of every request but those that
    /// sign in. [`InginiousKey::AllowPlainHttp`] counts where it is given, over what stands here.
    pub fn with_http(mut self, http: HttpOptions) -> Self {
        self.http = http;
        self
    }

    /// Checks everything, names every fault at once, sends nothing.
    ///
    /// # Errors
    /// `Config`.
    pub fn build(self) -> Result<Inginious> {
        let Self {
            base_url,
            username,
            password,
            webdav_url,
            submit,
            upload,
            timezone,
            allow_plain_http,
            mut http,
        } = self;
        let mut faults = Vec::new();
        let base = match base_url.as_deref().map(|url| Url::parse(url.trim())) {
            None => {
                faults.push("url: missing".to_owned());
                None
            }
            Some(Err(e)) => {
                faults.push(format!("url: {e}"));
                None
            }
            Some(Ok(url)) => Some(url),
        };
        let webdav = match webdav_url.as_deref().map(|url| Url::parse(url.trim())) {
            Some(Ok(url)) => Some(url),
            Some(Err(e)) => {
                faults.push(format!("webdav_url: {e}"));
                None
            }
            None => None,
        };
        let submit_by = match submit.as_deref() {
            None | Some("web") => SubmitBy::Web,
            Some("api") => SubmitBy::Api,
            Some(_) => {
                faults.push("submit: neither web nor api".to_owned());
                SubmitBy::Web
            }
        };
        let upload_by = match upload.as_deref() {
            None | Some("webdav") => UploadBy::Webdav,
            Some("pages") => UploadBy::Pages,
            Some(_) => {
                faults.push("upload: neither webdav nor pages".to_owned());
                UploadBy::Webdav
            }
        };
        let offset = timezone.unwrap_or_else(|| "+00:00".to_owned());
        if format!("2025-01-01T00:00:00{offset}").parse::<Timestamp>().is_err() {
            faults.push("timezone: an offset such as +02:00 is needed".to_owned());
        }
        match allow_plain_http.as_deref() {
            None => {}
            Some("false") => http.plain_http = Allow::No,
            Some("true") => http.plain_http = Allow::Yes,
            Some(_) => faults.push("allow_plain_http: neither true nor false".to_owned()),
        }
        // The platform trims the name when it signs in (reference inginious.md 3.3).
        let username = username.map(|name| name.trim().to_owned());
        let account = match (username, password) {
            (Some(name), Some(password)) if !name.is_empty() && !password.is_empty() => {
                Some((name, password))
            }
            (None, None) => None,
            (None, Some(_)) => {
                faults.push("username: missing beside password".to_owned());
                None
            }
            (Some(_), None) => {
                faults.push("password: missing beside username".to_owned());
                None
            }
            (Some(_), Some(_)) => {
                faults.push("username or password: empty".to_owned());
                None
            }
        };
        let (Some(base), true) = (base, faults.is_empty()) else {
            return Err(Error::new(ErrorKind::Config, faults.join("; ")).at(Platform::Inginious, "connect"));
        };
        let other = {
            let http = http.clone();
            move |base: Url| {
                Client::builder(Platform::Inginious, base).dialect(Arc::new(InginiousDialect)).options(&http)
            }
        };
        // Those that sign in are told to nobody.
        http.observer = None;
        let silent = other(base.clone()).options(&http);
        // The session is that of the cookie, for the API and the pages alike (reference inginious.md 2.3).
        let mut session = Session::builder(silent);
        let mut name = None;
        if let Some((username, password)) = account {
            name = Some(username.clone());
            session = session.sign_in(Arc::new(Login { username, password }));
        }
        let client = session.build()?.serve(other(base.clone()))?;
        Ok(Inginious::new(Parts {
            client,
            guest: other(base.clone()).keep_cookies(Cookies::Keep).build()?,
            webdav,
            other: Box::new(other),
            base,
            username: name,
            submit_by,
            upload_by,
            offset,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_at_once_and_no_secret_is() {
        let builder = InginiousBuilder::new()
            .with_option(InginiousKey::BaseUrl, "no address")
            .with_option(InginiousKey::Password, "hunter2")
            .with_option(InginiousKey::WebdavUrl, "nowhere")
            .with_option(InginiousKey::Submit, "pigeon")
            .with_option(InginiousKey::Upload, "truck")
            .with_option(InginiousKey::Timezone, "Europe/Brussels")
            .with_option(InginiousKey::AllowPlainHttp, "maybe");
        assert!(!format!("{builder:?}").contains("hunter2"));
        let text = builder.build().expect_err("faults").to_string();
        for part in [
            "url: ",
            "username: missing",
            "webdav_url: ",
            "submit: ",
            "upload: ",
            "timezone: ",
            "allow_plain_http: ",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn options_come_by_name() {
        let options = |pairs: &[(&str, &str)]| {
            InginiousBuilder::from_options(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
        };
        let given = [
            ("url", "https://inginious.example.org"),
            ("username", " ada "),
            ("password", "hunter2"),
            ("submit", "api"),
            ("timezone", "+02:00"),
        ];
        let provider = options(&given).and_then(InginiousBuilder::build).expect("sound options");
        assert!(!format!("{provider:?}").contains("hunter2"));
        let error = options(&[("urll", "x")]).expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::Config);
        let plain = options(&[("url", "http://inginious.example.org"), ("username", "a"), ("password", "b")]);
        assert_eq!(
            plain.and_then(InginiousBuilder::build).expect_err("plain http").kind(),
            ErrorKind::Config
        );
    }
}
