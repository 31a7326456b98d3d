//! Levels of headings: reStructuredText has as many as there are kinds of underlines, and INGInious shows the first
//! kind as `h3` (reference inginious.md 10). So gaps between levels close, and none is higher.

use std::collections::BTreeSet;

use lms_core::{BlockPlace, Finding, Markup, Severity};

use super::State;

const WHAT: &str = "levels of headings";
const WHY: &str =
    "the first heading of a text is of the third level on INGInious, and none is left out below it";

/// The levels of the headings of a text, in order.
fn levels(markup: &Markup) -> Vec<u8> {
    let of = |piece: &str| match piece.as_bytes() {
        [b'h', level @ b'1'..=b'6', b' ' | b'>', ..] => Some(level - b'0'),
        _ => None,
    };
    markup.html().split('<').skip(1).filter_map(of).collect()
}

/// Whether what stood above, below or beside another still does.
fn keeps_order(pairs: &[(u8, u8)]) -> bool {
    let distinct: BTreeSet<(u8, u8)> = pairs.iter().copied().collect();
    distinct.iter().zip(distinct.iter().skip(1)).all(|(a, b)| a.0 < b.0 && a.1 < b.1)
}

/// `h2 → h3`, each change once.
fn changes(pairs: &[(u8, u8)]) -> String {
    let changed: BTreeSet<&(u8, u8)> = pairs.iter().filter(|(a, b)| a != b).collect();
    changed.into_iter().map(|(a, b)| format!("h{a} → h{b}")).collect::<Vec<_>>().join(", ")
}

impl State<'_> {
    /// Names the texts whose headings are of other levels after they were put together as `after`.
    pub(super) fn name_headings(&mut self, before: &[(BlockPlace<'_>, &Markup)], after: &Markup) {
        let (levels_before, levels_after) = (before.iter().map(|(_, text)| levels(text)), levels(after));
        let parts: Vec<Vec<u8>> = levels_before.collect();
        // A heading that is no heading afterwards stands in raw HTML, which keeps it: then all are counted.
        let pairs: Vec<(u8, u8)> =
            parts.iter().flatten().copied().zip(levels_after.iter().copied()).collect();
        let is_same_count = parts.iter().map(Vec::len).sum::<usize>() == levels_after.len();
        let severity =
            if is_same_count && keeps_order(&pairs) { Severity::Exact } else { Severity::Approximated };
        let mut rest = pairs.as_slice();
        for ((place, _), part) in before.iter().zip(&parts) {
            let (here, after) = rest.split_at(part.len().min(rest.len()));
            rest = after;
            let said = changes(here);
            if !said.is_empty() {
                let finding =
                    Finding::new(severity, place.place().to_string(), WHAT, WHY).with_fallback(said);
                let is_lost = severity > Severity::Exact;
                self.log.note(if is_lost { finding.with_block(&place.block.1.id) } else { finding });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lms_core::*;

    use crate::convert::adapt::adapt;

    fn said(texts: &[(&str, &str)]) -> Vec<(Severity, String, String)> {
        let mut step = Step::new("t", "T");
        for (n, (title, html)) in texts.iter().enumerate() {
            let body = BlockBody::Text(Text { markup: Markup::from_html(*html) });
            let mut block = Block::new(BlockId::new(format!("b{}", n + 1)), body);
            block.title = (*title).to_owned();
            step.blocks.push(block);
        }
        let mut lesson = Lesson::new("l", "L");
        lesson.steps.push(step);
        let mut section = Section::new("s", "S");
        section.lessons.push(lesson);
        let mut course = Course::new("c", "C");
        course.sections.push(section);
        let findings = adapt(&course).findings.into_iter().filter(|f| f.what == super::WHAT);
        findings.map(|f| (f.severity, f.path, f.fallback.unwrap_or_default())).collect()
    }

    #[test]
    fn gaps_that_close_are_named_where_they_were() {
        let gap = [("", "<h2>A</h2><p>a</p><h4>B</h4><p>b</p>")];
        let at = "1. S › 1. L › 1. T › 1. text b1".to_owned();
        assert_eq!(said(&gap), [(Severity::Exact, at.clone(), "h2 → h3".into())]);
        let wide = [("", "<h3>A</h3><h5>B</h5>")];
        assert_eq!(said(&wide), [(Severity::Exact, at.clone(), "h5 → h4".into())]);
        assert_eq!(said(&[("", "<h3>A</h3><h4>B</h4><h3>C</h3>")]), []);
    }

    #[test]
    fn headings_that_change_their_place_among_each_other_are_another_form() {
        let turned = [("", "<h4>A</h4><p>a</p>"), ("", "<h2>B</h2><p>b</p>")];
        let at = |n| format!("1. S › 1. L › 1. T › {n}. text b{n}");
        let expected = [
            (Severity::Approximated, at(1), "h4 → h3".to_owned()),
            (Severity::Approximated, at(2), "h2 → h3".to_owned()),
        ];
        assert_eq!(said(&turned), expected);
    }

    #[test]
    fn the_title_of_a_text_stands_above_its_headings() {
        let titled = said(&[("Title", "<h2>A</h2><p>a</p><h3>B</h3>")]);
        assert!(titled.iter().all(|(severity, ..)| *severity == Severity::Exact), "{titled:?}");
    }
}
