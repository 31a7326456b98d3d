//! The halves of the authorization code flow: the address to open in a browser, and what comes back.

use std::fmt;

use lms_core::{Error, ErrorKind, Result, Secret};
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, Scope};
use subtle::ConstantTimeEq;
use url::{Url, form_urlencoded};

use super::Grant;
use super::flow::redirect_url;
use super::wire::Flows;
use crate::redact;

/// What the authorization endpoint is asked for.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// The authorization endpoint, such as `https://stepik.org/oauth2/authorize/`.
    pub url: Url,
    /// The application's id.
    pub client_id: String,
    /// Where the browser is sent back to; must be registered with the application.
    pub redirect_uri: String,
    /// Scopes; none leaves them to the platform.
    pub scopes: Vec<String>,
    /// Whether to use PKCE.
    pub pkce: Pkce,
}

/// Proof Key for Code Exchange (RFC 7636).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkce {
    /// The code is bound to a secret of ours, of which the platform is shown the SHA-256.
    S256,
    /// No PKCE: it is not known whether Stepik accepts it (reference stepik.md 1.2).
    #[default]
    Omit,
}

/// An authorization under way. Prints only where it asks.
#[derive(Clone)]
pub struct Authorization {
    /// The address to open in a browser.
    pub url: Url,
    redirect_uri: String,
    state: Secret,
    pkce_verifier: Option<Secret>,
}

impl Authorization {
    /// What the browser brought back, as the grant to exchange. `redirected_to` is the address that it
    /// was sent to, or its path and query as a listener reads them from the request line.
    ///
    /// # Errors
    /// [`CallbackError`]. After [`CallbackError::WrongState`] and [`CallbackError::NoAnswer`] the right
    /// answer may still come.
    pub fn grant(&self, redirected_to: &str) -> Result<Grant, CallbackError> {
        let query = redirected_to.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let (mut state, mut code, mut error) = (None, None, None);
        let mut description = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let seen = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                _ => continue,
            };
            // None may come twice (RFC 6749, 3.1).
            if seen.replace(Secret::new(value)).is_some() {
                return Err(CallbackError::NoAnswer);
            }
        }
        if code.is_none() && error.is_none() {
            return Err(CallbackError::NoAnswer);
        }
        // Before anything else is believed: anybody can send a browser here.
        let ours = self.state.expose().as_bytes();
        if !state.is_some_and(|state| state.expose().as_bytes().ct_eq(ours).into()) {
            return Err(CallbackError::WrongState);
        }
        let said = |text: Option<Secret>| text.map(|text| redact::quoted(text.expose()));
        match (error, code) {
            (Some(error), _) if error.expose() == "access_denied" => {
                Err(CallbackError::Denied { description: said(description) })
            }
            (Some(error), _) => Err(CallbackError::Refused {
                code: redact::quoted(error.expose()),
                description: said(description),
            }),
            (None, Some(code)) if !code.is_empty() => Ok(Grant::AuthorizationCode {
                code,
                redirect_uri: self.redirect_uri.clone(),
                pkce_verifier: self.pkce_verifier.clone(),
            }),
            (None, _) => Err(CallbackError::NoAnswer),
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, redirect_uri, state: _, pkce_verifier } = self;
        f.debug_struct("Authorization")
            .field("origin", &crate::target::origin(url))
            .field("redirect_uri", redirect_uri)
            .field("pkce", &pkce_verifier.is_some())
            .finish_non_exhaustive()
    }
}

/// Why what the browser brought back is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackError {
    /// Its `state` is not that of this authorization: it is the answer to another one, or a forgery.
    WrongState,
    /// It holds neither a code nor an error, or one of them twice: not an answer at all.
    NoAnswer,
    /// The person said no (`access_denied`).
    Denied {
        /// What the platform said about it.
        description: Option<String>,
    },
    /// The platform refused the request, such as for an unknown scope.
    Refused {
        /// The error's name in RFC 6749 (4.1.2.1).
        code: String,
        /// What the platform said about it.
        description: Option<String>,
    },
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let description = match self {
            Self::WrongState => {
                return f.write_str("the browser brought the answer to another sign-in; start again");
            }
            Self::NoAnswer => return f.write_str("the browser brought neither a code nor an error"),
            Self::Denied { description } => {
                f.write_str("access was denied")?;
                description
            }
            Self::Refused { code, description } => {
                write!(f, "the platform refused the authorization: {code}")?;
                description
            }
        };
        match description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CallbackError {}

// Not `From`: a second conversion into the error of all crates would leave `?` in their closures without
// a type.
impl CallbackError {
    /// The same as an error of the whole program: `Config` when the platform refused the request,
    /// `Protocol` for no answer, `Unauthenticated` otherwise.
    pub fn into_error(self) -> Error {
        let kind = match self {
            Self::WrongState | Self::Denied { .. } => ErrorKind::Unauthenticated,
            Self::NoAnswer => ErrorKind::Protocol,
            Self::Refused { .. } => ErrorKind::Config,
        };
        Error::new(kind, self.to_string()).with_source(self)
    }
}

