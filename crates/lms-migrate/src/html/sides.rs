//! One item as it was and as it is to be, field by field.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lms_core::{
    Block, BlockBody, Cardinality, Credit, Exercise, Foreign, GapSegment, Grader, Interaction, Markup,
    Original, Severity, escape, original,
};

use super::answer::right_answer;
use super::rich::{Rich, head};
use crate::report::Altered;

/// Bytes of an original that goes with the page.
const ATTACHED: usize = 256 * 1024;
/// Characters of a native source that are shown.
const SOURCE: usize = 4_000;

/// The fields in the order in which they are shown.
const FIELDS: [&str; 14] = [
    "Kind",
    "Title",
    "Text",
    "Address",
    "Options",
    "Right answer",
    "Marked by",
    "Points",
    "Tries",
    "Credit",
    "Hints",
    "Feedback",
    "Solution",
    "Original",
];

/// The two sides as a table.
pub(super) fn table(item: &Altered, ends: (&str, &str), rich: &Rich<'_>, html: &mut String) {
    let source = fields(&item.source, rich);
    let targets: Vec<Fields> = item.target.iter().map(|block| fields(block, rich)).collect();
    let _ = write!(
        html,
        "<table class=\"sides\"><thead><tr><th scope=\"col\"><span class=\"away\">Field</span></th>\
         <th scope=\"col\">Source: {}</th><th scope=\"col\">Target: {}</th></tr></thead><tbody>",
        escape(ends.0),
        escape(ends.1)
    );
    for (n, name) in FIELDS.iter().enumerate() {
        let before = source[n].as_deref();
        let after: Vec<&str> = targets.iter().filter_map(|fields| fields[n].as_deref()).collect();
        if before.is_none() && after.is_empty() {
            continue;
        }
        let differs = before.map(folded) != (!after.is_empty()).then(|| folded(&after.concat()));
        let (class, word) = if differs { (" class=\"differs\"", " <em>differs</em>") } else { ("", "") };
        let _ = write!(
            html,
            "<tr{class}><th scope=\"row\">{name}{word}</th><td data-side=\"Source\">{}</td><td data-side=\"Target\">",
            before.unwrap_or(NOTHING)
        );
        match after.as_slice() {
            [] => html.push_str(NOTHING),
            [only] => html.push_str(only),
            several => several.iter().for_each(|part| {
                let _ = write!(html, "<div class=\"part\">{part}</div>");
            }),
        }
        html.push_str("</td></tr>");
    }
    html.push_str("</tbody></table>");
    if item.fate >= Severity::Dropped
        && matches!(item.source.body, BlockBody::Foreign(_) | BlockBody::Exercise(_))
    {
        attach(&item.source, html);
    }
}

/// The original of what learners get a stand-in for, whole, as a file to keep. The report is for those who
/// answer for the course, so answers may be in it.
fn attach(block: &Block, html: &mut String) {
    let Original { ending, text } = original(block);
    if text.len() > ATTACHED {
        let _ = write!(
            html,
            "<p class=\"cut\">The original has {} bytes, too many for this page.</p>",
            text.len()
        );
        return;
    }
    let name: String =
        block.id.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let _ = write!(
        html,
        "<p><a download=\"{name}.{ending}\" href=\"data:text/plain;charset=utf-8;base64,{}\">Save the original</a> \
         (answers included)</p>",
        STANDARD.encode(text)
    );
}

/// HTML without the white space that nobody sees: a platform may write it otherwise.
fn folded(html: &str) -> String {
    let words = html.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("> ", ">").replace(" <", "<")
}

const NOTHING: &str = "<span class=\"none\">nothing</span>";

/// The rendered fields of one block, in the order of [`FIELDS`].
type Fields = [Option<String>; FIELDS.len()];

fn fields(block: &Block, rich: &Rich<'_>) -> Fields {
    let mut fields = Fields::default();
    let mut set = |name: &str, html: String| {
        if let Some(n) = FIELDS.iter().position(|field| *field == name).filter(|_| !html.trim().is_empty()) {
            fields[n] = Some(html);
        }
    };
    set("Kind", escape(&kind(block)));
    set("Title", escape(&block.title));
    match &block.body {
        BlockBody::Text(text) => set("Text", rich.render(&text.markup)),
        BlockBody::File(file) => {
            set("Text", escape(&file.label));
            set("Address", escape(file.asset.as_str()));
        }
        BlockBody::Video(video) => {
            set("Text", rich.render(&video.caption));
            let youtube = video.youtube.iter().map(|id| format!("YouTube {id}"));
            let all: Vec<String> = video.sources.iter().cloned().chain(youtube).collect();
            set("Address", lines(all.iter().map(|address| escape(address))));
        }
        BlockBody::Foreign(foreign) => {
            set("Text", rich.render(&foreign.readable));
            set("Points", foreign.points.map(|points| points.to_string()).unwrap_or_default());
            set("Original", native_source(foreign));
        }
        BlockBody::Exercise(exercise) => answered(exercise, rich, &mut set),
    }
    fields
}

