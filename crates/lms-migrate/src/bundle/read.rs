//! A bundle read back, every file held against the schema.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lms_core::{
    Asset, AssetId, Content, Course, CourseId, Error, ErrorKind, Finding, Lesson, NativeCounts, Platform,
    Result, Section, Severity, Step,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use walkdir::WalkDir;

use super::layout::{ASSET_FOLDER, HAND_FOLDER, ROOT, SECTIONS, asset_path, inside};
use super::line::{line_of, spell};
use super::{schema, text};

const VERSION: u64 = 1;

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) path: PathBuf,
    /// Their SHA-256, where the bundle says it.
    pub(super) hash: Option<String>,
}

/// Where the bytes of each file are.
pub(super) type Files = BTreeMap<AssetId, Stored>;

/// A bundle in memory, bytes of files aside.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) content: Content,
    pub(super) files: Files,
    /// All that was read, from the bundle's folder. What else lies there is its user's.
    pub(super) used: BTreeSet<PathBuf>,
}

/// Whether there is a bundle that this program can read.
///
/// # Errors
/// `InvalidInput` where it is none, or a newer one.
pub(super) fn version(root: &Path) -> Result<()> {
    let path = root.join(ROOT);
    let none = || {
        Error::invalid("this is no bundle: a folder with a bundle.json that says \"format\": \"lms-bundle\"")
            .on(root.display())
    };
    let text = fs::read_to_string(&path).map_err(|_| none())?;
    let value: Value = serde_json::from_str(&text).map_err(|e| syntax(ROOT, &e))?;
    if value.get("format").and_then(Value::as_str) != Some("lms-bundle") {
        return Err(none());
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version > VERSION => Err(Error::invalid(format!(
            "the bundle is of version {version}, newer than this program, which reads version {VERSION}"
        ))
        .on(path.display())),
        // Anything else is named by the schema, with its line.
        _ => Ok(()),
    }
}

fn syntax(file: &str, error: &serde_json::Error) -> Error {
    let said = error.to_string();
    let why = said.split(" at line ").next().unwrap_or_default();
    Error::invalid(format!("not JSON: {why}")).on(format!("{file}:{}", error.line()))
}

/// Reads everything but the bytes of files.
pub(super) fn read(root: &Path) -> Result<Read> {
    version(root)?;
    let real = root.canonicalize().map_err(|e| Error::io(root.display(), e))?;
    let mut reader = Reader { root, real, used: BTreeSet::new() };
    let (mut bundle, file) = reader.node("", "bundle", "bundle")?;
    let sections = names(&bundle, "sections", &file)?;
    let header = bundle.get_mut("course").map(Value::take).unwrap_or_default();
    let mut course: Course = typed(with_empty(header, &["sections", "assets"]), &file)?;
    for name in sections {
        course.sections.push(reader.section(&name)?);
    }
    let assets = reader.assets()?;
    course.assets = assets.iter().map(|(asset, _)| asset.clone()).collect();
    let files = assets.into_iter().map(|(asset, stored)| (asset.id, stored)).collect();
    let mut seen = BTreeSet::new();
    for place in course.blocks() {
        if !seen.insert(&place.block.1.id) {
            return Err(Error::invalid(format!(
                "two blocks have the id `{}`; the second is {}",
                place.block.1.id,
                place.place()
            ))
            .on(root.display()));
        }
    }
    let findings = reader.strays();
    let native = counts(&course);
    Ok(Read { content: Content { course, findings, native }, files, used: reader.used })
}

pub(super) fn other_course(id: &CourseId) -> Error {
    Error::new(ErrorKind::NotFound, "the bundle holds another course").at(Platform::Bundle, "courses").on(id)
}

fn counts(course: &Course) -> NativeCounts {
    let mut native = NativeCounts::default();
    for place in course.blocks() {
        native.block(place.block.1.body.kind());
        if let Some(exercise) = place.block.1.exercise() {
            native.exercise(exercise.interaction.name());
        }
    }
    native
}

/// A JSON file that was read.
struct File {
    /// From the bundle's folder, `/`-separated.
    name: String,
    text: String,
}

impl File {
    /// Where the item of a list stands, for errors.
    fn at(&self, item: usize) -> String {
        format!("{}:{}", self.name, line_of(&self.text, &[super::line::Segment::Item(item)]))
    }
}

struct Reader<'a> {
    root: &'a Path,
    /// The same without links.
    real: PathBuf,
    /// Files that something refers to, from the bundle's folder.
    used: BTreeSet<PathBuf>,
}

