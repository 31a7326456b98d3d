//! Deciding what to write: the source as the target can hold it, the target as it is, and what earlier
//! runs wrote, side by side.

use std::collections::{BTreeMap, HashMap, HashSet};

use lms_core::{AssetId, AssetLink, Course};

use super::changes::{Action, Change, Changes};
use super::files::Held;
use super::fingerprint::{Hashes, of_header};
use super::leftover;
use super::matching::matched;
use super::places::{self, Entry};
use super::resume::adopt;
use super::tree::{Row, rows};
use super::{SyncOptions, Winner};
use crate::journal::record::{Key, Kind};
use crate::journal::state::{Known, State};

/// What happens to a node of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Create,
    /// Written under its id: changed, or standing elsewhere now.
    Write,
    Keep,
    /// Deleted on the target, and not written again.
    Absent,
}

/// What is to be done with one node of the adapted course.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) key: Key,
    pub(crate) fate: Fate,
    /// Its id on the target, where it is there.
    pub(crate) id: Option<String>,
    /// The node it is to stand in.
    pub(crate) under: Key,
    /// The target's id of what it stands in, where somebody moved it there on the target.
    pub(crate) parent: Option<String>,
    /// Its place there, from 1.
    pub(crate) position: u32,
    /// Whether both sides changed it and the target's change counts: that is the end of the matter.
    pub(crate) settled: bool,
}

/// A node that is to go.
#[derive(Debug, Clone)]
pub(crate) struct Removal {
    pub(crate) key: Key,
    pub(crate) id: String,
    /// Whether it goes with the node that it stands in.
    pub(crate) within: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    pub(crate) changes: Changes,
    /// One for each node of the adapted course, in its order.
    pub(crate) tasks: Vec<Task>,
    /// Parents whose children are to be put in this order after all else.
    pub(crate) orders: Vec<(Key, Vec<Entry>)>,
    pub(crate) removals: Vec<Removal>,
    /// Whether the header is written.
    pub(crate) header: bool,
    /// Whether both sides changed the header and the target's change counts.
    pub(crate) header_settled: bool,
    /// Writes of unknown fate that were made: the number, and the id on the target.
    pub(crate) adopted: Vec<(u64, String)>,
    /// Nodes that are gone from both sides.
    pub(crate) forget: Vec<Key>,
    /// Files of the source in whose place the target keeps its own, and how that is linked.
    pub(crate) theirs: BTreeMap<AssetId, AssetLink>,
}

impl Decided {
    /// Whether there is anything that the target wins, and that is not to be asked about again.
    pub(crate) fn settles(&self) -> bool {
        self.header_settled || !self.theirs.is_empty() || self.tasks.iter().any(|task| task.settled)
    }
}

/// What is known of both sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    pub(crate) adapted: &'a Course,
    /// The target as it is; `None` where the course is not there yet.
    pub(crate) there: Option<&'a Course>,
    pub(crate) state: &'a State,
    pub(crate) files: &'a Hashes,
    pub(crate) options: &'a SyncOptions,
    /// Lessons that an interrupted run has begun and placed nowhere, by the number of the write.
    pub(crate) unplaced: &'a BTreeMap<u64, String>,
    /// Steps on the target with which files of others would go, by id.
    pub(crate) held: &'a BTreeMap<String, Held>,
}

/// What the deciding works with.
pub(crate) struct Table<'a> {
    pub(crate) wants: Vec<Row<'a>>,
    pub(crate) haves: Vec<Row<'a>>,
    pub(crate) have: HashMap<Key, usize>,
    /// What stands in each node of the target, in order.
    pub(crate) children: HashMap<Key, Vec<usize>>,
    pub(crate) known: BTreeMap<Key, Known>,
    /// Nodes of the source, and their names when they were written before.
    pub(crate) pairs: HashMap<Key, Key>,
    /// Nodes of earlier runs, and their names in the source now.
    pub(crate) renamed: HashMap<Key, Key>,
    /// Nodes on the target by kind and id, and their names in the source.
    pub(crate) ours: HashMap<Key, Key>,
    pub(crate) unfinished: bool,
    pub(crate) winner: Winner,
    pub(crate) held: &'a BTreeMap<String, Held>,
}

