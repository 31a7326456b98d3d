//! Links between the steps of a course lead to the same steps wherever it goes, and those that cannot are named.

use std::fs;
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::{
    Backup, Filter, Journal, Pair, Plan, Quiet, Stop, SyncOptions, Work, apply, compare, plan, plan_part,
    verify,
};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{
    Block, BlockBody, Content, Course, CourseId, Lesson, LmsProvider, LmsProviderExt, NewCourse, Platform,
    Section, Severity, Step, StepId, Text,
};
use serde_json::{Value, json};

use crate::sites::{merged, quiz, stepik_course, stepik_with};

fn says(html: &str) -> Value {
    json!({"cost": 0, "block": {"name": "text", "text": html, "video": null, "options": {}, "source": {}}})
}

/// Lessons 801, 802, 803, each of two steps; the links of the first go forth, those of the last back.
fn course() -> Value {
    let option = |text: &str| json!({"is_correct": text == "yes", "text": text, "feedback": ""});
    // Kept as it is spelled: the model would write the formula otherwise.
    let odd = json!({"is_multiple_choice": false, "is_always_correct": false, "sample_size": 2, "preserve_order": false,
        "is_html_enabled": true, "is_options_feedback": false,
        "options": [option("yes"), option("<a href='/lesson/Work-802/step/2?unit=702'>no</a> \\(x\\)")]});
    let native = merged(
        quiz("pycharm", json!({"title": "x"})),
        json!({"block": {"name": "pycharm", "text": "<p>As <a href=\"/lesson/803/step/1\">there</a>.</p>", "video": null,
            "options": {}, "source": {"title": "x"}}}),
    );
    stepik_course(
        json!({"description": "<p>Begin <a href=\"/lesson/801/step/2\">here</a>.</p>"}),
        &[
            (
                "Heat",
                vec![
                    says(
                        "<p>See <a href=\"/lesson/802/step/2#end\">work</a>, <a href=\"/lesson/803\">loss</a>.</p>",
                    ),
                    native,
                ],
            ),
            ("Work", vec![quiz("choice", odd), says("<p>Work.</p>")]),
            (
                "Loss",
                vec![
                    says(
                        "<p><a href=\"/lesson/801/step/1\">Heat</a>, <a href=\"https://example.org/lesson/801\">else</a></p>",
                    ),
                    says(
                        "<p><a href=\"/lesson/801/step/9\">gone</a>, <a href=\"/course/501/promo\">all</a></p>",
                    ),
                ],
            ),
        ],
    )
}

/// Writes the plan, and gives back what is there.
async fn moved(plan: &Plan, source: &dyn LmsProvider, target: &dyn LmsProvider) -> (CourseId, Content) {
    let written = apply(plan, source, target, &NewCourse::default(), &Quiet).await.expect("it is written");
    let verified = verify(plan, source, target, &written.course, &Quiet).await.expect("it reads");
    assert_eq!(verified.differences, []);
    let content =
        target.require_courses().expect("it reads").content(&written.course).await.expect("the course");
    (written.course, content)
}

/// All links of a course, text by text.
fn links(content: &Content) -> Vec<Vec<String>> {
    let mut all = vec![content.course.description.links()];
    for place in content.course.blocks() {
        let mut own = Vec::new();
        place.block.1.each_markup(&mut |markup| own.extend(markup.links()));
        all.push(own);
    }
    all
}

