//! How a task is answered, for those who ask.

use lms_core::{BlockId, Exercise, Interaction, Markup, Task};

use super::{kind_for, name_of};
use crate::html::to_line;

/// What `lms submit` is to be told, in short: `--choice N`.
pub(crate) fn flags(task: &Task) -> String {
    let several = task.parts.len() > 1;
    let parts = task.parts.iter().enumerate();
    let flags: Vec<String> = parts.map(|(at, part)| flag(at, &part.exercise.interaction, several)).collect();
    if flags.is_empty() { "--answer JSON".to_owned() } else { flags.join(" ") }
}

fn flag(at: usize, interaction: &Interaction, several: bool) -> String {
    let kind = kind_for(interaction).map_or("", name_of);
    let value = match interaction {
        Interaction::Choice(_) | Interaction::InlineChoice(_) => "N",
        Interaction::Match(_) => "SOURCE=TARGET",
        Interaction::Order(_) => "3,1,2",
        Interaction::Gap(_) => "TEXT",
        Interaction::Table(_) => "ROW=COLUMN",
        Interaction::Code(_) | Interaction::FileUpload(_) => "FILE",
        _ => "VALUE",
    };
    let language = match interaction {
        Interaction::Code(code) => match code.languages.as_slice() {
            [] => String::new(),
            [only] => format!(" --language {}", only.name),
            _ => " --language LANGUAGE".to_owned(),
        },
        _ => String::new(),
    };
    let flag =
        if several { format!("--part {}:{kind}={value}", at + 1) } else { format!("--{kind} {value}") };
    flag + &language
}

/// How each part of a task is answered, in lines.
pub(super) fn how(task: &Task) -> Vec<String> {
    if task.parts.is_empty() {
        let kinds = task.summary.kinds.join(", ");
        return vec![format!(
            "This task ({kinds}) has no neutral form: --answer '{{\"response\": \"native\", \"reply\": …}}' with the \
             platform's own reply"
        )];
    }
    let several = task.parts.len() > 1;
    task.parts
        .iter()
        .enumerate()
        .map(|(at, part)| how_part(at, &part.block, &part.exercise, several))
        .collect()
}

fn how_part(at: usize, block: &BlockId, exercise: &Exercise, several: bool) -> String {
    let interaction = &exercise.interaction;
    let numbered = |texts: Vec<&Markup>| {
        let told: Vec<String> =
            texts.iter().enumerate().map(|(at, text)| format!("{} = {}", at + 1, short(text))).collect();
        told.join("; ")
    };
    let more = match interaction {
        Interaction::Choice(choice) => numbered(choice.options.iter().map(|o| &o.text).collect()),
        Interaction::InlineChoice(inline) => numbered(inline.options.iter().map(|o| &o.text).collect()),
        Interaction::Match(pairs) => format!(
            "sources {}; targets {}",
            numbered(pairs.sources.iter().collect()),
            numbered(pairs.targets.iter().collect())
        ),
        Interaction::Order(items) => numbered(items.items.iter().collect()),
        Interaction::Gap(gap) => format!("once for each of {} gaps", gap.gaps().count()),
        Interaction::Table(table) => format!(
            "rows {}; columns {}",
            numbered(table.rows.iter().collect()),
            numbered(table.columns.iter().collect())
        ),
        Interaction::Code(code) if code.languages.len() > 1 => {
            let names: Vec<&str> = code.languages.iter().map(|language| language.name.as_str()).collect();
            format!("languages {}", names.join(", "))
        }
        Interaction::FileUpload(upload) => upload.extensions.join(", "),
        _ => String::new(),
    };
    let flag = flag(at, interaction, several);
    let flag = if several { format!("{flag}   (part {block})") } else { format!("Answer with {flag}") };
    if more.is_empty() { flag } else { format!("{flag}: {more}") }
}

fn short(text: &Markup) -> String {
    const MOST: usize = 40;
    let line = to_line(text);
    if line.chars().count() <= MOST { line } else { line.chars().take(MOST - 1).chain(['…']).collect() }
}
