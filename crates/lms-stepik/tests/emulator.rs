//! The provider against the Stepik emulator.

#[path = "../src/convert/samples.rs"]
mod samples;

use std::collections::BTreeMap;

use bytes::Bytes;
use lms_core::grade::{grade, probes};
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{RawRequest, Stepik, StepikBuilder};
use serde_json::json;

async fn start() -> StepikEmulator {
    StepikEmulator::start(Options::default()).await.expect("an emulator")
}

fn author(server: &StepikEmulator) -> Stepik {
    let who = server.credentials();
    let builder = StepikBuilder::new().with_base_url(server.url());
    builder.with_client(&who.client_id, who.client_secret.as_str()).build().expect("a provider")
}

fn learner(server: &StepikEmulator) -> Stepik {
    let who = server.credentials();
    StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password(&who.learner_username, who.learner_password.as_str())
        .build()
        .expect("a provider")
}

/// Writes an adapted course; answers its id.
async fn write(stepik: &Stepik, course: &Course, files: &[(&str, &'static [u8])]) -> CourseId {
    let authoring = stepik.authoring().expect("authoring");
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await.expect("a course");
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let (_, bytes) = files.iter().find(|(id, _)| *id == asset.id.as_str()).expect("a file");
        let body = AssetBody::from_bytes(Bytes::from_static(bytes));
        links.insert(asset.id.clone(), authoring.put_asset(&id, asset, body).await.expect("an attachment"));
    }
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = authoring.put_section(&id, section, &Slot::new(s), &links).await.expect("a section");
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id =
                authoring.put_lesson(&id, &section_id, lesson, &Slot::new(l)).await.expect("a lesson");
            for (t, step) in (1..).zip(&lesson.steps) {
                authoring.put_step(&id, &lesson_id, step, &Slot::new(t), &links).await.expect("a step");
            }
        }
    }
    authoring.finish(&id, &course.header(), &links).await.expect("steps that are ready");
    id
}

/// The course with ids that say where things are, so that two can be compared; files by name.
fn without_ids(course: &Course) -> Course {
    let names: BTreeMap<String, String> =
        course.assets.iter().map(|a| (format!("asset:{}", a.id), format!("asset:{}", a.name))).collect();
    let mut text = serde_json::to_string(course).expect("JSON");
    for (id, name) in names {
        text = text.replace(&id, &name);
    }
    let mut course: Course = serde_json::from_str(&text).expect("a course");
    course.id = "".into();
    course.cover = None;
    course.assets.iter_mut().for_each(|asset| asset.id = asset.name.as_str().into());
    course.assets.sort_by(|a, b| a.name.cmp(&b.name));
    let mut n = 0u64;
    for section in &mut course.sections {
        section.id = "".into();
        for lesson in &mut section.lessons {
            lesson.id = "".into();
            for step in &mut lesson.steps {
                n += 1;
                step.id = n.into();
                for block in &mut step.blocks {
                    block.id = n.into();
                    if let BlockBody::Exercise(exercise) = &mut block.body {
                        exercise.task = n.into();
                    }
                }
            }
        }
    }
    course
}

fn sample() -> Course {
    let mut course = samples::course(samples::exercises());
    course.summary = Some("All kinds".into());
    course.description = Markup::from_html("<p>See <a href=\"asset:data\">the data</a></p>");
    course.assets.push(Asset {
        id: "data".into(),
        name: "files/data.csv".into(),
        media_type: None,
        size: Some(3),
        role: AssetRole::Content,
    });
    let text = Markup::from_html("<img src=\"asset:data\"> and <span class=\"math inline\">\\(x_1\\)</span>");
    course.sections[0].lessons[0].steps[0].blocks[0].body = BlockBody::Text(Text { markup: text });
    course.sections[0].schedule.due = "2030-01-02T03:04:05Z".parse().ok();
    course
}

