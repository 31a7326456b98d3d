//! A course with its sections, units, lessons and steps, in as few requests as the API allows: one for
//! the course and one for each hundred of the others (reference stepik.md 5.1).

use std::collections::{HashMap, HashSet};

use lms_core::{ErrorKind, Result};

use crate::Stepik;
use crate::wire::{Course, Lesson, Section, Step, Unit, get};

/// A course down to its lessons.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) course: Course,
    pub(crate) sections: Vec<Section>,
    pub(crate) units: HashMap<u64, Unit>,
    pub(crate) lessons: HashMap<u64, Lesson>,
}

impl Tree {
    /// Units and lessons of a section, in order: by the parent's list, since positions may be equal
    /// (reference stepik.md 3.4).
    pub(crate) fn lessons_of<'a>(
        &'a self,
        section: &'a Section,
    ) -> impl Iterator<Item = (&'a Unit, &'a Lesson)> {
        section.units.iter().filter_map(|id| {
            let unit = self.units.get(id)?;
            Some((unit, self.lessons.get(&unit.lesson)?))
        })
    }

    /// The steps of the course in order, each once.
    pub(crate) fn steps(&self) -> Vec<u64> {
        let mut seen = HashSet::new();
        let all =
            self.sections.iter().flat_map(|section| self.lessons_of(section)).flat_map(|(_, l)| &l.steps);
        all.copied().filter(|step| seen.insert(*step)).collect()
    }
}

pub(crate) fn texts(ids: &[u64]) -> Vec<String> {
    ids.iter().map(u64::to_string).collect()
}

impl Stepik {
    pub(crate) async fn tree(&self, operation: &'static str, course: u64) -> Result<Tree> {
        let course: Course = self.one(operation, "courses", course).await?;
        let sections: Vec<Section> = self
            .many(operation, "sections", &texts(&course.sections), |s: &Section| s.id.to_string())
            .await?;
        let units: Vec<u64> = sections.iter().flat_map(|section| section.units.iter().copied()).collect();
        let units: Vec<Unit> =
            self.many(operation, "units", &texts(&units), |u: &Unit| u.id.to_string()).await?;
        let mut lessons: Vec<u64> = units.iter().map(|unit| unit.lesson).collect();
        lessons.sort_unstable();
        lessons.dedup();
        let lessons: Vec<Lesson> =
            self.many(operation, "lessons", &texts(&lessons), |l: &Lesson| l.id.to_string()).await?;
        Ok(Tree {
            course,
            sections,
            units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
            lessons: lessons.into_iter().map(|lesson| (lesson.id, lesson)).collect(),
        })
    }

    /// The steps of a course, as an author gets them where the account may edit the lesson, else as a
    /// learner does. What a stranger gets for a step's source is not known, so that whatever is
    /// missing is asked for again as a learner (reference stepik.md 3.8).
    pub(crate) async fn steps(&self, operation: &'static str, tree: &Tree) -> Result<HashMap<u64, Step>> {
        let wanted = tree.steps();
        let editable: HashSet<u64> = tree
            .lessons
            .values()
            // `edit_lesson` is there for those who may edit (reference stepik.md 3.6).
            .filter(|l| {
                get::object(&l.rest, "actions").is_none_or(|actions| actions.contains_key("edit_lesson"))
            })
            .flat_map(|lesson| lesson.steps.iter().copied())
            .collect();
        let (own, others): (Vec<u64>, Vec<u64>) = wanted.iter().partition(|step| editable.contains(step));
        let mut steps = self.sources(operation, &own).await?;
        let missing: Vec<u64> = own.into_iter().filter(|id| !steps.contains_key(id)).chain(others).collect();
        let seen: Vec<Step> =
            self.many(operation, "steps", &texts(&missing), |s: &Step| s.id.to_string()).await?;
        steps.extend(seen.into_iter().map(|step| (step.id, step)));
        Ok(steps)
    }

    /// The steps as their author gets them; none where that is not allowed.
    pub(crate) async fn sources(&self, operation: &'static str, ids: &[u64]) -> Result<HashMap<u64, Step>> {
        let found = self.many(operation, "step-sources", &texts(ids), |s: &Step| s.id.to_string()).await;
        match found {
            Ok(steps) => Ok(steps.into_iter().map(|step: Step| (step.id, step)).collect()),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::Unauthenticated
                ) =>
            {
                Ok(HashMap::new())
            }
            Err(e) => Err(e),
        }
    }
}
