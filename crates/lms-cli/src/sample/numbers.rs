//! Section one: lengths and numbers.

use lms_core::{
    Block, BlockBody, Cardinality, FormulaInteraction, Interaction, Key, MatchInteraction, OrderInteraction,
    SampledVariable, Section, TextRule, Tolerance, Video,
};

use super::build::{choice, entry, exercise, items, lesson, number, saying, section_of, set, text};

pub(super) fn section() -> Section {
    section_of(
        "numbers",
        "Lengths and numbers",
        vec![
            lesson(
                "shadows",
                "Sticks and shadows",
                vec![
                    text(
                        "intro",
                        "<h2>A tower and a stick</h2><p>A stick of length <span class=\"math inline\">\\(a\\)</span> throws a \
                     shadow of length <span class=\"math inline\">\\(b\\)</span>. At the same hour a tower throws a shadow \
                     <span class=\"math inline\">\\(s\\)</span>:</p><p><span class=\"math display\">\\[h = \\frac{a\\,s}{b}\\]</span></p>\
                     <p><img src=\"asset:triangle.svg\" alt=\"A right-angled triangle with sides 3 and 4\"></p>",
                    ),
                    Block::new(
                        "film",
                        BlockBody::Video(Video {
                            sources: vec!["https://video.example.org/shadows-720.mp4".into()],
                            ..Video::default()
                        }),
                    ),
                    saying(
                        number(
                            "tower",
                            "<p>A stick of 2 m throws 3 m. The tower throws 45 m. How tall is it, in metres?</p>",
                            &[("30", "0.5")],
                        ),
                        "Right: <span class=\"math inline\">\\(2 \\cdot 45 / 3\\)</span>.",
                        "Set up the two fractions.",
                    ),
                    choice(
                        "noon",
                        "<p>When is a shadow shortest?</p>",
                        Cardinality::Single,
                        &[("At sunrise", false), ("At noon", true), ("At sunset", false)],
                    ),
                    number(
                        "hypotenuse",
                        "<p>The picture's third side?</p><p><img src=\"asset:triangle.svg\" alt=\"The triangle\"></p>",
                        &[("5", "0")],
                    ),
                ],
            ),
            lesson(
                "units",
                "Units",
                vec![
                    text(
                        "si",
                        "<p>The <em>metre</em> was first a piece of the Earth: one ten-millionth of the way from pole to equator.</p><table><tr><th>unit</th><th>in metres</th></tr><tr><td>inch</td><td>0.0254</td></tr><tr><td>верста</td><td>1066.8</td></tr></table>",
                    ),
                    exercise(
                        "pairs",
                        "<p>Pair each thing with a sensible unit.</p>",
                        Interaction::Match(MatchInteraction {
                            sources: items(&["a hair", "a street", "an ocean"]),
                            targets: items(&["micrometre", "metre", "kilometre"]),
                            shuffle_sources: false,
                        }),
                        Some(Key::Match { targets: vec![set(&[0]), set(&[1]), set(&[2])] }),
                        2.0,
                    ),
                    exercise(
                        "sizes",
                        "<p>From small to large.</p>",
                        Interaction::Order(OrderInteraction {
                            items: items(&["millimetre", "inch", "metre", "mile"]),
                        }),
                        Some(Key::Order { order: vec![0, 1, 2, 3] }),
                        2.0,
                    ),
                    choice(
                        "lengths",
                        "<p>Which of these are units of length?</p>",
                        Cardinality::Multiple,
                        &[("сажень", true), ("litre", false), ("里", true), ("stone", false)],
                    ),
                    number("inch", "<p>How many centimetres are 10 inches?</p>", &[("25.4", "0.05")]),
                ],
            ),
            lesson(
                "error",
                "How wrong may it be?",
                vec![
                    text(
                        "tolerance",
                        "<p>No measurement is exact. We write <span class=\"math inline\">\\(x \\pm \\Delta x\\)</span>, and when sides are added, <span class=\"math inline\">\\(\\Delta(x+y) \\le \\Delta x + \\Delta y\\)</span>. It comes back in <a href=\"step:step-report-text\">your report</a>.</p>",
                    ),
                    number(
                        "pi",
                        "<p>The circumference of a wheel of diameter 1, to two places?</p>",
                        &[("3.14159", "0.005")],
                    ),
                    number("two", "<p>A number whose square is 2.25.</p>", &[("1.5", "0"), ("-1.5", "0")]),
                    exercise(
                        "area",
                        "<p>The area of a rectangle with sides <span class=\"math inline\">\\(x\\)</span> and <span class=\"math inline\">\\(x+2\\)</span>?</p>",
                        Interaction::Formula(FormulaInteraction::default()),
                        Some(Key::Formula {
                            answer: "x*(x+2)".into(),
                            variables: vec![SampledVariable { name: "x".into(), low: 1.0, high: 5.0 }],
                            samples: 10,
                            tolerance: Tolerance::Absolute { by: "0.0001".into() },
                            case_sensitive: true,
                        }),
                        2.0,
                    ),
                    entry(
                        "symbol",
                        "<p>Which Greek letter stands for a small difference? (Its name, in Latin letters.)</p>",
                        &[("delta", TextRule::Exact, false)],
                    ),
                ],
            ),
        ],
    )
}
