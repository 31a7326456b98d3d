//! A unit as it is and as it is to be: one request reads it whole, and what differs is sent.

use std::collections::{BTreeMap, VecDeque};

use lms_core::{BlockId, Error, ErrorKind, Platform, Result};
use lms_http::Route;
use serde::Deserialize;
use serde_json::Value;

use super::{OPERATION, cannot, difference, own_settings};
use crate::OpenEdx;
use crate::keys::Usage;
use crate::olx::native::{Native, State};
use crate::olx::xml::{Element, Node, markup, page, parse};
use crate::studio::blocks::{BlockChange, NewBlock, Publish};

/// `GET /api/olx-export/v1/xblock/{unit}/`.
#[derive(Deserialize)]
struct Exported {
    root_block_id: BlockId,
    blocks: BTreeMap<BlockId, ExportedBlock>,
}

#[derive(Deserialize)]
struct ExportedBlock {
    olx: String,
}

/// A unit as it is.
pub(super) struct Now {
    pub(super) settings: BTreeMap<String, String>,
    pub(super) blocks: Vec<Leaf>,
    /// Learners do not see it yet, so that it is published even where nothing is in it.
    is_new: bool,
}

impl Now {
    /// One that was just made.
    pub(super) fn made(title: &str) -> Self {
        let settings = BTreeMap::from([("display_name".to_owned(), title.to_owned())]);
        Self { settings, blocks: Vec::new(), is_new: true }
    }
}

/// A block of a unit, on the site or as it is to be.
pub(super) struct Leaf {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) settings: BTreeMap<String, String>,
    content: Content,
}

/// What a block holds beside its settings.
enum Content {
    /// The definition of a problem, without attributes.
    Problem(Element),
    /// The text of a page.
    Page(String),
    /// Nothing that is sent: a video's children repeat its settings.
    None,
    /// Children that no request can write.
    Fixed(Vec<Node>),
}

impl Leaf {
    pub(super) fn of(
        kind: &str,
        name: &str,
        element: &Element,
        settings: BTreeMap<String, String>,
        body: Option<&str>,
    ) -> Self {
        let content = match kind {
            "problem" => Content::Problem(Element { attributes: Vec::new(), ..element.clone() }),
            "html" => Content::Page(body.map_or_else(|| page(element), str::to_owned)),
            "video" => Content::None,
            _ if blank(&element.children) => Content::None,
            _ => Content::Fixed(element.children.clone()),
        };
        Self { kind: kind.to_owned(), name: name.to_owned(), settings, content }
    }

    pub(super) fn wanted(native: &Native) -> Self {
        let name = native.name.as_deref().unwrap_or_default();
        let body = native.body.as_ref().map(|(_, text)| &**text);
        let leaf = Self::of(&native.tag, name, &native.element, own_settings(native), body);
        let inner = native.children.iter().map(|child| &*child.source).collect::<String>();
        // Blocks within blocks: theirs would have to be written one by one.
        if inner.is_empty() {
            leaf
        } else {
            Self { content: Content::Fixed(native.element.children.clone()), ..leaf }
        }
    }

    /// Whether there is no more in it than in one that was just made.
    pub(super) fn is_blank(&self) -> bool {
        match &self.content {
            Content::Problem(problem) => blank(&problem.children),
            Content::Page(text) => text.trim().is_empty(),
            Content::None => true,
            Content::Fixed(_) => false,
        }
    }

