//! `table`: cells to be ticked (reference stepik.md 4.12).

use std::collections::{BTreeSet, HashSet};

use lms_core::{Cardinality, Exercise, Interaction, Key, Markup, MatchInteraction, TableInteraction};
use serde_json::{Value, json};

use super::{MISFIT, Quiz, Written, all_or_nothing, keep, key, restore};
use crate::convert::{Losses, Site, markup};
use crate::wire::{Object, get, object};

const EXPRESSED: [&str; 5] = ["description", "columns", "rows", "options", "is_always_correct"];
const OPTIONS: [&str; 4] = ["is_checkbox", "is_randomize_rows", "is_randomize_columns", "sample_size"];

pub(in crate::convert) fn read(site: &Site, source: &Object) -> Option<Quiz> {
    let options = get::object(source, "options")?;
    let name = |of: &Value| Some(site.read(of.get("name")?.as_str()?));
    let columns: Vec<Markup> = get::list(source, "columns").iter().map(name).collect::<Option<_>>()?;
    let rows = get::list(source, "rows");
    let names: Vec<Markup> = rows.iter().map(name).collect::<Option<_>>()?;
    if names.is_empty() || columns.is_empty() {
        return None;
    }
    let ticked: Vec<BTreeSet<usize>> = rows
        .iter()
        .map(|row| {
            let cells = row.as_object().map(|row| get::list(row, "columns")).unwrap_or_default();
            let right = |cell: &Value| cell.get("choice").and_then(Value::as_bool).unwrap_or_default();
            cells.iter().take(columns.len()).enumerate().filter(|(_, c)| right(c)).map(|(at, _)| at).collect()
        })
        .collect();
    let sample = get::number(options, "sample_size").filter(|n| *n >= 1.0 && (*n as usize) < names.len());
    let interaction = TableInteraction {
        description: site.read(get::text(source, "description")),
        rows: names,
        columns,
        cardinality: match get::flag(options, "is_checkbox") {
            true => Cardinality::Multiple,
            false => Cardinality::Single,
        },
        shuffle_rows: get::flag(options, "is_randomize_rows"),
        shuffle_columns: get::flag(options, "is_randomize_columns"),
        shown: sample.map(|n| n as u32),
    };
    let any = get::flag(source, "is_always_correct");
    let key = if any { Key::Any } else { Key::Table { rows: ticked } };
    let mut quiz = Quiz::new(Interaction::Table(interaction), Some(key));
    keep(&mut quiz.kept, source, &EXPRESSED, &[]);
    let more: Object = options
        .iter()
        .filter(|(k, _)| !OPTIONS.contains(&k.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if !more.is_empty() {
        quiz.kept.insert("table".into(), Value::Object(more));
    }
    Some(quiz)
}

pub(in crate::convert) fn write(
    table: &TableInteraction,
    exercise: &Exercise,
    extras: &Object,
    losses: &mut Losses,
) -> Written {
    let (any, ticked) = match key(exercise)? {
        Key::Any => (true, vec![BTreeSet::from([0]); table.rows.len()]),
        Key::Table { rows } => (false, rows.clone()),
        _ => return Err(MISFIT),
    };
    all_or_nothing(exercise.scoring.credit, losses);
    let (rows, columns) = (names(&table.rows), names(&table.columns));
    if rows.is_empty() || columns.is_empty() || ticked.len() != rows.len() {
        return Err(MISFIT);
    }
    if ticked.iter().flatten().any(|at| *at >= columns.len()) {
        return Err("the key names a column that is not there");
    }
    if !distinct(&rows) || !distinct(&columns) {
        return Err("two rows or two columns say the same, which Stepik refuses");
    }
    let mut checkbox = table.cardinality == Cardinality::Multiple;
    if !checkbox && !any && ticked.iter().any(|row| row.len() != 1) {
        checkbox = true;
        let why = "Stepik wants just one right cell in each row of such a table";
        if ticked.iter().any(|row| row.len() > 1) {
            let fallback = "any number of cells can be ticked in each row, and all that are right must be";
            losses.changing_marks("rows with several right cells", why, fallback);
        } else {
            let fallback = "any number of cells can be ticked in each row";
            losses.approximated("rows with no right cell", why, fallback);
        }
    }
    let shown = table.shown.map(|n| n as usize).filter(|n| (1..rows.len()).contains(n));
    let cells = |row: &BTreeSet<usize>| -> Vec<Value> {
        (0..columns.len()).map(|at| json!({"choice": row.contains(&at)})).collect()
    };
    let mut options = object(json!({
        "is_checkbox": checkbox,
        "is_randomize_rows": table.shuffle_rows,
        "is_randomize_columns": table.shuffle_columns,
        "sample_size": shown.map_or(json!(-1), |n| json!(n)),
    }));
    options.extend(get::object(extras, "table").into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    let source = object(json!({
        "description": markup::write(&table.description),
        "columns": columns.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "rows": rows
            .iter()
            .zip(&ticked)
            .map(|(name, row)| json!({"name": name, "columns": cells(row)}))
            .collect::<Vec<_>>(),
        "options": options,
        "is_always_correct": any,
    }));
    Ok(("table", restore(source, extras, &[])))
}

/// Pairs that `matching` cannot hold, since it pairs each source with a target of its own: a row for
/// each source and a column for each target ask the same.
pub(in crate::convert) fn write_pairs(
    pairs: &MatchInteraction,
    right: &[BTreeSet<usize>],
    exercise: &Exercise,
    losses: &mut Losses,
) -> Written {
    losses.approximated(
        "pairs of which targets are shared or left over",
        "Stepik pairs each source with a target of its own",
        "a table with a row for each source and a column for each target",
    );
    if right.iter().any(|targets| targets.len() > 1) {
        losses.changing_marks(
            "several right targets for a source",
            "in a table only one of them can be right",
            "the first of them is right, the others are wrong",
        );
    }
    let table = TableInteraction {
        description: Markup::default(),
        rows: pairs.sources.clone(),
        columns: pairs.targets.clone(),
        cardinality: match right.iter().any(BTreeSet::is_empty) {
            true => Cardinality::Multiple,
            false => Cardinality::Single,
        },
        shuffle_rows: pairs.shuffle_sources,
        shuffle_columns: true,
        shown: None,
    };
    let rows = right.iter().map(|targets| targets.iter().take(1).copied().collect()).collect();
    let exercise = Exercise { key: Some(Key::Table { rows }), ..exercise.clone() };
    write(&table, &exercise, &Object::new(), losses)
}

fn names(texts: &[Markup]) -> Vec<String> {
    texts.iter().map(markup::write).collect()
}

fn distinct(names: &[String]) -> bool {
    names.iter().collect::<HashSet<_>>().len() == names.len()
}
