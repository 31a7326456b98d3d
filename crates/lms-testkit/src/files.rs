//! Whether a provider knows which files an upload falls upon.

use lms_core::{
    Asset, AssetBody, AssetId, AssetLink, AssetLinks, AssetRole, Authoring, Block, BlockBody, Course,
    CourseId, Courses, ErrorKind, Lesson, LmsProvider, LmsProviderExt, Markup, NewCourse, Result, Section,
    Slot, Step, Text,
};

use crate::cases::ensure;

/// Makes a course with a file, sends that file again, and holds what became of the first against what
/// [`Authoring::written_over`] said before. An update asks that before it writes over the work of others, so it is for
/// every provider that writes files, formats included.
///
/// # Errors
/// `Conflict` where the two do not agree; what the platform answers.
pub async fn uploads_know_what_they_write_over(provider: &dyn LmsProvider, new: &NewCourse) -> Result<()> {
    let place = Place { courses: provider.require_courses()?, authoring: provider.require_authoring()? };
    // Nothing that a platform would leave as it is.
    let (note, other) = (file("data/a note~1.txt"), file("data/another note.txt"));
    let mut course = Course::new("files", "Files");
    let mut section = Section::new("first", "First");
    let mut lesson = Lesson::new("first-lesson", "First");
    let mut step = Step::new("first-step", "Read");
    let text = Text { markup: Markup::from_html("<p>Read the note.</p>") };
    step.blocks.push(Block::new("read", BlockBody::Text(text)));
    lesson.steps.push(step);
    section.lessons.push(lesson);
    course.sections.push(section);
    let course = place.authoring.adapt(&course).course;

    let (id, first) = place.write(&course, new, &note).await?;
    let there = place.files(&id).await?;
    let over = place.authoring.written_over(&note, &there);
    let upon = place.authoring.written_over(&other, &there);
    ensure(upon.is_none(), format!("{} would write over {upon:?}", other.name))?;
    let second = place.put(&id, &note, "two").await?;
    place.finish(&id, &course).await?;
    let Some(over) = over else {
        ensure(first.url != second.url, format!("both are at {}, and nothing said so", first.url))?;
        return ensure(place.read(&id, &first.id).await? == "one", "the first one was written over unsaid");
    };
    ensure(over.url == second.url, format!("{} is said to be at {}", second.url, over.url))?;
    let now = place.files(&id).await?;
    ensure(now.len() == there.len(), format!("the second one is another file: {now:?}"))?;
    ensure(place.read(&id, &over.id).await? == "two", format!("{} was not written over", over.id))
}

struct Place<'a> {
    courses: &'a dyn Courses,
    authoring: &'a dyn Authoring,
}

impl Place<'_> {
    async fn write(&self, course: &Course, new: &NewCourse, note: &Asset) -> Result<(CourseId, AssetLink)> {
        let (authoring, links) = (self.authoring, AssetLinks::new());
        let id = authoring.create_course(&course.header(), new).await?;
        let link = self.put(&id, note, "one").await?;
        for section in &course.sections {
            let at = authoring.put_section(&id, section, &Slot::new(1), &links).await?;
            for lesson in &section.lessons {
                let at = authoring.put_lesson(&id, &at, lesson, &Slot::new(1)).await?;
                for step in &lesson.steps {
                    authoring.put_step(&id, &at, step, &Slot::new(1), &links).await?;
                }
            }
        }
        authoring.finish(&id, &course.header(), &links).await?;
        Ok((id, link))
    }

    async fn put(&self, course: &CourseId, file: &Asset, text: &'static str) -> Result<AssetLink> {
        self.authoring.put_asset(course, file, AssetBody::from_bytes(text)).await
    }

    async fn finish(&self, id: &CourseId, course: &Course) -> Result<()> {
        match self.authoring.finish_nodes(id).await {
            Err(e) if e.kind() == ErrorKind::Unsupported => {
                self.authoring.finish(id, &course.header(), &AssetLinks::new()).await
            }
            other => other,
        }
    }

    async fn files(&self, course: &CourseId) -> Result<Vec<Asset>> {
        Ok(self.courses.content(course).await?.course.assets)
    }

    async fn read(&self, course: &CourseId, file: &AssetId) -> Result<String> {
        let bytes = self.courses.read_asset(course, file).await?.into_bytes(1 << 10).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn file(name: &str) -> Asset {
    let role = AssetRole::Content;
    Asset { id: name.into(), name: name.into(), media_type: Some("text/plain".into()), size: None, role }
}
