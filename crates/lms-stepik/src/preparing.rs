//! Waiting until steps are prepared: the platform takes a step first and checks it afterwards
//! (reference stepik.md 3.8).

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use lms_core::{Error, ErrorKind, Platform, Result, StepId};
use lms_http::Rhythm;
use serde_json::Value;

use crate::Stepik;
use crate::placement::numbers;
use crate::tree::texts;
use crate::wire;

/// Steps take about a second to become ready (reference stepik.md 3.8).
const RHYTHM: Rhythm =
    Rhythm { first: Duration::from_millis(200), growth: 1.5, longest: Duration::from_secs(5) };

impl Stepik {
    /// Waits until these steps are ready, as [`lms_core::Authoring::finish`] does for all of a course.
    /// Calls `GET /api/step-sources?ids[]=…`.
    ///
    /// # Errors
    /// `InvalidInput` with the reason for each step that is broken or gone, in
    /// [`lms_core::Error::fields`]; `Timeout` after [`crate::StepikBuilder::with_ready_timeout`].
    pub async fn wait_until_ready(&self, steps: &[StepId]) -> Result<()> {
        let ids = numbers(steps.iter().map(StepId::as_str), "step")?;
        let waiting = ids.iter().map(|id| (*id, id.to_string())).collect();
        let (waiting, broken) = self.prepared("authoring.wait_until_ready", waiting).await?;
        outcome("authoring.wait_until_ready", "steps", &waiting, broken)
    }

    /// The same for the steps of a course that were written and not yet seen ready.
    pub(crate) async fn finish_steps(&self, operation: &'static str, course: u64) -> Result<()> {
        let written = self.memory().written.get(&course).cloned();
        let waiting = match written {
            Some(written) => written,
            // Written by an earlier run: any step may be one of those.
            None => {
                let steps = self.tree(operation, course).await?.steps();
                steps.into_iter().map(|step| (step, step.to_string())).collect()
            }
        };
        let (waiting, broken) = self.prepared(operation, waiting).await?;
        if waiting.is_empty() {
            self.memory().written.remove(&course);
        } else {
            self.memory().written.insert(course, waiting.clone());
        }
        outcome(operation, &format!("course {course}"), &waiting, broken)
    }

    /// Asks until none of these steps, named by what they are called in errors, is being prepared, or
    /// patience ends. Answers those that still are, and what is wrong with others.
    async fn prepared(
        &self,
        operation: &'static str,
        mut waiting: BTreeMap<u64, String>,
    ) -> Result<(BTreeMap<u64, String>, Vec<(String, String)>)> {
        let mut broken = Vec::new();
        let mut polling = RHYTHM.begin(self.ready_timeout());
        while !waiting.is_empty() {
            let ids: Vec<u64> = waiting.keys().copied().collect();
            let steps =
                self.many(operation, "step-sources", &texts(&ids), |s: &wire::Step| s.id.to_string()).await?;
            let seen: HashSet<u64> = steps.iter().map(|step| step.id).collect();
            for (id, name) in waiting.iter().filter(|(id, _)| !seen.contains(id)) {
                broken.push((format!("step {id} ({name})"), "it is gone, or not ours any more".to_owned()));
            }
            for step in steps.iter().filter(|step| step.status == "error") {
                let name = waiting.get(&step.id).cloned().unwrap_or_default();
                broken.push((format!("step {} ({name}, {})", step.id, step.name()), reason(step)));
            }
            let preparing: HashSet<u64> =
                steps.iter().filter(|step| step.status == "preparing").map(|step| step.id).collect();
            waiting.retain(|id, _| preparing.contains(id));
            if waiting.is_empty() || !polling.pause().await {
                break;
            }
        }
        Ok((waiting, broken))
    }
}

fn outcome(
    operation: &'static str,
    what: &str,
    waiting: &BTreeMap<u64, String>,
    broken: Vec<(String, String)>,
) -> Result<()> {
    let error = match (waiting.is_empty(), broken.len()) {
        (true, 0) => return Ok(()),
        (true, n) => {
            let steps = if n == 1 { "a step".to_owned() } else { format!("{n} steps") };
            Error::invalid(format!("Stepik could not prepare {steps}")).on(what)
        }
        (false, _) => {
            let ids: Vec<String> = waiting.keys().map(u64::to_string).collect();
            Error::new(ErrorKind::Timeout, "steps are still being prepared")
                .on(format!("{what}, steps {}", ids.join(", ")))
        }
    };
    let error = error.at(Platform::Stepik, operation);
    Err(broken.into_iter().fold(error, |error, (step, reason)| error.with_field(step, reason)))
}

fn reason(step: &wire::Step) -> String {
    let said = step.error.get("text").and_then(Value::as_str).unwrap_or_default();
    [step.reason_of_failure.as_str(), said]
        .into_iter()
        .find(|text| !text.trim().is_empty())
        .unwrap_or("no reason was given")
        .to_owned()
}
