//! A course and its structure.

use serde::{Deserialize, Serialize};

use crate::{Asset, AssetId, Block, CourseId, Extras, LessonId, Markup, SectionId, StepId, Timestamp};

/// A course as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CourseSummary {
    /// The id to ask for the rest.
    pub id: CourseId,
    /// The title, as plain text.
    pub title: String,
    /// A sentence or two, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The page for learners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the signed-in account is enrolled; `None` where the platform does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled: Option<bool>,
}

/// Who sees a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Its staff, and those who were given access.
    #[default]
    Private,
}

/// Dates of a course, section, lesson or step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Schedule {
    /// Not visible before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The deadline that learners are shown; late answers may count less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// No answers after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// One kind of graded work and its share of the mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradingCategory {
    /// Its name: `Homework`.
    pub name: String,
    /// Its short label, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_label: Option<String>,
    /// Its share of the mark, 0 to 1.
    pub weight: f64,
    /// How many assignments of it there are to be.
    pub count: u32,
    /// How many of the worst are left out.
    pub drop: u32,
}

/// How a course mark comes about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GradingPolicy {
    /// The kinds of graded work.
    pub categories: Vec<GradingCategory>,
    /// Names of marks and the least share (0 to 1) for each, best first.
    pub cutoffs: Vec<(String, f64)>,
}

/// A course with everything in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Its id where it was read.
    pub id: CourseId,
    /// Its title, as plain text.
    pub title: String,
    /// A sentence or two, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub description: Markup,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The picture that stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<AssetId>,
    /// Who sees it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Its dates.
    #[serde(default)]
    pub schedule: Schedule,
    /// How its mark comes about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grading: Option<GradingPolicy>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// Its files, referenced or not.
    #[serde(default)]
    pub assets: Vec<Asset>,
    /// What only its platform knows.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

impl Course {
    /// An empty course.
    pub fn new(id: impl Into<CourseId>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            summary: None,
            description: Markup::default(),
            language: None,
            cover: None,
            visibility: Visibility::default(),
            schedule: Schedule::default(),
            grading: None,
            sections: Vec::new(),
            assets: Vec::new(),
            extras: Extras::default(),
        }
    }

    /// The course without its sections and assets, as it is created before they are.
    #[must_use]
    pub fn header(&self) -> Self {
        Self { sections: Vec::new(), assets: Vec::new(), ..self.clone() }
    }
}

/// A part of a course: Stepik section (module), Open edX chapter, INGInious section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its id where it was read.
    pub id: SectionId,
    /// Its title, as plain text.
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Markup::is_absent")]
    pub description: Markup,
    /// Its dates.
    #[serde(default)]
    pub schedule: Schedule,
    /// Its lessons, in order.
    pub lessons: Vec<Lesson>,
    /// What only its platform knows.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

impl Section {
    /// An empty section.
    pub fn new(id: impl Into<SectionId>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            description: Markup::default(),
            schedule: Schedule::default(),
            lessons: Vec::new(),
            extras: Extras::default(),
        }
    }
}

/// A lesson: Stepik lesson, Open edX sequential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its id where it was read.
    pub id: LessonId,
    /// Its title, as plain text.
    pub title: String,
    /// Its dates.
    #[serde(default)]
    pub schedule: Schedule,
    /// The [`GradingCategory`] it counts for, by name; `None` where it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// What only its platform knows.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

impl Lesson {
    /// An empty lesson.
    pub fn new(id: impl Into<LessonId>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            schedule: Schedule::default(),
            category: None,
            steps: Vec::new(),
            extras: Extras::default(),
        }
    }
}

/// A step: Stepik step (one block), Open edX vertical, INGInious task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its id where it was read.
    pub id: StepId,
    /// Its title, as plain text; empty where the platform's steps have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its dates.
    #[serde(default)]
    pub schedule: Schedule,
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
    /// What only its platform knows.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

impl Step {
    /// An empty step.
    pub fn new(id: impl Into<StepId>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            schedule: Schedule::default(),
            blocks: Vec::new(),
            extras: Extras::default(),
        }
    }
}
