//! `/oauth2/…` on the LMS (reference openedx.md 1.2).

use std::time::Instant;

use axum::extract::State as Ext;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::{Call, field};
use super::reply;
use super::state::{App, State, Token, TokenKind, User};
use crate::fault::Effect;
use crate::random;

const SCOPE: &str = "read write email profile";

/// `POST /oauth2/access_token`.
pub(crate) async fn access_token(Ext(app): Ext<App>, call: Call) -> Response {
    let form = call.form();
    let get = |name: &str| field(&form, name).unwrap_or_default();
    let any_secret = app.faults().fires(Effect::AcceptWrongSecret, "POST", call.path());
    let mut state = app.lock();
    let (client, secret) = client_of(&call, &form);
    let grant = get("grant_type");
    let known = client == state.client_id;
    // A password or refresh grant may come from a public client, which has no secret; a wrong one is refused.
    let secret_ok = secret == state.client_secret || (secret.is_empty() && grant != "client_credentials");
    if !known || !(secret_ok || any_secret) {
        return invalid_client();
    }
    let username = match grant {
        "client_credentials" => state.owner.clone(),
        "password" => {
            let user = state.find_user(get("username"));
            match user.filter(|user| user.password == get("password") || any_secret) {
                Some(user) => user.username.clone(),
                None => return invalid_grant(Some("Invalid credentials given.")),
            }
        }
        // A refresh token works once (recorded: `refresh used twice`).
        "refresh_token" => match state.refresh_tokens.remove(get("refresh_token")) {
            Some(username) => username,
            None => return invalid_grant(None),
        },
        // A code works once, and for the address that it was sent to (RFC 6749 4.1.3).
        "authorization_code" => match state.codes.remove(get("code")) {
            Some((username, back)) if back == get("redirect_uri") => username,
            _ => return invalid_grant(None),
        },
        _ => return no_cache(reply::json(400, &json!({"error": "unsupported_grant_type"}))),
    };
    let wanted = field(&form, "token_type").or_else(|| call.header("x-token-type")).unwrap_or_default();
    let kind = if wanted.eq_ignore_ascii_case("jwt") { TokenKind::Jwt } else { TokenKind::Bearer };
    let body = issue(&app, &mut state, &username, kind, grant);
    no_cache(reply::ok(body))
}

/// `POST /oauth2/revoke_token/`: an opaque or a refresh token; a JWT lives on.
pub(crate) async fn revoke_token(Ext(app): Ext<App>, call: Call) -> Response {
    let form = call.form();
    let token = field(&form, "token").unwrap_or_default();
    let mut state = app.lock();
    if state.tokens.get(token).is_some_and(|known| known.kind == TokenKind::Bearer) {
        state.tokens.remove(token);
    }
    state.refresh_tokens.remove(token);
    reply::empty(200)
}

/// The body is the usual place; HTTP Basic was taken by the recorded instance too.
fn client_of(call: &Call, form: &[(String, String)]) -> (String, String) {
    let from_header = || {
        let text = call.header("authorization")?.strip_prefix("Basic ")?;
        let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    };
    match field(form, "client_id").or_else(|| call.query("client_id")) {
        Some(id) => (id.to_owned(), field(form, "client_secret").unwrap_or_default().to_owned()),
        None => from_header().unwrap_or_default(),
    }
}

fn issue(app: &App, state: &mut State, username: &str, kind: TokenKind, grant: &str) -> Value {
    let lifetime = app.token_lifetime();
    let seconds = lifetime.as_secs().max(1);
    let token = match (kind, state.users.get(username)) {
        (TokenKind::Jwt, Some(user)) => jwt(app, user, seconds, grant),
        _ => random::secret()[..30].to_owned(),
    };
    let expires = Instant::now() + lifetime;
    state.tokens.insert(token.clone(), Token { kind, username: username.to_owned(), expires });
    let name = match kind {
        TokenKind::Jwt => "JWT",
        TokenKind::Bearer => "Bearer",
    };
    let mut body = json!({"access_token": token, "expires_in": seconds, "token_type": name, "scope": SCOPE});
    if grant != "client_credentials" {
        let refresh = random::secret()[..30].to_owned();
        state.refresh_tokens.insert(refresh.clone(), username.to_owned());
        body["refresh_token"] = refresh.into();
    }
    body
}

/// The claims of the recorded tokens. The signature is a digest that nobody checks: a token counts
/// when it was issued here.
fn jwt(app: &App, user: &User, seconds: u64, grant: &str) -> String {
    let now = Timestamp::now().as_second();
    let filters: &[&str] = if grant == "password" { &["user:me"] } else { &[] };
    let claims = json!({
        "aud": "lms-key", "exp": now + seconds as i64, "iat": now, "iss": format!("{}/oauth2", app.lms_url()),
        "preferred_username": user.username, "scopes": SCOPE.split(' ').collect::<Vec<_>>(), "version": "1.2.0",
        "sub": anonymous_id(&user.username), "filters": filters, "is_restricted": false, "email_verified": true,
        "email": user.email, "name": user.name, "family_name": "", "given_name": "",
        "administrator": user.staff, "superuser": false,
    });
    let head = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256"}).to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(Sha256::digest(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn anonymous_id(username: &str) -> String {
    Sha256::digest(username.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn invalid_client() -> Response {
    let mut response = no_cache(reply::json(401, &json!({"error": "invalid_client"})));
    let challenge = HeaderValue::from_static("Bearer, error=\"invalid_client\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn invalid_grant(description: Option<&str>) -> Response {
    let mut body = json!({"error": "invalid_grant"});
    if let Some(text) = description {
        body["error_description"] = text.into();
    }
    no_cache(reply::json(400, &body))
}

fn no_cache(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
