//! References that follow a course from the key it was exported under to the one it is imported under.

use super::Course;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::xml::{Element, Node};

/// The key that the archive was written under; references to it follow the course to its new key.
pub(super) struct SourceKey(Option<CourseKey>);

impl SourceKey {
    pub(super) fn of(pointer: &Element, run: &str) -> Self {
        let part = |name| pointer.attribute(name).unwrap_or_default();
        Self(CourseKey::parse(&format!("course-v1:{}+{}+{run}", part("org"), part("course"))))
    }

    pub(super) fn rewrite(&self, course: &mut Course) {
        let slug = format!("{}.{}.{}", course.key.org, course.key.number, course.key.run);
        if let Some(root) = course.blocks.get_mut(&BlockId::root()) {
            for node in &mut root.element.children {
                if let Node::Element(wiki) = node
                    && wiki.name == "wiki"
                {
                    wiki.set("slug", slug.as_str());
                }
            }
        }
        for draft in course.drafts.values_mut() {
            if let Some((_, parent)) = draft.element.attribute("parent_url").and_then(parse_usage) {
                draft.element.set("parent_url", course.key.usage(&parent));
            }
        }
        let Some(source) = self.0.as_ref().filter(|source| **source != course.key) else { return };
        let pairs = ["course-v1:", "block-v1:", "asset-v1:"].map(|prefix| {
            let form = |key: &CourseKey| key.to_string().replacen("course-v1:", prefix, 1);
            (form(source), form(&course.key))
        });
        let replace = |text: &mut String| {
            for (old, new) in &pairs {
                if text.contains(old.as_str()) {
                    *text = text.replace(old.as_str(), new);
                }
            }
        };
        for block in course.blocks.values_mut().chain(course.drafts.values_mut()) {
            if let Some(html) = &mut block.html {
                replace(html);
            }
            visit(&mut block.element, &replace);
        }
    }
}

fn visit(element: &mut Element, change: &impl Fn(&mut String)) {
    element.attributes.iter_mut().for_each(|(_, value)| change(value));
    for node in &mut element.children {
        match node {
            Node::Element(child) => visit(child, change),
            Node::Text(text) => change(text),
            Node::Comment(_) => {}
        }
    }
}
