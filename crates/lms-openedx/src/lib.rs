//! Open edX as a provider of [`lms_core`]: a site (its LMS and its Studio) and OLX courses in files.
//!
//! [`OpenEdxBuilder`] makes an [`OpenEdx`]; everything else goes through the traits of `lms-core`, and
//! what these do not cover through its own methods and [`OpenEdx::raw`]. The [`guide`] has an example of each.
//!
//! [`OpenEdx`] is a site. Tokens come from the LMS and open both hosts; reading a whole course and leaving
//! one need the account's name and password too, since the platform takes no token for them.
//!
//! [`OlxArchive`] reads and writes a course as files: a folder or the `.tar.gz` that Studio imports and
//! exports. What Open edX knows and the neutral model does not is kept in the extras of each node, so
//! that reading and writing an unchanged course loses nothing.
//!
//! # How things map
//! * Section, lesson and step are chapter, sequential and vertical. A problem with several inputs is
//!   several exercises of one task.
//! * A course is read by exporting it from Studio: no other interface carries the whole of it. It is written as an
//!   archive, which replaces it and keeps the blocks whose names it holds, or node by node, as [`WriteBy`] says.
//! * A content library is a course with one lesson, under its own key: `library-v1:ORG+NAME` or `lib:ORG:NAME`. A problem
//!   bank in a course (`library_content`) is kept as it is, with what it drew from its library.
//! * A course without an id of its own becomes `course-v1:ORG+TITLE+1`, or the next number that is free.
//! * A task's id is the last part of the problem's usage key, or the whole key; its parts are called as
//!   the inputs of the form are, without `input_`.
//! * A submission's id is the number of the attempt: the platform keeps the latest answer only.
//!
//! # Sign-in
//! By the application itself, by name and password, by a code that a browser brought back
//! ([`OpenEdxBuilder::authorize`]), by a refresh token, or by a token that somebody else obtained. A token opens
//! what the platform's programs use: courses, enrollments, accounts, problems, grades, and imports. Studio's export takes a session alone, so reading a whole course needs the account's name and
//! password; so does leaving a course oneself.
//!
//! # Limits
//! The platform counts requests by account: [`Throttled`] holds the numbers that it ships with, and the client
//! keeps to them. What an import would refuse or lose is found before anything is uploaded
//! ([`OlxArchive::check`]).
//!
//! # Rights
//! Creating and importing courses, lists of people and of grades are for staff.
//!
//! # Studio's two surfaces
//! Blocks, files, details and grading of a course have an address for browsers, which every release knows, and one for
//! tokens, since about Quince. With the account's name and password the first is used, in a session; without, the
//! second.
//!
//! # Examples
//! All courses of a site, page after page:
//! ```
//! use lms_core::{CourseQuery, LmsProviderExt};
//! use lms_openedx::{OpenEdxBuilder, OpenEdxKey};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use lms_emulator::{Options, openedx::OpenEdxEmulator};
//! # let load = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx").into()];
//! # let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await?;
//! # let who = server.credentials();
//! let edx = OpenEdxBuilder::new()
//!     .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
//!     .with_option(OpenEdxKey::ClientId, &who.client_id)
//!     .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
//!     .build()?;
//! let courses = edx.require_courses()?.list(CourseQuery::new())?.all().await?;
//! assert_eq!(courses[0].title, "One question");
//! # Ok(())
//! # }
//! ```
//! Somebody is enrolled, and taken out again:
//! ```
//! use lms_core::{CourseId, EnrollOptions, EnrollmentState, LmsProviderExt, Subject};
//! # use lms_openedx::{OpenEdxBuilder, OpenEdxKey};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use lms_emulator::{Options, openedx::OpenEdxEmulator};
//! # let load = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx").into()];
//! # let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await?;
//! # let who = server.credentials();
//! # let edx = OpenEdxBuilder::new()
//! #     .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
//! #     .with_option(OpenEdxKey::ClientId, &who.client_id)
//! #     .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
//! #     .build()?;
//! let (course, ann) = (CourseId::from("course-v1:Example+ONE+demo"), Subject::User("learner".into()));
//! let people = edx.require_enrollments()?;
//! let enrollment = people.enroll(&course, &ann, &EnrollOptions::default()).await?;
//! assert_eq!(enrollment.state, EnrollmentState::Active);
//! people.unenroll(&course, &ann).await?;
//! # Ok(())
//! # }
//! ```
//! An account is checked, opened, and refused a second time with a complaint about each field:
//! ```
//! use lms_core::{ErrorKind, LmsProviderExt, NewAccount};
//! # use lms_openedx::{OpenEdxBuilder, OpenEdxKey};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use lms_emulator::{Options, openedx::OpenEdxEmulator};
//! # let load = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx").into()];
//! # let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await?;
//! # let who = server.credentials();
//! # let edx = OpenEdxBuilder::new()
//! #     .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
//! #     .with_option(OpenEdxKey::ClientId, &who.client_id)
//! #     .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
//! #     .build()?;
//! let account = NewAccount {
//!     username: Some("ada".into()),
//!     email: "ada@example.org".into(),
//!     password: "Correct-horse-7".into(),
//!     name: "Ada Example".into(),
//!     accepted_terms: true,
//!     fields: vec![("country".into(), "BE".into())],
//! };
//! let registration = edx.require_registration()?;
//! assert_eq!(registration.validate(&account).await?, []);
//! registration.register(&account).await?;
//! let refused = registration.register(&account).await.expect_err("taken");
//! assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
//! assert_eq!(edx.username_suggestions("ada").await?.len(), 3);
//! # Ok(())
//! # }
//! ```

