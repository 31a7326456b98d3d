//! What a course holds, counted.

use std::collections::BTreeMap;

use lms_core::{Content, Finding, NativeCounts, Platform};
use serde::Serialize;

/// Counts of every kind of block, exercise and file, and what is not understood.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// Whose the course is.
    pub platform: Platform,
    /// Its title.
    pub title: String,
    /// Sections.
    pub sections: usize,
    /// Lessons.
    pub lessons: usize,
    /// Steps.
    pub steps: usize,
    /// Blocks by kind: `text`, `video`, `file`, `exercise`, `foreign`.
    pub blocks: BTreeMap<&'static str, usize>,
    /// Exercises by interaction.
    pub exercises: BTreeMap<&'static str, usize>,
    /// Counts by the platform's own names.
    pub native: NativeCounts,
    /// Files.
    pub assets: usize,
    /// What is not understood.
    pub findings: Vec<Finding>,
}

impl Inspection {
    /// Counts what was read from `platform`.
    pub fn of(platform: Platform, content: &Content) -> Self {
        let course = &content.course;
        let mut blocks = BTreeMap::new();
        let mut exercises = BTreeMap::new();
        for place in course.blocks() {
            *blocks.entry(place.block.1.body.kind()).or_default() += 1;
            if let Some(exercise) = place.block.1.exercise() {
                *exercises.entry(exercise.interaction.name()).or_default() += 1;
            }
        }
        Self {
            platform,
            title: course.title.clone(),
            sections: course.sections.len(),
            lessons: course.sections.iter().map(|s| s.lessons.len()).sum(),
            steps: course.steps().count(),
            blocks,
            exercises,
            native: content.native.clone(),
            assets: course.assets.len(),
            findings: content.findings.clone(),
        }
    }
}
