//! The report for a terminal.

use std::fmt::Write as _;

use super::{Report, plural};
use crate::{Action, Changes, Enrolled, Outcome, TrialRun, Verification};

/// Most differences, or new things, that a terminal is told of; all are in the JSON.
const SHOWN: usize = 20;

pub(super) fn summary(report: &Report) -> String {
    let mut text = String::new();
    let target = report.target.course.as_deref().unwrap_or(&report.target.location);
    let (title, to) = (&report.source.title, &report.target.platform);
    let from = match report.source.platform.as_str() {
        "other" => &report.source.location,
        platform => platform,
    };
    let _ = match (report.dry_run, &report.verification) {
        (true, Some(_)) => writeln!(text, "“{title}” of {from}, held against {to} ({target})"),
        (true, None) => writeln!(text, "“{title}” would go from {from} to {to} ({target})"),
        (false, _) => writeln!(text, "“{title}” went from {from} to {to} ({target})"),
    };
    let _ = writeln!(text, "  {:<16}{:>8}{:>14}{:>9}", "", "exact", "approximated", "dropped");
    for (name, row) in &report.kinds {
        let _ = writeln!(text, "  {name:<16}{:>8}{:>14}{:>9}", row.exact, row.approximated, row.dropped);
    }
    let all = report.carriage();
    let _ = writeln!(text, "  {:<16}{:>8}{:>14}{:>9}", "all", all.exact, all.approximated, all.dropped);
    let _ = writeln!(
        text,
        "  {} of {} block{} carried as they are ({})",
        all.exact,
        all.total(),
        plural(all.total()),
        percent(all.exact, all.total())
    );
    if let Some(left_out) = report.left_out() {
        let _ = writeln!(text, "  left out by the filter: {left_out}");
    }
    if let Some(changes) = &report.changes {
        changed(changes, &mut text);
    }
    if let Some(verification) = &report.verification {
        verified(verification, &mut text);
    }
    let _ = writeln!(text, "  requests: {}; {:.1} s", requests(report), report.seconds);
    text
}

/// How many requests there were, in words.
pub(crate) fn requests(report: &Report) -> String {
    let some = |n: u64| if n == 0 { "none".to_owned() } else { n.to_string() };
    match (report.requests.read, report.requests.write) {
        (0, 0) => "none".into(),
        (read, write) => format!("{} to read, {} to write", some(read), some(write)),
    }
}

/// How many exercises are marked alike on both sides, and what of the others, in words.
pub(crate) fn marks(v: &Verification) -> String {
    if v.exercises == 0 {
        return "there are no exercises".into();
    }
    let mut said = format!("{} of {} exercise{} marked alike", v.agreed, v.exercises, plural(v.exercises));
    for (n, what) in [
        (v.announced, "otherwise, as announced"),
        (v.disagreed, "otherwise, and nothing announced it"),
        (v.unprobed, "could not be tried"),
    ] {
        if n > 0 {
            let _ = write!(said, "; {n} {what}");
        }
    }
    said
}

/// A new course is nothing but new. What alters or removes something that is there is all said.
fn changed(changes: &Changes, text: &mut String) {
    let _ = writeln!(text, "  {}", changes.summary());
    let mut new = 0;
    for change in &changes.changes {
        new += usize::from(change.action == Action::Create);
        if change.action != Action::Create || new <= SHOWN {
            let _ = writeln!(text, "    {change}");
        }
    }
    if new > SHOWN {
        let _ = writeln!(text, "    and {} more to create, all of them in the JSON", new - SHOWN);
    }
}

