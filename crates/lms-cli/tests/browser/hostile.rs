//! A course that wants to do harm, in a report: nothing of it acts, and nothing is fetched.

use std::fs;
use std::path::Path;

use lms::inginious::FolderCourse;
use lms_core::{
    Block, BlockBody, Cardinality, ChoiceInteraction, ChoiceOption, Content, Course, Exercise, Feedback,
    Finding, Foreign, Interaction, Key, Lesson, Markup, Platform, ProviderInfo, Section, Severity,
    SourceFormat, Step, Text, Video,
};
use lms_migrate::{Report, plan_content};

use crate::driver::{Browser, address};
use crate::report::asked_for;

/// Ways to act or to fetch. Each sets a global, opens a dialog, leaves the page, or asks for an address.
const HOSTILE: [&str; 24] = [
    "<script>canary = 1</script>",
    "<script src='http://127.0.0.1:9/canary.js'></script>",
    "<img src='http://127.0.0.1:9/canary.png'>",
    "<img src=x onerror='canary = 1'>",
    "<p onmouseover='canary = 1' onclick='canary = 1'>here</p>",
    "<body onload='canary = 1'>",
    "<a class=lure href='javascript:canary=1'>here</a>",
    "<a class=lure href=' &#106;ava&#x0A;script:canary=1'>here</a>",
    "<svg onload='canary = 1'><script>canary = 1</script><animate onbegin='canary = 1' attributeName=x /></svg>",
    "<svg><a xlink:href='javascript:canary=1'><text y=20>here</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=canary=1&gt;'></table></math>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/canary'>",
    "<iframe src='javascript:parent.canary=1'></iframe><iframe srcdoc='<script>parent.canary=1</script>'></iframe>",
    "<style>@import 'http://127.0.0.1:9/canary.css'; body{background:url(http://127.0.0.1:9/canary.gif)}</style>",
    "<p style='background-image:url(http://127.0.0.1:9/canary.gif)'>styled</p>",
    "<link rel=stylesheet href='http://127.0.0.1:9/canary.css'><base href='http://127.0.0.1:9/'>",
    "<details open ontoggle='canary = 1'><summary>x</summary></details>",
    "<video autoplay onloadstart='canary=1' src='http://127.0.0.1:9/c.mp4' poster='http://127.0.0.1:9/p.png'></video>",
    "<object data='http://127.0.0.1:9/canary'></object><embed src='http://127.0.0.1:9/canary'>",
    "<form action='javascript:canary=1' id=f><button autofocus onfocus='canary=1'>here</button></form>",
    "<input autofocus onfocus='alert(1)'><select autofocus onfocus='alert(1)'></select>",
    "</td></tr></table></details></section></main></script><script>alert(1)</script>",
    "--></style></title></textarea></noscript><img src=x onerror=alert(1)>",
    "<img alt='<span class=\"math inline\">\\(\\text{\" onerror=canary=1 x=\"}\\)</span>' src=x>",
];

