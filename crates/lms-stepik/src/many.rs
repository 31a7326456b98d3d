//! Many learners at once (reference stepik.md 3.14). The platform takes one a request; what each would ask
//! for anew, the course and who is in it, is asked once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use lms_core::{
    Changed, CourseId, EnrollOptions, Enrollee, EnrollmentState, Enrollments, Error, ErrorKind, Platform,
    Result, Subject, UserId,
};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::endpoint::Endpoint;
use crate::groups::{Role, enrolled_itself};
use crate::objects::number;
use crate::wire::Member;

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";
/// Requests under way at once.
const AT_ONCE: usize = 4;

/// The learners of a course.
#[derive(Debug)]
struct Learners {
    group: u64,
    /// Who was there at the beginning.
    users: HashSet<u64>,
}

/// The learners of a course, with the ids under which they are taken out; those who enrolled themselves may
/// have none.
#[derive(Debug)]
struct Members {
    users: HashSet<u64>,
    ids: HashMap<u64, u64>,
}

/// What came of one person, or an error for all.
type Told<'a> = BoxStream<'a, Result<Changed>>;

impl Stepik {
    pub(crate) fn add_learners<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Enrollee>,
    ) -> Told<'a> {
        let learners: Arc<OnceCell<Learners>> = Arc::default();
        let told = people
            .map(move |person| {
                let learners = Arc::clone(&learners);
                async move {
                    match self.add_learner(course, &learners, person).await {
                        Ok(told) => Ok(told),
                        Err(error) => Changed::refused(error),
                    }
                }
            })
            .buffered(AT_ONCE);
        Changed::until_error(told.boxed())
    }

    async fn add_learner(
        &self,
        course: &CourseId,
        known: &OnceCell<Learners>,
        person: Enrollee,
    ) -> Result<Changed> {
        let Enrollee { who, mode, cohort } = person;
        if mode.is_some_and(|mode| mode != "learner") || cohort.is_some() {
            return Err(Error::unsupported(Platform::Stepik, "enrollments.enroll with a mode or a cohort"));
        }
        if who == Subject::Me {
            return Changed::of(self.enroll(course, &who, &EnrollOptions::default()).await);
        }
        let Learners { group, users } = known
            .get_or_try_init(|| async {
                let group = self.group_of(ENROLL, number(course.as_str(), "course")?, Role::Learner).await?;
                let users = self.users_of(ENROLL, group).await?.into_iter().collect();
                Ok::<_, Error>(Learners { group, users })
            })
            .await?;
        let state = EnrollmentState::Active;
        let (payload, user) = match &who {
            Subject::Email(email) => (json!({"group": group, "email": email}), None),
            other => {
                let user = number(other.given().as_str(), "user")?;
                (json!({"group": group, "user": user}), Some(user))
            }
        };
        if let Some(user) = user.filter(|user| users.contains(user)) {
            return Ok(Changed::Already { user: user.into(), state });
        }
        let send = || self.create::<Member>(ENROLL, "members", Endpoint::Members.wrapper(), payload.clone());
        let member = match send().await {
            // The answer was lost: look, and only then write again.
            Err(lost) if lost.kind() == ErrorKind::OutcomeUnknown => {
                let now = self.users_of(ENROLL, *group).await?;
                match user {
                    Some(user) if now.contains(&user) => {
                        return Ok(Changed::Done { user: user.into(), state });
                    }
                    // Who has the address is told by the platform only when it is written; a member who joins
                    // again stays one.
                    _ => send().await?,
                }
            }
            answer => answer?,
        };
        let user = UserId::from(member.user);
        Ok(match users.contains(&member.user) {
            true => Changed::Already { user, state },
            false => Changed::Done { user, state },
        })
    }

    /// The list of members is read once, page by page, for the ids under which they are taken out.
    pub(crate) fn remove_learners<'a>(
        &'a self,
        course: &'a CourseId,
        people: BoxStream<'a, Subject>,
    ) -> Told<'a> {
        let members: Arc<OnceCell<Members>> = Arc::default();
        let told = people
            .map(move |who| {
                let members = Arc::clone(&members);
                async move {
                    match self.remove_learner(course, &members, who).await {
                        Ok(told) => Ok(told),
                        Err(error) => Changed::refused(error),
                    }
                }
            })
            .buffered(AT_ONCE);
        Changed::until_error(told.boxed())
    }

    async fn remove_learner(
        &self,
        course: &CourseId,
        known: &OnceCell<Members>,
        who: Subject,
    ) -> Result<Changed> {
        let course = number(course.as_str(), "course")?;
        let state = EnrollmentState::Inactive;
        let user = match who {
            Subject::Me => {
                let me = self.my_id(UNENROLL).await?;
                self.delete(UNENROLL, "enrollments", course).await?;
                return Ok(Changed::Done { user: me.into(), state });
            }
            Subject::User(user) => number(user.as_str(), "user")?,
            Subject::Email(_) => {
                return Err(Error::unsupported(Platform::Stepik, "enrollments.unenroll by e-mail address"));
            }
        };
        let Members { users, ids } = known
            .get_or_try_init(|| async {
                let group = self.group_of(UNENROLL, course, Role::Learner).await?;
                let listed = self.listing(UNENROLL, "members", vec![("group", group.to_string())], None);
                let ids = listed.items().map_ok(|member: Member| (member.user, member.id)).try_collect();
                let ids = ids.await?;
                let users = self.users_of(UNENROLL, group).await?.into_iter().collect();
                Ok::<_, Error>(Members { users, ids })
            })
            .await?;
        let Some(member) = ids.get(&user) else {
            return match users.contains(&user) {
                true => Err(enrolled_itself(UNENROLL, user)),
                false => Ok(Changed::Already { user: user.into(), state }),
            };
        };
        match self.delete(UNENROLL, "members", *member).await {
            Ok(()) => Ok(Changed::Done { user: user.into(), state }),
            // The second line of the same person.
            Err(gone) if gone.kind() == ErrorKind::NotFound => {
                Ok(Changed::Already { user: user.into(), state })
            }
            Err(error) => Err(error),
        }
    }
}
