//! What begins with two dots: directives, substitutions, targets, footnotes, comments.

use lms_core::escape;

use super::block::indented_end;
use super::inline::{link, name_key};
use super::list::field;
use super::table::{Row, table_html};
use super::{Line, Piece, Reader, dedent, join, join_compact, source, trim_blank};

/// Admonitions with a name of their own (reference inginious.md 10).
pub(super) const ADMONITIONS: [&str; 9] =
    ["attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning"];

/// A directive, taken apart.
struct Directive {
    name: String,
    argument: String,
    options: Vec<(String, String)>,
    content: Vec<Line>,
    line: usize,
    /// The lines as they stand, for what is not understood.
    whole: String,
}

impl Directive {
    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `name:: argument` behind the two dots.
fn directive_head(text: &str) -> Option<(&str, &str)> {
    let (name, argument) = text.split_once("::")?;
    let name = name.trim_end();
    let ok = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ':'));
    (ok && (argument.is_empty() || argument.starts_with(' '))).then(|| (name, argument.trim()))
}

/// The lines that belong to the explicit markup at `at`, and where the next block begins.
fn extent(lines: &[Line], at: usize) -> (Vec<Line>, usize) {
    // An empty comment takes nothing with it.
    if lines[at].text == ".." && lines.get(at + 1).is_none_or(Line::is_blank) {
        return (Vec::new(), at + 1);
    }
    let end = indented_end(lines, at + 1);
    (lines[at + 1..end].to_vec(), end)
}

impl Reader {
    /// Finds what may be referred to before it is defined.
    pub(super) fn define(&mut self, lines: &[Line]) {
        for line in lines {
            let text = line.text.trim_start();
            if let Some(address) = text.strip_prefix(".. __:").or_else(|| text.strip_prefix("__ ")) {
                self.anonymous.push_back(address.trim().to_owned());
            } else if let Some(rest) = text.strip_prefix(".. _") {
                let (name, address) = match rest.strip_prefix('`').and_then(|r| r.split_once("`:")) {
                    Some(parts) => parts,
                    None => match rest.split_once(':') {
                        Some(parts) => parts,
                        None => continue,
                    },
                };
                let name = name_key(&name.replace('\\', ""));
                let address: String = address.split_whitespace().collect();
                if address.is_empty() {
                    self.targets.insert(name.clone(), format!("#{}", name.replace(' ', "-")));
                } else {
                    self.targets.insert(name, address);
                }
            }
        }
        // An address that is the name of another target.
        for name in self.targets.keys().cloned().collect::<Vec<_>>() {
            if let Some(address) = self.targets.get(&name).and_then(|a| a.strip_suffix('_')).map(name_key)
                && let Some(address) = self.targets.get(&address).cloned()
            {
                self.targets.insert(name, address);
            }
        }
        for (at, line) in lines.iter().enumerate() {
            let shift = line.indent();
            let text = line.text.trim_start();
            let Some(rest) = text.strip_prefix(".. ") else { continue };
            let body = || {
                let end = lines[at + 1..]
                    .iter()
                    .position(|l| !l.is_blank() && l.indent() <= shift)
                    .map_or(lines.len(), |n| at + 1 + n);
                dedent(trim_blank(&lines[at + 1..end]))
            };
            if let Some((name, head)) = rest.strip_prefix('|').and_then(|r| r.split_once("| ")) {
                if let Some((kind, argument)) = directive_head(head.trim_start()) {
                    let html = self.substitution(kind, argument, body(), line.number);
                    self.substitutions.insert(name.to_owned(), html);
                }
            } else if let Some(role) = rest.trim_start().strip_prefix("role::") {
                let role = role.trim();
                let (name, base) =
                    role.strip_suffix(')').and_then(|r| r.split_once('(')).unwrap_or((role, ""));
                let html = body().iter().any(|l| l.text.starts_with(":format:") && l.text.contains("html"));
                self.raw_roles.insert(name.trim().to_owned(), base.trim() == "raw" && html);
            }
        }
    }

