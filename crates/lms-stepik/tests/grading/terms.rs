//! Positions of an exercise as it was written, in the order that a learner is shown.

use std::collections::BTreeSet;

use lms_core::{Exercise, Interaction, Key, Markup, Response};

/// Whether each attempt shows some of the options or rows only.
pub(crate) fn is_sampled(exercise: &Exercise) -> bool {
    match &exercise.interaction {
        Interaction::Choice(choice) => choice.shown.is_some(),
        Interaction::Table(table) => table.shown.is_some(),
        _ => false,
    }
}

/// The exercise with only what an attempt shows; `None` where it shows something else.
pub(crate) fn as_shown(exercise: &Exercise, shown: &Exercise) -> Option<Exercise> {
    let mut exercise = exercise.clone();
    match (&mut exercise.interaction, &shown.interaction, &mut exercise.key) {
        (Interaction::Choice(all), Interaction::Choice(shown), key) if all.shown.is_some() => {
            all.shown = None;
            let there: Vec<&Markup> = shown.options.iter().map(|o| &o.text).collect();
            let kept: Vec<usize> =
                (0..all.options.len()).filter(|at| there.contains(&&all.options[*at].text)).collect();
            if kept.len() != there.len() {
                return None;
            }
            all.options = kept.iter().map(|at| all.options[*at].clone()).collect();
            if let Some(Key::Choice { correct }) = key {
                *correct = (0..kept.len()).filter(|at| correct.contains(&kept[*at])).collect();
            }
        }
        (Interaction::Table(all), Interaction::Table(shown), key) if all.shown.is_some() => {
            all.shown = None;
            let kept: Vec<usize> =
                (0..all.rows.len()).filter(|at| shown.rows.contains(&all.rows[*at])).collect();
            if kept.len() != shown.rows.len() {
                return None;
            }
            all.rows = kept.iter().map(|at| all.rows[*at].clone()).collect();
            if let Some(Key::Table { rows }) = key {
                *rows = kept.iter().map(|at| rows[*at].clone()).collect();
            }
        }
        _ => {}
    }
    Some(exercise)
}

/// The same answer in the shown order; `None` where what it names is not shown.
pub(crate) fn translate(from: &Interaction, to: &Interaction, response: &Response) -> Option<Response> {
    Some(match (from, to, response) {
        (Interaction::Choice(a), Interaction::Choice(b), Response::Choice { selected }) => {
            let map = map(a.options.iter().map(|o| &o.text), b.options.iter().map(|o| &o.text))?;
            Response::choices(selected.iter().map(|at| map[*at]))
        }
        (Interaction::Match(a), Interaction::Match(b), Response::Match { targets }) => {
            let (sources, places) = (map(&a.sources, &b.sources)?, map(&a.targets, &b.targets)?);
            let mut mapped = vec![None; targets.len()];
            for (at, target) in targets.iter().enumerate() {
                mapped[sources[at]] = target.map(|target| places[target]);
            }
            Response::Match { targets: mapped }
        }
        (Interaction::Order(a), Interaction::Order(b), Response::Order { order }) => {
            let map = map(&a.items, &b.items)?;
            Response::Order { order: order.iter().map(|at| map[*at]).collect() }
        }
        (Interaction::Table(a), Interaction::Table(b), Response::Table { rows }) => {
            let (places, columns) = (map(&a.rows, &b.rows)?, map(&a.columns, &b.columns)?);
            let mut mapped = vec![BTreeSet::new(); rows.len()];
            for (at, row) in rows.iter().enumerate() {
                mapped[places[at]] = row.iter().map(|column| columns[*column]).collect();
            }
            Response::Table { rows: mapped }
        }
        (a, b, response) if a.name() == b.name() => response.clone(),
        _ => return None,
    })
}

/// Where each thing stands among the others, each once.
fn map<'a>(
    from: impl IntoIterator<Item = &'a Markup>,
    to: impl IntoIterator<Item = &'a Markup>,
) -> Option<Vec<usize>> {
    let to: Vec<&Markup> = to.into_iter().collect();
    let map: Option<Vec<usize>> =
        from.into_iter().map(|text| to.iter().position(|there| *there == text)).collect();
    map.filter(|map| map.len() == to.len() && map.iter().collect::<BTreeSet<_>>().len() == map.len())
}
