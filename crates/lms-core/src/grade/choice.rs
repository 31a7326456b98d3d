//! Choice and inline choice.

use std::collections::BTreeSet;

use super::{Mark, Ungradable};
use crate::{Cardinality, Credit};

/// Marks a selection that fits. `options` is how many there are.
pub(super) fn grade(
    cardinality: Cardinality,
    options: usize,
    correct: &BTreeSet<usize>,
    selected: &BTreeSet<usize>,
    credit: Credit,
) -> Result<Mark, Ungradable> {
    if correct.last().is_some_and(|last| *last >= options) {
        return Err(Ungradable::BrokenKey(format!("it names an option beyond the {options} there are")));
    }
    if cardinality == Cardinality::Single {
        return Ok(Mark::all_or_nothing(selected.iter().any(|option| correct.contains(option))));
    }
    let mistakes = selected.symmetric_difference(correct).count();
    if mistakes == 0 {
        return Ok(Mark::RIGHT);
    }
    if selected.is_empty() {
        return Ok(Mark::WRONG);
    }
    let score = match credit {
        Credit::EveryDecision => decisions(options - mistakes, options),
        Credit::Halves => halves(mistakes, options),
        Credit::AllOrNothing | Credit::PerPart => 0.0,
    };
    Ok(Mark { score, correct: false })
}

/// The share of right decisions, rounded to hundredths with halves away from zero as Open edX does
/// (reference openedx.md 5.10). A mistake never rounds up to full marks.
fn decisions(right: usize, of: usize) -> f64 {
    let hundredths = (200 * right as u128 + of as u128) / (2 * of as u128);
    hundredths.min(99) as f64 / 100.0
}

/// One mistake leaves a half where there are three options, two leave a quarter where there are five.
fn halves(mistakes: usize, options: usize) -> f64 {
    match mistakes {
        1 if options >= 3 => 0.5,
        2 if options >= 5 => 0.25,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{grade, testing::exercise};
    use crate::{
        ChoiceInteraction, ChoiceOption, Exercise, InlineChoiceInteraction, Interaction, Key, Response,
    };

    fn choice(cardinality: Cardinality, options: usize, correct: &[usize], credit: Credit) -> Exercise {
        let options = (0..options).map(|at| ChoiceOption::new(format!("option {at}"))).collect();
        let interaction =
            Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: true, shown: None });
        exercise(interaction, Key::Choice { correct: correct.iter().copied().collect() }, credit)
    }

    #[test]
    fn single_takes_one_of_the_right_options() {
        // Open edX takes any one of several right options; so does INGInious (reference inginious.md 9.7).
        let cases: &[(&[usize], &[usize], f64)] = &[
            (&[1], &[1], 1.0),
            (&[1], &[0], 0.0),
            (&[1], &[], 0.0),
            (&[0, 2], &[2], 1.0),
            (&[0, 2], &[1], 0.0),
            (&[], &[1], 0.0),
            (&[], &[], 0.0),
        ];
        for (correct, selected, score) in cases {
            let exercise = choice(Cardinality::Single, 4, correct, Credit::EveryDecision);
            let mark = grade(&exercise, &Response::choices(selected.iter().copied())).unwrap();
            assert_eq!(mark.score, *score, "{correct:?} {selected:?}");
        }
    }

    #[test]
    fn multiple_by_each_credit() {
        use Credit::{AllOrNothing as A, EveryDecision as E, Halves as H, PerPart as P};
        // options, key, picked, all or nothing, EDC, halves (reference openedx.md 5.10)
        type Case<'a> = (usize, &'a [usize], &'a [usize], f64, f64, f64);
        let cases: &[Case<'_>] = &[
            (3, &[0, 2], &[0, 2], 1.0, 1.0, 1.0),
            (3, &[0, 2], &[0], 0.0, 0.67, 0.5),
            (3, &[0, 2], &[0, 1], 0.0, 0.33, 0.0),
            (2, &[0], &[0, 1], 0.0, 0.5, 0.0),
            (5, &[0, 1], &[2], 0.0, 0.4, 0.0),
            (5, &[0, 1], &[0, 1, 2, 3], 0.0, 0.6, 0.25),
            (4, &[0, 1], &[0, 1, 2, 3], 0.0, 0.5, 0.0),
            (8, &[0], &[0, 1], 0.0, 0.88, 0.5),
            (4, &[0], &[], 0.0, 0.0, 0.0),
            (4, &[], &[], 1.0, 1.0, 1.0),
            (4, &[], &[1], 0.0, 0.75, 0.5),
        ];
        for (options, correct, selected, all, edc, halves) in cases {
            for (credit, score) in [(A, all), (P, all), (E, edc), (H, halves)] {
                let exercise = choice(Cardinality::Multiple, *options, correct, credit);
                let mark = grade(&exercise, &Response::choices(selected.iter().copied())).unwrap();
                assert_eq!(mark.score, *score, "{options} {correct:?} {selected:?} {credit:?}");
            }
        }
    }

    #[test]
    fn one_mistake_in_many_is_not_full_marks() {
        assert_eq!(decisions(399, 400), 0.99);
        assert_eq!(decisions(1, 8), 0.13);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let single = choice(Cardinality::Single, 3, &[0], Credit::AllOrNothing);
        for response in [Response::choice(3), Response::choices([0, 1]), Response::text("a")] {
            assert!(matches!(grade(&single, &response), Err(Ungradable::Misfit(_))), "{response:?}");
        }
        let broken = choice(Cardinality::Multiple, 3, &[3], Credit::AllOrNothing);
        assert!(matches!(grade(&broken, &Response::choice(0)), Err(Ungradable::BrokenKey(_))));
    }

    #[test]
    fn a_list_takes_its_right_entry() {
        let options = ["Paris", "Brussels"].map(ChoiceOption::new).to_vec();
        let interaction = Interaction::InlineChoice(InlineChoiceInteraction { options });
        let exercise = exercise(interaction, Key::Choice { correct: [1].into() }, Credit::AllOrNothing);
        assert_eq!(grade(&exercise, &Response::choice(1)), Ok(Mark::RIGHT));
        assert_eq!(grade(&exercise, &Response::choice(0)), Ok(Mark::WRONG));
        assert_eq!(grade(&exercise, &Response::choices([])), Ok(Mark::WRONG));
    }
}
