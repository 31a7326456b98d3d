//! Types that the platform judges by running something: dataset, linux-code, trik, admin. The emulator runs nothing;
//! [`CodeRule`](crate::stepik::CodeRule) says how it judges instead. (reference stepik.md 4.15)

use serde_json::{Value, json};

use super::code::{comment_texts, has_right_mark, newline_warnings};
use super::schema::{attachments, flag, int, later_flag, text};
use super::string::file_text;
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

/// dataset: a file to compute on, and little time. The file holds the texts of the author's comment lines
/// `# dataset: TEXT`; a reply is right when it equals the text of a line `# expect: TEXT`.
#[derive(Debug)]
pub(super) struct Dataset;

impl Quiz for Dataset {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        text(source, "code")?;
        Ok(json!({ "time_limit": 300, "samples": [] }))
    }

    fn generate(&self, source: &Value, _dice: &mut Dice) -> Task {
        let lines: Vec<String> =
            comment_texts(text(source, "code").unwrap_or_default(), "dataset:").collect();
        Task { file: Some(lines.join("\n") + "\n"), is_timed: true, ..Task::without_dataset() }
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(json!({ "file": text(reply, "file")? }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let answer = text(reply, "file").unwrap_or_default().trim();
        let code = text(source, "code").unwrap_or_default();
        Verdict::of(comment_texts(code, "expect:").any(|expected| expected == answer))
    }

    fn needs_machine(&self) -> bool {
        true
    }

    fn warnings(&self, source: &Value) -> Vec<String> {
        newline_warnings(text(source, "code").unwrap_or_default(), &[])
    }
}

/// linux-code: right when a line of the solution is a comment `expect: correct`.
#[derive(Debug)]
pub(super) struct LinuxCode;

impl Quiz for LinuxCode {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        text(source, "task_id")?;
        flag(source, "is_makefile_required")?;
        Ok(json!({}))
    }

    fn generate(&self, source: &Value, _dice: &mut Dice) -> Task {
        Task::showing(json!({ "is_makefile_required": later_flag(source, "is_makefile_required") }))
    }

    fn clean(&self, source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let (solution, makefile) = (attachments(reply, "solution")?, attachments(reply, "makefile")?);
        if solution.len() != 1 {
            return Err("`solution` must hold one file.".to_owned());
        }
        if later_flag(source, "is_makefile_required") && makefile.len() != 1 {
            return Err("`makefile` must hold one file.".to_owned());
        }
        Ok(json!({ "solution": solution, "makefile": makefile }))
    }

    fn grade(&self, _source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let solution = attachments(reply, "solution").unwrap_or_default().first();
        let text = solution.and_then(|file| file_text(file).ok());
        Verdict::of(text.is_some_and(|text| has_right_mark(&text)))
    }

    fn needs_machine(&self) -> bool {
        true
    }
}

/// admin: a machine to work on, which the emulator does not have. Right when the author's `test_scenario` says
/// `# expect: correct`.
#[derive(Debug)]
pub(super) struct Admin;

impl Quiz for Admin {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        int(source, "image_id")?;
        if !(64..=256).contains(&int(source, "memory")?) {
            return Err("`memory` must be between 64 and 256.".to_owned());
        }
        flag(source, "is_bootstrap")?;
        for key in ["bootstrap_script", "test_scenario"] {
            text(source, key)?;
        }
        Ok(json!({ "time_limit": 3600 }))
    }

    fn generate(&self, _source: &Value, dice: &mut Dice) -> Task {
        let terminal = dice.below(9_000_000) + 1_000_000;
        Task::showing(json!({ "terminal_id": terminal, "kaylee_url": format!("/kaylee/{terminal}") }))
    }

    fn clean(&self, _source: &Value, _dataset: &Value, _reply: &Value) -> Result<Value, String> {
        Ok(json!({}))
    }

    fn grade(&self, source: &Value, _clue: &Value, _reply: &Value) -> Verdict {
        Verdict::of(has_right_mark(text(source, "test_scenario").unwrap_or_default()))
    }

    fn needs_machine(&self) -> bool {
        true
    }
}

/// trik: a robot in a simulator. Its reply is an archive that the emulator cannot look into, so that only
/// [`CodeRule::AllRight`](crate::stepik::CodeRule::AllRight) ever calls one right.
#[derive(Debug)]
pub(super) struct Trik;

impl Quiz for Trik {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        if source.is_object() { Ok(json!({})) } else { Err("source must be an object.".to_owned()) }
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(reply.clone())
    }

    fn grade(&self, _source: &Value, _clue: &Value, _reply: &Value) -> Verdict {
        Verdict::wrong("The emulator has no robot to run this on.")
    }

    fn needs_machine(&self) -> bool {
        true
    }
}
