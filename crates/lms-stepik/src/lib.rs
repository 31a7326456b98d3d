//! The Stepik REST API as a provider of [`lms_core`].
//!
//! ```
//! # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/world.rs")); }
//! # world::run(|server, _, _| async move {
//! use lms_core::{CourseQuery, Courses};
//! use lms_stepik::StepikBuilder;
//!
//! # let who = server.credentials();
//! # let (site, client_id, client_secret) = (server.url(), who.client_id.as_str(), who.client_secret.as_str());
//! let stepik = StepikBuilder::new().with_base_url(site).with_client(client_id, client_secret).build()?;
//! for course in stepik.list(CourseQuery::new().with_teaching())?.all().await? {
//!     println!("{}: {} steps", course.title, stepik.content(&course.id).await?.course.steps().count());
//! }
//! # Ok(()) });
//! ```
//!
//! [`StepikBuilder`] makes a [`Stepik`]. What all platforms have goes through the traits of `lms-core`; what
//! only Stepik has (groups, progress, certificates, the export of a course's submissions, …) are methods of
//! [`Stepik`]; the API's own lists are in [`Native`], and everything else in [`Stepik::raw`]. The [`guide`] has an
//! example of each.
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
//! # Kinds of step
//! | Stepik | here |
//! |---|---|
//! | `text`, `html`, `video` | text; text, with its name kept; video |
//! | `choice` | choice; "always right" is [`Key::Any`](lms_core::Key), the sample size is `shown` |
//! | `string` | text entry; checked by code: marked by the platform; files only: file upload |
//! | `number`, `math` | numeric, formula |
//! | `matching`, `sorting` | match (an empty second is a source left alone), order |
//! | `fill-blanks`, `table` | gap, table |
//! | `free-answer` | extended text; right at once, or marked by a person |
//! | `code` | code; tests in an archive: marked by the platform |
//! | `sql`, `dataset` | code in the language `sql`, extended text; marked by the platform |
//! | `random-tasks`, `simple-choice` | foreign; numeric and choice for who answers them |
//! | `admin`, `linux-code`, `chemical`, `puzzle`, `schulte`, `pycharm`, `trik`, `manual-score`, … | foreign, answered with [`Response::Native`](lms_core::Response) |
//!
//! A step that is read and written back is the same JSON: unknown keys, nulls, numbers as text and the
//! way a formula is spelled are kept beside the model, and written for as long as the model says the
//! same. Not given back are what the platform fills in itself (`options`, `subtitle_files`,
//! `tests_archive`, `is_deprecated`, `animation`), relative links, which become absolute or lead to the
//! file as it was uploaded, and digits beyond a double's in JSON numbers.
//!
//! An answer is checked before an attempt is begun for it: one of the wrong kind is an `InvalidInput`
//! that says which kind the quiz takes. Where each attempt asks something else (`random-tasks`,
//! `dataset`), an answer to an earlier attempt is refused, and the task is to be read again.
//!
//! # What positions mean
//! Options are mixed anew for each attempt. For whoever may edit the lesson, positions are those of the
//! author's order, as in [`lms_core::Courses::content`]. For learners, options are put in the order of
//! their texts. Answers are led over to the attempt by text, so both hold for any attempt that offers
//! the same options.
//!
//! # Lessons that courses share
//! On Stepik a lesson may stand in several courses, and is one and the same in all. Whoever writes to such a
//! lesson is refused with the names of the other courses ([`SharedLessons`]); taking it out of a course leaves it
//! in the others.
//!
//! # Rights
//! Keys are there for those who may edit a lesson. For others, [`lms_core::Courses::content`] reads
//! what learners see and names what is missing.

/// Every list of the API, its filters and fields, by example.
#[doc = include_str!("../guide.md")]
pub mod guide {}

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
mod links;
mod many;
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
