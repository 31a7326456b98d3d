//! Real courses, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lms_core::{BlockBody, CourseId, Severity};

use super::store::Store;
use crate::convert::read::read_course;

fn shared() -> Option<PathBuf> {
    let path = match std::env::var_os("LMS_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let path = path.join("courses");
    if !path.is_dir() {
        eprintln!("skipped: no courses at {}", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn real_courses_are_read_in_full() {
    let Some(courses) = shared() else { return };
    for name in ["cs1-java", "demo-tasks", "exercices-git", "lsinf1252"] {
        let store = Store::open(&courses.join("inginious").join(name)).expect("a folder");
        let content = read_course(&store, &CourseId::new(name)).expect(name);
        let counts = std::fs::read(courses.join(format!("counts/inginious-{name}.json"))).expect("counts");
        let counts: serde_json::Value = serde_json::from_slice(&counts).expect("JSON");
        let tasks = counts["tasks"].as_u64().expect("tasks");
        assert_eq!(content.native.blocks.get("task").copied(), usize::try_from(tasks).ok(), "{name}");
        let problems: BTreeMap<String, usize> = serde_json::from_value(counts["problems"].clone()).expect("problems");
        assert_eq!(content.native.exercises, problems, "{name}");
        assert_eq!(content.course.steps().count() as u64, tasks, "{name}");
        let exercises = content.course.blocks().filter(|place| place.block.1.exercise().is_some()).count();
        let foreign = content.course.blocks().filter(|place| matches!(place.block.1.body, BlockBody::Foreign(_))).count();
        assert_eq!(exercises + foreign, problems.values().sum::<usize>(), "{name}");
        for finding in &content.findings {
            eprintln!("{name}: {finding}");
            assert!(finding.severity < Severity::Dropped, "{name}: {finding}");
        }
    }
}
