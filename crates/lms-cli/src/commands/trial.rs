//! A learner on trial: the target's own grader is asked.

use std::sync::Arc;

use lms_core::{CourseId, LmsProvider, ProviderInfo, RequestCount};
use lms_migrate::{Trial, TrialOptions, Verification};

use crate::exit::Failure;
use crate::locator::Locator;
use crate::{connect, output};

/// Who is on trial.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Trial")]
pub(crate) struct Trials {
    /// A remote that is signed in to the target's platform as a learner. It enrolls and answers each exercise that has a
    /// key, and the platform's own verdicts are held against the source. `REMOTE:COURSE` where the target is a folder
    /// or an archive that was put onto a server.
    #[arg(long, value_name = "REMOTE")]
    trial: Option<String>,
    /// Answers to each exercise at most, right and wrong ones by turns.
    #[arg(long, value_name = "N", default_value_t = TrialOptions::default().answers, requires = "trial",
          value_parser = at_least_one)]
    trial_answers: usize,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err("say how many: 1 or more".into()),
    }
}

/// A learner, signed in.
#[derive(Debug)]
pub(crate) struct Learner {
    provider: Arc<dyn LmsProvider>,
    course: Option<CourseId>,
    answers: usize,
}

impl Trials {
    /// Connects to the learner's remote. Sends nothing.
    pub(crate) fn learner(&self, target: &ProviderInfo) -> Result<Option<Learner>, Failure> {
        let Some(text) = &self.trial else { return Ok(None) };
        let Locator::Remote { name, course } = text.parse()? else {
            return Err(Failure::Usage(format!(
                "{text} is no remote: a learner on trial signs in to a platform. `lms remotes` lists the remotes"
            )));
        };
        let provider = connect::by_name(&name)?;
        let platform = provider.info().platform;
        if platform != target.platform {
            return Err(Failure::Usage(format!(
                "{name} is on {}, the target on {}; a learner on trial answers on the target",
                platform.title(),
                target.platform.title()
            )));
        }
        Ok(Some(Learner { provider, course: course.map(CourseId::from), answers: self.trial_answers }))
    }
}

impl Learner {
    /// As the library takes it.
    pub(crate) fn trial(&self) -> Trial<'_> {
        let options = TrialOptions { answers: self.answers, ..TrialOptions::default() };
        Trial { learner: self.provider.as_ref(), course: self.course.clone(), options }
    }

    /// What the learner asked for so far.
    pub(crate) fn requests(&self) -> RequestCount {
        self.provider.requests()
    }
}

/// Whether a trial that was asked for came to nothing, which is said.
pub(crate) fn came_to_nothing(verification: Option<&Verification>) -> bool {
    let why = verification.and_then(|v| v.trial.as_ref()?.failed.as_deref());
    if let Some(why) = why {
        output::note(&format!("lms: the learner on trial answered nothing: {why}"));
    }
    why.is_some()
}
