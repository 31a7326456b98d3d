//! Files that the target's people changed, or put there themselves.

use lms_core::{Asset, AssetRole, Block, BlockBody, Course, ErrorKind, Result, Text};
use lms_migrate::{
    Action, Change, Changes, Earlier, Journal, Quiet, Status, Stop, SyncOptions, Winner, Work, Written,
    verify,
};

use super::platform::{Hold, Platform};
use super::{course, pair, planned, run};

/// A course that was migrated with one file, which its first step shows.
struct Migrated {
    source: Platform,
    target: Platform,
    state: tempfile::TempDir,
}

fn file(name: &str) -> Asset {
    let role = AssetRole::Content;
    Asset { id: name.into(), name: name.into(), media_type: None, size: None, role }
}

impl Migrated {
    async fn new() -> Self {
        let migrated = Self::begun();
        assert_eq!(migrated.run(Winner::Nobody).await.expect("written").assets, 1);
        migrated
    }

    fn begun() -> Self {
        let source = Platform::holding(course(1, 1, 2));
        let show = Text { markup: "<img src=\"asset:a.png\">".into() };
        put(&source, "a.png", b"one");
        source.edit(|course| {
            course.sections[0].lessons[0].steps[0].blocks.push(Block::new("b", BlockBody::Text(show)));
        });
        Self { source, target: Platform::empty(), state: tempfile::tempdir().expect("a folder") }
    }

    async fn prepared(&self, conflicts: Winner, journal: &Journal) -> Work {
        let options =
            SyncOptions { conflicts, delete: true, earlier: Earlier::Resume, ..SyncOptions::default() };
        let plan = planned(&self.source, &self.target).await;
        Work::prepare(plan, &self.source, &self.target, journal, options).await.expect("work")
    }

    async fn run(&self, conflicts: Winner) -> Result<Written> {
        let journal = Journal::open(self.state.path(), pair(&self.source, &self.target)).expect("a journal");
        let work = self.prepared(conflicts, &journal).await;
        work.carry_out(&self.source, &self.target, &journal, &Quiet, &Stop::new()).await
    }

    /// What a run would do to files, in words; nothing is written, and no journal either.
    async fn said(&self, conflicts: Winner) -> Vec<String> {
        self.said_of("file", conflicts).await
    }

    async fn said_of(&self, kind: &str, conflicts: Winner) -> Vec<String> {
        let writes = self.target.requests_made();
        let journal = Journal::peek(self.state.path(), pair(&self.source, &self.target)).expect("a journal");
        let changes: Changes = self.prepared(conflicts, &journal).await.changes().clone();
        assert_eq!(self.target.requests_made(), writes);
        changes.changes.iter().filter(|change| change.kind == kind).map(Change::to_string).collect()
    }

    fn there(&self, name: &str) -> String {
        String::from_utf8(self.target.file(name).unwrap_or_default()).expect("text")
    }
}

/// A file of the course, its bytes new or others.
fn put(platform: &Platform, name: &str, bytes: &[u8]) {
    platform.put_file(name, bytes);
    platform.edit(|course| {
        course.assets.retain(|known| known.id.as_str() != name);
        course.assets.push(file(name));
    });
}

