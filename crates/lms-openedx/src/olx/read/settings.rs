//! The course's own settings: attributes, policies, grading, the about pages.

use lms_core::{
    Course, Finding, GradingCategory, GradingPolicy, Markup, Platform, Schedule, Severity, Timestamp,
    Visibility,
};
use serde_json::{Map, Value};

use super::super::excerpt::Place;
use super::super::files::Files;
use super::super::native::{COURSE_SETTINGS, Native};
use super::super::xml::{Element, markup};
use super::structure::{ATTRIBUTES, URL_NAME};
use super::{Reader, course_id};
use crate::convert::markup::to_neutral;
use crate::olx::capa::plain_value;

/// Extras of a course: its settings in `policy.json`, as they are.
pub(crate) const POLICY: &str = "policy";
/// Extras of a course: settings of other blocks in `policy.json`.
pub(crate) const OTHER_POLICIES: &str = "policies";
/// Extras of a course: the grading policy as it is.
pub(crate) const GRADING: &str = "grading_policy";
/// Extras of a course: `<wiki>`, `<textbook>` and their like, as they are.
pub(crate) const SETTINGS: &str = "settings";
/// Extras of a course: `course` or `library`.
pub(crate) const ROOT: &str = "root";

/// Settings that let the course into other services (reference openedx.md 5.3).
const SECRETS: [&str; 3] = ["lti_passports", "matlab_api_key", "xqa_key"];

/// The attributes of an element but its name.
pub(super) fn attributes(element: &Element) -> Map<String, Value> {
    element
        .attributes
        .iter()
        .filter(|(key, _)| {
            !matches!(key.as_str(), "url_name" | "slug" | "org" | "course" | "library" | "filename")
        })
        .map(|(key, value)| (key.clone(), Value::String(value.clone())))
        .collect()
}

pub(super) fn title(attributes: &mut Map<String, Value>) -> String {
    // `name` is how it was called before.
    let old = attributes.remove("name");
    match attributes.remove("display_name").or(old) {
        Some(Value::String(title)) => title,
        _ => String::new(),
    }
}

/// What `policy.json` sets of a container: it wins over the attributes (reference openedx.md 5.3).
pub(super) fn overlay(reader: &mut Reader<'_>, native: &Native, attributes: &mut Map<String, Value>) {
    if reader.around.policies.is_empty() {
        return;
    }
    let key = format!("{}/{}", native.tag, native.known_as());
    let Some(Value::Object(policy)) = reader.around.policies.get(&key) else { return };
    for (name, value) in policy {
        match value {
            Value::Null => drop(attributes.remove(name)),
            Value::String(text) => drop(attributes.insert(name.clone(), text.as_str().into())),
            value => drop(attributes.insert(name.clone(), value.to_string().into())),
        }
    }
    reader.overlaid.insert(key);
}

/// Takes those dates that can be read; others are named and stay among the attributes.
pub(super) fn schedule(
    reader: &mut Reader<'_>,
    place: &Place,
    attributes: &mut Map<String, Value>,
    keys: &[&str],
) -> Schedule {
    let mut take = |key: &str| {
        let value = attributes.get(key).filter(|_| keys.contains(&key))?;
        let read = value.as_str().and_then(date);
        if read.is_some() {
            attributes.remove(key);
        } else if !matches!(value.as_str().map(plain_value), None | Some("" | "null")) {
            let what = format!("{key} {value}");
            reader.find(Severity::Dropped, place, what, "the date is not in the form 2025-09-01T00:00:00Z");
        }
        read
    };
    Schedule { start: take("start"), due: take("due"), end: take("end") }
}

fn date(raw: &str) -> Option<Timestamp> {
    let text = plain_value(raw);
    text.parse().or_else(|_| Timestamp::from_naive(text)).ok().or_else(|| spelled(text))
}

/// `Feb 20, 2019, 17:00`: Open edX reads it, and so did an importing Studio.
fn spelled(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.replace(',', " ");
    let mut words = text.split_whitespace();
    let month = words.next()?.to_lowercase();
    let month = MONTHS.iter().position(|short| month.starts_with(short))? + 1;
    let (day, year): (u8, u16) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let time = words.next().unwrap_or("00:00");
    let none_left = words.next().is_none();
    Timestamp::from_naive(&format!("{year:04}-{month:02}-{day:02}T{time:0>5}")).ok().filter(|_| none_left)
}

