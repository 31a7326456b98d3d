//! /oauth2/authorize/: the page on which a user signs in and approves or refuses. (reference stepik.md 1.2, 1.3; how
//! the real page looks is in no source)

use axum::body::Body;
use axum::http::{Method, Response};
use serde_json::json;

use super::auth::{Credentials, cookie};
use super::people;
use super::plain::Plain;
use super::quiz::escape_html;
use super::site::{form, page, redirect, with_cookies};
use super::state::{Kind, State};
use super::switches::Pkce;
use super::wire::{Answer, Ask, Refusal, answer_json, int, object, text};
use crate::random::secret;

/// GET shows the page, POST is its answer. Whoever has a session is only asked to approve; others give e-mail address
/// and password on the same page. Only loopback redirects are registered.
pub(crate) fn authorize(state: &mut State, ask: &Ask, credentials: Credentials) -> Answer {
    let refuse = |what: &str| Ok(page(400, "Error", &format!("<p>{what}</p>")));
    let redirect_uri = ask.param("redirect_uri").unwrap_or_default();
    let target = url::Url::parse(redirect_uri).ok();
    let is_loopback = |url: &url::Url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    };
    let Some(target) = target.filter(is_loopback) else { return refuse("Mismatching redirect URI.") };
    if ask.param("client_id") != Some(state.keyring.client_id.as_str()) {
        return refuse("Invalid client_id parameter value.");
    }
    // The implicit grant hands the token over in the fragment. (reference stepik.md 1.3)
    let is_implicit = match ask.param("response_type") {
        Some("code") => false,
        Some("token") => true,
        _ => return Ok(back(ask, target, false, &[("error", "unsupported_response_type")])),
    };
    let wanted = if is_implicit { "implicit" } else { "authorization_code" };
    if state.switches.only_grant.is_some_and(|only| only != wanted) {
        return Ok(back(ask, target, is_implicit, &[("error", "unauthorized_client")]));
    }
    if state.switches.pkce == Pkce::Required && !is_implicit && ask.param("code_challenge").is_none() {
        return Ok(back(ask, target, false, &[("error", "invalid_request")]));
    }
    let signed_in = match credentials {
        Credentials::Good(user) => Some(user),
        _ => None,
    };
    let user = if ask.method == Method::POST {
        let fields = form(ask);
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if fields.contains_key("deny") {
            return Ok(back(ask, target, is_implicit, &[("error", "access_denied")]));
        }
        let is_own_page = cookie(ask, "csrftoken").is_some_and(|token| token == field("csrfmiddlewaretoken"));
        match signed_in {
            Some(user) if is_own_page => Some(user),
            Some(_) => return Ok(page(403, "403 Forbidden", "CSRF verification failed.")),
            None => {
                let throttle = state.switches.login_throttle;
                state.keyring.sign_in(field("username"), field("password"), false, throttle).ok()
            }
        }
    } else {
        signed_in.filter(|_| state.switches.skips_consent)
    };
    let Some(user) = user else { return Ok(ask_user(state, ask, signed_in)) };
    if is_implicit {
        let token = state.keyring.issue(user, false, ask.param("scope").unwrap_or_default());
        let text =
            |key: &str| token.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        let pairs: Vec<(&str, String)> = ["access_token", "token_type", "expires_in", "scope"]
            .into_iter()
            .filter_map(|key| Some((key, text(key)?)))
            .collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
        return Ok(back(ask, target, true, &pairs));
    }
    let challenge = ask.param("code_challenge").map(|challenge| {
        (ask.param("code_challenge_method").unwrap_or("plain").to_owned(), challenge.to_owned())
    });
    let code = state.keyring.issue_code(user, redirect_uri, challenge);
    Ok(back(ask, target, false, &[("code", &code)]))
}

/// Sends the browser back to the application, with what it was given as `state`.
fn back(ask: &Ask, mut target: url::Url, in_fragment: bool, pairs: &[(&str, &str)]) -> Response<Body> {
    let given = ask.param("state").map(|state| ("state", state));
    let pairs = pairs.iter().copied().chain(given);
    if in_fragment {
        let fragment: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        target.set_fragment(Some(&fragment));
    } else {
        target.query_pairs_mut().extend_pairs(pairs);
    }
    redirect(target.as_str())
}

fn ask_user(state: &mut State, ask: &Ask, signed_in: Option<i64>) -> Response<Body> {
    let has_session = state.keyring.knows_session(ask) && cookie(ask, "csrftoken").is_some();
    let cookies = (!has_session).then(|| state.keyring.open_session(None));
    let token = cookies.as_ref().map(|(csrf, _)| csrf.clone()).or_else(|| cookie(ask, "csrftoken"));
    let told = if ask.method == Method::POST {
        "<p class=\"error\">E-mail address or password is incorrect.</p>\n"
    } else {
        ""
    };
    let account = if signed_in.is_some() {
        "<p>You are signed in.</p>\n"
    } else {
        "<p><label>E-mail <input name=\"username\" type=\"email\"></label></p>\n\
         <p><label>Password <input name=\"password\" type=\"password\"></label></p>\n"
    };
    let body = format!(
        "<h1>Authorize this application?</h1>\n{told}<form method=\"post\">\n\
         <input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">\n{account}\
         <p>It asks for: {}</p>\n<button type=\"submit\" name=\"allow\" value=\"Authorize\">Authorize</button>\n\
         <button type=\"submit\" name=\"deny\" value=\"Cancel\">Cancel</button>\n</form>",
        escape_html(&token.unwrap_or_default()),
        escape_html(ask.param("scope").unwrap_or("read write")),
    );
    let response = page(200, "Authorize", &body);
    match cookies {
        Some(cookies) => with_cookies(response, &cookies),
        None => response,
    }
}

/// POST /oauth2/social-token/: a token for what a social network vouches for. No network is asked: `code` is the `uid`
/// of a social account that is tied to a user here. (reference stepik.md 1.2, 1.3)
pub(crate) fn social_token(state: &mut State, ask: &Ask) -> Answer {
    let fields = form(ask);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let switches = state.switches.clone();
    if !state.keyring.knows_client(ask, &fields, false, &switches) {
        let status = switches.bad_grant_status;
        return Err(Refusal::oauth(status, "invalid_client", "Client authentication failed."));
    }
    let (provider, uid, email) = (field("provider"), field("code"), field("email"));
    let mut tied = state.all(Kind::Plain(Plain::SocialAccounts));
    let user = tied
        .find(|(_, held)| text(held, "provider") == provider && text(held, "uid") == uid)
        .and_then(|(_, held)| int(held, "user"));
    drop(tied);
    if let Some(user) = user {
        return Ok(answer_json(200, &state.keyring.issue(user, true, field("scope"))));
    }
    if email.is_empty() {
        let body = json!({ "error": "social_signup_without_email", "provider": provider });
        return Err(Refusal::new(401, body));
    }
    if state.keyring.account_at(email).is_some() {
        let body =
            json!({ "error": "social_signup_with_existing_email", "email": email, "provider": provider });
        return Err(Refusal::new(401, body));
    }
    let user = people::add_account(state, email.to_owned(), secret(), "", "");
    let kind = Kind::Plain(Plain::SocialAccounts);
    let id = state.new_id(kind);
    state.put(kind, id, object(json!({ "id": id, "user": user, "provider": provider, "uid": uid })));
    Ok(answer_json(200, &state.keyring.issue(user, true, field("scope"))))
}
