//! Deciding about what is on the target and not, or no longer, in the source.

use std::collections::HashSet;

use super::changes::{Action, Change};
use super::decide::{Decided, Fate, Removal, Table, Verdict, judge, word};
use super::{SyncOptions, Winner};
use crate::journal::record::Key;

/// Removes what earlier runs wrote and the source no longer has, if that is wanted; says what stays.
pub(crate) fn decide(table: &Table<'_>, options: &SyncOptions, decided: &mut Decided) {
    let matched: HashSet<&Key> = table.pairs.values().collect();
    let mut gone: Vec<(&Key, &str)> = Vec::new();
    for (old, known) in table.known.iter().filter(|(old, _)| !matched.contains(old)) {
        match table.on_target(old.kind, &known.id) {
            Some(_) => gone.push((old, &known.id)),
            None => decided.forget.push(old.clone()),
        }
    }
    let going: HashSet<Key> =
        gone.iter().map(|(old, id)| Key { kind: old.kind, id: (*id).to_owned() }).collect();
    let known: HashSet<Key> =
        table.known.iter().map(|(old, known)| Key { kind: old.kind, id: known.id.clone() }).collect();
    let leaving: HashSet<&str> = decided
        .tasks
        .iter()
        .filter(|task| task.fate == Fate::Write && task.parent.is_none())
        .filter_map(|task| task.id.as_deref())
        .collect();

    for row in &table.haves {
        let change = |action, why: &str| Change {
            action,
            kind: word(row.kind()),
            path: row.path.clone(),
            id: Some(row.key.id.clone()),
            why: Some(why.to_owned()),
        };
        let within = going.contains(&row.under);
        if !known.contains(&row.key) {
            // What is in something strange is said with it.
            if known.contains(&row.under) || row.under == Key::course() {
                decided.changes.changes.push(change(Action::Keep, "only on the target"));
            }
            continue;
        }
        if !going.contains(&row.key) {
            continue;
        }
        let Some((old, _)) = gone.iter().find(|(old, id)| old.kind == row.kind() && *id == row.key.id) else {
            continue;
        };
        if !options.delete {
            if !within {
                decided.changes.changes.push(change(Action::Leave, "no longer in the source"));
            }
            continue;
        }
        let seen = table.known.get(*old).and_then(|known| known.seen.as_ref());
        let changed = seen.is_some_and(|seen| *seen != row.print);
        let strange = table.haves.iter().any(|child| {
            child.under == row.key && !going.contains(&child.key) && !leaving.contains(child.key.id.as_str())
        });
        let verdict = judge(true, changed || strange, options.conflicts);
        match verdict {
            Verdict::Conflict if strange => decided.changes.changes.push(change(
                Action::Conflict,
                "no longer in the source, and it holds what only the target has",
            )),
            Verdict::Conflict => decided
                .changes
                .changes
                .push(change(Action::Conflict, "no longer in the source, and changed on the target")),
            Verdict::Keep | Verdict::Same => {
                decided.changes.changes.push(change(Action::Leave, "changed on the target"));
            }
            // Whoever wins, what the source never had is not deleted.
            Verdict::Write if strange && options.conflicts == Winner::Source => {
                decided.changes.changes.push(change(Action::Leave, "it holds what only the target has"));
            }
            Verdict::Write => {
                decided.changes.changes.push(change(Action::Delete, "no longer in the source"));
                let removal = Removal { key: (*old).clone(), id: row.key.id.clone(), within };
                decided.removals.push(removal);
            }
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
