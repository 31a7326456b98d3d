//! An exercise as problems that INGInious has, or that a run script of ours can judge.

use std::collections::BTreeSet;

use lms_core::{
    Block, BlockBody, BlockId, BlockPlace, Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction,
    Credit, Exercise, GapAccept, GapSegment, Grader, Interaction, Key, Markup, Severity, TextAccept, escape,
};

use super::text::Texts;
use super::{Shape, State, own};

/// Names of the language that a generated run script can run.
pub(crate) fn is_python(name: &str) -> bool {
    name == "python" || name.starts_with("python3")
}

/// The blocks that an exercise becomes; `None` where only a stand-in in the text is possible.
/// `native` says that the task came from INGInious with whatever judges it.
pub(super) fn adapt_exercise(
    state: &mut State<'_>,
    place: &BlockPlace<'_>,
    exercise: &Exercise,
    native: bool,
) -> Option<Vec<Block>> {
    let source = place.block.1;
    let mut block = source.clone();
    block.extras = own(&source.extras);
    if native && is_native_kind(&exercise.interaction) {
        return Some(vec![fitted(state, place, block, exercise.clone())]);
    }
    if let Err(why) = answerable(exercise) {
        state.log.lose(
            place,
            Severity::Dropped,
            exercise.interaction.name(),
            why,
            Some("what learners may read of it stands in the text"),
        );
        return None;
    }
    let mut exercise = exercise.clone();
    accept_all(state, place, &mut exercise);
    strip(state, place, &mut exercise);
    let parts = match &exercise.interaction {
        Interaction::Choice(_) => vec![choice(state, place, exercise)],
        Interaction::InlineChoice(inline) => {
            let interaction = Interaction::Choice(ChoiceInteraction {
                cardinality: Cardinality::Single,
                options: inline.options.clone(),
                shuffle: false,
                shown: None,
            });
            let why = "INGInious has no drop-down lists";
            state.log.lose(place, Severity::Exact, "drop-down list", why, Some("options to pick one of"));
            vec![choice(state, place, Exercise { interaction, ..exercise })]
        }
        Interaction::Match(_) | Interaction::Table(_) if !matches!(exercise.key, Some(Key::Any)) => {
            rows(state, place, exercise)
        }
        Interaction::Gap(gap)
            if gap.gaps().all(|gap| gap.is_some()) && !matches!(exercise.key, Some(Key::Any)) =>
        {
            rows(state, place, exercise)
        }
        Interaction::TextEntry(_) => vec![text_entry(state, place, exercise)],
        Interaction::Numeric(numeric) => {
            let suffix = numeric.suffix.clone();
            vec![with_suffix(state, place, exercise, &suffix)]
        }
        Interaction::Formula(formula) => {
            let suffix = formula.suffix.clone();
            vec![with_suffix(state, place, exercise, &suffix)]
        }
        Interaction::Code(code) => match one_language(state, place, code) {
            Some(code) => vec![Exercise { interaction: Interaction::Code(code), ..exercise }],
            None => return None,
        },
        _ => vec![exercise],
    };
    let split = parts.len() > 1;
    let blocks = parts
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let mut made = block.clone();
            if n > 0 {
                made.id = BlockId::new(format!("{}~{}", source.id, n + 1));
            }
            if split {
                made.title = if source.title.is_empty() {
                    String::new()
                } else {
                    format!("{} ({})", source.title, n + 1)
                };
            }
            fitted(state, place, made, part)
        })
        .collect();
    Some(blocks)
}

/// Kinds that INGInious has of its own.
fn is_native_kind(interaction: &Interaction) -> bool {
    matches!(
        interaction,
        Interaction::Choice(_)
            | Interaction::TextEntry(_)
            | Interaction::Code(_)
            | Interaction::FileUpload(_)
    )
}

