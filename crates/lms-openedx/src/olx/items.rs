//! OLX item by item: what each is read as, what of it is named as lost, and that it is written as it stood.

use std::collections::BTreeMap;
use std::path::Path;

use lms_core::{Block, BlockBody, Severity};

use super::read::{path_of, read_folder};
use super::write::write;
use crate::convert::adapt;

/// An item: what stands in a unit, the other files that it needs, what it is read as, and what the findings say.
struct Item {
    name: &'static str,
    unit: &'static str,
    files: &'static [(&'static str, &'static str)],
    read: &'static [&'static str],
    named: &'static [&'static str],
}

const fn item(name: &'static str, unit: &'static str, read: &'static [&'static str]) -> Item {
    Item { name, unit, files: &[], read, named: &[] }
}

impl Item {
    const fn naming(self, named: &'static [&'static str]) -> Self {
        Self { named, ..self }
    }

    const fn with(self, files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files, ..self }
    }
}

const TEXT: &[&str] = &["text"];
const NUMERIC: &[&str] = &["numeric"];
const SINGLE: &[&str] = &["choice"];

/// Tags, names, files.
const PLACES: &[Item] = &[
    item("pointer", r#"<html url_name="a"/>"#, TEXT)
        .with(&[("html/a.xml", r#"<html filename="a" display_name="A"/>"#), ("html/a.html", "<p>é &amp; <br> x")]),
    item("pointer with slug", r#"<html slug="a"/>"#, TEXT)
        .with(&[("html/a.xml", r#"<html filename="b"/>"#), ("html/b.html", "<p>x</p>")]),
    item("name with folders", r#"<problem url_name="w:one"/>"#, NUMERIC).with(&[(
        "problem/w/one.xml",
        r#"<problem><numericalresponse answer="1"><textline/></numericalresponse></problem>"#,
    )]),
    item("filename", r#"<problem filename="old" display_name="Old" url_name="p"/>"#, NUMERIC).with(&[(
        "problem/old.xml",
        "<problem display_name=\"File\">\n<numericalresponse answer=\"1\"><textline/></numericalresponse></problem>",
    )]),
    item("inline, with comment and CDATA", "<html url_name=\"i\"><!-- c --><p>x</p><![CDATA[<b>y</b>]]></html>", TEXT),
    item("without a name", "<html><p>x</p></html>", TEXT),
    item(
        "one block twice",
        "<html url_name=\"a\"/>\n<html url_name=\"a\"/>",
        &["text", "text"],
    )
    .with(&[("html/a.xml", r#"<html filename="a"/>"#), ("html/a.html", "<p>x</p>")]),
    item("hidden", r#"<html visible_to_staff_only="true">for staff</html>"#, &["text"])
        .naming(&["hides the block from learners"]),
    item("shown", r#"<html visible_to_staff_only="false" group_access="{}">for all</html>"#, &["text"]),
    item("dangling pointer", r#"<problem url_name="gone"/>"#, &["foreign problem"]).naming(&["is not there"]),
    item("broken file", r#"<problem url_name="bad"/>"#, &["foreign problem"])
        .with(&[("problem/bad.xml", "<problem><p></problem>")])
        .naming(&["not well-formed XML"]),
    item("file outside the blocks", r#"<html url_name="i"><a href="/static/a/b c.pdf">x</a></html>"#, TEXT)
        .with(&[("static/a/b c.pdf", "\u{0}\u{1}"), ("custom_tags/x", "kept")]),
];

/// Everything but problems.
const BLOCKS: &[Item] = &[
    item(
        "video with transcripts",
        r#"<video url_name="v" youtube="1.00:abc" youtube_id_1_0="abc" edx_video_id="" transcripts="{&quot;de&quot;: &quot;d.srt&quot;}"><transcript language="de" src="d.srt"/></video>"#,
        &["video abc de"],
    )
    .with(&[("static/d.srt", "1\n")]),
    item("old video", r#"<video url_name="v" youtube="0.75:s,1.00:abc" sub="s1"/>"#, &["video abc en"])
        .with(&[("static/subs_s1.srt.sjson", "{}")]),
    item(
        "discussion",
        r#"<discussion url_name="d" discussion_category="Week 1" discussion_target="T" discussion_id="x1"/>"#,
        &["foreign discussion"],
    ),
    item(
        "open response assessment",
        r#"<openassessment url_name="o" submission_due="2029-01-01T00:00"><title>T</title><assessments><assessment name="peer-assessment" must_grade="5"/></assessments><prompts><prompt><description>Write</description></prompt></prompts><rubric><criterion><name>Ideas</name><option points="0"><name>No</name></option><option points="3"><name>Yes</name></option></criterion></rubric></openassessment>"#,
        &["foreign openassessment 3"],
    ),
    item(
        "drag and drop",
        r#"<drag-and-drop-v2 url_name="dd" max_attempts="3" weight="2" data="{&quot;items&quot;: []}"/>"#,
        &["foreign drag-and-drop-v2 2"],
    ),
    item(
        "library content",
        r#"<library_content url_name="l" source_library_id="library-v1:o+l" max_count="1"><problem url_name="lp"/></library_content>"#,
        &["foreign library_content"],
    )
    .with(&[("problem/lp.xml", "<problem>\n<p>x</p>\n</problem>\n")]),
    item(
        "split test",
        r#"<split_test url_name="st" user_partition_id="0" group_id_to_child="{&quot;0&quot;: &quot;i4x://o/c/vertical/g0&quot;}"><vertical url_name="g0"><html url_name="sh"><p>x</p></html></vertical></split_test>"#,
        &["foreign split_test"],
    ),
    item(
        "conditional",
        r#"<conditional url_name="c" sources_list="[&quot;i4x://o/c/problem/p&quot;]" conditional="attempted" message="Try"><show sources="i4x://o/c/html/s"/><html url_name="s"><p>x</p></html></conditional>"#,
        &["foreign conditional"],
    ),
    item(
        "unknown block",
        "<my-own-block url_name=\"u\"  a='1'\n b=\"&lt;é\"><x:y xmlns:x=\"urn:x\"><![CDATA[ ]]></x:y><!-- --></my-own-block>",
        &["foreign my-own-block"],
    ),
    item(
        "unknown block in a file",
        r#"<my-own-block url_name="u"/>"#,
        &["foreign my-own-block"],
    )
    .with(&[("my-own-block/u.xml", "<?xml version='1.0'?>\n<my-own-block  a='1'>\n\t<b/></my-own-block>\n\n")]),
];

/// Problems.
const PROBLEMS: &[Item] = &[
    item(
        "which try counts, and when",
        r#"<problem url_name="p" grading_method="first_score" due="&quot;2030-01-01T00:00:00Z&quot;" start="2029-01-01T00:00:00Z" submission_wait_seconds="9" show_correctness="never"><numericalresponse answer="1"><textline/></numericalresponse></problem>"#,
        NUMERIC,
    )
    .naming(&["grading_method", "due", "start", "submission_wait_seconds", "show_correctness"]),
    item(
        "settings as they are without being set",
        r#"<problem url_name="p" grading_method="last_score" due="null" submission_wait_seconds="0" show_correctness="always"><numericalresponse answer="1"><textline/></numericalresponse></problem>"#,
        NUMERIC,
    ),
    item(
        "multiplechoiceresponse",
        r#"<problem url_name="p"><multiplechoiceresponse><label>Which?</label><description>One</description><choicegroup type="MultipleChoice" shuffle="true"><choice correct="false" fixed="true">a</choice><choice correct="true">b<choicehint label="So">c</choicehint></choice></choicegroup></multiplechoiceresponse></problem>"#,
        SINGLE,
    )
    .naming(&["options that keep their place", "the headings of feedback"]),
    item(
        "multiplechoiceresponse, partial credit",
        r#"<problem url_name="p"><multiplechoiceresponse partial_credit="points"><choicegroup><choice correct="partial">a</choice><choice correct="true">b</choice></choicegroup></multiplechoiceresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["partial credit of the kind points"]),
    item(
        "choiceresponse, partial credit",
        r#"<problem url_name="p"><choiceresponse partial_credit="halves"><checkboxgroup><choice correct="true">a</choice><choice correct="false">b</choice><compoundhint value="A B">x</compoundhint></checkboxgroup></choiceresponse></problem>"#,
        SINGLE,
    )
    .naming(&["feedback for combinations"]),
    item(
        "truefalseresponse",
        r#"<problem url_name="p"><truefalseresponse><choicegroup><choice correct="true">a</choice></choicegroup></truefalseresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["<truefalseresponse> has no neutral form"]),
    item(
        "inputs in a table",
        r#"<problem url_name="p"><table><tr><td><numericalresponse answer="1"><textline/></numericalresponse></td></tr></table></problem>"#,
        NUMERIC,
    )
    .naming(&["the table around the inputs"]),
    item(
        "optionresponse",
        r#"<problem url_name="p"><optionresponse><optioninput options="('a','it's')" correct="a" label="Which?"/></optionresponse></problem>"#,
        &["inline_choice"],
    ),
    item(
        "stringresponse",
        r#"<problem url_name="p"><stringresponse answer="a" type="ci"><additional_answer answer="b"><correcthint>x</correcthint></additional_answer><stringequalhint answer="c">no</stringequalhint><textline/></stringresponse></problem>"#,
        &["text_entry"],
    )
    .naming(&["one of several right answers", "particular wrong answers"]),
    item(
        "stringresponse, regexp",
        r#"<problem url_name="p"><stringresponse answer="a|b+" type="ci regexp"><textline/></stringresponse></problem>"#,
        &["text_entry"],
    ),
    item(
        "numericalresponse",
        r#"<problem url_name="p"><numericalresponse answer="1e3"><responseparam type="tolerance" default="5%"/><additional_answer answer="7"/><formulaequationinput trailing_text="kg"/></numericalresponse></problem>"#,
        NUMERIC,
    ),
    item(
        "numericalresponse, range",
        r#"<problem url_name="p"><numericalresponse answer="(-1.5,2]"><textline/></numericalresponse></problem>"#,
        NUMERIC,
    ),
    item(
        "numericalresponse, computed",
        r#"<problem url_name="p"><numericalresponse answer="sqrt(2)"><textline/></numericalresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["the answer sqrt(2) is computed"]),
    item(
        "formularesponse",
        r#"<problem url_name="p"><formularesponse type="cs" samples="x@1:2#3" answer="x^2"><formulaequationinput/></formularesponse></problem>"#,
        &["formula"],
    ),
    item(
        "customresponse",
        "<problem url_name=\"p\"><script type=\"loncapa/python\">\ndef f(e, a):\n  return a &lt; 'x'\n</script><customresponse cfn=\"f\"><textline/></customresponse></problem>",
        &["foreign problem"],
    )
    .naming(&["it holds <script>"]),
    item(
        "script with variables",
        r#"<problem url_name="p"><script>x = random.randint(1, 9)</script><p>$x + 1</p><numericalresponse answer="$x"><textline/></numericalresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["it holds <script>"]),
    item(
        "variables of the platform",
        r#"<problem url_name="p"><p>$seed</p><numericalresponse answer="1"><textline/></numericalresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["it uses variables of the platform"]),
    item(
        "coderesponse",
        r#"<problem url_name="p"><coderesponse queuename="q"><textbox mode="python"/><codeparam><initial_display>pass</initial_display><grader_payload>{"x": 1}</grader_payload></codeparam></coderesponse></problem>"#,
        &["code"],
    ),
    item(
        "coderesponse, files",
        r#"<problem url_name="p"><coderesponse queuename="q"><filesubmission allowed_files="a.py"/><codeparam><grader_payload/></codeparam></coderesponse></problem>"#,
        &["file_upload"],
    )
    .naming(&["the names that files must have"]),
    item(
        "drag and drop in capa",
        r#"<problem url_name="p"><customresponse><drag_and_drop_input img="/static/x.png"/><answer>correct = ['correct']</answer></customresponse></problem>"#,
        &["foreign problem"],
    )
    .naming(&["<customresponse> has no neutral form"]),
    item(
        "hints and solution",
        r#"<problem url_name="p" markdown="x"><numericalresponse answer="1"><textline/><solution><p>so</p></solution></numericalresponse><demandhint><hint>one</hint><hint>two</hint></demandhint></problem>"#,
        NUMERIC,
    ),
    item(
        "several responses",
        r#"<problem url_name="p" weight="4"><p>a</p><numericalresponse answer="1"><textline/></numericalresponse><p>b</p><stringresponse answer="x"><textline/></stringresponse><p>end</p></problem>"#,
        &["numeric", "text_entry", "text"],
    ),
    item("only text", r#"<problem url_name="p"><p>Nothing is asked</p></problem>"#, TEXT),
];

/// What a block is, in a word or two.
fn kind(block: &Block) -> String {
    match &block.body {
        BlockBody::Exercise(exercise) => exercise.interaction.name().to_owned(),
        BlockBody::Foreign(foreign) => {
            let points = foreign.points.map_or_else(String::new, |points| format!(" {points}"));
            format!("foreign {}{points}", foreign.name)
        }
        BlockBody::Video(video) => {
            let languages: String = video.transcripts.iter().map(|t| format!(" {}", t.language)).collect();
            format!("video {}{languages}", video.youtube.clone().unwrap_or_default())
        }
        other => other.kind().to_owned(),
    }
}

/// Puts a course around an item.
fn folder(item: &Item, dir: &Path) -> BTreeMap<String, String> {
    let unit = format!("<vertical display_name=\"U\">\n{}\n</vertical>\n", item.unit);
    let mut files = BTreeMap::from(
        [
            ("course.xml", r#"<course url_name="r" org="o" course="c"/>"#),
            ("course/r.xml", r#"<course display_name="C" wiki_slug="w"><chapter url_name="ch"/></course>"#),
            ("chapter/ch.xml", r#"<chapter display_name="Ch"><sequential url_name="s"/></chapter>"#),
            ("sequential/s.xml", r#"<sequential display_name="S"><vertical url_name="u"/></sequential>"#),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned())),
    );
    files.insert("vertical/u.xml".into(), unit);
    files.extend(item.files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    for (path, text) in &files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    files
}

/// What is wrong with an item.
fn faults(item: &Item) -> Vec<String> {
    let (from, to) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let files = folder(item, from.path());
    let first = read_folder(from.path()).expect("read");
    let kinds: Vec<String> = first.course.blocks().map(|place| kind(place.block.1)).collect();
    let mut faults = Vec::new();
    if kinds != item.read {
        faults.push(format!("read as {kinds:?}"));
    }
    let said: Vec<String> = first.findings.iter().map(|f| format!("{} {}", f.what, f.why)).collect();
    if said.len() != item.named.len()
        || item.named.iter().any(|named| !said.iter().any(|s| s.contains(named)))
    {
        faults.push(format!("named: {said:?}"));
    }
    let adapted = adapt(&first.course);
    let lost: Vec<_> = adapted.findings.iter().filter(|f| f.severity > Severity::Exact).collect();
    if !lost.is_empty() || adapted.course != first.course {
        faults.push(format!("adapting changes it: {lost:?}"));
    }
    for asset in &first.course.assets {
        let path = path_of(asset.id.as_str());
        let target = to.path().join(&path);
        std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        std::fs::copy(from.path().join(&path), target).expect("copied");
    }
    write(&adapted.course, to.path()).expect("written");
    for line in item.unit.lines() {
        let unit = std::fs::read_to_string(to.path().join("vertical/u.xml")).expect("the unit");
        if !unit.contains(line) {
            faults.push(format!("the unit is now {unit}"));
        }
    }
    for (path, _) in item.files {
        if std::fs::read_to_string(to.path().join(path)).ok().as_ref() != files.get(*path) {
            faults.push(format!("{path} is otherwise"));
        }
    }
    let second = read_folder(to.path()).expect("read back");
    if second.course != first.course {
        faults.push(format!("read back otherwise: {:#?}", second.course));
    }
    faults.into_iter().map(|fault| format!("{}: {fault}", item.name)).collect()
}

#[test]
fn every_item_is_read_named_and_written_as_it_stood() {
    let all = [PLACES, BLOCKS, PROBLEMS].into_iter().flatten();
    let wrong: Vec<String> = all.flat_map(faults).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
