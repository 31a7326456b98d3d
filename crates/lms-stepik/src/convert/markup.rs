//! Text: Stepik's HTML to and from the neutral form.
//!
//! Stepik renders LaTeX in `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, and its editor wraps formulas in
//! `<span class="math-tex">`. All are read. `$…$` and `$$…$$` are written: the platform's own hints
//! use them (reference stepik.md 4.7); no source says which form it prefers.

use lms_core::{Markup, MathDelimiters, escape, unescape};
use url::Url;

const INLINE: [MathDelimiters; 2] = [MathDelimiters::new("$", "$"), MathDelimiters::new("\\(", "\\)")];
const DISPLAY: [MathDelimiters; 2] = [MathDelimiters::new("$$", "$$"), MathDelimiters::new("\\[", "\\]")];

/// Where the texts come from: links of the site are relative to it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    base: Option<Url>,
}

impl Site {
    pub(crate) fn new(base: Url) -> Self {
        Self { base: Some(base) }
    }

    /// For texts whose links are neutral by now.
    pub(crate) fn linked() -> Self {
        Self { base: None }
    }

    /// HTML of the platform with the links of the neutral form, and nothing else changed.
    pub(crate) fn read_links(&self, html: &str) -> Markup {
        Markup::from_html(html).map_links(|link| self.read_link(link))
    }

    /// HTML of the platform in the neutral form.
    pub(crate) fn read(&self, html: &str) -> Markup {
        let linked = self.read_links(html);
        unprotect(&unwrap_editor(&linked.mark_math(&INLINE, &DISPLAY)))
    }

    /// Text of the platform that is not HTML, in the neutral form.
    pub(crate) fn read_plain(&self, text: &str) -> Markup {
        Markup::from_text(text).mark_math(&INLINE, &DISPLAY)
    }

    /// A link to a file of the site as `asset:PATH`, any other relative link made absolute.
    fn read_link(&self, link: &str) -> Option<String> {
        let base = self.base.as_ref()?;
        if let Some(path) = media_path(base, link) {
            return Some(format!("asset:{path}"));
        }
        let relative = link.starts_with('/') && !link.starts_with("//");
        relative.then(|| base.join(link).ok().map(String::from)).flatten()
    }
}

/// The path below `/media/` that `link` leads to on this site. It is the id of the file: the public
/// download path of attachments (reference stepik.md 3.15), and of covers.
pub(crate) fn media_path(base: &Url, link: &str) -> Option<String> {
    let url = base.join(link).ok()?;
    let same_site = url.origin() == base.origin();
    // A link that names another site, or an address that is no address, is nobody's file.
    let names_path = link.starts_with('/') || link.starts_with("http://") || link.starts_with("https://");
    (same_site && names_path && url.path().starts_with("/media/")).then(|| url.path().to_owned())
}

/// Neutral text as HTML for the platform; links to files stay `asset:ID`.
pub(crate) fn write(markup: &Markup) -> String {
    protect(markup).spell_math(spell).html().to_owned()
}

/// Neutral text for a field that the platform shows as plain text.
pub(crate) fn write_plain(markup: &Markup) -> String {
    unescape(markup.spell_math(spell).html())
}

fn spell(latex: &str, display: bool) -> String {
    match (latex.contains('$'), display) {
        (false, false) => format!("${latex}$"),
        (false, true) => format!("$${latex}$$"),
        (true, false) => format!("\\({latex}\\)"),
        (true, true) => format!("\\[{latex}\\]"),
    }
}

/// A delimiter that is mere text must not begin a formula on the platform, alone or with one of a
/// formula behind it. Alone in an element it cannot, since formulas do not run across tags.
fn protect(markup: &Markup) -> Markup {
    if markup.spell_math(spell).mark_math(&INLINE, &DISPLAY) == *markup {
        return markup.clone();
    }
    markup.map_text(|text| {
        Some(
            text.replace('$', "<span>$</span>")
                .replace("\\(", "<span>\\</span>(")
                .replace("\\[", "<span>\\</span>["),
        )
    })
}

