//! Random courses in the neutral model.

use std::collections::HashMap;

use lms::{
    Asset, AssetId, AssetRole, Block, BlockBody, Course, FileLink, Foreign, GradingCategory, GradingPolicy,
    Lesson, Platform, Schedule, Section, SourceFormat, Step, TaskId, Text, Timestamp, Transcript, Video,
    Visibility,
};
use serde_json::json;

use crate::exercises::exercise;
use crate::texts::{Dice, PLAIN, markup, said, title};

/// The files of each course: the same bytes under two names, and other bytes under a name of both.
pub(crate) fn files() -> HashMap<AssetId, Vec<u8>> {
    [
        ("img", "picture"),
        ("same", "picture"),
        ("file", "words"),
        ("twin", "other words"),
        ("sub", "00:01 words"),
    ]
    .map(|(id, bytes)| (id.into(), bytes.as_bytes().to_vec()))
    .into()
}

fn assets(dice: &mut Dice) -> Vec<Asset> {
    let odd = dice.of(&["no te.txt", "ñ&é #1?.txt", "a'b\"c.txt", "..txt", "note.txt"]);
    let names = [
        ("img", "a/picture.png".to_owned()),
        ("same", "b/picture 2.png".to_owned()),
        ("file", odd.to_owned()),
        ("twin", format!("deep/er/{odd}")),
        ("sub", "words.srt".to_owned()),
    ];
    let asset = |(id, name): (&str, String)| Asset {
        id: id.into(),
        name,
        media_type: None,
        size: None,
        role: AssetRole::Content,
    };
    names.map(asset).into()
}

fn schedule(dice: &mut Dice) -> Schedule {
    let date = |dice: &mut Dice| {
        let text = dice.of(&[
            None,
            None,
            None,
            Some("2025-09-01T00:00:00Z"),
            Some("2026-03-29T02:30:00+02:00"),
            Some("1999-12-31T23:59:59-05:00"),
            Some("2030-01-01T12:00:00.5Z"),
        ]);
        text.map(|text| text.parse::<Timestamp>().expect("a date"))
    };
    if dice.one_in(2) {
        return Schedule::default();
    }
    Schedule { start: date(dice), due: date(dice), end: date(dice) }
}

/// A native block of Stepik whose text shows a file of the course.
fn linking() -> Foreign {
    let text = "<p>Build it as in <img src=\"asset:img\" alt=\"\"> and <a href=\"asset:file\">there</a>.</p>";
    let source = json!({"name": "pycharm", "text": text, "video": null, "subtitles": {}, "feedback_correct": "",
        "feedback_wrong": "", "source": {"title": "secret"}});
    Foreign {
        platform: Platform::Stepik,
        name: "pycharm".into(),
        format: SourceFormat::Json,
        source: source.to_string(),
        readable: text.into(),
        points: Some(2.0),
    }
}

struct Builder<'a> {
    dice: &'a mut Dice,
    n: usize,
}

impl Builder<'_> {
    fn id(&mut self, kind: &str) -> String {
        self.n += 1;
        format!("{kind}{}", self.n)
    }

    fn block(&mut self, task: &TaskId) -> Block {
        let id = self.id("b");
        let kind = self.dice.below(20);
        let body = match kind {
            0..12 => BlockBody::Exercise(Box::new(exercise(self.dice, kind, task.clone()))),
            12 => BlockBody::Video(self.video()),
            13 => {
                let asset = self.dice.of(&["img", "file", "twin", "same"]).into();
                BlockBody::File(FileLink { asset, label: self.dice.of(PLAIN).into() })
            }
            14 if self.dice.one_in(2) => BlockBody::Foreign(linking()),
            14 => BlockBody::Foreign(Foreign {
                platform: Platform::Other,
                name: "hologram".into(),
                format: SourceFormat::Json,
                source: "{\"answer\": \"secret ]]>\"}".into(),
                readable: said(self.dice, 7),
                points: self.dice.of(&[None, Some(2.0)]),
            }),
            _ => BlockBody::Text(Text { markup: markup(self.dice) }),
        };
        let mut block = Block::new(id, body);
        if self.dice.one_in(3) {
            block.title = title(self.dice);
        }
        block
    }

    fn video(&mut self) -> Video {
        let dice = &mut *self.dice;
        let transcripts = vec![Transcript { language: "pt-BR".into(), asset: "sub".into() }];
        Video {
            sources: dice.of(&[
                vec![],
                vec!["https://example.org/a.mp4?x=1&y=2".to_owned()],
                vec!["https://example.org/a.mp4".to_owned(), "https://example.org/b.webm".to_owned()],
                vec!["asset:img".to_owned()],
            ]),
            youtube: dice.of(&[None, Some("dQw4w9WgXcQ".to_owned())]),
            seconds: dice.of(&[None, Some(61.5)]),
            poster: dice.of(&[None, Some("https://example.org/p.png".to_owned())]),
            transcripts: if dice.one_in(2) { transcripts } else { Vec::new() },
            caption: if dice.one_in(2) { markup(dice) } else { lms::Markup::default() },
        }
    }

    fn step(&mut self) -> Step {
        let id = self.id("t");
        let mut step = Step::new(id.clone(), title(self.dice));
        step.schedule = if self.dice.one_in(4) { schedule(self.dice) } else { Schedule::default() };
        let joint = self.dice.one_in(3);
        for n in 0..self.dice.of(&[0, 1, 1, 1, 2, 4]) {
            let task = if joint { id.clone() } else { format!("{id}.{n}") };
            let block = self.block(&task.as_str().into());
            step.blocks.push(block);
        }
        step
    }

    fn lesson(&mut self, graded: bool) -> Lesson {
        let mut lesson = Lesson::new(self.id("l"), title(self.dice));
        lesson.schedule = if self.dice.one_in(3) { schedule(self.dice) } else { Schedule::default() };
        lesson.category = (graded && self.dice.one_in(2)).then(|| "Homework: <1> & \"2\"".to_owned());
        for _ in 0..self.dice.of(&[0, 1, 2, 5, 8]) {
            let step = self.step();
            lesson.steps.push(step);
        }
        lesson
    }
}

