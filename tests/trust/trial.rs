//! A learner on trial: the platform's own grader is asked, and what only it shows is found.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lms::migrate::{
    Bundle, Enrolled, Filter, GradedBy, Outcome, Plan, Quiet, Trial, TrialOptions, Verification,
    VerifyOptions, apply, plan_part, verify_with,
};
use lms::{
    Accounts, CourseId, Courses, CoursesExt, Enrollments, LmsProvider, LmsProviderExt, NewCourse, Paged,
    Patience, Platform, ProviderInfo, RequestCount, Result, Submission, SubmissionId, SubmissionQuery,
    SubmissionSupport, Submissions, TaskAnswer, TaskId, TaskRef, Tasks,
};
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;

/// A platform, as its author and as a learner sees it.
struct Site {
    author: Arc<dyn LmsProvider>,
    learner: Arc<dyn LmsProvider>,
    _server: Box<dyn std::any::Any>,
}

fn connect(platform: Platform, options: &[(&str, &str)]) -> Arc<dyn LmsProvider> {
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    lms::connect(platform, options).expect("the options are sound")
}

async fn site(platform: Platform) -> Site {
    let options = Options { background_delay: Duration::from_millis(1), ..Options::default() };
    match platform {
        Platform::Stepik => {
            let server = StepikEmulator::start(options).await.expect("it starts");
            let who = server.credentials().clone();
            let app = [
                ("url", who.url.as_str()),
                ("client_id", &who.client_id),
                ("client_secret", &who.client_secret),
            ];
            let person = [("username", who.learner_username.as_str()), ("password", &who.learner_password)];
            let learner = connect(platform, &[app.as_slice(), &person].concat());
            Site { author: connect(platform, &app), learner, _server: Box::new(server) }
        }
        Platform::OpenEdx => {
            let server = OpenEdxEmulator::start(options).await.expect("it starts");
            let who = server.credentials().clone();
            let app = [
                ("lms_url", who.lms_url.as_str()),
                ("studio_url", &who.studio_url),
                ("client_id", &who.client_id),
                ("client_secret", &who.client_secret),
            ];
            let author = [("username", who.username.as_str()), ("password", &who.password)];
            let person = [("username", who.learner_username.as_str()), ("password", &who.learner_password)];
            let learner = connect(platform, &[app.as_slice(), &person].concat());
            let author = connect(platform, &[app.as_slice(), &author].concat());
            Site { author, learner, _server: Box::new(server) }
        }
        _ => {
            let server = InginiousEmulator::start(options).await.expect("it starts");
            let who = server.credentials().clone();
            let author = [
                ("url", who.url.as_str()),
                ("username", &who.username),
                ("password", &who.password),
                ("webdav_url", &who.webdav_url),
            ];
            let person = [
                ("url", who.url.as_str()),
                ("username", &who.learner_username),
                ("password", &who.learner_password),
            ];
            let (author, learner) = (connect(platform, &author), connect(platform, &person));
            Site { author, learner, _server: Box::new(server) }
        }
    }
}

/// The demo course, or a part of it.
async fn moved(site: &Site, filter: &Filter) -> (Bundle, Plan, CourseId) {
    let path = format!("{}/examples/courses/measuring", env!("CARGO_MANIFEST_DIR"));
    let source = Bundle::open(path).expect("the example is there");
    let id = source.require_courses().expect("courses").first_course().await.expect("a course").id;
    let plan = plan_part(&source, &id, site.author.as_ref(), filter).await.expect("a plan");
    let written = apply(&plan, &source, site.author.as_ref(), &NewCourse::default(), &Quiet).await;
    let course = written.expect("it is written").course;
    (source, plan, course)
}

async fn tried(site: &Site, learner: &dyn LmsProvider, filter: &Filter) -> Verification {
    let (source, plan, course) = moved(site, filter).await;
    let options = TrialOptions { answers: 5, parallel: 8, ..TrialOptions::default() };
    let trial = Trial { learner, course: None, options };
    let sides: (&dyn LmsProvider, &dyn LmsProvider) = (&source, site.author.as_ref());
    let options = VerifyOptions { trial: Some(&trial), written: None };
    verify_with(&plan, sides, &course, options, &Quiet).await.expect("it is read back")
}

fn quick() -> Filter {
    let kinds = ["choice", "inline_choice", "extended_text", "code", "text"];
    Filter { kinds: kinds.map(str::to_owned).into(), ..Filter::default() }
}

