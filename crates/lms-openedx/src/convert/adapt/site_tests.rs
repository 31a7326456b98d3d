//! What a plan for a site says, by the way in which the site is written.

use lms_core::{Adapted, BlockBody, Severity};

use super::adapt_to_site;
use crate::CheckOptions;
use crate::olx::read::read_folder;
use crate::options::WriteBy;

fn planned(files: &[(&str, &str)], way: WriteBy) -> Adapted {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("a folder");
        std::fs::write(full, text).expect("a file");
    }
    let course = read_folder(dir.path()).expect("a course").course;
    adapt_to_site(&course, &CheckOptions::default(), way)
}

fn in_unit(blocks: &str) -> String {
    format!(
        "<course url_name='r' org='O' course='C' display_name='T' start='2020-01-01T00:00:00Z' max_attempts='2'>\
         <chapter url_name='c'><sequential url_name='s'><vertical url_name='v'>{blocks}</vertical></sequential>\
         </chapter></course>"
    )
}

/// The findings from `Approximated` on, as text, and the sources of foreign blocks.
fn said(adapted: &Adapted) -> (Vec<String>, Vec<String>) {
    let findings = adapted.findings.iter().filter(|f| f.severity >= Severity::Approximated);
    let findings = findings.map(|f| format!("{:?} {} {}: {}", f.severity, f.path, f.what, f.why)).collect();
    let sources = adapted.course.blocks().filter_map(|place| match &place.block.1.body {
        BlockBody::Foreign(foreign) => Some(foreign.source.clone()),
        _ => None,
    });
    (findings, sources.collect())
}

#[test]
fn two_blocks_with_one_name_get_two() {
    let course =
        in_unit("<html url_name='a'>one</html><html url_name='a'>two</html><html url_name='a'>one</html>");
    for way in [WriteBy::Archive, WriteBy::Blocks] {
        let adapted = planned(&[("course.xml", &course)], way);
        let blocked: Vec<_> = adapted.findings.iter().filter(|f| f.severity == Severity::Blocked).collect();
        assert_eq!(blocked, Vec::<&lms_core::Finding>::new());
        let renamed = adapted.findings.iter().filter(|f| f.why.contains("another block has its name"));
        assert_eq!(
            renamed.filter_map(|f| f.block.as_ref()).map(|id| id.as_str()).collect::<Vec<_>>(),
            ["html/a~2"]
        );
    }
}

#[test]
fn old_names_of_settings_and_inline_blocks_are_written_as_a_site_gives_them_back() {
    let course = in_unit(
        "<discussion slug='d' id='topic' for='All'/><split_test url_name='t'><!-- c --><vertical url_name='one'>\
         <html>Hi</html><done url_name='x'/></vertical></split_test>",
    );
    let adapted = planned(&[("course.xml", &course)], WriteBy::Archive);
    let (findings, sources) = said(&adapted);
    assert_eq!(findings, Vec::<String>::new());
    let wanted = [
        r#"<discussion url_name="d" discussion_id="topic" discussion_target="All"/>"#,
        r#"<split_test url_name="t"><vertical url_name="one"/></split_test>"#,
    ];
    assert_eq!(sources, wanted);
    let dir = tempfile::tempdir().expect("a folder");
    crate::olx::write::write(&adapted.course, dir.path()).expect("written");
    let file = |path: &str| std::fs::read_to_string(dir.path().join(path)).expect(path);
    let unit =
        r#"<vertical><html url_name="one-html-1"/><done url_name="x" xblock-family="xblock.v1"/></vertical>"#;
    assert_eq!(file("vertical/one.xml").trim(), unit);
    assert_eq!(file("html/one-html-1.html"), "Hi");
}

#[test]
fn what_no_request_can_write_is_said_before_anything_is_sent() {
    let course = in_unit(
        "<openassessment url_name='o'><title>Essay</title></openassessment>\
         <problem url_name='p' attempts='' markdown='null'><imageresponse/></problem><word_cloud url_name='w'/>",
    );
    let files = [("course.xml", course.as_str()), ("info/updates.html", "<p/>"), ("static/a.txt", "a")];
    let adapted = planned(&files, WriteBy::Blocks);
    let (findings, sources) = said(&adapted);
    let about = |what: &str| findings.iter().filter(|f| f.contains(what)).count();
    assert_eq!(
        about("the content of a openassessment goes in with the whole course only"),
        1,
        "{findings:#?}"
    );
    assert_eq!(about("problem: attempts"), 1, "{findings:#?}");
    assert_eq!(about("max_attempts"), 1, "{findings:#?}");
    assert_eq!(about("info/updates.html"), 1, "{findings:#?}");
    assert_eq!(findings.len(), 4, "{findings:#?}");
    assert_eq!(
        sources,
        [r#"<problem url_name="p"><imageresponse/></problem>"#, "<word_cloud url_name='w'/>"]
    );
    assert_eq!(adapted.course.assets.len(), 1);
    let (by_archive, _) = said(&planned(&files, WriteBy::Archive));
    assert_eq!(by_archive, Vec::<String>::new());
}
