//! Moving a part of a course, or moving it under another name.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use lms_core::{Block, Content, Error, Finding, Place, Result, Severity};

/// Which siblings are meant: by title, with `*` for any letters and `?` for one, whatever their case; or by place:
/// `3`, `2-4`, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Those whose title is like this.
    Title(String),
    /// Those at these places, both ends included.
    Places(usize, usize),
}

impl Pattern {
    fn takes(&self, place: usize, title: &str) -> bool {
        match self {
            Self::Places(from, to) => (*from..=*to).contains(&place),
            Self::Title(pattern) => {
                let fold = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
                is_like(&fold(pattern), &fold(title))
            }
        }
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid(
                "a pattern is empty; say a title such as 'Week *', or a place such as 3 or 2-4",
            ));
        }
        let place = |text: &str| text.trim().parse::<usize>().ok();
        let places = match text.split_once('-') {
            Some((from, to)) => place(from).zip(place(to)),
            None => place(text).map(|n| (n, n)),
        };
        match places {
            Some((from, to)) if from == 0 || from > to => {
                Err(Error::invalid("places are counted from 1, the first before the last").on(text))
            }
            Some((from, to)) => Ok(Self::Places(from, to)),
            None => Ok(Self::Title(text.to_owned())),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title(title) => f.write_str(title),
            Self::Places(from, to) if from == to => write!(f, "{from}"),
            Self::Places(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

/// Whether a text is like a pattern, in time proportional to both.
fn is_like(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}

/// What of a course is moved, and what it is called there. By default all, as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these sections; all where there are none.
    pub sections: Vec<Pattern>,
    /// Not these sections.
    pub without_sections: Vec<Pattern>,
    /// Only these lessons, counted within their section.
    pub lessons: Vec<Pattern>,
    /// Not these lessons.
    pub without_lessons: Vec<Pattern>,
    /// Only these kinds of block: `text`, `video`, `file`, `exercise`, `foreign`, an interaction (`choice`), or the
    /// native name of a foreign block.
    pub kinds: BTreeSet<String>,
    /// Not these kinds.
    pub without_kinds: BTreeSet<String>,
    /// Another title.
    pub title: Option<String>,
    /// Another language: a BCP 47 tag.
    pub language: Option<String>,
}

impl Filter {
    /// Whether everything is moved as it is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Leaves out what is not wanted. Each section, lesson and block that is left out is a finding of the severity
    /// `exact`: it is no loss, and it is said.
    ///
    /// # Errors
    /// `InvalidInput` where a pattern or a kind fits nothing in the course, or nothing would be left.
    pub fn apply(&self, mut content: Content) -> Result<Content> {
        self.check(&content)?;
        let course = &mut content.course;
        let mut findings = Vec::new();
        if let Some(title) = &self.title {
            course.title.clone_from(title);
        }
        if let Some(language) = &self.language {
            course.language = Some(language.clone());
        }
        let was = course.blocks().count();
        let mut sections = Vec::new();
        for (s, mut section) in (1..).zip(std::mem::take(&mut course.sections)) {
            let at = Place::course().child(s, &section.title);
            if !wanted(&self.sections, &self.without_sections, s, &section.title) {
                let blocks = section.lessons.iter().flat_map(|l| &l.steps).map(|t| t.blocks.len()).sum();
                findings.push(left_out(&at, "section", blocks));
                continue;
            }
            let had_lessons = !section.lessons.is_empty();
            let mut lessons = Vec::new();
            for (l, mut lesson) in (1..).zip(std::mem::take(&mut section.lessons)) {
                let at = at.child(l, &lesson.title);
                if !wanted(&self.lessons, &self.without_lessons, l, &lesson.title) {
                    findings.push(left_out(&at, "lesson", lesson.steps.iter().map(|t| t.blocks.len()).sum()));
                    continue;
                }
                let mut steps = Vec::new();
                for (t, mut step) in (1..).zip(std::mem::take(&mut lesson.steps)) {
                    let had_blocks = !step.blocks.is_empty();
                    let at = at.child(t, &step.title);
                    for (b, block) in (1..).zip(std::mem::take(&mut step.blocks)) {
                        if self.wants(&block) {
                            step.blocks.push(block);
                        } else {
                            findings.push(left_out(&at.child(b, &block.title), names(&block).1, 1));
                        }
                    }
                    if !had_blocks || !step.blocks.is_empty() {
                        steps.push(step);
                    }
                }
                lesson.steps = steps;
                lessons.push(lesson);
            }
            section.lessons = lessons;
            if !had_lessons || !section.lessons.is_empty() {
                sections.push(section);
            }
        }
        course.sections = sections;
        if was > 0 && course.blocks().next().is_none() {
            return Err(Error::invalid("the filter leaves nothing of the course").on(&course.title));
        }
        findings.append(&mut content.findings);
        content.findings = findings;
        Ok(content)
    }

    fn wants(&self, block: &Block) -> bool {
        let (kind, name) = names(block);
        let named = |kinds: &BTreeSet<String>| kinds.contains(kind) || kinds.contains(name);
        (self.kinds.is_empty() || named(&self.kinds)) && !named(&self.without_kinds)
    }

    /// A pattern that fits nothing is a mistake of whoever wrote it.
    fn check(&self, content: &Content) -> Result<()> {
        let course = &content.course;
        for pattern in self.sections.iter().chain(&self.without_sections) {
            if !(1..).zip(&course.sections).any(|(n, section)| pattern.takes(n, &section.title)) {
                return Err(Error::invalid(format!("no section of the course is like {pattern}")));
            }
        }
        for pattern in self.lessons.iter().chain(&self.without_lessons) {
            let fits = |section: &lms_core::Section| {
                (1..).zip(&section.lessons).any(|(n, lesson)| pattern.takes(n, &lesson.title))
            };
            if !course.sections.iter().any(fits) {
                return Err(Error::invalid(format!("no lesson of the course is like {pattern}")));
            }
        }
        for kind in self.kinds.iter().chain(&self.without_kinds) {
            let there: BTreeSet<&str> =
                course.blocks().flat_map(|p| <[&str; 2]>::from(names(p.block.1))).collect();
            if !there.contains(kind.as_str()) {
                let known = there.into_iter().collect::<Vec<_>>().join(", ");
                return Err(Error::invalid(format!(
                    "no block of the course is of the kind {kind}; there are {known}"
                )));
            }
        }
        Ok(())
    }
}

/// The kind of a block, and the name of what is in it.
fn names(block: &Block) -> (&str, &str) {
    let kind = block.body.kind();
    match &block.body {
        lms_core::BlockBody::Exercise(exercise) => (kind, exercise.interaction.name()),
        lms_core::BlockBody::Foreign(foreign) => (kind, &foreign.name),
        _ => (kind, kind),
    }
}

fn wanted(only: &[Pattern], without: &[Pattern], place: usize, title: &str) -> bool {
    let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.takes(place, title));
    (only.is_empty() || any(only)) && !any(without)
}