impl Reader<'_> {
    /// Where a file is. A link that leads out of the bundle is refused: a bundle may come from anybody.
    fn locate(&mut self, name: &str) -> Result<PathBuf> {
        let relative = inside(name)?;
        let path = self.root.join(&relative);
        let real = path.canonicalize().map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, "the bundle names this file, and it is not there").on(name)
            }
            _ => Error::io(name, e),
        })?;
        if !real.starts_with(&self.real) {
            return Err(Error::invalid("the link leads out of the bundle").on(name));
        }
        self.used.insert(relative);
        Ok(path)
    }

    fn text(&mut self, name: &str) -> Result<String> {
        let path = self.locate(name)?;
        let bytes = fs::read(&path).map_err(|e| Error::io(name, e))?;
        String::from_utf8(bytes).map_err(|e| {
            let good = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            Error::invalid("the text is not UTF-8").on(format!("{name}:{line}"))
        })
    }

    /// Reads `FOLDER/NAME.json` with its texts, and holds it against the schema.
    fn node(&mut self, folder: &str, name: &str, definition: &str) -> Result<(Value, File)> {
        let name = format!("{folder}{name}.json");
        let text = self.text(&name)?;
        let mut value: Value = serde_json::from_str(&text).map_err(|e| syntax(&name, &e))?;
        text::attach(&mut value, &mut |file| {
            inside(file)?;
            self.text(&format!("{folder}{file}"))
        })
        .map_err(|e| if e.resource().is_none() { e.on(&name) } else { e })?;
        if let Err(problem) = schema::check(definition, &value) {
            let line = line_of(&text, &problem.path);
            let field = spell(&problem.path);
            let message =
                if field.is_empty() { problem.message } else { format!("`{field}`: {}", problem.message) };
            return Err(Error::invalid(message).on(format!("{name}:{line}")));
        }
        Ok((value, File { name, text }))
    }

    fn section(&mut self, name: &str) -> Result<Section> {
        let folder = format!("{SECTIONS}/{name}/");
        let (value, file) = self.node(&folder, "section", "section")?;
        let lessons = names(&value, "lessons", &file)?;
        let mut section: Section = typed(with_empty(value, &["lessons"]), &file)?;
        for name in lessons {
            section.lessons.push(self.lesson(&format!("{folder}{name}/"))?);
        }
        Ok(section)
    }

    fn lesson(&mut self, folder: &str) -> Result<Lesson> {
        let (value, file) = self.node(folder, "lesson", "lesson")?;
        let steps = names(&value, "steps", &file)?;
        let mut lesson: Lesson = typed(with_empty(value, &["steps"]), &file)?;
        for name in steps {
            let (value, file) = self.node(folder, &name, "step")?;
            lesson.steps.push(typed::<Step>(value, &file)?);
        }
        Ok(lesson)
    }

    fn assets(&mut self) -> Result<Vec<(Asset, Stored)>> {
        let (entries, file) = self.node("", "assets", "assets")?;
        let mut assets = Vec::new();
        let mut seen = BTreeSet::new();
        for (n, entry) in entries.as_array().into_iter().flatten().enumerate() {
            let (asset, stored) = self.asset(entry, n, &file)?;
            if !seen.insert(asset.id.clone()) {
                return Err(Error::invalid(format!("two files have the id {}", asset.id)).on(file.at(n)));
            }
            assets.push((asset, stored));
        }
        Ok(assets)
    }

    fn asset(&mut self, entry: &Value, n: usize, file: &File) -> Result<(Asset, Stored)> {
        let mut entry = entry.clone();
        let mut take = |field: &str| {
            let value = entry.as_object_mut().and_then(|fields| fields.shift_remove(field));
            value.and_then(|value| value.as_str().map(str::to_owned))
        };
        let (hash, by_hand) = (take("sha256"), take("file"));
        let asset: Asset = typed(entry, file)?;
        let name = match (&hash, &by_hand) {
            (Some(hash), None) => asset_path(hash).to_string_lossy().replace('\\', "/"),
            (None, Some(path)) => format!("{HAND_FOLDER}/{path}"),
            _ => {
                let why = "say where the bytes are: either `sha256` or `file` (below files/)";
                return Err(Error::invalid(why).on(file.at(n)));
            }
        };
        let path = self.locate(&name).map_err(|e| match e.kind() {
            ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, format!("there is no {name}")).on(file.at(n))
            }
            _ => e,
        })?;
        Ok((asset, Stored { path, hash }))
    }

    /// Files of the bundle that nothing refers to: a step that was written and not listed, a picture without entry.
    fn strays(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for folder in [SECTIONS, ASSET_FOLDER, HAND_FOLDER] {
            let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
            let entries = WalkDir::new(self.root.join(folder)).sort_by_file_name().into_iter();
            for entry in entries.filter_entry(|e| !hidden(e.file_name())).filter_map(std::result::Result::ok)
            {
                let Ok(relative) = entry.path().strip_prefix(self.root) else { continue };
                if !entry.file_type().is_dir() && !self.used.contains(relative) {
                    let path = relative.to_string_lossy().replace('\\', "/");
                    let why = "no bundle.json, section.json, lesson.json, step or assets.json names it";
                    findings.push(Finding::new(Severity::Dropped, path, "file", why));
                }
            }
        }
        findings
    }
}

/// The names of what is below a node, each once.
fn names(value: &Value, field: &str, file: &File) -> Result<Vec<String>> {
    let names: Vec<String> = value
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(Error::invalid(format!("`{field}` names {twice} twice")).on(&file.name)),
        None => Ok(names),
    }
}

fn with_empty(mut node: Value, fields: &[&str]) -> Value {
    if let Some(object) = node.as_object_mut() {
        for field in fields {
            object.insert((*field).to_owned(), Value::Array(Vec::new()));
        }
    }
    node
}

fn typed<T: DeserializeOwned>(value: Value, file: &File) -> Result<T> {
    serde_json::from_value(value).map_err(|e| Error::invalid(e.to_string()).on(&file.name))
}
