//! Files of a course.

use serde::{Deserialize, Serialize};

use crate::AssetId;

/// Who may see a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetRole {
    /// Part of what learners see: an image, a download, captions.
    #[default]
    Content,
    /// Part of grading: run scripts, hidden tests, solutions. Never shown to learners.
    Grader,
    /// Anything else that lies in the course.
    Other,
}

/// A file of the course. Its bytes are read through [`crate::Courses::read_asset`].
///
/// Markup refers to it as `asset:ID` (see [`crate::Markup`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// The id, unique in the course; also the part after `asset:` in links.
    pub id: AssetId,
    /// The file name, with folders where the platform has them, `/`-separated.
    pub name: String,
    /// The media type, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The size in bytes, where known without reading the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Who may see it.
    #[serde(default)]
    pub role: AssetRole,
}

impl Asset {
    /// Where a finding says that the file is: `file NAME`.
    pub fn place(&self) -> String {
        format!("file {}", self.name)
    }
}
