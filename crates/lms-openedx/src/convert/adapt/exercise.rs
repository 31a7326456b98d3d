//! Exercises that are answered together → inputs of one problem.

use lms_core::{
    Block, BlockBody, BlockPlace, Credit, Exercise, Grader, Interaction, Markup, Severity, TaskId, Text,
    escape,
};

use super::{Adapter, Piece, is_capa, mark_input, own, parts};
use crate::convert::markup::to_olx;
use crate::convert::xhtml::{html_of, problem_content};
use crate::olx::capa::uses_context;

/// What one exercise becomes.
enum Made {
    /// Inputs of a problem.
    Inputs(Vec<Block>),
    /// A block of its own.
    Alone(Block),
}

/// Whether capa would change a part of an exercise that cannot be written in another way: a key, an option of a list,
/// an address.
fn meddles(exercise: &Exercise) -> bool {
    let mut block = Block::new("", BlockBody::Exercise(Box::new(exercise.clone())));
    block.map_markup(&mut |markup| *markup = Markup::from_html(html_of(&problem_content(&to_olx(markup)))));
    let dropdown = matches!(exercise.interaction, Interaction::InlineChoice(_));
    let exercise = if dropdown { Some(exercise) } else { block.exercise() };
    serde_json::to_string(&exercise).is_ok_and(|json| uses_context(&json))
}

const REASON_PARTS: &str = "Open edX marks each part of a problem on its own";

