//! table (reference stepik.md 4.12)

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schema::{flag, get, int, later_flag, list, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct Table;

fn names<'a>(source: &'a Value, key: &str) -> Result<Vec<&'a str>, String> {
    list(source, key)?.iter().map(|item| text(item, "name")).collect()
}

fn are_unique(names: &[&str]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() == names.len()
}

fn cells(row: &Value) -> Result<Vec<bool>, String> {
    list(row, "columns")?.iter().map(|cell| flag(cell, "choice")).collect()
}

impl Quiz for Table {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        text(source, "description")?;
        let options = get(source, "options")?;
        let is_checkbox = flag(options, "is_checkbox")?;
        flag(options, "is_randomize_rows")?;
        flag(options, "is_randomize_columns")?;
        let sample = int(options, "sample_size")?;
        let (columns, rows) = (names(source, "columns")?, names(source, "rows")?);
        if columns.is_empty() || rows.is_empty() || !are_unique(&columns) || !are_unique(&rows) {
            return Err("Rows and columns must be there and have unique names.".to_owned());
        }
        if sample != -1 && !(1..=rows.len() as i64).contains(&sample) {
            return Err("Sample size should be -1 or between 1 and the number of rows.".to_owned());
        }
        let is_always_correct = flag(source, "is_always_correct")?;
        for row in list(source, "rows")? {
            let cells = cells(row)?;
            if cells.len() != columns.len() {
                return Err("Every row needs one cell for each column.".to_owned());
            }
            if !is_checkbox && !is_always_correct && cells.iter().filter(|cell| **cell).count() != 1 {
                return Err("Every row needs exactly one correct cell.".to_owned());
            }
        }
        Ok(json!({ "is_checkbox": is_checkbox }))
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let options = source.get("options").unwrap_or(&Value::Null);
        let rows = list(source, "rows").unwrap_or_default();
        let columns = names(source, "columns").unwrap_or_default();
        let sample =
            int(options, "sample_size").ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(rows.len());
        let mut row_order: Vec<usize> = (0..rows.len()).collect();
        dice.shuffle(&mut row_order);
        row_order.truncate(sample);
        if !later_flag(options, "is_randomize_rows") {
            row_order.sort_unstable();
        }
        let mut column_order: Vec<usize> = (0..columns.len()).collect();
        if later_flag(options, "is_randomize_columns") {
            dice.shuffle(&mut column_order);
        }
        let shown: Vec<&Value> = row_order.iter().filter_map(|row| rows.get(*row)).collect();
        let matrix: Vec<Vec<bool>> = shown
            .iter()
            .map(|row| cells(row).unwrap_or_default())
            .map(|cells| column_order.iter().filter_map(|column| cells.get(*column).copied()).collect())
            .collect();
        let column_names: Vec<&str> =
            column_order.iter().filter_map(|column| columns.get(*column).copied()).collect();
        let row_names: Vec<&str> = shown.iter().filter_map(|row| text(row, "name").ok()).collect();
        let dataset = json!({
            "description": source.get("description").cloned().unwrap_or_default(), "rows": row_names,
            "columns": column_names, "is_checkbox": later_flag(options, "is_checkbox"),
        });
        Task { clue: json!(matrix), ..Task::showing(dataset) }
    }

    /// The rows of a reply are objects, unlike those of a choice. (reference stepik.md 6.1)
    fn clean(&self, _source: &Value, dataset: &Value, reply: &Value) -> Result<Value, String> {
        let rows = list(reply, "choices")?;
        let (want_rows, want_columns) = (list(dataset, "rows")?.len(), list(dataset, "columns")?.len());
        for row in rows {
            text(row, "name_row")?;
            let columns = list(row, "columns")?;
            for column in columns {
                text(column, "name")?;
                flag(column, "answer")?;
            }
            if columns.len() != want_columns {
                return Err("`columns` must be as long as the columns of the attempt.".to_owned());
            }
        }
        if rows.len() != want_rows {
            return Err("`choices` must be as long as the rows of the attempt.".to_owned());
        }
        Ok(json!({ "choices": rows }))
    }

    /// Compares by place; the names in the reply are not looked at.
    fn grade(&self, source: &Value, clue: &Value, reply: &Value) -> Verdict {
        if later_flag(source, "is_always_correct") {
            return Verdict::of(true);
        }
        let answers = |row: &Value| -> Vec<Value> {
            list(row, "columns").unwrap_or_default().iter().map(|c| json!(later_flag(c, "answer"))).collect()
        };
        let given: Vec<Value> =
            list(reply, "choices").unwrap_or_default().iter().map(|row| Value::Array(answers(row))).collect();
        Verdict::of(Value::Array(given) == *clue)
    }
}
