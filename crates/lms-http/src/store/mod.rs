//! Tokens kept between runs, where the user wants them kept.

mod file;
#[cfg(feature = "keyring")]
mod keyring;
mod record;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use lms_core::Result;

pub use self::file::FileStore;
#[cfg(feature = "keyring")]
pub use self::keyring::KeyringStore;
use crate::Tokens;

/// Keeps the tokens of sign-ins under names of the user's choice, such as that of the remote.
///
/// An [`crate::OAuth`] credential reads it before it asks for a token, and writes every new token to it
/// before any request is sent with it. Several processes may use one store: a process whose refresh
/// token was used up by another finds the next one here.
#[async_trait]
pub trait TokenStore: Debug + Send + Sync {
    /// What is kept under `name`; `None` if nothing is.
    ///
    /// # Errors
    /// When the store cannot be read, or must not be trusted.
    async fn load(&self, name: &str) -> Result<Option<StoredTokens>>;

    /// Keeps `tokens` under `name`, in place of what was there; but newer tokens of the same holder
    /// stay, so that a slow process does not undo the work of a quick one. When it returns, a crash
    /// loses nothing any more.
    ///
    /// # Errors
    /// When the store cannot be written; what was there is then still there.
    async fn save(&self, name: &str, tokens: &StoredTokens) -> Result<()>;

    /// Removes what is kept under `name`, if anything is.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn forget(&self, name: &str) -> Result<()>;
}

/// A place in a store.
#[derive(Debug, Clone)]
pub struct TokenPlace {
    /// The store.
    pub store: Arc<dyn TokenStore>,
    /// The name in it, such as that of the remote.
    pub name: String,
}

/// Tokens as they are kept.
#[derive(Debug, Clone)]
pub struct StoredTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Whose they are: an opaque text that differs with the token endpoint, the application, the
    /// account and what was asked for. Tokens of another holder are left alone, so that a changed
    /// configuration never acts as the account before the change.
    pub holder: String,
    /// When they were issued.
    pub issued_at: SystemTime,
}

impl StoredTokens {
    /// Whether `other` is of the same holder and newer than this. Tokens from the future are of a
    /// clock that was wrong, and newer than nothing.
    pub fn outdated_by(&self, other: &Self) -> bool {
        other.holder == self.holder
            && other.issued_at > self.issued_at
            && other.issued_at <= SystemTime::now()
    }
}
