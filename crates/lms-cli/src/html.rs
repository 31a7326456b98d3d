//! HTML as text for a terminal. Formulas stay as they are written.

use html2text::config;
use lms_core::Markup;

/// The text, wrapped at `width` columns; where links lead stands below it. What a terminal would take for commands is
/// left out: the text comes from a platform.
pub(crate) fn to_text(markup: &Markup, width: usize) -> String {
    let html = markup.html();
    let text = config::plain_no_decorate()
        .link_footnotes(true)
        .no_link_wrapping()
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), width.max(20))
        // Only what is too narrow cannot be rendered.
        .unwrap_or_else(|_| markup.plain());
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    printable(text.join("\n").trim_matches('\n'))
}

/// Without control characters other than the end of a line and tabs.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// One line, for lists and tables.
pub(crate) fn to_line(markup: &Markup) -> String {
    to_text(markup, 10_000).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_code_formulas_links_and_pictures_can_be_read() {
        let html = "<h2>Sums</h2><p>What is <span class=\"math inline\">\\(a^2\\)</span> if <b>a</b> is 6? See \
                    <a href=\"https://example.org/a\">this</a>.</p><ul><li>one</li><li>two</li></ul>\
                    <pre><code>def f(x):\n    return x</code></pre><img src=\"asset:p.png\" alt=\"a plot\">";
        let text = to_text(&Markup::from_html(html), 60);
        for part in
            ["Sums", "\\(a^2\\) if a is 6?", "* one", "    return x", "[a plot]", "https://example.org/a"]
        {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
    }

    #[test]
    fn lines_are_wrapped_and_no_command_reaches_the_terminal() {
        let text = to_text(&Markup::from_html("<p>one two three four five six\u{1b}[2J</p>"), 20);
        assert!(text.lines().all(|line| line.chars().count() <= 20), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert_eq!(to_line(&Markup::from_html("<p>a</p>\n<p>b</p>")), "a b");
    }
}
