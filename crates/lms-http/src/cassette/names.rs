//! Names that say that their value is secret.

/// Parts of such names, without `-` and `_`.
const PARTS: [&str; 15] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "sessionid",
    "sessionkey",
    "csrf",
    "xsrf",
    "authorization",
    "cookie",
    "apikey",
    "accesskey",
    "privatekey",
    "signature",
];

/// Such names in full.
const WHOLE: [&str; 8] = ["pwd", "pass", "session", "sid", "otp", "jwt", "bearer", "auth"];

/// Names of this sort tell something about a secret, and not the secret.
const ABOUT: [&str; 5] = ["type", "expires", "expiresin", "expiresat", "lifetime"];

/// Further ones in the query of an address, where a short word is a choice and a long one a key.
const QUERY: [&str; 7] = ["code", "state", "nonce", "ticket", "sig", "xamzcredential", "assertion"];

/// Shortest value of those.
const LONG: usize = 10;

/// Names in the answer to a sensitive request whose values the protocol needs.
const PROTOCOL: [&str; 13] = [
    "error",
    "errorcode",
    "errordescription",
    "errortype",
    "detail",
    "status",
    "success",
    "tokentype",
    "scope",
    "username",
    "id",
    "uuid",
    "redirecturl",
];

/// Names in a sensitive request that say what is asked for.
const GRANT: [&str; 3] = ["granttype", "tokentype", "scope"];

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_lowercase()
}

/// Whether the value under this name is secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    (PARTS.iter().any(|part| name.contains(part)) || WHOLE.contains(&name.as_str()))
        && !ABOUT.iter().any(|about| name.ends_with(about))
}

/// Whether even a number under this name is secret.
pub(super) fn is_password(name: &str) -> bool {
    let name = plain(name);
    ["password", "passwd", "secret", "otp"].iter().any(|part| name.ends_with(part))
}

/// Whether this value is secret in the query of an address.
pub(super) fn is_secret_in_query(name: &str, value: &str) -> bool {
    is_secret(name) || (QUERY.contains(&plain(name).as_str()) && value.len() >= LONG && !value.contains(' '))
}

/// Whether the value says what a sensitive request asks for, and is no secret.
pub(super) fn is_grant(name: &str) -> bool {
    GRANT.contains(&plain(name).as_str())
}

/// Whether the value is needed in the answer to a sensitive request, and no secret.
pub(super) fn is_protocol(name: &str) -> bool {
    PROTOCOL.contains(&plain(name).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in [
            "access_token",
            "csrfmiddlewaretoken",
            "X-CSRFToken",
            "client_secret",
            "passwd2",
            "x-edx-api-key",
            "sessionid",
            "session",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["token_type", "expires_in", "cursor", "page", "id", "title", "refresh_token_expires_in"]
        {
            assert!(!is_secret(name), "{name}");
        }
        assert!(is_secret_in_query("code", "Zk3jd8fjs93kd"));
        assert!(!is_secret_in_query("state", "published"));
    }
}
