//! The report as one HTML file for whoever has to answer for the course.
//!
//! It needs nothing but itself. What comes from the course passes [`rich`]; behind that stands a content
//! security policy under which nothing is fetched and no script runs but the one that is named by its hash.

mod answer;
mod changes;
mod picture;
mod rich;
mod sides;
mod summary;
mod verified;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lms_core::{Platform, escape};
use sha2::{Digest, Sha256};

use crate::report::{End, Report};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Several reports, with HTML of ours before them.
pub(crate) fn page(title: &str, reports: &[Report], preface: &str) -> String {
    // Formulas nest, and drawing them recurses: see [`rich::STACK`].
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new()
            .stack_size(rich::STACK)
            .spawn_scoped(scope, || whole(title, reports, preface, true));
        match deep.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(html)) => html,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => whole(title, reports, preface, false),
        }
    })
}

fn whole(title: &str, reports: &[Report], preface: &str, draws_formulas: bool) -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    let title = escape(title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header class=\"top\"><h1>{title}</h1>"
    );
    if let [report] = reports {
        summary::route(report, &mut html);
    }
    html.push_str("</header>\n");
    if reports.len() > 1 {
        contents(reports, &mut html);
    }
    let _ = write!(html, "<main id=\"main\">{preface}");
    for (n, report) in reports.iter().enumerate() {
        let part = Part { number: n, level: if reports.len() > 1 { 3 } else { 2 } };
        if reports.len() > 1 {
            let _ = write!(
                html,
                "<article class=\"course\" aria-labelledby=\"course-{n}\"><h2 id=\"course-{n}\">{}</h2>",
                escape(&heading(report))
            );
            summary::route(report, &mut html);
        }
        summary::write(report, part, &mut html);
        if let Some(verification) = &report.verification {
            verified::write(verification, part, &mut html);
        }
        changes::write(report, part, draws_formulas, &mut html);
        if reports.len() > 1 {
            html.push_str("</article>");
        }
    }
    let _ = write!(
        html,
        "</main>\n<footer><p>Made by lms {}. This file is complete in itself: it fetches nothing, and nothing of \
         the course can act in it.</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    html
}

fn contents(reports: &[Report], html: &mut String) {
    html.push_str("<nav aria-label=\"Courses\"><ol>");
    for (n, report) in reports.iter().enumerate() {
        let _ = write!(html, "<li><a href=\"#course-{n}\">{}</a></li>", escape(&heading(report)));
    }
    html.push_str("</ol></nav>\n");
}

fn heading(report: &Report) -> String {
    format!("{}: {} → {}", report.source.title, platform(&report.source), platform(&report.target))
}

/// A platform's name for people.
fn platform(end: &End) -> &str {
    end.platform.parse().map_or(end.platform.as_str(), |platform: Platform| platform.title())
}

/// One report in the page.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Its place, for ids.
    number: usize,
    /// The level of its headings.
    level: usize,
}

impl Part {
    /// Begins a region with its heading.
    fn begin(self, name: &str, title: &str, html: &mut String) {
        let Self { number, level } = self;
        let _ = write!(
            html,
            "\n<section class=\"{name}\" aria-labelledby=\"{name}-{number}\"><h{level} id=\"{name}-{number}\">{title}</h{level}>"
        );
    }
}
