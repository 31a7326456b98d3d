//! What came of an answer.

use lms_core::{Submission, SubmissionId, SubmissionState, Task, TaskRef};
use serde::Serialize;

use crate::exit::Failure;
use crate::html::to_text;
use crate::output;
use crate::terminal::{self, Paint};

/// A submission, and how many attempts are left.
#[derive(Debug, Serialize)]
pub(crate) struct Sent {
    #[serde(flatten)]
    pub(crate) submission: Submission,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempts_left: Option<u32>,
}

/// An answer that nobody waits for.
pub(crate) fn print_sent(
    id: &SubmissionId,
    locator: &str,
    at: &TaskRef,
    as_json: bool,
) -> Result<(), Failure> {
    if as_json {
        return output::json(
            &serde_json::json!({"id": id, "task": at.task, "state": SubmissionState::Pending}),
        );
    }
    output::prose(&format!("sent as {id}; `lms submissions {locator} {}` shows its verdict\n", at.task))
}

/// How a submission stands: one word.
pub(crate) fn word(submission: &Submission) -> &'static str {
    match (submission.state, &submission.verdict) {
        (SubmissionState::Pending, _) => "pending",
        (SubmissionState::Failed, _) => "failed",
        (SubmissionState::Judged, Some(verdict)) if verdict.correct => "correct",
        (SubmissionState::Judged, Some(verdict)) if verdict.score > 0.0 => "partial",
        (SubmissionState::Judged, Some(_)) => "wrong",
        (SubmissionState::Judged, None) => "judged",
    }
}

/// The verdict: right or wrong, the score, what is said, what is left.
pub(crate) fn print(sent: &Sent, task: &Task, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(sent);
    }
    let Sent { submission, attempts_left } = sent;
    let word = word(submission);
    let paint = match word {
        "correct" => Paint::Good,
        "partial" | "pending" | "judged" => Paint::Warn,
        _ => Paint::Bad,
    };
    let mut text = terminal::stdout().paint(paint, word);
    if let Some(verdict) = submission.verdict.as_ref().filter(|_| submission.state == SubmissionState::Judged)
    {
        text.push_str(&format!(", {} %", rounded(verdict.score * 100.0)));
        if let Some(points) = task.summary.points {
            text.push_str(&format!(" ({} of {})", rounded(verdict.score * points), spoken_points(points)));
        }
    } else if submission.state == SubmissionState::Judged {
        text.push_str("; the platform keeps the verdict to itself");
    }
    text.push('\n');
    if let Some(verdict) = &submission.verdict {
        if verdict.parts.len() > 1 {
            for (part, right) in &verdict.parts {
                text.push_str(&format!("  {part}: {}\n", if *right { "correct" } else { "wrong" }));
            }
        }
        let said = to_text(&verdict.feedback, terminal::width().min(100).saturating_sub(2));
        for line in said.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    if let Some(left) = attempts_left {
        text.push_str(&format!("attempts left: {left}\n"));
    }
    text.push_str(&format!("submission {}\n", submission.id));
    output::prose(&text)
}

/// As many points as a task has, in words: 1 point, 0.25 points.
pub(crate) fn spoken_points(points: f64) -> String {
    let number = (points * 100.0).round() / 100.0;
    format!("{number} {}", if number == 1.0 { "point" } else { "points" })
}

/// Without needless digits: 50, 33.3.
pub(crate) fn rounded(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