/// The block with its texts as they will be read back.
fn fitted(state: &mut State<'_>, place: &BlockPlace<'_>, mut block: Block, mut exercise: Exercise) -> Block {
    let mut texts = Texts::of(&place.block.1.extras);
    let mut fit = |text: &mut Markup, shape: Shape, key: &str| {
        let fitted = texts.fit(text, shape, key);
        state.name_headings(&[(*place, text)], &fitted);
        *text = fitted;
    };
    fit(&mut exercise.prompt, Shape::Flow, "header");
    if let Interaction::Choice(choice) = &mut exercise.interaction {
        for (n, option) in choice.options.iter_mut().enumerate() {
            fit(&mut option.text, Shape::Line, &format!("choice.{n}"));
            fit(&mut option.feedback, Shape::Line, &format!("feedback.{n}"));
        }
    }
    fit(&mut exercise.feedback.correct, Shape::Line, "success_message");
    fit(&mut exercise.feedback.incorrect, Shape::Line, "error_message");
    texts.store(&mut block.extras);
    block.body = BlockBody::Exercise(Box::new(exercise));
    block
}

/// Whether the exercise can be judged here, and why not.
fn answerable(exercise: &Exercise) -> Result<(), String> {
    let open = matches!(exercise.interaction, Interaction::ExtendedText(_) | Interaction::FileUpload(_));
    match (&exercise.grader, &exercise.key) {
        (Grader::Native(name), _) => return Err(format!("only its own platform can judge it ({name})")),
        (Grader::Human, _) | (Grader::Key, None) if open => return Ok(()),
        (Grader::Human, _) => return Err("a person judges it".into()),
        (Grader::Key, None) => return Err("the answers are not known".into()),
        (Grader::Key, Some(_)) => {}
    }
    match (&exercise.interaction, &exercise.key) {
        (_, Some(Key::Any)) => Ok(()),
        (Interaction::Code(_), Some(Key::Code { checker: Some(_), .. })) => {
            Err("a program of its own platform compares the output".into())
        }
        (Interaction::Code(_), Some(Key::Code { tests, .. })) if tests.is_empty() => {
            Err("it has no tests".into())
        }
        (Interaction::Code(_), Some(Key::Code { .. })) => Ok(()),
        (_, Some(Key::Code { .. })) => Err("its key is of another kind".into()),
        _ if lms_core::grade::probes(exercise).is_empty() => Err("its key cannot be used".into()),
        _ => Ok(()),
    }
}

/// Long texts and files: whatever is handed in is taken.
fn accept_all(state: &mut State<'_>, place: &BlockPlace<'_>, exercise: &mut Exercise) {
    let open = matches!(exercise.interaction, Interaction::ExtendedText(_) | Interaction::FileUpload(_));
    if !open || (exercise.grader == Grader::Key && exercise.key == Some(Key::Any)) {
        return;
    }
    exercise.key = Some(Key::Any);
    exercise.grader = Grader::Key;
    let why = "INGInious has no marks given by people";
    let fallback = format!("every answer that is not empty gets all {} points", exercise.scoring.points);
    state.log.change_marks(place, exercise.interaction.name(), why, fallback);
}

/// Takes away what INGInious has no place for, and says so.
fn strip(state: &mut State<'_>, place: &BlockPlace<'_>, exercise: &mut Exercise) {
    let mut lose = |severity, what: &str, why: &str, fallback: Option<&str>| {
        state.log.lose(place, severity, what, why, fallback);
    };
    if !exercise.hints.is_empty() {
        exercise.hints.clear();
        lose(Severity::Dropped, "hints", "INGInious has no hints on demand", None);
    }
    if !exercise.feedback.explanation.is_empty() {
        let explanation = std::mem::take(&mut exercise.feedback.explanation);
        exercise.feedback.correct = exercise.feedback.correct.then(&explanation);
        lose(
            Severity::Approximated,
            "solution",
            "INGInious does not show solutions by themselves",
            Some("it is said after a right answer"),
        );
    }
    match &mut exercise.interaction {
        Interaction::ExtendedText(text) => {
            if text.attachments {
                text.attachments = false;
                lose(Severity::Dropped, "attachments", "a text takes no files with it", None);
            }
            if !text.rubric.is_empty() {
                text.rubric = Markup::default();
                lose(Severity::Dropped, "rubric", "nobody marks it", None);
            }
        }
        Interaction::Choice(ChoiceInteraction { options, .. }) => {
            let mut any = false;
            for option in options {
                any |= !option.feedback_unselected.is_empty();
                option.feedback_unselected = Markup::default();
            }
            if any {
                lose(
                    Severity::Dropped,
                    "feedback to options left",
                    "INGInious comments on options that were picked",
                    None,
                );
            }
        }
        _ => {}
    }
}

