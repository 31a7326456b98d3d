//! A step as one task or several.

use lms_core::{
    Block, BlockBody, BlockId, BlockPlace, Exercise, Extras, Interaction, Key, Lesson, Markup, Place,
    Platform, Section, Severity, Step, StepId, TaskId, Text, TextRule, escape, original, readable, stub,
};
use serde_json::Value;

use super::text::Texts;
use super::{Shape, State, exercise, own};

/// Where a step is, with positions from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) section: (usize, &'a Section),
    pub(super) lesson: (usize, &'a Lesson),
    pub(super) step: (usize, &'a Step),
}

impl<'a> At<'a> {
    pub(super) fn place(self) -> Place {
        let Self { section, lesson, step } = self;
        Place::course()
            .child(section.0, &section.1.title)
            .child(lesson.0, &lesson.1.title)
            .child(step.0, &step.1.title)
    }

    /// A block of the step.
    fn find(self, id: &BlockId) -> Option<BlockPlace<'a>> {
        let mut blocks = self.step.1.blocks.iter().enumerate();
        blocks.find(|(_, block)| block.id == *id).map(|(n, block)| self.block(n, block))
    }

    /// Texts with the blocks that they are of.
    fn texts<'t>(self, texts: &'t [(BlockId, Markup)]) -> Vec<(BlockPlace<'a>, &'t Markup)> {
        texts.iter().filter_map(|(id, text)| Some((self.find(id)?, text))).collect()
    }

    pub(super) fn block(self, index: usize, block: &'a Block) -> BlockPlace<'a> {
        let Self { section, lesson, step } = self;
        BlockPlace { section, lesson, step, block: (index + 1, block) }
    }
}

/// How the exercises of a task are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By the file, in the multiple-choice environment.
    Mcq,
    /// By a run script that we write.
    Generated,
    /// By the run script that the task came with.
    Native,
}

/// How a task is judged that has these blocks. `step` tells whether it came with a run script.
pub(crate) fn mode_of(step: &Step) -> Mode {
    match step.extras.get(Platform::Inginious, "graded_by").and_then(|v| v.as_str()) {
        Some("run script") => return Mode::Native,
        Some(_) => return Mode::Mcq,
        None => {}
    }
    let exercises: Vec<&Exercise> = step.blocks.iter().filter_map(Block::exercise).collect();
    let first = exercises.first().map_or(0.0, |e| e.scoring.points);
    let alike = exercises.iter().all(|e| (e.scoring.points - first).abs() < 1e-9);
    if alike && exercises.iter().all(|e| is_mcq(e)) { Mode::Mcq } else { Mode::Generated }
}

/// Whether the multiple-choice environment judges an exercise by itself, exactly as its key says.
pub(super) fn is_mcq(exercise: &Exercise) -> bool {
    match (&exercise.interaction, &exercise.key) {
        (Interaction::Choice(choice), Some(Key::Choice { correct })) => {
            !correct.is_empty()
                && correct.last().is_some_and(|last| *last < choice.options.len())
                && (choice.cardinality == lms_core::Cardinality::Single
                    || matches!(
                        exercise.scoring.credit,
                        lms_core::Credit::AllOrNothing | lms_core::Credit::PerPart
                    ))
        }
        (Interaction::TextEntry(_), Some(Key::Text { accept })) => {
            matches!(accept.as_slice(), [only] if only.rule == TextRule::Exact && only.case_sensitive && !only.text.trim().is_empty())
        }
        _ => false,
    }
}

/// A task in the making.
#[derive(Debug, Default)]
struct Draft {
    task: Option<TaskId>,
    context: Vec<(BlockId, Markup)>,
    blocks: Vec<Block>,
    /// What learners get a stand-in for.
    originals: Vec<Block>,
}

