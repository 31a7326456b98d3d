//! Who takes part (reference stepik.md 3.11, 3.14).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lms_core::{
    CourseId, EnrollOptions, Enrollment, EnrollmentQuery, EnrollmentState, EnrollmentSupport, Enrollments,
    Error, ErrorKind, Page, Paged, Platform, Result, Subject, Support, UserId,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::objects::number;
use crate::page::Guard;
use crate::wire::{Course, Group, Member};

const ENROLL: &str = "enrollments.enroll";
const UNENROLL: &str = "enrollments.unenroll";

fn enrollment(course: u64, member: Member) -> Enrollment {
    Enrollment {
        course: course.into(),
        user: member.user.into(),
        state: EnrollmentState::Active,
        mode: Some("learner".to_owned()),
        since: member.date_joined.and_then(|at| at.parse().ok()),
    }
}

impl Stepik {
    /// The group of a course's learners, which only its staff is told of.
    async fn learners(&self, operation: &'static str, course: u64) -> Result<u64> {
        let native: Course = self.one(operation, "courses", course).await?;
        native.learners_group.ok_or_else(|| {
            Error::new(
                ErrorKind::PermissionDenied,
                "only teachers of the course see and change who takes part",
            )
            .at(Platform::Stepik, operation)
            .on(format!("course {course}"))
        })
    }

    /// The users of a group; none where the account may not see them.
    async fn users_of(&self, operation: &'static str, group: u64) -> Result<Vec<u64>> {
        match self.one::<Group>(operation, "groups", group).await {
            Ok(group) => Ok(group.users),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

/// What is known over the pages of one listing.
#[derive(Default)]
struct Listing {
    group: OnceCell<u64>,
    seen: Mutex<HashSet<UserId>>,
    guard: Guard,
}

impl Listing {
    fn seen(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Enrollments for Stepik {
    fn support(&self) -> EnrollmentSupport {
        EnrollmentSupport {
            list: Support::Emulated,
            enroll_self: Support::Native,
            enroll_others: Support::Emulated,
            unenroll_self: Support::Native,
            unenroll_others: Support::Emulated,
        }
    }

    fn list(&self, course: &CourseId, query: EnrollmentQuery) -> Result<Paged<Enrollment>> {
        const OPERATION: &str = "enrollments.list";
        let EnrollmentQuery { from } = query;
        let course = number(course.as_str(), "course")?;
        let this = self.clone();
        let listing = Arc::new(Listing::default());
        Ok(Paged::new(from, move |at| {
            let (this, listing) = (this.clone(), listing.clone());
            async move {
                let group = *listing.group.get_or_try_init(|| this.learners(OPERATION, course)).await?;
                let query = [("group", group.to_string())];
                let (members, next) =
                    this.page_at::<Member>(OPERATION, "members", &query, at.as_ref(), &listing.guard).await?;
                let mut items: Vec<Enrollment> =
                    members.into_iter().map(|member| enrollment(course, member)).collect();
                listing.seen().extend(items.iter().map(|item| item.user.clone()));
                if next.is_none() {
                    // Whether those who enrolled themselves are listed as members is not known; the
                    // group names all its users.
                    let users = this.users_of(OPERATION, group).await?;
                    let others = users.into_iter().map(|user| Member { id: 0, user, date_joined: None });
                    let others = others.map(|member| enrollment(course, member));
                    let seen = listing.seen();
                    items.extend(others.filter(|other| !seen.contains(&other.user)));
                }
                Ok(Page { items, next, total: None })
            }
        }))
    }

    async fn enroll(&self, course: &CourseId, who: &Subject, options: &EnrollOptions) -> Result<Enrollment> {
        let EnrollOptions { mode, password } = options;
        if mode.as_deref().is_some_and(|mode| mode != "learner") || password.is_some() {
            return Err(Error::unsupported(Platform::Stepik, "enrollments.enroll with a mode or a password"));
        }
        let id = number(course.as_str(), "course")?;
        let member = match who {
            Subject::Me => {
                let me = self.my_id(ENROLL).await?;
                let _: Value =
                    self.create(ENROLL, "enrollments", "enrollment", json!({"course": id})).await?;
                Member { id: 0, user: me, date_joined: None }
            }
            Subject::User(user) => {
                let user = number(user.as_str(), "user")?;
                let group = self.learners(ENROLL, id).await?;
                self.create(ENROLL, "members", "member", json!({"group": group, "user": user})).await?
            }
            Subject::Email(email) => {
                let group = self.learners(ENROLL, id).await?;
                self.create(ENROLL, "members", "member", json!({"group": group, "email": email})).await?
            }
        };
        Ok(enrollment(id, member))
    }

    async fn unenroll(&self, course: &CourseId, who: &Subject) -> Result<()> {
        let id = number(course.as_str(), "course")?;
        let user = match who {
            Subject::Me => return self.delete(UNENROLL, "enrollments", id).await,
            Subject::User(user) => number(user.as_str(), "user")?,
            Subject::Email(_) => {
                return Err(Error::unsupported(Platform::Stepik, "enrollments.unenroll by e-mail address"));
            }
        };
        let group = self.learners(UNENROLL, id).await?;
        let members: Vec<Member> = self.all(UNENROLL, "members", vec![("group", group.to_string())]).await?;
        match members.into_iter().find(|member| member.user == user) {
            Some(member) => self.delete(UNENROLL, "members", member.id).await,
            None if !self.users_of(UNENROLL, group).await?.contains(&user) => Ok(()),
            None => Err(Error::unsupported(
                Platform::Stepik,
                "enrollments.unenroll of those who enrolled themselves",
            )
            .on(format!("user {user}"))),
        }
    }
}
