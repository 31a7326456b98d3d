//! A course folder of INGInious' own making, written again: nothing is lost, and what is not written as it was is said.

use std::fs;
use std::path::{Path, PathBuf};

use lms_core::{
    AssetBody, AssetLinks, Authoring, Content, Course, Courses, ExistingCourse, Interaction, NewCourse,
    Severity, Slot,
};
use lms_inginious::FolderCourse;

const COURSE: &str = "\
name: Algebra
description: |
    Sums, and :math:`x^2`.
admins: [ann]
tutors: [tim]
accessible: true
registration: true
registration_password: sesame
groups_student_choice: true
tags:
    loops: {name: Loops, description: For, type: 1, visible: true}
    warmup: {name: Warm-up, type: 2}
task_dispenser: combinatory_test
rated_by: [ann]
dispenser_data:
    toc:
    -   {id: pool, title: Pool, config: {amount: 1}, tasks_list: [one, two]}
    config:
        one: {accessibility: true, weight: 2.0, categories: [start], evaluation_mode: last}
        two: {accessibility: '2030-01-01 00:00:00/', group_submission: true, submission_limit: {amount: 2, period: 24}}
    imported: true
";

/// Comments, keys that nobody knows, a plugin, and texts of every kind.
const ONE: &str = "\
# Who changes this, tells Ann.
name: One   # shown in lists
author: Ann
context: |
    A table, a formula and a program:

    ===  ===
    a    b
    ===  ===
    1    2
    ===  ===

    .. math:: x^2 + 1

    .. code-block:: python

        # no comment of YAML
        x = 1

    .. raw:: html

        <b>raw</b>

    .. image:: one/dot.png

environment_type: docker
environment_id: default
environment_parameters: {limits: {time: '20', hard_time: '', memory: '100'}, run_cmd: ''}
moon: full
problems:
    code:
        type: code
        name: Code
        header: Double it.
        language: python
        default: |-
            # yours
            pass
        stars: 3
    puzzle: {type: blockly, name: Puzzle, toolbox: <xml/>}
";

/// The names of kinds from before 0.5.
const TWO: &str = "\
name: Two
environment: default
problems:
    pick: {type: multiple-choice, name: Pick, choices: [{text: a, valid: true}, {text: b}]}
    line: {type: code-single-line, name: Line, language: plain}
    paper: {type: code-file, name: Paper, allowed_exts: [.txt]}
";

fn folder(root: &Path) -> PathBuf {
    let course = root.join("algebra");
    for (name, text) in [
        ("course.yaml", COURSE),
        ("one/task.yaml", ONE),
        ("one/run", "#!/bin/bash\nfeedback-result success\n"),
        ("one/public/dot.png", "PNG"),
        ("two/task.yaml", TWO),
        ("$common/run.py", "print('for all')\n"),
        ("$common/public/all.txt", "all"),
        ("one/$i18n/de.mo", "version https://git-lfs"),
        ("$i18n/fr.mo", ""),
    ] {
        let path = course.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    fs::write(course.join("$i18n/fr.mo"), [0xde, 0x12, 0x04, 0x95, 0, 0]).expect("written");
    course
}

/// Writes a course the way a migration does, into a folder of the same name.
async fn written(source: &FolderCourse, course: &Course, root: &Path) -> (PathBuf, Content) {
    let path = root.join("copy").join("algebra");
    fs::create_dir_all(&path).expect("made");
    let target = FolderCourse::create(&path).expect("a place");
    let new = NewCourse { existing: ExistingCourse::Refuse, ..NewCourse::default() };
    let id = target.create_course(&course.header(), &new).await.expect("made");
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let body = source.read_asset(&"algebra".into(), &asset.id).await.expect("a file");
        let bytes = body.into_bytes(1 << 20).await.expect("bytes");
        let link = target.put_asset(&id, asset, AssetBody::from_bytes(bytes)).await.expect("stored");
        links.insert(asset.id.clone(), link);
    }
    for (s, section) in (1..).zip(&course.sections) {
        let at = target.put_section(&id, section, &Slot::new(s), &links).await.expect("a section");
        for (l, lesson) in (1..).zip(&section.lessons) {
            let at = target.put_lesson(&id, &at, lesson, &Slot::new(l)).await.expect("a lesson");
            for (t, step) in (1..).zip(&lesson.steps) {
                target.put_step(&id, &at, step, &Slot::new(t), &links).await.expect("a step");
            }
        }
    }
    target.finish(&id, &course.header(), &links).await.expect("finished");
    let content = target.content(&id).await.expect("read back");
    (path, content)
}

/// What is read back is what was written; the id of a file is its name in the folder.
fn same(back: &Course, written: &Course) {
    for (back, written) in back.steps().zip(written.steps()) {
        assert_eq!(back, written);
    }
    assert_eq!(back.sections, written.sections);
    assert_eq!((&back.extras, &back.description), (&written.extras, &written.description));
    let names = |course: &Course| course.assets.iter().map(|asset| asset.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(back), names(written));
}

