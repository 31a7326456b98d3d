//! Interrupted and repeated runs against a platform in memory.

mod platform;

use std::path::Path;

use lms_core::{Course, ErrorKind, Lesson, LmsProvider, NewCourse, Section, Step};
use lms_migrate::{Earlier, Journal, Pair, Plan, Quiet, Status, Stop, SyncOptions, Work, plan};
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

/// Sections, their lessons, and the steps of these, by title.
type Titles = Vec<(String, Vec<(String, Vec<String>)>)>;

/// The course without ids, which the platform draws anew.
fn bare(course: Course) -> Titles {
    let steps = |lesson: Lesson| lesson.steps.into_iter().map(|step| step.title).collect();
    let lessons = |section: Section| {
        section.lessons.into_iter().map(|lesson| (lesson.title.clone(), steps(lesson))).collect()
    };
    course.sections.into_iter().map(|section| (section.title.clone(), lessons(section))).collect()
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
    assert_eq!(bare(target.course()), bare(large()), "{hold:?}");
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
