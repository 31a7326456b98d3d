//! Python's dialect to the engine's.

/// Characters a pattern may have.
const LENGTH_LIMIT: usize = 20_000;

/// What was written last, as far as the next character depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing that could be repeated: the beginning, or a place such as `^`.
    Nothing,
    /// Something that can be repeated.
    Item,
    /// A quantifier.
    Quantifier,
    /// A quantifier with `?` or `+` behind it.
    Suffixed,
}

/// Why a pattern is not tried.
#[derive(Debug)]
pub(super) enum Refused {
    /// Python refuses it too.
    Malformed(String),
    /// Python may take it; what it means is not known here.
    Unknown(String),
}

impl From<&str> for Refused {
    fn from(why: &str) -> Self {
        Self::Malformed(why.to_owned())
    }
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Malformed(why)
    }
}

/// Python's pattern as the engine reads it.
pub(super) fn rewrite(pattern: &str) -> Result<String, Refused> {
    let chars: Vec<char> = pattern.chars().collect();
    if chars.len() > LENGTH_LIMIT {
        return Err(Refused::Unknown(format!("it is longer than {LENGTH_LIMIT} characters")));
    }
    let mut scan = Scan {
        chars: &chars,
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        groups: Vec::new(),
        open: Vec::new(),
    };
    let mut last = Last::Nothing;
    while let Some(c) = scan.next() {
        last = match c {
            '\\' if matches!(scan.peek(), Some('A' | 'b' | 'B' | 'Z')) => {
                scan.escape(false)?;
                Last::Nothing
            }
            '\\' => scan.escape(false).map(|()| Last::Item)?,
            '^' | '$' | '|' => {
                scan.out.push(c);
                Last::Nothing
            }
            '[' => scan.set().map(|()| Last::Item)?,
            '(' => scan.group(last)?,
            ')' => scan.close()?,
            '{' => match scan.count() {
                Some(count) => {
                    scan.out.push_str(&count);
                    quantified(last)?
                }
                None => {
                    scan.out.push_str(r"\{");
                    Last::Item
                }
            },
            '}' => {
                scan.out.push_str(r"\}");
                Last::Item
            }
            '?' | '+' if last == Last::Quantifier => {
                scan.out.push(c);
                Last::Suffixed
            }
            '*' | '+' | '?' => {
                scan.out.push(c);
                quantified(last)?
            }
            _ => {
                scan.out.push(c);
                Last::Item
            }
        };
    }
    if !scan.open.is_empty() {
        return Err("a group does not end".into());
    }
    Ok(scan.out)
}

fn quantified(last: Last) -> Result<Last, Refused> {
    match last {
        Last::Item => Ok(Last::Quantifier),
        Last::Nothing => Err("there is nothing to repeat".into()),
        Last::Quantifier | Last::Suffixed => Err("two quantifiers in a row".into()),
    }
}

struct Scan<'a> {
    chars: &'a [char],
    at: usize,
    out: String,
    groups: Vec<Group>,
    /// The parentheses that are open: which group each is, if it is one that is kept.
    open: Vec<Option<usize>>,
}