#[tokio::test]
async fn a_file_that_both_sides_changed_is_a_conflict() {
    let both = "conflict file a.png (a.png): changed in the source and on the target";
    for (winner, said, there) in [
        (Winner::Source, "update   file a.png (a.png)", "two"),
        (Winner::Target, "keep     file a.png (a.png): changed on the target", "theirs"),
    ] {
        let course = Migrated::new().await;
        put(&course.source, "a.png", b"two");
        put(&course.target, "a.png", b"theirs");
        assert_eq!(course.said(Winner::Nobody).await, [both]);
        let writes = course.target.requests_made();
        let refused = course.run(Winner::Nobody).await.expect_err("both changed it");
        assert_eq!((refused.kind(), course.target.requests_made()), (ErrorKind::Conflict, writes));
        assert!(refused.to_string().contains("file a.png"), "{refused}");
        assert_eq!(course.there("a.png"), "theirs");

        assert_eq!(course.said(winner).await, [said]);
        let written = course.run(winner).await.expect("decided");
        assert_eq!(course.there("a.png"), there, "{winner:?}");
        let link = written.links.get(&"a.png".into()).expect("it is linked");
        assert_eq!(link.url, "memory://files/a.png");
        // That is the end of the matter.
        assert_eq!(course.said(Winner::Nobody).await, Vec::<String>::new(), "{winner:?}");
        course.run(Winner::Nobody).await.expect("nothing to do");
        assert_eq!(course.there("a.png"), there, "{winner:?}");

        // Until the source changes it once more.
        put(&course.source, "a.png", b"three");
        let said = if winner == Winner::Source { "update   file a.png (a.png)" } else { both };
        assert_eq!(course.said(Winner::Nobody).await, [said], "{winner:?}");
    }
}

#[tokio::test]
async fn a_new_file_does_not_fall_upon_one_that_the_target_has() {
    let conflict = "conflict file b.csv (b.csv): new in the source, and the target has its own of this name";
    let kept = "keep     file b.csv (b.csv): the target has its own of this name";
    for (winner, said, there) in
        [(Winner::Source, "update   file b.csv (b.csv)", "ours"), (Winner::Target, kept, "theirs")]
    {
        // No step links it: it is the file alone that there is something to say of.
        let course = Migrated::new().await;
        put(&course.target, "b.csv", b"theirs");
        assert_eq!(course.said(Winner::Nobody).await, Vec::<String>::new());
        put(&course.source, "b.csv", b"ours");
        assert_eq!(course.said(Winner::Nobody).await, [conflict]);
        let refused = course.run(Winner::Nobody).await.expect_err("whose is it?");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!(course.there("b.csv"), "theirs");
        assert_eq!(course.said(winner).await, [said]);
        let writes = course.target.requests_made();
        course.run(winner).await.expect("decided");
        assert_eq!(course.there("b.csv"), there, "{winner:?}");
        assert_eq!(course.target.requests_made() == writes, winner == Winner::Target, "{winner:?}");
        assert_eq!(course.said(Winner::Nobody).await, Vec::<String>::new(), "{winner:?}");
    }
    // Of the same bytes it is no other file.
    let course = Migrated::new().await;
    put(&course.target, "b.csv", b"alike");
    put(&course.source, "b.csv", b"alike");
    assert_eq!(course.said(Winner::Nobody).await, ["update   file b.csv (b.csv)"]);
    course.run(Winner::Nobody).await.expect("written");
}

/// A file that nothing links is brought as any other.
#[tokio::test]
async fn new_and_changed_files_are_said_and_sent_also_where_no_step_links_them() {
    let course = Migrated::new().await;
    put(&course.source, "b.csv", b"one");
    assert_eq!(course.said(Winner::Nobody).await, ["create   file b.csv"]);
    assert_eq!(course.run(Winner::Nobody).await.expect("written").assets, 1);
    put(&course.source, "b.csv", b"two");
    assert_eq!(course.said(Winner::Nobody).await, ["update   file b.csv (b.csv)"]);
    assert_eq!(course.run(Winner::Nobody).await.expect("written").assets, 1);
    assert_eq!(course.there("b.csv"), "two");
}

