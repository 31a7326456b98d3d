//! The course's own files: root, policies, grading, about pages.

use std::collections::BTreeMap;

use lms_core::{Course, CourseId, Error, GradingPolicy, Platform, Result, Visibility, escape};
use serde_json::{Map, Value, json};

use super::{Writer, attributes, element_text, text_extra, url_name};
use crate::convert::markup::{OUTSIDE, to_olx};
use crate::olx::read::{GRADING, POLICY, ROOT, SETTINGS, URL_NAME, policy};

/// What the root of a course folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootKind {
    /// `course.xml`.
    Course,
    /// `library.xml`.
    Library,
}

/// The parts of a course's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CourseKey {
    pub(crate) kind: RootKind,
    pub(crate) org: String,
    pub(crate) number: String,
    /// Empty for libraries.
    pub(crate) run: String,
}

impl CourseKey {
    /// `course-v1:ORG+NUMBER+RUN` or `library-v1:ORG+NAME`; for the id of another platform a key made
    /// from it.
    pub(crate) fn of(id: &CourseId) -> Self {
        let made = |kind, org: &str, number: &str, run: &str| Self {
            kind,
            org: org.to_owned(),
            number: number.to_owned(),
            run: run.to_owned(),
        };
        let text = id.as_str();
        if let Some(Some((org, name))) = text.strip_prefix("library-v1:").map(|key| key.split_once('+')) {
            return made(RootKind::Library, org, name, "");
        }
        let parts: Option<Vec<&str>> = text.strip_prefix("course-v1:").map(|key| key.split('+').collect());
        match parts.as_deref() {
            Some([org, number, run]) if !run.is_empty() => made(RootKind::Course, org, number, run),
            _ => made(RootKind::Course, "migrated", &url_name(text), "1"),
        }
    }

    /// The id.
    pub(crate) fn id(&self) -> CourseId {
        CourseId::new(match self.kind {
            RootKind::Course => format!("course-v1:{}+{}+{}", self.org, self.number, self.run),
            RootKind::Library => format!("library-v1:{}+{}", self.org, self.number),
        })
    }
}

pub(super) fn course(writer: &mut Writer, course: &Course, children: &[String]) -> Result<()> {
    let key = CourseKey::of(&course.id);
    let own = own_settings(course);
    let mut attributes = attributes(&course.extras);
    for (name, value) in &own {
        attributes.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let settings = course.extras.get(Platform::OpenEdx, SETTINGS).and_then(Value::as_array);
    let settings = settings.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let children: Vec<String> = settings.chain(children.iter().cloned()).collect();
    if key.kind == RootKind::Library || text_extra(&course.extras, ROOT) == Some("library") {
        let name = text_extra(&course.extras, URL_NAME).unwrap_or("library");
        attributes.extend(
            [("url_name", name), ("org", &key.org), ("library", &key.number)]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        writer.files.insert("library.xml".into(), element_text("library", &attributes, &children));
        return Ok(());
    }
    let root: BTreeMap<String, String> = [("url_name", &key.run), ("org", &key.org), ("course", &key.number)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    writer.files.insert("course.xml".into(), element_text("course", &root, &[]));
    let run_file = format!("course/{}.xml", key.run.replace(':', "/"));
    writer.files.insert(run_file, element_text("course", &attributes, &children));
    policies(writer, course, &key, own)?;
    about(writer, course);
    Ok(())
}

/// Settings that the model knows.
fn own_settings(course: &Course) -> Map<String, Value> {
    let mut own = Map::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            own.insert(key.to_owned(), Value::String(value));
        }
    };
    set("display_name", Some(course.title.clone()).filter(|title| !title.is_empty()));
    set("language", course.language.clone());
    set("start", course.schedule.start.map(|date| date.to_string()));
    set("end", course.schedule.end.map(|date| date.to_string()));
    set("course_image", course.cover.as_ref().map(|id| id.as_str().replace('/', "_")));
    set("catalog_visibility", (course.visibility == Visibility::Private).then(|| "none".to_owned()));
    own
}

fn policies(writer: &mut Writer, course: &Course, key: &CourseKey, own: Map<String, Value>) -> Result<()> {
    let object = |name: &str| {
        course.extras.get(Platform::OpenEdx, name).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let mut settings = object(POLICY);
    settings.extend(own);
    let mut all = writer.policies.clone();
    all.insert(format!("course/{}", key.run), Value::Object(settings));
    // An empty policy leaves the platform's own in place, as none does.
    let grading = course.grading.as_ref().map_or_else(
        || json!({}),
        |grading| match object(GRADING) {
            raw if policy(&raw) == *grading => Value::Object(raw),
            _ => grading_json(grading),
        },
    );
    for (name, value) in [("policy.json", Value::Object(all)), ("grading_policy.json", grading)] {
        let path = format!("policies/{}/{name}", key.run);
        // One that could not be read is a file of the course and stays as it is; the root's attributes
        // say the same.
        if course.assets.iter().any(|asset| asset.id.as_str().strip_prefix(OUTSIDE) == Some(path.as_str())) {
            continue;
        }
        let text = serde_json::to_string_pretty(&value)
            .map_err(|e| Error::invalid("the settings cannot be written").on(name).with_source(e))?;
        writer.files.insert(path, text + "\n");
    }
    Ok(())
}

fn grading_json(policy: &GradingPolicy) -> Value {
    let categories: Vec<Value> = policy
        .categories
        .iter()
        .map(|category| {
            let mut grader = json!({
                "type": category.name,
                "min_count": category.count,
                "drop_count": category.drop,
                "weight": category.weight,
            });
            if let (Some(label), Some(grader)) = (&category.short_label, grader.as_object_mut()) {
                grader.insert("short_label".into(), label.as_str().into());
            }
            grader
        })
        .collect();
    let cutoffs: Map<String, Value> =
        policy.cutoffs.iter().map(|(name, share)| (name.clone(), json!(share))).collect();
    json!({ "GRADER": categories, "GRADE_CUTOFFS": cutoffs })
}

fn about(writer: &mut Writer, course: &Course) {
    if !course.description.is_empty() {
        writer.files.insert("about/overview.html".into(), to_olx(&course.description));
    }
    if let Some(summary) = &course.summary {
        writer.files.insert("about/short_description.html".into(), escape(summary));
    }
}
