//! Text as the model keeps it: HTML with its maths marked and its files named.

mod math;
pub(crate) mod scan;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use math::MathDelimiters;

use crate::AssetId;

/// Levels of nesting that are walked through.
const DEEPEST: usize = 200;

/// HTML in the neutral form.
///
/// * Maths is marked as pandoc does: `<span class="math inline">\(x^2\)</span>` and
///   `<span class="math display">\[x^2\]</span>`, the LaTeX HTML-escaped like all text.
/// * A file of the course is linked as `asset:ID`, other addresses are absolute. Where a course is on its way, and in
///   bundles, its steps are linked as `step:ID` ([`crate::StepId::link`]).
/// * Everything else is the author's HTML, byte for byte.
///
/// It comes from platforms: treat it as hostile before it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Markup(String);

impl Markup {
    /// Takes HTML that is in the neutral form already.
    pub fn from_html(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// Takes plain text; `<`, `>` and `&` are escaped.
    pub fn from_text(text: &str) -> Self {
        Self(escape(text))
    }

    /// The HTML.
    pub fn html(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to see in it.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Whether there is not even white space: what is left out of JSON, so that the way back gives the same.
    pub(crate) fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without tags, entities resolved, white space folded. For comparing and for lists.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        let fragment = scraper::Html::parse_fragment(&self.0);
        let mut ahead = vec![(fragment.tree.root(), false)];
        while let Some((node, is_end)) = ahead.pop() {
            match node.value() {
                scraper::Node::Text(chunk) => text.push_str(chunk),
                // A block parts words at both its ends.
                scraper::Node::Element(element) if !is_phrasing(element.name()) => {
                    text.push(' ');
                    if !is_end {
                        ahead.push((node, true));
                    }
                }
                _ => {}
            }
            if !is_end {
                ahead.extend(node.children().rev().map(|child| (child, false)));
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The same; or its words alone, where elements are nested so deeply ([`Markup::is_too_deep`]) that walking through
    /// them would exhaust the stack.
    #[must_use]
    pub fn bounded(&self) -> Cow<'_, Self> {
        if self.is_too_deep() {
            Cow::Owned(Self(format!("<p>{}</p>", escape(&self.plain()))))
        } else {
            Cow::Borrowed(self)
        }
    }

    /// Whether elements are nested deeper than any author nests them: more than 200 levels.
    pub fn is_too_deep(&self) -> bool {
        // A text with fewer tags cannot be.
        if self.0.matches('<').count() <= DEEPEST {
            return false;
        }
        let fragment = scraper::Html::parse_fragment(&self.0);
        let mut depths = HashMap::new();
        for node in fragment.tree.root().descendants() {
            let above = node.parent().and_then(|parent| depths.get(&parent.id()).copied()).unwrap_or(0_usize);
            if above >= DEEPEST {
                return true;
            }
            depths.insert(node.id(), above + 1);
        }
        false
    }

    /// The addresses in it, in order: `src`, `href`, `poster`, `data`.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        scan::map_links(&self.0, |link| {
            links.push(link.to_owned());
            None
        });
        links
    }

    /// What stands in each `pre`, white space kept: what runs, or does not, by its line ends and indents.
    pub fn preformatted(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let mut depth = 0_usize;
        for piece in scan::pieces(&self.0) {
            match piece {
                scan::Piece::Tag { name, closing, .. } if name.eq_ignore_ascii_case("pre") => {
                    if !closing && depth == 0 {
                        texts.push(String::new());
                    }
                    depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
                }
                scan::Piece::Tag { name, .. } if depth > 0 && name.eq_ignore_ascii_case("br") => {
                    texts.iter_mut().last().into_iter().for_each(|text| text.push('\n'));
                }
                scan::Piece::Text(said) if depth > 0 => {
                    texts.iter_mut().last().into_iter().for_each(|text| text.push_str(&unescape(said)));
                }
                _ => {}
            }
        }
        texts
    }

