//! Misbehaviour on demand.

use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a server misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Answers 429 before handling, with `Retry-After` in seconds when given.
    TooManyRequests {
        /// Value of the `Retry-After` header in seconds; `None` leaves the header out.
        retry_after: Option<u32>,
    },
    /// Answers this status with an HTML body before handling.
    Status(u16),
    /// Answers 502 with the HTML page of a reverse proxy before handling.
    HtmlBadGateway,
    /// Closes the connection before handling: nothing happened on the server.
    DropConnection,
    /// Handles the request, then closes the connection: it happened, but the client cannot know.
    DropAfterCommit,
    /// The token of the request is thrown away as if it had expired.
    ExpireToken,
    /// A page that has a successor comes back with no objects.
    EmptyMiddlePage,
    /// The link to the next page leads to the same page again.
    RepeatCursor,
    /// Waits this long before handling.
    Slow(Duration),
    /// Handles the request, then waits this long before it answers.
    SlowAfterCommit(Duration),
    /// A planted defect: any client secret or password is taken. A suite that does not notice it proves nothing.
    AcceptWrongSecret,
}

/// One armed fault: what, for which requests, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// How the server misbehaves.
    pub kind: FaultKind,
    /// Only requests whose path starts with this; `None` for all.
    pub path: Option<String>,
    /// Only requests with this method (capitals); `None` for all.
    pub method: Option<String>,
    /// How many times it fires; [`FaultRule::ALWAYS`] never ends.
    pub times: u32,
    /// How many matching requests pass unharmed first.
    pub after: u32,
}

impl FaultRule {
    /// Value of [`times`](Self::times) for a fault that never ends.
    pub const ALWAYS: u32 = u32::MAX;

    /// A fault that fires once, on the next request of any path and method.
    pub fn once(kind: FaultKind) -> Self {
        Self { kind, path: None, method: None, times: 1, after: 0 }
    }

    /// Limits the fault to paths that start with `prefix`.
    #[must_use]
    pub fn on_path(self, prefix: impl Into<String>) -> Self {
        Self { path: Some(prefix.into()), ..self }
    }

