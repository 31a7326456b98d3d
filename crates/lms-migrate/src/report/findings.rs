//! The findings for a terminal, where hundreds would bury what matters.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;

use lms_core::Finding;

/// Of how many that say the same each is written out, and how many are shown of more.
const ALIKE: usize = 3;

/// Those that change marks first, then the worst, otherwise in the order of the course.
pub(super) fn write(findings: &[Finding], text: &mut String) {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut known = HashMap::new();
    for finding in findings {
        let said = (finding.marks, finding.severity, &finding.what, &finding.why);
        let at = *known.entry(said).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.sort_by_key(|group| group.first().map(|finding| Reverse((finding.marks, finding.severity))));
    let mut cut = false;
    for group in &groups {
        match group.as_slice() {
            [first, ..] if group.len() > ALIKE => {
                together(first, group, text);
                cut = true;
            }
            few => {
                for finding in few {
                    let _ = writeln!(text, "  {finding}");
                }
            }
        }
    }
    if cut {
        text.push_str("  Every place is in the report (--report FILE) and in the JSON (--json).\n");
    }
}

/// What all of a group say, once, then some of the places. A fallback that differs stands beside its place.
fn together(first: &Finding, group: &[&Finding], text: &mut String) {
    let same = group.iter().all(|finding| finding.fallback == first.fallback);
    let _ = write!(text, "  {}: in {} places: {}: {}", first.severity, group.len(), first.what, first.why);
    let fallback =
        |finding: &Finding| finding.fallback.as_ref().map(|f| format!(" → {f}")).unwrap_or_default();
    let marks = if first.marks { " (changes marks)" } else { "" };
    let _ = writeln!(text, "{}{marks}", if same { fallback(first) } else { String::new() });
    for finding in group.iter().take(ALIKE) {
        let _ =
            writeln!(text, "    {}{}", finding.path, if same { String::new() } else { fallback(finding) });
    }
    let _ = writeln!(text, "    and {} more", group.len() - ALIKE);
}

#[cfg(test)]
mod tests {
    use lms_core::{Finding, Severity};

    use super::write;

    #[test]
    fn marks_come_first_and_many_alike_are_counted() {
        let captions = |n: usize| {
            Finding::new(Severity::Dropped, format!("step {n}"), "captions", "no video").with_fallback("none")
        };
        let mut findings: Vec<Finding> = (1..=5).map(captions).collect();
        findings.push(Finding::new(Severity::Exact, "course", "title", "cut"));
        findings.extend((1..=3).map(|n| {
            Finding::new(Severity::Approximated, format!("step {n}"), "pattern", "empty").changing_marks()
        }));
        let mut text = String::new();
        write(&findings, &mut text);
        let expected = "  approximated: step 1: pattern: empty (changes marks)
  approximated: step 2: pattern: empty (changes marks)
  approximated: step 3: pattern: empty (changes marks)
  dropped: in 5 places: captions: no video → none
    step 1
    step 2
    step 3
    and 2 more
  exact: course: title: cut
  Every place is in the report (--report FILE) and in the JSON (--json).
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_fallback_of_its_own_stands_beside_its_place() {
        let stub = |n: usize| {
            Finding::new(Severity::Dropped, format!("step {n}"), "poll", "no polls")
                .with_fallback(format!("{n}.xml"))
        };
        let mut text = String::new();
        write(&(1..=4).map(stub).collect::<Vec<_>>(), &mut text);
        assert!(text.starts_with("  dropped: in 4 places: poll: no polls\n    step 1 → 1.xml\n"), "{text}");
    }
}
