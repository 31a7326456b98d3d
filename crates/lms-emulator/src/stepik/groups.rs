//! The six groups of a course or lesson, and their members. (reference stepik.md 3.3, 3.14)

use std::collections::BTreeMap;

use serde_json::json;

use super::form::set;
use super::state::{Enrollment, Kind, State, now};
use super::wire::{Object, int, object};

/// In the order in which they get their ids. (reference stepik.md 3.3)
const ROLES: [&str; 6] = ["teachers", "admins", "learners", "testers", "moderators", "assistants"];

/// Where a group belongs and who is in it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) of: (Kind, i64),
    pub(crate) role: &'static str,
    /// From user to the id of the membership.
    pub(crate) members: BTreeMap<i64, i64>,
}

impl State {
    /// The six groups of a new course or lesson, with consecutive ids; its owner is in the admins.
    /// (reference stepik.md 3.3)
    pub(crate) fn add_groups(&mut self, kind: Kind, target: &mut Object, owner: i64) {
        let of = (kind, int(target, "id").unwrap_or_default());
        let ids = ROLES.map(|role| (role, self.other_id()));
        for (role, id) in ids {
            self.groups.insert(id, Group { of, role, members: BTreeMap::new() });
            set(target, &format!("{role}_group"), id);
        }
        if let Some((_, admins)) = ids.iter().find(|(role, _)| *role == "admins") {
            self.join_group(*admins, owner);
        }
    }

    pub(crate) fn drop_groups(&mut self, kind: Kind, id: i64) {
        let gone: Vec<i64> =
            self.groups.iter().filter(|(_, group)| group.of == (kind, id)).map(|(id, _)| *id).collect();
        for group in gone {
            for member in self.groups.remove(&group).into_iter().flat_map(|group| group.members.into_values())
            {
                self.remove(Kind::Members, member);
            }
        }
    }

    /// Puts a user into a group; doing it twice is no error. Gives the id of the membership.
    pub(crate) fn join_group(&mut self, group: i64, user: i64) -> i64 {
        let held = self.groups.get(&group).and_then(|held| held.members.get(&user)).copied();
        if let Some(member) = held {
            return member;
        }
        let id = self.new_id(Kind::Members);
        let member =
            json!({ "id": id, "group": group, "user": user, "date_joined": now(), "is_synced": false });
        self.put(Kind::Members, id, object(member));
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.insert(user, id);
        }
        id
    }

    pub(crate) fn leave_group(&mut self, group: i64, user: i64) {
        if let Some(member) = self.groups.get_mut(&group).and_then(|group| group.members.remove(&user)) {
            self.remove(Kind::Members, member);
        }
    }

    /// Whether the user is in that group of the course or lesson; `role` is the name of its field.
    pub(crate) fn in_group(&self, object: &Object, role: &str, user: i64) -> bool {
        let group = int(object, role).and_then(|id| self.groups.get(&id));
        group.is_some_and(|group| group.members.contains_key(&user))
    }

    fn is_member(&self, group: i64, user: i64) -> bool {
        self.groups.get(&group).is_some_and(|group| group.members.contains_key(&user))
    }

    /// Changes a count, which never falls below 0.
    pub(crate) fn add_to(&mut self, kind: Kind, id: i64, key: &str, change: i64) {
        if let Some(object) = self.get_mut(kind, id) {
            let held = int(object, key).unwrap_or(0);
            set(object, key, (held + change).max(0));
        }
    }

    pub(crate) fn count_created(&mut self, kind: Kind, user: i64) {
        let key = if kind == Kind::Courses { "created_courses_count" } else { "created_lessons_count" };
        self.add_to(Kind::Users, user, key, 1);
    }

    pub(crate) fn learners_group(&self, course: i64) -> Option<i64> {
        self.get(Kind::Courses, course).and_then(|course| int(course, "learners_group"))
    }

    /// Enrolls a user. Whoever enrolled is a member of the learners' group; the creator of a course is enrolled at once
    /// but counts as no learner. (reference stepik.md 3.3, 3.14)
    pub(crate) fn enroll(&mut self, course: i64, user: i64) {
        if !self.enrollments.contains_key(&(course, user)) {
            let grade_id = self.other_id();
            self.enrollments
                .insert((course, user), Enrollment { grade_id, joined: now(), certificate: None });
        }
        let is_owner = self.get(Kind::Courses, course).and_then(|held| int(held, "owner")) == Some(user);
        let group = self.learners_group(course).filter(|_| !is_owner);
        if let Some(group) = group.filter(|group| !self.is_member(*group, user)) {
            self.join_group(group, user);
            self.add_to(Kind::Courses, course, "learners_count", 1);
        }
    }

    /// Takes a user out of a course and its learners' group; `false` when the user was not in it.
    pub(crate) fn unenroll(&mut self, course: i64, user: i64) -> bool {
        if let Some(group) = self.learners_group(course).filter(|group| self.is_member(*group, user)) {
            self.leave_group(group, user);
            self.add_to(Kind::Courses, course, "learners_count", -1);
        }
        self.enrollments.remove(&(course, user)).is_some()
    }
}