#[tokio::test]
async fn a_course_of_every_interaction_is_read_back_as_adapted() {
    let server = start().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&sample());
    let id = write(&stepik, &adapted.course, &[("data", b"1,2")]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    assert_eq!(content.findings, []);
    assert_eq!(without_ids(&content.course), without_ids(&adapted.course));
    assert_eq!(content.native.exercises["choice"], 5);
    assert_eq!(content.native.blocks["text"], 20);
    let again = stepik.authoring().expect("authoring").adapt(&content.course);
    assert_eq!(again.findings, []);
    let data = &content.course.assets[0];
    let body = stepik.courses().expect("courses").read_asset(&id, &data.id).await.expect("a file");
    assert_eq!(body.into_bytes(10).await.expect("bytes"), Bytes::from_static(b"1,2"));
}

#[tokio::test]
async fn native_quizzes_survive_the_way_through_the_platform() {
    let server = start().await;
    let stepik = author(&server);
    let id = write(&stepik, &samples::course(Vec::new()), &[]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let lesson = content.course.sections[0].lessons[0].id.clone();
    for (n, (name, source)) in samples::sources().into_iter().enumerate() {
        let body = json!({"stepSource": {"lesson": lesson, "position": n + 1, "cost": 2,
            "block": {"name": name, "text": "?", "source": source}}});
        let mut request = RawRequest::get("/api/step-sources");
        request.method = lms_http::Method::Post;
        request.safety = lms_http::Safety::Once;
        request.body = Some(body);
        stepik.raw(request).await.expect("a step");
    }
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let copy =
        write(&stepik, &stepik.authoring().expect("authoring").adapt(&content.course).course, &[]).await;
    let copied = stepik.courses().expect("courses").content(&copy).await.expect("the copy");
    assert_eq!(without_ids(&copied.course), without_ids(&content.course));
    assert!(copied.course.blocks().all(|place| place.block.1.exercise().is_some()));
}

#[tokio::test]
async fn verdicts_agree_with_the_reference_grader() {
    let server = start().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises()));
    let id = write(&stepik, &adapted.course, &[]).await;
    let content = stepik.courses().expect("courses").content(&id).await.expect("the course");
    let submissions = stepik.submissions().expect("submissions");
    let mut tried: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for place in content.course.blocks() {
        let (block, Some(exercise)) = (place.block.1, place.block.1.exercise()) else { continue };
        let task = TaskRef::new(id.clone(), exercise.task.clone());
        for probe in probes(exercise) {
            let expected = grade(exercise, &probe.response).expect("a mark");
            let answer = TaskAnswer::one(block.id.clone(), probe.response.clone());
            // What a learner could not even send is no answer: the platform refuses it, or we do.
            let got = match submissions.submit_and_wait(&task, &answer, Patience::default()).await {
                Ok(got) => got.verdict.expect("a verdict"),
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::InvalidInput, "{e}");
                    assert!(
                        !expected.correct,
                        "a right answer was refused: {e} {:?} {exercise:?}",
                        probe.response
                    );
                    continue;
                }
            };
            assert_eq!(got.correct, expected.correct, "{exercise:?}\n{:?}\n{got:?}", probe.response);
            assert!((got.score - expected.score).abs() < 1e-9, "{:?}", probe.response);
            let count = tried.entry(exercise.interaction.name()).or_default();
            if got.correct { count.0 += 1 } else { count.1 += 1 }
        }
    }
    for name in ["choice", "text_entry", "numeric", "match", "order", "gap", "table", "formula"] {
        assert!(tried.get(name).is_some_and(|(right, wrong)| *right > 0 && *wrong > 0), "{name}: {tried:?}");
    }
}

