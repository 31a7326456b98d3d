//! The loop around an attempt: credentials, retry, and what becomes of a failure.

use std::error::Error as StdError;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use lms_core::{Error, ErrorKind, Result, Retry};
use tracing::Instrument;
use tracing::field::Empty;

use crate::client::Inner;
use crate::request::Request;
use crate::response::{Body, Origin};
use crate::retry::{self, Seen, Verdict};
use crate::transport::{self, Failure, Raw};
use crate::{Answer, Client, Dialect, Outgoing, PlainDialect, RequestEvent, redact};

/// Query values that tell nothing about anybody.
const OPEN_QUERY: [&str; 4] = ["page", "page_size", "ids[]", "ids%5B%5D"];

/// How long the gate may hold a request back, in turns; each turn is a pause the server asked for.
const TURNS: u32 = 100;

pub(crate) async fn run(client: &Client, request: &Request) -> Result<crate::Response> {
    let client = &*client.0;
    let origin = Origin {
        platform: client.platform,
        operation: if request.operation.is_empty() { "request" } else { request.operation },
        resource: request.resource.clone().unwrap_or_else(|| format!("{} {}", request.method, request.route)),
        sensitive: request.sensitive,
        safety: request.safety,
    };
    let span = tracing::info_span!(
        "http",
        platform = %client.platform,
        operation = origin.operation,
        method = %request.method,
        route = &*request.route,
        query = request.url.query().map(|query| redact::redact_query(query, &OPEN_QUERY)),
        status = Empty,
        attempts = Empty,
        waited_ms = Empty,
        bytes = Empty,
    );
    let call = Call { client, request, started: OnceLock::new(), waited: AtomicU64::new(0) };
    let answer = call.run().instrument(span.clone()).await;
    span.record("waited_ms", call.waited.load(Ordering::Relaxed));
    match answer {
        Ok(raw) => Ok(crate::Response {
            status: raw.status,
            headers: raw.headers,
            url: raw.url,
            body: raw.body,
            origin,
        }),
        Err(error) => Err(origin.unread(error)),
    }
}

struct Call<'a> {
    client: &'a Inner,
    request: &'a Request,
    started: OnceLock<SystemTime>,
    /// Milliseconds that were spent waiting: for turns, and between attempts.
    waited: AtomicU64,
}

/// What one attempt brought, and the error to give if it was the last.
struct Outcome {
    seen: Seen,
    error: Option<Error>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    status: Option<u16>,
    request_id: Option<String>,
}

