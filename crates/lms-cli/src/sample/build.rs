//! Short forms for writing a course down.

use std::collections::BTreeSet;

use lms_core::{
    Block, BlockBody, Cardinality, ChoiceInteraction, ChoiceOption, Exercise, Feedback, Interaction, Key,
    Lesson, Markup, NumberAccept, NumericInteraction, Scoring, Section, Step, Text, TextAccept,
    TextEntryInteraction, TextRule, Tolerance,
};

pub(super) fn section_of(id: &str, title: &str, lessons: Vec<Lesson>) -> Section {
    let mut section = Section::new(id, title);
    section.lessons = lessons;
    section
}

pub(super) fn lesson(id: &str, title: &str, steps: Vec<Block>) -> Lesson {
    let mut lesson = Lesson::new(id, title);
    lesson.category = Some("Exercises".into());
    lesson.steps = steps
        .into_iter()
        .map(|block| {
            let mut step = Step::new(format!("step-{}", block.id), "");
            step.blocks = vec![block];
            step
        })
        .collect();
    lesson
}

pub(super) fn text(id: &str, html: &str) -> Block {
    Block::new(id, BlockBody::Text(Text { markup: Markup::from_html(html) }))
}

pub(super) fn exercise(
    id: &str,
    prompt: &str,
    interaction: Interaction,
    key: Option<Key>,
    points: f64,
) -> Block {
    let mut exercise = Exercise::new(id, Markup::from_html(prompt), interaction);
    exercise.key = key;
    exercise.scoring = Scoring { points, ..Scoring::default() };
    Block::new(id, BlockBody::Exercise(Box::new(exercise)))
}

/// What is said after a right and a wrong answer.
pub(super) fn saying(mut block: Block, correct: &str, incorrect: &str) -> Block {
    if let BlockBody::Exercise(exercise) = &mut block.body {
        exercise.feedback =
            Feedback { correct: correct.into(), incorrect: incorrect.into(), explanation: Markup::default() };
    }
    block
}

pub(super) fn choice(id: &str, prompt: &str, cardinality: Cardinality, options: &[(&str, bool)]) -> Block {
    let interaction = Interaction::Choice(ChoiceInteraction {
        cardinality,
        options: options.iter().map(|(text, _)| ChoiceOption::new(*text)).collect(),
        shuffle: true,
        shown: None,
    });
    let correct = options.iter().enumerate().filter(|(_, (_, right))| *right).map(|(n, _)| n).collect();
    exercise(id, prompt, interaction, Some(Key::Choice { correct }), 1.0)
}

pub(super) fn entry(id: &str, prompt: &str, accept: &[(&str, TextRule, bool)]) -> Block {
    let accept = accept
        .iter()
        .map(|(text, rule, case_sensitive)| TextAccept {
            text: (*text).into(),
            rule: *rule,
            case_sensitive: *case_sensitive,
        })
        .collect();
    exercise(
        id,
        prompt,
        Interaction::TextEntry(TextEntryInteraction::default()),
        Some(Key::Text { accept }),
        1.0,
    )
}

pub(super) fn number(id: &str, prompt: &str, accept: &[(&str, &str)]) -> Block {
    let accept = accept
        .iter()
        .map(|(value, by)| NumberAccept::Value {
            value: (*value).into(),
            tolerance: Tolerance::Absolute { by: (*by).into() },
        })
        .collect();
    exercise(
        id,
        prompt,
        Interaction::Numeric(NumericInteraction::default()),
        Some(Key::Number { accept }),
        1.0,
    )
}

pub(super) fn items(texts: &[&str]) -> Vec<Markup> {
    texts.iter().map(|text| Markup::from_html(*text)).collect()
}

pub(super) fn set(positions: &[usize]) -> BTreeSet<usize> {
    positions.iter().copied().collect()
}
