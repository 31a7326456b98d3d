//! Essays and files that people mark → open response assessments.

use lms_core::{
    AssetId, Block, BlockBody, BlockPlace, Exercise, Foreign, Interaction, Markup, Platform, Severity,
    SourceFormat,
};

use super::Adapter;
use crate::convert::markup::{address, spelled};
use crate::convert::xhtml::clean;
use crate::olx::read::prompts;
use crate::olx::xml::{Element, markup};

impl Adapter {
    /// What people mark, as a block of its own.
    pub(super) fn assessment(&mut self, place: &BlockPlace<'_>, exercise: &Exercise) -> Block {
        let block = place.block.1;
        let what = exercise.interaction.name();
        let fallback = "an open response assessment that staff marks with all points or none";
        let why = "Open edX has people mark by a rubric, and none is invented";
        self.log.change_marks(place, what, why, fallback);
        if !exercise.hints.is_empty() || !exercise.feedback.is_empty() {
            self.note(
                Severity::Dropped,
                "hints and feedback of essays",
                "open response assessments have none",
                "",
            );
        }
        if exercise.scoring.attempts.is_some_and(|attempts| attempts > 1) {
            self.note(
                Severity::Approximated,
                "several tries at an essay",
                "open response assessments take one",
                "one try",
            );
        }
        Block {
            title: block.title.clone(),
            ..Block::new(block.id.clone(), open_response(exercise, &block.title, self))
        }
    }
}

/// An `openassessment` that staff marks. The rubric is the least the block takes: one criterion, none
/// or all of the points; how it is to be marked stays the teacher's affair (reference field.md 3.5).
fn open_response(exercise: &Exercise, title: &str, adapter: &Adapter) -> BlockBody {
    let points = exercise.scoring.points.round().max(0.0);
    // A native block is written as it stands, so its links already lead to where the files will be; what is read of
    // it names the files as the course does.
    let placed = exercise.prompt.map_links(|link| {
        let name = adapter.named.get(&AssetId::from(link.strip_prefix("asset:")?))?;
        Some(address(name))
    });
    let source = markup(&element(exercise, title, points, &spelled(&placed)));
    let readable = element(exercise, title, points, &spelled(&exercise.prompt));
    BlockBody::Foreign(Foreign {
        platform: Platform::OpenEdx,
        name: "openassessment".into(),
        format: SourceFormat::Xml,
        source,
        readable: prompts(&readable, &adapter.statics),
        points: Some(points),
    })
}

fn element(exercise: &Exercise, title: &str, points: f64, prompt: &str) -> Element {
    let (text, upload, rubric, extensions) = match &exercise.interaction {
        Interaction::ExtendedText(essay) => {
            ("required", if essay.attachments { "optional" } else { "" }, essay.rubric.clone(), Vec::new())
        }
        Interaction::FileUpload(upload) => ("", "required", Markup::default(), upload.extensions.clone()),
        _ => ("optional", "", Markup::default(), Vec::new()),
    };
    let option = |points: f64, name: &str| {
        Element::new("option")
            .with("points", format!("{points}"))
            .child(Element::new("name").text(name))
            .child(Element::new("label").text(name))
            .child(Element::new("explanation"))
    };
    let criterion = Element::new("criterion")
        .with("feedback", "optional")
        .child(Element::new("name").text("Mark"))
        .child(Element::new("label").text("Mark"))
        .child(Element::new("prompt").text(clean(&rubric.plain())))
        .child(option(0.0, "Not accepted"))
        .child(option(points, "Accepted"));
    let mut block = Element::new("openassessment")
        .with("xblock-family", "xblock.v1")
        .with("prompts_type", "html")
        .with("text_response", text)
        .with("text_response_editor", "text")
        .with("file_upload_response", upload)
        .with("allow_multiple_files", "True")
        .with("leaderboard_show", "0")
        // Without them the block closes on a date of its own, in 2029; no other platform has such dates.
        .with("submission_start", "2001-01-01T00:00:00+00:00")
        .with("submission_due", "2099-12-31T00:00:00+00:00");
    if !upload.is_empty() {
        let kind = if extensions.is_empty() { "pdf-and-image" } else { "custom" };
        block.set("file_upload_type", kind);
        if !extensions.is_empty() {
            let list: Vec<&str> = extensions.iter().map(|e| e.trim_start_matches('.')).collect();
            block.set("white_listed_file_types", list.join(","));
        }
    }
    block
        .child(Element::new("title").text(clean(title)))
        .child(
            Element::new("assessments")
                .child(Element::new("assessment").with("name", "staff-assessment").with("required", "True")),
        )
        .child(
            Element::new("prompts")
                .child(Element::new("prompt").child(Element::new("description").text(clean(prompt)))),
        )
        .child(Element::new("rubric").child(criterion))
}

#[cfg(test)]
mod tests {
    use lms_core::{
        Asset, AssetRole, BlockBody, Course, Exercise, ExtendedTextInteraction, Interaction, Lesson, Section,
        Step,
    };

    use super::*;
    use crate::convert::adapt::adapt;

    #[test]
    fn links_of_an_assessment_lead_to_the_files_as_they_are_called_there() {
        let prompt = Markup::from_html("<img src=\"asset:7\"><a href=\"asset:gone\">x</a>");
        let essay = Interaction::ExtendedText(ExtendedTextInteraction::default());
        let exercise = Exercise::new("t", prompt, essay);
        let mut step = Step::new("t", "");
        step.blocks.push(Block::new("b", BlockBody::Exercise(Box::new(exercise))));
        let (mut section, mut lesson) = (Section::new("s", ""), Lesson::new("l", ""));
        lesson.steps.push(step);
        section.lessons.push(lesson);
        let mut course = Course::new("c", "");
        course.sections.push(section);
        let role = AssetRole::Content;
        let name = "a/b c.png".to_owned();
        course.assets.push(Asset { id: "7".into(), name, media_type: None, size: None, role });
        let adapted = adapt(&course).course;
        let block = adapted.blocks().next().expect("a block").block.1;
        let BlockBody::Foreign(foreign) = &block.body else { panic!("{block:?}") };
        assert_eq!(foreign.readable.links(), ["asset:7", "asset:gone"]);
        assert!(foreign.source.contains("/static/a_b_c.png"), "{}", foreign.source);
    }
}