impl Adapter {
    /// The blocks for exercises of one task that stand together.
    pub(super) fn exercises(&mut self, group: &[(BlockPlace<'_>, &Exercise)]) -> Vec<Block> {
        let (mut before, mut inputs, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for (place, exercise) in group {
            let id = &place.block.1.id;
            match self.one(place, exercise) {
                Ok(Made::Inputs(blocks)) => {
                    self.log.carry(id, blocks.iter().map(|b| b.id.clone()));
                    for block in blocks {
                        if block.exercise().is_some() { inputs.push(block) } else { behind.push(block) }
                    }
                }
                Ok(Made::Alone(block)) => {
                    self.log.carry(id, [block.id.clone()]);
                    if inputs.is_empty() { before.push(block) } else { behind.push(block) }
                }
                Err(why) => {
                    let stub = self.stub(place, why);
                    self.log.carry(id, [stub.id.clone()]);
                    if inputs.is_empty() { before.push(stub) } else { behind.push(stub) }
                }
            }
        }
        before.extend(self.problems(group, inputs));
        before.extend(behind);
        before
    }

    fn one(&mut self, place: &BlockPlace<'_>, exercise: &Exercise) -> Result<Made, &'static str> {
        self.at_block(place);
        let block = place.block.1;
        let queued =
            matches!(&exercise.grader, Grader::Native(name) if name.starts_with("XQueue ")) && is_capa(block);
        let by_person =
            exercise.grader == Grader::Human && !matches!(exercise.interaction, Interaction::Code(_));
        let meddled = || {
            let why =
                "Open edX would put a value of its own in the place of a name like $seed, which stands in it";
            if meddles(exercise) { Err(why) } else { Ok(()) }
        };
        match &exercise.interaction {
            Interaction::ExtendedText(_) => return Ok(Made::Alone(self.assessment(place, exercise))),
            Interaction::FileUpload(_) if !queued => {
                return Ok(Made::Alone(self.assessment(place, exercise)));
            }
            Interaction::Code(_) | Interaction::FileUpload(_) => {
                meddled()?;
                return Ok(Made::Inputs(vec![self.program(place, exercise, queued)]));
            }
            _ if by_person => return Ok(Made::Alone(self.assessment(place, exercise))),
            _ => {}
        }
        meddled()?;
        match (&exercise.grader, &exercise.key) {
            (Grader::Native(_), _) => return Err("a program of the other platform decides what is right"),
            (_, None) => return Err("the right answers are not known"),
            _ => {}
        }
        let Some(split) = parts::split(exercise)? else {
            let mut copy = Block { extras: own(&block.extras), ..block.clone() };
            let input = self.input(place, exercise)?;
            copy.body = BlockBody::Exercise(Box::new(input));
            return Ok(Made::Inputs(vec![copy]));
        };
        let name = exercise.interaction.name();
        if split.parts.len() > 1 && exercise.scoring.credit != Credit::PerPart {
            let what = format!("{name}: marks for all or nothing");
            let fallback = format!(
                "{}; each is worth its share, so that an answer right in part earns marks",
                split.form
            );
            self.log.change_marks(place, what, REASON_PARTS, fallback);
        } else {
            self.lose(place, Severity::Approximated, name, "Open edX has no such exercise", Some(split.form));
        }
        for (what, why, marks) in parts::changed_marks(exercise) {
            self.log.change_marks(place, what, why, marks);
        }
        let mixed = match &exercise.interaction {
            Interaction::Match(pairs) => pairs.shuffle_sources,
            Interaction::Table(table) => table.shuffle_rows || table.shuffle_columns || table.shown.is_some(),
            _ => false,
        };
        if mixed {
            self.note(
                Severity::Approximated,
                "rows in another order for each learner",
                "the rows of a problem stand still",
                "all rows, in the author's order",
            );
        }
        let mut blocks = Vec::new();
        for (n, part) in split.parts.iter().enumerate() {
            let input = self.input(place, part)?;
            let id = if n == 0 { block.id.clone() } else { self.part_id(&block.id) };
            let mut made = Block::new(id, BlockBody::Exercise(Box::new(input)));
            if n == 0 {
                made.title.clone_from(&block.title);
            }
            blocks.push(made);
        }
        if !split.rest.is_empty() && !split.rest.plain().is_empty() {
            let body = BlockBody::Text(Text { markup: self.plain_markup(&split.rest) });
            blocks.push(Block::new(self.part_id(&block.id), body));
        }
        Ok(Made::Inputs(blocks))
    }

    /// Makes inputs one problem, or several where their points differ.
    fn problems(&mut self, group: &[(BlockPlace<'_>, &Exercise)], inputs: Vec<Block>) -> Vec<Block> {
        let Some((first_place, _)) = group.first() else { return Vec::new() };
        let mut groups: Vec<Vec<Piece>> = Vec::new();
        let mut last: Option<f64> = None;
        for block in inputs {
            let points = block.exercise().map_or(0.0, |e| e.scoring.points);
            let same = last.is_some_and(|last| (last - points).abs() <= 1e-9 * points.abs().max(1.0));
            last = Some(points);
            match groups.last_mut().filter(|_| same) {
                Some(group) => group.push(Piece { block }),
                None => groups.push(vec![Piece { block }]),
            }
        }
        if groups.len() > 1 {
            let why = "the parts of a problem of Open edX are all worth the same";
            self.lose(
                first_place,
                Severity::Approximated,
                "parts with different points",
                why,
                Some("problems that are answered one by one, each worth what it was"),
            );
        }
        let mut all = Vec::new();
        for (n, pieces) in groups.into_iter().enumerate() {
            self.joint_hints(group, &pieces);
            all.extend(self.problem(group, first_place, pieces, n));
        }
        all
    }

    /// Names the exercises whose hints come together with those of others.
    fn joint_hints(&mut self, sources: &[(BlockPlace<'_>, &Exercise)], pieces: &[Piece]) {
        let has_hints = |piece: &Piece| piece.block.exercise().is_some_and(|e| !e.hints.is_empty());
        if !pieces.iter().skip(1).any(has_hints) {
            return;
        }
        for (n, piece) in pieces.iter().enumerate().filter(|(n, piece)| *n == 0 || has_hints(piece)) {
            let source = sources.iter().find(|(place, _)| place.block.1.id == piece.block.id);
            // A part of an exercise has another id than the exercise, but the first part.
            let Some((place, _)) = source.or(sources.first().filter(|_| n == 0)) else { continue };
            self.lose(
                place,
                Severity::Approximated,
                "hints",
                "a problem of Open edX has its hints in one place",
                Some("all hints of the problem's parts are shown together, in their order"),
            );
        }
    }

    fn problem(
        &mut self,
        sources: &[(BlockPlace<'_>, &Exercise)],
        place: &BlockPlace<'_>,
        mut group: Vec<Piece>,
        n: usize,
    ) -> Vec<Block> {
        self.at_block(place);
        let count = group.len();
        let mut attempts: Vec<Option<u32>> =
            group.iter_mut().filter_map(Piece::exercise).map(|e| e.scoring.attempts).collect();
        attempts.sort_by_key(|attempts| attempts.unwrap_or(u32::MAX));
        let least = attempts.first().copied().flatten();
        if attempts.windows(2).any(|pair| pair[0] != pair[1]) {
            self.lose(
                place,
                Severity::Approximated,
                "tries",
                "a problem has one number of tries for all its parts",
                Some("the least of them"),
            );
        }
        let hints: Vec<Markup> =
            group.iter_mut().filter_map(Piece::exercise).flat_map(|e| std::mem::take(&mut e.hints)).collect();
        let task = group.iter_mut().find_map(Piece::exercise).map(|e| e.task.clone());
        let Some(mut task) = task else { return Vec::new() };
        if !self.tasks.insert(task.clone()) {
            if n == 0 {
                self.lose(
                    place,
                    Severity::Approximated,
                    "a task in several places",
                    "a problem of Open edX stands in one place",
                    Some("problems that are answered one by one"),
                );
            }
            let mut number = 2;
            let wanted = task;
            task = loop {
                let candidate = TaskId::new(format!("{wanted}~{number}"));
                if self.tasks.insert(candidate.clone()) {
                    break candidate;
                }
                number += 1;
            };
        }
        let mut hints = Some(hints);
        let mut blocks = Vec::new();
        for (n, mut piece) in group.into_iter().enumerate() {
            if let Some((place, _)) = sources.iter().find(|(place, _)| place.block.1.id == piece.block.id) {
                self.at_block(place);
            }
            let title = if n == 0 { String::new() } else { std::mem::take(&mut piece.block.title) };
            if let Some(exercise) = piece.exercise() {
                exercise.task = task.clone();
                exercise.hints = hints.take().unwrap_or_default();
                exercise.scoring.attempts = least;
                // As reading the weight of the whole back gives it.
                exercise.scoring.points = exercise.scoring.points * count as f64 / count as f64;
                if !title.is_empty() {
                    self.note(
                        Severity::Exact,
                        "title of a part of a problem",
                        "a problem has one title",
                        "a heading in the text",
                    );
                    exercise.prompt =
                        Markup::from_html(format!("<h4>{}</h4>", escape(&title))).then(&exercise.prompt);
                }
            }
            let mut block = piece.block;
            self.settle(&mut block);
            mark_input(&mut block.extras, n + 1);
            blocks.push(block);
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use lms_core::*;

    use crate::convert::adapt::adapt;

    #[test]
    fn hints_that_come_together_are_named_at_each_exercise() {
        let mut step = Step::new("t", "");
        for (n, hints) in [&[][..], &["second"], &[], &["last"]].into_iter().enumerate() {
            let options = ["a", "b"].map(ChoiceOption::new).into();
            let cardinality = Cardinality::Single;
            let choice = ChoiceInteraction { cardinality, options, shuffle: false, shown: None };
            let mut exercise = Exercise::new("t", format!("{n}?").into(), Interaction::Choice(choice))
                .with_key(Key::Choice { correct: [0].into() });
            exercise.hints = hints.iter().map(|hint| Markup::from_text(hint)).collect();
            step.blocks.push(Block::new(format!("b{n}"), BlockBody::Exercise(Box::new(exercise))));
        }
        let (mut section, mut lesson) = (Section::new("s", ""), Lesson::new("l", ""));
        lesson.steps.push(step);
        section.lessons.push(lesson);
        let mut course = Course::new("c", "");
        course.sections.push(section);
        let adapted = adapt(&course);
        let of = |n: &str| {
            adapted.course.block(&n.into()).and_then(|at| at.block.1.exercise()).map(|e| e.hints.len())
        };
        assert_eq!((of("b0"), of("b1"), of("b3")), (Some(2), Some(0), Some(0)));
        let named = adapted.findings.iter().filter(|f| f.what == "hints").filter_map(|f| f.block.as_ref());
        assert_eq!(named.map(BlockId::as_str).collect::<Vec<_>>(), ["b0", "b1", "b3"]);
    }
}
