//! The same answer in the terms of another copy of an exercise. A platform may keep options in an order
//! of its own, so positions are carried over by what stands at them.

use std::collections::BTreeSet;

use lms_core::{ChoiceOption, Interaction, Markup, Response};

/// An answer to `from`, as it is given to `to`; `None` where `to` lacks an option that the answer names,
/// or takes another kind of answer.
pub fn in_terms_of(from: &Interaction, to: &Interaction, response: &Response) -> Option<Response> {
    Some(match (from, to, response) {
        (Interaction::Match(a), Interaction::Match(b), Response::Match { targets }) => {
            let (sources, target_map) =
                (positions(&a.sources, &b.sources), positions(&a.targets, &b.targets));
            let mut mapped = vec![None; b.sources.len()];
            for (n, target) in targets.iter().enumerate() {
                *mapped.get_mut(at(&sources, n)?)? = match target {
                    Some(target) => Some(at(&target_map, *target)?),
                    None => None,
                };
            }
            Response::Match { targets: mapped }
        }
        (Interaction::Order(a), Interaction::Order(b), Response::Order { order }) => {
            let map = positions(&a.items, &b.items);
            Response::Order { order: order.iter().map(|n| at(&map, *n)).collect::<Option<_>>()? }
        }
        (Interaction::Table(a), Interaction::Table(b), Response::Table { rows }) => {
            let (row_map, column_map) = (positions(&a.rows, &b.rows), positions(&a.columns, &b.columns));
            let mut mapped = vec![BTreeSet::new(); b.rows.len()];
            for (n, row) in rows.iter().enumerate() {
                *mapped.get_mut(at(&row_map, n)?)? =
                    row.iter().map(|column| at(&column_map, *column)).collect::<Option<_>>()?;
            }
            Response::Table { rows: mapped }
        }
        (
            Interaction::Choice(_) | Interaction::InlineChoice(_),
            Interaction::Choice(_) | Interaction::InlineChoice(_),
            Response::Choice { selected },
        ) => {
            let map = positions(&options(from)?, &options(to)?);
            Response::Choice { selected: selected.iter().map(|n| at(&map, *n)).collect::<Option<_>>()? }
        }
        (Interaction::TextEntry(_), Interaction::TextEntry(_), Response::Text { .. })
        | (Interaction::Numeric(_), Interaction::Numeric(_), Response::Number { .. })
        | (Interaction::Formula(_), Interaction::Formula(_), Response::Formula { .. })
        | (Interaction::Gap(_), Interaction::Gap(_), Response::Gaps { .. })
        | (Interaction::ExtendedText(_), Interaction::ExtendedText(_), Response::ExtendedText { .. }) => {
            response.clone()
        }
        _ => return None,
    })
}

/// What can be picked, in order.
pub(crate) fn options(interaction: &Interaction) -> Option<Vec<Markup>> {
    let texts = |options: &[ChoiceOption]| options.iter().map(|o| o.text.clone()).collect();
    match interaction {
        Interaction::Choice(choice) => Some(texts(&choice.options)),
        Interaction::InlineChoice(choice) => Some(texts(&choice.options)),
        _ => None,
    }
}

/// For each thing of `from`, where it stands in `to`: one that says the same, each at most once where
/// several do.
pub(crate) fn positions(from: &[Markup], to: &[Markup]) -> Vec<Option<usize>> {
    let there: Vec<String> = to.iter().map(Markup::plain).collect();
    let mut taken = BTreeSet::new();
    from.iter()
        .map(|markup| {
            let said = markup.plain();
            let mut same = (0..there.len()).filter(|n| there[*n] == said);
            let found = same.clone().find(|n| !taken.contains(n)).or_else(|| same.next());
            taken.extend(found);
            found
        })
        .collect()
}

pub(crate) fn at(map: &[Option<usize>], n: usize) -> Option<usize> {
    map.get(n).copied().flatten()
}

#[cfg(test)]
mod tests {
    use lms_core::{MatchInteraction, OrderInteraction};

    use super::*;

    fn texts(texts: &[&str]) -> Vec<Markup> {
        texts.iter().map(|text| Markup::from_text(text)).collect()
    }

    #[test]
    fn positions_follow_what_is_said() {
        let order = |items: &[&str]| Interaction::Order(OrderInteraction { items: texts(items) });
        let (from, to) = (order(&["c", "a", "b"]), order(&["a", "b", "c"]));
        let answer = Response::Order { order: vec![1, 2, 0] };
        assert_eq!(in_terms_of(&from, &to, &answer), Some(Response::Order { order: vec![0, 1, 2] }));
        assert_eq!(in_terms_of(&from, &order(&["a", "b"]), &answer), None);

        let pairs = |sources: &[&str], targets: &[&str]| {
            Interaction::Match(MatchInteraction {
                sources: texts(sources),
                targets: texts(targets),
                shuffle_sources: false,
            })
        };
        let (from, to) =
            (pairs(&["cat", "dog"], &["bark", "meow"]), pairs(&["dog", "cat"], &["meow", "bark"]));
        let answer = Response::Match { targets: vec![Some(1), None] };
        assert_eq!(in_terms_of(&from, &to, &answer), Some(Response::Match { targets: vec![None, Some(0)] }));
    }

    #[test]
    fn things_that_say_the_same_are_each_used_once() {
        assert_eq!(
            positions(&texts(&["x", "x", "y"]), &texts(&["y", "x", "x"])),
            [Some(1), Some(2), Some(0)]
        );
        assert_eq!(positions(&texts(&["x", "x"]), &texts(&["x"])), [Some(0), Some(0)]);
    }
}
