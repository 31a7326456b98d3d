//! Which headers are written.

use reqwest::header::HeaderMap;

use super::filter::{Depth, Filter, Swept};
use super::names;

/// Headers that say what is asked for. Everything else of a request is left out.
const REQUEST: [&str; 8] =
    ["accept", "accept-language", "depth", "destination", "if-match", "if-none-match", "overwrite", "range"];

/// Headers of a response that a client acts upon.
const RESPONSE: [&str; 20] = [
    "accept-ranges",
    "allow",
    "content-disposition",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "dav",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "content-location",
];

pub(super) fn is_kept_of_request(name: &str) -> bool {
    REQUEST.contains(&name)
}

pub(super) fn is_kept_of_answer(name: &str) -> bool {
    RESPONSE.contains(&name)
}

pub(super) fn filter(name: &str, value: &str, filter: &mut Filter) -> String {
    match name {
        "location" | "content-location" | "destination" => filter.address(value),
        _ => filter.value(name, value, Depth::Usual),
    }
}

/// Remembers what a request proves itself with, so that it is found elsewhere.
pub(super) fn learn(headers: &HeaderMap, filter: &mut Filter) {
    for (name, value) in headers {
        let Some(value) = value.to_str().ok().filter(|_| names::is_secret(name.as_str())) else { continue };
        let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
        filter.secret(token, Swept::Everywhere);
        if scheme.eq_ignore_ascii_case("basic") {
            for part in basic(token).iter().flat_map(|pair| pair.split_once(':')).map(|(_, secret)| secret) {
                filter.secret(part, Swept::Everywhere);
            }
        }
    }
}

/// Name and password of HTTP Basic.
fn basic(token: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(token).ok()?;
    String::from_utf8(bytes).ok()
}
