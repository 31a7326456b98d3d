//! Single blocks: read, create, change, publish, move, delete (reference openedx.md 3.15).

use lms_core::{BlockId, ErrorKind, Result};
use lms_http::{Method, RequestBuilder, Route, Safety};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::OpenEdx;
use crate::keys::{CourseKey, Usage};
use crate::provider::Way;

/// A block as Studio's editor has it: the draft, where there is one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct StudioBlock {
    /// Its usage key.
    pub id: BlockId,
    /// Its type.
    #[serde(rename = "category")]
    pub kind: String,
    /// Its title; `None` where the platform shows the name of the type.
    #[serde(rename = "display_name", default)]
    pub title: Option<String>,
    /// The XML of a problem without its attributes, the text of an HTML page; nothing for other types.
    #[serde(default)]
    pub data: Option<String>,
    /// Its own settings, by the platform's names.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Whether learners see a version of it.
    #[serde(default)]
    pub published: Option<bool>,
    /// Whether the draft differs from what learners see, where the release says.
    #[serde(default)]
    pub has_changes: Option<bool>,
}

/// What to do with drafts of a block and of all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Publish {
    /// Learners see them.
    #[serde(rename = "make_public")]
    MakePublic,
    /// They are thrown away.
    #[serde(rename = "discard_changes")]
    Discard,
}

/// What is to change of a block. What is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BlockChange {
    /// The XML of a problem, the text of an HTML page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Settings by the platform's names; a null puts one back to its default. A name that the type has not got is a
    /// failure of the platform (500).
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// All its children in a new order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<BlockId>>,
    /// The assignment type of a sequential; `notgraded` for none.
    #[serde(rename = "graderType", skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What to do with drafts when the rest is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
}

impl BlockChange {
    /// New content.
    pub fn data(data: impl Into<String>) -> Self {
        Self { data: Some(data.into()), ..Self::default() }
    }

    /// Drafts are published or thrown away, nothing else.
    pub fn publish(publish: Publish) -> Self {
        Self { publish: Some(publish), ..Self::default() }
    }

    /// The same with a setting.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Whether nothing is to change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A block that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewBlock {
    /// The type: `chapter`, `sequential`, `vertical`, `problem`, `html`, `video`, …
    pub kind: String,
    /// Its title.
    pub title: String,
}

impl NewBlock {
    /// Of a type, with a title.
    pub fn new(kind: impl Into<String>, title: impl Into<String>) -> Self {
        Self { kind: kind.into(), title: title.into() }
    }
}

#[derive(Deserialize)]
struct Created {
    locator: BlockId,
}

impl OpenEdx {
    /// A block as the editor has it. Calls `GET /xblock/{block}` in a session, or
    /// `GET /api/contentstore/v0/xblock/{course}/{block}`, since about Quince, with a token.
    ///
    /// # Errors
    /// `InvalidInput` for what is no usage key, unsent; `NotFound`; `PermissionDenied` for who is not an author.
    pub async fn studio_block(&self, block: &BlockId) -> Result<StudioBlock> {
        let request = self.block_request(Method::Get, block, Safety::Read, "studio.block")?;
        request.send_json().await
    }

    /// Makes a block, the last in its parent, and gives its key: the platform makes the name. What stands in a unit,
    /// and the unit, is a draft until it is published; chapters and sequentials are there for learners at once.
    /// Content is for [`Self::update_block`]. Calls `POST /xblock/`, or `POST /api/contentstore/v0/xblock/{course}`.
    ///
    /// # Errors
    /// `InvalidInput` where the parent cannot hold such a block; `OutcomeUnknown` where the answer was lost: look at
    /// the parent before making it again.
    pub async fn create_block(&self, parent: &BlockId, block: &NewBlock) -> Result<BlockId> {
        let body = json!({
            "parent_locator": parent, "category": block.kind, "display_name": block.title,
        });
        let request =
            self.collection_request(Method::Post, parent, Safety::Once, "studio.create_block")?.json(&body);
        Ok(request.send_json::<Created>().await?.locator)
    }

