//! What stands on a target for a block that it cannot hold, and where its original goes.

use crate::{Block, BlockBody, BlockPlace, Course, Extras, Markup, Platform, SourceFormat, escape, readable};

/// The key of [`Extras`] under which a reader notes where people see a block.
const PAGE: &str = "page";

/// Keys of [`Extras`] that say how something was read, and set nothing: where it is seen, and that the platform marks it
/// by a program that was written for it from its key.
const NOTES: [&str; 2] = [PAGE, Extras::GENERATED];

/// Notes on every block that may have no counterpart elsewhere where people see it on `platform`. The
/// address must not change when other steps are put before it.
pub fn note_pages(course: &mut Course, platform: Platform, page: impl Fn(&BlockPlace<'_>) -> Option<String>) {
    let mut pages: Vec<Option<String>> = course
        .blocks()
        .map(|place| {
            let may_stay = matches!(place.block.1.body, BlockBody::Foreign(_) | BlockBody::Exercise(_));
            may_stay.then(|| page(&place)).flatten()
        })
        .collect();
    pages.reverse();
    let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
    for block in lessons.flat_map(|lesson| &mut lesson.steps).flat_map(|step| &mut step.blocks) {
        if let Some(page) = pages.pop().flatten() {
            block.extras.set(platform, PAGE, page);
        }
    }
}

/// What learners get in place of a block that a target cannot hold: its title, what of it may be read
/// ([`readable`]), and a link to the page that it stands on, where that is known. Never an answer.
pub fn stub(block: &Block) -> Markup {
    let text = readable(block);
    match page_of(block) {
        Some((platform, page)) => text.then(&Markup::from_html(format!(
            "<p><a href=\"{}\">The original on {}</a></p>",
            escape(page),
            platform.title()
        ))),
        None => text,
    }
}

fn page_of(block: &Block) -> Option<(Platform, &str)> {
    let mut platforms = block.extras.platforms();
    platforms.find_map(|platform| {
        let page = block.extras.get(platform, PAGE)?.as_str()?;
        let known = page.starts_with("https://") || page.starts_with("http://");
        known.then_some((platform, page))
    })
}

/// A block as it was, whole: answers, tests and all. Not for the eyes of learners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The ending of its file's name: `xml`, `json`, `yaml`.
    pub ending: &'static str,
    /// What stands in the file.
    pub text: String,
}

/// The original of a block: a native one verbatim, any other as the model's JSON.
pub fn original(block: &Block) -> Original {
    match &block.body {
        BlockBody::Foreign(foreign) => {
            let ending = match foreign.format {
                SourceFormat::Xml => "xml",
                SourceFormat::Json => "json",
                SourceFormat::Yaml => "yaml",
            };
            Original { ending, text: foreign.source.clone() }
        }
        _ => Original { ending: "json", text: serde_json::to_string_pretty(block).unwrap_or_default() },
    }
}

impl Extras {
    /// The key under which a provider notes on a step that its platform marks it by a program which was written from
    /// the key of its exercises, so that to write it there again is no news.
    pub const GENERATED: &str = "generated";

    /// The key under which a provider notes how its platform wrote a block down, so that it can be written so again.
    pub const ORIGIN: &str = "origin";

    /// The key under which a provider notes which native block a block was a part of.
    pub const PART_OF: &str = "part_of";

    /// All settings of one platform that are settings: without what a reader noted.
    pub fn settings(&self, platform: Platform) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.of(platform).filter(|(key, _)| !NOTES.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Foreign, Lesson, Section, Step, Text};

    fn course() -> Course {
        let foreign = Foreign {
            platform: Platform::Stepik,
            name: "pycharm".into(),
            format: SourceFormat::Json,
            source: "{\"answer\":\"42\"}".into(),
            readable: "<p>Build it.</p>".into(),
            points: None,
        };
        let mut step = Step::new("t", "");
        step.blocks.push(Block::new("a", BlockBody::Text(Text { markup: "<p>a</p>".into() })));
        step.blocks.push(Block::new("b", BlockBody::Foreign(foreign)));
        let mut lesson = Lesson::new("7", "");
        lesson.steps.push(step);
        let mut section = Section::new("s", "");
        section.lessons.push(lesson);
        let mut course = Course::new("c", "");
        course.sections.push(section);
        course
    }

    #[test]
    fn a_stub_says_what_may_be_read_and_where_the_rest_is() {
        let mut course = course();
        note_pages(&mut course, Platform::Stepik, |place| {
            Some(format!("https://stepik.org/lesson/{}/?a=1&b", place.lesson.1.id))
        });
        let blocks = &course.sections[0].lessons[0].steps[0].blocks;
        assert!(blocks[0].extras.is_empty(), "a text is carried");
        assert_eq!(
            stub(&blocks[1]).html(),
            "<p>Build it.</p>\n<p><a href=\"https://stepik.org/lesson/7/?a=1&amp;b\">The original on Stepik</a></p>"
        );
        assert_eq!(blocks[1].extras.settings(Platform::Stepik).count(), 0);
        let original = original(&blocks[1]);
        assert_eq!((original.ending, original.text.as_str()), ("json", "{\"answer\":\"42\"}"));
    }

    #[test]
    fn an_address_that_acts_is_no_page() {
        let mut course = course();
        note_pages(&mut course, Platform::Stepik, |_| Some("javascript:alert(1)".into()));
        assert_eq!(stub(&course.sections[0].lessons[0].steps[0].blocks[1]).html(), "<p>Build it.</p>");
    }
}