    /// What each picture says to those who do not see it, in order; empty where one says nothing.
    pub fn alternatives(&self) -> Vec<String> {
        let alternative = |piece| match piece {
            scan::Piece::Tag { source, name, closing: false } if name.eq_ignore_ascii_case("img") => {
                let attributes = scan::attributes(source);
                let at = attributes.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("alt"));
                let value = at.and_then(|(_, at)| source.get(at)).unwrap_or_default();
                Some(unescape(value.trim_matches(['"', '\''])).trim().to_owned())
            }
            _ => None,
        };
        scan::pieces(&self.0).filter_map(alternative).collect()
    }

    /// The course's files that are linked in it, in order, each as often as it is linked.
    pub fn assets(&self) -> Vec<AssetId> {
        self.links().iter().filter_map(|link| link.strip_prefix("asset:")).map(AssetId::from).collect()
    }

    /// The same with addresses changed; `None` leaves one as it is. Nothing else changes by a byte.
    #[must_use]
    pub fn map_links(&self, change: impl FnMut(&str) -> Option<String>) -> Self {
        Self(scan::map_links(&self.0, change))
    }

    /// The same with all maths written in `inline` or `display` delimiters marked. Text inside `pre`,
    /// `code`, `script`, `style`, `textarea` and what is marked already is left alone.
    #[must_use]
    pub fn mark_math(&self, inline: &[MathDelimiters], display: &[MathDelimiters]) -> Self {
        Self(math::mark(&self.0, inline, display))
    }

    /// The same with each marked formula replaced by what `spell` makes of its LaTeX (HTML-escaped)
    /// and of whether it stands on a line of its own.
    #[must_use]
    pub fn spell_math(&self, spell: impl Fn(&str, bool) -> String) -> Self {
        Self(math::spell(&self.0, spell))
    }

    /// The same with the text between tags changed; `None` leaves a piece as it is. Entities are not
    /// resolved. Text inside `pre`, `code`, `script`, `style`, `textarea` and marked maths is left alone.
    #[must_use]
    pub fn map_text(&self, change: impl FnMut(&str) -> Option<String>) -> Self {
        Self(math::map_text(&self.0, change))
    }

    /// This markup, then `more`, as paragraphs of one text.
    #[must_use]
    pub fn then(&self, more: &Markup) -> Self {
        match (self.is_empty(), more.is_empty()) {
            // White space alone is empty too, and stays as it is.
            (_, true) => self.clone(),
            (true, _) => more.clone(),
            _ => Self(format!("{}\n{}", self.0.trim_end(), more.0.trim_start())),
        }
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Markup {
    fn from(html: &str) -> Self {
        Self::from_html(html)
    }
}

impl From<String> for Markup {
    fn from(html: String) -> Self {
        Self(html)
    }
}

/// Escapes text for HTML, attribute values in double quotes included.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Resolves the five entities of XML and numeric ones; others stay as they are.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let resolved = rest.find(';').filter(|end| *end <= 10).and_then(|end| {
            let c = match &rest[1..end] {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                name => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, end + 1))
        });
        match resolved {
            Some((c, used)) => {
                plain.push(c);
                rest = &rest[used..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn is_phrasing(element: &str) -> bool {
    matches!(
        element,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "tt"
            | "u"
            | "var"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_leaves_the_words() {
        let paragraphs = Markup::from_html("<p>one".repeat(1_000));
        assert!(!paragraphs.is_too_deep() && *paragraphs.bounded() == paragraphs);
        let deep = Markup::from_html(format!("{}a &lt; b", "<div>".repeat(1_000)));
        assert!(deep.is_too_deep());
        assert_eq!(deep.bounded().html(), "<p>a &lt; b</p>");
    }

    #[test]
    fn nothing_after_a_text_leaves_it_as_it_is() {
        let (blank, text) = (Markup::from_html(" "), Markup::from_html("<p>a</p> "));
        assert_eq!(blank.then(&Markup::default()), blank);
        assert_eq!(text.then(&blank), text);
        assert_eq!(blank.then(&text), text);
        assert_eq!(text.then(&text).html(), "<p>a</p>\n<p>a</p> ");
    }

    #[test]
    fn links_change_and_nothing_else_does() {
        let html = "<P CLASS=x>a<img alt='/static/no.png' src='/static/a b.png'><a href=/static/c.pdf>c</a>\
                    <!-- <img src=\"/static/d.png\"> --></P>";
        let markup = Markup::from_html(html);
        assert_eq!(markup.links(), ["/static/a b.png", "/static/c.pdf"]);
        let changed =
            markup.map_links(|link| link.strip_prefix("/static/").map(|name| format!("asset:{name}")));
        assert_eq!(
            changed.html(),
            "<P CLASS=x>a<img alt='/static/no.png' src='asset:a b.png'><a href=\"asset:c.pdf\">c</a>\
             <!-- <img src=\"/static/d.png\"> --></P>"
        );
        assert_eq!(changed.assets(), [AssetId::from("a b.png"), AssetId::from("c.pdf")]);
    }

    #[test]
    fn entities_in_addresses_are_resolved_and_written_back() {
        let markup = Markup::from_html("<a href=\"/x?a=1&amp;b=2\">x</a>");
        assert_eq!(markup.links(), ["/x?a=1&b=2"]);
        let same = markup.map_links(|link| Some(link.to_owned()));
        assert_eq!(same, markup);
    }

    #[test]
    fn plain_text_is_what_a_reader_sees() {
        let markup = Markup::from_html("<p>Caf&eacute;&nbsp;<b>no</b>ir</p><ul><li>1<li>2</ul>");
        assert_eq!(markup.plain(), "Café noir 1 2");
        assert_eq!(Markup::from_html("<p>a</p>b<ul><li>1</li></ul>c<b>d</b>e<br>f").plain(), "a b 1 cde f");
    }

    #[test]
    fn escaping_comes_back() {
        let text = "a < b && \"c\" > 'd' &notanentity; &#955;";
        assert_eq!(unescape(&escape(text)), text);
        assert_eq!(unescape("&#955;&#x3bb;&apos;&unknown;&"), "λλ'&unknown;&");
    }
}
