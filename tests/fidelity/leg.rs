//! One migration, with everything that can be counted of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use lms::migrate::{Outcome, Plan, Quiet, Report, apply, plan, verify};
use lms::{NewCourse, Platform, Result, Severity};
use lms_emulator::RequestLog;
use serde_json::Value;

use crate::cells::{cell, joint};
use crate::corpus::{Hosted, Place, Way, place};

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) courses: usize,
    pub(crate) read: usize,
    pub(crate) exact: usize,
    pub(crate) otherwise: usize,
    pub(crate) named: usize,
    pub(crate) lost: usize,
    pub(crate) exercises: usize,
    pub(crate) agreed: usize,
    pub(crate) announced: usize,
    pub(crate) disagreed: usize,
    pub(crate) untried: usize,
    pub(crate) answers: usize,
    pub(crate) differences: usize,
    /// By exact cell: exercises that agree, and all that were tried.
    pub(crate) cells: BTreeMap<&'static str, (usize, usize)>,
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, more: &Counts) {
        for (sum, n) in [
            (&mut self.courses, more.courses),
            (&mut self.read, more.read),
            (&mut self.exact, more.exact),
            (&mut self.otherwise, more.otherwise),
            (&mut self.named, more.named),
            (&mut self.lost, more.lost),
            (&mut self.exercises, more.exercises),
            (&mut self.agreed, more.agreed),
            (&mut self.announced, more.announced),
            (&mut self.disagreed, more.disagreed),
            (&mut self.untried, more.untried),
            (&mut self.answers, more.answers),
            (&mut self.differences, more.differences),
        ] {
            *sum += n;
        }
        for (name, (agreed, tried)) in &more.cells {
            let sum = self.cells.entry(name).or_default();
            *sum = (sum.0 + agreed, sum.1 + tried);
        }
    }
}

/// A migration that was done.
pub(crate) struct Leg {
    pub(crate) counts: Counts,
    /// What is not as it should be, for people.
    pub(crate) wrong: Vec<String>,
    pub(crate) hosted: Hosted,
    /// Keeps it there.
    _place: Place,
}

/// Moves a course and counts.
pub(crate) async fn leg(from: &Hosted, origin: Platform, to: Platform, way: Way) -> Result<Leg> {
    let place = place(to, way).await?;
    let (source, target) = (from.provider.as_ref(), place.provider.as_ref());
    let dry = plan(source, &from.course, target).await?;
    let mut wrong = dry_run_writes(&place);
    let foreseen = comparable(&Report::new(&dry));

    let planned = plan(source, &from.course, target).await?;
    let written = apply(&planned, source, target, &NewCourse::default(), &Quiet).await?;
    let happened = comparable(&Report::new(&planned).with_written(&written));
    if foreseen != happened {
        wrong.push(format!("the dry run said otherwise: {}", first_difference(&foreseen, &happened)));
    }
    let before = writes(&place);
    let verification = verify(&planned, source, target, &written.course, &Quiet).await?;
    if writes(&place) != before {
        wrong.push("verification wrote".into());
    }
    wrong.extend(
        verification
            .differences
            .iter()
            .map(|d| format!("{}: {}: expected {:?}, is {:?}", d.path, d.what, d.expected, d.actual)),
    );

    let mut counts = books(&planned);
    if counts.lost > 0 || counts.read != counts.exact + counts.otherwise + counts.named {
        wrong.push(format!("the books do not balance: {counts:?}"));
    }
    counts.differences = verification.differences.len();
    counts.exercises = verification.exercises;
    let joint = joint(&planned.content.course);
    for check in &verification.checks {
        let place = planned.content.course.block(&check.block);
        let exercise = place.as_ref().and_then(|place| place.block.1.exercise());
        let exact = exercise.and_then(|e| cell(origin, to, e, !joint.contains(&e.task)));
        let (agrees, example) = match &check.outcome {
            Outcome::Agreed { probes } => {
                counts.agreed += 1;
                counts.answers += probes;
                (true, "")
            }
            Outcome::Announced { example } => {
                counts.announced += 1;
                (false, example.as_str())
            }
            Outcome::Disagreed { example } => {
                counts.disagreed += 1;
                wrong.push(format!("{}: marks differ: {example}", check.path));
                (false, example.as_str())
            }
            Outcome::Unprobed { .. } => {
                counts.untried += 1;
                continue;
            }
        };
        if let Some(name) = exact {
            let cell = counts.cells.entry(name).or_default();
            *cell = (cell.0 + usize::from(agrees), cell.1 + 1);
            if !agrees {
                wrong.push(format!("{}: the cell “{name}” is to be exact: {example}", check.path));
            }
        }
    }
    let hosted = Hosted { provider: place.provider.clone(), course: written.course };
    Ok(Leg { counts, wrong, hosted, _place: place })
}

/// What the emulator was asked that may change something. Signing in does not, nor does an export.
fn writes(place: &Place) -> usize {
    let entries = place.log.as_ref().map(RequestLog::entries).unwrap_or_default();
    let changing = entries.iter().filter(|e| !matches!(e.method.as_str(), "GET" | "HEAD" | "PROPFIND"));
    changing
        .filter(|e| !e.path.starts_with("/oauth2/") && !e.path.starts_with("/export/"))
        .filter(|e| !["login", "signin", "authentication"].iter().any(|word| e.path.contains(word)))
        .count()
}

fn dry_run_writes(place: &Place) -> Vec<String> {
    let mut wrong = Vec::new();
    if writes(place) > 0 {
        wrong.push(format!("a dry run sent {} writes", writes(place)));
    }
    if place.provider.requests().write > 0 {
        wrong.push("a dry run counted writes".into());
    }
    if std::fs::read_dir(place.folder.path()).is_ok_and(|mut entries| entries.next().is_some()) {
        wrong.push("a dry run left files".into());
    }
    wrong
}

/// How the blocks fared.
fn books(planned: &Plan) -> Counts {
    let mut counts = Counts { courses: 1, ..Counts::default() };
    let carried: BTreeSet<_> =
        planned.adapted.carried.iter().filter(|c| !c.target.is_empty()).map(|c| &c.source).collect();
    let spoken = |least: Severity| -> BTreeSet<_> {
        planned.findings.iter().filter(|f| f.severity >= least).filter_map(|f| f.block.as_ref()).collect()
    };
    let (named, differs) = (spoken(Severity::Exact), spoken(Severity::Approximated));
    for place in planned.content.course.blocks() {
        let id = &place.block.1.id;
        counts.read += 1;
        *match (carried.contains(id), named.contains(id)) {
            (true, _) if differs.contains(id) => &mut counts.otherwise,
            (true, _) => &mut counts.exact,
            (false, true) => &mut counts.named,
            (false, false) => &mut counts.lost,
        } += 1;
    }
    counts
}

/// A report without what a dry run cannot know: ids, times, requests, and whether it was one.
fn comparable(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).expect("a report is JSON");
    if let Some(fields) = value.as_object_mut() {
        for name in ["dry_run", "verification", "requests", "seconds", "written"] {
            fields.shift_remove(name);
        }
        if let Some(target) = fields.get_mut("target").and_then(Value::as_object_mut) {
            target.shift_remove("course");
        }
    }
    value
}

fn first_difference(a: &Value, b: &Value) -> String {
    let (a, b) = (a.to_string(), b.to_string());
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let cut = |text: &str| text.chars().skip(same.saturating_sub(40)).take(160).collect::<String>();
    format!("{} ≠ {}", cut(&a), cut(&b))
}
