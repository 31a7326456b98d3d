//! An answer as Stepik's `reply`, and back.
//!
//! A reply speaks of the attempt's own order. Positions in the exercise are led over to it by the
//! texts, which are the same in both (reference stepik.md 4.4–4.12).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lms_core::grade::{Ungradable, grade};
use lms_core::{
    Cardinality, Error, Exercise, Grader, Interaction, Key, Markup, Response, Result, SubmittedFile,
    TableInteraction, unescape,
};
use serde_json::{Value, json};

use super::Site;
use super::kinds::program::SQL;
use super::reply_shape::{check_native, check_offered};
use super::view::{asked, texts};
use crate::wire::{Object, get};

/// Whether an answer is one that a quiz of the native kind `name` takes, as far as that can be said
/// without an attempt. Without `exercise` the kind has no neutral form, and a native answer is wanted.
///
/// # Errors
/// `InvalidInput` that names the kind of answer that is wanted, or what does not fit.
pub(crate) fn check_answer(name: &str, exercise: Option<&Exercise>, response: &Response) -> Result<()> {
    if let Response::Native { reply } = response {
        return check_native(name, reply);
    }
    match exercise {
        None => Err(wrong_kind(name, "native", response)),
        Some(exercise) if !takes(&exercise.interaction, response) => {
            Err(wrong_kind(name, wanted(&exercise.interaction), response))
        }
        Some(exercise) => fits(exercise, response),
    }
}

/// The reply to an attempt with this dataset.
///
/// # Errors
/// As [`check_answer`], and where the answer speaks of an option that the attempt does not offer.
pub(crate) fn reply(
    site: &Site,
    name: &str,
    exercise: Option<&Exercise>,
    response: &Response,
    dataset: &Object,
) -> Result<Value> {
    check_answer(name, exercise, response)?;
    if let Response::Native { reply } = response {
        return check_offered(name, reply, dataset).map(|()| reply.clone());
    }
    let Some(exercise) = exercise else { return Err(wrong_kind(name, "native", response)) };
    check(exercise.prompt.html().ends_with(asked(site, name, dataset).html()), OTHERWISE)?;
    match (&exercise.interaction, response) {
        (Interaction::Choice(choice), Response::Choice { selected }) => {
            let options: Vec<&Markup> = choice.options.iter().map(|o| &o.text).collect();
            let offered = places(site, &texts(get::list(dataset, "options")).collect::<Vec<_>>(), &options)?;
            let picked: Vec<bool> = offered.iter().map(|at| selected.contains(at)).collect();
            let single = choice.cardinality == Cardinality::Single;
            check(!single || selected.len() == 1, "one option is to be picked")?;
            check(!single || picked.contains(&true), "this attempt does not offer the option")?;
            Ok(json!({"choices": picked}))
        }
        (Interaction::TextEntry(_), Response::Text { text }) => Ok(json!({"text": text, "files": []})),
        (Interaction::TextEntry(_) | Interaction::FileUpload(_), Response::Files(files)) => {
            check(files.len() == 1, "one file is taken, no more and no less")?;
            Ok(json!({"text": "", "files": files.iter().map(attachment).collect::<Vec<_>>()}))
        }
        (Interaction::Numeric(_), Response::Number { number }) if name == "random-tasks" => {
            Ok(json!({"answer": number}))
        }
        (Interaction::Numeric(_), Response::Number { number }) => Ok(json!({"number": number})),
        (Interaction::Formula(_), Response::Formula { formula }) => Ok(json!({"formula": formula})),
        (Interaction::Match(pairs), Response::Match { targets }) => {
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
        (Interaction::Gap(_), Response::Gaps { texts }) => Ok(json!({"blanks": texts})),
        (Interaction::Table(table), Response::Table { rows }) => {
            let single = table.cardinality == Cardinality::Single;
            check(!single || rows.iter().any(|row| !row.is_empty()), "nothing is ticked in the table")?;
            table_reply(site, table, rows, dataset)
        }
        (Interaction::Code(_), Response::Code { source, .. }) if name == "sql" => {
            let reply = json!({"solve_sql": source});
            check_native(name, &reply).map(|()| reply)
        }
        (Interaction::Code(code), Response::Code { language, source }) => {
            let language = match code.languages.as_slice() {
                [only] if language.is_empty() => &only.name,
                _ => language,
            };
            check(!language.is_empty(), "the language is needed")?;
            let known: Vec<&str> = code.languages.iter().map(|known| known.name.as_str()).collect();
            if !known.is_empty() && !known.contains(&language.as_str()) {
                let known = known.join(", ");
                return Err(misfit(&format!("`{language}` is none of the languages of the quiz: {known}")));
            }
            Ok(json!({"language": language, "code": source}))
        }
        (Interaction::ExtendedText(_), Response::ExtendedText { text }) if name == "dataset" => {
            Ok(json!({"file": text}))
        }
        (Interaction::ExtendedText(_), Response::Files(files)) if name == "dataset" => {
            let [file] = files.as_slice() else {
                return Err(misfit("one file is taken, no more and no less"));
            };
            let text = str::from_utf8(&file.content);
            let text = text.map_err(|_| misfit(&format!("the file {:?} is no UTF-8 text", file.name)))?;
            Ok(json!({"file": text}))
        }
        (Interaction::ExtendedText(_), Response::ExtendedText { text }) => {
            Ok(json!({"text": text, "attachments": []}))
        }
        (Interaction::ExtendedText(text), Response::Files(files)) => {
            check(text.attachments, "this quiz takes no files")?;
            Ok(json!({"text": "", "attachments": files.iter().map(attachment).collect::<Vec<_>>()}))
        }
        (interaction, response) => Err(wrong_kind(name, wanted(interaction), response)),
    }
}

/// The kind of answer that an interaction takes, by its name in JSON.
fn wanted(interaction: &Interaction) -> &'static str {
    match interaction {
        Interaction::Choice(_) | Interaction::InlineChoice(_) => "choice",
        Interaction::TextEntry(_) => "text",
        Interaction::Numeric(_) => "number",
        Interaction::Formula(_) => "formula",
        Interaction::Match(_) => "match",
        Interaction::Order(_) => "order",
        Interaction::Gap(_) => "gaps",
        Interaction::Table(_) => "table",
        Interaction::Code(_) => "code",
        Interaction::ExtendedText(_) => "extended_text",
        Interaction::FileUpload(_) => "files",
        _ => "native",
    }
}

