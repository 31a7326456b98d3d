//! What a learner answers.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::BlockId;

/// A file handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmittedFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

/// The answer to one exercise. Positions are those of the interaction, counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// The options picked.
    Choice {
        /// Empty for none.
        selected: BTreeSet<usize>,
    },
    /// A short text.
    Text {
        /// As typed.
        text: String,
    },
    /// A number, as typed.
    Number {
        /// As typed.
        number: String,
    },
    /// An expression, as typed.
    Formula {
        /// As typed.
        formula: String,
    },
    /// For each source, the target.
    Match {
        /// `None` for a source left alone.
        targets: Vec<Option<usize>>,
    },
    /// The items in the order given.
    Order {
        /// Positions in the interaction's `items`.
        order: Vec<usize>,
    },
    /// What stands in each gap; for a drop-down list the entry's text.
    Gaps {
        /// By gap.
        texts: Vec<String>,
    },
    /// For each row, the columns ticked.
    Table {
        /// By row.
        rows: Vec<BTreeSet<usize>>,
    },
    /// A program.
    Code {
        /// The platform's name for the language; empty where there is one only.
        language: String,
        /// The program.
        source: String,
    },
    /// A long text.
    ExtendedText {
        /// HTML or plain, as the platform takes it.
        text: String,
    },
    /// An answer as the platform takes it, for kinds of exercise without neutral form. Only the
    /// provider of that platform can send it.
    Native {
        /// In the platform's own form.
        reply: serde_json::Value,
    },
    /// Files.
    #[serde(skip)]
    Files(Vec<SubmittedFile>),
}

impl Response {
    /// The name used in JSON and in messages: `choice`, `text`, …; `files`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choice { .. } => "choice",
            Self::Text { .. } => "text",
            Self::Number { .. } => "number",
            Self::Formula { .. } => "formula",
            Self::Match { .. } => "match",
            Self::Order { .. } => "order",
            Self::Gaps { .. } => "gaps",
            Self::Table { .. } => "table",
            Self::Code { .. } => "code",
            Self::ExtendedText { .. } => "extended_text",
            Self::Native { .. } => "native",
            Self::Files(_) => "files",
        }
    }

    /// One option.
    pub fn choice(option: usize) -> Self {
        Self::Choice { selected: BTreeSet::from([option]) }
    }

    /// Several options.
    pub fn choices(options: impl IntoIterator<Item = usize>) -> Self {
        Self::Choice { selected: options.into_iter().collect() }
    }

    /// A short text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A number.
    pub fn number(number: impl Into<String>) -> Self {
        Self::Number { number: number.into() }
    }
}

/// The answers to all exercises of a task, by block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskAnswer(pub BTreeMap<BlockId, Response>);

impl TaskAnswer {
    /// The answer to a task with one exercise.
    pub fn one(block: impl Into<BlockId>, response: Response) -> Self {
        Self(BTreeMap::from([(block.into(), response)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json() {
        let code = Response::Code { language: "c".into(), source: String::new() };
        let native = Response::Native { reply: serde_json::json!({"solved": true}) };
        for response in [Response::choice(1), Response::text("x"), Response::number("1"), code, native] {
            let json = serde_json::to_value(&response).expect("JSON");
            assert_eq!(json["response"], response.name());
            assert_eq!(serde_json::from_value::<Response>(json).expect("a response"), response);
        }
        assert_eq!(Response::Files(Vec::new()).name(), "files");
    }
}
