//! Blocks, files, settings, runs and archives, against the emulated Studio: in a session and by token.

use bytes::Bytes;
use futures::StreamExt;
use lms_core::*;
use lms_openedx::*;
use serde_json::json;

use crate::world::{self, course, usage};

/// What learners see of a course, by kind and title.
async fn seen(edx: &OpenEdx) -> Vec<(String, String)> {
    let outline = edx.outline(&course(), &OutlineQuery::default()).await.expect("an outline");
    let blocks = outline.in_order().into_iter();
    blocks.map(|block| (block.kind.clone(), block.title.clone().unwrap_or_default())).collect()
}

#[tokio::test]
async fn a_unit_is_built_published_moved_and_deleted() {
    let server = world::start().await;
    let learner = world::learner(&server).await;
    for edx in [world::author(&server), world::by_token(&server)] {
        let before = seen(&learner).await;
        let section = usage("sequential", "hw1");
        let unit = edx.create_block(&section, &NewBlock::new("vertical", "New")).await.expect("a unit");
        let problem =
            edx.create_block(&unit, &NewBlock::new("problem", "A riddle")).await.expect("a problem");
        let xml =
            "<problem><numericalresponse answer=\"7\"><formulaequationinput/></numericalresponse></problem>";
        let change = BlockChange::data(xml).with("max_attempts", 2).with("weight", 1.5);
        edx.update_block(&problem, &change).await.expect("changed");
        let draft = edx.studio_block(&problem).await.expect("a block");
        assert_eq!(
            (draft.kind.as_str(), draft.title.as_deref(), draft.published),
            ("problem", Some("A riddle"), Some(false))
        );
        assert_eq!((&draft.metadata["max_attempts"], &draft.metadata["weight"]), (&json!(2), &json!(1.5)));
        assert!(draft.data.expect("XML").contains("answer=\"7\""));
        assert_eq!(seen(&learner).await, before, "a draft is nothing that learners see");
        edx.update_block(&unit, &BlockChange::publish(Publish::MakePublic)).await.expect("published");
        let after = seen(&learner).await;
        assert!(after.contains(&("problem".into(), "A riddle".into())), "{after:?}");

        // The key stays when it changes, and with it what was answered.
        let name = problem.as_str().rsplit('@').next().expect("a name");
        let task = TaskRef::new(course(), name);
        let part = learner.problem(&task).await.expect("a problem").inputs[0].part.clone();
        let answer = TaskAnswer::one(part, Response::number("7"));
        learner.require_submissions().expect("submissions").submit(&task, &answer).await.expect("taken");
        edx.update_block(&problem, &BlockChange::default().with("display_name", "Renamed"))
            .await
            .expect("renamed");
        assert!(!seen(&learner).await.contains(&("problem".into(), "Renamed".into())));
        edx.update_block(&unit, &BlockChange::publish(Publish::MakePublic)).await.expect("published");
        assert!(seen(&learner).await.contains(&("problem".into(), "Renamed".into())));
        assert_eq!(learner.problem(&task).await.expect("a problem").attempts_used, 1);

        edx.update_block(&problem, &BlockChange::data("<problem/>")).await.expect("changed");
        edx.update_block(&unit, &BlockChange::publish(Publish::Discard)).await.expect("discarded");
        assert!(edx.studio_block(&problem).await.expect("a block").data.expect("XML").contains("answer"));

        let copy = edx.duplicate_block(&unit, &section).await.expect("a copy");
        edx.move_block(&copy, &section, Some(0)).await.expect("moved");
        edx.update_block(&copy, &BlockChange::publish(Publish::MakePublic)).await.expect("published");
        let outline = learner.outline(&course(), &OutlineQuery::default()).await.expect("an outline");
        assert_eq!(outline.blocks[&section].children.first(), Some(&copy));
        for block in [&copy, &unit, &unit] {
            edx.delete_block(block).await.expect("deleted, or gone already");
        }
        assert_eq!(seen(&learner).await, before);
    }
}

