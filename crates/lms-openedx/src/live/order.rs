//! Where nodes stand: asked once for a course, then kept up with what is written.

use std::collections::{HashMap, HashSet};

use lms_core::{BlockId, CourseId, Error, ErrorKind, Platform, Result};

use super::OPERATION;
use super::outline::{Node, outline};
use crate::OpenEdx;
use crate::keys::Usage;
use crate::outline::{BlocksFor, Depth, OutlineQuery};
use crate::provider::Way;
use crate::studio::blocks::BlockChange;

/// The children of courses, chapters and sequentials, by course; and those of them that were never published.
#[derive(Debug, Default)]
pub(crate) struct Orders(HashMap<CourseId, HashMap<BlockId, Vec<BlockId>>>, HashSet<BlockId>);

impl Orders {
    /// A block was deleted.
    pub(crate) fn gone(&mut self, course: &CourseId, block: &BlockId) {
        let Some(order) = self.0.get_mut(course) else { return };
        order.remove(block);
        order.values_mut().for_each(|children| children.retain(|child| child != block));
    }

    /// Forgets a course.
    pub(crate) fn forget(&mut self, course: &CourseId) {
        self.0.remove(course);
    }
}

impl Node {
    fn gather(self, order: &mut HashMap<BlockId, Vec<BlockId>>, unpublished: &mut HashSet<BlockId>) {
        if self.published == Some(false) {
            unpublished.insert(self.id.clone());
        }
        let children = self.child_info.map(|info| info.children).unwrap_or_default();
        order.insert(self.id, children.iter().map(|child| child.id.clone()).collect());
        children.into_iter().for_each(|child| child.gather(order, unpublished));
    }
}

impl OpenEdx {
    /// The children of a node, in order; `None` for a node that is not in the course.
    async fn children_of(&self, parent: &BlockId) -> Result<Option<Vec<BlockId>>> {
        let key = Usage::parse(parent.as_str())?.course;
        let course = key.id();
        let mut orders = self.inner().orders.lock().await;
        if !orders.0.contains_key(&course) {
            let mut order = HashMap::new();
            let root = Self::course_block(&course)?;
            match self.studio_way(OPERATION)? {
                Way::Session(studio) => {
                    outline(studio, &root, &course).await?.gather(&mut order, &mut orders.1);
                }
                Way::Token(_) => {
                    let query = OutlineQuery {
                        viewer: BlocksFor::Everything,
                        depth: Depth::Levels(3),
                        ..OutlineQuery::default()
                    };
                    let outline = self.outline(&course, &query).await?;
                    order.extend(outline.blocks.into_iter().map(|(id, block)| (id, block.children)));
                }
            }
            orders.0.insert(course.clone(), order);
        }
        Ok(orders.0.get(&course).and_then(|order| order.get(parent)).cloned())
    }

    /// What a node that is to be changed stands in: `parent`, or something else of the course.
    pub(super) async fn stands_in(&self, parent: &BlockId, block: &BlockId) -> Result<BlockId> {
        if self.children_of(parent).await?.is_some_and(|children| children.contains(block)) {
            return Ok(parent.clone());
        }
        let course = Usage::parse(parent.as_str())?.course.id();
        let orders = self.inner().orders.lock().await;
        let elsewhere = orders.0.get(&course).and_then(|order| {
            order.iter().find(|(_, children)| children.contains(block)).map(|(parent, _)| parent.clone())
        });
        elsewhere.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the course has no such node")
                .at(Platform::OpenEdx, OPERATION)
                .on(block)
        })
    }

    /// Moves a node from one parent to another, to its place there, counted from 1.
    pub(super) async fn bring(
        &self,
        from: &BlockId,
        to: &BlockId,
        block: &BlockId,
        place: u32,
    ) -> Result<()> {
        let _alone = self.inner().arranging.lock().await;
        let at = place.saturating_sub(1);
        self.move_block(block, to, Some(at)).await?;
        let mut orders = self.inner().orders.lock().await;
        if let Some(order) = orders.0.get_mut(&Usage::parse(to.as_str())?.course.id()) {
            order.entry(from.clone()).or_default().retain(|child| child != block);
            let children = order.entry(to.clone()).or_default();
            let at = usize::try_from(at).unwrap_or(usize::MAX).min(children.len());
            children.insert(at, block.clone());
        }
        Ok(())
    }

    /// A node was made, the last in its parent; who asked for the order meanwhile may have seen it already.
    pub(super) async fn added(&self, parent: &BlockId, block: &BlockId) {
        let Ok(key) = Usage::parse(parent.as_str()) else { return };
        let mut orders = self.inner().orders.lock().await;
        if let Some(order) = orders.0.get_mut(&key.course.id()) {
            let children = order.entry(parent.clone()).or_default();
            if !children.contains(block) {
                children.push(block.clone());
            }
            order.entry(block.clone()).or_default();
        }
    }

    /// Moves a node to its place among its siblings, counted from 1; nothing is sent where it stands there.
    pub(super) async fn put_in_place(&self, parent: &BlockId, block: &BlockId, position: u32) -> Result<()> {
        let _alone = self.inner().arranging.lock().await;
        let Some(now) = self.children_of(parent).await? else { return Ok(()) };
        let mut order: Vec<BlockId> = now.iter().filter(|child| *child != block).cloned().collect();
        let at = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX).min(order.len());
        order.insert(at, block.clone());
        self.put_in_order(parent, order).await
    }

    /// Puts the children that learners see in an order; others stay behind those that they stand behind.
    pub(super) async fn put_in_visible_order(&self, parent: &BlockId, order: Vec<BlockId>) -> Result<()> {
        let _alone = self.inner().arranging.lock().await;
        let now = self.children_of(parent).await?.unwrap_or_default();
        let hidden: Vec<bool> = {
            let orders = self.inner().orders.lock().await;
            now.iter().map(|child| !order.contains(child) && orders.1.contains(child)).collect()
        };
        let mut whole = order;
        for (at, child) in now.iter().enumerate().filter(|(at, _)| hidden.get(*at) == Some(&true)) {
            let before = at.checked_sub(1).and_then(|at| now.get(at));
            let behind = before.and_then(|before| whole.iter().position(|child| child == before));
            whole.insert(behind.map_or(0, |at| at + 1), child.clone());
        }
        self.put_in_order(parent, whole).await
    }

    /// Puts children in an order; nothing is sent where they stand so. The caller is the only one that arranges.
    async fn put_in_order(&self, parent: &BlockId, order: Vec<BlockId>) -> Result<()> {
        if self.children_of(parent).await?.is_some_and(|now| now == order) {
            return Ok(());
        }
        let change = BlockChange { children: Some(order.clone()), ..BlockChange::default() };
        let course = Usage::parse(parent.as_str())?.course.id();
        let moved = self.update_block(parent, &change).await;
        let mut orders = self.inner().orders.lock().await;
        match moved {
            Ok(()) => {
                if let Some(known) = orders.0.get_mut(&course) {
                    known.insert(parent.clone(), order);
                }
                Ok(())
            }
            // Somebody else has changed the course since it was read.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                orders.forget(&course);

                let changed =
                    Error::new(ErrorKind::Conflict, "the course has changed since its order was read");
                Err(changed.at(Platform::OpenEdx, OPERATION).on(parent).with_source(error))
            }
            Err(error) => Err(error),
        }
    }
}
