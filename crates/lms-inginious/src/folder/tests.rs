//! Real courses, where they are at hand.

#[path = "../../../../tests/support/shared.rs"]
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{
    AssetBody, AssetId, AssetLinks, Authoring, BlockBody, Course, CourseId, Courses, NewCourse, Severity,
    Slot,
};

use super::FolderCourse;
use super::store::Store;
use crate::convert::read::read_course;
use shared::shared;

#[test]
fn real_courses_are_read_in_full() {
    let Some(courses) = shared("courses") else { return };
    for name in ["cs1-java", "demo-tasks", "exercices-git", "lsinf1252"] {
        let store = Store::open(&courses.join("inginious").join(name)).expect("a folder");
        let content = read_course(&store, &CourseId::new(name)).expect(name);
        let counts = std::fs::read(courses.join(format!("counts/inginious-{name}.json"))).expect("counts");
        let counts: serde_json::Value = serde_json::from_slice(&counts).expect("JSON");
        let tasks = counts["tasks"].as_u64().expect("tasks");
        assert_eq!(content.native.blocks.get("task").copied(), usize::try_from(tasks).ok(), "{name}");
        let problems: BTreeMap<String, usize> =
            serde_json::from_value(counts["problems"].clone()).expect("problems");
        assert_eq!(content.native.exercises, problems, "{name}");
        assert_eq!(content.course.steps().count() as u64, tasks, "{name}");
        let exercises = content.course.blocks().filter(|place| place.block.1.exercise().is_some()).count();
        let foreign = content
            .course
            .blocks()
            .filter(|place| matches!(place.block.1.body, BlockBody::Foreign(_)))
            .count();
        assert_eq!(exercises + foreign, problems.values().sum::<usize>(), "{name}");
        for finding in &content.findings {
            eprintln!("{name}: {finding}");
            // The published courses have files of translations that are none.
            let is_fine = finding.severity < Severity::Dropped || finding.what == "translations";
            assert!(is_fine, "{name}: {finding}");
        }
    }
}

/// The course with ids that do not depend on where it was read, and files known by their names.
fn normal(course: &Course) -> Course {
    let names: BTreeMap<String, String> =
        course.assets.iter().map(|asset| (asset.id.to_string(), asset.name.clone())).collect();
    let rename = |value: &mut serde_json::Value| {
        let text = serde_json::to_string(value).expect("JSON");
        let text = names.iter().fold(text, |text, (id, name)| {
            text.replace(&format!("asset:{id}\\\""), &format!("asset:{name}\\\""))
        });
        *value = serde_json::from_str(&text).expect("JSON");
    };
    let mut course = course.clone();
    course.id = "course".into();
    for asset in &mut course.assets {
        asset.id = asset.name.as_str().into();
        asset.size = None;
    }
    let mut blocks = 0;
    for (s, section) in course.sections.iter_mut().enumerate() {
        section.id = format!("s{s}").into();
        for (l, lesson) in section.lessons.iter_mut().enumerate() {
            lesson.id = format!("s{s}l{l}").into();
            for (t, step) in lesson.steps.iter_mut().enumerate() {
                step.id = format!("s{s}l{l}t{t}").into();
                for block in &mut step.blocks {
                    block.id = format!("b{blocks}").into();
                    blocks += 1;
                    if let BlockBody::Exercise(exercise) = &mut block.body {
                        exercise.task = format!("s{s}l{l}t{t}").into();
                    }
                }
            }
        }
    }
    let mut value = serde_json::to_value(&course).expect("JSON");
    rename(&mut value);
    serde_json::from_value(value).expect("a course")
}

/// Writes an adapted course the way a migration does.
async fn write(target: &FolderCourse, adapted: &Course, bytes: impl Fn(&AssetId) -> Vec<u8>) -> CourseId {
    let id = target.create_course(&adapted.header(), &NewCourse::default()).await.expect("created");
    let mut links = AssetLinks::new();
    for asset in &adapted.assets {
        let link =
            target.put_asset(&id, asset, AssetBody::from_bytes(bytes(&asset.id))).await.expect("stored");
        links.insert(asset.id.clone(), link);
    }
    for (s, section) in (1..).zip(&adapted.sections) {
        let at = target.put_section(&id, section, &Slot::new(s), &links).await.expect("section");
        for (l, lesson) in (1..).zip(&section.lessons) {
            let at = target.put_lesson(&id, &at, lesson, &Slot::new(l)).await.expect("lesson");
            for (t, step) in (1..).zip(&lesson.steps) {
                target.put_step(&id, &at, step, &Slot::new(t), &links).await.expect("step");
            }
        }
    }
    target.finish(&id, &adapted.header(), &links).await.expect("finished");
    id
}

fn same(left: &Course, right: &Course, name: &str) {
    let (left, right) = (normal(left), normal(right));
    for (a, b) in left.blocks().zip(right.blocks()) {
        assert_eq!(a.block.1, b.block.1, "{name}: {}", a.place());
    }
    for (a, b) in left.steps().zip(right.steps()) {
        assert_eq!(a, b, "{name}");
    }
    assert_eq!(left.assets, right.assets, "{name}");
    assert_eq!(left, right, "{name}");
}

#[tokio::test]
async fn real_courses_come_back_from_a_folder_and_from_an_archive() {
    let Some(courses) = shared("courses") else { return };
    for name in ["cs1-java", "demo-tasks", "exercices-git", "lsinf1252"] {
        let path = courses.join("inginious").join(name);
        let source = FolderCourse::open(&path).expect("a course");
        let content = source.content(&name.into()).await.expect("read");
        let adapted = source.adapt(&content.course);
        let lost: Vec<_> = adapted.findings.iter().filter(|f| f.block.is_some()).collect();
        assert!(lost.is_empty(), "{name}: its own blocks fit: {lost:?}");
        let known: BTreeSet<_> = adapted.carried.iter().map(|c| c.source.clone()).collect();
        assert!(
            content.course.blocks().all(|p| known.contains(&p.block.1.id)),
            "{name}: all blocks are accounted for"
        );
        let again = source.adapt(&adapted.course);
        same(&again.course, &adapted.course, name);
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&path).expect("a folder");
        for file in [name.to_owned(), format!("{name}.zip")] {
            let target = FolderCourse::create(folder.path().join(file)).expect("a place");
            let id =
                write(&target, &adapted.course, |id| store.read(id.as_str(), u64::MAX - 1).expect("bytes"))
                    .await;
            let back = target.content(&id).await.expect("read back");
            same(&back.course, &adapted.course, name);
            assert_eq!(
                back.native.exercises.values().sum::<usize>(),
                content.native.exercises.values().sum::<usize>(),
                "{name}"
            );
        }
    }
}