    fn substitution(&mut self, kind: &str, argument: &str, body: Vec<Line>, line: usize) -> String {
        match kind {
            "replace" => {
                let text = format!("{argument} {}", source(&body));
                self.inline(text.trim(), line)
            }
            "raw" => source(trim_blank(&body)),
            "unicode" => argument
                .split_whitespace()
                .map(|word| {
                    let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("U+"));
                    match hex.and_then(|h| u32::from_str_radix(h, 16).ok()).and_then(char::from_u32) {
                        Some(c) => c.to_string(),
                        None => escape(word),
                    }
                })
                .collect(),
            "image" => {
                let (options, _) = options(&body);
                image(argument, &options)
            }
            _ => {
                self.note(line, format!("the substitution by `{kind}` is not known"));
                escape(argument)
            }
        }
    }

    /// Reads what begins with two dots at `at`.
    pub(super) fn explicit(&mut self, lines: &[Line], at: usize, pieces: &mut Vec<Piece>) -> usize {
        let (body, end) = extent(lines, at);
        let line = &lines[at];
        let rest = line.text.get(3..).unwrap_or("").trim_start();
        if rest.starts_with('|') || rest.starts_with("__:") || rest.starts_with("role::") {
            return end;
        }
        if let Some(name) = rest.strip_prefix('_') {
            // `.. _here:` marks a place.
            if let Some(name) = name.strip_suffix(':') {
                let name = name_key(name.trim_matches('`')).replace(' ', "-");
                pieces.push(Piece::Other(format!("<a id=\"{}\"></a>", escape(&name))));
            }
            return end;
        }
        if let Some((label, text)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            let mut inner = vec![Line { text: text.trim().to_owned(), number: line.number }];
            inner.extend(dedent(&body));
            let inner = self.blocks(&inner, false);
            pieces.push(Piece::Other(format!(
                "<div class=\"footnote\">[{}] {}</div>",
                escape(label),
                join_compact(&inner)
            )));
            return end;
        }
        let Some((name, argument)) = directive_head(rest) else { return end };
        let whole = std::iter::once(line.text.as_str())
            .chain(body.iter().map(|l| l.text.as_str()))
            .collect::<Vec<_>>()
            .join("\n");
        let body = dedent(&body);
        // The argument goes on in lines that follow at once and are no options.
        let head = body.iter().take_while(|l| !l.is_blank() && field(&l.text).is_none()).count();
        let takes_argument = matches!(name, "image" | "figure" | "raw" | "class");
        let head = if takes_argument && !argument.is_empty() { 0 } else { head };
        let (found, used) = options(&body[head..]);
        let mut content = Vec::new();
        if head > 0 {
            content.extend_from_slice(&body[..head]);
        }
        content.extend_from_slice(&body[head + used..]);
        let directive = Directive {
            name: name.to_ascii_lowercase(),
            argument: argument.to_owned(),
            options: if head > 0 && used == 0 { Vec::new() } else { found },
            content: dedent(trim_blank(&content)),
            line: line.number,
            whole: whole.trim_end().to_owned(),
        };
        self.directive(directive, pieces);
        end
    }

    fn directive(&mut self, d: Directive, pieces: &mut Vec<Piece>) {
        let html = match d.name.as_str() {
            "raw"
                if d.argument.split_whitespace().any(|format| format == "html")
                    && d.option("file").is_none() =>
            {
                source(&d.content)
            }
            // Other formats do not show on a page.
            "raw" if d.option("file").is_none() => return,
            "code" | "code-block" | "sourcecode" | "highlight" => {
                let class = match d.argument.as_str() {
                    "" => String::new(),
                    language => format!(" class=\"language-{}\"", escape(language)),
                };
                format!("<pre><code{class}>{}</code></pre>", escape(&source(&d.content)))
            }
            "parsed-literal" => {
                let inner = self.inline(&source(&d.content), d.line);
                format!("<pre>{inner}</pre>")
            }
            "math" => {
                let text = [d.argument.as_str(), &source(&d.content)].join("\n");
                let formulas: Vec<String> = text
                    .trim()
                    .split("\n\n")
                    .map(|latex| {
                        format!("<p><span class=\"math display\">\\[{}\\]</span></p>", escape(latex.trim()))
                    })
                    .collect();
                formulas.join("\n")
            }
            "image" => format!("<p>{}</p>", image(&d.argument, &d.options)),
            "figure" => {
                let inner = self.blocks(&d.content, false);
                format!(
                    "<figure>{}\n<figcaption>{}</figcaption></figure>",
                    image(&d.argument, &d.options),
                    join_compact(&inner)
                )
            }
            "container" => self.division(&d.argument, &d.content),
            "class" if !d.content.is_empty() => self.division(&d.argument, &d.content),
            // Without content it only dresses the next block.
            "class" => return,
            "rubric" => {
                let inner = self.inline(&d.argument, d.line);
                format!("<p class=\"rubric\">{inner}</p>")
            }
            "hidden-until" => {
                self.note(
                    d.line,
                    format!("text is hidden until {}; other platforms show it at once", d.argument),
                );
                let inner = self.blocks(&d.content, false);
                format!(
                    "<div class=\"hidden-until\" data-until=\"{}\">\n{}\n</div>",
                    escape(&d.argument),
                    join(&inner)
                )
            }
            "list-table" => match self.list_table(&d) {
                Some(html) => html,
                None => self.unknown(&d),
            },
            "table" => {
                let inner = self.blocks(&d.content, false);
                join(&inner)
            }
            "topic" | "sidebar" | "epigraph" | "highlights" | "pull-quote" | "compound" => {
                let mut inner = self.blocks(&d.content, false);
                if !d.argument.is_empty() {
                    let title = self.inline(&d.argument, d.line);
                    inner.insert(0, Piece::Other(format!("<p class=\"title\">{title}</p>")));
                }
                format!("<div class=\"{}\">\n{}\n</div>", escape(&d.name), join(&inner))
            }
            "admonition" => self.admonition(&d.argument, &d, Vec::new()),
            name if ADMONITIONS.contains(&name) => {
                let first = Line { text: d.argument.clone(), number: d.line };
                let first = if d.argument.is_empty() { Vec::new() } else { vec![first] };
                self.admonition(name, &d, first)
            }
            _ => self.unknown(&d),
        };
        pieces.push(Piece::Other(html));
    }

    fn unknown(&mut self, d: &Directive) -> String {
        self.note(d.line, format!("the directive `{}` is not understood; it is kept as its source", d.name));
        format!("<pre class=\"rst\">{}</pre>", escape(&d.whole))
    }

    fn division(&mut self, class: &str, content: &[Line]) -> String {
        let inner = self.blocks(content, false);
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{}\"", escape(class)) };
        format!("<div{class}>\n{}\n</div>", join(&inner))
    }

    fn admonition(&mut self, kind: &str, d: &Directive, mut content: Vec<Line>) -> String {
        content.extend_from_slice(&d.content);
        let inner = self.blocks(&content, false);
        let title = match d.option("title") {
            Some(title) => format!("<p class=\"admonition-title\">{}</p>\n", self.inline(title, d.line)),
            None => String::new(),
        };
        format!("<div class=\"admonition {}\">\n{title}{}\n</div>", escape(kind), join(&inner))
    }

    /// `list-table`: a bullet list of bullet lists.
    fn list_table(&mut self, d: &Directive) -> Option<String> {
        let item = |lines: &[Line]| -> Option<Vec<Vec<Line>>> {
            let bullet = lines.first()?.text.chars().next().filter(|c| matches!(c, '*' | '-' | '+'))?;
            let mut items: Vec<Vec<Line>> = Vec::new();
            for line in lines {
                if line.text.starts_with(bullet) {
                    let text = format!(" {}", &line.text[1..]);
                    items.push(vec![Line { text: text.trim_end().to_owned(), number: line.number }]);
                } else if line.is_blank() || line.indent() > 0 {
                    items.last_mut()?.push(line.clone());
                } else {
                    return None;
                }
            }
            Some(items)
        };
        let head = d.option("header-rows").and_then(|n| n.trim().parse().ok()).unwrap_or(0);
        let mut rows: Vec<Row> = Vec::new();
        for row in item(&d.content)? {
            let mut cells = Row::new();
            for cell in item(&dedent(trim_blank(&row)))? {
                let inner = self.blocks(&dedent(trim_blank(&cell)), false);
                cells.push((join_compact(&inner), 1, 1));
            }
            rows.push(cells);
        }
        let caption = self.inline(&d.argument, d.line);
        Some(table_html(&rows, head, &caption))
    }
}

