//! On which line of a JSON text something stands.

/// The line, from 1, of what `path` leads to; of the innermost thing on the way that is there.
pub(super) fn line_of(text: &str, path: &[Segment]) -> usize {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    reader.find(path);
    let found = reader.at.min(text.len());
    1 + text.as_bytes().iter().take(found).filter(|byte| **byte == b'\n').count()
}

/// One level of a way through JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// A field of an object.
    Field(String),
    /// An item of an array, from 0.
    Item(usize),
}

/// The way as people write it: `blocks[0].interaction.options`.
pub(super) fn spell(path: &[Segment]) -> String {
    let mut spelled = String::new();
    for segment in path {
        match segment {
            Segment::Field(name) if spelled.is_empty() => spelled.push_str(name),
            Segment::Field(name) => spelled.push_str(&format!(".{name}")),
            Segment::Item(n) => spelled.push_str(&format!("[{n}]")),
        }
    }
    spelled
}

/// Reads JSON that was parsed before, so that nothing is checked again.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// Goes to the thing; stays at the innermost one that is there.
    fn find(&mut self, path: &[Segment]) {
        self.space();
        let Some((first, rest)) = path.split_first() else { return };
        let start = self.at;
        let opening = self.peek();
        self.at += 1;
        for n in 0usize.. {
            self.space();
            match self.peek() {
                None | Some(b'}' | b']') => break,
                Some(b',') => self.at += 1,
                _ => {}
            }
            self.space();
            let key_at = self.at;
            let here = if opening == Some(b'{') {
                let key = self.string();
                self.space();
                self.at += 1;
                matches!(first, Segment::Field(name) if *name == key)
            } else {
                *first == Segment::Item(n)
            };
            if here {
                if rest.is_empty() && opening == Some(b'{') {
                    self.at = key_at;
                    return;
                }
                return self.find(rest);
            }
            self.skip();
        }
        self.at = start;
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// A text with its escapes resolved.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let raw = self.text.get(start..self.at.min(self.text.len())).unwrap_or_default();
        serde_json::from_slice(raw).unwrap_or_default()
    }

    /// Passes over one thing.
    fn skip(&mut self) {
        self.space();
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b',' if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_field() {
        let text =
            "{\n \"a\\\"}\": [1, {\"x\": \"]\"}],\n \"b\": [\n  {\"c\": 1},\n  {\n   \"c\": 2\n  }\n ]\n}\n";
        let field = |name: &str| Segment::Field(name.into());
        assert_eq!(line_of(text, &[]), 1);
        assert_eq!(line_of(text, &[field("a\"}")]), 2);
        assert_eq!(line_of(text, &[field("b")]), 3);
        assert_eq!(line_of(text, &[field("b"), Segment::Item(0), field("c")]), 4);
        assert_eq!(line_of(text, &[field("b"), Segment::Item(1), field("c")]), 6);
        assert_eq!(line_of(text, &[field("b"), Segment::Item(1), field("missing")]), 5);
        assert_eq!(spell(&[field("b"), Segment::Item(1), field("c")]), "b[1].c");
    }
}