/// The files that settings are read from; they are no assets. Where one would do as well as another, which is not read, the
/// other is somebody's file.
pub(super) fn files(files: &Files, run: &str) -> Vec<String> {
    let first = |names: &[String]| names.iter().find(|name| files.has(name)).cloned();
    let pages = ABOUT.iter().filter(|name| files.text(name).is_some_and(|text| text.is_ok()));
    let settings = [first(&ROOTS.map(str::to_owned)), first(&policy_files(run)), first(&grading_files(run))];
    settings.into_iter().flatten().chain(pages.map(|name| (*name).to_owned())).collect()
}

/// Either is the root; the first wins.
const ROOTS: [&str; 2] = ["course.xml", "library.xml"];
/// The pages about a course that the model has a place for.
const ABOUT: [&str; 2] = ["about/overview.html", "about/short_description.html"];

fn policy_files(run: &str) -> [String; 2] {
    [format!("policies/{run}/policy.json"), format!("policies/{run}.json")]
}

fn grading_files(run: &str) -> [String; 2] {
    [format!("policies/{run}/grading_policy.json"), "grading_policy.json".to_owned()]
}

pub(super) fn course(reader: &mut Reader<'_>, native: &Native, root: &Element) -> Course {
    let id = course_id(native, root);
    let run = native.name.clone().unwrap_or_else(|| "course".into());
    let mut course = Course::new(id, "");
    let mut attributes = attributes(&native.element);
    let (mut policy, others) = policies(reader, &run);
    reader.around.policies = others;
    // What policy.json says wins over the attributes (reference openedx.md 5.3).
    let mut take = |key: &str| -> Option<Value> {
        let attribute = attributes.remove(key);
        policy.remove(key).or(attribute)
    };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let old_title = take("name");
    course.title = text(take("display_name").or(old_title)).unwrap_or_default();
    course.language = text(take("language")).map(|l| plain_value(&l).to_owned());
    let dates: Map<String, Value> =
        ["start", "end"].into_iter().filter_map(|key| Some((key.to_owned(), take(key)?))).collect();
    let mut left = dates;
    course.schedule = schedule(reader, &native.place, &mut left, &["start", "end"]);
    attributes.extend(left);
    if let Some(cover) =
        policy.get("course_image").or_else(|| attributes.get("course_image")).and_then(Value::as_str)
    {
        course.cover = reader.around.statics.find(plain_value(cover));
        if course.cover.is_some() {
            attributes.remove("course_image");
            policy.remove("course_image");
        }
    }
    let hidden = policy.get("catalog_visibility").or_else(|| attributes.get("catalog_visibility"));
    if hidden.and_then(Value::as_str).is_some_and(|v| plain_value(v) == "none") {
        course.visibility = Visibility::Private;
        attributes.remove("catalog_visibility");
        policy.remove("catalog_visibility");
    } else {
        course.visibility = Visibility::Public;
    }
    about(reader, &mut course);
    grading(reader, &mut course, &run);
    for key in SECRETS {
        if policy.get(key).or_else(|| attributes.get(key)).is_some_and(says_something) {
            let why = "a secret of this course stands in it";
            let finding = Finding::new(Severity::Exact, native.place.to_string(), key, why);
            reader.findings.push(finding.with_fallback("whoever is given a copy of the course has it"));
        }
    }
    let settings: Vec<Value> = native
        .element
        .elements()
        .filter(|e| COURSE_SETTINGS.contains(&e.name.as_str()))
        .map(|e| markup(e).into())
        .collect();
    let mut keep = |key: &str, value: Value| course.extras.set(Platform::OpenEdx, key, value);
    keep(ROOT, native.tag.as_str().into());
    if native.tag == "library" {
        keep(URL_NAME, run.into());
    }
    for (key, map) in [(ATTRIBUTES, attributes), (POLICY, policy)] {
        if !map.is_empty() {
            keep(key, map.into());
        }
    }
    if !settings.is_empty() {
        keep(SETTINGS, settings.into());
    }
    course
}

/// Whether a setting is not empty; attributes hold JSON as text.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !matches!(text.trim(), "" | "[]" | "null"),
        _ => false,
    }
}

