//! Writing what was planned.

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{
    Asset, AssetLink, AssetLinks, Authoring, CourseId, ErrorKind, Finding, Lesson, LessonId, LmsProvider,
    LmsProviderExt, NewCourse, Result, Severity, Slot,
};
use serde::Serialize;

use crate::{Plan, Progress, Stage};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The course on the target.
    pub course: CourseId,
    /// Sections written.
    pub sections: usize,
    /// Lessons written.
    pub lessons: usize,
    /// Steps written.
    pub steps: usize,
    /// Files written.
    pub assets: usize,
    /// Losses that only showed while writing: files that the source lists and does not give.
    pub findings: Vec<Finding>,
    /// How each file is linked on the target.
    pub links: AssetLinks,
}

/// Writes a planned course.
///
/// Files are written first, several at once; then sections and lessons in order; then steps, several
/// lessons at once and the steps of each in order, since platforms number them as they come.
///
/// # Errors
/// What the target answers, with the node named. What was written stays.
pub async fn apply(
    plan: &Plan,
    source: &dyn LmsProvider,
    target: &dyn LmsProvider,
    new: &NewCourse,
    progress: &dyn Progress,
) -> Result<Written> {
    let authoring = target.require_authoring()?;
    let adapted = &plan.adapted.course;
    let header = adapted.header();
    let course = authoring.create_course(&header, new).await?;
    let mut written = Written {
        course,
        sections: 0,
        lessons: 0,
        steps: 0,
        assets: 0,
        findings: Vec::new(),
        links: AssetLinks::new(),
    };

    write_assets(plan, source, authoring, &mut written, progress).await?;

    let total = adapted.sections.iter().map(|s| 1 + s.lessons.len()).sum();
    progress.begin(Stage::Structure, total);
    let mut lessons: Vec<(&Lesson, LessonId)> = Vec::new();
    for (n, section) in (1u32..).zip(&adapted.sections) {
        let id = authoring.put_section(&written.course, section, &Slot::new(n), &written.links).await?;
        written.sections += 1;
        progress.step(Stage::Structure);
        for (n, lesson) in (1u32..).zip(&section.lessons) {
            lessons.push((lesson, authoring.put_lesson(&written.course, &id, lesson, &Slot::new(n)).await?));
            written.lessons += 1;
            progress.step(Stage::Structure);
        }
    }
    progress.end(Stage::Structure);

    progress.begin(Stage::Steps, lessons.iter().map(|(lesson, _)| lesson.steps.len()).sum());
    let (course, links) = (&written.course, &written.links);
    let steps = stream::iter(lessons)
        .map(|(lesson, id)| async move {
            for (n, step) in (1u32..).zip(&lesson.steps) {
                authoring.put_step(course, &id, step, &Slot::new(n), links).await?;
                progress.step(Stage::Steps);
            }
            Ok::<_, lms_core::Error>(lesson.steps.len())
        })
        .buffer_unordered(authoring.parallel().max(1))
        .try_fold(0, |sum, n| async move { Ok(sum + n) })
        .await?;
    written.steps = steps;
    progress.end(Stage::Steps);

    progress.begin(Stage::Finish, 0);
    authoring.finish(&written.course, &header, &written.links).await?;
    progress.end(Stage::Finish);
    Ok(written)
}

async fn write_assets(
    plan: &Plan,
    source: &dyn LmsProvider,
    authoring: &dyn Authoring,
    written: &mut Written,
    progress: &dyn Progress,
) -> Result<()> {
    let assets = &plan.adapted.course.assets;
    progress.begin(Stage::Assets, assets.len());
    let (from, to) = (&plan.content.course.id, &written.course);
    let mut done = stream::iter(assets)
        .map(|asset| async move { (asset, copy(asset, source, from, authoring, to).await) })
        .buffered(authoring.parallel().max(1));
    let mut links = AssetLinks::new();
    while let Some((asset, copied)) = done.next().await {
        match copied? {
            Some(link) => {
                links.insert(asset.id.clone(), link);
                written.assets += 1;
            }
            None => written.findings.push(Finding::new(
                Severity::Dropped,
                format!("file {}", asset.name),
                "file",
                "the source lists it and does not give it",
            )),
        }
        progress.step(Stage::Assets);
    }
    drop(done);
    written.links = links;
    progress.end(Stage::Assets);
    Ok(())
}

/// Copies one file; `None` when the source does not have it.
async fn copy(
    asset: &Asset,
    source: &dyn LmsProvider,
    from: &CourseId,
    authoring: &dyn Authoring,
    to: &CourseId,
) -> Result<Option<AssetLink>> {
    match source.require_courses()?.read_asset(from, &asset.id).await {
        Ok(body) => authoring.put_asset(to, asset, body).await.map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
