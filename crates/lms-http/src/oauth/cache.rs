//! The token in use: fetched once for all who wait, renewed early, dropped after a 401.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lms_core::{Error, ErrorKind, Result, Secret};
use oauth2::TokenResponse;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::flow::Flow;
use super::keep::Keeper;
use super::wire::Issued;
use super::{Grant, OPERATION, Tokens};
use crate::flight::Rounds;
use crate::{Clock, StoredTokens};

/// How long a failed early renewal is not tried again while the old token still holds.
const RESPITE: Duration = Duration::from_secs(30);

/// How long another process may take to save the token for which ours was used up.
const MOMENT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Cache {
    flow: Flow,
    early: Duration,
    clock: Arc<dyn Clock>,
    keeper: Keeper,
    state: Arc<Mutex<State>>,
    rounds: Rounds,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    refresh: Option<Secret>,
    /// There is no grant to use, or it can be used once and was.
    spent: bool,
    /// In use as soon as the store has it.
    unsaved: Option<StoredTokens>,
    /// What the platform did not accept, so that it is not taken from the store again.
    refused: Option<Secret>,
    /// The refresh token that it did not accept.
    dead: Option<Secret>,
    issued_at: Option<SystemTime>,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Held {
    access: Secret,
    expires: Option<SystemTime>,
    renew: Option<SystemTime>,
    generation: u64,
}

impl Held {
    fn token(&self) -> (Secret, u64) {
        (self.access.clone(), self.generation)
    }
}

impl State {
    fn hold(
        &mut self,
        access: Secret,
        expires: Option<SystemTime>,
        renew: Option<SystemTime>,
    ) -> (Secret, u64) {
        self.generation += 1;
        let held = Held { access, expires, renew, generation: self.generation };
        let token = held.token();
        self.held = Some(held);
        token
    }
}

impl Cache {
    pub(super) fn new(
        flow: Flow,
        early: Duration,
        clock: Arc<dyn Clock>,
        keeper: Keeper,
        given: Option<Tokens>,
    ) -> Self {
        let mut state = State { spent: matches!(flow.grant, Grant::Stored), ..State::default() };
        if let Grant::RefreshToken { token } = &flow.grant {
            (state.refresh, state.spent) = (Some(token.clone()), true);
        }
        if let Some(Tokens { access, refresh, expires_at }) = given {
            state.hold(access, expires_at, expires_at.map(|at| at.checked_sub(early).unwrap_or(at)));
            state.refresh = refresh.or(state.refresh);
        }
        let state = Arc::new(Mutex::new(state));
        Self { flow, early, clock, keeper, state, rounds: Rounds::default() }
    }

    /// A token that holds, and its generation.
    pub(super) async fn token(self: &Arc<Self>) -> Result<(Secret, u64)> {
        let then = self.rounds.now();
        let state = Arc::clone(&self.state).lock_owned().await;
        let now = self.clock.now();
        let good = |held: &&Held| state.unsaved.is_none() && held.renew.is_none_or(|at| now < at);
        if let Some(held) = state.held.as_ref().filter(good) {
            return Ok(held.token());
        }
        if let Some(error) = self.rounds.failed_since(then) {
            return Err(error);
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
    pub(super) async fn in_use(&self) -> Option<Tokens> {
        let state = self.state.lock().await;
        let held = state.held.as_ref()?;
        Some(Tokens { access: held.access.clone(), refresh: state.refresh.clone(), expires_at: held.expires })
    }

    /// Drops the token of this generation; says whether there is, or can be, another.
    pub(super) async fn reject(&self, generation: u64) -> bool {
        let mut state = self.state.lock().await;
        if state.held.as_ref().is_some_and(|held| held.generation != generation) {
            return true;
        }
        if let Some(held) = state.held.take() {
            state.refused = Some(held.access);
        }
        state.refresh.is_some() || !state.spent || matches!(self.adopt(&mut state).await, Ok(Some(_)))
    }

    async fn renew(&self, mut state: OwnedMutexGuard<State>) -> Result<(Secret, u64)> {
        let mut result = self.obtain(&mut state).await.map_err(|error| match error.platform() {
            Some(_) => error,
            None => error.at(self.flow.client.platform(), OPERATION),
        });
        let now = self.clock.now();
        if let Err(error) = &result
            && state.unsaved.is_none()
            && let Some(held) = state.held.as_mut().filter(|held| held.expires.is_some_and(|at| now < at))
        {
            tracing::debug!(error = %error, "the token could not be renewed early; the old one still holds");
            held.renew = held.expires.min(Some(now + RESPITE));
            result = Ok(held.token());
        }
        self.rounds.end(&result);
        result
    }

    async fn obtain(&self, state: &mut State) -> Result<(Secret, u64)> {
        if let Some(unsaved) = state.unsaved.take() {
            self.save(state, unsaved).await?;
            let now = self.clock.now();
            if let Some(held) = state.held.as_ref().filter(|held| held.renew.is_none_or(|at| now < at)) {
                return Ok(held.token());
            }
        }
        // A code that was just brought back is a new sign-in, whatever there was before.
        let new_code = matches!(self.flow.grant, Grant::AuthorizationCode { .. }) && !state.spent;
        if !new_code && let Some(token) = self.adopt(state).await? {
            return Ok(token);
        }
        let Some(refresh) = state.refresh.clone() else { return self.exchange(state, None).await };
        let dead = match self.refresh(state, &refresh).await? {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        // Another process may have used it and been given the next one, which it saves right now.
        for pause in [Duration::ZERO, MOMENT] {
            if !self.keeper.keeps() {
                break;
            }
            if !pause.is_zero() {
                self.clock.sleep(pause).await;
            }
            if let Some(token) = self.adopt(state).await? {
                return Ok(token);
            }
            if let Some(newer) = state.refresh.clone() {
                return match self.refresh(state, &newer).await? {
                    Ok(token) => Ok(token),
                    Err(error) => self.exchange(state, Some(error)).await,
                };
            }
        }
        self.exchange(state, Some(dead)).await
    }

    /// Uses a refresh token. The inner error is that it is dead: it is not used again.
    async fn refresh(&self, state: &mut State, token: &Secret) -> Result<Result<(Secret, u64)>> {
        match self.flow.refresh(token).await {
            Ok(issued) => self.accept(state, &issued).await.map(Ok),
            Err(error) if error.kind() == ErrorKind::Unauthenticated => {
                state.refresh = None;
                state.dead = Some(token.clone());
                Ok(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Uses the grant, if it can be used (again); `refused` is why the refresh token could not.
    async fn exchange(&self, state: &mut State, refused: Option<Error>) -> Result<(Secret, u64)> {
        if state.spent {
            return Err(self.ended(refused));
        }
        let issued = self.flow.exchange().await?;
        state.spent = matches!(self.flow.grant, Grant::AuthorizationCode { .. });
        self.accept(state, &issued).await
    }

    fn ended(&self, refused: Option<Error>) -> Error {
        let error = |why: String| Error::new(ErrorKind::Unauthenticated, why);
        let error = match refused {
            Some(why) => {
                let message = format!("the sign-in has ended; sign in again ({})", why.message());
                match why.status() {
                    Some(status) => error(message).with_status(status),
                    None => error(message),
                }
            }
            None => error("there is no sign-in, or it has ended and cannot be renewed; sign in again".into()),
        };
        error.at(self.flow.client.platform(), OPERATION)
    }

    /// Takes from the store what another process, or an earlier run, has put there since: a token
    /// that can be used, or a refresh token for the next one.
    async fn adopt(&self, state: &mut State) -> Result<Option<(Secret, u64)>> {
        let Some(StoredTokens { tokens, issued_at, .. }) = self.keeper.load().await? else { return Ok(None) };
        if state.issued_at.is_some_and(|ours| issued_at < ours) {
            return Ok(None);
        }
        state.issued_at = Some(issued_at);
        let Tokens { access, refresh, expires_at } = tokens;
        let alive = |token: &Secret| !same(state.dead.as_ref(), token);
        state.refresh = refresh.filter(alive).or(state.refresh.take());
        let now = self.clock.now();
        let life = expires_at.map(|at| at.duration_since(issued_at).unwrap_or_default());
        let renew = life.and_then(|life| self.renewal(issued_at, life));
        if same(state.refused.as_ref(), &access) || renew.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        Ok(Some(state.hold(access, expires_at, renew)))
    }

    /// A token that lives shorter than `early` would otherwise be renewed for every request.
    fn renewal(&self, issued_at: SystemTime, life: Duration) -> Option<SystemTime> {
        issued_at.checked_add(life - self.early.min(life / 2))
    }

    async fn accept(&self, state: &mut State, issued: &Issued) -> Result<(Secret, u64)> {
        let now = self.clock.now();
        if let Some(refresh) = issued.refresh_token() {
            state.refresh = Some(Secret::new(refresh.secret().clone()));
        }
        if issued.expires_in.is_some_and(|seconds| seconds <= 0) {
            let message = "the token was issued already expired; the application is restricted, or needs another token type";
            let error = Error::new(ErrorKind::Unauthenticated, message);
            return Err(error.at(self.flow.client.platform(), OPERATION));
        }
        let life = issued.expires_in();
        let access = Secret::new(issued.access_token().secret().clone());
        let expires_at = life.and_then(|life| now.checked_add(life));
        let renew = life.and_then(|life| self.renewal(now, life));
        state.issued_at = Some(now);
        let token = state.hold(access.clone(), expires_at, renew);
        let tokens = Tokens { access, refresh: state.refresh.clone(), expires_at };
        self.save(state, self.keeper.record(tokens, now)).await?;
        Ok(token)
    }

    async fn save(&self, state: &mut State, tokens: StoredTokens) -> Result<()> {
        let saved = self.keeper.save(&tokens).await;
        if saved.is_err() {
            state.unsaved = Some(tokens);
        }
        saved
    }
}

fn same(one: Option<&Secret>, other: &Secret) -> bool {
    one.is_some_and(|one| one.expose() == other.expose())
}
