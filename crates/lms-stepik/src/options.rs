//! Options by name, for configuration files and the environment.

/// Options by name, for configuration files and the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepikKey {
    /// `url`: the site, `https://stepik.org` if not given.
    BaseUrl,
    /// `client_id`: the application's id, from `/oauth2/applications/`.
    ClientId,
    /// `client_secret`: the application's secret.
    ClientSecret,
    /// `username`: a person's e-mail address, for the password grant.
    Username,
    /// `password`: that person's password.
    Password,
    /// `token`: an access token that somebody else obtained.
    Token,
    /// `refresh_token`: of an earlier sign-in in the browser.
    RefreshToken,
    /// `ready_timeout`: seconds that steps may take to become ready; 120 if not given.
    ReadyTimeout,
    /// `longest_attachment`: bytes that a file may have; 25,000,000 if not given.
    LongestAttachment,
    /// `shared_lessons`: `refuse` (if not given) or `change`; see [`crate::SharedLessons`].
    SharedLessons,
}

impl StepikKey {
    /// All options.
    pub const ALL: [Self; 10] = [
        Self::BaseUrl,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::Token,
        Self::RefreshToken,
        Self::ReadyTimeout,
        Self::LongestAttachment,
        Self::SharedLessons,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "url",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
            Self::RefreshToken => "refresh_token",
            Self::ReadyTimeout => "ready_timeout",
            Self::LongestAttachment => "longest_attachment",
            Self::SharedLessons => "shared_lessons",
        }
    }
}
