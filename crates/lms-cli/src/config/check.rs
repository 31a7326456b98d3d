//! Whether a value can be what it is said to be, told where it is said: not when a later command stumbles over it.

use lms_core::{Error, ErrorKind, Platform, Result};
use url::Url;

use super::way::{Tokens, Way};
use super::{keys, no_platform, platform as named};

/// Looks at a value that stands in the configuration as it is. Cheap, for every run.
///
/// # Errors
/// `Config`. The value is not quoted: it may be a secret in the wrong place.
pub(super) fn read(platform: Platform, key: &str, text: &str) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::Config, message));
    match key {
        keys::PLATFORM if named(text).is_none() => wrong(no_platform(text)),
        keys::SIGN_IN => Way::among(platform, text).map(drop),
        keys::TOKENS => text.parse::<Tokens>().map(drop),
        keys::REDIRECT_PORT if text.parse::<u16>().is_err() => {
            wrong(format!("`{key}` is the number of a port: 0 to 65535"))
        }
        _ if is_address(key) && !is_site(text) => wrong(format!(
            "`{key}` is no address: it begins with https:// (or http://) and names a host, such as https://lms.example.org"
        )),
        _ => Ok(()),
    }
}

/// Looks at a value before it is written: as [`read`], and as its platform takes it.
///
/// # Errors
/// As [`read`].
pub(crate) fn written(platform: Platform, key: &str, text: &str) -> Result<()> {
    if let (base, Some(suffix)) = keys::split(key) {
        let place = (suffix == "_store").then(|| text.parse::<super::Place>().map(drop));
        return match place {
            Some(place) => place,
            None if text.is_empty() => Err(Error::new(ErrorKind::Config, format!("`{base}` has no value"))),
            None => Ok(()),
        };
    }
    read(platform, key, text)?;
    if !keys::of(platform).contains(&key) || ACCOUNT.contains(&key) {
        return Ok(());
    }
    // A remote that lacks nothing, with this value in it.
    let whole: &[(&str, &str)] = match platform {
        Platform::OpenEdx => &[("lms_url", "https://lms.example.org"), ("token", "none")],
        Platform::Inginious => &[("url", "https://inginious.example.org")],
        _ => &[],
    };
    let given = whole.iter().copied().filter(|(other, _)| *other != key).chain([(key, text)]);
    let options = given.map(|(key, text)| (key.to_owned(), text.to_owned()));
    lms::connect(platform, options)
        .map(drop)
        .map_err(|e| Error::new(ErrorKind::Config, e.message().to_owned()))
}

/// Settings that mean something together only.
const ACCOUNT: [&str; 6] = ["client_id", "client_secret", "username", "password", "token", "refresh_token"];

/// Whether the setting is the address of a site.
fn is_address(key: &str) -> bool {
    matches!(key, "url" | "lms_url" | "studio_url" | "webdav_url")
}

fn is_site(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_told_and_all_else_taken() {
        let (stepik, openedx, inginious) = (Platform::Stepik, Platform::OpenEdx, Platform::Inginious);
        for (platform, key, text, says) in [
            (inginious, "url", "inginious.example.org", "https://"),
            (inginious, "url", "localhost:8080", "https://"),
            (stepik, "url", "ftp://stepik.org", "https://"),
            (openedx, "studio_url", "studio", "https://"),
            (stepik, "redirect_port", "99999", "0 to 65535"),
            (stepik, "tokens", "drawer", "`keyring`"),
            (stepik, "sign_in", "browsr", "did you mean `browser`?"),
            (stepik, "platform", "stepic", "did you mean `stepik`?"),
            (stepik, "ready_timeout", "soon", "number of seconds"),
            (openedx, "throttled", "much", "throttled"),
            (inginious, "timezone", "Mars", "timezone"),
            (inginious, "password_store", "drawer", "`keyring`"),
        ] {
            let error = written(platform, key, text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(says), "{key}={text}: {error}");
        }
        for (platform, key, text) in [
            (inginious, "url", "http://127.0.0.1:8080/inginious"),
            (inginious, "username", "ada"),
            (inginious, "password_command", "pass show uni"),
            (openedx, "studio_url", "https://studio.example.org"),
            (openedx, "client_id", "app"),
            (openedx, "max_upload", "1000"),
            (stepik, "redirect_port", "8765"),
            (stepik, "shared_lessons", "change"),
            (stepik, "client_secret_store", "keyring"),
        ] {
            written(platform, key, text).unwrap_or_else(|e| panic!("{key}={text}: {e}"));
        }
    }
}
