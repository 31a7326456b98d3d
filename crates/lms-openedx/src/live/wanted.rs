//! What a node is to be, by the writer that makes archives too: a course with this node alone is written into a
//! temporary folder, and its definition read from there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lms_core::{
    Asset, AssetBody, AssetId, AssetLinks, AssetRole, Authoring, Block, BlockBody, Course, Error, ErrorKind,
    ExistingCourse, Lesson, NewCourse, Platform, Result, Section, Slot, Step,
};
use tempfile::TempDir;

use crate::convert::markup::OUTSIDE;
use crate::keys::CourseKey;
use crate::olx::files::Files;
use crate::olx::inherited::ELSEWHERE;
use crate::olx::native::Native;
use crate::temporary;
use crate::{ArchiveForm, OlxArchive};

/// A course that was written; the folder goes when it is dropped.
pub(super) struct Written {
    pub(super) root: Native,
    pub(super) path: PathBuf,
    _folder: TempDir,
}

pub(super) async fn section(key: &CourseKey, section: &Section, links: &AssetLinks) -> Result<Native> {
    let section = Section { lessons: Vec::new(), ..section.clone() };
    node(write(key, &header(key), Some((&section, None, None)), links).await?.root, 1)
}

pub(super) async fn lesson(key: &CourseKey, lesson: &Lesson) -> Result<Native> {
    let lesson = Lesson { steps: Vec::new(), ..lesson.clone() };
    let above = Section::new(ABOVE[0], "");
    node(write(key, &header(key), Some((&above, Some(&lesson), None)), &AssetLinks::new()).await?.root, 2)
}

pub(super) async fn step(key: &CourseKey, step: &Step, links: &AssetLinks) -> Result<Native> {
    let (mut above, within) = (Section::new(ABOVE[0], ""), Lesson::new(ABOVE[1], ""));
    above.extras.set(Platform::OpenEdx, ELSEWHERE, true);
    node(write(key, &header(key), Some((&above, Some(&within), Some(step))), links).await?.root, 3)
}

/// The course's own block and pages.
pub(super) async fn course(key: &CourseKey, header: &Course, links: &AssetLinks) -> Result<Written> {
    let header = Course { id: key.id(), ..header.header() };
    write(key, &header, None, links).await
}

/// Names that no course has, so that no other name is changed for them.
const ABOVE: [&str; 2] = ["olx-live-section", "olx-live-lesson"];

fn header(key: &CourseKey) -> Course {
    Course::new(key.id(), "x")
}

type Nodes<'a> = (&'a Section, Option<&'a Lesson>, Option<&'a Step>);

async fn write(
    key: &CourseKey,
    header: &Course,
    nodes: Option<Nodes<'_>>,
    links: &AssetLinks,
) -> Result<Written> {
    let folder = temporary::folder()?;
    let path = folder.path().join("course");
    let archive = OlxArchive::create(&path, ArchiveForm::Folder)?;
    let new = NewCourse { id: Some(key.id()), existing: ExistingCourse::Refuse };
    let id = archive.create_course(header, &new).await?;
    for asset in nodes.and_then(|(.., step)| step).map(|step| linked(step, links)).unwrap_or_default() {
        // The bytes do not matter: that it is a file of the course does.
        let asset = Asset {
            name: asset.to_string(),
            id: asset,
            media_type: None,
            size: None,
            role: AssetRole::Content,
        };
        archive.put_asset(&id, &asset, AssetBody::from_bytes(bytes::Bytes::new())).await?;
    }
    if let Some((section, lesson, step)) = nodes {
        let section = archive.put_section(&id, section, &Slot::new(1), links).await?;
        if let Some(lesson) = lesson {
            let lesson = archive.put_lesson(&id, &section, lesson, &Slot::new(1)).await?;
            if let Some(step) = step {
                archive.put_step(&id, &lesson, step, &Slot::new(1), links).await?;
            }
        }
    }
    archive.finish(&id, header, links).await?;
    let root = Native::read(&Files::find(Path::new(&path))?)?;
    Ok(Written { root, path, _folder: folder })
}

/// The only node at a depth.
fn node(root: Native, depth: usize) -> Result<Native> {
    let mut node = root;
    for _ in 0..depth {
        node = node.children.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "the node cannot be written as OLX")
                .at(Platform::OpenEdx, super::OPERATION)
        })?;
    }
    Ok(node)
}

/// The files below `static/` that a step links.
fn linked(step: &Step, links: &AssetLinks) -> BTreeSet<AssetId> {
    let mut found = BTreeSet::new();
    for block in &step.blocks {
        let mut block: Block = block.clone();
        block.map_markup(&mut |markup| found.extend(markup.assets()));
        match &block.body {
            BlockBody::Video(video) => {
                let sources = video.sources.iter().chain(&video.poster);
                found.extend(sources.filter_map(|source| source.strip_prefix("asset:")).map(AssetId::from));
                found.extend(video.transcripts.iter().map(|transcript| transcript.asset.clone()));
            }
            BlockBody::File(file) => drop(found.insert(file.asset.clone())),
            BlockBody::Text(_) | BlockBody::Exercise(_) | BlockBody::Foreign(_) => {}
        }
    }
    let here = |id: AssetId| links.get(&id).map_or(id, |link| link.id.clone());
    found.into_iter().map(here).filter(|id| !id.as_str().starts_with(OUTSIDE)).collect()
}
