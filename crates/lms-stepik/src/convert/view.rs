//! A quiz as a learner meets it: options come with an attempt, in its order (reference stepik.md 4.1).

use lms_core::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, CodeLanguage, CodeSample, Exercise,
    ExtendedTextInteraction, FormulaInteraction, GapInteraction, GapSegment, Interaction, Markup,
    MatchInteraction, NumericInteraction, OrderInteraction, TableInteraction, TaskId, TextEntryInteraction,
    escape,
};
use serde_json::Value;

use super::Site;
use super::kinds::{is_html, program, templates::language};
use super::read::attempts;
use crate::wire::{Attempt, Object, Step, get};

/// What an attempt says beyond the step: its dataset, `""` where the quiz has none, and where its file is.
pub(crate) fn offer(attempt: &Attempt) -> Object {
    let mut offer = attempt.dataset.as_object().cloned().unwrap_or_default();
    if let Some(url) = &attempt.dataset_url {
        offer.insert("dataset_url".into(), url.as_str().into());
    }
    offer
}

/// Whether each attempt asks something else: numbers that it draws, a file of its own
/// (reference stepik.md 4.15).
pub(crate) fn asks_anew(name: &str) -> bool {
    matches!(name, "random-tasks" | "dataset")
}

/// What an attempt at such a quiz asks, behind the text of the step.
pub(super) fn asked(site: &Site, name: &str, dataset: &Object) -> Markup {
    let url = get::text(dataset, "dataset_url");
    match name {
        "random-tasks" => site.read(get::text(dataset, "task")),
        "dataset" if !url.is_empty() => {
            let url = escape(url);
            site.read(&format!("<p><a href=\"{url}\">{url}</a></p>"))
        }
        _ => Markup::default(),
    }
}

/// Whether what is asked comes with an attempt.
pub(crate) fn has_dataset(name: &str) -> bool {
    matches!(
        name,
        "choice" | "matching" | "sorting" | "fill-blanks" | "table" | "free-answer" | "simple-choice"
    ) || asks_anew(name)
}

/// The quiz without key. Options are put in the order of their texts, so that positions mean the same
/// however an attempt mixes them. `None` for kinds without neutral form.
pub(crate) fn view(site: &Site, step: &Step, dataset: &Object) -> Option<Exercise> {
    let options = get::object(&step.block, "options").cloned().unwrap_or_default();
    // Newer datasets say whether their texts are HTML (reference stepik.md 4.8).
    let html = is_html(dataset.get("is_html_enabled"));
    let read = |text: &str| if html { site.read(text) } else { site.read_plain(text) };
    let interaction = match step.name() {
        "choice" => Interaction::Choice(choice(site, dataset)?),
        "string" => Interaction::TextEntry(TextEntryInteraction::default()),
        "number" => Interaction::Numeric(NumericInteraction::default()),
        "math" => Interaction::Formula(FormulaInteraction::default()),
        "matching" => {
            let pairs = get::list(dataset, "pairs");
            let side = |key: &str| -> Vec<Markup> {
                let texts = pairs.iter().filter_map(|pair| pair.get(key)?.as_str());
                sorted(texts.filter(|text| !text.trim().is_empty()).map(read))
            };
            let (sources, targets) = (side("first"), side("second"));
            (!sources.is_empty()).then_some(Interaction::Match(MatchInteraction {
                sources,
                targets,
                shuffle_sources: false,
            }))?
        }
        "sorting" => {
            let texts = get::list(dataset, "options").iter();
            let text = |o: &Value| o.as_str().or_else(|| o.get("text")?.as_str()).map(read);
            let items = sorted(texts.filter_map(text));
            (!items.is_empty()).then_some(Interaction::Order(OrderInteraction { items }))?
        }
        "fill-blanks" => Interaction::Gap(gap(site, dataset)?),
        "table" => {
            let names = |key: &str| sorted(texts(get::list(dataset, key)).map(|text| site.read(text)));
            let (rows, columns) = (names("rows"), names("columns"));
            (!rows.is_empty() && !columns.is_empty()).then_some(Interaction::Table(TableInteraction {
                description: site.read(get::text(dataset, "description")),
                rows,
                columns,
                cardinality: cardinality(get::flag(dataset, "is_checkbox")),
                shuffle_rows: false,
                shuffle_columns: false,
                shown: None,
            }))?
        }
        "free-answer" => Interaction::ExtendedText(ExtendedTextInteraction {
            attachments: get::flag(dataset, "is_attachments_enabled"),
            rubric: Markup::default(),
        }),
        "code" => Interaction::Code(code(&options)),
        "simple-choice" => Interaction::Choice(ChoiceInteraction {
            cardinality: Cardinality::Multiple,
            ..choice(site, dataset)?
        }),
        "random-tasks" => Interaction::Numeric(NumericInteraction::default()),
        name => program::interaction(name)?,
    };
    let prompt = site.read(get::text(&step.block, "text")).then(&asked(site, step.name(), dataset));
    let mut exercise = Exercise::new(TaskId::from(step.id), prompt, interaction);
    exercise.scoring.points = step.cost.unwrap_or(exercise.scoring.points);
    exercise.scoring.attempts = attempts(step);
    Some(exercise)
}

