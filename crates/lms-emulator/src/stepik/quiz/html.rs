//! The little that the graders need to know of HTML.

/// A stray `<` or `>` in an HTML text is an error of the author. (reference stepik.md 4.4)
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>']) {
        let tail = &rest[at..];
        let opens_tag = tail
            .strip_prefix('<')
            .is_some_and(|t| t.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!'));
        match tail.find('>') {
            Some(end) if opens_tag => rest = &tail[end + 1..],
            _ => return Err(format!("Unescaped `<` or `>` in `{text}`. Write &lt; and &gt;.")),
        }
    }
    Ok(())
}

/// With HTML off the text is shown as it is. (reference stepik.md 4.4)
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The text without its tags, for telling an empty answer from a written one.
pub(super) fn visible_text(html: &str) -> String {
    let mut inside = false;
    let shown = html.chars().filter(|c| match c {
        '<' => {
            inside = true;
            false
        }
        '>' => {
            inside = false;
            false
        }
        _ => !inside,
    });
    shown.collect::<String>().replace("&nbsp;", " ").trim().to_owned()
}
