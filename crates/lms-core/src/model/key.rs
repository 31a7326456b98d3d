//! What is right.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What is right. The variant goes with the interaction; [`Key::Any`] goes with all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "key", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Key {
    /// Every valid answer is right; an empty text or no file is not valid.
    Any,
    /// Choice and inline choice. Single: one of these; multiple: exactly these.
    Choice {
        /// The right options.
        correct: BTreeSet<usize>,
    },
    /// Text entry: right if one of these takes it.
    Text {
        /// In the platform's order.
        accept: Vec<TextAccept>,
    },
    /// Numeric: right if one of these takes it.
    Number {
        /// In the platform's order.
        accept: Vec<NumberAccept>,
    },
    /// Formula: right if it agrees with `answer` wherever it is tried.
    Formula {
        /// The right expression.
        answer: String,
        /// Where the variables are tried.
        variables: Vec<SampledVariable>,
        /// How many points are tried.
        samples: u32,
        /// How far apart the values may be.
        tolerance: Tolerance,
        /// Whether `x` and `X` are different variables.
        case_sensitive: bool,
    },
    /// Match: for each source, the targets that are right.
    Match {
        /// By source; a source without right target is to be left alone.
        targets: Vec<BTreeSet<usize>>,
    },
    /// Order: the items in the right order.
    Order {
        /// Positions in the interaction's `items`.
        order: Vec<usize>,
    },
    /// Gap: what each gap takes.
    Gaps {
        /// By gap.
        gaps: Vec<GapAccept>,
    },
    /// Table: for each row, the columns to be ticked.
    Table {
        /// By row.
        rows: Vec<BTreeSet<usize>>,
    },
    /// Code: tests, run on the platform.
    Code {
        /// The hidden and the visible tests, in order.
        tests: Vec<CodeTest>,
        /// A program of the platform that compares or makes tests, verbatim.
        checker: Option<String>,
        /// A right solution, where the author gave one.
        solution: Option<String>,
    },
}

/// How a text is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRule {
    /// The whole text.
    Exact,
    /// The text occurs somewhere in the answer.
    Substring,
    /// A regular expression (Python's dialect) that must match the whole answer.
    Regex,
    /// A regular expression (Python's dialect) that may match anywhere in the answer.
    RegexSearch,
}

/// A text that is taken. Outer white space of the answer never counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextAccept {
    /// The text or pattern.
    pub text: String,
    /// How it is compared.
    pub rule: TextRule,
    /// Whether case counts.
    pub case_sensitive: bool,
}

/// How far a number may be off. Numbers are decimal text, so that nothing is rounded on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tolerance", rename_all = "snake_case")]
pub enum Tolerance {
    /// By this much.
    Absolute {
        /// Not negative.
        by: String,
    },
    /// By this percentage of the right number.
    Percent {
        /// Not negative.
        by: String,
    },
}

impl Tolerance {
    /// No deviation at all.
    pub fn none() -> Self {
        Self::Absolute { by: "0".into() }
    }
}

/// A number that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "accept", rename_all = "snake_case")]
pub enum NumberAccept {
    /// A number and how far off one may be.
    Value {
        /// Decimal text: `3.14`, `1e-6`.
        value: String,
        /// How far off.
        tolerance: Tolerance,
    },
    /// Anything between two numbers.
    Range {
        /// Decimal text.
        low: String,
        /// Decimal text.
        high: String,
        /// Whether `low` itself is taken.
        includes_low: bool,
        /// Whether `high` itself is taken.
        includes_high: bool,
    },
}

/// Where a variable of a formula is tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledVariable {
    /// Its name.
    pub name: String,
    /// From.
    pub low: f64,
    /// To.
    pub high: f64,
}

/// What a gap takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gap", rename_all = "snake_case")]
pub enum GapAccept {
    /// One of these texts.
    Text {
        /// In the platform's order.
        accept: Vec<TextAccept>,
    },
    /// One of these entries of the drop-down list.
    Choice {
        /// Positions in the list.
        correct: BTreeSet<usize>,
    },
}

/// A test of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeTest {
    /// What the program is given.
    pub input: String,
    /// What it must print, outer white space aside.
    pub output: String,
}