/// The course of this number.
pub(crate) fn course(seed: u64) -> Course {
    let mut dice = Dice::new(seed + 1);
    let mut course = Course::new("nasty", format!("{}!", title(&mut dice)));
    course.summary = dice.of(&[None, Some("In short: <all> & \"more\"\nand more".to_owned())]);
    course.description = if dice.one_in(2) { markup(&mut dice) } else { lms::Markup::default() };
    course.language = dice.of(&[None, Some("ru".to_owned()), Some("pt-BR".to_owned())]);
    course.cover = dice.of(&[None, Some("img".into())]);
    course.visibility = dice.of(&[Visibility::Private, Visibility::Public]);
    course.schedule = schedule(&mut dice);
    let graded = dice.one_in(2);
    course.grading = graded.then(|| GradingPolicy {
        categories: vec![
            GradingCategory {
                name: "Homework: <1> & \"2\"".into(),
                short_label: Some("HW".into()),
                weight: 1.0 / 3.0,
                count: 3,
                drop: 1,
            },
            GradingCategory { name: "Exam".into(), short_label: None, weight: 0.0, count: 0, drop: 0 },
        ],
        cutoffs: vec![("A".into(), 0.9), ("Pass".into(), 0.505)],
    });
    course.assets = assets(&mut dice);
    let mut builder = Builder { dice: &mut dice, n: 0 };
    for _ in 0..3 {
        let mut section = Section::new(builder.id("s"), title(builder.dice));
        section.description =
            if builder.dice.one_in(3) { markup(builder.dice) } else { lms::Markup::default() };
        section.schedule = schedule(builder.dice);
        for _ in 0..builder.dice.of(&[0, 1, 2, 3]) {
            let lesson = builder.lesson(graded);
            section.lessons.push(lesson);
        }
        course.sections.push(section);
    }
    link_steps(&mut course, &mut dice);
    course
}

/// Texts that link to other steps, before them and behind them.
fn link_steps(course: &mut Course, dice: &mut Dice) {
    let steps: Vec<String> =
        course.steps().filter(|step| !step.blocks.is_empty()).map(|step| step.id.link()).collect();
    if steps.is_empty() {
        return;
    }
    let link = |dice: &mut Dice| {
        format!("<p>As in <a href=\"{}\">another part</a>.</p>", steps[dice.below(steps.len())])
    };
    if dice.one_in(3) {
        course.description = course.description.then(&link(dice).into());
    }
    let lessons = course.sections.iter_mut().flat_map(|section| &mut section.lessons);
    for block in lessons.flat_map(|lesson| &mut lesson.steps).flat_map(|step| &mut step.blocks) {
        match &mut block.body {
            BlockBody::Text(text) if dice.one_in(2) => text.markup = text.markup.then(&link(dice).into()),
            BlockBody::Exercise(exercise) if dice.one_in(4) => {
                exercise.prompt = exercise.prompt.then(&link(dice).into());
            }
            _ => {}
        }
    }
}