fn answered(exercise: &Exercise, rich: &Rich<'_>, set: &mut dyn FnMut(&str, String)) {
    let texts = |texts: &[Markup]| lines(texts.iter().map(|text| rich.render(text)));
    set("Text", prompt(exercise, rich));
    set("Options", options(&exercise.interaction, rich));
    set("Right answer", exercise.key.as_ref().map(right_answer).unwrap_or_default());
    set(
        "Marked by",
        match &exercise.grader {
            Grader::Key => "the right answer".into(),
            Grader::Native(name) => format!("a program of the platform: {}", escape(name)),
            Grader::Human => "a person".into(),
        },
    );
    set("Points", exercise.scoring.points.to_string());
    set("Tries", exercise.scoring.attempts.map_or("no limit".into(), |n| n.to_string()));
    set(
        "Credit",
        match exercise.scoring.credit {
            Credit::AllOrNothing => "all or nothing",
            Credit::PerPart => "for each part",
            Credit::EveryDecision => "for each option rightly ticked or left",
            Credit::Halves => "one mistake halves it",
        }
        .into(),
    );
    set("Hints", texts(&exercise.hints));
    let said = [("Right: ", &exercise.feedback.correct), ("Wrong: ", &exercise.feedback.incorrect)];
    let said = said.iter().filter(|(_, text)| !text.is_empty());
    set("Feedback", lines(said.map(|(when, text)| format!("<b>{when}</b>{}", rich.render(text)))));
    set("Solution", rich.render(&exercise.feedback.explanation));
}

fn kind(block: &Block) -> String {
    match &block.body {
        BlockBody::Text(_) => "text".into(),
        BlockBody::Video(_) => "video".into(),
        BlockBody::File(_) => "file to download".into(),
        BlockBody::Foreign(foreign) => format!("{} of {}", foreign.name, foreign.platform.title()),
        BlockBody::Exercise(exercise) => match &exercise.interaction {
            Interaction::Choice(choice) if choice.cardinality == Cardinality::Single => {
                "choice, one answer".into()
            }
            Interaction::Choice(_) => "choice, several answers".into(),
            other => other.name().replace('_', " "),
        },
    }
}

fn prompt(exercise: &Exercise, rich: &Rich<'_>) -> String {
    let mut html = rich.render(&exercise.prompt);
    match &exercise.interaction {
        Interaction::Gap(gap) => {
            for segment in &gap.segments {
                match segment {
                    GapSegment::Text { markup } => html.push_str(&rich.render(markup)),
                    GapSegment::Entry => html.push_str(" <span class=\"gap\">gap</span> "),
                    GapSegment::Choice { options } => {
                        let _ = write!(html, " <span class=\"gap\">{}</span> ", escape(&options.join(" / ")));
                    }
                }
            }
        }
        Interaction::Table(table) => html.push_str(&rich.render(&table.description)),
        _ => {}
    }
    html
}

fn options(interaction: &Interaction, rich: &Rich<'_>) -> String {
    let texts = |texts: &[Markup]| numbered(texts.iter().map(|text| rich.render(text)));
    let marked = |options: &[lms_core::ChoiceOption]| {
        numbered(options.iter().map(|option| {
            let mut html = rich.render(&option.text);
            for said in [&option.feedback, &option.feedback_unselected].into_iter().filter(|t| !t.is_empty())
            {
                let _ = write!(html, "<div class=\"said\">{}</div>", rich.render(said));
            }
            html
        }))
    };
    match interaction {
        Interaction::Choice(choice) => marked(&choice.options),
        Interaction::InlineChoice(choice) => marked(&choice.options),
        Interaction::Match(pairs) => format!("{}{}", texts(&pairs.sources), texts(&pairs.targets)),
        Interaction::Order(order) => texts(&order.items),
        Interaction::Table(table) => format!("{}{}", texts(&table.rows), texts(&table.columns)),
        Interaction::Code(code) => {
            let mut names: Vec<String> =
                code.languages.iter().map(|language| escape(&language.name)).collect();
            names.extend(
                code.samples.iter().map(|sample| {
                    format!("<pre>{}\n→ {}</pre>", escape(&sample.input), escape(&sample.output))
                }),
            );
            lines(names)
        }
        _ => String::new(),
    }
}

fn native_source(foreign: &Foreign) -> String {
    let (text, cut) = head(&foreign.source, SOURCE);
    let more = if cut { "\n…" } else { "" };
    format!("<pre>{}{more}</pre>", escape(text))
}

pub(super) fn lines(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().fold(String::new(), |mut html, item| {
        let _ = write!(html, "<div>{item}</div>");
        html
    })
}

pub(super) fn numbered(items: impl IntoIterator<Item = String>) -> String {
    let list = items.into_iter().fold(String::new(), |mut html, item| {
        let _ = write!(html, "<li>{item}</li>");
        html
    });
    if list.is_empty() { list } else { format!("<ol>{list}</ol>") }
}
