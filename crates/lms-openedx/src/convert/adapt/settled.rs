//! Blocks that came from OLX, in the form in which a site holds them and gives them back: a name for each, settings by
//! their present names, and the blocks of a container in files of their own (seen in a real Studio's exports).

use std::collections::BTreeMap;

use lms_core::{Block, BlockBody, BlockPlace, Finding, Platform, Severity};

use super::Adapter;
use crate::olx::native::CONTAINERS;
use crate::olx::origin::Origin;
use crate::olx::read::title_of;
use crate::olx::write::{pointer, url_name};
use crate::olx::xml::{Element, Node, markup, page, parse};

/// Blocks with a file of their own, beside containers; all others stand in their parent (reference openedx.md 5.6).
const FILED: [&str; 9] = [
    "html",
    "problem",
    "video",
    "annotatable",
    "lti",
    "poll_question",
    "word_cloud",
    "textannotation",
    "videoannotation",
];
/// XBlocks that write themselves, without a family.
const OWN_FORM: [&str; 4] = ["openassessment", "recommender", "ubcpi", "error"];

impl Adapter {
    /// A block that goes to a site as it is.
    pub(super) fn settled(&mut self, place: &BlockPlace<'_>) -> Block {
        let mut block = place.block.1.clone();
        if self.site.is_none() {
            return block;
        }
        let Some(mut origin) = Origin::kept(&block.extras) else { return block };
        if let BlockBody::Foreign(foreign) = &mut block.body
            && foreign.platform == Platform::OpenEdx
            && let Ok(element) = parse(&foreign.source)
        {
            let mut new = element.clone();
            rename(&mut new);
            if CONTAINERS.contains(&foreign.name.as_str()) {
                let name =
                    if origin.name.is_empty() { url_name(block.id.as_str()) } else { origin.name.clone() };
                self.own_files(&mut new, &name, &mut origin.files);
            }
            if new != element {
                foreign.source = markup(&new) + if origin.file.is_some() { "\n" } else { "" };
            }
        }
        let mut source = match &block.body {
            BlockBody::Foreign(foreign) => foreign.source.clone(),
            _ => origin.source.clone(),
        };
        if let Some(name) = self.another_name(&origin, &source)
            && let Ok(mut element) = parse(&source)
        {
            let why = "another block has its name, and Open edX would show one of them in both places";
            let finding = Finding::new(Severity::Exact, place.place().to_string(), origin.tag.as_str(), why);
            self.log.note(finding.with_block(&block.id).with_fallback("a name of its own"));
            element.attributes.retain(|(key, _)| key != "slug");
            element.set("url_name", &name);
            source = markup(&element);
            origin.name = name;
            match &mut block.body {
                BlockBody::Foreign(foreign) => foreign.source = source,
                _ => origin.source = source,
            }
        }
        origin.keep(&mut block.extras);
        block
    }

    /// A name for a block that stands in its parent and has the name of another one.
    fn another_name(&mut self, origin: &Origin, source: &str) -> Option<String> {
        if origin.name.is_empty() || origin.tag.is_empty() {
            return None;
        }
        let (tag, wanted) = (origin.tag.as_str(), origin.name.as_str());
        let name = self.free_name(tag, wanted, source);
        (name != wanted && origin.reference.is_none()).then_some(name)
    }

    /// The wanted name where nothing or the same stands under it, else the next that is free.
    fn free_name(&mut self, tag: &str, wanted: &str, source: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 1;
        loop {
            let there = self.defined.entry((tag.to_owned(), name.clone()));
            if there.or_insert_with(|| source.to_owned()) == source {
                return name;
            }
            n += 1;
            name = format!("{wanted}-{n}");
        }
    }

    /// Gives the blocks of a container files of their own, where their types have such.
    fn own_files(&mut self, container: &mut Element, within: &str, files: &mut BTreeMap<String, String>) {
        container.children.retain(|node| !matches!(node, Node::Comment(_)));
        let is_setting = |name: &str| container.name == "conditional" && name == "show";
        let children: Vec<bool> =
            container.children.iter().map(|n| n.element().is_some_and(|e| !is_setting(&e.name))).collect();
        let mut number = 0;
        for (node, _) in container.children.iter_mut().zip(children).filter(|(_, is_block)| *is_block) {
            let Some(child) = node.element_mut() else { continue };
            number += 1;
            rename(child);
            let wanted = child.get("url_name").filter(|name| !name.is_empty()).map(str::to_owned);
            let wanted = wanted.unwrap_or_else(|| format!("{within}-{}-{number}", child.name));
            let is_container = CONTAINERS.contains(&child.name.as_str());
            if !is_container && !FILED.contains(&child.name.as_str()) {
                child.set("url_name", wanted);
                if !OWN_FORM.contains(&child.name.as_str()) {
                    child.set("xblock-family", "xblock.v1");
                }
                continue;
            }
            let is_pointer = child.is_bare() && child.attributes.iter().all(|(key, _)| key == "url_name");
            if is_pointer || child.get("filename").is_some() {
                continue;
            }
            if is_container {
                self.own_files(child, &wanted, files);
            }
            let tag = child.name.clone();
            child.attributes.retain(|(key, _)| key != "url_name");
            let name = self.free_name(&tag, &wanted, &markup(child));
            if tag == "html" {
                files.insert(format!("html/{name}.html"), page(child));
                child.children.clear();
                child.attributes.insert(0, ("filename".into(), name.clone()));
            }
            files.insert(format!("{tag}/{name}.xml"), markup(child) + "\n");
            *child = Element::new(&tag).with("url_name", &name);
            debug_assert_eq!(markup(child), pointer(&tag, &name));
        }
    }
}

/// Settings by the names that they have today.
fn rename(element: &mut Element) {
    let mut old = vec![("slug", "url_name")];
    if element.name == "discussion" {
        old.extend([("id", "discussion_id"), ("for", "discussion_target")]);
    }
    if element.get("name").is_some_and(|name| title_of(&named(element, name)) == name) {
        if element.get("url_name").is_none() && element.get("slug").is_none() {
            let name = url_name(element.get("name").unwrap_or_default());
            element.set("url_name", name);
        }
        old.push(("name", "display_name"));
    }
    for (old, new) in old {
        let Some(at) = element.attributes.iter().position(|(key, _)| key == old) else { continue };
        if element.get(new).is_some() {
            element.attributes.remove(at);
        } else if let Some((key, _)) = element.attributes.get_mut(at) {
            *key = new.to_owned();
        }
    }
}

/// A tag of this type with nothing but an old name, to see whether its type reads that as its title.
fn named(element: &Element, name: &str) -> Element {
    Element::new(&element.name).with("name", name)
}
