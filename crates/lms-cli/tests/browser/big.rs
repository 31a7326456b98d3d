//! A course so big that nobody would want to scroll through it.

use std::fs;
use std::time::Instant;

use lms::inginious::FolderCourse;
use lms_core::{
    Block, BlockBody, Content, Course, Exercise, Interaction, Key, Lesson, Markup, NumberAccept,
    NumericInteraction, Platform, ProviderInfo, Section, Step, Tolerance,
};
use lms_migrate::{Report, plan_content};
use serde_json::json;

use crate::driver::{Browser, address};

const STEPS: usize = 5_000;
/// Bytes that a page on [`STEPS`] altered steps may have.
const MOST: usize = 24 * 1024 * 1024;

/// Five thousand numeric exercises, of which INGInious can mark none by itself.
fn course() -> Course {
    let mut course = Course::new("c", "Five thousand steps");
    for n in 0..STEPS {
        if n % 500 == 0 {
            course.sections.push(Section::new(format!("s{n}"), format!("Section from {n}")));
        }
        let section = course.sections.last_mut().expect("it was just pushed");
        if n % 10 == 0 {
            section.lessons.push(Lesson::new(format!("l{n}"), format!("Lesson from {n}")));
        }
        let prompt = format!(
            "<p>In experiment {n} a body of {n} grams falls for two seconds. How far, by \
             <span class=\"math inline\">\\(s = \\frac{{g t^2}}{{2}}\\)</span>, with a <em>gravity</em> of 9.81?</p>"
        );
        let accept = vec![NumberAccept::Value { value: "19.62".into(), tolerance: Tolerance::none() }];
        let interaction = Interaction::Numeric(NumericInteraction::default());
        let mut exercise = Exercise::new(format!("t{n}"), Markup::from_html(prompt), interaction)
            .with_key(Key::Number { accept });
        exercise.hints = vec![Markup::from_html("<p>Mass does not matter.</p>")];
        let mut step = Step::new(format!("p{n}"), format!("Experiment {n}"));
        step.blocks.push(Block::new(format!("b{n}"), BlockBody::Exercise(Box::new(exercise))));
        section.lessons.last_mut().expect("it was just pushed").steps.push(step);
    }
    course
}

#[tokio::test]
async fn a_course_of_five_thousand_steps_still_opens() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let content = Content { course: course(), findings: vec![], native: Default::default() };
    let source = ProviderInfo { platform: Platform::Stepik, location: "memory".into() };
    let target = FolderCourse::create(folder.path().join("there")).expect("a place for the copy");
    let report = Report::new(&plan_content(content, &source, &target).expect("a plan"));
    let page = report.to_html();
    assert!(page.len() < MOST, "{} bytes", page.len());
    let file = folder.path().join("report.html");
    fs::write(&file, &page).expect("written");

    let started = Instant::now();
    browser.open(&address(&file)).await;
    let opened = started.elapsed();
    browser.type_into("input[type=search]", "4321").await;
    let seen = browser
        .evaluate(
            "const paths = Array.from(document.querySelectorAll('.item:not([hidden]) .path'), (e) => e.textContent);
             return [document.querySelectorAll('.item').length, document.querySelectorAll('.item .sides').length, paths]",
        )
        .await;
    eprintln!("{} bytes, opened in {opened:.1?}, searched in {:.1?}", page.len(), started.elapsed() - opened);
    let found = "33. Lesson from 4320 › 2. Experiment 4321 › 1. exercise b4321";
    assert_eq!(seen, json!([STEPS, STEPS, [found]]));
}
