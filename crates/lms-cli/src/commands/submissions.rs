//! `lms submissions`.

use std::collections::HashMap;
use std::io::IsTerminal;

use clap::ValueEnum;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use lms_core::{
    CourseId, Error, ErrorKind, LmsProvider, LmsProviderExt, Result, Submission, SubmissionQuery,
    SubmissionState, Submissions as Service, Support, TaskId, TaskQuery, TaskRef, TaskSummary, UserId,
};

use super::sheet::{Cells, FormArgs, show};
use super::submit::verdict::{rounded, word};
use crate::exit::{DONE, Failure};
use crate::{open, output};

/// `lms submissions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lms submissions stepik:67 501                        what this account has sent to a task
  lms submissions stepik:67 --which best               its best answer to each task
  lms submissions openedx:course-v1:Org+C+R --user ann --csv
  lms submissions stepik:67 --everyone --jsonl | gzip > submissions.jsonl.gz
  lms submissions stepik:67 --everyone --status wrong --which last --csv

Everything is shown as it comes in. Stepik gives a whole course at once; elsewhere the tasks are gone through one after \
the other.")]
pub(crate) struct Submissions {
    /// The course: REMOTE:COURSE.
    course: String,
    /// Only of this task, as `lms tasks` lists it.
    task: Option<String>,
    /// Of this account instead of the one that is signed in.
    #[arg(long, value_name = "USER", conflicts_with = "everyone")]
    user: Option<String>,
    /// Of everybody in the course, as far as the account may see. On Stepik only; elsewhere say --user of each.
    #[arg(long)]
    everyone: bool,
    /// Which of each person and task.
    #[arg(long, value_enum, default_value_t)]
    which: Which,
    /// Only those that stand so.
    #[arg(long, value_enum)]
    status: Option<Status>,
    #[command(flatten)]
    form: FormArgs,
}

/// Which submissions of each person and task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Which {
    /// Every one.
    #[default]
    All,
    /// The one with the highest score; of several, the first.
    Best,
    /// The newest.
    Last,
}

/// How a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// All right.
    Correct,
    /// Some points.
    Partial,
    /// No points.
    Wrong,
    /// Not judged yet.
    Pending,
    /// It could not be judged.
    Failed,
}

impl Status {
    fn is(self, submission: &Submission) -> bool {
        self.to_possible_value().is_some_and(|name| name.get_name() == word(submission))
    }
}

impl Cells for Submission {
    const COLUMNS: &'static [&'static str] = &["submission", "task", "user", "at", "status", "percent"];

    fn cells(&self) -> Vec<String> {
        let score = self.verdict.as_ref().filter(|_| self.state == SubmissionState::Judged);
        vec![
            self.id.to_string(),
            self.task.to_string(),
            self.user.as_ref().map(ToString::to_string).unwrap_or_default(),
            self.at.as_ref().map(ToString::to_string).unwrap_or_default(),
            word(self).to_owned(),
            score.map(|verdict| rounded(verdict.score * 100.0)).unwrap_or_default(),
        ]
    }
}

type Listing<'a> = BoxStream<'a, Result<Submission>>;

pub(crate) async fn run(args: Submissions) -> Result<u8, Failure> {
    let Submissions { course, task, user, everyone, which, status, form } = args;
    let opened = open::platform_course(&course).await?;
    let provider = opened.provider.as_ref();
    let only_own = user.is_none() && !everyone;
    let user = user.map(UserId::from);
    let listing = match (task, everyone) {
        (None, true) => everybodys(provider, &opened.course, &course)?,
        (None, false) => by_task(provider, &opened.course, user)?,
        (Some(task), false) => {
            let at = TaskRef { course: opened.course.clone(), task: task.into() };
            of_task(provider.require_submissions()?, &at, user)?
        }
        (Some(task), true) => {
            let all = everybodys(provider, &opened.course, &course)?;
            all.try_filter(move |found| std::future::ready(found.task.as_str() == task)).boxed()
        }
    };
    let picked = match which {
        Which::All => listing,
        which => pick(which, listing),
    };
    let wanted =
        picked.try_filter(move |found| std::future::ready(status.is_none_or(|status| status.is(found))));
    let count = show(form, wanted).await?;
    if count == 0 && only_own && std::io::stderr().is_terminal() {
        let others = match opened.provider.submissions().map(|service| service.support().list_others) {
            Some(Support::No) | None => "",
            Some(_) => "; --user NAME lists another's, --everyone all where the platform gives them",
        };
        output::note(&format!("lms: this lists what the account itself has sent{others}"));
    }
    Ok(DONE)
}

fn everybodys(
    provider: &dyn LmsProvider,
    course: &CourseId,
    locator: &str,
) -> Result<Listing<'static>, Failure> {
    provider.require_submissions()?.of_course(course).map_err(|e| match e.kind() {
        ErrorKind::Unsupported => Failure::Advised(
            e.at(provider.info().platform, "submissions.of_course"),
            format!("Say --user USER; `lms roster {locator}` lists who takes part."),
        ),
        _ => e.into(),
    })
}

fn of_task(submissions: &dyn Service, at: &TaskRef, user: Option<UserId>) -> Result<Listing<'static>> {
    let whose = user.clone();
    let listing = submissions.list(at, SubmissionQuery { user, from: None })?;
    // Of one account, some platforms do not repeat whose it is.
    let named = listing
        .items()
        .map_ok(move |found| Submission { user: found.user.or_else(|| whose.clone()), ..found });
    Ok(named.boxed())
}

