//! Differences planted in a copy of the demo course: each is found, by its own name, and none where none is.

#[expect(dead_code, reason = "other tests plant defects in the provider")]
mod support;

use std::path::Path;

use lms_core::{
    Asset, AssetId, AssetRole, BlockBody, Course, Courses, Credit, Exercise, GapAccept, Interaction, Key,
    LmsProvider, Markup, NumberAccept, Timestamp, Tolerance,
};
use lms_migrate::{Bundle, Filter, Outcome, Quiet, Verification, verify_pair};
use support::Memory;

type Files = Vec<(String, Vec<u8>)>;

async fn demo() -> (Course, Files) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/courses/measuring");
    let bundle = Bundle::open(path).expect("the example is there");
    let id = "measuring".into();
    let course = bundle.content(&id).await.expect("it is read").course;
    let mut files = Vec::new();
    for asset in &course.assets {
        let bytes = bundle.read_asset(&id, &asset.id).await.expect("a file");
        files.push((asset.id.to_string(), bytes.into_bytes(1 << 20).await.expect("its bytes").to_vec()));
    }
    (course, files)
}

fn provider(course: &Course, files: &Files) -> Memory {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(id, bytes)| (id.as_str(), bytes.as_slice())).collect();
    Memory::with(course.clone(), &files)
}

async fn verified(source: &(Course, Files), target: &(Course, Files)) -> Verification {
    let (from, to) = (provider(&source.0, &source.1), provider(&target.0, &target.1));
    let id = "measuring".into();
    let (_, verification) =
        verify_pair((&from, &id), (&to, &id), &Filter::default(), None, &Quiet).await.expect("both are read");
    assert_eq!((from.requests().write, to.requests().write), (0, 0), "verification only reads");
    verification
}

/// The first exercise that a change fits.
fn exercise(course: &mut Course, change: impl Fn(&mut Exercise) -> bool) {
    let blocks = course.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps);
    for block in blocks.flat_map(|t| &mut t.blocks) {
        if let BlockBody::Exercise(exercise) = &mut block.body
            && change(exercise)
        {
            return;
        }
    }
    panic!("no exercise fits");
}

fn text(course: &mut Course, change: impl Fn(&str) -> String) {
    let blocks = course.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps);
    for block in blocks.flat_map(|t| &mut t.blocks) {
        if let BlockBody::Text(text) = &mut block.body {
            let changed = change(text.markup.html());
            if changed != text.markup.html() {
                text.markup = changed.into();
                return;
            }
        }
    }
    panic!("no text fits");
}

type Plant = fn(&mut Course, &mut Files);

/// What is planted, and the name that the difference is to have.
const PLANTED: [(&str, &str, Plant); 30] = [
    ("a word of a text", "text", |c, _| text(c, |t| t.replace("tower", "tree"))),
    ("a formula", "text", |c, _| text(c, |t| t.replace(r"\frac{a\,s}{b}", r"\frac{b\,s}{a}"))),
    ("a mark-up", "form of text", |c, _| {
        text(c, |t| t.replace("<table>", "<div>").replace("</table>", "</div>"))
    }),
    ("the picture of a text", "links in text", |c, _| {
        text(c, |t| t.replace("asset:triangle.svg", "asset:thermometer.svg"))
    }),
    ("the title of a section", "title", |c, _| c.sections[1].title.push('!')),
    ("the title of a lesson", "title", |c, _| c.sections[1].lessons[0].title.push('!')),
    ("a missing section", "missing", |c, _| drop(c.sections.remove(1))),
    ("a missing lesson", "missing", |c, _| drop(c.sections[0].lessons.remove(0))),
    ("a missing step", "missing", |c, _| drop(c.sections[0].lessons[0].steps.remove(2))),
    ("an extra step", "extra", |c, _| {
        let mut step = c.sections[1].lessons[0].steps[0].clone();
        step.id = "extra".into();
        step.blocks[0].id = "extra".into();
        c.sections[0].lessons[0].steps.push(step);
    }),
    ("the order of steps", "order", |c, _| c.sections[0].lessons[0].steps.swap(2, 4)),
    ("the order of sections", "order", |c, _| c.sections.swap(0, 2)),
    ("a byte of a file", "content", |_, files| files[0].1[3] ^= 1),
    ("a file that is gone", "content", |c, files| {
        c.assets.pop();
        files.pop();
    }),
    ("a file too many", "extra", |c, files| {
        let mut asset = c.assets[0].clone();
        asset.id = AssetId::from("more.svg");
        c.assets.push(asset);
        files.push(("more.svg".into(), b"more".to_vec()));
    }),
    ("points", "points", |c, _| {
        exercise(c, |e| {
            e.scoring.points += 1.0;
            true
        });
    }),
    ("tries", "tries", |c, _| {
        exercise(c, |e| {
            e.scoring.attempts = Some(7);
            true
        });
    }),
    ("how parts count", "credit", |c, _| {
        exercise(c, |e| {
            e.scoring.credit = Credit::PerPart;
            true
        });
    }),
    ("the start of the course", "dates", |c, _| c.schedule.start = Timestamp::from_naive("2025-09-02").ok()),
    ("the deadline of a lesson", "dates", |c, _| {
        c.sections[0].lessons[1].schedule.due = Timestamp::from_naive("2025-10-01").ok();
    }),
    ("the weight of a category", "grading policy", |c, _| {
        c.grading.iter_mut().flat_map(|g| &mut g.categories).for_each(|category| category.weight = 0.5);
    }),
    ("the pass mark", "grading policy", |c, _| {
        c.grading.iter_mut().flat_map(|g| &mut g.cutoffs).for_each(|cutoff| cutoff.1 = 0.6);
    }),
    ("a hint", "number of hints", |c, _| {
        exercise(c, |e| {
            e.hints.push("look again".into());
            true
        });
    }),
    ("feedback", "feedback (right)", |c, _| {
        exercise(c, |e| {
            let said = !e.feedback.correct.is_empty();
            if said {
                e.feedback.correct = Markup::from_text("Well done");
            }
            said
        });
    }),
    ("an option", "options", |c, _| {
        exercise(c, |e| match &mut e.interaction {
            Interaction::Choice(choice) => {
                choice.options[0].text = "At midnight".into();
                true
            }
            _ => false,
        });
    }),
    ("the prompt", "prompt", |c, _| {
        exercise(c, |e| {
            e.prompt = e.prompt.then(&"<p>Think.</p>".into());
            true
        });
    }),
    ("the tests of a program", "tests", |c, _| {
        exercise(c, |e| match &mut e.key {
            Some(Key::Code { tests, .. }) => {
                tests[1].output.push('1');
                true
            }
            _ => false,
        });
    }),
    ("the language", "language", |c, _| c.language = Some("fr".into())),
    ("who sees the course", "visibility", |c, _| c.visibility = lms_core::Visibility::Private),
    ("a video", "video", |c, _| {
        let steps = c.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps);
        for block in steps.flat_map(|t| &mut t.blocks) {
            if let BlockBody::Video(video) = &mut block.body {
                video.sources[0].push('x');
            }
        }
    }),
];

