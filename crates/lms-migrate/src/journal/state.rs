//! What a journal says, taken together.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{AssetId, AssetLink, CourseId, StepId};

use super::record::{Key, Kind, Node, Outcome, Record, Write};

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
    /// Of what the source had: of what was written, or was left unwritten for the target's own.
    pub(crate) sha256: String,
}

/// What a journal says.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) course: Option<CourseId>,
    pub(crate) nodes: BTreeMap<Key, Known>,
    pub(crate) assets: BTreeMap<AssetId, KnownAsset>,
    /// Steps that were removed, by their ids there.
    pub(crate) removed: BTreeSet<StepId>,
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
            Record::Left { asset, link, sha256 } => {
                self.assets.insert(asset, KnownAsset { link, sha256 });
            }
            Record::Forgotten { key } => {
                self.nodes.remove(&key);
            }
            Record::End { .. } => {
                self.pending.clear();
                self.before = None;
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
            (Write::Delete { key, id }, _) => {
                if key.kind == Kind::Step {
                    self.removed.insert(id.into());
                }
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
        self.removed.remove(&StepId::from(id.as_str()));
        self.nodes.insert(key, Known { id, under, position, written, seen });
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Kind;
    use super::*;

    fn key(kind: Kind, id: &str) -> Key {
        Key { kind, id: id.into() }
    }

    fn node(id: &str) -> Node {
        let (key, under) = (key(Kind::Step, id), key(Kind::Lesson, "l"));
        Node { key, under, position: 1, written: format!("print of {id}") }
    }

    fn begin(fresh: bool, staged: bool) -> Record {
        let text = String::new;
        let (format, at) = (super::super::record::FORMAT, text());
        Record::Begin {
            format,
            at,
            tool: text(),
            source: text(),
            target: text(),
            fresh,
            staged,
            replace: false,
        }
    }

    fn create(n: u64, id: &str) -> Record {
        Record::Intent { n, write: Write::Create { node: node(id), title: String::new() } }
    }

    fn done(n: u64, id: &str) -> Record {
        Record::Done { n, outcome: Outcome { id: Some(id.into()), ..Outcome::default() } }
    }

    fn seen(id: &str, on_target: &str) -> Record {
        Record::Seen { node: node(id), id: on_target.into(), seen: "as it was read".into() }
    }

    fn taken(records: Vec<Record>) -> State {
        let mut state = State::default();
        records.into_iter().for_each(|record| state.take(record));
        state
    }

    fn known(state: &State) -> Vec<(&str, &str, bool)> {
        let nodes = state.nodes.iter();
        nodes.map(|(key, known)| (key.id.as_str(), known.id.as_str(), known.seen.is_some())).collect()
    }

    #[test]
    fn what_was_done_counts_and_what_was_refused_or_has_no_outcome_does_not() {
        let refused = Record::Refused { n: 2, why: String::new() };
        let state = taken(vec![
            begin(true, false),
            create(0, "a"),
            done(0, "t-a"),
            create(1, "b"),
            create(2, "c"),
            refused,
        ]);
        assert_eq!(known(&state), [("a", "t-a", false)]);
        assert_eq!((state.pending.keys().collect::<Vec<_>>(), state.next), (vec![&1], 3));
        assert!(state.is_unfinished() && !state.complete);
    }

    #[test]
    fn the_end_settles_everything_and_a_fresh_begin_forgets_it() {
        let first = vec![begin(true, false), create(0, "a"), done(0, "t-a"), create(1, "b")];
        let ended = taken([first.clone(), vec![Record::End { at: String::new() }]].concat());
        assert!(ended.pending.is_empty() && ended.complete && !ended.is_unfinished());
        let end = Record::End { at: String::new() };
        let going_on = taken([first.clone(), vec![end.clone(), begin(false, false)]].concat());
        assert_eq!(known(&going_on), [("a", "t-a", false)]);
        assert!(going_on.is_unfinished() && going_on.complete);
        let anew = taken([first, vec![end, begin(true, false)]].concat());
        assert!(anew.nodes.is_empty() && !anew.complete);
        assert_eq!(anew.next, 2, "numbers are given once");
    }

    #[test]
    fn what_was_staged_counts_once_it_is_finished() {
        let staged = vec![
            begin(true, true),
            create(0, "a"),
            done(0, "t-a"),
            Record::Intent { n: 1, write: Write::Finish { header: None } },
        ];
        let broken = taken([staged.clone(), vec![begin(false, true)]].concat());
        assert!(broken.nodes.is_empty());
        assert_eq!(broken.pending.keys().collect::<Vec<_>>(), [&1], "nobody knows of the finish");
        let finished = Record::Done { n: 1, outcome: Outcome::default() };
        let finished = taken([staged, vec![finished, begin(false, true)]].concat());
        assert_eq!(known(&finished), [("a", "t-a", false)]);
        // A run that had nothing to finish, and came to its end.
        let looked = taken(vec![
            begin(false, true),
            seen("a", "t-a"),
            Record::End { at: String::new() },
            begin(false, true),
        ]);
        assert_eq!(known(&looked), [("a", "t-a", true)]);
    }

    #[test]
    fn nodes_are_updated_renamed_and_deleted() {
        let begun = vec![begin(true, false), seen("a", "t-a"), seen("b", "t-b")];
        let after = |write| {
            let done = Record::Done { n: 9, outcome: Outcome::default() };
            taken([begun.clone(), vec![Record::Intent { n: 9, write }, done]].concat())
        };
        assert_eq!(known(&taken(begun.clone())), [("a", "t-a", true), ("b", "t-b", true)]);
        // What stands there now is one's own, and was not looked at yet.
        let updated = after(Write::Update { node: node("a"), id: "t-a".into() });
        assert_eq!(known(&updated), [("a", "t-a", false), ("b", "t-b", true)]);
        let renamed = after(Write::Update { node: node("z"), id: "t-a".into() });
        assert_eq!(known(&renamed), [("b", "t-b", true), ("z", "t-a", false)]);
        let deleted = after(Write::Delete { key: key(Kind::Step, "a"), id: "t-a".into() });
        assert_eq!(known(&deleted), [("b", "t-b", true)]);
        let forgotten = Record::Forgotten { key: key(Kind::Step, "b") };
        assert_eq!(known(&taken([begun, vec![forgotten]].concat())), [("a", "t-a", true)]);
    }
}
