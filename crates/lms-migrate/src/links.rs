//! Links between the steps of a course: pages of the source become pages of the target.

use std::collections::{HashMap, HashSet};

use lms_core::{
    Block, BlockBody, Content, Course, CourseLink, Courses, Finding, Foreign, Markup, Place, Severity,
    SourceFormat, StepId, StepLinks,
};
use serde_json::Value;

/// Where the links of a course lead that stay within it, by their addresses.
#[derive(Debug, Default)]
pub(crate) struct OwnLinks(HashMap<String, CourseLink>);

impl OwnLinks {
    /// Asks the platform about each link in the texts of the course.
    pub(crate) fn of(course: &Course, courses: &dyn Courses) -> Self {
        let mut own = HashMap::new();
        let mut looked_at = HashSet::new();
        let mut look = |markup: &Markup| {
            for link in markup.links() {
                if !link.starts_with("asset:") && looked_at.insert(link.clone()) {
                    let leads = match StepId::of_link(&link) {
                        Some(id) => Some(CourseLink::Step(id)),
                        None => courses.course_link(course, &link),
                    };
                    own.extend(leads.map(|leads| (link, leads)));
                }
            }
        };
        look(&course.description);
        course.sections.iter().for_each(|section| look(&section.description));
        course.blocks().for_each(|place| place.block.1.each_markup(&mut look));
        Self(own)
    }

    /// Makes them neutral where the target gives its steps addresses, and names those that lead nowhere there.
    pub(crate) fn settle(&self, content: &mut Content, how: StepLinks) {
        let there = Steps::of(&content.course);
        let mut findings = Vec::new();
        for (n, section) in content.course.sections.iter().enumerate().filter(|_| how != StepLinks::Kept) {
            for link in section.description.links().iter().filter(|link| self.0.contains_key(*link)) {
                let why = "sections are written before there are steps to link";
                let path = Place::course().child(n + 1, &section.title).to_string();
                findings.push(stays(link, path, why));
            }
        }
        for place in content.course.blocks() {
            let mut links = Vec::new();
            place.block.1.each_markup(&mut |markup| links.extend(markup.links()));
            let mut named = HashSet::new();
            for link in links {
                let why = match (self.0.get(&link), how) {
                    (Some(CourseLink::Step(id)), StepLinks::Addressed | StepLinks::Kept)
                        if there.0.contains(id) =>
                    {
                        continue;
                    }
                    (None, _) | (Some(CourseLink::Elsewhere), StepLinks::Kept) => continue,
                    (Some(CourseLink::Elsewhere), _) => {
                        "it leads to no step, but to another page of the platform where the course is now"
                    }
                    (_, StepLinks::Unknown) => "steps of the target have no addresses that could be known",
                    (Some(CourseLink::Step(_)), _) => "the step that it leads to is not moved",
                };
                if named.insert(link.clone()) {
                    let finding = stays(&link, place.place().to_string(), why);
                    findings.push(finding.with_block(&place.block.1.id));
                }
            }
        }
        if how == StepLinks::Addressed {
            self.apply(&mut content.course, &there);
        }
        content.findings.extend(findings);
    }

    /// Makes the links neutral that lead to steps of the course.
    pub(crate) fn neutral(&self, course: &mut Course) {
        let there = Steps::of(course);
        self.apply(course, &there);
    }

    fn apply(&self, course: &mut Course, there: &Steps) {
        if self.0.is_empty() {
            return;
        }
        let change = |link: &str| match self.0.get(link)? {
            CourseLink::Step(id) if there.0.contains(id) => Some(id.link()),
            _ => None,
        };
        course.description = course.description.map_links(change);
        let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
        for block in lessons.flat_map(|lesson| &mut lesson.steps).flat_map(|step| &mut step.blocks) {
            map_block(block, &change);
        }
    }
}

fn stays(link: &str, path: String, why: &str) -> Finding {
    Finding::new(Severity::Approximated, path, "link to a page of the course", why)
        .with_fallback(format!("{link} stays as it is"))
}

/// The steps that something stands in.
struct Steps(HashSet<StepId>);

impl Steps {
    fn of(course: &Course) -> Self {
        Self(course.steps().filter(|step| !step.blocks.is_empty()).map(|step| step.id.clone()).collect())
    }
}

/// The steps that the texts of a block link.
pub(crate) fn linked_steps(block: &Block) -> Vec<StepId> {
    let mut steps = Vec::new();
    block.each_markup(&mut |markup| {
        if markup.html().contains("step:") {
            steps.extend(markup.links().iter().filter_map(|link| StepId::of_link(link)));
        }
    });
    steps
}

/// Changes the links in all texts of a block, and in what is kept of how they were spelled: one that says another
/// thing than the text does is not written again.
pub(crate) fn map_block(block: &mut Block, change: &dyn Fn(&str) -> Option<String>) {
    block.map_markup(&mut |markup| *markup = markup.map_links(change));
    if let BlockBody::Foreign(foreign) = &mut block.body
        && let Some(source) = map_source(foreign, change)
    {
        foreign.source = source;
    }
    let extras: Vec<_> = block.extras.platforms().collect();
    for platform in extras {
        let kept: Vec<(String, Value)> =
            block.extras.of(platform).map(|(key, value)| (key.to_owned(), value.clone())).collect();
        for (key, mut value) in kept {
            if map_json(&mut value, change) {
                block.extras.set(platform, key, value);
            }
        }
    }
}

/// The source of a native block with its links changed; `None` where that changes nothing.
pub(crate) fn map_source(foreign: &Foreign, change: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match foreign.format {
        SourceFormat::Json => {
            let mut source = serde_json::from_str(&foreign.source).ok()?;
            map_json(&mut source, change).then(|| source.to_string())
        }
        SourceFormat::Xml => {
            let mapped = Markup::from_html(foreign.source.as_str()).map_links(change);
            (mapped.html() != foreign.source).then(|| mapped.html().to_owned())
        }
        SourceFormat::Yaml => None,
    }
}

/// Changes the links in every text of a value that has tags; answers whether that changed anything.
pub(crate) fn map_json(value: &mut Value, change: &dyn Fn(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) if text.contains('<') => {
            let mapped = Markup::from_html(text.as_str()).map_links(change).html().to_owned();
            let changed = mapped != *text;
            *text = mapped;
            changed
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| map_json(item, change) | any),
        Value::Object(of) => of.values_mut().fold(false, |any, item| map_json(item, change) | any),
        _ => false,
    }
}
