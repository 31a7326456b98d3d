//! A course with everything that has a neutral form.

use std::path::Path;

use lms_core::Course;
use serde_json::json;

use crate::olx::read::read_folder;

const COURSE: &str = r#"<course display_name="Sums" language="en" start="&quot;2024-01-01T00:00:00Z&quot;" course_image="a.png">
<chapter url_name="c" display_name="First" start="2024-02-01T00:00:00Z" hide_from_toc="false">
<sequential url_name="s" display_name="Lesson" due="2025-02-01T00:00:00Z" graded="true" format="Homework" max_attempts="4">
"#;

/// One block of every kind that has a neutral form, each in a step of its own: with settings of its own, with inherited
/// ones, with those of `policy.json`.
const BLOCKS: [&str; 21] = [
    r#"<problem url_name="own" display_name="Own" max_attempts="3" weight="2" showanswer="past_due" markdown="&gt;&gt;Q&lt;&lt;">
        <p>Which?</p><multiplechoiceresponse><choicegroup type="MultipleChoice"><choice correct="true">one
        <choicehint>Yes</choicehint></choice><choice correct="false">two</choice><choice correct="false">three</choice>
        </choicegroup></multiplechoiceresponse><solution><p>Because</p></solution>
        <demandhint><hint>Think</hint><hint>Harder</hint></demandhint></problem>"#,
    r#"<problem url_name="inherits"><p>How many?</p><numericalresponse answer="42"><responseparam type="tolerance"
        default="0.5"/><formulaequationinput trailing_text="km"/></numericalresponse></problem>"#,
    r#"<problem url_name="unlimited" max_attempts=""><numericalresponse answer="[1,5)"><textline/></numericalresponse></problem>"#,
    r#"<problem url_name="policy"/>"#,
    r#"<problem url_name="several" weight="3"><p>First</p><stringresponse answer="Riga" type="ci"><additional_answer
        answer="Rīga"/><textline size="20"/></stringresponse><p>Second</p><optionresponse><optioninput><option
        correct="True">red<optionhint>So it is</optionhint></option><option correct="False">blue</option></optioninput>
        </optionresponse><p>The end</p></problem>"#,
    r#"<problem url_name="boxes"><choiceresponse partial_credit="EDC"><checkboxgroup><choice correct="true">a<choicehint
        selected="true">A</choicehint><choicehint selected="false">Not A</choicehint></choice><choice correct="false">b
        </choice><choice correct="true">c</choice></checkboxgroup></choiceresponse></problem>"#,
    r#"<problem url_name="halves"><choiceresponse partial_credit="halves"><checkboxgroup><choice correct="true">a</choice>
        <choice correct="false">b</choice></checkboxgroup></choiceresponse></problem>"#,
    r#"<problem url_name="pool"><multiplechoiceresponse><choicegroup answer-pool="3"><choice correct="true">a</choice><choice
        correct="false">b</choice><choice correct="false">c</choice><choice correct="false">d</choice></choicegroup>
        </multiplechoiceresponse></problem>"#,
    r#"<problem url_name="pattern"><stringresponse answer="a+|b" type="cs regexp"><correcthint>Well done</correcthint>
        <textline/></stringresponse></problem>"#,
    r#"<problem url_name="percent"><numericalresponse answer="1.5e3"><responseparam type="tolerance" default="2%"/>
        <additional_answer answer="7"/><formulaequationinput/></numericalresponse></problem>"#,
    r#"<problem url_name="formula"><formularesponse type="cs" samples="x,y@1,2:3,4#5" answer="x^2+y"><responseparam
        type="tolerance" default="1%"/><formulaequationinput/></formularesponse></problem>"#,
    r#"<problem url_name="code"><coderesponse queuename="q"><textbox mode="python"/><codeparam><initial_display>pass
        </initial_display><answer_display>print(1)</answer_display><grader_payload>{"old": 1}</grader_payload></codeparam>
        </coderesponse></problem>"#,
    r#"<problem url_name="file"><coderesponse queuename="q"><filesubmission/><codeparam><grader_payload/></codeparam>
        </coderesponse></problem>"#,
    r#"<problem url_name="words"><p>Nothing to answer here.</p></problem>"#,
    r#"<html url_name="page"/>"#,
    r#"<html url_name="titled"/>"#,
    r#"<html url_name="inline" display_name="Inline"><p>Hello <b>there</b></p></html>"#,
    r#"<video url_name="v" display_name="Video" youtube="0.75:slow,1.00:abc" youtube_id_1_0="abc" youtube_id_0_75="slow"
        download_video="true" edx_video_id="e1" html5_sources="[&quot;https://example.org/v.mp4&quot;]" sub="old"
        transcripts="{&quot;de&quot;: &quot;de.srt&quot;}"><source src="https://example.org/v.mp4"/><handout
        src="/static/a.png"/><transcript language="de" src="de.srt"/><video_asset client_video_id="x" duration="61.5"/></video>"#,
    r#"<video url_name="overlaid" display_name="Old" youtube_id_1_0="old"/>"#,
    r#"<poll_question url_name="poll" display_name="Poll"><p>Yes?</p><answer id="y">Yes</answer></poll_question>"#,
    r#"<library_content url_name="lib" display_name="Pool" max_count="1"><problem url_name="own2"><p>x</p></problem>
        </library_content>"#,
];

