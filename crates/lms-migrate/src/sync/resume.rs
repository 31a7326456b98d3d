//! Finding out what became of writes whose outcome was lost: the target is looked at before anything is
//! written again.

use std::collections::{BTreeMap, HashSet};

use super::tree::Row;
use crate::journal::record::{Key, Kind, Node, Record, Write};
use crate::journal::state::{Known, State, make_room};

/// Takes up what is there already: under the known parent, of no earlier run, and reading as it was to be
/// written; for sections and lessons, whose children may be missing yet, the title is enough. Answers
/// which writes were found made, and under which ids. `unplaced` are lessons that were begun and stand
/// nowhere yet, by the number of the write.
pub(crate) fn adopt(
    pending: &BTreeMap<u64, Write>,
    unplaced: &BTreeMap<u64, String>,
    wants: &[Row<'_>],
    haves: &[Row<'_>],
    known: &mut BTreeMap<Key, Known>,
) -> Vec<(u64, String)> {
    let mut adopted = Vec::new();
    for (n, write) in pending {
        match write {
            Write::Create { node, title } => {
                if let Some(id) = created(node, title, wants, haves, known) {
                    adopted.push((*n, id));
                } else if let Some(id) = unplaced.get(n) {
                    known.insert(node.key.clone(), half_done(node, id.clone()));
                }
            }
            Write::Update { node, id } => updated(node, id, wants, haves, known),
            Write::Delete { key, .. } => deleted(key, haves, known),
            _ => {}
        }
    }
    adopted
}

/// What was to go, with all that is in it, may be half gone: out of its place, and without what it had there. That is no
/// change of somebody else's.
fn deleted(key: &Key, haves: &[Row<'_>], known: &mut BTreeMap<Key, Known>) {
    let within: Vec<Key> =
        known.keys().filter(|other| *other == key || stands_in(other, key, known)).cloned().collect();
    for key in within {
        let Some(node) = known.get(&key) else { continue };
        let parent = known.get(&node.under).map_or("", |parent| parent.id.as_str());
        let have = haves.iter().find(|row| row.kind() == key.kind && row.key.id == node.id);
        let is_out = have.is_some_and(|row| row.under.id != parent);
        if let Some(node) = known.get_mut(&key).filter(|_| is_out) {
            node.seen = None;
        }
    }
}

/// Whether an earlier run put a node into another, at whatever depth.
fn stands_in(node: &Key, other: &Key, known: &BTreeMap<Key, Known>) -> bool {
    let parents = std::iter::successors(known.get(node), |node| known.get(&node.under));
    parents.take_while(|node| node.under.kind != Kind::Course).any(|node| node.under == *other)
}

/// Where a finish has no outcome, all that was staged is on the target, or nothing of it: what reads as it was to be
/// written, and stands where it was to stand, was written, and is no change of somebody else's. Answers what the journal
/// is to say of it.
pub(crate) fn adopt_staged(
    state: &State,
    wants: &[Row<'_>],
    haves: &[Row<'_>],
    known: &mut BTreeMap<Key, Known>,
) -> Vec<Record> {
    let mut found = Vec::new();
    for (key, staged) in state.staged.iter().filter(|(_, staged)| staged.seen.is_none()) {
        let want = wants.iter().find(|want| want.key == *key);
        let parent = match staged.under.kind {
            Kind::Course => Some(""),
            _ => state.staged.get(&staged.under).map(|parent| parent.id.as_str()),
        };
        let have = haves.iter().find(|row| row.kind() == key.kind && row.key.id == staged.id);
        let have = have.filter(|row| Some(row.under.id.as_str()) == parent);
        if let (Some(want), Some(have)) = (want, have)
            && want.reads_like(have)
        {
            let Known { id, under, position, written, .. } = staged.clone();
            make_room(known, key, &id);
            let seen = Some(have.print.clone());
            known.insert(key.clone(), Known { seen, ..staged.clone() });
            let node = Node { key: key.clone(), under, position, written };
            found.push(Record::Seen { node, id, seen: have.print.clone() });
        }
    }
    found
}

fn created(
    node: &Node,
    title: &str,
    wants: &[Row<'_>],
    haves: &[Row<'_>],
    known: &mut BTreeMap<Key, Known>,
) -> Option<String> {
    let parent = match node.under.kind {
        Kind::Course => Key::course(),
        kind => Key { kind, id: known.get(&node.under)?.id.clone() },
    };
    let taken: HashSet<(Kind, &str)> =
        known.iter().map(|(key, known)| (key.kind, known.id.as_str())).collect();
    let mut free: Vec<&Row<'_>> = haves
        .iter()
        .filter(|row| row.kind() == node.key.kind && row.under == parent)
        .filter(|row| !taken.contains(&(row.kind(), row.key.id.as_str())))
        .collect();
    free.sort_by_key(|row| row.position.abs_diff(node.position));
    let want = wants.iter().find(|want| want.key == node.key);
    let alike = free.iter().find(|row| want.is_some_and(|want| want.reads_like(row)));
    let found =
        alike.or_else(|| free.iter().find(|row| node.key.kind != Kind::Step && row.title() == title))?;
    let id = found.key.id.clone();
    let mut entry = half_done(node, id.clone());
    if alike.is_some() {
        entry.written.clone_from(&node.written);
    }
    known.insert(node.key.clone(), entry);
    Some(id)
}

/// What is not as it was to be is written once more, under its id.
fn half_done(node: &Node, id: String) -> Known {
    let (under, position) = (node.under.clone(), node.position);
    Known { id, under, position, written: String::new(), seen: None }
}

/// A write under an id may be repeated. Where it was made, what is there is no change of somebody else's.
fn updated(node: &Node, id: &str, wants: &[Row<'_>], haves: &[Row<'_>], known: &mut BTreeMap<Key, Known>) {
    let want = wants.iter().find(|want| want.key == node.key);
    let have = haves.iter().find(|row| row.kind() == node.key.kind && row.key.id == id);
    // What was on its way from one place to another may be shown in neither.
    let is_moved = known.values().any(|known| known.id == id && known.under != node.under);
    let made = match (want, have) {
        (Some(want), Some(have)) => want.reads_like(have),
        (Some(_), None) => is_moved,
        (None, _) => false,
    };
    if made && let Some(known) = known.values_mut().find(|known| known.id == id) {
        known.seen = None;
    }
}
