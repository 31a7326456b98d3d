//! Who is calling: tokens, sessions, and the OAuth2 token endpoint. (reference stepik.md 1.2-1.5)

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rights::Caller;
use super::switches::{LoginThrottle, Pkce, RefreshTokens, Switches};
use super::wire::{Answer, Ask, Object, Refusal, answer_json, object};
use crate::fault::{Effect, Faults};
use crate::random::secret;

/// One account that can sign in.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) user: i64,
    pub(crate) email: String,
    pub(crate) password: String,
    /// Wrong passwords in a row.
    pub(crate) failures: u32,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Token {
    user: i64,
    expires: Instant,
}

struct Code {
    user: i64,
    redirect_uri: String,
    challenge: Option<(String, String)>,
}

/// Secrets and what they open. Its `Debug` shows none of them.
#[derive(Default)]
pub(crate) struct Keyring {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// A client_credentials token acts as this user. (reference stepik.md 1.3)
    pub(crate) application_owner: i64,
    pub(crate) token_lifetime: Duration,
    accounts: Vec<Account>,
    /// From the address in small letters to the place in `accounts`: sites have tens of thousands.
    by_email: HashMap<String, usize>,
    access: HashMap<String, Token>,
    refresh: HashMap<String, i64>,
    codes: HashMap<String, Code>,
    /// Session id to user; a guest session has none.
    sessions: HashMap<String, Option<i64>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

/// Why nobody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInFault {
    Wrong,
    /// Too many wrong passwords; refused with this status.
    Throttled(u16),
}

/// How the credentials of a request turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Good(i64),
    None,
    Bad,
}

impl Credentials {
    pub(crate) fn caller(self) -> Caller {
        match self {
            Self::Good(user) => Caller(Some(user)),
            Self::None | Self::Bad => Caller(None),
        }
    }
}

impl Keyring {
    pub(crate) fn add(&mut self, account: Account) {
        self.by_email.insert(account.email.to_ascii_lowercase(), self.accounts.len());
        self.accounts.push(account);
    }

    /// Who signs in with this address, whatever its capitals.
    pub(crate) fn account_at(&self, email: &str) -> Option<&Account> {
        self.accounts.get(*self.by_email.get(&email.to_ascii_lowercase())?)
    }

    pub(crate) fn has_account(&self, user: i64) -> bool {
        self.accounts.iter().any(|account| account.user == user)
    }

