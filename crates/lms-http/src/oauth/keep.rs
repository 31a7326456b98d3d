//! Where a credential keeps its tokens between runs.

use std::time::SystemTime;

use lms_core::{Error, Result};
use sha2::{Digest, Sha256};

use super::flow::Flow;
use super::{Grant, Tokens};
use crate::{Cassette, HttpOptions, StoredTokens, TokenPlace};

#[derive(Debug)]
pub(super) struct Keeper {
    place: Option<TokenPlace>,
    /// Nothing is saved: what a cassette replays are no tokens, and would take the place of real ones.
    replayed: bool,
    holder: String,
}

impl Keeper {
    pub(super) fn new(options: &HttpOptions, flow: &Flow, scheme: &str) -> Self {
        let replayed = options.cassette.as_ref().is_some_and(Cassette::is_replayed);
        Self { place: options.tokens.clone(), replayed, holder: holder(flow, scheme) }
    }

    pub(super) fn keeps(&self) -> bool {
        self.place.is_some()
    }

    /// Tokens of this holder.
    pub(super) async fn load(&self) -> Result<Option<StoredTokens>> {
        let Some(TokenPlace { store, name }) = &self.place else { return Ok(None) };
        let stored = store.load(name).await?;
        Ok(stored.filter(|stored| stored.holder == self.holder))
    }

    pub(super) fn record(&self, tokens: Tokens, issued_at: SystemTime) -> StoredTokens {
        StoredTokens { tokens, holder: self.holder.clone(), issued_at }
    }

    pub(super) async fn save(&self, tokens: &StoredTokens) -> Result<()> {
        let Some(TokenPlace { store, name }) = self.place.as_ref().filter(|_| !self.replayed) else {
            return Ok(());
        };
        store.save(name, tokens).await.map_err(|e| {
            let message =
                format!("the new token could not be saved and is not used before it is: {}", e.message());
            let error = Error::new(e.kind(), message);
            let error = match e.resource() {
                Some(resource) => error.on(resource),
                None => error,
            };
            error.with_source(e)
        })
    }
}

/// Whose tokens they are, without saying it: a hash, as the store may be read by other programs of the
/// user.
fn holder(flow: &Flow, scheme: &str) -> String {
    let account = match &flow.grant {
        Grant::ClientCredentials => ["application", ""],
        Grant::Password { username, .. } => ["account", username.as_str()],
        // Another token in the configuration is another sign-in.
        Grant::RefreshToken { token } => ["token", token.expose()],
        Grant::AuthorizationCode { .. } | Grant::Stored => ["browser", ""],
    };
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    for part in [flow.client.base_url().as_str(), &flow.client_id, scheme].into_iter().chain(account) {
        add(part);
    }
    for part in &flow.scopes {
        add(part);
    }
    for (name, value) in &flow.params {
        add(name);
        add(value);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
