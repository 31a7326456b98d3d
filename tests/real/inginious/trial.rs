//! A learner on trial on a real INGInious: the site's own graders mark what a migration has put there.

use std::collections::BTreeMap;

use lms::inginious::FolderCourse;
use lms::migrate::{
    Enrolled, GradedBy, Outcome, Quiet, Trial, TrialOptions, Verification, apply, plan, verify_with,
};
use lms::openedx::OlxArchive;
use lms::{CoursesExt, LmsProvider, LmsProviderExt, NewCourse};

use crate::shared::shared;
use crate::{Server, sample};

/// How many exercises of each interaction the site marked, and in how many answers.
type Marked = BTreeMap<&'static str, (usize, usize)>;

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_on_trial_is_marked_as_the_sources_say() {
    let Some(server) = Server::real() else { return };
    let demo = marked(&server, &sample::Sample::new(), "trial-demo").await;
    for interaction in
        ["choice", "inline_choice", "text_entry", "numeric", "formula", "match", "table", "gap"]
    {
        let answers = demo.get(interaction).map_or(0, |(_, answers)| *answers);
        assert!(answers >= 3, "{interaction}: {answers} answers were marked: {demo:?}");
    }
    if let Some(path) = shared("courses/openedx/kitchen-sink") {
        marked(&server, &OlxArchive::open(path).expect("a course"), "trial-olx").await;
    }
    if let Some(path) = shared("courses/inginious/demo-tasks") {
        marked(&server, &FolderCourse::open(path).expect("a folder"), "trial-folder").await;
    }
}

/// Moves a course to the site and has the learner answer it.
async fn marked(server: &Server, source: &dyn LmsProvider, id: &str) -> Marked {
    let from = source.require_courses().expect("courses").first_course().await.expect("a course").id;
    let planned = plan(source, &from, &server.site).await.expect("planned");
    let new = NewCourse { id: Some(id.into()), ..NewCourse::default() };
    let course = apply(&planned, source, &server.site, &new, &Quiet).await.expect("written").course;
    let trial = Trial { learner: &server.learner, course: None, options: TrialOptions::default() };
    let ends: (&dyn LmsProvider, &dyn LmsProvider) = (source, &server.site);
    let found = verify_with(&planned, ends, &course, Some(&trial), &Quiet).await.expect("it is read back");
    holds(id, &found)
}

/// Nothing disagrees, and what the site was not asked is said, with a reason that is none of ours.
fn holds(id: &str, found: &Verification) -> Marked {
    let run = found.trial.as_ref().expect("a trial");
    assert_eq!((run.failed.as_deref(), run.enrolled), (None, Enrolled::ByLearner), "{id}");
    let wrong: Vec<_> =
        found.checks.iter().filter(|check| matches!(check.outcome, Outcome::Disagreed { .. })).collect();
    assert!(found.holds(), "{id}: {wrong:#?} {:#?}", found.differences);
    let mut marked = Marked::new();
    for check in &found.checks {
        let tried = check.trial.as_ref().expect("each exercise says what was asked");
        let why = tried.why.as_deref().unwrap_or_default();
        assert_eq!(tried.left == 0 && tried.marked > 0, why.is_empty(), "{id}: {}: {tried:?}", check.path);
        assert!(!why.contains("the learner sees"), "{id}: {}: {why}", check.path);
        if check.graded_by == Some(GradedBy::Platform) {
            let (exercises, answers) = marked.entry(check.interaction).or_default();
            (*exercises, *answers) = (*exercises + 1, *answers + tried.marked);
        }
    }
    assert_eq!(marked.values().map(|(exercises, _)| exercises).sum::<usize>(), run.exercises, "{id}");
    assert!(run.exercises > 5, "{id}: {run:?}");
    eprintln!(
        "{id}: a real INGInious marked {} answers, none otherwise than the source: {marked:?}",
        run.submissions
    );
    marked
}
