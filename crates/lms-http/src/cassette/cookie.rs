//! `Set-Cookie` without its value, and as it is given back.

use std::time::SystemTime;

use super::filter::{Filter, Swept};
use super::names;

/// From this length on, a cookie that is not called a secret may be one all the same.
const LONG: usize = 16;

/// The header with another value. Its end is left out, because a recording outlives it; that of a
/// cookie which is taken back stays.
pub(super) fn mask(header: &str, filter: &mut Filter, now: SystemTime) -> String {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next().unwrap_or_default().split_once('=').unwrap_or_default();
    let mut kept = Vec::new();
    let (mut ended, mut lasts) = (false, false);
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        match attribute.to_ascii_lowercase().as_str() {
            "max-age" => match value.trim().parse::<i64>() {
                Ok(seconds) if seconds > 0 => lasts = true,
                _ => ended = true,
            },
            "expires" => ended |= !lasts && httpdate::parse_http_date(value).is_ok_and(|end| end <= now),
            _ => kept.push(part),
        }
    }
    // `Max-Age` counts before `Expires` (RFC 6265, 5.3).
    if ended && !lasts {
        kept.push("Max-Age=0");
    }
    let mut out = format!("{name}={}", filter.secret(value, swept(name, value)));
    for part in kept {
        out.push_str("; ");
        out.push_str(part);
    }
    out
}

/// Remembers the values of a `Cookie` header.
pub(super) fn learn(header: &str, filter: &mut Filter) {
    for (name, value) in header.split("; ").filter_map(|pair| pair.split_once('=')) {
        filter.secret(value, swept(name, value));
    }
}

fn swept(name: &str, value: &str) -> Swept {
    let looks_random = value.len() >= LONG && value.bytes().any(|b| b.is_ascii_digit());
    if names::is_secret(name) || looks_random { Swept::Everywhere } else { Swept::Here }
}

/// The header for a host that was called `then` in the recording: a cookie of its domain becomes the
/// host's own, and one for https alone goes over plain http as well.
pub(super) fn moved(header: &str, same_origin: bool) -> String {
    if same_origin {
        return header.to_owned();
    }
    let attributes = header.split("; ").filter(|part| {
        let part = part.to_ascii_lowercase();
        part != "secure" && !part.starts_with("domain=")
    });
    attributes.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cassette::filter::Mode;

    #[test]
    fn only_name_and_place_of_a_cookie_stay() {
        let mut filter = Filter::new(Mode::Record);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_756_684_800);
        for (header, expected) in [
            ("sessionid=abc; Path=/; HttpOnly; Max-Age=60", "sessionid=secret-1; Path=/; HttpOnly"),
            ("a=abc; expires=Thu, 01 Jan 2099 00:00:00 GMT; Secure", "a=secret-1; Secure"),
            ("a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", "a=secret-2; Path=/; Max-Age=0"),
            ("a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=5", "a=secret-2"),
            ("a=\"\"; Max-Age=0", "a=secret-3; Max-Age=0"),
            ("a=", "a="),
        ] {
            assert_eq!(mask(header, &mut filter, now), expected);
        }
        assert_eq!(moved("a=secret-1; Secure; Domain=x.org; Path=/", false), "a=secret-1; Path=/");
        assert_eq!(moved("a=secret-1; Secure", true), "a=secret-1; Secure");
    }
}
