//! Options of operations. What cannot be honoured is refused, never ignored.

use std::time::Duration;

use crate::{CourseId, Cursor, UserId};

/// Which courses to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourseQuery {
    /// Words to look for.
    pub search: Option<String>,
    /// Only those the signed-in account is enrolled in.
    pub enrolled: bool,
    /// Only those the signed-in account teaches or may edit.
    pub teaching: bool,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl CourseQuery {
    /// All courses that the account sees.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those in which these words occur.
    #[must_use]
    pub fn with_search(mut self, words: impl Into<String>) -> Self {
        self.search = Some(words.into());
        self
    }

    /// Only those the account is enrolled in.
    #[must_use]
    pub fn with_enrolled(mut self) -> Self {
        self.enrolled = true;
        self
    }

    /// Only those the account teaches or may edit.
    #[must_use]
    pub fn with_teaching(mut self) -> Self {
        self.teaching = true;
        self
    }

    /// From where an earlier listing stopped.
    #[must_use]
    pub fn with_from(mut self, cursor: Cursor) -> Self {
        self.from = Some(cursor);
        self
    }
}

/// How a course comes to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCourse {
    /// The id it is to have; `None` lets the platform or the provider choose.
    pub id: Option<CourseId>,
    /// What to do when it is there already.
    pub existing: ExistingCourse,
}

/// What to do when a course is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExistingCourse {
    /// Answer `AlreadyExists` and write nothing.
    #[default]
    Refuse,
    /// Write over it.
    Replace,
}

/// Where a node goes among its siblings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot<Id> {
    /// Its place, counted from 1.
    pub position: u32,
    /// The node to update, keeping its id; `None` to create one.
    pub existing: Option<Id>,
}

impl<Id> Slot<Id> {
    /// A new node at this place, counted from 1.
    pub fn new(position: u32) -> Self {
        Self { position, existing: None }
    }
}

/// How to enroll.
#[derive(Debug, Clone, Default)]
pub struct EnrollOptions {
    /// The platform's mode: `audit`, `honor`. `None` for its default.
    pub mode: Option<String>,
    /// The course's password, where it has one.
    pub password: Option<crate::Secret>,
}

/// Which enrollments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnrollmentQuery {
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// Which submissions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionQuery {
    /// Whose; `None` for the signed-in account's.
    pub user: Option<UserId>,
    /// Where to begin; `None` for the newest.
    pub from: Option<Cursor>,
}

/// Which grades to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GradeQuery {
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

/// How long to wait for a verdict. Pauses between questions grow, by the platform's rhythm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// In all.
    pub total: Duration,
}

impl Default for Patience {
    /// Two minutes.
    fn default() -> Self {
        Self { total: Duration::from_secs(120) }
    }
}
