//! Reading the source and learning what the target can hold. Writes nothing.

use std::collections::{HashMap, HashSet};

use lms_core::{
    Adapted, AssetId, AssetRole, Block, BlockBody, BlockId, Content, Course, CourseId, Error, ErrorKind,
    Finding, LmsProvider, LmsProviderExt, ProviderInfo, Result, Severity,
};

use crate::Filter;
use crate::links::OwnLinks;

/// What a migration will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What and where the source is.
    pub source: ProviderInfo,
    /// What and where the target is.
    pub target: ProviderInfo,
    /// The course as it was read.
    pub content: Content,
    /// The course as the target can hold it, and where each block goes.
    pub adapted: Adapted,
    /// All findings: of reading, of adapting, and of files that stay behind. Worst first within
    /// none: the order is that of the course.
    pub findings: Vec<Finding>,
}

/// Reads a course and asks the target what it can hold.
///
/// # Errors
/// What reading gives; `Unsupported` where the target cannot be written; `Protocol` when the
/// target's provider loses a block without naming it, which is a defect of that provider: nothing
/// has been written then.
pub async fn plan(source: &dyn LmsProvider, course: &CourseId, target: &dyn LmsProvider) -> Result<Plan> {
    plan_part(source, course, target, &Filter::default()).await
}

/// The same for a part of the course, or under another name.
///
/// # Errors
/// Those of [`plan`] and of [`Filter::apply`].
pub async fn plan_part(
    source: &dyn LmsProvider,
    course: &CourseId,
    target: &dyn LmsProvider,
    filter: &Filter,
) -> Result<Plan> {
    let courses = source.require_courses()?;
    let content = courses.content(course).await?;
    let links = OwnLinks::of(&content.course, courses);
    let mut content = filter.apply(content)?;
    links.settle(&mut content, target.require_authoring()?.step_links(source.info().platform));
    plan_content(content, source.info(), target)
}

/// The same for a course that was read already, whose links between steps are in the neutral form.
///
/// # Errors
/// Those of [`plan`], reading aside.
pub fn plan_content(content: Content, source: &ProviderInfo, target: &dyn LmsProvider) -> Result<Plan> {
    let adapted = target.require_authoring()?.adapt(&content.course);
    account(&content, &adapted)?;
    let to = target.info().platform;
    let mut findings: Vec<Finding> =
        content.findings.iter().cloned().map(|finding| finding.towards(to)).collect();
    findings.extend(adapted.findings.iter().cloned());
    findings.extend(files_left_behind(&content.course, &adapted));
    findings.extend(dangling_links(&content.course, &adapted.course));
    findings.extend(deep_texts(&content.course));
    Ok(Plan { source: source.clone(), target: target.info().clone(), content, adapted, findings })
}

/// Every block read is carried or named; what is said to be carried is there, once.
fn account(content: &Content, adapted: &Adapted) -> Result<()> {
    let mut there: HashMap<&BlockId, usize> = HashMap::new();
    for place in adapted.course.blocks() {
        *there.entry(&place.block.1.id).or_default() += 1;
    }
    if let Some((id, n)) = there.iter().find(|(_, n)| **n > 1) {
        return Err(defect(format!("the adapted course has {n} blocks with the id {id}")));
    }
    let named: HashSet<&BlockId> = adapted.findings.iter().filter_map(|f| f.block.as_ref()).collect();
    let mut carried: HashSet<&BlockId> = HashSet::new();
    for entry in &adapted.carried {
        if let Some(gone) = entry.target.iter().find(|id| !there.contains_key(id)) {
            return Err(defect(format!(
                "block {} is said to be carried as {gone}, which is not in the adapted course",
                entry.source
            )));
        }
        if !entry.target.is_empty() {
            carried.insert(&entry.source);
        }
    }
    let mut read: HashSet<&BlockId> = HashSet::new();
    for place in content.course.blocks() {
        let id = &place.block.1.id;
        if !read.insert(id) {
            return Err(defect(format!("the source has several blocks with the id {id}")));
        }
        if !carried.contains(id) && !named.contains(id) {
            return Err(defect(format!("block {id} ({}) is neither carried nor named", place.place())));
        }
    }
    Ok(())
}

fn defect(message: String) -> Error {
    Error::new(ErrorKind::Protocol, format!("{message}; nothing was written"))
}

/// Files of the source that the adapted course does not have and that the target's provider did not name.
fn files_left_behind(source: &Course, adapted: &Adapted) -> Vec<Finding> {
    let kept: HashSet<&AssetId> = adapted.course.assets.iter().map(|a| &a.id).collect();
    let named: HashSet<&str> = adapted
        .findings
        .iter()
        .filter(|f| f.block.is_none() && f.severity >= Severity::Dropped)
        .map(|f| f.path.as_str())
        .collect();
    let left = source.assets.iter().filter(|a| !kept.contains(&a.id) && !named.contains(a.place().as_str()));
    left.map(|asset| {
        let (what, why) = match asset.role {
            AssetRole::Content => ("file", "the target does not take it"),
            AssetRole::Grader => ("file of a grader", "it means nothing to the target"),
            AssetRole::Other => ("other file", "it means nothing to the target"),
        };
        Finding::new(Severity::Dropped, asset.place(), what, why)
    })
    .collect()
}

/// Links to files that the source itself does not have.
fn dangling_links(source: &Course, adapted: &Course) -> Vec<Finding> {
    let known: HashSet<&AssetId> = source.assets.iter().map(|a| &a.id).collect();
    let mut findings = Vec::new();
    for place in adapted.blocks() {
        for id in linked_assets(place.block.1) {
            if !known.contains(&id) {
                findings.push(Finding::new(
                    Severity::Approximated,
                    place.place().to_string(),
                    "link",
                    format!("the source has no file {id}, so the link leads nowhere there either"),
                ));
            }
        }
    }
    findings
}

/// Texts whose elements are nested so deeply that no target makes its own form of them.
fn deep_texts(source: &Course) -> Vec<Finding> {
    let mut findings = Vec::new();
    for place in source.blocks() {
        let mut is_deep = false;
        place.block.1.each_markup(&mut |markup| is_deep |= markup.is_too_deep());
        if is_deep {
            let why = "its elements are nested more than 200 levels deep, which no author does by hand";
            findings.push(
                Finding::new(Severity::Approximated, place.place().to_string(), "text", why)
                    .with_fallback("its words alone, where the target has another form of text")
                    .with_block(&place.block.1.id),
            );
        }
    }
    findings
}

/// The files that a block links.
pub(crate) fn linked_assets(block: &Block) -> Vec<AssetId> {
    let mut ids = Vec::new();
    block.each_markup(&mut |markup| ids.extend(markup.assets()));
    match &block.body {
        BlockBody::File(file) => ids.push(file.asset.clone()),
        BlockBody::Video(video) => {
            ids.extend(video.sources.iter().filter_map(|s| s.strip_prefix("asset:")).map(AssetId::from));
            ids.extend(video.transcripts.iter().map(|t| t.asset.clone()));
        }
        _ => {}
    }
    ids
}