impl<'a> Table<'a> {
    pub(crate) fn on_target(&self, kind: Kind, id: &str) -> Option<&Row<'a>> {
        self.have.get(&Key { kind, id: id.to_owned() }).and_then(|at| self.haves.get(*at))
    }

    /// What stands in a node of the target, in order.
    pub(crate) fn in_target(&self, parent: &Key) -> impl Iterator<Item = &Row<'a>> {
        let children = self.children.get(parent).into_iter().flatten();
        children.filter_map(|at| self.haves.get(*at))
    }

    /// The name in the source of what an earlier run put something under.
    fn now_called(&self, old: &Key) -> Option<Key> {
        if old.kind == Kind::Course { Some(Key::course()) } else { self.renamed.get(old).cloned() }
    }

    /// The id on the target of a node of the journal.
    pub(crate) fn id_of(&self, old: &Key) -> Option<&str> {
        if old.kind == Kind::Course { Some("") } else { self.known.get(old).map(|known| known.id.as_str()) }
    }
}

/// Decides. Writes nothing.
pub(crate) fn decide(sides: Sides<'_>) -> Decided {
    let Sides { adapted, there, state, files, options, unplaced, held } = sides;
    let mut known = state.nodes.clone();
    let header = known.remove(&Key::course());
    let wants = rows(adapted, files);
    let haves = there.map(|there| rows(there, &Hashes::new())).unwrap_or_default();
    let mut decided = Decided {
        adopted: adopt(&state.pending, unplaced, &wants, &haves, &mut known),
        ..Decided::default()
    };
    let pairs = matched(&wants, &known);
    let have = haves.iter().enumerate().map(|(at, row)| (row.key.clone(), at)).collect();
    let mut children: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, row) in haves.iter().enumerate() {
        children.entry(row.under.clone()).or_default().push(at);
    }
    let ours = pairs
        .iter()
        .filter_map(|(new, old)| Some((Key { kind: new.kind, id: known.get(old)?.id.clone() }, new.clone())))
        .collect();
    let renamed = pairs.iter().map(|(new, old)| (old.clone(), new.clone())).collect();
    let unfinished = state.is_unfinished();
    let table = Table {
        wants,
        haves,
        have,
        children,
        known,
        pairs,
        renamed,
        ours,
        unfinished,
        winner: options.conflicts,
        held,
    };

    decide_header(sides, header.as_ref(), &mut decided);
    let mut absent: HashSet<Key> = HashSet::new();
    for want in &table.wants {
        let task = decide_node(&table, want, &mut absent, &mut decided.changes);
        decided.tasks.push(task);
    }
    leftover::decide(&table, options, &mut decided);
    places::decide(&table, &mut decided);
    decided
}

fn decide_header(sides: Sides<'_>, known: Option<&Known>, decided: &mut Decided) {
    let Sides { adapted, there, files, options, .. } = sides;
    let (Some(known), Some(there)) = (known, there) else {
        decided.header = true;
        return;
    };
    let by_source = known.written != of_header(adapted, files);
    let by_target = known.seen.as_ref().is_some_and(|seen| *seen != of_header(there, &Hashes::new()));
    let change = |action, why: &str| Change {
        action,
        kind: "course",
        path: "course".into(),
        id: Some(known.id.clone()),
        why: Some(why.to_owned()),
    };
    let verdict = judge(by_source, by_target, options.conflicts);
    match verdict {
        Verdict::Same => decided.changes.unchanged += 1,
        Verdict::Write => decided.changes.changes.push(change(Action::Update, "its own settings changed")),
        Verdict::Keep => decided.changes.changes.push(change(Action::Keep, "changed on the target")),
        Verdict::Conflict => decided.changes.changes.push(change(Action::Conflict, BOTH)),
    }
    decided.header = verdict == Verdict::Write;
    decided.header_settled = verdict == Verdict::Keep && by_source;
}

pub(super) const BOTH: &str = "changed in the source and on the target";
pub(super) const DELETED_AND_CHANGED: &str = "changed in the source and deleted on the target";

/// What to do with something that either side may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Write,
    Keep,
    Conflict,
}

pub(crate) fn judge(by_source: bool, by_target: bool, winner: Winner) -> Verdict {
    match (by_source, by_target, winner) {
        (false, false, _) => Verdict::Same,
        (true, false, _) | (true, true, Winner::Source) => Verdict::Write,
        (false, true, _) | (true, true, Winner::Target) => Verdict::Keep,
        (true, true, Winner::Nobody) => Verdict::Conflict,
    }
}