impl Call<'_> {
    async fn run(&self) -> Result<Raw> {
        let mut attempt = 1;
        let mut replayed = false;
        loop {
            let (result, outgoing, sent) = {
                self.pass_quota().await?;
                // Without a slot in hand: the credential may have to send requests of its own, on the same
                // lane.
                let outgoing = self.outgoing().await?;
                let _permit = self.client.lane.slot().await;
                // With the slot in hand: requests still in the queue must not run into a limit that
                // those before them have met already.
                self.pause(self.client.lane.turn(self.client.clock.now())).await;
                // The wait for a turn is our own doing and does not count against the call.
                self.started.get_or_init(|| self.client.clock.now());
                self.pass_gate().await?;
                let time = self.per_attempt().min(self.time_left());
                if time.is_zero() {
                    return Err(Error::new(ErrorKind::Timeout, "no time was left to send the request"));
                }
                let sent = self.client.clock.now();
                let result = transport::attempt(self.client, self.request, outgoing.as_ref(), time).await;
                (result, outgoing, sent)
            };
            let (raw, outcome) = match result {
                Ok(raw) => {
                    let outcome = self.read(&raw);
                    (Some(raw), outcome)
                }
                Err(Failure::Refused(error)) => {
                    self.tell(error.status(), attempt, None, 0);
                    return Err(error);
                }
                Err(failure) => (None, failed(failure)),
            };
            let bytes = match raw.as_ref().map(|raw| &raw.body) {
                Some(Body::Whole(bytes)) => bytes.len() as u64,
                Some(Body::Live(_)) | None => 0,
            };
            self.learn(&outcome, sent);
            let verdict = self.judge(&outcome, attempt);
            match (verdict, raw, outcome.error.as_ref().map(Error::kind)) {
                (Verdict::Take, Some(raw), None) => {
                    self.tell(outcome.status, attempt, None, bytes);
                    return Ok(raw);
                }
                (Verdict::Again(wait), ..) => {
                    self.tell(outcome.status, attempt, Some(wait), bytes);
                    if outcome.is_throttled() {
                        self.client.lane.close(self.client.clock.now() + wait);
                    }
                    self.pause(wait).await;
                    attempt += 1;
                }
                (Verdict::Take, _, Some(ErrorKind::Unauthenticated))
                    if !replayed && self.renewed(&outgoing).await =>
                {
                    self.tell(outcome.status, attempt, Some(Duration::ZERO), bytes);
                    replayed = true;
                }
                (verdict, ..) => {
                    self.tell(outcome.status, attempt, None, bytes);
                    return Err(outcome.into_error(verdict, attempt));
                }
            }
        }
    }

    /// Waits for the limits of the platform on this operation.
    async fn pass_quota(&self) -> Result<()> {
        match self.client.lane.quota(self.request.operation, self.client.clock.now()) {
            Ok(wait) => {
                self.pause(wait).await;
                Ok(())
            }
            Err(wait) => Err(Error::new(
                ErrorKind::RateLimited,
                "the platform takes no more of these for now; nothing was sent",
            )
            .with_retry(Retry::After(wait))),
        }
    }

    /// Waits while the server wants to be left alone.
    async fn pass_gate(&self) -> Result<()> {
        for _ in 0..TURNS {
            let Some(wait) = self.client.lane.closed(self.client.clock.now()) else { return Ok(()) };
            if wait > self.time_left() {
                let error = Error::new(ErrorKind::RateLimited, "the platform asked all requests to wait");
                return Err(error.with_retry(Retry::After(wait)));
            }
            self.pause(wait).await;
        }
        Err(Error::new(ErrorKind::RateLimited, "the platform keeps asking requests to wait"))
    }

    async fn pause(&self, wait: Duration) {
        if !wait.is_zero() {
            self.waited.fetch_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
            self.client.clock.sleep(wait).await;
        }
    }

    /// Lets pace and budget know how it went.
    fn learn(&self, outcome: &Outcome, sent: SystemTime) {
        let now = self.client.clock.now();
        match outcome.seen {
            Seen::Throttled { .. } | Seen::Answer { status: 503, .. } => {
                self.client.lane.overloaded(sent, now);
            }
            Seen::Answer { status: 0..500, .. } => {
                self.client.lane.succeeded(now);
                self.client.budget.earn();
            }
            Seen::Answer { .. } | Seen::NotSent | Seen::Lost | Seen::TimedOut => {}
        }
        // A pause beyond patience is about this operation (so many accounts a week), not about the server.
        let asked = outcome.asked_pause().filter(|pause| *pause <= self.client.retry.patience);
        if let Some(pause) = asked {
            self.client.lane.close(now + pause);
        }
    }

    async fn outgoing(&self) -> Result<Option<Outgoing>> {
        let Some(credential) = self.client.credential.as_ref().filter(|_| !self.request.anonymous) else {
            return Ok(None);
        };
        let mut outgoing = Outgoing::new(self.request.method, self.request.url.clone());
        credential.apply(&mut outgoing).await?;
        Ok(Some(outgoing))
    }

    /// Whether the credential has something better than what was refused.
    async fn renewed(&self, sent: &Option<Outgoing>) -> bool {
        match (&self.client.credential, sent) {
            (Some(credential), Some(sent)) => credential.rejected(sent).await,
            _ => false,
        }
    }

    fn per_attempt(&self) -> Duration {
        self.request.per_attempt.unwrap_or(self.client.limits.per_attempt)
    }

    fn time_left(&self) -> Duration {
        let now = self.client.clock.now();
        let started = self.started.get().copied().unwrap_or(now);
        let spent = now.duration_since(started).unwrap_or_default();
        let overall = self.client.limits.overall.max(self.request.per_attempt.unwrap_or_default());
        overall.saturating_sub(spent)
    }

    fn read(&self, raw: &Raw) -> Outcome {
        let status = raw.status;
        let request_id = raw.headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(redact::bounded);
        let body = match &raw.body {
            Body::Whole(bytes) => bytes,
            Body::Live(_) => {
                let seen = Seen::Answer { status, retry_after: None };
                return Outcome { seen, error: None, source: None, status: Some(status), request_id };
            }
        };
        let answer = Answer {
            status,
            headers: &raw.headers,
            body,
            operation: self.request.operation,
            now: self.client.clock.now(),
            sensitive: self.request.sensitive,
        };
        let expected = self.request.expected.contains(&status);
        let throttled = if expected { None } else { self.client.dialect.throttled(&answer) };
        let error = match (expected, throttled) {
            (true, _) => None,
            // No dialect can make a success of these by overlooking them.
            (false, _) if status >= 400 => {
                self.client.dialect.read(&answer).or_else(|| PlainDialect.read(&answer))
            }
            (false, None) => self.client.dialect.read(&answer),
            (false, Some(_)) => self.client.dialect.read(&answer).or_else(|| {
                Some(Error::new(ErrorKind::RateLimited, "the platform asked for fewer requests"))
            }),
        };
        let seen = match throttled {
            Some(retry_after) => Seen::Throttled { retry_after },
            None => Seen::Answer { status, retry_after: answer.retry_after() },
        };
        Outcome { seen, error, source: None, status: Some(status), request_id }
    }

    fn judge(&self, outcome: &Outcome, attempt: u32) -> Verdict {
        let definite = match (outcome.seen, outcome.error.as_ref().map(Error::kind)) {
            (Seen::Answer { .. }, None) => true,
            (Seen::Answer { status: 500..=599, .. }, Some(kind)) => !matches!(
                kind,
                ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Protocol | ErrorKind::OutcomeUnknown
            ),
            _ => false,
        };
        if definite {
            return Verdict::Take;
        }
        let verdict =
            retry::decide(self.request.safety, outcome.seen, attempt, &self.client.retry, retry::jitter());
        match verdict {
            Verdict::Again(wait) if wait >= self.time_left() => Verdict::Fail(outcome.last_kind()),
            Verdict::Again(_) if !outcome.is_throttled() && !self.client.budget.spend() => {
                Verdict::Fail(outcome.last_kind())
            }
            verdict => verdict,
        }
    }

    fn tell(&self, status: Option<u16>, attempt: u32, wait: Option<Duration>, bytes: u64) {
        tracing::debug!(
            status,
            attempt,
            wait_ms = wait.map(|wait| wait.as_millis() as u64),
            bytes,
            "attempt"
        );
        let span = tracing::Span::current();
        span.record("attempts", attempt).record("bytes", bytes);
        if let Some(status) = status {
            span.record("status", status);
        }
        if let Some(observer) = &self.client.observer {
            observer.request(&RequestEvent {
                method: self.request.method,
                route: self.request.route.clone().into_owned(),
                operation: self.request.operation,
                safety: self.request.safety,
                status,
                attempt,
                wait,
                bytes,
            });
        }
    }
}

