//! Courses to load into an emulator: several of them, each with the same one question.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lms_core::CourseId;
use serde_json::json;

/// What a seeded platform holds.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The courses, in no particular order.
    pub courses: Vec<CourseId>,
    /// What the right option of the one question says.
    pub right: &'static str,
    /// What a wrong one says.
    pub wrong: &'static str,
}

impl Seed {
    fn new(courses: Vec<CourseId>) -> Self {
        Self { courses, right: "42", wrong: "36" }
    }
}

/// Writes a file of Stepik objects with `n` courses into `folder`.
///
/// # Errors
/// The file cannot be written.
pub fn stepik(folder: &Path, n: u64) -> io::Result<(Seed, Vec<PathBuf>)> {
    let mut document = json!({"courses": [], "sections": [], "units": [], "lessons": [], "step-sources": []});
    let mut add = |list: &str, object: serde_json::Value| {
        if let Some(list) = document[list].as_array_mut() {
            list.push(object);
        }
    };
    for i in 0..n {
        // Ids far apart and different for each kind, so that none passes for another.
        let (course, section, unit, lesson, step) =
            (5_000 + 7 * i, 6_100 + i, 7_200 + i, 8_300 + 3 * i, 9_400 + i);
        add(
            "courses",
            json!({"id": course, "title": title(i), "summary": "One question.", "language": "en",
            "is_public": true, "is_enabled": true, "sections": [section]}),
        );
        add(
            "sections",
            json!({"id": section, "course": course, "title": "Sums", "position": 1, "units": [unit]}),
        );
        add("units", json!({"id": unit, "section": section, "lesson": lesson, "position": 1}));
        add(
            "lessons",
            json!({"id": lesson, "title": "Six times seven", "language": "en", "is_public": true, "steps": [step]}),
        );
        add(
            "step-sources",
            json!({"id": step, "lesson": lesson, "position": 1, "status": "ready", "cost": 2, "block": {
            "name": "choice", "text": "<p>What is 6 × 7?</p>", "video": null, "options": {"is_multiple_choice": false},
            "source": {"is_multiple_choice": false, "is_always_correct": false, "sample_size": 3, "preserve_order": false,
                "is_html_enabled": true, "is_options_feedback": false, "options": [
                    {"is_correct": false, "text": "36", "feedback": ""}, {"is_correct": true, "text": "42", "feedback": ""},
                    {"is_correct": false, "text": "48", "feedback": ""}]}}}),
        );
    }
    let path = folder.join("seed.json");
    fs::write(&path, document.to_string())?;
    Ok((Seed::new((0..n).map(|i| CourseId::from(5_000 + 7 * i)).collect()), vec![path]))
}

/// Writes `n` OLX folders into `folder`.
///
/// # Errors
/// A file cannot be written.
pub fn openedx(folder: &Path, n: u64) -> io::Result<(Seed, Vec<PathBuf>)> {
    let mut courses = Vec::new();
    let mut paths = Vec::new();
    for i in 0..n {
        let path = folder.join(format!("olx-{i}"));
        let write = |name: &str, text: &str| -> io::Result<()> {
            let file = path.join(name);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, text)
        };
        write("course.xml", &format!("<course url_name=\"run\" org=\"Seed\" course=\"N{i}\"/>\n"))?;
        write(
            "course/run.xml",
            &format!(
                "<course display_name=\"{}\" start=\"2020-01-01T00:00:00Z\"><chapter url_name=\"sums\" display_name=\"Sums\">\
                 <sequential url_name=\"seven\" display_name=\"Six times seven\"><vertical url_name=\"question\" \
                 display_name=\"The question\"><problem url_name=\"answer\"/></vertical></sequential></chapter></course>\n",
                title(i)
            ),
        )?;
        write(
            "problem/answer.xml",
            "<problem display_name=\"Six times seven\" weight=\"2\"><multiplechoiceresponse><label>What is 6 × 7?</label>\
             <choicegroup type=\"MultipleChoice\"><choice correct=\"false\">36</choice><choice correct=\"true\">42</choice>\
             <choice correct=\"false\">48</choice></choicegroup></multiplechoiceresponse></problem>\n",
        )?;
        courses.push(format!("course-v1:Seed+N{i}+run").into());
        paths.push(path);
    }
    Ok((Seed::new(courses), paths))
}

/// Writes `n` INGInious course folders into `folder`.
///
/// # Errors
/// A file cannot be written.
pub fn inginious(folder: &Path, n: u64) -> io::Result<(Seed, Vec<PathBuf>)> {
    let mut courses = Vec::new();
    let mut paths = Vec::new();
    for i in 0..n {
        let id = format!("seed-{i}");
        let path = folder.join(&id);
        fs::create_dir_all(path.join("sum"))?;
        fs::write(
            path.join("course.yaml"),
            format!(
                "name: {}\naccessible: true\nregistration: true\ntask_dispenser: toc\ndispenser_data:\n    toc:\n      - id: sums\n        \
                 title: Sums\n        tasks_list: [sum]\n    config:\n        sum:\n            accessibility: true\n            \
                 weight: 2.0\n",
                title(i)
            ),
        )?;
        fs::write(
            path.join("sum/task.yaml"),
            "name: Six times seven\ncontext: Multiply.\nenvironment_type: mcq\nenvironment_id: mcq\n\
             environment_parameters: {}\nproblems:\n    answer:\n        type: multiple_choice\n        name: ''\n        \
             header: What is 6 × 7?\n        choices:\n          - {text: '36', valid: false}\n          \
             - {text: '42', valid: true}\n          - {text: '48', valid: false}\n",
        )?;
        courses.push(id.into());
        paths.push(path);
    }
    Ok((Seed::new(courses), paths))
}

fn title(i: u64) -> String {
    format!("Seeded course {i}")
}