#[tokio::test]
async fn a_clean_pair_has_no_difference() {
    let demo = demo().await;
    let verification = verified(&demo, &demo).await;
    assert!(verification.holds(), "{:?}", verification.differences);
    assert_eq!(verification.disagreed + verification.announced, 0);
    assert!(verification.agreed > 20, "{}", verification.agreed);
    for check in &verification.checks {
        if let Outcome::Agreed { probes } = check.outcome {
            // Five at least, but for what has fewer answers: three options, an essay that only must not be empty.
            assert!(probes >= 3, "{}: only {probes} answers were tried", check.path);
        }
    }
}

/// Run scripts, and originals kept beside a stub: what learners do not see, a platform may add.
#[tokio::test]
async fn what_a_platform_keeps_for_itself_is_no_difference() {
    let source = demo().await;
    let mut target = source.clone();
    let own =
        Asset { id: "own".into(), name: "own".into(), role: AssetRole::Other, ..source.0.assets[0].clone() };
    target.0.assets.push(own);
    target.1.push(("own".into(), b"its own".to_vec()));
    let verification = verified(&source, &target).await;
    assert!(verification.holds(), "{:?}", verification.differences);
}

#[tokio::test]
async fn every_planted_difference_is_found_by_its_name_and_alone() {
    let source = demo().await;
    let mut missed = Vec::new();
    for (name, what, plant) in PLANTED {
        let mut target = source.clone();
        plant(&mut target.0, &mut target.1);
        let verification = verified(&source, &target).await;
        let found: Vec<&str> = verification.differences.iter().map(|d| d.what.as_str()).collect();
        if !found.contains(&what) || verification.holds() {
            missed.push(format!("{name}: {what} is not among {found:?}"));
        }
        // One change is one difference; a file is one for each text that shows it as well.
        if found.len() > 3 {
            missed.push(format!("{name}: {:?}", verification.differences));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

type Turn = fn(&mut Key) -> bool;

/// Changes of what is right, which nobody sees in the texts.
const KEYS: [(&str, Turn); 6] = [
    ("another option is right", |key| match key {
        Key::Choice { correct } => {
            *correct = correct.iter().map(|n| usize::from(*n == 0)).collect();
            true
        }
        _ => false,
    }),
    ("a wider tolerance", |key| match key {
        Key::Number { accept } => {
            for one in accept {
                if let NumberAccept::Value { tolerance, .. } = one {
                    *tolerance = Tolerance::Absolute { by: "0.6".into() };
                }
            }
            true
        }
        _ => false,
    }),
    ("case counts", |key| match key {
        Key::Text { accept } => {
            accept.iter_mut().filter(|a| !a.case_sensitive).map(|a| a.case_sensitive = true).count() > 0
        }
        _ => false,
    }),
    ("two pairs are changed", |key| match key {
        Key::Match { targets } => {
            targets.swap(0, 1);
            true
        }
        _ => false,
    }),
    ("another order", |key| match key {
        Key::Order { order } => {
            order.swap(0, 1);
            true
        }
        _ => false,
    }),
    ("a gap takes another text", |key| match key {
        Key::Gaps { gaps } => gaps.iter_mut().any(|gap| match gap {
            GapAccept::Text { accept } => {
                accept[0].text.push('s');
                true
            }
            GapAccept::Choice { .. } => false,
        }),
        _ => false,
    }),
];

#[tokio::test]
async fn every_changed_key_is_found_by_the_marks() {
    let source = demo().await;
    for (name, change) in KEYS {
        let mut target = source.clone();
        exercise(&mut target.0, |e| e.key.as_mut().is_some_and(change));
        let verification = verified(&source, &target).await;
        assert_eq!(verification.disagreed, 1, "{name}: {:?}", verification.differences);
        assert!(!verification.holds(), "{name}");
    }
}
