//! Where lessons stand: places in a course, lessons that several courses share, and taking them out
//! (reference stepik.md 3.5, 3.6, 5.2).

use std::collections::{BTreeSet, HashSet};

use lms_core::{Error, ErrorKind, Platform, Result};
use serde_json::Value;

use crate::Stepik;
use crate::objects::number;
use crate::tree::texts;
use crate::wire::{self, Object, Unit, get};

/// What to do when something is to be written to a lesson that also stands in another course: on Stepik
/// that is one and the same lesson, so the other course would change too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SharedLessons {
    /// Write nothing and answer `Conflict` with the names of the other courses.
    #[default]
    Refuse,
    /// Change it for all courses.
    Change,
}

/// A lesson that is known to stand in one course only.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnLesson {
    pub(crate) course: u64,
    pub(crate) steps: HashSet<u64>,
}

impl Stepik {
    /// Answers the lesson as the platform gives it, once it is sure that no other course than `course`
    /// is changed with it.
    pub(crate) async fn own_lesson(
        &self,
        operation: &'static str,
        course: u64,
        lesson: u64,
    ) -> Result<Object> {
        let native: Object = self.one(operation, "lessons", lesson).await?;
        // `edit_lesson` is there for those who may (reference stepik.md 3.6).
        if get::object(&native, "actions").is_some_and(|may| !may.contains_key("edit_lesson")) {
            let owner =
                native.get("owner").map_or_else(|| "somebody else".to_owned(), |o| format!("user {o}"));
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                format!(
                    "the lesson belongs to {owner}, who has to let this account edit it; or write a copy"
                ),
            )
            .at(Platform::Stepik, operation)
            .on(format!("lesson {lesson}")));
        }
        if self.shared_lessons() == SharedLessons::Refuse {
            let mut others = self.courses_of(operation, lesson, &native).await?;
            others.remove(&course);
            if !others.is_empty() {
                return Err(self.shared(operation, lesson, &others).await);
            }
        }
        let steps = get::ids(&native, "steps").collect();
        self.memory().own_lessons.insert(lesson, OwnLesson { course, steps });
        Ok(native)
    }

    /// The same where it is known already, or found out with one request.
    pub(crate) async fn require_own_lesson(
        &self,
        operation: &'static str,
        course: u64,
        lesson: u64,
    ) -> Result<()> {
        let known = self.memory().own_lessons.get(&lesson).is_some_and(|own| own.course == course);
        if known { Ok(()) } else { self.own_lesson(operation, course, lesson).await.map(drop) }
    }

    /// The same for a step: `None` where there is no such step any more.
    pub(crate) async fn require_own_step(
        &self,
        operation: &'static str,
        course: u64,
        step: u64,
    ) -> Result<Option<u64>> {
        let known = {
            let memory = self.memory();
            let found =
                memory.own_lessons.iter().find(|(_, own)| own.course == course && own.steps.contains(&step));
            found.map(|(lesson, _)| *lesson)
        };
        if known.is_some() {
            return Ok(known);
        }
        let native: Object = match self.one(operation, "steps", step).await {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let Some(lesson) = native.get("lesson").and_then(Value::as_u64) else { return Ok(None) };
        self.require_own_lesson(operation, course, lesson).await?;
        Ok(Some(lesson))
    }

    /// The courses that a lesson stands in: as it says itself, or, since lessons of 2017 do not
    /// (reference stepik.md 3.6), as its places do.
    async fn courses_of(
        &self,
        operation: &'static str,
        lesson: u64,
        native: &Object,
    ) -> Result<BTreeSet<u64>> {
        if native.contains_key("courses") {
            return Ok(get::ids(native, "courses").collect());
        }
        let mut units: Vec<Unit> = self.all(operation, "units", vec![("lesson", lesson.to_string())]).await?;
        units.retain(|unit| unit.lesson == lesson);
        let sections: BTreeSet<u64> = units.iter().map(|unit| unit.section).collect();
        let sections: Vec<u64> = sections.into_iter().collect();
        let sections: Vec<Object> = self.many(operation, "sections", &texts(&sections), get::id).await?;
        Ok(sections.iter().filter_map(|s| s.get("course").and_then(Value::as_u64)).collect())
    }

    async fn shared(&self, operation: &'static str, lesson: u64, others: &BTreeSet<u64>) -> Error {
        let ids: Vec<u64> = others.iter().copied().collect();
        let named: Vec<wire::Course> = self
            .many(operation, "courses", &texts(&ids), |c: &wire::Course| c.id.to_string())
            .await
            .unwrap_or_default();
        let names: Vec<String> = ids
            .iter()
            .map(|id| match named.iter().find(|course| course.id == *id) {
                Some(course) => format!("{id} ({})", course.title),
                None => id.to_string(),
            })
            .collect();
        Error::new(
            ErrorKind::Conflict,
            format!(
                "the lesson stands in another course, {}, which would change with it; write a copy, or allow \
                 it with `shared_lessons = change`",
                names.join(", ")
            ),
        )
        .at(Platform::Stepik, operation)
        .on(format!("lesson {lesson}"))
    }

    /// The places of a lesson in a course.
    pub(crate) async fn units(&self, operation: &'static str, course: u64, lesson: u64) -> Result<Vec<Unit>> {
        let query = vec![("course", course.to_string()), ("lesson", lesson.to_string())];
        let mut units: Vec<Unit> = self.all(operation, "units", query).await?;
        units.retain(|unit| unit.lesson == lesson);
        Ok(units)
    }

    /// Takes a section out of its course, with its lessons.
    pub(crate) async fn remove_section(&self, operation: &'static str, section: u64) -> Result<()> {
        let native: wire::Section = match self.one(operation, "sections", section).await {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let units: Vec<Unit> =
            self.many(operation, "units", &texts(&native.units), |unit: &Unit| unit.id.to_string()).await?;
        for unit in &units {
            self.remove_lesson(operation, unit.lesson, &[unit.id]).await?;
        }
        self.delete(operation, "sections", section).await
    }

    /// Takes a lesson out of these places, and deletes it where it stands in no other and the account may:
    /// the platform would keep it (reference stepik.md 5.2).
    pub(crate) async fn remove_lesson(
        &self,
        operation: &'static str,
        lesson: u64,
        places: &[u64],
    ) -> Result<()> {
        let native: Option<Object> = match self.one(operation, "lessons", lesson).await {
            Ok(native) => Some(native),
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(e),
        };
        let mut all: Vec<u64> = self
            .all::<Unit>(operation, "units", vec![("lesson", lesson.to_string())])
            .await?
            .into_iter()
            .filter(|unit| unit.lesson == lesson)
            .map(|unit| unit.id)
            .collect();
        // Places in courses that this account does not see are in the lesson's own list.
        all.extend(native.iter().flat_map(|lesson| get::ids(lesson, "units")));
        let elsewhere = all.iter().any(|unit| !places.contains(unit));
        // `delete_lesson` is there for those who may (reference stepik.md 3.6).
        let deletable = native
            .as_ref()
            .is_some_and(|l| get::object(l, "actions").is_none_or(|may| may.contains_key("delete_lesson")));
        for unit in places {
            self.delete(operation, "units", *unit).await?;
        }
        self.memory().own_lessons.remove(&lesson);
        if elsewhere || !deletable {
            return Ok(());
        }
        self.delete(operation, "lessons", lesson).await.map_err(|e| {
            let lesson = format!("lesson {lesson}, in no course any more");
            e.with_field("left behind", lesson)
        })
    }
}

/// The numbers of ids of one kind.
pub(crate) fn numbers<'a>(ids: impl IntoIterator<Item = &'a str>, what: &str) -> Result<Vec<u64>> {
    ids.into_iter().map(|id| number(id, what)).collect()
}
