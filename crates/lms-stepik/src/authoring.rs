//! Writing courses (reference stepik.md 5).

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetLink, AssetLinks, Authoring, AuthoringSupport, Course, CourseId, Error,
    ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result, Section, SectionId, Slot, Step,
    StepAt, StepId, StepLinks, Support,
};
use serde_json::{Value, json};

use crate::Stepik;
use crate::convert::{
    self, Losses, course_payload, lesson_payload, section_payload, unit_payload, write_block,
};
use crate::files::Owner;
use crate::links;
use crate::objects::number;
use crate::placement::OwnLesson;
use crate::wire;

const LESSON: &str = "authoring.put_lesson";
const STEP: &str = "authoring.put_step";
const DELETE_SECTION: &str = "authoring.delete_section";
const DELETE_LESSON: &str = "authoring.delete_lesson";
const FINISH: &str = "authoring.finish";

/// An object that was created, as far as it matters: its id.
#[derive(serde::Deserialize)]
struct Created {
    id: u64,
}

#[async_trait]
impl Authoring for Stepik {
    fn support(&self) -> AuthoringSupport {
        AuthoringSupport {
            create: Support::Native,
            update: Support::Native,
            delete: Support::Native,
            assets: Support::Native,
        }
    }

    /// Lessons at once; fewer are under way as soon as the platform says that it is too much.
    fn parallel(&self) -> usize {
        25
    }

    fn adapt(&self, course: &Course) -> Adapted {
        convert::adapt(self.base(), course)
    }

    /// Ids are given by the platform: with an id, the course must be there, and is overwritten if `new`
    /// says so. The course is private until [`Authoring::finish`].
    async fn create_course(&self, header: &Course, new: &NewCourse) -> Result<CourseId> {
        const OPERATION: &str = "authoring.create_course";
        let NewCourse { id, existing } = new;
        let mut payload = course_payload(header);
        payload.insert("is_public".into(), json!(false));
        let id = match id {
            None => self.create::<Created>(OPERATION, "courses", "course", Value::Object(payload)).await?.id,
            Some(id) => {
                let number = number(id.as_str(), "course")?;
                let there: wire::Course = match self.one(OPERATION, "courses", number).await {
                    Err(e) if e.kind() == ErrorKind::NotFound => {
                        return Err(Error::new(
                            ErrorKind::Unsupported,
                            "Stepik gives courses their ids itself",
                        )
                        .at(Platform::Stepik, OPERATION)
                        .on(id));
                    }
                    other => other?,
                };
                if *existing == ExistingCourse::Refuse {
                    return Err(Error::new(ErrorKind::AlreadyExists, "the course is there already")
                        .at(Platform::Stepik, OPERATION)
                        .on(id));
                }
                for section in there.sections {
                    self.remove_section(OPERATION, section).await?;
                }
                self.change(OPERATION, "courses", number, "course", payload).await?;
                number
            }
        };
        if let Some(language) = &header.language {
            self.memory().languages.insert(id, language.clone());
        }
        Ok(id.into())
    }

    /// Files are attached to the course; their address is below `/media/`.
    async fn put_asset(&self, course: &CourseId, asset: &Asset, body: AssetBody) -> Result<AssetLink> {
        let to = Owner::Course(course.clone());
        self.attach_for("authoring.put_asset", &to, &asset.name, asset.media_type.as_deref(), body).await
    }

    async fn put_section(
        &self,
        course: &CourseId,
        section: &Section,
        slot: &Slot<SectionId>,
        links: &AssetLinks,
    ) -> Result<SectionId> {
        const OPERATION: &str = "authoring.put_section";
        let Slot { position, existing } = slot;
        let mut section = section.clone();
        section.description = section.description.map_links(|link| links.resolve(link));
        let payload = section_payload(&section, number(course.as_str(), "course")?, *position);
        let id = match existing {
            Some(id) => {
                let id = number(id.as_str(), "section")?;
                self.change(OPERATION, "sections", id, "section", payload).await?;
                id
            }
            None => {
                self.create::<Created>(OPERATION, "sections", "section", Value::Object(payload)).await?.id
            }
        };
        Ok(id.into())
    }

