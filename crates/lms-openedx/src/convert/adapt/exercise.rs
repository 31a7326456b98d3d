//! Exercises that are answered together → inputs of one problem.

use lms_core::{
    Block, BlockBody, BlockPlace, Credit, Exercise, Grader, Interaction, Markup, Severity, TaskId, Text,
    escape,
};

use super::{Adapter, Piece, is_capa, mark_input, own, parts};
use crate::convert::markup::{map_block, to_olx};
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
    map_block(&mut block, &mut |markup| {
        *markup = Markup::from_html(html_of(&problem_content(&to_olx(markup))))
    });
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
        if exercise.scoring.attempts == Some(0) {
            return Err("it takes no answers: nobody has a try");
        }
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
            self.lose(place, Severity::Approximated, &what, REASON_PARTS, Some(&fallback));
        } else {
            self.lose(place, Severity::Approximated, name, "Open edX has no such exercise", Some(split.form));
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

<<<<<<< HEAD
    /// One input with a key that capa can hold.
    fn input(&mut self, place: &BlockPlace<'_>, exercise: &Exercise) -> Result<Exercise, &'static str> {
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
                    self.lose(place, Severity::Approximated, what, why, Some("an empty answer is wrong"));
                }
                made.key = Some(Key::Text { accept: keys::texts(&accept) });
            }
            (Interaction::Numeric(numeric), Key::Any) => {
                made.interaction =
                    Interaction::TextEntry(TextEntryInteraction { suffix: numeric.suffix.clone() });
                made.key = Some(Key::Text { accept: keys::any_text() });
                let why = "Open edX has no number field that takes every number";
                let fallback = "a text field that takes anything, numbers or not";
                self.lose(
                    place,
                    Severity::Approximated,
                    "numeric: every number is right",
                    why,
                    Some(fallback),
                );
            }
            (Interaction::Numeric(_), Key::Number { accept }) => {
                let numbers = keys::numbers(&accept).ok_or("its key is not a plain decimal number")?;
                if numbers.narrowed {
                    let why = "Open edX allows a deviation from one of the right numbers only";
                    let fallback =
                        "the first keeps its tolerance, the others must be met exactly, other ranges go";
                    self.lose(
                        place,
                        Severity::Approximated,
                        "numeric: several tolerances",
                        why,
                        Some(fallback),
                    );
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
                if !is_capa(place.block.1) {
                    let why = "Open edX compares formulas at random points, by its own list of functions";
                    self.lose(
                        place,
                        Severity::Approximated,
                        "formula: what counts as equal",
                        why,
                        Some("the same expression, tried at points"),
                    );
                }
                let samples = samples.max(1);
                made.key = Some(Key::Formula { answer, variables, samples, tolerance, case_sensitive });
            }
            _ => return Err("its key does not fit it"),
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
                    let why = "Open edX has a right option and a wrong one at least";
                    self.note(
                        Severity::Approximated,
                        "a single option to pick from",
                        why,
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
                if !option.feedback_unselected.is_empty() {
                    option.feedback_unselected = Markup::default();
                    self.note(
                        Severity::Dropped,
                        "feedback on an option that was left",
                        "Open edX has it for checkboxes only",
                        "",
                    );
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
                self.lose(
                    place,
                    Severity::Approximated,
                    "choice: nothing is to be ticked",
                    why,
                    Some("one more option, \"None of these\", which is right"),
                );
            }
        }
        made.interaction = Interaction::Choice(choice);
        made.key = Some(Key::Choice { correct });
        Ok(())
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
        if options.iter().any(|option| !option.feedback_unselected.is_empty()) {
            self.note(
                Severity::Dropped,
                "feedback on an option that was left",
                "Open edX has it for checkboxes only",
                "",
            );
        }
        for (n, option) in options.iter_mut().enumerate() {
            option.feedback_unselected = Markup::default();
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
    fn feedback(&mut self, made: &mut Exercise) {
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

    fn assessment(&mut self, place: &BlockPlace<'_>, exercise: &Exercise) -> Block {
        let block = place.block.1;
        let what = exercise.interaction.name();
        let fallback = "an open response assessment that staff marks with all points or none";
        self.lose(
            place,
            Severity::Approximated,
            what,
            "Open edX has people mark by a rubric, and none is invented",
            Some(fallback),
        );
        if !exercise.hints.is_empty() || !exercise.feedback.is_empty() {
            self.note(
                Severity::Dropped,
                "hints and feedback of essays",
                "open response assessments have none",
                "",
            );
        }
        if exercise.scoring.attempts.is_some_and(|attempts| attempts > 1) {
            self.note(
                Severity::Approximated,
                "several tries at an essay",
                "open response assessments take one",
                "one try",
            );
        }
        Block {
            title: block.title.clone(),
            ..Block::new(block.id.clone(), open_response(exercise, &block.title, &self.statics))
        }
    }

    fn program(&mut self, place: &BlockPlace<'_>, exercise: &Exercise, queued: bool) -> Block {
        let block = place.block.1;
        let mut made = exercise.clone();
        made.scoring.credit = Credit::AllOrNothing;
        if !queued {
            made.grader = Grader::Native(format!("XQueue {QUEUE}"));
            let why = "Open edX runs no programs itself: a grader behind a queue must do it";
            let fallback =
                format!("a program field for the queue {QUEUE:?}; its payload holds tests and limits");
            self.lose(place, Severity::Approximated, "code: the grader", why, Some(&fallback));
            if let Interaction::Code(code) = &exercise.interaction
                && code.languages.len() > 1
            {
                self.note(
                    Severity::Approximated,
                    "a choice of programming languages",
                    "the field takes one",
                    "the first; the payload names all",
                );
            }
            if matches!(exercise.key, Some(Key::Any)) {
                made.key = None;
            }
            // Without tests there is no payload that could say more than the field does.
            if let Interaction::Code(code) = &mut made.interaction
                && !matches!(made.key, Some(Key::Code { .. }))
                && (code.single_line || code.optional)
            {
                (code.single_line, code.optional) = (false, false);
                self.note(
                    Severity::Approximated,
                    "a field of one line, or one that may stay empty",
                    "a program field has many lines, and is answered",
                    "an ordinary program field",
                );
            }
        }
        self.feedback(&mut made);
        let mut copy = Block { extras: own(&block.extras), ..block.clone() };
        copy.body = BlockBody::Exercise(Box::new(made));
        copy
    }

=======
>>>>>>> main
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
        for (n, group) in groups.into_iter().enumerate() {
            all.extend(self.problem(first_place, group, n));
        }
        all
    }

    fn problem(&mut self, place: &BlockPlace<'_>, mut group: Vec<Piece>, n: usize) -> Vec<Block> {
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
                        "titles of parts of a problem",
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
