//! Tokens and sessions.

use std::collections::BTreeSet;

use lms_core::{Enrollments, LmsProviderExt, Subject};

use super::player::Player;
use super::{Record, named};
use crate::{OpenEdxBuilder, OpenEdxKey};

pub(super) async fn play(records: &[Record], seen: &mut BTreeSet<usize>) {
    tokens(records, seen).await;
    session(records, seen).await;
}

/// Each grant and scheme: the token of the answer is what the next request carries, in the scheme that it was asked for.
async fn tokens(records: &[Record], seen: &mut BTreeSet<usize>) {
    let grants = [
        ("client credentials, bearer", "users: me, bearer", "Bearer"),
        ("client credentials, jwt", "users: me, jwt", "JWT"),
        ("password", "users: me, bearer", "Bearer"),
        ("password, jwt", "users: me, jwt", "JWT"),
        ("password, jwt, staff", "users: me, jwt", "JWT"),
        ("refresh", "users: me, bearer", "Bearer"),
    ];
    for (grant, me, scheme) in grants {
        let (token, me) = (named(records, &format!("oauth: {grant}")), named(records, me));
        let sent: Vec<(String, String)> =
            url::form_urlencoded::parse(token.sent().as_bytes()).into_owned().collect();
        let field = |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let account = named(records, "users: account");
        let player = Player::start("nobody", [token, me, account]).await;
        let mut builder: OpenEdxBuilder = player.builder().with_option(OpenEdxKey::TokenScheme, scheme);
        for (key, name) in [
            (OpenEdxKey::ClientId, "client_id"),
            (OpenEdxKey::ClientSecret, "client_secret"),
            (OpenEdxKey::Username, "username"),
            (OpenEdxKey::Password, "password"),
            (OpenEdxKey::RefreshToken, "refresh_token"),
        ] {
            if let Some(value) = field(name) {
                builder = builder.with_option(key, value);
            }
        }
        let site = builder.build().expect("a provider");
        let found = site.require_accounts().expect("accounts").me().await.expect("an account");
        assert_eq!(found.id.as_str(), account.json()["username"], "{grant}");
        let asked = player.asked();
        let form: Vec<(String, String)> =
            url::form_urlencoded::parse(asked[0].body.as_bytes()).into_owned().collect();
        for wanted in &sent {
            assert!(form.contains(wanted), "{grant}: {} was not sent", wanted.0);
        }
        let carried = format!("{scheme} {}", token.json()["access_token"].as_str().expect("a token"));
        let who = asked.iter().find(|asked| asked.path == "/api/user/v1/me").expect("asked who it is");
        assert_eq!(who.authorization, carried, "{grant}");
        player.end(seen);
    }
}

/// With name and password, for what takes no token.
async fn session(records: &[Record], seen: &mut BTreeSet<usize>) {
    let login = named(records, "session: login");
    let player = Player::start("learner", [login]).await;
    let builder = player.builder().with_option(OpenEdxKey::Token, "token");
    let builder =
        builder.with_option(OpenEdxKey::Username, "learner").with_option(OpenEdxKey::Password, "Secret-123");
    let site = builder.build().expect("a provider");
    site.unenroll(&"course-v1:edX+TC102+course".into(), &Subject::Me).await.expect("left");
    let asked = player.asked();
    let sent = asked.iter().find(|asked| asked.path.ends_with("/login_session")).expect("signed in");
    assert!(sent.body.contains("password=Secret-123"));
    player.end(seen);
}
