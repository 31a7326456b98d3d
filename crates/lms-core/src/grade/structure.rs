//! Answers made of parts: match, order, gap, table.

use std::collections::BTreeSet;

use super::{Mark, Ungradable, fit, text};
use crate::{
    Cardinality, Credit, GapAccept, GapInteraction, MatchInteraction, OrderInteraction, TableInteraction,
};

/// Marks pairs that fit. Which targets other sources took does not matter.
pub(super) fn pairs(
    interaction: &MatchInteraction,
    key: &[BTreeSet<usize>],
    answer: &[Option<usize>],
    credit: Credit,
) -> Result<Mark, Ungradable> {
    same_length("source", interaction.sources.len(), key.len())?;
    in_range("target", interaction.targets.len(), key)?;
    let right = key.iter().zip(answer).map(|(right, target)| match target {
        Some(target) => right.contains(target),
        None => right.is_empty(),
    });
    Ok(total(right, credit))
}

/// Marks an order that fits. Things that look the same may change places: nobody can tell them apart.
pub(super) fn order(
    interaction: &OrderInteraction,
    key: &[usize],
    answer: &[usize],
    credit: Credit,
) -> Result<Mark, Ungradable> {
    let items = &interaction.items;
    if !fit::is_permutation(key, items.len()) {
        return broken(format!("it does not name each of the {} items once", items.len()));
    }
    Ok(total(key.iter().zip(answer).map(|(right, given)| items.get(*right) == items.get(*given)), credit))
}

/// Marks gaps that fit.
pub(super) fn gaps(
    interaction: &GapInteraction,
    key: &[GapAccept],
    answer: &[String],
    credit: Credit,
) -> Result<Mark, Ungradable> {
    same_length("gap", interaction.gaps().count(), key.len())?;
    let mut right = Vec::with_capacity(key.len());
    for (at, ((entries, accept), answer)) in interaction.gaps().zip(key).zip(answer).enumerate() {
        right.push(match (entries, accept) {
            (None, GapAccept::Text { accept }) => text::taken(accept, answer)?,
            (Some(entries), GapAccept::Choice { correct }) => {
                in_range("entry", entries.len(), std::slice::from_ref(correct))?;
                let answer = text::trim(answer);
                let mut texts = correct.iter().filter_map(|entry| entries.get(*entry));
                !answer.is_empty() && texts.any(|entry| text::trim(entry) == answer)
            }
            _ => return broken(format!("gap {at} is of another kind than its key")),
        });
    }
    Ok(total(right.into_iter(), credit))
}

/// Marks rows that fit.
pub(super) fn table(
    interaction: &TableInteraction,
    key: &[BTreeSet<usize>],
    answer: &[BTreeSet<usize>],
    credit: Credit,
) -> Result<Mark, Ungradable> {
    same_length("row", interaction.rows.len(), key.len())?;
    in_range("column", interaction.columns.len(), key)?;
    let right = key.iter().zip(answer).map(|(right, ticked)| match interaction.cardinality {
        // several right columns in a row with one tick: any of them, as in a single choice
        Cardinality::Single if right.len() > 1 => ticked.iter().any(|column| right.contains(column)),
        _ => ticked == right,
    });
    Ok(total(right, credit))
}

fn total(parts: impl Iterator<Item = bool>, credit: Credit) -> Mark {
    let (right, of) = parts.fold((0, 0), |(right, of), part| (right + usize::from(part), of + 1));
    match credit {
        Credit::PerPart => Mark::share(right, of),
        Credit::AllOrNothing | Credit::EveryDecision | Credit::Halves => Mark::all_or_nothing(right == of),
    }
}

fn same_length(what: &str, expected: usize, found: usize) -> Result<(), Ungradable> {
    if expected == found {
        Ok(())
    } else {
        broken(format!("there are {expected} {what}s and it names {found}"))
    }
}

fn in_range(what: &str, of: usize, key: &[BTreeSet<usize>]) -> Result<(), Ungradable> {
    match key.iter().filter_map(BTreeSet::last).find(|last| **last >= of) {
        None => Ok(()),
        Some(last) => broken(format!("there is no {what} {last} (counted from 0), only {of}")),
    }
}