#[tokio::test]
async fn a_learner_answers_by_what_is_shown() {
    let server = start().await;
    let (stepik, learner) = (author(&server), learner(&server));
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises()));
    let mut course = adapted.course.clone();
    course.visibility = Visibility::Public;
    let id = write(&stepik, &course, &[]).await;
    let options = EnrollOptions::default();
    let enrollments = learner.enrollments().expect("enrollments");
    enrollments.enroll(&id, &Subject::Me, &options).await.expect("enrolled");
    enrollments.enroll(&id, &Subject::Me, &options).await.expect("twice is no error");
    let keys = stepik.courses().expect("courses").content(&id).await.expect("the course").course;
    let seen = learner.courses().expect("courses").content(&id).await.expect("the learner's course");
    assert!(seen.course.blocks().filter_map(|p| p.block.1.exercise()).all(|e| e.key.is_none()));
    let tasks = learner.tasks().expect("tasks");
    let list = tasks.list(&id, TaskQuery::default()).expect("tasks").all().await.expect("tasks");
    assert_eq!(list.len(), samples::exercises().len());
    assert!(list.iter().all(|task| task.status == Some(TaskStatus::NotAttempted)));
    for summary in &list {
        let task = TaskRef::new(id.clone(), summary.id.clone());
        let shown = tasks.get(&task).await.expect("a task");
        let exercise = &shown.parts[0].exercise;
        let known =
            keys.block(&BlockId::from(summary.id.as_str())).expect("it").block.1.exercise().expect("it");
        let Some(response) = right_answer(known, exercise) else { continue };
        let submissions = learner.submissions().expect("submissions");
        let answer = TaskAnswer::one(shown.parts[0].block.clone(), response);
        let got = submissions.submit_and_wait(&task, &answer, Patience::default()).await.expect("a verdict");
        assert!(got.verdict.as_ref().is_some_and(|v| v.correct), "{exercise:?} {answer:?} {got:?}");
        let listed =
            submissions.list(&task, SubmissionQuery::default()).expect("list").all().await.expect("list");
        assert_eq!(listed[0].id, got.id);
    }
    let mine = learner.grades().expect("grades").mine(&id).await.expect("a grade");
    assert!(mine.points.is_some_and(|points| points >= 18.0), "{mine:?}");
    let roster =
        stepik.enrollments().expect("enrollments").list(&id, EnrollmentQuery::default()).expect("a list");
    let me = learner.accounts().expect("accounts").me().await.expect("me");
    assert!(roster.all().await.expect("a roster").iter().any(|e| e.user == me.id));
    let all = stepik.grades().expect("grades").list(&id, GradeQuery::default()).expect("a list").all().await;
    assert!(
        all.expect("grades")
            .iter()
            .any(|grade| grade.user == me.id && (grade.share - mine.share).abs() < 1e-9)
    );
    enrollments.unenroll(&id, &Subject::Me).await.expect("unenrolled");
}

/// The right answer by texts, in the positions that the learner is shown.
fn right_answer(known: &Exercise, shown: &Exercise) -> Option<Response> {
    let right = |at: usize, of: &[&Markup], among: &[&Markup]| {
        among.iter().position(|text| *text == of[at]).expect("the same texts")
    };
    Some(match (&known.interaction, &shown.interaction, known.key.as_ref()?) {
        (Interaction::Choice(all), Interaction::Choice(seen), Key::Choice { correct }) => {
            let all: Vec<&Markup> = all.options.iter().map(|o| &o.text).collect();
            let seen: Vec<&Markup> = seen.options.iter().map(|o| &o.text).collect();
            let selected =
                correct.iter().filter_map(|at| seen.iter().position(|text| *text == all[*at])).collect();
            Response::Choice { selected }
        }
        (Interaction::Match(all), Interaction::Match(seen), Key::Match { targets }) => {
            let (sources, all_sources): (Vec<&Markup>, Vec<&Markup>) =
                (seen.sources.iter().collect(), all.sources.iter().collect());
            let (shown, all): (Vec<&Markup>, Vec<&Markup>) =
                (seen.targets.iter().collect(), all.targets.iter().collect());
            let mut answer = vec![None; sources.len()];
            for (at, target) in targets.iter().enumerate() {
                answer[right(at, &all_sources, &sources)] = target.first().map(|t| right(*t, &all, &shown));
            }
            Response::Match { targets: answer }
        }
        (Interaction::Order(all), Interaction::Order(seen), Key::Order { order }) => {
            let (shown, all): (Vec<&Markup>, Vec<&Markup>) =
                (seen.items.iter().collect(), all.items.iter().collect());
            Response::Order { order: order.iter().map(|at| right(*at, &all, &shown)).collect() }
        }
        (Interaction::Table(all), Interaction::Table(seen), Key::Table { rows }) => {
            let columns: Vec<&Markup> = seen.columns.iter().collect();
            let all_columns: Vec<&Markup> = all.columns.iter().collect();
            let row = |name: &Markup| all.rows.iter().position(|r| r == name).expect("the same rows");
            let ticked = |at: usize| rows[at].iter().map(|c| right(*c, &all_columns, &columns)).collect();
            Response::Table { rows: seen.rows.iter().map(|name| ticked(row(name))).collect() }
        }
        (Interaction::Code(_), Interaction::Code(_), _) => {
            Response::Code { language: String::new(), source: "# expect: correct".into() }
        }
        (Interaction::ExtendedText(_), ..) => Response::ExtendedText { text: "words".into() },
        _ => {
            probes(known)
                .into_iter()
                .find(|probe| grade(known, &probe.response).is_ok_and(|m| m.correct))?
                .response
        }
    })
}

