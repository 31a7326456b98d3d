//! What INGInious can hold of a course, and what is lost.

mod assets;
mod exercise;
mod headings;
mod step;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{
    AdaptLog, Adapted, AssetLinks, Course, Extras, Finding, Lesson, Place, Platform, Schedule, Section,
    Severity, Timestamp,
};

use super::comments::{SOURCE, kept, without};
use super::rst::Shape;
pub(crate) use exercise::numbered;
pub(crate) use step::{Mode, mode_of, round};
pub(crate) use text::{native_link, source_of};

/// Adapts a course. The result is what reading the written folder gives, ids aside.
pub(crate) fn adapt(course: &Course) -> Adapted {
    let mut log = AdaptLog::new();
    let mut state = State { log: &mut log };
    let mut adapted = course.header();
    header(&mut state, course, &mut adapted);
    let mut dates = false;
    for (s, section) in course.sections.iter().enumerate() {
        let mut made = Section::new(section.id.clone(), titled(&section.title, "Section", s));
        made.extras = own(&section.extras);
        let at = Place::course().child(s + 1, &section.title);
        state.name_fields(&section.extras, &at);
        if made.title != section.title {
            state.nameless(&at);
        }
        if !section.description.is_empty() {
            state.note(
                Severity::Dropped,
                at.to_string(),
                "description",
                "sections have no description on INGInious",
                None,
            );
        }
        for (l, lesson) in section.lessons.iter().enumerate() {
            let at = at.child(l + 1, &lesson.title);
            state.name_fields(&lesson.extras, &at);
            if let Some(category) = &lesson.category {
                let why = format!("INGInious weights tasks, not kinds of work ({category})");
                state.note(Severity::Dropped, at.to_string(), "kind of graded work", &why, None);
            }
            let mut part = Lesson::new(lesson.id.clone(), lesson.title.clone());
            part.extras = own(&lesson.extras);
            for (t, source) in lesson.steps.iter().enumerate() {
                let at =
                    step::At { section: (s + 1, section), lesson: (l + 1, lesson), step: (t + 1, source) };
                state.name_fields(&source.extras, &at.place());
                let mut steps = step::adapt_step(&mut state, at);
                let schedule = to_the_second(joint([source.schedule, lesson.schedule, section.schedule]));
                dates |= schedule != Schedule::default();
                for step in &mut steps {
                    step.schedule = schedule;
                }
                part.steps.extend(steps);
            }
            state.idle_dates(&at, lesson.schedule, lesson.steps.len());
            made.lessons.push(part);
        }
        let steps = section.lessons.iter().map(|lesson| lesson.steps.len()).sum();
        state.idle_dates(&at, section.schedule, steps);
        // A section of tasks is its own lesson; several lessons are sections within it.
        let alone = made.lessons.len() == 1;
        for (l, lesson) in made.lessons.iter_mut().enumerate() {
            if lesson.title.is_empty() {
                state.nameless(&at.child(l + 1, ""));
                lesson.title = if alone { made.title.clone() } else { titled("", "Lesson", l) };
            }
        }
        adapted.sections.push(made);
    }
    comments(&mut state, &mut adapted);
    adapted.assets = assets::adapt_assets(course);
    if dates || course.schedule != Schedule::default() {
        state.note(
            Severity::Approximated,
            Place::course().to_string(),
            "dates",
            "INGInious takes dates as local time of the server, to the second, and knows them for the course and its tasks only",
            Some("they are written in UTC, those of sections and lessons on each of their tasks"),
        );
    }
    foreign_settings(&mut state, course);
    log.finish(adapted)
}

/// A file with comments is written as it was where its task still says the same; where not, the comments are lost.
fn comments(state: &mut State<'_>, adapted: &mut Course) {
    for step in adapted.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|lesson| &mut lesson.steps)
    {
        let there = step.extras.get(Platform::Inginious, SOURCE).is_some();
        if there && kept(step, &AssetLinks::new()).is_none() {
            let why = "the task has changed, so its file is written anew";
            state.note(Severity::Approximated, format!("task {}", step.id), "comments", why, None);
            *step = without(step);
        }
    }
}

/// What an adaptation gathers on its way.
pub(super) struct State<'a> {
    pub(super) log: &'a mut AdaptLog,
}

impl State<'_> {
    fn note(&mut self, severity: Severity, path: String, what: &str, why: &str, fallback: Option<&str>) {
        let mut finding = Finding::new(severity, path, what, why);
        finding.fallback = fallback.map(str::to_owned);
        self.log.note(finding);
    }

    /// Names what another platform sets of a section, lesson or step.
    fn name_fields(&mut self, extras: &Extras, at: &Place) {
        for (platform, field) in extras.fields(Platform::Inginious) {
            let what = format!("{field} of {platform}");
            self.note(Severity::Dropped, at.to_string(), &what, "INGInious has no such setting", None);
        }
    }

    /// Names a course, section or lesson that is given a title.
    fn nameless(&mut self, at: &Place) {
        let why = "INGInious shows nothing else of a course, section or lesson";
        let fallback = "named after what it is in, or numbered";
        self.note(Severity::Approximated, at.to_string(), "title", why, Some(fallback));
    }

    /// Names the dates of what has no step to carry them.
    fn idle_dates(&mut self, path: &Place, schedule: Schedule, steps: usize) {
        if steps == 0 && schedule != Schedule::default() {
            let why = "on INGInious only tasks have dates, and there is none in it";
            self.note(Severity::Dropped, path.to_string(), "dates", why, None);
        }
    }
}

