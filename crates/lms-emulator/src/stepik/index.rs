//! Which objects point to which: the lookups that listings and rights need, so that they stay quick in a course of
//! fifty thousand steps.

use std::collections::{BTreeSet, HashMap};

use super::state::Kind;
use super::wire::{Object, int};

/// The foreign keys that are looked up backwards.
const KEYS: [(Kind, &str); 13] = [
    (Kind::Sections, "course"),
    (Kind::Units, "section"),
    (Kind::Units, "lesson"),
    (Kind::Steps, "lesson"),
    (Kind::Attempts, "step"),
    (Kind::Submissions, "attempt"),
    (Kind::Members, "group"),
    (Kind::Attachments, "course"),
    (Kind::Attachments, "lesson"),
    (Kind::Certificates, "course"),
    (Kind::Certificates, "user"),
    (Kind::Comments, "target"),
    (Kind::Comments, "parent"),
];

/// From a foreign key to the objects that hold it. Such keys change only by putting an object anew.
#[derive(Debug, Default)]
pub(crate) struct Index(HashMap<(Kind, &'static str, i64), BTreeSet<i64>>);

impl Index {
    pub(crate) fn add(&mut self, kind: Kind, id: i64, object: &Object) {
        for (_, key) in KEYS.iter().filter(|(indexed, _)| *indexed == kind) {
            if let Some(target) = int(object, key) {
                self.0.entry((kind, *key, target)).or_default().insert(id);
            }
        }
    }

    pub(crate) fn take_out(&mut self, kind: Kind, id: i64, object: &Object) {
        for (_, key) in KEYS.iter().filter(|(indexed, _)| *indexed == kind) {
            let Some(target) = int(object, key) else { continue };
            if let Some(ids) = self.0.get_mut(&(kind, *key, target)) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.0.remove(&(kind, *key, target));
                }
            }
        }
    }

    /// The ids of the objects whose `key` holds `target`, ascending; `None` when that key is not looked after.
    pub(crate) fn find(&self, kind: Kind, key: &str, target: i64) -> Option<Vec<i64>> {
        let (_, key) = KEYS.iter().find(|(indexed, name)| *indexed == kind && *name == key)?;
        Some(self.0.get(&(kind, *key, target)).map(|ids| ids.iter().copied().collect()).unwrap_or_default())
    }
}
