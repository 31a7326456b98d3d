//! The first half of the authorization code flow: the address to open in a browser.

use lms_core::{Error, ErrorKind, Result, Secret};
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, Scope};
use url::Url;

use super::flow::redirect_url;
use super::wire::Flows;

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

/// Proof Key for Code Exchange (RFC 7636), with S256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkce {
    /// The code is bound to a secret of ours.
    Use,
    /// No PKCE: it is not known whether Stepik accepts it (reference stepik.md 1.2).
    #[default]
    Omit,
}

/// An authorization under way.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The address to open in a browser.
    pub url: Url,
    /// Must come back as `state`, unchanged.
    pub state: Secret,
    /// Goes into [`super::Grant::AuthorizationCode`].
    pub pkce_verifier: Option<Secret>,
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
    if *pkce == Pkce::Use {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        request = request.set_pkce_challenge(challenge);
        pkce_verifier = Some(Secret::new(verifier.secret().clone()));
    }
    let (url, state) = request.url();
    Ok(Authorization { url, state: Secret::new(state.secret().clone()), pkce_verifier })
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_address_carries_what_the_platform_needs() {
        let authorization = authorize(&request(Pkce::Use)).expect("authorization");
        let query: std::collections::HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], "app");
        assert_eq!(query["redirect_uri"], "http://127.0.0.1:8123/callback");
        assert_eq!(query["scope"], "read write");
        assert_eq!(query["state"], authorization.state.expose());
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
}