fn course() -> Course {
    let mut blocks = Vec::new();
    let mut add = |body: BlockBody, title: &str| {
        let mut block = Block::new(format!("b{}", blocks.len()), body);
        block.title = title.into();
        blocks.push(block);
    };
    for hostile in HOSTILE {
        let markup = || Markup::from_html(hostile);
        add(BlockBody::Text(Text { markup: markup() }), hostile);
        add(
            BlockBody::Video(Video {
                sources: vec![hostile.into(), "javascript:canary=1".into()],
                caption: markup(),
                ..Video::default()
            }),
            "",
        );
        let options = ChoiceOption { feedback: markup(), ..ChoiceOption::new(markup()) };
        let interaction = Interaction::Choice(ChoiceInteraction {
            cardinality: Cardinality::Single,
            options: vec![options, ChoiceOption::new("x")],
            shuffle: false,
            shown: None,
        });
        let mut exercise = Exercise::new(format!("t{}", hostile.len()), markup(), interaction)
            .with_key(Key::Choice { correct: [0].into() });
        exercise.hints = vec![markup()];
        exercise.feedback = Feedback { correct: markup(), incorrect: markup(), explanation: markup() };
        add(BlockBody::Exercise(Box::new(exercise)), hostile);
        let formula = format!("<span class=\"math display\">\\[{}\\]</span>", lms_core::escape(hostile));
        add(
            BlockBody::Foreign(Foreign {
                platform: Platform::Stepik,
                name: hostile.into(),
                format: SourceFormat::Json,
                source: hostile.into(),
                readable: Markup::from_html(formula),
                points: None,
            }),
            hostile,
        );
    }
    let mut step = Step::new("t", HOSTILE[0]);
    step.blocks = blocks;
    let mut lesson = Lesson::new("l", HOSTILE[3]);
    lesson.steps.push(step);
    let mut section = Section::new("s", HOSTILE[21]);
    section.lessons.push(lesson);
    let mut course = Course::new("c", HOSTILE[21]);
    course.sections.push(section);
    course
}

/// The report on the course, with a finding for each block.
fn report(folder: &Path) -> String {
    let course = course();
    let all: Vec<String> = course.blocks().map(|place| place.block.1.id.to_string()).collect();
    let findings = all.iter().zip(HOSTILE.iter().cycle()).map(|(id, hostile)| {
        Finding::new(Severity::Approximated, *hostile, *hostile, *hostile)
            .with_fallback(*hostile)
            .with_block(&id.as_str().into())
    });
    let loose = HOSTILE.map(|hostile| Finding::new(Severity::Dropped, hostile, hostile, hostile));
    let findings = findings.chain(loose).collect();
    let content = Content { course, findings, native: Default::default() };
    let source = ProviderInfo { platform: Platform::Stepik, location: HOSTILE[21].into() };
    let target = FolderCourse::create(folder.join("there")).expect("a place for the copy");
    Report::new(&plan_content(content, &source, &target).expect("a plan")).to_html()
}

/// Whether anything of the course acted, after everything in the page was opened, hovered and clicked.
const PROVOKE: &str = "
    document.querySelectorAll('details').forEach((d) => { d.open = true; });
    for (const e of document.querySelectorAll('.sides *')) {
        for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load']) e.dispatchEvent(new Event(kind));
        if (!e.closest('a[href^=http], a[href^=mailto], a[download]')) e.click?.();
    }";

#[tokio::test]
async fn nothing_of_the_course_acts_and_nothing_is_fetched() {
    let Some(browser) = Browser::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");

    // Were it shown as it is, it would act: what is looked for can be seen.
    let raw = folder.path().join("raw.html");
    fs::write(&raw, format!("<!doctype html><title>raw</title>{}{}", HOSTILE[0], HOSTILE[2]))
        .expect("written");
    browser.open(&address(&raw)).await;
    assert_eq!(browser.evaluate("return window.canary").await, 1);
    assert!(browser.requests().await.iter().any(|url| url.contains("canary.png")));
    browser.console().await;

    let file = folder.path().join("report.html");
    fs::write(&file, report(folder.path())).expect("written");
    let url = address(&file);
    browser.open(&url).await;
    assert_eq!(browser.dialog().await, None);
    asked_for(&browser, &[&url]).await;
    browser.evaluate(PROVOKE).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(browser.dialog().await, None);
    assert_eq!(browser.url().await, url);
    let after = browser
        .evaluate(
            "return [typeof window.canary, document.scripts.length,
                document.querySelectorAll('iframe,object,embed,base,form:not(.filters),.sides [style],.sides svg').length,
                document.querySelectorAll('details.item').length]",
        )
        .await;
    let items = HOSTILE.len() * 4;
    assert_eq!(after, serde_json::json!(["undefined", 1, 0, items]));
    asked_for(&browser, &[]).await;
}
