//! A report as its users meet it: a course on disk that is moved to another platform.

use std::fs;
use std::path::{Path, PathBuf};

use lms::inginious::FolderCourse;
use lms::openedx::OlxArchive;
use lms_core::{CoursesExt, LmsProvider, LmsProviderExt, NewCourse};
use lms_migrate::{Quiet, Report, apply, plan, verify};

/// A blue square of one pixel.
const PNG: [u8; 69] = [
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 8, 0xd7, 0x63, 0x60,
    0x60, 0xf8, 0x0f, 0, 1, 3, 1, 0, 0xc2, 0xd7, 0x3d, 0xc7, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42,
    0x60, 0x82,
];

const FILES: [(&str, &str); 9] = [
    ("course.xml", "<course url_name=\"run\" org=\"Org\" course=\"Heat\"/>"),
    (
        "course/run.xml",
        "<course display_name=\"Heat and work\" language=\"en\"><chapter url_name=\"one\"/><chapter url_name=\"two\"/></course>",
    ),
    ("chapter/one.xml", "<chapter display_name=\"Warm-up\"><sequential url_name=\"s1\"/></chapter>"),
    ("chapter/two.xml", "<chapter display_name=\"Engines\"><sequential url_name=\"s2\"/></chapter>"),
    (
        "sequential/s1.xml",
        "<sequential display_name=\"What heat is\"><vertical display_name=\"Reading\">\
         <html url_name=\"intro\" filename=\"intro\" display_name=\"Heat\"/>\
         <video url_name=\"v\" display_name=\"A boiling kettle\" youtube_id_1_0=\"abcdefghijk\"/></vertical>\
         <vertical display_name=\"Question\"><problem url_name=\"units\"/></vertical></sequential>",
    ),
    (
        "sequential/s2.xml",
        "<sequential display_name=\"Carnot\"><vertical display_name=\"Efficiency\"><problem url_name=\"carnot\"/></vertical>\
         <vertical display_name=\"Plot\"><problem url_name=\"plot\"/></vertical></sequential>",
    ),
    ("html/intro.html", "<h2>Heat</h2><p>By \\(Q = m c \\Delta T\\).</p>"),
    (
        "problem/units.xml",
        "<problem display_name=\"Units\" max_attempts=\"3\" weight=\"2\"><choiceresponse>\
         <label>Which are <b>units of energy</b>? <img src=\"/static/hill.png\" alt=\"A hill\"/></label><checkboxgroup>\
         <choice correct=\"true\">joule</choice><choice correct=\"false\">watt</choice>\
         <choice correct=\"true\">calorie</choice></checkboxgroup></choiceresponse>\
         <demandhint><hint>Power is energy by time.</hint></demandhint></problem>",
    ),
    (
        "problem/carnot.xml",
        "<problem display_name=\"Carnot's bound\" weight=\"3\"><p>An engine works between \\(T_h = 500\\) and \
         \\(T_c = 300\\) kelvin. What is \\[\\eta = 1 - \\frac{T_c}{T_h}\\] at most?</p><numericalresponse answer=\"0.4\">\
         <responseparam type=\"tolerance\" default=\"1%\"/><formulaequationinput/></numericalresponse></problem>",
    ),
];

const PLOT: &str = "<problem display_name=\"Draw the cycle\"><p>Drag the corners.</p><customresponse cfn=\"check\">\
    <jsinput html_file=\"/static/plot.html\" gradefn=\"g\"/></customresponse>\
    <script type=\"loncapa/python\">def check(e, a):\n    return a == 'abcd'</script></problem>";

/// The report of the whole way, verification and pictures included, as a file in `folder`.
pub(crate) async fn report(folder: &Path) -> PathBuf {
    let course = folder.join("heat");
    for (name, text) in FILES.into_iter().chain([("problem/plot.xml", PLOT)]) {
        write(&course.join(name), text.as_bytes());
    }
    write(&course.join("static/hill.png"), &PNG);
    let source = OlxArchive::open(&course).expect("the course opens");
    let target = FolderCourse::create(folder.join("there")).expect("a place for the copy");
    let id = source.require_courses().expect("it reads").first_course().await.expect("a course").id;
    let planned = plan(&source, &id, &target).await.expect("a plan");
    let written =
        apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect("it is written");
    let verification =
        verify(&planned, &source, &target, &written.course, &Quiet).await.expect("it is read back");
    let report = Report::new(&planned)
        .with_written(&written)
        .with_verification(verification)
        .with_cost(target.requests(), 1.25)
        .with_pictures(&source)
        .await
        .expect("pictures");
    let file = folder.join("report.html");
    report.save_html(&file).expect("the report is written");
    file
}

fn write(file: &Path, bytes: &[u8]) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
    fs::write(file, bytes).expect("the file is written");
}
