//! A jar for session cookies that prints none of them.

use std::fmt;
use std::sync::Arc;

use lms_core::Secret;
use reqwest::cookie::{CookieStore, Jar};
use url::Url;

/// Cookies of one account, by domain and path. Clones share the jar.
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Jar>);

impl CookieJar {
    /// An empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the cookie `name` that would be sent to `url`.
    pub fn get(&self, url: &Url, name: &str) -> Option<Secret> {
        let header = self.0.cookies(url)?;
        let value = header.to_str().ok()?.split("; ").find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then_some(value)
        })?;
        Some(Secret::new(value))
    }

    /// Puts a cookie in, as if `url` had set it: `name=value`, and attributes if any.
    pub fn set(&self, url: &Url, cookie: &Secret) {
        self.0.add_cookie_str(cookie.expose(), url);
    }

    pub(crate) fn provider(&self) -> Arc<Jar> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieJar(…)")
    }
}