/// Names that come as text or as objects with `name`.
pub(super) fn texts(list: &[Value]) -> impl Iterator<Item = &str> {
    list.iter().filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()))
}

fn sorted(texts: impl Iterator<Item = Markup>) -> Vec<Markup> {
    let mut texts: Vec<Markup> = texts.collect();
    texts.sort_by(|a, b| a.html().cmp(b.html()));
    texts
}

fn cardinality(multiple: bool) -> Cardinality {
    if multiple { Cardinality::Multiple } else { Cardinality::Single }
}

fn choice(site: &Site, dataset: &Object) -> Option<ChoiceInteraction> {
    let options = sorted(texts(get::list(dataset, "options")).map(|text| site.read(text)));
    (!options.is_empty()).then(|| ChoiceInteraction {
        cardinality: cardinality(get::flag(dataset, "is_multiple_choice")),
        options: options.into_iter().map(ChoiceOption::new).collect(),
        shuffle: false,
        shown: None,
    })
}

fn gap(site: &Site, dataset: &Object) -> Option<GapInteraction> {
    let segments: Vec<GapSegment> = get::list(dataset, "components")
        .iter()
        .filter_map(Value::as_object)
        .map(|component| match get::text(component, "type") {
            "input" => GapSegment::Entry,
            "select" => GapSegment::Choice {
                options: get::list(component, "options")
                    .iter()
                    .filter_map(|o| o.as_str().or_else(|| o.get("text")?.as_str()))
                    .map(str::to_owned)
                    .collect(),
            },
            _ => GapSegment::Text { markup: site.read(get::text(component, "text")) },
        })
        .collect();
    let gap = GapInteraction { segments };
    (gap.gaps().count() > 0).then_some(gap)
}

fn code(options: &Object) -> CodeInteraction {
    let limits = get::object(options, "limits");
    let languages: Vec<CodeLanguage> = get::object(options, "code_templates")
        .into_iter()
        .flatten()
        .map(|(name, template)| {
            let limit = limits.and_then(|limits| get::object(limits, name));
            CodeLanguage {
                template: template.as_str().unwrap_or_default().to_owned(),
                seconds: limit.and_then(|limit| get::number(limit, "time")),
                megabytes: limit.and_then(|limit| get::number(limit, "memory")),
                ..language(name)
            }
        })
        .collect();
    let sample = |pair: &Value| {
        let text = |at: usize| Some(pair.get(at)?.as_str()?.to_owned());
        Some(CodeSample { input: text(0)?, output: text(1)? })
    };
    CodeInteraction {
        languages,
        samples: get::list(options, "samples").iter().filter_map(sample).collect(),
        single_line: false,
        optional: false,
        seconds: get::number(options, "execution_time_limit"),
        megabytes: get::number(options, "execution_memory_limit"),
    }
}
