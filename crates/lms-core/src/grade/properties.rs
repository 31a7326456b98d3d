//! What holds for every exercise and every answer.

use proptest::prelude::*;

use super::testing::{any_exercise, any_response, sound_exercise};
use super::{Mark, Ungradable, grade, probes};
use crate::{Key, Response};

fn consistent(mark: Mark) -> bool {
    (0.0..=1.0).contains(&mark.score) && (mark.score == 1.0) == mark.correct
}

/// The answer that the key itself names, where the key is of a kind that names one.
fn solution(key: &Key) -> Option<Response> {
    match key {
        Key::Choice { correct } => Some(Response::Choice { selected: correct.clone() }),
        Key::Formula { answer, .. } => Some(Response::Formula { formula: answer.clone() }),
        Key::Match { targets } => {
            Some(Response::Match { targets: targets.iter().map(|set| set.last().copied()).collect() })
        }
        Key::Order { order } => Some(Response::Order { order: order.clone() }),
        Key::Table { rows } => Some(Response::Table { rows: rows.clone() }),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_answer_to_any_exercise_has_a_consistent_mark(
        exercise in any_exercise(),
        responses in proptest::collection::vec(any_response(), 24),
    ) {
        for response in responses {
            if let Ok(mark) = grade(&exercise, &response) {
                prop_assert!(consistent(mark), "{mark:?}");
            }
        }
    }

    #[test]
    fn any_exercise_has_consistent_probes(exercise in any_exercise()) {
        for probe in probes(&exercise) {
            prop_assert!(consistent(probe.expected), "{probe:?}");
        }
    }

    #[test]
    fn a_sound_exercise_is_probed(exercise in sound_exercise()) {
        let all = probes(&exercise);
        prop_assert_eq!(&all, &probes(&exercise));
        prop_assert!(all.len() >= 2, "{all:?}");
        prop_assert_eq!(all[0].expected, Mark::RIGHT, "{:?}", all[0]);
        prop_assert!(all.iter().any(|probe| !probe.expected.correct), "{all:?}");
        for (at, probe) in all.iter().enumerate() {
            prop_assert_eq!(grade(&exercise, &probe.response), Ok(probe.expected));
            prop_assert!(all[..at].iter().all(|earlier| earlier.response != probe.response));
        }
    }

    #[test]
    fn the_key_is_right_by_itself(exercise in sound_exercise()) {
        if let Some(response) = exercise.key.as_ref().and_then(solution) {
            match grade(&exercise, &response) {
                // a single choice or a row with several right ones takes one of them alone
                Err(Ungradable::Misfit(why)) => prop_assert!(why.contains("may be picked"), "{why}"),
                marked => prop_assert_eq!(marked, Ok(Mark::RIGHT)),
            }
        }
    }

    #[test]
    fn a_tolerance_is_even_on_both_sides(value in -1_000_000_i64..1_000_000, by in 0_i64..1_000, off in 0_i64..2_000) {
        let exercise = super::testing::within(&format!("{value}e-3"), &format!("{by}e-3"));
        let above = grade(&exercise, &Response::number(format!("{}e-3", value + off)));
        let below = grade(&exercise, &Response::number(format!("{}e-3", value - off)));
        prop_assert_eq!(&above, &below);
        prop_assert_eq!(above, Ok(Mark::all_or_nothing(off <= by)));
    }

    #[test]
    fn one_permutation_of_different_things_is_right(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
                                                    given in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let exercise = super::testing::ordering(&order);
        let mark = grade(&exercise, &Response::Order { order: given.clone() }).unwrap();
        prop_assert_eq!(mark.correct, order == given);
    }

    #[test]
    fn any_pattern_ends(pattern in "[a-c()|*+?{}\\[\\]\\\\^$.,0-9:=!<>P#i-]{0,24}", answer in "[a-c0-9]{0,12}") {
        let _ = grade(&super::testing::pattern(&pattern), &Response::text(answer));
    }

    #[test]
    fn any_expression_ends(text in "[-a-z0-9+*/^|(). %E_']{0,40}") {
        if let Ok(read) = super::expression::Expression::parse(&text) {
            let _ = read.evaluate(&|_| Some(super::expression::Complex::real(0.5)));
        }
    }
}