/// A group that can be referred to once it is closed.
struct Group {
    name: String,
    closed: bool,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn rest_starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&format!(r"\x{{{:x}}}", u32::from(c)));
    }

    /// Behind a backslash.
    fn escape(&mut self, in_set: bool) -> Result<(), Refused> {
        let c = self.next().ok_or("it ends in a backslash")?;
        match c {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'b' if in_set => self.literal('\u{8}'),
            'A' | 'b' | 'B' if !in_set => {
                self.out.push('\\');
                self.out.push(c);
            }
            'Z' if !in_set => self.out.push_str(r"\z"),
            'x' => self.code(2)?,
            'u' => self.code(4)?,
            'U' => self.code(8)?,
            '0' if !self.peek().is_some_and(|next| next.is_digit(8)) => self.literal('\0'),
            '1'..='9' if !in_set => self.reference(c)?,
            'N' | '0'..='9' => return Err(Refused::Unknown(format!("the escape \\{c} is not understood"))),
            _ if c.is_ascii_alphanumeric() => return Err(format!("there is no escape \\{c}").into()),
            _ => self.literal(c),
        }
        Ok(())
    }

    /// So many hexadecimal digits.
    fn code(&mut self, digits: usize) -> Result<(), Refused> {
        let end = self.at + digits;
        let code: String = self.chars.get(self.at..end).into_iter().flatten().collect();
        let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        let c = c.filter(|_| !code.starts_with('+')).ok_or("a character code cannot be read")?;
        self.at = end;
        self.literal(c);
        Ok(())
    }

    /// A reference to a group. Python takes one digit or two, three are an octal code.
    fn reference(&mut self, first: char) -> Result<(), Refused> {
        let mut number = String::from(first);
        if let Some(second) = self.peek().filter(char::is_ascii_digit) {
            number.push(second);
            self.at += 1;
            if self.peek().is_some_and(|third| third.is_ascii_digit()) {
                return Err(Refused::Unknown("octal escapes are not understood".into()));
            }
        }
        let group = number.parse::<usize>().ok().and_then(|at| self.groups.get(at.checked_sub(1)?));
        if !group.is_some_and(|group| group.closed) {
            return Err(format!("there is no group {number} before \\{number}").into());
        }
        self.out.push_str(&format!(r"(?:\{number})"));
        Ok(())
    }

    /// Behind `[`.
    fn set(&mut self) -> Result<(), Refused> {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let start = self.at;
        loop {
            let first = self.at == start;
            match self.next().ok_or("a set does not end")? {
                ']' if !first => break,
                '\\' => self.escape(true)?,
                '-' if self.peek() == Some('-') => {
                    return Err(Refused::Unknown("-- in a set is not understood".into()));
                }
                c @ (']' | '[' | '&' | '~' | '^') => self.literal(c),
                '-' if first || self.peek() == Some(']') => self.literal('-'),
                c => self.out.push(c),
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// Behind `(`.
    fn group(&mut self, last: Last) -> Result<Last, Refused> {
        if self.peek() != Some('?') {
            self.out.push('(');
            self.keep(String::new());
            return Ok(Last::Nothing);
        }
        let start = self.at - 1;
        self.at += 1;
        if self.rest_starts("#") {
            while self.next().ok_or("a comment does not end")? != ')' {}
            return Ok(last);
        }
        for plain in [":", "=", "!", "<=", "<!", ">"] {
            if self.rest_starts(plain) {
                self.at += plain.chars().count();
                self.out.push_str("(?");
                self.out.push_str(plain);
                self.open.push(None);
                return Ok(Last::Nothing);
            }
        }
        if self.rest_starts("P<") {
            self.at += 2;
            let name = self.name('>')?;
            self.out.push_str(&format!("(?P<{name}>"));
            self.keep(name);
            return Ok(Last::Nothing);
        }
        if self.rest_starts("P=") {
            self.at += 2;
            let name = self.name(')')?;
            if !self.groups.iter().any(|group| group.closed && group.name == name) {
                return Err(format!("there is no group {name} before (?P={name})").into());
            }
            self.out.push_str(&format!("(?:(?P={name}))"));
            return Ok(Last::Item);
        }
        self.flags(start)?;
        Ok(Last::Nothing)
    }

    /// A name up to its end.
    fn name(&mut self, end: char) -> Result<String, Refused> {
        let mut name = String::new();
        loop {
            match self.next().ok_or("a name does not end")? {
                c if c == end => return Ok(name),
                c if c.is_alphanumeric() || c == '_' => name.push(c),
                c => return Err(format!("{c:?} in the name of a group").into()),
            }
        }
    }

    fn keep(&mut self, name: String) {
        self.open.push(Some(self.groups.len()));
        self.groups.push(Group { name, closed: false });
    }

    fn close(&mut self) -> Result<Last, Refused> {
        let group = self.open.pop().ok_or("nothing is open that ) closes")?;
        if let Some(group) = group.and_then(|at| self.groups.get_mut(at)) {
            group.closed = true;
        }
        self.out.push(')');
        Ok(Last::Item)
    }

    /// Behind `(?`: `i)`, `is:`, `-i:`.
    fn flags(&mut self, start: usize) -> Result<(), Refused> {
        let mut kept = String::new();
        loop {
            match self.next().ok_or("a group does not end")? {
                c @ ('i' | 'm' | 's' | '-') => kept.push(c),
                'u' => {}
                ')' if start == 0 && !kept.contains('-') => {
                    if !kept.is_empty() {
                        self.out.push_str(&format!("(?{kept})"));
                    }
                    return Ok(());
                }
                ':' => {
                    self.out.push_str(&format!("(?{kept}:"));
                    self.open.push(None);
                    return Ok(());
                }
                c => {
                    let why = format!("a group with {c:?} behind (? is not understood");
                    return Err(Refused::Unknown(why));
                }
            }
        }
    }

    /// Behind `{`: a count, or nothing where the brace is a brace.
    fn count(&mut self) -> Option<String> {
        let length = self.chars.get(self.at..)?.iter().position(|c| *c == '}')?;
        let body: String = self.chars.get(self.at..self.at + length)?.iter().collect();
        let (low, high) = match body.split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (body.as_str(), None),
        };
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if !digits(low) || !high.is_none_or(digits) || body.is_empty() {
            return None;
        }
        self.at += length + 1;
        let low = if low.is_empty() { "0" } else { low };
        Some(match high {
            Some(high) => format!("{{{low},{high}}}"),
            None => format!("{{{low}}}"),
        })
    }
}
