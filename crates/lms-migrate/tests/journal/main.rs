//! Interrupted and repeated runs against a platform in memory.

mod files;
mod platform;

use std::path::Path;

use lms_core::{
    Asset, AssetRole, Block, BlockBody, Course, ErrorKind, ExistingCourse, Lesson, LmsProvider, NewCourse,
    Section, Step, Text,
};
use lms_migrate::{Backup, Earlier, Journal, Pair, Plan, Quiet, Status, Stop, SyncOptions, Work, plan};
use platform::{Hold, Platform};

/// 15 sections, 100 lessons, 1,000 steps.
fn large() -> Course {
    course(15, 100, 10)
}

fn course(sections: usize, lessons: usize, steps: usize) -> Course {
    let mut course = Course::new("c", "A course");
    course.sections = (0..sections).map(|s| Section::new(format!("s{s}"), format!("Section {s}"))).collect();
    for l in 0..lessons {
        let mut lesson = Lesson::new(format!("l{l}"), format!("Lesson {l}"));
        lesson.steps = (0..steps).map(|t| Step::new(format!("l{l}t{t}"), format!("Step {l}.{t}"))).collect();
        course.sections[l * sections / lessons].lessons.push(lesson);
    }
    course
}

fn pair(source: &Platform, target: &Platform) -> Pair {
    Pair::new(source.info(), &"c".into(), target.info(), None)
}

async fn planned(source: &Platform, target: &Platform) -> Plan {
    plan(source, &"c".into(), target).await.expect("a plan")
}

fn resuming() -> SyncOptions {
    SyncOptions { earlier: Earlier::Resume, new: NewCourse::default(), ..SyncOptions::default() }
}

/// One run, to its end or to where the target holds it.
async fn run(source: &Platform, target: &Platform, state: &Path) -> Option<lms_core::Result<()>> {
    let journal = Journal::open(state, pair(source, target)).expect("a journal");
    let plan = planned(source, target).await;
    let work = Work::prepare(plan, source, target, &journal, resuming()).await.expect("work");
    let stop = Stop::new();
    let carried = async { work.carry_out(source, target, &journal, &Quiet, &stop).await.map(drop) };
    tokio::select! {
        biased;
        () = target.held() => None,
        ended = carried => Some(ended),
    }
}

/// The course as an outline, without the ids, which the platform draws anew.
fn outline(course: &Course) -> String {
    let mut lines = Vec::new();
    for section in &course.sections {
        lines.push(section.title.clone());
        for lesson in &section.lessons {
            lines.push(format!("  {}", lesson.title));
            lines.extend(lesson.steps.iter().map(|step| format!("    {}", step.title)));
        }
    }
    lines.join("\n")
}

/// Breaks one run off, resumes it, and runs once more.
async fn broken_off(hold: Hold, nodes: usize) {
    let source = Platform::holding(large());
    let (target, state) = (Platform::empty(), tempfile::tempdir().expect("a folder"));
    target.hold(Some(hold));
    assert!(run(&source, &target, state.path()).await.is_none(), "{hold:?}: it is held");
    target.hold(None);
    run(&source, &target, state.path()).await.expect("to its end").expect("resumed");
    assert_eq!(target.courses_made(), 1, "{hold:?}");
    assert_eq!(target.nodes_made(), nodes, "{hold:?}: nothing is there twice");
    assert_eq!(outline(&target.course()), outline(&large()), "{hold:?}");
    let before = target.requests().write;
    run(&source, &target, state.path()).await.expect("to its end").expect("nothing to do");
    assert_eq!(target.requests().write, before, "{hold:?}: the next run writes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn broken_off_at_fifty_points_of_a_large_course_and_resumed() {
    let nodes = 15 + 100 + 1000;
    let mut random: u64 = 20_261_122;
    let rounds: Vec<_> = (0..50)
        .map(|round| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from((random >> 33) % (nodes as u64 + 2)).expect("small");
            let hold = if round % 2 == 0 { Hold::Before(at) } else { Hold::After(at) };
            tokio::spawn(broken_off(hold, nodes))
        })
        .collect();
    for round in rounds {
        round.await.expect("equal");
    }
}

