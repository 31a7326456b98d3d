//! One exercise → one input of a problem.

use std::collections::BTreeSet;

use lms_core::{
    BlockPlace, Cardinality, ChoiceInteraction, ChoiceOption, Credit, Exercise, Feedback, Grader,
    InlineChoiceInteraction, Interaction, Key, Markup, Severity, TextEntryInteraction, TextRule,
};

use super::{Adapter, is_capa, keys};
use crate::olx::capa::dropdown_text;

impl Adapter {
    /// One input with a key that capa can hold.
    pub(super) fn input(
        &mut self,
        place: &BlockPlace<'_>,
        exercise: &Exercise,
    ) -> Result<Exercise, &'static str> {
        let mut made = exercise.clone();
        made.grader = Grader::Key;
        // One input has no parts, except the options of a multiple choice.
        if !matches!(exercise.interaction, Interaction::Choice(_)) {
            made.scoring.credit = Credit::AllOrNothing;
        }
        let key = exercise.key.clone().ok_or("the right answers are not known")?;
        match (&exercise.interaction, key) {
            (Interaction::Choice(choice), key) => self.choice(place, choice, key, &mut made)?,
            (Interaction::InlineChoice(choice), key) => self.dropdown(choice, key, &mut made)?,
            (Interaction::TextEntry(_), Key::Any) => made.key = Some(Key::Text { accept: keys::any_text() }),
            (Interaction::TextEntry(_), Key::Text { accept }) => {
                if accept.iter().any(|a| a.rule == TextRule::Exact && a.text.trim().is_empty()) {
                    let why = "Open edX marks an empty answer wrong";
                    let what = "text entry: an empty answer is right";
                    self.log.change_marks(place, what, why, "an empty answer is wrong");
                }
                made.key = Some(Key::Text { accept: keys::texts(&accept) });
            }
            (Interaction::Numeric(numeric), Key::Any) => {
                made.interaction =
                    Interaction::TextEntry(TextEntryInteraction { suffix: numeric.suffix.clone() });
                made.key = Some(Key::Text { accept: keys::any_text() });
                let why = "Open edX has no number field that takes every number";
                let fallback = "a text field that takes anything, numbers or not";
                self.log.change_marks(place, "numeric: every number is right", why, fallback);
            }
            (Interaction::Numeric(_), Key::Number { accept }) => {
                let numbers = keys::numbers(&accept).ok_or("its key is not a plain decimal number")?;
                if numbers.narrowed {
                    let why = "Open edX allows a deviation from one of the right numbers only";
                    let fallback = "the first keeps its tolerance, the others must be met exactly, what other ranges took is wrong";
                    self.log.change_marks(place, "numeric: several tolerances", why, fallback);
                }
                made.key = Some(Key::Number { accept: numbers.accept });
            }
            (
                Interaction::Formula(_),
                Key::Formula { answer, variables, samples, tolerance, case_sensitive },
            ) => {
                let variables = keys::variables(&variables)
                    .ok_or("its variables have names that Open edX does not take")?;
                let tolerance = keys::settled_tolerance(&tolerance)
                    .ok_or("its tolerance is not a plain decimal number")?;
                let mut answer = answer;
                if !is_capa(place.block.1) {
                    answer = keys::formula(&answer, &variables, case_sensitive)
                        .ok_or("its right answer is an expression that Open edX cannot read")?;
                    let why = "Open edX compares formulas at random points, by its own list of functions";
                    let fallback = "the same expression, tried at points: what is written or compared otherwise is wrong";
                    self.log.change_marks(place, "formula: what counts as equal", why, fallback);
                }
                let samples = samples.max(1);
                made.key = Some(Key::Formula { answer, variables, samples, tolerance, case_sensitive });
            }
            _ => return Err("its key does not fit it"),
        }
        let several = |choice: &ChoiceInteraction| choice.cardinality == Cardinality::Multiple;
        if !matches!(&made.interaction, Interaction::Choice(choice) if several(choice)) {
            // One decision is right or wrong.
            made.scoring.credit = Credit::AllOrNothing;
        }
        self.feedback(&mut made);
        Ok(made)
    }

    fn choice(
        &mut self,
        place: &BlockPlace<'_>,
        choice: &ChoiceInteraction,
        key: Key,
        made: &mut Exercise,
    ) -> Result<(), &'static str> {
        let mut choice = choice.clone();
        let single = choice.cardinality == Cardinality::Single;
        let mut correct: BTreeSet<usize> = match key {
            Key::Any if single => (0..choice.options.len()).collect(),
            Key::Any => return Err("every selection is right, which Open edX cannot say of checkboxes"),
            Key::Choice { correct } => correct,
            _ => return Err("its key does not fit it"),
        };
        if choice.options.is_empty() || correct.iter().any(|n| *n >= choice.options.len()) {
            return Err("its key does not fit its options");
        }
        if single {
            made.scoring.credit = Credit::AllOrNothing;
            if choice.shown.is_some_and(|shown| shown < 2 || shown as usize >= choice.options.len()) {
                if choice.shown.is_some_and(|shown| shown < 2) {
                    self.note(
                        Severity::Approximated,
                        "a single option to pick from",
                        "Open edX has a right option and a wrong one at least",
                        "all options are shown",
                    );
                }
                choice.shown = None;
            }
            if choice.shown.is_some() && !choice.shuffle {
                choice.shuffle = true;
                self.note(
                    Severity::Exact,
                    "a part of the options, not in another order for each learner",
                    "Open edX draws and mixes in one",
                    "mixed as well",
                );
            }
            self.feedback_on_options(&made.feedback);
            for (n, option) in choice.options.iter_mut().enumerate() {
                if !std::mem::take(&mut option.feedback_unselected).is_empty() {
                    self.note_left();
                }
                // Said after an answer is said on the option that makes it.
                let said =
                    if correct.contains(&n) { &made.feedback.correct } else { &made.feedback.incorrect };
                if option.feedback.is_empty() {
                    option.feedback.clone_from(said);
                } else if !said.is_empty() {
                    option.feedback = option.feedback.then(said);
                }
            }
            made.feedback.correct = Markup::default();
            made.feedback.incorrect = Markup::default();
        } else {
            if made.scoring.credit == Credit::PerPart {
                made.scoring.credit = Credit::AllOrNothing;
            }
            if choice.shown.take().is_some() {
                let fallback = "all options are shown";
                self.lose(
                    place,
                    Severity::Approximated,
                    "choice: a part of the options for each learner",
                    "Open edX has it for radio buttons only",
                    Some(fallback),
                );
            }
            if std::mem::take(&mut choice.shuffle) {
                self.note(
                    Severity::Approximated,
                    "options in another order for each learner",
                    "Open edX mixes radio buttons only",
                    "the author's order",
                );
            }
            if correct.is_empty() {
                correct.insert(choice.options.len());
                choice.options.push(ChoiceOption::new("None of these"));
                let why = "Open edX marks checkboxes wrong when none is ticked";
                let fallback = "one more option, \"None of these\", which is right; nothing ticked is wrong";
                self.log.change_marks(place, "choice: nothing is to be ticked", why, fallback);
            }
        }
        made.interaction = Interaction::Choice(choice);
        made.key = Some(Key::Choice { correct });
        Ok(())
    }

    fn note_left(&mut self) {
        let why = "Open edX has it for checkboxes only";
        self.note(Severity::Dropped, "feedback on an option that was left", why, "");
    }

    /// A drop-down list where capa can hold it; radio buttons otherwise, which mark alike.
    fn dropdown(
        &mut self,
        choice: &InlineChoiceInteraction,
        key: Key,
        made: &mut Exercise,
    ) -> Result<(), &'static str> {
        let correct: BTreeSet<usize> = match key {
            Key::Any => (0..choice.options.len()).collect(),
            Key::Choice { correct } => correct,
            _ => return Err("its key does not fit it"),
        };
        if choice.options.is_empty() || correct.iter().any(|n| *n >= choice.options.len()) {
            return Err("its key does not fit its options");
        }
        made.scoring.credit = Credit::AllOrNothing;
        let texts: Option<Vec<String>> = choice.options.iter().map(|o| dropdown_text(&o.text)).collect();
        let distinct = texts.as_ref().map(|texts| texts.iter().collect::<BTreeSet<_>>().len());
        let mut options = choice.options.clone();
        self.feedback_on_options(&made.feedback);
        for (n, option) in options.iter_mut().enumerate() {
            if !std::mem::take(&mut option.feedback_unselected).is_empty() {
                self.note_left();
            }
            let said = if correct.contains(&n) { &made.feedback.correct } else { &made.feedback.incorrect };
            option.feedback = option.feedback.then(said);
        }
        made.feedback.correct = Markup::default();
        made.feedback.incorrect = Markup::default();
        made.interaction = if distinct == Some(options.len()) && correct.len() <= 1 {
            for (option, text) in options.iter_mut().zip(texts.into_iter().flatten()) {
                option.text = Markup::from_text(&text);
            }
            Interaction::InlineChoice(InlineChoiceInteraction { options })
        } else {
            let why = "its entries are not plain texts, or several of them are right";
            self.note(Severity::Approximated, "a drop-down list", why, "radio buttons with the same options");
            let cardinality = Cardinality::Single;
            Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: None })
        };
        made.key = Some(Key::Choice { correct });
        Ok(())
    }

    /// Names that what is said after an answer goes to the options.
    fn feedback_on_options(&mut self, feedback: &Feedback) {
        if !feedback.correct.is_empty() || !feedback.incorrect.is_empty() {
            self.note(
                Severity::Exact,
                "feedback on a right or wrong answer to a choice",
                "Open edX says it on options",
                "it stands on the options that are right or wrong",
            );
        }
    }

    /// Feedback where capa has a place for it; the rest is said with the solution.
    pub(super) fn feedback(&mut self, made: &mut Exercise) {
        let native = matches!(made.interaction, Interaction::TextEntry(_) | Interaction::Numeric(_));
        let Feedback { correct, incorrect, explanation } = &mut made.feedback;
        let mut moved = Vec::new();
        if !native {
            moved.push(std::mem::take(correct));
        }
        moved.push(std::mem::take(incorrect));
        for said in moved.into_iter().filter(|said| !said.is_empty()) {
            *explanation = explanation.then(&said);
            let why = "Open edX has no place for it in this kind of exercise";
            self.note(
                Severity::Approximated,
                "feedback on a right or wrong answer",
                why,
                "it stands in the solution",
            );
        }
    }
}
