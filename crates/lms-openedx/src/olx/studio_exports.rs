//! What Studio wrote of a real course is read to the same model as the course itself.

use std::collections::BTreeMap;
use std::path::Path;

use lms_core::{Block, BlockBody, Content, Extras};

use super::read::read_folder;
use crate::shared::{folders, shared};

/// What is otherwise in an export, and why.
const EXCEPTIONS: [(&str, &str); 9] = [
    (
        "cleaner-08: block video/",
        "a video without any source shows the platform's own, which Studio writes down",
    ),
    ("cleaner-09: outline ", "Studio cannot read the chapter's file and drops it with all that is in it"),
    ("cleaner-09: block ", "as above"),
    (
        "cleaner-10: block discussion/discussion_",
        "without name and title its name is a hash that Open edX makes",
    ),
    ("cleaner-10: block openassessment/paper-draft", "Studio takes its title from the rubric only"),
    ("cleaner-10: block error/", "a block that Studio cannot read becomes one of its own"),
    (
        "platform-conditional: ",
        "two sequentials have neither name nor title; the conditional, which Studio cannot read, is an `error`",
    ),
    ("platform-split-test-module: outline ", "chapter, sequential and vertical have neither name nor title"),
    ("platform-xml-dag: outline ", "the sequentials have neither name nor title"),
];

#[test]
fn what_studio_wrote_is_read_to_the_same_model() {
    let Some(shared) = shared("courses") else { return };
    let mut wrong = Vec::new();
    let mut compared = 0;
    for export in folders("courses/studio-exports") {
        let name = export.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let original = shared.join("openedx").join(&name);
        let dir = tempfile::tempdir().expect("a folder");
        // The exports lie here without their files.
        copy(&export, dir.path());
        let root = super::files::Files::find(&original).expect("a course");
        let statics = root.root().join("static");
        if statics.is_dir() {
            copy(&statics, &dir.path().join("static"));
        }
        let (was, is) = match (read_folder(&original), read_folder(dir.path())) {
            (Ok(was), Ok(is)) => (was, is),
            (was, is) => {
                wrong.push(format!("{name}: {:?} {:?}", was.err(), is.err()));
                continue;
            }
        };
        let found = compare(&was, &is).into_iter().map(|what| format!("{name}: {what}"));
        wrong.extend(found.filter(|what| !EXCEPTIONS.iter().any(|(known, _)| what.starts_with(known))));
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(compared, 19, "an export is left out");
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        std::fs::copy(entry.path(), target).expect("a copy");
    }
}

/// What a learner would see otherwise.
fn compare(was: &Content, is: &Content) -> Vec<String> {
    let mut found = Vec::new();
    let mut same = |what: String, was: String, is: String| {
        if was != is {
            found.push(format!("{what}\n    was {was:.400}\n    is  {is:.400}"));
        }
    };
    let (old, new) = (&was.course, &is.course);
    same("title".into(), old.title.clone(), new.title.clone());
    // Studio gives a course without an about page its own template.
    if !old.description.is_empty() {
        same("description".into(), format!("{:?}", old.description), format!("{:?}", new.description));
    }
    same("schedule".into(), format!("{:?}", old.schedule), format!("{:?}", new.schedule));
    same("language".into(), format!("{:?}", old.language), format!("{:?}", new.language));
    let outline = |content: &Content| -> Vec<String> {
        let mut lines = Vec::new();
        for section in &content.course.sections {
            lines.push(format!("{} {:?}", section.id, section.title));
            for lesson in &section.lessons {
                lines.push(format!("- {} {:?}", lesson.id, lesson.title));
                lines.extend(lesson.steps.iter().map(|s| format!("-- {} {:?}", s.id, s.title)));
            }
        }
        lines
    };
    let (a, b) = (outline(was), outline(is));
    for line in a.iter().filter(|line| !b.contains(line)) {
        same(format!("outline {line}"), "there".into(), "missing".into());
    }
    for line in b.iter().filter(|line| !a.contains(line)) {
        same(format!("outline {line}"), "missing".into(), "there".into());
    }
    let blocks = |content: &Content| -> BTreeMap<String, Block> {
        content.course.blocks().map(|place| (place.block.1.id.to_string(), place.block.1.clone())).collect()
    };
    let (a, b) = (blocks(was), blocks(is));
    for (id, block) in &a {
        match b.get(id) {
            Some(other) => same(format!("block {id}"), said(block), said(other)),
            None => same(format!("block {id} {}", said(block)), "there".into(), "missing".into()),
        }
    }
    for (id, block) in b.iter().filter(|(id, _)| !a.contains_key(*id)) {
        same(format!("block {id} {}", said(block)), "missing".into(), "there".into());
    }
    found
}

/// All of a block but what only Open edX knows.
fn said(block: &Block) -> String {
    let mut block = Block { extras: Extras::new(), ..block.clone() };
    match &mut block.body {
        BlockBody::Foreign(foreign) => return format!("foreign {} {:?}", foreign.name, block.title),
        // Studio gives transcripts new names, and the files are not here.
        BlockBody::Video(video) => video.transcripts.clear(),
        _ => {}
    }
    spaceless(&format!("{block:?}"))
}

/// Studio indents the XML that it writes, and trims pages: spaces between tags and at the ends of a text, and how
/// many they are, say nothing in HTML.
fn spaceless(text: &str) -> String {
    let text = text.replace("\\n", " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("> <", "><").replace("Markup(\" ", "Markup(\"").replace(" \")", "\")")
}
