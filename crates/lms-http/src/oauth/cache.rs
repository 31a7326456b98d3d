//! The token in use: fetched once for all who wait, renewed early, dropped after a 401.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use lms_core::{Error, ErrorKind, Result, Secret};
use oauth2::TokenResponse;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::flow::Flow;
use super::wire::Issued;
use super::{Grant, OPERATION, TokenSink, Tokens};
use crate::Clock;

/// How long a failed early renewal is not tried again while the old token still holds.
const RESPITE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Cache {
    pub(super) flow: Flow,
    pub(super) early: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sink: Option<Arc<dyn TokenSink>>,
    state: Arc<Mutex<State>>,
    /// Token requests finished so far, good or bad.
    rounds: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    refresh: Option<Secret>,
    /// The grant can be used once and was.
    spent: bool,
    /// The last round's failure, for those who waited for it.
    failure: Option<Failure>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Held {
    access: Secret,
    expires: Option<SystemTime>,
    renew: Option<SystemTime>,
    generation: u64,
}

/// An error that can be given to many.
#[derive(Debug, Clone)]
struct Failure {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
}

impl Cache {
    pub(super) fn new(
        flow: Flow,
        early: Duration,
        clock: Arc<dyn Clock>,
        sink: Option<Arc<dyn TokenSink>>,
        stored: Option<Tokens>,
    ) -> Self {
        let mut state = State::default();
        if let Grant::RefreshToken { token } = &flow.grant {
            state.refresh = Some(token.clone());
        }
        if let Some(Tokens { access, refresh, expires_at }) = stored {
            let renew = expires_at.map(|at| at.checked_sub(early).unwrap_or(at));
            state.generation = 1;
            state.held = Some(Held { access, expires: expires_at, renew, generation: 1 });
            state.refresh = refresh.or(state.refresh);
        }
        Self { flow, early, clock, sink, state: Arc::new(Mutex::new(state)), rounds: AtomicU64::new(0) }
    }

    /// A token that holds, and its generation.
    pub(super) async fn token(self: &Arc<Self>) -> Result<(Secret, u64)> {
        let rounds = self.rounds.load(Ordering::Acquire);
        let state = Arc::clone(&self.state).lock_owned().await;
        let now = self.clock.now();
        if let Some(held) = state.held.as_ref().filter(|held| held.renew.is_none_or(|at| now < at)) {
            return Ok((held.access.clone(), held.generation));
        }
        if let Some(failure) = &state.failure
            && self.rounds.load(Ordering::Acquire) > rounds
        {
            return Err(failure.to_error(&self.flow));
        }
        // A task of its own: a caller that gives up must not lose a refresh token that the server
        // has just replaced.
        let cache = Arc::clone(self);
        let renewal = tokio::spawn(async move { cache.renew(state).await });
        renewal.await.unwrap_or_else(|e| {
            let error = Error::new(ErrorKind::Unavailable, "the token request was broken off").with_source(e);
            Err(error.at(self.flow.client.platform(), OPERATION))
        })
    }

    /// The tokens in use, without fetching any.
    pub(super) async fn stored(&self) -> Option<Tokens> {
        let state = self.state.lock().await;
        let held = state.held.as_ref()?;
        Some(Tokens { access: held.access.clone(), refresh: state.refresh.clone(), expires_at: held.expires })
    }

    /// Drops the token of this generation; says whether there is, or can be, another.
    pub(super) async fn reject(&self, generation: u64) -> bool {
        let mut state = self.state.lock().await;
        match &state.held {
            Some(held) if held.generation != generation => true,
            _ => {
                state.held = None;
                state.refresh.is_some() || !state.spent
            }
        }
    }

    async fn renew(&self, mut state: OwnedMutexGuard<State>) -> Result<(Secret, u64)> {
        let result = match self.fetch(&mut state).await {
            Ok(issued) => self.accept(&mut state, &issued),
            Err(error) => Err(error),
        };
        self.rounds.fetch_add(1, Ordering::Release);
        let error = match result {
            Ok(token) => {
                state.failure = None;
                return Ok(token);
            }
            Err(error) => error,
        };
        let now = self.clock.now();
        if let Some(held) = state.held.as_mut().filter(|held| held.expires.is_some_and(|at| now < at)) {
            tracing::debug!(error = %error, "the token could not be renewed early; the old one still holds");
            held.renew = held.expires.min(Some(now + RESPITE));
            return Ok((held.access.clone(), held.generation));
        }
        state.failure = Some(Failure::from(&error));
        Err(error)
    }

    async fn fetch(&self, state: &mut State) -> Result<Issued> {
        let repeatable = matches!(self.flow.grant, Grant::ClientCredentials | Grant::Password { .. });
        if let Some(refresh) = state.refresh.clone() {
            match self.flow.refresh(&refresh).await {
                Err(error) if error.kind() == ErrorKind::Unauthenticated => {
                    state.refresh = None;
                    state.spent = !repeatable;
                    if !repeatable {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
        if state.spent {
            let error = Error::new(
                ErrorKind::Unauthenticated,
                "the sign-in has ended and cannot be renewed; sign in again",
            );
            return Err(error.at(self.flow.client.platform(), OPERATION));
        }
        let issued = self.flow.exchange().await?;
        state.spent = !repeatable;
        Ok(issued)
    }

    fn accept(&self, state: &mut State, issued: &Issued) -> Result<(Secret, u64)> {
        let now = self.clock.now();
        if let Some(refresh) = issued.refresh_token() {
            state.refresh = Some(Secret::new(refresh.secret().clone()));
        }
        let lifetime = match issued.expires_in {
            Some(seconds) if seconds <= 0 => {
                let error = Error::new(
                    ErrorKind::Unauthenticated,
                    "the token was issued already expired; the application is restricted, or needs another token type",
                );
                return Err(error.at(self.flow.client.platform(), OPERATION));
            }
            Some(_) => issued.expires_in(),
            None => None,
        };
        let access = Secret::new(issued.access_token().secret().clone());
        state.generation += 1;
        // A token that lives shorter than `early` would otherwise be renewed for every request.
        let renew = lifetime.and_then(|life| now.checked_add(life - self.early.min(life / 2)));
        let expires = lifetime.and_then(|life| now.checked_add(life));
        let generation = state.generation;
        state.held = Some(Held { access: access.clone(), expires, renew, generation });
        if let Some(sink) = &self.sink {
            sink.renewed(&Tokens {
                access: access.clone(),
                refresh: state.refresh.clone(),
                expires_at: expires,
            });
        }
        Ok((access, generation))
    }
}

impl Failure {
    fn to_error(&self, flow: &Flow) -> Error {
        let error = Error::new(self.kind, self.message.clone()).at(flow.client.platform(), OPERATION);
        match self.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.message().to_owned(), status: error.status() }
    }
}
