//! HTML as reStructuredText. What it cannot say stands in `.. raw:: html`.

use lms_core::Markup;
use scraper::{Html, Node};

use super::block::width;
use super::directive::ADMONITIONS;
use super::html::{TreeNode, element, is_inline, serialize, text_of};
use super::write_inline::{Segment, one_line, segments};

/// What a block is, as far as it matters for what may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Heading,
    List,
    Definitions,
    Quote,
    Directive,
}

#[derive(Debug)]
struct Out {
    kind: Kind,
    text: String,
}

/// The neutral HTML as reStructuredText.
pub(crate) fn from_html(html: &str) -> String {
    // docutils ends lines at these.
    let html = html.replace("\r\n", "\n").replace(
        ['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}', '\0'],
        " ",
    );
    let document = Html::parse_fragment(Markup::from(html).bounded().html());
    let mut writer = Writer { headings: Vec::new() };
    let children: Vec<_> = document.root_element().children().collect();
    assemble(&writer.flow(&children, true))
}

struct Writer {
    /// The HTML levels of the headings that are open.
    headings: Vec<u8>,
}

/// Blocks with what must stand between them.
fn assemble(blocks: &[Out]) -> String {
    let mut out = String::new();
    let mut prev: Option<Kind> = None;
    for block in blocks {
        let apart = match (prev, block.kind) {
            (None, Kind::Quote) => true,
            (Some(prev), Kind::Quote) => !matches!(prev, Kind::Paragraph | Kind::Heading),
            (Some(prev), Kind::List) => prev == Kind::List,
            (Some(prev), Kind::Definitions) => prev == Kind::Definitions,
            _ => false,
        };
        if prev.is_some() {
            out.push_str("\n\n");
        }
        if apart {
            out.push_str("..\n\n");
        }
        out.push_str(&block.text);
        prev = Some(block.kind);
    }
    out
}

fn indent(text: &str, columns: usize) -> String {
    let pad = " ".repeat(columns);
    text.lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("{pad}{line}") })
        .collect::<Vec<_>>()
        .join("\n")
}

fn directive(head: &str, content: &str) -> Out {
    Out { kind: Kind::Directive, text: format!(".. {head}\n\n{}", indent(content, 4)) }
}

fn raw_text(html: &str) -> Out {
    let lines: Vec<&str> = html.trim().lines().map(str::trim_end).collect();
    directive("raw:: html", &lines.join("\n"))
}

fn raw(nodes: &[TreeNode<'_>]) -> Out {
    let mut html = String::new();
    for node in nodes {
        serialize(node, &mut html);
    }
    // Space that ends a line is kept by its number, but what ends a block is none.
    let mut html = html.trim_end();
    while let Some(rest) = html.strip_suffix("&#32;") {
        html = rest.trim_end();
    }
    raw_text(html)
}

fn is_blank(node: &TreeNode<'_>) -> bool {
    matches!(node.value(), Node::Text(text) if text.trim().is_empty())
}

/// The elements among the children; `None` where text or comments stand between them.
fn elements<'a>(node: &TreeNode<'a>) -> Option<Vec<TreeNode<'a>>> {
    node.children().filter(|child| !is_blank(child)).map(|child| element(&child).map(|_| child)).collect()
}

fn name_of(node: &TreeNode<'_>) -> String {
    element(node).map(|e| e.value().name().to_owned()).unwrap_or_default()
}

fn attribute(node: &TreeNode<'_>, name: &str) -> Option<String> {
    element(node).and_then(|e| e.value().attr(name).map(str::to_owned))
}

fn attributes(node: &TreeNode<'_>) -> usize {
    element(node).map_or(0, |e| e.value().attrs().count())
}

/// Classes that docutils would not spell otherwise.
fn is_class_list(classes: &str) -> bool {
    let ok = |class: &str| {
        class.starts_with(|c: char| c.is_ascii_lowercase())
            && class.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !class.ends_with('-')
            && !class.contains("--")
    };
    !classes.is_empty() && classes.split(' ').all(ok)
}

