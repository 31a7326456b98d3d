//! How a task is answered, for those who ask.

use lms_core::{BlockId, Exercise, Interaction, Markup, Task};

use super::{kind_for, name_of};
use crate::html::to_line;

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
    let kind = kind_for(interaction).map_or("", name_of);
    let (value, more) = match interaction {
        Interaction::Choice(choice) => ("N", numbered(choice.options.iter().map(|o| &o.text).collect())),
        Interaction::InlineChoice(inline) => {
            ("N", numbered(inline.options.iter().map(|o| &o.text).collect()))
        }
        Interaction::Match(pairs) => (
            "SOURCE=TARGET",
            format!(
                "sources {}; targets {}",
                numbered(pairs.sources.iter().collect()),
                numbered(pairs.targets.iter().collect())
            ),
        ),
        Interaction::Order(items) => ("3,1,2", numbered(items.items.iter().collect())),
        Interaction::Gap(gap) => ("TEXT", format!("once for each of {} gaps", gap.gaps().count())),
        Interaction::Table(table) => (
            "ROW=COLUMN",
            format!(
                "rows {}; columns {}",
                numbered(table.rows.iter().collect()),
                numbered(table.columns.iter().collect())
            ),
        ),
        Interaction::Code(code) => {
            let names: Vec<&str> = code.languages.iter().map(|language| language.name.as_str()).collect();
            (
                "FILE",
                if names.is_empty() { String::new() } else { format!("--language {}", names.join(" | ")) },
            )
        }
        Interaction::FileUpload(upload) => ("PATH", upload.extensions.join(", ")),
        _ => ("VALUE", String::new()),
    };
    let flag = if several {
        format!("--part {}:{kind}={value}   (part {block})", at + 1)
    } else {
        format!("Answer with --{kind} {value}")
    };
    if more.is_empty() { flag } else { format!("{flag}: {more}") }
}

fn short(text: &Markup) -> String {
    const MOST: usize = 40;
    let line = to_line(text);
    if line.chars().count() <= MOST { line } else { line.chars().take(MOST - 1).chain(['…']).collect() }
}
