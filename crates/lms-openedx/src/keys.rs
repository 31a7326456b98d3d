//! Course and usage keys (reference openedx.md 4).

use lms_core::{BlockId, CourseId, Error, Platform, Result, TaskRef};
use sha2::{Digest, Sha256};

/// `course-v1:ORG+NUMBER+RUN`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CourseKey {
    pub(crate) org: String,
    pub(crate) number: String,
    pub(crate) run: String,
}

impl CourseKey {
    /// Reads a key.
    ///
    /// # Errors
    /// `InvalidInput` with an example.
    pub(crate) fn parse(id: &CourseId) -> Result<Self> {
        let wrong = || {
            Error::invalid("not a course key; it looks like course-v1:Org+Course+Run")
                .at(Platform::OpenEdx, "course")
                .on(id)
        };
        let parts: Vec<&str> = id.as_str().strip_prefix("course-v1:").ok_or_else(wrong)?.split('+').collect();
        match parts.as_slice() {
            [org, number, run] if parts.iter().all(|p| !p.is_empty() && !p.contains(['/', '?', ' '])) => {
                Ok(Self { org: (*org).into(), number: (*number).into(), run: (*run).into() })
            }
            _ => Err(wrong()),
        }
    }

    pub(crate) fn id(&self) -> CourseId {
        CourseId::new(format!("course-v1:{}+{}+{}", self.org, self.number, self.run))
    }

    /// The usage key of a block.
    pub(crate) fn usage(&self, block_type: &str, name: &str) -> String {
        format!("block-v1:{}+{}+{}+type@{block_type}+block@{name}", self.org, self.number, self.run)
    }

    /// The usage key of a problem: a task's id is the last part of it, or the whole.
    pub(crate) fn problem(task: &TaskRef) -> Result<String> {
        if task.task.as_str().starts_with("block-v1:") {
            return Ok(task.task.to_string());
        }
        Ok(Self::parse(&task.course)?.usage("problem", task.task.as_str()))
    }

    /// A key for a course whose id nobody chose: the number is the title in ASCII, or a hash of it. Sites
    /// restrict new courses to ASCII, and Studio's form takes 65 characters for all three parts.
    pub(crate) fn invent(org: &str, title: &str, run: u32) -> Self {
        const LONGEST: usize = 40;
        let mut number = String::new();
        for c in title.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => number.push(c.to_ascii_lowercase()),
                _ if !number.ends_with('-') && !number.is_empty() => number.push('-'),
                _ => {}
            }
        }
        number.truncate(LONGEST);
        let number = number.trim_end_matches('-');
        let number = if number.is_empty() {
            let hash = Sha256::digest(title.as_bytes());
            format!("c{}", hash.iter().take(5).map(|b| format!("{b:02x}")).collect::<String>())
        } else {
            number.to_owned()
        };
        Self { org: org.into(), number, run: run.to_string() }
    }
}

/// The two kinds of content library (reference openedx.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LibraryKind {
    /// `library-v1:ORG+NAME`, which older releases have alone.
    V1,
    /// `lib:ORG:NAME`.
    V2,
}

/// The key of a content library, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LibraryKey {
    pub(crate) kind: LibraryKind,
    pub(crate) org: String,
    pub(crate) name: String,
}

impl LibraryKey {
    /// Reads a key.
    ///
    /// # Errors
    /// `InvalidInput` with examples.
    pub(crate) fn parse(id: &CourseId) -> Result<Self> {
        let text = id.as_str();
        let (kind, parts) = match (text.strip_prefix("library-v1:"), text.strip_prefix("lib:")) {
            (Some(rest), _) => (LibraryKind::V1, rest.split_once('+')),
            (_, Some(rest)) => (LibraryKind::V2, rest.split_once(':')),
            _ => (LibraryKind::V1, None),
        };
        let odd = |part: &str| part.is_empty() || part.contains(['/', '?', ' ', '+', ':']);
        match parts {
            Some((org, name)) if !odd(org) && !odd(name) => {
                Ok(Self { kind, org: org.to_owned(), name: name.to_owned() })
            }
            _ => {
                let text = "not a library's key; it looks like library-v1:Org+Name or lib:Org:Name";
                Err(Error::invalid(text).at(Platform::OpenEdx, "library").on(id))
            }
        }
    }

