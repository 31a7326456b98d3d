//! A course goes from one archive to another through the traits alone.

use std::path::Path;

use lms_core::{
    AssetLinks, Authoring, BlockBody, Content, Course, Courses, ErrorKind, ExistingCourse, LmsProvider,
    LmsProviderExt, NewCourse, Slot,
};
use lms_openedx::{ArchiveForm, OlxArchive, looks_like_olx};

/// A small course as an author might write it by hand.
fn author(dir: &Path) {
    let files: [(&str, &str); 9] = [
        ("course.xml", "<course url_name=\"r1\" org=\"Org\" course=\"C1\"/>"),
        (
            "course/r1.xml",
            "<course display_name=\"Warm-up\" start=\"&quot;2025-09-01T00:00:00Z&quot;\" language=\"en\">\n\
             <chapter url_name=\"ch\"/><wiki slug=\"w\"/></course>",
        ),
        (
            "chapter/ch.xml",
            "<chapter display_name=\"One\"><sequential url_name=\"s\" display_name=\"S\" graded=\"true\" format=\"Homework\">\
             <vertical url_name=\"v\"><html url_name=\"h\"/><problem url_name=\"p\"/>\
             <poll url_name=\"x\" question=\"Why?\"/></vertical></sequential></chapter>",
        ),
        ("html/h.xml", "<html filename=\"h\" display_name=\"Read\"/>"),
        ("html/h.html", "<p>See <img src=\"/static/fig.png\"> and [mathjaxinline]x^2[/mathjaxinline]</p>"),
        (
            "problem/p.xml",
            "<problem display_name=\"Sum\" max_attempts=\"3\" weight=\"2\"><p>1+1?</p><numericalresponse answer=\"2\">\
             <formulaequationinput/></numericalresponse><p>Both?</p><optionresponse>\
             <optioninput options=\"('yes','no')\" correct=\"no\"/></optionresponse></problem>",
        ),
        ("static/fig.png", "not really a picture"),
        ("drafts/vertical/d.xml", "<vertical/>"),
        (
            "policies/r1/grading_policy.json",
            "{\"GRADER\":[{\"type\":\"Homework\",\"min_count\":1,\"drop_count\":0,\"weight\":1}],\"GRADE_CUTOFFS\":{\"Pass\":0.5}}",
        ),
    ];
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

async fn content(archive: &OlxArchive) -> Content {
    let courses = archive.require_courses().expect("courses");
    let summary = courses.list(Default::default()).expect("a listing").all().await.expect("read").remove(0);
    courses.content(&summary.id).await.expect("content")
}

async fn copy(from: &OlxArchive, to: &OlxArchive, new: NewCourse) -> lms_core::Result<Course> {
    let source = content(from).await.course;
    let adapted = to.adapt(&source);
    assert_eq!(adapted.findings, [], "a course of the same platform loses nothing");
    let course = adapted.course;
    let id = to.create_course(&course.header(), &new).await?;
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let body = from.read_asset(&source.id, &asset.id).await?;
        links.insert(asset.id.clone(), to.put_asset(&id, asset, body).await?);
    }
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = to.put_section(&id, section, &Slot::new(s), &links).await?;
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id = to.put_lesson(&id, &section_id, lesson, &Slot::new(l)).await?;
            for (t, step) in (1..).zip(&lesson.steps) {
                to.put_step(&id, &lesson_id, step, &Slot::new(t), &links).await?;
            }
        }
    }
    to.finish(&id, &course.header(), &links).await?;
    Ok(course)
}

#[tokio::test]
async fn a_copy_says_the_same_whatever_its_form() {
    let dir = tempfile::tempdir().expect("a folder");
    author(&dir.path().join("from"));
    let from = OlxArchive::open(dir.path().join("from")).expect("open");
    let original = content(&from).await;
    assert_eq!(original.native.exercises.len(), 2);
    assert!(original.findings.iter().any(|f| f.path.starts_with("drafts/")), "drafts are named");
    for (name, form) in [("to.tar.gz", ArchiveForm::TarGz), ("to", ArchiveForm::Folder)] {
        let path = dir.path().join(name);
        let to = OlxArchive::create(&path, form).expect("create");
        copy(&from, &to, NewCourse::default()).await.expect("copied");
        assert!(looks_like_olx(&path));
        assert_eq!(content(&to).await.course, original.course, "{name}");
        let again = OlxArchive::open(&path).expect("open");
        assert_eq!(content(&again).await.course, original.course, "{name}");
        let refused = copy(&from, &again, NewCourse::default()).await.expect_err("it is there");
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        let replace = NewCourse { existing: ExistingCourse::Replace, ..NewCourse::default() };
        copy(&from, &again, replace).await.expect("replaced");
        assert_eq!(content(&again).await.course, original.course, "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(dir.path()).expect("a folder").filter_map(Result::ok).collect();
    let hidden = left.iter().filter(|e| e.file_name().to_string_lossy().starts_with(".olx-old")).count();
    assert_eq!(hidden, 0, "nothing is left behind");
}

#[tokio::test]
async fn a_changed_block_changes_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    author(dir.path());
    let archive = OlxArchive::open(dir.path()).expect("open");
    let mut course = content(&archive).await.course;
    let before = course.clone();
    let mut step = course.sections[0].lessons[0].steps[0].clone();
    for block in &mut step.blocks {
        if let BlockBody::Exercise(exercise) = &mut block.body {
            exercise.scoring.attempts = Some(5);
        }
    }
    course.sections[0].lessons[0].steps[0] = step.clone();
    let lesson = course.sections[0].lessons[0].id.clone();
    let slot = Slot { position: 1, existing: Some(step.id.clone()) };
    archive.put_step(&course.id, &lesson, &step, &slot, &AssetLinks::new()).await.expect("put");
    archive.finish(&course.id, &course.header(), &AssetLinks::new()).await.expect("finish");
    let after = content(&archive).await.course;
    for (was, is) in before.blocks().zip(after.blocks()) {
        match (was.block.1.exercise(), is.block.1.exercise()) {
            (Some(was), Some(is)) => {
                assert_eq!(is.scoring.attempts, Some(5));
                assert_eq!(
                    (&was.prompt, &was.key, was.scoring.points),
                    (&is.prompt, &is.key, is.scoring.points)
                );
            }
            _ => assert_eq!(was.block.1, is.block.1),
        }
    }
    assert_eq!(archive.info().location, dir.path().display().to_string());
}

#[tokio::test]
async fn what_is_no_course_is_refused_with_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(!looks_like_olx(dir.path()));
    assert_eq!(OlxArchive::open(dir.path()).expect_err("no course").kind(), ErrorKind::InvalidInput);
    assert_eq!(OlxArchive::open(dir.path().join("none")).expect_err("nothing").kind(), ErrorKind::NotFound);
    std::fs::write(dir.path().join("course.xml"), "<course\n url_name='x'>\n&nbsp;</course>")
        .expect("a file");
    let archive = OlxArchive::open(dir.path()).expect("there is a root");
    let error = archive.list(Default::default()).expect("a listing").all().await.expect_err("not XML");
    assert!(error.to_string().contains("course.xml:3"), "{error}");
}
