//! LaTeX in text: finding it by a platform's delimiters, and writing it with another's.

use super::scan::{Piece, pieces};

/// How a platform begins and ends a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MathDelimiters {
    /// What stands before: `\(`, `$$`, `[mathjax]`.
    pub open: &'static str,
    /// What stands behind.
    pub close: &'static str,
}

impl MathDelimiters {
    /// A pair of delimiters.
    pub const fn new(open: &'static str, close: &'static str) -> Self {
        Self { open, close }
    }
}

const VERBATIM: [&str; 5] = ["pre", "code", "script", "style", "textarea"];

/// Marks formulas in text nodes. A formula that runs across tags is left as it stands.
pub(super) fn mark(html: &str, inline: &[MathDelimiters], display: &[MathDelimiters]) -> String {
    let all = display.iter().map(|d| (*d, true)).chain(inline.iter().map(|d| (*d, false)));
    let there: Vec<(MathDelimiters, bool)> = all.filter(|(d, _)| html.contains(d.open)).collect();
    if there.is_empty() {
        return html.to_owned();
    }
    map_text(html, |text| mark_text(text, &there))
}

/// The text with its formulas marked; `None` where it has none.
fn mark_text(text: &str, delimiters: &[(MathDelimiters, bool)]) -> Option<String> {
    let mut marked: Option<String> = None;
    let mut rest = text;
    loop {
        // The formula that begins first; of those that begin at one place, the longest opening, so
        // that `$$` is not taken for two `$`.
        let found = delimiters
            .iter()
            .filter_map(|(d, is_display)| {
                let at = rest.find(d.open)?;
                let body = at + d.open.len();
                let length = rest[body..].find(d.close)?;
                let latex = rest[body..body + length].trim();
                (!latex.is_empty()).then_some((
                    at,
                    d.open.len(),
                    body + length + d.close.len(),
                    latex,
                    *is_display,
                ))
            })
            .min_by_key(|(at, open, ..)| (*at, std::cmp::Reverse(*open)));
        let Some((at, _, end, latex, is_display)) = found else { break };
        let out = marked.get_or_insert_default();
        out.push_str(&rest[..at]);
        out.push_str(&marked_formula(latex, is_display));
        rest = &rest[end..];
    }
    let mut marked = marked?;
    marked.push_str(rest);
    Some(marked)
}

/// A formula in the neutral form; `latex` is HTML-escaped.
pub(super) fn marked_formula(latex: &str, display: bool) -> String {
    if display {
        format!("<span class=\"math display\">\\[{latex}\\]</span>")
    } else {
        format!("<span class=\"math inline\">\\({latex}\\)</span>")
    }
}

/// Whether a tag begins a formula in the neutral form, and whether it stands on its own line.
fn marked(source: &str, name: &str) -> Option<bool> {
    if !name.eq_ignore_ascii_case("span") {
        return None;
    }
    if source.contains("class=\"math display\"") {
        Some(true)
    } else if source.contains("class=\"math inline\"") {
        Some(false)
    } else {
        None
    }
}

/// Replaces text nodes outside of formulas and verbatim elements by what `change` makes of them.
pub(super) fn map_text(html: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    // The element within which nothing is changed, and how deep it is nested in itself.
    let mut inside: Option<(String, usize)> = None;
    for piece in pieces(html) {
        match (&piece, &mut inside) {
            (Piece::Tag { source, name, closing }, Some((element, depth))) => {
                if name.eq_ignore_ascii_case(element) {
                    *depth = if *closing { *depth - 1 } else { *depth + 1 };
                    if *depth == 0 {
                        inside = None;
                    }
                }
                out.push_str(source);
            }
            (Piece::Tag { source, name, closing: false }, None) => {
                let verbatim = VERBATIM.iter().any(|v| name.eq_ignore_ascii_case(v));
                if (verbatim || marked(source, name).is_some()) && !source.ends_with("/>") {
                    inside = Some((name.to_ascii_lowercase(), 1));
                }
                out.push_str(source);
            }
            (Piece::Text(text), None) => match change(text) {
                Some(changed) => out.push_str(&changed),
                None => out.push_str(text),
            },
            (Piece::Text(s) | Piece::Other(s) | Piece::Tag { source: s, .. }, _) => out.push_str(s),
        }
    }
    out
}