/// The tasks that a step becomes; one, unless its exercises were answered apart.
pub(super) fn adapt_step(state: &mut State<'_>, at: At<'_>) -> Vec<Step> {
    let step = at.step.1;
    let native = step.extras.get(Platform::Inginious, "graded_by").is_some();
    let mut drafts = vec![Draft::default()];
    let mut pending: Vec<(BlockId, Markup)> = Vec::new();
    for (n, block) in step.blocks.iter().enumerate() {
        let place = at.block(n, block);
        let made = match &block.body {
            BlockBody::Exercise(exercise) => exercise::adapt_exercise(state, &place, exercise, native),
            BlockBody::Foreign(foreign) if foreign.platform == Platform::Inginious => {
                let mut kept = block.clone();
                kept.extras = own(&block.extras);
                Some(vec![kept])
            }
            _ => None,
        };
        let Some(made) = made.filter(|blocks| !blocks.is_empty()) else {
            let text = as_text(state, &place);
            if matches!(block.body, BlockBody::Foreign(_) | BlockBody::Exercise(_))
                && let Some(draft) = drafts.last_mut()
            {
                draft.originals.push(block.clone());
            }
            let draft_is_open = drafts.last().is_some_and(|draft| draft.blocks.is_empty());
            match drafts.last_mut() {
                Some(draft) if draft_is_open => draft.context.push((block.id.clone(), text)),
                _ => pending.push((block.id.clone(), text)),
            }
            continue;
        };
        let task = block.exercise().map(|e| e.task.clone());
        let apart = drafts
            .last()
            .is_some_and(|d| !d.blocks.is_empty() && d.task.is_some() && task.is_some() && d.task != task);
        if apart {
            drafts.push(Draft { context: std::mem::take(&mut pending), ..Draft::default() });
        }
        let Some(draft) = drafts.last_mut() else { continue };
        draft.task = draft.task.take().or(task);
        let mut made = made;
        if !pending.is_empty() {
            head(state, at, &mut pending, &mut made);
        }
        state.log.carry(&block.id, made.iter().map(|b| b.id.clone()));
        draft.blocks.extend(made);
    }
    if let Some(draft) = drafts.last_mut() {
        for (id, text) in pending {
            if let Some(n) = step.blocks.iter().position(|b| b.id == id) {
                let place = at.block(n, &step.blocks[n]);
                state.log.lose(
                    &place,
                    Severity::Approximated,
                    "text after the last exercise",
                    "a task has its text before its problems",
                    Some("it stands at the end of the task's text"),
                );
            }
            draft.context.push((id, text));
        }
    }
    if drafts.len() > 1 {
        let why = "the exercises of the step were answered apart from each other";
        let fallback = format!("the step becomes {} tasks", drafts.len());
        state.note(Severity::Approximated, at.place().to_string(), "step", why, Some(&fallback));
    }
    drafts.into_iter().enumerate().map(|(n, draft)| finish(state, at, n, draft)).collect()
}

/// Text between two exercises of a task: at the head of the second.
fn head(state: &mut State<'_>, at: At<'_>, pending: &mut Vec<(BlockId, Markup)>, made: &mut [Block]) {
    let Some(first) = made.first_mut() else { return };
    let id = first.id.clone();
    let texts = pending.clone();
    let before = pending.drain(..).fold(Markup::default(), |all, (source, text)| {
        state.log.carry(&source, [id.clone()]);
        all.then(&text)
    });
    match &mut first.body {
        BlockBody::Exercise(exercise) => {
            let settled = super::text::settle(&before.then(&exercise.prompt), Shape::Flow);
            let mut parts = at.texts(&texts);
            parts.extend(at.find(&id).map(|place| (place, &exercise.prompt)));
            state.name_headings(&parts, &settled);
            exercise.prompt = settled;
        }
        BlockBody::Foreign(foreign) => foreign.readable = before.then(&foreign.readable),
        _ => {}
    }
}

/// What is no exercise here: text, links, and stand-ins for what cannot be held.
fn as_text(state: &mut State<'_>, place: &BlockPlace<'_>) -> Markup {
    let block = place.block.1;
    match &block.body {
        BlockBody::Text(_) if block.title.is_empty() => {}
        BlockBody::Text(_) => {
            let why = "texts of INGInious have no title";
            let at = place.place().to_string();
            state.note(Severity::Exact, at, "title of a text", why, Some("a heading in the text"));
        }
        BlockBody::Exercise(_) => {}
        BlockBody::Video(video) => {
            let why = "INGInious has no videos";
            state.log.lose(place, Severity::Dropped, "video", why, Some("links to it stand in the text"));
            if !video.transcripts.is_empty() {
                state.log.lose(place, Severity::Dropped, "captions", why, Some("their files are carried"));
            }
        }
        BlockBody::File(_) => state.log.lose(
            place,
            Severity::Approximated,
            "file",
            "files are linked in texts on INGInious",
            Some("a link to it stands in the text"),
        ),
        BlockBody::Foreign(foreign) => {
            let why = format!("only {} has this", foreign.platform);
            state.log.lose(
                place,
                Severity::Dropped,
                foreign.name.clone(),
                why,
                Some(
                    "what learners may read of it stands in the text, the original in the task's description",
                ),
            );
            if readable(block).is_empty() {
                return Markup::from_html(format!(
                    "<p><em>{}</em></p>",
                    escape(&format!("Here stood “{}”, which could not be carried over.", foreign.name))
                ));
            }
        }
    }
    stub(block)
}

