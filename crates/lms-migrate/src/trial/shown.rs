//! An answer in the terms of what a learner is shown.

use lms_core::{BlockId, Exercise, GapInteraction, Interaction, Part as Shown, Response};

use super::group::Part;
use crate::in_terms_of;
use crate::terms::options;

/// What a learner is shown for each part: one part, or one for each gap where a platform has no text with gaps
/// (INGInious: reference inginious.md 9). `None` where it is neither.
pub(super) fn shares<'s>(parts: &[Part<'_>], shown: &'s [Shown]) -> Option<Vec<&'s [Shown]>> {
    if shown.len() == parts.len() {
        return Some(shown.chunks(1).collect());
    }
    let mut rest = shown;
    let mut shares = Vec::new();
    for part in parts {
        let count = match &part.exercise.interaction {
            Interaction::Gap(gap) => gap.gaps().count(),
            _ => 1,
        };
        let (own, others) = rest.split_at_checked(count)?;
        shares.push(own);
        rest = others;
    }
    rest.is_empty().then_some(shares)
}

/// The answer by the blocks that the learner is shown; else why it cannot be given.
pub(super) fn in_learners_terms(
    author: &Exercise,
    shown: &[Shown],
    response: &Response,
) -> Result<Vec<(BlockId, Response)>, &'static str> {
    if let [only] = shown {
        let response = in_one(&author.interaction, &only.exercise.interaction, response)?;
        return Ok(vec![(only.block.clone(), response)]);
    }
    match (&author.interaction, response) {
        (Interaction::Gap(gap), Response::Gaps { texts }) => in_gaps(gap, shown, texts),
        _ => Err("the learner answers it in another form"),
    }
}

/// One part for each gap: a box to write into, or a list to pick from.
fn in_gaps(
    gap: &GapInteraction,
    shown: &[Shown],
    texts: &[String],
) -> Result<Vec<(BlockId, Response)>, &'static str> {
    let mut answers = Vec::new();
    for ((entries, part), text) in gap.gaps().zip(shown).zip(texts) {
        let response = match (entries, options(&part.exercise.interaction)) {
            (None, None) => Response::Text { text: text.clone() },
            (Some(_), Some(options)) => {
                let at = options.iter().position(|option| option.plain() == *text);
                Response::Choice { selected: at.into_iter().collect() }
            }
            _ => return Err("the learner answers it in another form"),
        };
        if matches!(&response, Response::Choice { selected } if selected.is_empty()) {
            return Err("the learner is not shown all the options");
        }
        answers.push((part.block.clone(), response));
    }
    Ok(answers)
}

/// The learner may be shown options in another order. Where a platform shows no more than a box, it takes what is
/// written. A part of the options will not do: what is right is another thing then.
fn in_one(
    author: &Interaction,
    learner: &Interaction,
    response: &Response,
) -> Result<Response, &'static str> {
    if let (Interaction::Choice(all), Interaction::Choice(shown)) = (author, learner)
        && shown.options.len() < all.options.len()
    {
        return Err("the learner is not shown all the options");
    }
    if let Some(same) = in_terms_of(author, learner, response) {
        return Ok(same);
    }
    match response {
        Response::Text { .. }
        | Response::Number { .. }
        | Response::Formula { .. }
        | Response::ExtendedText { .. } => Ok(response.clone()),
        Response::Choice { .. } => Err("the learner is not shown all the options"),
        _ => Err("the learner answers it in another form"),
    }
}