/// Findings of links: where, and which.
fn named(plan: &Plan) -> Vec<(String, String)> {
    let of_links = plan.findings.iter().filter(|finding| finding.what == "link to a page of the course");
    of_links
        .map(|finding| {
            assert_eq!(finding.severity, Severity::Approximated);
            let link = finding.fallback.clone().unwrap_or_default();
            (finding.path.clone(), link.trim_end_matches(" stays as it is").to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_lead_to_the_same_steps_of_another_site() {
    let (server, source) = stepik_with(&course()).await;
    let (other, target) = stepik_with(&json!({"courses": []})).await;
    let plan = plan(source.as_ref(), &"501".into(), target.as_ref()).await.expect("a plan");
    let site = server.credentials().url.trim_end_matches('/').to_owned();
    let there = |link: &str| ("3. Loss › 2. text".to_owned(), format!("{site}{link}"));
    let named: Vec<_> =
        named(&plan).into_iter().map(|(path, link)| (path.replace("1. Work › ", ""), link)).collect();
    assert_eq!(
        named.iter().map(|(_, link)| link.clone()).collect::<Vec<_>>(),
        [there("/lesson/801/step/9").1, there("/course/501/promo").1]
    );
    let (_, content) = moved(&plan, source.as_ref(), target.as_ref()).await;
    let lessons: Vec<String> =
        content.course.sections.iter().flat_map(|s| &s.lessons).map(|lesson| lesson.id.to_string()).collect();
    let site_there = other.credentials().url.trim_end_matches('/').to_owned();
    let page = |lesson: usize, step: usize| format!("{site_there}/lesson/{}/step/{step}", lessons[lesson]);
    assert_eq!(
        links(&content),
        [
            vec![page(0, 2)],
            vec![page(1, 2), page(2, 1)],
            vec![page(2, 1)],
            vec![page(1, 2)],
            vec![],
            vec![page(0, 1), "https://example.org/lesson/801".into()],
            vec![format!("{site}/lesson/801/step/9"), format!("{site}/course/501/promo")],
        ]
    );
    // What is kept as it was spelled says so too.
    let odd = content.course.blocks().nth(2).expect("the choice").block.1;
    let kept = odd.extras.get(Platform::Stepik, "verbatim").map(ToString::to_string).unwrap_or_default();
    assert!(kept.contains("\\\\(x") && kept.contains(&page(1, 2)), "{kept} in {:?}", odd.extras);
    let BlockBody::Foreign(native) = &content.course.blocks().nth(1).expect("it").block.1.body else {
        panic!()
    };
    assert!(native.source.contains(&page(2, 1)), "{}", native.source);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_lead_to_the_same_steps_of_other_platforms() {
    let (_server, source) = stepik_with(&course()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let olx: Arc<dyn LmsProvider> =
        Arc::new(OlxArchive::create(folder.path().join("olx"), ArchiveForm::Folder).expect("a place"));
    let tasks: Arc<dyn LmsProvider> =
        Arc::new(FolderCourse::create(folder.path().join("heat")).expect("a place"));
    for target in [olx, tasks] {
        let plan = plan(source.as_ref(), &"501".into(), target.as_ref()).await.expect("a plan");
        assert_eq!(named(&plan).len(), 2, "{:?}", named(&plan));
        let (id, content) = moved(&plan, source.as_ref(), target.as_ref()).await;
        let steps: Vec<String> = content.course.steps().map(|step| step.id.to_string()).collect();
        let page = |step: usize| match target.info().platform {
            Platform::OpenEdx => format!("/jump_to_id/{}", steps[step]),
            _ => format!("/course/{id}/{}", steps[step]),
        };
        let links = links(&content);
        assert_eq!(links[1], [page(3), page(4)]);
        assert_eq!(links[5], [page(0), "https://example.org/lesson/801".into()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_what_is_left_out_is_named() {
    let (server, source) = stepik_with(&course()).await;
    let (_other, target) = stepik_with(&json!({"courses": []})).await;
    let filter = Filter { without_lessons: vec!["Work".parse().expect("a pattern")], ..Filter::default() };
    let plan = plan_part(source.as_ref(), &"501".into(), target.as_ref(), &filter).await.expect("a plan");
    let site = server.credentials().url.trim_end_matches('/').to_owned();
    let named = named(&plan);
    assert_eq!(named.len(), 3, "{named:?}");
    assert_eq!(named[0].1, format!("{site}/lesson/802/step/2#end"));
    moved(&plan, source.as_ref(), target.as_ref()).await;
}

/// Units in this order; the one that links says which.
fn olx(folder: &std::path::Path, units: [&str; 3]) -> Arc<dyn LmsProvider> {
    let unit = |name: &&str| {
        let text = if *name == "links" {
            "<p>See <a href=\"/jump_to_id/page\">it</a>.</p>"
        } else {
            "<p>Words.</p>"
        };
        format!("<vertical url_name=\"{name}\"><html url_name=\"of-{name}\">{text}</html></vertical>")
    };
    let units: String = units.iter().map(unit).collect();
    let course = format!(
        "<course url_name=\"run\" org=\"O\" course=\"C\" display_name=\"C\"><chapter url_name=\"c\" display_name=\"One\">\
         <sequential url_name=\"s\" display_name=\"Two\">{units}</sequential></chapter></course>"
    );
    fs::write(folder.join("course.xml"), course).expect("written");
    Arc::new(OlxArchive::open(folder).expect("it opens"))
}

/// Stepik links a step by its place, which another step may take.
#[tokio::test(flavor = "multi_thread")]
async fn they_follow_a_step_that_moves() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_other, target) = stepik_with(&json!({"courses": []})).await;
    let state = tempfile::tempdir().expect("a folder");
    let id = CourseId::new("course-v1:O+C+run");
    let run = async |units: [&str; 3]| {
        let source = olx(folder.path(), units);
        let journal = Journal::open(state.path(), Pair::new(source.info(), &id, target.info(), None));
        let journal = journal.expect("a journal");
        let (source, target) = (source.as_ref(), target.as_ref());
        let options = SyncOptions { backup: Backup::Skip, ..SyncOptions::default() };
        let plan = plan(source, &id, target).await.expect("a plan");
        let work = Work::prepare(plan.clone(), source, target, &journal, options).await.expect("prepared");
        let (done, changes) = (work.is_done(), work.changes().summary());
        let written = work.carry_out(source, target, &journal, &Quiet, &Stop::new()).await;
        let course = written.expect("it is written").course;
        let verified = verify(&plan, source, target, &course, &Quiet).await.expect("it reads");
        assert_eq!(verified.differences, [], "{changes}");
        let content = target.require_courses().expect("it reads").content(&course).await.expect("the course");
        (done, changes, links(&content).concat())
    };
    for (units, step) in [(["links", "other", "page"], 3), (["links", "page", "other"], 2)] {
        let (done, changes, links) = run(units).await;
        assert!(
            !done && links.len() == 1 && links[0].ends_with(&format!("/step/{step}")),
            "{changes}: {links:?}"
        );
        let (done, changes, _) = run(units).await;
        assert!(done, "a second run: {changes}");
    }
}

#[test]
fn verification_sees_where_they_lead() {
    let course = |to: &str| {
        let html = format!("<p><a href=\"{}\">there</a></p>", StepId::new(to).link());
        let mut lesson = Lesson::new("l", "L");
        for (id, html) in [("a", html.as_str()), ("b", "<p>b</p>"), ("c", "<p>c</p>")] {
            let mut step = Step::new(id, "");
            step.blocks.push(Block::new(id, BlockBody::Text(Text { markup: html.into() })));
            lesson.steps.push(step);
        }
        let section = Section { lessons: vec![lesson], ..Section::new("s", "S") };
        Course { sections: vec![section], ..Course::new("x", "X") }
    };
    assert_eq!(compare(&course("b"), &course("b")), []);
    let differences = compare(&course("b"), &course("c"));
    let said: Vec<_> =
        differences.iter().map(|d| (d.what.as_str(), d.expected.as_str(), d.actual.as_str())).collect();
    assert_eq!(said, [("links in text", "S › L › step 2", "S › L › step 3")]);
}
