//! The options by name.

use std::str::FromStr;

use lms_core::{Error, ErrorKind, Result};

/// The options by the names that configuration files and the environment use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenEdxKey {
    /// The address of the LMS. Needed.
    LmsUrl,
    /// The address of Studio. Needed for authoring and for reading whole courses.
    StudioUrl,
    /// The OAuth application.
    ClientId,
    /// Its secret.
    ClientSecret,
    /// The account; without it the application's owner signs in.
    Username,
    /// Its password.
    Password,
    /// A token that somebody else obtained.
    Token,
    /// The scheme of tokens: `JWT` (the default) or `Bearer`. Of those that are asked for here, a `Bearer`
    /// opens the LMS only (reference openedx.md 1.3).
    TokenScheme,
    /// The refresh token of an earlier sign-in.
    RefreshToken,
    /// The organisation of courses whose id nobody chooses. `lms` by default.
    Org,
    /// Whose limits on requests hold: `user` (the default), `staff`, or `none`. See [`crate::Throttled`].
    Throttled,
    /// What a course may hold that is to be imported: a list of block types, separated by commas, that the
    /// site has beside the usual ones.
    BlockTypes,
    /// From which harm on a course with defects is not uploaded: `refused`, `lost` (the default) or
    /// `doubtful`. See [`crate::Harm`].
    Refuse,
    /// The largest archive that Studio's server takes, in bytes. 250 MiB by default.
    MaxUpload,
    /// How courses are written: `archive` (the default) or `blocks`. See [`WriteBy`].
    WriteBy,
    /// `true` lets secrets travel over plain http to another machine.
    AllowPlainHttp,
}

/// How courses are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WriteBy {
    /// As a whole: an archive is made, or exported and changed, and imported at the end. A run that breaks off has
    /// changed nothing, and everything that OLX can say goes in. Changing a course that is there takes a session.
    #[default]
    Archive,
    /// Node by node, at once: what differs is sent, the rest is not touched, and a token is enough. New blocks get names
    /// of Studio's own making, so that a block is found again by its place within its type. What no request can write is
    /// named by the plan: of blocks whose content goes in with the whole course only, such as open response assessments,
    /// the text is left; pages and files outside `static/`, files over 20 MiB, attributes that are no settings, and
    /// settings of the course that the model has no place for stay behind. A level that the source leaves out is made.
    Blocks,
}

impl FromStr for WriteBy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "archive" => Ok(Self::Archive),
            "blocks" => Ok(Self::Blocks),
            _ => Err(Error::new(ErrorKind::Config, "neither archive nor blocks").on(name)),
        }
    }
}

impl OpenEdxKey {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::LmsUrl,
        Self::StudioUrl,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::Token,
        Self::TokenScheme,
        Self::RefreshToken,
        Self::Org,
        Self::Throttled,
        Self::BlockTypes,
        Self::Refuse,
        Self::MaxUpload,
        Self::WriteBy,
        Self::AllowPlainHttp,
    ];

    /// The name in configuration files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LmsUrl => "lms_url",
            Self::StudioUrl => "studio_url",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
            Self::TokenScheme => "token_scheme",
            Self::RefreshToken => "refresh_token",
            Self::Org => "org",
            Self::Throttled => "throttled",
            Self::BlockTypes => "block_types",
            Self::Refuse => "refuse",
            Self::MaxUpload => "max_upload",
            Self::WriteBy => "write_by",
            Self::AllowPlainHttp => "allow_plain_http",
        }
    }
}

impl FromStr for OpenEdxKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name).ok_or_else(|| {
            let known = Self::ALL.iter().map(|key| key.name()).collect::<Vec<_>>().join(", ");
            Error::new(ErrorKind::Config, format!("unknown option for openedx; known are {known}")).on(name)
        })
    }
}