/// `:name: value` lines at the front, and how many lines they take.
fn options(lines: &[Line]) -> (Vec<(String, String)>, usize) {
    let mut found: Vec<(String, String)> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        match field(&line.text) {
            Some((name, value)) => found.push((name.to_owned(), value.to_owned())),
            None if !line.is_blank() && line.indent() > 0 && !found.is_empty() => {
                if let Some((_, value)) = found.last_mut() {
                    value.push(' ');
                    value.push_str(line.text.trim());
                }
            }
            None => return (found, n),
        }
    }
    (found, lines.len())
}

fn image(address: &str, options: &[(String, String)]) -> String {
    let option = |name: &str| options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let address: String = address.split_whitespace().collect();
    let mut out = format!("<img src=\"{}\"", escape(&address));
    for name in ["alt", "class", "align", "title"] {
        if let Some(value) = option(name) {
            out.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
    }
    let mut style = String::new();
    for name in ["width", "height"] {
        match option(name) {
            Some(value) if value.bytes().all(|b| b.is_ascii_digit()) => {
                out.push_str(&format!(" {name}=\"{value}\""))
            }
            Some(value) => style.push_str(&format!("{name}: {};", escape(value))),
            None => {}
        }
    }
    if let Some(scale) = option("scale") {
        style.push_str(&format!("zoom: {}%;", escape(scale.trim_end_matches(['%', ' ']))));
    }
    if !style.is_empty() {
        out.push_str(&format!(" style=\"{style}\""));
    }
    out.push('>');
    match option("target") {
        Some(target) => link(target, &out),
        None => out,
    }
}