    /// What to send so that `now` becomes this; the error names a block that cannot be written.
    pub(super) fn change(&self, now: Option<&Self>) -> Result<BlockChange> {
        let none = BTreeMap::new();
        let before = now.map_or(&none, |now| &now.settings);
        let mut change = BlockChange {
            metadata: difference(&self.kind, &self.settings, before),
            ..BlockChange::default()
        };
        change.data = match (&self.content, now.map(|now| &now.content)) {
            (Content::Problem(wanted), Some(Content::Problem(now))) if same(wanted, now) => None,
            (Content::Problem(wanted), _) => Some(markup(wanted)),
            (Content::Page(wanted), Some(Content::Page(now))) if ends(wanted) == ends(now) => None,
            (Content::Page(wanted), _) => Some(wanted.clone()),
            (Content::None, None | Some(Content::None)) => None,
            (Content::Fixed(wanted), Some(Content::Fixed(now))) if same_nodes(wanted, now) => None,
            (Content::None | Content::Fixed(_), _) => {
                let why = format!("the content of a {} goes in with the whole course only", self.kind);
                return Err(cannot(&self.name, why));
            }
        };
        // Studio's simple editor would bring the old text back.
        let simple = before.get("markdown").is_some_and(|text| text != "null");
        if self.kind == "problem"
            && change.data.is_some()
            && simple
            && !self.settings.contains_key("markdown")
        {
            change.metadata.insert("markdown".into(), Value::Null);
        }
        Ok(change)
    }
}

/// The blocks that can be read; an import drops the others too (reference openedx.md 5.12).
pub(super) fn whole(unit: &Native) -> impl Iterator<Item = &Native> {
    unit.children.iter().filter(|child| child.state == State::Whole)
}

/// That a unit of these blocks can be written at all.
pub(super) fn check_new(unit: &Native) -> Result<()> {
    whole(unit).try_for_each(|child| Leaf::wanted(child).change(None).map(drop))
}

impl OpenEdx {
    /// A unit with all that is in it, the drafts. By token, since about 2021.
    pub(super) async fn unit_now(&self, unit: &BlockId) -> Result<Now> {
        let route = Route::new("/api/olx-export/v1/xblock/{block}/").id(unit);
        let request = self.studio()?.get(route).operation(OPERATION).resource(unit);
        let exported: Exported = request.send_json().await?;
        let unreadable = |id: &BlockId, why: String| {
            Error::new(ErrorKind::Protocol, why).at(Platform::OpenEdx, OPERATION).on(id)
        };
        let element = |id: &BlockId| {
            let block = exported.blocks.get(id).ok_or_else(|| unreadable(id, "not in the answer".into()))?;
            parse(&block.olx).map_err(|fault| unreadable(id, fault.what))
        };
        let root = element(&exported.root_block_id)?;
        let key = Usage::parse(unit.as_str())?.course;
        let mut blocks = Vec::new();
        for include in root.named("xblock-include") {
            let definition = include.get("definition").unwrap_or_default();
            let (kind, name) = definition
                .split_once('/')
                .ok_or_else(|| unreadable(unit, format!("no block: {definition}")))?;
            let found = element(&key.usage(kind, name).into())?;
            let settings = found.attributes.iter().cloned().collect();
            blocks.push(Leaf::of(kind, name, &found, settings, None));
        }
        Ok(Now { settings: root.attributes.iter().cloned().collect(), blocks, is_new: false })
    }

    /// Title, and types and names of the blocks, for the recordings.
    #[cfg(test)]
    pub(crate) async fn unit_in_short(
        &self,
        unit: &BlockId,
    ) -> Result<(Option<String>, Vec<(String, String)>)> {
        let Now { settings, blocks, .. } = self.unit_now(unit).await?;
        let blocks = blocks.into_iter().map(|leaf| (leaf.kind, leaf.name)).collect();
        Ok((settings.get("display_name").cloned(), blocks))
    }

