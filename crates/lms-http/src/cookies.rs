//! A jar for session cookies that prints none of them.

use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use lms_core::Secret;
use reqwest::cookie::CookieStore;
use reqwest::header::HeaderValue;
use url::Url;

/// Cookies of one account, by domain and path. Clones share the jar.
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Store>);

impl CookieJar {
    /// An empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the cookie `name` that would be sent to `url`. If there are several, the one that
    /// is sent last, which is the one that Django reads.
    pub fn get(&self, url: &Url, name: &str) -> Option<Secret> {
        self.0.sent_to(url, |pairs| {
            pairs.iter().rfind(|(key, _)| *key == name).map(|(_, value)| Secret::new(*value))
        })
    }

    /// Puts a cookie in, as if `url` had set it: `name=value`, and attributes if any.
    pub fn set(&self, url: &Url, cookie: &Secret) {
        self.0.put(cookie.expose(), url);
    }

    pub(crate) fn provider(&self) -> Arc<impl CookieStore + use<>> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieJar(…)")
    }
}

/// Not reqwest's jar: that one logs the whole cookie at `DEBUG` unless it is marked `Secure`
/// (`cookie_store::CookieStore::store_response_cookies`).
#[derive(Default)]
struct Store(RwLock<cookie_store::CookieStore>);

impl Store {
    fn put(&self, cookie: &str, url: &Url) {
        // One that does not fit, such as for a foreign domain, is left out as browsers do.
        let _ = self.0.write().unwrap_or_else(PoisonError::into_inner).parse(cookie, url);
    }

    /// Names and values in the order in which they are sent: longer paths first (RFC 6265, 5.4), and
    /// those of the whole domain before the host's own.
    fn sent_to<T>(&self, url: &Url, read: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let store = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut cookies = store.matches(url);
        cookies.sort_by_cached_key(|cookie| {
            let own = matches!(cookie.domain, cookie_store::CookieDomain::HostOnly(_));
            (Reverse(cookie.path.len()), own, cookie.name().to_owned())
        });
        let pairs: Vec<_> = cookies.iter().map(|cookie| cookie.name_value()).collect();
        read(&pairs)
    }
}

impl CookieStore for Store {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        for cookie in headers.filter_map(|header| std::str::from_utf8(header.as_bytes()).ok()) {
            self.put(cookie, url);
        }
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let text = self.sent_to(url, |pairs| {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        });
        let mut value = HeaderValue::from_str(&text).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("URL of the test")
    }

    #[test]
    fn cookies_go_where_they_belong_and_the_hosts_own_comes_last() {
        let jar = CookieJar::new();
        let (lms, studio) = (url("https://example.org/"), url("https://studio.example.org/"));
        jar.set(&studio, &Secret::new("csrftoken=own; Path=/"));
        jar.set(&lms, &Secret::new("csrftoken=shared; Domain=example.org; Path=/"));
        jar.set(&lms, &Secret::new("sessionid=lms; Path=/"));
        jar.set(&url("https://example.org/course/"), &Secret::new("deep=1; Path=/course"));
        let sent = |url: &Url| jar.0.cookies(url).map(|v| v.to_str().expect("text").to_owned());
        assert_eq!(sent(&studio).as_deref(), Some("csrftoken=shared; csrftoken=own"));
        assert_eq!(
            sent(&url("https://example.org/course/7")).as_deref(),
            Some("deep=1; csrftoken=shared; sessionid=lms")
        );
        assert_eq!(jar.get(&studio, "csrftoken").expect("there").expose(), "own");
        assert_eq!(jar.get(&lms, "csrftoken").expect("there").expose(), "shared");
        assert!(jar.get(&studio, "sessionid").is_none());
        assert_eq!(sent(&url("https://elsewhere.org/")), None);
    }

    #[test]
    fn a_cookie_that_was_taken_back_or_is_foreign_is_not_sent() {
        let (jar, site) = (CookieJar::new(), url("https://lms.example.org/"));
        jar.set(&site, &Secret::new("sessionid=1"));
        jar.set(&site, &Secret::new("sessionid=; Max-Age=0"));
        jar.set(&site, &Secret::new("other=1; Domain=elsewhere.org"));
        jar.set(&site, &Secret::new("no cookie"));
        assert!(jar.0.cookies(&site).is_none());
    }
}