pub(super) fn authorize(request: &Authorize) -> Result<Authorization> {
    let Authorize { url, client_id, redirect_uri, scopes, pkce } = request;
    if client_id.is_empty() {
        return Err(Error::new(ErrorKind::Config, "the client id is empty"));
    }
    let flows = Flows::<oauth2::EndpointNotSet>::new(ClientId::new(client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(url.clone()))
        .set_redirect_uri(redirect_url(redirect_uri)?);
    let mut request =
        flows.authorize_url(CsrfToken::new_random).add_scopes(scopes.iter().cloned().map(Scope::new));
    let mut pkce_verifier = None;
    if *pkce == Pkce::S256 {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        request = request.set_pkce_challenge(challenge);
        pkce_verifier = Some(Secret::new(verifier.secret().clone()));
    }
    let (url, state) = request.url();
    let state = Secret::new(state.secret().clone());
    Ok(Authorization { url, redirect_uri: redirect_uri.clone(), state, pkce_verifier })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn request(pkce: Pkce) -> Authorize {
        Authorize {
            url: Url::parse("https://lms.example.org/oauth2/authorize/").expect("URL"),
            client_id: "app".into(),
            redirect_uri: "http://127.0.0.1:8123/callback".into(),
            scopes: vec!["read".into(), "write".into()],
            pkce,
        }
    }

    fn under_way() -> (Authorization, String) {
        let authorization = authorize(&request(Pkce::S256)).expect("authorization");
        let state = authorization.state.expose().to_owned();
        (authorization, state)
    }

    #[test]
    fn the_address_carries_what_the_platform_needs() {
        let (authorization, state) = under_way();
        let query: HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], "app");
        assert_eq!(query["redirect_uri"], "http://127.0.0.1:8123/callback");
        assert_eq!(query["scope"], "read write");
        assert_eq!(query["state"], state);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(authorization.pkce_verifier.is_some_and(|verifier| verifier.expose().len() >= 43));
    }

    #[test]
    fn without_pkce_no_challenge_is_sent_and_states_differ() {
        let (one, two) = (authorize(&request(Pkce::Omit)), authorize(&request(Pkce::Omit)));
        let (one, two) = (one.expect("authorization"), two.expect("authorization"));
        assert!(!one.url.query().unwrap_or_default().contains("code_challenge"));
        assert_ne!(one.state.expose(), two.state.expose());
        assert!(one.pkce_verifier.is_none());
    }

    #[test]
    fn a_bad_redirect_address_is_named() {
        let error = authorize(&Authorize { redirect_uri: "nonsense".into(), ..request(Pkce::Omit) });
        assert_eq!(error.expect_err("not a URL").kind(), ErrorKind::Config);
    }

    #[test]
    fn the_code_comes_back_with_all_that_its_exchange_needs() {
        let (authorization, state) = under_way();
        for back in [
            format!("/callback?code=c%2B0de&state={state}"),
            format!("http://127.0.0.1:8123/callback?state={state}&code=c%2B0de&extra=1#top"),
        ] {
            match authorization.grant(&back).expect("a code") {
                Grant::AuthorizationCode { code, redirect_uri, pkce_verifier } => {
                    assert_eq!(
                        (code.expose(), redirect_uri.as_str()),
                        ("c+0de", "http://127.0.0.1:8123/callback")
                    );
                    let verifier = authorization.pkce_verifier.as_ref().expect("PKCE");
                    assert_eq!(pkce_verifier.expect("PKCE").expose(), verifier.expose());
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_answer_to_this_authorization_is_told_apart() {
        let (authorization, state) = under_way();
        let short = &state[..state.len() - 1];
        let (other, _) = (under_way().1, ());
        let denied = CallbackError::Denied { description: Some("The user said no.".into()) };
        let refused = CallbackError::Refused { code: "invalid_scope".into(), description: None };
        for (query, expected, kind) in [
            (format!("code=c&state={other}"), CallbackError::WrongState, ErrorKind::Unauthenticated),
            (format!("code=c&state={short}"), CallbackError::WrongState, ErrorKind::Unauthenticated),
            ("code=c".into(), CallbackError::WrongState, ErrorKind::Unauthenticated),
            ("code=c&state=".into(), CallbackError::WrongState, ErrorKind::Unauthenticated),
            ("error=access_denied".into(), CallbackError::WrongState, ErrorKind::Unauthenticated),
            (
                format!("error=access_denied&error_description=The+user+said+no.&state={state}"),
                denied,
                ErrorKind::Unauthenticated,
            ),
            (format!("error=invalid_scope&state={state}"), refused, ErrorKind::Config),
            (format!("state={state}"), CallbackError::NoAnswer, ErrorKind::Protocol),
            (format!("code=&state={state}"), CallbackError::NoAnswer, ErrorKind::Protocol),
            (format!("code=a&code=b&state={state}"), CallbackError::NoAnswer, ErrorKind::Protocol),
            (format!("code=a&state={state}&state={state}"), CallbackError::NoAnswer, ErrorKind::Protocol),
            (String::new(), CallbackError::NoAnswer, ErrorKind::Protocol),
        ] {
            let error = authorization.grant(&format!("/callback?{query}")).expect_err(&query);
            assert_eq!(error, expected, "{query}");
            assert_eq!(error.into_error().kind(), kind, "{query}");
        }
        assert_eq!(authorization.grant("/favicon.ico").expect_err("no query"), CallbackError::NoAnswer);
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let (authorization, state) = under_way();
        let verifier = authorization.pkce_verifier.clone().expect("PKCE");
        let grant = authorization.grant(&format!("/?code=canary&state={state}")).expect("a code");
        let wrong = authorization.grant("/?code=canary&state=canary").expect_err("wrong");
        let printed =
            format!("{authorization:?} {grant:?} {wrong:?} {wrong} {:?}", wrong.clone().into_error());
        for secret in [state.as_str(), verifier.expose(), "canary"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
