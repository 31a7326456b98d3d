//! Pieces of files and where they stand. All that is read from one file shares its text.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A piece of a file's text.
#[derive(Clone, Default)]
pub(crate) struct Excerpt {
    whole: Arc<str>,
    span: Range<usize>,
}

impl Excerpt {
    /// A part of it; nothing where the span is not in it.
    pub(crate) fn part(&self, span: &Range<usize>) -> Self {
        if self.get(span.clone()).is_none() {
            return Self::default();
        }
        let span = self.span.start + span.start..self.span.start + span.end;
        Self { whole: Arc::clone(&self.whole), span }
    }
}

impl From<Arc<str>> for Excerpt {
    fn from(whole: Arc<str>) -> Self {
        Self { span: 0..whole.len(), whole }
    }
}

impl Deref for Excerpt {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.span.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A line of a file; shown as `file:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, from the course's root.
    pub(crate) file: Arc<str>,
    /// The line, from 1.
    pub(crate) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_part_stands_where_it_stands_and_nothing_outside_is_reached() {
        let whole = Excerpt::from(Arc::from("aλ<b>c"));
        let part = whole.part(&(3..7));
        assert_eq!((&*part, &*part.part(&(1..2))), ("<b>c", "b"));
        assert_eq!((&*whole.part(&(2..3)), &*part.part(&(0..5))), ("", ""));
    }
}
