//! choice (reference stepik.md 4.4)

use serde_json::{Value, json};

use super::schema::{flag, int, later_flag, list, text};
use super::{Quiz, Task, Verdict, html};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct Choice;

impl Quiz for Choice {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        let is_multiple = flag(source, "is_multiple_choice")?;
        for key in ["is_always_correct", "preserve_order", "is_options_feedback"] {
            flag(source, key)?;
        }
        let is_html = flag(source, "is_html_enabled")?;
        let sample = int(source, "sample_size")?;
        let options = list(source, "options")?;
        for option in options {
            flag(option, "is_correct")?;
            text(option, "feedback")?;
            let shown = text(option, "text")?;
            if is_html {
                html::check(shown)?;
            }
        }
        if sample < 1 || sample as usize > options.len() {
            return Err(
                "Sample size should be positive and not larger than the number of options.".to_owned()
            );
        }
        let (right, wrong): (Vec<&Value>, Vec<&Value>) =
            options.iter().partition(|o| later_flag(o, "is_correct"));
        if right.iter().any(|r| wrong.iter().any(|w| r.get("text") == w.get("text"))) {
            return Err("The same option is both correct and wrong.".to_owned());
        }
        if !is_multiple && right.is_empty() {
            return Err("Choose a correct option.".to_owned());
        }
        if !is_multiple && (wrong.len() as i64) < sample - 1 {
            return Err("Only one option can be correct in a single choice question.".to_owned());
        }
        Ok(json!({ "is_multiple_choice": is_multiple }))
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let options = source.get("options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_multiple = later_flag(source, "is_multiple_choice");
        let sample =
            int(source, "sample_size").ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(options.len());
        let (mut right, mut wrong): (Vec<usize>, Vec<usize>) =
            (0..options.len()).partition(|i| options.get(*i).is_some_and(|o| later_flag(o, "is_correct")));
        dice.shuffle(&mut right);
        dice.shuffle(&mut wrong);
        // Single choice holds exactly one right option, multiple choice at least one if there is any.
        let least = sample.saturating_sub(wrong.len()).max(usize::from(!right.is_empty()));
        let most = right.len().min(sample).max(least);
        let count = if is_multiple { least + dice.below(most - least + 1) } else { 1 };
        let mut shown: Vec<usize> = right
            .into_iter()
            .take(count)
            .chain(wrong.into_iter().take(sample.saturating_sub(count)))
            .collect();
        shown.sort_unstable();
        if !later_flag(source, "preserve_order") {
            dice.shuffle(&mut shown);
        }
        let is_html = later_flag(source, "is_html_enabled");
        let shown: Vec<&Value> = shown.into_iter().filter_map(|i| options.get(i)).collect();
        let texts: Vec<String> = shown
            .iter()
            .map(|o| text(o, "text").unwrap_or_default())
            .map(|t| if is_html { t.to_owned() } else { html::escape(t) })
            .collect();
        Task {
            clue: json!(shown),
            ..Task::showing(json!({ "is_multiple_choice": is_multiple, "options": texts }))
        }
    }

    fn clean(&self, source: &Value, dataset: &Value, reply: &Value) -> Result<Value, String> {
        let choices = list(reply, "choices")?;
        let chosen: Option<Vec<bool>> = choices.iter().map(Value::as_bool).collect();
        let chosen = chosen.ok_or("`choices` must be a list of booleans.")?;
        if chosen.len() != list(dataset, "options")?.len() {
            return Err("`choices` must be as long as the options of the attempt.".to_owned());
        }
        if !later_flag(source, "is_multiple_choice") && chosen.iter().filter(|c| **c).count() != 1 {
            return Err("Exactly one option must be chosen.".to_owned());
        }
        Ok(json!({ "choices": chosen }))
    }

    fn grade(&self, source: &Value, clue: &Value, reply: &Value) -> Verdict {
        if later_flag(source, "is_always_correct") {
            return Verdict::of(true);
        }
        let options = clue.as_array().map(Vec::as_slice).unwrap_or_default();
        let chosen = list(reply, "choices").unwrap_or_default();
        let missed: Vec<bool> = options
            .iter()
            .zip(chosen)
            .map(|(option, chosen)| later_flag(option, "is_correct") != chosen.as_bool().unwrap_or_default())
            .collect();
        if !missed.contains(&true) {
            return Verdict::of(true);
        }
        let told: Vec<&str> = options
            .iter()
            .zip(&missed)
            .map(|(option, missed)| if *missed { text(option, "feedback").unwrap_or_default() } else { "" })
            .collect();
        let feedback = if later_flag(source, "is_options_feedback") {
            json!({ "options_feedback": told })
        } else {
            json!(told.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n"))
        };
        Verdict { feedback, ..Verdict::of(false) }
    }
}
