//! How an exercise is answered. The names are QTI's.
//!
//! Options, items, rows and gaps are referred to by their position in the interaction, counted from
//! 0, in keys and in answers. Providers map positions to their own names (`choice_0`, a text, a
//! shuffled place).

use serde::{Deserialize, Serialize};

use crate::Markup;

/// How an exercise is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interaction {
    /// Pick one option or several.
    Choice(ChoiceInteraction),
    /// Write a short text.
    TextEntry(TextEntryInteraction),
    /// Write a number.
    Numeric(NumericInteraction),
    /// Write a mathematical expression.
    Formula(FormulaInteraction),
    /// Pair things.
    Match(MatchInteraction),
    /// Put things in order.
    Order(OrderInteraction),
    /// Fill gaps in a running text.
    Gap(GapInteraction),
    /// Pick one entry of a drop-down list.
    InlineChoice(InlineChoiceInteraction),
    /// Tick cells of a table.
    Table(TableInteraction),
    /// Write a program.
    Code(CodeInteraction),
    /// Write a long text.
    ExtendedText(ExtendedTextInteraction),
    /// Hand in files.
    FileUpload(FileUploadInteraction),
}

impl Interaction {
    /// All names, in the order of the variants.
    pub const NAMES: [&'static str; 12] = [
        "choice",
        "text_entry",
        "numeric",
        "formula",
        "match",
        "order",
        "gap",
        "inline_choice",
        "table",
        "code",
        "extended_text",
        "file_upload",
    ];

    /// The name used in JSON and in tables: `choice`, `text_entry`, …
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::TextEntry(_) => "text_entry",
            Self::Numeric(_) => "numeric",
            Self::Formula(_) => "formula",
            Self::Match(_) => "match",
            Self::Order(_) => "order",
            Self::Gap(_) => "gap",
            Self::InlineChoice(_) => "inline_choice",
            Self::Table(_) => "table",
            Self::Code(_) => "code",
            Self::ExtendedText(_) => "extended_text",
            Self::FileUpload(_) => "file_upload",
        }
    }
}

/// How many options may be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// Exactly one.
    Single,
    /// Any number, none included.
    Multiple,
}

/// One option of a choice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What it says.
    pub text: Markup,
    /// What is said to a learner who picked it.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub feedback: Markup,
    /// What is said to a learner who left it.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub feedback_unselected: Markup,
}

impl ChoiceOption {
    /// An option without feedback.
    pub fn new(text: impl Into<Markup>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Pick one option or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceInteraction {
    /// How many may be picked.
    pub cardinality: Cardinality,
    /// The options.
    pub options: Vec<ChoiceOption>,
    /// Whether the platform mixes the order.
    #[serde(default)]
    pub shuffle: bool,
    /// How many of the options a learner is shown; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u32>,
}

/// Write a short text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextEntryInteraction {
    /// What stands behind the box: a unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

/// Write a number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NumericInteraction {
    /// What stands behind the box: a unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

/// Write a mathematical expression.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FormulaInteraction {
    /// What stands behind the box.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

/// Pair each source with one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatchInteraction {
    /// What is to be paired.
    pub sources: Vec<Markup>,
    /// What it is paired with. May repeat a text, and may be longer than `sources`.
    pub targets: Vec<Markup>,
    /// Whether the platform mixes the sources (the targets always are).
    #[serde(default)]
    pub shuffle_sources: bool,
}

/// Put things in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderInteraction {
    /// The things. Their place here says nothing of the right order: the key does.
    pub items: Vec<Markup>,
}

/// A piece of a text with gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "segment", rename_all = "snake_case")]
pub enum GapSegment {
    /// Running text.
    Text {
        /// The text.
        markup: Markup,
    },
    /// A gap to write into.
    Entry,
    /// A gap with a drop-down list.
    Choice {
        /// Its entries.
        options: Vec<String>,
    },
}

/// Fill gaps in a running text. Gaps are counted from 0 over entries and choices alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapInteraction {
    /// The text and its gaps, in order.
    pub segments: Vec<GapSegment>,
}

impl GapInteraction {
    /// The gaps in order: `None` for one to write into, the entries for a drop-down list.
    pub fn gaps(&self) -> impl Iterator<Item = Option<&[String]>> {
        self.segments.iter().filter_map(|segment| match segment {
            GapSegment::Text { .. } => None,
            GapSegment::Entry => Some(None),
            GapSegment::Choice { options } => Some(Some(options.as_slice())),
        })
    }
}

/// Pick one entry of a drop-down list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InlineChoiceInteraction {
    /// The entries.
    pub options: Vec<ChoiceOption>,
}

/// Tick cells of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableInteraction {
    /// What the rows are.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub description: Markup,
    /// The rows.
    pub rows: Vec<Markup>,
    /// The columns.
    pub columns: Vec<Markup>,
    /// How many cells a row may have ticked.
    pub cardinality: Cardinality,
    /// Whether the platform mixes the rows.
    #[serde(default)]
    pub shuffle_rows: bool,
    /// Whether the platform mixes the columns.
    #[serde(default)]
    pub shuffle_columns: bool,
    /// How many of the rows a learner is shown; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u32>,
}

/// A programming language that may be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeLanguage {
    /// The platform's name for it: `python3`, `c++11`.
    pub name: String,
    /// What stands in the editor at first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// Hidden code before the learner's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub header: String,
    /// Hidden code after the learner's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub footer: String,
    /// Seconds it may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Megabytes it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub megabytes: Option<f64>,
}

/// A test that learners see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSample {
    /// What the program is given.
    pub input: String,
    /// What it should print.
    pub output: String,
}

/// Write a program.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeInteraction {
    /// The languages; empty where the platform does not limit them.
    pub languages: Vec<CodeLanguage>,
    /// Tests that learners see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<CodeSample>,
    /// Whether one line is enough.
    #[serde(default)]
    pub single_line: bool,
    /// Whether it may be left empty.
    #[serde(default)]
    pub optional: bool,
    /// Seconds a program may run, where no language says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Megabytes a program may use, where no language says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub megabytes: Option<f64>,
}

/// Write a long text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExtendedTextInteraction {
    /// Whether files may be handed in with it.
    #[serde(default)]
    pub attachments: bool,
    /// How a person is to mark it.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub rubric: Markup,
}

/// Hand in files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUploadInteraction {
    /// Endings of names that are taken, with the dot; empty for any.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// Bytes a file may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}
