//! The contract for learning platforms.
//!
//! A program written against this crate runs on Stepik, Open edX or INGInious without change. The
//! crate does no I/O: it holds the domain model, the service traits that providers implement,
//! listings, errors, and the reference grader.

mod error;
mod finding;
mod id;
mod page;
mod platform;
mod secret;
mod time;

pub use error::{Error, ErrorKind, Result, Retry};
pub use finding::{Finding, Severity};
pub use id::{AssetId, BlockId, CourseId, LessonId, SectionId, StepId, SubmissionId, TaskId, UserId};
pub use page::{Cursor, Page, Paged};
pub use platform::Platform;
pub use secret::Secret;
pub use time::Timestamp;
