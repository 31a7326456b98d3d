//! What is private by its looks: addresses of people, and tokens that no name gives away.

/// From so many letters and digits on, at least one of each, a word is taken for a token. Those of
/// django-oauth-toolkit have 30, sessions of Django 32.
const TOKEN: usize = 24;
/// The same for words with hyphens and underscores in them, which must be in mixed case.
const LONG_TOKEN: usize = 32;

/// Replaces e-mail addresses and tokens in free text.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (between, word) = rest.split_at(start);
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        out.push_str(between);
        mask_word(word, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%' | '+' | '@' | '~')
}

fn mask_word(word: &str, out: &mut String) {
    // A usage or asset key of Open edX is no address, and its block is no token (reference openedx.md 4).
    if word.contains("+type@") {
        out.push_str(word);
    } else if is_address(word) {
        out.push_str("…@…");
    } else if word.starts_with("eyJ") && word.len() >= TOKEN {
        // A JWT, whatever its parts are.
        out.push('…');
    } else {
        mask_tokens(word, out);
    }
}

fn is_address(word: &str) -> bool {
    let parts = word.split_once('@').or_else(|| word.split_once("%40"));
    parts.is_some_and(|(who, host)| !who.is_empty() && host.trim_end_matches('.').contains('.'))
}

fn mask_tokens(word: &str, out: &mut String) {
    if word.len() >= LONG_TOKEN
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && word.chars().any(|c| c.is_ascii_lowercase())
        && word.chars().any(|c| c.is_ascii_uppercase())
        && word.chars().any(|c| c.is_ascii_digit())
    {
        out.push('…');
        return;
    }
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(run);
        out.push_str(if is_token(head) { "…" } else { head });
        let other = tail.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(tail.len());
        let (between, after) = tail.split_at(other);
        out.push_str(between);
        rest = after;
    }
}

fn is_token(run: &str) -> bool {
    // Blocks of Open edX are called by 32 hexadecimal digits.
    let block = run.len() == 32 && run.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    run.len() >= TOKEN
        && !block
        && run.bytes().any(|b| b.is_ascii_digit())
        && run.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_tokens_go() {
        for (text, expected) in [
            ("Ada <ada.l+x@example.org>, hello", "Ada <…@…>, hello"),
            ("mailto:ada@example.org.", "mailto:…@…"),
            ("/accounts/ada%40example.org?x=1", "/accounts/…?x=1"),
            ("no user ж.ада@пример.рф", "no user …@…"),
            ("token x9Kd8sLq2mN4pR7tV1wZ3yB5cF6hJ0 is unknown", "token … is unknown"),
            ("got eyJ0eXAiOiJKV1Qi.eyJzdWIiOiI3In0.c2ln-bmF0dXJl_ZQ!", "got …!"),
            ("key Ab1-Cd2_Ef3-Gh4_Ij5-Kl6_Mn7-Op8_Qr9", "key …"),
        ] {
            let expected = expected.replace("accounts/…", "accounts/…@…");
            assert_eq!(mask(text), expected, "{text}");
        }
    }

    #[test]
    fn what_says_where_the_trouble_is_stays() {
        for text in [
            "block-v1:Demo+PY101+2025+type@problem+block@3cc5ab0123456789abcdef0123456789 not found",
            "asset-v1:Demo+PY101+2025+type@asset+block@graph.png",
            "problem 3cc5ab0123456789abcdef0123456789 in vertical 2",
            "course-v1:DemoUniversity+Introduction2025+autumn_term_of_2025",
            "lecture-01-introduction-to-python-2025.pdf",
            "invalid type: string \"seven\", expected u64 at line 1 column 12",
            "@ada and a@b, 100% of 1234567890123456789012345678",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
