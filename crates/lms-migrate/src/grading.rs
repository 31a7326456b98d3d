//! Marking known answers on both sides.

use std::collections::{BTreeSet, HashMap, HashSet};

use lms_core::grade::{Mark, Probe, grade, probes};
use lms_core::{
    Block, BlockId, Course, Exercise, Finding, Interaction, Markup, Response, TextEntryInteraction,
};
use serde::Serialize;

use crate::compare::{Hashes, compare_with};
use crate::terms::{at, in_terms_of, options, positions};
use crate::{Plan, Tried};

/// How two exercises compare.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Every answer gets the same mark.
    Agreed {
        /// Answers tried.
        probes: usize,
    },
    /// Some answer gets another mark, and a finding of the plan says so.
    Announced {
        /// The first such answer, and both marks.
        example: String,
    },
    /// Some answer gets another mark, and nothing said so.
    Disagreed {
        /// The first such answer, and both marks.
        example: String,
    },
    /// No answer could be tried.
    Unprobed {
        /// Why.
        why: String,
    },
}

/// The comparison of one exercise with what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradingCheck {
    /// Where the exercise is in the source.
    pub path: String,
    /// Its block in the source.
    pub block: BlockId,
    /// Its interaction in the source.
    pub interaction: &'static str,
    /// What marked the answers, where any were tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graded_by: Option<GradedBy>,
    /// How they compare.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the target's own grader was asked; absent where no learner was on trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<Tried>,
}

/// What marked the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GradedBy {
    /// The reference grader, on the keys as the platforms give them.
    Reference,
    /// The target itself, for a learner on trial.
    Platform,
}

impl GradedBy {
    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Reference => "the reference grader",
            Self::Platform => "the platform",
        }
    }
}

/// Marks known right and wrong answers to each exercise of the source, and the same answers to what
/// `actual`, read back from the target, has in its place. Both are marked by the reference grader on
/// the keys as the platforms give them.
pub fn check_grading(plan: &Plan, actual: &Course) -> Vec<GradingCheck> {
    let hashes = Hashes::new();
    let compared = compare_with(&plan.adapted.course, actual, (&hashes, &hashes), None);
    counterparts(plan, &compared.blocks).iter().map(Counterpart::check).collect()
}

/// An exercise of the source, and what stands for it on the target.
#[derive(Debug)]
pub(crate) struct Counterpart<'a> {
    pub(crate) path: String,
    pub(crate) block: &'a BlockId,
    pub(crate) exercise: &'a Exercise,
    /// As they were read back.
    pub(crate) targets: Vec<(&'a BlockId, &'a Exercise)>,
    /// The same as they were to be.
    planned: Vec<&'a Exercise>,
    /// Whether a finding says that marks change.
    pub(crate) announced: bool,
}

/// All exercises of the source, in the order of the course; `there` says which block of the target stands for which
/// of the adapted course.
pub(crate) fn counterparts<'a>(plan: &'a Plan, there: &HashMap<&BlockId, &'a Block>) -> Vec<Counterpart<'a>> {
    let announced: HashSet<&BlockId> = plan.findings.iter().filter_map(announces_marks).collect();
    let carried: HashMap<&BlockId, &[BlockId]> =
        plan.adapted.carried.iter().map(|c| (&c.source, c.target.as_slice())).collect();
    let adapted: HashMap<&BlockId, &Block> =
        plan.adapted.course.blocks().map(|place| (&place.block.1.id, place.block.1)).collect();
    let found = plan.content.course.blocks().filter_map(|place| {
        let block = place.block.1;
        let pairs = carried.get(&block.id).into_iter().flat_map(|ids| ids.iter()).filter_map(|id| {
            let block = *there.get(id)?;
            Some(((&block.id, block.exercise()?), adapted.get(id)?.exercise()?))
        });
        let (targets, planned) = pairs.unzip();
        Some(Counterpart {
            path: place.place().to_string(),
            block: &block.id,
            exercise: block.exercise()?,
            targets,
            planned,
            announced: announced.contains(&block.id),
        })
    });
    found.collect()
}

