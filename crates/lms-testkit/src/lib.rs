//! The conformance suite that every provider passes.
//!
//! A provider brings a [`Harness`] that makes fresh worlds: an emulator with seeded courses, and the
//! provider signed in to it as an author, as a learner, and with a wrong secret. [`run`] puts every case
//! of [`CASES`] to a world of its own and answers a table of outcomes, which the provider keeps beside
//! its tests: lost coverage is then a visible change.
//!
//! A case that the provider does not claim must be refused without a request on the wire.

mod cases;
mod files;
pub mod seed;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use lms_core::{LmsProvider, Result};
use lms_emulator::{Faults, RequestLog};

pub use cases::CASES;
pub use files::uploads_know_what_they_write_over;

/// A seeded platform and who is signed in to it.
pub struct World {
    /// Signed in as the courses' author.
    pub author: Arc<dyn LmsProvider>,
    /// Signed in as an ordinary account, enrolled in nothing.
    pub learner: Arc<dyn LmsProvider>,
    /// Built like `author`, with a wrong secret.
    pub impostor: Arc<dyn LmsProvider>,
    /// What the platform holds.
    pub seed: seed::Seed,
    /// What was asked of the platform.
    pub log: RequestLog,
    /// What goes wrong.
    pub faults: Faults,
    /// Keeps the emulator running.
    pub server: Box<dyn Send + Sync>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("author", &self.author)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// What a provider brings to the suite.
#[async_trait]
pub trait Harness: Send + Sync {
    /// A fresh world with small pages. Worlds share nothing.
    async fn world(&self) -> World;
}

/// Runs a case in a world of its own.
pub type Run = fn(World) -> BoxFuture<'static, Result<()>>;

/// One behaviour.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name: `courses/list/walks_every_page`.
    pub name: &'static str,
    /// Whether a provider claims what the case exercises.
    pub claimed: fn(&dyn LmsProvider) -> bool,
    /// What must hold when it does.
    pub holds: Run,
    /// What must hold when it does not: the call is refused and nothing is sent.
    pub refuses: Option<Run>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Claimed, and it holds.
    Held,
    /// Not claimed, and refused as it must be.
    Refused,
    /// Not claimed, and there is nothing to refuse.
    NotClaimed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Held => "held",
            Self::Refused => "refused",
            Self::NotClaimed => "not claimed",
        })
    }
}

/// Runs every case, and names all that failed at once.
///
/// # Panics
/// When a case fails: it is for tests.
pub async fn run(harness: &dyn Harness) -> Vec<(&'static str, Outcome)> {
    let mut table = Vec::with_capacity(CASES.len());
    let mut failed = Vec::new();
    for case in CASES {
        let world = harness.world().await;
        let claimed = (case.claimed)(world.author.as_ref());
        let (outcome, result) = match (claimed, case.refuses) {
            (true, _) => (Outcome::Held, (case.holds)(world).await),
            (false, Some(refuses)) => (Outcome::Refused, refuses(world).await),
            (false, None) => (Outcome::NotClaimed, Ok(())),
        };
        match result {
            Ok(()) => table.push((case.name, outcome)),
            Err(error) => failed.push(format!("{}: {error:?}", case.name)),
        }
    }
    assert!(failed.is_empty(), "{} cases failed:\n{}", failed.len(), failed.join("\n"));
    table
}

/// Runs every case and holds the table against the file that a provider keeps beside its tests. With
/// `LMS_UPDATE_OUTCOMES` in the environment the file is written anew.
///
/// # Panics
/// When a case fails, or the table is another: it is for tests.
pub async fn run_against(harness: &dyn Harness, file: &Path) {
    let table = to_text(&run(harness).await);
    if std::env::var_os("LMS_UPDATE_OUTCOMES").is_some() {
        std::fs::write(file, &table).expect("the table can be written");
    }
    let kept = std::fs::read_to_string(file).expect("the table is there");
    assert_eq!(kept, table, "{} is out of date", file.display());
}

/// Checks the suite itself: a world that takes a wrong secret must fail the case that forbids it, and one
/// that does not must pass.
///
/// # Panics
/// When the planted defect goes unnoticed: it is for tests.
pub async fn notices_accepted_wrong_secrets(harness: &dyn Harness) {
    let case =
        CASES.iter().find(|c| c.name == "accounts/a_wrong_secret_is_refused").expect("the case is there");
    (case.holds)(harness.world().await).await.expect("a wrong secret is refused");
    let world = harness.world().await;
    world.faults.inject("accept-wrong-secret:times=99".parse().expect("a fault"));
    let error = (case.holds)(world).await.expect_err("the planted defect is noticed");
    assert!(error.to_string().contains("was not refused"), "{error}");
}

/// The table as the text that a provider keeps in `tests/outcomes.txt`.
pub fn to_text(table: &[(&str, Outcome)]) -> String {
    table.iter().map(|(name, outcome)| format!("{outcome:<12}{name}\n")).collect()
}