#[tokio::test]
async fn writing_again_changes_in_place_and_deleting_removes() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let adapted =
        authoring.adapt(&samples::course(samples::exercises().into_iter().take(1).collect())).course;
    let id = write(&stepik, &adapted, &[]).await;
    let courses = stepik.courses().expect("courses");
    let mut now = courses.content(&id).await.expect("it").course;
    let links = AssetLinks::new();
    now.sections[0].title = "Renamed".into();
    now.sections[0].lessons[0].title = "Renamed too".into();
    let section = now.sections[0].clone();
    let lesson = section.lessons[0].clone();
    let slot = |id: &SectionId| Slot { position: 1, existing: Some(id.clone()) };
    assert_eq!(
        authoring.put_section(&id, &section, &slot(&section.id), &links).await.expect("it"),
        section.id
    );
    let to = Slot { position: 1, existing: Some(lesson.id.clone()) };
    assert_eq!(authoring.put_lesson(&id, &section.id, &lesson, &to).await.expect("it"), lesson.id);
    let mut step = lesson.steps[0].clone();
    step.blocks[0].body = BlockBody::Text(Text { markup: "Changed".into() });
    now.sections[0].lessons[0].steps[0] = step.clone();
    let to = Slot { position: 1, existing: Some(step.id.clone()) };
    assert_eq!(authoring.put_step(&id, &lesson.id, &step, &to, &links).await.expect("it"), step.id);
    authoring.finish(&id, &now.header(), &links).await.expect("ready");
    assert_eq!(courses.content(&id).await.expect("it").course, now);
    authoring.delete_step(&id, &lesson.steps[1].id).await.expect("gone");
    assert_eq!(courses.content(&id).await.expect("it").course.steps().count(), 1);
    authoring.delete_section(&id, &section.id).await.expect("gone");
    assert_eq!(courses.content(&id).await.expect("it").course.sections, []);
    let again = RawRequest::get(format!("/api/lessons/{}", lesson.id));
    assert_eq!(stepik.raw(again).await.expect_err("the lesson is gone").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_broken_quiz_is_named_when_the_course_is_finished() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let mut course = samples::course(Vec::new());
    let mut exercise = samples::exercises().swap_remove(4);
    exercise.key = Some(Key::Text {
        accept: vec![TextAccept { text: "(".into(), rule: TextRule::Regex, case_sensitive: true }],
    });
    let mut step = Step::new("broken", "");
    step.blocks.push(Block::new("b", BlockBody::Exercise(Box::new(exercise))));
    course.sections[0].lessons[0].steps.push(step);
    let course = authoring.adapt(&course).course;
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await.expect("a course");
    let links = AssetLinks::new();
    let section = authoring.put_section(&id, &course.sections[0], &Slot::new(1), &links).await.expect("it");
    let lesson = &course.sections[0].lessons[0];
    let lesson_id = authoring.put_lesson(&id, &section, lesson, &Slot::new(1)).await.expect("it");
    authoring.put_step(&id, &lesson_id, &lesson.steps[0], &Slot::new(1), &links).await.expect("taken");
    let error = authoring.finish(&id, &course.header(), &links).await.expect_err("not ready");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.fields()[0].0.contains("broken"), "{error}");
}

