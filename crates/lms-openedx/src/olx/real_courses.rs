//! Every real course at hand is read, and its counts held against those of an independent counter.

use std::collections::BTreeMap;

use lms_core::{Course, NativeCounts};

use super::files::Files;
use super::read::{header, read_folder};
use crate::shared::{folders, shared};

#[test]
fn counts_are_those_of_the_independent_counter() {
    let Some(shared) = shared("") else { return };
    let mut compared = 0;
    for folder in folders("courses/openedx") {
        let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let counts = std::fs::read_to_string(shared.join(format!("courses/counts/openedx-{name}.json")));
        let counts: serde_json::Value = serde_json::from_str(&counts.expect("counts")).expect("JSON");
        let expected = |key: &str| -> BTreeMap<String, usize> {
            serde_json::from_value(counts[key].clone()).expect("a map of numbers")
        };
        match read_folder(&folder) {
            Ok(content) => {
                let NativeCounts { blocks, exercises } = &content.native;
                assert_eq!(*blocks, expected("blocks"), "{name}");
                assert_eq!(*exercises, expected("responses"), "{name}");
                compared += 1;
            }
            Err(error) => {
                assert!(expected("blocks").is_empty(), "{name}: {error}");
            }
        }
    }
    assert!(compared > 25, "only {compared} courses were compared");
}

#[test]
fn the_header_alone_says_what_the_whole_course_says() {
    for folder in folders("courses/openedx") {
        let Ok(files) = Files::find(&folder) else { continue };
        let (alone, whole) = (header(&files), read_folder(&folder));
        match (alone, whole) {
            (Ok(alone), Ok(whole)) => {
                let said =
                    |c: &Course| (c.id.clone(), c.title.clone(), c.summary.clone(), c.language.clone());
                assert_eq!(said(&alone), said(&whole.course));
                assert!(alone.sections.is_empty());
            }
            (alone, whole) => assert_eq!(
                alone.map_err(|e| e.to_string()).map(|c| c.id),
                whole.map_err(|e| e.to_string()).map(|c| c.course.id)
            ),
        }
    }
}

#[test]
fn reading_and_writing_loses_nothing() {
    let Some(_) = shared("courses") else { return };
    let mut compared = 0;
    for group in ["openedx", "studio-exports"] {
        for folder in folders(&format!("courses/{group}")) {
            let Ok(first) = read_folder(&folder) else { continue };
            let dir = tempfile::tempdir().expect("a folder");
            let root = super::files::Files::find(&folder).expect("a course");
            for asset in &first.course.assets {
                let path = super::read::path_of(asset.id.as_str());
                let to = dir.path().join(&path);
                std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
                std::fs::copy(root.root().join(&path), to).expect("a copy");
            }
            super::write::write(&first.course, dir.path()).expect("the course is written");
            let second = read_folder(dir.path()).expect("it reads back");
            assert_eq!(first.native, second.native, "{}", folder.display());
            for (was, is) in first.course.blocks().zip(second.course.blocks()) {
                assert_eq!(was.block.1, is.block.1, "{}: {}", folder.display(), was.place());
            }
            assert_eq!(first.course.header(), second.course.header(), "{}", folder.display());
            assert_eq!(first.course.assets, second.course.assets, "{}", folder.display());
            for (was, is) in first.course.sections.iter().zip(&second.course.sections) {
                assert_eq!((&was.id, &was.extras), (&is.id, &is.extras), "{}", folder.display());
                for (was, is) in was.lessons.iter().zip(&is.lessons) {
                    assert_eq!(
                        (&was.id, &was.extras, was.steps.len()),
                        (&is.id, &is.extras, is.steps.len()),
                        "{}",
                        folder.display()
                    );
                }
            }
            assert_eq!(first.course.sections, second.course.sections, "{}", folder.display());
            compared += 1;
        }
    }
    assert!(compared > 40, "only {compared} courses were compared");
}

/// Real exercises, written anew instead of as they stood, ask and mark the same.
#[test]
fn exercises_written_anew_say_the_same() {
    use lms_core::{BlockBody, Extras};
    let Some(_) = shared("courses") else { return };
    let mut compared = 0;
    for folder in folders("courses/openedx") {
        let Ok(content) = read_folder(&folder) else { continue };
        let mut course = content.course;
        for step in course.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps) {
            // One that nobody may try has no form of its own, which `adapt` foresees and names.
            step.blocks.retain(|block| block.exercise().is_some_and(|e| e.scoring.attempts != Some(0)));
            step.blocks.iter_mut().for_each(|block| block.extras = Extras::new());
        }
        let adapted = crate::convert::adapt(&course).course;
        let dir = tempfile::tempdir().expect("a folder");
        super::write::write(&adapted, dir.path()).expect("written");
        let back = read_folder(dir.path()).expect("read").course;
        let exercises = |course: &lms_core::Course| -> Vec<lms_core::Exercise> {
            let all = course.blocks().filter_map(|place| place.block.1.exercise().cloned());
            all.map(|exercise| lms_core::Exercise { task: "any".into(), ..exercise }).collect()
        };
        for ((was, adapted), is) in exercises(&course).iter().zip(exercises(&adapted)).zip(exercises(&back)) {
            // The files are not there, so links to them are not found.
            assert_eq!(
                (&adapted.interaction, &adapted.key),
                (&is.interaction, &is.key),
                "{}",
                folder.display()
            );
            assert_eq!(was.scoring, is.scoring, "{}", folder.display());
            if !matches!(was.interaction, lms_core::Interaction::Code(_)) {
                assert_eq!(was.prompt.plain(), is.prompt.plain(), "{}", folder.display());
            }
            compared += 1;
        }
        assert!(adapted.blocks().all(|place| !matches!(place.block.1.body, BlockBody::Foreign(_))));
    }
    assert!(compared > 150, "only {compared} exercises were compared");
}
