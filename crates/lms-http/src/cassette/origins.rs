//! Which host of the recording a host of now stands for.

use std::borrow::Cow;

use url::form_urlencoded;

/// Hosts of now and of the recording, paired in the order in which clients were made for them. A host
/// that was recorded stands for itself.
#[derive(Debug)]
pub(super) struct Origins {
    recorded: Vec<String>,
    pairs: Vec<(String, Option<String>)>,
}

impl Origins {
    pub(super) fn new(recorded: Vec<String>) -> Self {
        Self { recorded, pairs: Vec::new() }
    }

    pub(super) fn register(&mut self, now: &str) {
        if self.pairs.iter().any(|(known, _)| known == now) {
            return;
        }
        let at = self.pairs.len();
        let then = self.recorded.iter().find(|then| *then == now).or_else(|| self.recorded.get(at));
        self.pairs.push((now.to_owned(), then.cloned()));
    }

    /// The origin of the recording; `None` for a client's origin that has none.
    pub(super) fn then<'a>(&'a self, now: &'a str) -> Option<&'a str> {
        match self.pairs.iter().find(|(known, _)| known == now) {
            Some((_, then)) => then.as_deref(),
            None => Some(now),
        }
    }

    /// Text of now with the origins of then.
    pub(super) fn text_then<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.retarget(text, |now, then| (now, then))
    }

    /// Text of then with the origins of now.
    pub(super) fn text_now<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.retarget(text, |now, then| (then, now))
    }

    fn retarget<'a, 'o>(
        &'o self,
        text: &'a str,
        direct: impl Fn(&'o str, &'o str) -> (&'o str, &'o str),
    ) -> Cow<'a, str> {
        let mut pairs = Vec::new();
        for (now, then) in &self.pairs {
            let Some(then) = then.as_deref().filter(|then| then != now) else { continue };
            let (from, to) = direct(now, then);
            pairs.push((from.to_owned(), to.to_owned()));
            pairs.push((escape(from), escape(to)));
        }
        let mut out = String::new();
        let mut rest = text;
        // All at once: one host may be another's port.
        while let Some((at, from, to)) = first(rest, &pairs) {
            let (head, tail) = rest.split_at(at);
            out.push_str(head);
            out.push_str(to);
            rest = tail.get(from.len()..).unwrap_or_default();
        }
        if out.is_empty() && rest.len() == text.len() {
            return Cow::Borrowed(text);
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// Where the first of them stands as a whole origin.
fn first<'p>(text: &str, pairs: &'p [(String, String)]) -> Option<(usize, &'p str, &'p str)> {
    let places = pairs.iter().filter_map(|(from, to)| {
        let mut hits = text.match_indices(from.as_str()).map(|(at, _)| at);
        let at = hits.find(|at| {
            let next = text.get(at + from.len()..).and_then(|tail| tail.chars().next());
            !next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'))
        })?;
        Some((at, from.as_str(), to.as_str()))
    });
    places.min_by_key(|(at, ..)| *at)
}

fn escape(origin: &str) -> String {
    form_urlencoded::byte_serialize(origin.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_paired_in_order_and_changed_at_once() {
        let mut origins = Origins::new(["http://h:1", "http://h:2"].map(str::to_owned).to_vec());
        for now in ["http://h:3", "http://h:1x", "http://h:3"] {
            origins.register(now);
        }
        assert_eq!(origins.then("http://h:3"), Some("http://h:1"));
        assert_eq!(origins.then("http://elsewhere"), Some("http://elsewhere"));
        let mut swapped = Origins::new(["http://h:1", "http://h:2"].map(str::to_owned).to_vec());
        swapped.register("http://h:5");
        swapped.register("http://h:6");
        assert_eq!(
            swapped.text_now("http://h:1/a http://h:2?n=http%3A%2F%2Fh%3A1"),
            "http://h:5/a http://h:6?n=http%3A%2F%2Fh%3A5"
        );
        assert_eq!(swapped.text_then("http://h:5/a http://h:55/"), "http://h:1/a http://h:55/");
    }

    #[test]
    fn a_recorded_host_stands_for_itself_and_one_too_many_for_none() {
        let mut origins = Origins::new(["https://a", "https://b"].map(str::to_owned).to_vec());
        for now in ["https://b", "https://a", "https://c"] {
            origins.register(now);
        }
        assert_eq!(origins.then("https://b"), Some("https://b"));
        assert_eq!(origins.then("https://c"), None);
        assert_eq!(origins.text_now("https://a https://b"), "https://a https://b");
    }
}
