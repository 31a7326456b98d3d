//! Inline markup, by docutils' rules of what may stand before and behind it.

use lms_core::escape;

use super::Reader;

/// How many columns of an address a reader sees as part of it.
const URL_SCHEMES: [&str; 4] = ["http://", "https://", "ftp://", "mailto:"];

fn opens_after(prev: Option<char>) -> bool {
    prev.is_none_or(|c| {
        c.is_whitespace()
            || matches!(c, '\'' | '"' | '(' | '[' | '{' | '<' | '-' | '/' | ':')
            || foreign_mark(c)
    })
}

fn closes_before(next: Option<char>) -> bool {
    next.is_none_or(|c| {
        c.is_whitespace()
            || matches!(
                c,
                '\'' | '"' | ')' | ']' | '}' | '>' | '-' | '/' | '\\' | ':' | '.' | ',' | ';' | '!' | '?'
            )
            || foreign_mark(c)
    })
}

fn foreign_mark(c: char) -> bool {
    !c.is_ascii() && !c.is_alphanumeric()
}

/// `(*)`: a sign between brackets or quotes is itself.
fn is_quoted(prev: Option<char>, next: Option<char>) -> bool {
    matches!(
        (prev, next),
        (Some('('), Some(')'))
            | (Some('['), Some(']'))
            | (Some('{'), Some('}'))
            | (Some('<'), Some('>'))
            | (Some('"'), Some('"'))
            | (Some('\''), Some('\''))
    )
}

/// Where `end` closes what begins at the front of `text`; `escapes` says whether a backslash protects.
fn find_end(text: &str, end: &str, escapes: bool) -> Option<usize> {
    let mut prev: Option<char> = None;
    let mut skip = false;
    for (at, c) in text.char_indices() {
        if skip {
            skip = false;
            prev = Some('x');
            continue;
        }
        let behind = text[at..].strip_prefix(end);
        if let (Some(p), Some(behind)) = (prev, behind)
            && !p.is_whitespace()
            && closes_before(behind.chars().next())
            && (end != "*" || !behind.starts_with('*'))
        {
            return Some(at);
        }
        skip = escapes && c == '\\';
        prev = Some(c);
    }
    None
}

/// Text with its backslashes resolved.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c) if !c.is_whitespace() => out.push(c),
                _ => {}
            },
            c => out.push(c),
        }
    }
    out
}

pub(super) fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{}\">{text}</a>", escape(address))
}

pub(super) fn math_inline(latex: &str) -> String {
    format!("<span class=\"math inline\">\\({}\\)</span>", escape(latex.trim()))
}

