//! Sign-in: tokens. The LMS issues them for Studio too.

use std::sync::Arc;

use lms_core::{Platform, Result, Secret};
use lms_http::{Allow, ClientAuth, Credential, Grant, OAuth, StaticToken};
use url::Url;

use crate::dialect::OpenEdxDialect;

/// How to sign in.
pub(crate) enum SignIn {
    /// By a token that somebody else obtained.
    Token { scheme: String, token: Secret },
    /// As the application's owner, or as an account.
    OAuth { client_id: String, client_secret: Option<Secret>, account: Option<(String, Secret)> },
}

/// `POST {LMS}/oauth2/access_token`, form-encoded with the application in the body, since HTTP Basic
/// alone may fail to select it (reference openedx.md 1.2). A JWT is asked for: it is the one kind that
/// both hosts and all views take (1.3), and it is sent as `JWT`, never as `Bearer`.
pub(crate) fn credential(lms: &Url, sign_in: SignIn, plain_http: Allow) -> Result<Arc<dyn Credential>> {
    let (client_id, client_secret, account) = match sign_in {
        SignIn::Token { scheme, token } => return Ok(Arc::new(StaticToken::new(scheme, token))),
        SignIn::OAuth { client_id, client_secret, account } => (client_id, client_secret, account),
    };
    let mut token_url = lms.clone();
    token_url.set_path(&format!("{}/oauth2/access_token", lms.path().trim_end_matches('/')));
    let grant = match account {
        Some((username, password)) => Grant::Password { username, password },
        None => Grant::ClientCredentials,
    };
    let mut builder = OAuth::builder(Platform::OpenEdx, token_url, client_id)
        .grant(grant)
        .client_auth(ClientAuth::Body)
        .scheme("JWT")
        .param("token_type", "jwt")
        .dialect(Arc::new(OpenEdxDialect))
        .allow_plain_http(plain_http);
    if let Some(secret) = client_secret {
        builder = builder.client_secret(secret);
    }
    Ok(Arc::new(builder.build()?))
}