impl Counterpart<'_> {
    /// By the reference grader.
    pub(crate) fn check(&self) -> GradingCheck {
        let targets: Vec<&Exercise> = self.targets.iter().map(|(_, exercise)| *exercise).collect();
        let outcome = match check(self.exercise, &targets, self.announced) {
            // That marks change, or cannot be compared, excuses no other change than the one that was planned.
            outcome @ (Outcome::Announced { .. } | Outcome::Unprobed { .. }) => {
                self.off_plan().map_or(outcome, |example| Outcome::Disagreed { example })
            }
            outcome => outcome,
        };
        GradingCheck {
            path: self.path.clone(),
            block: self.block.clone(),
            interaction: self.exercise.interaction.name(),
            graded_by: (!matches!(outcome, Outcome::Unprobed { .. })).then_some(GradedBy::Reference),
            outcome,
            trial: None,
        }
    }

    /// The first answer that is marked otherwise than was planned, where the plan knows what is right.
    fn off_plan(&self) -> Option<String> {
        self.planned.iter().zip(&self.targets).find_map(|(planned, (_, actual))| {
            probes(planned).into_iter().find_map(|probe| {
                let response = in_terms_of(&planned.interaction, &actual.interaction, &probe.response)?;
                let score = match grade(actual, &response) {
                    Ok(mark) => mark.score,
                    Err(why) => {
                        return Some(format!("as it was planned it can be marked; on the target, {why}"));
                    }
                };
                let differs = (score - probe.expected.score).abs() > 1e-6;
                differs.then(|| describe(&probe, score, "as planned"))
            })
        })
    }
}

/// The block of which a finding says that answers are marked otherwise. That it is carried in another form, or in
/// part, excuses no changed marks.
fn announces_marks(finding: &Finding) -> Option<&BlockId> {
    finding.marks.then_some(finding.block.as_ref()).flatten()
}

fn check(source: &Exercise, targets: &[&Exercise], announced: bool) -> Outcome {
    let probes = probes(source);
    if probes.is_empty() {
        return Outcome::Unprobed { why: unprobed(source) };
    }
    if targets.is_empty() {
        return Outcome::Unprobed { why: "it is not an exercise on the target".into() };
    }
    let mut tried = 0;
    for probe in &probes {
        let Some(parts) = translate(&source.interaction, &probe.response, targets) else { continue };
        let marks: Result<Vec<Mark>, _> =
            targets.iter().zip(&parts).map(|(target, response)| grade(target, response)).collect();
        let marks = match marks {
            Ok(marks) => marks,
            Err(why) => return Outcome::Unprobed { why: format!("on the target, {why}") },
        };
        tried += 1;
        let score = joint_score(&marks, targets);
        if (score - probe.expected.score).abs() > 1e-6 {
            let example = describe(probe, score, "in the source");
            return if announced { Outcome::Announced { example } } else { Outcome::Disagreed { example } };
        }
    }
    match tried {
        0 => Outcome::Unprobed { why: "its answers have no counterpart on the target".into() },
        probes => Outcome::Agreed { probes },
    }
}

/// Why no answer to an exercise is known.
pub(crate) fn unprobed(source: &Exercise) -> String {
    match &source.grader {
        lms_core::Grader::Native(name) => format!("{name} marks it in the source"),
        lms_core::Grader::Human => "a person marks it in the source".into(),
        lms_core::Grader::Key if source.key.is_none() => "the source does not tell what is right".into(),
        lms_core::Grader::Key => "its key names no answer that is known to be right".into(),
    }
}

/// The share of the points over all parts.
fn joint_score(marks: &[Mark], targets: &[&Exercise]) -> f64 {
    let all: f64 = targets.iter().map(|t| t.scoring.points).sum();
    if all > 0.0 {
        marks.iter().zip(targets).map(|(mark, target)| mark.score * target.scoring.points).sum::<f64>() / all
    } else {
        marks.iter().map(|mark| mark.score).sum::<f64>() / marks.len() as f64
    }
}