    /// Limits the fault to one method.
    #[must_use]
    pub fn on_method(self, method: impl Into<String>) -> Self {
        Self { method: Some(method.into().to_uppercase()), ..self }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|m| m == method)
            && self.path.as_deref().is_none_or(|prefix| path.starts_with(prefix))
    }
}

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{spec}` is not a fault: {what}. Write KIND[:key=value]…, KIND one of 429, any status 400-599, drop, \
     drop-after-commit, expire-token, empty-page, repeat-cursor, slow, slow-after-commit, accept-wrong-secret; keys path, method, \
     times (a number or `always`), after, retry-after (seconds), ms"
)]
pub struct ParseFaultError {
    spec: String,
    what: String,
}

impl FromStr for FaultRule {
    type Err = ParseFaultError;

    /// Reads `KIND[:key=value]…`, for example `429:retry-after=1:times=2:path=/api/steps`.
    ///
    /// # Errors
    /// The kind or a key is unknown, or a value is not a number.
    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        let fail = |what: String| ParseFaultError { spec: spec.to_owned(), what };
        let mut parts = spec.split(':');
        let kind = parts.next().unwrap_or_default();
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for part in parts {
            match (part.split_once('='), pairs.last_mut()) {
                (Some((key, value)), _) => pairs.push((key, value.to_owned())),
                // A path may hold colons itself: course-v1:Org+Course+Run.
                (None, Some((_, value))) => value.push_str(&format!(":{part}")),
                (None, None) => return Err(fail(format!("`{part}` has no value"))),
            }
        }
        let number = |key: &str, value: &str| {
            value.parse::<u32>().map_err(|_| fail(format!("`{key}={value}` is not a whole number")))
        };
        let (mut path, mut method, mut times, mut after) = (None, None, None, 0);
        let (mut retry_after, mut milliseconds) = (None, None);
        for (key, value) in &pairs {
            match *key {
                "path" => path = Some(value.clone()),
                "method" => method = Some(value.to_uppercase()),
                "times" if value == "always" => times = Some(FaultRule::ALWAYS),
                "times" => times = Some(number(key, value)?),
                "after" => after = number(key, value)?,
                "retry-after" => retry_after = Some(number(key, value)?),
                "ms" => milliseconds = Some(number(key, value)?),
                _ => return Err(fail(format!("unknown key `{key}`"))),
            }
        }
        let kind = match kind {
            "429" => FaultKind::TooManyRequests { retry_after },
            "502" => FaultKind::HtmlBadGateway,
            "drop" => FaultKind::DropConnection,
            "drop-after-commit" => FaultKind::DropAfterCommit,
            "expire-token" => FaultKind::ExpireToken,
            "empty-page" => FaultKind::EmptyMiddlePage,
            "repeat-cursor" => FaultKind::RepeatCursor,
            "slow" => FaultKind::Slow(Duration::from_millis(milliseconds.unwrap_or(1000).into())),
            "slow-after-commit" => {
                FaultKind::SlowAfterCommit(Duration::from_millis(milliseconds.unwrap_or(1000).into()))
            }
            "accept-wrong-secret" => FaultKind::AcceptWrongSecret,
            other => match other.parse::<u16>() {
                Ok(status @ 400..=599) => FaultKind::Status(status),
                _ => return Err(fail(format!("unknown kind `{other}`"))),
            },
        };
        let lasting = matches!(kind, FaultKind::AcceptWrongSecret);
        let times = times.unwrap_or(if lasting { FaultRule::ALWAYS } else { 1 });
        Ok(Self { kind, path, method, times, after })
    }
}

/// The dial of a running server. Clones turn the same dial.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<FaultRule>>>,
    /// How many requests came to a wait so far.
    held: Arc<AtomicUsize>,
}

/// A fault that a platform's own handler must act out, because only it knows tokens and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    ExpireToken,
    EmptyMiddlePage,
    RepeatCursor,
    AcceptWrongSecret,
}

impl FaultKind {
    fn effect(&self) -> Option<Effect> {
        match self {
            Self::ExpireToken => Some(Effect::ExpireToken),
            Self::EmptyMiddlePage => Some(Effect::EmptyMiddlePage),
            Self::RepeatCursor => Some(Effect::RepeatCursor),
            Self::AcceptWrongSecret => Some(Effect::AcceptWrongSecret),
            _ => None,
        }
    }
}

impl Faults {
    /// Arms one more fault. Rules are tried in the order they were armed; the first that matches fires.
    pub fn inject(&self, rule: FaultRule) {
        self.lock().push(rule);
    }

    /// How many requests have come so far to where [`FaultKind::Slow`] or [`FaultKind::SlowAfterCommit`] makes them
    /// wait: whoever wants to end a client in the middle of a request knows by this when that is.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Acquire)
    }

    pub(crate) fn hold(&self) {
        self.held.fetch_add(1, Ordering::AcqRel);
    }

    /// Disarms all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The transport fault that this request meets, if any. Uses it up.
    pub(crate) fn take_transport(&self, method: &str, path: &str) -> Option<FaultKind> {
        self.take(method, path, |kind| kind.effect().is_none())
    }

    /// Whether this request meets the fault `effect`. Uses it up, so ask only where the effect would really show.
    pub(crate) fn fires(&self, effect: Effect, method: &str, path: &str) -> bool {
        self.take(method, path, |kind| kind.effect() == Some(effect)).is_some()
    }

    fn take(&self, method: &str, path: &str, wanted: impl Fn(&FaultKind) -> bool) -> Option<FaultKind> {
        let mut rules = self.lock();
        for rule in rules.iter_mut().filter(|r| r.times > 0 && wanted(&r.kind) && r.matches(method, path)) {
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            if rule.times != FaultRule::ALWAYS {
                rule.times -= 1;
            }
            return Some(rule.kind.clone());
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<FaultRule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_documented_forms() {
        let rule: FaultRule = "429:retry-after=1:times=2:path=/api/steps".parse().unwrap();
        assert_eq!(rule.kind, FaultKind::TooManyRequests { retry_after: Some(1) });
        assert_eq!((rule.times, rule.path.as_deref()), (2, Some("/api/steps")));
        let rule: FaultRule = "drop:path=/courses/course-v1:Org+C+R:method=post".parse().unwrap();
        assert_eq!(rule.path.as_deref(), Some("/courses/course-v1:Org+C+R"));
        assert_eq!(rule.method.as_deref(), Some("POST"));
        assert_eq!("503".parse::<FaultRule>().unwrap().kind, FaultKind::Status(503));
        assert_eq!("accept-wrong-secret".parse::<FaultRule>().unwrap().times, FaultRule::ALWAYS);
        for bad in ["", "200", "nonsense", "429:times=x", "drop:colour=red", "drop:path"] {
            assert!(bad.parse::<FaultRule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_skips_then_fires_then_ends() {
        let faults = Faults::default();
        faults.inject(FaultRule { after: 1, ..FaultRule::once(FaultKind::HtmlBadGateway).on_path("/a") });
        assert_eq!(faults.take_transport("GET", "/b"), None);
        assert_eq!(faults.take_transport("GET", "/a/1"), None);
        assert_eq!(faults.take_transport("GET", "/a/1"), Some(FaultKind::HtmlBadGateway));
        assert_eq!(faults.take_transport("GET", "/a/1"), None);
    }

    #[test]
    fn an_effect_is_left_for_the_handler() {
        let faults = Faults::default();
        faults.inject(FaultRule::once(FaultKind::ExpireToken));
        assert_eq!(faults.take_transport("GET", "/a"), None);
        assert!(faults.fires(Effect::ExpireToken, "GET", "/a"));
        assert!(!faults.fires(Effect::ExpireToken, "GET", "/a"));
    }
}
