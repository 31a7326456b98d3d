//! What stands in a step.

use serde::{Deserialize, Serialize};

use crate::{AssetId, BlockId, Exercise, Extras, Markup, Platform};

/// One block of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its id, unique in the course.
    pub id: BlockId,
    /// Its title, as plain text; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it is.
    #[serde(flatten)]
    pub body: BlockBody,
    /// What only its platform knows.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

impl Block {
    /// A block without title.
    pub fn new(id: impl Into<BlockId>, body: BlockBody) -> Self {
        Self { id: id.into(), title: String::new(), body, extras: Extras::default() }
    }

    /// The exercise in it, if it is one.
    pub fn exercise(&self) -> Option<&Exercise> {
        match &self.body {
            BlockBody::Exercise(exercise) => Some(exercise),
            _ => None,
        }
    }
}

/// The kinds of block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BlockBody {
    /// Text, with images and maths in it.
    Text(Text),
    /// A video.
    Video(Video),
    /// A file to download.
    File(FileLink),
    /// Something to answer.
    Exercise(Box<Exercise>),
    /// A native block without neutral form, kept verbatim.
    Foreign(Foreign),
}

impl BlockBody {
    /// `text`, `video`, `file`, `exercise` or `foreign`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Video(_) => "video",
            Self::File(_) => "file",
            Self::Exercise(_) => "exercise",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// Text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub markup: Markup,
}

/// Captions of a video in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// BCP 47 language tag.
    pub language: String,
    /// The caption file.
    pub asset: AssetId,
}

/// A video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// Addresses of the same video, the best first: `https://…`, or `asset:ID`.
    pub sources: Vec<String>,
    /// The YouTube id, where it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub youtube: Option<String>,
    /// Length in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// A still picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    /// Captions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcripts: Vec<Transcript>,
    /// Text that stands with it.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub caption: Markup,
}

/// A file to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLink {
    /// The file.
    pub asset: AssetId,
    /// What the link says.
    pub label: String,
}

/// How the source of a [`Foreign`] block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// OLX.
    Xml,
    /// Stepik's API.
    Json,
    /// INGInious' task files.
    Yaml,
}

/// A native block without neutral form, kept verbatim so that the way back loses nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foreign {
    /// Whose it is.
    pub platform: Platform,
    /// Its native name: `drag-and-drop-v2`, `pycharm`, `network-trace`.
    pub name: String,
    /// How `source` is written.
    pub format: SourceFormat,
    /// The native block, verbatim. It may hold answers: never shown to learners elsewhere.
    pub source: String,
    /// What of it a learner may read elsewhere: the statement, without answers.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub readable: Markup,
    /// Points a learner gets for it at most, where it is graded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
}
