//! `lms tree`.

use std::fmt::Write as _;

use lms_core::{Block, Course, LmsProviderExt};
use serde_json::{Value, json};

use crate::args::Tree;
use crate::exit::{DONE, Failure};
use crate::{open, output};

pub(crate) async fn run(args: Tree) -> Result<u8, Failure> {
    let opened = open::course(&args.locator).await?;
    let content = opened.provider.require_courses()?.content(&opened.course).await?;
    if args.json {
        output::json(&to_json(&content.course))?;
    } else {
        output::prose(&to_text(&content.course))?;
    }
    Ok(DONE)
}

fn label(block: &Block) -> String {
    let kind = block.exercise().map_or(block.body.kind(), |exercise| exercise.interaction.name());
    let name = match &block.body {
        lms_core::BlockBody::Foreign(foreign) => format!("{kind} {}", foreign.name),
        _ => kind.to_owned(),
    };
    if block.title.is_empty() { name } else { format!("{name}: {}", block.title) }
}

fn to_text(course: &Course) -> String {
    let mut text = format!("{}  [{}]\n", course.title, course.id);
    for (s, section) in course.sections.iter().enumerate() {
        let _ = writeln!(text, "{}. {}  [{}]", s + 1, section.title, section.id);
        for (l, lesson) in section.lessons.iter().enumerate() {
            let _ = writeln!(text, "  {}.{} {}  [{}]", s + 1, l + 1, lesson.title, lesson.id);
            for (t, step) in lesson.steps.iter().enumerate() {
                let blocks: Vec<String> = step.blocks.iter().map(label).collect();
                let title = if step.title.is_empty() { String::new() } else { format!("{}: ", step.title) };
                let _ = writeln!(
                    text,
                    "    {}.{}.{} {title}{}  [{}]",
                    s + 1,
                    l + 1,
                    t + 1,
                    blocks.join(", "),
                    step.id
                );
            }
        }
    }
    text
}

fn to_json(course: &Course) -> Value {
    let blocks = |blocks: &[Block]| -> Vec<Value> {
        blocks
            .iter()
            .map(|block| {
                json!({
                    "id": block.id, "kind": block.body.kind(), "title": block.title,
                    "interaction": block.exercise().map(|e| e.interaction.name()),
                    "points": block.exercise().map(|e| e.scoring.points),
                })
            })
            .collect()
    };
    json!({
        "id": course.id, "title": course.title,
        "sections": course.sections.iter().map(|section| json!({
            "id": section.id, "title": section.title,
            "lessons": section.lessons.iter().map(|lesson| json!({
                "id": lesson.id, "title": lesson.title,
                "steps": lesson.steps.iter().map(|step| json!({
                    "id": step.id, "title": step.title, "blocks": blocks(&step.blocks),
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