#[tokio::test]
async fn an_unfinished_run_is_said_and_another_course_can_be_written() {
    let (source, target) = (Platform::holding(course(2, 4, 3)), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    target.hold(Some(Hold::Before(8)));
    assert!(run(&source, &target, state.path()).await.is_none());
    target.hold(None);

    let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
    assert!(matches!(journal.status(), Status::Unfinished { course: Some(_), .. }), "{:?}", journal.status());
    let prepare = async |earlier| {
        let options = SyncOptions { earlier, ..SyncOptions::default() };
        Work::prepare(planned(&source, &target).await, &source, &target, &journal, options).await
    };
    let refused = prepare(Earlier::Update).await.expect_err("it broke off");
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    for word in ["--resume", "--new", "broke off"] {
        assert!(refused.to_string().contains(word), "{refused}");
    }
    let anew = prepare(Earlier::Forget).await.expect("work");
    anew.carry_out(&source, &target, &journal, &Quiet, &Stop::new()).await.expect("written");
    assert_eq!(target.courses_made(), 2);
    assert!(matches!(journal.status(), Status::Finished { .. }));
}

/// Three migrations of one course: as it is, with another picture, and without its second lesson.
#[tokio::test]
async fn a_changed_file_is_sent_again_and_a_lesson_goes_with_its_steps_in_one_write() {
    let mut with_file = course(1, 2, 2);
    let asset = Asset {
        id: "a.png".into(),
        name: "a.png".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    };
    with_file.assets.push(asset);
    let (source, target) = (Platform::holding(with_file), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    source.put_file("a.png", b"one");
    let migrated = async || {
        let before = target.requests().write;
        let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
        let plan = planned(&source, &target).await;
        let options = SyncOptions { delete: true, ..SyncOptions::default() };
        let work = Work::prepare(plan, &source, &target, &journal, options).await.expect("work");
        work.carry_out(&source, &target, &journal, &Quiet, &Stop::new()).await.expect("written");
        target.requests().write - before
    };
    let shown = |course: &mut Course| {
        let text = Text { markup: "<img src=\"asset:a.png\">".into() };
        course.sections[0].lessons[0].steps[0].blocks.push(Block::new("b", BlockBody::Text(text)));
    };
    source.edit(shown);
    assert_eq!(migrated().await, 1 + 1 + 7 + 1, "the course, its file, its nodes, and the end");
    assert_eq!(target.file("a.png").as_deref(), Some(&b"one"[..]));
    assert_eq!(migrated().await, 0);

    source.put_file("a.png", b"two");
    assert_eq!(migrated().await, 1 + 1 + 1, "the file, the step that shows it, and the end");
    assert_eq!(target.file("a.png").as_deref(), Some(&b"two"[..]));
    assert_eq!(migrated().await, 0);

    source.edit(|course| drop(course.sections[0].lessons.pop()));
    assert_eq!(migrated().await, 1 + 1, "the lesson and the end");
    assert_eq!(outline(&target.course()), outline(&source.course()));
    assert_eq!(migrated().await, 0);

    let saved = backups(state.path(), pair(&source, &target));
    assert_eq!(saved, 2, "one before each change, also within one second");
}

/// How the making of a course may end.
#[derive(Debug, Clone, Copy)]
enum Making {
    Held(Hold),
    Fails(ErrorKind),
}

#[tokio::test]
async fn a_course_of_the_same_title_that_somebody_else_made_is_left_alone() {
    let theirs = || Course::new("theirs", "A course");
    for making in [
        Making::Held(Hold::Before(0)),
        Making::Held(Hold::After(0)),
        Making::Fails(ErrorKind::InvalidInput),
        Making::Fails(ErrorKind::OutcomeUnknown),
    ] {
        let (source, target) = (Platform::holding(course(1, 2, 2)), Platform::empty());
        let state = tempfile::tempdir().expect("a folder");
        let is_refused = matches!(making, Making::Fails(ErrorKind::InvalidInput));
        if !is_refused {
            // It was there before; whether one's own was made is not known.
            target.put(theirs());
        }
        match making {
            Making::Held(hold) => target.hold(Some(hold)),
            Making::Fails(kind) => target.fail(Some(kind)),
        }
        let first = run(&source, &target, state.path()).await;
        assert!(first.is_none_or(|ended| ended.is_err()), "{making:?}");
        target.hold(None);
        target.fail(None);
        if is_refused {
            // One's own was not made, so it is somebody else's.
            target.put(theirs());
        }
        run(&source, &target, state.path()).await.expect("to its end").expect("resumed");
        assert_eq!((target.courses_made(), target.nodes_made()), (1, 1 + 2 + 4), "{making:?}");
        assert_eq!(target.course_called("theirs"), theirs(), "{making:?}");
    }
}

#[tokio::test]
async fn a_course_that_somebody_else_made_and_filled_since_is_left_alone() {
    for hold in [Hold::Before(0), Hold::After(0)] {
        let (source, target) = (Platform::holding(course(1, 2, 2)), Platform::empty());
        let state = tempfile::tempdir().expect("a folder");
        target.hold(Some(hold));
        assert!(run(&source, &target, state.path()).await.is_none());
        target.hold(None);
        let theirs = Course { id: "theirs".into(), ..course(1, 1, 1) };
        target.put(theirs.clone());
        run(&source, &target, state.path()).await.expect("to its end").expect("resumed");
        assert_eq!((target.courses_made(), target.nodes_made()), (1, 1 + 2 + 4), "{hold:?}");
        assert_eq!(target.course_called("theirs"), theirs, "{hold:?}");
    }
}

#[tokio::test]
async fn two_runs_exclude_each_other() {
    let (source, target) = (Platform::holding(course(1, 1, 1)), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    let held = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
    let error = Journal::open(state.path(), pair(&source, &target)).expect_err("held");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    Journal::peek(state.path(), pair(&source, &target)).expect("looking is allowed");
    drop(held);
    // Another source for the same course.
    let id = "5".into();
    let named = |course: &str| Pair::new(source.info(), &course.into(), target.info(), Some(&id));
    let _held = Journal::open(state.path(), named("c")).expect("a journal");
    assert_eq!(Journal::open(state.path(), named("d")).expect_err("held").kind(), ErrorKind::Conflict);
    // A course that a run has just made is its own until it ends.
    let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
    let plan = planned(&source, &target).await;
    let work = Work::prepare(plan, &source, &target, &journal, resuming()).await.expect("work");
    let made =
        work.carry_out(&source, &target, &journal, &Quiet, &Stop::new()).await.expect("written").course;
    let other = || Pair::new(source.info(), &"d".into(), target.info(), Some(&made));
    assert_eq!(Journal::open(state.path(), other()).expect_err("held").kind(), ErrorKind::Conflict);
    drop(journal);
    Journal::open(state.path(), other()).expect("free again");
}

/// The bundles beside the journal of a pair.
fn backups(state: &Path, pair: Pair) -> usize {
    let journal = Journal::peek(state, pair).expect("a journal");
    std::fs::read_dir(journal.folder().join("backups")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_course_is_saved_before_it_is_replaced_unless_that_is_not_wanted() {
    let (source, target) = (Platform::holding(course(1, 1, 1)), Platform::holding(course(1, 1, 2)));
    for (backup, saved) in [(Backup::Skip, 0), (Backup::Save, 1)] {
        let state = tempfile::tempdir().expect("a folder");
        let new = NewCourse { id: Some("c".into()), existing: ExistingCourse::Replace };
        let options = SyncOptions { new, backup, ..SyncOptions::default() };
        let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
        let plan = planned(&source, &target).await;
        let work = Work::prepare(plan, &source, &target, &journal, options).await.expect("work");
        work.carry_out(&source, &target, &journal, &Quiet, &Stop::new()).await.expect("written");
        assert_eq!(backups(state.path(), pair(&source, &target)), saved, "{backup:?}");
    }
}

#[tokio::test]
async fn a_run_that_broke_off_behind_its_last_write_is_brought_to_its_end() {
    let (source, target) = (Platform::holding(course(1, 2, 2)), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    let last = 1 + 7;
    target.hold(Some(Hold::After(last)));
    assert!(run(&source, &target, state.path()).await.is_none());
    target.hold(None);
    let status = || Journal::peek(state.path(), pair(&source, &target)).expect("a journal").status();
    assert!(matches!(status(), Status::Unfinished { .. }), "{:?}", status());
    run(&source, &target, state.path()).await.expect("to its end").expect("resumed");
    assert!(matches!(status(), Status::Finished { .. }), "{:?}", status());
}

#[tokio::test]
async fn of_several_new_courses_of_the_title_none_is_taken() {
    let (source, target) = (Platform::holding(course(1, 1, 1)), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    target.hold(Some(Hold::Before(0)));
    assert!(run(&source, &target, state.path()).await.is_none());
    ["one", "two"].into_iter().for_each(|id| target.put(Course::new(id, "A course")));
    let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
    let plan = planned(&source, &target).await;
    let refused = Work::prepare(plan, &source, &target, &journal, resuming()).await.expect_err("which?");
    assert_eq!(refused.kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn asked_to_stop_it_ends_between_two_writes_and_goes_on_later() {
    let (source, target) = (Platform::holding(course(2, 4, 3)), Platform::empty());
    let state = tempfile::tempdir().expect("a folder");
    {
        let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
        let plan = planned(&source, &target).await;
        let work = Work::prepare(plan, &source, &target, &journal, resuming()).await.expect("work");
        let stop = Stop::new();
        target.stop_at(9, stop.clone());
        let error = work.carry_out(&source, &target, &journal, &Quiet, &stop).await.expect_err("stopped");
        assert_eq!(error.kind(), ErrorKind::Stopped);
        let Status::Unfinished { written, .. } = journal.status() else { panic!("{:?}", journal.status()) };
        assert_eq!(written, target.nodes_made(), "what was under way has ended, and the journal knows it");
        assert!(written < 2 + 4 + 12, "not much is begun after it was asked: {written}");
    }
    run(&source, &target, state.path()).await.expect("to its end").expect("resumed");
    assert_eq!((target.courses_made(), target.nodes_made()), (1, 2 + 4 + 12));
}

#[test]
fn a_state_folder_that_cannot_be_used_is_a_clear_error() {
    let (source, target) = (Platform::holding(course(1, 1, 1)), Platform::empty());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    let error = Journal::open(&file, pair(&source, &target)).expect_err("no folder");
    assert!(error.to_string().contains("LMS_STATE"), "{error}");
}
