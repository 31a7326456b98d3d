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
//! It works with a provider that it has never heard of. It keeps no journal yet: an interrupted run
//! leaves what it wrote, and says so.

mod apply;
mod bundle;
mod compare;
mod grading;
mod html;
mod inspect;
mod plan;
mod progress;
mod report;
mod terms;
mod verify;

pub use apply::{Written, apply};
pub use bundle::{Bundle, SCHEMA as BUNDLE_SCHEMA, looks_like_bundle};
pub use compare::{Difference, compare};
pub use grading::{GradingCheck, Outcome, check_grading};
pub use inspect::Inspection;
pub use plan::{Plan, plan, plan_content};
pub use progress::{Progress, Quiet, Stage};
pub use report::{Carriage, End, Report};
pub use terms::in_terms_of;
pub use verify::{Verification, verify, verify_pair};
