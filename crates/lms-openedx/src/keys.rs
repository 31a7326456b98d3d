//! Course and usage keys (reference openedx.md 4).

use lms_core::{CourseId, Error, Platform, Result, TaskRef};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart_and_made() {
        let key = CourseKey::parse(&"course-v1:DemoU+PY101+2025".into()).expect("a key");
        assert_eq!(key.usage("problem", "p1"), "block-v1:DemoU+PY101+2025+type@problem+block@p1");
        assert_eq!(key.id().as_str(), "course-v1:DemoU+PY101+2025");
        for wrong in ["67", "course-v1:A+B", "course-v1:A+B+C+D", "course-v1:A+B C+D", "course-v1:+B+C"] {
            assert!(CourseKey::parse(&wrong.into()).is_err(), "{wrong}");
        }
        assert_eq!(CourseKey::invent("lms", "Measuring the World · мир", 1).number, "measuring-the-world");
        assert!(CourseKey::invent("lms", "丈量世界", 1).number.starts_with('c'));
    }
}
