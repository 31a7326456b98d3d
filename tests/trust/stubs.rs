//! What a target cannot hold: learners get a text in its place, with a link back, and never an answer.

use std::fs;
use std::sync::Arc;

use lms::inginious::FolderCourse;
use lms::migrate::{Plan, Report, plan_content};
use lms::openedx::{ArchiveForm, OlxArchive};
use lms::{
    Asset, AssetRole, Block, BlockBody, Content, Course, CoursesExt, LmsProvider, LmsProviderExt, Platform,
    ProviderInfo, Transcript, note_pages,
};
use serde_json::json;

use crate::sites::{quiz, read_olx, read_stepik, stepik_course};

#[path = "../support/walk.rs"]
mod walk;

/// What no learner may read. Every native block below holds it where its platform keeps answers.
const ANSWER: &str = "hunter2";

/// Kinds of Stepik without neutral form, and quizzes that only Stepik can mark.
pub(crate) async fn stepik() -> Content {
    let secret = json!({"code": ANSWER, "answer": ANSWER, "test": [{"name": "t.py", "text": ANSWER}], "expression": ANSWER,
        "solve": ANSWER, "task": "What is \\a?", "grader_payload": ANSWER, "options": [{"text": "x", "is_correct": true}]});
    let kinds = [
        "admin",
        "linux-code",
        "pycharm",
        "trik",
        "chemical",
        "puzzle",
        "schulte",
        "external-grader",
        "hologram",
        "manual-score",
        "parsons",
        "random-tasks",
        "git",
    ];
    let mut lessons: Vec<_> = kinds.iter().map(|kind| (*kind, vec![quiz(kind, secret.clone())])).collect();
    let check = format!("def check(reply):\n    return reply == '{ANSWER}'\n");
    let string = json!({"pattern": ANSWER, "use_re": false, "match_substring": false, "case_sensitive": true, "code": check,
        "is_text_disabled": false, "is_file_disabled": true});
    lessons.push(("string", vec![quiz("string", string)]));
    let sql = json!({"init_sql": "create", "solve_sql": ANSWER, "check_code": ANSWER});
    lessons.push(("sql", vec![quiz("sql", sql)]));
    lessons.push(("dataset", vec![quiz("dataset", json!({"code": ANSWER}))]));
    read_stepik(&stepik_course(json!({}), &lessons)).await
}

/// Blocks of Open edX without neutral form.
pub(crate) async fn openedx() -> Content {
    let blocks = [
        "<problem><p>Well?</p><customresponse expect=\"hunter2\" cfn=\"f\"><textline correct_answer=\"hunter2\"/></customresponse>\
         <script type=\"loncapa/python\">def f(e, a): return a == 'hunter2'</script><solution><p>hunter2</p></solution></problem>",
        "<problem><p>Well?</p><imageresponse><imageinput src=\"/static/a.png\" width=\"9\" height=\"9\" rectangle=\"(1,1)-(2,2)\" \
         hunter2=\"\"/></imageresponse></problem>",
        "<problem><p>Well?</p><jsmeresponse><jsmeinput answer=\"hunter2\"/></jsmeresponse></problem>",
        "<problem><p>Well?</p><schematicresponse><schematic/><answer type=\"loncapa/python\">hunter2</answer>\
         </schematicresponse></problem>",
        "<problem><p>Well?</p><choicetextresponse><radiotextgroup><choice correct=\"true\">a \
         <numtolerance_input answer=\"hunter2\"/></choice></radiotextgroup></choicetextresponse></problem>",
        "<problem><p>Well?</p><javascriptresponse src=\"hunter2.js\"/></problem>",
        "<drag-and-drop-v2 data=\"{&quot;items&quot;:[{&quot;displayName&quot;:&quot;x&quot;,&quot;zones&quot;:[&quot;hunter2&quot;]}]}\"/>",
        "<poll question=\"Well?\" answers=\"[[&quot;a&quot;,&quot;hunter2&quot;]]\"/>",
        "<survey questions=\"hunter2\"/>",
        "<word_cloud instructions=\"hunter2\"/>",
        "<openassessment><prompts><prompt><description>Well?</description></prompt></prompts><rubric><criterion><name>n</name>\
         <prompt>hunter2</prompt></criterion></rubric></openassessment>",
        "<lti_consumer launch_url=\"https://lti.test\" lti_id=\"hunter2\"/>",
        "<freetextresponse full_credit_keyphrases=\"hunter2\"/>",
        "<hologram answer=\"hunter2\"/>",
    ];
    let mut content = read_olx(&blocks).await;
    note_pages(&mut content.course, Platform::OpenEdx, |place| Some(page(place.block.1)));
    content
}

