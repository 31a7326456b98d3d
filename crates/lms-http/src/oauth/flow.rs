//! Token requests: what `oauth2` builds and reads, sent by our own client.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use futures::future::BoxFuture;
use lms_core::{Error, ErrorKind, Result, Secret};
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType};
use oauth2::http::header::CONTENT_TYPE;
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, ResourceOwnerPassword,
    ResourceOwnerUsername, Scope, TokenUrl,
};

use super::wire::{Flows, Issued};
use super::{ClientAuth, Grant};
use crate::{Client, Method, RequestBuilder, Route, Safety, redact};

/// Everything needed to ask for a token.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) client: Client,
    pub(super) client_id: String,
    pub(super) client_secret: Option<Secret>,
    pub(super) client_auth: ClientAuth,
    pub(super) grant: Grant,
    pub(super) scopes: Vec<String>,
    pub(super) params: Vec<(String, String)>,
}

type Failed = RequestTokenError<Error, BasicErrorResponse>;

impl Flow {
    /// Exchanges the grant for a token.
    pub(super) async fn exchange(&self) -> Result<Issued> {
        let flows = self.flows();
        let scopes = self.scopes.iter().cloned().map(Scope::new);
        // A code is spent by its first use; the other grants can be given again.
        let safety =
            if let Grant::AuthorizationCode { .. } = self.grant { Safety::Once } else { Safety::Repeatable };
        let wire = Wire::new(&self.client, safety);
        let issued = match &self.grant {
            Grant::ClientCredentials => {
                let mut request = flows.exchange_client_credentials().add_scopes(scopes);
                for (name, value) in &self.params {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(&wire).await
            }
            Grant::Password { username, password } => {
                let username = ResourceOwnerUsername::new(username.clone());
                let password = ResourceOwnerPassword::new(password.expose().to_owned());
                let mut request = flows.exchange_password(&username, &password).add_scopes(scopes);
                for (name, value) in &self.params {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(&wire).await
            }
            Grant::AuthorizationCode { code, redirect_uri, pkce_verifier } => {
                let redirect = redirect_url(redirect_uri)?;
                let mut request = flows
                    .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
                    .set_redirect_uri(Cow::Owned(redirect));
                if let Some(verifier) = pkce_verifier {
                    request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
                }
                for (name, value) in &self.params {
                    request = request.add_extra_param(name, value);
                }
                request.request_async(&wire).await
            }
            Grant::RefreshToken { token } => return self.refresh(token).await,
            Grant::Stored => {
                let error = Error::new(ErrorKind::Unauthenticated, "there is no sign-in; sign in first");
                return Err(error.at(self.client.platform(), super::OPERATION));
            }
        };
        issued.map_err(|e| self.explain(e, wire.status()))
    }

    /// Exchanges a refresh token for an access token.
    pub(super) async fn refresh(&self, token: &Secret) -> Result<Issued> {
        let flows = self.flows();
        let token = RefreshToken::new(token.expose().to_owned());
        let wire = Wire::new(&self.client, Safety::Repeatable);
        let mut request = flows.exchange_refresh_token(&token);
        for (name, value) in &self.params {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&wire).await.map_err(|e| self.explain(e, wire.status()))
    }

    fn flows(&self) -> Flows {
        let auth_type = match self.client_auth {
            ClientAuth::Basic => AuthType::BasicAuth,
            ClientAuth::Body => AuthType::RequestBody,
        };
        let flows = Flows::new(ClientId::new(self.client_id.clone()))
            .set_token_uri(TokenUrl::from_url(self.client.base_url().clone()))
            .set_auth_type(auth_type);
        match &self.client_secret {
            Some(secret) => flows.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
            None => flows,
        }
    }

    /// Our error for what went wrong. Never quotes the answer: it may hold a token.
    fn explain(&self, failed: Failed, status: Option<u16>) -> Error {
        let error = match failed {
            RequestTokenError::Request(error) => return error,
            RequestTokenError::ServerResponse(answer) => {
                let kind = match answer.error() {
                    BasicErrorResponseType::InvalidClient | BasicErrorResponseType::InvalidGrant => {
                        ErrorKind::Unauthenticated
                    }
                    BasicErrorResponseType::UnauthorizedClient
                    | BasicErrorResponseType::UnsupportedGrantType
                    | BasicErrorResponseType::InvalidScope => ErrorKind::Config,
                    BasicErrorResponseType::InvalidRequest => ErrorKind::InvalidInput,
                    BasicErrorResponseType::Extension(code) if code == "temporarily_unavailable" => {
                        ErrorKind::Unavailable
                    }
                    BasicErrorResponseType::Extension(_) => ErrorKind::Unauthenticated,
                };
                let code = redact::quoted(answer.error().as_ref());
                let why = answer.error_description().map(|why| format!(" ({})", redact::quoted(why)));
                Error::new(kind, format!("no token was issued: {code}{}", why.unwrap_or_default()))
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_)
                if status.is_some_and(|s| s >= 400) =>
            {
                Error::new(ErrorKind::Unauthenticated, "the token endpoint refused without an OAuth error")
            }
            RequestTokenError::Parse(error, _) => {
                let at = error.path();
                Error::new(ErrorKind::Protocol, format!("the token endpoint's answer does not fit, at {at}"))
            }
            RequestTokenError::Other(_) => {
                Error::new(ErrorKind::Protocol, "the token endpoint did not answer with JSON")
            }
        };
        let error = error.at(self.client.platform(), super::OPERATION).on(self.client.base_url().path());
        match status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

pub(super) fn redirect_url(text: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(text.to_owned())
        .map_err(|e| Error::new(ErrorKind::Config, "the redirect address is not a URL").with_source(e))
}

/// Our client in the form that `oauth2` calls; remembers the status for the error.
#[derive(Clone)]
struct Wire {
    client: Client,
    safety: Safety,
    status: Arc<AtomicU16>,
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = Error;
    type Future = BoxFuture<'static, Result<HttpResponse>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let wire = self.clone();
        Box::pin(async move { wire.send(request).await })
    }
}

impl Wire {
    fn new(client: &Client, safety: Safety) -> Self {
        Self { client: client.clone(), safety, status: Arc::default() }
    }

    fn status(&self) -> Option<u16> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let answer = self.request(request)?.send().await?;
        self.status.store(answer.status(), Ordering::Relaxed);
        let mut theirs = oauth2::http::Response::builder().status(answer.status());
        if let Some(content_type) = answer.content_type() {
            theirs = theirs.header(CONTENT_TYPE, content_type);
        }
        theirs.body(answer.bytes().await?.to_vec()).map_err(|e| {
            Error::new(ErrorKind::Protocol, "the token endpoint's answer cannot be read").with_source(e)
        })
    }

    fn request(&self, theirs: HttpRequest) -> Result<RequestBuilder> {
        let (head, body) = theirs.into_parts();
        let mut ours = self
            .client
            .request(Method::Post, Route::given(self.client.base_url().as_str()), self.safety)
            .operation(super::OPERATION)
            .sensitive()
            // RFC 6749 puts its errors here; everything else is an error of the transport.
            .expect(&[400, 401, 403])
            .body(body, "application/x-www-form-urlencoded");
        for (name, value) in head.headers.iter().filter(|(name, _)| *name != CONTENT_TYPE) {
            let value = value.to_str().map_err(|_| {
                Error::new(ErrorKind::Config, "the client id or secret cannot stand in a header")
            })?;
            ours = ours.header(name.as_str(), value);
        }
        Ok(ours)
    }
}