/// The course in its files.
pub(super) fn course_folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let units: String = (0..)
        .zip(BLOCKS)
        .map(|(n, block)| {
            format!("<vertical url_name=\"v{n}\" display_name=\"Unit {n}\">{block}</vertical>\n")
        })
        .collect();
    let course = format!("{COURSE}{units}</sequential></chapter></course>");
    let policy = json!({
        "course/r": { "catalog_visibility": "both", "end": "2026-01-01T00:00:00Z", "tabs": [] },
        "problem/policy": { "display_name": "From policy", "max_attempts": 5, "weight": 2.5, "showanswer": "never" },
        "html/titled": { "display_name": "Titled by policy" },
        "video/overlaid": { "display_name": "New", "youtube_id_1_0": "new", "sub": null },
        "poll_question/poll": { "display_name": "Polled" },
    });
    let problem = r#"<problem display_name="In its file" max_attempts="2" weight="1"><stringresponse answer="x"><textline/>
        </stringresponse></problem>"#;
    let files = [
        ("course.xml", r#"<course url_name="r" org="o" course="c"/>"#.to_owned()),
        ("course/r.xml", course),
        ("policies/r/policy.json", policy.to_string()),
        (
            "policies/r/grading_policy.json",
            r#"{"GRADER": [{"type": "Homework", "min_count": 2, "drop_count": 1, "short_label": "HW", "weight": 1.0}],
                "GRADE_CUTOFFS": {"Pass": 0.5}}"#.to_owned(),
        ),
        ("about/overview.html", "<p>About</p>".to_owned()),
        ("about/short_description.html", "Short".to_owned()),
        ("problem/policy.xml", problem.to_owned()),
        ("html/page.xml", r#"<html filename="page" display_name="Page"/>"#.to_owned()),
        ("html/page.html", "<p>Text with <img src=\"/static/a.png\"/></p>".to_owned()),
        ("html/titled.xml", r#"<html filename="titled" display_name="Titled"/>"#.to_owned()),
        ("html/titled.html", "<p>Text</p>".to_owned()),
    ];
    for (path, text) in files {
        put(dir.path(), path, &text);
    }
    statics(dir.path());
    dir
}

/// The files that it links to.
pub(super) fn statics(dir: &Path) {
    for name in ["a.png", "b.png", "de.srt", "subs_old.srt.sjson"] {
        put(dir, &format!("static/{name}"), "x");
    }
}

fn put(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("written");
}

/// The course as it is read.
pub(super) fn original() -> Course {
    let content = read_folder(course_folder().path()).expect("the course");
    assert!(content.findings.is_empty(), "{:#?}", content.findings);
    content.course
}