#[tokio::test]
async fn a_course_comes_back_as_it_was() {
    let root = tempfile::tempdir().expect("a folder");
    let path = folder(root.path());
    let source = FolderCourse::open(&path).expect("a course");
    let content = source.content(&"algebra".into()).await.expect("read");
    let secret =
        content.findings.iter().find(|finding| finding.what == "registration_password").expect("it is named");
    assert!(secret.path == "course.yaml:8" && !secret.to_string().contains("sesame"), "{secret}");
    let translations: Vec<&str> =
        content.findings.iter().filter(|f| f.what == "translations").map(|f| f.path.as_str()).collect();
    assert_eq!(translations, ["file one/$i18n/de.mo"], "a site falls over what is no catalogue");
    let adapted = source.adapt(&content.course);
    let (copy, back) = written(&source, &adapted.course, root.path()).await;
    same(&back.course, &adapted.course);
    assert!(!copy.join("one/$i18n/de.mo").exists());
    let problems = |content: &Content| content.native.exercises.values().sum::<usize>();
    assert_eq!(problems(&back), problems(&content));

    // An unchanged task is written byte by byte, comments and all.
    let text = |root: &Path, name: &str| fs::read_to_string(root.join(name)).expect(name);
    assert_eq!(text(&copy, "one/task.yaml"), ONE);
    for name in ["one/run", "one/public/dot.png", "$common/run.py", "$common/public/all.txt", "$i18n/fr.mo"] {
        let there = copy.join(name).exists() || copy.join("files").join(name).exists();
        assert!(there, "{name} is lost");
    }
    let head = text(&copy, "course.yaml");
    for part in [
        "task_dispenser: combinatory_test",
        "amount: 1",
        "loops:",
        "warmup:",
        "rated_by:",
        "tim",
        "sesame",
        "groups_student_choice: true",
        "evaluation_mode: last",
        "group_submission: true",
        "period: 24",
        "categories:",
    ] {
        assert!(head.contains(part), "{part} is lost:\n{head}");
    }
    // Old kinds are written under their names of today, which INGInious can read.
    let two = text(&copy, "two/task.yaml");
    for kind in ["multiple_choice", "code_single_line", "type: file"] {
        assert!(two.contains(kind), "{two}");
    }
    assert!(two.contains("environment: default"), "INGInious reads the old name of the environment: {two}");
}

#[tokio::test]
async fn what_a_changed_task_loses_is_said() {
    let root = tempfile::tempdir().expect("a folder");
    let source = FolderCourse::open(folder(root.path())).expect("a course");
    let mut course = source.content(&"algebra".into()).await.expect("read").course;
    course.sections[0].lessons[0].steps[0].title = "Uno".into();
    let adapted = source.adapt(&course);
    let said =
        adapted.findings.iter().find(|finding| finding.what == "comments").expect("comments are named");
    assert_eq!((said.path.as_str(), said.severity), ("task one", Severity::Approximated));
    let (copy, back) = written(&source, &adapted.course, root.path()).await;
    let text = fs::read_to_string(copy.join("one/task.yaml")).expect("written");
    assert!(text.contains("name: Uno") && !text.contains("tells Ann"), "{text}");
    for part in ["moon: full", "stars: 3", "blockly", "# no comment of YAML", "# yours", "<b>raw</b>"] {
        assert!(text.contains(part), "{part} is lost:\n{text}");
    }
    same(&back.course, &adapted.course);
}

#[tokio::test]
async fn tasks_that_are_not_listed_are_not_written_over() {
    let root = tempfile::tempdir().expect("a folder");
    let path = folder(root.path());
    let course = FolderCourse::open(&path).expect("a course");
    let adapted = course.adapt(&course.content(&"algebra".into()).await.expect("read").course).course;
    let lesson = &adapted.sections[0].lessons[0];
    let mut step = lesson.steps[1].clone();
    (step.id, step.title) = ("three".into(), "Three".into());
    fs::create_dir(path.join("three")).expect("made");
    fs::write(path.join("three/task.yaml"), TWO).expect("written");
    let put = async || {
        // Opened anew, as a run that goes on does.
        let course = FolderCourse::open(&path).expect("a course");
        course
            .put_step(&adapted.id, &lesson.id, &step, &Slot::new(3), &AssetLinks::new())
            .await
            .expect("written")
    };
    assert_eq!(put().await.as_str(), "three-2");
    assert_eq!(fs::read_to_string(path.join("three/task.yaml")).expect("there"), TWO);

    // What a run left that broke off before it listed the task is no task of somebody else.
    fs::write(path.join("course.yaml"), COURSE).expect("written");
    fs::rename(path.join("three-2/task.yaml"), path.join("three/task.yaml")).expect("moved");
    assert_eq!(put().await.as_str(), "three");
}

#[tokio::test]
async fn comments_that_cannot_be_kept_are_named_when_a_course_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    let path = folder(root.path());
    fs::write(path.join("course.yaml"), format!("# Ours.\n{COURSE}")).expect("written");
    fs::write(path.join("two/task.yaml"), format!("# Old.\n{TWO}")).expect("written");
    let source = FolderCourse::open(&path).expect("a course");
    let content = source.content(&"algebra".into()).await.expect("read");
    let named: Vec<&str> =
        content.findings.iter().filter(|f| f.what == "comments").map(|f| f.path.as_str()).collect();
    assert_eq!(named, ["course.yaml", "two/task.yaml"]);
}

#[tokio::test]
async fn old_kinds_are_read_as_those_of_today() {
    let root = tempfile::tempdir().expect("a folder");
    let source = FolderCourse::open(folder(root.path())).expect("a course");
    let content = source.content(&"algebra".into()).await.expect("read");
    let kind = |id: &str| {
        let exercise = content.course.block(&id.into()).expect(id).block.1.exercise().expect(id);
        exercise.interaction.clone()
    };
    assert!(matches!(kind("two/pick"), Interaction::Choice(_)));
    assert!(matches!(kind("two/line"), Interaction::Code(code) if code.single_line));
    assert!(matches!(kind("two/paper"), Interaction::FileUpload(file) if file.extensions == [".txt"]));
}
