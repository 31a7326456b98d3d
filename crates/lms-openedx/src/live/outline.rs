//! Studio's own outline of a course, or of a part of it: down to the units, with what of them is not published.

use std::fmt::Display;

use lms_core::{BlockId, Result};
use lms_http::{Client, Route};
use serde::Deserialize;

use super::OPERATION;

/// `GET /xblock/outline/{block}`.
#[derive(Deserialize)]
pub(super) struct Node {
    pub(super) id: BlockId,
    #[serde(default)]
    pub(super) category: String,
    #[serde(default)]
    pub(super) published: Option<bool>,
    #[serde(default)]
    pub(super) has_changes: Option<bool>,
    #[serde(default)]
    pub(super) child_info: Option<Children>,
}

#[derive(Deserialize)]
pub(super) struct Children {
    #[serde(default)]
    pub(super) children: Vec<Node>,
}

/// The outline from a block on, in a session; errors name `on`.
pub(super) async fn outline(studio: &Client, block: &BlockId, on: impl Display) -> Result<Node> {
    let request = studio.get(Route::new("/xblock/outline/{block}").id(block));
    request.accept_json().operation(OPERATION).resource(on).send_json().await
}
