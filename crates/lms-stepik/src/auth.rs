//! Signing in (reference stepik.md 1.2–1.5).

use std::sync::Arc;

use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Allow, Credential, Grant, Limits, OAuth, RetryPolicy, StaticToken, TokenStore};
use url::Url;

use crate::dialect::StepikDialect;

/// What requests are signed with.
#[derive(Debug, Clone)]
pub(crate) enum SignIn {
    /// Nobody: what guests see.
    Guest,
    /// A token that somebody else obtained.
    Token(Secret),
    /// An application's own account, a person's password, or a code from the browser.
    OAuth { client_id: String, client_secret: Option<Secret>, grant: Grant },
}

/// Where tokens are given out.
pub(crate) fn token_url(base: &Url) -> Result<Url> {
    endpoint(base, "oauth2/token/")
}

/// Where a person allows an application to act for them.
pub(crate) fn authorize_url(base: &Url) -> Result<Url> {
    endpoint(base, "oauth2/authorize/")
}

fn endpoint(base: &Url, path: &str) -> Result<Url> {
    let mut base = base.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(path).map_err(|e| {
        Error::new(ErrorKind::Config, "the address of the site cannot be used")
            .at(Platform::Stepik, "build")
            .with_source(e)
    })
}

/// The credential for `sign_in`; `None` for a guest.
pub(crate) fn credential(
    base: &Url,
    sign_in: SignIn,
    store: Option<(Arc<dyn TokenStore>, String)>,
    plain_http: Allow,
    retry: &RetryPolicy,
    limits: &Limits,
) -> Result<Option<Arc<dyn Credential>>> {
    Ok(match sign_in {
        SignIn::Guest => None,
        SignIn::Token(token) => Some(Arc::new(StaticToken::bearer(token))),
        SignIn::OAuth { client_id, client_secret, grant } => {
            let mut oauth = OAuth::builder(Platform::Stepik, token_url(base)?, client_id)
                .grant(grant)
                .dialect(Arc::new(StepikDialect))
                .retry(retry.clone())
                .limits(limits.clone())
                .allow_plain_http(plain_http);
            if let Some(secret) = client_secret {
                oauth = oauth.client_secret(secret);
            }
            if let Some((store, name)) = store {
                oauth = oauth.store(store, name);
            }
            Some(Arc::new(oauth.build()?))
        }
    })
}
