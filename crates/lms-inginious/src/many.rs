//! Many students at once (reference inginious.md 6.8). The page takes one a request and says nothing of what
//! came of it: the list of students is read before and after every few hundred.

use std::collections::{HashSet, VecDeque};

use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use lms_core::{
    Changed, CourseId, Enrollee, EnrollmentState, Enrollments, Error, ErrorKind, Platform, Result, Subject,
    UserId,
};

use crate::Inginious;

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";
/// People between two looks at the list.
const CHUNK: usize = 250;
/// Requests under way at once.
const AT_ONCE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Register,
    Remove,
}

impl Change {
    fn operation(self) -> &'static str {
        match self {
            Self::Register => ENROLL,
            Self::Remove => UNENROLL,
        }
    }

    fn state(self) -> EnrollmentState {
        match self {
            Self::Register => EnrollmentState::Active,
            Self::Remove => EnrollmentState::Inactive,
        }
    }

    /// Whether nothing is left to do for somebody who is in the list, or is not.
    fn is_done(self, listed: bool) -> bool {
        listed == (self == Self::Register)
    }
}

/// Somebody of a chunk.
enum Row {
    /// Another account, by its name.
    Other(UserId),
    /// The account itself.
    Me,
    /// Refused before anything is sent.
    Refused(Error),
}

/// Where a run is: who comes, what is to be told, and who was in the list when it was last read.
struct Run<'a> {
    people: BoxStream<'a, Row>,
    ready: VecDeque<Result<Changed>>,
    listed: Option<HashSet<String>>,
}

impl Inginious {
    pub(crate) fn register_students<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> BoxStream<'a, Result<Changed>> {
        let rows = people.map(move |Enrollee { who, mode, cohort }| match (mode, cohort) {
            (None, None) => self.row(&who, "enrollments.enroll by e-mail address"),
            _ => Row::Refused(Error::unsupported(
                Platform::Inginious,
                "enrollments.enroll with a mode or a cohort",
            )),
        });
        self.change_many(Change::Register, course, rows.boxed())
    }

    pub(crate) fn remove_students<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> BoxStream<'a, Result<Changed>> {
        let rows = people.map(move |who| self.row(&who, "enrollments.unenroll by e-mail address"));
        self.change_many(Change::Remove, course, rows.boxed())
    }

    fn row(&self, who: &Subject, what: &'static str) -> Row {
        match self.other(who, what) {
            Ok(Some(user)) => Row::Other(user.clone()),
            Ok(None) => Row::Me,
            Err(error) => Row::Refused(error),
        }
    }

    fn change_many<'a>(
        &'a self,
        change: Change,
        course: &'a CourseId,
        people: BoxStream<'a, Row>,
    ) -> BoxStream<'a, Result<Changed>> {
        let run = Run { people, ready: VecDeque::new(), listed: None };
        let told = stream::unfold(run, move |mut run| async move {
            if run.ready.is_empty() {
                let chunk: Vec<Row> = run.people.by_ref().take(CHUNK).collect().await;
                if chunk.is_empty() {
                    return None;
                }
                match self.change_chunk(change, course, chunk, run.listed.take()).await {
                    Ok((ready, listed)) => (run.ready, run.listed) = (ready, listed),
                    Err(error) => run.ready.push_back(Err(error)),
                }
            }
            run.ready.pop_front().map(|next| (next, run))
        });
        Changed::until_error(told.boxed())
    }

    async fn change_chunk(
        &self,
        change: Change,
        course: &CourseId,
        chunk: Vec<Row>,
        listed: Option<HashSet<String>>,
    ) -> Result<(VecDeque<Result<Changed>>, Option<HashSet<String>>)> {
        let others = chunk.iter().any(|row| matches!(row, Row::Other(_)));
        let before = match listed {
            Some(listed) => listed,
            None if others => self.names(change, course).await?,
            // The account itself needs no rights to see who takes part.
            None => HashSet::new(),
        };
        let open = |row: &&Row| match row {
            Row::Other(user) => !change.is_done(before.contains(user.as_str())),
            _ => false,
        };
        let sent: Vec<&Row> = chunk.iter().filter(open).collect();
        stream::iter(&sent)
            .map(Ok)
            .try_for_each_concurrent(AT_ONCE, |row| async move {
                let Row::Other(user) = row else { return Ok(()) };
                let name = ("username", user.as_str());
                let operation = change.operation();
                match change {
                    Change::Register => {
                        self.change_people(operation, course, &[("register_student", ""), name]).await
                    }
                    Change::Remove => {
                        let form = [("remove_student", ""), ("type", "single"), name];
                        self.change_people(operation, course, &form).await
                    }
                }
            })
            .await?;
        let after = if sent.is_empty() { None } else { Some(self.names(change, course).await?) };
        let now = after.as_ref().unwrap_or(&before);
        let state = change.state();
        let mut ready = VecDeque::with_capacity(chunk.len());
        for row in chunk {
            ready.push_back(match row {
                Row::Refused(error) => Changed::refused(error),
                Row::Me => self.change_me(change, course).await,
                Row::Other(user) => {
                    let (was, is) = (before.contains(user.as_str()), now.contains(user.as_str()));
                    match (change.is_done(was), change.is_done(is)) {
                        (true, _) => Ok(Changed::Already { user, state }),
                        (false, true) => Ok(Changed::Done { user, state }),
                        (false, false) => Changed::refused(nothing_came_of_it(change, &user)),
                    }
                }
            });
        }
        Ok((ready, others.then(|| after.unwrap_or(before))))
    }

    async fn change_me(&self, change: Change, course: &CourseId) -> Result<Changed> {
        match change {
            Change::Register => Changed::of(self.enroll(course, &Subject::Me, &Default::default()).await),
            Change::Remove => match self.unenroll(course, &Subject::Me).await {
                Ok(()) => Ok(Changed::Done { user: self.username(UNENROLL)?.into(), state: change.state() }),
                Err(error) => Changed::refused(error),
            },
        }
    }

    async fn names(&self, change: Change, course: &CourseId) -> Result<HashSet<String>> {
        let people = self.people(change.operation(), course).await?;
        Ok(people.into_iter().map(|person| person.username).collect())
    }
}

fn nothing_came_of_it(change: Change, user: &UserId) -> Error {
    let error = match change {
        Change::Register => Error::new(ErrorKind::NotFound, "the site has no such account"),
        Change::Remove => {
            Error::new(ErrorKind::PermissionDenied, "the account is in the list still: staff stays there")
        }
    };
    error.at(Platform::Inginious, change.operation()).on(format!("account {user}"))
}
