//! How a remote signs in, and where its tokens are kept.

use std::fmt;
use std::str::FromStr;

use lms_core::{Error, ErrorKind, Platform, Result};

use super::{Given, Place, Remote, keys};

/// How a remote signs in: `sign_in` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Way {
    /// In the browser, where the person allows the application to act for them.
    Browser,
    /// As the application itself, with its id and secret.
    Application,
    /// With a person's name and password, through the application.
    Password,
    /// With a person's name and password, as the site's own pages do it.
    Session,
    /// With a token that somebody else obtained.
    Token,
    /// Not at all.
    Guest,
}

impl Way {
    /// Those that a platform has, the most usual one first.
    pub(crate) fn of(platform: Platform) -> &'static [Self] {
        match platform {
            Platform::Stepik => {
                &[Self::Browser, Self::Application, Self::Password, Self::Session, Self::Token, Self::Guest]
            }
            Platform::OpenEdx => &[Self::Application, Self::Password, Self::Browser, Self::Token],
            Platform::Inginious => &[Self::Session, Self::Guest],
            _ => &[],
        }
    }

    /// Its name in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Application => "application",
            Self::Password => "password",
            Self::Session => "session",
            Self::Token => "token",
            Self::Guest => "guest",
        }
    }

    /// The one of a platform's ways that is called so.
    ///
    /// # Errors
    /// `Config` for one that the platform does not have.
    pub(super) fn among(platform: Platform, text: &str) -> Result<Self> {
        let ways = Self::of(platform);
        ways.iter().copied().find(|way| way.name() == text).ok_or_else(|| {
            let known = ways.iter().map(|way| way.name());
            let meant = keys::nearest_of(text, known.clone());
            let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
            let known = known.collect::<Vec<_>>().join(", ");
            let message = format!("{platform} has no sign-in `{text}`{meant} (it has {known})");
            Error::new(ErrorKind::Config, message)
        })
    }

    /// The settings without which it cannot be gone.
    pub(crate) fn needs(self, platform: Platform) -> &'static [&'static str] {
        match (self, platform) {
            (Self::Browser, _) => &["client_id"],
            (Self::Application, _) => &["client_id", "client_secret"],
            (Self::Password, _) => &["client_id", "username", "password"],
            (Self::Session, _) => &["username", "password"],
            (Self::Token, _) => &["token"],
            (Self::Guest, _) => &[],
        }
    }

    /// Settings of other ways, which must not get in this one's way.
    pub(crate) fn ignores(self) -> &'static [&'static str] {
        match self {
            Self::Browser | Self::Application => &["username", "password", "token", "refresh_token"],
            Self::Password => &["token", "refresh_token"],
            Self::Session => &["client_id", "client_secret", "token", "refresh_token"],
            Self::Token => &[],
            Self::Guest => &["client_id", "client_secret", "username", "password", "token", "refresh_token"],
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a remote's tokens are kept: `tokens` in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// Nowhere: each run asks for one.
    Nowhere,
    /// There.
    At(Place),
}

impl FromStr for Tokens {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "none" => Ok(Self::Nowhere),
            _ => text.parse().map(Self::At).map_err(|_| {
                let message = format!(
                    "tokens are kept in `keyring`, in `file`, or not at all (`none`), not in `{text}`"
                );
                Error::new(ErrorKind::Config, message)
            }),
        }
    }
}

impl Remote {
    /// The text of a setting that is no secret.
    pub(crate) fn plain(&self, key: &str) -> Option<&str> {
        match &self.settings.get(key)?.given {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How it signs in: as `sign_in` says, or else with the first of what is there: token, password, application.
    ///
    /// # Errors
    /// `Config` for a way that the platform does not have.
    pub(crate) fn way(&self) -> Result<Way> {
        let Some(setting) = self.settings.get(keys::SIGN_IN) else { return Ok(self.guessed_way()) };
        let Given::Text(text) = &setting.given else {
            return Err(Error::new(ErrorKind::Config, "`sign_in` must be said as it is").on(&setting.origin));
        };
        Way::among(self.platform, text).map_err(|e| e.on(&setting.origin))
    }

    fn guessed_way(&self) -> Way {
        let has = |key: &str| self.settings.contains_key(key);
        let application = has("client_id");
        match self.platform {
            Platform::Inginious if has("username") => Way::Session,
            Platform::Inginious => Way::Guest,
            _ if has("token") || has("refresh_token") => Way::Token,
            _ if has("username") && application => Way::Password,
            _ if application && has("client_secret") => Way::Application,
            _ if application => Way::Browser,
            Platform::Stepik if has("username") => Way::Session,
            Platform::Stepik => Way::Guest,
            _ => Way::Application,
        }
    }

    /// Where its tokens are kept: as `tokens` says; if it says nothing, those of the browser in the file.
    ///
    /// # Errors
    /// `Config` for a place that there is not.
    pub(crate) fn tokens(&self) -> Result<Tokens> {
        match self.settings.get(keys::TOKENS) {
            None if self.way()? == Way::Browser => Ok(Tokens::At(Place::File)),
            None => Ok(Tokens::Nowhere),
            Some(setting) => {
                let text = self.plain(keys::TOKENS).unwrap_or_default();
                text.parse().map_err(|e: Error| e.on(&setting.origin))
            }
        }
    }
}