/// Short and long texts may come as a file (reference stepik.md 4.5, 4.10, 4.15).
fn takes(interaction: &Interaction, response: &Response) -> bool {
    let as_file = matches!(interaction, Interaction::TextEntry(_) | Interaction::ExtendedText(_));
    wanted(interaction) == response.name() || (as_file && matches!(response, Response::Files(_)))
}

fn wrong_kind(name: &str, wanted: &str, response: &Response) -> Error {
    let given = response.name();
    Error::invalid(format!("a {name} quiz takes a `{wanted}` answer, and this is a `{given}` answer"))
        .on(name)
}

/// Whether the answer names only what is there, as the reference grader sees it.
fn fits(exercise: &Exercise, response: &Response) -> Result<()> {
    // Files beside a text are not the grader's business.
    if matches!(response, Response::Files(_)) {
        return Ok(());
    }
    let any = Exercise { key: Some(Key::Any), grader: Grader::Key, ..exercise.clone() };
    match grade(&any, response) {
        Err(Ungradable::Misfit(why)) => Err(misfit(&why)),
        _ => Ok(()),
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
    // Empty seconds are alike and no targets (reference stepik.md 4.8).
    let (mut empty, filled): (Vec<usize>, Vec<usize>) =
        (0..seconds.len()).partition(|at| seconds[*at].trim().is_empty());
    let texts: Vec<&str> = filled.iter().map(|at| seconds[*at]).collect();
    let offered = places(site, &texts, &targets.iter().collect::<Vec<_>>())?;
    let mut ordering = Vec::with_capacity(rows.len());
    for source in rows {
        // A reply pairs every source: filling one up could make an answer right that is not.
        let at = match answer.get(source).copied().flatten() {
            Some(target) => offered
                .iter()
                .position(|offered| *offered == target)
                .map(|at| filled[at])
                .filter(|at| !ordering.contains(at))
                .ok_or_else(|| misfit("each target goes with one source"))?,
            None => empty.pop().ok_or_else(|| misfit("Stepik wants a target for each source"))?,
        };
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

const OTHERWISE: &str = "this attempt asks otherwise than the task did when it was read; read the task again";

/// For each native text, the place of the same text in the exercise. What is the same to the letter
/// goes first, so that `4` and `<b>4</b>` are told apart.
fn places(site: &Site, native: &[&str], neutral: &[&Markup]) -> Result<Vec<usize>> {
    let mut free = vec![true; neutral.len()];
    let mut found: Vec<Option<usize>> = vec![None; native.len()];
    for same in [exactly as fn(&Markup, &Markup, &str) -> bool, unescaped, plainly] {
        for (text, found) in native.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            let read = site.read(text);
            *found = (0..neutral.len()).find(|at| free[*at] && same(neutral[*at], &read, text));
            if let Some(at) = *found {
                free[at] = false;
            }
        }
    }
    let found: Option<Vec<usize>> = found.into_iter().collect();
    found.ok_or_else(|| misfit(OTHERWISE))
}

fn exactly(neutral: &Markup, read: &Markup, _: &str) -> bool {
    neutral == read
}

/// The platform may escape text on the way to an attempt.
fn unescaped(neutral: &Markup, _: &Markup, native: &str) -> bool {
    unescape(neutral.html()) == native
}

/// Or clean its HTML.
fn plainly(neutral: &Markup, read: &Markup, _: &str) -> bool {
    read.plain() == neutral.plain() && !read.plain().is_empty()
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

/// What was answered. A reply that speaks of its attempt's own order stays as the platform has it.
pub(crate) fn read_reply(name: &str, reply: &Value) -> Option<Response> {
    let text = |key: &str| reply.get(key)?.as_str().map(str::to_owned);
    let has_files = |key: &str| reply.get(key).and_then(Value::as_array).is_some_and(|f| !f.is_empty());
    let said = match name {
        "string" if !has_files("files") => text("text").map(Response::text),
        "number" => text("number").map(Response::number),
        "random-tasks" => text("answer").map(Response::number),
        "math" => text("formula").map(|formula| Response::Formula { formula }),
        "free-answer" if !has_files("attachments") => {
            text("text").map(|text| Response::ExtendedText { text })
        }
        "dataset" => text("file").map(|text| Response::ExtendedText { text }),
        "code" => {
            text("language").zip(text("code")).map(|(language, source)| Response::Code { language, source })
        }
        "sql" => text("solve_sql").map(|source| Response::Code { language: SQL.to_owned(), source }),
        "fill-blanks" => reply.get("blanks").and_then(Value::as_array).and_then(|blanks| {
            let texts = blanks.iter().map(|blank| blank.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map(|texts| Response::Gaps { texts })
        }),
        _ => None,
    };
    said.or_else(|| reply.is_object().then(|| Response::Native { reply: reply.clone() }))
}
