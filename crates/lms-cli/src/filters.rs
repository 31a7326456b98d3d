//! Which part of a course is meant, and how it is to be called.

use lms_core::{CourseId, Severity};
use lms_migrate::{Filter, Pattern, Report};

/// Which part, and under which name.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Part of the course, and its name")]
pub(crate) struct Filters {
    /// Only sections like this: a title, with `*` and `?`, or a place: `3`, `2-4`. May be said several times.
    #[arg(long = "section", value_name = "PATTERN", value_parser = pattern)]
    sections: Vec<Pattern>,
    /// Not sections like this.
    #[arg(long = "exclude-section", value_name = "PATTERN", value_parser = pattern)]
    without_sections: Vec<Pattern>,
    /// Only lessons like this, counted within their section.
    #[arg(long = "lesson", value_name = "PATTERN", value_parser = pattern)]
    lessons: Vec<Pattern>,
    /// Not lessons like this.
    #[arg(long = "exclude-lesson", value_name = "PATTERN", value_parser = pattern)]
    without_lessons: Vec<Pattern>,
    /// Only blocks of this kind: text, video, file, exercise, foreign, an interaction (choice), or a native name.
    #[arg(long = "kind", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
    /// Not blocks of this kind.
    #[arg(long = "exclude-kind", value_name = "KIND", value_delimiter = ',')]
    without_kinds: Vec<String>,
    /// Call the course this.
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Say that the course is in this language: a BCP 47 tag.
    #[arg(long, value_name = "TAG", value_parser = tag)]
    language: Option<String>,
}

/// Whether it has the shape of a BCP 47 tag.
fn tag(text: &str) -> Result<String, String> {
    let fits = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let first = text.split('-').next().unwrap_or_default();
    if text.split('-').all(fits) && first.len() >= 2 && first.chars().all(|c| c.is_ascii_alphabetic()) {
        Ok(text.to_owned())
    } else {
        Err("a language is said by a tag such as en, ru or zh-Hant".to_owned())
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    text.parse().map_err(|error: lms_core::Error| error.message().to_owned())
}

impl Filters {
    /// As the library takes it.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            sections: self.sections.clone(),
            without_sections: self.without_sections.clone(),
            lessons: self.lessons.clone(),
            without_lessons: self.without_lessons.clone(),
            kinds: self.kinds.iter().cloned().collect(),
            without_kinds: self.without_kinds.iter().cloned().collect(),
            title: self.title.clone(),
            language: self.language.clone(),
        }
    }
}

/// How a new course is to be known, and what counts as too much lost.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Terms {
    /// The id that a new course is to have: `course-v1:Org+Course+Run`. `REMOTE:COURSE` says the same.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// End with 3 when something was approximated or dropped.
    #[arg(long)]
    strict: bool,
    /// End with 3 when a finding is as bad as this or worse.
    #[arg(long, value_name = "SEVERITY", value_enum, conflicts_with = "strict")]
    fail_on: Option<Level>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Level {
    Approximated,
    Dropped,
    Blocked,
}

impl Terms {
    /// The id, where one is said, or else what the locator says.
    pub(crate) fn id(&self, said: Option<CourseId>) -> Option<CourseId> {
        self.id.clone().map(CourseId::from).or(said)
    }

    /// Whether more is lost than may be.
    pub(crate) fn broken_by(&self, report: &Report) -> bool {
        let least = match self.fail_on {
            None if self.strict => Severity::Approximated,
            None => return false,
            Some(Level::Approximated) => Severity::Approximated,
            Some(Level::Dropped) => Severity::Dropped,
            Some(Level::Blocked) => Severity::Blocked,
        };
        report.findings.iter().any(|finding| finding.severity >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag() {
        for text in ["en", "zh-Hant", "de-CH-1996", "sr-Latn-RS"] {
            assert_eq!(tag(text).as_deref(), Ok(text));
        }
        for text in ["", "english_lang", "e", "en-", "-en", "en_US", "12"] {
            assert!(tag(text).is_err(), "{text}");
        }
    }
}
