//! Exercises: what is asked, how it is answered, what it is worth. Keys are compared by what they make of answers.

use lms_core::{
    ChoiceOption, CodeInteraction, CodeLanguage, Exercise, GapInteraction, GapSegment, Interaction, Key,
    Markup, Place,
};

use super::{Comparison, excerpt, texts_of};

/// What an exercise offers, for telling exercises apart.
pub(super) fn options(interaction: &Interaction) -> String {
    match interaction {
        Interaction::Choice(choice) => texts_of(choice.options.iter().map(|o| &o.text)),
        Interaction::InlineChoice(choice) => texts_of(choice.options.iter().map(|o| &o.text)),
        Interaction::Match(pairs) => texts_of(pairs.sources.iter()),
        Interaction::Order(order) => texts_of(order.items.iter()),
        Interaction::Table(table) => texts_of(table.rows.iter()),
        Interaction::Gap(gap) => gap_text(gap),
        _ => String::new(),
    }
}

fn gap_text(gap: &GapInteraction) -> String {
    let segments = gap.segments.iter().map(|segment| match segment {
        GapSegment::Text { markup } => markup.plain(),
        GapSegment::Entry => "____".into(),
        GapSegment::Choice { options } => options.join("|"),
    });
    let text = segments.collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The running text of an exercise with gaps.
fn around(gap: &GapInteraction) -> Markup {
    let texts = gap.segments.iter().map(|segment| match segment {
        GapSegment::Text { markup } => markup.html(),
        GapSegment::Entry | GapSegment::Choice { .. } => " ",
    });
    texts.collect::<String>().into()
}

impl Comparison<'_> {
    pub(super) fn exercise(&mut self, at: &Place, expected: &Exercise, actual: &Exercise) {
        self.markup(at, "prompt", &expected.prompt, &actual.prompt);
        self.interaction(at, &expected.interaction, &actual.interaction);
        let (e, a) = (expected.scoring, actual.scoring);
        self.value(at, "points", &format!("{:.4}", e.points), &format!("{:.4}", a.points));
        let attempts = |n: Option<u32>| n.map_or("no limit".to_owned(), |n| n.to_string());
        self.value(at, "tries", &attempts(e.attempts), &attempts(a.attempts));
        self.debug(at, "credit", e.credit, a.credit);
        self.debug(at, "grader", &expected.grader, &actual.grader);
        self.texts(at, "hints", expected.hints.iter(), actual.hints.iter());
        let (e, a) = (&expected.feedback, &actual.feedback);
        self.markup(at, "feedback (right)", &e.correct, &a.correct);
        self.markup(at, "feedback (wrong)", &e.incorrect, &a.incorrect);
        self.markup(at, "explanation", &e.explanation, &a.explanation);
        match (&expected.key, &actual.key) {
            (Some(_), None) => self.add(at, "key", "known", "not told"),
            (None, Some(_)) => self.add(at, "key", "not told", "known"),
            (
                Some(Key::Code { tests: e, checker: by, solution: solved }),
                Some(Key::Code { tests: a, checker: also, solution: known }),
            ) => {
                self.debug(at, "tests", e, a);
                self.debug(at, "checker", by, also);
                self.debug(at, "solution", solved, known);
            }
            // Answers that tell these apart are seldom among those that are tried.
            (
                Some(Key::Formula { variables: e, samples: tried, case_sensitive: case, .. }),
                Some(Key::Formula { variables: a, samples: also, case_sensitive: other, .. }),
            ) => self.debug(at, "how formulas are tried", (e, tried, case), (a, also, other)),
            // All others are compared by what they make of answers, of which none is known for a program.
            (Some(e), Some(a)) if matches!(e, Key::Code { .. }) != matches!(a, Key::Code { .. }) => {
                let say = |key: &Key| if matches!(key, Key::Code { .. }) { "tests" } else { "no tests" };
                self.add(at, "key", say(e), say(a));
            }
            _ => {}
        }
    }

    fn texts<'m>(
        &mut self,
        at: &Place,
        what: &str,
        expected: impl ExactSizeIterator<Item = &'m Markup>,
        actual: impl ExactSizeIterator<Item = &'m Markup>,
    ) {
        self.value(at, &format!("number of {what}"), &expected.len(), &actual.len());
        for (e, a) in expected.zip(actual) {
            self.markup(at, what, e, a);
        }
    }

    fn options(&mut self, at: &Place, e: &[ChoiceOption], a: &[ChoiceOption]) {
        self.texts(at, "options", e.iter().map(|o| &o.text), a.iter().map(|o| &o.text));
        self.texts(at, "feedback of options", e.iter().map(|o| &o.feedback), a.iter().map(|o| &o.feedback));
        let (e, a) = (e.iter().map(|o| &o.feedback_unselected), a.iter().map(|o| &o.feedback_unselected));
        self.texts(at, "feedback of options left", e, a);
    }

    fn interaction(&mut self, at: &Place, expected: &Interaction, actual: &Interaction) {
        match (expected, actual) {
            (Interaction::Choice(e), Interaction::Choice(a)) => {
                self.debug(at, "cardinality", e.cardinality, a.cardinality);
                self.options(at, &e.options, &a.options);
                self.debug(at, "shuffled", e.shuffle, a.shuffle);
                self.optional(at, "options shown", e.shown.as_ref(), a.shown.as_ref());
            }
            (Interaction::InlineChoice(e), Interaction::InlineChoice(a)) => {
                self.options(at, &e.options, &a.options)
            }
            (Interaction::Match(e), Interaction::Match(a)) => {
                self.texts(at, "sources", e.sources.iter(), a.sources.iter());
                // Platforms keep targets in an order of their own.
                let sorted = |targets: &[Markup]| {
                    let mut targets = targets.to_vec();
                    targets.sort_by_cached_key(|target| (target.plain(), target.html().to_owned()));
                    targets
                };
                let (targets_e, targets_a) = (sorted(&e.targets), sorted(&a.targets));
                self.texts(at, "targets", targets_e.iter(), targets_a.iter());
                self.debug(at, "shuffled", e.shuffle_sources, a.shuffle_sources);
            }
            (Interaction::Order(e), Interaction::Order(a)) => {
                self.texts(at, "items", e.items.iter(), a.items.iter());
            }
            (Interaction::Table(e), Interaction::Table(a)) => {
                self.markup(at, "description of the table", &e.description, &a.description);
                self.texts(at, "rows", e.rows.iter(), a.rows.iter());
                self.texts(at, "columns", e.columns.iter(), a.columns.iter());
                self.debug(at, "cardinality", e.cardinality, a.cardinality);
                self.debug(
                    at,
                    "shuffled",
                    (e.shuffle_rows, e.shuffle_columns),
                    (a.shuffle_rows, a.shuffle_columns),
                );
                self.optional(at, "rows shown", e.shown.as_ref(), a.shown.as_ref());
            }
            (Interaction::Gap(e), Interaction::Gap(a)) => {
                self.value(at, "gaps", &e.gaps().count(), &a.gaps().count());
                self.value(at, "text with gaps", &gap_text(e), &gap_text(a));
                self.markup(at, "text around gaps", &around(e), &around(a));
            }
            (Interaction::TextEntry(e), Interaction::TextEntry(a)) => {
                self.value(at, "unit", &e.suffix, &a.suffix)
            }
            (Interaction::Numeric(e), Interaction::Numeric(a)) => {
                self.value(at, "unit", &e.suffix, &a.suffix)
            }
            (Interaction::Formula(e), Interaction::Formula(a)) => {
                self.value(at, "unit", &e.suffix, &a.suffix)
            }
            (Interaction::Code(e), Interaction::Code(a)) => self.code(at, e, a),
            (Interaction::ExtendedText(e), Interaction::ExtendedText(a)) => {
                self.debug(at, "attachments", e.attachments, a.attachments);
                self.markup(at, "rubric", &e.rubric, &a.rubric);
            }
            (Interaction::FileUpload(e), Interaction::FileUpload(a)) => {
                self.value(at, "endings of files", &e.extensions.join(" "), &a.extensions.join(" "));
                self.optional(at, "size of files", e.max_bytes.as_ref(), a.max_bytes.as_ref());
            }
            (e, a) => self.value(at, "interaction", e.name(), a.name()),
        }
    }

    fn code(&mut self, at: &Place, e: &CodeInteraction, a: &CodeInteraction) {
        let sorted = |code: &CodeInteraction| {
            let mut languages = code.languages.clone();
            languages.sort_by(|a, b| a.name.cmp(&b.name));
            languages
        };
        let (languages_e, languages_a) = (sorted(e), sorted(a));
        let names = |all: &[CodeLanguage]| all.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
        self.value(at, "languages", &names(&languages_e), &names(&languages_a));
        for (e, a) in languages_e.iter().zip(&languages_a) {
            for (what, e, a) in [
                ("template", &e.template, &a.template),
                ("code before", &e.header, &a.header),
                ("code behind", &e.footer, &a.footer),
            ] {
                // Platforms add or drop the last line end.
                if e.trim_end() != a.trim_end() {
                    let (e, a) = excerpt(e, a);
                    self.add(at, what, e, a);
                }
            }
            self.debug(at, "limits", (e.seconds, e.megabytes), (a.seconds, a.megabytes));
        }
        self.debug(at, "limits", (e.seconds, e.megabytes), (a.seconds, a.megabytes));
        self.debug(at, "samples", &e.samples, &a.samples);
        self.debug(at, "one line", e.single_line, a.single_line);
        self.debug(at, "may be empty", e.optional, a.optional);
    }
}
