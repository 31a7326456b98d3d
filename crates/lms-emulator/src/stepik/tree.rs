//! Keeps the parents' lists and counts in step with their children.

use serde_json::Value;

use super::form::set;
use super::state::{Kind, State};
use super::wire::{Object, id_list, int, text};

impl State {
    /// Puts `child` into the parent's list before the first sibling with a higher position. Siblings keep theirs:
    /// positions of sections and units are not normalised. (reference stepik.md 3.4)
    pub(crate) fn list_child(&mut self, parents: Kind, parent: i64, list: &str, children: Kind, child: i64) {
        let position = |id: i64| self.get(children, id).and_then(|c| int(c, "position"));
        let mine = position(child).unwrap_or(i64::MAX);
        let Some(object) = self.get(parents, parent) else { return };
        let mut ids = id_list(object, list);
        ids.retain(|id| *id != child);
        let place = ids.iter().position(|id| position(*id).is_some_and(|p| p > mine)).unwrap_or(ids.len());
        ids.insert(place, child);
        self.set_list(parents, parent, list, ids);
    }

    pub(crate) fn unlist_child(&mut self, parents: Kind, parent: i64, list: &str, child: i64) {
        let Some(object) = self.get(parents, parent) else { return };
        let mut ids = id_list(object, list);
        ids.retain(|id| *id != child);
        self.set_list(parents, parent, list, ids);
    }

    fn set_list(&mut self, kind: Kind, id: i64, list: &str, ids: Vec<i64>) {
        if let Some(object) = self.get_mut(kind, id) {
            set(object, list, ids);
        }
    }

    /// Brings the counts of a course up to date after a change below it.
    pub(crate) fn relink_course(&mut self, course: i64) {
        let units = self.units_of(course);
        let lesson_of = |unit: &i64| self.get(Kind::Units, *unit).and_then(|u| int(u, "lesson"));
        let lessons: std::collections::BTreeSet<i64> = units.iter().filter_map(lesson_of).collect();
        let steps = lessons.iter().flat_map(|lesson| self.steps_of(*lesson));
        let quizzes =
            steps.filter_map(|step| self.get(Kind::Steps, step)).filter(|step| is_quiz(step)).count();
        let first_unit = units.first().copied();
        let first_lesson = first_unit.as_ref().and_then(lesson_of);
        if let Some(object) = self.get_mut(Kind::Courses, course) {
            set(object, "total_units", units.len());
            set(object, "lessons_count", lessons.len());
            set(object, "quizzes_count", quizzes);
            set(object, "first_unit", first_unit);
            set(object, "first_lesson", first_lesson);
        }
    }

    /// Brings a lesson's placements, its units' assignments and its courses' counts up to date.
    pub(crate) fn relink_lesson(&mut self, lesson: i64) {
        let units = self.ids_where(Kind::Units, "lesson", lesson);
        let courses: Vec<i64> = self.courses_of_lesson(lesson).into_iter().collect();
        let steps = self.steps_of(lesson);
        if let Some(object) = self.get_mut(Kind::Lessons, lesson) {
            set(object, "is_blank", steps.is_empty());
            set(object, "is_orphaned", units.is_empty());
            set(object, "units", units.clone());
            set(object, "courses", courses.clone());
        }
        // One assignment per step in each unit. (reference stepik.md 3.5)
        for unit in units {
            let assignments: Vec<i64> = steps.iter().map(|step| self.assignment(unit, *step)).collect();
            self.set_list(Kind::Units, unit, "assignments", assignments);
        }
        for course in courses {
            self.relink_course(course);
        }
    }

    fn assignment(&mut self, unit: i64, step: i64) -> i64 {
        if let Some(id) = self.assignments.get(&(unit, step)) {
            return *id;
        }
        let id = self.other_id();
        self.assignments.insert((unit, step), id);
        id
    }

    /// Makes room at `position`: steps that stand there or later move up by one, dates untouched. Nothing moves when
    /// the place is free. (reference stepik.md 3.8: weak evidence; 6.4)
    pub(crate) fn open_gap(&mut self, lesson: i64, position: i64) {
        let steps = self.steps_of(lesson);
        let at = |state: &Self, id: &i64| {
            state.get(Kind::Steps, *id).and_then(|s| int(s, "position")).unwrap_or(0)
        };
        if steps.iter().any(|id| at(self, id) == position) {
            self.shift(&steps, |p| if p >= position { p.saturating_add(1) } else { p });
        }
    }

    /// Closes the gap that a step left at `position`. (reference stepik.md 6.4)
    pub(crate) fn close_gap(&mut self, lesson: i64, position: i64) {
        let steps = self.steps_of(lesson);
        self.shift(&steps, |p| if p > position { p.saturating_sub(1) } else { p });
    }

    fn shift(&mut self, steps: &[i64], moved: impl Fn(i64) -> i64) {
        for id in steps {
            if let Some(step) = self.get_mut(Kind::Steps, *id) {
                let position = int(step, "position").unwrap_or(1);
                set(step, "position", moved(position));
            }
        }
    }
}

/// A step is a quiz unless its block is plain content. (reference stepik.md 4.15)
pub(crate) fn is_quiz(step: &Object) -> bool {
    !matches!(block_name(step), "text" | "video" | "html" | "animation" | "")
}

pub(crate) fn block_name(step: &Object) -> &str {
    step.get("block").and_then(Value::as_object).map(|block| text(block, "name")).unwrap_or_default()
}
