//! Changing a course block by block, as Studio does: chapters and sequentials are published at once, a unit and what
//! is in it wait as drafts until they are published (reference openedx.md 3.15).

use super::{Block, Course};
use crate::openedx::keys::BlockId;
use crate::openedx::xml::Element;

/// Types without a draft.
pub(crate) fn is_direct(kind: &str) -> bool {
    matches!(kind, "course" | "chapter" | "sequential")
}

impl Course {
    /// The block as the editor shows it: the draft, where there is one.
    pub(crate) fn studio_block(&self, id: &BlockId) -> Option<&Block> {
        self.drafts.get(id).or_else(|| self.blocks.get(id)).or_else(|| self.orphans.get(id))
    }

    /// The children that the editor shows.
    pub(crate) fn studio_children(&self, id: &BlockId) -> Vec<BlockId> {
        let own = || self.studio_block(id).map(|block| block.children.clone());
        self.arranged.get(id).cloned().or_else(own).unwrap_or_default()
    }

    /// This block and everything below it, as the editor shows them.
    pub(crate) fn studio_walk(&self, from: &BlockId) -> Vec<BlockId> {
        let mut found: Vec<BlockId> = Vec::new();
        let mut stack = vec![from.clone()];
        while let Some(id) = stack.pop() {
            if self.studio_block(&id).is_some() && !found.contains(&id) {
                stack.extend(self.studio_children(&id).into_iter().rev());
                found.push(id);
            }
        }
        found
    }

    /// A new block at the end of its parent's children. The caller has checked that the parent is there.
    pub(crate) fn add_block(&mut self, parent: &BlockId, id: BlockId, display_name: Option<&str>) {
        let mut element = Element::new(&id.kind);
        if let Some(name) = display_name {
            element.set("display_name", name);
        }
        let html = (id.kind == "html").then(String::new);
        self.put_block(
            parent,
            id,
            Block { element, html, children: Vec::new(), parent: Some(parent.clone()) },
        );
    }

    /// Puts a block at the end of its parent's children.
    pub(crate) fn put_block(&mut self, parent: &BlockId, id: BlockId, block: Block) {
        let mut order = self.studio_children(parent);
        order.push(id.clone());
        if is_direct(&id.kind) {
            self.blocks.insert(id.clone(), block);
            if let Some(above) = self.blocks.get_mut(parent) {
                above.children.push(id);
            }
            if self.arranged.contains_key(parent) {
                self.arranged.insert(parent.clone(), order);
            }
        } else if is_direct(&parent.kind) {
            self.drafts.insert(id, block);
            self.arranged.insert(parent.clone(), order);
        } else {
            self.draft_of(parent);
            self.drafts.insert(id, block);
            if let Some(above) = self.drafts.get_mut(parent) {
                above.children = order;
            }
        }
    }

    /// The block for changing: the published one of types without a draft, else the draft.
    pub(crate) fn edit_block(&mut self, id: &BlockId) -> Option<&mut Block> {
        if is_direct(&id.kind) {
            return self.blocks.get_mut(id);
        }
        self.draft_of(id);
        self.drafts.get_mut(id)
    }

    /// Sets the order of children; the caller has checked that they are the same ones.
    pub(crate) fn reorder(&mut self, id: &BlockId, order: Vec<BlockId>) {
        if !is_direct(&id.kind) {
            if let Some(block) = self.edit_block(id) {
                block.children = order;
            }
            return;
        }
        let published: Vec<BlockId> =
            order.iter().filter(|child| self.blocks.contains_key(child)).cloned().collect();
        if published.len() == order.len() {
            self.arranged.remove(id);
        } else {
            self.arranged.insert(id.clone(), order);
        }
        if let Some(block) = self.blocks.get_mut(id) {
            block.children = published;
        }
    }

    /// Makes the drafts of a block, and of all below it, what learners see.
    pub(crate) fn publish(&mut self, id: &BlockId) {
        for id in self.studio_walk(id) {
            let Some(block) = self.drafts.remove(&id) else { continue };
            let before = self.blocks.get(&id).map(|block| block.children.clone()).unwrap_or_default();
            for gone in before.iter().filter(|child| !block.children.contains(child)) {
                self.forget(gone);
            }
            let above = block.parent.clone().filter(|above| is_direct(&above.kind));
            self.blocks.insert(id, block);
            if let Some(above) = above {
                let order = self.studio_children(&above);
                self.reorder(&above, order);
            }
        }
    }

    /// Throws the drafts of a block and of all below it away.
    pub(crate) fn discard(&mut self, id: &BlockId) {
        for id in self.studio_walk(id) {
            if self.blocks.contains_key(&id) {
                self.drafts.remove(&id);
            }
        }
    }

    /// Removes a block. Units and what is above them are gone for learners at once; what stands in a unit is gone
    /// when the unit is published.
    pub(crate) fn remove_block(&mut self, id: &BlockId) {
        let parent = self.studio_block(id).and_then(|block| block.parent.clone());
        let Some(parent) = parent else { return };
        let mut order = self.studio_children(&parent);
        order.retain(|child| child != id);
        if is_direct(&parent.kind) {
            self.forget(id);
            self.reorder(&parent, order);
        } else if let Some(above) = self.edit_block(&parent) {
            above.children = order;
            self.drafts.remove(id);
        }
    }

    fn forget(&mut self, id: &BlockId) {
        for id in self.studio_walk(id) {
            self.blocks.remove(&id);
            self.drafts.remove(&id);
            self.arranged.remove(&id);
        }
    }

    /// Copies the unit that holds a block into the drafts, whole.
    fn draft_of(&mut self, id: &BlockId) {
        let mut top = id.clone();
        while let Some(above) = self.studio_block(&top).and_then(|block| block.parent.clone()) {
            if is_direct(&above.kind) {
                break;
            }
            top = above;
        }
        for id in self.studio_walk(&top) {
            if let (false, Some(block)) = (self.drafts.contains_key(&id), self.blocks.get(&id)) {
                self.drafts.insert(id, block.clone());
            }
        }
    }
}
