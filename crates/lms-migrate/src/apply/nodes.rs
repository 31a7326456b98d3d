//! Sections, lessons and steps: written, removed, put in order.

use std::collections::HashMap;

use futures::stream::{self, StreamExt};
use lms_core::{Error, ErrorKind, LessonId, Result, SectionId, Slot, StepId};

use super::{Run, Written};
use crate::Stage;
use crate::journal::record::{Key, Kind, Node, Outcome, Write};
use crate::sync::tree::{Node as Of, Row, rows};
use crate::sync::{Entry, Fate, Task};

/// What a step is to be that links others whose addresses are not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// Written once more when they are.
    ToBeCompleted,
    /// Done: what is not known now will not be.
    AsFarAsKnown,
}

/// What the fingerprint of a step ends with whose links are not complete.
const INCOMPLETE: &str = " links";

impl Run<'_> {
    /// Fingerprints of all nodes, with the files as they are on the target now.
    pub(super) fn prints_of_nodes(&self) -> HashMap<Key, String> {
        let rows = rows(&self.work.plan.adapted.course, &self.files);
        rows.into_iter().map(|row| (row.key, row.print)).collect()
    }

    /// Sections in order, then lessons: those of several sections at once, the lessons of each in order.
    pub(super) async fn write_structure(&mut self, written: &mut Written) -> Result<()> {
        let nodes = rows(&self.work.plan.adapted.course, &self.files);
        self.progress.begin(Stage::Structure, nodes.iter().filter(|row| row.kind() != Kind::Step).count());
        written.sections = self.write_all(Kind::Section, Stage::Structure).await?;
        written.lessons = self.write_all(Kind::Lesson, Stage::Structure).await?;
        self.progress.end(Stage::Structure);
        Ok(())
    }

    /// Steps: several lessons at once, the steps of each in order.
    pub(super) async fn write_steps(&mut self, written: &mut Written) -> Result<()> {
        let nodes = rows(&self.work.plan.adapted.course, &self.files);
        self.progress.begin(Stage::Steps, nodes.iter().filter(|row| row.kind() == Kind::Step).count());
        let early = self.too_early(&nodes);
        written.steps = self.write_all(Kind::Step, Stage::Steps).await?;
        self.write_again(&nodes, &early).await?;
        self.progress.end(Stage::Steps);
        Ok(())
    }

    /// Steps that link others whose ids were not known when they were written.
    async fn write_again(&self, nodes: &[Row<'_>], early: &[&Key]) -> Result<()> {
        for (row, task) in nodes.iter().zip(&self.work.decided.tasks) {
            if early.contains(&&task.key) {
                let id = Some(self.id_of(&task.key)?);
                let task = Task { fate: Fate::Write, id, ..task.clone() };
                self.put(row, &task, Links::AsFarAsKnown).await?;
            }
        }
        Ok(())
    }

    /// Writes the nodes of a kind: those of several parents at once, those of one in order, since some
    /// platforms number them as they come. Answers how many were written.
    async fn write_all(&mut self, kind: Kind, stage: Stage) -> Result<usize> {
        let work = self.work;
        let rows = rows(&work.plan.adapted.course, &self.files);
        let mut families: Vec<(&Key, Vec<(&Row<'_>, &Task)>)> = Vec::new();
        for (row, task) in rows.iter().zip(&work.decided.tasks).filter(|(row, _)| row.kind() == kind) {
            match families.last_mut() {
                Some((parent, nodes)) if **parent == row.under => nodes.push((row, task)),
                _ => families.push((&row.under, vec![(row, task)])),
            }
        }
        let run = &*self;
        let failed = &std::sync::atomic::AtomicBool::new(false);
        let mut first_error = None;
        // Collected first: a closure that borrows would keep the whole from being `Send`.
        let families: Vec<_> = families
            .into_iter()
            .map(|(_, nodes)| async move {
                let mut ids = Vec::new();
                for (row, task) in nodes {
                    // What is under way elsewhere ends; nothing new begins.
                    if failed.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    if matches!(task.fate, Fate::Create | Fate::Write) {
                        match run.put(row, task, Links::ToBeCompleted).await {
                            Ok(id) => ids.push((task.key.clone(), id)),
                            Err(error) => {
                                failed.store(true, std::sync::atomic::Ordering::Relaxed);
                                return Err(error);
                            }
                        }
                        run.progress.step(stage);
                    } else {
                        run.progress.pass(stage);
                    }
                }
                Ok(ids)
            })
            .collect();
        let mut done = stream::iter(families).buffer_unordered(run.authoring.parallel().max(1));
        let mut ids = Vec::new();
        while let Some(family) = done.next().await {
            match family {
                Ok(of_family) => ids.extend(of_family),
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        drop(done);
        if let Some(error) = first_error {
            return Err(error);
        }
        let written = ids.len();
        self.ids.extend(ids);
        Ok(written)
    }

    /// Writes one node where its task says; answers its id.
    async fn put(&self, row: &Row<'_>, task: &Task, links: Links) -> Result<String> {
        let parent = match &task.parent {
            Some(id) => id.clone(),
            None => self.id_of(&task.under)?,
        };
        let existing = task.id.clone().filter(|_| task.fate == Fate::Write);
        let (pointed, complete) = match row.node {
            Of::Step(step) => self.pointed(step),
            _ => (None, true),
        };
        let mut print = self.prints.get(&row.key).cloned().unwrap_or_default();
        if !complete && links == Links::ToBeCompleted {
            // A run that breaks off before they are complete has to come back to it.
            print.push_str(INCOMPLETE);
        }
        let (key, under, position) = (row.key.clone(), row.under.clone(), row.position);
        let node = Node { key, under, position, written: print };
        let write = match &existing {
            Some(id) => Write::Update { node, id: id.clone() },
            None => Write::Create { node, title: row.title().to_owned() },
        };
        let (course, links, authoring) = (&self.course, &self.links, self.authoring);
        let call = async {
            match row.node {
                Of::Section(section) => {
                    let slot = slot(task, existing, SectionId::new);
                    authoring.put_section(course, section, &slot, links).await.map(|id| id.to_string())
                }
                Of::Lesson(lesson) => {
                    let slot = slot(task, existing, LessonId::new);
                    let id = authoring.put_lesson(course, &parent.into(), lesson, &slot).await;
                    id.map(|id| id.to_string())
                }
                Of::Step(step) => {
                    let slot = slot(task, existing, StepId::new);
                    let step = pointed.as_ref().unwrap_or(step);
                    let id = authoring.put_step(course, &parent.into(), step, &slot, links).await;
                    id.map(|id| id.to_string())
                }
            }
        };
        self.write(write, call, |id| Outcome { id: Some(id.clone()), ..Outcome::default() }).await
    }

    fn id_of(&self, key: &Key) -> Result<String> {
        if key.kind == Kind::Course {
            return Ok(String::new());
        }
        self.ids.get(key).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "what this stands in is not on the target").on(&key.id)
        })
    }

    /// Removes what is to go: steps first, so that places count, and what holds others last, when those
    /// that leave it have left. What goes with what it stands in is gone when that is.
    pub(super) async fn remove(&self, late: bool) -> Result<()> {
        let (with_others, alone): (Vec<_>, Vec<_>) =
            self.work.decided.removals.iter().partition(|r| r.within);
        let own = alone.into_iter().filter(|r| late == (r.key.kind != Kind::Step));
        for removal in own.chain(with_others.into_iter().filter(|_| late)) {
            let write = Write::Delete { key: removal.key.clone(), id: removal.id.clone() };
            let call = async {
                let (authoring, course) = (self.authoring, &self.course);
                match removal.key.kind {
                    _ if removal.within => Ok(()),
                    Kind::Section => authoring.delete_section(course, &removal.id.as_str().into()).await,
                    Kind::Lesson => authoring.delete_lesson(course, &removal.id.as_str().into()).await,
                    Kind::Step => authoring.delete_step(course, &removal.id.as_str().into()).await,
                    Kind::Course => Ok(()),
                }
            };
            self.write(write, call, |()| Outcome::default()).await?;
        }
        Ok(())
    }

    /// Puts children in order where writing alone leaves another one.
    pub(super) async fn put_in_order(&self) -> Result<()> {
        for (under, entries) in &self.work.decided.orders {
            let parent = self.id_of(under)?;
            let mut order: Vec<String> = Vec::new();
            for entry in entries {
                order.push(match entry {
                    Entry::Ours(key) => self.id_of(key)?,
                    Entry::Theirs(id) => id.clone(),
                });
            }
            let (authoring, course) = (self.authoring, &self.course);
            let call = async {
                match under.kind {
                    Kind::Course => authoring.order_sections(course, &ids(&order)).await,
                    Kind::Section => authoring.order_lessons(course, &parent.into(), &ids(&order)).await,
                    _ => authoring.order_steps(course, &parent.into(), &ids(&order)).await,
                }
            };
            let write = Write::Order { under: under.clone() };
            match self.write(write, call, |()| Outcome::default()).await {
                Err(error) if error.kind() == ErrorKind::Unsupported => self.place_again(under).await?,
                other => other?,
            }
        }
        Ok(())
    }

    /// For platforms that know no order: each child is written again, in its place.
    async fn place_again(&self, under: &Key) -> Result<()> {
        let rows = rows(&self.work.plan.adapted.course, &self.files);
        let tasks = rows.iter().zip(&self.work.decided.tasks);
        for (row, task) in tasks.filter(|(_, task)| task.under == *under && task.fate != Fate::Absent) {
            let id = Some(self.id_of(&task.key)?);
            let task = Task { fate: Fate::Write, id, ..task.clone() };
            self.put(row, &task, Links::AsFarAsKnown).await?;
        }
        Ok(())
    }
}

fn slot<Id>(task: &Task, existing: Option<String>, id: impl FnOnce(String) -> Id) -> Slot<Id> {
    Slot { existing: existing.map(id), ..Slot::new(task.position) }
}

fn ids<Id: for<'a> From<&'a str>>(order: &[String]) -> Vec<Id> {
    order.iter().map(|id| Id::from(id.as_str())).collect()
}
