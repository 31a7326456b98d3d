//! free-answer (reference stepik.md 4.10)

use serde_json::{Value, json};

use super::schema::{attachments, flag, later_flag, text};
use super::{Quiz, Task, Verdict, html};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct FreeAnswer;

impl Quiz for FreeAnswer {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        for key in ["is_attachments_enabled", "is_html_enabled", "manual_scoring"] {
            flag(source, key)?;
        }
        Ok(json!({}))
    }

    fn generate(&self, source: &Value, _dice: &mut Dice) -> Task {
        let dataset = json!({
            "is_attachments_enabled": later_flag(source, "is_attachments_enabled"),
            "is_html_enabled": later_flag(source, "is_html_enabled"),
        });
        Task::showing(dataset)
    }

    fn clean(&self, source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let files = attachments(reply, "attachments")?;
        if !files.is_empty() && !later_flag(source, "is_attachments_enabled") {
            return Err("This step takes no attachments.".to_owned());
        }
        // The stored reply may differ from the sent one.
        let written = text(reply, "text")?;
        let kept =
            if later_flag(source, "is_html_enabled") { html::sanitised(written) } else { written.to_owned() };
        Ok(json!({ "text": kept, "attachments": files }))
    }

    /// Anything that is not empty is right at once.
    fn grade(&self, _source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let has_text =
            text(reply, "text").is_ok_and(|t| !html::visible_text(t).is_empty() || t.contains("<img"));
        let has_file =
            reply.get("attachments").and_then(Value::as_array).is_some_and(|files| !files.is_empty());
        if has_text || has_file {
            Verdict::of(true)
        } else {
            Verdict::wrong("Empty reply. Please write some text.")
        }
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}