/// Problems of INGInious that only its own graders can mark.
pub(crate) async fn inginious() -> Content {
    let task = |kind: &str, more: &str| {
        format!(
            "name: T\ncontext: Well?\nenvironment_type: docker\nenvironment_id: default\nenvironment_parameters: \
             {{limits: {{time: '30'}}, run_cmd: ''}}\nproblems:\n  q:\n    type: {kind}\n    name: Q\n    header: Well?\n{more}"
        )
    };
    let mut files = vec![("course.yaml".to_owned(), "name: C\nadmins: []\n".to_owned())];
    for kind in ["parsons", "network-trace", "blockly", "regex", "drag-and-drop", "code", "file"] {
        let more = format!("    solution: {ANSWER}\n    regex: {ANSWER}\n");
        files.push((format!("{kind}/task.yaml"), task(kind, &more)));
        files.push((format!("{kind}/run"), format!("#!/bin/bash\n# {ANSWER}\n")));
        files.push((format!("{kind}/public/a.txt"), "for all".to_owned()));
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in &files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("written");
    }
    let course = FolderCourse::open(folder.path()).expect("it opens");
    let courses = course.require_courses().expect("it reads");
    let id = courses.first_course().await.expect("a course").id;
    let mut content = courses.content(&id).await.expect("the course");
    note_pages(&mut content.course, Platform::Inginious, |place| Some(page(place.block.1)));
    content
}

fn page(block: &Block) -> String {
    format!("https://there.test/{}", block.id.as_str().replace('/', "-"))
}

/// A migration to each platform but the one that the course is from.
fn rehearsals(content: &Content, from: Platform) -> Vec<Plan> {
    let folder = tempfile::tempdir().expect("a folder");
    let options = [("client_id", "x"), ("client_secret", "x")];
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let targets: [Arc<dyn LmsProvider>; 3] = [
        lms::connect(Platform::Stepik, options).expect("the options are sound"),
        Arc::new(OlxArchive::create(folder.path().join("olx"), ArchiveForm::Folder).expect("a place")),
        Arc::new(FolderCourse::create(folder.path().join("folder")).expect("a place")),
    ];
    let source = ProviderInfo { platform: from, location: "there".into() };
    let others = targets.iter().filter(|target| target.info().platform != from);
    others.map(|target| plan_content(content.clone(), &source, target.as_ref()).expect("a plan")).collect()
}

/// What learners may get to see of a course: everything but native settings, keys and native sources.
fn seen(course: &Course) -> String {
    let mut said = serde_json::to_value(course).expect("JSON");
    let hidden = ["extras", "key", "source", "feedback", "hints", "grader"];
    fn strip(value: &mut serde_json::Value, hidden: &[&str]) {
        match value {
            serde_json::Value::Object(of) => {
                of.retain(|key, _| !hidden.contains(&key.as_str()));
                of.values_mut().for_each(|value| strip(value, hidden));
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|value| strip(value, hidden)),
            _ => {}
        }
    }
    strip(&mut said, &hidden);
    said.to_string()
}