fn failed(failure: Failure) -> Outcome {
    let (seen, status, source) = match failure {
        Failure::NotSent(source) => (Seen::NotSent, None, Some(source)),
        Failure::Lost { status, source } => (Seen::Lost, status, Some(source)),
        Failure::TimedOut { status } => (Seen::TimedOut, status, None),
        Failure::Refused(error) => (Seen::NotSent, None, Some(error.into())),
    };
    Outcome { seen, error: None, source, status, request_id: None }
}

impl Outcome {
    fn is_throttled(&self) -> bool {
        matches!(self.seen, Seen::Throttled { .. })
    }

    /// How long the server wants to be left alone, if it said so.
    fn asked_pause(&self) -> Option<Duration> {
        match self.seen {
            Seen::Throttled { retry_after } | Seen::Answer { status: 503, retry_after } => retry_after,
            Seen::Answer { .. } | Seen::NotSent | Seen::Lost | Seen::TimedOut => None,
        }
    }

    /// The kind of error when there is no more time for another attempt.
    fn last_kind(&self) -> ErrorKind {
        match self.seen {
            Seen::Throttled { .. } => ErrorKind::RateLimited,
            Seen::TimedOut => ErrorKind::Timeout,
            Seen::NotSent | Seen::Lost | Seen::Answer { .. } => ErrorKind::Unavailable,
        }
    }

    fn into_error(self, verdict: Verdict, attempts: u32) -> Error {
        let error = match (verdict, self.error) {
            (Verdict::Fail(kind), Some(error)) if error.kind() != kind => {
                Error::new(kind, sentence(kind, self.seen)).with_source(error)
            }
            (_, Some(error)) => error,
            (Verdict::Fail(kind), None) => Error::new(kind, sentence(kind, self.seen)),
            (Verdict::Take | Verdict::Again(_), None) => Error::new(ErrorKind::Protocol, "no answer to read"),
        };
        let error = match self.source {
            Some(source) => error.with_source(source),
            None => error,
        };
        let error = match self.status {
            Some(status) if error.status().is_none() => error.with_status(status),
            _ => error,
        };
        let error = match self.request_id {
            Some(id) if error.request_id().is_none() => error.with_request_id(id),
            _ => error,
        };
        let asked = match self.seen {
            Seen::Throttled { retry_after } | Seen::Answer { retry_after, .. } => retry_after,
            _ => None,
        };
        match (verdict, asked) {
            (Verdict::Fail(ErrorKind::OutcomeUnknown), _) | (Verdict::Take | Verdict::Again(_), _) => error,
            (Verdict::Fail(_), Some(wait)) => error.with_retry(Retry::After(wait)),
            (Verdict::Fail(_), None) => error.with_retry(Retry::Exhausted { attempts }),
        }
    }
}

fn sentence(kind: ErrorKind, seen: Seen) -> &'static str {
    match (kind, seen) {
        (ErrorKind::OutcomeUnknown, Seen::Answer { .. }) => {
            "the platform failed while it worked on the request; look before sending it again"
        }
        (ErrorKind::OutcomeUnknown, _) => {
            "the answer was lost and the request may have been carried out; look before sending it again"
        }
        (ErrorKind::RateLimited, _) => "the platform asked for fewer requests",
        (ErrorKind::Timeout, _) => "no answer in time",
        (_, Seen::NotSent) => "the platform cannot be reached",
        (_, Seen::Lost) => "the connection broke",
        _ => "the platform is not available",
    }
}