/// All of the demo course on the platforms that mark it themselves.
#[tokio::test(flavor = "multi_thread")]
async fn each_platform_marks_for_a_learner_on_trial_as_the_source_does() {
    for (platform, filter) in [
        (Platform::Stepik, Filter::default()),
        (Platform::OpenEdx, Filter::default()),
        (Platform::Inginious, quick()),
    ] {
        let site = site(platform).await;
        let found = tried(&site, site.learner.as_ref(), &filter).await;
        let run = found.trial.as_ref().expect("a trial");
        assert_eq!((run.failed.as_deref(), run.enrolled), (None, Enrolled::ByLearner), "{platform}");
        let wrong: Vec<_> = found.checks.iter().filter(|c| c.outcome_is_bad()).collect();
        assert!(found.holds(), "{platform}: {wrong:#?} {:#?}", found.differences);
        let asked = found.graded_by.get(&GradedBy::Platform).copied().unwrap_or(0);
        assert!(asked >= if platform == Platform::Inginious { 6 } else { 25 }, "{platform}: {asked}");
        for check in &found.checks {
            let said = check.trial.as_ref().expect("each exercise says what was asked");
            assert!(said.marked > 0 || said.why.is_some(), "{platform}: {}: {said:?}", check.path);
            if check.graded_by == Some(GradedBy::Platform) && said.left > 0 {
                assert!(said.why.is_some(), "{platform}: {}: {said:?}", check.path);
                assert!(
                    said.marked >= 5 || check.interaction != "numeric",
                    "{platform}: {}: {said:?}",
                    check.path
                );
            }
        }
    }
}

trait Bad {
    fn outcome_is_bad(&self) -> bool;
}

impl Bad for lms::migrate::GradingCheck {
    fn outcome_is_bad(&self) -> bool {
        matches!(self.outcome, Outcome::Disagreed { .. })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_that_only_the_platform_gives_otherwise_are_found() {
    let filter = Filter { kinds: ["choice".to_owned()].into(), ..Filter::default() };
    for platform in [Platform::Stepik, Platform::OpenEdx, Platform::Inginious] {
        let site = site(platform).await;
        let crooked = Crooked { inner: site.learner.clone(), spoiled: std::sync::Mutex::new(None) };
        let found = tried(&site, &crooked, &filter).await;
        assert!(!found.holds() && found.differences.is_empty(), "{platform}");
        assert_eq!(
            (found.disagreed, found.agreed),
            (1, found.exercises - 1),
            "{platform}: {:#?}",
            found.checks
        );
        assert!(found.exercises > 3, "{platform}");
        let check = found.checks.iter().find(|check| check.outcome_is_bad()).expect("the one");
        assert_eq!(check.graded_by, Some(GradedBy::Platform), "{platform}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_who_may_not_take_part_is_no_proof() {
    let site = site(Platform::Inginious).await;
    let stranger = connect(
        Platform::Inginious,
        &[("url", &site.learner.info().location), ("username", "nobody"), ("password", "wrong")],
    );
    let filter = Filter { kinds: ["choice".to_owned()].into(), ..Filter::default() };
    let found = tried(&site, stranger.as_ref(), &filter).await;
    let run = found.trial.as_ref().expect("a trial");
    assert!(run.failed.is_some() && run.submissions == 0, "{run:?}");
    assert!(!found.graded_by.contains_key(&GradedBy::Platform));
}

/// A platform whose grader turns the verdicts on one task around: the first that is answered.
#[derive(Debug)]
struct Crooked {
    inner: Arc<dyn LmsProvider>,
    spoiled: std::sync::Mutex<Option<TaskId>>,
}

impl LmsProvider for Crooked {
    fn info(&self) -> &ProviderInfo {
        self.inner.info()
    }
    fn requests(&self) -> RequestCount {
        self.inner.requests()
    }
    fn planned(&self, operation: &str, calls: u64) -> Duration {
        self.inner.planned(operation, calls)
    }
    fn courses(&self) -> Option<&dyn Courses> {
        self.inner.courses()
    }
    fn enrollments(&self) -> Option<&dyn Enrollments> {
        self.inner.enrollments()
    }
    fn accounts(&self) -> Option<&dyn Accounts> {
        self.inner.accounts()
    }
    fn tasks(&self) -> Option<&dyn Tasks> {
        self.inner.tasks()
    }
    fn submissions(&self) -> Option<&dyn Submissions> {
        Some(self)
    }
}

#[async_trait]
impl Submissions for Crooked {
    fn support(&self) -> SubmissionSupport {
        self.inner.submissions().expect("submissions").support()
    }
    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId> {
        self.inner.require_submissions()?.submit(task, answer).await
    }
    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission> {
        self.inner.require_submissions()?.get(task, id).await
    }
    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission> {
        let mut submission = self.inner.require_submissions()?.wait(task, id, patience).await?;
        let spoiled = self.spoiled.lock().expect("no panic").get_or_insert(task.task.clone()).clone();
        if let Some(verdict) = submission.verdict.as_mut().filter(|_| spoiled == task.task) {
            verdict.correct = !verdict.correct;
            verdict.score = 1.0 - verdict.score;
            verdict.parts.iter_mut().for_each(|(_, right)| *right = !*right);
        }
        Ok(submission)
    }
    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>> {
        self.inner.require_submissions()?.list(task, query)
    }
}