pub(crate) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Course => "course",
        Kind::Section => "section",
        Kind::Lesson => "lesson",
        Kind::Step => "step",
    }
}

fn decide_node(table: &Table<'_>, want: &Row<'_>, absent: &mut HashSet<Key>, changes: &mut Changes) -> Task {
    let mut task = Task {
        key: want.key.clone(),
        fate: Fate::Keep,
        id: None,
        under: want.under.clone(),
        parent: None,
        position: want.position,
        settled: false,
    };
    let mut say = |action, id: Option<&str>, why: Option<&str>| {
        changes.changes.push(Change {
            action,
            kind: word(want.kind()),
            path: want.path.clone(),
            id: id.map(str::to_owned),
            why: why.map(str::to_owned),
        });
    };
    let lost = absent.contains(&want.under);
    let known = table.pairs.get(&want.key).and_then(|old| table.known.get(old));
    let Some(known) = known else {
        task.fate = if lost { Fate::Absent } else { Fate::Create };
        match task.fate {
            Fate::Create => say(Action::Create, None, None),
            _ => drop(absent.insert(want.key.clone())),
        }
        return task;
    };
    let edited = known.written != want.print;
    let moved = table.now_called(&known.under).as_ref() != Some(&want.under);
    let id = known.id.as_str();
    let Some(have) = table.on_target(want.kind(), id) else {
        // What this very run wrote may be too new, or too empty, to be shown.
        if known.seen.is_none() {
            task.id = Some(known.id.clone());
            if edited || moved {
                task.fate = Fate::Write;
                say(Action::Update, Some(id), None);
            } else {
                changes.unchanged += 1;
            }
            return task;
        }
        let verdict = if lost { Verdict::Keep } else { judge(edited || moved, true, table.winner) };
        match verdict {
            Verdict::Write => {
                task.fate = Fate::Create;
                say(Action::Create, None, Some("deleted on the target, and changed in the source"));
            }
            Verdict::Conflict => {
                say(Action::Conflict, Some(id), Some(DELETED_AND_CHANGED));
            }
            Verdict::Same | Verdict::Keep => {
                task.fate = Fate::Absent;
                absent.insert(want.key.clone());
                if !lost {
                    say(Action::Keep, Some(id), Some("deleted on the target"));
                }
            }
        }
        return task;
    };
    task.id = Some(known.id.clone());
    let changed_there = known.seen.as_ref().is_some_and(|seen| *seen != have.print);
    let content = judge(edited, changed_there, table.winner);
    let moved_there = known.seen.is_some() && table.id_of(&known.under) != Some(have.under.id.as_str());
    let place = match judge(moved || lost, moved_there, table.winner) {
        // Both sides put it into the same place.
        _ if moved && moved_there && table.ours.get(&have.under) == Some(&want.under) => Verdict::Same,
        Verdict::Write if lost => Verdict::Keep,
        verdict => verdict,
    };
    if place == Verdict::Keep {
        match table.ours.get(&have.under) {
            Some(under) => task.under = under.clone(),
            None => task.parent = Some(have.under.id.clone()),
        }
    }
    match (content, place) {
        (Verdict::Conflict, _) => say(Action::Conflict, Some(id), Some(BOTH)),
        (_, Verdict::Conflict) => {
            say(
                Action::Conflict,
                Some(id),
                Some("moved to different places in the source and on the target"),
            );
        }
        (Verdict::Write, Verdict::Write) => say(Action::Move, Some(id), Some("changed too")),
        (_, Verdict::Write) => say(Action::Move, Some(id), None),
        (Verdict::Write, _) => say(Action::Update, Some(id), None),
        (Verdict::Keep, _) => say(Action::Keep, Some(id), Some("changed on the target")),
        (_, Verdict::Keep) => say(Action::Keep, Some(id), Some("moved on the target")),
        (Verdict::Same, Verdict::Same) => changes.unchanged += 1,
    }
    task.settled = content == Verdict::Keep && edited;
    if content == Verdict::Write || place == Verdict::Write {
        task.fate = Fate::Write;
    }
    task
}
