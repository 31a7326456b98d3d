//! Every field of the model, made different on the target: verification says so, or the field is on the list of those
//! that are not compared, with the reason.

mod full;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests plant defects in the provider")]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use lms_core::Course;
use lms_migrate::{Filter, Quiet, verify_pair};
use serde_json::Value;
use support::Memory;

/// What is not compared: fields, by how their names begin, and why.
const NOT_COMPARED: [(&str, &str); 12] = [
    ("course.assets turned round", "files stand in no order"),
    ("course.assets[].media_type", "it follows from the name"),
    ("course.assets[].size", "it follows from the bytes, which are compared"),
    ("course.extras", "a site sets out its own settings of a course anew, and adds to them"),
    ("course.id", "the platform draws it"),
    ("course.language added", "where a course says none, a platform may say its own"),
    ("course.sections[].id", "the platform draws it"),
    ("course.sections[].lessons[].id", "the platform draws it"),
    ("course.sections[].lessons[].steps[].id", "the platform draws it"),
    ("BLOCK(exercise).key(text).accept turned round", "the marks are the same"),
    ("BLOCK(*).id", "the platform draws it"),
    ("*.extras added", "a platform adds settings of its own"),
];

fn provider(course: Course) -> Memory {
    let files: Vec<(&str, &[u8])> = full::FILES.iter().map(|(name, _)| (*name, name.as_bytes())).collect();
    Memory::with(course, &files)
}

/// What of a target is otherwise than its source.
async fn found(source: Course, target: Course) -> Vec<String> {
    let (from, to) = (provider(source), provider(target));
    let (_, verification) =
        verify_pair((&from, &"c".into()), (&to, &"c".into()), &Filter::default(), None, &Quiet)
            .await
            .expect("both are read");
    let mut found: Vec<String> = verification.differences.iter().map(|d| d.what.clone()).collect();
    found.extend((0..verification.disagreed).map(|_| "marks".to_owned()));
    assert_eq!(found.is_empty(), verification.holds());
    found
}

/// Words that enumerations of the model know, tried where another text is none of them.
const WORDS: [&str; 18] = [
    "2031-01-01T00:00:00Z",
    "private",
    "single",
    "multiple",
    "substring",
    "content",
    "grader",
    "bundle",
    "xml",
    "per_part",
    "human",
    "percent",
    "absolute",
    "numeric",
    "formula",
    "text_entry",
    "any",
    "code",
];

/// Other values of the same field.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let number = text.parse::<f64>().ok().map(|n| (n + 1.0).to_string());
            let mut others: Vec<String> = number.into_iter().collect();
            others.extend([format!("{text} x"), format!("{text}1")]);
            others.extend(WORDS.into_iter().filter(|word| word != text).map(str::to_owned));
            others.into_iter().map(Value::from).collect()
        }
        Value::Number(n) => match n.as_u64() {
            Some(n) => vec![Value::from(n + 1)],
            None => vec![Value::from(n.as_f64().unwrap_or_default() + 1.0)],
        },
        Value::Bool(flag) => vec![Value::from(!flag)],
        Value::Array(items) => {
            let last = items.len().saturating_sub(1);
            let (mut fewer, mut turned) = (items.clone(), items.clone());
            fewer.truncate(last);
            turned.reverse();
            vec![fewer.into(), turned.into()]
        }
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// Each place in a value: how it is reached, and its name without the numbers, with the kinds on the way.
fn places(value: &Value, pointer: &str, name: &str, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            let kind = ["kind", "type", "key", "segment", "gap", "accept", "tolerance"];
            let kind = kind.iter().find_map(|tag| fields.get(*tag)?.as_str());
            let name = kind.map_or_else(|| name.to_owned(), |kind| format!("{name}({kind})"));
            for (field, value) in fields {
                let step = field.replace('~', "~0").replace('/', "~1");
                let (pointer, name) = (format!("{pointer}/{step}"), format!("{name}.{field}"));
                into.push((pointer.clone(), name.clone()));
                places(value, &pointer, &name, into);
            }
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                let (pointer, name) = (format!("{pointer}/{n}"), format!("{name}[]"));
                into.push((pointer.clone(), name.clone()));
                places(value, &pointer, &name, into);
            }
        }
        _ => {}
    }
}