impl Writer {
    fn flow(&mut self, nodes: &[TreeNode<'_>], top: bool) -> Vec<Out> {
        let mut out = Vec::new();
        let mut run: Vec<TreeNode<'_>> = Vec::new();
        for node in nodes {
            let inline = match node.value() {
                Node::Text(_) => true,
                Node::Element(e) => is_inline(e.name()),
                _ => false,
            };
            if inline {
                run.push(*node);
                continue;
            }
            self.paragraph(&std::mem::take(&mut run), None, &mut out);
            if matches!(node.value(), Node::Comment(_)) || element(node).is_some() {
                self.block(node, top, &mut out);
            }
        }
        self.paragraph(&run, None, &mut out);
        out
    }

    /// A paragraph; `whole` is the element that it is, if it is one.
    fn paragraph(&mut self, nodes: &[TreeNode<'_>], whole: Option<&TreeNode<'_>>, out: &mut Vec<Out>) {
        if nodes.iter().all(is_blank) {
            return;
        }
        let shown: Vec<_> = nodes.iter().filter(|n| !is_blank(n)).copied().collect();
        if let [only] = shown.as_slice()
            && name_of(only) == "img"
            && let Some(image) = image(only)
        {
            out.push(image);
            return;
        }
        let Some(parts) = segments(nodes) else {
            out.push(match whole {
                Some(node) => raw(&[*node]),
                None => raw(nodes),
            });
            return;
        };
        let mut lines: Vec<String> = Vec::new();
        let flush = |lines: &mut Vec<String>, out: &mut Vec<Out>| {
            while lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
            let begin = lines.iter().take_while(|line| line.is_empty()).count();
            lines.drain(..begin);
            let text = match lines.as_slice() {
                [] => return,
                [line] => line.clone(),
                many => many
                    .iter()
                    .map(|line| if line.is_empty() { "|".to_owned() } else { format!("| {line}") })
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
            out.push(Out { kind: Kind::Paragraph, text });
            lines.clear();
        };
        let mut fresh = true;
        for part in parts {
            match part {
                Segment::Text(text) if fresh => {
                    lines.push(text);
                    fresh = false;
                }
                Segment::Text(text) => {
                    if let Some(last) = lines.last_mut() {
                        last.push_str(&text);
                    }
                }
                Segment::Break => fresh = true,
                Segment::Math(latex) => {
                    flush(&mut lines, out);
                    fresh = true;
                    let latex: Vec<&str> = latex.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
                    if !latex.is_empty() {
                        out.push(directive("math::", &latex.join("\n")));
                    }
                }
            }
        }
        flush(&mut lines, out);
    }

    fn block(&mut self, node: &TreeNode<'_>, top: bool, out: &mut Vec<Out>) {
        let name = name_of(node);
        let children: Vec<_> = node.children().collect();
        let plain = attributes(node) == 0;
        let made = match name.as_str() {
            "p" if plain => {
                self.paragraph(&children, Some(node), out);
                return;
            }
            "p" if attribute(node, "class").as_deref() == Some("rubric") && attributes(node) == 1 => {
                one_line(&children)
                    .filter(|t| !t.is_empty())
                    .map(|text| Out { kind: Kind::Directive, text: format!(".. rubric:: {text}") })
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if plain && top => self.heading(&name, &children),
            "ul" | "ol" => self.list(node, &name),
            "dl" if plain => self.definitions(node),
            "blockquote" if plain => {
                let inner = assemble(&self.flow(&children, false));
                (!inner.is_empty()).then(|| Out { kind: Kind::Quote, text: indent(&inner, 4) })
            }
            "pre" => self.preformatted(node),
            "table" if plain => self.table(node),
            "hr" if plain && top => Some(Out { kind: Kind::Heading, text: "----".into() }),
            "div" => self.division(node),
            _ => None,
        };
        out.push(made.unwrap_or_else(|| raw(&[*node])));
    }

    fn heading(&mut self, name: &str, children: &[TreeNode<'_>]) -> Option<Out> {
        let title = one_line(children).filter(|title| !title.is_empty())?;
        let level = name.as_bytes().get(1)? - b'0';
        while self.headings.last().is_some_and(|open| *open >= level) {
            self.headings.pop();
        }
        // Levels beyond h6 would come back as another level.
        if self.headings.len() >= 4 {
            return None;
        }
        self.headings.push(level);
        let sign = ["=", "-", "~", "^"].get(self.headings.len() - 1)?;
        Some(Out { kind: Kind::Heading, text: format!("{title}\n{}", sign.repeat(width(&title).max(4))) })
    }

    fn list(&mut self, node: &TreeNode<'_>, name: &str) -> Option<Out> {
        let items = elements(node)?;
        let start: usize = match attribute(node, "start") {
            Some(start) => start.parse().ok()?,
            None => 1,
        };
        let kind = attribute(node, "type").unwrap_or_else(|| "1".into());
        let known =
            usize::from(attribute(node, "start").is_some()) + usize::from(attribute(node, "type").is_some());
        if attributes(node) != known || items.is_empty() || (name == "ul" && known > 0) {
            return None;
        }
        let mut lines = Vec::new();
        for (n, item) in items.iter().enumerate() {
            if name_of(item) != "li" || attributes(item) > 0 {
                return None;
            }
            let marker = match (name, kind.as_str()) {
                ("ul", _) => "-".to_owned(),
                (_, "1") => format!("{}.", start + n),
                (_, "a" | "A") if (1..=8).contains(&(start + n)) => {
                    let letter = char::from(b'a' + u8::try_from(start + n - 1).ok()?);
                    format!("{}.", if kind == "A" { letter.to_ascii_uppercase() } else { letter })
                }
                _ => return None,
            };
            let children: Vec<_> = item.children().collect();
            let body = indent(&assemble(&self.flow(&children, false)), marker.len() + 1);
            lines.push(format!("{marker} {}", body.trim_start()).trim_end().to_owned());
        }
        let separator = if lines.iter().any(|l| l.contains('\n')) { "\n\n" } else { "\n" };
        Some(Out { kind: Kind::List, text: lines.join(separator) })
    }

    fn definitions(&mut self, node: &TreeNode<'_>) -> Option<Out> {
        let parts = elements(node)?;
        if parts.is_empty() || parts.len() % 2 == 1 {
            return None;
        }
        let mut out = Vec::new();
        for pair in parts.chunks(2) {
            let [term, body] = pair else { return None };
            if name_of(term) != "dt" || name_of(body) != "dd" || attributes(term) + attributes(body) > 0 {
                return None;
            }
            let term = one_line(&term.children().collect::<Vec<_>>()).filter(|t| !t.is_empty())?;
            let inner = assemble(&self.flow(&body.children().collect::<Vec<_>>(), false));
            if inner.is_empty() {
                return None;
            }
            // ` : ` would begin a classifier.
            out.push(format!("{}\n{}", term.replace(" : ", " \\: "), indent(&inner, 4)));
        }
        Some(Out { kind: Kind::Definitions, text: out.join("\n\n") })
    }

    fn preformatted(&mut self, node: &TreeNode<'_>) -> Option<Out> {
        let text = text_of(node);
        let class = attribute(node, "class");
        if class.as_deref() == Some("rst") && attributes(node) == 1 {
            return Some(Out { kind: Kind::Directive, text });
        }
        let children: Vec<_> = node.children().collect();
        let head = match children.as_slice() {
            _ if attributes(node) > 0 => return None,
            [only]
                if name_of(only) == "code" && only.children().all(|c| matches!(c.value(), Node::Text(_))) =>
            {
                let class = attribute(only, "class");
                if attributes(only) != usize::from(class.is_some()) {
                    return None;
                }
                let language = class.as_deref().map_or(Some(""), |c| c.strip_prefix("language-"))?;
                if language.contains(char::is_whitespace) {
                    return None;
                }
                Some(format!("code-block:: {language}").trim_end().to_owned())
            }
            all if all.iter().all(|c| matches!(c.value(), Node::Text(_))) => None,
            _ => return None,
        };
        let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(&text).lines().map(str::trim_end).collect();
        let flush_left = lines.iter().any(|l| !l.is_empty() && !l.starts_with(' '));
        let tight =
            lines.first().is_some_and(|l| !l.is_empty()) && lines.last().is_some_and(|l| !l.is_empty());
        if !flush_left || !tight || text.contains('\t') {
            return None;
        }
        let text = lines.join("\n");
        Some(match head {
            Some(head) => directive(&head, &text),
            None => Out { kind: Kind::Directive, text: format!("::\n\n{}", indent(&text, 4)) },
        })
    }

    fn table(&mut self, node: &TreeNode<'_>) -> Option<Out> {
        let mut rows: Vec<(bool, TreeNode<'_>)> = Vec::new();
        let mut caption = String::new();
        for part in elements(node)? {
            if attributes(&part) > 0 {
                return None;
            }
            match name_of(&part).as_str() {
                "caption" => caption = one_line(&part.children().collect::<Vec<_>>())?,
                "thead" => rows.extend(elements(&part)?.into_iter().map(|row| (true, row))),
                "tbody" => rows.extend(elements(&part)?.into_iter().map(|row| (false, row))),
                _ => return None,
            }
        }
        let head = rows.iter().take_while(|(head, _)| *head).count();
        let mut lines: Vec<String> = Vec::new();
        let mut columns = None;
        for (is_head, row) in &rows {
            let cells = elements(row)?;
            if attributes(row) > 0 || cells.is_empty() || *columns.get_or_insert(cells.len()) != cells.len() {
                return None;
            }
            for (n, cell) in cells.iter().enumerate() {
                if name_of(cell) != if *is_head { "th" } else { "td" } || attributes(cell) > 0 {
                    return None;
                }
                let inner = assemble(&self.flow(&cell.children().collect::<Vec<_>>(), false));
                let lead = if n == 0 { "* -" } else { "  -" };
                let body = indent(&inner, 4);
                lines.push(format!("{lead} {}", body.trim_start()).trim_end().to_owned());
            }
        }
        if lines.is_empty() || (head > 0 && head == rows.len()) {
            return None;
        }
        let options = if head > 0 { format!("\n    :header-rows: {head}") } else { String::new() };
        let head = format!(".. list-table:: {caption}").trim_end().to_owned();
        Some(Out {
            kind: Kind::Directive,
            text: format!("{head}{options}\n\n{}", indent(&lines.join("\n"), 4)),
        })
    }

    fn division(&mut self, node: &TreeNode<'_>) -> Option<Out> {
        let class = attribute(node, "class");
        let children: Vec<_> = node.children().collect();
        if let Some(until) = attribute(node, "data-until")
            && class.as_deref() == Some("hidden-until")
            && attributes(node) == 2
        {
            let inner = assemble(&self.flow(&children, false));
            return (!inner.is_empty()).then(|| directive(&format!("hidden-until:: {until}"), &inner));
        }
        if attributes(node) != usize::from(class.is_some()) {
            return None;
        }
        let class = class.unwrap_or_default();
        if let Some(kind) = class.strip_prefix("admonition ").filter(|kind| is_class_list(kind)) {
            return self.admonition(kind, &children);
        }
        if !class.is_empty() && !is_class_list(&class) {
            return None;
        }
        let inner = assemble(&self.flow(&children, false));
        (!inner.is_empty()).then(|| directive(format!("container:: {class}").trim_end(), &inner))
    }

    fn admonition(&mut self, kind: &str, children: &[TreeNode<'_>]) -> Option<Out> {
        let shown: Vec<_> = children.iter().filter(|n| !is_blank(n)).copied().collect();
        let (title, rest) = match shown.split_first() {
            Some((first, rest)) if attribute(first, "class").as_deref() == Some("admonition-title") => {
                (Some(one_line(&first.children().collect::<Vec<_>>())?), rest)
            }
            _ => (None, shown.as_slice()),
        };
        let inner = assemble(&self.flow(rest, false));
        if inner.is_empty() {
            return None;
        }
        let head =
            if ADMONITIONS.contains(&kind) { format!("{kind}::") } else { format!("admonition:: {kind}") };
        let head = match title {
            Some(title) => format!("{head}\n    :title: {title}"),
            None => head,
        };
        Some(directive(&head, &inner))
    }
}

/// An image on its own line.
fn image(node: &TreeNode<'_>) -> Option<Out> {
    let element = element(node)?;
    let mut options = String::new();
    let mut address = None;
    let mut option =
        |name: &str, value: &str| options.push_str(format!("\n    :{name}: {value}").trim_end_matches(' '));
    let length = |value: &str| {
        let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        let unit = &value[digits.len()..];
        !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && matches!(unit, "em" | "ex" | "px" | "in" | "cm" | "mm" | "pt" | "pc" | "%")
    };
    // In the order in which they are read back.
    for (name, value) in element.value().attrs() {
        match name {
            "src" => address = Some(value.trim().replace(char::is_whitespace, "%20")),
            "alt" | "class" | "align" | "width" | "height" | "style" => {}
            _ => return None,
        }
        if value.contains('\n') {
            return None;
        }
    }
    let value = |name: &str| element.value().attr(name);
    if let Some(alt) = value("alt") {
        option("alt", &alt.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(class) = value("class") {
        is_class_list(class).then(|| option("class", class))?;
    }
    if let Some(align) = value("align") {
        matches!(align, "left" | "center" | "right" | "top" | "middle" | "bottom")
            .then(|| option("align", align))?;
    }
    for name in ["width", "height"] {
        if let Some(size) = value(name) {
            (!size.is_empty() && size.bytes().all(|b| b.is_ascii_digit())).then(|| option(name, size))?;
        }
    }
    for rule in value("style").unwrap_or_default().split(';').map(str::trim).filter(|r| !r.is_empty()) {
        let (name, size) = rule.split_once(':')?;
        let (name, size) = (name.trim(), size.trim());
        match name {
            "width" | "height" if length(size) && value(name).is_none() => option(name, size),
            "zoom" if size.ends_with('%') && length(size) => option("scale", size),
            _ => return None,
        }
    }
    let address = address.filter(|a| !a.is_empty())?;
    Some(Out { kind: Kind::Directive, text: format!(".. image:: {address}{options}") })
}
