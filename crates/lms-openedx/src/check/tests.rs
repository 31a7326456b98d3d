use std::fs;
use std::path::Path;

use super::*;
use crate::olx::files::Files;
use crate::{ArchiveForm, OlxArchive};

/// A sound course; tests break it.
fn course(dir: &Path) {
    for (path, text) in [
        ("course.xml", "<course url_name=\"r\" org=\"O\" course=\"C\"/>"),
        (
            "course/r.xml",
            "<course display_name=\"T\" start=\"2025-01-01T00:00:00Z\">\n  <chapter url_name=\"ch\"/>\n</course>",
        ),
        ("chapter/ch.xml", "<chapter display_name=\"One\">\n  <sequential url_name=\"s\"/>\n</chapter>"),
        ("sequential/s.xml", "<sequential>\n  <vertical url_name=\"v\"/>\n</sequential>"),
        ("vertical/v.xml", "<vertical>\n  <html url_name=\"h\"/>\n  <problem url_name=\"p\"/>\n</vertical>"),
        ("html/h.xml", "<html filename=\"h\"/>"),
        ("html/h.html", "<p>See</p>\n<img src=\"/static/fig 1.png\">"),
        (
            "problem/p.xml",
            "<problem>\n<multiplechoiceresponse>\n<choicegroup>\n<choice correct=\"true\">a</choice>\n\
             <choice correct=\"false\">b</choice>\n</choicegroup>\n</multiplechoiceresponse>\n</problem>",
        ),
        ("static/fig 1.png", "x"),
        ("policies/r/policy.json", "{\"course/r\": {}}"),
        ("policies/r/grading_policy.json", "{\"GRADER\": []}"),
    ] {
        put(dir, path, text);
    }
}

fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn checked(options: &CheckOptions, change: impl FnOnce(&Path)) -> Vec<Defect> {
    let dir = tempfile::tempdir().expect("a folder");
    course(dir.path());
    change(dir.path());
    super::check(&Files::find(dir.path()).expect("a course"), options).expect("readable")
}

/// The defects of the sound course with one file written anew: rule, harm and place of each.
fn found(path: &str, text: &str) -> Vec<(Rule, Harm, String)> {
    let defects = checked(&CheckOptions::default(), |dir| put(dir, path, text));
    defects.iter().map(|defect| (defect.rule, defect.harm, defect.place())).collect()
}

fn one(rule: Rule, harm: Harm, place: &str) -> Vec<(Rule, Harm, String)> {
    vec![(rule, harm, place.to_owned())]
}

#[test]
fn a_sound_course_has_no_defect() {
    assert_eq!(checked(&CheckOptions::default(), |_| {}), []);
}

#[test]
fn pointers_to_nothing_are_found_where_they_stand() {
    let text = "<vertical>\n  <html url_name=\"h\"/>\n\n  <problem url_name=\"gone\"/>\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::DanglingPointer, Harm::Lost, "vertical/v.xml:4"));
    let defects = checked(&CheckOptions::default(), |dir| {
        fs::remove_file(dir.join("html/h.html")).expect("removed");
    });
    assert_eq!(
        defects.first().map(|d| (d.rule, d.place())),
        Some((Rule::DanglingPointer, "html/h.xml:1".into()))
    );
    let root = found("course.xml", "<course url_name=\"other\" org=\"O\" course=\"C\"/>");
    assert_eq!(root, one(Rule::DanglingPointer, Harm::Refused, "course.xml:1"));
}

#[test]
fn files_that_are_no_xml_are_found_with_the_line() {
    let text = "<problem>\n<p>a&nbsp;b</p>\n</problem>";
    assert_eq!(found("problem/p.xml", text), one(Rule::UnparsableXml, Harm::Lost, "problem/p.xml:2"));
    let text = "<course>\n  <chapter url_name=\"ch\">\n</course>";
    assert_eq!(found("course/r.xml", text), one(Rule::UnparsableXml, Harm::Refused, "course/r.xml:3"));
    let defects = checked(&CheckOptions::default(), |dir| {
        fs::write(dir.join("chapter/ch.xml"), b"<chapter display_name=\"\xff\"/>").expect("a file");
    });
    let found: Vec<_> = defects.iter().map(|d| (d.rule, d.harm, d.place())).collect();
    assert_eq!(found, one(Rule::UnparsableXml, Harm::Lost, "chapter/ch.xml:1"));
}

#[test]
fn entities_that_a_file_declares_are_neither_expanded_nor_fetched() {
    for declared in [
        "<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">",
        "<!ENTITY b SYSTEM \"file:///etc/passwd\">",
        "<!ENTITY % p SYSTEM \"http://example.org/x.dtd\"> %p;",
    ] {
        let text = format!("<!DOCTYPE problem [{declared}]>\n<problem>\n<p>&b;</p></problem>");
        assert_eq!(found("problem/p.xml", &text), one(Rule::UnparsableXml, Harm::Lost, "problem/p.xml:3"));
        let attribute = format!("<!DOCTYPE problem [{declared}]>\n<problem display_name=\"&b;\"/>");
        assert_eq!(
            found("problem/p.xml", &attribute),
            one(Rule::UnparsableXml, Harm::Lost, "problem/p.xml:2")
        );
    }
}

