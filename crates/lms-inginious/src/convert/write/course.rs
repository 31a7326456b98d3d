//! The course file, as it grows while nodes are written.

use lms_core::{AssetLinks, Course, Extras, Platform, Schedule, Visibility};
use serde_json::{Map, Value, json};

use super::Writer;
use crate::convert::read::{Access, Holds, Toc, TocSection, accessibility, accessibility_of};
use crate::convert::rst::Shape;

/// A section as it is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftSection {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) rest: Map<String, Value>,
    /// Its tasks can be reached, but the table of contents does not list them.
    pub(crate) unlisted: bool,
    pub(crate) lessons: Vec<DraftLesson>,
}

/// A lesson as it is being written: a section of tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftLesson {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) rest: Map<String, Value>,
    pub(crate) tasks: Vec<String>,
}

/// The course file as it is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Keys of the course itself.
    pub(crate) head: Map<String, Value>,
    pub(crate) sections: Vec<DraftSection>,
    /// By task.
    pub(crate) config: Map<String, Value>,
    /// What else stands in `dispenser_data`.
    pub(crate) rest: Map<String, Value>,
}

/// A setting that only INGInious knows.
pub(crate) fn setting(extras: &Extras, key: &str) -> Map<String, Value> {
    extras.get(Platform::Inginious, key).and_then(Value::as_object).cloned().unwrap_or_default()
}

impl Draft {
    /// What is there already, for writing into it.
    pub(crate) fn from_toc(head: Map<String, Value>, toc: Toc) -> Self {
        let sections = toc.sections.into_iter().map(DraftSection::from_toc).collect();
        let config =
            toc.config.unwrap_or_default().into_iter().map(|(task, c)| (task, Value::from(c))).collect();
        Self { head, sections, config, rest: toc.rest }
    }

    /// Sets what the header says.
    pub(crate) fn set_head(&mut self, course: &Course, links: &AssetLinks) {
        let writer = Writer { links };
        let sources = course.extras.get(Platform::Inginious, "rst").and_then(Value::as_object);
        let mut head = Map::new();
        head.insert("name".into(), json!(course.title));
        let description = writer.rst(&course.description, Shape::Flow, sources, "description");
        head.insert("description".into(), json!(description));
        head.insert("admins".into(), json!([]));
        head.insert("accessible".into(), accessibility_of(&course.schedule));
        head.insert("registration".into(), json!(course.visibility == Visibility::Public));
        head.insert("task_dispenser".into(), json!("toc"));
        for (key, value) in setting(&course.extras, "course") {
            let agrees = match key.as_str() {
                "accessible" => match accessibility(&value) {
                    Some(Access::Open(schedule)) => schedule == course.schedule,
                    _ => course.visibility == Visibility::Private && course.schedule == Schedule::default(),
                },
                _ => true,
            };
            if agrees {
                head.insert(key, value);
            }
        }
        self.head = head;
        self.rest = setting(&course.extras, "dispenser_data");
    }

    /// The course file.
    pub(crate) fn to_json(&self) -> Value {
        let toc: Vec<Value> =
            self.sections.iter().filter(|s| !s.unlisted).map(DraftSection::to_json).collect();
        let mut data = self.rest.clone();
        data.insert("toc".into(), Value::from(toc));
        data.insert("config".into(), Value::from(self.config.clone()));
        data.insert("imported".into(), json!(true));
        let mut whole = self.head.clone();
        whole.insert("dispenser_data".into(), Value::from(data));
        Value::from(whole)
    }
}

impl DraftSection {
    fn from_toc(section: TocSection) -> Self {
        let TocSection { id, title, rest, holds } = section;
        let mut lessons = Vec::new();
        match holds {
            Holds::Tasks(tasks) => {
                lessons.push(DraftLesson { id: id.clone(), title: title.clone(), rest: Map::new(), tasks });
            }
            Holds::Sections(inner) => {
                inner.into_iter().for_each(|part| flatten(part, String::new(), &mut lessons))
            }
        }
        Self { id, title, rest, unlisted: false, lessons }
    }

    fn to_json(&self) -> Value {
        let mut whole = Map::new();
        whole.insert("id".into(), json!(self.id));
        whole.insert("title".into(), json!(self.title));
        match self.lessons.as_slice() {
            [only] if only.title == self.title && only.rest.is_empty() => {
                whole.insert("tasks_list".into(), json!(only.tasks));
            }
            lessons => {
                let inner: Vec<Value> = lessons
                    .iter()
                    .map(|lesson| {
                        let mut part = Map::new();
                        part.insert("id".into(), json!(lesson.id));
                        part.insert("title".into(), json!(lesson.title));
                        part.insert("tasks_list".into(), json!(lesson.tasks));
                        part.extend(lesson.rest.clone());
                        Value::from(part)
                    })
                    .collect();
                whole.insert("sections_list".into(), Value::from(inner));
            }
        }
        whole.extend(self.rest.clone());
        Value::from(whole)
    }
}

fn flatten(section: TocSection, above: String, lessons: &mut Vec<DraftLesson>) {
    let TocSection { id, title, rest, holds } = section;
    let title = if above.is_empty() { title } else { format!("{above} › {title}") };
    match holds {
        Holds::Tasks(tasks) => lessons.push(DraftLesson { id, title, rest, tasks }),
        Holds::Sections(inner) => inner.into_iter().for_each(|part| flatten(part, title.clone(), lessons)),
    }
}
