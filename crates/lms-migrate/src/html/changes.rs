//! What is not as it was: filters, what concerns the whole course, and every altered item side by side.

use std::collections::HashMap;
use std::fmt::Write as _;

use lms_core::{BlockId, Finding, Severity, escape};

use super::rich::Rich;
use super::{Part, platform, sides};
use crate::report::{Altered, Report, plural};

/// Bytes of side-by-side views in one page. Beyond, items show their findings alone: browsers open pages of
/// some ten megabytes without trouble.
const SIDES: usize = 16 * 1024 * 1024;

pub(super) fn write(report: &Report, part: Part, draws_formulas: bool, html: &mut String) {
    part.begin("changes", "What is not as it was", html);
    if report.findings.is_empty() {
        html.push_str("<p class=\"verdict good\">Everything was carried as it is.</p></section>");
        return;
    }
    let mut of: HashMap<&BlockId, Vec<&Finding>> = HashMap::new();
    for finding in &report.findings {
        if let Some(block) = &finding.block {
            of.entry(block).or_default().push(finding);
        }
    }
    let items: HashMap<&BlockId, &Altered> = report.altered.iter().map(|i| (&i.source.id, i)).collect();
    let wide = |f: &&Finding| f.block.as_ref().is_none_or(|block| !items.contains_key(block));
    let (mut course, mut sections) = (Vec::new(), groups(report));
    for finding in report.findings.iter().filter(wide) {
        match sections.iter_mut().find(|group| is_in(&finding.path, group.title)) {
            Some(group) => group.loose.push(finding),
            None => course.push(finding),
        }
    }
    sections.retain(|group| !group.loose.is_empty() || !group.items.is_empty());
    let (course, entries) = (alike(&course), report.altered.len());
    let sections: Vec<(Group<'_>, Vec<Alike<'_>>)> = sections
        .into_iter()
        .map(|group| {
            let alike = alike(&group.loose);
            (group, alike)
        })
        .collect();
    let entries = entries + course.len() + sections.iter().map(|(_, alike)| alike.len()).sum::<usize>();
    filters(part, sections.iter().map(|(group, _)| group.title), entries, html);

    if !course.is_empty() {
        group(part, "The course as a whole", "course", course.len(), html);
        list(&course, "course", html);
        html.push_str("</section>");
    }
    let rich = Rich::new(&report.pictures, draws_formulas);
    let ends = (platform(&report.source), platform(&report.target));
    let mut room = SIDES;
    let mut unseen = 0;
    for (n, (section, loose)) in sections.iter().enumerate() {
        let count = loose.len() + section.items.len();
        group(part, &escape(section.title), &n.to_string(), count, html);
        list(loose, section.title, html);
        for item in &section.items {
            let mut view = String::new();
            if room > 0 {
                sides::table(item, ends, &rich, &mut view);
            }
            match room.checked_sub(view.len()) {
                Some(left) if room > 0 => room = left,
                _ => {
                    (room, unseen) = (0, unseen + 1);
                    view = "<p class=\"cut\">Not shown side by side: the page would grow too big.</p>".into();
                }
            }
            entry(item, of.get(&item.source.id).map(Vec::as_slice).unwrap_or_default(), &view, html);
        }
        html.push_str("</section>");
    }
    if unseen > 0 {
        let _ = write!(
            html,
            "<p class=\"cut\">{unseen} item{} not shown side by side, since the page would grow too big.</p>",
            plural(unseen)
        );
    }
    html.push_str("</section>");
}

/// A section of the source, with what is said of it.
struct Group<'a> {
    title: &'a str,
    loose: Vec<&'a Finding>,
    items: Vec<&'a Altered>,
}

/// All sections in order, with their altered items.
fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut altered = report.altered.iter().peekable();
    let group = |title: &'_ String| {
        let mut items = Vec::new();
        while let Some(item) = altered.next_if(|item| item.section == *title) {
            items.push(item);
        }
        items
    };
    let items: Vec<Vec<&Altered>> = report.sections.iter().map(group).collect();
    let titles = report.sections.iter().map(String::as_str);
    titles.zip(items).map(|(title, items)| Group { title, loose: Vec::new(), items }).collect()
}

/// Whether a path is that of a section, or of something in it.
fn is_in(path: &str, section: &str) -> bool {
    path.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with(" › "))
}

/// Findings that say the same of several places.
type Alike<'a> = Vec<&'a Finding>;

