//! Pictures of numbers, as SVG without style or script.

use std::fmt::Write as _;

use crate::report::{Carriage, percent};

/// The fates in the order in which they are drawn.
fn shares(row: Carriage) -> [(&'static str, usize); 3] {
    [("exact", row.exact), ("approximated", row.approximated), ("dropped", row.dropped)]
}

/// A ring with the share that is carried as it is.
pub(super) fn ring(row: Carriage, html: &mut String) {
    const RADIUS: f64 = 54.0;
    let around = 2.0 * std::f64::consts::PI * RADIUS;
    let total = row.total().max(1) as f64;
    let _ = write!(
        html,
        "<svg class=\"ring\" viewBox=\"0 0 140 140\" role=\"img\" aria-label=\"{} of {} blocks carried as they are, \
         {} in another form, {} not carried\"><circle class=\"track\" cx=\"70\" cy=\"70\" r=\"{RADIUS}\"/>",
        row.exact,
        row.total(),
        row.approximated,
        row.dropped
    );
    let mut turned = 0.0;
    for (name, n) in shares(row).into_iter().filter(|(_, n)| *n > 0) {
        let share = n as f64 / total;
        let _ = write!(
            html,
            "<circle class=\"arc {name}\" cx=\"70\" cy=\"70\" r=\"{RADIUS}\" stroke-dasharray=\"{:.2} {around:.2}\" \
             transform=\"rotate({:.2} 70 70)\"/>",
            share * around,
            turned * 360.0 - 90.0
        );
        turned += share;
    }
    let said = percent(row.exact, row.total());
    let (number, size) = match said.as_str() {
        said if said.len() <= 6 => (said, 22),
        "less than 0.1 %" => ("< 0.1 %", 20),
        _ => ("–", 22),
    };
    let _ = write!(
        html,
        "<text x=\"70\" y=\"72\" font-size=\"{size}\" text-anchor=\"middle\" dominant-baseline=\"middle\">{}</text></svg>",
        number.replace('<', "&lt;")
    );
}

/// A bar of the three fates. The numbers stand beside it, so it says nothing to a screen reader.
pub(super) fn bar(row: Carriage, html: &mut String) {
    let total = row.total().max(1) as f64;
    html.push_str(
        "<svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">",
    );
    let mut from = 0.0;
    for (name, n) in shares(row).into_iter().filter(|(_, n)| *n > 0) {
        let width = 100.0 * n as f64 / total;
        let _ = write!(
            html,
            "<rect class=\"{name}\" x=\"{from:.2}\" y=\"0\" width=\"{width:.2}\" height=\"6\"/>"
        );
        from += width;
    }
    html.push_str("</svg>");
}