#[tokio::test]
async fn accounts_open_and_sign_in_and_guests_are_found_out() {
    let server = start().await;
    let who = server.credentials();
    let new = NewAccount {
        username: None,
        email: "new@stepik.example".into(),
        password: "long-enough-1".into(),
        name: "Nina New".into(),
        accepted_terms: true,
        fields: Vec::new(),
    };
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let registration = guest.registration().expect("registration");
    let Registered::Active(account) = registration.register(&new).await.expect("an account") else {
        panic!()
    };
    assert_eq!(account.name.as_deref(), Some("Nina New"));
    let twice = registration.register(&new).await.expect_err("taken");
    assert!(matches!(twice.kind(), ErrorKind::AlreadyExists | ErrorKind::InvalidInput), "{twice:?}");
    assert_eq!(twice.fields()[0].0, "email");
    let named = NewAccount { username: Some("nina".into()), ..new.clone() };
    assert_eq!(registration.register(&named).await.expect_err("no names").kind(), ErrorKind::Unsupported);
    let signed_in = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password("new@stepik.example", "long-enough-1")
        .build()
        .expect("a provider");
    let me = signed_in.accounts().expect("accounts").me().await.expect("me");
    assert_eq!(
        signed_in.accounts().expect("accounts").get(&Subject::User(me.id.clone())).await.expect("me").id,
        me.id
    );
    for stranger in
        [guest, StepikBuilder::new().with_base_url(server.url()).with_token("wrong").build().expect("it")]
    {
        let error = stranger.accounts().expect("accounts").me().await.expect_err("a guest");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    }
}

#[tokio::test]
async fn a_course_is_read_in_few_requests_and_listings_are_paged() {
    let server = start().await;
    let stepik = author(&server);
    let adapted = stepik.authoring().expect("authoring").adapt(&samples::course(samples::exercises())).course;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(write(&stepik, &adapted, &[]).await);
    }
    let courses = stepik.courses().expect("courses");
    let before = stepik.requests().read;
    courses.content(&ids[0]).await.expect("it");
    assert!(stepik.requests().read - before <= 6, "{} requests", stepik.requests().read - before);
    for query in [CourseQuery::new(), CourseQuery::new().with_teaching(), CourseQuery::new().with_enrolled()]
    {
        let listed = courses.list(query.clone()).expect("a list").all().await.expect("courses");
        assert!(ids.iter().all(|id| listed.iter().any(|course| course.id == *id)), "{query:?}: {listed:?}");
    }
    let mixed = CourseQuery::new().with_search("x").with_enrolled();
    assert_eq!(courses.list(mixed).expect_err("refused").kind(), ErrorKind::Unsupported);
    assert_eq!(courses.get(&"99999".into()).await.expect_err("none").kind(), ErrorKind::NotFound);
}