fn alike<'a>(findings: &[&'a Finding]) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'a>> = Vec::new();
    let mut known = HashMap::new();
    for finding in findings {
        let said = (finding.marks, finding.severity, &finding.what, &finding.why, &finding.fallback);
        let at = *known.entry(said).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// What is said of no block that changes: once, with all its places.
fn list(groups: &[Alike<'_>], above: &str, html: &mut String) {
    if groups.is_empty() {
        return;
    }
    html.push_str("<ul class=\"loose\">");
    for group in groups {
        let Some(first) = group.first() else { continue };
        let _ = write!(html, "<li class=\"entry\" data-severity=\"{}\">", first.severity);
        said(first, (group.len() == 1).then_some(above), html);
        if group.len() > 1 {
            let _ = write!(html, "<details class=\"places\"><summary>{} places</summary><ul>", group.len());
            for finding in group {
                let _ = write!(html, "<li class=\"path\">{}</li>", escape(within(&finding.path, above)));
            }
            html.push_str("</ul></details>");
        }
        html.push_str("</li>");
    }
    html.push_str("</ul>");
}

fn group(part: Part, title: &str, id: &str, count: usize, html: &mut String) {
    let (number, level) = (part.number, part.level + 1);
    let _ = write!(
        html,
        "\n<section class=\"group\" data-group=\"{id}\" aria-labelledby=\"group-{number}-{id}\">\
         <h{level} id=\"group-{number}-{id}\">{title} <span class=\"count\">{count}</span></h{level}>"
    );
}

/// The filters need the script, which shows them.
fn filters<'a>(part: Part, sections: impl Iterator<Item = &'a str>, entries: usize, html: &mut String) {
    let n = part.number;
    let _ = write!(
        html,
        "<form class=\"filters\" role=\"search\" aria-label=\"Filter what is listed\" hidden>\
         <div class=\"field grow\"><label for=\"search-{n}\">Search</label><input type=\"search\" id=\"search-{n}\" \
         name=\"search\" autocomplete=\"off\"></div>\
         <div class=\"field\"><label for=\"section-{n}\">Section</label><select id=\"section-{n}\" name=\"section\">\
         <option value=\"\">all</option><option value=\"course\">The course as a whole</option>"
    );
    for (n, section) in sections.enumerate() {
        let _ = write!(html, "<option value=\"{n}\">{}</option>", escape(section));
    }
    html.push_str("</select></div><fieldset class=\"field\"><legend>Severity</legend>");
    for severity in [Severity::Exact, Severity::Approximated, Severity::Dropped, Severity::Blocked] {
        let _ = write!(
            html,
            "<label class=\"check\"><input type=\"checkbox\" name=\"severity\" value=\"{severity}\" checked> {}</label>",
            name(severity)
        );
    }
    let _ = write!(
        html,
        "</fieldset><div class=\"field buttons\"><button type=\"button\" data-all=\"open\">Open all</button>\
         <button type=\"button\" data-all=\"close\">Close all</button></div>\
         <p class=\"shown\" role=\"status\" aria-live=\"polite\"><span class=\"number\">{entries}</span> of {entries} shown</p></form>"
    );
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Exact => "note",
        Severity::Approximated => "other form",
        Severity::Dropped => "not carried",
        Severity::Blocked => "in the way",
    }
}

fn tag(severity: Severity, html: &mut String) {
    let _ = write!(html, "<span class=\"tag {severity}\">{}</span>", name(severity));
}

fn entry(item: &Altered, findings: &[&Finding], view: &str, html: &mut String) {
    // An item is found by all that is said of it, the mildest included.
    let mut severities: Vec<String> = findings.iter().map(|f| f.severity.to_string()).collect();
    severities.push(item.fate.to_string());
    severities.dedup();
    let _ =
        write!(html, "<details class=\"entry item\" data-severity=\"{}\"><summary>", severities.join(" "));
    tag(item.fate, html);
    // The section stands above already.
    let path = item.path.split_once(" › ").map_or(item.path.as_str(), |(_, path)| path);
    let what: Vec<String> = findings.iter().map(|f| escape(&f.what)).collect();
    let _ = write!(
        html,
        "<span class=\"path\">{}</span><span class=\"what\">{}</span></summary><ul class=\"said-of\">",
        escape(path),
        what.join(" · ")
    );
    for finding in findings {
        html.push_str("<li>");
        said(finding, None, html);
        html.push_str("</li>");
    }
    let _ = write!(html, "</ul>{view}</details>");
}

/// A path as it is said below the heading of a section, which stands above already.
fn within<'p>(path: &'p str, above: &str) -> &'p str {
    path.strip_prefix(above).and_then(|rest| rest.strip_prefix(" › ")).unwrap_or(path)
}

fn said(finding: &Finding, above: Option<&str>, html: &mut String) {
    tag(finding.severity, html);
    html.push_str("<span class=\"text\">");
    if let Some(above) = above.filter(|above| finding.path != *above) {
        let _ = write!(html, "<span class=\"path\">{}</span> ", escape(within(&finding.path, above)));
    }
    let _ = write!(html, "<b>{}</b>: {}", escape(&finding.what), escape(&finding.why));
    if let Some(fallback) = &finding.fallback {
        let _ = write!(
            html,
            " <span class=\"instead\"><span class=\"away\">Instead</span> → {}</span>",
            escape(fallback)
        );
    }
    if finding.marks {
        html.push_str(" <span class=\"tag approximated\">changes marks</span>");
    }
    html.push_str("</span>");
}
