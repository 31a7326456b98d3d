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

/// HTML without what could do something in a reader's browser: scripts, styles, frames. What the platform's own
/// sanitising takes out is not told. (reference stepik.md 4.10)
pub(super) fn sanitised(html: &str) -> String {
    let mut kept = html.to_owned();
    for name in ["script", "style", "iframe"] {
        let (opening, closing) = (format!("<{name}"), format!("</{name}>"));
        // Letter case of ASCII does not change lengths, so places in the folded text are places in the text.
        while let Some(start) = kept.to_ascii_lowercase().find(&opening) {
            let folded = kept.to_ascii_lowercase();
            let tail = folded.get(start..).unwrap_or_default();
            let end = tail.find(&closing).map_or(kept.len(), |at| start + at + closing.len());
            kept.replace_range(start..end, "");
        }
    }
    kept
}
