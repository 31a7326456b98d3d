//! The report at a glance.

use std::fmt::Write as _;

use lms_core::{Severity, escape};

use super::{Part, picture, platform};
use crate::report::{End, Report, graders, marks, plural, requests};

/// From where to where, and whether it was done.
pub(super) fn route(report: &Report, html: &mut String) {
    let end = |end: &End, without: &str| {
        let course = end.course.as_deref().unwrap_or(without);
        format!(
            "<b>{}</b> <span class=\"where\">{}, {}</span>",
            escape(platform(end)),
            escape(course),
            escape(&end.location)
        )
    };
    let (class, state) = match (report.dry_run, &report.verification) {
        (false, _) => ("done", "Written"),
        (true, None) => ("dry", "Rehearsal: nothing was written"),
        (true, Some(_)) => ("dry", "Compared: nothing was written"),
    };
    let _ = write!(
        html,
        "<p class=\"route\">{} <span class=\"arrow\" aria-label=\"to\" role=\"img\">→</span> {} <span class=\"state {class}\">{state}</span></p>",
        end(&report.source, "a course"),
        end(&report.target, "a new course")
    );
}

pub(super) fn write(report: &Report, part: Part, html: &mut String) {
    part.begin("glance", "At a glance", html);
    let all = report.carriage();
    html.push_str("<div class=\"cards\"><div class=\"card share\">");
    picture::ring(all, html);
    html.push_str("<div><p class=\"lead\">carried as it is</p><ul class=\"legend\">");
    for (class, n, text) in [
        ("exact", all.exact, "carried as they are"),
        ("approximated", all.approximated, "carried in another form"),
        ("dropped", all.dropped, "not carried"),
    ] {
        let _ = write!(html, "<li><span class=\"dot {class}\"></span><b>{n}</b> {text}</li>");
    }
    html.push_str("</ul></div></div><dl class=\"card facts\">");
    let mut fact = |name: &str, value: &str, note: &str| {
        let _ = write!(html, "<div><dt>{name}</dt><dd><b>{value}</b> {note}</dd></div>");
    };
    let read: usize = report.read.values().sum();
    fact("Read", &read.to_string(), if read == 1 { "block" } else { "blocks" });
    let losses = report.findings.iter().filter(|f| f.severity > Severity::Exact).count();
    let behind = report.findings.iter().filter(|f| f.severity >= Severity::Dropped).count();
    let note = format!("finding{}, {behind} of them of something that stays behind", plural(losses));
    fact("Named", &losses.to_string(), &note);
    match &report.verification {
        None => fact("Verified", "no", "the target was not read back"),
        Some(v) if v.holds() => {
            let by = if v.exercises == 0 { String::new() } else { format!(", by {}", escape(&graders(v))) };
            fact("Verified", "yes", &(marks(v) + &by));
        }
        Some(v) => {
            let differ = v.disagreed + v.differences.len();
            fact("Verified", "no", &format!("{differ} thing{} not as planned", plural(differ)));
        }
    }
    fact("Cost", &format!("{:.1} s", report.seconds), &format!("requests: {}", requests(report)));
    if let Some(left_out) = report.left_out() {
        fact("Left out", &escape(&left_out), "by the filter; the rest of this page is about what was moved");
    }
    html.push_str("</dl></div>");
    kinds(report, html);
    html.push_str("</section>");
}

fn kinds(report: &Report, html: &mut String) {
    html.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"How each kind fared\"><table class=\"kinds\">\
         <caption>How each kind fared</caption><thead><tr><th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">As it is</th>\
         <th scope=\"col\" class=\"n\">Other form</th><th scope=\"col\" class=\"n\">Not carried</th>\
         <td class=\"chart\"></td></tr></thead><tbody>",
    );
    for (name, row) in &report.kinds {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"chart\">",
            escape(&name.replace('_', " ")),
            row.exact,
            row.approximated,
            row.dropped
        );
        picture::bar(*row, html);
        html.push_str("</td></tr>");
    }
    html.push_str("</tbody></table></div>");
}
