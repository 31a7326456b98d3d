//! A learner's sitting over a group of exercises: answer, wait, compare, again.

use std::collections::BTreeMap;

use lms_core::{
    BlockId, CourseId, ErrorKind, LmsProviderExt, SubmissionState, SubmissionsExt, TaskAnswer, TaskRef,
    Verdict,
};

use super::group::{Answer, Group, Part};
use super::shown::{in_learners_terms, shares};
use super::{Trial, Tried};
use crate::Outcome;
use crate::grading::Counterpart;

/// Platforms round marks to hundredths of a per cent and coarser.
const ROUNDING: f64 = 0.006;

pub(super) struct Sitting<'a> {
    pub(super) trial: &'a Trial<'a>,
    pub(super) course: &'a CourseId,
    pub(super) counterparts: &'a [Counterpart<'a>],
    pub(super) group: &'a Group<'a>,
}

/// What came of a sitting.
pub(super) struct Sat {
    pub(super) submissions: usize,
    pub(super) items: Vec<Judged>,
}

/// What came of it for one exercise.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Its place among the counterparts.
    pub(super) item: usize,
    pub(super) tried: Tried,
    /// The first answer that got another mark.
    pub(super) example: Option<String>,
}

impl Judged {
    pub(super) fn outcome(&self, announced: bool) -> Option<Outcome> {
        match &self.example {
            Some(example) if announced => Some(Outcome::Announced { example: example.clone() }),
            Some(example) => Some(Outcome::Disagreed { example: example.clone() }),
            None if self.tried.marked > 0 => Some(Outcome::Agreed { probes: self.tried.marked }),
            None => None,
        }
    }
}

/// Why a round gave no verdicts.
enum Stop {
    /// The platform does not take this answer; another may do.
    Refused(String),
    /// This answer cannot be given this time.
    Skipped(&'static str),
    /// Nothing more can be tried.
    Ended(String),
}

impl From<lms_core::Error> for Stop {
    fn from(error: lms_core::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidInput => Self::Refused(error.to_string()),
            _ => Self::Ended(error.to_string()),
        }
    }
}

/// The verdict on a task, and the block ids that each of its parts has for the learner.
type Said = (Verdict, Vec<Vec<BlockId>>);