    pub(crate) fn account_mut(&mut self, user: i64) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.user == user)
    }

    /// One signs in with another address from now on.
    pub(crate) fn move_to(&mut self, user: i64, email: String) {
        let Some(at) = self.accounts.iter().position(|account| account.user == user) else { return };
        self.by_email.retain(|_, held| *held != at);
        self.by_email.insert(email.to_ascii_lowercase(), at);
        if let Some(account) = self.accounts.get_mut(at) {
            account.email = email;
        }
    }

    /// The user of a right password. Too many wrong ones in a row close the account to sign-ins, when a throttle is
    /// set. (reference stepik.md 1.3)
    pub(crate) fn sign_in(
        &mut self,
        email: &str,
        password: &str,
        any_password: bool,
        throttle: Option<LoginThrottle>,
    ) -> Result<i64, SignInFault> {
        let at = self.by_email.get(&email.to_ascii_lowercase());
        let account = at.and_then(|at| self.accounts.get_mut(*at)).ok_or(SignInFault::Wrong)?;
        if let Some(throttle) = throttle.filter(|throttle| account.failures >= throttle.after) {
            return Err(SignInFault::Throttled(throttle.status));
        }
        if any_password || account.password == password {
            account.failures = 0;
            return Ok(account.user);
        }
        account.failures += 1;
        Err(SignInFault::Wrong)
    }

    /// Bearer first (letter case of the scheme does not matter), then the session cookie. Any other scheme is bad
    /// credentials. (reference stepik.md 1.4)
    pub(crate) fn credentials(&mut self, ask: &Ask, faults: &Faults) -> Credentials {
        if let Some(value) = ask.header(header::AUTHORIZATION) {
            let token = match value.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
                _ => return Credentials::Bad,
            };
            let known =
                self.access.get(token).filter(|held| held.expires > Instant::now()).map(|held| held.user);
            let Some(user) = known else { return Credentials::Bad };
            if faults.fires(Effect::ExpireToken, ask.method.as_str(), &ask.path) {
                self.access.remove(token);
                return Credentials::Bad;
            }
            return Credentials::Good(user);
        }
        let session = cookie(ask, "sessionid").and_then(|id| self.sessions.get(&id).copied());
        match session {
            Some(Some(user)) => Credentials::Good(user),
            _ => Credentials::None,
        }
    }

    pub(crate) fn close_session(&mut self, ask: &Ask) {
        if let Some(id) = cookie(ask, "sessionid") {
            self.sessions.remove(&id);
        }
    }

    /// Cookies of a session: (csrftoken, sessionid).
    pub(crate) fn open_session(&mut self, user: Option<i64>) -> (String, String) {
        let (csrf, session) = (secret(), secret());
        self.sessions.insert(session.clone(), user);
        (csrf, session)
    }

    pub(crate) fn knows_session(&self, ask: &Ask) -> bool {
        cookie(ask, "sessionid").is_some_and(|id| self.sessions.contains_key(&id))
    }

    /// Starts a code flow for a signed-in user; the code goes into the redirect.
    pub(crate) fn issue_code(
        &mut self,
        user: i64,
        redirect_uri: &str,
        challenge: Option<(String, String)>,
    ) -> String {
        let code = secret();
        self.codes.insert(code.clone(), Code { user, redirect_uri: redirect_uri.to_owned(), challenge });
        code
    }

    pub(crate) fn issue(&mut self, user: i64, with_refresh: bool, scope: &str) -> Value {
        let token = secret();
        let expires = Instant::now() + self.token_lifetime;
        self.access.insert(token.clone(), Token { user, expires });
        let mut answer = object(json!({
            "access_token": token, "scope": if scope.is_empty() { "read write" } else { scope },
            "expires_in": self.token_lifetime.as_secs().max(1), "token_type": "Bearer",
        }));
        if with_refresh {
            let refresh = secret();
            self.refresh.insert(refresh.clone(), user);
            answer.insert("refresh_token".to_owned(), refresh.into());
        }
        Value::Object(answer)
    }

    /// Whether the request comes from the registered application: HTTP Basic or form fields; a public client sends its
    /// id alone. (reference stepik.md 1.3)
    pub(crate) fn knows_client(
        &self,
        ask: &Ask,
        form: &HashMap<String, String>,
        any_secret: bool,
        switches: &Switches,
    ) -> bool {
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (id, secret) = basic(ask).unwrap_or_else(|| (field("client_id"), field("client_secret")));
        id == self.client_id && (secret == self.client_secret || any_secret || switches.is_public_client)
    }

    /// POST /oauth2/token/. Form fields; the client signs with HTTP Basic or in the body. (reference stepik.md 1.3)
    pub(crate) fn token(&mut self, ask: &Ask, faults: &Faults, switches: &Switches) -> Answer {
        let form: HashMap<String, String> = url::form_urlencoded::parse(&ask.body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let refuse = |error: &str, text: &str| Err(Refusal::oauth(switches.bad_grant_status, error, text));
        let any_secret = faults.fires(Effect::AcceptWrongSecret, ask.method.as_str(), &ask.path);
        if !self.knows_client(ask, &form, any_secret, switches) {
            return refuse("invalid_client", "Client authentication failed.");
        }
        // `scope=read` is taken. (reference stepik.md 1.3)
        let (grant, scope) = (field("grant_type"), field("scope"));
        let is_open = switches
            .only_grant
            .is_none_or(|only| grant == only || (grant == "refresh_token" && only != "client_credentials"));
        if !is_open {
            return Err(Refusal::oauth(
                400,
                "unauthorized_client",
                "The application has another grant type.",
            ));
        }
        let body = match grant {
            // Whoever has no secret has nothing to act with as the owner.
            "client_credentials" if switches.is_public_client => {
                return Err(Refusal::oauth(
                    400,
                    "unauthorized_client",
                    "A public application has no secret.",
                ));
            }
            // No refresh token here. (reference stepik.md 1.3)
            "client_credentials" => self.issue(self.application_owner, false, scope),
            "password" => {
                let throttle = switches.login_throttle;
                match self.sign_in(field("username"), field("password"), any_secret, throttle) {
                    Ok(user) => self.issue(user, true, scope),
                    Err(SignInFault::Wrong) => return refuse("invalid_grant", "Invalid credentials given."),
                    Err(SignInFault::Throttled(status)) => {
                        return Err(Refusal::oauth(status, "throttled", "Too many failed login attempts."));
                    }
                }
            }
            "refresh_token" => {
                let held = field("refresh_token");
                let user = match switches.refresh_tokens {
                    RefreshTokens::Rotate => self.refresh.remove(held),
                    RefreshTokens::Keep => self.refresh.get(held).copied(),
                };
                match user {
                    Some(user) => self.issue(user, switches.refresh_tokens == RefreshTokens::Rotate, scope),
                    None => return refuse("invalid_grant", "Invalid refresh token."),
                }
            }
            "authorization_code" => {
                let code = self.codes.remove(field("code"));
                let good = code.filter(|code| {
                    code.redirect_uri == field("redirect_uri")
                        && (switches.pkce == Pkce::Ignored || challenge_met(code, field("code_verifier")))
                });
                match good {
                    Some(code) => self.issue(code.user, true, scope),
                    None => {
                        return Err(Refusal::oauth(400, "invalid_grant", "Invalid code or redirect_uri."));
                    }
                }
            }
            _ => return Err(Refusal::oauth(400, "unsupported_grant_type", "Unknown grant_type.")),
        };
        Ok(answer_json(200, &body))
    }
}