fn verified(v: &Verification, text: &mut String) {
    let _ = writeln!(text, "  marks: {}", marks(v));
    if v.exercises > 0 {
        let _ = writeln!(text, "  marked by: {}", graders(v));
    }
    if let Some(run) = &v.trial {
        let _ = writeln!(text, "  trial: {}", trial(run));
    }
    let _ = writeln!(
        text,
        "  read back: {} difference{}, {} file{} compared",
        v.differences.len(),
        plural(v.differences.len()),
        v.assets,
        plural(v.assets)
    );
    for difference in v.differences.iter().take(SHOWN) {
        let _ = writeln!(
            text,
            "    {}: {}: expected “{}”, found “{}”",
            difference.path, difference.what, difference.expected, difference.actual
        );
    }
    if v.differences.len() > SHOWN {
        let _ = writeln!(text, "    and {} more", v.differences.len() - SHOWN);
    }
    for check in &v.checks {
        if let Outcome::Disagreed { example } = &check.outcome {
            let _ = writeln!(text, "    {}: marked otherwise: {example}", check.path);
        }
    }
    // That a person marks an essay is known; that the platform was to be asked and was not is news.
    let unasked = v.checks.iter().filter_map(|check| {
        let tried = check.trial.as_ref().filter(|tried| tried.marked == 0)?;
        Some((check.path.as_str(), tried.why.as_deref()?))
    });
    let unasked: Vec<(&str, &str)> = unasked.collect();
    for (path, why) in unasked.iter().take(SHOWN) {
        let _ = writeln!(text, "    {path}: the platform was not asked: {why}");
    }
    if unasked.len() > SHOWN {
        let _ = writeln!(text, "    and {} more", unasked.len() - SHOWN);
    }
}

/// Who marked how many exercises.
pub(crate) fn graders(v: &Verification) -> String {
    let said: Vec<String> =
        v.graded_by.iter().rev().map(|(grader, n)| format!("{} {n}", grader.title())).collect();
    if said.is_empty() { "nobody".into() } else { said.join(", ") }
}

/// What a learner on trial did.
pub(crate) fn trial(run: &TrialRun) -> String {
    if let Some(why) = &run.failed {
        return format!("nothing was tried: {why}");
    }
    let who = match run.enrolled {
        Enrolled::ByLearner => "the learner enrolled",
        Enrolled::ByAuthor => "the author enrolled the learner",
        Enrolled::Not => "the learner was not enrolled",
    };
    format!(
        "{who} in {}; {} answer{} sent, {} exercise{} marked by the platform",
        run.course,
        run.submissions,
        plural(run.submissions),
        run.exercises,
        plural(run.exercises)
    )
}

/// A share in words. Never `100 %` where something is missing, nor `0 %` where something is there.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "nothing to carry".into();
    }
    let share = 100.0 * part as f64 / whole as f64;
    if part > 0 && share < 0.1 {
        return "less than 0.1 %".into();
    }
    let tenths = (share * 10.0 + 1e-9).floor() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0} %") } else { format!("{tenths:.1} %") }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, changed, marks, percent};
    use crate::{Action, Change, Changes, Verification};

    #[test]
    fn much_that_is_new_hides_nothing_that_goes() {
        let change = |action, n: usize| Change {
            action,
            kind: "step",
            path: format!("place {n}"),
            id: None,
            why: None,
        };
        let mut changes: Vec<Change> = (0..SHOWN + 7).map(|n| change(Action::Create, n)).collect();
        changes.extend((0..SHOWN + 7).map(|n| change(Action::Delete, n)));
        let mut text = String::new();
        changed(&Changes { unchanged: 1, changes }, &mut text);
        assert_eq!(text.matches("create   step").count(), SHOWN);
        assert_eq!(text.matches("delete   step").count(), SHOWN + 7);
        assert!(text.ends_with("and 7 more to create, all of them in the JSON\n"), "{text}");
    }

    #[test]
    fn figures_are_said_as_people_say_them() {
        let said = |exercises, agreed, announced, disagreed, unprobed| {
            marks(&Verification {
                exercises,
                agreed,
                announced,
                disagreed,
                unprobed,
                ..Verification::default()
            })
        };
        assert_eq!(said(0, 0, 0, 0, 0), "there are no exercises");
        assert_eq!(said(1, 1, 0, 0, 0), "1 of 1 exercise marked alike");
        assert_eq!(
            said(9, 4, 3, 0, 2),
            "4 of 9 exercises marked alike; 3 otherwise, as announced; 2 could not be tried"
        );
        assert_eq!(
            said(2, 1, 0, 1, 0),
            "1 of 2 exercises marked alike; 1 otherwise, and nothing announced it"
        );
    }

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        assert_eq!(percent(1, 1), "100 %");
        assert_eq!(percent(9999, 10000), "99.9 %");
        assert_eq!(percent(1, 10000), "less than 0.1 %");
        assert_eq!(percent(0, 3), "0 %");
        assert_eq!(percent(2, 3), "66.6 %");
        assert_eq!(percent(0, 0), "nothing to carry");
    }
}