impl Sitting<'_> {
    pub(super) async fn sit(self) -> Sat {
        let items = &self.group.items;
        let mut sat = Sat {
            submissions: 0,
            items: items.iter().map(|item| Judged { item: item.n, ..Judged::default() }).collect(),
        };
        let known = items.iter().map(|item| item.answers.len()).max().unwrap_or(0);
        let mut why = None;
        let mut rounds = 0;
        for round in 0..known {
            if rounds == self.trial.options.answers {
                why.get_or_insert_with(|| format!("no more than {rounds} were asked for"));
                break;
            }
            // An exercise that has no more answers gets its first one again while others are tried.
            let chosen: Vec<&Answer> = items
                .iter()
                .filter_map(|item| item.answers.get(round).or_else(|| item.answers.first()))
                .collect();
            match self.round(&chosen, &mut sat.submissions).await {
                Ok(said) => {
                    rounds += 1;
                    self.compare(round, &chosen, &said, &mut sat.items);
                }
                Err(Stop::Skipped(reason)) => why = Some(reason.to_owned()),
                Err(Stop::Refused(reason)) => {
                    for (judged, answer) in sat.items.iter_mut().zip(&chosen) {
                        if answer.probe.expected.correct && items.len() == 1 {
                            let said = format!("{}, the platform refuses it: {reason}", wanted(answer));
                            judged.example.get_or_insert(said);
                        }
                    }
                    why = Some(format!("the platform does not take some: {reason}"));
                }
                Err(Stop::Ended(reason)) => {
                    why = Some(reason);
                    break;
                }
            }
        }
        for (judged, item) in sat.items.iter_mut().zip(items) {
            judged.tried.left = item.answers.len() - judged.tried.marked;
            judged.tried.why = why.clone().filter(|_| judged.tried.left > 0);
        }
        sat
    }

    /// Answers each task once.
    async fn round(&self, chosen: &[&Answer], submissions: &mut usize) -> Result<Vec<Said>, Stop> {
        let mut all = Vec::new();
        for (id, parts) in &self.group.tasks {
            let task = TaskRef { course: self.course.clone(), task: (*id).clone() };
            let (answer, ids) = self.answer(&task, parts, chosen).await?;
            let submissions_of = self.trial.learner.require_submissions()?;
            let submission =
                submissions_of.submit_and_wait(&task, &answer, self.trial.options.patience).await?;
            *submissions += 1;
            // A grader that is not there (run scripts need Python) is no verdict.
            if submission.state == SubmissionState::Failed {
                return Err(Stop::Ended("the platform's grader could not judge it".into()));
            }
            let verdict =
                submission.verdict.ok_or_else(|| Stop::Ended("it came back without a verdict".into()))?;
            all.push((verdict, ids));
        }
        Ok(all)
    }

    /// What is sent for a task: the answers in the terms of what the learner is shown.
    async fn answer(
        &self,
        task: &TaskRef,
        parts: &[Part<'_>],
        chosen: &[&Answer],
    ) -> Result<(TaskAnswer, Vec<Vec<BlockId>>), Stop> {
        let seen = self.trial.learner.require_tasks()?.get(task).await?;
        if seen.attempts_left == Some(0) {
            return Err(Stop::Ended("no tries are left".into()));
        }
        let shares = shares(parts, &seen.parts).ok_or_else(|| {
            Stop::Ended(format!("the learner sees {} parts, the author {}", seen.parts.len(), parts.len()))
        })?;
        let (mut sent, mut ids) = (BTreeMap::new(), Vec::new());
        for (shown, part) in shares.into_iter().zip(parts) {
            let (item, piece) = part.of;
            let response = chosen
                .get(item)
                .and_then(|answer| answer.parts.get(piece))
                .ok_or(Stop::Skipped("there is no such answer to what the target has"))?;
            sent.extend(in_learners_terms(part.exercise, shown, response).map_err(Stop::Skipped)?);
            ids.push(shown.iter().map(|part| part.block.clone()).collect());
        }
        Ok((TaskAnswer(sent), ids))
    }

    /// Holds verdicts against what the keys of the source say.
    fn compare(&self, round: usize, chosen: &[&Answer], said: &[Said], items: &mut [Judged]) {
        let group = self.group;
        let mut told = false;
        for (n, (judged, answer)) in items.iter_mut().zip(chosen).enumerate() {
            if group.items.get(n).is_some_and(|item| round < item.answers.len()) {
                judged.tried.marked += 1;
            }
            let Some(right) = self.part_verdict(n, said) else { continue };
            if right != answer.probe.expected.correct {
                told = true;
                let marked = if right { "right" } else { "not right" };
                judged.example.get_or_insert(format!("{}, {marked} by the platform", wanted(answer)));
            }
        }
        if told {
            return;
        }
        let weights: Vec<f64> = group
            .items
            .iter()
            .map(|item| self.counterparts.get(item.n).map_or(0.0, |c| c.exercise.scoring.points))
            .collect();
        let expected = mean(chosen.iter().map(|a| a.probe.expected.score), &weights);
        let points = |parts: &[Part<'_>]| parts.iter().map(|p| p.exercise.scoring.points).sum::<f64>();
        let shares: Vec<f64> = group.tasks.iter().map(|(_, parts)| points(parts)).collect();
        let actual = mean(said.iter().map(|(verdict, _)| verdict.score), &shares);
        let counts = weights.iter().sum::<f64>() > 0.0 && shares.iter().sum::<f64>() > 0.0;
        let right = chosen.iter().all(|a| a.probe.expected.correct);
        let is_right = said.iter().all(|(verdict, _)| verdict.correct);
        if right != is_right || (counts && (expected - actual).abs() > ROUNDING) {
            for (judged, answer) in items.iter_mut().zip(chosen) {
                let together = match group.items.len() {
                    1 => String::new(),
                    n => format!(" (with {} more answers, together {expected:.3})", n - 1),
                };
                judged
                    .example
                    .get_or_insert(format!("{}{together}, {actual:.3} by the platform", wanted(answer)));
            }
        }
    }

    /// Whether the platform calls an item right, where it says so of it alone.
    fn part_verdict(&self, item: usize, said: &[Said]) -> Option<bool> {
        let mut found = None;
        for ((_, parts), (verdict, ids)) in self.group.tasks.iter().zip(said) {
            for (part, ids) in parts.iter().zip(ids) {
                if part.of.0 != item {
                    continue;
                }
                if found.is_some() || part.of.1 > 0 {
                    return None;
                }
                let of_part = verdict.parts.iter().filter(|(of, _)| ids.contains(of));
                found = of_part.map(|(_, right)| *right).reduce(|all, right| all && right);
            }
        }
        found
    }
}

/// The mean, weighted where there are weights.
fn mean(values: impl Iterator<Item = f64>, weights: &[f64]) -> f64 {
    let all: f64 = weights.iter().sum();
    let even = 1.0 / weights.len().max(1) as f64;
    values.zip(weights).map(|(value, weight)| value * if all > 0.0 { weight / all } else { even }).sum()
}

fn wanted(answer: &Answer) -> String {
    let response = serde_json::to_string(&answer.probe.response).unwrap_or_default();
    format!("{} {response}: {:.3} in the source", answer.probe.label, answer.probe.expected.score)
}
