//! The settings of a remote by name.

use lms::inginious::InginiousKey;
use lms::openedx::OpenEdxKey;
use lms::stepik::StepikKey;
use lms_core::Platform;

/// Settings of the command, not of a platform.
pub(crate) const PLATFORM: &str = "platform";
/// How to sign in; see [`super::Way`].
pub(crate) const SIGN_IN: &str = "sign_in";
/// Where tokens are kept; see [`super::Tokens`].
pub(crate) const TOKENS: &str = "tokens";
/// The port on which `lms login` waits for the browser.
pub(crate) const REDIRECT_PORT: &str = "redirect_port";

const OWN: [&str; 4] = [PLATFORM, SIGN_IN, TOKENS, REDIRECT_PORT];

/// What may stand behind a name to say where the value is, instead of what it is.
pub(crate) const ELSEWHERE: [&str; 4] = ["_command", "_file", "_env", "_store"];

/// Settings of a platform, in the order in which people are asked for them.
pub(crate) fn of(platform: Platform) -> Vec<&'static str> {
    match platform {
        Platform::Stepik => StepikKey::ALL.iter().map(|key| key.name()).collect(),
        Platform::OpenEdx => OpenEdxKey::ALL.iter().map(|key| key.name()).collect(),
        Platform::Inginious => InginiousKey::ALL.iter().map(|key| key.name()).collect(),
        _ => Vec::new(),
    }
}

/// Whether a setting must not be shown.
pub(crate) fn is_secret(key: &str) -> bool {
    matches!(key, "client_secret" | "password" | "token" | "refresh_token")
}

/// A value as it may be shown: of an address, what could be a secret is left out (a name and password, a query).
pub(crate) fn shown(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else { return text.to_owned() };
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_plain || url.host().is_none() {
        return text.to_owned();
    }
    // Of an address with a host, names can be taken out.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    format!("{url} (the rest is hidden)")
}

/// The setting's name without what says where the value is, and that.
pub(crate) fn split(key: &str) -> (&str, Option<&'static str>) {
    ELSEWHERE
        .into_iter()
        .find_map(|suffix| Some((key.strip_suffix(suffix)?, Some(suffix))))
        .unwrap_or((key, None))
}

/// Whether a remote of this platform may have the setting.
pub(crate) fn is_known(platform: Platform, key: &str) -> bool {
    OWN.contains(&key) || of(platform).contains(&split(key).0)
}

/// The name that was probably meant.
pub(crate) fn nearest(platform: Platform, key: &str) -> Option<String> {
    let (base, suffix) = split(key);
    let known = of(platform).into_iter().chain(OWN);
    nearest_of(base, known).map(|name| format!("{name}{}", suffix.unwrap_or_default()))
}

/// Of these names, the one that was probably meant.
pub(crate) fn nearest_of<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(written, name);
    let near = |name: &&str| {
        distance(name) <= 1 + written.chars().count() / 4 || (written.len() > 2 && name.starts_with(written))
    };
    known.into_iter().filter(near).min_by_key(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_documented() {
        let page = include_str!("../../../../docs/configuration.md");
        for (platform, title) in [
            (Platform::Stepik, "## Stepik"),
            (Platform::OpenEdx, "## Open edX"),
            (Platform::Inginious, "## INGInious"),
        ] {
            let (_, part) = page.split_once(title).expect("a part for each platform");
            let part = part.split("\n## ").next().unwrap_or_default();
            for key in of(platform) {
                assert!(part.contains(&format!("`{key}`")), "{title}: {key}");
            }
        }
        for key in OWN {
            assert!(page.contains(&format!("| `{key}` |")), "{key}");
        }
    }

    #[test]
    fn what_was_meant_is_found() {
        assert_eq!(nearest(Platform::Stepik, "client_idd").as_deref(), Some("client_id"));
        assert_eq!(nearest(Platform::OpenEdx, "lms_ulr").as_deref(), Some("lms_url"));
        assert_eq!(nearest(Platform::Inginious, "pasword_command").as_deref(), Some("password_command"));
        assert_eq!(nearest(Platform::Stepik, "colour"), None);
    }

    #[test]
    fn a_setting_may_say_where_its_value_is() {
        assert_eq!(split("client_secret_command"), ("client_secret", Some("_command")));
        assert_eq!(split("password"), ("password", None));
        assert!(is_known(Platform::Stepik, "password_store") && !is_known(Platform::Stepik, "lms_url"));
    }
}