fn broken<T>(why: String) -> Result<T, Ungradable> {
    Err(Ungradable::BrokenKey(why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{grade, testing::exercise};
    use crate::{Exercise, GapSegment, Interaction, Key, Markup, Response, TextAccept, TextRule};

    fn texts(texts: &[&str]) -> Vec<Markup> {
        texts.iter().map(|text| Markup::from_text(text)).collect()
    }

    fn sets(sets: &[&[usize]]) -> Vec<BTreeSet<usize>> {
        sets.iter().map(|set| set.iter().copied().collect()).collect()
    }

    fn scores(make: impl Fn(Credit) -> Exercise, response: &Response) -> (f64, f64) {
        let score = |credit| grade(&make(credit), response).unwrap().score;
        assert_eq!(score(Credit::EveryDecision), score(Credit::AllOrNothing));
        (score(Credit::AllOrNothing), score(Credit::PerPart))
    }

    #[test]
    fn pairs_by_source() {
        // cat, dog and a stone that has no sound; two blank targets can stand for each other
        // (reference stepik.md 4.8)
        let make = |credit| {
            let interaction = Interaction::Match(MatchInteraction {
                sources: texts(&["cat", "dog", "fish", "snail", "stone"]),
                targets: texts(&["bark", "meow", "", ""]),
                shuffle_sources: false,
            });
            exercise(interaction, Key::Match { targets: sets(&[&[1], &[0], &[2, 3], &[2, 3], &[]]) }, credit)
        };
        for (targets, all, share) in [
            ([Some(1), Some(0), Some(2), Some(3), None], 1.0, 1.0),
            ([Some(1), Some(0), Some(3), Some(2), None], 1.0, 1.0),
            ([Some(0), Some(1), Some(3), Some(2), None], 0.0, 0.6),
            ([Some(1), Some(0), Some(3), Some(2), Some(0)], 0.0, 0.8),
            ([None; 5], 0.0, 0.2),
        ] {
            let response = Response::Match { targets: targets.to_vec() };
            assert_eq!(scores(make, &response), (all, share), "{targets:?}");
        }
        for targets in [vec![Some(1)], vec![Some(4), None, None, None, None]] {
            let marked = grade(&make(Credit::PerPart), &Response::Match { targets });
            assert!(matches!(marked, Err(Ungradable::Misfit(_))), "{marked:?}");
        }
    }

    #[test]
    fn order_by_place() {
        // reference stepik.md 4.9: three, one, two
        let make = |credit| {
            let items = texts(&["three", "one", "two", "two"]);
            exercise(
                Interaction::Order(OrderInteraction { items }),
                Key::Order { order: vec![1, 2, 3, 0] },
                credit,
            )
        };
        for (order, all, share) in [
            ([1, 2, 3, 0], 1.0, 1.0),
            ([1, 3, 2, 0], 1.0, 1.0),
            ([0, 2, 3, 1], 0.0, 0.5),
            ([0, 1, 2, 3], 0.0, 0.25),
        ] {
            assert_eq!(scores(make, &Response::Order { order: order.to_vec() }), (all, share), "{order:?}");
        }
        for order in [vec![0, 1, 2], vec![0, 1, 2, 2], vec![0, 1, 2, 4], vec![0, 1, 2, 3, 3]] {
            let marked = grade(&make(Credit::PerPart), &Response::Order { order });
            assert!(matches!(marked, Err(Ungradable::Misfit(_))), "{marked:?}");
        }
    }

    #[test]
    fn gaps_by_their_own_rules() {
        // reference stepik.md 4.11
        let make = |credit| {
            let segments = vec![
                GapSegment::Text { markup: Markup::from_text("2+2=") },
                GapSegment::Entry,
                GapSegment::Choice { options: vec!["yes".into(), "no".into(), "yes".into()] },
            ];
            let four = TextAccept { text: "Four".into(), rule: TextRule::Exact, case_sensitive: false };
            let gaps =
                vec![GapAccept::Text { accept: vec![four] }, GapAccept::Choice { correct: [0].into() }];
            exercise(Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps }, credit)
        };
        for (texts, all, share) in [
            (["four ", "yes"], 1.0, 1.0),
            (["four", "no"], 0.0, 0.5),
            (["five", " yes"], 0.0, 0.5),
            (["", ""], 0.0, 0.0),
        ] {
            let response = Response::Gaps { texts: texts.map(String::from).to_vec() };
            assert_eq!(scores(make, &response), (all, share), "{texts:?}");
        }
        for texts in [vec!["4"], vec!["4", "perhaps"]] {
            let response = Response::Gaps { texts: texts.into_iter().map(String::from).collect() };
            assert!(matches!(grade(&make(Credit::PerPart), &response), Err(Ungradable::Misfit(_))));
        }
    }

    #[test]
    fn tables_by_row() {
        // reference stepik.md 4.12
        let make = |cardinality, key: &[&[usize]], credit| {
            let interaction = Interaction::Table(TableInteraction {
                description: Markup::from_text("Pick"),
                rows: texts(&["2", "3"]),
                columns: texts(&["even", "odd", "prime"]),
                cardinality,
                shuffle_rows: false,
                shuffle_columns: false,
                shown: None,
            });
            exercise(interaction, Key::Table { rows: sets(key) }, credit)
        };
        let multiple = |credit| make(Cardinality::Multiple, &[&[0, 2], &[1, 2]], credit);
        let single = |credit| make(Cardinality::Single, &[&[0], &[1, 2]], credit);
        let rows = |rows: &[&[usize]]| Response::Table { rows: sets(rows) };
        assert_eq!(scores(multiple, &rows(&[&[0, 2], &[1, 2]])), (1.0, 1.0));
        assert_eq!(scores(multiple, &rows(&[&[0], &[1, 2]])), (0.0, 0.5));
        assert_eq!(scores(multiple, &rows(&[&[], &[]])), (0.0, 0.0));
        assert_eq!(scores(single, &rows(&[&[0], &[2]])), (1.0, 1.0));
        assert_eq!(scores(single, &rows(&[&[1], &[1]])), (0.0, 0.5));
        for response in [rows(&[&[0]]), rows(&[&[0], &[3]]), rows(&[&[0, 1], &[1]])] {
            assert!(matches!(grade(&single(Credit::PerPart), &response), Err(Ungradable::Misfit(_))));
        }
    }

    #[test]
    fn a_key_that_does_not_fit_is_said() {
        let items = Interaction::Order(OrderInteraction { items: texts(&["a", "b"]) });
        let response = Response::Order { order: vec![0, 1] };
        for key in [Key::Order { order: vec![0, 0] }, Key::Match { targets: Vec::new() }] {
            let marked = grade(&exercise(items.clone(), key, Credit::PerPart), &response);
            assert!(matches!(marked, Err(Ungradable::BrokenKey(_))), "{marked:?}");
        }
    }
}
