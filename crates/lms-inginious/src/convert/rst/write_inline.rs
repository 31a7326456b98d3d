//! A line of HTML as reStructuredText, where it can say it.

use scraper::Node;

use super::html::{TreeNode, element, text_of};
use super::inline::name_key;

/// What a paragraph consists of.
pub(super) enum Segment {
    /// A line of text.
    Text(String),
    /// A formula on its own line.
    Math(String),
    /// The end of a line.
    Break,
}

/// The nodes of a paragraph as segments; `None` where reStructuredText cannot say it.
pub(super) fn segments(nodes: &[TreeNode<'_>]) -> Option<Vec<Segment>> {
    let mut out = Vec::new();
    let mut line = Inline::default();
    for node in nodes {
        if let Some(element) = element(node) {
            let value = element.value();
            if value.name() == "br" {
                out.push(Segment::Text(std::mem::take(&mut line).finish()));
                out.push(Segment::Break);
                continue;
            }
            if value.attr("class") == Some("math display") {
                out.push(Segment::Text(std::mem::take(&mut line).finish()));
                out.push(Segment::Math(latex(node)));
                continue;
            }
        }
        line.node(node)?;
    }
    out.push(Segment::Text(line.finish()));
    Some(out)
}

/// The nodes as one line without formulas of their own line.
pub(super) fn one_line(nodes: &[TreeNode<'_>]) -> Option<String> {
    match segments(nodes)?.as_mut_slice() {
        [Segment::Text(text)] => Some(std::mem::take(text)),
        _ => None,
    }
}

/// The LaTeX of a marked formula.
fn latex(node: &TreeNode<'_>) -> String {
    let text = text_of(node);
    let text = text.trim();
    let bare = ["\\(", "\\["].iter().find_map(|open| text.strip_prefix(open)).unwrap_or(text);
    let bare = ["\\)", "\\]"].iter().find_map(|close| bare.strip_suffix(close)).unwrap_or(bare);
    bare.trim().to_owned()
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str, signs: &[char]) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c == '\\' || signs.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Default)]
struct Inline {
    out: String,
    /// Text not yet written: what protects a sign depends on its neighbours, across empty elements.
    waiting: String,
    space: bool,
    /// The last thing written is markup, which wants something that ends it.
    markup: bool,
    /// The first thing written is text, which may be taken for a list or the like.
    text_first: bool,
}

impl Inline {
    fn node(&mut self, node: &TreeNode<'_>) -> Option<()> {
        if let Node::Text(text) = node.value() {
            self.waiting.push_str(text);
            return Some(());
        }
        let element = element(node)?;
        let value = element.value();
        let only_text = node.children().all(|child| matches!(child.value(), Node::Text(_)));
        let attributes = value.attrs().count();
        if value.name() == "span" {
            if attributes == 0 {
                return node.children().try_for_each(|child| self.node(&child).ok_or(())).ok();
            }
            if value.attr("class") != Some("math inline") || attributes != 1 || !only_text {
                return None;
            }
            let latex = collapse(&latex(node));
            if latex.contains('`') || latex.ends_with('\\') {
                return None;
            }
            return self.mark(&latex, |latex| format!(":math:`{latex}`"));
        }
        if !only_text {
            return None;
        }
        let text = text_of(node);
        if value.name() == "a" {
            let href = value.attr("href")?;
            if value.attrs().any(|(name, _)| !matches!(name, "href" | "target" | "rel"))
                || collapse(&text).is_empty()
            {
                return None;
            }
            let address = address(href)?;
            return self.spaced(&text, |text| format!("`{} <{address}>`__", escaped(text, &['`', '<'])));
        }
        if attributes > 0 {
            return None;
        }
        match value.name() {
            "em" | "i" => self.spaced(&text, |text| format!("*{}*", escaped(text, &['*']))),
            "strong" | "b" => self.spaced(&text, |text| format!("**{}**", escaped(text, &['*']))),
            "sub" => self.spaced(&text, |text| format!(":sub:`{}`", escaped(text, &['`']))),
            "sup" => self.spaced(&text, |text| format!(":sup:`{}`", escaped(text, &['`']))),
            "cite" => self.spaced(&text, |text| format!("`{}`", escaped(text, &['`', '<']))),
            "code" | "tt" => {
                let bare = collapse(&text);
                if bare.starts_with('`') || bare.ends_with('`') || bare.contains("``") {
                    return None;
                }
                self.spaced(&text, |text| format!("``{text}``"))
            }
            _ => None,
        }
    }

    /// Markup around a text, whose outer white space stands outside.
    fn spaced(&mut self, text: &str, spell: impl Fn(&str) -> String) -> Option<()> {
        if text.starts_with(|c: char| c.is_whitespace()) {
            self.waiting.push(' ');
        }
        self.mark(&collapse(text), spell)?;
        if text.ends_with(|c: char| c.is_whitespace()) {
            self.waiting.push(' ');
        }
        Some(())
    }

    fn mark(&mut self, text: &str, spell: impl Fn(&str) -> String) -> Option<()> {
        if text.is_empty() {
            return Some(());
        }
        self.flush();
        if self.space && !self.out.is_empty() {
            self.out.push(' ');
        } else if !self.out.is_empty() && (self.markup || !self.out.ends_with('(') || text.starts_with(')')) {
            self.out.push_str("\\ ");
        }
        self.space = false;
        self.out.push_str(&spell(text));
        self.markup = true;
        Some(())
    }

    fn flush(&mut self) {
        let chars: Vec<char> = std::mem::take(&mut self.waiting).chars().collect();
        for (n, c) in chars.iter().copied().enumerate() {
            if c.is_whitespace() && c != '\u{a0}' || self.out.is_empty() && c.is_whitespace() {
                self.space = true;
                continue;
            }
            let prev = n.checked_sub(1).and_then(|n| chars.get(n)).copied();
            let next = chars.get(n + 1).copied();
            if self.out.is_empty() {
                self.text_first = true;
            } else if self.space {
                self.out.push(' ');
            } else if self.markup && !matches!(c, '.' | ',' | ';' | '!' | '?' | ')') {
                self.out.push_str("\\ ");
            }
            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let protect = match c {
                '*' | '`' | '|' | '\\' => true,
                '_' => !word(next),
                // An address that is only text stays text.
                ':' => prev.is_some_and(char::is_alphabetic) && next.is_some_and(|c| !c.is_whitespace()),
                '@' => true,
                _ => self.out.is_empty() && c.is_ascii_punctuation(),
            };
            if protect {
                self.out.push('\\');
            }
            self.out.push(c);
            (self.space, self.markup) = (false, false);
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        let Self { mut out, text_first, .. } = self;
        let end = out.trim_end().len();
        // A backslash would protect nothing.
        out.truncate(end);
        if out.ends_with("::") {
            out.insert(out.len() - 1, '\\');
        }
        if text_first && super::list::begins_item(&out) {
            out.insert(0, '\\');
        }
        out
    }
}

/// An address between `<` and `>`; `None` where it is empty.
fn address(href: &str) -> Option<String> {
    let mut out = String::new();
    for c in href.trim().chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '`' => out.push_str("%60"),
            '\\' => out.push_str("\\\\"),
            c if c.is_whitespace() => out.push_str("%20"),
            c => out.push(c),
        }
    }
    if out.ends_with('_') {
        out.insert(out.len() - 1, '\\');
    }
    (!out.is_empty() && !name_key(&out).is_empty()).then_some(out)
}
