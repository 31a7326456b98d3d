//! Listing and reading courses (reference stepik.md 3.3–3.8).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use lms_core::{
    Asset, AssetBody, AssetId, AssetRole, BlockId, Content, CourseId, CourseQuery, CourseSummary,
    CourseSupport, Courses, Error, Finding, Markup, NativeCounts, Page, Paged, Place, Platform, Result,
    Severity, Step, Support,
};
use serde_json::Value;

use crate::Stepik;
use crate::convert::{Losses, media_path, read_course, read_lesson, read_section, read_step};
use crate::page::{Guard, number};
use crate::tree::Tree;
use crate::wire::{self, Attachment, SearchResult};

const LIST: &str = "courses.list";
const CONTENT: &str = "courses.content";

#[async_trait]
impl Courses for Stepik {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::Native,
            content: Support::Native,
            keys: Support::Native,
            assets: Support::Native,
        }
    }

    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        let CourseQuery { search, enrolled, teaching, from } = query;
        if let Some(words) = search {
            if enrolled || teaching {
                return Err(Error::unsupported(Platform::Stepik, "courses.list by words among one's own"));
            }
            let query = vec![("query", words), ("type", "course".to_owned())];
            let site = self.base().clone();
            return Ok(self.listing(LIST, "search-results", query, from, move |found: SearchResult| {
                let id = found.course?;
                Some(CourseSummary {
                    id: id.into(),
                    title: found.course_title.unwrap_or_default(),
                    summary: None,
                    language: None,
                    url: site.join(&format!("/course/{id}/")).ok().map(String::from),
                    enrolled: None,
                })
            }));
        }
        let this = self.clone();
        let guard = Arc::new(Guard::default());
        Ok(Paged::new(from, move |at| {
            let (this, guard) = (this.clone(), guard.clone());
            async move {
                let mut query = Vec::new();
                if enrolled {
                    query.push(("enrolled", "true".to_owned()));
                }
                if teaching {
                    query.push(("teacher", this.my_id(LIST).await?.to_string()));
                }
                let (courses, next) = this.page_at(LIST, "courses", &query, at.as_ref(), &guard).await?;
                let items = courses.into_iter().map(|course| this.summary(course)).collect();
                Ok(Page { items, next, total: None })
            }
        }))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        let id = number(id.as_str(), "course")?;
        Ok(self.summary(self.one("courses.get", "courses", id).await?))
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        let id = number(id.as_str(), "course")?;
        let tree = self.tree(CONTENT, id).await?;
        let steps = self.steps(CONTENT, &tree).await?;
        let attached: Vec<Attachment> =
            match self.all(CONTENT, "attachments", vec![("course", id.to_string())]).await {
                Ok(attached) => attached,
                // Only those who may edit have the list; links say the rest.
                Err(e) if matches!(e.status(), Some(401 | 403 | 404)) => Vec::new(),
                Err(e) => return Err(e),
            };
        Ok(Reader { stepik: self, tree: &tree, steps, findings: Vec::new(), native: NativeCounts::default() }
            .read(&attached))
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        const OPERATION: &str = "courses.read_asset";
        let Some(path) = media_path(self.base(), asset.as_str()) else {
            return Err(Error::new(lms_core::ErrorKind::NotFound, "files of Stepik are below /media/")
                .at(Platform::Stepik, OPERATION)
                .on(asset));
        };
        let resource = format!("course {course}, {path}");
        let answer =
            self.client().get(&path).operation(OPERATION).resource(resource).streaming().send().await?;
        let size = answer.header("content-length").and_then(|n| n.parse().ok());
        Ok(AssetBody::from_stream(answer.stream(), size))
    }
}

impl Stepik {
    fn summary(&self, course: wire::Course) -> CourseSummary {
        let own = self.base().join(&format!("/course/{}/", course.id)).ok().map(String::from);
        CourseSummary {
            id: course.id.into(),
            title: course.title,
            summary: Some(course.summary).filter(|s| !s.trim().is_empty()),
            language: Some(course.language).filter(|s| !s.is_empty()),
            url: course.canonical_url.or(own),
            // The id of the enrollment is that of the course (reference stepik.md 3.3).
            enrolled: Some(course.enrollment.is_some()),
        }
    }
}

/// Puts a course together.
struct Reader<'a> {
    stepik: &'a Stepik,
    tree: &'a Tree,
    steps: std::collections::HashMap<u64, wire::Step>,
    findings: Vec<Finding>,
    native: NativeCounts,
}

