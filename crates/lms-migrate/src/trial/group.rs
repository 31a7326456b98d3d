//! Which exercises are answered together, and with what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lms_core::grade::{Probe, probes};
use lms_core::{BlockId, Course, Exercise, Response, TaskId};

use crate::grading::{Counterpart, translate, unprobed};

/// An answer to an exercise of the source, and the same in the terms of what stands for it on the target.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) probe: Probe,
    /// One for each exercise that it became.
    pub(super) parts: Vec<Response>,
}

/// An exercise of the target in its task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) exercise: &'a Exercise,
    /// Which item of the group it belongs to, and which part of it it is.
    pub(super) of: (usize, usize),
}

/// An exercise of the source.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place among the counterparts.
    pub(super) n: usize,
    /// What is tried, the most telling first.
    pub(super) answers: Vec<Answer>,
}

/// Exercises of the source and tasks of the target that hang together: one exercise may have become several tasks, and
/// several exercises may be answered in one.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    pub(super) items: Vec<Item>,
    pub(super) tasks: Vec<(&'a TaskId, Vec<Part<'a>>)>,
}

/// All of a course.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    pub(super) groups: Vec<Group<'a>>,
    /// Counterparts that cannot be tried, and why.
    pub(super) untried: BTreeMap<usize, String>,
}

/// The exercises of each task of the target, and whose parts they are: (counterpart, part).
type Tasks<'a> = Vec<(&'a TaskId, Vec<(&'a Exercise, Option<(usize, usize)>)>)>;

impl<'a> Groups<'a> {
    pub(super) fn new(counterparts: &[Counterpart<'a>], actual: &'a Course) -> Self {
        let tasks = tasks(counterparts, actual);
        let mut answers: Vec<Result<Vec<Answer>, String>> = counterparts.iter().map(answers).collect();
        let mut all = Self::default();
        for members in connected(counterparts.len(), &tasks) {
            let of = |(_, parts): &&(_, Vec<(_, Option<(usize, usize)>)>)| {
                parts.iter().any(|(_, of)| of.is_some_and(|(n, _)| members.contains(&n)))
            };
            let own: Tasks<'a> = tasks.iter().filter(of).cloned().collect();
            let stranger = own.iter().any(|(_, parts)| parts.iter().any(|(_, of)| of.is_none()));
            let silent = members.iter().find(|n| answers.get(**n).is_some_and(Result::is_err)).copied();
            if own.is_empty() || stranger || silent.is_some() {
                for n in &members {
                    let why = match answers.get(*n) {
                        Some(Err(why)) => why.clone(),
                        _ if stranger => "its task also asks what the source does not".into(),
                        _ if own.is_empty() => "it is not an exercise on the target".into(),
                        _ => format!(
                            "it is answered together with {}, which cannot be tried",
                            silent.and_then(|n| counterparts.get(n)).map_or("another", |c| c.path.as_str())
                        ),
                    };
                    all.untried.insert(*n, why);
                }
                continue;
            }
            let items: Vec<Item> = members
                .iter()
                .filter_map(|n| {
                    let answers = std::mem::replace(answers.get_mut(*n)?, Err(String::new())).ok()?;
                    Some(Item { n: *n, answers })
                })
                .collect();
            let place = |n: usize| items.iter().position(|item| item.n == n);
            let tasks = own
                .into_iter()
                .map(|(id, parts)| {
                    let parts = parts.into_iter().filter_map(|(exercise, of)| {
                        let (n, part) = of?;
                        Some(Part { exercise, of: (place(n)?, part) })
                    });
                    (id, parts.collect())
                })
                .collect();
            all.groups.push(Group { items, tasks });
        }
        all
    }
}

/// The exercises of the target by the task that they are submitted with, in the order of the course.
fn tasks<'a>(counterparts: &[Counterpart<'a>], actual: &'a Course) -> Tasks<'a> {
    let mut owners: HashMap<&BlockId, (usize, usize)> = HashMap::new();
    for (n, counterpart) in counterparts.iter().enumerate() {
        for (part, (id, _)) in counterpart.targets.iter().enumerate() {
            owners.insert(id, (n, part));
        }
    }
    let mut tasks: Tasks<'a> = Vec::new();
    let mut places: HashMap<&TaskId, usize> = HashMap::new();
    for place in actual.blocks() {
        let block = place.block.1;
        let Some(exercise) = block.exercise() else { continue };
        let n = *places.entry(&exercise.task).or_insert_with(|| {
            tasks.push((&exercise.task, Vec::new()));
            tasks.len() - 1
        });
        if let Some((_, parts)) = tasks.get_mut(n) {
            parts.push((exercise, owners.get(&block.id).copied()));
        }
    }
    tasks
}

/// Counterparts that share a task, with all that these share tasks with.
fn connected(count: usize, tasks: &Tasks<'_>) -> Vec<BTreeSet<usize>> {
    let mut group: Vec<usize> = (0..count).collect();
    for (_, parts) in tasks {
        let members: BTreeSet<usize> =
            parts.iter().filter_map(|(_, of)| Some(*group.get((*of)?.0)?)).collect();
        if let Some(first) = members.first() {
            group.iter_mut().filter(|g| members.contains(g)).for_each(|g| *g = *first);
        }
    }
    let mut found: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (n, g) in group.into_iter().enumerate() {
        found.entry(g).or_default().insert(n);
    }
    found.into_values().collect()
}

/// The answers that can be sent, the most telling first; else why there are none.
fn answers(counterpart: &Counterpart<'_>) -> Result<Vec<Answer>, String> {
    let probes = probes(counterpart.exercise);
    if probes.is_empty() {
        return Err(unprobed(counterpart.exercise));
    }
    let targets: Vec<&Exercise> = counterpart.targets.iter().map(|(_, exercise)| *exercise).collect();
    if targets.is_empty() {
        return Err("it is not an exercise on the target".into());
    }
    let answers: Vec<Answer> = telling(probes)
        .into_iter()
        .filter_map(|probe| {
            let parts = translate(&counterpart.exercise.interaction, &probe.response, &targets)?;
            parts.iter().all(is_sendable).then_some(Answer { probe, parts })
        })
        .collect();
    match answers.is_empty() {
        false => Ok(answers),
        true => Err("its answers cannot be given on the target".into()),
    }
}

/// Right ones and others by turns, each by the weight that they come in.
fn telling(probes: Vec<Probe>) -> Vec<Probe> {
    let (right, wrong): (Vec<Probe>, Vec<Probe>) = probes.into_iter().partition(|p| p.expected.correct);
    let (mut right, mut wrong) = (right.into_iter(), wrong.into_iter());
    let mut order = Vec::new();
    loop {
        let (a, b) = (right.next(), wrong.next());
        if a.is_none() && b.is_none() {
            return order;
        }
        order.extend(a.into_iter().chain(b));
    }
}

/// An answer that every platform takes: nothing left out.
fn is_sendable(response: &Response) -> bool {
    match response {
        Response::Choice { selected } => !selected.is_empty(),
        Response::Text { text } | Response::ExtendedText { text } => !text.trim().is_empty(),
        Response::Number { number } => !number.trim().is_empty(),
        Response::Formula { formula } => !formula.trim().is_empty(),
        Response::Match { targets } => targets.iter().all(Option::is_some),
        Response::Gaps { texts } => texts.iter().all(|text| !text.trim().is_empty()),
        Response::Table { rows } => rows.iter().all(|row| row.len() == 1),
        _ => true,
    }
}
