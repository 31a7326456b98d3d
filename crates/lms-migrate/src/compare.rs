//! Holding a course that was read back against the one that was to be written.

use lms_core::{
    Block, BlockBody, Course, Exercise, GapSegment, Interaction, Markup, Place, Schedule, Scoring, Step,
};
use serde::Serialize;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub path: String,
    /// Which field.
    pub what: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// Compares structure, titles, texts as readers see them, interactions, points, tries and dates. Ids
/// and native settings are the platform's own and are not compared; files and grading are compared
/// elsewhere.
pub fn compare(expected: &Course, actual: &Course) -> Vec<Difference> {
    let mut differences = Comparison { found: Vec::new() };
    let at = Place::course();
    differences.value(&at, "title", &expected.title, &actual.title);
    differences.markup(&at, "description", &expected.description, &actual.description);
    differences.count(&at, "sections", expected.sections.len(), actual.sections.len());
    for (s, (e, a)) in expected.sections.iter().zip(&actual.sections).enumerate() {
        let at = at.child(s + 1, &e.title);
        differences.value(&at, "title", &e.title, &a.title);
        differences.schedule(&at, e.schedule, a.schedule);
        differences.count(&at, "lessons", e.lessons.len(), a.lessons.len());
        for (l, (e, a)) in e.lessons.iter().zip(&a.lessons).enumerate() {
            let at = at.child(l + 1, &e.title);
            differences.value(&at, "title", &e.title, &a.title);
            differences.schedule(&at, e.schedule, a.schedule);
            differences.count(&at, "steps", e.steps.len(), a.steps.len());
            for (t, (e, a)) in e.steps.iter().zip(&a.steps).enumerate() {
                differences.step(&at.child(t + 1, &e.title), e, a);
            }
        }
    }
    differences.found
}

struct Comparison {
    found: Vec<Difference>,
}

impl Comparison {
    fn add(&mut self, at: &Place, what: &str, expected: String, actual: String) {
        self.found.push(Difference { path: at.to_string(), what: what.into(), expected, actual });
    }

    fn value<T: PartialEq + ToString + ?Sized>(&mut self, at: &Place, what: &str, expected: &T, actual: &T) {
        if expected != actual {
            self.add(at, what, expected.to_string(), actual.to_string());
        }
    }

    fn count(&mut self, at: &Place, what: &str, expected: usize, actual: usize) {
        self.value(at, what, &expected, &actual);
    }

    fn schedule(&mut self, at: &Place, expected: Schedule, actual: Schedule) {
        let say = |s: Schedule| {
            let date = |d: Option<lms_core::Timestamp>| d.map_or("–".to_owned(), |d| d.to_string());
            format!("from {} due {} until {}", date(s.start), date(s.due), date(s.end))
        };
        if expected != actual {
            self.add(at, "dates", say(expected), say(actual));
        }
    }

    fn markup(&mut self, at: &Place, what: &str, expected: &Markup, actual: &Markup) {
        let (e, a) = (expected.plain(), actual.plain());
        if e != a {
            let (e, a) = excerpt(&e, &a);
            self.add(at, what, e, a);
        }
        let links = |m: &Markup| m.assets().len();
        if links(expected) != links(actual) {
            self.count(at, &format!("files linked in {what}"), links(expected), links(actual));
        }
    }

    fn step(&mut self, at: &Place, expected: &Step, actual: &Step) {
        self.value(at, "title", &expected.title, &actual.title);
        self.schedule(at, expected.schedule, actual.schedule);
        self.count(at, "blocks", expected.blocks.len(), actual.blocks.len());
        for (b, (e, a)) in expected.blocks.iter().zip(&actual.blocks).enumerate() {
            self.block(&at.child(b + 1, if e.title.is_empty() { e.body.kind() } else { &e.title }), e, a);
        }
    }

    fn block(&mut self, at: &Place, expected: &Block, actual: &Block) {
        self.value(at, "title", &expected.title, &actual.title);
        match (&expected.body, &actual.body) {
            (BlockBody::Text(e), BlockBody::Text(a)) => self.markup(at, "text", &e.markup, &a.markup),
            (BlockBody::Video(e), BlockBody::Video(a)) => {
                self.value(at, "video", &e.sources.join(" "), &a.sources.join(" "));
                self.value(
                    at,
                    "YouTube id",
                    e.youtube.as_deref().unwrap_or_default(),
                    a.youtube.as_deref().unwrap_or_default(),
                );
                self.markup(at, "caption", &e.caption, &a.caption);
            }
            (BlockBody::File(e), BlockBody::File(a)) => self.value(at, "label", &e.label, &a.label),
            (BlockBody::Exercise(e), BlockBody::Exercise(a)) => self.exercise(at, e, a),
            (BlockBody::Foreign(e), BlockBody::Foreign(a)) => {
                self.value(at, "native block", &e.name, &a.name);
                if e.name == a.name && !e.same_as(a) {
                    let (e, a) = excerpt(&e.source, &a.source);
                    self.add(at, "native source", e, a);
                }
            }
            (e, a) => self.add(at, "kind", e.kind().into(), a.kind().into()),
        }
    }

