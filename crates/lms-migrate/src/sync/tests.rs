//! What is decided for each way in which the source and the target may have changed.

use std::collections::BTreeMap;

use lms_core::{Block, BlockBody, Course, Lesson, Section, Step, Text};

use super::decide::{Decided, Fate, Sides, decide};
use super::fingerprint::{Hashes, of_header};
use super::places::Entry;
use super::tree::rows;
use super::{SyncOptions, Winner};
use crate::journal::record::{Key, Kind, Node, Write};
use crate::journal::state::{Known, State};

/// Two sections: `s1` with the lessons `l1` (steps a, b, c) and `l2` (step d), `s2` with `l3` (step e).
fn course() -> Course {
    let mut course = Course::new("c", "C");
    for (section, lessons) in [("s1", &[("l1", "abc"), ("l2", "d")][..]), ("s2", &[("l3", "e")])] {
        let mut node = Section::new(section, section.to_uppercase());
        for (lesson, steps) in lessons {
            let mut of = Lesson::new(*lesson, lesson.to_uppercase());
            of.steps =
                steps.chars().map(|id| Step::new(id.to_string(), id.to_uppercase().to_string())).collect();
            node.lessons.push(of);
        }
        course.sections.push(node);
    }
    course
}

/// The course as the platform has it, under ids of its own.
fn on_target(course: &Course) -> Course {
    let mut target = course.clone();
    for section in &mut target.sections {
        section.id = format!("t-{}", section.id).into();
        for lesson in &mut section.lessons {
            lesson.id = format!("t-{}", lesson.id).into();
            lesson.steps.iter_mut().for_each(|step| step.id = format!("t-{}", step.id).into());
        }
    }
    target
}

/// What the journal says after a run that wrote the course.
fn finished() -> State {
    let (source, target) = (course(), on_target(&course()));
    let (wants, haves) = (rows(&source, &Hashes::new()), rows(&target, &Hashes::new()));
    let known = |(want, have): (&super::tree::Row<'_>, &super::tree::Row<'_>)| {
        let (id, seen) = (have.key.id.clone(), Some(have.print.clone()));
        let (under, position, written) = (want.under.clone(), want.position, want.print.clone());
        (want.key.clone(), Known { id, under, position, written, seen })
    };
    let mut nodes: BTreeMap<Key, Known> = wants.iter().zip(&haves).map(known).collect();
    let print = of_header(&source, &Hashes::new());
    let header = Known {
        id: "c".into(),
        under: Key::course(),
        position: 0,
        written: print.clone(),
        seen: Some(print),
    };
    nodes.insert(Key::course(), header);
    let mut state = State::default();
    (state.course, state.nodes, state.begun) = (Some("c".into()), nodes, Some("now".into()));
    (state.ended, state.complete) = (true, true);
    state
}

fn decided(source: &Course, target: &Course, state: &State, options: &SyncOptions) -> Decided {
    let (files, unplaced, held) = (Hashes::new(), BTreeMap::new(), BTreeMap::new());
    let sides = Sides {
        adapted: source,
        there: Some(target),
        state,
        files: &files,
        options,
        unplaced: &unplaced,
        held: &held,
    };
    decide(sides)
}

type Edit = fn(&mut Course);

fn same(_: &mut Course) {}

fn text(id: &str, text: &str) -> Block {
    Block::new(id, BlockBody::Text(Text { markup: text.into() }))
}

fn steps(course: &mut Course) -> &mut Vec<Step> {
    &mut course.sections[0].lessons[0].steps
}

/// What is said after both sides were edited: `action kind id: why`.
fn said(source: Edit, target: Edit, options: &SyncOptions) -> (Vec<String>, Decided) {
    let (mut from, mut to) = (course(), on_target(&course()));
    source(&mut from);
    target(&mut to);
    let decided = decided(&from, &to, &finished(), options);
    let line = |change: &super::Change| {
        let (id, why) = (change.id.as_deref().unwrap_or("-"), change.why.as_deref().unwrap_or_default());
        format!("{} {} {id}: {why}", change.action.name(), change.kind)
    };
    (decided.changes.changes.iter().map(line).collect(), decided)
}

