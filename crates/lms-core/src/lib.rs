//! The contract for learning platforms.
//!
//! A program written against this crate runs on Stepik, Open edX or INGInious without change. The
//! crate does no I/O: it holds the domain model, the service traits that providers implement,
//! listings, errors, and the reference grader.
//!
//! # Concepts
//! * [`LmsProvider`] is a connected platform, used as `Arc<dyn LmsProvider>`; each service is an
//!   accessor that answers `None` where the platform has no such thing.
//! * [`Course`] → [`Section`] → [`Lesson`] → [`Step`] → [`Block`]; an exercise block holds an
//!   [`Exercise`]: prompt, [`Interaction`], [`Key`], scoring, hints, feedback.
//! * [`grade`] marks a [`Response`] by the key: the reference against which platforms are held.
//! * [`Paged`] is a listing that is fetched as it is read.
//! * [`Finding`] says what a conversion could not carry. Nothing disappears silently.
//!
//! # What it does not do
//! It sends nothing, reads no files, runs no code that learners hand in, and cleans no HTML.

mod adapt;
mod content;
mod error;
mod ext;
mod finding;
pub mod grade;
mod id;
mod links;
mod many;
mod markup;
mod model;
mod page;
mod platform;
mod provider;
mod query;
mod secret;
mod stub;
mod support;
mod time;

pub use adapt::{AdaptLog, readable};
pub use content::{Adapted, AssetBody, AssetLink, AssetLinks, Carried, Content, NativeCounts};
pub use error::{Error, ErrorKind, Result, Retry};
pub use ext::{CoursesExt, LmsProviderExt, SubmissionsExt};
pub use finding::{Finding, Severity};
pub use id::{AssetId, BlockId, CourseId, LessonId, SectionId, StepId, SubmissionId, TaskId, UserId};
pub use links::{CourseLink, StepAt, StepLinks};
pub use many::{Batch, Changed, Enrollee};
pub use markup::{Markup, MathDelimiters, escape, unescape};
pub use model::*;
pub use page::{Cursor, Page, Paged};
pub use platform::Platform;
pub use provider::{
    Accounts, Authoring, Courses, Enrollments, Grades, LmsProvider, ProviderInfo, Registration, RequestCount,
    Submissions, Tasks,
};
pub use query::{
    CourseQuery, EnrollOptions, EnrollmentQuery, ExistingCourse, GradeQuery, NewCourse, Patience, Slot,
    SubmissionQuery, TaskQuery,
};
pub use secret::Secret;
pub use stub::{Original, note_pages, original, stub};
pub use support::{
    AccountSupport, AuthoringSupport, CourseSupport, EnrollmentSupport, GradeSupport, RegistrationSupport,
    SubmissionSupport, Support, TaskSupport,
};
pub use time::Timestamp;