    async fn put_lesson(
        &self,
        course: &CourseId,
        section: &SectionId,
        lesson: &Lesson,
        slot: &Slot<LessonId>,
    ) -> Result<LessonId> {
        let Slot { position, existing } = slot;
        let course = number(course.as_str(), "course")?;
        let section = number(section.as_str(), "section")?;
        let language = self.language(course).await?;
        let payload = lesson_payload(lesson, language.as_deref());
        let (id, unit) = match existing {
            Some(id) => {
                let id = number(id.as_str(), "lesson")?;
                let native = self.own_lesson(LESSON, course, id).await?;
                self.change_from(LESSON, "lessons", id, "lesson", native, payload).await?;
                (id, self.units(LESSON, course, id).await?.into_iter().next())
            }
            None => {
                let payload = Value::Object(payload);
                let id = self.create::<Created>(LESSON, "lessons", "lesson", payload).await?.id;
                self.memory().own_lessons.insert(id, OwnLesson { course, ..OwnLesson::default() });
                (id, None)
            }
        };
        let place = unit_payload(&lesson.schedule, &lesson.extras, section, id, *position);
        let placed = match unit {
            Some(unit) => self.change(LESSON, "units", unit.id, "unit", place).await,
            None => self.create::<Created>(LESSON, "units", "unit", Value::Object(place)).await.map(drop),
        };
        match placed {
            Ok(()) => Ok(id.into()),
            Err(e) if existing.is_some() => {
                Err(e.with_field("written already", format!("lesson {id}, but not its place")))
            }
            Err(e) => Err(self.take_back(id, e).await),
        }
    }

    async fn put_step(
        &self,
        course: &CourseId,
        lesson: &LessonId,
        step: &Step,
        slot: &Slot<StepId>,
        links: &AssetLinks,
    ) -> Result<StepId> {
        let Slot { position, existing } = slot;
        let [block] = step.blocks.as_slice() else {
            return Err(Error::invalid("a step of Stepik has one block: adapt the course first")
                .at(Platform::Stepik, STEP)
                .on(&step.id));
        };
        let (course, lesson) = (number(course.as_str(), "course")?, number(lesson.as_str(), "lesson")?);
        self.require_own_lesson(STEP, course, lesson).await?;
        let native = write_block(block, &mut Losses::default()).with_links(&|link| links.resolve(link));
        let payload = native.payload(lesson, *position);
        let id = match existing {
            Some(id) => {
                let id = number(id.as_str(), "step")?;
                // It may come from another lesson, and that one may be shared.
                self.require_own_step(STEP, course, id).await?;
                self.replace(STEP, "step-sources", id, "stepSource", payload).await?;
                id
            }
            None => self.create::<Created>(STEP, "step-sources", "stepSource", payload).await?.id,
        };
        self.step_written(course, Some(lesson), id, step.id.to_string());
        Ok(id.into())
    }

    async fn find_unplaced_lesson(&self, title: &str) -> Result<Option<LessonId>> {
        self.unplaced_lesson(LESSON, title).await
    }

    async fn order_sections(&self, course: &CourseId, order: &[SectionId]) -> Result<()> {
        self.reorder_sections(course, order).await
    }

    async fn order_lessons(&self, _course: &CourseId, section: &SectionId, order: &[LessonId]) -> Result<()> {
        self.reorder_lessons(section, order).await
    }

    async fn order_steps(&self, course: &CourseId, lesson: &LessonId, order: &[StepId]) -> Result<()> {
        self.reorder_steps(course, lesson, order).await
    }

    async fn delete_section(&self, _course: &CourseId, section: &SectionId) -> Result<()> {
        self.remove_section(DELETE_SECTION, number(section.as_str(), "section")?).await
    }