fn describe(probe: &Probe, actual: f64, expected: &str) -> String {
    let response = serde_json::to_string(&probe.response).unwrap_or_default();
    format!("{} {response}: {:.3} {expected}, {actual:.3} on the target", probe.label, probe.expected.score)
}

/// The same answer in the terms of what the exercise became: one response for each target. `None`
/// where it cannot be said there.
pub(crate) fn translate(
    source: &Interaction,
    response: &Response,
    targets: &[&Exercise],
) -> Option<Vec<Response>> {
    if let [target] = targets
        && let Some(same) = convert(source, response, &target.interaction)
    {
        return Some(vec![same]);
    }
    let pieces = pieces(source, response)?;
    if pieces.len() != targets.len() {
        return None;
    }
    pieces.into_iter().zip(targets).map(|(piece, target)| piece.give(&target.interaction)).collect()
}

/// A part of an answer, for one of the exercises that its exercise was split into.
enum Piece<'a> {
    /// Things picked from a list.
    Picked(&'a [Markup], BTreeSet<usize>),
    /// What stands in a gap.
    Text(&'a str),
}

impl Piece<'_> {
    fn give(self, target: &Interaction) -> Option<Response> {
        match self {
            Self::Picked(from, selected) => {
                let map = positions(from, &options(target)?);
                Some(Response::Choice {
                    selected: selected.iter().map(|n| at(&map, *n)).collect::<Option<_>>()?,
                })
            }
            Self::Text(text) => match options(target) {
                Some(options) => {
                    let said = Markup::from_text(text).plain();
                    Some(Response::choices(options.iter().position(|option| option.plain() == said)))
                }
                None => convert(&ENTRY, &Response::text(text), target),
            },
        }
    }
}

const ENTRY: Interaction = Interaction::TextEntry(TextEntryInteraction { suffix: String::new() });

fn pieces<'a>(source: &'a Interaction, response: &'a Response) -> Option<Vec<Piece<'a>>> {
    Some(match (source, response) {
        (Interaction::Match(pairs), Response::Match { targets }) => {
            targets.iter().map(|t| Piece::Picked(&pairs.targets, t.iter().copied().collect())).collect()
        }
        (Interaction::Table(table), Response::Table { rows }) => {
            rows.iter().map(|row| Piece::Picked(&table.columns, row.clone())).collect()
        }
        (Interaction::Order(items), Response::Order { order }) => {
            order.iter().map(|item| Piece::Picked(&items.items, BTreeSet::from([*item]))).collect()
        }
        (Interaction::Gap(_), Response::Gaps { texts }) => {
            texts.iter().map(|text| Piece::Text(text)).collect()
        }
        _ => return None,
    })
}

/// An answer in the terms of another interaction that takes the same kind of answer, or one as good.
fn convert(source: &Interaction, response: &Response, target: &Interaction) -> Option<Response> {
    if let Some(same) = in_terms_of(source, target, response) {
        return Some(same);
    }
    match (response, target) {
        // A program in the one language there is is the same in whatever takes programs.
        (Response::Code { language, .. }, Interaction::Code(_)) if language.is_empty() => {
            Some(response.clone())
        }
        (
            Response::Number { number: text } | Response::Formula { formula: text },
            Interaction::TextEntry(_),
        ) => Some(Response::text(text.clone())),
        (Response::Text { text }, Interaction::Numeric(_)) => Some(Response::number(text.clone())),
        (Response::Text { text }, Interaction::Gap(gap)) if gap.gaps().count() == 1 => {
            Some(Response::Gaps { texts: vec![text.clone()] })
        }
        (Response::Gaps { texts }, Interaction::TextEntry(_)) => match texts.as_slice() {
            [only] => Some(Response::text(only.clone())),
            _ => None,
        },
        (Response::Choice { selected }, Interaction::Gap(gap)) if gap.gaps().count() == 1 => {
            let said =
                selected.first().and_then(|n| Some(options(source)?.get(*n)?.plain())).unwrap_or_default();
            Some(Response::Gaps { texts: vec![said] })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
