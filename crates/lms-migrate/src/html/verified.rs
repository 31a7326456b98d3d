//! What reading the target back showed.

use std::fmt::Write as _;

use lms_core::escape;

use super::Part;
use crate::report::plural;
use crate::{Outcome, Verification};

pub(super) fn write(v: &Verification, part: Part, html: &mut String) {
    part.begin("verified", "Verification", html);
    let (class, verdict) = if v.holds() {
        ("good", "Everything is as planned.")
    } else {
        ("bad", "Not everything is as planned.")
    };
    let _ = write!(
        html,
        "<p class=\"verdict {class}\"><strong>{verdict}</strong> The target was read back and compared: {} difference{} in \
         structure, text, points or dates; {} file{} compared by hash.</p>",
        v.differences.len(),
        plural(v.differences.len()),
        v.assets,
        plural(v.assets)
    );
    let _ = write!(
        html,
        "<p>Known right, wrong and nearly right answers were marked on both sides by {}: of {} exercise{}, {} give the same \
         marks, {} differ as announced, {} differ, {} could not be tried.</p>",
        grader(v.grader),
        v.exercises,
        plural(v.exercises),
        v.agreed,
        v.announced,
        v.disagreed,
        v.unprobed
    );
    if !v.differences.is_empty() {
        html.push_str(
            "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Differences\"><table class=\"differences\">\
             <caption>Differences</caption><thead><tr><th scope=\"col\">Where</th><th scope=\"col\">What</th>\
             <th scope=\"col\">Expected</th><th scope=\"col\">Found</th></tr></thead><tbody>",
        );
        for d in &v.differences {
            let _ = write!(
                html,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&d.path),
                escape(&d.what),
                escape(&d.expected),
                escape(&d.actual)
            );
        }
        html.push_str("</tbody></table></div>");
    }
    if !v.checks.is_empty() {
        marks(v, html);
    }
    html.push_str("</section>");
}

fn grader(name: &str) -> String {
    match name {
        "reference" => "the reference grader, on the keys that both platforms give".into(),
        other => escape(other),
    }
}

fn marks(v: &Verification, html: &mut String) {
    html.push_str(
        "<details class=\"marks\"><summary>Marks, exercise by exercise</summary><div class=\"wide\" tabindex=\"0\" \
         role=\"group\" aria-label=\"Marks, exercise by exercise\"><table><thead><tr><th scope=\"col\">Where</th>\
         <th scope=\"col\">Kind</th><th scope=\"col\">Outcome</th></tr></thead><tbody>",
    );
    for check in &v.checks {
        let (class, outcome) = match &check.outcome {
            Outcome::Agreed { probes } => ("good", format!("{probes} answers, same marks")),
            Outcome::Announced { example } => ("", format!("differs as announced: {example}")),
            Outcome::Disagreed { example } => ("bad", format!("differs: {example}")),
            Outcome::Unprobed { why } => ("", format!("not tried: {why}")),
        };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"{class}\">{}</td></tr>",
            escape(&check.path),
            escape(&check.interaction.replace('_', " ")),
            escape(&outcome)
        );
    }
    html.push_str("</tbody></table></div></details>");
}