fn options(delete: bool, conflicts: Winner) -> SyncOptions {
    SyncOptions { delete, conflicts, ..SyncOptions::default() }
}

/// What is said where nobody, the source, the target wins.
fn thrice(source: Edit, target: Edit, delete: bool) -> [String; 3] {
    [Winner::Nobody, Winner::Source, Winner::Target]
        .map(|winner| said(source, target, &options(delete, winner)).0.join("; "))
}

/// The same, of the node alone: what it stands in may be said to be ordered otherwise.
fn thrice_of_node(source: Edit, target: Edit, delete: bool) -> [String; 3] {
    thrice(source, target, delete).map(|said| said.split("; ").next().unwrap_or_default().to_owned())
}

#[test]
fn nothing_changed_and_nothing_is_written() {
    let (said, decided) = said(same, same, &options(true, Winner::Nobody));
    assert_eq!((said, decided.changes.unchanged), (vec![], 1 + 2 + 3 + 5));
    assert!(!decided.changes.writes() && !decided.header && decided.orders.is_empty());
    assert!(decided.tasks.iter().all(|task| task.fate == Fate::Keep && task.id.is_some()));
}

#[test]
fn what_one_side_changed_is_written_or_kept_and_what_both_changed_is_refused() {
    let a: Edit = |c| steps(c)[0].title.push('!');
    let b: Edit = |c| steps(c)[0].title.push('?');
    let all = |text: &str| [0, 1, 2].map(|_| text.to_owned());
    assert_eq!(thrice(a, same, false), all("update step t-a: "));
    assert_eq!(thrice(same, a, false), all("keep step t-a: changed on the target"));
    let both = "conflict step t-a: changed in the source and on the target";
    let kept = "keep step t-a: changed on the target";
    assert_eq!(thrice(a, b, false), [both, "update step t-a: ", kept]);
    let (_, decided) = said(a, b, &options(false, Winner::Nobody));
    assert!(decided.changes.refusal().is_some_and(|error| error.to_string().contains("step 1. S1")));
    assert!(said(a, same, &options(false, Winner::Nobody)).1.changes.refusal().is_none());
    let settled = |winner| said(a, b, &options(false, winner)).1.tasks.iter().filter(|t| t.settled).count();
    assert_eq!((settled(Winner::Target), settled(Winner::Source)), (1, 0));

    let (a, b): (Edit, Edit) = (|c| c.title.push('!'), |c| c.title.push('?'));
    assert_eq!(thrice(a, same, false), all("update course c: its own settings changed"));
    assert_eq!(thrice(same, a, false), all("keep course c: changed on the target"));
    let both = "conflict course c: changed in the source and on the target";
    let (write, kept) = ("update course c: its own settings changed", "keep course c: changed on the target");
    assert_eq!(thrice(a, b, false), [both, write, kept]);
    let headers: [(Edit, Edit, bool); 3] = [(a, same, true), (same, a, false), (a, b, false)];
    for (source, target, is_written) in headers {
        assert_eq!(said(source, target, &options(false, Winner::Nobody)).1.header, is_written);
    }
}

#[test]
fn what_the_target_deleted_comes_back_only_where_the_source_wins() {
    let gone: Edit = |c| drop(steps(c).remove(1));
    let edited: Edit = |c| steps(c)[1].title.push('!');
    let kept = "keep step t-b: deleted on the target";
    assert_eq!(thrice(same, gone, true), [kept, kept, kept]);
    let again = "create step -: deleted on the target, and changed in the source";
    let conflict = "conflict step t-b: changed in the source and deleted on the target";
    assert_eq!(thrice_of_node(edited, gone, true), [conflict, again, kept]);
    let (_, decided) = said(same, gone, &options(true, Winner::Nobody));
    let fates: Vec<Fate> = decided.tasks.iter().filter(|t| t.key.id == "b").map(|t| t.fate).collect();
    assert_eq!(fates, [Fate::Absent]);
    // With a lesson go its steps, also those that are new in the source, and they are not said.
    let with_new: Edit = |c| steps(c).push(Step::new("x", "X"));
    let no_lesson: Edit = |c| drop(c.sections[0].lessons.remove(0));
    let (said, decided) = said(with_new, no_lesson, &options(true, Winner::Nobody));
    assert_eq!(said, ["keep lesson t-l1: deleted on the target"]);
    assert_eq!(decided.tasks.iter().filter(|t| t.fate == Fate::Absent).count(), 1 + 4);
}