/// The dates of a step in a lesson in a section: it is not there before all three have begun; its deadlines are the
/// nearest ones that were set.
fn joint(nested: [Schedule; 3]) -> Schedule {
    Schedule {
        start: nested.iter().filter_map(|s| s.start).max(),
        due: nested.iter().find_map(|s| s.due),
        end: nested.iter().find_map(|s| s.end),
    }
}

fn titled(title: &str, kind: &str, index: usize) -> String {
    if title.trim().is_empty() { format!("{kind} {}", index + 1) } else { title.to_owned() }
}

/// Dates as INGInious keeps them.
fn to_the_second(schedule: Schedule) -> Schedule {
    let cut = |date: Option<Timestamp>| date.map(|d| Timestamp::from_naive(&d.to_naive()).unwrap_or(d));
    Schedule { start: cut(schedule.start), due: cut(schedule.due), end: cut(schedule.end) }
}

/// The settings that INGInious itself has left in a node. How it is marked is decided anew.
pub(super) fn own(extras: &Extras) -> Extras {
    let mut kept = Extras::new();
    for (key, value) in extras.of(Platform::Inginious).filter(|(key, _)| *key != Extras::GENERATED) {
        kept.set(Platform::Inginious, key, value.clone());
    }
    kept
}

fn header(state: &mut State<'_>, course: &Course, adapted: &mut Course) {
    let mut lose = |what: &str, why: &str| {
        state.note(Severity::Dropped, Place::course().to_string(), what, why, None);
    };
    if course.summary.is_some() {
        lose("summary", "INGInious has a description only");
    }
    if course.language.is_some() {
        lose("language", "INGInious does not say in which language a course is");
    }
    if course.cover.is_some() {
        lose("cover", "courses have no picture on INGInious; the file is carried");
    }
    if course.grading.as_ref().is_some_and(|g| !g.categories.is_empty() || !g.cutoffs.is_empty()) {
        lose("grading policy", "the mark of a course is the weighted mean of its tasks");
    }
    adapted.summary = None;
    adapted.language = None;
    adapted.cover = None;
    adapted.grading = None;
    adapted.extras = own(&course.extras);
    adapted.schedule = to_the_second(course.schedule);
    if adapted.title.trim().is_empty() {
        state.nameless(&Place::course());
        adapted.title = course.id.to_string();
    }
    let mut texts = text::Texts::of(&course.extras);
    adapted.description = texts.fit(&course.description, Shape::Flow, "description");
    texts.store(&mut adapted.extras);
}

/// Settings of other platforms, by name, once.
fn foreign_settings(state: &mut State<'_>, course: &Course) {
    let mut found: BTreeMap<Platform, BTreeSet<String>> = BTreeMap::new();
    let mut gather = |extras: &Extras| {
        for platform in extras.platforms().filter(|p| *p != Platform::Inginious) {
            found
                .entry(platform)
                .or_default()
                .extend(extras.settings(platform).map(|(key, _)| key.to_owned()));
        }
    };
    gather(&course.extras);
    for section in &course.sections {
        gather(&section.extras);
        for lesson in &section.lessons {
            gather(&lesson.extras);
            for step in &lesson.steps {
                gather(&step.extras);
                step.blocks.iter().for_each(|block| gather(&block.extras));
            }
        }
    }
    for (platform, keys) in found.into_iter().filter(|(_, keys)| !keys.is_empty()) {
        let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
        state.note(
            Severity::Dropped,
            Place::course().to_string(),
            &format!("settings of {platform}"),
            &format!("only {platform} knows them: {keys}"),
            None,
        );
    }
}

#[cfg(test)]
mod tests {
    use lms_core::Step;

    use super::*;

    fn dates(start: Option<&str>, due: Option<&str>, end: Option<&str>) -> Schedule {
        let date = |text: &str| text.parse().expect("a date");
        Schedule { start: start.map(date), due: due.map(date), end: end.map(date) }
    }

    const EARLY: Option<&str> = Some("2025-09-01T00:00:00Z");
    const LATE: Option<&str> = Some("2026-03-01T00:00:00Z");

    #[test]
    fn a_task_has_the_dates_of_all_that_it_is_in() {
        let mut step = Step::new("t", "T");
        step.schedule = dates(EARLY, None, None);
        let mut lesson = Lesson::new("l", "L");
        lesson.schedule = dates(None, EARLY, None);
        lesson.steps.push(step);
        let mut section = Section::new("s", "S");
        section.schedule = dates(LATE, LATE, EARLY);
        section.lessons.push(lesson);
        let mut course = Course::new("c", "C");
        course.sections.push(section);
        let adapted = adapt(&course).course;
        let schedule = adapted.steps().next().expect("a step").schedule;
        assert_eq!(schedule, dates(LATE, EARLY, EARLY));
    }

    #[test]
    fn dates_of_what_has_no_task_are_named_where_they_were() {
        let mut section = Section::new("s", "S");
        section.schedule = dates(None, None, LATE);
        let mut lesson = Lesson::new("l", "L");
        lesson.schedule = dates(EARLY, None, None);
        section.lessons.push(lesson);
        let mut course = Course::new("c", "C");
        course.sections.push(section);
        let findings = adapt(&course).findings;
        let dropped = findings.iter().filter(|f| f.what == "dates" && f.severity == Severity::Dropped);
        assert_eq!(dropped.map(|f| f.path.as_str()).collect::<Vec<_>>(), ["1. S › 1. L", "1. S"]);
    }
}
