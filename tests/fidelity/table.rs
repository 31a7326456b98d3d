//! `docs/fidelity.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lms::Platform;

use crate::corpus::PLATFORMS;
use crate::leg::Counts;

/// By ordered pair of platforms.
pub(crate) type Pairs = BTreeMap<(usize, usize), Counts>;

const HEAD: &str = "# Fidelity

What survives a migration, counted. Each course is put on each platform and moved from there to each platform, itself
included: nine ordered pairs. *Read* is every block of the source. It is carried as it is, or carried otherwise with a
finding that says what differs, or not carried and named in a finding; *lost* counts those that are neither, and is to
be 0. Then the target is read back and compared with what was announced (*differences*: structure, order, texts, links,
formulas, files by hash, points, tries, dates, hints, feedback, grading policy), and at least five answers to each
exercise that a key marks, right, wrong and nearly right, are marked on both sides by the reference grader. *Announced*
are exercises some answer to which gets another mark as a finding says; *differ* are those where nothing said so, and
is to be 0. *Not tried* are exercises that only a program or a person marks, or whose platform does not tell the key.

Written by `cargo xtask fidelity`; a test holds it against the code.
";

const EXACT: &str = "
## Kinds that are to be exact

Exercises of kinds that the platforms have in common. Every answer tried gets the same mark on both sides.

";

/// The part of the page for one set of courses.
pub(crate) fn part(title: &str, of: &str, pairs: &Pairs) -> String {
    format!("\n## {title}\n\n{of}\n\n{}{}", counted(pairs), cells(pairs))
}

/// The same for a course that went by the platforms' interfaces instead of files.
pub(crate) fn by_interface(pairs: &Pairs) -> String {
    format!(
        "\n### By the interfaces\n\nAbove, courses come to Open edX as OLX and to INGInious as folders. Here they are \
         written and read by the interfaces of LMS and Studio, and of INGInious with WebDAV, as the emulators have them.\n\n{}",
        counted(pairs)
    )
}

fn counted(pairs: &Pairs) -> String {
    let mut text = String::from(
        "| from | to | courses | read | as it is | otherwise | named | lost | exercises | agree | announced | differ | not tried | answers | differences |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for ((from, to), c) in pairs {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            name(*from),
            name(*to),
            c.courses,
            c.read,
            c.exact,
            c.otherwise,
            c.named,
            c.lost,
            c.exercises,
            c.agreed,
            c.announced,
            c.disagreed,
            c.untried,
            c.answers,
            c.differences
        );
    }
    text
}

fn cells(pairs: &Pairs) -> String {
    let mut text = String::from("\n| from | to | kind | agree | of |\n|---|---|---|---:|---:|\n");
    for ((from, to), counts) in pairs {
        for (kind, (agreed, tried)) in &counts.cells {
            let _ = writeln!(text, "| {} | {} | {kind} | {agreed} | {tried} |", name(*from), name(*to));
        }
    }
    format!("{}{text}", EXACT.replace("## ", "### "))
}

/// The course by course part.
pub(crate) fn by_course(rows: &[(String, Platform, Pairs)]) -> String {
    let mut text = String::from(
        "\n### Course by course\n\nBlocks read, and of them carried as they are, carried otherwise, named: for each pair.\n\n| course | native |",
    );
    for (from, to) in all_pairs() {
        let _ = write!(text, " {} → {} |", name(from), name(to));
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(9));
    text.push('\n');
    for (course, native, pairs) in rows {
        let _ = write!(text, "| {course} | {native} |");
        for pair in all_pairs() {
            let said = pairs
                .get(&pair)
                .map_or("–".to_owned(), |c| format!("{}: {}+{}+{}", c.read, c.exact, c.otherwise, c.named));
            let _ = write!(text, " {said} |");
        }
        text.push('\n');
    }
    text
}

fn all_pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..PLATFORMS.len()).flat_map(|from| (0..PLATFORMS.len()).map(move |to| (from, to)))
}

fn name(n: usize) -> &'static str {
    PLATFORMS.get(n).map_or("?", |platform| platform.name())
}

pub(crate) fn head() -> String {
    HEAD.to_owned()
}
