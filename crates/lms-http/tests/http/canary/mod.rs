//! Canaries: recognisable secrets are planted in every call of the matrix (client secret, password, access
//! and refresh tokens, cookies, CSRF token, key, e-mail address; in path, query, headers, forms, JSON, and
//! in what servers send back), and looked for in everything that is printed or logged.

use std::collections::BTreeSet;

use crate::capture;
use crate::matrix::{self, Lasts, secret};

/// Lines of `text` with a secret in them.
fn leaks(text: &str) -> BTreeSet<String> {
    let hidden = secret::hidden();
    let leaks = |line: &&str| {
        let lower = line.to_lowercase();
        lower.contains(secret::CANARY) || hidden.iter().any(|hidden| line.contains(hidden))
    };
    // Times and ports differ from line to line.
    text.lines().filter(leaks).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_the_matrix_is_printed_or_logged() {
    let log = capture::log();
    let (mut found, mut cassettes, mut stores) = (Vec::new(), 0, 0);
    for lasts in [Lasts::Once, Lasts::ForEver] {
        let table = matrix::observe(lasts).await;
        let mut printed = 0;
        for (fault, kind, observed) in matrix::cells(&table) {
            for text in &observed.printed {
                found.extend(leaks(text).into_iter().map(|leak| format!("{kind:?}, {fault}: {leak}")));
                printed += 1;
            }
            for file in &observed.files {
                if file.name.contains("tokens") {
                    // This is where they are to be, for the owner's eyes.
                    assert!(file.private, "{kind:?}, {fault}: others may read {}", file.name);
                    stores += usize::from(!leaks(&file.text).is_empty());
                } else {
                    found.extend(leaks(&file.text).into_iter().map(|leak| format!("{}: {leak}", file.name)));
                    cassettes += usize::from(file.text.contains("/api/people"));
                }
            }
            // They were there to be found.
            let sent = observed.seen.iter().any(|seen| !leaks(&format!("{seen:?}")).is_empty());
            assert!(sent || observed.seen.is_empty(), "{kind:?}, {fault}: nothing was planted");
        }
        assert!(printed > 400, "{printed} texts were looked at");
    }
    assert!(cassettes > 50 && stores > 10, "{cassettes} cassettes, {stores} token files");
    let log = log.text();
    for who in ["lms_http::send", "reqwest::connect", "hyper_util::client"] {
        let lines = log.lines().filter(|line| line.contains(who)).count();
        assert!(lines >= 5, "the log was on: {who} has {lines} lines");
    }
    found.extend(leaks(&log).into_iter().map(|leak| format!("log: {leak}")));
    assert!(found.is_empty(), "{} leaks: {:#?}", found.len(), &found[..found.len().min(10)]);
}

#[test]
fn a_leak_is_found() {
    for leak in [
        format!("DEBUG x: to {}", secret::EMAIL),
        format!("?token={}", secret::NEW_ACCESS),
        "authorization: Basic YXBwOmNhbmFyeTBjbGllbnQwc2VjcmV0MWEyYjNjNGQ1ZQ==".to_owned(),
    ] {
        assert_eq!(leaks(&format!("a line\n{leak}\nanother")).len(), 1, "{leak}");
    }
}