impl Reader<'_> {
    fn read(mut self, attached: &[Attachment]) -> Content {
        let (tree, base) = (self.tree, self.stepik.base());
        let mut losses = Losses::default();
        let mut course = read_course(base, &tree.course, &mut losses);
        self.findings.extend(losses.findings("course"));
        let found: HashSet<u64> = tree.sections.iter().map(|section| section.id).collect();
        self.missing(
            "section",
            tree.course.sections.iter().filter(|id| !found.contains(id)),
            &Place::course(),
        );
        let mut lessons_seen = HashSet::new();
        for (s, section) in tree.sections.iter().enumerate() {
            let place = Place::course().child(s + 1, &section.title);
            let mut losses = Losses::default();
            let mut section_to = read_section(self.stepik.site(), section, &mut losses);
            self.findings.extend(losses.findings(&place.to_string()));
            let lost = section
                .units
                .iter()
                .filter(|id| tree.units.get(id).is_none_or(|unit| !tree.lessons.contains_key(&unit.lesson)));
            self.missing("unit or its lesson", lost, &place);
            for (l, (unit, lesson)) in tree.lessons_of(section).enumerate() {
                let place = place.child(l + 1, &lesson.title);
                let mut lesson_to = read_lesson(lesson, unit, course.language.as_deref());
                let copy = (!lessons_seen.insert(lesson.id)).then_some(unit.id);
                if copy.is_some() {
                    self.findings.push(
                        Finding::new(
                            Severity::Approximated,
                            place.to_string(),
                            format!("lesson {}", lesson.id),
                            "it stands in the course more than once",
                        )
                        .with_fallback("a copy"),
                    );
                }
                lesson_to.steps = self.lesson_steps(lesson, copy, &place);
                section_to.lessons.push(lesson_to);
            }
            course.sections.push(section_to);
        }
        course.assets = self.assets(&course.description, course.cover.as_ref(), attached);
        Content { course, findings: self.findings, native: self.native }
    }

    fn lesson_steps(&mut self, lesson: &wire::Lesson, copy: Option<u64>, place: &Place) -> Vec<Step> {
        let mut read = Vec::with_capacity(lesson.steps.len());
        let missing: Vec<u64> =
            lesson.steps.iter().copied().filter(|id| !self.steps.contains_key(id)).collect();
        self.missing("step", missing.iter(), place);
        for (t, id) in lesson.steps.iter().enumerate() {
            let Some(step) = self.steps.get(id) else { continue };
            self.native.block(step.name());
            if step.is_quiz() {
                self.native.exercise(step.name());
            }
            let block = match copy {
                None => BlockId::from(*id),
                Some(unit) => BlockId::from(format!("{id}@{unit}")),
            };
            let mut losses = Losses::default();
            let mut step_to = Step::new(block.as_str(), "");
            step_to.blocks.push(read_step(self.stepik.site(), &block, step, &mut losses));
            let path = place.child(t + 1, format!("{} {id}", step.name())).to_string();
            self.findings.extend(losses.findings(&path).map(|finding| finding.with_block(&block)));
            read.push(step_to);
        }
        read
    }

    /// The platform leaves out what may not be seen, without a word (reference stepik.md 2.5).
    fn missing<'i>(&mut self, what: &str, ids: impl Iterator<Item = &'i u64>, place: &Place) {
        for id in ids {
            self.findings.push(Finding::new(
                Severity::Dropped,
                place.to_string(),
                format!("{what} {id}"),
                "Stepik names it and does not give it out: deleted, or not to be seen by this account",
            ));
        }
    }

    fn assets(&self, description: &Markup, cover: Option<&AssetId>, attached: &[Attachment]) -> Vec<Asset> {
        let base = self.stepik.base();
        let mut assets: BTreeMap<AssetId, Asset> = BTreeMap::new();
        let mut add = |id: AssetId, name: Option<&str>, size: Option<f64>| {
            let name = name.map_or_else(|| file_name(id.as_str()), str::to_owned);
            let size = size.filter(|n| *n >= 0.0).map(|n| n as u64);
            let asset = Asset { id: id.clone(), name, media_type: None, size, role: AssetRole::Content };
            assets.entry(id).or_insert(asset);
        };
        for file in attached {
            if let Some(path) = media_path(base, &file.file) {
                add(path.into(), Some(&file.name).filter(|n| !n.is_empty()).map(String::as_str), file.size);
            }
        }
        for id in description.assets().into_iter().chain(cover.cloned()) {
            add(id, None, None);
        }
        let mut linked = Vec::new();
        for step in self.steps.values() {
            for value in step.block.values() {
                links(value, &mut linked);
            }
        }
        for link in linked {
            if let Some(path) = media_path(base, &link) {
                add(path.into(), None, None);
            }
        }
        assets.into_values().collect()
    }
}

/// The links in every text of a block.
fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("/media/") => {
            found.extend(Markup::from_html(text.as_str()).links())
        }
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        Value::Object(of) => of.values().for_each(|item| links(item, found)),
        _ => {}
    }
}

/// The last part of a path, percent-decoded.
fn file_name(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let decoded = url::form_urlencoded::parse(format!("x={}", last.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, name)| name.into_owned());
    decoded.filter(|name| !name.is_empty()).unwrap_or_else(|| "file".to_owned())
}