#[tokio::test]
async fn what_studio_refuses_is_told() {
    let server = world::start().await;
    for edx in [world::author(&server), world::by_token(&server)] {
        let unit = usage("vertical", "unit1");
        let kind = async |block: &BlockId, change: BlockChange| -> ErrorKind {
            edx.update_block(block, &change).await.expect_err("refused").kind()
        };
        let mut order = BlockChange::default();
        order.children = Some(vec![usage("html", "read")]);
        assert_eq!(kind(&unit, order).await, ErrorKind::InvalidInput);
        let sum = usage("problem", "sum");
        assert_eq!(kind(&sum, BlockChange::default().with("weight", "much")).await, ErrorKind::InvalidInput);
        assert_eq!(kind(&sum, BlockChange::default().with("colour", "red")).await, ErrorKind::Unavailable);
        assert_eq!(kind(&sum, BlockChange::data("<problem>")).await, ErrorKind::InvalidInput);
        assert_eq!(
            kind(&usage("problem", "none"), BlockChange::data("<problem/>")).await,
            ErrorKind::NotFound
        );
        let misplaced = edx.create_block(&unit, &NewBlock::new("chapter", "x")).await.expect_err("refused");
        assert_eq!(misplaced.kind(), ErrorKind::InvalidInput, "{misplaced:?}");
        let requests = server.log().entries().len();
        edx.update_block(&sum, &BlockChange::default()).await.expect("nothing to do");
        assert_eq!(kind(&"sum".into(), BlockChange::data("x")).await, ErrorKind::InvalidInput);
        assert_eq!(server.log().entries().len(), requests);
    }
    let stranger = world::learner(&server).await.studio_block(&usage("problem", "sum")).await;
    assert_eq!(stranger.expect_err("no author").kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn files_are_listed_page_by_page_and_replaced() {
    let server = world::start().await;
    for edx in [world::author(&server), world::by_token(&server)] {
        for (name, text) in [("a b.txt", "1"), ("two.txt", "22"), ("two.txt", "333"), ("three.csv", "4")] {
            let file = edx.upload_file(&course(), name, Bytes::from(text)).await.expect("stored");
            assert_eq!(file.size, Some(text.len() as u64));
        }
        let mut query = FileQuery::default();
        query.page_size = Some(2);
        let mut pages = edx.course_files(&course(), query.clone()).expect("a listing").pages();
        let first = pages.next().await.expect("a page").expect("files");
        assert_eq!((first.items.len(), first.total), (2, Some(3)));
        query.from = first.next;
        let rest = edx.course_files(&course(), query.clone()).expect("a listing").all().await.expect("files");
        assert_eq!(rest.len(), 1);
        query = FileQuery::default();
        query.search = Some("a b".into());
        let found = edx.course_files(&course(), query).expect("a listing").all().await.expect("files");
        assert_eq!((found.len(), found[0].link.as_str()), (1, "/static/a_b.txt"));
    }
    let edx = world::author(&server);
    let file = edx.upload_file(&course(), "secret.txt", Bytes::from_static(b"x")).await.expect("stored");
    edx.lock_file(&course(), &file.id, FileAccess::Enrolled).await.expect("locked");
    edx.delete_file(&course(), &file.id).await.expect("deleted");
    assert_eq!(edx.delete_file(&course(), &file.id).await.expect_err("gone").kind(), ErrorKind::NotFound);
    let by_token = world::by_token(&server).delete_file(&course(), &file.id).await;
    assert_eq!(by_token.expect_err("a session is needed").kind(), ErrorKind::Config);
    let large = edx.upload_file(&course(), "large.bin", Bytes::from(vec![0; (20 << 20) + 1])).await;
    assert_eq!(large.expect_err("too large").kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn details_and_grading_are_read_and_changed() {
    let server = world::start().await;
    for (n, edx) in [world::author(&server), world::by_token(&server)].iter().enumerate() {
        let details = edx.course_details(&course()).await.expect("details");
        assert_eq!(details["start_date"], "2020-01-01T00:00:00Z");
        let text = format!("About sums, {n}");
        let changes = json!({"short_description": text, "end_date": "2030-01-01T00:00:00Z"});
        let changes = changes.as_object().cloned().expect("an object");
        let after = edx.update_course_details(&course(), changes.clone()).await.expect("changed");
        assert_eq!(
            (&after["short_description"], &after["start_date"]),
            (&json!(text), &details["start_date"])
        );
        let writes = server.log().writes();
        edx.update_course_details(&course(), changes).await.expect("so already");
        assert_eq!(server.log().writes(), writes);
        let bad = json!({"start_date": "soon"}).as_object().cloned().expect("an object");
        let error = edx.update_course_details(&course(), bad).await.expect_err("no date");
        assert_eq!((error.kind(), error.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "start_date"));

        let mut policy = edx.course_grading(&course()).await.expect("a policy");
        policy.categories[0].weight = 0.25 + 0.25 * n as f64;
        policy.cutoffs = vec![("Pass".into(), 0.6)];
        edx.update_course_grading(&course(), &policy).await.expect("changed");
        assert_eq!(edx.course_grading(&course()).await.expect("a policy"), policy);
        let lms = edx.grading_policy(&course()).await.expect("a policy");
        assert_eq!(lms[0].weight, policy.categories[0].weight, "fractions here, percents in Studio");
    }
}

#[tokio::test]
async fn runs_are_made_changed_and_copied() {
    let server = world::start().await;
    let edx = world::by_token(&server);
    let new = CourseId::from("course-v1:Tests+SUMS+2026");
    let mut settings = RunSettings::default();
    let error = edx.create_run(&new, &settings).await.expect_err("no title");
    assert_eq!((error.kind(), server.log().entries().len()), (ErrorKind::InvalidInput, 0));
    settings.title = Some("Next year".into());
    let mut dates = RunDates::default();
    let at = |text: &str| text.parse::<Timestamp>().expect("a date");
    dates.course = Some((at("2026-01-01T00:00:00Z"), at("2026-06-01T00:00:00Z")));
    settings.dates = Some(dates);
    settings.team = Some(vec![("author".into(), TeamRole::Instructor)]);
    let run = edx.create_run(&new, &settings).await.expect("a run");
    assert_eq!((run.title.as_str(), run.end), ("Next year", Some(at("2026-06-01T00:00:00Z"))));
    assert_eq!(edx.create_run(&new, &settings).await.expect_err("there").kind(), ErrorKind::AlreadyExists);

    let mut rename = RunSettings::default();
    rename.title = Some("Renamed".into());
    let renamed = edx.update_run(&new, &rename).await.expect("changed");
    assert_eq!((renamed.title.as_str(), renamed.team.len()), ("Renamed", 1), "the team stays");
    let copy = CourseId::from("course-v1:Tests+SUMS2+2027");
    assert_eq!(edx.rerun(&course(), &copy, &rename).await.expect("a copy").id, copy);
    let mut all = OutlineQuery::default();
    all.viewer = BlocksFor::Everything;
    let outline = edx.outline(&copy, &all).await.expect("an outline");
    assert!(outline.in_order().iter().any(|block| block.title.as_deref() == Some("A sum")));
    let twice = edx.rerun(&course(), &copy, &rename).await.expect_err("there");
    assert_eq!((twice.kind(), twice.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "run"));
    let other =
        edx.rerun(&course(), &"course-v1:Else+SUMS+1".into(), &rename).await.expect_err("another org");
    assert_eq!(other.kind(), ErrorKind::InvalidInput);
    let runs = edx.course_runs(None).expect("a listing").all().await.expect("runs");
    assert_eq!(runs.len(), 3, "over pages of two");
    let stranger = world::outsider(&server).course_run(&new).await.expect_err("no staff");
    assert_eq!(stranger.kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn an_archive_goes_out_and_in_and_a_refusal_has_its_reason() {
    let server = world::start().await;
    let edx = world::author(&server);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sums.tar.gz");
    edx.export_archive(&course(), &path).await.expect("exported");
    assert!(looks_like_olx(&path));
    let task = edx.start_import(&course(), &path).await.expect("begun");
    edx.finish_import(&task, Patience::default()).await.expect("imported");
    assert_eq!(edx.import_stage(&task).await.expect("a stage"), ImportStage::Succeeded);

    let wrong = folder.path().join("wrong.tar.gz");
    std::fs::write(&wrong, "no archive").expect("a file");
    let task = edx.start_import(&course(), &wrong).await.expect("begun");
    let error = edx.finish_import(&task, Patience::default()).await.expect_err("refused");
    let ImportStage::Failed { why: Some(why) } = edx.import_stage(&task).await.expect("a stage") else {
        panic!("the session's view has the reason")
    };
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains(&why), "{error}");
    let by_token = world::by_token(&server);
    assert_eq!(by_token.import_stage(&task).await.expect("a stage"), ImportStage::Failed { why: None });
    assert_eq!(
        by_token.export_archive(&course(), &path).await.expect_err("no session").kind(),
        ErrorKind::Config
    );
}
