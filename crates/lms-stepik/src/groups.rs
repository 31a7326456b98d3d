//! The groups of a course and who is in them (reference stepik.md 3.3, 3.14).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use lms_core::{
    CourseId, Cursor, Error, ErrorKind, Page, Paged, Platform, Result, Subject, Timestamp, UserId,
};
use lms_http::PageBody;
use serde_json::json;
use tokio::sync::OnceCell;

use crate::Stepik;
use crate::endpoint::Endpoint;
use crate::objects::number;
use crate::wire::{Course, Group, Member};

/// What somebody is in a course. Each role is a group of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes part.
    Learner,
    /// Sees it before it is open.
    Tester,
    /// Looks after the comments.
    Moderator,
    /// Helps learners.
    Assistant,
    /// Sees what learners do.
    Teacher,
    /// Edits it: a co-author.
    Admin,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// Since when; `None` where the group names the user and the list of its members does not.
    pub since: Option<Timestamp>,
}

impl From<Member> for Membership {
    fn from(member: Member) -> Self {
        Self { user: member.user.into(), since: member.date_joined.and_then(|at| at.parse().ok()) }
    }
}

impl Stepik {
    /// Who has a role in a course, as far as the account may see. Calls `GET /api/members?group=…` and,
    /// after its last page, `GET /api/groups/GROUP`: whether those who enrolled themselves are listed as
    /// members is not known, and the group names all its users.
    ///
    /// # Errors
    /// `InvalidInput` at once for an id that is no number; in the listing `PermissionDenied` for those
    /// who do not teach the course.
    pub fn members(&self, course: &CourseId, role: Role, from: Option<Cursor>) -> Result<Paged<Membership>> {
        self.members_for("groups.members", number(course.as_str(), "course")?, role, from)
    }

    pub(crate) fn members_for(
        &self,
        operation: &'static str,
        course: u64,
        role: Role,
        from: Option<Cursor>,
    ) -> Result<Paged<Membership>> {
        let this = self.clone();
        let known: Arc<OnceCell<u64>> = Arc::default();
        let group = move || {
            let (this, known) = (this.clone(), known.clone());
            async move { known.get_or_try_init(|| this.group_of(operation, course, role)).await.copied() }
        };
        let query = {
            let group = group.clone();
            move || {
                let group = group();
                async move { Ok(vec![("group", group.await?.to_string())]) }
            }
        };
        let listed = self.listing_with(operation, "members", from, query, PageBody::items::<Member>);
        let this = self.clone();
        let seen: Arc<Mutex<HashSet<UserId>>> = Arc::default();
        Ok(listed.try_map_pages(move |page: Page<Member>| {
            let (this, seen, group) = (this.clone(), seen.clone(), group());
            async move {
                let mut items: Vec<Membership> = page.items.into_iter().map(Membership::from).collect();
                let seen = || seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen().extend(items.iter().map(|item| item.user.clone()));
                if page.next.is_none() {
                    let users = this.users_of(operation, group.await?).await?;
                    let others = users.into_iter().map(|user| Membership { user: user.into(), since: None });
                    let seen = seen();
                    items.extend(others.filter(|other| !seen.contains(&other.user)));
                }
                Ok(Page { items, next: page.next, total: None })
            }
        }))
    }

    /// Gives somebody a role in a course. Twice is no error. Calls `POST /api/members`.
    ///
    /// # Errors
    /// `PermissionDenied` for those who do not edit the course; `InvalidInput` for an unknown account.
    pub async fn add_member(&self, course: &CourseId, role: Role, who: &Subject) -> Result<Membership> {
        let course = number(course.as_str(), "course")?;
        self.join("groups.add_member", course, role, who).await
    }

    pub(crate) async fn join(
        &self,
        operation: &'static str,
        course: u64,
        role: Role,
        who: &Subject,
    ) -> Result<Membership> {
        let group = self.group_of(operation, course, role).await?;
        let payload = match who {
            Subject::Me => json!({"group": group, "user": self.my_id(operation).await?}),
            Subject::User(user) => json!({"group": group, "user": number(user.as_str(), "user")?}),
            Subject::Email(email) => json!({"group": group, "email": email}),
        };
        let member: Member = self.create(operation, "members", Endpoint::Members.wrapper(), payload).await?;
        Ok(member.into())
    }

    /// Takes a role in a course from somebody. Somebody who has none is no error. Calls `GET
    /// /api/members?group=…` and `DELETE /api/members/ID`.
    ///
    /// # Errors
    /// `PermissionDenied` for those who do not edit the course; `Unsupported` for learners who enrolled
    /// themselves and are in no list of members.
    pub async fn remove_member(&self, course: &CourseId, role: Role, user: &UserId) -> Result<()> {
        let (course, user) = (number(course.as_str(), "course")?, number(user.as_str(), "user")?);
        self.remove_from("groups.remove_member", course, role, user).await
    }

    pub(crate) async fn remove_from(
        &self,
        operation: &'static str,
        course: u64,
        role: Role,
        user: u64,
    ) -> Result<()> {
        let group = self.group_of(operation, course, role).await?;
        let members: Vec<Member> = self.all(operation, "members", vec![("group", group.to_string())]).await?;
        match members.into_iter().find(|member| member.user == user) {
            Some(member) => self.delete(operation, "members", member.id).await,
            None if !self.users_of(operation, group).await?.contains(&user) => Ok(()),
            None => Err(enrolled_itself(operation, user)),
        }
    }

    /// The group of a role, which only the course's staff is told of (reference stepik.md 3.3).
    pub(crate) async fn group_of(&self, operation: &'static str, course: u64, role: Role) -> Result<u64> {
        let native: Course = self.one(operation, "courses", course).await?;
        let group = match role {
            Role::Learner => native.learners_group,
            Role::Tester => native.testers_group,
            Role::Moderator => native.moderators_group,
            Role::Assistant => native.assistants_group,
            Role::Teacher => native.teachers_group,
            Role::Admin => native.admins_group,
        };
        group.ok_or_else(|| {
            Error::new(
                ErrorKind::PermissionDenied,
                "only teachers of the course see and change who takes part",
            )
            .at(Platform::Stepik, operation)
            .on(format!("course {course}"))
        })
    }

    /// The users of a group; none where the account may not see them.
    pub(crate) async fn users_of(&self, operation: &'static str, group: u64) -> Result<Vec<u64>> {
        match self.one::<Group>(operation, "groups", group).await {
            Ok(group) => Ok(group.users),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

pub(crate) fn enrolled_itself(operation: &'static str, user: u64) -> Error {
    let message = "this account enrolled itself and is in no list of members; only it can leave";
    Error::new(ErrorKind::Unsupported, message).at(Platform::Stepik, operation).on(format!("user {user}"))
}