/// PKCE is checked when the client began with it and not asked for otherwise. (unknown, reference stepik.md 1.2)
fn challenge_met(code: &Code, verifier: &str) -> bool {
    match &code.challenge {
        None => true,
        Some((method, challenge)) if method == "S256" => {
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge
        }
        Some((_, challenge)) => verifier == challenge,
    }
}

fn basic(ask: &Ask) -> Option<(String, String)> {
    let (scheme, encoded) = ask.header(header::AUTHORIZATION)?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // OAuth 2.0 asks clients to percent-encode both halves first; the generated ones hold nothing to encode.
    Some((id.to_owned(), secret.to_owned()))
}

pub(crate) fn cookie(ask: &Ask, name: &str) -> Option<String> {
    let all = ask.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Unsafe calls without a token need the CSRF cookie repeated in a header, and a Referer of this site.
/// (reference stepik.md 1.5)
pub(crate) fn check_csrf(ask: &Ask) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::detail(403, &format!("CSRF Failed: {why}")));
    let Some(referer) = ask.header(header::REFERER) else {
        return refuse("Referer checking failed - no Referer.");
    };
    let host = ask.header(header::HOST).unwrap_or_default();
    let own = url::Url::parse(referer).is_ok_and(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", url.host_str().unwrap_or_default()) == host
    });
    if !own {
        return refuse("Referer checking failed - it does not match any trusted origins.");
    }
    match (cookie(ask, "csrftoken"), ask.header("x-csrftoken")) {
        (Some(cookie), Some(header)) if cookie == header => Ok(()),
        (None, _) => refuse("CSRF cookie not set."),
        _ => refuse("CSRF token missing or incorrect."),
    }
}

/// The fields that an account is registered with.
pub(crate) fn registration(input: &Object, taken: impl Fn(&str) -> bool) -> Result<Account, Refusal> {
    let mut form = super::form::Form::new(input);
    let email = form.required_text("email", 254);
    let well_formed =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if !email.is_empty() && !well_formed {
        form.fail("email", "Enter a valid email address.");
    } else if taken(&email) {
        form.fail("email", "User with this email already exists.");
    }
    let password = input.get("password").and_then(Value::as_str).unwrap_or_default();
    // Only `email` is enforced by an empty body, so a missing password is not an error. (reference stepik.md 1.5)
    if input.contains_key("password")
        && let Some(why) = weak(password)
    {
        form.fail("password", why);
    }
    for name in ["first_name", "last_name"] {
        if input.get(name).is_some_and(|value| !value.is_null() && !value.is_string()) {
            form.fail(name, "Not a valid string.");
        } else if input.get(name).and_then(Value::as_str).is_some_and(|name| name.chars().count() > 30) {
            form.fail(name, "Ensure this field has no more than 30 characters.");
        }
    }
    form.finish()?;
    Ok(Account { user: 0, email, password: password.to_owned(), failures: 0 })
}

/// Why a password is not taken; the rule is a choice.
pub(crate) fn weak(password: &str) -> Option<&'static str> {
    (password.chars().count() < 8)
        .then_some("This password is too short. It must contain at least 8 characters.")
}
