//! What a user calls a course.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::exit::Failure;

/// A course, a place for a new one, or a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locator {
    /// A configured platform, and a course on it (`None` for a new one, or for the remote itself).
    Remote { name: String, course: Option<String> },
    /// A path, and what it is said to be.
    Path { path: PathBuf, format: Option<Format> },
}

/// What a path is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// An OLX folder or archive.
    Olx,
    /// An INGInious course folder or `.zip`.
    Folder,
    /// A portable bundle.
    Bundle,
}

impl FromStr for Locator {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Err(Failure::Usage("a locator is empty; say REMOTE:COURSE or a path".into()));
        }
        if let Some(path) = text.strip_prefix("olx:") {
            return path_of(path, Format::Olx);
        }
        if let Some(path) = text.strip_prefix("folder:") {
            return path_of(path, Format::Folder);
        }
        if let Some(path) = text.strip_prefix("bundle:") {
            return path_of(path, Format::Bundle);
        }
        if let Some(address) = ["https://", "http://"].into_iter().find(|scheme| text.starts_with(scheme)) {
            return Err(Failure::Usage(format!(
                "{text}: an address ({address}…) is no locator; say REMOTE:COURSE, such as stepik:67. `lms remotes` \
                 lists the remotes, `lms courses REMOTE` their courses"
            )));
        }
        let looks_like_path = text.starts_with(['.', '/', '~']) || Path::new(text).exists();
        match text.split_once(':') {
            Some((name, course)) if !looks_like_path && is_name(name) => {
                Ok(Self::Remote { name: name.into(), course: (!course.is_empty()).then(|| course.into()) })
            }
            None if !looks_like_path && is_name(text) && !text.contains('.') => {
                Ok(Self::Remote { name: text.into(), course: None })
            }
            _ => Ok(Self::Path { path: text.into(), format: format_by_name(text) }),
        }
    }
}

fn path_of(path: &str, format: Format) -> Result<Locator, Failure> {
    if path.is_empty() {
        return Err(Failure::Usage("a path is missing behind olx:, folder: or bundle:".into()));
    }
    Ok(Locator::Path { path: path.into(), format: Some(format) })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// `.tar.gz` alone means OLX, `.zip` alone an INGInious folder.
fn format_by_name(text: &str) -> Option<Format> {
    if text.ends_with(".tar.gz") || text.ends_with(".tgz") {
        Some(Format::Olx)
    } else if text.ends_with(".zip") {
        Some(Format::Folder)
    } else {
        None
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote { name, course } => write!(f, "{name}:{}", course.as_deref().unwrap_or_default()),
            Self::Path { path, .. } => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(name: &str, course: Option<&str>) -> Locator {
        Locator::Remote { name: name.into(), course: course.map(Into::into) }
    }

    #[test]
    fn each_form_is_told_apart() {
        let read = |text: &str| text.parse::<Locator>().expect("a locator");
        assert_eq!(read("stepik:67"), remote("stepik", Some("67")));
        assert_eq!(read("stepik:"), remote("stepik", None));
        assert_eq!(read("stepik"), remote("stepik", None));
        assert_eq!(read("openedx:course-v1:Org+C+R"), remote("openedx", Some("course-v1:Org+C+R")));
        assert_eq!(read("./a:b"), Locator::Path { path: "./a:b".into(), format: None });
        assert_eq!(
            read("new.tar.gz"),
            Locator::Path { path: "new.tar.gz".into(), format: Some(Format::Olx) }
        );
        assert_eq!(read("olx:new"), Locator::Path { path: "new".into(), format: Some(Format::Olx) });
        assert_eq!(
            read("folder:x.zip"),
            Locator::Path { path: "x.zip".into(), format: Some(Format::Folder) }
        );
        assert_eq!(read("bundle:x"), Locator::Path { path: "x".into(), format: Some(Format::Bundle) });
        assert!("bundle:".parse::<Locator>().is_err());
        assert!("olx:".parse::<Locator>().is_err());
        assert!("".parse::<Locator>().is_err());
    }
}