pub(super) fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Reader {
    /// HTML of a text without blocks.
    pub(super) fn inline(&mut self, text: &str, line: usize) -> String {
        let mut out = String::new();
        let mut prev: Option<char> = None;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            if c == '\\' {
                at += 1;
                if let Some(escaped) = rest[1..].chars().next() {
                    at += escaped.len_utf8();
                    if escaped.is_whitespace() {
                        prev = Some(' ');
                    } else {
                        out.push_str(&escape(&escaped.to_string()));
                        prev = Some(escaped);
                    }
                }
                continue;
            }
            if let Some((html, used)) = self.marked(rest, prev, line) {
                out.push_str(&html);
                at += used;
                prev = text[..at].chars().next_back();
                continue;
            }
            out.push_str(&escape(&c.to_string()));
            at += c.len_utf8();
            prev = Some(c);
        }
        out
    }

    /// Markup at the front of `rest`: its HTML and how many bytes it takes.
    fn marked(&mut self, rest: &str, prev: Option<char>, line: usize) -> Option<(String, usize)> {
        let first = rest.chars().next()?;
        if first.is_ascii_alphanumeric() && !prev.is_some_and(char::is_alphanumeric) {
            return self.word(rest, prev, line);
        }
        if !opens_after(prev) {
            return None;
        }
        let start = |sign: &str| {
            let next = rest.strip_prefix(sign)?.chars().next()?;
            (!next.is_whitespace() && !is_quoted(prev, Some(next))).then_some(sign.len())
        };
        if first == '*' {
            if let Some(from) = start("**") {
                return find_end(&rest[from..], "**", true).map(|n| {
                    (format!("<strong>{}</strong>", escape(&plain(&rest[from..from + n]))), from + n + 2)
                });
            }
            let from = start("*")?;
            return find_end(&rest[from..], "*", true)
                .map(|n| (format!("<em>{}</em>", escape(&plain(&rest[from..from + n]))), from + n + 1));
        }
        if let Some(from) = start("``") {
            return find_end(&rest[from..], "``", false)
                .map(|n| (format!("<code>{}</code>", escape(&rest[from..from + n])), from + n + 2));
        }
        match first {
            '`' => {
                let from = start("`")?;
                self.interpreted(rest, from, None, line)
            }
            ':' => {
                let name_end = rest[1..]
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+')))?
                    + 1;
                let role = &rest[1..name_end];
                (!role.is_empty() && rest[name_end..].starts_with(":`")).then_some(())?;
                self.interpreted(rest, name_end + 2, Some(role), line)
            }
            '|' => {
                let from = start("|")?;
                let n = find_end(&rest[from..], "|", true)?;
                let name = &rest[from..from + n];
                let html = self.substitutions.get(name).cloned()?;
                let used = from + n + 1;
                Some((html, used + rest[used..].bytes().take_while(|b| *b == b'_').count().min(2)))
            }
            '[' => {
                let n = rest.find("]_")?;
                let label = &rest[1..n];
                (!label.is_empty()
                    && !label.contains(char::is_whitespace)
                    && closes_before(rest[n + 2..].chars().next()))
                .then(|| (format!("<sup>[{}]</sup>", escape(label)), n + 2))
            }
            _ => None,
        }
    }

    /// What stands in backquotes: `rest[from..]` begins behind the opening one.
    fn interpreted(
        &mut self,
        rest: &str,
        from: usize,
        role: Option<&str>,
        line: usize,
    ) -> Option<(String, usize)> {
        let body = &rest[from..];
        let n = find_end_reference(body)?;
        let content = &body[..n];
        let behind = &body[n + 1..];
        let underscores = behind.bytes().take_while(|b| *b == b'_').count().min(2);
        let used = from + n + 1;
        if let Some(role) = role {
            return Some((self.role(role, content, line), used));
        }
        if underscores > 0 && closes_before(behind[underscores..].chars().next()) {
            return Some((self.reference(content, underscores == 2, line), used + underscores));
        }
        if let Some(tail) = behind.strip_prefix(':')
            && let Some(end) = tail.find(':')
            && !tail[..end].is_empty()
            && tail[..end].chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            let role = tail[..end].to_owned();
            return Some((self.role(&role, content, line), used + end + 2));
        }
        Some((format!("<cite>{}</cite>", escape(&plain(content))), used))
    }

    fn role(&mut self, role: &str, content: &str, line: usize) -> String {
        let text = || escape(&plain(content));
        match role {
            "math" => math_inline(content),
            "emphasis" => format!("<em>{}</em>", text()),
            "strong" => format!("<strong>{}</strong>", text()),
            "literal" | "code" => format!("<code>{}</code>", escape(content)),
            "sub" | "subscript" => format!("<sub>{}</sub>", text()),
            "sup" | "superscript" => format!("<sup>{}</sup>", text()),
            "title-reference" | "title" | "t" => format!("<cite>{}</cite>", text()),
            _ => match self.raw_roles.get(role) {
                Some(true) => content.to_owned(),
                Some(false) => text(),
                None => {
                    self.note(line, format!("the role `{role}` is not known; its text is kept"));
                    format!("<code>{}</code>", escape(&format!(":{role}:`{content}`")))
                }
            },
        }
    }

    /// `text <address>`_, `name`_ and `text`__.
    fn reference(&mut self, content: &str, anonymous: bool, line: usize) -> String {
        if let Some(open) = content.rfind('<').filter(|_| content.ends_with('>'))
            && (open == 0 || content[..open].ends_with(char::is_whitespace))
            && !content[..open].ends_with('\\')
        {
            let raw = &content[open + 1..content.len() - 1];
            let text = plain(content[..open].trim_end());
            let address = match raw.strip_suffix('_').filter(|r| !r.ends_with('\\')) {
                Some(name) => match self.targets.get(&name_key(&plain(name))) {
                    Some(address) => address.clone(),
                    None => plain(raw),
                },
                None => plain(raw).split_whitespace().collect(),
            };
            let text = if text.is_empty() { address.clone() } else { text };
            return link(&address, &escape(&text));
        }
        let text = plain(content);
        let address =
            if anonymous { self.anonymous.pop_front() } else { self.targets.get(&name_key(&text)).cloned() };
        match address {
            Some(address) => link(&address, &escape(&text)),
            None => {
                self.note(line, format!("the link `{text}` leads nowhere; its text is kept"));
                escape(&text)
            }
        }
    }

    /// An address, a mail address or a `name_` at the front of `rest`.
    fn word(&mut self, rest: &str, prev: Option<char>, _line: usize) -> Option<(String, usize)> {
        if !opens_after(prev) {
            return None;
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\\' | '`' | '|'))
            .unwrap_or(rest.len());
        let run = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '*', '_']);
        if URL_SCHEMES.iter().any(|s| run.len() > s.len() && run.starts_with(s)) {
            let text = run.strip_prefix("mailto:").unwrap_or(run);
            return Some((link(run, &escape(text)), run.len()));
        }
        if let Some((user, host)) = run.split_once('@')
            && !user.is_empty()
            && user.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-'))
            && host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        {
            return Some((link(&format!("mailto:{run}"), &escape(run)), run.len()));
        }
        let name_end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '+' | ':')))
            .unwrap_or(rest.len());
        let underscores = rest[name_end..].bytes().take_while(|b| *b == b'_').count();
        if (1..=2).contains(&underscores) && closes_before(rest[name_end + underscores..].chars().next()) {
            let name = &rest[..name_end];
            let address = if underscores == 2 {
                self.anonymous.pop_front()
            } else {
                self.targets.get(&name_key(name)).cloned()
            };
            return address.map(|address| (link(&address, &escape(name)), name_end + underscores));
        }
        None
    }
}

/// The backquote that ends interpreted text: what follows may be `_`, `__` or `:role:` as well.
fn find_end_reference(text: &str) -> Option<usize> {
    let mut prev: Option<char> = None;
    let mut skip = false;
    for (at, c) in text.char_indices() {
        if skip {
            skip = false;
            prev = Some('x');
            continue;
        }
        if c == '`' && prev.is_some_and(|p| !p.is_whitespace()) {
            let behind = text[at + 1..].trim_start_matches('_');
            if closes_before(behind.chars().next()) {
                return Some(at);
            }
        }
        skip = c == '\\';
        prev = Some(c);
    }
    None
}
