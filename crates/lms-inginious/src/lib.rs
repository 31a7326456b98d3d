//! INGInious and its course folders as providers.
//!
//! # Examples
//! Everything that the site's API can do, against an emulator of it:
//!
//! ```
//! use lms_core::{
//!     Accounts, CourseQuery, Courses, EnrollOptions, Enrollments, ErrorKind, Patience, Response, Subject,
//!     SubmissionQuery, Submissions, TaskAnswer, TaskQuery, TaskRef, Tasks,
//! };
//! use lms_emulator::{Options, inginious::InginiousEmulator};
//! use lms_inginious::{Inginious, InginiousBuilder, RawRequest, SubmitBy};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/real/inginious/courses/compare-basics");
//! let server = InginiousEmulator::start(Options { load: vec![folder.into()], ..Options::default() }).await?;
//! let who = server.credentials();
//! let connect = |password: &str| {
//!     InginiousBuilder::new()
//!         .with_base_url(&who.url)
//!         .with_account(&who.learner_username, password)
//!         .with_submit(SubmitBy::Api)
//!         .build()
//! };
//! let site: Inginious = connect(&who.learner_password)?;
//!
//! // GET auth_methods; POST and GET authentication
//! assert_eq!(site.auth_methods().await?[0].input[1].kind, "password");
//! assert_eq!(site.me().await?.id.as_str(), "learner");
//! assert_eq!(connect("wrong")?.me().await.unwrap_err().kind(), ErrorKind::Unauthenticated);
//!
//! // GET courses, courses/COURSE
//! let course = Courses::list(&site, CourseQuery::new())?.all().await?.remove(0).id;
//! site.enroll(&course, &Subject::Me, &EnrollOptions::default()).await?;
//! assert_eq!(Courses::get(&site, &course).await?.title, "Compare: basics");
//!
//! // GET courses/COURSE/tasks, courses/COURSE/tasks/TASK
//! let tasks = Tasks::list(&site, &course, TaskQuery::default())?.all().await?;
//! assert!(tasks.iter().any(|task| task.id.as_str() == "single"));
//! let single = TaskRef::new("compare-basics", "single");
//! assert_eq!(Tasks::get(&site, &single).await?.parts[0].block.as_str(), "sum");
//!
//! // POST and GET courses/COURSE/tasks/TASK/submissions, GET …/submissions/ID
//! let sent = site.submit(&single, &TaskAnswer::one("sum", Response::choice(1))).await?;
//! let judged = site.wait(&single, &sent, Patience::default()).await?;
//! assert_eq!(judged.verdict.map(|verdict| verdict.correct), Some(true));
//! assert_eq!(Submissions::get(&site, &single, &sent).await?.id, sent);
//! assert_eq!(Submissions::list(&site, &single, SubmissionQuery::default())?.all().await?.len(), 1);
//!
//! // GET …/submissions/ID?input: what was sent, in the platform's own form
//! let path = format!("/api/v0/courses/compare-basics/tasks/single/submissions/{sent}?input");
//! let own = site.raw(RawRequest::get(path)).await?.text().await?;
//! assert!(own.contains(r#""sum": ["1"]"#), "by the API, every value stands in a list");
//! # Ok(())
//! # }
//! ```

mod accounts;
mod answer;
mod audiences;
mod auth;
mod authoring;
mod builder;
mod convert;
mod courses;
mod dav;
mod dialect;
mod enrollments;
mod files;
mod folder;
mod grades;
mod groups;
mod links;
mod many;
mod page;
mod provider;
mod raw;
mod registration;
mod roster;
mod studio;
mod submissions;
mod tasks;
mod upload;
mod view;
mod wire;
mod workshop;

pub use accounts::{AuthInput, AuthMethod};
pub use audiences::Audience;
pub use builder::{InginiousBuilder, InginiousKey, SubmitBy, UploadBy};
pub use folder::{FolderCourse, looks_like_folder};
pub use groups::{Group, GroupSupport};
pub use provider::Inginious;
pub use raw::RawRequest;
