//! Walking through a course, and saying where something is.

use std::fmt;

use crate::{Block, BlockId, Course, Lesson, Section, Step};

/// Where a step is: positions and titles, for people. `2. Sums › 1. Warm-up › 3. Quiz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Vec<(usize, String)>);

impl Place {
    /// The course itself.
    pub fn course() -> Self {
        Self(Vec::new())
    }

    /// One level further down; `position` counts from 1.
    #[must_use]
    pub fn child(&self, position: usize, title: impl Into<String>) -> Self {
        let mut levels = self.0.clone();
        levels.push((position, title.into()));
        Self(levels)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("course");
        }
        for (n, (position, title)) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" › ")?;
            }
            write!(f, "{position}")?;
            if !title.is_empty() {
                write!(f, ". {title}")?;
            }
        }
        Ok(())
    }
}

/// A block and everything it is in.
#[derive(Debug, Clone, Copy)]
pub struct BlockPlace<'a> {
    /// The section, and its position from 1.
    pub section: (usize, &'a Section),
    /// The lesson, and its position from 1.
    pub lesson: (usize, &'a Lesson),
    /// The step, and its position from 1.
    pub step: (usize, &'a Step),
    /// The block, and its position from 1.
    pub block: (usize, &'a Block),
}

impl BlockPlace<'_> {
    /// Where the block is, for people.
    pub fn place(&self) -> Place {
        let label = if self.block.1.title.is_empty() {
            format!("{} {}", self.block.1.body.kind(), self.block.1.id)
        } else {
            self.block.1.title.clone()
        };
        Place::course()
            .child(self.section.0, &self.section.1.title)
            .child(self.lesson.0, &self.lesson.1.title)
            .child(self.step.0, &self.step.1.title)
            .child(self.block.0, label)
    }
}

impl Course {
    /// All blocks in order, with what they are in.
    pub fn blocks(&self) -> impl Iterator<Item = BlockPlace<'_>> {
        self.sections.iter().enumerate().flat_map(|(s, section)| {
            section.lessons.iter().enumerate().flat_map(move |(l, lesson)| {
                lesson.steps.iter().enumerate().flat_map(move |(t, step)| {
                    step.blocks.iter().enumerate().map(move |(b, block)| BlockPlace {
                        section: (s + 1, section),
                        lesson: (l + 1, lesson),
                        step: (t + 1, step),
                        block: (b + 1, block),
                    })
                })
            })
        })
    }

    /// All steps in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.sections.iter().flat_map(|s| &s.lessons).flat_map(|l| &l.steps)
    }

    /// The block of this id.
    pub fn block(&self, id: &BlockId) -> Option<BlockPlace<'_>> {
        self.blocks().find(|place| place.block.1.id == *id)
    }
}