    /// Copies a block with all that is in it, and gives the copy's key. Calls as [`Self::create_block`].
    ///
    /// # Errors
    /// As [`Self::create_block`].
    pub async fn duplicate_block(&self, source: &BlockId, parent: &BlockId) -> Result<BlockId> {
        let body = json!({"duplicate_source_locator": source, "parent_locator": parent});
        let request =
            self.collection_request(Method::Post, parent, Safety::Once, "studio.copy_block")?.json(&body);
        Ok(request.send_json::<Created>().await?.locator)
    }

    /// Moves a block into another parent, to a place counted from 0, or the end. Calls `PATCH` on the addresses of
    /// [`Self::create_block`].
    ///
    /// # Errors
    /// `InvalidInput` where the parent cannot hold it.
    pub async fn move_block(&self, block: &BlockId, parent: &BlockId, at: Option<u32>) -> Result<()> {
        let mut body = json!({"move_source_locator": block, "parent_locator": parent});
        if let Some(at) = at {
            body["target_index"] = at.into();
        }
        let request =
            self.collection_request(Method::Patch, parent, Safety::Repeatable, "studio.move_block")?;
        request.json(&body).send().await.map(drop)
    }

    /// Changes a block, keeping its key, and with it what learners have done with it. Calls `POST /xblock/{block}`, or
    /// `PATCH /api/contentstore/v0/xblock/{course}/{block}`. Sends nothing for a change that is empty.
    ///
    /// # Errors
    /// `InvalidInput` for a bad value, and for children that are not the present ones; `NotFound`;
    /// `PermissionDenied`; `Unavailable` for a setting that the type has not got.
    pub async fn update_block(&self, block: &BlockId, change: &BlockChange) -> Result<()> {
        const OPERATION: &str = "studio.update_block";
        if change.is_empty() {
            return Usage::parse(block.as_str()).map(drop);
        }
        let method = match self.studio_way(OPERATION)? {
            Way::Session(_) => Method::Post,
            Way::Token(_) => Method::Patch,
        };
        let request = self.block_request(method, block, Safety::Repeatable, OPERATION)?;
        request.json(change).send().await.map(drop)
    }

    /// Deletes a block with all that is in it. A unit is gone for learners at once, what stands in one when the unit is
    /// published. Calls `DELETE /xblock/{block}`, or `DELETE /api/contentstore/v0/xblock/{course}/{block}`. That it was
    /// gone already is no error.
    ///
    /// # Errors
    /// `InvalidInput` for what is no usage key; `PermissionDenied`.
    pub async fn delete_block(&self, block: &BlockId) -> Result<()> {
        let request = self.block_request(Method::Delete, block, Safety::Repeatable, "studio.delete_block")?;
        match request.send().await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn block_request(
        &self,
        method: Method,
        block: &BlockId,
        safety: Safety,
        operation: &'static str,
    ) -> Result<RequestBuilder> {
        let course = Usage::parse(block.as_str())?.course.id();
        let request = match self.studio_way(operation)? {
            Way::Session(studio) => studio.request(method, Route::new("/xblock/{block}").id(block), safety),
            Way::Token(studio) => {
                let route = Route::new("/api/contentstore/v0/xblock/{course}/{block}").id(course).id(block);
                studio.request(method, route, safety)
            }
        };
        // Without it the view for browsers answers 406.
        Ok(request.accept_json().operation(operation).resource(block))
    }

    fn collection_request(
        &self,
        method: Method,
        parent: &BlockId,
        safety: Safety,
        operation: &'static str,
    ) -> Result<RequestBuilder> {
        let course = Usage::parse(parent.as_str())?.course.id();
        let request = match self.studio_way(operation)? {
            Way::Session(studio) => studio.request(method, "/xblock/", safety),
            Way::Token(studio) => {
                studio.request(method, Route::new("/api/contentstore/v0/xblock/{course}").id(course), safety)
            }
        };
        Ok(request.accept_json().operation(operation).resource(parent))
    }

    /// The key of a course's own block.
    ///
    /// # Errors
    /// `InvalidInput` for what is no course key.
    pub fn course_block(course: &lms_core::CourseId) -> Result<BlockId> {
        Ok(CourseKey::parse(course)?.usage("course", "course").into())
    }
}
