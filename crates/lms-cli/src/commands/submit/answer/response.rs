//! From what was said of one part to a response.

use std::collections::BTreeSet;
use std::path::Path;

use lms_core::{ChoiceOption, Error, Exercise, Interaction, Markup, Response, SubmittedFile};

use super::{Fault, Said, kind_for, name_of, read_text, text_of};
use crate::exit::Failure;

/// From values of one part to its response. People count from 1; the model counts from 0.
pub(super) fn response(
    exercise: &Exercise,
    said: &[Said],
    language: Option<&str>,
) -> Result<Result<Response, Fault>, Failure> {
    let interaction = &exercise.interaction;
    let kind = kind_for(interaction);
    if let Some(other) = said.iter().find(|one| Some(one.kind) != kind) {
        return Ok(Err(format!(
            "--{} does not answer this: it is {}",
            name_of(other.kind),
            article(interaction)
        )));
    }
    let values: Vec<&str> = said.iter().map(|one| one.value.as_str()).collect();
    let single = || match values.as_slice() {
        [one] => Ok(*one),
        _ => Err(format!("--{} is said {} times; one is wanted", kind.map_or("", name_of), values.len())),
    };
    Ok(match interaction {
        Interaction::Choice(choice) => selected(&values, &choice.options),
        Interaction::InlineChoice(inline) => selected(&values, &inline.options),
        Interaction::TextEntry(_) => match single() {
            Ok(text) => Ok(Response::Text { text: text_of(text)? }),
            Err(fault) => Err(fault),
        },
        Interaction::ExtendedText(_) => match single() {
            Ok(text) => Ok(Response::ExtendedText { text: text_of(text)? }),
            Err(fault) => Err(fault),
        },
        Interaction::Numeric(_) => single().map(Response::number),
        Interaction::Formula(_) => single().map(|formula| Response::Formula { formula: formula.to_owned() }),
        Interaction::Match(pairs) => targets(&values, &pairs.sources, &pairs.targets),
        Interaction::Order(items) => ordered(&values, &items.items),
        Interaction::Gap(_) => Ok(Response::Gaps { texts: values.iter().map(ToString::to_string).collect() }),
        Interaction::Table(table) => ticked(&values, &table.rows, &table.columns),
        Interaction::FileUpload(_) => Ok(Response::Files(files(&values)?)),
        Interaction::Code(code) => match single() {
            Ok(path) => {
                let names: Vec<&str> = code.languages.iter().map(|language| language.name.as_str()).collect();
                match (language, names.as_slice()) {
                    (Some(language), known) if known.is_empty() || known.contains(&language) => {
                        Ok(Response::Code { language: language.to_owned(), source: read_text(path)? })
                    }
                    (None, [only]) => {
                        Ok(Response::Code { language: (*only).to_owned(), source: read_text(path)? })
                    }
                    (None, []) => Ok(Response::Code { language: String::new(), source: read_text(path)? }),
                    (_, known) => Err(format!("say --language, one of {}", known.join(", "))),
                }
            }
            Err(fault) => Err(fault),
        },
        _ => Err("this kind of task is answered as JSON".into()),
    })
}

/// A number from 1, or the text itself.
fn place(value: &str, texts: &[&Markup], what: &str) -> Result<usize, Fault> {
    let value = value.trim();
    let plain = |text: &&Markup| text.plain().trim() == value;
    if let Some(at) =
        value.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|at| *at < texts.len())
    {
        return Ok(at);
    }
    let mut same = texts.iter().enumerate().filter(|(_, text)| plain(text));
    match (same.next(), same.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => Err(format!("several {what}s say {value:?}; name it by its number")),
        _ => Err(format!("there is no {what} {value:?}: say 1 to {}, or its text", texts.len())),
    }
}

fn selected(values: &[&str], options: &[ChoiceOption]) -> Result<Response, Fault> {
    let texts: Vec<&Markup> = options.iter().map(|option| &option.text).collect();
    if values == ["none"] {
        return Ok(Response::choices([]));
    }
    let mut picked = BTreeSet::new();
    for value in values {
        match place(value, &texts, "option") {
            Ok(at) => drop(picked.insert(at)),
            // A comma separates options unless it belongs to the text of one.
            Err(fault) if !value.contains(',') => return Err(fault),
            Err(_) => {
                for one in value.split(',') {
                    picked.insert(place(one, &texts, "option")?);
                }
            }
        }
    }
    Ok(Response::Choice { selected: picked })
}

/// `LEFT=RIGHT`, where either may hold an `=` of its own.
fn pair(value: &str, left: impl Fn(&str) -> Result<usize, Fault>) -> Result<(usize, &str), Fault> {
    let mut fault = format!("{value:?} is no pair; it looks like 1=2");
    for (at, _) in value.match_indices('=') {
        match left(value.get(..at).unwrap_or_default()) {
            Ok(source) => return Ok((source, value.get(at + 1..).unwrap_or_default())),
            Err(why) => fault = why,
        }
    }
    Err(fault)
}

fn targets(values: &[&str], sources: &[Markup], targets: &[Markup]) -> Result<Response, Fault> {
    let (left, right): (Vec<&Markup>, Vec<&Markup>) = (sources.iter().collect(), targets.iter().collect());
    let mut paired = vec![None; sources.len()];
    for value in values {
        let (source, target) = pair(value, |text| place(text, &left, "source"))?;
        let target = place(target, &right, "target")?;
        if let Some(slot) = paired.get_mut(source)
            && slot.replace(target).is_some()
        {
            return Err(format!("source {} is paired twice", source + 1));
        }
    }
    Ok(Response::Match { targets: paired })
}

fn ordered(values: &[&str], items: &[Markup]) -> Result<Response, Fault> {
    let texts: Vec<&Markup> = items.iter().collect();
    let mut order = Vec::new();
    for value in values {
        match place(value, &texts, "item") {
            Ok(at) => order.push(at),
            Err(fault) if !value.contains(',') => return Err(fault),
            Err(_) => {
                for one in value.split(',') {
                    order.push(place(one, &texts, "item")?);
                }
            }
        }
    }
    Ok(Response::Order { order })
}

fn ticked(values: &[&str], rows: &[Markup], columns: &[Markup]) -> Result<Response, Fault> {
    let (left, top): (Vec<&Markup>, Vec<&Markup>) = (rows.iter().collect(), columns.iter().collect());
    let mut cells = vec![BTreeSet::new(); rows.len()];
    for value in values {
        let (row, ticked) = pair(value, |text| place(text, &left, "row"))?;
        let Some(row) = cells.get_mut(row) else { continue };
        match place(ticked, &top, "column") {
            Ok(at) => drop(row.insert(at)),
            Err(fault) if !ticked.contains(',') => return Err(fault),
            Err(_) => {
                for one in ticked.split(',') {
                    row.insert(place(one, &top, "column")?);
                }
            }
        }
    }
    Ok(Response::Table { rows: cells })
}

fn files(paths: &[&str]) -> Result<Vec<SubmittedFile>, Failure> {
    paths
        .iter()
        .map(|path| {
            let content = std::fs::read(path).map_err(|e| Error::io(path, e))?;
            let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
            Ok(SubmittedFile { name: name.unwrap_or_else(|| (*path).to_owned()), content: content.into() })
        })
        .collect()
}

fn article(interaction: &Interaction) -> String {
    let name = interaction.name().replace('_', " ");
    let an = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if an { "an" } else { "a" })
}