/// A course in the platform's own JSON: 15 sections, 100 lessons, 1000 steps.
fn large_course() -> serde_json::Value {
    let (mut sections, mut units, mut lessons, mut steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let ids = |from: u64, count: u64| (from..from + count).collect::<Vec<u64>>();
    for s in 0..15u64 {
        let mine: Vec<u64> = (0..100).filter(|l| l % 15 == s).map(|l| 2000 + l).collect();
        sections.push(
            json!({"id": 1000 + s, "course": 67, "title": format!("S{s}"), "position": s + 1, "units": mine}),
        );
    }
    for l in 0..100u64 {
        units.push(
            json!({"id": 2000 + l, "section": 1000 + l % 15, "lesson": 3000 + l, "position": l / 15 + 1}),
        );
        lessons.push(json!({"id": 3000 + l, "title": format!("L{l}"), "is_public": true, "steps": ids(10_000 + 10 * l, 10)}));
        for t in 0..10u64 {
            steps.push(json!({"id": 10_000 + 10 * l + t, "lesson": 3000 + l, "position": t + 1, "cost": 1, "status": "ready",
                "block": {"name": "number", "text": "<p>2+2?</p>", "source": {"options": [{"answer": "4", "max_error": "0"}]}}}));
        }
    }
    json!({"courses": [{"id": 67, "title": "Large", "language": "en", "is_public": true, "sections": ids(1000, 15)}],
        "sections": sections, "units": units, "lessons": lessons, "step-sources": steps})
}

#[tokio::test]
async fn a_thousand_steps_are_read_in_twenty_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("course.json");
    std::fs::write(&file, large_course().to_string()).expect("a file");
    let options = Options { load: vec![file], ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("an emulator");
    for (stepik, keys) in [(author(&server), true), (learner(&server), false)] {
        let content = stepik.courses().expect("courses").content(&"67".into()).await.expect("the course");
        let lessons = content.course.sections.iter().flat_map(|section| &section.lessons).count();
        assert_eq!(content.findings.len(), if keys { 0 } else { 1000 }, "one for each answer that is hidden");
        assert_eq!((content.course.sections.len(), lessons, content.course.steps().count()), (15, 100, 1000));
        assert_eq!(content.native.blocks["number"], 1000);
        let first = content.course.blocks().next().expect("a block");
        assert_eq!(first.block.1.exercise().expect("an exercise").key.is_some(), keys);
        assert!(stepik.requests().read <= 20, "{}", stepik.requests().read);
    }
}

#[tokio::test]
async fn the_cover_and_the_dates_go_with_the_course() {
    let server = start().await;
    let stepik = author(&server);
    let mut course = sample();
    course.cover = Some("data".into());
    course.schedule.start = "2030-01-01T00:00:00Z".parse().ok();
    course.extras.set(Platform::Stepik, "workload", "2 hours a week");
    course.extras.set(Platform::OpenEdx, "course_image", "x.png");
    let adapted = stepik.authoring().expect("authoring").adapt(&course);
    assert!(adapted.findings.iter().any(|finding| finding.what.contains("course_image")));
    let id = write(&stepik, &adapted.course, &[("data", b"1,2")]).await;
    let read = stepik.courses().expect("courses").content(&id).await.expect("the course").course;
    assert!(read.cover.is_some());
    assert_eq!((read.schedule, &read.extras), (adapted.course.schedule, &adapted.course.extras));
    let cover = read.cover.expect("a cover");
    let body = stepik.courses().expect("courses").read_asset(&id, &cover).await.expect("the file");
    assert_eq!(body.into_bytes(10).await.expect("bytes"), Bytes::from_static(b"1,2"));
}

#[tokio::test]
async fn an_existing_course_is_overwritten_only_when_asked() {
    let server = start().await;
    let stepik = author(&server);
    let authoring = stepik.authoring().expect("authoring");
    let course = authoring.adapt(&samples::course(Vec::new())).course;
    let id = write(&stepik, &course, &[]).await;
    let mut new = NewCourse { id: Some(id.clone()), existing: ExistingCourse::Refuse };
    let refused = authoring.create_course(&course.header(), &new).await.expect_err("there");
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    new.existing = ExistingCourse::Replace;
    assert_eq!(authoring.create_course(&course.header(), &new).await.expect("replaced"), id);
    assert_eq!(stepik.courses().expect("courses").content(&id).await.expect("it").course.sections, []);
    new.id = Some("424242".into());
    let chosen = authoring.create_course(&course.header(), &new).await.expect_err("no choice");
    assert_eq!(chosen.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn teachers_enroll_and_unenroll_others() {
    let server = start().await;
    let (stepik, learner) = (author(&server), learner(&server));
    let authoring = stepik.authoring().expect("authoring");
    let id = write(&stepik, &authoring.adapt(&samples::course(Vec::new())).course, &[]).await;
    let enrollments = stepik.enrollments().expect("enrollments");
    let who = Subject::Email(server.credentials().learner_username.clone());
    let enrolled = enrollments.enroll(&id, &who, &EnrollOptions::default()).await.expect("enrolled");
    let me = learner.accounts().expect("accounts").me().await.expect("me");
    assert_eq!(enrolled.user, me.id);
    let roster = || async { enrollments.list(&id, EnrollmentQuery::default()).expect("a list").all().await };
    assert!(roster().await.expect("a roster").iter().any(|e| e.user == me.id));
    enrollments.unenroll(&id, &Subject::User(me.id.clone())).await.expect("unenrolled");
    assert!(!roster().await.expect("a roster").iter().any(|e| e.user == me.id));
    let options = EnrollOptions { mode: Some("audit".into()), password: None };
    let refused = enrollments.enroll(&id, &Subject::Me, &options).await.expect_err("no modes");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let others = learner.enrollments().expect("enrollments").list(&id, EnrollmentQuery::default());
    let refused = others.expect("a list").all().await.expect_err("no rights");
    assert!(matches!(refused.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound), "{refused:?}");
}
