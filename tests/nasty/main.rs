//! Random courses with contents that break readers and writers, between all platforms: what changes is said.

mod announced;
mod course;
mod exercises;
mod memory;
mod mutation;
mod place;
mod texts;

use lms::migrate::{Backup, Bundle, Journal, Pair, Quiet, Stop, SyncOptions, Work, plan, verify};
use lms::{
    Block, BlockBody, Course, CourseId, CoursesExt, Exercise, Interaction, Key, Lesson, LmsProvider,
    LmsProviderExt, Platform, Result, Section, Step, Text, TextAccept, TextEntryInteraction, TextRule,
};

use crate::announced::unannounced;
use crate::memory::Memory;
use crate::place::{Hosted, Place, place};

const PLATFORMS: [Platform; 3] = [Platform::Stepik, Platform::OpenEdx, Platform::Inginious];

/// Moves a course, and says what is wrong.
async fn moved(
    source: &dyn LmsProvider,
    course: &CourseId,
    to: Platform,
) -> Result<(Hosted, Place, Vec<String>)> {
    let place = place(to).await?;
    let target = place.provider.as_ref();
    let planned = plan(source, course, target).await?;
    let mut wrong = unannounced(&planned);
    let state = tempfile::tempdir().expect("a folder");
    let journal = || Journal::open(state.path(), Pair::new(source.info(), course, target.info(), None));
    let (stop, options) = (Stop::new(), || SyncOptions { backup: Backup::Skip, ..SyncOptions::default() });
    let (first, plan_again) = (journal()?, planned.clone());
    let work = Work::prepare(planned.clone(), source, target, &first, options()).await?;
    let written = work.carry_out(source, target, &first, &Quiet, &stop).await?;
    drop(first);
    let second = journal()?;
    let again = Work::prepare(plan_again, source, target, &second, options()).await?;
    if !again.is_done() {
        wrong.push(format!(
            "course [second run]: {} {:?}",
            again.changes().summary(),
            again.changes().changes
        ));
    }
    let verified = verify(&planned, source, target, &written.course, &Quiet).await?;
    wrong.extend(verified.differences.iter().map(|d| {
        format!("{} [read back]: {}: expected {:?}, is {:?}", d.path, d.what, d.expected, d.actual)
    }));
    wrong.extend(verified.checks.iter().filter_map(|check| match &check.outcome {
        lms::migrate::Outcome::Disagreed { example } => {
            Some(format!("{} [marks {}]: {example}", check.path, check.interaction))
        }
        _ => None,
    }));
    let hosted = Hosted { provider: place.provider.clone(), course: written.course };
    Ok((hosted, place, wrong))
}

async fn everywhere(seed: u64) -> Vec<String> {
    let mut wrong = Vec::new();
    let source = Memory::new(course::course(seed));
    for first in PLATFORMS {
        let (hosted, _place, said) = match moved(&source, &"nasty".into(), first).await {
            Ok(done) => done,
            Err(error) => {
                wrong.push(format!("{seed} → {first}: {error} {error:?}"));
                continue;
            }
        };
        wrong.extend(said.into_iter().map(|said| format!("{seed} → {first}: {said}")));
        for second in PLATFORMS {
            match moved(hosted.provider.as_ref(), &hosted.course, second).await {
                Ok((_, _, said)) => {
                    wrong.extend(said.into_iter().map(|said| format!("{seed} → {first} → {second}: {said}")));
                }
                Err(error) => wrong.push(format!("{seed} → {first} → {second}: {error} {error:?}")),
            }
        }
    }
    wrong
}

/// The courses to be made: `LMS_NASTY=40` makes the first forty, `LMS_NASTY=17..18` only that of number 17.
fn seeds(wanted: Option<String>) -> std::ops::Range<u64> {
    let Some(wanted) = wanted else { return 0..8 };
    let (from, to) = wanted.split_once("..").unwrap_or(("0", &wanted));
    let number = |text: &str| text.parse().expect("LMS_NASTY is a number, or two with .. between them");
    number(from)..number(to)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_said() {
    let all = seeds(std::env::var("LMS_NASTY").ok()).map(|seed| tokio::spawn(everywhere(seed)));
    let mut wrong = Vec::new();
    for one in all.collect::<Vec<_>>() {
        wrong.extend(one.await.expect("no panic"));
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A bundle holds whatever the model holds.
#[tokio::test]
async fn a_bundle_holds_everything() {
    for seed in 0..20 {
        let course = course::course(seed);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bundle");
        let source = Memory::new(course.clone());
        Bundle::save(&source, &"nasty".into(), &path).await.expect("it is saved");
        let bundle = Bundle::open(&path).expect("it opens");
        let courses = bundle.require_courses().expect("it reads");
        let id = courses.first_course().await.expect("a course").id;
        let mut back = courses.content(&id).await.expect("the course").course;
        for asset in &mut back.assets {
            (asset.size, asset.media_type) = (None, None);
        }
        assert_eq!(back, course, "{seed}");
    }
}

/// Every walk through a text ends, however deep it is.
#[tokio::test]
async fn deep_nesting_takes_nothing_down() {
    for tag in ["div", "ul><li"] {
        let html = format!("<{tag}>").repeat(1_000) + "words";
        let text = lms::Markup::from_html(html);
        let mut course = Course::new("deep", "Deep");
        course.description = text.clone();
        let mut step = Step::new("t", "Deep");
        step.blocks.push(Block::new("b1", BlockBody::Text(Text { markup: text.clone() })));
        let interaction = Interaction::TextEntry(TextEntryInteraction::default());
        let accept = vec![TextAccept { text: "x".into(), rule: TextRule::Exact, case_sensitive: true }];
        let exercise = Exercise::new("t1", text, interaction).with_key(Key::Text { accept });
        step.blocks.push(Block::new("b2", BlockBody::Exercise(Box::new(exercise))));
        let (mut section, mut lesson) = (Section::new("s", "S"), Lesson::new("l", "L"));
        lesson.steps.push(step);
        section.lessons.push(lesson);
        course.sections.push(section);
        let source = Memory::new(course);
        for to in PLATFORMS {
            let place = place(to).await.expect("a place");
            let planned = plan(&source, &"deep".into(), place.provider.as_ref()).await.expect("a plan");
            let words = planned.adapted.course.blocks().next().expect("a block").block.1.clone();
            assert!(serde_json::to_string(&words).expect("JSON").contains("words"), "{to} <{tag}>");
            let html = lms::migrate::Report::new(&planned).to_html();
            assert!(html.contains("Deep"), "{to} <{tag}>");
        }
    }
}