    /// A lesson that stands elsewhere too, or belongs to somebody else, is taken out of the course only.
    async fn delete_lesson(&self, course: &CourseId, lesson: &LessonId) -> Result<()> {
        let (course, lesson) = (number(course.as_str(), "course")?, number(lesson.as_str(), "lesson")?);
        let sections = self.one::<wire::Course>(DELETE_LESSON, "courses", course).await?.sections;
        let places = self.units(DELETE_LESSON, course, lesson).await?;
        // A filter that a server does not know is passed over (reference stepik.md 2.11).
        let here = places.into_iter().filter(|unit| sections.contains(&unit.section));
        let here: Vec<u64> = here.map(|unit| unit.id).collect();
        self.remove_lesson(DELETE_LESSON, lesson, &here).await
    }

    async fn delete_step(&self, course: &CourseId, step: &StepId) -> Result<()> {
        const OPERATION: &str = "authoring.delete_step";
        let (course, id) = (number(course.as_str(), "course")?, number(step.as_str(), "step")?);
        if self.require_own_step(OPERATION, course, id).await?.is_some() {
            self.delete(OPERATION, "step-sources", id).await?;
        }
        let mut memory = self.memory();
        memory.shown.remove(&id);
        if let Some(written) = memory.written.get_mut(&course) {
            written.remove(&id);
        }
        Ok(())
    }

    /// Steps are prepared after they are taken: a broken quiz is refused only now.
    async fn finish(&self, course: &CourseId, header: &Course, links: &AssetLinks) -> Result<()> {
        let id = number(course.as_str(), "course")?;
        let mut header = header.clone();
        header.description = header.description.map_links(|link| links.resolve(link));
        self.change(FINISH, "courses", id, "course", course_payload(&header)).await?;
        if let Some(link) = header.cover.as_ref().and_then(|cover| links.get(cover)) {
            self.cover_from(FINISH, id, link).await?;
        }
        self.finish_nodes(course).await
    }

    async fn finish_nodes(&self, course: &CourseId) -> Result<()> {
        let id = number(course.as_str(), "course")?;
        // Others may place the lessons elsewhere from now on.
        self.memory().own_lessons.retain(|_, own| own.course != id);
        self.finish_steps(FINISH, id).await
    }

    fn step_links(&self, _from: Platform) -> StepLinks {
        StepLinks::Addressed
    }

    fn step_page(&self, _course: &CourseId, at: &StepAt<'_>) -> Option<String> {
        links::step_page(self.base(), at)
    }
}

impl Stepik {
    async fn language(&self, course: u64) -> Result<Option<String>> {
        let known = self.memory().languages.get(&course).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let language = self.one::<wire::Course>(LESSON, "courses", course).await?.language;
        self.memory().languages.insert(course, language.clone());
        Ok(Some(language).filter(|language| !language.is_empty()))
    }

    /// A new lesson without a place would be left behind where nobody looks.
    async fn take_back(&self, lesson: u64, error: Error) -> Error {
        let left = format!("lesson {lesson}, in no section");
        if error.kind() == ErrorKind::OutcomeUnknown {
            return error.with_field("perhaps left behind", left);
        }
        self.memory().own_lessons.remove(&lesson);
        match self.delete(LESSON, "lessons", lesson).await {
            Ok(()) => error,
            Err(why) => error.with_field("left behind", format!("{left}: {why}")),
        }
    }

    /// Keeps in mind what is to be waited for and what is now in which lesson.
    pub(crate) fn step_written(&self, course: u64, lesson: Option<u64>, step: u64, name: String) {
        let mut memory = self.memory();
        memory.shown.remove(&step);
        memory.written.entry(course).or_default().insert(step, name);
        if let Some(own) = lesson.and_then(|lesson| memory.own_lessons.get_mut(&lesson)) {
            own.steps.insert(step);
        }
    }
}