#[test]
fn what_the_source_no_longer_has_is_removed_when_asked_and_never_with_what_is_anothers() {
    let gone: Edit = |c| drop(steps(c).remove(1));
    let edited: Edit = |c| steps(c)[1].title.push('!');
    let left = "leave step t-b: no longer in the source";
    assert_eq!(thrice(gone, same, false), [left, left, left]);
    assert_eq!(thrice(gone, edited, false), [left, left, left]);
    let removed = "delete step t-b: no longer in the source";
    assert_eq!(thrice(gone, same, true), [removed, removed, removed]);
    let conflict = "conflict step t-b: no longer in the source, and changed on the target";
    assert_eq!(thrice(gone, edited, true), [conflict, removed, "leave step t-b: changed on the target"]);

    // A lesson goes with its steps, each said.
    let no_lesson: Edit = |c| drop(c.sections[0].lessons.remove(1));
    let (lines, decided) = said(no_lesson, same, &options(true, Winner::Nobody));
    let why = "no longer in the source";
    assert_eq!(lines, [format!("delete lesson t-l2: {why}"), format!("delete step t-d: {why}")]);
    let removals: Vec<(&str, bool)> = decided.removals.iter().map(|r| (r.id.as_str(), r.within)).collect();
    assert_eq!(removals, [("t-l2", false), ("t-d", true)]);
    assert_eq!(
        said(no_lesson, same, &options(false, Winner::Nobody)).0,
        [format!("leave lesson t-l2: {why}")]
    );

    // Somebody's own step stands in it.
    let theirs: Edit = |c| c.sections[0].lessons[1].steps.push(Step::new("theirs", "Theirs"));
    let [nobody, source, target] = thrice(no_lesson, theirs, true);
    let holds = "it holds what only the target has";
    assert!(nobody.starts_with(&format!("conflict lesson t-l2: {why}, and {holds}")), "{nobody}");
    assert!(source.starts_with(&format!("leave lesson t-l2: {holds}; delete step t-d")), "{source}");
    assert!(target.starts_with("leave lesson t-l2: changed on the target"), "{target}");
    let (_, decided) = said(no_lesson, theirs, &options(true, Winner::Source));
    let removals: Vec<(&str, bool)> = decided.removals.iter().map(|r| (r.id.as_str(), r.within)).collect();
    assert_eq!(removals, [("t-d", false)], "the lesson stays, so the step goes by itself");

    // What moves out of it is no obstacle.
    let moved: Edit = |c| {
        let lessons = c.sections.remove(0).lessons;
        c.sections[0].lessons.extend(lessons);
    };
    let (lines, decided) = said(moved, same, &options(true, Winner::Nobody));
    assert_eq!(lines, ["move lesson t-l1: ", "move lesson t-l2: ", &format!("delete section t-s1: {why}")]);
    assert_eq!(decided.removals.len(), 1);
}

#[test]
fn what_only_the_target_has_is_kept_and_said_once() {
    let theirs: Edit = |c| {
        let mut section = Section::new("theirs", "Theirs");
        section.lessons.push(Lesson::new("their lesson", "Theirs"));
        c.sections.push(section);
        steps(c).push(Step::new("their step", "Theirs"));
    };
    let (lines, decided) = said(same, theirs, &options(true, Winner::Source));
    let only = "only on the target";
    assert_eq!(lines, [format!("keep step their step: {only}"), format!("keep section theirs: {only}")]);
    assert!(decided.removals.is_empty() && !decided.changes.writes());
    // Gone from both sides: nothing to do, and nothing to remember.
    let gone: Edit = |c| drop(steps(c).remove(1));
    let (lines, decided) = said(gone, gone, &options(true, Winner::Nobody));
    assert_eq!((lines, decided.forget), (vec![], vec![Key { kind: Kind::Step, id: "b".into() }]));
}

