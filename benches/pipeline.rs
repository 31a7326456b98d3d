//! What moving a course costs apart from the network, as ratios within one run: adapting a course of a
//! thousand steps for each target against cloning it, and changing a text against copying it.
//!
//! ```sh
//! cargo bench --bench pipeline
//! ```

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lms::{
    Authoring, Block, BlockBody, Cardinality, ChoiceInteraction, ChoiceOption, Course, Exercise, Interaction,
    Key, Lesson, LmsProvider, Markup, MathDelimiters, Platform, Section, Step, Text,
};

const PARAGRAPH: &str = "<p>The mean of <span>\\(n\\)</span> readings is \\(\\bar{x}\\), see \
                         <a href=\"/static/notes.pdf\">the notes</a> &amp; <code>mean(\\(x\\))</code>.</p>\n";

/// 15 sections, 100 lessons, 1,000 steps: half text, half questions.
fn course() -> Course {
    let mut course = Course::new("bench", "A thousand steps");
    for s in 0..15 {
        let mut section = Section::new(format!("s{s}"), format!("Section {s}"));
        for l in (0..100).filter(|l| l % 15 == s) {
            let mut lesson = Lesson::new(format!("l{l}"), format!("Lesson {l}"));
            for t in 0..10 {
                let id = format!("b{l}-{t}");
                let mut step = Step::new(format!("t{l}-{t}"), "");
                let body = if t % 2 == 0 {
                    BlockBody::Text(Text { markup: Markup::from_html(PARAGRAPH.repeat(10)) })
                } else {
                    let interaction = Interaction::Choice(ChoiceInteraction {
                        cardinality: Cardinality::Single,
                        options: ["4", "5", "6"].map(ChoiceOption::new).into(),
                        shuffle: false,
                        shown: None,
                    });
                    let key = Key::Choice { correct: [0].into() };
                    BlockBody::Exercise(Box::new(
                        Exercise::new(id.as_str(), PARAGRAPH.into(), interaction).with_key(key),
                    ))
                };
                step.blocks.push(Block::new(id, body));
                lesson.steps.push(step);
            }
            section.lessons.push(lesson);
        }
        course.sections.push(section);
    }
    course
}

fn adapting(c: &mut Criterion) {
    let course = course();
    let connect = |platform, options: &[(&str, &str)]| {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        lms::connect(platform, options).expect("the options are sound")
    };
    let stepik = connect(Platform::Stepik, &[("client_id", "x"), ("client_secret", "x")]);
    let openedx = connect(Platform::OpenEdx, &[("lms_url", "https://lms.example.org"), ("client_id", "x")]);
    let folder = std::env::temp_dir().join("lms-bench-never-written");
    let inginious = lms::inginious::FolderCourse::create(&folder).expect("nothing is written yet");
    let mut group = c.benchmark_group("adapt 1,000 steps");
    group.bench_function("clone (the measure)", |b| b.iter(|| black_box(course.clone())));
    let targets: [(&str, Option<&dyn Authoring>); 3] = [
        ("stepik", stepik.authoring()),
        ("openedx", openedx.authoring()),
        ("inginious", inginious.authoring()),
    ];
    for (name, authoring) in targets {
        let authoring = authoring.expect("every target can be written");
        group.bench_function(name, |b| b.iter(|| black_box(authoring.adapt(&course))));
    }
    group.finish();
}

fn text(c: &mut Criterion) {
    let markup = Markup::from_html(PARAGRAPH.repeat(500));
    let inline = [MathDelimiters::new("\\(", "\\)")];
    let mut group = c.benchmark_group("text of 80 KB");
    group.bench_function("copy (the measure)", |b| b.iter(|| black_box(markup.clone())));
    group.bench_function("mark maths", |b| b.iter(|| black_box(markup.mark_math(&inline, &[]))));
    group.bench_function("change links", |b| {
        b.iter(|| {
            black_box(
                markup.map_links(|link| link.strip_prefix("/static/").map(|name| format!("asset:{name}"))),
            )
        });
    });
    group.finish();
}

criterion_group!(benches, adapting, text);
criterion_main!(benches);
