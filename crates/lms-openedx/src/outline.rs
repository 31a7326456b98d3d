//! The blocks of a course in one call (reference openedx.md 3.2).

use std::collections::BTreeMap;

use lms_core::{BlockId, CourseId, Error, Platform, Result, UserId};
use lms_http::Route;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::OpenEdx;
use crate::keys::{CourseKey, Usage};

/// Whose blocks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlocksFor {
    /// Those that the signed-in account may see.
    #[default]
    Me,
    /// Those that another account may see; for the course's staff.
    User(UserId),
    /// All, released or not; for the course's staff.
    Everything,
}

/// How far down to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Depth {
    /// To the leaves.
    #[default]
    All,
    /// This many levels below the root; 0 is the root alone.
    Levels(u32),
}

/// What to list, and what to tell of each block.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct OutlineQuery {
    /// The block to begin at; the whole course where it is `None`.
    pub root: Option<BlockId>,
    /// Whose view it is.
    pub viewer: BlocksFor,
    /// How far down.
    pub depth: Depth,
    /// Names of fields: `graded`, `format`, `due`, `weight`, `completion`. `children` is always asked for. The platform
    /// leaves out what is null and ignores names that it does not know.
    pub fields: Vec<String>,
    /// Types whose [`OutlineBlock::fields`] are to have `student_view_data`: `video`, `html`.
    pub student_view_data: Vec<String>,
    /// Types to count below each block, into `block_counts`.
    pub counts: Vec<String>,
    /// Only blocks of these types. What stands between them is missing then, the root too.
    pub types: Vec<String>,
}

/// A course, or a part of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Outline {
    /// The block that it begins at.
    pub root: BlockId,
    /// The blocks by key.
    pub blocks: BTreeMap<BlockId, OutlineBlock>,
}

/// A block of an outline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct OutlineBlock {
    /// Its usage key.
    pub id: BlockId,
    /// The last part of it.
    #[serde(rename = "block_id", default)]
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    #[serde(rename = "display_name", default)]
    pub title: Option<String>,
    /// Its page for learners.
    #[serde(rename = "lms_web_url", default)]
    pub url: Option<String>,
    /// The blocks in it, in order.
    #[serde(default)]
    pub children: Vec<BlockId>,
    /// Everything else that was asked for, by the platform's names.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Outline {
    /// The blocks from the root down, parents first, in the order of the course. A block that stands in two places
    /// comes once.
    pub fn in_order(&self) -> Vec<&OutlineBlock> {
        let (mut found, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
        let mut stack = vec![&self.root];
        while let Some(id) = stack.pop() {
            let Some(block) = self.blocks.get(id) else { continue };
            if seen.insert(id) {
                stack.extend(block.children.iter().rev());
                found.push(block);
            }
        }
        found
    }
}

impl OpenEdx {
    /// The blocks of a course, or of a part of it, in one request. Calls `GET /api/courses/v1/blocks/`, or
    /// `GET /api/courses/v1/blocks/{root}`. Text, XML and answers are never in it.
    ///
    /// # Errors
    /// `InvalidInput` for keys that are none or of another course, unsent; `PermissionDenied` for who is not enrolled,
    /// also where the course is unknown (as the platform has it); `Unavailable` for an unknown root, which the platform
    /// answers with a failure of its own.
    pub async fn outline(&self, course: &CourseId, query: &OutlineQuery) -> Result<Outline> {
        const OPERATION: &str = "courses.outline";
        let key = CourseKey::parse(course)?;
        let OutlineQuery { root, viewer, depth, fields, student_view_data, counts, types } = query;
        let request = match root {
            None => self.lms().get("/api/courses/v1/blocks/").query("course_id", course).resource(course),
            Some(root) if Usage::parse(root.as_str())?.course == key => {
                self.lms().get(Route::new("/api/courses/v1/blocks/{root}").id(root)).resource(root)
            }
            Some(root) => {
                let error = Error::invalid("a block of another course").at(Platform::OpenEdx, OPERATION);
                return Err(error.on(root));
            }
        };
        let request = match viewer {
            BlocksFor::Me => request.query("username", self.username().await?),
            BlocksFor::User(user) => request.query("username", user),
            BlocksFor::Everything => request.query("all_blocks", "true"),
        };
        let request = match depth {
            Depth::All => request.query("depth", "all"),
            Depth::Levels(levels) => request.query("depth", levels),
        };
        let mut wanted = vec!["children"];
        wanted.extend(fields.iter().map(String::as_str).filter(|name| *name != "children"));
        if !student_view_data.is_empty() && !wanted.contains(&"student_view_data") {
            wanted.push("student_view_data");
        }
        let mut request = request.query("requested_fields", wanted.join(",")).query("return_type", "dict");
        for (name, list) in [
            ("student_view_data", student_view_data),
            ("block_counts", counts),
            ("block_types_filter", types),
        ] {
            if !list.is_empty() {
                request = request.query(name, list.join(","));
            }
        }
        request.operation(OPERATION).send_json().await
    }
}
