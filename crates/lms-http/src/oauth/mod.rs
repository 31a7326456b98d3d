//! OAuth 2.0: tokens obtained, kept and renewed. The flows are those of the `oauth2` crate.

mod authorize;
mod cache;
mod flow;
mod keep;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use url::Url;

pub use self::authorize::{Authorization, Authorize, CallbackError, Pkce};
use self::cache::Cache;
use self::flow::Flow;
use self::keep::Keeper;
use crate::credential::set_authorization;
use crate::{
    Allow, Client, Clock, Credential, Dialect, HttpOptions, Limits, Outgoing, Pacer, PlainDialect,
    RetryPolicy, TokenPlace, TokenStore, target,
};

const OPERATION: &str = "oauth.token";

/// What is given for a token. Prints neither secrets nor who the account is.
#[derive(Clone)]
pub enum Grant {
    /// The application itself; acts as the account that owns it.
    ClientCredentials,
    /// An account's name (or e-mail address) and password.
    Password {
        /// The name or e-mail address, as the platform asks.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A refresh token of an earlier sign-in.
    RefreshToken {
        /// The token.
        token: Secret,
    },
    /// A code that the browser brought back; see [`OAuth::authorize_url`].
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The same redirect address as in the first half.
        redirect_uri: String,
        /// The verifier of the first half, with PKCE.
        pkce_verifier: Option<Secret>,
    },
    /// Nothing: tokens of an earlier sign-in in the browser are in the store
    /// ([`OAuthBuilder::store`]). When they have ended, somebody has to sign in again.
    Stored,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientCredentials => "ClientCredentials",
            Self::Password { .. } => "Password(…)",
            Self::RefreshToken { .. } => "RefreshToken(…)",
            Self::AuthorizationCode { .. } => "AuthorizationCode(…)",
            Self::Stored => "Stored",
        })
    }
}

/// How the application proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// HTTP Basic. Without a secret, the id goes into the form all the same.
    #[default]
    Basic,
    /// `client_id` and `client_secret` in the form; Open edX needs this (reference openedx.md 1.2).
    Body,
}

/// Tokens of one sign-in.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Sent with each request.
    pub access: Secret,
    /// Exchanged for the next access token, where the platform gives one.
    pub refresh: Option<Secret>,
    /// When the access token ends, as far as the platform said.
    pub expires_at: Option<SystemTime>,
}

/// A credential that gets its tokens by OAuth 2.0. Cheap to clone; clones share the token.
///
/// However many requests wait for a token, one token request is sent. A token is renewed before it
/// ends; if that fails while it still holds, it is used on. A 401 drops the token that was refused,
/// and the refresh token is used before the grant. A refresh token that is dead, because it was
/// revoked or because the answer with the next one was lost, is followed by the grant where that can
/// be used again, and otherwise by an `Unauthenticated` error that says so.
#[derive(Debug, Clone)]
pub struct OAuth {
    scheme: String,
    cache: Arc<Cache>,
}

impl OAuth {
    /// Starts a credential for the application `client_id` at `token_url`.
    pub fn builder(platform: Platform, token_url: Url, client_id: impl Into<String>) -> OAuthBuilder {
        OAuthBuilder {
            platform,
            token_url,
            client_id: client_id.into(),
            client_secret: None,
            grant: Grant::ClientCredentials,
            client_auth: ClientAuth::default(),
            scheme: "Bearer".to_owned(),
            scopes: Vec::new(),
            params: Vec::new(),
            early: Duration::from_secs(60),
            tokens: None,
            dialect: Arc::new(PlainDialect),
            options: HttpOptions::default(),
        }
    }

    /// The address to open in a browser, and what to keep until it comes back. Sends nothing.
    ///
    /// # Errors
    /// `Config` when the redirect address is no URL or the client id is empty.
    pub fn authorize_url(request: &Authorize) -> Result<Authorization> {
        authorize::authorize(request)
    }

    /// Tokens that hold now, fetched if need be. Signs in, and tells whether the grant is good.
    ///
    /// # Errors
    /// `Unauthenticated` when the platform refuses the grant; `Config` when it refuses the kind of
    /// grant or scope; and what sending may bring.
    pub async fn tokens(&self) -> Result<Tokens> {
        let (access, _) = self.cache.token().await?;
        let tokens = self.cache.in_use().await;
        Ok(tokens.unwrap_or(Tokens { access, refresh: None, expires_at: None }))
    }
}

#[async_trait]
impl Credential for OAuth {
    async fn apply(&self, request: &mut Outgoing) -> Result<()> {
        let (token, generation) = self.cache.token().await?;
        request.set_mark(generation);
        set_authorization(request, &self.scheme, &token)
    }

