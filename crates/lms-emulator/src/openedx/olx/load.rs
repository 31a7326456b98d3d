//! From an unpacked archive to a course, by the importer's rules (reference openedx.md 3.14, 5.1-5.3).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::kinds::{self, Category, category};
use super::old;
use super::rekey::SourceKey;
use super::{Asset, Block, Course, asset_name, names};
use crate::openedx::archive::Files;
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::xml::{Element, Node};

/// Why a block did not come in.
enum Refused {
    /// The block is left out with everything below it and the import goes on, silently.
    Dropped(String),
    /// The import fails.
    Fatal(String),
}

/// Reads the course at the top of `files` into the course `key`.
///
/// The error is the sentence of the failed task; blocks that are merely dropped are told to the log only.
pub(crate) fn load(files: &Files, key: &CourseKey) -> Result<Course, String> {
    if key.is_library() {
        return library(files, key);
    }
    let pointer = parse_file(files, "course.xml")?;
    if pointer.name != "course" {
        return Err(format!("course.xml: root element is <{}>, not <course>", pointer.name));
    }
    let run = ["url_name", "slug", "name"].iter().find_map(|name| pointer.attribute(name));
    let run = run.filter(|run| !run.is_empty()).ok_or("course.xml: the course has no url_name")?.to_owned();
    let root = if is_course_pointer(&pointer) {
        let path = format!("course/{run}.xml");
        let root = parse_file(files, &path)?;
        if root.name != "course" {
            return Err(format!("{path}: root element is <{}>, not <course>", root.name));
        }
        root
    } else {
        pointer.clone()
    };
    let policy = policies(files, &run)?;
    let source = SourceKey::of(&pointer, &run);
    let mut loader = Loader { files, base: "", policy: &policy, run: &run, blocks: BTreeMap::new() };
    loader.container(root, BlockId::root(), None).map_err(|refused| match refused {
        Refused::Dropped(why) | Refused::Fatal(why) => why,
    })?;
    let there: BTreeSet<BlockId> = loader.blocks.keys().cloned().collect();
    for block in loader.blocks.values_mut() {
        block.children.retain(|child| there.contains(child));
    }
    let mut course = Course::new(key.clone(), "");
    course.blocks = loader.blocks;
    course.drafts = drafts(files, &policy, &run)?;
    place_drafts(&mut course);
    // What the file does not say stays as the platform has it (seen: every course without one).
    let grading = json_file(files, &format!("policies/{run}/grading_policy.json"));
    for (name, value) in grading.as_ref().and_then(Value::as_object).into_iter().flatten() {
        course.grading[name] = value.clone();
    }
    if let Some(Value::Object(settings)) = policy.get(&format!("course/{run}")) {
        course.policy = settings.clone();
    }
    load_pages(files, &run, &mut course);
    load_assets(files, &mut course);
    source.rewrite(&mut course);
    Ok(course)
}

/// A content library: its blocks stand below the root, in `library.xml` or as pointers (seen: demo-library).
fn library(files: &Files, key: &CourseKey) -> Result<Course, String> {
    let mut root = parse_file(files, "library.xml")?;
    if root.name != "library" {
        return Err(format!("library.xml: root element is <{}>, not <library>", root.name));
    }
    ["url_name", "org", "library", "xblock-family"].into_iter().for_each(|name| drop(root.remove(name)));
    let policy = Map::new();
    let mut loader = Loader { files, base: "", policy: &policy, run: "", blocks: BTreeMap::new() };
    loader.container(root, BlockId::root(), None).map_err(|refused| match refused {
        Refused::Dropped(why) | Refused::Fatal(why) => why,
    })?;
    let mut course = Course::new(key.clone(), "");
    course.blocks = loader.blocks;
    load_assets(files, &mut course);
    Ok(course)
}

struct Loader<'a> {
    files: &'a Files,
    /// Empty, or `drafts/`.
    base: &'static str,
    policy: &'a Map<String, Value>,
    run: &'a str,
    blocks: BTreeMap<BlockId, Block>,
}

