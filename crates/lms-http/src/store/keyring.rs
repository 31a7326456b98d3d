//! Tokens in the system's keyring.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error as KeyringError};
use lms_core::{Error, ErrorKind, Result};

use super::record::Record;
use super::{StoredTokens, TokenStore};

/// Tokens in the keyring of the desktop: the Secret Service on Linux and BSD (GNOME Keyring, KWallet,
/// KeePassXC), the Keychain on macOS, the Credential Manager on Windows. One entry a name.
///
/// Keyrings have no locks: of two processes that save at the same moment, the later one wins. Windows
/// takes at most 2,560 bytes an entry; longer tokens are refused there with an error, and a
/// [`super::FileStore`] takes them.
#[derive(Clone)]
pub struct KeyringStore {
    store: Arc<CredentialStore>,
    service: String,
}

impl KeyringStore {
    /// The system's keyring; `service` names the program in it, such as `lms`.
    ///
    /// # Errors
    /// `Config` when there is no keyring or it cannot be reached, as on a server without a desktop.
    pub async fn open(service: impl Into<String>) -> Result<Self> {
        let store = blocking(|| match keyring::Entry::store_status() {
            Ok(()) => Ok(keyring_core::get_default_store()),
            Err(e) => Err(unusable(e)),
        });
        match store.await? {
            Some(store) => Ok(Self::over(store, service)),
            None => Err(unusable(&KeyringError::NoDefaultStore)),
        }
    }

    fn over(store: Arc<CredentialStore>, service: impl Into<String>) -> Self {
        Self { store, service: service.into() }
    }

    async fn entry<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Entry) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (keyring, user) = (self.clone(), name.to_owned());
        let done = blocking(move || {
            let entry = keyring.store.build(&keyring.service, &user, None).map_err(|e| unusable(&e))?;
            work(&entry)
        });
        done.await.map_err(|e| e.on(format!("keyring entry {} of {}", name, self.service)))
    }
}

#[async_trait]
impl TokenStore for KeyringStore {
    async fn load(&self, name: &str) -> Result<Option<StoredTokens>> {
        self.entry(name, read).await
    }

    async fn save(&self, name: &str, tokens: &StoredTokens) -> Result<()> {
        let tokens = tokens.clone();
        self.entry(name, move |entry| {
            // An entry that cannot be read is replaced; there is nothing else to be done with it.
            if read(entry).ok().flatten().is_some_and(|old| tokens.outdated_by(&old)) {
                return Ok(());
            }
            let text = serde_json::to_vec(&Record::from(&tokens)).map_err(|e| {
                Error::new(ErrorKind::Io, "the tokens cannot be written as JSON").with_source(e)
            })?;
            entry.set_secret(&text).map_err(|e| unusable(&e))
        })
        .await
    }

    async fn forget(&self, name: &str) -> Result<()> {
        self.entry(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(e) => Err(unusable(&e)),
        })
        .await
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, service } = self;
        f.debug_struct("KeyringStore").field("kind", &store.vendor()).field("service", service).finish()
    }
}

fn read(entry: &Entry) -> Result<Option<StoredTokens>> {
    match entry.get_secret() {
        Ok(text) => match serde_json::from_slice::<Record>(&text) {
            Ok(record) => Ok(Some(record.into())),
            // What serde would say may quote a token.
            Err(_) => Err(Error::new(ErrorKind::Config, "this is not a token; remove it and sign in again")),
        },
        Err(KeyringError::NoEntry) => Ok(None),
        Err(e) => Err(unusable(&e)),
    }
}

/// Not the error itself as source: some of its kinds hold the secret.
fn unusable(error: &KeyringError) -> Error {
    let message = format!("the keyring cannot be used: {error}; unlock it, or keep tokens in a file");
    Error::new(ErrorKind::Config, message)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| Err(Error::new(ErrorKind::Io, "the keyring could not be used").with_source(e)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use lms_core::Secret;

    use super::*;
    use crate::Tokens;

    fn keyring() -> KeyringStore {
        KeyringStore::over(keyring_core::mock::Store::new().expect("store in memory"), "lms-test")
    }

    fn tokens(access: &str, seconds: u64) -> StoredTokens {
        let issued_at = UNIX_EPOCH + Duration::from_secs(seconds);
        let expires_at = Some(issued_at + Duration::from_secs(3600));
        let tokens = Tokens { access: Secret::new(access), refresh: Some(Secret::new("ref")), expires_at };
        StoredTokens { tokens, holder: "holder".into(), issued_at }
    }

    #[tokio::test]
    async fn tokens_are_kept_by_name_and_the_newer_ones_stay() {
        let keyring = keyring();
        assert!(keyring.load("stepik").await.expect("readable").is_none());
        keyring.save("stepik", &tokens("tok-2", 1_700_000_002)).await.expect("saved");
        keyring.save("stepik", &tokens("tok-1", 1_700_000_001)).await.expect("left out");
        keyring.save("other", &tokens("tok-9", 1_700_000_009)).await.expect("saved");
        let kept = keyring.load("stepik").await.expect("readable").expect("there");
        assert_eq!(kept.tokens.access.expose(), "tok-2");
        assert_eq!(kept.tokens.refresh.expect("kept").expose(), "ref");
        assert_eq!(kept.tokens.expires_at, Some(UNIX_EPOCH + Duration::from_secs(1_700_003_602)));
        keyring.forget("stepik").await.expect("forgotten");
        keyring.forget("stepik").await.expect("nothing to forget");
        assert!(keyring.load("stepik").await.expect("readable").is_none());
        assert!(keyring.load("other").await.expect("readable").is_some());
    }

    #[tokio::test]
    async fn where_there_is_no_keyring_a_file_is_advised() {
        match KeyringStore::open("lms-test").await {
            Ok(keyring) => assert_eq!(keyring.service, "lms-test"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.to_string().contains("keep tokens in a file"), "{error}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_token_or_cannot_be_reached_is_told_without_its_value() {
        let keyring = keyring();
        let entry = keyring.store.build("lms-test", "stepik", None).expect("entry");
        entry.set_secret(b"canary").expect("set");
        let no_token = keyring.load("stepik").await.expect_err("no token");
        let mock: &keyring_core::mock::Cred = entry.as_any().downcast_ref().expect("in memory");
        mock.set_error(KeyringError::BadEncoding(b"canary".to_vec()));
        let locked = keyring.load("stepik").await.expect_err("fails");
        for (error, word) in [(no_token, "sign in again"), (locked, "unlock it")] {
            let text = format!("{error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
            assert!(text.contains(word) && text.contains("keyring entry stepik of lms-test"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
        assert!(!format!("{keyring:?}").contains("canary"));
        keyring.save("stepik", &tokens("tok-1", 1)).await.expect("replaced");
        assert!(keyring.load("stepik").await.expect("readable").is_some());
    }
}
