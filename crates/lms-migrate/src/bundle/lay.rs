//! A course laid out as files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use lms_core::{AssetId, Course, Error, Lesson, Result, Section, Step};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::layout::{ASSETS, ATTRIBUTES, Names, SECTIONS};
use super::text;

/// Writes everything but the bytes of files. `hashes` says the SHA-256 of each file.
pub(super) fn lay(course: &Course, hashes: &HashMap<AssetId, String>, dir: &Path) -> Result<()> {
    let mut names = Names::default();
    let mut sections = Vec::new();
    for section in &course.sections {
        let name = names.of(section.id.as_str());
        lay_section(section, &dir.join(SECTIONS).join(&name))?;
        sections.push(name);
    }
    let mut header = faithful(&course.header(), "the course")?;
    if let Some(fields) = header.as_object_mut() {
        fields.shift_remove("sections");
        fields.shift_remove("assets");
    }
    let root = json!({
        "format": "lms-bundle",
        "version": 1,
        "course": header,
        "sections": sections,
    });
    write_node(dir, "bundle", root)?;

    let mut assets = Vec::new();
    for asset in &course.assets {
        let mut entry = faithful(asset, asset.name.as_str())?;
        if let (Some(fields), Some(hash)) = (entry.as_object_mut(), hashes.get(&asset.id)) {
            fields.insert("sha256".into(), Value::String(hash.clone()));
        }
        assets.push(entry);
    }
    write_file(&dir.join(ASSETS), &pretty(&Value::Array(assets))?)?;
    write_file(&dir.join(ATTRIBUTES.0), ATTRIBUTES.1)
}

fn lay_section(section: &Section, dir: &Path) -> Result<()> {
    let mut names = Names::default();
    let mut lessons = Vec::new();
    for lesson in &section.lessons {
        let name = names.of(lesson.id.as_str());
        lay_lesson(lesson, &dir.join(&name))?;
        lessons.push(name);
    }
    let alone = Section { lessons: Vec::new(), ..section.clone() };
    write_node(dir, "section", with_names(faithful(&alone, &section.title)?, "lessons", lessons))
}

fn lay_lesson(lesson: &Lesson, dir: &Path) -> Result<()> {
    let mut names = Names::beside(&["lesson"]);
    let mut steps = Vec::new();
    for step in &lesson.steps {
        let name = names.of(step.id.as_str());
        write_node(dir, &name, faithful(step, &named(step))?)?;
        steps.push(name);
    }
    let alone = Lesson { steps: Vec::new(), ..lesson.clone() };
    write_node(dir, "lesson", with_names(faithful(&alone, &lesson.title)?, "steps", steps))
}

fn named(step: &Step) -> String {
    if step.title.is_empty() { format!("step {}", step.id) } else { step.title.clone() }
}

fn with_names(mut node: Value, field: &str, names: Vec<String>) -> Value {
    if let Some(fields) = node.as_object_mut() {
        fields.insert(field.to_owned(), Value::from(names));
    }
    node
}

/// A part of the course as JSON that reads back as the same part.
///
/// # Errors
/// `InvalidInput` where JSON cannot say it: a number that is none.
fn faithful<T: Serialize + DeserializeOwned + PartialEq>(part: &T, what: &str) -> Result<Value> {
    let unfit = || {
        Error::invalid(
            "it holds something that JSON cannot say, such as a number of points that is no number",
        )
        .on(what)
    };
    let value = serde_json::to_value(part).map_err(|e| unfit().with_source(e))?;
    match serde_json::from_value::<T>(value.clone()) {
        Ok(back) if back == *part => Ok(value),
        Ok(_) => Err(unfit()),
        Err(error) => Err(unfit().with_source(error)),
    }
}

/// Writes `NAME.json`, and its long texts beside it.
fn write_node(dir: &Path, name: &str, mut node: Value) -> Result<()> {
    fs::create_dir_all(dir).map_err(|e| Error::io(dir.display(), e))?;
    text::detach(&mut node, name, &mut |file, content| write_file(&dir.join(file), content))?;
    write_file(&dir.join(format!("{name}.json")), &pretty(&node)?)
}

fn write_file(path: &Path, content: &str) -> Result<()> {
    fs::write(path, content).map_err(|e| Error::io(path.display(), e))
}

fn pretty(value: &Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::invalid("it cannot be written as JSON").with_source(e))?;
    Ok(text + "\n")
}
