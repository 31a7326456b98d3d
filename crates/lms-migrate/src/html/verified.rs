//! What reading the target back showed.

use std::fmt::Write as _;

use lms_core::escape;

use super::Part;
use crate::report::{graders, marks, plural, trial};
use crate::{GradedBy, Outcome, Verification};

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
        "<p>Known right, wrong and nearly right answers were marked in the source and the target: {}.</p>",
        marks(v)
    );
    let _ = write!(html, "<p>Marked on the target by: {}.", escape(&graders(v)));
    if v.graded_by.contains_key(&GradedBy::Reference) {
        html.push_str(" The reference grader marks by the keys that both platforms give.");
    }
    if let Some(run) = &v.trial {
        let _ = write!(html, " On trial, {}.", escape(&trial(run)));
    }
    html.push_str("</p>");
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
        exercises(v, html);
    }
    html.push_str("</section>");
}

fn exercises(v: &Verification, html: &mut String) {
    html.push_str(
        "<details class=\"marks\"><summary>Marks, exercise by exercise</summary><div class=\"wide\" tabindex=\"0\" \
         role=\"group\" aria-label=\"Marks, exercise by exercise\"><table><thead><tr><th scope=\"col\">Where</th>\
         <th scope=\"col\">Kind</th><th scope=\"col\">Marked by</th><th scope=\"col\">Outcome</th></tr></thead><tbody>",
    );
    for check in &v.checks {
        let (class, outcome) = match &check.outcome {
            Outcome::Agreed { probes } => ("good", format!("{probes} answers, same marks")),
            Outcome::Announced { example } => ("", format!("marked otherwise, as announced: {example}")),
            Outcome::Disagreed { example } => ("bad", format!("marked otherwise: {example}")),
            Outcome::Unprobed { why } => ("", format!("not tried: {why}")),
        };
        let tried = check.trial.as_ref().filter(|tried| {
            // Where no answer is known, that was said.
            tried.marked > 0 || !matches!(check.outcome, Outcome::Unprobed { .. })
        });
        let tried = tried.map(|tried| match (&tried.why, tried.marked) {
            (Some(why), 0) => format!("the platform was not asked: {why}"),
            (Some(why), _) => format!("{} more answers were not sent to the platform: {why}", tried.left),
            (None, n) => format!("the platform marked {n} answers"),
        });
        let tried = tried.map_or(String::new(), |said| format!("<br><small>{}</small>", escape(&said)));
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"{class}\">{}{tried}</td></tr>",
            escape(&check.path),
            escape(&check.interaction.replace('_', " ")),
            check.graded_by.map_or("–", GradedBy::title),
            escape(&outcome)
        );
    }
    html.push_str("</tbody></table></div></details>");
}