fn policies(reader: &mut Reader<'_>, run: &str) -> (Map<String, Value>, Map<String, Value>) {
    let Some(name) = policy_files(run).into_iter().find(|name| reader.files.has(name)) else {
        return Default::default();
    };
    let Some(mut all) = json(reader, &name) else { return Default::default() };
    let own = match all.remove(&format!("course/{run}")) {
        Some(Value::Object(own)) => own,
        _ => Map::new(),
    };
    (own, all)
}

/// A JSON object; a finding where it is none.
fn json(reader: &mut Reader<'_>, name: &str) -> Option<Map<String, Value>> {
    let text = match reader.files.text(name)? {
        Ok(text) => text,
        Err(error) => {
            reader.find(Severity::Dropped, name, "settings", error.message());
            return None;
        }
    };
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(map)) => Some(map),
        Ok(_) => {
            reader.find(Severity::Dropped, name, "settings", "not a JSON object; Open edX ignores it");
            None
        }
        Err(error) => {
            let place = format!("{name}:{}", error.line());
            reader.find(Severity::Dropped, place, "settings", "not JSON; Open edX ignores the file");
            None
        }
    }
}

fn about(reader: &mut Reader<'_>, course: &mut Course) {
    if let Some(Ok(text)) = reader.files.text(ABOUT[0]) {
        course.description = to_neutral(&text, &reader.around.statics);
    }
    if let Some(Ok(text)) = reader.files.text(ABOUT[1]) {
        let plain = Markup::from_html(&*text).plain();
        course.summary = (!plain.is_empty()).then_some(plain);
    }
}

fn grading(reader: &mut Reader<'_>, course: &mut Course, run: &str) {
    let Some(name) = grading_files(run).into_iter().find(|name| reader.files.has(name)) else { return };
    // An empty one changes nothing of the platform's own.
    let Some(raw) = json(reader, &name).filter(|raw| !raw.is_empty()) else { return };
    course.grading = Some(policy(&raw));
    course.extras.set(Platform::OpenEdx, GRADING, Value::Object(raw));
}

/// The neutral part of a grading policy (reference openedx.md 5.4).
pub(crate) fn policy(raw: &Map<String, Value>) -> GradingPolicy {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64).unwrap_or_default();
    let whole = |value: Option<&Value>| {
        value.and_then(Value::as_u64).and_then(|n| n.try_into().ok()).unwrap_or_default()
    };
    let categories =
        raw.get("GRADER").and_then(Value::as_array).into_iter().flatten().map(|grader| GradingCategory {
            name: grader.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            short_label: grader.get("short_label").and_then(Value::as_str).map(str::to_owned),
            weight: number(grader.get("weight")),
            count: whole(grader.get("min_count")),
            drop: whole(grader.get("drop_count")),
        });
    let mut cutoffs: Vec<(String, f64)> = raw
        .get("GRADE_CUTOFFS")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, share)| (name.clone(), share.as_f64().unwrap_or_default()))
        .collect();
    cutoffs.sort_by(|a, b| b.1.total_cmp(&a.1));
    GradingPolicy { categories: categories.collect(), cutoffs }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::olx::read::read_folder;

    /// What is said of a course's secrets.
    fn said(attribute: &str, policy: &str) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        let xml = format!(r#"<course org="o" course="c" url_name="r" lti_passports="{attribute}"/>"#);
        fs::write(folder.path().join("course.xml"), xml).expect("written");
        fs::create_dir_all(folder.path().join("policies/r")).expect("made");
        let policy = format!(r#"{{"course/r": {{{policy}}}}}"#);
        fs::write(folder.path().join("policies/r/policy.json"), policy).expect("written");
        let content = read_folder(folder.path()).expect("it is read");
        let secrets = content.findings.into_iter().filter(|finding| finding.why.contains("secret"));
        secrets.map(|finding| (finding.what, finding.path)).collect()
    }

    #[test]
    fn secrets_of_the_course_are_named_and_not_shown() {
        let at = |what: &str| vec![(what.to_owned(), "course.xml:1".to_owned())];
        assert_eq!(said("[]", r#""lti_passports": ["t:k:s"]"#), at("lti_passports"));
        assert_eq!(said("[&quot;t:k:s&quot;]", ""), at("lti_passports"));
        assert_eq!(said("[]", r#""xqa_key": "sesame""#), at("xqa_key"));
        assert_eq!(said("[]", r#""lti_passports": [], "xqa_key": null"#), []);
        assert_eq!(said("[&quot;t:k:s&quot;]", r#""lti_passports": []"#), [], "policy.json wins");
    }
}
