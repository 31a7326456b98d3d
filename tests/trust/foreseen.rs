//! What the import of a site would lose or refuse of a course is said by the dry run, and does not spoil the rest.

use std::fs;
use std::path::Path;

use lms::migrate::{Plan, Quiet, apply, plan, verify};
use lms::openedx::OlxArchive;
use lms::{BlockBody, CourseId, CoursesExt, LmsProviderExt, NewCourse, Severity};

use self::openedx::site;

#[path = "../support/openedx.rs"]
mod openedx;

const COURSE: [(&str, &str); 12] = [
    ("course.xml", "<course url_name=\"run\" org=\"O\" course=\"C\"/>"),
    (
        "course/run.xml",
        "<course display_name=\"Sails\"><chapter url_name=\"c\" display_name=\"Wind\"><sequential url_name=\"s\" \
         display_name=\"Knots\"><vertical url_name=\"v\" display_name=\"Reef\"><html url_name=\"t\" \
         display_name=\"Why\"><p>To reef.</p></html><hologram url_name=\"h\" display_name=\"A knot\"><p>Turn \
         it.</p></hologram><split_test url_name=\"x\"><vertical url_name=\"w\"><hologram url_name=\"i\"/></vertical>\
         </split_test></vertical></sequential><videosequence url_name=\"q\" display_name=\"Old\"><html url_name=\"u\">\
         <p>Once.</p></html></videosequence></chapter></course>",
    ),
    ("policies/run/policy.json", "{\"course/run\": {\"start\": \"2024-01-01T00:00:00Z\"}}"),
    ("policies/assets.json", "{\"a.txt\": {\"locked\": true}}"),
    ("about/effort.html", "two hours"),
    ("info/updates.html", "<p>None.</p>"),
    ("info/updates.html~", "<p>Nothing.</p>"),
    ("tabs/notes.html", "<p>Notes.</p>"),
    ("static/a.txt", "for all"),
    ("extra/notes.txt", "for the author"),
    ("drafts/vertical/d.xml", "<vertical display_name=\"Later\"><hologram url_name=\"z\"/></vertical>"),
    ("README.md", "of the repository"),
];

fn course(folder: &Path, more: &[(&str, &str)]) -> OlxArchive {
    for (name, text) in COURSE.iter().chain(more) {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("written");
    }
    OlxArchive::open(folder).expect("it opens")
}

async fn first(source: &OlxArchive) -> CourseId {
    source.require_courses().expect("it reads").first_course().await.expect("a course").id
}

fn named<'a>(plan: &'a Plan, what: &str) -> Vec<(Severity, &'a str)> {
    let findings = plan.adapted.findings.iter();
    let about = findings.filter(|f| [&f.path, &f.what, &f.why].iter().any(|said| said.contains(what)));
    about.map(|f| (f.severity, f.why.as_str())).collect()
}

#[tokio::test]
async fn what_an_import_would_lose_is_named_before_it_and_the_rest_arrives() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = course(folder.path(), &[]);
    let (_server, target) = site(&[]).await;
    let id = first(&source).await;
    let plan = plan(&source, &id, target.as_ref()).await.expect("a plan");
    for name in ["extra/notes.txt", "drafts/vertical/d.xml", "README.md", "info/updates.html~"] {
        let said = named(&plan, name);
        assert!(said.iter().any(|(severity, _)| *severity == Severity::Dropped), "{name}: {said:?}");
        assert!(plan.adapted.course.assets.iter().all(|asset| asset.name != name), "{name} is sent");
    }
    for block in ["hologram/h", "split_test/x"] {
        let said = plan.adapted.findings.iter().find(|f| f.block.as_ref() == Some(&block.into()));
        let said = said.unwrap_or_else(|| panic!("{block} is not named"));
        assert!(said.severity == Severity::Dropped && said.why.contains("<hologram>"), "{said:?}");
    }
    assert!(!named(&plan, "a level of an unusual type").is_empty());
    for name in ["about/effort.html", "info/updates.html", "tabs/notes.html", "policies/assets.json"] {
        assert!(plan.adapted.course.assets.iter().any(|asset| asset.name == name), "{name} is not sent");
    }

    let new = NewCourse::default();
    let written = apply(&plan, &source, target.as_ref(), &new, &Quiet).await.expect("it is written");
    let verified =
        verify(&plan, &source, target.as_ref(), &written.course, &Quiet).await.expect("it is read");
    assert!(verified.holds(), "{:?}", verified.differences);
    let there =
        target.require_courses().expect("it reads").content(&written.course).await.expect("it is read");
    let texts = there.course.blocks().filter_map(|place| match &place.block.1.body {
        BlockBody::Text(text) => Some(text.markup.plain()),
        _ => None,
    });
    assert!(texts.into_iter().any(|text| text.contains("Turn it.")), "the stub says what the block said");
}

#[tokio::test]
async fn a_block_that_the_site_is_said_to_have_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = course(folder.path(), &[]);
    let (_server, target) = site(&[("block_types", "hologram")]).await;
    let id = first(&source).await;
    let plan = plan(&source, &id, target.as_ref()).await.expect("a plan");
    assert_eq!(named(&plan, "<hologram>"), []);
    let block = plan.adapted.course.block(&"hologram/h".into()).expect("it is there").block.1;
    assert!(matches!(block.body, BlockBody::Foreign(_)));
}

#[tokio::test]
async fn a_course_that_would_be_refused_is_refused_before_the_first_write() {
    let folder = tempfile::tempdir().expect("a folder");
    // Both would be one file.
    let source = course(folder.path(), &[("static/b/c.txt", "one"), ("static/b_c.txt", "other")]);
    let (server, target) = site(&[]).await;
    let id = first(&source).await;
    let plan = plan(&source, &id, target.as_ref()).await.expect("a plan");
    let said = named(&plan, "same name as static/b/c.txt");
    assert!(said.iter().any(|(severity, _)| *severity == Severity::Blocked), "{said:?}");
    let refused = apply(&plan, &source, target.as_ref(), &NewCourse::default(), &Quiet).await;
    let refused = refused.expect_err("it is refused").to_string();
    assert!(refused.contains("nothing was written") && refused.contains("static/b_c.txt"), "{refused}");
    let writes = server.log().entries().iter().filter(|entry| entry.path.contains("course_runs")).count();
    assert_eq!(writes, 0);
}