#[tokio::test]
async fn what_only_the_target_changed_stays_and_verification_says_so() {
    let course = Migrated::new().await;
    put(&course.target, "a.png", b"theirs");
    put(&course.target, "own.png", b"their own");
    let writes = course.target.requests_made();
    let written = course.run(Winner::Source).await.expect("nothing to do");
    assert_eq!((written.assets, course.target.requests_made()), (0, writes));
    // Also where something else is written.
    course.source.edit(|course| course.sections[0].lessons[0].steps[0].title.push('!'));
    course.run(Winner::Source).await.expect("written");
    assert_eq!((course.there("a.png"), course.there("own.png")), ("theirs".into(), "their own".into()));
    let plan = planned(&course.source, &course.target).await;
    let read = verify(&plan, &course.source, &course.target, &written.course, &Quiet).await.expect("read");
    let said: Vec<(&str, &str)> =
        read.differences.iter().map(|d| (d.path.as_str(), d.what.as_str())).collect();
    assert!(said.contains(&("file a.png", "content")), "{said:?}");
    assert!(said.contains(&("file own.png", "extra")), "{said:?}");

    // A file that the source no longer has stays as well, whoever changed it.
    course.source.edit(|course| course.assets.clear());
    assert_eq!(course.said(Winner::Source).await, Vec::<String>::new());
    course.run(Winner::Source).await.expect("nothing to do");
    assert_eq!(course.there("a.png"), "theirs");
}

/// As with a step: it does not come back unasked.
#[tokio::test]
async fn a_file_that_the_target_deleted_and_the_source_changed_is_a_conflict() {
    let conflict = "conflict file a.png (a.png): changed in the source and deleted on the target";
    for (winner, said, there) in [
        (Winner::Source, "create   file a.png (a.png): deleted on the target, and changed in the source", 1),
        (Winner::Target, "keep     file a.png (a.png): deleted on the target", 0),
    ] {
        let course = Migrated::new().await;
        course.target.edit(|course| course.assets.clear());
        assert_eq!(course.said(Winner::Nobody).await, Vec::<String>::new(), "the source has not changed it");
        put(&course.source, "a.png", b"two");
        assert_eq!(course.said(Winner::Nobody).await, [conflict]);
        let writes = course.target.requests_made();
        let refused = course.run(Winner::Nobody).await.expect_err("deleted and changed");
        assert_eq!((refused.kind(), course.target.requests_made()), (ErrorKind::Conflict, writes));
        assert_eq!(course.said(winner).await, [said]);
        assert_eq!(course.run(winner).await.expect("decided").assets, there);
        if winner == Winner::Source {
            put(&course.target, "a.png", b"two");
        }
        assert_eq!(course.said(Winner::Nobody).await, Vec::<String>::new(), "that is the end of the matter");
    }
}

/// What went with a step that a run removed was deleted by nobody else.
#[tokio::test]
async fn a_file_that_went_with_its_step_comes_back_with_it() {
    let course = Migrated::new().await;
    let (step, file) = {
        let step = course.target.course().sections[0].lessons[0].steps[1].id.to_string();
        (step.clone(), format!("{step}/work"))
    };
    put(&course.source, &file, b"ours");
    course.run(Winner::Nobody).await.expect("written");
    course.source.edit(|course| {
        course.sections[0].lessons[0].steps.pop();
        course.assets.retain(|file| file.id.as_str() == "a.png");
    });
    course.run(Winner::Nobody).await.expect("removed");
    course.target.edit(|course| course.assets.retain(|file| !file.id.as_str().starts_with(&step)));
    put(&course.source, &file, b"ours once more");
    assert_eq!(course.said(Winner::Nobody).await, [format!("create   file {file}")]);
}

/// What a run that broke off may have left of a file is its own.
#[tokio::test]
async fn an_upload_that_broke_off_is_no_obstacle_to_going_on() {
    for (hold, left) in [(Hold::Before(1), &b""[..]), (Hold::After(1), b"one"), (Hold::After(1), b"on")] {
        let course = Migrated::begun();
        course.target.hold(Some(hold));
        assert!(run(&course.source, &course.target, course.state.path()).await.is_none());
        course.target.hold(None);
        if !left.is_empty() {
            put(&course.target, "a.png", left);
        }
        assert_eq!(course.run(Winner::Nobody).await.expect("resumed").assets, 1, "{hold:?}");
        assert_eq!(course.there("a.png"), "one");
        let journal = Journal::peek(course.state.path(), pair(&course.source, &course.target));
        assert!(matches!(journal.expect("a journal").status(), Status::Finished { .. }));
    }
}