fn unprotect(markup: &Markup) -> Markup {
    if !markup.html().contains("<span>$</span>") && !markup.html().contains("<span>\\</span>") {
        return markup.clone();
    }
    Markup::from_html(markup.html().replace("<span>$</span>", "$").replace("<span>\\</span>", "\\"))
}

/// Takes the editor's wrapper off formulas that are marked by now.
fn unwrap_editor(markup: &Markup) -> Markup {
    const WRAPPER: &str = "<span class=\"math-tex\">";
    const FORMULA: &str = "<span class=\"math ";
    const END: &str = "</span>";
    let mut out = String::with_capacity(markup.html().len());
    let mut rest = markup.html();
    while let Some(at) = rest.find(WRAPPER) {
        let (before, wrapped) = (&rest[..at], &rest[at + WRAPPER.len()..]);
        out.push_str(before);
        let end = wrapped.starts_with(FORMULA).then(|| wrapped.find(END)).flatten();
        match end.map(|end| end + END.len()) {
            Some(end) if wrapped[end..].starts_with(END) => {
                out.push_str(&wrapped[..end]);
                rest = &wrapped[end + END.len()..];
            }
            _ => {
                out.push_str(WRAPPER);
                rest = wrapped;
            }
        }
    }
    out.push_str(rest);
    Markup::from_html(out)
}

/// A heading before a text, for titles that the platform has no place for.
pub(crate) fn headed(title: &str, markup: &Markup) -> Markup {
    if title.trim().is_empty() {
        return markup.clone();
    }
    Markup::from_html(format!("<h3>{}</h3>", escape(title))).then(markup)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site::new(Url::parse("https://stepik.org").expect("a URL"))
    }

    #[test]
    fn every_spelling_of_a_formula_is_read_and_one_is_written() {
        let html = "<p>$a$ \\(b\\) <span class=\"math-tex\">\\(c\\)</span> $$d$$ \\[e\\]</p>";
        let read = site().read(html);
        assert_eq!(read.html().matches("class=\"math inline\"").count(), 3, "{read}");
        assert_eq!(read.html().matches("class=\"math display\"").count(), 2, "{read}");
        assert!(!read.html().contains("math-tex"), "{read}");
        assert_eq!(write(&read), "<p>$a$ $b$ $c$ $$d$$ $$e$$</p>");
        assert_eq!(site().read(&write(&read)), read);
    }

    #[test]
    fn dollars_that_are_money_do_not_become_formulas() {
        let text = Markup::from_html("<p title=\"$1\">from $5 to $6, <code>$A$</code>, \\(not maths\\)</p>");
        let written = write(&text);
        assert_eq!(site().read(&written), text, "{written}");
        assert!(written.contains("title=\"$1\""), "{written}");
    }

    #[test]
    fn money_beside_a_formula_stays_money() {
        let text = Markup::from_html("costs $5 if <span class=\"math inline\">\\(x\\)</span>");
        assert_eq!(site().read(&write(&text)), text, "{}", write(&text));
    }

    #[test]
    fn a_dollar_in_a_formula_does_not_end_it() {
        let text = Markup::from_html("<span class=\"math inline\">\\(5\\text{\\$}\\)</span>");
        assert_eq!(site().read(&write(&text)), text);
    }

    #[test]
    fn files_of_the_site_are_named_and_other_links_are_absolute() {
        let read = site().read(
            "<a href=\"/media/attachments/lesson/7/a%20b.csv\">a</a><a href=\"/lesson/7/\">b</a>\
             <img src=\"https://stepik.org/media/attachments/course/1/c.png\"><a href=\"https://x.test/media/d\">d</a>",
        );
        assert_eq!(
            read.links(),
            [
                "asset:/media/attachments/lesson/7/a%20b.csv",
                "https://stepik.org/lesson/7/",
                "asset:/media/attachments/course/1/c.png",
                "https://x.test/media/d"
            ]
        );
    }
}