impl Loader<'_> {
    fn block(&mut self, element: &Element, parent: &BlockId) -> Result<BlockId, Refused> {
        let kind = element.name.as_str();
        let Some(category) = category(kind) else {
            return Err(Refused::Fatal(format!(
                "Failed to import module: no XBlock is installed for <{kind}>"
            )));
        };
        let mut name = names::url_name(element);
        let pointer = is_pointer(element);
        if kinds::renames_duplicates(kind) && self.blocks.contains_key(&BlockId::new(kind, &name)) {
            if pointer {
                return self.shared(BlockId::new(kind, &name), parent);
            }
            name = names::made_up(element);
        }
        let id = BlockId::new(kind, &name);
        let definition = match (pointer, self.definition(kind, &name)) {
            (true, Ok(Some(definition))) => definition,
            (true, Err(why)) => return Err(Refused::Dropped(why)),
            (true, Ok(None)) if category != Category::Pure => {
                return Err(Refused::Dropped(format!("{kind}/{name}.xml is missing")));
            }
            _ => element.clone(),
        };
        if self.policy.get(&format!("{kind}/{name}")).is_some_and(|settings| !settings.is_object()) {
            return Err(Refused::Dropped(format!("policy of {kind}/{name} is no object")));
        }
        match category {
            Category::Container => self.container(definition, id.clone(), Some(parent.clone()))?,
            Category::Filed | Category::Pure => self.leaf(definition, id.clone(), parent.clone())?,
        }
        Ok(id)
    }

    /// A second pointer to a block that is in already: both parents have it (seen: acm-las-2016).
    fn shared(&self, id: BlockId, parent: &BlockId) -> Result<BlockId, Refused> {
        let mut above = Some(parent);
        while let Some(block) = above {
            if *block == id {
                return Err(Refused::Dropped(format!("{}/{} is inside itself", id.kind, id.id)));
            }
            above = self.blocks.get(block).and_then(|block| block.parent.as_ref());
        }
        Ok(id)
    }

    fn definition(&self, kind: &str, name: &str) -> Result<Option<Element>, String> {
        let relative = format!("{kind}/{}.xml", name.replace(':', "/"));
        let path = [format!("{}{relative}", self.base), relative]
            .into_iter()
            .find(|path| self.files.contains_key(path));
        let Some(path) = path else { return Ok(None) };
        // A file with another root tag is taken as what the pointer says (seen: cleaner-10).
        parse_file(self.files, &path).map(|element| Some(Element { name: kind.to_owned(), ..element }))
    }

    fn container(&mut self, element: Element, id: BlockId, parent: Option<BlockId>) -> Result<(), Refused> {
        let mut own = Element { children: Vec::new(), ..element.clone() };
        self.settle(&mut own, &id);
        // Put in place before its children, so that a child repeating the id is seen as a duplicate.
        self.blocks
            .insert(id.clone(), Block { element: own.clone(), html: None, children: Vec::new(), parent });
        let mut children = Vec::new();
        for node in element.children {
            match node {
                Node::Element(child) if kinds::is_setting(&id.kind, &child.name) => {
                    own.children.push(Node::Element(child))
                }
                Node::Element(child) => match self.block(&child, &id) {
                    Ok(child) => children.push(child),
                    Err(Refused::Dropped(why)) => {
                        tracing::warn!(parent = %id.id, why, "import drops a child")
                    }
                    Err(fatal) => return Err(fatal),
                },
                Node::Text(_) | Node::Comment(_) => {}
            }
        }
        if id.kind == "conditional" {
            old::conditional(&mut own, &mut children);
        }
        if let Some(block) = self.blocks.get_mut(&id) {
            block.element = own;
            block.children = children;
        }
        Ok(())
    }

    fn leaf(&mut self, mut element: Element, id: BlockId, parent: BlockId) -> Result<(), Refused> {
        let mut html = None;
        if let Some(file) = element.remove("filename") {
            match id.kind.as_str() {
                "html" => html = Some(self.html_file(&id, &file)?),
                "problem" => {
                    let path = format!("problem/{file}.xml");
                    let body = parse_file(self.files, &path).map_err(Refused::Dropped)?;
                    for (name, value) in body
                        .attributes
                        .iter()
                        .filter(|(name, _)| element.attribute(name).is_none())
                        .cloned()
                        .collect::<Vec<_>>()
                    {
                        element.set(&name, value);
                    }
                    element.children = body.children;
                }
                _ => {}
            }
        } else if id.kind == "html" {
            html = Some(body_of(&element));
        }
        if html.is_some() {
            element.children.clear();
        }
        self.settle(&mut element, &id);
        self.blocks.insert(id, Block { element, html, children: Vec::new(), parent: Some(parent) });
        Ok(())
    }

    /// The body lies in the folder of the file that names it: that of `secret:page` in `html/secret/` (`html.py` of
    /// xblocks-contrib).
    fn html_file(&self, id: &BlockId, file: &str) -> Result<String, Refused> {
        // Old courses give the name with its ending.
        let file = file.trim_end_matches(".html");
        let folder = id.id.rsplit_once(':').map_or(String::new(), |(above, _)| above.replace(':', "/") + "/");
        let places = [format!("html/{folder}{file}.html"), format!("html/{file}.html")];
        let get =
            |path: &String| self.files.get(&format!("{}{path}", self.base)).or_else(|| self.files.get(path));
        let content = places.iter().find_map(get);
        let content = content.ok_or_else(|| Refused::Dropped(format!("{} is missing", places[0])))?;
        Ok(String::from_utf8_lossy(content).into_owned())
    }

    /// Turns attributes into the block's own settings; the policy file wins.
    fn settle(&self, element: &mut Element, id: &BlockId) {
        for name in ["url_name", "slug", "org", "course", "data_dir"] {
            element.remove(name);
        }
        // Dates come quoted, as JSON, and leave plain.
        for (_, value) in element.attributes.iter_mut().filter(|(name, _)| is_date(name)) {
            *value = super::plain(value);
        }
        old::rename(element, id);
        let name = if *id == BlockId::root() { self.run } else { &id.id };
        if let Some(Value::Object(settings)) = self.policy.get(&format!("{}/{name}", id.kind)) {
            for (name, value) in settings.iter().filter(|(name, _)| !POLICY_ONLY.contains(&name.as_str())) {
                element.set(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
    }
}

/// The body of an inline page: text before the first element as it is, so that a CDATA section comes out as HTML, the
/// rest as XML.
fn body_of(element: &Element) -> String {
    match element.children.split_first() {
        Some((Node::Text(text), rest)) => {
            text.clone() + &Element { children: rest.to_vec(), ..Element::default() }.inner()
        }
        _ => element.inner(),
    }
}

fn is_date(name: &str) -> bool {
    matches!(
        name,
        "start" | "due" | "end" | "enrollment_start" | "enrollment_end" | "certificate_available_date"
    )
}

/// Settings that are never attributes (reference openedx.md 5.3).
pub(super) const POLICY_ONLY: [&str; 3] = ["tabs", "discussion_topics", "discussion_blackouts"];

fn drafts(files: &Files, policy: &Map<String, Value>, run: &str) -> Result<BTreeMap<BlockId, Block>, String> {
    let mut loader = Loader { files, base: "drafts/", policy, run, blocks: BTreeMap::new() };
    let verticals: Vec<&String> = files.keys().filter(|path| path.starts_with("drafts/vertical/")).collect();
    for path in verticals {
        let name = path.trim_start_matches("drafts/vertical/").trim_end_matches(".xml");
        let parsed = parse_file(files, path).map_err(Refused::Dropped);
        let id = BlockId::new("vertical", name);
        match parsed.and_then(|element| loader.container(element, id, None)) {
            Err(Refused::Fatal(why)) => return Err(why),
            Err(Refused::Dropped(why)) => tracing::warn!(path, why, "import drops a draft"),
            Ok(()) => {}
        }
    }
    Ok(loader.blocks)
}

/// A unit that was never published says where it stands (reference openedx.md 5.1); one that was stands there as a draft.
fn place_drafts(course: &mut Course) {
    let mut placed = Vec::new();
    for (id, block) in course.drafts.iter_mut().filter(|(id, _)| id.kind == "vertical") {
        let above = block.element.attribute("parent_url").and_then(|url| Some(parse_usage(url)?.1));
        block.parent = above.filter(|above| course.blocks.contains_key(above));
        if block.parent.is_none() {
            continue;
        }
        drop(block.element.remove("parent_url"));
        let at = block.element.remove("index_in_children_list").and_then(|at| at.parse().ok());
        if let (Some(above), false) = (&block.parent, course.blocks.contains_key(id)) {
            placed.push((at.unwrap_or(usize::MAX), above.clone(), id.clone()));
        }
    }
    placed.sort();
    for (at, above, id) in placed {
        let mut order = course.studio_children(&above);
        order.insert(at.min(order.len()), id);
        course.arranged.insert(above, order);
    }
}

fn parse_file(files: &Files, path: &str) -> Result<Element, String> {
    let content = files.get(path).ok_or_else(|| format!("{path} is missing"))?;
    let text = std::str::from_utf8(content).map_err(|_| format!("{path}: not UTF-8"))?;
    Element::parse(text).map_err(|why| format!("{path}: {why}"))
}

fn json_file(files: &Files, path: &str) -> Option<Value> {
    serde_json::from_slice(files.get(path)?).ok()
}

/// A policy file that is no JSON is ignored, and the course silently loses its settings (reference openedx.md 5.3);
/// JSON that is no object fails the import (seen: cleaner-05, cleaner-06).
fn policies(files: &Files, run: &str) -> Result<Map<String, Value>, String> {
    let paths = [format!("policies/{run}/policy.json"), format!("policies/{run}.json")];
    for path in &paths {
        match json_file(files, path) {
            Some(Value::Object(policy)) => return Ok(policy),
            Some(_) => return Err(format!("{path}: not an object")),
            None => {}
        }
    }
    Ok(Map::new())
}

/// A pointer has `url_name` and nothing else; one more attribute makes it an inline definition.
fn is_pointer(element: &Element) -> bool {
    element.attributes.len() == 1 && element.attribute("url_name").is_some() && is_empty(element)
}

fn is_course_pointer(element: &Element) -> bool {
    let names = ["url_name", "org", "course"];
    element.attributes.len() == 3
        && names.iter().all(|name| element.attribute(name).is_some())
        && is_empty(element)
}

fn is_empty(element: &Element) -> bool {
    element.elements().next().is_none() && !element.has_text()
}

fn load_pages(files: &Files, run: &str, course: &mut Course) {
    // The folder of the run is read after the general one and wins (reference openedx.md 5.1).
    for prefix in ["about/".to_owned(), format!("about/{run}/")] {
        for (path, content) in files.range(prefix.clone()..) {
            let Some(name) = path.strip_prefix(&prefix) else { break };
            if let Some(name) = name.strip_suffix(".html").filter(|name| !name.contains('/')) {
                course.about.insert(name.to_owned(), String::from_utf8_lossy(content).into_owned());
            }
        }
    }
    let pages = files.iter().filter(|(path, _)| path.starts_with("info/") || path.starts_with("tabs/"));
    course.pages = pages
        .filter(|(path, _)| !path.ends_with('~'))
        .map(|(path, data)| (path.clone(), data.clone()))
        .collect();
}

fn load_assets(files: &Files, course: &mut Course) {
    let described = json_file(files, "policies/assets.json").unwrap_or_default();
    for (path, data) in files {
        let Some(relative) = path.strip_prefix("static/") else { continue };
        let file = relative.rsplit('/').next().unwrap_or(relative);
        if file.ends_with('~') || file.starts_with("._") || file == ".DS_Store" {
            continue;
        }
        let id = asset_name(relative);
        let entry = &described[&id];
        let guess = || mime_guess::from_path(relative).first_or_octet_stream().to_string();
        course.assets.insert(
            id,
            Asset {
                display_name: entry["displayname"].as_str().unwrap_or(file).to_owned(),
                import_path: relative.to_owned(),
                content_type: entry["contentType"].as_str().map_or_else(guess, str::to_owned),
                locked: entry["locked"].as_bool().unwrap_or(false),
                data: data.clone(),
            },
        );
    }
}