    async fn rejected(&self, sent: &Outgoing) -> bool {
        self.cache.reject(sent.mark()).await
    }
}

/// Collects what an [`OAuth`] credential needs.
#[derive(Debug, Clone)]
#[must_use = "nothing is made before `build`"]
pub struct OAuthBuilder {
    platform: Platform,
    token_url: Url,
    client_id: String,
    client_secret: Option<Secret>,
    grant: Grant,
    client_auth: ClientAuth,
    scheme: String,
    scopes: Vec<String>,
    params: Vec<(String, String)>,
    early: Duration,
    tokens: Option<Tokens>,
    dialect: Arc<dyn Dialect>,
    options: HttpOptions,
}

impl OAuthBuilder {
    /// The application's secret; public applications have none.
    pub fn client_secret(mut self, secret: Secret) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// What is given for a token. Default: [`Grant::ClientCredentials`].
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grant = grant;
        self
    }

    /// How the application proves itself. Default: [`ClientAuth::Basic`].
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = client_auth;
        self
    }

    /// The scheme under which the token is sent: `Bearer` (default) or `JWT`.
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// Asks for a scope, in addition to earlier ones. Default: none, which leaves it to the platform.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Adds a field to every token request, such as `token_type=jwt`.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// How long before its end a token is renewed, but at most half its life. Default: 60 s.
    pub fn early(mut self, early: Duration) -> Self {
        self.early = early;
        self
    }

    /// Tokens of an earlier sign-in to begin with.
    pub fn tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// All that a provider's clients have in common, where tokens are kept included. Replaces what the
    /// setters below have set. Token requests are few and come one at a time: they keep a pace of their
    /// own, and no observer is told of them.
    pub fn options(mut self, options: &HttpOptions) -> Self {
        self.options = options.clone();
        self
    }

    /// Where tokens are kept between runs, and under which name, such as that of the remote. Default:
    /// nowhere. What is there is used before the grant, except before a code that was just brought
    /// back; tokens of another account, application or endpoint are not.
    pub fn store(mut self, store: Arc<dyn TokenStore>, name: impl Into<String>) -> Self {
        self.options.tokens = Some(TokenPlace { store, name: name.into() });
        self
    }

    /// How the token endpoint says that it is throttled. Default: [`PlainDialect`]. OAuth's own
    /// errors (400, 401, 403) are read here whatever the dialect says.
    pub fn dialect(mut self, dialect: Arc<dyn Dialect>) -> Self {
        self.dialect = dialect;
        self
    }

    /// How often a token request is repeated.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.options.retry = retry;
        self
    }

    /// Bounds on time and size of token requests.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// `User-Agent` of token requests.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.options.user_agent = user_agent.into();
        self
    }

    /// Whether passwords and tokens may travel over plain http to another machine. Default: no.
    pub fn allow_plain_http(mut self, allow: Allow) -> Self {
        self.options.plain_http = allow;
        self
    }

    /// The clock for expiry and pauses. Default: the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.options.clock = clock;
        self
    }

    /// Checks the settings. Sends nothing; the first token is fetched when it is needed.
    ///
    /// # Errors
    /// `Config` when the client id is empty, the address cannot be used or is plain http, or
    /// [`Grant::Stored`] has no store.
    pub fn build(self) -> Result<OAuth> {
        let Self {
            platform,
            token_url,
            client_id,
            client_secret,
            grant,
            client_auth,
            scheme,
            scopes,
            params,
            early,
            tokens,
            dialect,
            options,
        } = self;
        if client_id.is_empty() {
            return Err(Error::new(ErrorKind::Config, "the client id is empty").at(platform, OPERATION));
        }
        if matches!(grant, Grant::Stored) && options.tokens.is_none() {
            let message = "the tokens of an earlier sign-in are asked for, but there is no store";
            return Err(Error::new(ErrorKind::Config, message).at(platform, OPERATION));
        }
        target::check(&token_url, options.plain_http == Allow::No).map_err(|e| e.at(platform, OPERATION))?;
        let options = HttpOptions { observer: None, pacer: Pacer::new(), pace: None, ..options };
        let client = Client::builder(platform, token_url).dialect(dialect).options(&options).build()?;
        let flow = Flow { client, client_id, client_secret, client_auth, grant, scopes, params };
        let keeper = Keeper::new(&options, &flow, &scheme);
        Ok(OAuth { scheme, cache: Arc::new(Cache::new(flow, early, options.clock, keeper, tokens)) })
    }
}
