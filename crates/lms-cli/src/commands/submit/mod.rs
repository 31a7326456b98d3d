//! `lms submit`.

pub(crate) mod answer;
pub(crate) mod verdict;

use std::io::IsTerminal;
use std::time::Duration;

use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use lms_core::{
    Error, ErrorKind, LmsProvider, LmsProviderExt, Patience, Submission, SubmissionId, SubmissionQuery,
    Submissions, Support, Task, TaskAnswer, TaskRef,
};

use crate::exit::{DONE, FAILED, Failure};
use crate::interrupt;
use crate::open;
use answer::Given;
use verdict::Sent;

/// `lms submit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lms submit stepik:67 501 --choice 2
  lms submit inginious:tutorial decimal --number 4.2
  lms submit stepik:67 512 --match 1=2 --match 2=1
  lms submit stepik:67 530 --code solution.py --language python3
  lms submit inginious:tutorial quiz --part 1:choice=3 --part 2:text=Brussels
  lms submit stepik:67 540 --json '{\"response\": \"native\", \"reply\": {\"solved\": true}}'

`lms task` shows what is asked. Without an answer, the command says how this task is answered. \
Ends with 0 once there is a verdict, right or wrong; --json tells which.")]
pub(crate) struct Submit {
    /// The course: REMOTE:COURSE.
    course: String,
    /// The task, as `lms tasks` lists it.
    task: String,
    /// Do not wait for the verdict.
    #[arg(long)]
    no_wait: bool,
    /// Seconds to wait for the verdict.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, conflicts_with = "no_wait")]
    timeout: u64,
    /// One JSON document on stdout. With a value: the answer itself as JSON, as --answer takes it.
    #[arg(long, value_name = "ANSWER", num_args = 0..=1)]
    json: Option<Option<String>>,
    // Its heading would hold for all that is said below it.
    #[command(flatten)]
    given: Given,
}

pub(crate) async fn run(args: Submit, quiet: bool) -> Result<u8, Failure> {
    let Submit { course: locator, task: name, given, no_wait, timeout, json } = args;
    let opened = open::platform_course(&locator).await?;
    let provider = opened.provider.as_ref();
    let service = provider.require_submissions()?;
    let at = TaskRef { course: opened.course, task: name.as_str().into() };
    let task = provider.require_tasks()?.get(&at).await.map_err(|e| no_task(e, &locator))?;
    let as_json = json.is_some();
    let answer = given.with_json(json.flatten()).answer_to(&task)?;
    if task.attempts_left == Some(0) {
        return Err(Failure::Advised(
            Error::new(ErrorKind::PermissionDenied, "no attempts are left; nothing was sent").on(&at.task),
            format!("`lms submissions {locator} {name}` lists what was sent before."),
        ));
    }
    let id = send(provider, service, &at, &answer, &locator).await?;
    if no_wait {
        verdict::print_sent(&id, &locator, &at, as_json)?;
        return Ok(DONE);
    }
    let spinner = spinner(quiet);
    let submission = wait(service, &at, &id, Duration::from_secs(timeout), &locator).await;
    spinner.finish_and_clear();
    let submission = submission?;
    let attempts_left = left_after(provider, &at, &task, &submission).await;
    let failed = submission.state == lms_core::SubmissionState::Failed;
    verdict::print(&Sent { submission, attempts_left }, &task, as_json)?;
    Ok(if failed { FAILED } else { DONE })
}

fn no_task(error: Error, locator: &str) -> Failure {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidInput => {
            let advice = format!(
                "`lms tasks {locator}` lists the tasks. Only those who take part see some: `lms enroll {locator} --me`."
            );
            Failure::Advised(error, advice)
        }
        _ => error.into(),
    }
}

/// Sends the answer. When the platform's own answer is lost, the list of submissions says whether it arrived.
async fn send(
    provider: &dyn LmsProvider,
    service: &dyn Submissions,
    at: &TaskRef,
    answer: &TaskAnswer,
    locator: &str,
) -> Result<SubmissionId, Failure> {
    let listed = service.support().list_own != Support::No;
    let before = if listed { newest(service, at).await? } else { None };
    let lost = match service.submit(at, answer).await {
        Ok(id) => return Ok(id),
        Err(e) if e.kind() == ErrorKind::OutcomeUnknown && listed => e,
        Err(e) => return Err(refused(provider, e, locator, at)),
    };
    match newest(service, at).await? {
        Some(found) if Some(&found) != before.as_ref() => Ok(found),
        _ => Err(Failure::Advised(
            Error::new(ErrorKind::Unavailable, "the answer did not arrive, and nothing was stored")
                .on(&at.task)
                .with_source(lost),
            "Run the same command again.".to_owned(),
        )),
    }
}

fn refused(provider: &dyn LmsProvider, error: Error, locator: &str, at: &TaskRef) -> Failure {
    let advice = match error.kind() {
        ErrorKind::NotEnrolled => format!("Take part first: `lms enroll {locator} --me`."),
        ErrorKind::PermissionDenied => {
            format!(
                "The task may be closed, or no attempts are left; `lms submissions {locator} {}` lists what was sent.",
                at.task
            )
        }
        ErrorKind::Conflict => {
            format!("`lms submissions {locator} {}` shows how earlier answers stand.", at.task)
        }
        ErrorKind::InvalidInput => format!(
            "`lms task {locator} {}` shows what is asked; {} checks answers by its own rules.",
            at.task,
            provider.info().platform
        ),
        _ => return error.into(),
    };
    Failure::Advised(error, advice)
}

async fn newest(service: &dyn Submissions, at: &TaskRef) -> Result<Option<SubmissionId>, Failure> {
    let mut listed = service.list(at, SubmissionQuery::default())?.items();
    Ok(listed.next().await.transpose()?.map(|submission| submission.id))
}

async fn wait(
    service: &dyn Submissions,
    at: &TaskRef,
    id: &SubmissionId,
    total: Duration,
    locator: &str,
) -> Result<Submission, Failure> {
    let later =
        format!("It was sent as {id}. `lms submissions {locator} {}` shows its verdict later.", at.task);
    let stop = interrupt::handle();
    tokio::select! {
        judged = service.wait(at, id, Patience { total }) => judged.map_err(|e| match e.kind() {
            ErrorKind::Timeout | ErrorKind::Unavailable => Failure::Advised(e, later),
            _ => e.into(),
        }),
        () = stop.requested() => Err(Failure::Interrupted(Some(later.clone()))),
    }
}

/// What is left is asked anew only where it was told before; that it cannot be told any more is no failure.
async fn left_after(
    provider: &dyn LmsProvider,
    at: &TaskRef,
    task: &Task,
    submission: &Submission,
) -> Option<u32> {
    task.attempts_left?;
    if submission.state == lms_core::SubmissionState::Pending {
        return None;
    }
    provider.tasks()?.get(at).await.ok()?.attempts_left
}

fn spinner(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("sent, waiting for the verdict");
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
