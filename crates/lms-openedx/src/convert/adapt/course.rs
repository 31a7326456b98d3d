//! The course, sections, lessons and steps themselves.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{
    AssetId, AssetRole, Course, Extras, Finding, GradingCategory, GradingPolicy, Lesson, Markup, Place,
    Platform, Schedule, Section, Severity, Step, Timestamp,
};

use super::{Adapter, own};
use crate::convert::markup::{OUTSIDE, flat_name};
use crate::olx::read::ROOT;

/// 2000-01-01T00:00:00Z: a start in the past.
const LONG_AGO: i64 = 946_684_800;

impl Adapter {
    /// The course with its structure; steps have no blocks yet.
    pub(super) fn course(&mut self, source: &Course) -> Course {
        self.name_settings(source);
        let mut course = source.header();
        course.extras = own(&source.extras);
        course.description = self.plain_markup(&source.description);
        let folded = source.summary.as_deref().map(|summary| Markup::from_text(summary).plain());
        course.summary = folded.filter(|summary| !summary.is_empty());
        if course.summary != source.summary {
            let why = "the short description of Open edX is one line";
            self.note(Severity::Exact, "line ends and spaces of the summary", why, "one space each");
        }
        let from_olx = source.extras.get(Platform::OpenEdx, ROOT).is_some();
        course.summary = course.summary.filter(|summary| !summary.is_empty());
        course.schedule.due = None;
        if source.schedule.due.is_some() {
            self.note(
                Severity::Dropped,
                "a deadline of the whole course",
                "Open edX sets deadlines by lesson",
                "",
            );
        }
        if !from_olx && course.schedule.start.is_none() {
            course.schedule.start = Timestamp::from_unix_seconds(LONG_AGO);
            let why = "Open edX hides a course that has none";
            self.note(Severity::Exact, "no start date", why, "it starts on 2000-01-01, that is at once");
        }
        if self.site.is_some() && course.title.is_empty() {
            course.title = source.id.as_str().to_owned();
            self.note(Severity::Exact, "no title", "Studio makes no course without one", "its id");
        }
        if self.site.is_some() && course.grading.is_none() {
            course.grading = Some(default_policy());
            let why = "Open edX gives every course one";
            self.note(Severity::Exact, "no grading policy", why, "that of a new course");
        }
        if self.site.is_some() {
            self.leave_out_policies(&mut course);
        }
        if self.piecewise {
            self.course_settings(&mut course);
        }
        self.assets(source, &mut course, from_olx);
        let sections = source.sections.iter().enumerate();
        course.sections = sections
            .map(|(n, section)| self.section(section, &Place::course().child(n + 1, &section.title)))
            .collect();
        course
    }

    fn section(&mut self, source: &Section, at: &Place) -> Section {
        self.at(at);
        let mut section = Section::new(source.id.clone(), &source.title);
        section.extras = self.node_extras("chapter", &source.extras);
        section.schedule = self.schedule(&source.schedule);
        if !source.description.is_empty() {
            let why = "sections of Open edX have a title only";
            self.note(Severity::Dropped, "description", why, "");
        }
        let lessons = source.lessons.iter().enumerate();
        section.lessons =
            lessons.map(|(n, lesson)| self.lesson(lesson, &at.child(n + 1, &lesson.title))).collect();
        section
    }

    fn lesson(&mut self, source: &Lesson, at: &Place) -> Lesson {
        self.at(at);
        let mut lesson = Lesson::new(source.id.clone(), &source.title);
        lesson.extras = self.node_extras("sequential", &source.extras);
        lesson.schedule = self.schedule(&source.schedule);
        lesson.category = source.category.clone().filter(|category| !category.is_empty());
        lesson.steps = source
            .steps
            .iter()
            .enumerate()
            .map(|(n, from)| {
                self.at(&at.child(n + 1, &from.title));
                let mut step = Step::new(from.id.clone(), &from.title);
                step.extras = self.node_extras("vertical", &from.extras);
                step.schedule = self.schedule(&from.schedule);
                step
            })
            .collect();
        lesson
    }

    fn schedule(&mut self, source: &Schedule) -> Schedule {
        let mut schedule = *source;
        if let Some(end) = schedule.end.take() {
            let why = "Open edX has one deadline, after which no answers are taken";
            match schedule.due {
                None => {
                    schedule.due = Some(end);
                    self.note(
                        Severity::Exact,
                        "a closing date without a deadline before it",
                        why,
                        "its deadline",
                    );
                }
                Some(due) if due == end => {
                    self.note(Severity::Exact, "a closing date at the deadline", why, "its deadline");
                }
                Some(due) if due < end => {
                    let fallback = "the deadline is both: answers after it are not taken";
                    self.note(
                        Severity::Approximated,
                        "a closing date later than the deadline",
                        why,
                        fallback,
                    );
                }
                Some(_) => {
                    schedule.due = Some(end);
                    self.note(
                        Severity::Approximated,
                        "a closing date before the deadline",
                        why,
                        "the closing date is the deadline",
                    );
                }
            }
        }
        schedule
    }

