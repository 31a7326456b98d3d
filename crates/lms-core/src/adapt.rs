//! What every target needs when it adapts a course: the record of where blocks went, and a readable
//! stand-in for what it cannot hold.

use crate::{
    Adapted, Block, BlockBody, BlockId, BlockPlace, Carried, Course, Exercise, Finding, GapSegment,
    Interaction, Markup, Severity, escape,
};

/// The record of an adaptation.
#[derive(Debug, Clone, Default)]
pub struct AdaptLog {
    findings: Vec<Finding>,
    carried: Vec<Carried>,
}

impl AdaptLog {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A block of the source stands in these blocks of the adapted course.
    pub fn carry(&mut self, source: &BlockId, target: impl IntoIterator<Item = BlockId>) {
        self.carried.push(Carried { source: source.clone(), target: target.into_iter().collect() });
    }

    /// A finding about a block.
    pub fn lose(
        &mut self,
        place: &BlockPlace<'_>,
        severity: Severity,
        what: impl Into<String>,
        why: impl Into<String>,
        fallback: Option<&str>,
    ) {
        let mut finding =
            Finding::new(severity, place.place().to_string(), what, why).with_block(&place.block.1.id);
        finding.fallback = fallback.map(str::to_owned);
        self.findings.push(finding);
    }

    /// A finding about an exercise, in which answers may earn another share of the points than in the source;
    /// `fallback` says what happens to them.
    pub fn change_marks(
        &mut self,
        place: &BlockPlace<'_>,
        what: impl Into<String>,
        why: impl Into<String>,
        fallback: impl Into<String>,
    ) {
        let finding = Finding::new(Severity::Approximated, place.place().to_string(), what, why)
            .with_fallback(fallback)
            .with_block(&place.block.1.id)
            .changing_marks();
        self.findings.push(finding);
    }

    /// Any other finding.
    pub fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The adapted course with its record.
    pub fn finish(self, course: Course) -> Adapted {
        Adapted { course, findings: self.findings, carried: self.carried }
    }
}

/// What of a block a learner may read where it cannot be answered or played: title, text, options,
/// links. Never the key, never feedback.
pub fn readable(block: &Block) -> Markup {
    let body = match &block.body {
        BlockBody::Text(text) => text.markup.clone(),
        BlockBody::Video(video) => {
            let mut links: Vec<String> = video.sources.clone();
            links.extend(video.youtube.iter().map(|id| format!("https://www.youtube.com/watch?v={id}")));
            let links = links
                .iter()
                .map(|link| format!("<p><a href=\"{0}\">{0}</a></p>", escape(link)))
                .collect::<Vec<_>>()
                .join("\n");
            video.caption.then(&Markup::from_html(links))
        }
        BlockBody::File(file) => Markup::from_html(format!(
            "<p><a href=\"asset:{}\">{}</a></p>",
            escape(file.asset.as_str()),
            escape(&file.label)
        )),
        BlockBody::Exercise(exercise) => readable_exercise(exercise),
        // Nothing to read and no title would leave an empty page that explains nothing.
        BlockBody::Foreign(foreign) if foreign.readable.is_empty() && block.title.is_empty() => {
            Markup::from_html(format!("<p>[{}]</p>", escape(&foreign.name)))
        }
        BlockBody::Foreign(foreign) => foreign.readable.clone(),
    };
    if block.title.is_empty() {
        return body;
    }
    let level = title_level(&body);
    Markup::from_html(format!("<h{level}>{}</h{level}>", escape(&block.title))).then(&body)
}

/// The level of a title's heading: the third, or above all headings of the text as far as there is a level.
fn title_level(body: &Markup) -> u8 {
    let level = |piece: &str| match piece.as_bytes() {
        [b'h', level @ b'1'..=b'6', b' ' | b'>', ..] => Some(level - b'0'),
        _ => None,
    };
    let highest = body.html().split('<').skip(1).filter_map(level).min();
    highest.map_or(3, |highest| highest.saturating_sub(1).clamp(1, 3))
}

fn readable_exercise(exercise: &Exercise) -> Markup {
    let list = |items: &mut dyn Iterator<Item = &Markup>| {
        let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
        format!("<ul>{items}</ul>")
    };
    let shown = match &exercise.interaction {
        Interaction::Choice(choice) => list(&mut choice.options.iter().map(|o| &o.text)),
        Interaction::InlineChoice(choice) => list(&mut choice.options.iter().map(|o| &o.text)),
        Interaction::Match(pairs) => {
            // Targets are sorted: their order in the source may be the solution.
            let mut targets: Vec<&Markup> = pairs.targets.iter().collect();
            targets.sort_by(|a, b| a.html().cmp(b.html()));
            format!("{}{}", list(&mut pairs.sources.iter()), list(&mut targets.into_iter()))
        }
        Interaction::Order(order) => {
            let mut items: Vec<&Markup> = order.items.iter().collect();
            items.sort_by(|a, b| a.html().cmp(b.html()));
            list(&mut items.into_iter())
        }
        Interaction::Gap(gap) => gap
            .segments
            .iter()
            .map(|segment| match segment {
                GapSegment::Text { markup } => markup.html().to_owned(),
                GapSegment::Entry => "____".to_owned(),
                GapSegment::Choice { options } => {
                    format!("[{}]", options.iter().map(|o| escape(o)).collect::<Vec<_>>().join(" | "))
                }
            })
            .collect(),
        Interaction::Table(table) => format!(
            "{}{}{}",
            table.description,
            list(&mut table.rows.iter()),
            list(&mut table.columns.iter())
        ),
        _ => String::new(),
    };
    exercise.prompt.then(&Markup::from_html(shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Foreign, Platform, SourceFormat};

    #[test]
    fn a_title_stands_above_the_headings_of_its_text() {
        let of = |html: &str| {
            let markup = Markup::from_html(html);
            let mut block = Block::new("b", BlockBody::Text(crate::Text { markup }));
            block.title = "T".into();
            readable(&block).html().to_owned()
        };
        assert_eq!(of("<p>x</p>"), "<h3>T</h3>\n<p>x</p>");
        assert_eq!(of("<h3 id=\"a\">A</h3><h2>B</h2>"), "<h1>T</h1>\n<h3 id=\"a\">A</h3><h2>B</h2>");
        assert_eq!(of("<h5>A</h5>"), "<h3>T</h3>\n<h5>A</h5>");
        assert_eq!(of("<h1>A</h1><hr>"), "<h1>T</h1>\n<h1>A</h1><hr>");
    }

    #[test]
    fn a_block_with_nothing_to_read_still_says_what_it_is() {
        let foreign = Foreign {
            platform: Platform::OpenEdx,
            name: "word<cloud>".into(),
            format: SourceFormat::Xml,
            source: "<secret/>".into(),
            readable: Markup::default(),
            points: None,
        };
        let mut block = Block::new("b", BlockBody::Foreign(foreign));
        assert_eq!(readable(&block).html(), "<p>[word&lt;cloud&gt;]</p>");
        block.title = "Words".into();
        assert_eq!(readable(&block).html(), "<h3>Words</h3>");
    }
}
