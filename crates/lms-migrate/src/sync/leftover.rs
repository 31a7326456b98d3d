//! Deciding about what is on the target and not, or no longer, in the source.

use std::collections::{HashMap, HashSet};

use super::SyncOptions;
use super::changes::{Action, Change};
use super::decide::{Decided, Fate, Removal, Table, Verdict, judge, word};
use super::files::Held;
use super::tree::Row;
use crate::journal::record::{Key, Kind};

/// Removes what earlier runs wrote and the source no longer has, if that is wanted; says what stays.
pub(crate) fn decide(table: &Table<'_>, options: &SyncOptions, decided: &mut Decided) {
    let matched: HashSet<&Key> = table.pairs.values().collect();
    // By what they are on the target: their names when they were written.
    let mut gone: HashMap<Key, &Key> = HashMap::new();
    for (old, known) in table.known.iter().filter(|(old, _)| !matched.contains(old)) {
        match table.on_target(old.kind, &known.id) {
            Some(row) => drop(gone.insert(row.key.clone(), old)),
            None => decided.forget.push(old.clone()),
        }
    }
    let known: HashSet<Key> =
        table.known.iter().map(|(old, known)| Key { kind: old.kind, id: known.id.clone() }).collect();
    let leaving: HashSet<&str> = decided
        .tasks
        .iter()
        .filter(|task| task.fate == Fate::Write && task.parent.is_none())
        .filter_map(|task| task.id.as_deref())
        .collect();

    let mut fates: HashMap<&Key, (Action, &str)> = HashMap::new();
    // From the inside out: what stays in a node keeps the node.
    for row in table.haves.iter().rev().filter(|row| options.delete && gone.contains_key(&row.key)) {
        let stays = |child: &Row<'_>| match fates.get(&child.key) {
            Some((action, _)) => *action == Action::Leave,
            None => !gone.contains_key(&child.key) && !leaving.contains(child.key.id.as_str()),
        };
        let held = table.held.get(&row.key.id).filter(|_| row.kind() == Kind::Step);
        let strange = table.in_target(&row.key).any(stays) || held == Some(&Held::Own);
        let seen = gone.get(&row.key).and_then(|old| table.known.get(*old)?.seen.as_ref());
        let changed = seen.is_some_and(|seen| *seen != row.print) || held == Some(&Held::Changed);
        let fate = match judge(true, changed || strange, options.conflicts) {
            Verdict::Conflict if strange => {
                (Action::Conflict, "no longer in the source, and it holds what only the target has")
            }
            Verdict::Conflict => (Action::Conflict, "no longer in the source, and changed on the target"),
            Verdict::Keep | Verdict::Same => (Action::Leave, "changed on the target"),
            // Whoever wins, what the source never had is not deleted.
            Verdict::Write if strange => (Action::Leave, "it holds what only the target has"),
            Verdict::Write => (Action::Delete, "no longer in the source"),
        };
        fates.insert(&row.key, fate);
    }

    for row in &table.haves {
        let change = |action, why: &str| Change {
            action,
            kind: word(row.kind()),
            path: row.path.clone(),
            id: Some(row.key.id.clone()),
            why: Some(why.to_owned()),
        };
        let within = gone.contains_key(&row.under);
        if !known.contains(&row.key) {
            // What is in something strange is said with it.
            if known.contains(&row.under) || row.under == Key::course() {
                decided.changes.changes.push(change(Action::Keep, "only on the target"));
            }
            continue;
        }
        let Some(old) = gone.get(&row.key) else { continue };
        match fates.get(&row.key) {
            Some((action, why)) => {
                decided.changes.changes.push(change(*action, why));
                if *action == Action::Delete {
                    decided.removals.push(Removal { key: (*old).clone(), id: row.key.id.clone(), within });
                }
            }
            None if within => {}
            None => decided.changes.changes.push(change(Action::Leave, "no longer in the source")),
        }
    }
    // What is left for the sake of something in it is not removed with what it stands in either.
    let removed: HashSet<Key> =
        decided.removals.iter().map(|r| Key { kind: r.key.kind, id: r.id.clone() }).collect();
    for removal in &mut decided.removals {
        let row = table.on_target(removal.key.kind, &removal.id);
        removal.within = row.is_some_and(|row| removed.contains(&row.under));
    }
}
