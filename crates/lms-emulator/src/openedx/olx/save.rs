//! From a course to the files that Studio's export writes (reference openedx.md 5.1).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::kinds::{Category, category, writes_itself};
use super::load::POLICY_ONLY;
use super::{Block, Course};
use crate::openedx::archive::Files;
use crate::openedx::keys::BlockId;
use crate::openedx::xml::{Element, Node};

/// The whole course, paths relative to the top folder.
pub(crate) fn save(course: &Course) -> Files {
    let mut files = Files::new();
    if course.key.is_library() {
        save_library(course, &mut files);
        return files;
    }
    let run = &course.key.run;
    let pointer =
        format!("<course url_name=\"{run}\" org=\"{}\" course=\"{}\"/>", course.key.org, course.key.number);
    files.insert("course.xml".into(), pointer.into_bytes());
    write_tree(course, &course.blocks, "", &mut files);
    write_tree(course, &course.drafts, "drafts/", &mut files);
    for (name, content) in &course.about {
        files.insert(format!("about/{name}.html"), content.clone().into_bytes());
    }
    files.extend(course.pages.clone());
    files.insert("assets/assets.xml".into(), b"<assets/>\n".to_vec());
    files.insert(format!("policies/{run}/policy.json"), pretty(&policy(course)));
    files.insert(format!("policies/{run}/grading_policy.json"), pretty(&course.grading));
    save_assets(course, &mut files);
    files
}

/// `library.xml` with a pointer for each block, as Studio writes it (seen: demo-library).
fn save_library(course: &Course, files: &mut Files) {
    let mut root = Element::new("library");
    root.set("url_name", "library");
    root.set("xblock-family", "xblock.v1");
    let block = course.root();
    for (name, value) in block.map(|block| block.element.attributes.as_slice()).unwrap_or_default() {
        root.set(name, value.as_str());
    }
    root.set("org", course.key.org.as_str());
    root.set("library", course.key.number.as_str());
    let children = block.map(|block| block.children.as_slice()).unwrap_or_default();
    root.children = children.iter().filter_map(|child| reference(&course.blocks, child)).collect();
    files.insert("library.xml".into(), root.pretty().into_bytes());
    write_tree(course, &course.blocks, "", files);
    save_assets(course, files);
}

fn save_assets(course: &Course, files: &mut Files) {
    let run = &course.key.run;
    let mut described = Map::new();
    for (name, asset) in &course.assets {
        // Files go back to the folder they were imported from.
        files.insert(format!("static/{}", asset.import_path), asset.data.clone());
        described.insert(
            name.clone(),
            json!({
                "contentType": asset.content_type,
                "content_son": {
                    "category": "asset", "course": course.key.number, "name": name, "org": course.key.org,
                    "revision": null, "run": run, "tag": "c4x",
                },
                "displayname": asset.display_name,
                "filename": course.key.asset(name),
                "import_path": asset.import_path,
                "locked": asset.locked,
                "thumbnail_location": null,
            }),
        );
    }
    files.insert("policies/assets.json".into(), pretty(&Value::Object(described)));
}

/// The answer of the OLX export API for one block (recorded: `olx export api of …`).
pub(crate) fn block_olx(course: &Course, id: &BlockId) -> Option<String> {
    let block = course.studio_block(id)?;
    if let Some(html) = &block.html {
        let mut element = block.element.clone();
        element.children.clear();
        let open = element.compact();
        let open = open.strip_suffix("/>").unwrap_or(&open);
        let body = html.replace("]]>", "]]]]><![CDATA[>");
        return Some(format!("{open}><![CDATA[\n{}\n]]></html>\n", body.trim_end_matches('\n')));
    }
    let mut element = sorted(&block.element);
    if id.kind == "vertical" {
        element.name = "unit".into();
    }
    for child in &block.children {
        let mut include = Element::new("xblock-include");
        include.set("definition", format!("{}/{}", child.kind, child.id));
        element.children.push(Node::Element(include));
    }
    Some(element.pretty())
}

fn write_tree(course: &Course, blocks: &BTreeMap<BlockId, Block>, base: &str, files: &mut Files) {
    for (id, block) in blocks {
        if category(&id.kind) == Some(Category::Pure) || course.key.is_library() && *id == BlockId::root() {
            continue;
        }
        let name = if *id == BlockId::root() { &course.key.run } else { &id.id };
        let path = format!("{base}{}/{}.xml", id.kind, name.replace(':', "/"));
        let mut element = sorted(&block.element);
        if let (false, "vertical", Some(parent)) = (base.is_empty(), id.kind.as_str(), &block.parent) {
            let at = course.studio_children(parent).iter().position(|child| child == id).unwrap_or(0);
            element.set("parent_url", course.key.usage(parent));
            element.set("index_in_children_list", at.to_string());
        }
        if let Some(html) = &block.html {
            // The name stands from the folder of the file that says it (`html.py` of xblocks-contrib).
            let body = name.rsplit(':').next().unwrap_or(name);
            element.attributes.insert(0, ("filename".into(), body.to_owned()));
            files.insert(format!("{base}html/{}.html", name.replace(':', "/")), html.clone().into_bytes());
        }
        let mut children: Vec<Node> =
            block.children.iter().filter_map(|child| reference(blocks, child)).collect();
        children.append(&mut element.children);
        element.children = children;
        files.insert(path, element.pretty().into_bytes());
    }
}

/// A pointer, or the whole block for a pure XBlock.
fn reference(blocks: &BTreeMap<BlockId, Block>, id: &BlockId) -> Option<Node> {
    let block = blocks.get(id)?;
    let mut element = Element::new(&id.kind);
    element.set("url_name", id.id.as_str());
    if writes_itself(&id.kind) {
        for (name, value) in &block.element.attributes {
            element.set(name, value.as_str());
        }
        element.children.clone_from(&block.element.children);
    } else if category(&id.kind) == Some(Category::Pure) {
        element.set("xblock-family", "xblock.v1");
        for (name, value) in sorted(&block.element).attributes {
            element.set(&name, value);
        }
        element.children.clone_from(&block.element.children);
    }
    Some(Node::Element(element))
}

fn sorted(element: &Element) -> Element {
    let mut element = element.clone();
    element.attributes.sort();
    element
}

fn policy(course: &Course) -> Value {
    let mut settings = Map::new();
    for (name, value) in course.root().map(|root| root.element.attributes.as_slice()).unwrap_or_default() {
        let known = course
            .policy
            .get(name)
            .filter(|known| known.as_str().map_or_else(|| known.to_string(), str::to_owned) == *value);
        settings.insert(name.clone(), known.cloned().unwrap_or_else(|| typed(name, value)));
    }
    for name in POLICY_ONLY {
        if let Some(value) = course.policy.get(name) {
            settings.insert(name.into(), value.clone());
        }
    }
    settings.sort_keys();
    json!({ format!("course/{}", course.key.run): settings })
}

/// The JSON value of an attribute; names are text even when they look like numbers.
fn typed(name: &str, value: &str) -> Value {
    let text =
        matches!(name, "display_name" | "course_image" | "banner_image" | "language" | "advertised_start")
            || name.starts_with("display_");
    match serde_json::from_str(value) {
        Ok(parsed) if !text => parsed,
        _ => Value::String(super::plain(value)),
    }
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    if serde::Serialize::serialize(value, &mut serializer).is_err() {
        out.clear();
    }
    out
}
