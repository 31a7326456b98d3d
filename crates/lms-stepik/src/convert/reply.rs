//! An answer as Stepik's `reply`, and back.
//!
//! A reply speaks of the attempt's own order. Positions in the exercise are led over to it by the
//! texts, which are the same in both (reference stepik.md 4.4–4.12).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lms_core::{
    Cardinality, Error, Exercise, Interaction, Markup, Response, Result, SubmittedFile, TableInteraction,
    unescape,
};
use serde_json::{Value, json};

use super::Site;
use super::view::texts;
use crate::wire::{Object, get};

/// The reply to an attempt with this dataset.
///
/// # Errors
/// `InvalidInput` where the answer does not fit, or speaks of an option that the attempt does not
/// offer.
pub(crate) fn reply(
    site: &Site,
    exercise: &Exercise,
    response: &Response,
    dataset: &Object,
) -> Result<Value> {
    match (&exercise.interaction, response) {
        (Interaction::Choice(choice), Response::Choice { selected }) => {
            let options: Vec<&Markup> = choice.options.iter().map(|o| &o.text).collect();
            check(selected.iter().all(|at| *at < options.len()), "there is no such option")?;
            let offered = places(site, &texts(get::list(dataset, "options")).collect::<Vec<_>>(), &options)?;
            let picked: Vec<bool> = offered.iter().map(|at| selected.contains(at)).collect();
            let single = choice.cardinality == Cardinality::Single;
            check(!single || selected.len() == 1, "one option is to be picked")?;
            check(!single || picked.contains(&true), "this attempt does not offer the option")?;
            Ok(json!({"choices": picked}))
        }
        (Interaction::TextEntry(_), Response::Text { text }) => Ok(json!({"text": text, "files": []})),
        (Interaction::Numeric(_), Response::Number { number }) => Ok(json!({"number": number})),
        (Interaction::Formula(_), Response::Formula { formula }) => Ok(json!({"formula": formula})),
        (Interaction::Match(pairs), Response::Match { targets }) => {
            check(targets.len() == pairs.sources.len(), "a target, or none, is needed for each source")?;
            let rows = get::list(dataset, "pairs");
            let side = |key: &str| -> Vec<&str> {
                rows.iter().map(|row| row.get(key).and_then(Value::as_str).unwrap_or_default()).collect()
            };
            matching(site, &side("first"), &side("second"), &pairs.sources, &pairs.targets, targets)
        }
        (Interaction::Order(items), Response::Order { order }) => {
            let native: Vec<&str> = get::list(dataset, "options")
                .iter()
                .map(|o| o.as_str().or_else(|| o.get("text")?.as_str()).unwrap_or_default())
                .collect();
            let items: Vec<&Markup> = items.items.iter().collect();
            let offered = places(site, &native, &items)?;
            let ordering: Option<Vec<usize>> =
                order.iter().map(|at| offered.iter().position(|offered| offered == at)).collect();
            let ordering = ordering.filter(|o| o.len() == native.len() && distinct(o));
            Ok(json!({"ordering": ordering.ok_or_else(|| misfit("each item is needed once"))?}))
        }
        (Interaction::Gap(gap), Response::Gaps { texts }) => {
            check(texts.len() == gap.gaps().count(), "a text is needed for each gap")?;
            Ok(json!({"blanks": texts}))
        }
        (Interaction::Table(table), Response::Table { rows }) => table_reply(site, table, rows, dataset),
        (Interaction::Code(code), Response::Code { language, source }) => {
            let only = match code.languages.as_slice() {
                [only] if language.is_empty() => &only.name,
                _ => language,
            };
            check(!only.is_empty(), "the language is needed")?;
            Ok(json!({"language": only, "code": source}))
        }
        (Interaction::ExtendedText(_), Response::ExtendedText { text }) => {
            Ok(json!({"text": text, "attachments": []}))
        }
        (Interaction::ExtendedText(text), Response::Files(files)) => {
            check(text.attachments, "this quiz takes no files")?;
            Ok(json!({"text": "", "attachments": files.iter().map(attachment).collect::<Vec<_>>()}))
        }
        (interaction, _) => Err(misfit("the answer is of another kind").on(interaction.name())),
    }
}

