//! The report as one HTML file: no script, no address outside itself.

use std::fmt::Write as _;

use lms_core::{Severity, escape};

use crate::report::{Report, plural};
use crate::{Outcome, Verification};

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8884;--exact:#2e8b57;--approximated:#d08a1d;--dropped:#c0392b}
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
table{border-collapse:collapse;width:100%;margin:.8rem 0}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.bar{display:flex;height:.8rem;min-width:8rem;border-radius:.2rem;overflow:hidden}
.bar i{display:block}.exact{background:var(--exact)}.approximated{background:var(--approximated)}.dropped,.blocked{background:var(--dropped)}
.tag{color:#fff;border-radius:.2rem;padding:0 .4rem;font-size:.85em;white-space:nowrap}.ok{color:var(--exact)}.bad{color:var(--dropped)}
summary{cursor:pointer}code{font-size:.9em}
";

pub(crate) fn page(title: &str, reports: &[Report], preface: &str) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title><style>{STYLE}</style></head>\
         <body><h1>{0}</h1>{preface}",
        escape(title)
    );
    for report in reports {
        section(report, &mut html);
    }
    html.push_str("</body></html>\n");
    html
}

fn section(report: &Report, html: &mut String) {
    let _ = write!(
        html,
        "<h2>{} → {}</h2><p>“{}” from <code>{}</code> to <code>{}</code>{}. {} requests that read, {} that write, {:.1} s.</p>",
        escape(&report.source.platform),
        escape(&report.target.platform),
        escape(&report.source.title),
        escape(report.source.course.as_deref().unwrap_or(&report.source.location)),
        escape(report.target.course.as_deref().unwrap_or(&report.target.location)),
        if report.dry_run { " (nothing was written)" } else { "" },
        report.requests.read,
        report.requests.write,
        report.seconds
    );
    kinds(report, html);
    if let Some(verification) = &report.verification {
        verified(verification, html);
    }
    findings(report, html);
}

fn kinds(report: &Report, html: &mut String) {
    html.push_str(
        "<table class=\"kinds\"><thead><tr><th>what</th><th class=\"n\">exact</th><th class=\"n\">approximated</th>\
         <th class=\"n\">dropped</th><th></th></tr></thead><tbody>",
    );
    for (name, row) in &report.kinds {
        let share = |n: usize| 100.0 * n as f64 / row.total().max(1) as f64;
        let _ = write!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td><div class=\"bar\">\
             <i class=\"exact\" style=\"width:{:.1}%\"></i><i class=\"approximated\" style=\"width:{:.1}%\"></i>\
             <i class=\"dropped\" style=\"width:{:.1}%\"></i></div></td></tr>",
            escape(name),
            row.exact,
            row.approximated,
            row.dropped,
            share(row.exact),
            share(row.approximated),
            share(row.dropped)
        );
    }
    html.push_str("</tbody></table>");
}

fn verified(v: &Verification, html: &mut String) {
    let class = if v.holds() { "ok" } else { "bad" };
    let _ = write!(
        html,
        "<p class=\"{class}\"><strong>{}</strong> {} of {} exercises give the same marks for all answers tried ({} grader); \
         {} differ as announced, {} differ, {} could not be tried. {} difference{} in structure and text, {} file{} compared by hash.</p>",
        if v.holds() { "Verified." } else { "Verification disagreed." },
        v.agreed,
        v.exercises,
        escape(v.grader),
        v.announced,
        v.disagreed,
        v.unprobed,
        v.differences.len(),
        plural(v.differences.len()),
        v.assets,
        plural(v.assets)
    );
    if !v.differences.is_empty() {
        html.push_str("<table class=\"differences\"><thead><tr><th>where</th><th>what</th><th>expected</th><th>found</th></tr></thead><tbody>");
        for d in &v.differences {
            let _ = write!(
                html,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&d.path),
                escape(&d.what),
                escape(&d.expected),
                escape(&d.actual)
            );
        }
        html.push_str("</tbody></table>");
    }
    html.push_str("<details><summary>Marks, exercise by exercise</summary><table class=\"marks\"><thead><tr><th>where</th><th>interaction</th><th>outcome</th></tr></thead><tbody>");
    for check in &v.checks {
        let outcome = match &check.outcome {
            Outcome::Agreed { probes } => format!("{probes} answers, same marks"),
            Outcome::Announced { example } => format!("differs as announced: {example}"),
            Outcome::Disagreed { example } => format!("differs: {example}"),
            Outcome::Unprobed { why } => format!("not tried: {why}"),
        };
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&check.path),
            check.interaction,
            escape(&outcome)
        );
    }
    html.push_str("</tbody></table></details>");
}

fn findings(report: &Report, html: &mut String) {
    if report.findings.is_empty() {
        html.push_str("<p class=\"ok\">Everything was carried as it is.</p>");
        return;
    }
    html.push_str("<table class=\"findings\"><thead><tr><th></th><th>where</th><th>what</th><th>why</th><th>instead</th></tr></thead><tbody>");
    for finding in &report.findings {
        let class = match finding.severity {
            Severity::Exact => "exact",
            Severity::Approximated => "approximated",
            Severity::Dropped => "dropped",
            Severity::Blocked => "blocked",
        };
        let _ = write!(
            html,
            "<tr><td><span class=\"tag {class}\">{class}</span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&finding.path),
            escape(&finding.what),
            escape(&finding.why),
            escape(finding.fallback.as_deref().unwrap_or("–"))
        );
    }
    html.push_str("</tbody></table>");
}
