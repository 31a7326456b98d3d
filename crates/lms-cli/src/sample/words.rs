//! Section two: words, tables and gaps.

use std::collections::BTreeSet;

use lms_core::{
    Block, BlockBody, Cardinality, ChoiceOption, ExtendedTextInteraction, FileLink, GapAccept,
    GapInteraction, GapSegment, Grader, InlineChoiceInteraction, Interaction, Key, Markup, Section,
    TableInteraction, TextAccept, TextRule,
};

use super::build::{choice, entry, exercise, items, lesson, section_of, set, text};

pub(super) fn section() -> Section {
    section_of(
        "words",
        "Words for measures · Слова",
        vec![
            lesson(
                "names",
                "Names of units",
                vec![
                    text(
                        "names-intro",
                        "<p>Many units are named after people: <b>ватт</b>, 牛顿, Ångström, وات.</p><p>Escapes: 1 &lt; 2 &amp; \"3\" &gt; 'x'.</p>",
                    ),
                    entry(
                        "newton",
                        "<p>The unit of force, exactly as a unit is written in English (lower case).</p>",
                        &[("newton", TextRule::Exact, true)],
                    ),
                    entry(
                        "kelvin",
                        "<p>Who gave his name to K? Capital letters do not matter.</p>",
                        &[("Kelvin", TextRule::Exact, false), ("Lord Kelvin", TextRule::Exact, false)],
                    ),
                    entry(
                        "metre",
                        "<p>Spell the unit of length, British or American.</p>",
                        &[("met(re|er)", TextRule::Regex, false)],
                    ),
                    entry(
                        "volt",
                        "<p>A sentence with the word <i>volt</i> in it.</p>",
                        &[("volt", TextRule::Substring, false)],
                    ),
                ],
            ),
            lesson(
                "tables",
                "Tables and gaps",
                vec![
                    exercise(
                        "kinds",
                        "<p>What does each unit measure?</p>",
                        Interaction::Table(TableInteraction {
                            description: Markup::default(),
                            rows: items(&["litre", "second", "ampere"]),
                            columns: items(&["volume", "time", "current"]),
                            cardinality: Cardinality::Single,
                            shuffle_rows: false,
                            shuffle_columns: false,
                            shown: None,
                        }),
                        Some(Key::Table { rows: vec![set(&[0]), set(&[1]), set(&[2])] }),
                        3.0,
                    ),
                    exercise(
                        "blanks",
                        "",
                        Interaction::Gap(GapInteraction {
                            segments: vec![
                                GapSegment::Text { markup: Markup::from_html("Water boils at ") },
                                GapSegment::Entry,
                                GapSegment::Text { markup: Markup::from_html(" °C and freezes at ") },
                                GapSegment::Entry,
                                GapSegment::Text {
                                    markup: Markup::from_html(" °C. The scale is named after "),
                                },
                                GapSegment::Choice { options: vec!["Celsius".into(), "Fahrenheit".into()] },
                            ],
                        }),
                        Some(Key::Gaps {
                            gaps: vec![
                                gap("100"),
                                gap("0"),
                                GapAccept::Choice { correct: BTreeSet::from([0]) },
                            ],
                        }),
                        3.0,
                    ),
                    exercise(
                        "scale",
                        "<p>This thermometer shows degrees of …</p><p><img src=\"asset:thermometer.svg\" alt=\"A thermometer\"></p>",
                        Interaction::InlineChoice(InlineChoiceInteraction {
                            options: ["temperature", "pressure", "mass"]
                                .into_iter()
                                .map(ChoiceOption::new)
                                .collect(),
                        }),
                        Some(Key::Choice { correct: set(&[0]) }),
                        1.0,
                    ),
                    text(
                        "code-text",
                        "<p>A reading in a file:</p><pre><code>6,11.5\n9,14.0</code></pre><ol><li>hour</li><li>degrees</li></ol>",
                    ),
                    Block::new(
                        "file",
                        BlockBody::File(FileLink {
                            asset: "readings.csv".into(),
                            label: "readings.csv".into(),
                        }),
                    ),
                ],
            ),
            lesson(
                "maps",
                "Maps · Карты · 地图",
                vec![
                    text(
                        "map",
                        "<p>На карте масштаба 1 : 100 000 один сантиметр — это один километр.</p><p><img src=\"asset:карта.svg\" alt=\"Карта\"></p>",
                    ),
                    choice(
                        "north",
                        "<p>Где на карте обычно север?</p>",
                        Cardinality::Single,
                        &[("вверху", true), ("внизу", false), ("справа", false)],
                    ),
                    choice(
                        "scales",
                        "<p>Which scales are larger than 1 : 50 000?</p>",
                        Cardinality::Multiple,
                        &[
                            ("<span class=\"math inline\">\\(1 : 10\\,000\\)</span>", true),
                            ("<span class=\"math inline\">\\(1 : 25\\,000\\)</span>", true),
                            ("<span class=\"math inline\">\\(1 : 100\\,000\\)</span>", false),
                        ],
                    ),
                    human("essay", "<p>Why is Greenland so large on many maps? Write a few sentences.</p>"),
                    entry("compass", "<p>指南针的英文是什么？</p>", &[("compass", TextRule::Exact, false)]),
                ],
            ),
        ],
    )
}

fn gap(text: &str) -> GapAccept {
    GapAccept::Text {
        accept: vec![TextAccept { text: text.into(), rule: TextRule::Exact, case_sensitive: false }],
    }
}

fn human(id: &str, prompt: &str) -> Block {
    let interaction = Interaction::ExtendedText(ExtendedTextInteraction::default());
    let mut block = exercise(id, prompt, interaction, Some(Key::Any), 1.0);
    if let BlockBody::Exercise(exercise) = &mut block.body {
        exercise.grader = Grader::Key;
    }
    block
}
