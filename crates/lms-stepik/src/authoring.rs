//! Writing courses (reference stepik.md 5).

use std::time::Duration;

use async_trait::async_trait;
use lms_core::{
    Adapted, Asset, AssetBody, AssetLink, AssetLinks, Authoring, AuthoringSupport, Course, CourseId, Error,
    ErrorKind, ExistingCourse, Lesson, LessonId, NewCourse, Platform, Result, Section, SectionId, Slot, Step,
    StepId, Support,
};
use lms_http::{Method, Part, Rhythm, Safety};
use serde_json::{Value, json};

use crate::Stepik;
use crate::convert::{
    self, Losses, course_payload, lesson_payload, media_path, section_payload, unit_payload, write_block,
};
use crate::page::number;
use crate::tree::texts;
use crate::wire::{self, Attachment, Envelope, Unit};

/// Longest file that is read to be sent. The platform's own limit is said to be about 25 MB
/// (reference stepik.md 3.15); it answers for itself.
const LONGEST_FILE: u64 = 64 << 20;
/// Steps take about a second to become ready (reference stepik.md 3.8).
const RHYTHM: Rhythm =
    Rhythm { first: Duration::from_millis(200), growth: 1.5, longest: Duration::from_secs(5) };

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

    /// One dashboard keeps to bursts of ten (reference stepik.md 1.6).
    fn parallel(&self) -> usize {
        4
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
                    self.remove_section(section).await?;
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
        const OPERATION: &str = "authoring.put_asset";
        let course = number(course.as_str(), "course")?;
        let bytes = body
            .into_bytes(LONGEST_FILE)
            .await
            .map_err(|e| e.at(Platform::Stepik, OPERATION).on(&asset.name))?;
        let media_type = asset.media_type.as_deref().unwrap_or("application/octet-stream");
        let name = asset.name.rsplit('/').next().unwrap_or(&asset.name);
        let parts =
            vec![Part::text("course", course.to_string()), Part::file("file", name, media_type, bytes)];
        let request = self
            .client()
            .request(Method::Post, "/api/attachments", Safety::Once)
            .operation(OPERATION)
            .resource(&asset.name)
            .multipart(parts);
        let mut envelope: Envelope = request.send_json().await?;
        let stored: Attachment =
            envelope.one("attachments").map_err(|e| e.at(Platform::Stepik, OPERATION))?;
        let path = media_path(self.base(), &stored.file).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the attachment has no address below /media/")
                .at(Platform::Stepik, OPERATION)
                .on(format!("attachment {}", stored.id))
        })?;
        Ok(AssetLink { id: path.as_str().into(), url: path })
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
                self.change(LESSON, "lessons", id, "lesson", payload).await?;
                (id, self.units(LESSON, course, id).await?.into_iter().next())
            }
            None => {
                let payload = Value::Object(payload);
                (self.create::<Created>(LESSON, "lessons", "lesson", payload).await?.id, None)
            }
        };
        let place = unit_payload(&lesson.schedule, &lesson.extras, section, id, *position);
        match unit {
            Some(unit) => self.change(LESSON, "units", unit.id, "unit", place).await?,
            None => {
                let placed = self.create::<Created>(LESSON, "units", "unit", Value::Object(place)).await;
                if let Err(e) = placed {
                    // A new lesson without place would be left behind where nobody looks.
                    if existing.is_none() && e.kind() != ErrorKind::OutcomeUnknown {
                        let _ = self.delete(LESSON, "lessons", id).await;
                    }
                    return Err(e);
                }
            }
        }
        Ok(id.into())
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
        let native = write_block(block, &mut Losses::default()).with_links(&|link| links.resolve(link));
        let payload = native.payload(lesson, *position);
        let id = match existing {
            Some(id) => {
                let id = number(id.as_str(), "step")?;
                self.replace(STEP, "step-sources", id, "stepSource", payload).await?;
                id
            }
            None => self.create::<Created>(STEP, "step-sources", "stepSource", payload).await?.id,
        };
        let mut memory = self.memory();
        memory.shown.remove(&id);
        memory.written.entry(course).or_default().insert(id, step.id.to_string());
        Ok(id.into())
    }

    async fn delete_section(&self, _course: &CourseId, section: &SectionId) -> Result<()> {
        self.remove_section(number(section.as_str(), "section")?).await
    }

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
        let (course, id) = (number(course.as_str(), "course")?, number(step.as_str(), "step")?);
        self.delete("authoring.delete_step", "step-sources", id).await?;
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
            self.put_cover(id, link).await?;
        }
        self.wait_until_ready(id).await
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

    /// The places of a lesson in a course.
    async fn units(&self, operation: &'static str, course: u64, lesson: u64) -> Result<Vec<Unit>> {
        let query = vec![("course", course.to_string()), ("lesson", lesson.to_string())];
        let mut units: Vec<Unit> = self.all(operation, "units", query).await?;
        units.retain(|unit| unit.lesson == lesson);
        Ok(units)
    }

    async fn remove_section(&self, section: u64) -> Result<()> {
        let native: wire::Section = match self.one(DELETE_SECTION, "sections", section).await {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let units: Vec<Unit> = self
            .many(DELETE_SECTION, "units", &texts(&native.units), |unit: &Unit| unit.id.to_string())
            .await?;
        for unit in &units {
            self.remove_lesson(DELETE_SECTION, unit.lesson, &[unit.id]).await?;
        }
        self.delete(DELETE_SECTION, "sections", section).await
    }

    /// Takes a lesson out of these places, and deletes it where it stands in no other: the platform
    /// would keep it (reference stepik.md 5.2).
    async fn remove_lesson(&self, operation: &'static str, lesson: u64, places: &[u64]) -> Result<()> {
        let all: Vec<Unit> = self.all(operation, "units", vec![("lesson", lesson.to_string())]).await?;
        let elsewhere = all.iter().any(|unit| unit.lesson == lesson && !places.contains(&unit.id));
        for unit in places {
            self.delete(operation, "units", *unit).await?;
        }
        if elsewhere { Ok(()) } else { self.delete(operation, "lessons", lesson).await }
    }

    /// The cover is sent as a file of its own (reference stepik.md 3.20).
    async fn put_cover(&self, course: u64, link: &AssetLink) -> Result<()> {
        let answer = self.client().get(&link.url).operation(FINISH).resource(&link.url).send().await?;
        let media_type = answer.content_type().unwrap_or("application/octet-stream").to_owned();
        let name = link.url.rsplit('/').next().unwrap_or("cover").to_owned();
        let part = Part::file("cover", name, media_type, answer.bytes().await?);
        let request = self
            .client()
            .request(Method::Put, &format!("/api/course-images/{course}"), Safety::Repeatable)
            .operation(FINISH)
            .resource(format!("cover of course {course}"))
            .multipart(vec![part]);
        request.send().await.map(drop)
    }

    async fn wait_until_ready(&self, course: u64) -> Result<()> {
        let written = self.memory().written.get(&course).cloned();
        let mut waiting = match written {
            Some(written) => written,
            // Written by an earlier run: any step may be one of those.
            None => {
                let steps = self.tree(FINISH, course).await?.steps();
                steps.into_iter().map(|step| (step, step.to_string())).collect()
            }
        };
        let mut broken = Vec::new();
        let mut polling = RHYTHM.begin(self.ready_timeout());
        while !waiting.is_empty() {
            let ids: Vec<u64> = waiting.keys().copied().collect();
            let steps =
                self.many(FINISH, "step-sources", &texts(&ids), |s: &wire::Step| s.id.to_string()).await?;
            let preparing: Vec<u64> =
                steps.iter().filter(|s| s.status == "preparing").map(|s| s.id).collect();
            for step in steps.iter().filter(|step| step.status == "error") {
                let name = waiting.get(&step.id).cloned().unwrap_or_default();
                broken.push((format!("step {} ({name}, {})", step.id, step.name()), reason(step)));
            }
            waiting.retain(|id, _| preparing.contains(id));
            if waiting.is_empty() {
                break;
            }
            if !polling.pause().await {
                self.memory().written.insert(course, waiting.clone());
                let ids: Vec<String> = waiting.keys().map(u64::to_string).collect();
                return Err(Error::new(ErrorKind::Timeout, "steps are still being prepared")
                    .at(Platform::Stepik, FINISH)
                    .on(format!("course {course}, steps {}", ids.join(", "))));
            }
        }
        self.memory().written.remove(&course);
        if broken.is_empty() {
            return Ok(());
        }
        let error = Error::invalid(format!("Stepik could not prepare {} of the steps", broken.len()))
            .at(Platform::Stepik, FINISH)
            .on(format!("course {course}"));
        Err(broken.into_iter().fold(error, |error, (step, reason)| error.with_field(step, reason)))
    }
}

fn reason(step: &wire::Step) -> String {
    let said = step.error.get("text").and_then(Value::as_str).unwrap_or_default();
    [step.reason_of_failure.as_str(), said]
        .into_iter()
        .find(|text| !text.trim().is_empty())
        .unwrap_or("no reason was given")
        .to_owned()
}