fn matching(
    site: &Site,
    firsts: &[&str],
    seconds: &[&str],
    sources: &[Markup],
    targets: &[Markup],
    answer: &[Option<usize>],
) -> Result<Value> {
    let rows = places(site, firsts, &sources.iter().collect::<Vec<_>>())?;
    let mut free: Vec<bool> = vec![true; seconds.len()];
    let mut ordering = Vec::with_capacity(rows.len());
    for source in rows {
        let wanted = match answer.get(source).copied().flatten() {
            Some(at) => Some(targets.get(at).ok_or_else(|| misfit("there is no such target"))?),
            None => None,
        };
        // Empty seconds are alike (reference stepik.md 4.8).
        let at = seconds.iter().enumerate().position(|(at, second)| {
            free[at]
                && match wanted {
                    Some(target) => same(site, target, second),
                    None => second.trim().is_empty(),
                }
        });
        // A reply pairs every source: filling one up could make an answer right that is not.
        let at = at.ok_or_else(|| {
            misfit(match wanted {
                Some(_) => "each target goes with one source",
                None => "Stepik wants a target for each source",
            })
        })?;
        free[at] = false;
        ordering.push(at);
    }
    Ok(json!({"ordering": ordering}))
}

fn table_reply(
    site: &Site,
    table: &TableInteraction,
    answer: &[std::collections::BTreeSet<usize>],
    dataset: &Object,
) -> Result<Value> {
    check(answer.len() == table.rows.len(), "an answer is needed for each row")?;
    let (rows, columns): (Vec<&str>, Vec<&str>) =
        (texts(get::list(dataset, "rows")).collect(), texts(get::list(dataset, "columns")).collect());
    let row_places = places(site, &rows, &table.rows.iter().collect::<Vec<_>>())?;
    let column_places = places(site, &columns, &table.columns.iter().collect::<Vec<_>>())?;
    let choices: Vec<Value> = rows
        .iter()
        .zip(row_places)
        .map(|(name, row)| {
            let ticked = answer.get(row);
            let cells: Vec<Value> = columns
                .iter()
                .zip(&column_places)
                .map(|(name, column)| {
                    json!({"name": name, "answer": ticked.is_some_and(|ticked| ticked.contains(column))})
                })
                .collect();
            json!({"name_row": name, "columns": cells})
        })
        .collect();
    Ok(json!({"choices": choices}))
}

/// For each native text, the place of the same text in the exercise.
fn places(site: &Site, native: &[&str], neutral: &[&Markup]) -> Result<Vec<usize>> {
    let mut free = vec![true; neutral.len()];
    native
        .iter()
        .map(|text| {
            let at = neutral.iter().enumerate().position(|(at, markup)| free[at] && same(site, markup, text));
            let at = at.ok_or_else(|| {
                misfit("this attempt offers other options than the task had when it was read; read the task again")
            })?;
            free[at] = false;
            Ok(at)
        })
        .collect()
}

/// The platform may clean or escape HTML on the way to an attempt, so texts are also the same if they
/// read the same.
fn same(site: &Site, markup: &Markup, native: &str) -> bool {
    let read = site.read(native);
    read == *markup
        || unescape(markup.html()) == native
        || (read.plain() == markup.plain() && !read.plain().is_empty())
}

fn distinct(places: &[usize]) -> bool {
    places.iter().collect::<std::collections::HashSet<_>>().len() == places.len()
}

fn misfit(message: &str) -> Error {
    Error::invalid(message)
}

fn check(holds: bool, message: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(misfit(message)) }
}

/// A file as replies carry it: all five keys are needed (reference stepik.md 4.14).
fn attachment(file: &SubmittedFile) -> Value {
    json!({
        "name": file.name,
        "type": "application/octet-stream",
        "size": file.content.len(),
        "content": format!("attachment$base64${}", STANDARD.encode(&file.content)),
        "url": "",
    })
}

/// What was answered, where a reply says it without the attempt's order.
pub(crate) fn read_reply(name: &str, reply: &Value) -> Option<Response> {
    let text = |key: &str| reply.get(key)?.as_str().map(str::to_owned);
    match name {
        "string" => Some(Response::Text { text: text("text")? }),
        "number" => Some(Response::Number { number: text("number")? }),
        "math" => Some(Response::Formula { formula: text("formula")? }),
        "free-answer" => Some(Response::ExtendedText { text: text("text")? }),
        "code" => Some(Response::Code { language: text("language")?, source: text("code")? }),
        "fill-blanks" => {
            let blanks = reply.get("blanks")?.as_array()?;
            let texts =
                blanks.iter().map(|blank| blank.as_str().map(str::to_owned)).collect::<Option<_>>()?;
            Some(Response::Gaps { texts })
        }
        _ => None,
    }
}