/// How a finding begins that says what a filter left out.
const LEFT_OUT: &str = "left out by the filter";

fn left_out(at: &Place, what: &str, blocks: usize) -> Finding {
    let why = match blocks {
        1 => format!("{LEFT_OUT}: 1 block"),
        n => format!("{LEFT_OUT}: {n} blocks"),
    };
    Finding::new(Severity::Exact, at.to_string(), what, why)
}

/// Whether a finding says that something was left out by a filter.
pub(crate) fn is_left_out(finding: &Finding) -> bool {
    finding.severity == Severity::Exact && finding.why.starts_with(LEFT_OUT)
}

#[cfg(test)]
mod tests {
    use lms_core::{BlockBody, Course, Lesson, Section, Step, Text, Video};

    use super::*;

    #[test]
    fn patterns_take_titles_and_places() {
        let takes = |pattern: &str, place: usize, title: &str| {
            pattern.parse::<Pattern>().expect("a pattern").takes(place, title)
        };
        assert!(
            takes("week *", 9, "Week 1")
                && takes("*ИСТ?РИЯ*", 9, "Моя история")
                && takes("Intro", 9, "intro")
        );
        assert!(!takes("week", 9, "Week 1") && !takes("w?k", 9, "week") && takes("*", 9, ""));
        assert!(takes("2", 2, "x") && takes("2-4", 4, "x") && !takes("2-4", 5, "x"));
        assert!(takes("a*b*c", 1, "a-b-b-c") && !takes("a*b*c", 1, "a-c-b"));
        for bad in ["", "0", "4-2"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }

    fn content() -> Content {
        let mut course = Course::new("c", "Course");
        for s in 1..=3 {
            let mut section = Section::new(format!("s{s}"), format!("Week {s}"));
            for l in 1..=2 {
                let mut lesson = Lesson::new(format!("l{s}{l}"), format!("Lesson {l}"));
                let bodies = [BlockBody::Text(Text::default()), BlockBody::Video(Video::default())];
                for (t, body) in bodies.into_iter().enumerate() {
                    let mut step = Step::new(format!("t{s}{l}{t}"), "");
                    step.blocks.push(Block::new(format!("b{s}{l}{t}"), body));
                    lesson.steps.push(step);
                }
                section.lessons.push(lesson);
            }
            course.sections.push(section);
        }
        Content { course, findings: Vec::new(), native: lms_core::NativeCounts::default() }
    }

    fn patterns(list: &[&str]) -> Vec<Pattern> {
        list.iter().map(|text| text.parse().expect("a pattern")).collect()
    }

    #[test]
    fn what_is_left_out_is_counted_and_said() {
        let filter = Filter {
            sections: patterns(&["Week 1", "3"]),
            without_lessons: patterns(&["2"]),
            without_kinds: ["video".to_owned()].into(),
            title: Some("Half".into()),
            language: Some("fr".into()),
            ..Filter::default()
        };
        let filtered = filter.apply(content()).expect("something is left");
        let ids: Vec<String> = filtered.course.blocks().map(|p| p.block.1.id.to_string()).collect();
        assert_eq!(ids, ["b110", "b310"]);
        assert_eq!(
            (filtered.course.title.as_str(), filtered.course.language.as_deref()),
            ("Half", Some("fr"))
        );
        assert_eq!(filtered.course.steps().count(), 2, "a step without its block goes too");
        let said: Vec<String> = filtered.findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "exact: 1. Week 1 › 1. Lesson 1 › 2 › 1: video: left out by the filter: 1 block",
                "exact: 1. Week 1 › 2. Lesson 2: lesson: left out by the filter: 2 blocks",
                "exact: 2. Week 2: section: left out by the filter: 4 blocks",
                "exact: 3. Week 3 › 1. Lesson 1 › 2 › 1: video: left out by the filter: 1 block",
                "exact: 3. Week 3 › 2. Lesson 2: lesson: left out by the filter: 2 blocks",
            ]
        );
    }

    #[test]
    fn no_filter_changes_nothing_and_a_filter_that_fits_nothing_is_a_mistake() {
        assert!(Filter::default().is_empty());
        assert_eq!(Filter::default().apply(content()).expect("all is left"), content());
        let fails = |filter: Filter, says: &str| {
            let error = filter.apply(content()).expect_err("it fits nothing").to_string();
            assert!(error.contains(says), "{error}");
        };
        fails(
            Filter { sections: patterns(&["Week 9"]), ..Filter::default() },
            "no section of the course is like Week 9",
        );
        fails(Filter { lessons: patterns(&["3"]), ..Filter::default() }, "no lesson of the course is like 3");
        fails(Filter { kinds: ["choice".to_owned()].into(), ..Filter::default() }, "there are text, video");
        fails(Filter { without_sections: patterns(&["*"]), ..Filter::default() }, "leaves nothing");
    }
}