#[tokio::test]
async fn a_stub_keeps_what_may_be_read_links_back_and_tells_no_answer() {
    for (from, content) in [
        (Platform::Stepik, stepik().await),
        (Platform::OpenEdx, openedx().await),
        (Platform::Inginious, inginious().await),
    ] {
        let native: Vec<&Block> = content
            .course
            .blocks()
            .map(|place| place.block.1)
            .filter(|block| matches!(block.body, BlockBody::Foreign(_)))
            .collect();
        assert!(native.len() >= 5, "{from}: {}", native.len());
        let text = serde_json::to_string(&content.course).expect("JSON");
        assert!(text.contains(ANSWER), "{from}: there is an answer to be told");
        for plan in rehearsals(&content, from) {
            let to = plan.target.platform;
            assert!(
                !seen(&plan.adapted.course).contains(ANSWER),
                "{from} to {to}: {}",
                seen(&plan.adapted.course)
            );
            for block in &native {
                let carried =
                    plan.adapted.carried.iter().find(|c| c.source == block.id).expect("it is carried");
                let id = carried.target.first().expect("as something");
                let there = plan.adapted.course.block(id).expect("it is there").block.1;
                let BlockBody::Text(there) = &there.body else { panic!("{from} to {to}: {there:?}") };
                let said = there.markup.html();
                assert!(
                    said.contains("The original on "),
                    "{from} to {to}, {}: no way back in {said}",
                    block.id
                );
                let named = plan.findings.iter().filter(|f| f.block.as_ref() == Some(&block.id)).count();
                assert!(named > 0, "{from} to {to}: {} is not named", block.id);
            }
            if to == Platform::Inginious {
                let kept = serde_json::to_string(&plan.adapted.course).expect("JSON");
                assert!(kept.contains(ANSWER), "{from}: the original lies in the description of the task");
            }
        }
    }
}

#[tokio::test]
async fn no_answer_lies_in_a_file_that_learners_can_fetch() {
    for (from, content) in [(Platform::Stepik, stepik().await), (Platform::OpenEdx, openedx().await)] {
        let folder = tempfile::tempdir().expect("a folder");
        let olx: Arc<dyn LmsProvider> =
            Arc::new(OlxArchive::create(folder.path().join("olx"), ArchiveForm::Folder).expect("a place"));
        let tasks: Arc<dyn LmsProvider> =
            Arc::new(FolderCourse::create(folder.path().join("tasks")).expect("a place"));
        for target in [olx, tasks].iter().filter(|target| target.info().platform != from) {
            let source = ProviderInfo { platform: from, location: "there".into() };
            let mut content = content.clone();
            // The files themselves are of no interest here.
            content.course.assets.clear();
            let plan = plan_content(content, &source, target.as_ref()).expect("a plan");
            let new = lms::NewCourse::default();
            lms::migrate::apply(&plan, target.as_ref(), target.as_ref(), &new, &lms::migrate::Quiet)
                .await
                .expect("it is written");
        }
        let mut read = 0;
        for entry in walk::walk(folder.path()) {
            let name = entry.strip_prefix(folder.path()).expect("inside").to_string_lossy().into_owned();
            // Learners get html blocks and static files of OLX, and `public` of INGInious.
            let shown =
                name.starts_with("olx/html/") || name.starts_with("olx/static/") || name.contains("/public/");
            if shown {
                read += 1;
                assert!(!fs::read_to_string(&entry).unwrap_or_default().contains(ANSWER), "{from}: {name}");
            }
        }
        assert!(from == Platform::OpenEdx || read > 10, "{from}: {read} files");
    }
}

/// Stepik gets a text with links, which is another form; INGInious knows no videos at all. That captions are lost
/// besides changes nothing in it.
#[tokio::test]
async fn a_video_that_becomes_a_link_is_counted_as_the_findings_call_it() {
    let video = r#"<video display_name="V" html5_sources="[&quot;https://example.org/v.mp4&quot;]"/>"#;
    let mut content = read_olx(&[video]).await;
    let captions = Asset {
        id: "de.srt".into(),
        name: "de.srt".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    };
    for block in content.course.sections.iter_mut().flat_map(|s| &mut s.lessons).flat_map(|l| &mut l.steps) {
        let BlockBody::Video(video) = &mut block.blocks[0].body else { panic!("a video") };
        video.transcripts.push(Transcript { language: "de".into(), asset: captions.id.clone() });
    }
    content.course.assets.push(captions);
    for plan in rehearsals(&content, Platform::OpenEdx) {
        let lost = plan.findings.iter().filter(|finding| finding.what.starts_with("captions")).count();
        assert_eq!(lost, 1, "{}", plan.target.platform);
        let counted = Report::new(&plan).kinds["video"];
        let expected = if plan.target.platform == Platform::Stepik { (1, 0) } else { (0, 1) };
        assert_eq!((counted.approximated, counted.dropped), expected, "{}", plan.target.platform);
    }
}
