//! Any value that the model can have.

use lms_core::*;
use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;

/// Texts: short, long, of several lines, with what JSON, HTML and file systems find hard.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~]{0,12}",
        1 => Just(String::new()),
        1 => Just(" \n".to_owned()),
        1 => Just("a\r\nb\u{0}\u{7f}\u{2028}\"\\ Ω漢𝔘".to_owned()),
        1 => "\\PC{150,200}",
        1 => "([ -~]{0,30}\n){1,4}",
        1 => Just("{\"$text\": \"x\"}".to_owned()),
    ]
}

fn markup() -> impl Strategy<Value = Markup> {
    text().prop_map(Markup::from_html)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(0.1 + 0.2),
        Just(1e300),
        Just(-5e-324),
        any::<f64>().prop_filter("a number", |n| n.is_finite())
    ]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-60_000_000_000i64..200_000_000_000).prop_filter_map("a date", Timestamp::from_unix_seconds)
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (of(instant()), of(instant()), of(instant())).prop_map(|(start, due, end)| Schedule { start, due, end })
}

fn platform() -> impl Strategy<Value = Platform> {
    prop::sample::select(vec![
        Platform::Stepik,
        Platform::OpenEdx,
        Platform::Inginious,
        Platform::Bundle,
        Platform::Other,
    ])
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        number().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((prop_oneof![text(), Just("$text".to_owned())], inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn extras() -> impl Strategy<Value = Extras> {
    vec((platform(), text(), json()), 0..2).prop_map(|settings| {
        let mut extras = Extras::new();
        for (platform, key, value) in settings {
            extras.set(platform, key, value);
        }
        extras
    })
}

fn option() -> impl Strategy<Value = ChoiceOption> {
    (markup(), markup(), markup()).prop_map(|(text, feedback, feedback_unselected)| ChoiceOption {
        text,
        feedback,
        feedback_unselected,
    })
}

fn cardinality() -> impl Strategy<Value = Cardinality> {
    prop_oneof![Just(Cardinality::Single), Just(Cardinality::Multiple)]
}

fn segment() -> impl Strategy<Value = GapSegment> {
    prop_oneof![
        markup().prop_map(|markup| GapSegment::Text { markup }),
        Just(GapSegment::Entry),
        vec(text(), 0..3).prop_map(|options| GapSegment::Choice { options }),
    ]
}

fn language() -> impl Strategy<Value = CodeLanguage> {
    (text(), text(), text(), text(), of(number()), of(number())).prop_map(
        |(name, template, header, footer, seconds, megabytes)| CodeLanguage {
            name,
            template,
            header,
            footer,
            seconds,
            megabytes,
        },
    )
}

fn interaction() -> impl Strategy<Value = Interaction> {
    let code = (
        vec(language(), 0..2),
        vec((text(), text()).prop_map(|(input, output)| CodeSample { input, output }), 0..2),
        any::<bool>(),
        any::<bool>(),
        of(number()),
        of(number()),
    );
    let table = (
        (markup(), vec(markup(), 0..3), vec(markup(), 0..3), cardinality()),
        (any::<bool>(), any::<bool>(), of(any::<u32>())),
    );
    prop_oneof![
        (cardinality(), vec(option(), 0..3), any::<bool>(), of(any::<u32>())).prop_map(
            |(cardinality, options, shuffle, shown)| Interaction::Choice(ChoiceInteraction {
                cardinality,
                options,
                shuffle,
                shown
            })
        ),
        text().prop_map(|suffix| Interaction::TextEntry(TextEntryInteraction { suffix })),
        text().prop_map(|suffix| Interaction::Numeric(NumericInteraction { suffix })),
        text().prop_map(|suffix| Interaction::Formula(FormulaInteraction { suffix })),
        (vec(markup(), 0..3), vec(markup(), 0..3), any::<bool>()).prop_map(
            |(sources, targets, shuffle_sources)| {
                Interaction::Match(MatchInteraction { sources, targets, shuffle_sources })
            }
        ),
        vec(markup(), 0..3).prop_map(|items| Interaction::Order(OrderInteraction { items })),
        vec(segment(), 0..4).prop_map(|segments| Interaction::Gap(GapInteraction { segments })),
        vec(option(), 0..3)
            .prop_map(|options| Interaction::InlineChoice(InlineChoiceInteraction { options })),
        table.prop_map(
            |((description, rows, columns, cardinality), (shuffle_rows, shuffle_columns, shown))| {
                Interaction::Table(TableInteraction {
                    description,
                    rows,
                    columns,
                    cardinality,
                    shuffle_rows,
                    shuffle_columns,
                    shown,
                })
            }
        ),
        code.prop_map(|(languages, samples, single_line, optional, seconds, megabytes)| {
            Interaction::Code(CodeInteraction {
                languages,
                samples,
                single_line,
                optional,
                seconds,
                megabytes,
            })
        }),
        (any::<bool>(), markup()).prop_map(|(attachments, rubric)| Interaction::ExtendedText(
            ExtendedTextInteraction { attachments, rubric }
        )),
        (vec(text(), 0..3), of(any::<u64>())).prop_map(|(extensions, max_bytes)| Interaction::FileUpload(
            FileUploadInteraction { extensions, max_bytes }
        )),
    ]
}

fn accept() -> impl Strategy<Value = TextAccept> {
    let rule = prop::sample::select(vec![
        TextRule::Exact,
        TextRule::Substring,
        TextRule::Regex,
        TextRule::RegexSearch,
    ]);
    (text(), rule, any::<bool>()).prop_map(|(text, rule, case_sensitive)| TextAccept {
        text,
        rule,
        case_sensitive,
    })
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    prop_oneof![
        text().prop_map(|by| Tolerance::Absolute { by }),
        text().prop_map(|by| Tolerance::Percent { by }),
    ]
}

fn number_accept() -> impl Strategy<Value = NumberAccept> {
    prop_oneof![
        (text(), tolerance()).prop_map(|(value, tolerance)| NumberAccept::Value { value, tolerance }),
        (text(), text(), any::<bool>(), any::<bool>()).prop_map(
            |(low, high, includes_low, includes_high)| {
                NumberAccept::Range { low, high, includes_low, includes_high }
            }
        ),
    ]
}

fn gap_accept() -> impl Strategy<Value = GapAccept> {
    prop_oneof![
        vec(accept(), 0..2).prop_map(|accept| GapAccept::Text { accept }),
        btree_set(0usize..9, 0..3).prop_map(|correct| GapAccept::Choice { correct }),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    let positions = || btree_set(0usize..9, 0..3);
    let variable =
        (text(), number(), number()).prop_map(|(name, low, high)| SampledVariable { name, low, high });
    let test = (text(), text()).prop_map(|(input, output)| CodeTest { input, output });
    prop_oneof![
        Just(Key::Any),
        positions().prop_map(|correct| Key::Choice { correct }),
        vec(accept(), 0..3).prop_map(|accept| Key::Text { accept }),
        vec(number_accept(), 0..3).prop_map(|accept| Key::Number { accept }),
        (text(), vec(variable, 0..2), any::<u32>(), tolerance(), any::<bool>()).prop_map(
            |(answer, variables, samples, tolerance, case_sensitive)| Key::Formula {
                answer,
                variables,
                samples,
                tolerance,
                case_sensitive
            }
        ),
        vec(positions(), 0..3).prop_map(|targets| Key::Match { targets }),
        vec(0usize..9, 0..4).prop_map(|order| Key::Order { order }),
        vec(gap_accept(), 0..3).prop_map(|gaps| Key::Gaps { gaps }),
        vec(positions(), 0..3).prop_map(|rows| Key::Table { rows }),
        (vec(test, 0..2), of(text()), of(text())).prop_map(|(tests, checker, solution)| Key::Code {
            tests,
            checker,
            solution
        }),
    ]
}

fn exercise() -> impl Strategy<Value = Exercise> {
    let credit = prop::sample::select(vec![
        Credit::AllOrNothing,
        Credit::PerPart,
        Credit::EveryDecision,
        Credit::Halves,
    ]);
    let grader = prop_oneof![Just(Grader::Key), Just(Grader::Human), text().prop_map(Grader::Native)];
    let scoring = (number(), credit, of(any::<u32>())).prop_map(|(points, credit, attempts)| Scoring {
        points,
        credit,
        attempts,
    });
    let feedback = (markup(), markup(), markup()).prop_map(|(correct, incorrect, explanation)| Feedback {
        correct,
        incorrect,
        explanation,
    });
    ((text(), markup(), interaction(), of(key())), (grader, scoring, vec(markup(), 0..3), feedback)).prop_map(
        |((task, prompt, interaction, key), (grader, scoring, hints, feedback))| Exercise {
            task: task.into(),
            prompt,
            interaction,
            key,
            grader,
            scoring,
            hints,
            feedback,
        },
    )
}

fn body() -> impl Strategy<Value = BlockBody> {
    let transcript =
        (text(), text()).prop_map(|(language, asset)| Transcript { language, asset: asset.into() });
    let video = (vec(text(), 0..2), of(text()), of(number()), of(text()), vec(transcript, 0..2), markup());
    let format = prop::sample::select(vec![SourceFormat::Xml, SourceFormat::Json, SourceFormat::Yaml]);
    prop_oneof![
        1 => markup().prop_map(|markup| BlockBody::Text(Text { markup })),
        1 => video.prop_map(|(sources, youtube, seconds, poster, transcripts, caption)| {
            BlockBody::Video(Video { sources, youtube, seconds, poster, transcripts, caption })
        }),
        1 => (text(), text()).prop_map(|(asset, label)| BlockBody::File(FileLink { asset: asset.into(), label })),
        4 => exercise().prop_map(|exercise| BlockBody::Exercise(Box::new(exercise))),
        1 => (platform(), text(), format, text(), markup(), of(number())).prop_map(
            |(platform, name, format, source, readable, points)| {
                BlockBody::Foreign(Foreign { platform, name, format, source, readable, points })
            }
        ),
    ]
}

fn block() -> impl Strategy<Value = Block> {
    (text(), text(), body(), extras()).prop_map(|(id, title, body, extras)| Block {
        id: id.into(),
        title,
        body,
        extras,
    })
}

fn step() -> impl Strategy<Value = Step> {
    (text(), text(), schedule(), vec(block(), 0..3), extras()).prop_map(
        |(id, title, schedule, blocks, extras)| Step { id: id.into(), title, schedule, blocks, extras },
    )
}

fn lesson() -> impl Strategy<Value = Lesson> {
    (text(), text(), schedule(), of(text()), vec(step(), 0..3), extras()).prop_map(
        |(id, title, schedule, category, steps, extras)| Lesson {
            id: id.into(),
            title,
            schedule,
            category,
            steps,
            extras,
        },
    )
}

fn section() -> impl Strategy<Value = Section> {
    (text(), text(), markup(), schedule(), vec(lesson(), 0..3), extras()).prop_map(
        |(id, title, description, schedule, lessons, extras)| Section {
            id: id.into(),
            title,
            description,
            schedule,
            lessons,
            extras,
        },
    )
}

fn grading() -> impl Strategy<Value = GradingPolicy> {
    let category = (text(), of(text()), number(), any::<u32>(), any::<u32>()).prop_map(
        |(name, short_label, weight, count, drop)| GradingCategory { name, short_label, weight, count, drop },
    );
    (vec(category, 0..2), vec((text(), number()), 0..2))
        .prop_map(|(categories, cutoffs)| GradingPolicy { categories, cutoffs })
}

/// A file and its bytes.
fn asset() -> impl Strategy<Value = (Asset, Vec<u8>)> {
    let role = prop::sample::select(vec![AssetRole::Content, AssetRole::Grader, AssetRole::Other]);
    let bytes = prop_oneof![vec(any::<u8>(), 0..20), Just(b"the same".to_vec())];
    (text(), text(), of(text()), of(any::<u64>()), role, bytes).prop_map(
        |(id, name, media_type, size, role, bytes)| {
            (Asset { id: id.into(), name, media_type, size, role }, bytes)
        },
    )
}

/// A course and the bytes of its files. Ids are made different, as a course's are.
pub(crate) fn course() -> impl Strategy<Value = (Course, Vec<Vec<u8>>)> {
    let visibility = prop_oneof![Just(Visibility::Public), Just(Visibility::Private)];
    (
        (text(), text(), of(text()), markup(), of(text()), of(text())),
        (visibility, schedule(), of(grading()), vec(section(), 0..3), vec(asset(), 0..4), extras()),
    )
        .prop_map(|((id, title, summary, description, language, cover), rest)| {
            let (visibility, schedule, grading, sections, files, extras) = rest;
            let (assets, bytes) = files.into_iter().unzip();
            let cover = cover.map(AssetId::from);
            let mut course = Course {
                id: id.into(),
                title,
                summary,
                description,
                language,
                cover,
                visibility,
                schedule,
                grading,
                sections,
                assets,
                extras,
            };
            tell_apart(&mut course);
            (course, bytes)
        })
}

fn tell_apart(course: &mut Course) {
    let mut n = 0;
    let mut next = |id: &str| {
        n += 1;
        format!("{id}{n}")
    };
    for section in &mut course.sections {
        section.id = next(section.id.as_str()).into();
        for lesson in &mut section.lessons {
            lesson.id = next(lesson.id.as_str()).into();
            for step in &mut lesson.steps {
                step.id = next(step.id.as_str()).into();
                for block in &mut step.blocks {
                    block.id = next(block.id.as_str()).into();
                }
            }
        }
    }
    for asset in &mut course.assets {
        asset.id = next(asset.id.as_str()).into();
    }
}