/// What goes to a course that is written for the first time, or all over again, asks about nothing.
#[tokio::test]
async fn a_course_that_is_replaced_has_no_conflicts() {
    use lms_core::{ExistingCourse, NewCourse};
    let (source, target) = (Platform::holding(course(1, 1, 1)), Platform::holding(course(1, 1, 2)));
    put(&source, "a.png", b"ours");
    put(&target, "a.png", b"theirs");
    let state = tempfile::tempdir().expect("a folder");
    let new = NewCourse { id: Some("c".into()), existing: ExistingCourse::Replace };
    for _ in 0..2 {
        let journal = Journal::open(state.path(), pair(&source, &target)).expect("a journal");
        let options = SyncOptions { new: new.clone(), ..SyncOptions::default() };
        let plan = planned(&source, &target).await;
        let work = Work::prepare(plan, &source, &target, &journal, options).await.expect("work");
        assert_eq!(work.changes().count(Action::Conflict), 0);
        work.carry_out(&source, &target, &journal, &Quiet, &Stop::new()).await.expect("written");
        assert_eq!(target.file("a.png").as_deref(), Some(&b"ours"[..]));
        put(&target, "a.png", b"theirs");
    }
}

/// Where files lie with the steps, a step takes none with it that somebody else changed or put there.
#[tokio::test]
async fn a_step_does_not_go_with_the_files_of_others() {
    let gone = "no longer in the source";
    let holds = "it holds what only the target has";
    let changed = "changed on the target";
    for (name, theirs, nobody, source, target) in [
        ("work", false, format!("delete:{gone}"), format!("delete:{gone}"), format!("delete:{gone}")),
        (
            "work",
            true,
            format!("conflict:{gone}, and {changed}"),
            format!("delete:{gone}"),
            format!("leave:{changed}"),
        ),
        (
            "own",
            true,
            format!("conflict:{gone}, and {holds}"),
            format!("leave:{holds}"),
            format!("leave:{changed}"),
        ),
    ] {
        let course = Migrated::new().await;
        let id = course.target.course().sections[0].lessons[0].steps[1].id.to_string();
        put(&course.source, &format!("{id}/work"), b"ours");
        course.run(Winner::Nobody).await.expect("written");
        if theirs {
            put(&course.target, &format!("{id}/{name}"), b"theirs");
        }
        course.source.edit(|course| {
            course.sections[0].lessons[0].steps.pop();
            course.assets.retain(|file| file.id.as_str() == "a.png");
        });
        for (winner, said) in [(Winner::Nobody, nobody), (Winner::Source, source), (Winner::Target, target)] {
            let (action, why) = said.split_once(':').expect("both");
            let lines = course.said_of("step", winner).await;
            let title = "1. Section 0 › 1. Lesson 0 › 2. Step 0.1";
            assert_eq!(lines, [format!("{action:<8} step {title} ({id}): {why}")], "{name} {winner:?}");
        }
    }
}

/// Steps and the course's own settings as well: whose change counts is asked once.
#[tokio::test]
async fn what_the_target_has_won_is_not_asked_again() {
    for kind in ["step", "course"] {
        let rename = |course: &mut Course, title| match kind {
            "step" => course.sections[0].lessons[0].steps[1].title = title,
            _ => course.title = title,
        };
        let course = Migrated::new().await;
        for platform in [&course.source, &course.target] {
            let title = format!("{platform:p}");
            platform.edit(|course| rename(course, title));
        }
        assert!(course.said_of(kind, Winner::Nobody).await[0].starts_with("conflict"));
        let writes = course.target.requests_made();
        course.run(Winner::Target).await.expect("decided");
        assert_eq!(course.target.requests_made(), writes);
        let said = course.said_of(kind, Winner::Nobody).await;
        assert!(said[0].starts_with("keep"), "{said:?}");
        // What the target has is still its own when the source changes once more.
        course.source.edit(|course| rename(course, "Once more".into()));
        let said = course.said_of(kind, Winner::Nobody).await;
        assert!(said[0].starts_with("conflict"), "{said:?}");
    }
}
