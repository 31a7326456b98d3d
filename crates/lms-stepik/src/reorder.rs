//! Putting sections, lessons and steps in another order (reference stepik.md 3.4, 3.5, 3.8, 5.2).

use lms_core::{CourseId, Error, ErrorKind, LessonId, Platform, Result, SectionId, StepId};
use serde_json::{Value, json};

use crate::Stepik;
use crate::objects::number;
use crate::placement::numbers;
use crate::tree::texts;
use crate::wire::{self, Object, get, object};

const SECTIONS: &str = "authoring.reorder_sections";
const LESSONS: &str = "authoring.reorder_lessons";
const STEPS: &str = "authoring.reorder_steps";

impl Stepik {
    /// Puts the sections of a course in this order. Only sections whose place changes are written; their
    /// ids stay. Calls `PUT /api/sections/ID`.
    ///
    /// # Errors
    /// `InvalidInput` before anything is written where `order` is not the course's own sections, each
    /// once; `Conflict` where the platform keeps another order.
    pub async fn reorder_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        let course = number(course.as_str(), "course")?;
        let order = numbers(order.iter().map(SectionId::as_str), "section")?;
        let now = self.one::<wire::Course>(SECTIONS, "courses", course).await?.sections;
        let what = format!("course {course}");
        if same(SECTIONS, &what, &now, &order)? {
            return Ok(());
        }
        self.place(SECTIONS, "sections", "section", &order).await?;
        let now = self.one::<wire::Course>(SECTIONS, "courses", course).await?.sections;
        kept(SECTIONS, &what, &now, &order)
    }

    /// Puts the lessons of a section in this order, by writing their places (units). The lessons
    /// themselves, and other courses that use them, are not touched. Calls `PUT /api/units/ID`.
    ///
    /// # Errors
    /// As [`Stepik::reorder_sections`].
    pub async fn reorder_lessons(&self, section: &SectionId, order: &[LessonId]) -> Result<()> {
        let section = number(section.as_str(), "section")?;
        let order = numbers(order.iter().map(LessonId::as_str), "lesson")?;
        let what = format!("section {section}");
        let units = self.units_of_section(section).await?;
        let now: Vec<u64> = units.iter().map(|unit| unit.lesson).collect();
        if same(LESSONS, &what, &now, &order)? {
            return Ok(());
        }
        let wanted: Vec<u64> = order
            .iter()
            .filter_map(|lesson| units.iter().find(|unit| unit.lesson == *lesson).map(|unit| unit.id))
            .collect();
        self.place(LESSONS, "units", "unit", &wanted).await?;
        let now: Vec<u64> = self.units_of_section(section).await?.iter().map(|unit| unit.lesson).collect();
        kept(LESSONS, &what, &now, &order)
    }

    /// Puts the steps of a lesson in this order. A step is written whole, so the platform prepares it
    /// anew; ids and with them submissions stay. Calls `PUT /api/step-sources/ID`, one after the other:
    /// how a step makes room for another is not known (reference stepik.md 6.3).
    ///
    /// # Errors
    /// As [`Stepik::reorder_sections`]; `Conflict` with its name where another course has the lesson too.
    pub async fn reorder_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        let course = number(course.as_str(), "course")?;
        let lesson = number(lesson.as_str(), "lesson")?;
        let order = numbers(order.iter().map(StepId::as_str), "step")?;
        let what = format!("lesson {lesson}");
        let native = self.own_lesson(STEPS, course, lesson).await?;
        let now = get::ids(&native, "steps").collect::<Vec<_>>();
        if same(STEPS, &what, &now, &order)? {
            return Ok(());
        }
        let sources: Vec<Object> = self.many(STEPS, "step-sources", &texts(&order), get::id).await?;
        if let Some(hidden) = order.iter().find(|id| !sources.iter().any(|s| get::id(s) == id.to_string())) {
            return Err(Error::new(ErrorKind::PermissionDenied, "the account may not edit this step")
                .at(Platform::Stepik, STEPS)
                .on(format!("step {hidden}")));
        }
        // Steps before the first that moves stay where they are.
        let first = now.iter().zip(&order).position(|(now, wanted)| now != wanted).unwrap_or_default();
        for (position, (id, mut source)) in (1..).zip(order.iter().zip(sources)).skip(first) {
            source.insert("position".into(), json!(position));
            source.remove("actions");
            self.replace(STEPS, "step-sources", id, "stepSource", Value::Object(source)).await?;
            let name = format!("position {position}");
            self.memory().written.entry(course).or_default().insert(*id, name);
        }
        let native: Object = self.one(STEPS, "lessons", lesson).await?;
        kept(STEPS, &what, &get::ids(&native, "steps").collect::<Vec<_>>(), &order)
    }

    async fn units_of_section(&self, section: u64) -> Result<Vec<wire::Unit>> {
        let units = self.one::<wire::Section>(LESSONS, "sections", section).await?.units;
        self.many(LESSONS, "units", &texts(&units), |unit: &wire::Unit| unit.id.to_string()).await
    }

    /// Gives objects the positions 1, 2, 3, …; those that have theirs already are not written.
    async fn place(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        wrapper: &str,
        order: &[u64],
    ) -> Result<()> {
        let objects: Vec<Object> = self.many(operation, endpoint, &texts(order), get::id).await?;
        for (position, native) in (1..).zip(objects) {
            let position: u64 = position;
            if native.get("position").and_then(Value::as_u64) != Some(position) {
                let change = object(json!({"position": position}));
                self.change_from(operation, endpoint, get::id(&native), wrapper, native, change).await?;
            }
        }
        Ok(())
    }
}

/// Whether it is that order already. What is to be ordered must be what is there.
fn same(operation: &'static str, what: &str, now: &[u64], order: &[u64]) -> Result<bool> {
    let sorted = |ids: &[u64]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    if sorted(now) == sorted(order) {
        return Ok(now == order);
    }
    let only =
        |a: &[u64], b: &[u64]| texts(&a.iter().copied().filter(|id| !b.contains(id)).collect::<Vec<_>>());
    let (left_out, strange) = (only(now, order), only(order, now));
    let mut error = Error::invalid("the order must name everything that is there, each once")
        .at(Platform::Stepik, operation)
        .on(what);
    for (field, ids) in [("left out", left_out), ("not there", strange)] {
        if !ids.is_empty() {
            error = error.with_field(field, ids.join(", "));
        }
    }
    Err(error)
}

fn kept(operation: &'static str, what: &str, now: &[u64], order: &[u64]) -> Result<()> {
    if now == order {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, "the platform took the order and keeps another")
        .at(Platform::Stepik, operation)
        .on(what)
        .with_field("is now", texts(now).join(", ")))
}
