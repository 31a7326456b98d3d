//! Links from one step of a course to another.
//!
//! A platform writes them as addresses of its own pages. While a course moves they are `step:ID`, as links to files
//! are `asset:ID`, and become addresses of the target's pages when the steps have their places there.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::{Lesson, LessonId, Step, StepId};

/// What the neutral form of such a link begins with.
const SCHEME: &str = "step:";
/// What ends a link in one markup or another, or means something in an address, is spelled with `%`.
const PLAIN: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'@')
    .remove(b'+');

impl StepId {
    /// The neutral link to the step.
    pub fn link(&self) -> String {
        format!("{SCHEME}{}", utf8_percent_encode(self.as_str(), &PLAIN))
    }

    /// The step that a neutral link leads to.
    pub fn of_link(link: &str) -> Option<Self> {
        let id = percent_decode_str(link.strip_prefix(SCHEME)?).decode_utf8().ok()?;
        Some(Self::new(id.into_owned()))
    }
}

/// Where a link leads that stays within its course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourseLink {
    /// To a step, or to what begins with it.
    Step(StepId),
    /// To another page of the course, or to a step that is not there.
    Elsewhere,
}

/// What a target makes of links between steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepLinks {
    /// Its steps have no address that could be known.
    Unknown,
    /// It takes them as the source writes them.
    Kept,
    /// It says what address each step has.
    Addressed,
}

/// A step with its place on the target.
#[derive(Debug, Clone, Copy)]
pub struct StepAt<'a> {
    /// The lesson, with its id there.
    pub lesson: (&'a Lesson, &'a LessonId),
    /// The step, with its id there once it has been written.
    pub step: (&'a Step, Option<&'a StepId>),
    /// Its place in the lesson, from 1.
    pub position: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_comes_back_out_of_its_link() {
        for id in ["7", "week 1/a<b>?#`_", "неделя", "vertical@x+y", "100%", ""] {
            let link = StepId::new(id).link();
            assert!(!link.contains([' ', '<', '>', '`', '#', '?']), "{link}");
            assert_eq!(StepId::of_link(&link), Some(StepId::new(id)));
        }
        assert_eq!(StepId::of_link("asset:7"), None);
        assert_eq!(StepId::of_link("step:%ff"), None);
    }
}