fn finish(state: &mut State<'_>, at: At<'_>, n: usize, draft: Draft) -> Step {
    let source = at.step.1;
    let id = if n == 0 { source.id.clone() } else { StepId::new(format!("{}~{}", source.id, n + 1)) };
    let mut title = source.title.clone();
    if title.trim().is_empty() {
        if n == 0 {
            let fallback = Some("named after its lesson");
            state.note(
                Severity::Approximated,
                at.place().to_string(),
                "title",
                "a task needs a name",
                fallback,
            );
        }
        title = format!("{} {}", at.lesson.1.title, at.step.0).trim().to_owned();
    }
    let mut step = Step::new(id, if n == 0 { title } else { format!("{title} ({})", n + 1) });
    if n == 0 {
        step.extras = own(&source.extras);
    }
    let Draft { context, blocks, originals, .. } = draft;
    if !originals.is_empty() {
        keep_originals(&mut step.extras, &originals);
    }
    if let Some((first, _)) = context.first() {
        let whole = context.iter().fold(Markup::default(), |all, (_, text)| all.then(text));
        // Only a text that stands alone can still be what it was read from.
        let alone = source.blocks.iter().find(|b| b.id == *first && context.len() == 1 && b.title.is_empty());
        let extras = alone.map(|b| own(&b.extras)).unwrap_or_default();
        let mut texts = Texts::of(&extras);
        let markup = texts.fit(&whole, Shape::Flow, "context");
        state.name_headings(&at.texts(&context), &markup);
        let mut block = Block::new(first.clone(), BlockBody::Text(Text { markup }));
        texts.store(&mut block.extras);
        let empty = matches!(&block.body, BlockBody::Text(text) if text.markup.is_empty());
        for (id, _) in &context {
            state.log.carry(id, (!empty).then(|| first.clone()));
            if let Some(b) = source.blocks.iter().position(|block| empty && block.id == *id) {
                let place = at.block(b, &source.blocks[b]);
                state.log.lose(
                    &place,
                    Severity::Exact,
                    "empty text",
                    "there is nothing in it to carry",
                    None,
                );
            }
        }
        if !empty {
            step.blocks.push(block);
        }
    }
    step.blocks.extend(blocks);
    settle_scores(state, at, &mut step);
    if !step.blocks.iter().any(|b| !matches!(b.body, BlockBody::Text(_))) {
        let why = "INGInious knows steps only as tasks";
        let fallback = "a task without problems: it can be read, not marked as done";
        let what = "step without an exercise";
        state.note(Severity::Approximated, at.place().to_string(), what, why, Some(fallback));
    }
    step
}

/// Keeps what learners get a stand-in for in the description of the task, under [`ORIGINAL`]. It may hold
/// answers: the site reads of a description what it knows, and hands out to learners what lies in `public`
/// (reference inginious.md 6.7).
fn keep_originals(extras: &mut Extras, originals: &[Block]) {
    let mut kept =
        extras.get(Platform::Inginious, TASK).and_then(Value::as_object).cloned().unwrap_or_default();
    let texts = originals.iter().map(|block| (block.id.to_string(), Value::from(original(block).text)));
    kept.insert(ORIGINAL.into(), Value::Object(texts.collect()));
    extras.set(Platform::Inginious, TASK, kept);
}

/// The key of a step's extras for what the model does not know of a description.
const TASK: &str = "task";
/// The key in a task's description for blocks that INGInious cannot hold, by their ids.
const ORIGINAL: &str = "original";

/// One weight and one number of tries for the whole task.
fn settle_scores(state: &mut State<'_>, at: At<'_>, step: &mut Step) {
    let mode = mode_of(step);
    let tries: Vec<Option<u32>> =
        step.blocks.iter().filter_map(|b| b.exercise().map(|e| e.scoring.attempts)).collect();
    let attempts = tries.iter().flatten().min().copied();
    if tries.iter().any(|t| *t != attempts) {
        let why = "the exercises of a task are answered together, with one number of tries";
        state.note(
            Severity::Approximated,
            at.place().to_string(),
            "attempts",
            why,
            Some("the smallest number holds for all"),
        );
    }
    let graded = step.blocks.iter().filter(|b| !matches!(b.body, BlockBody::Text(_))).count().max(1) as f64;
    let points = |block: &Block| match &block.body {
        BlockBody::Exercise(exercise) => exercise.scoring.points,
        BlockBody::Foreign(foreign) => foreign.points.unwrap_or(0.0),
        _ => 0.0,
    };
    let weight = round(step.blocks.iter().map(points).sum());
    let task = TaskId::new(step.id.as_str());
    let mut generated = Vec::new();
    for block in &mut step.blocks {
        let id = block.id.clone();
        match &mut block.body {
            BlockBody::Exercise(exercise) => {
                exercise.task = task.clone();
                exercise.scoring.attempts = attempts;
                if mode != Mode::Generated {
                    exercise.scoring.points = weight / graded;
                } else {
                    generated.push((id, exercise.interaction.name()));
                }
            }
            BlockBody::Foreign(foreign) if foreign.name != "task" => foreign.points = Some(weight / graded),
            _ => {}
        }
    }
    // What came with such a script is marked as it was.
    let is_news = at.step.1.extras.get(Platform::Inginious, Extras::GENERATED).is_none();
    if !generated.is_empty() {
        step.extras.set(Platform::Inginious, Extras::GENERATED, true);
    }
    for (id, name) in generated.into_iter().filter(|_| is_news) {
        let source = at.step.1.blocks.iter().position(|b| {
            id.as_str() == b.id.as_str()
                || id.as_str().strip_prefix(b.id.as_str()).is_some_and(|rest| rest.starts_with('~'))
        });
        if let Some(n) = source {
            let place = at.block(n, &at.step.1.blocks[n]);
            state.log.lose(
                &place,
                Severity::Approximated,
                name,
                "INGInious cannot judge this, or not together with what stands in the same task, by itself",
                Some("graded by a generated run script, in a container"),
            );
        }
    }
}

/// Weights are written with nine decimals.
pub(crate) fn round(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}