    /// Files keep their ids and get names that Open edX takes.
    fn assets(&mut self, source: &Course, course: &mut Course, from_olx: bool) {
        let mut names = BTreeSet::new();
        for asset in &source.assets {
            let mut asset = asset.clone();
            if !from_olx {
                if asset.role == AssetRole::Content {
                    let name = unique(&flat_name(&asset.name), &mut names);
                    if name != asset.name {
                        let why = "files of Open edX lie in one folder";
                        let finding = Finding::new(Severity::Exact, asset.place(), "name of a file", why);
                        self.log.note(finding.with_fallback(format!("“{name}”; links follow")));
                    }
                    asset.name = name;
                } else if !asset.id.as_str().starts_with(OUTSIDE) {
                    // What lies in static/ can be fetched by anybody.
                    if self.site.is_none() {
                        let why = "Open edX does not import files that learners must not see";
                        let what = "file of graders or authors";
                        let finding = Finding::new(Severity::Approximated, asset.place(), what, why);
                        self.log.note(finding.with_fallback("kept in the archive, in extra/"));
                    }
                    asset.role = AssetRole::Other;
                    if !asset.name.starts_with("extra/") {
                        asset.name = format!("extra/{}", asset.name);
                    }
                }
            }
            course.assets.push(asset);
        }
        self.leave_out_files(source, course);
        let content = course.assets.iter().filter(|asset| asset.role == AssetRole::Content);
        self.named = content.map(|asset| (asset.id.clone(), AssetId::new(&asset.name))).collect();
        let is_there = |id: &lms_core::AssetId| {
            course.assets.iter().any(|a| a.id == *id && a.role == AssetRole::Content)
        };
        if course.cover.as_ref().is_some_and(|cover| !is_there(cover)) {
            course.cover = None;
            self.note(Severity::Dropped, "the course's picture", "it is not among the course's files", "");
        }
    }

    /// Names the settings of other platforms, each once.
    fn name_settings(&mut self, source: &Course) {
        let mut found: BTreeMap<(Platform, String), usize> = BTreeMap::new();
        let mut look = |extras: &Extras| {
            for platform in extras.platforms().filter(|platform| *platform != Platform::OpenEdx) {
                for (key, _) in extras.settings(platform) {
                    *found.entry((platform, key.to_owned())).or_default() += 1;
                }
            }
        };
        look(&source.extras);
        for section in &source.sections {
            look(&section.extras);
            for lesson in &section.lessons {
                look(&lesson.extras);
                lesson.steps.iter().for_each(|step| look(&step.extras));
            }
        }
        source.blocks().for_each(|place| look(&place.block.1.extras));
        for ((platform, key), times) in found {
            let places = if times == 1 { String::new() } else { format!(", in {times} places") };
            let what = format!("the setting {key} of {platform}{places}");
            self.log.note(Finding::new(Severity::Dropped, "course", what, "Open edX has nothing like it"));
        }
    }
}

/// What a course has that says nothing (seen in a real Studio's exports of such).
fn default_policy() -> GradingPolicy {
    let category = |name: &str, label: Option<&str>, weight, count, drop| GradingCategory {
        name: name.to_owned(),
        short_label: label.map(str::to_owned),
        weight,
        count,
        drop,
    };
    GradingPolicy {
        categories: vec![
            category("Homework", Some("HW"), 0.15, 12, 2),
            category("Lab", None, 0.15, 12, 2),
            category("Midterm Exam", Some("Midterm"), 0.3, 1, 0),
            category("Final Exam", Some("Final"), 0.4, 1, 0),
        ],
        cutoffs: vec![("Pass".into(), 0.5)],
    }
}

/// A name that is not taken; `a.png`, `a-2.png`.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let mut candidate = name.to_owned();
    let mut n = 1;
    // Two names that differ in case only are one file on some systems.
    while !taken.insert(candidate.to_lowercase()) {
        n += 1;
        candidate = format!("{stem}-{n}{ending}");
    }
    candidate
}

#[cfg(test)]
mod tests {
    use lms_core::*;

    use crate::convert::adapt::adapt;

    #[test]
    fn the_first_of_two_deadlines_stays_and_the_other_is_named() {
        let (early, late) = ("2025-09-01T00:00:00Z", "2026-03-01T00:00:00Z");
        let of = |due: &str, end: &str| {
            let date = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a date"));
            let mut section = Section::new("s", "S");
            section.schedule = Schedule { start: None, due: date(due), end: date(end) };
            let mut course = Course::new("c", "C");
            course.sections.push(section);
            let adapted = adapt(&course);
            let schedule = adapted.course.sections[0].schedule;
            assert_eq!((schedule.start, schedule.end), (None, None));
            let said = adapted.findings.iter().find(|f| f.why.contains("one deadline")).map(|f| f.severity);
            (schedule.due.map(|due| due.to_string()).unwrap_or_default(), said)
        };
        let is = |due: &str, said| (due.to_owned(), said);
        assert_eq!(of(early, ""), is(early, None));
        assert_eq!(of("", late), is(late, Some(Severity::Exact)));
        assert_eq!(of(late, late), is(late, Some(Severity::Exact)));
        assert_eq!(of(early, late), is(early, Some(Severity::Approximated)));
        assert_eq!(of(late, early), is(early, Some(Severity::Approximated)));
    }
}
