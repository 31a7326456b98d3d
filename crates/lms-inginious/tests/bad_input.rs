//! Course folders that cannot be read are refused by name, and nothing is written.

use std::fs;
use std::io::Write;

use lms_core::{Courses, ErrorKind, LmsProvider, LmsProviderExt};
use lms_inginious::FolderCourse;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TASK: &str = "name: One\nenvironment_type: mcq\nenvironment_id: mcq\nproblems:\n    say: {type: match, name: Say, answer: a}\n";

#[tokio::test]
async fn a_course_file_that_is_no_yaml_is_named_with_its_line() {
    for (text, line) in [
        ("name: A\nadmins: [a\naccessible: true\n", "course.yaml:"),
        ("name: A\n\tadmins: []\n", "course.yaml:1"),
        ("- just\n- a list\n", "course.yaml:1"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let course = folder.path().join("algebra");
        fs::create_dir_all(course.join("one")).expect("a folder");
        fs::write(course.join("course.yaml"), text).expect("written");
        fs::write(course.join("one/task.yaml"), TASK).expect("written");
        let source = FolderCourse::open(&course).expect("a folder");
        let error = source.content(&"algebra".into()).await.expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.resource().is_some_and(|on| on.starts_with(line)), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_task_of_the_wrong_types_is_kept_whole_and_named_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let course = folder.path().join("algebra");
    fs::create_dir_all(course.join("one")).expect("a folder");
    fs::create_dir_all(course.join("two")).expect("a folder");
    fs::write(course.join("course.yaml"), "name: A\n").expect("written");
    fs::write(course.join("one/task.yaml"), TASK).expect("written");
    let odd = "name: Two\nenvironment_type: mcq\nproblems:\n    pick: {type: multiple_choice, choices: 7}\n";
    fs::write(course.join("two/task.yaml"), odd).expect("written");
    let source = FolderCourse::open(&course).expect("a folder");
    let content = source.content(&"algebra".into()).await.expect("the rest can be read");
    assert_eq!(content.course.steps().count(), 2);
    let named = content.findings.iter().any(|finding| finding.path.starts_with("two/task.yaml:4"));
    assert!(named, "{:?}", content.findings);
}

#[tokio::test]
async fn a_name_that_leads_out_of_an_archive_is_refused() {
    for evil in ["../evil.txt", "algebra/../../evil.txt", "/etc/evil.txt", "algebra\\..\\evil.txt"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("algebra.zip");
        let mut zip = ZipWriter::new(fs::File::create(&path).expect("a file"));
        for (name, text) in
            [("algebra/course.yaml", "name: A\n"), ("algebra/one/task.yaml", TASK), (evil, "x")]
        {
            zip.start_file(name, SimpleFileOptions::default()).expect("a name");
            zip.write_all(text.as_bytes()).expect("written");
        }
        zip.finish().expect("an archive");
        let error = match FolderCourse::open(&path) {
            Err(error) => error,
            Ok(source) => {
                assert!(source.authoring().is_some());
                let id = source
                    .require_courses()
                    .expect("courses")
                    .get(&"algebra".into())
                    .await
                    .expect("a title")
                    .id;
                source.content(&id).await.expect_err(evil)
            }
        };
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{evil}: {error}");
        assert!(error.to_string().contains("evil.txt"), "{evil}: {error}");
        assert!(!folder.path().join("evil.txt").exists());
    }
}