#[test]
fn names_that_are_taken_are_found() {
    let twice = "<vertical>\n  <problem url_name=\"p\"/>\n  <problem url_name=\"p\"/>\n</vertical>";
    assert_eq!(
        found("vertical/v.xml", twice),
        one(Rule::DuplicateUrlName, Harm::Doubtful, "vertical/v.xml:3")
    );
    let inline = |second: &str| {
        let text = format!(
            "<vertical>\n<html url_name=\"x\">a</html>\n<html url_name=\"x\">{second}</html>\n</vertical>"
        );
        found("vertical/v.xml", &text)
    };
    assert_eq!(inline("b"), one(Rule::DuplicateUrlName, Harm::Lost, "vertical/v.xml:3"));
    assert_eq!(inline("a"), one(Rule::DuplicateUrlName, Harm::Doubtful, "vertical/v.xml:3"));
    // A name counts within its type.
    let other = "<vertical>\n<html url_name=\"p\">a</html>\n<problem url_name=\"p\"/>\n</vertical>";
    assert_eq!(found("vertical/v.xml", other), []);
}

#[test]
fn names_that_no_key_can_hold_are_found() {
    let text = "<vertical>\n<html url_name=\"a b\">a</html>\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::BadUrlName, Harm::Lost, "vertical/v.xml:2"));
    assert_eq!(found("vertical/v.xml", "<vertical><html url_name=\"приём-1.a~b:c\">a</html></vertical>"), []);
}

#[test]
fn text_where_a_block_must_stand_is_found() {
    let text = "<vertical>\n  <html url_name=\"h\"/>\n\n  Read this\n  first.\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::BareText, Harm::Lost, "vertical/v.xml:4"));
    let text = "<vertical>\n  <p>Read this.</p>\n  <html url_name=\"h\"/>\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::BareText, Harm::Refused, "vertical/v.xml:2"));
    // Comments are no text.
    assert_eq!(found("vertical/v.xml", "<vertical><!-- soon --><html url_name=\"h\"/></vertical>"), []);
}

#[test]
fn blocks_that_a_site_may_not_have_are_found_unless_it_is_said_to_have_them() {
    let text = "<vertical>\n<azure_media_services url_name=\"x\"/>\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::UnknownBlock, Harm::Refused, "vertical/v.xml:2"));
    let options =
        CheckOptions { block_types: ["azure_media_services".to_owned()].into(), ..CheckOptions::default() };
    assert_eq!(checked(&options, |dir| put(dir, "vertical/v.xml", text)), []);
}

#[test]
fn blocks_where_studio_does_not_show_them_are_found() {
    let text = "<chapter>\n<vertical url_name=\"v\"/>\n</chapter>";
    assert_eq!(found("chapter/ch.xml", text), one(Rule::OddPlace, Harm::Doubtful, "chapter/ch.xml:2"));
    let text = "<sequential>\n<html url_name=\"h\"/>\n</sequential>";
    let odd = found("sequential/s.xml", text);
    assert!(odd.contains(&(Rule::OddPlace, Harm::Doubtful, "sequential/s.xml:2".into())), "{odd:?}");
}

#[test]
fn problems_that_load_with_an_error_are_found() {
    for (text, line) in [
        ("<problem>\n<stringresponse><textline/></stringresponse></problem>", 2),
        ("<problem>\n\n<formularesponse answer=\"x\"><textline/></formularesponse></problem>", 3),
        ("<problem>\n<numericalresponse answer=\"1\"/></problem>", 2),
        ("<problem>\n<stringresponse answer=\"\"><textline/></stringresponse></problem>", 2),
        (
            "<problem>\n<numericalresponse answer=\"1\" partial_credit=\"EDC\"><textline/></numericalresponse></problem>",
            2,
        ),
        (
            "<problem><multiplechoiceresponse>\n<choicegroup><choice correct=\"true\">a</choice></choicegroup>\
             <choicegroup/></multiplechoiceresponse></problem>",
            1,
        ),
        (
            "<problem>\n<multiplechoiceresponse partial_credit=\"halves\"><choicegroup/></multiplechoiceresponse></problem>",
            2,
        ),
        (
            "<problem>\n<multiplechoiceresponse><div><choicegroup/></div></multiplechoiceresponse></problem>",
            2,
        ),
        (
            "<problem><multiplechoiceresponse><choicegroup>\n<p>a</p></choicegroup></multiplechoiceresponse></problem>",
            2,
        ),
        (
            "<problem><multiplechoiceresponse>\n<choicegroup shuffle=\"true\" answer-pool=\"3\"/></multiplechoiceresponse></problem>",
            2,
        ),
        (
            "<problem>\n<choiceresponse partial_credit=\"points\"><checkboxgroup/></choiceresponse></problem>",
            2,
        ),
        (
            "<problem><optionresponse><optioninput>\n<option correct=\"True\">a</option>\n<option correct=\"true\">b</option>\
             </optioninput></optionresponse></problem>",
            3,
        ),
        ("<problem>\n<coderesponse><textbox/></coderesponse></problem>", 2),
    ] {
        let place = format!("problem/p.xml:{line}");
        assert_eq!(found("problem/p.xml", text), one(Rule::BrokenProblem, Harm::Lost, &place), "{text}");
    }
    for credit in ["close", "list", " list, close ", "false", "FALSE"] {
        let text = format!(
            "<problem><numericalresponse answer=\"1\" partial_credit=\"{credit}\"><textline/></numericalresponse></problem>"
        );
        assert_eq!(found("problem/p.xml", &text), [], "{credit}");
    }
}