#[test]
fn places_and_orders_follow_who_changed_them() {
    let up: Edit = |c| {
        let step = steps(c).remove(0);
        c.sections[0].lessons[1].steps.push(step);
    };
    let across: Edit = |c| {
        let step = steps(c).remove(0);
        c.sections[1].lessons[0].steps.push(step);
    };
    let moved = "move step t-a: ";
    let kept = "keep step t-a: moved on the target";
    assert_eq!(thrice_of_node(up, same, false), [moved, moved, moved]);
    assert_eq!(thrice_of_node(same, up, false), [kept, kept, kept]);
    assert_eq!(thrice(up, up, false), ["", "", ""]);
    let conflict = "conflict step t-a: moved to different places in the source and on the target";
    assert_eq!(thrice_of_node(up, across, false), [conflict, moved, kept]);

    let turn: Edit = |c| steps(c).reverse();
    let swap: Edit = |c| steps(c).swap(0, 1);
    let ordered = "order lesson t-l1: what is in it stands in another order";
    let theirs = "keep lesson t-l1: ordered otherwise on the target";
    assert_eq!(thrice(turn, same, false), [ordered, ordered, ordered]);
    assert_eq!(thrice(same, turn, false), [theirs, theirs, theirs]);
    assert_eq!(thrice(turn, turn, false), ["", "", ""]);
    let entries = |source, target| said(source, target, &options(false, Winner::Nobody)).1.orders;
    let own = |id: &str| Entry::Ours(Key { kind: Kind::Step, id: id.into() });
    let l1 = Key { kind: Kind::Lesson, id: "l1".into() };
    assert_eq!(entries(turn, same), [(l1, ["c", "b", "a"].map(own).to_vec())]);
    assert_eq!(entries(same, turn), [], "what is kept is not written");
    let conflict = "conflict lesson t-l1: ordered differently in the source and on the target";
    assert_eq!(thrice(turn, swap, false), [conflict, ordered, theirs]);
}

/// The journal of a run that broke off with one write of unknown fate.
fn pending(write: Write) -> State {
    let mut state = finished();
    (state.ended, state.complete) = (false, false);
    state.pending.insert(7, write);
    state
}

fn node(kind: Kind, id: &str, under: Key) -> Node {
    let source = course();
    let rows = rows(&source, &Hashes::new());
    let row = rows.iter().find(|row| row.kind() == kind && row.key.id == id).expect("it is there");
    Node { key: row.key.clone(), under, position: row.position, written: row.print.clone() }
}

#[test]
fn a_write_of_unknown_fate_is_taken_up_only_where_its_work_is_found() {
    let (l1, s1) =
        (Key { kind: Kind::Lesson, id: "l1".into() }, Key { kind: Kind::Section, id: "s1".into() });
    let cases: [(Kind, &str, Key, Edit, Option<&str>); 8] = [
        (Kind::Step, "b", l1.clone(), same, Some("t-b")),
        // Another step stands there: it is somebody's own.
        (Kind::Step, "b", l1.clone(), |c| steps(c)[1].title = "Theirs".into(), None),
        (Kind::Step, "b", l1.clone(), |c| drop(steps(c).remove(1)), None),
        // So is one of the same title with something in it, and one in another lesson.
        (Kind::Step, "b", l1.clone(), |c| steps(c)[1].blocks.push(text("t", "Theirs")), None),
        (
            Kind::Step,
            "b",
            l1.clone(),
            |c| {
                let step = steps(c).remove(1);
                c.sections[0].lessons[1].steps.push(step);
            },
            None,
        ),
        (Kind::Lesson, "l2", s1.clone(), same, Some("t-l2")),
        (
            Kind::Lesson,
            "l2",
            s1.clone(),
            |c| c.sections[0].lessons[1].category = Some("x".into()),
            Some("t-l2"),
        ),
        (Kind::Lesson, "l2", s1, |c| c.sections[0].lessons[1].title = "Theirs".into(), None),
    ];
    for (n, (kind, id, under, target, adopted)) in cases.into_iter().enumerate() {
        let node = node(kind, id, under);
        let title = id.to_uppercase();
        let mut state = pending(Write::Create { node: node.clone(), title });
        state.nodes.remove(&node.key);
        let (source, mut there) = (course(), on_target(&course()));
        target(&mut there);
        let decided = decided(&source, &there, &state, &SyncOptions::default());
        let expected: Vec<(u64, String)> = adopted.map(|id| (7, id.to_owned())).into_iter().collect();
        assert_eq!(decided.adopted, expected, "case {n}");
        let task = decided.tasks.iter().find(|task| task.key == node.key).expect("its task");
        let fate = match (adopted, n) {
            (None, _) => Fate::Create,
            // It is there, and not as it was to be.
            (Some(_), 6) => Fate::Write,
            (Some(_), _) => Fate::Keep,
        };
        assert_eq!((task.fate, task.id.as_deref()), (fate, adopted), "case {n}");
    }
}

