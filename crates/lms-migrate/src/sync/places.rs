//! Deciding the order of children.

use std::collections::{HashMap, HashSet};

use super::changes::{Action, Change};
use super::decide::{Decided, Fate, Table, Verdict, judge, word};
use super::sequence::{common, merged};
use crate::journal::record::{Key, Kind};

/// A child of a node on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A node of the source.
    Ours(Key),
    /// One that only the target has, by its id.
    Theirs(String),
}

/// Gives every node its place, and finds the parents whose children have to be put in order.
pub(crate) fn decide(table: &Table<'_>, decided: &mut Decided) {
    let at: HashMap<Key, usize> =
        decided.tasks.iter().enumerate().map(|(at, task)| (task.key.clone(), at)).collect();
    let mut children: HashMap<&Key, Vec<Entry>> = HashMap::new();
    for task in &decided.tasks {
        if task.fate != Fate::Absent && task.parent.is_none() {
            children.entry(&task.under).or_default().push(Entry::Ours(task.key.clone()));
        }
    }
    let mut parents: Vec<Key> = vec![Key::course()];
    let holds = |kind| matches!(kind, Kind::Section | Kind::Lesson);
    parents.extend(decided.tasks.iter().filter(|t| holds(t.key.kind)).map(|task| task.key.clone()));

    let (mut positions, mut orders, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for parent in &parents {
        let ours = children.get(parent).cloned().unwrap_or_default();
        let task = at.get(parent).and_then(|at| decided.tasks.get(*at));
        let there = match task {
            None => Some(""),
            Some(task) if task.fate == Fate::Create => None,
            Some(task) => task.id.as_deref(),
        };
        let sequence = match there {
            None => ours,
            Some(id) => {
                let placed = place(table, decided, &at, parent, id, &ours);
                if let Some(change) = placed.change {
                    said.push(change);
                }
                if placed.arrange {
                    orders.push((parent.clone(), placed.sequence.clone()));
                }
                placed.sequence
            }
        };
        for (position, entry) in (1..).zip(sequence) {
            if let Entry::Ours(key) = entry {
                positions.push((key, position));
            }
        }
    }
    for (key, position) in positions {
        if let Some(task) = at.get(&key).and_then(|at| decided.tasks.get_mut(*at)) {
            task.position = position;
        }
    }
    decided.orders = orders;
    decided.changes.changes.extend(said);
}

struct Placed {
    sequence: Vec<Entry>,
    /// Whether writing alone would leave another order.
    arrange: bool,
    change: Option<Change>,
}

fn place(
    table: &Table<'_>,
    decided: &Decided,
    at: &HashMap<Key, usize>,
    parent: &Key,
    id: &str,
    ours: &[Entry],
) -> Placed {
    let task_of = |key: &Key| at.get(key).and_then(|at| decided.tasks.get(*at));
    let known_of = |key: &Key| table.pairs.get(key).and_then(|old| table.known.get(old));
    let parent_there = match parent.kind {
        Kind::Course => Key::course(),
        kind => Key { kind, id: id.to_owned() },
    };
    let mut now: Vec<Entry> = table
        .in_target(&parent_there)
        .filter(|row| !decided.removals.iter().any(|r| r.key.kind == row.kind() && r.id == row.key.id))
        .map(|row| match table.ours.get(&row.key) {
            Some(key) => Entry::Ours(key.clone()),
            None => Entry::Theirs(row.key.id.clone()),
        })
        .collect();
    // What this run wrote and the target does not show yet stands where it was put.
    let shown: HashSet<Key> = now.iter().filter_map(Entry::key).cloned().collect();
    let mut hidden: Vec<(u32, Entry)> = ours
        .iter()
        .filter_map(|entry| {
            let key = entry.key()?;
            let task = task_of(key)?;
            let known = known_of(key)?;
            let here = task.fate != Fate::Create && table.on_target(key.kind, &known.id).is_none();
            (here && !shown.contains(key)).then(|| (known.position, entry.clone()))
        })
        .collect();
    hidden.sort_by_key(|(position, _)| *position);
    now.extend(hidden.into_iter().map(|(_, entry)| entry));
    // What goes elsewhere is no longer here.
    now.retain(|entry| matches!(entry, Entry::Theirs(_)) || ours.contains(entry));

    let kept = common(ours, &now);
    let mut before: Vec<(u32, Entry)> =
        kept.iter().filter_map(|entry| Some((known_of(entry.key()?)?.position, entry.clone()))).collect();
    before.sort_by_key(|(position, _)| *position);
    let before: Vec<Entry> = before.into_iter().map(|(_, entry)| entry).collect();
    let there = common(&now, &kept);
    let by_source = kept != before;
    let by_target = !table.unfinished && there != before && there != kept;
    let verdict = judge(by_source, by_target, table.winner);
    let base = match verdict {
        Verdict::Keep => merged(&there, ours),
        _ => ours.to_vec(),
    };
    let sequence = merged(&base, &now);
    let staying = common(&sequence, &now);
    // What is removed after the others were placed has moved them.
    let removed = decided
        .removals
        .iter()
        .any(|r| table.on_target(r.key.kind, &r.id).is_some_and(|row| row.under == parent_there));
    let arrange = staying != now || sequence != now && (removed || !sequence.starts_with(&now));
    let say = |action, why: &str| {
        let row = table.wants.iter().find(|want| want.key == *parent);
        Some(Change {
            action,
            kind: word(parent.kind),
            path: row.map_or_else(|| "course".to_owned(), |row| row.path.clone()),
            id: (!id.is_empty()).then(|| id.to_owned()),
            why: Some(why.to_owned()),
        })
    };
    let change = match verdict {
        Verdict::Conflict => say(Action::Conflict, "ordered differently in the source and on the target"),
        Verdict::Keep => say(Action::Keep, "ordered otherwise on the target"),
        _ if staying != now => say(Action::Order, "what is in it stands in another order"),
        _ => None,
    };
    Placed { sequence, arrange, change }
}

impl Entry {
    pub(crate) fn key(&self) -> Option<&Key> {
        match self {
            Self::Ours(key) => Some(key),
            Self::Theirs(_) => None,
        }
    }
}