/// The platform's interfaces, piece by piece, by example.
#[doc = include_str!("../guide.md")]
pub mod guide {}

mod accounts;
mod archive_provider;
mod auth;
mod authoring;
mod builder;
mod bulk;
mod catalog;
mod certificates;
mod check;
mod convert;
mod courses;
mod dialect;
mod enrollments;
mod grade_book;
mod grades;
mod history;
mod instructor;
mod keys;
mod libraries;
mod links;
mod live;
mod many;
mod olx;
mod options;
mod outline;
mod pace;
mod page;
mod problem_page;
mod problems;
mod profile;
mod progress;
mod provider;
mod raw;
#[cfg(test)]
mod recorded;
mod registration;
mod roster;
mod search;
mod session;
#[cfg(test)]
#[path = "../../../tests/support/shared.rs"]
mod shared;
mod staging;
mod studio;
mod submissions;
mod tasks;
mod temporary;
mod wire;

pub use archive_provider::{ArchiveForm, OlxArchive, looks_like_olx};
pub use builder::OpenEdxBuilder;
pub use bulk::{BulkAction, BulkOptions, BulkResult, BulkRow, Standing};
pub use catalog::{CatalogCourse, CatalogQuery, TeamRole, Viewer};
pub use certificates::Certificate;
pub use check::{CheckOptions, Defect, Harm, Rule};
pub use grade_book::{
    GradeBookQuery, GradeBookRow, GradeOverride, OverrideOutcome, SectionGrade, SetPoints, SubsectionGrade,
    SubsectionPoints,
};
pub use history::ProblemState;
pub use instructor::{Learners, Rescore, ResetOf};
pub use keys::LibraryKind;
pub use libraries::{Library, LibraryBlock};
pub use options::{OpenEdxKey, WriteBy};
pub use outline::{BlocksFor, Depth, Outline, OutlineBlock, OutlineQuery};
pub use pace::Throttled;
pub use problems::{ProblemInput, ProblemStanding, ShownAnswers, ShownHint};
pub use profile::{FieldOption, RegistrationField};
pub use progress::{
    CompletionSummary, CourseProgress, ProblemScore, ProgressGrade, SectionProgress, SubsectionProgress,
};
pub use provider::OpenEdx;
pub use raw::Host;
pub use roster::{CourseMode, CourseRole, EnrollmentFilter, Roles};
pub use studio::archives::{ImportStage, ImportTask};
pub use studio::blocks::{BlockChange, NewBlock, Publish, StudioBlock};
pub use studio::files::{FileAccess, FileQuery, StudioFile};
pub use studio::runs::{CourseRun, RunDates, RunSettings};
pub use studio::validation::{
    CourseValidation, DatedBlock, ValidatedAssignments, ValidatedCertificates, ValidatedDates,
    ValidatedGrades, ValidatedUpdates,
};