fn choice(state: &mut State<'_>, place: &BlockPlace<'_>, mut exercise: Exercise) -> Exercise {
    let Interaction::Choice(choice) = &mut exercise.interaction else { return exercise };
    for option in &mut choice.options {
        option.feedback_unselected = Markup::default();
    }
    let correct = match &exercise.key {
        Some(Key::Choice { correct }) => correct.len(),
        _ => 0,
    };
    if choice.shown == Some(0) {
        choice.shown = None;
    }
    if choice.cardinality == Cardinality::Multiple
        && choice.shown.is_some_and(|shown| (shown as usize) < correct)
    {
        choice.shown = None;
        let why = "INGInious shows all right options; fewer were to be shown";
        state.log.lose(
            place,
            Severity::Approximated,
            "subset of options",
            why,
            Some("all options are shown"),
        );
    }
    let by_option = matches!(exercise.scoring.credit, Credit::EveryDecision | Credit::Halves);
    if choice.cardinality == Cardinality::Single || !by_option {
        exercise.scoring.credit = Credit::AllOrNothing;
    }
    exercise
}

fn text_entry(state: &mut State<'_>, place: &BlockPlace<'_>, exercise: Exercise) -> Exercise {
    let suffix = match &exercise.interaction {
        Interaction::TextEntry(text) => text.suffix.clone(),
        _ => String::new(),
    };
    let mut exercise = with_suffix(state, place, exercise, &suffix);
    exercise.scoring.credit = Credit::AllOrNothing;
    if !super::step::is_mcq(&exercise) {
        return exercise;
    }
    if let Some(Key::Text { accept }) = &mut exercise.key {
        for TextAccept { text, .. } in accept {
            *text = text.trim().to_owned();
        }
    }
    if !exercise.feedback.is_empty() {
        exercise.feedback = lms_core::Feedback::default();
        state.log.lose(
            place,
            Severity::Dropped,
            "feedback",
            "a text that is compared has no messages on INGInious",
            None,
        );
    }
    exercise
}

/// A unit behind the box becomes a line of the question.
fn with_suffix(
    state: &mut State<'_>,
    place: &BlockPlace<'_>,
    mut exercise: Exercise,
    suffix: &str,
) -> Exercise {
    match &mut exercise.interaction {
        Interaction::TextEntry(text) => text.suffix.clear(),
        Interaction::Numeric(numeric) => numeric.suffix.clear(),
        Interaction::Formula(formula) => formula.suffix.clear(),
        _ => {}
    }
    if !suffix.is_empty() {
        exercise.prompt = exercise.prompt.then(&Markup::from_html(format!("<p>(… {})</p>", escape(suffix))));
        let why = "nothing can stand behind a box";
        state.log.lose(
            place,
            Severity::Approximated,
            "unit",
            why,
            Some("it stands at the end of the question"),
        );
    }
    exercise
}

/// Python only: the run script can run nothing else everywhere.
fn one_language(
    state: &mut State<'_>,
    place: &BlockPlace<'_>,
    code: &CodeInteraction,
) -> Option<CodeInteraction> {
    let mut kept = code.clone();
    let any = matches!(place.block.1.exercise().and_then(|e| e.key.as_ref()), Some(Key::Any));
    if any || code.languages.is_empty() {
        return Some(kept);
    }
    let others: Vec<&str> =
        code.languages.iter().map(|l| l.name.as_str()).filter(|name| !is_python(name)).collect();
    kept.languages.retain(|language| is_python(&language.name));
    kept.languages.truncate(1);
    if kept.languages.is_empty() {
        let why = format!("a generated run script runs Python; the task takes {}", others.join(", "));
        state.log.lose(
            place,
            Severity::Dropped,
            "code",
            why,
            Some("what learners may read of it stands in the text"),
        );
        return None;
    }
    if !others.is_empty() {
        let why = format!("a task takes one language; left out are {}", others.join(", "));
        state.log.lose(place, Severity::Approximated, "languages", why, Some("answered in Python"));
    }
    Some(kept)
}

/// A row of an exercise that becomes several choices.
struct Row {
    prompt: Markup,
    options: Vec<Markup>,
    correct: BTreeSet<usize>,
    cardinality: Cardinality,
    shuffle: bool,
}

