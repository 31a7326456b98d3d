//! Many people, behind the contract: in bulk where the platform can (reference openedx.md 3.5), one by one
//! for those who are given a mode, which only the single request takes (3.4).

use std::collections::VecDeque;

use futures::stream::{self, BoxStream, StreamExt};
use lms_core::{
    Batch, Changed, CourseId, Enrollee, EnrollmentState, Enrollments, Error, ErrorKind, Platform, Result,
    Subject, UserId,
};

use crate::bulk::{BulkAction, BulkOptions, BulkResult, BulkRow, Standing};
use crate::{OpenEdx, bulk};

const ENROLL: &str = "enrollments.enroll";
/// People in one request: the platform works through them while the request waits.
const CHUNK: usize = 100;

/// As [`Enrollments::enroll_batch`] and [`Enrollments::unenroll_batch`] tell it.
pub(crate) const IN_BULK: Batch = Batch { operation: bulk::OPERATION, people: CHUNK as u64 };

/// What people that go into one request have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way<'p> {
    /// With a mode: one by one.
    Alone,
    /// In bulk, into this cohort.
    Bulk(Option<&'p str>),
}

fn way(person: &Enrollee) -> Way<'_> {
    match &person.mode {
        Some(_) => Way::Alone,
        None => Way::Bulk(person.cohort.as_deref()),
    }
}

/// Where a run is: who comes, who was taken from the stream and belongs to the next request, what is to be
/// told.
struct Run<'a> {
    people: BoxStream<'a, Enrollee>,
    next: Option<Enrollee>,
    ready: VecDeque<Result<Changed>>,
}

impl Run<'_> {
    /// The people of the next request, in order.
    async fn chunk(&mut self) -> Vec<Enrollee> {
        let mut chunk: Vec<Enrollee> = self.next.take().into_iter().collect();
        while chunk.len() < CHUNK && chunk.last().is_none_or(|last| way(last) != Way::Alone) {
            let Some(person) = self.people.next().await else { break };
            if chunk.first().is_none_or(|first| way(first) == way(&person)) {
                chunk.push(person);
            } else {
                self.next = Some(person);
                break;
            }
        }
        chunk
    }
}

impl OpenEdx {
    pub(crate) fn change_many<'a>(
        &'a self,
        action: BulkAction,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        let run = Run { people, next: None, ready: VecDeque::new() };
        let told = stream::unfold(run, move |mut run| async move {
            if run.ready.is_empty() {
                let chunk = run.chunk().await;
                if chunk.is_empty() {
                    return None;
                }
                run.ready = self.change_chunk(action, course, chunk).await;
            }
            run.ready.pop_front().map(|told| (told, run))
        });
        Changed::until_error(told.boxed())
    }

    async fn change_chunk(
        &self,
        action: BulkAction,
        course: &CourseId,
        chunk: Vec<Enrollee>,
    ) -> VecDeque<Result<Changed>> {
        let first = chunk.first();
        if first.is_some_and(|first| way(first) == Way::Alone) {
            return self.one_by_one(action, course, chunk).await;
        }
        let cohort = first.and_then(|first| first.cohort.clone());
        // A name that would be several, or none, is refused without asking.
        let mut names = Vec::with_capacity(chunk.len());
        for person in &chunk {
            names.push(self.identifier(&person.who).await);
        }
        let sent: Vec<String> = names.iter().flatten().cloned().collect();
        let options =
            BulkOptions { action, auto_enroll: true, cohort, chunk: CHUNK, ..BulkOptions::default() };
        let rows = match self.bulk_enroll(course, sent, options).map(lms_core::Paged::all) {
            Ok(rows) => rows.await,
            Err(error) => Err(error),
        };
        let rows = match rows {
            Ok(rows) => rows,
            // Sites without this request, and answers that do not say what came of whom.
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::OutcomeUnknown) => {
                return self.one_by_one(action, course, chunk).await;
            }
            Err(error) => return VecDeque::from([Err(error)]),
        };
        let mut rows = rows.into_iter();
        let mut ready = VecDeque::with_capacity(chunk.len());
        for (person, name) in chunk.into_iter().zip(names) {
            let told = match name {
                Err(error) => Changed::refused(error),
                Ok(_) => match rows.next() {
                    Some(row) => self.told(action, course, person, row).await,
                    None => self.change_one(action, course, person).await,
                },
            };
            ready.push_back(told);
        }
        ready
    }

    /// What a row of the answer means. Where the platform does not say why it failed, the single request does.
    async fn told(
        &self,
        action: BulkAction,
        course: &CourseId,
        person: Enrollee,
        row: BulkRow,
    ) -> Result<Changed> {
        let user = UserId::from(row.who.as_str());
        match row.result {
            BulkResult::Unknown => Changed::refused(
                Error::new(ErrorKind::NotFound, "neither an address nor the name of an account")
                    .at(Platform::OpenEdx, bulk::OPERATION)
                    .on(user),
            ),
            BulkResult::Done { before, after } => match (state(&before), state(&after)) {
                (was, is) if was == is && is_wanted(action, is) => Ok(Changed::Already { user, state: is }),
                (_, is) if is_wanted(action, is) => Ok(Changed::Done { user, state: is }),
                _ => self.change_one(action, course, person).await,
            },
            BulkResult::Failed => self.change_one(action, course, person).await,
        }
    }

    async fn one_by_one(
        &self,
        action: BulkAction,
        course: &CourseId,
        people: Vec<Enrollee>,
    ) -> VecDeque<Result<Changed>> {
        let mut ready = VecDeque::with_capacity(people.len());
        for person in people {
            let told = self.change_one(action, course, person).await;
            let failed = told.is_err();
            ready.push_back(told);
            if failed {
                break;
            }
        }
        ready
    }

    async fn change_one(&self, action: BulkAction, course: &CourseId, person: Enrollee) -> Result<Changed> {
        let user = person.who.given();
        let done = match action {
            BulkAction::Enroll => return Changed::of(self.enroll_one(course, &person, None).await),
            BulkAction::Unenroll => self.unenroll(course, &person.who).await,
        };
        let state = EnrollmentState::Inactive;
        match done {
            Ok(()) => Ok(Changed::Done { user, state }),
            Err(e) if e.kind() == ErrorKind::NotEnrolled => Ok(Changed::Already { user, state }),
            Err(error) => Changed::refused(error),
        }
    }

    async fn identifier(&self, who: &Subject) -> Result<String> {
        let name = match who {
            Subject::Me => self.username().await?,
            Subject::User(user) => user.as_str().trim().to_owned(),
            Subject::Email(email) => email.trim().to_owned(),
        };
        if name.is_empty() || name.contains([',', '\n', '\r']) {
            return Err(Error::invalid("not one address or user name")
                .at(Platform::OpenEdx, ENROLL)
                .on(name));
        }
        Ok(name)
    }
}

fn state(standing: &Standing) -> EnrollmentState {
    if standing.enrollment {
        EnrollmentState::Active
    } else if !standing.user && standing.allowed {
        EnrollmentState::Pending
    } else {
        EnrollmentState::Inactive
    }
}

fn is_wanted(action: BulkAction, state: EnrollmentState) -> bool {
    (state == EnrollmentState::Inactive) == (action == BulkAction::Unenroll)
}