/// The course without the steps that a place is not in.
fn part(mut course: Course, pointer: &str) -> Course {
    let step = pointer.strip_prefix("/sections/0/lessons/0/steps/");
    if let Some(n) = step.and_then(|rest| rest.split('/').next()?.parse::<usize>().ok()) {
        let steps = &mut course.sections[0].lessons[0].steps;
        *steps = vec![steps.swap_remove(n)];
    }
    course
}

/// The course with another value at one place: the first that the model can have, and the course without it.
fn planted(whole: &Value, pointer: &str) -> Vec<(&'static str, Course)> {
    let was = full::course();
    let read =
        |changed: Value| serde_json::from_value::<Course>(changed).ok().filter(|course| *course != was);
    let mut planted = Vec::new();
    let mut put = |what, values: Vec<Value>| {
        let with = |value| {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer)? = value;
            read(changed)
        };
        planted.extend(values.into_iter().find_map(with).map(|course| (what, course)));
    };
    let value = whole.pointer(pointer).expect("a place");
    match value {
        Value::Array(_) => {
            let mut others = others(value).into_iter();
            put("without its last", others.next().into_iter().collect());
            put("turned round", others.next().into_iter().collect());
        }
        value => put("changed", others(value)),
    }
    let (parent, field) = pointer.rsplit_once('/').expect("a field");
    let mut without = whole.clone();
    if let Some(Value::Object(fields)) = without.pointer_mut(parent) {
        fields.remove(field);
        planted.extend(read(without).map(|course| ("without", course)));
    }
    planted
}

/// Which entry of the list a field goes with.
fn listed(silent: &str) -> Option<&'static str> {
    const BLOCK: &str = "course.sections[].lessons[].steps[].blocks[]";
    let short = silent.replace(BLOCK, "BLOCK");
    let any_kind = short.split_once('(').and_then(|(block, rest)| Some((block, rest.split_once(')')?.1)));
    let any_kind = any_kind.map(|(block, rest)| format!("{block}(*){rest}")).unwrap_or_default();
    let is_meant = |name: &str| match name.split_once("*.extras ") {
        Some((_, what)) => short.contains(".extras") && short.ends_with(what),
        None => short.starts_with(name) || any_kind.starts_with(name),
    };
    NOT_COMPARED.iter().map(|(name, _)| *name).find(|name| is_meant(name))
}

#[tokio::test]
async fn every_field_is_compared_or_known_not_to_be() {
    let whole = serde_json::to_value(full::course()).expect("JSON");
    assert_eq!(found(full::course(), full::course()).await, Vec::<String>::new(), "nothing is planted");
    let mut all = Vec::new();
    places(&whole, "", "course", &mut all);
    // A field that stands at several places is one, and tried at some.
    let mut seen: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    for (pointer, name) in all {
        for (what, course) in planted(&whole, &pointer) {
            let (whole, course) = (part(full::course(), &pointer), part(course, &pointer));
            let mut ways = vec![(what, whole.clone(), course.clone())];
            if what == "without" {
                ways.push(("added", course, whole));
            }
            for (what, source, target) in ways {
                let (is_found, tried) = seen.entry(format!("{name} {what}")).or_default();
                if !*is_found && *tried < 5 {
                    (*is_found, *tried) = (!found(source, target).await.is_empty(), *tried + 1);
                }
            }
        }
    }
    assert!(seen.len() > 400, "{}", seen.len());
    let silent: Vec<&String> =
        seen.iter().filter(|(_, (is_found, _))| !is_found).map(|(field, _)| field).collect();
    let unlisted: Vec<&&String> = silent.iter().filter(|field| listed(field).is_none()).collect();
    assert!(unlisted.is_empty(), "nobody would be told: {unlisted:#?}");
    let used: BTreeSet<&str> = silent.iter().filter_map(|field| listed(field)).collect();
    let idle: Vec<_> = NOT_COMPARED.iter().filter(|(name, _)| !used.contains(name)).collect();
    assert!(idle.is_empty(), "compared after all: {idle:?}");
}