/// Match, table and gaps with lists: one choice a row.
fn rows(state: &mut State<'_>, place: &BlockPlace<'_>, exercise: Exercise) -> Vec<Exercise> {
    let mut rows = match (&exercise.interaction, &exercise.key) {
        (Interaction::Match(pairs), Some(Key::Match { targets })) => pairs
            .sources
            .iter()
            .zip(targets)
            .map(|(source, correct)| Row {
                prompt: source.clone(),
                options: pairs.targets.clone(),
                correct: correct.clone(),
                cardinality: Cardinality::Single,
                shuffle: true,
            })
            .collect::<Vec<_>>(),
        (Interaction::Table(table), Some(Key::Table { rows })) => {
            if table.shown.is_some() {
                state.log.lose(
                    place,
                    Severity::Approximated,
                    "subset of rows",
                    "INGInious shows all problems",
                    Some("all rows are asked"),
                );
            }
            table
                .rows
                .iter()
                .zip(rows)
                .map(|(row, correct)| Row {
                    prompt: row.clone(),
                    options: table.columns.clone(),
                    correct: correct.clone(),
                    cardinality: table.cardinality,
                    shuffle: table.shuffle_columns,
                })
                .collect()
        }
        (Interaction::Gap(gap), Some(Key::Gaps { gaps })) => gap
            .gaps()
            .zip(gaps)
            .enumerate()
            .map(|(n, (options, accept))| Row {
                prompt: Markup::from_html(format!("<p>({})</p>", n + 1)),
                options: options.unwrap_or_default().iter().map(|o| Markup::from_text(o)).collect(),
                correct: match accept {
                    GapAccept::Choice { correct } => correct.clone(),
                    GapAccept::Text { .. } => BTreeSet::new(),
                },
                cardinality: Cardinality::Single,
                shuffle: false,
            })
            .collect(),
        // The key does not go with the interaction: nothing to split by.
        _ => return vec![exercise],
    };
    if rows.is_empty() {
        return vec![exercise];
    }
    let mut is_open = false;
    for row in &mut rows {
        // Somebody who leaves a row alone picks this.
        if row.correct.is_empty() && row.cardinality == Cardinality::Single {
            row.correct.insert(row.options.len());
            row.options.push(Markup::from_text("—"));
            is_open = true;
        }
    }
    if is_open {
        let why = "every problem of a task is to be answered";
        let marks = "one more option, “—”, is right; a row that is left open is wrong";
        state.log.change_marks(place, "a row without a right answer", why, marks);
    }
    let stem = match &exercise.interaction {
        Interaction::Table(table) => exercise.prompt.then(&table.description),
        Interaction::Gap(gap) => exercise.prompt.then(&numbered(&gap.segments)),
        _ => exercise.prompt.clone(),
    };
    let count = rows.len();
    let (name, why) = (exercise.interaction.name(), "INGInious has no such kind of problem");
    let fallback = format!("{count} choices, each for a share of the points");
    if count > 1 && exercise.scoring.credit != Credit::PerPart {
        let fallback = format!("{fallback}: what was all or nothing is marked row by row");
        state.log.change_marks(place, name, why, fallback);
    } else {
        state.log.lose(place, Severity::Approximated, name, why, Some(&fallback));
    }
    rows.into_iter()
        .enumerate()
        .map(|(n, row)| {
            let prompt = if n == 0 { stem.then(&row.prompt) } else { row.prompt };
            let options = row.options.into_iter().map(ChoiceOption::new).collect();
            let interaction = Interaction::Choice(ChoiceInteraction {
                cardinality: row.cardinality,
                options,
                shuffle: row.shuffle,
                shown: None,
            });
            let mut part = Exercise::new(exercise.task.clone(), prompt, interaction)
                .with_key(Key::Choice { correct: row.correct });
            part.scoring = exercise.scoring;
            part.scoring.credit = Credit::AllOrNothing;
            part.scoring.points = exercise.scoring.points / count as f64;
            part.feedback = exercise.feedback.clone();
            part
        })
        .collect()
}

/// The text of a gap exercise with numbers where the gaps are.
pub(crate) fn numbered(segments: &[GapSegment]) -> Markup {
    let mut n = 0;
    let html: String = segments
        .iter()
        .map(|segment| match segment {
            GapSegment::Text { markup } => markup.html().to_owned(),
            GapSegment::Entry | GapSegment::Choice { .. } => {
                n += 1;
                format!("({n}) ____")
            }
        })
        .collect();
    Markup::from_html(html)
}
