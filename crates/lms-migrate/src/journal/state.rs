//! What a journal says, taken together.

use std::collections::BTreeMap;

use lms_core::{AssetId, AssetLink, CourseId};

use super::record::{Key, Node, Outcome, Record, Write};

/// A node that is on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its id there.
    pub(crate) id: String,
    pub(crate) under: Key,
    pub(crate) position: u32,
    pub(crate) written: String,
    /// The fingerprint of what was read back after it was written; `None` until then.
    pub(crate) seen: Option<String>,
}

/// A file that is on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownAsset {
    pub(crate) link: AssetLink,
    pub(crate) sha256: String,
}

/// What a journal says.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) course: Option<CourseId>,
    pub(crate) nodes: BTreeMap<Key, Known>,
    pub(crate) assets: BTreeMap<AssetId, KnownAsset>,
    /// Writes whose fate is not known.
    pub(crate) pending: BTreeMap<u64, Write>,
    /// The number of the next write.
    pub(crate) next: u64,
    /// When the last run began, and whether it is over.
    pub(crate) begun: Option<String>,
    pub(crate) ended: bool,
    /// Whether any run came to its end since the course was begun.
    pub(crate) complete: bool,
    /// Whether the last run wrote over what was there.
    pub(crate) replace: bool,
    /// What was on the target before a staged run, until it is finished.
    before: Option<Box<Before>>,
}

type Before = (BTreeMap<Key, Known>, BTreeMap<AssetId, KnownAsset>);

impl State {
    /// Whether a run began and did not come to its end.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.begun.is_some() && !self.ended
    }

    /// Whether nothing is known to be on the target, and nothing may be.
    pub(crate) fn is_blank(&self) -> bool {
        self.course.is_none() && self.nodes.is_empty() && self.assets.is_empty() && self.pending.is_empty()
    }

    /// Takes one more line in. What a staged run wrote counts once it is finished.
    pub(crate) fn take(&mut self, record: Record) {
        match record {
            Record::Begin { at, fresh, staged, replace, .. } => {
                if fresh {
                    *self = Self { next: self.next, ..Self::default() };
                }
                self.roll_back();
                if staged {
                    self.before = Some(Box::new((self.nodes.clone(), self.assets.clone())));
                }
                (self.begun, self.ended, self.replace) = (Some(at), false, replace);
            }
            Record::Intent { n, write } => {
                self.next = self.next.max(n + 1);
                self.pending.insert(n, write);
            }
            Record::Done { n, outcome } => {
                if let Some(write) = self.pending.remove(&n) {
                    self.done(write, outcome);
                }
            }
            Record::Refused { n, .. } => {
                self.pending.remove(&n);
            }
            Record::Seen { node, id, seen } => self.put(node, id, Some(seen)),
            Record::Forgotten { key } => {
                self.nodes.remove(&key);
            }
            Record::End { .. } => {
                self.pending.clear();
                (self.ended, self.complete) = (true, true);
            }
        }
    }

    /// Forgets what a staged run wrote that never was finished.
    pub(crate) fn roll_back(&mut self) {
        if let Some(before) = self.before.take() {
            (self.nodes, self.assets) = *before;
            self.pending.retain(|_, write| matches!(write, Write::Course { .. } | Write::Finish { .. }));
        }
    }

    fn done(&mut self, write: Write, outcome: Outcome) {
        match (write, outcome) {
            (Write::Course { .. }, Outcome { id: Some(id), .. }) => self.course = Some(id.into()),
            (Write::Asset { asset, .. }, Outcome { link: Some(link), sha256: Some(sha256), .. }) => {
                self.assets.insert(asset, KnownAsset { link, sha256 });
            }
            (Write::Create { node, .. }, Outcome { id: Some(id), .. }) => self.insert(node, id, None),
            (Write::Update { node, id }, _) => self.put(node, id, None),
            (Write::Delete { key, .. }, _) => {
                self.nodes.remove(&key);
            }
            (Write::Finish { header }, _) => {
                self.before = None;
                if let (Some(written), Some(course)) = (header, &self.course) {
                    let node = Node { key: Key::course(), under: Key::course(), position: 0, written };
                    self.put(node, course.to_string(), None);
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, node: Node, id: String, seen: Option<String>) {
        if self.nodes.get(&node.key).is_none_or(|known| known.id != id) {
            // It had another name in the source before.
            self.nodes.retain(|other, known| other.kind != node.key.kind || known.id != id);
        }
        self.insert(node, id, seen);
    }

    fn insert(&mut self, node: Node, id: String, seen: Option<String>) {
        let Node { key, under, position, written } = node;
        self.nodes.insert(key, Known { id, under, position, written, seen });
    }
}
