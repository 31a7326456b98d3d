//! Moving a course between any two providers, over the traits of `lms-core` alone.
//!
//! [`plan`] reads the source and asks the target what it can hold: every loss is known before the
//! first write. [`apply`] writes. [`verify`] reads the target back, compares it with the plan, and
//! marks known right and wrong answers on both sides. [`Report`] says it all, as JSON, as text or as
//! one HTML file.
//!
//! ```no_run
//! # async fn example(source: &dyn lms_core::LmsProvider, target: &dyn lms_core::LmsProvider) -> lms_core::Result<()> {
//! use lms_migrate::{apply, plan, verify, Quiet, Report};
//!
//! let plan = plan(source, &"67".into(), target).await?;
//! let written = apply(&plan, source, target, &Default::default(), &Quiet).await?;
//! let verification = verify(&plan, source, target, &written.course, &Quiet).await?;
//! println!("{}", Report::new(&plan).with_written(&written).with_verification(verification).to_text());
//! # Ok(()) }
//! ```
//!
//! It works with a provider that it has never heard of.
//!
//! [`apply`] writes a course once and keeps no record of it. [`Work`] with a [`Journal`] does what a
//! user wants of a migration: it goes on after a crash without writing anything twice, and when it is
//! repeated it writes what has changed since and nothing else.
//!
//! ```no_run
//! # async fn example(source: &dyn lms_core::LmsProvider, target: &dyn lms_core::LmsProvider) -> lms_core::Result<()> {
//! use lms_migrate::{Journal, Pair, Quiet, Stop, SyncOptions, Work, plan};
//!
//! let course = "67".into();
//! let pair = Pair::new(source.info(), &course, target.info(), None);
//! let journal = Journal::open("/home/me/.local/state/lms".as_ref(), pair)?;
//! let plan = plan(source, &course, target).await?;
//! let work = Work::prepare(plan, source, target, &journal, SyncOptions::default()).await?;
//! println!("{}", work.changes().summary());
//! let written = work.carry_out(source, target, &journal, &Quiet, &Stop::new()).await?;
//! println!("{} steps written to course {}", written.steps, written.course);
//! # Ok(()) }
//! ```

mod apply;
mod bundle;
mod compare;
mod filter;
mod grading;
mod html;
mod inspect;
mod journal;
mod links;
mod originals;
mod plan;
mod private;
mod progress;
mod report;
mod stop;
mod sync;
mod terms;
mod trial;
mod verify;

pub use apply::{Written, apply};
pub use bundle::{Bundle, SCHEMA as BUNDLE_SCHEMA, looks_like_bundle};
pub use compare::{Difference, compare};
pub use filter::{Filter, Pattern};
pub use grading::{GradedBy, GradingCheck, Outcome, check_grading};
pub use inspect::Inspection;
pub use journal::{Journal, Pair, Status};
pub use plan::{Plan, plan, plan_content, plan_part};
pub use progress::{Progress, Quiet, Stage};
pub use report::{Carriage, End, Report};
pub use stop::Stop;
pub use sync::{Action, Backup, Change, Changes, Earlier, SyncOptions, Winner, Work};
pub use terms::in_terms_of;
pub use trial::{Enrolled, Trial, TrialOptions, TrialRun, Tried};
pub use verify::{Verification, VerifyOptions, verify, verify_pair, verify_with};