/// Replaces each marked formula by what `spell` makes of it.
pub(super) fn spell(html: &str, spell: impl Fn(&str, bool) -> String) -> String {
    let mut out = String::with_capacity(html.len());
    let mut formula: Option<(bool, String)> = None;
    for piece in pieces(html) {
        match (&piece, &mut formula) {
            (Piece::Tag { source, name, closing: false }, None) => match marked(source, name) {
                Some(display) => formula = Some((display, String::new())),
                None => out.push_str(source),
            },
            (Piece::Tag { name, closing: true, .. }, Some((display, latex)))
                if name.eq_ignore_ascii_case("span") =>
            {
                let (open, close) = if *display { ("\\[", "\\]") } else { ("\\(", "\\)") };
                let bare = latex.trim();
                let bare = bare.strip_prefix(open).unwrap_or(bare);
                let bare = bare.strip_suffix(close).unwrap_or(bare);
                out.push_str(&spell(bare.trim(), *display));
                formula = None;
            }
            (Piece::Text(text), Some((_, latex))) => latex.push_str(text),
            (_, Some(_)) => {}
            (Piece::Text(s) | Piece::Other(s) | Piece::Tag { source: s, .. }, None) => out.push_str(s),
        }
    }
    if let Some((display, latex)) = formula {
        out.push_str(&spell(&latex, display));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Markup;

    const DOLLAR: MathDelimiters = MathDelimiters::new("$", "$");
    const DOLLARS: MathDelimiters = MathDelimiters::new("$$", "$$");
    const PAREN: MathDelimiters = MathDelimiters::new("\\(", "\\)");

    #[test]
    fn both_kinds_are_marked_and_come_back() {
        let html = "<p>If $a&lt;b$ then $$\\sum_i x_i$$, but <code>$HOME$</code> and \\(c\\).</p>";
        let marked = Markup::from_html(html).mark_math(&[DOLLAR, PAREN], &[DOLLARS]);
        assert_eq!(
            marked.html(),
            "<p>If <span class=\"math inline\">\\(a&lt;b\\)</span> then \
             <span class=\"math display\">\\[\\sum_i x_i\\]</span>, but <code>$HOME$</code> and \
             <span class=\"math inline\">\\(c\\)</span>.</p>"
        );
        assert_eq!(marked.mark_math(&[DOLLAR, PAREN], &[DOLLARS]), marked, "marking twice changes nothing");
        let back = marked
            .spell_math(|latex, display| if display { format!("$${latex}$$") } else { format!("${latex}$") });
        assert_eq!(back.html(), html.replace("\\(c\\)", "$c$"));
    }

    #[test]
    fn only_text_outside_of_maths_and_code_is_changed() {
        let html = "<p title=\"a\">a<code>a</code><span class=\"math inline\">\\(a\\)</span><b>a</b></p>";
        let changed = Markup::from_html(html).map_text(|text| Some(text.replace('a', "&amp;")));
        assert_eq!(
            changed.html(),
            "<p title=\"a\">&amp;<code>a</code><span class=\"math inline\">\\(a\\)</span><b>&amp;</b></p>"
        );
        assert_eq!(Markup::from_html(html).map_text(|_| None).html(), html);
    }

    #[test]
    fn a_lonely_delimiter_is_text() {
        assert_eq!(mark("costs $5", &[DOLLAR], &[DOLLARS]), "costs $5");
        assert_eq!(mark("<p>\\(a</p><p>b\\)</p>", &[PAREN], &[]), "<p>\\(a</p><p>b\\)</p>");
    }
}