    /// Sends what differs, block by block, and publishes the unit where anything did.
    pub(super) async fn write_unit(&self, unit: &BlockId, wanted: &Native, now: Now) -> Result<()> {
        let key = Usage::parse(unit.as_str())?.course;
        let Now { settings, blocks, is_new } = now;
        let leaves: Vec<Leaf> = whole(wanted).map(Leaf::wanted).collect();
        let before: Vec<BlockId> =
            blocks.iter().map(|leaf| key.usage(&leaf.kind, &leaf.name).into()).collect();
        let (partners, gone) = partners(&leaves, blocks);
        // Everything is looked at before anything is sent.
        let changes: Vec<BlockChange> = leaves
            .iter()
            .zip(&partners)
            .map(|(leaf, partner)| leaf.change(partner.as_ref()))
            .collect::<Result<_>>()?;
        let mut touched = is_new;
        let mut order = Vec::new();
        for ((leaf, partner), mut change) in leaves.iter().zip(&partners).zip(changes) {
            let block: BlockId = match partner {
                Some(partner) => key.usage(&partner.kind, &partner.name).into(),
                None => {
                    touched = true;
                    let title = leaf.settings.get("display_name").map_or("", String::as_str);
                    change.metadata.remove("display_name");
                    self.create_block(unit, &NewBlock::new(&leaf.kind, title)).await?
                }
            };
            touched |= !change.is_empty();
            self.update_block(&block, &change).await?;
            order.push(block);
        }
        for leaf in &gone {
            touched = true;
            self.delete_block(&key.usage(&leaf.kind, &leaf.name).into()).await?;
        }
        let own = own_settings(wanted);
        let mut change =
            BlockChange { metadata: difference("vertical", &own, &settings), ..BlockChange::default() };
        // New blocks stand at the end, the others where they stood.
        let kept = before.iter().filter(|block| order.contains(block));
        let made = order.iter().filter(|block| !before.contains(block));
        if kept.chain(made).ne(order.iter()) {
            change.children = Some(order);
        }
        if touched || !change.is_empty() {
            change.publish = Some(Publish::MakePublic);
            self.update_block(unit, &change).await?;
        }
        Ok(())
    }
}

/// For each wanted block the one that it is a new version of, and those that are left over.
fn partners(wanted: &[Leaf], now: Vec<Leaf>) -> (Vec<Option<Leaf>>, Vec<Leaf>) {
    let mut left: Vec<Option<Leaf>> = now.into_iter().map(Some).collect();
    let mut found: Vec<Option<Leaf>> = wanted
        .iter()
        .map(|leaf| {
            let is = |other: &Option<Leaf>| {
                other.as_ref().is_some_and(|other| other.kind == leaf.kind && other.name == leaf.name)
            };
            left.iter_mut().find(|other| is(other)).and_then(Option::take)
        })
        .collect();
    let mut rest: VecDeque<Leaf> = left.into_iter().flatten().collect();
    for (leaf, partner) in wanted.iter().zip(&mut found).filter(|(_, partner)| partner.is_none()) {
        *partner = rest.iter().position(|other| other.kind == leaf.kind).and_then(|at| rest.remove(at));
    }
    (found, rest.into())
}

/// Studio puts a line break before and behind the text of a page.
fn ends(text: &str) -> &str {
    text.trim_matches('\n')
}

fn blank(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| node.text().is_some_and(|text| text.trim().is_empty()))
}

/// Studio removes white space between elements and indents anew (seen in a real one's exports).
fn same(a: &Element, b: &Element) -> bool {
    let attributes =
        |element: &Element| -> BTreeMap<String, String> { element.attributes.iter().cloned().collect() };
    a.name == b.name && attributes(a) == attributes(b) && same_nodes(&a.children, &b.children)
}

fn same_nodes(a: &[Node], b: &[Node]) -> bool {
    let solid = |nodes: &[Node]| -> Vec<Node> {
        let blank = |node: &Node| node.text().is_some_and(|text| text.trim().is_empty());
        nodes.iter().filter(|node| !blank(node)).cloned().collect()
    };
    let (a, b) = (solid(a), solid(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| match (a, b) {
            (Node::Element(a), Node::Element(b)) => same(a, b),
            _ => match (a.text(), b.text()) {
                (Some(a), Some(b)) => a.trim() == b.trim(),
                _ => a == b,
            },
        })
}
