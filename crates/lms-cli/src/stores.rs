//! Where secrets and tokens are kept between runs: the system's keyring, or a file that only the user may read.

use std::sync::Arc;
use std::time::SystemTime;

use lms::http::{FileStore, StoredTokens, TokenStore, Tokens};
use lms_core::{Error, ErrorKind, Result, Secret};

use crate::config::Place;
use crate::places;

/// What marks an entry as a secret of the configuration: it belongs to no sign-in.
const HOLDER: &str = "lms.toml";

/// The file, in the user's folder for such things.
const FILE: &str = "tokens.json";

/// Opens a store.
///
/// # Errors
/// `Config` where there is no keyring, or no folder for the file.
pub(crate) async fn open(place: Place) -> Result<Arc<dyn TokenStore>> {
    match place {
        Place::Keyring => keyring().await,
        Place::File => match places::state_folder() {
            Some(folder) => Ok(Arc::new(FileStore::new(folder.join(FILE)))),
            None => {
                let message = "there is no folder for tokens; say where it is to be in LMS_STATE";
                Err(Error::new(ErrorKind::Config, message))
            }
        },
    }
}

/// What a place is called where people read it.
pub(crate) fn describe(place: Place) -> String {
    match (place, places::state_folder()) {
        (Place::File, Some(folder)) => folder.join(FILE).display().to_string(),
        (Place::File, None) => "a file".to_owned(),
        (Place::Keyring, _) => "the keyring".to_owned(),
    }
}

/// The keyring, or the file where there is none.
pub(crate) async fn usual() -> Place {
    if keyring().await.is_ok() { Place::Keyring } else { Place::File }
}

#[cfg(feature = "keyring")]
async fn keyring() -> Result<Arc<dyn TokenStore>> {
    Ok(Arc::new(lms::http::KeyringStore::open("lms").await?))
}

#[cfg(not(feature = "keyring"))]
async fn keyring() -> Result<Arc<dyn TokenStore>> {
    let message =
        "this build has no keyring (feature `keyring`); keep secrets in a file, or let a command print them";
    Err(Error::new(ErrorKind::Config, message))
}

/// Waits where no caller can: configuration is read before there is anything to await.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}

/// Under which name a secret is kept.
pub(crate) fn name(remote: &str, key: &str) -> String {
    format!("{remote}.{key}")
}

/// A secret that was kept; `None` if there is none.
///
/// # Errors
/// When the store cannot be used.
pub(crate) fn secret(place: Place, remote: &str, key: &str) -> Result<Option<Secret>> {
    let kept = wait(async { open(place).await?.load(&name(remote, key)).await })?;
    Ok(kept.map(|kept| kept.tokens.access))
}

/// Keeps a secret.
///
/// # Errors
/// When the store cannot be used.
pub(crate) async fn keep(place: Place, remote: &str, key: &str, secret: Secret) -> Result<()> {
    let tokens = Tokens { access: secret, refresh: None, expires_at: None };
    let kept = StoredTokens { tokens, holder: HOLDER.into(), issued_at: SystemTime::now() };
    open(place).await?.save(&name(remote, key), &kept).await
}

/// Removes a secret, if it is there.
///
/// # Errors
/// When the store cannot be used.
pub(crate) async fn forget(place: Place, remote: &str, key: &str) -> Result<()> {
    open(place).await?.forget(&name(remote, key)).await
}