/// Two steps that say the same: the one that is there is known, so the other one was not made.
#[test]
fn what_another_write_made_is_not_taken_up() {
    let alike: Edit = |c| steps(c)[1].title = "A".into();
    let (mut source, mut there) = (course(), on_target(&course()));
    alike(&mut source);
    steps(&mut there).remove(1);
    let node = node(Kind::Step, "b", Key { kind: Kind::Lesson, id: "l1".into() });
    let mut state = pending(Write::Create { node: node.clone(), title: "A".into() });
    state.nodes.remove(&node.key);
    assert_eq!(decided(&source, &there, &state, &SyncOptions::default()).adopted, []);
}

/// What this run wrote may not be shown yet: nobody has deleted it.
#[test]
fn what_was_written_and_never_seen_is_not_deleted_by_anybody() {
    let (source, mut there) = (course(), on_target(&course()));
    steps(&mut there).remove(2);
    let mut state = finished();
    let step = Key { kind: Kind::Step, id: "c".into() };
    state.nodes.entry(step.clone()).and_modify(|known| known.seen = None);
    state.ended = false;
    let decided = decided(&source, &there, &state, &SyncOptions::default());
    assert_eq!(decided.changes.changes, []);
    let task = decided.tasks.iter().find(|task| task.key == step).expect("its task");
    assert_eq!((task.fate, task.id.as_deref()), (Fate::Keep, Some("t-c")));
}

#[test]
fn a_change_that_was_made_before_its_answer_was_lost_is_no_change_of_anothers() {
    let edited: Edit = |c| steps(c)[0].title.push('!');
    let (mut source, mut there) = (course(), on_target(&course()));
    edited(&mut source);
    let node = node(Kind::Step, "a", Key { kind: Kind::Lesson, id: "l1".into() });
    let state = pending(Write::Update { node, id: "t-a".into() });
    let actions = |there: &Course| {
        let decided = decided(&source, there, &state, &SyncOptions::default());
        decided.changes.changes.iter().map(|change| change.action.name()).collect::<Vec<_>>()
    };
    assert_eq!(actions(&there), ["update"], "it was not made");
    edited(&mut there);
    assert_eq!(actions(&there), ["update"], "it was made, and is no conflict");
    steps(&mut there)[0].title = "Theirs".into();
    assert_eq!(actions(&there), ["conflict"], "somebody else changed it");
}

/// What stays in a node keeps all that it stands in.
#[test]
fn a_section_is_not_removed_around_a_lesson_that_stays() {
    let gone: Edit = |c| drop(c.sections.remove(0));
    let theirs: Edit = |c| steps(c).push(Step::new("theirs", "Theirs"));
    for winner in [Winner::Source, Winner::Target] {
        let (lines, decided) = said(gone, theirs, &options(true, winner));
        let removed: Vec<&str> = decided.removals.iter().map(|removal| removal.id.as_str()).collect();
        assert!(!removed.contains(&"t-l1"), "{winner:?}: {lines:?}");
        assert!(!removed.contains(&"t-s1"), "{winner:?}: {lines:?}");
    }
}
