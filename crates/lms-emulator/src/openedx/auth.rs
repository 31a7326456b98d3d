//! Who is calling (reference openedx.md 1.3, 1.4).

use std::time::Instant;

use axum::response::Response;
use serde_json::json;

use super::call::Call;
use super::reply;
use super::state::{App, Host, TokenKind};
use crate::fault::Effect;

/// Which credentials a view takes, and how it words a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// REST framework default: JWT and session. A Bearer header is as good as none.
    Default,
    /// JWT, Bearer and session; plain `detail` errors.
    Plain,
    /// JWT, Bearer and session; errors of the developer mixin.
    Mixin,
    /// JWT and Bearer, no session.
    TokenOnly,
}

/// The caller, if any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller(pub(crate) Option<String>);

impl Caller {
    pub(crate) fn is(&self, username: &str) -> bool {
        self.0.as_deref() == Some(username)
    }
}

/// Reads the credentials. `Err` when some were presented and are not good.
pub(crate) fn identify(app: &App, call: &Call, view: View) -> Result<Caller, Box<Response>> {
    let header = call.header("authorization").unwrap_or_default();
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    match scheme.to_ascii_lowercase().as_str() {
        "jwt" => {
            return token_user(app, call, token.trim(), TokenKind::Jwt)
                .map_err(|code| Box::new(refused_jwt(code, view)));
        }
        "bearer" if view != View::Default => {
            return token_user(app, call, token.trim(), TokenKind::Bearer)
                .map_err(|code| Box::new(refused_bearer(code, view)));
        }
        _ => {}
    }
    if view == View::TokenOnly {
        return Ok(Caller::default());
    }
    let Some(username) = session_user(app, call) else { return Ok(Caller::default()) };
    if !call.method.is_safe() && !csrf_ok(call) {
        return Err(Box::new(reply::detail(403, "CSRF Failed: CSRF token missing.")));
    }
    Ok(Caller(Some(username)))
}

/// Like [`identify`], and anonymous callers are refused with 401.
pub(crate) fn require(app: &App, call: &Call, view: View) -> Result<String, Box<Response>> {
    let message = "Authentication credentials were not provided.";
    identify(app, call, view)?.0.ok_or_else(|| {
        Box::new(reply::unauthenticated(match view {
            View::Mixin => reply::developer(401, message),
            View::Default | View::Plain | View::TokenOnly => reply::detail(401, message),
        }))
    })
}

/// The user of the session cookie of this host.
pub(crate) fn session_user(app: &App, call: &Call) -> Option<String> {
    let id = call.cookie(cookie_name(app.host))?;
    app.lock().sessions.get(&(app.host, id.to_owned())).cloned()
}

/// The two hosts have separate sessions. Both answer on 127.0.0.1 and cookies know no ports, so the
/// names differ (name and domain are settings of a site, reference openedx.md 1.1).
pub(crate) fn cookie_name(host: Host) -> &'static str {
    match host {
        Host::Lms => "sessionid",
        Host::Studio => "studio_session_id",
    }
}

/// Cookie and header must agree (reference openedx.md 1.4).
pub(crate) fn csrf_ok(call: &Call) -> bool {
    call.cookie("csrftoken")
        .is_some_and(|cookie| !cookie.is_empty() && call.header("x-csrftoken") == Some(cookie))
}

fn token_user(app: &App, call: &Call, token: &str, kind: TokenKind) -> Result<Caller, &'static str> {
    if token.is_empty() {
        return Err("token_not_provided");
    }
    let mut state = app.lock();
    let known = state.tokens.get(token).filter(|known| known.kind == kind).cloned();
    let known = known.ok_or("token_nonexistent")?;
    let thrown_away = app.faults().fires(Effect::ExpireToken, call.method.as_str(), call.path());
    if thrown_away && let Some(known) = state.tokens.get_mut(token) {
        known.expires = Instant::now();
    }
    if thrown_away || known.expires <= Instant::now() {
        return Err("token_expired");
    }
    Ok(Caller(Some(known.username)))
}

fn refused_bearer(code: &str, view: View) -> Response {
    let message = match code {
        "token_expired" => "The provided access token has expired and is no longer valid.",
        "token_not_provided" => "Invalid token header. No credentials provided.",
        _ => "The provided access token does not match any valid tokens.",
    };
    let body = json!({"error_code": code, "developer_message": message});
    reply::unauthenticated(match view {
        View::Mixin => reply::json(401, &json!({"developer_message": body})),
        View::Default | View::Plain | View::TokenOnly => reply::json(401, &body),
    })
}

fn refused_jwt(code: &str, view: View) -> Response {
    let message = match code {
        "token_expired" => "Token has expired.",
        "token_not_provided" => "Invalid Authorization header. No credentials provided.",
        _ => "Invalid token.",
    };
    reply::unauthenticated(match view {
        View::Mixin => reply::developer(401, message),
        View::Default | View::Plain | View::TokenOnly => reply::detail(401, message),
    })
}
