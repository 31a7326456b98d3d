//! E-mail addresses in text of any sort.

use std::ops::Range;

/// Endings of file names: `icon@2x.png` is no address.
const FILES: [&str; 20] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "mjs", "json", "html", "htm", "xml",
    "txt", "pdf", "zip", "gz", "csv", "md",
];

/// How `@` is written: plainly, in a URL, in HTML.
const AT: [&str; 3] = ["@", "%40", "&#64;"];

struct Found {
    range: Range<usize>,
    at: &'static str,
    /// In lower case and without escapes.
    address: String,
}

/// The text with every address replaced by what `other` makes of it, which is written as the address
/// was; `None` when there is none.
pub(super) fn replace(text: &str, mut other: impl FnMut(&str) -> String) -> Option<String> {
    let mut out = String::new();
    let mut done = 0;
    let mut from = 0;
    while let Some(found) = next(text, done, &mut from) {
        out.push_str(text.get(done..found.range.start)?);
        out.push_str(&other(&found.address).replace('@', found.at));
        done = found.range.end;
    }
    if done == 0 {
        return None;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// The next address, none of which lies before `done`.
fn next(text: &str, done: usize, from: &mut usize) -> Option<Found> {
    loop {
        let rest = text.get(*from..)?;
        let (offset, at) = AT.iter().filter_map(|at| Some((rest.find(at)?, *at))).min()?;
        let here = *from + offset;
        *from = here + at.len();
        let start = local(text.get(done..here)?, at) + done;
        let end = *from + domain(text.get(*from..)?);
        let (name, host) = (text.get(start..here)?, text.get(*from..end)?);
        if is_name(name) && is_host(host) {
            *from = end;
            let address = format!("{}@{host}", name.replace("%2B", "+").replace("%2b", "+"));
            return Some(Found { range: start..end, at, address: address.to_lowercase() });
        }
    }
}

/// Where the name before an `@` begins.
fn local(head: &str, at: &str) -> usize {
    let escaped = at == "%40";
    let mut start = head.len();
    loop {
        let before = head.get(..start).unwrap_or_default();
        start = before.trim_end_matches(|c: char| c.is_alphanumeric() || "._+-".contains(c)).len();
        let name = head.get(start..).unwrap_or_default();
        if !escaped || start == 0 || !head.get(..start).is_some_and(|head| head.ends_with('%')) {
            break;
        }
        // What follows a percent sign is not of the name, unless it is an escaped plus.
        match name.get(..2) {
            Some(hex) if hex.eq_ignore_ascii_case("2b") => start -= 1,
            Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                start += 2;
                break;
            }
            Some(_) | None => break,
        }
    }
    let name = head.get(start..).unwrap_or_default();
    start + name.len() - name.trim_start_matches(['.', '-', '+']).len()
}

/// How long the host after an `@` is.
fn domain(tail: &str) -> usize {
    let end = tail.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').unwrap_or(tail.len());
    tail.get(..end).unwrap_or_default().trim_end_matches(['.', '-']).len()
}

/// Open edX writes `block-v1:Org+C+R+type@asset+block@a.org` (reference openedx.md 1.1): no address.
fn is_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace("%2b", "+");
    let last = name.rsplit('+').next().unwrap_or_default();
    !name.is_empty() && !matches!(last, "block" | "type")
}

fn is_host(host: &str) -> bool {
    let Some((head, last)) = host.rsplit_once('.') else { return false };
    let top = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    top && head.split('.').all(|label| !label.is_empty())
        && !FILES.contains(&last.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_they_are_written() {
        for (text, expected) in [
            ("ask Ada.L+x@Mail.Example.org.", "ask <1@p>."),
            ("a@b.cd,e@f.gh", "<1@p>,<2@p>"),
            ("?email=ada%40example.org&x=1", "?email=<1%40p>&x=1"),
            ("?next=%2Fx%3Femail%3Dada%2Btag%40example.org%26x", "?next=%2Fx%3Femail%3D<1%40p>%26x"),
            ("<a href=\"mailto:ada&#64;example.org\">", "<a href=\"mailto:<1&#64;p>\">"),
            ("Адам@пример.рф", "<1@p>"),
        ] {
            let mut n = 0;
            let got = replace(text, |_| {
                n += 1;
                format!("<{n}@p>")
            });
            assert_eq!(got.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            "block-v1:Org+C+R+type@problem+block@a1.org",
            "asset-v1%3AOrg%2BC%2BR%2Btype%40asset%2Bblock%40a.org",
            "icon@2x.png",
            "jquery@3.6.0",
            "@decorator and a@b",
            "x @ y.z",
            "",
        ] {
            assert_eq!(replace(text, |_| "!".into()), None, "{text}");
        }
    }

    #[test]
    fn an_address_has_one_spelling() {
        let mut seen = Vec::new();
        replace("Ada+T@Example.org ada%2Bt%40example.org", |address| {
            seen.push(address.to_owned());
            String::new()
        });
        assert_eq!(seen, ["ada+t@example.org", "ada+t@example.org"]);
    }
}
