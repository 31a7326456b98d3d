//! Sign-in: tokens. The LMS issues them for Studio too.

use std::sync::Arc;

use lms_core::{Platform, Result, Secret};
use lms_http::{ClientAuth, Credential, Grant, HttpOptions, OAuth, StaticToken};
use url::Url;

use crate::dialect::OpenEdxDialect;

/// How to sign in.
pub(crate) enum SignIn {
    /// By a token that somebody else obtained.
    Token { scheme: String, token: Secret },
    /// As the application's owner, as an account, or as whoever gave a code or a refresh token.
    OAuth { client_id: String, client_secret: Option<Secret>, scheme: String, grant: Grant },
}

/// A page of the LMS below `/oauth2/`.
pub(crate) fn endpoint(lms: &Url, name: &str) -> Url {
    let mut url = lms.clone();
    url.set_path(&format!("{}/oauth2/{name}", lms.path().trim_end_matches('/')));
    url
}

/// `POST {LMS}/oauth2/access_token`, form-encoded with the application in the body, since HTTP Basic
/// alone may fail to select it (reference openedx.md 1.2). Unless the user wants otherwise a JWT is asked
/// for: it is the one kind that both hosts and all views take (1.3), and it is sent as `JWT`, never as
/// `Bearer`.
pub(crate) fn credential(lms: &Url, sign_in: SignIn, http: &HttpOptions) -> Result<Arc<dyn Credential>> {
    let (client_id, client_secret, scheme, grant) = match sign_in {
        SignIn::Token { scheme, token } => return Ok(Arc::new(StaticToken::new(scheme, token))),
        SignIn::OAuth { client_id, client_secret, scheme, grant } => {
            (client_id, client_secret, scheme, grant)
        }
    };
    let mut builder = OAuth::builder(Platform::OpenEdx, endpoint(lms, "access_token"), client_id)
        .grant(grant)
        .client_auth(ClientAuth::Body)
        .param("token_type", if scheme == "JWT" { "jwt" } else { "bearer" })
        .scheme(scheme)
        .dialect(Arc::new(OpenEdxDialect))
        .options(http);
    if let Some(secret) = client_secret {
        builder = builder.client_secret(secret);
    }
    Ok(Arc::new(builder.build()?))
}
