//! Moving a course between providers that nobody has heard of, and noticing what goes wrong.

mod support;

use lms_core::{
    Asset, AssetRole, Block, BlockBody, Cardinality, ChoiceInteraction, ChoiceOption, Course, ErrorKind,
    Exercise, Finding, Foreign, Interaction, Key, Lesson, LmsProvider, Markup, NewCourse, Platform, Section,
    Severity, SourceFormat, Step, Text,
};
use lms_migrate::{
    Outcome, Plan, Quiet, Report, Verification, VerifyOptions, apply, plan, verify, verify_with,
};
use support::{Defect, Memory};

fn course() -> Course {
    let text =
        |id: &str, html: &str| Block::new(id, BlockBody::Text(Text { markup: Markup::from_html(html) }));
    let question = |id: &str| {
        let interaction = Interaction::Choice(ChoiceInteraction {
            cardinality: Cardinality::Single,
            options: ["4", "5", "6"].map(ChoiceOption::new).into(),
            shuffle: false,
            shown: None,
        });
        let exercise = Exercise::new(id, "<p>2 + 2?</p>".into(), interaction)
            .with_key(Key::Choice { correct: [0].into() });
        Block::new(id, BlockBody::Exercise(Box::new(exercise)))
    };
    let foreign = Foreign {
        platform: Platform::Stepik,
        name: "schulte".into(),
        format: SourceFormat::Json,
        source: "{}".into(),
        readable: Markup::default(),
        points: None,
    };
    let blocks = [
        text("b1", "<p>Look: <img src=\"asset:a.png\"></p>"),
        question("b2"),
        text("b3", "<p>More</p>"),
        Block::new("b4", BlockBody::Foreign(foreign)),
    ];
    let mut course = Course::new("c", "Sums");
    let mut section = Section::new("s", "One");
    for n in 0..3 {
        let mut lesson = Lesson::new(format!("l{n}"), format!("Lesson {n}"));
        for (t, block) in blocks.iter().enumerate() {
            let mut step = Step::new(format!("t{n}{t}"), format!("Step {t}"));
            let mut block = block.clone();
            if n > 0 {
                block.id = format!("{}-{n}", block.id).into();
            }
            step.blocks.push(block);
            lesson.steps.push(step);
        }
        section.lessons.push(lesson);
    }
    course.sections.push(section);
    course.assets.push(Asset {
        id: "a.png".into(),
        name: "a.png".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    });
    course
}

fn source() -> Memory {
    Memory::with(course(), &[("a.png", b"picture")])
}

async fn migrate(defect: Defect) -> (Plan, Verification, Memory) {
    let (source, target) = (source(), Memory::empty(defect));
    let planned = plan(&source, &"c".into(), &target).await.expect("a plan");
    let written =
        apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect("it is written");
    let verification =
        verify(&planned, &source, &target, &written.course, &Quiet).await.expect("it is read back");
    (planned, verification, target)
}

#[tokio::test]
async fn everything_arrives_in_order_or_is_named() {
    let (planned, verification, target) = migrate(Defect::None).await;
    assert!(verification.holds(), "{verification:?}");
    assert_eq!((verification.exercises, verification.agreed, verification.assets), (3, 3, 1));
    let report = Report::new(&planned);
    let read: usize = report.read.values().sum();
    let carried: usize = report.carried.values().sum();
    let dropped = planned.findings.iter().filter(|f| f.block.is_some()).count();
    assert_eq!((read, carried, dropped), (12, 9, 3));
    assert_eq!(read, carried + dropped);
    assert!(target.requests().write > 0);
}

#[tokio::test]
async fn a_block_that_the_converter_loses_stops_the_migration_before_the_first_write() {
    for (defect, says) in [
        (Defect::LosesABlock, "neither carried nor named"),
        (Defect::ClaimsABlock, "not in the adapted course"),
        (Defect::RepeatsAnId, "blocks with the id"),
    ] {
        let target = Memory::empty(defect);
        let error = plan(&source(), &"c".into(), &target).await.expect_err("the books do not balance");
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains(says), "{defect:?}: {error}");
        assert_eq!(target.requests().write, 0);
    }
}

#[tokio::test]
async fn changed_marks_are_noticed() {
    let (_, verification, _) = migrate(Defect::ChangesAKey).await;
    assert!(!verification.holds());
    assert_eq!(verification.disagreed, 3, "{verification:?}");
    assert!(verification.checks.iter().all(|c| matches!(c.outcome, Outcome::Disagreed { .. })));
}

#[tokio::test]
async fn changed_texts_and_files_are_noticed() {
    let (_, verification, _) = migrate(Defect::CutsText).await;
    assert!(verification.differences.iter().any(|d| d.what == "text"), "{verification:?}");
    let (source, target) = (source(), Memory::empty(Defect::DamagesFiles));
    let mut planned = plan(&source, &"c".into(), &target).await.expect("a plan");
    let written =
        apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect("it is written");
    // That a file is written anew by the target excuses none that learners see.
    let rewritten = Finding::new(Severity::Approximated, "file a.png", "file", "it is written anew");
    planned.adapted.findings.push(rewritten);
    for written in [None, Some(&written)] {
        let options = VerifyOptions { written, trial: None };
        let verification = verify_with(&planned, (&source, &target), &"copy".into(), options, &Quiet).await;
        let found = verification.expect("it is read back").differences;
        assert!(found.iter().any(|d| d.path == "file a.png" && d.what == "content"), "{found:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_now_is_no_file_that_is_not_there() {
    let (source, target) = (source().with_defect(Defect::FailsToRead), Memory::empty(Defect::None));
    let planned = plan(&source, &"c".into(), &target).await.expect("a plan");
    let error = apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect_err("it fails");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_file_that_the_source_lists_and_does_not_give_is_named() {
    let (source, target) = (Memory::with(course(), &[]), Memory::empty(Defect::None));
    let planned = plan(&source, &"c".into(), &target).await.expect("a plan");
    let written =
        apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect("it is written");
    assert_eq!(written.findings.len(), 1);
    assert!(written.findings[0].path.contains("a.png"));
}

#[tokio::test]
async fn a_file_left_behind_is_named_once_whoever_names_it() {
    let mut course = course();
    for name in ["a", "b, c.png"] {
        let asset = Asset { id: name.into(), name: name.into(), ..course.assets[0].clone() };
        course.assets.push(asset);
    }
    for (defect, what) in [(Defect::DropsFiles, "file"), (Defect::NamesDroppedFiles, "a file")] {
        let source = Memory::with(course.clone(), &[]);
        let planned = plan(&source, &"c".into(), &Memory::empty(defect)).await.expect("a plan");
        for name in ["a.png", "a", "b, c.png"] {
            let at = format!("file {name}");
            let said: Vec<&str> =
                planned.findings.iter().filter(|f| f.path == at).map(|f| f.what.as_str()).collect();
            assert_eq!(said, [what], "{defect:?}: {name}: {:?}", planned.findings);
        }
    }
}

#[test]
fn the_report_stands_alone_and_escapes_what_it_quotes() {
    let mut course = course();
    course.title = "<script>alert(1)</script>".into();
    let content = lms_core::Content { course, findings: vec![], native: Default::default() };
    let target = Memory::empty(Defect::None);
    let info = source().info().clone();
    let html = Report::new(&lms_migrate::plan_content(content, &info, &target).expect("a plan")).to_html();
    assert_eq!(html.matches("<script").count(), 1, "its own, which the policy names by its hash");
    assert!(
        !html.contains("src=") && !html.contains("http://") && !html.contains("https://"),
        "nothing is fetched"
    );
    assert!(html.contains("schulte"));
}
