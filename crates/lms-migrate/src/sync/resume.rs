//! Finding out what became of writes whose outcome was lost: the target is looked at before anything is
//! written again.

use std::collections::{BTreeMap, HashSet};

use super::tree::Row;
use crate::journal::record::{Key, Kind, Node, Write};
use crate::journal::state::Known;

/// Takes up what is there already: under the known parent, of no earlier run, and reading as it was to be
/// written; for sections and lessons, whose children may be missing yet, the title is enough. Answers
/// which writes were found made, and under which ids.
pub(crate) fn adopt(
    pending: &BTreeMap<u64, Write>,
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
                }
            }
            Write::Update { node, id } => updated(node, id, wants, haves, known),
            _ => {}
        }
    }
    adopted
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
    // What is not as it was to be is written once more, under its id.
    let written = if alike.is_some() { node.written.clone() } else { String::new() };
    let id = found.key.id.clone();
    let entry =
        Known { id: id.clone(), under: node.under.clone(), position: node.position, written, seen: None };
    known.insert(node.key.clone(), entry);
    Some(id)
}

/// A write under an id may be repeated. Where it was made, what is there is no change of somebody else's.
fn updated(node: &Node, id: &str, wants: &[Row<'_>], haves: &[Row<'_>], known: &mut BTreeMap<Key, Known>) {
    let want = wants.iter().find(|want| want.key == node.key);
    let have = haves.iter().find(|row| row.kind() == node.key.kind && row.key.id == id);
    let made = matches!((want, have), (Some(want), Some(have)) if want.reads_like(have));
    if made && let Some(known) = known.values_mut().find(|known| known.id == id) {
        known.seen = None;
    }
}
