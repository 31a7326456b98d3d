//! Every text of a block.

use super::{Block, BlockBody, GapSegment, Interaction};
use crate::Markup;

/// Visits each text of a block in the order of the model, to look at it or to change it.
macro_rules! visit {
    ($body:expr, $visit:expr, $iter:ident, ($($change:tt)*)) => {{
        let (body, visit) = ($body, $visit);
        match body {
            BlockBody::Text(text) => visit(&$($change)* text.markup),
            BlockBody::Video(video) => visit(&$($change)* video.caption),
            BlockBody::File(_) => {}
            BlockBody::Foreign(foreign) => visit(&$($change)* foreign.readable),
            BlockBody::Exercise(exercise) => {
                visit(&$($change)* exercise.prompt);
                exercise.hints.$iter().for_each(&mut *visit);
                visit(&$($change)* exercise.feedback.correct);
                visit(&$($change)* exercise.feedback.incorrect);
                visit(&$($change)* exercise.feedback.explanation);
                match &$($change)* exercise.interaction {
                    Interaction::Choice(choice) => choice.options.$iter().for_each(|option| {
                        visit(&$($change)* option.text);
                        visit(&$($change)* option.feedback);
                        visit(&$($change)* option.feedback_unselected);
                    }),
                    Interaction::InlineChoice(choice) => choice.options.$iter().for_each(|option| {
                        visit(&$($change)* option.text);
                        visit(&$($change)* option.feedback);
                        visit(&$($change)* option.feedback_unselected);
                    }),
                    Interaction::Match(pairs) => {
                        pairs.sources.$iter().for_each(&mut *visit);
                        pairs.targets.$iter().for_each(visit);
                    }
                    Interaction::Order(order) => order.items.$iter().for_each(visit),
                    Interaction::Gap(gap) => gap.segments.$iter().for_each(|segment| {
                        if let GapSegment::Text { markup } = segment {
                            visit(markup);
                        }
                    }),
                    Interaction::Table(table) => {
                        visit(&$($change)* table.description);
                        table.rows.$iter().for_each(&mut *visit);
                        table.columns.$iter().for_each(visit);
                    }
                    Interaction::ExtendedText(text) => visit(&$($change)* text.rubric),
                    Interaction::TextEntry(_)
                    | Interaction::Numeric(_)
                    | Interaction::Formula(_)
                    | Interaction::Code(_)
                    | Interaction::FileUpload(_) => {}
                }
            }
        }
    }};
}

impl Block {
    /// Looks at every text of the block: what is asked and offered, hints, feedback, captions, and what of a native
    /// block can be read.
    pub fn each_markup<'a>(&'a self, visit: &mut dyn FnMut(&'a Markup)) {
        visit!(&self.body, visit, iter, ());
    }

    /// Changes every text of the block, those that [`each_markup`](Self::each_markup) looks at.
    pub fn map_markup(&mut self, change: &mut dyn FnMut(&mut Markup)) {
        visit!(&mut self.body, change, iter_mut, (mut));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cardinality, ChoiceInteraction, ChoiceOption, Exercise};

    #[test]
    fn hints_and_feedback_are_texts_too() {
        let mut option = ChoiceOption::new("option");
        option.feedback = "said of it".into();
        let (cardinality, options) = (Cardinality::Single, vec![option]);
        let choice = ChoiceInteraction { cardinality, options, shuffle: false, shown: None };
        let mut exercise = Exercise::new("t", "asked".into(), Interaction::Choice(choice));
        exercise.hints = vec!["hint".into()];
        exercise.feedback.explanation = "why".into();
        let mut block = Block::new("b", BlockBody::Exercise(Box::new(exercise)));
        block.map_markup(&mut |markup| {
            *markup = if markup.is_empty() { Markup::default() } else { format!("{markup}!").into() }
        });
        let mut texts = Vec::new();
        block.each_markup(&mut |markup| texts.push(markup.html()));
        texts.retain(|text| !text.is_empty());
        assert_eq!(texts, ["asked!", "hint!", "why!", "option!", "said of it!"]);
    }
}