    /// The usage key of a block of the newer kind, whose names are the authors' own.
    pub(crate) fn block(&self, kind: &str, name: &str) -> Option<BlockId> {
        let newer = self.kind == LibraryKind::V2;
        newer.then(|| format!("lb:{}:{}:{kind}:{name}", self.org, self.name).into())
    }
}

/// Whether archives go in and out under this key: `library-v1:ORG+NAME`.
pub(crate) fn is_library(id: &CourseId) -> bool {
    LibraryKey::parse(id).is_ok_and(|key| key.kind == LibraryKind::V1)
}

/// Whether this is the key of a library that has no archive: `lib:ORG:NAME`.
pub(crate) fn is_newer_library(id: &CourseId) -> bool {
    LibraryKey::parse(id).is_ok_and(|key| key.kind == LibraryKind::V2)
}

/// `block-v1:ORG+NUMBER+RUN+type@TYPE+block@ID`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) course: CourseKey,
    pub(crate) kind: String,
    pub(crate) name: String,
}

impl Usage {
    /// Reads a key.
    ///
    /// # Errors
    /// `InvalidInput` with an example.
    pub(crate) fn parse(key: &str) -> Result<Self> {
        let wrong = || {
            let text = "not a usage key; it looks like block-v1:Org+Course+Run+type@problem+block@name";
            Error::invalid(text).at(Platform::OpenEdx, "block").on(key)
        };
        let rest = key.strip_prefix("block-v1:").ok_or_else(wrong)?;
        let (course, block) = rest.split_once("+type@").ok_or_else(wrong)?;
        let (kind, name) = block.split_once("+block@").ok_or_else(wrong)?;
        let course = CourseKey::parse(&format!("course-v1:{course}").into()).map_err(|_| wrong())?;
        let odd = |part: &str| part.is_empty() || part.contains(['/', '?', ' ', '+', '@']);
        if odd(kind) || odd(name) {
            return Err(wrong());
        }
        Ok(Self { course, kind: kind.into(), name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart_and_made() {
        let key = CourseKey::parse(&"course-v1:DemoU+PY101+2025".into()).expect("a key");
        assert_eq!(key.usage("problem", "p1"), "block-v1:DemoU+PY101+2025+type@problem+block@p1");
        assert_eq!(key.id().as_str(), "course-v1:DemoU+PY101+2025");
        let usage = Usage::parse("block-v1:DemoU+PY101+2025+type@problem+block@p1").expect("a usage key");
        assert_eq!((usage.course, usage.kind.as_str(), usage.name.as_str()), (key, "problem", "p1"));
        for wrong in
            ["p1", "block-v1:A+B+C+type@x", "block-v1:A+B+type@x+block@y", "block-v1:A+B+C+type@+block@y"]
        {
            assert!(Usage::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["67", "course-v1:A+B", "course-v1:A+B+C+D", "course-v1:A+B C+D", "course-v1:+B+C"] {
            assert!(CourseKey::parse(&wrong.into()).is_err(), "{wrong}");
        }
        let newer = LibraryKey::parse(&"lib:DemoU:Sums".into()).expect("a key");
        assert_eq!(newer.block("problem", "p1"), Some("lb:DemoU:Sums:problem:p1".into()));
        assert!(is_library(&"library-v1:DemoU+Sums".into()) && is_newer_library(&"lib:DemoU:Sums".into()));
        for wrong in ["lib:DemoU", "lib:DemoU:a:b", "library-v1:DemoU", "library-v1:A+B+C", "course-v1:A+B+C"]
        {
            assert!(LibraryKey::parse(&wrong.into()).is_err(), "{wrong}");
        }
        assert_eq!(CourseKey::invent("lms", "Measuring the World · мир", 1).number, "measuring-the-world");
        assert!(CourseKey::invent("lms", "丈量世界", 1).number.starts_with('c'));
    }
}