#[test]
fn links_to_files_that_are_not_there_are_found_once_a_file() {
    let text = "<p>See</p>\n<img src=\"/static/none.png\"><img src=\"/static/none.png?x\"><a href=\"/static/fig_1.png\">x</a>";
    assert_eq!(found("html/h.html", text), one(Rule::MissingStatic, Harm::Doubtful, "html/h.html:2"));
    let text =
        "<problem>\n<p>\n<img src=\"/static/gone.png\"/><img src=\"/static/$name.png\"/></p></problem>";
    assert_eq!(found("problem/p.xml", text), one(Rule::MissingStatic, Harm::Doubtful, "problem/p.xml:3"));
    let text = "<vertical>\n<video url_name=\"x\" transcripts=\"{&quot;en&quot;: &quot;a.srt&quot;}\"/>\n</vertical>";
    assert_eq!(found("vertical/v.xml", text), one(Rule::MissingStatic, Harm::Doubtful, "vertical/v.xml:2"));
}

#[test]
fn files_that_an_import_leaves_out_are_found() {
    let merged = one(Rule::SameStaticName, Harm::Lost, "static/fig_1.png");
    assert_eq!(found("static/fig_1.png", "y"), merged);
    for name in ["static/a/.DS_Store", "static/._fig.png", "static/notes.txt~"] {
        assert_eq!(found(name, "x"), one(Rule::IgnoredFile, Harm::Doubtful, name));
    }
}

#[test]
fn settings_that_cannot_be_read_are_found() {
    let policy = "policies/r/policy.json";
    assert_eq!(
        found(policy, "{\n  \"course/r\": {]\n}"),
        one(Rule::BadPolicy, Harm::Lost, "policies/r/policy.json:2")
    );
    assert_eq!(found(policy, "[]"), one(Rule::BadPolicy, Harm::Refused, "policies/r/policy.json:1"));
    let grading = "policies/r/grading_policy.json";
    assert_eq!(
        found(grading, "{'x': 1}"),
        one(Rule::BadPolicy, Harm::Lost, "policies/r/grading_policy.json:1")
    );
}

#[test]
fn a_course_without_a_run_is_found() {
    let defects = found("course.xml", "<course org=\"O\" course=\"C\">\n<chapter url_name=\"ch\"/></course>");
    assert_eq!(defects, one(Rule::NoRun, Harm::Refused, "course.xml:1"));
}

#[test]
fn an_archive_over_the_limit_is_refused_and_the_worst_comes_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let (from, path) = (dir.path().join("from"), dir.path().join("c.tar.gz"));
    course(&from);
    put(&from, "html/h.html", "<img src=\"/static/none.png\">");
    let file = fs::File::create(&path).expect("a file");
    crate::olx::archive::pack(&from, file).expect("packed");
    let archive = OlxArchive::open(&path).expect("an archive");
    let small = CheckOptions { max_archive: 100, ..CheckOptions::default() };
    let defects = archive.check(&small).expect("readable");
    let rules: Vec<Rule> = defects.iter().map(|defect| defect.rule).collect();
    assert_eq!(rules, [Rule::TooLarge, Rule::MissingStatic]);
    let error = refusal(&defects, Harm::Lost).expect("refused");
    assert!(error.to_string().contains("max_upload"), "{error}");
    assert_eq!(refusal(&defects[1..], Harm::Lost).map(|e| e.to_string()), None);
    assert!(refusal(&defects[1..], Harm::Doubtful).is_some());
    let nothing = OlxArchive::create(dir.path().join("new"), ArchiveForm::Folder).expect("a place");
    assert_eq!(nothing.check(&small).expect_err("nothing there").kind(), ErrorKind::NotFound);
}

/// Everything that a real Studio refused is refused here, and nothing that it took whole.
#[test]
fn verdicts_are_those_of_a_real_studio() {
    let Some(shared) = crate::shared::shared("") else { return };
    let verdicts = fs::read_to_string(shared.join("courses/studio-exports/verdicts.json")).expect("verdicts");
    let verdicts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&verdicts).expect("JSON");
    assert!(verdicts.len() > 20);
    for (name, verdict) in verdicts {
        let files = Files::find(&shared.join("courses/openedx").join(&name)).expect("a course");
        let defects = super::check(&files, &CheckOptions::default()).expect("readable");
        let refused: Vec<&Defect> = defects.iter().filter(|d| d.harm == Harm::Refused).collect();
        eprintln!("{name}: {} refused, {} in all", refused.len(), defects.len());
        assert_eq!(refused.is_empty(), verdict["imported"] == true, "{name}: {refused:?}");
    }
}
