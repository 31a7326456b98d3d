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
        let (org, number) = (course.key.org.clone(), course.key.number.clone());
        for (id, block) in course.blocks.iter_mut().chain(course.drafts.iter_mut()) {
            if matches!(id.kind.as_str(), "conditional" | "split_test") {
                visit(&mut block.element, &|text| old_keys(text, &org, &number));
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

/// References of the old form to blocks follow, whatever course they named (seen: platform-conditional,
/// platform-split-test-module).
fn old_keys(text: &mut String, org: &str, number: &str) {
    let mut parts = text.split("i4x://");
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let block = part.splitn(3, '/').nth(2);
        new +=
            &block.map_or_else(|| format!("i4x://{part}"), |block| format!("i4x://{org}/{number}/{block}"));
    }
    *text = new;
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