/// Task after task; the next is asked for when the one before was read. Tasks that are answered elsewhere than on the
/// platform's own pages are named and left out, unless all are.
fn by_task<'a>(
    provider: &'a dyn LmsProvider,
    course: &CourseId,
    user: Option<UserId>,
) -> Result<Listing<'a>, Failure> {
    struct Walk<'a> {
        tasks: BoxStream<'a, Result<TaskSummary>>,
        open: Option<(TaskId, Listing<'a>)>,
        listed: bool,
        refused: Option<Error>,
    }
    let submissions = provider.require_submissions()?;
    let tasks = provider.require_tasks()?.list(course, TaskQuery::default())?.items();
    let course = course.clone();
    let walk = Walk { tasks, open: None, listed: false, refused: None };
    let all = stream::try_unfold(walk, move |mut walk| {
        let (course, user) = (course.clone(), user.clone());
        async move {
            loop {
                let Some((task, listing)) = &mut walk.open else {
                    let Some(task) = walk.tasks.try_next().await? else {
                        return walk.refused.filter(|_| !walk.listed).map_or(Ok(None), Err);
                    };
                    let at = TaskRef { course: course.clone(), task: task.id };
                    let listing = of_task(submissions, &at, user.clone())?;
                    walk.open = Some((at.task, listing));
                    continue;
                };
                match listing.try_next().await {
                    Ok(Some(found)) => {
                        walk.listed = true;
                        return Ok(Some((found, walk)));
                    }
                    Ok(None) => walk.listed = true,
                    Err(error) if error.kind() == ErrorKind::Unsupported => {
                        output::note(&format!("lms: task {task} is left out: {}", error.message()));
                        walk.refused.get_or_insert(error);
                    }
                    Err(error) => return Err(error),
                }
                walk.open = None;
            }
        }
    });
    Ok(all.boxed())
}

/// One of each person and task. A listing goes task after task, so what is held is one submission for each person of
/// one task.
fn pick(which: Which, listing: Listing<'_>) -> Listing<'_> {
    struct Run<'a> {
        listing: Option<Listing<'a>>,
        next: Option<Submission>,
    }
    let run = Run { listing: Some(listing), next: None };
    stream::try_unfold(run, move |mut run| async move {
        let Some(listing) = &mut run.listing else { return Ok(None) };
        let mut held: Vec<Submission> = run.next.take().into_iter().collect();
        let mut at: HashMap<Option<UserId>, usize> = held.iter().map(|one| (one.user.clone(), 0)).collect();
        loop {
            match listing.try_next().await? {
                Some(found) if held.first().is_none_or(|first| first.task == found.task) => {
                    match at.get(&found.user).and_then(|at| held.get_mut(*at)) {
                        Some(best) if beats(which, &found, best) => *best = found,
                        Some(_) => {}
                        None => {
                            at.insert(found.user.clone(), held.len());
                            held.push(found);
                        }
                    }
                }
                Some(other) => {
                    run.next = Some(other);
                    break;
                }
                None => {
                    run.listing = None;
                    break;
                }
            }
        }
        Ok::<_, Error>(Some((stream::iter(held.into_iter().map(Ok)), run)))
    })
    .try_flatten()
    .boxed()
}

/// Whether one is to be kept instead of another of the same person.
fn beats(which: Which, found: &Submission, held: &Submission) -> bool {
    let age = |of: &Submission| {
        (of.at.map(lms_core::Timestamp::as_unix_seconds), of.id.as_str().parse::<u64>().ok())
    };
    let score = |of: &Submission| match (of.state, &of.verdict) {
        (SubmissionState::Judged, Some(verdict)) => verdict.score,
        _ => -1.0,
    };
    match which {
        Which::All => false,
        Which::Last => age(found) > age(held),
        Which::Best => match score(found).total_cmp(&score(held)) {
            std::cmp::Ordering::Equal => age(found) < age(held),
            order => order.is_gt(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lms_core::{Markup, Verdict};

    fn sent(id: u64, task: &str, user: &str, score: Option<f64>) -> Submission {
        Submission {
            id: id.into(),
            task: task.into(),
            user: Some(user.into()),
            at: None,
            state: if score.is_some() { SubmissionState::Judged } else { SubmissionState::Pending },
            verdict: score.map(|score| Verdict {
                correct: score >= 1.0,
                score,
                feedback: Markup::default(),
                parts: Vec::new(),
            }),
            answer: None,
        }
    }

    #[test]
    fn one_of_each_person_and_task_is_kept() {
        let all = || {
            vec![
                sent(4, "a", "ada", Some(0.0)),
                sent(3, "a", "ada", Some(0.5)),
                sent(2, "a", "ben", None),
                sent(1, "a", "ada", Some(0.5)),
                sent(6, "b", "ada", None),
                sent(5, "b", "ada", Some(0.0)),
            ]
        };
        for (which, kept) in [(Which::Best, ["1", "2", "5"]), (Which::Last, ["4", "2", "6"])] {
            let listing = stream::iter(all().into_iter().map(Ok)).boxed();
            let found: Vec<Submission> =
                futures::executor::block_on(pick(which, listing).try_collect()).expect("no error");
            assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), kept, "{which:?}");
        }
        let down = || Err(Error::new(ErrorKind::Unavailable, "down"));
        let listing = stream::iter(all().into_iter().map(Ok).chain([down()])).boxed();
        let end = futures::executor::block_on(pick(Which::Best, listing).try_collect::<Vec<_>>());
        assert!(end.is_err(), "an error is not lost");
    }
}
