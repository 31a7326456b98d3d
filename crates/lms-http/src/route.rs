//! Where a request goes, and how that is called in logs: ids fill the one and stay out of the other.

use std::borrow::Cow;
use std::fmt::{self, Write};

use lms_core::{Error, Result};

use crate::path_segment;

/// A path below a client's address, made from a template: `/api/courses/{id}`.
///
/// Logs, spans, observers and errors show the template, so that calls can be counted by what they are
/// and no name or address of a person that stands in a path is written down.
///
/// ```
/// use lms_http::Route;
///
/// let route = Route::new("/api/user/v1/accounts/{username}").id("ada@example.org");
/// assert_eq!(route.template(), "/api/user/v1/accounts/{username}");
/// ```
#[derive(Clone)]
pub struct Route {
    template: Cow<'static, str>,
    /// How far the template is used up: a place that is still to be filled begins here, or it is the end.
    at: usize,
    path: String,
    /// An id came for which the template has no place.
    over: bool,
}

impl Route {
    /// Begins with a template. Each `{name}` in it is a place for one id, to be filled in order; a route
    /// with empty places is refused when it is to be sent.
    pub fn new(template: &'static str) -> Self {
        let path = String::with_capacity(template.len() + 16);
        let mut route = Self { template: Cow::Borrowed(template), at: 0, path, over: false };
        route.advance();
        route
    }

    /// Fills the next place with an id, escaped as one segment ([`path_segment`]).
    #[must_use]
    pub fn id(mut self, id: impl fmt::Display) -> Self {
        match self.place() {
            Some(length) => {
                self.path.push_str(&path_segment(&id.to_string()));
                self.at += length;
                self.advance();
            }
            None => self.over = true,
        }
        self
    }

    /// Fills the next place with a word that belongs to the route itself, such as the name of an
    /// endpoint: it is shown where the template is shown.
    #[must_use]
    pub fn word(mut self, word: &'static str) -> Self {
        match self.place() {
            Some(length) => {
                self.template.to_mut().replace_range(self.at..self.at + length, word);
                self.path.push_str(word);
                self.at += word.len();
                self.advance();
            }
            None => self.over = true,
        }
        self
    }

    /// An address that is known only when the program runs: a link in an answer (absolute, of the same
    /// origin), or a caller's own call. Its template shows the words that look like an endpoint's
    /// (lower-case letters, `v1`) and `{}` for all other segments.
    pub fn given(path: impl Into<String>) -> Self {
        let path = path.into();
        let template: Cow<'static, str> = Cow::Owned(shape(&path));
        Self { at: template.len(), template, path, over: false }
    }

    /// How the route is called in logs.
    pub fn template(&self) -> &str {
        self.template.get(..bare(&self.template)).unwrap_or_default()
    }

    fn rest(&self) -> &str {
        self.template.get(self.at..).unwrap_or_default()
    }

    /// Takes over what stands before the next place.
    fn advance(&mut self) {
        let end = self.rest().find('{').unwrap_or(self.rest().len());
        self.path.push_str(self.template.get(self.at..self.at + end).unwrap_or_default());
        self.at += end;
    }

    /// The length of the place that is to be filled now, braces included.
    fn place(&self) -> Option<usize> {
        self.rest().find('}').map(|close| close + 1)
    }

    /// The path with all places filled, and the template.
    pub(crate) fn finish(self) -> Result<(String, Cow<'static, str>)> {
        if self.over || self.at < self.template.len() {
            return Err(Error::invalid("a route has more places than ids, or more ids than places")
                .on(self.template()));
        }
        let mut template = self.template;
        let end = bare(&template);
        if end < template.len() {
            template.to_mut().truncate(end);
        }
        Ok((self.path, template))
    }
}

impl From<&'static str> for Route {
    /// A route without ids. What is put together when the program runs must say what of it is an id
    /// ([`Route::new`]), or that nobody knows ([`Route::given`]).
    fn from(path: &'static str) -> Self {
        Self::new(path)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.template()).finish()
    }
}

/// Where the query of a template begins: its values may be somebody's, and are shown apart and masked.
fn bare(template: &str) -> usize {
    template.find(['?', '#']).unwrap_or(template.len())
}

/// The path of an address without what may be somebody's.
fn shape(path: &str) -> String {
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    let bare = match bare.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => bare,
    };
    let mut out = String::with_capacity(bare.len());
    for (n, segment) in bare.split('/').enumerate() {
        if n > 0 {
            out.push('/');
        }
        match segment {
            "" => {}
            segment if is_word(segment) => out.push_str(segment),
            _ => {
                let _ = write!(out, "{{}}");
            }
        }
    }
    out
}

fn is_word(segment: &str) -> bool {
    let version =
        segment.strip_prefix('v').is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()));
    version || segment.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(route: Route) -> (String, String) {
        let (path, template) = route.finish().expect("a whole route");
        (path, template.into_owned())
    }

    #[test]
    fn ids_are_escaped_in_the_path_and_left_out_of_the_template() {
        let route = Route::new("/api/{endpoint}/{id}/tasks").word("courses").id("a/b é");
        assert_eq!(
            made(route),
            ("/api/courses/a%2Fb%20%C3%A9/tasks".to_owned(), "/api/courses/{id}/tasks".to_owned())
        );
        assert_eq!(made(Route::new("/x/{id}").id(7)).0, "/x/7");
        assert_eq!(made("/api/courses".into()).1, "/api/courses");
        let (path, template) = made("/api/users?email=ada%40example.org".into());
        assert_eq!((path.as_str(), template.as_str()), ("/api/users?email=ada%40example.org", "/api/users"));
        let (_, template) = made(Route::new("/api/{endpoint}/{id}?x={y}").word("users").id(1).id(2));
        assert_eq!(template, "/api/users/{id}");
        let with_query = Route::new("/api/users/{id}?code=canary").id(7);
        assert!(!format!("{with_query:?}").contains("canary"));
        assert_eq!(made(with_query), ("/api/users/7?code=canary".to_owned(), "/api/users/{id}".to_owned()));
    }

    #[test]
    fn places_and_ids_must_match() {
        for route in [
            Route::new("/x/{id}"),
            Route::new("/x/{a}/{b}").id(1),
            Route::new("/x").id(1),
            Route::new("/x/{id}").id("{id}").id(2),
        ] {
            assert!(route.clone().finish().is_err(), "{route:?}");
        }
    }

    #[test]
    fn an_id_that_looks_like_a_place_is_none() {
        assert_eq!(made(Route::new("/x/{a}/{b}").id("{b}").id(2)).0, "/x/%7Bb%7D/2");
    }

    #[test]
    fn addresses_that_are_given_show_their_words_only() {
        for (path, template) in [
            ("https://x.example/api/courses/v1/courses/?page=2&email=a%40b", "/api/courses/v1/courses/"),
            ("/api/user/v1/accounts/Ada?x=1", "/api/user/v1/accounts/{}"),
            ("/asset-v1:O+C+R+type@asset+block/a.png", "/{}/{}"),
            ("https://x.example", "/"),
            ("", ""),
        ] {
            assert_eq!(Route::given(path).template(), template);
        }
    }
}
