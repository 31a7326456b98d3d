//! Course, usage and asset keys (reference openedx.md 4).

use std::fmt;

/// `course-v1:ORG+NUMBER+RUN`, or `library-v1:ORG+NUMBER`, which has no run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CourseKey {
    pub(crate) org: String,
    pub(crate) number: String,
    pub(crate) run: String,
}

impl CourseKey {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("library-v1:") {
            let (org, number) = rest.split_once('+')?;
            let valid = |part: &str| !part.is_empty() && part.chars().all(is_key_char);
            let key = Self { org: org.to_owned(), number: number.to_owned(), run: String::new() };
            return (valid(org) && valid(number)).then_some(key);
        }
        let mut parts = text.strip_prefix("course-v1:")?.split('+');
        let key = Self {
            org: parts.next()?.to_owned(),
            number: parts.next()?.to_owned(),
            run: parts.next()?.to_owned(),
        };
        let valid = |part: &str| !part.is_empty() && part.chars().all(is_key_char);
        (parts.next().is_none() && valid(&key.org) && valid(&key.number) && valid(&key.run)).then_some(key)
    }

    /// Whether it is a content library.
    pub(crate) fn is_library(&self) -> bool {
        self.run.is_empty()
    }

    /// The usage key of a block of this course.
    pub(crate) fn usage(&self, block: &BlockId) -> String {
        let kind = if self.is_library() { "lib-block-v1" } else { "block-v1" };
        format!("{kind}:{}+type@{}+block@{}", self.parts(), block.kind, block.id)
    }

    /// The asset key of a file of this course.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("asset-v1:{}+type@asset+block@{name}", self.parts())
    }

    /// The key with everything percent-encoded as Django's `urlencode` does.
    pub(crate) fn quoted(&self) -> String {
        self.to_string().replace(':', "%3A").replace('+', "%2B")
    }

    fn parts(&self) -> String {
        if self.is_library() {
            return format!("{}+{}", self.org, self.number);
        }
        format!("{}+{}+{}", self.org, self.number, self.run)
    }
}

impl fmt::Display for CourseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", if self.is_library() { "library-v1" } else { "course-v1" }, self.parts())
    }
}

/// Type and id of a block inside its course; the course block is `course/course` whatever the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BlockId {
    pub(crate) kind: String,
    pub(crate) id: String,
}

impl BlockId {
    pub(crate) fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.to_owned(), id: id.to_owned() }
    }

    pub(crate) fn root() -> Self {
        Self::new("course", "course")
    }
}

/// Splits `block-v1:ORG+NUMBER+RUN+type@TYPE+block@ID`, and `lib-block-v1:` likewise.
pub(crate) fn parse_usage(text: &str) -> Option<(CourseKey, BlockId)> {
    let (above, rest) = match text.strip_prefix("lib-block-v1:") {
        Some(rest) => ("library-v1", rest),
        None => ("course-v1", text.strip_prefix("block-v1:")?),
    };
    let (course, block) = rest.split_once("+type@")?;
    let (kind, id) = block.split_once("+block@")?;
    let course = CourseKey::parse(&format!("{above}:{course}"))?;
    (!kind.is_empty() && !id.is_empty()).then(|| (course, BlockId::new(kind, id)))
}

/// Splits `asset-v1:ORG+NUMBER+RUN+type@asset+block@NAME`.
pub(crate) fn parse_asset(text: &str) -> Option<(CourseKey, String)> {
    let rest = text.strip_prefix("asset-v1:")?;
    let (course, name) = rest.split_once("+type@asset+block")?;
    let name = name.strip_prefix('@').or_else(|| name.strip_prefix('/'))?;
    Some((CourseKey::parse(&format!("course-v1:{course}"))?, name.to_owned()))
}

fn is_key_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '~' | '.' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip_and_bad_ones_are_refused() {
        let key = CourseKey::parse("course-v1:DemoU+PY101+2025").expect("a key");
        let usage = key.usage(&BlockId::new("problem", "p1"));
        assert_eq!(usage, "block-v1:DemoU+PY101+2025+type@problem+block@p1");
        assert_eq!(parse_usage(&usage), Some((key.clone(), BlockId::new("problem", "p1"))));
        assert_eq!(parse_asset(&key.asset("a.png")), Some((key.clone(), "a.png".into())));
        assert_eq!(key.quoted(), "course-v1%3ADemoU%2BPY101%2B2025");
        let library = CourseKey::parse("library-v1:DemoU+Sums").expect("a key");
        let usage = library.usage(&BlockId::new("problem", "p1"));
        assert_eq!(usage, "lib-block-v1:DemoU+Sums+type@problem+block@p1");
        assert_eq!(parse_usage(&usage), Some((library, BlockId::new("problem", "p1"))));
        for bad in [
            "junk",
            "library-v1:A",
            "library-v1:A+B+C",
            "course-v1:A+B",
            "course-v1:A+B+C+D",
            "course-v1:A B+C+D",
            "course-v1:+B+C",
        ] {
            assert_eq!(CourseKey::parse(bad), None, "{bad}");
        }
    }
}
