//! A text that a pattern matches, for patterns that say plainly what they want.

/// Characters an example may have.
const LONGEST: usize = 500;
/// Groups inside each other.
const DEPTH: usize = 20;

/// A text that the pattern probably matches: the first alternative of everything, as often as it
/// must be at least (once where that is never). `None` where the pattern looks around, refers
/// back, or cannot be read. The caller tries it.
pub(super) fn matching(pattern: &str) -> Option<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut walk = Walk { chars: &chars, at: 0 };
    let text = walk.alternatives(0)?;
    (walk.at == chars.len()).then_some(text)
}

struct Walk<'a> {
    chars: &'a [char],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, c: char) -> bool {
        let taken = self.peek() == Some(c);
        self.at += usize::from(taken);
        taken
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    /// The first alternative that is not empty; the others are read all the same.
    fn alternatives(&mut self, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        let mut chosen = self.sequence(depth)?;
        while self.take('|') {
            let other = self.sequence(depth)?;
            if chosen.is_empty() {
                chosen = other;
            }
        }
        Some(chosen)
    }

    fn sequence(&mut self, depth: usize) -> Option<String> {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            self.at += 1;
            let item = match c {
                '^' | '$' => String::new(),
                '.' => "x".into(),
                '(' => self.group(depth)?,
                '[' => self.set()?.into(),
                '\\' => self.escape()?,
                '*' | '+' | '?' => return None,
                _ => c.into(),
            };
            let times = self.times()?;
            if text.len() + item.len() * times > LONGEST {
                return None;
            }
            text.push_str(&item.repeat(times));
        }
        Some(text)
    }

    /// How often the item before stands: once for `*` and `?`, so that the text shows what is meant.
    fn times(&mut self) -> Option<usize> {
        let times = match self.peek() {
            Some('*' | '+' | '?') => {
                self.at += 1;
                1
            }
            Some('{') => {
                let rest = self.chars.get(self.at + 1..)?;
                let body: String = rest.iter().take_while(|c| **c != '}').collect();
                let low = body.split(',').next().unwrap_or_default();
                self.at += body.chars().count() + 2;
                low.parse().ok()?
            }
            _ => return Some(1),
        };
        if matches!(self.peek(), Some('?' | '+')) {
            self.at += 1;
        }
        Some(times)
    }

    fn group(&mut self, depth: usize) -> Option<String> {
        if self.take('?') {
            match self.next()? {
                ':' => {}
                'P' => {
                    if self.next()? != '<' {
                        return None;
                    }
                    while self.next()? != '>' {}
                }
                flag if flag.is_ascii_lowercase() => loop {
                    match self.next()? {
                        ')' => return Some(String::new()),
                        ':' => break,
                        _ => {}
                    }
                },
                _ => return None,
            }
        }
        let text = self.alternatives(depth + 1)?;
        self.take(')').then_some(text)
    }

    /// The first member of a set; of a set of what must not be, something unlikely to be in it.
    fn set(&mut self) -> Option<char> {
        let negated = self.take('^');
        let mut members = Vec::new();
        loop {
            match self.next()? {
                ']' if !members.is_empty() => break,
                '\\' => members.extend(self.escape()?.chars()),
                c => members.push(c),
            }
        }
        if negated {
            return ['x', 'q', '7', '_', ' '].into_iter().find(|c| !members.contains(c));
        }
        members.first().copied()
    }

    fn escape(&mut self) -> Option<String> {
        let c = self.next()?;
        Some(match c {
            'd' => "1".into(),
            'w' | 'D' | 'S' => "x".into(),
            's' | 'W' => " ".into(),
            'A' | 'Z' | 'b' => String::new(),
            'n' => "\n".into(),
            't' => "\t".into(),
            _ if c.is_ascii_alphanumeric() => return None,
            _ => c.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_have_an_example() {
        let cases = [
            ("Mich(igan)?", Some("Michigan")),
            ("^a|b$", Some("a")),
            (r"\d{2,3}\s*(kg|lb)", Some("11 kg")),
            ("(?i)yes|no", Some("yes")),
            ("[a-f]+[^x]", Some("aq")),
            (r"3\.14\d*", Some("3.141")),
            ("(?P<n>ab)+?c", Some("abc")),
            ("|x", Some("x")),
            ("[]]", Some("]")),
            ("(?=a)a", None),
            (r"(a)\1", None),
            ("a{1000}", None),
            ("(", None),
            ("a)", None),
            ("[a", None),
            ("", Some("")),
        ];
        for (pattern, example) in cases {
            assert_eq!(matching(pattern).as_deref(), example, "{pattern}");
        }
        assert_eq!(matching(&"(".repeat(10_000)), None);
    }
}
