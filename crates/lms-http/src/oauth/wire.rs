//! The token answer, read more leniently than RFC 6749 asks.

use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, EndpointNotSet, EndpointSet, RefreshToken, Scope, StandardRevocableToken, TokenResponse,
};
use serde::{Deserialize, Serialize};

/// The `oauth2` client with our token answer.
pub(super) type Flows<HasToken = EndpointSet, HasAuth = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    Issued,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    HasAuth,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasToken,
>;

/// A token answer. The crate's own type refuses the negative `expires_in` with which Open edX marks
/// the tokens of restricted applications (reference openedx.md 1.2).
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Issued {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    #[serde(default)]
    pub(super) expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenResponse for Issued {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(|seconds| Duration::from_secs(seconds.try_into().unwrap_or(0)))
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}