    fn exercise(&mut self, at: &Place, expected: &Exercise, actual: &Exercise) {
        self.markup(at, "prompt", &expected.prompt, &actual.prompt);
        self.interaction(at, &expected.interaction, &actual.interaction);
        let points = |s: &Scoring| format!("{:.4}", s.points);
        self.value(at, "points", &points(&expected.scoring), &points(&actual.scoring));
        let attempts = |s: &Scoring| s.attempts.map_or("no limit".to_owned(), |n| n.to_string());
        self.value(at, "tries", &attempts(&expected.scoring), &attempts(&actual.scoring));
        if expected.scoring.credit != actual.scoring.credit {
            self.add(
                at,
                "credit",
                format!("{:?}", expected.scoring.credit),
                format!("{:?}", actual.scoring.credit),
            );
        }
        self.texts(at, "hints", expected.hints.iter(), actual.hints.iter());
        self.markup(at, "feedback (right)", &expected.feedback.correct, &actual.feedback.correct);
        self.markup(at, "feedback (wrong)", &expected.feedback.incorrect, &actual.feedback.incorrect);
        self.markup(at, "explanation", &expected.feedback.explanation, &actual.feedback.explanation);
        if expected.key.is_some() && actual.key.is_none() {
            self.add(at, "key", "known".into(), "not told".into());
        }
    }

    fn texts<'a>(
        &mut self,
        at: &Place,
        what: &str,
        expected: impl ExactSizeIterator<Item = &'a Markup>,
        actual: impl ExactSizeIterator<Item = &'a Markup>,
    ) {
        self.count(at, &format!("number of {what}"), expected.len(), actual.len());
        for (e, a) in expected.zip(actual) {
            self.markup(at, what, e, a);
        }
    }

    fn interaction(&mut self, at: &Place, expected: &Interaction, actual: &Interaction) {
        match (expected, actual) {
            (Interaction::Choice(e), Interaction::Choice(a)) => {
                if e.cardinality != a.cardinality {
                    self.add(
                        at,
                        "cardinality",
                        format!("{:?}", e.cardinality),
                        format!("{:?}", a.cardinality),
                    );
                }
                self.texts(
                    at,
                    "options",
                    e.options.iter().map(|o| &o.text),
                    a.options.iter().map(|o| &o.text),
                );
                let feedback = |o: &lms_core::ChoiceOption| o.feedback.clone();
                let (ef, af): (Vec<_>, Vec<_>) =
                    (e.options.iter().map(feedback).collect(), a.options.iter().map(feedback).collect());
                self.texts(at, "feedback of options", ef.iter(), af.iter());
            }
            (Interaction::InlineChoice(e), Interaction::InlineChoice(a)) => {
                self.texts(
                    at,
                    "entries",
                    e.options.iter().map(|o| &o.text),
                    a.options.iter().map(|o| &o.text),
                );
            }
            (Interaction::Match(e), Interaction::Match(a)) => {
                self.texts(at, "sources", e.sources.iter(), a.sources.iter());
                self.texts(at, "targets", e.targets.iter(), a.targets.iter());
            }
            (Interaction::Order(e), Interaction::Order(a)) => {
                self.texts(at, "items", e.items.iter(), a.items.iter());
            }
            (Interaction::Table(e), Interaction::Table(a)) => {
                self.texts(at, "rows", e.rows.iter(), a.rows.iter());
                self.texts(at, "columns", e.columns.iter(), a.columns.iter());
            }
            (Interaction::Gap(e), Interaction::Gap(a)) => {
                self.count(at, "gaps", e.gaps().count(), a.gaps().count());
                let text = |g: &lms_core::GapInteraction| {
                    let text: Vec<String> = g
                        .segments
                        .iter()
                        .map(|s| match s {
                            GapSegment::Text { markup } => markup.plain(),
                            GapSegment::Entry => "____".into(),
                            GapSegment::Choice { options } => options.join("|"),
                        })
                        .collect();
                    text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
                };
                self.value(at, "text with gaps", &text(e), &text(a));
            }
            (Interaction::Code(e), Interaction::Code(a)) => {
                let names = |c: &lms_core::CodeInteraction| {
                    let mut names: Vec<&str> = c.languages.iter().map(|l| l.name.as_str()).collect();
                    names.sort_unstable();
                    names.join(", ")
                };
                self.value(at, "languages", &names(e), &names(a));
                self.count(at, "samples", e.samples.len(), a.samples.len());
            }
            (e, a) => self.value(at, "interaction", e.name(), a.name()),
        }
    }
}

/// Where two texts part, with a little before and after.
fn excerpt(expected: &str, actual: &str) -> (String, String) {
    const BEFORE: usize = 20;
    const LENGTH: usize = 80;
    let same = expected.chars().zip(actual.chars()).take_while(|(e, a)| e == a).count();
    let cut = |text: &str| {
        let from = same.saturating_sub(BEFORE);
        let piece: String = text.chars().skip(from).take(LENGTH).collect();
        let head = if from > 0 { "…" } else { "" };
        let tail = if text.chars().count() > from + LENGTH { "…" } else { "" };
        format!("{head}{piece}{tail}")
    };
    (cut(expected), cut(actual))
}
