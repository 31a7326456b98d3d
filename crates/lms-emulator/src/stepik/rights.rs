//! Who may see and who may change what. (reference stepik.md 1.4, 3.3, 3.11, 6.4)

use super::state::{Kind, State};
use super::wire::{Object, Refusal, flag, int};

/// Who asks: a signed-in user, or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) Option<i64>);

impl Caller {
    /// Anonymous callers may not write. (reference stepik.md 6.4)
    pub(crate) fn required(self) -> Result<i64, Refusal> {
        self.0.ok_or_else(Refusal::signed_out)
    }
}

impl State {
    fn owns_or_administers(&self, caller: Caller, object: &Object) -> bool {
        let Some(user) = caller.0 else { return false };
        int(object, "owner") == Some(user) || self.in_group(object, "admins_group", user)
    }

    pub(crate) fn may_edit_course(&self, caller: Caller, course: i64) -> bool {
        self.get(Kind::Courses, course).is_some_and(|c| self.owns_or_administers(caller, c))
    }

    /// Teachers see what learners do; admins teach as well.
    pub(crate) fn may_teach_course(&self, caller: Caller, course: i64) -> bool {
        let teacher = |c: &Object| caller.0.is_some_and(|user| self.in_group(c, "teachers_group", user));
        self.may_edit_course(caller, course) || self.get(Kind::Courses, course).is_some_and(teacher)
    }

    pub(crate) fn may_see_course(&self, caller: Caller, course: i64) -> bool {
        let Some(object) = self.get(Kind::Courses, course) else { return false };
        flag(object, "is_public")
            || self.may_teach_course(caller, course)
            || caller.0.is_some_and(|user| self.enrollments.contains_key(&(course, user)))
    }

    /// A co-author of a course may edit the lessons that its owner put there. That lesson rights follow course rights
    /// is a choice: no source states it.
    pub(crate) fn may_edit_lesson(&self, caller: Caller, lesson: i64) -> bool {
        let Some(object) = self.get(Kind::Lessons, lesson) else { return false };
        let owner = int(object, "owner");
        let through_course = |course: &i64| {
            self.may_edit_course(caller, *course)
                && self.get(Kind::Courses, *course).is_some_and(|c| int(c, "owner") == owner)
        };
        self.owns_or_administers(caller, object) || self.courses_of_lesson(lesson).iter().any(through_course)
    }

    pub(crate) fn may_teach_lesson(&self, caller: Caller, lesson: i64) -> bool {
        self.may_edit_lesson(caller, lesson)
            || self.courses_of_lesson(lesson).iter().any(|course| self.may_teach_course(caller, *course))
    }

    pub(crate) fn may_see_lesson(&self, caller: Caller, lesson: i64) -> bool {
        let Some(object) = self.get(Kind::Lessons, lesson) else { return false };
        let enrolled =
            |course: &i64| caller.0.is_some_and(|user| self.enrollments.contains_key(&(*course, user)));
        flag(object, "is_public")
            || self.may_teach_lesson(caller, lesson)
            || self.courses_of_lesson(lesson).iter().any(enrolled)
    }

    pub(crate) fn may_see_step(&self, caller: Caller, step: &Object) -> bool {
        // Recordings hold steps without a lesson; they count as public so that they can be read at all.
        int(step, "lesson")
            .is_none_or(|lesson| !self.has(Kind::Lessons, lesson) || self.may_see_lesson(caller, lesson))
    }

    pub(crate) fn may_teach_step(&self, caller: Caller, step: i64) -> bool {
        let lesson = self.get(Kind::Steps, step).and_then(|s| int(s, "lesson"));
        lesson.is_some_and(|lesson| self.may_teach_lesson(caller, lesson))
    }

    pub(crate) fn require_course_editor(&self, caller: Caller, course: i64) -> Result<(), Refusal> {
        if self.may_edit_course(caller, course) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    pub(crate) fn require_lesson_editor(&self, caller: Caller, lesson: i64) -> Result<(), Refusal> {
        if self.may_edit_lesson(caller, lesson) { Ok(()) } else { Err(Refusal::forbidden()) }
    }
}
