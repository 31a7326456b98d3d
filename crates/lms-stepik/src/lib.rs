//! The Stepik REST API as a provider of [`lms_core`].
//!
//! [`StepikBuilder`] makes a [`Stepik`]; everything else goes through the traits of `lms-core`, and
//! what these do not cover through [`Stepik::raw`].
//!
//! # How things map
//! * Section, lesson and step are Stepik's own. A Stepik step has one block, so a neutral step of
//!   several blocks becomes several steps (`ID`, `ID~2`, …).
//! * Block, task and step have one id: that of the step. A lesson that stands twice in a course is
//!   read as two copies; the blocks of the second are called `STEP@UNIT`.
//! * A file's id is its path on the site (`/media/attachments/lesson/7/data.csv`). Files attached to the
//!   course and files that a text links to are listed; the API has no list of all files of all lessons.
//! * Formulas are read in every spelling and written as `$…$`; no source says which one the platform
//!   prefers.
//! * A worked explanation is said after a right answer: before, it would give the answer away.
//! * A video of Stepik's own is written back by its id, which holds on the same site only; any other
//!   becomes a text with links, since Stepik plays what is uploaded to it and nothing else.
//! * Stepik counts in whole points. Points that are not whole are multiplied for the whole course, so
//!   that exercises keep their shares; what is rounded all the same is named.
//!
//! # What positions mean
//! Options are mixed anew for each attempt. For whoever may edit the lesson, positions are those of the
//! author's order, as in [`lms_core::Courses::content`]. For learners, options are put in the order of
//! their texts. Answers are led over to the attempt by text, so both hold for any attempt that offers
//! the same options.
//!
//! # Rights
//! Keys are there for those who may edit a lesson. For others, [`lms_core::Courses::content`] reads
//! what learners see and names what is missing.

mod accounts;
mod auth;
mod authoring;
mod builder;
mod catalog;
mod certificates;
mod convert;
mod courses;
mod dialect;
mod endpoint;
mod enrollments;
mod export;
mod files;
mod grades;
mod groups;
mod native;
mod objects;
mod options;
mod page;
mod placement;
mod preparing;
mod profile;
mod progress;
mod provider;
mod raw;
mod reader;
mod registration;
mod reorder;
mod submission_list;
mod submissions;
mod tasks;
mod tree;
mod wire;

pub use builder::StepikBuilder;
pub use catalog::{CourseFilter, CourseOrder, Direction, ScheduleType};
pub use certificates::{Certificate, CertificateQuery};
pub use endpoint::{Action, Endpoint};
pub use export::{ExportOptions, Which};
pub use files::{Owner, UploadedVideo, VideoSource};
pub use grades::{GradeBookQuery, GradeBookRow, GradeOrder, StepGrade};
pub use groups::{Membership, Role};
pub use native::{Found, Native, NativePage, NativeQuery};
pub use options::StepikKey;
pub use placement::SharedLessons;
pub use profile::{Profile, ProfileChange, SocialAccount, SocialAccountQuery};
pub use progress::{Progress, ProgressOf};
pub use provider::Stepik;
pub use submission_list::{ReviewStatus, SubmissionFilter, SubmissionStatus};
