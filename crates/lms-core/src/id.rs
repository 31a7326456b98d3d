//! Opaque ids. What is in them is the provider's business.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the platform's own spelling.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The platform's own spelling.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self::new(id)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id.to_string())
            }
        }
    )*};
}

ids! {
    /// A course: Stepik `67`, Open edX `course-v1:Org+Course+Run`, INGInious `tutorial`.
    CourseId,
    /// A section: Stepik section (module), Open edX chapter, a section of INGInious' table of contents.
    SectionId,
    /// A lesson: Stepik lesson, Open edX sequential; INGInious has one a section.
    LessonId,
    /// A step: Stepik step, Open edX vertical, INGInious task.
    StepId,
    /// A block inside a step.
    BlockId,
    /// What a learner submits as one: Stepik step, Open edX problem, INGInious task.
    TaskId,
    /// A file of the course.
    AssetId,
    /// One answer that a learner has sent.
    SubmissionId,
    /// An account, as the platform names it in its interface: user name or number.
    UserId,
}
