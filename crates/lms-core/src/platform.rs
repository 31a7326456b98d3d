//! Which platform something comes from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// A platform, or a format that stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Platform {
    /// stepik.org and its API.
    Stepik,
    /// Open edX: LMS, Studio, and OLX archives.
    OpenEdx,
    /// INGInious and its course folders.
    Inginious,
    /// The portable bundle of `lms-migrate`: a course in the neutral model, on the disk.
    Bundle,
    /// A provider that this crate does not know.
    Other,
}

impl Platform {
    /// The name used in locators, configuration and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stepik => "stepik",
            Self::OpenEdx => "openedx",
            Self::Inginious => "inginious",
            Self::Bundle => "bundle",
            Self::Other => "other",
        }
    }

    /// The name as the platform writes it, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Stepik => "Stepik",
            Self::OpenEdx => "Open edX",
            Self::Inginious => "INGInious",
            Self::Bundle => "a bundle",
            Self::Other => "another platform",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Platform {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        [Self::Stepik, Self::OpenEdx, Self::Inginious, Self::Bundle, Self::Other]
            .into_iter()
            .find(|platform| platform.name() == s)
            .ok_or_else(|| {
                Error::new(ErrorKind::Config, "unknown platform; known are stepik, openedx, inginious").on(s)
            })
    }
}
