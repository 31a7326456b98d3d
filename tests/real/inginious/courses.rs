//! Courses put on a real INGInious: the demo course, and each real Open edX course that lies beside the project.
//! Every page of a task opens, nothing in it failed to parse, and the site's graders judge right and wrong answers
//! as the reference grader does. `LMS_REAL_INGINIOUS` holds the line that `launcher.py` prints.

#[path = "../../../crates/lms-cli/src/sample/mod.rs"]
mod sample;
#[path = "../../support/shared.rs"]
mod shared;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};
use lms::grade::{Mark, grade, probes};
use lms::inginious::{FolderCourse, Inginious, InginiousBuilder, RawRequest};
use lms::migrate::{Plan, Quiet, apply, plan, verify};
use lms::openedx::OlxArchive;
use lms::{
    BlockId, CourseId, Courses, CoursesExt, Error, ErrorKind, Exercise, LmsProvider, LmsProviderExt,
    NewCourse, Patience, Response, Step, SubmissionState, SubmissionsExt, TaskAnswer, TaskQuery, TaskRef,
};
use lms_emulator::Options;
use lms_emulator::inginious::InginiousEmulator;
use serde_json::Value;
use shared::folders;

/// Courses that are wrong on purpose so that nothing can be read of them.
const UNREADABLE: [&str; 2] = ["cleaner-02", "cleaner-03"];
/// Answers to one task.
const TRIES: usize = 4;
/// Tasks looked at at once.
const AT_ONCE: usize = 4;

/// What was seen, over all courses.
#[derive(Debug, Default)]
struct Seen {
    pages: usize,
    /// Answers judged, by what judged them.
    judged: BTreeMap<&'static str, usize>,
    right: usize,
    /// Answers whose fate the server did not know itself.
    raced: usize,
    wrong: Vec<String>,
}

/// A server, as its super-administrator has it, and a learner.
struct Server {
    site: Inginious,
    learner: Inginious,
    /// The folder of its log and of its courses.
    data: PathBuf,
}

impl Server {
    /// The real one, where it runs.
    fn real() -> Option<Self> {
        let Ok(line) = std::env::var("LMS_REAL_INGINIOUS") else {
            eprintln!(
                "skipped: LMS_REAL_INGINIOUS is not set; `cargo xtask real` starts a server and sets it"
            );
            return None;
        };
        let server: Value = serde_json::from_str(&line).expect("the line of the launcher is JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let account = |name| sign_in(&text(&server["url"]), name, &text(&server["accounts"][name]));
        let (site, learner) = (account("superadmin"), account("learner"));
        let data = Path::new(&text(&server["mail"])).with_file_name("");
        Some(Self { site, learner, data })
    }
}

fn sign_in(url: &str, name: &str, password: &str) -> Inginious {
    let builder = InginiousBuilder::new().with_base_url(url).with_account(name, password);
    builder.build().expect("the options are sound")
}

#[tokio::test(flavor = "multi_thread")]
async fn courses_live_on_a_real_server() {
    let Some(Server { site, data, .. }) = Server::real() else { return };
    let log = data.join("server.log");
    let mut seen = Seen::default();
    let demo = sample::Sample::new();
    let (planned, id) = lives(&site, &demo, "demo", &log, &mut seen).await.expect("the demo course moves");
    let verification = verify(&planned, &demo, &site, &id, &Quiet).await.expect("it is read back");
    assert!(verification.holds(), "{:?}", verification.differences);
    let mut courses = 1;
    for path in folders("courses/openedx") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if UNREADABLE.contains(&name.as_str()) {
            continue;
        }
        courses += 1;
        let source = OlxArchive::open(&path).expect("a course");
        if let Err(error) = lives(&site, &source, &format!("olx-{name}"), &log, &mut seen).await {
            seen.wrong.push(format!("{name}: {error:?}"));
        }
    }
    eprintln!(
        "{courses} courses on the real server: {} pages of tasks opened, answers judged as by the reference grader: {:?} \
         ({} of them right), {} skipped because the server raced with itself",
        seen.pages, seen.judged, seen.right, seen.raced
    );
    assert!(seen.raced <= 10, "{} answers of unknown fate are no chance", seen.raced);
    assert!(seen.judged["mcq"] > 0 && seen.right > 0, "{seen:?}");
    assert!(seen.wrong.is_empty(), "{} complaints:\n{}", seen.wrong.len(), seen.wrong.join("\n"));
}

/// Each real folder, read and written again: the site opens every task of what we wrote that it opens of the original.
#[tokio::test(flavor = "multi_thread")]
async fn folders_open_as_their_originals_do() {
    let Some(Server { site, data, .. }) = Server::real() else { return };
    let tasks = data.join("tasks");
    let mut all = 0;
    for path in folders("courses/inginious") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (original, ours) = (format!("original-{name}"), format!("ours-{name}"));
        copy(&path, &tasks.join(&original));
        let head = tasks.join(&original).join("course.yaml");
        if !head.exists() {
            // Without it the site would see none of its tasks.
            std::fs::write(head, format!("name: {name}\n")).expect("written");
        }
        let source = FolderCourse::open(&path).expect("a folder");
        let target = FolderCourse::create(tasks.join(&ours)).expect("a place");
        let from = source.require_courses().expect("courses").first_course().await.expect("a course").id;
        let planned = plan(&source, &from, &target).await.expect("planned");
        apply(&planned, &source, &target, &NewCourse::default(), &Quiet).await.expect("written");
        let before = opened(&site, &original).await;
        let after = opened(&site, &ours).await;
        let lost: Vec<&String> = before.difference(&after).collect();
        eprintln!(
            "{name}: the site opens {} tasks of the original and {} of ours",
            before.len(),
            after.len()
        );
        assert!(lost.is_empty(), "{name}: no longer opened: {lost:?}");
        all += before.len();
    }
    assert!(all > 0 || folders("courses/inginious").is_empty(), "the site opens none of the originals");
}

/// A course in a `.zip` goes straight to a server.
#[tokio::test(flavor = "multi_thread")]
async fn archives_arrive_on_servers() {
    let emulator = InginiousEmulator::start(Options::default()).await.expect("it starts");
    archive_arrives(&sign_in(emulator.url(), "superadmin", &emulator.credentials().password)).await;
    if let Some(Server { site, .. }) = Server::real() {
        archive_arrives(&site).await;
    }
}

async fn archive_arrives(site: &Inginious) {
    let folder = tempfile::tempdir().expect("a folder");
    let (demo, path) = (sample::Sample::new(), folder.path().join("packed.zip"));
    let packed = FolderCourse::create(&path).expect("a place");
    let from = demo.require_courses().expect("courses").first_course().await.expect("a course").id;
    let planned = plan(&demo, &from, &packed).await.expect("planned");
    apply(&planned, &demo, &packed, &NewCourse::default(), &Quiet).await.expect("packed");

    let archive = FolderCourse::open(&path).expect("an archive");
    let planned = plan(&archive, &"packed".into(), site).await.expect("planned");
    let new = NewCourse { id: Some("packed".into()), ..NewCourse::default() };
    let id = apply(&planned, &archive, site, &new, &Quiet).await.expect("it arrives").course;
    let verification = verify(&planned, &archive, site, &id, &Quiet).await.expect("it is read back");
    assert!(verification.holds() && verification.exercises > 0, "{verification:?}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("copied");
        }
    }
}

/// The tasks that the site reads; none of a course that it does not read.
async fn opened(site: &Inginious, course: &str) -> BTreeSet<String> {
    let listing = site.require_tasks().expect("tasks").list(&course.into(), TaskQuery::default());
    match listing.expect("claimed").all().await {
        Ok(tasks) => tasks.into_iter().map(|task| task.id.to_string()).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => panic!("{course}: {error}"),
    }
}

/// Moves a course to the site and tries everything in it.
async fn lives(
    site: &Inginious,
    source: &dyn LmsProvider,
    id: &str,
    log: &Path,
    seen: &mut Seen,
) -> Result<(Plan, CourseId), Error> {
    let from = source.require_courses()?.first_course().await?.id;
    let planned = plan(source, &from, site).await?;
    let new = NewCourse { id: Some(id.into()), ..NewCourse::default() };
    let course = apply(&planned, source, site, &new, &Quiet).await?.course;
    let there = site.require_courses()?.content(&course).await?.course;
    let tasks: Vec<Looked> = stream::iter(there.steps().collect::<Vec<&Step>>())
        .map(|step| look(site, &course, step))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for task in tasks {
        seen.pages += usize::from(task.opened);
        seen.right += task.right;
        seen.raced += task.raced;
        *seen.judged.entry(task.grader).or_default() += task.judged;
        seen.wrong.extend(task.wrong.into_iter().map(|what| format!("{id}: {what}")));
    }
    let judged: usize = seen.judged.values().sum();
    eprintln!("{id}: so far {} pages, {judged} answers, complaints: {:?}", seen.pages, seen.wrong);
    let said = std::fs::read(log).expect("the server writes a log");
    let said = String::from_utf8_lossy(&said);
    let complaints =
        said.lines().filter(|l| l.starts_with(['W', 'E']) && l.contains(&format!("course.{id}")));
    seen.wrong.extend(complaints.map(|line| format!("{id}: the server's log says: {line}")));
    Ok((planned, course))
}

/// What came of one task.
#[derive(Debug, Default)]
struct Looked {
    opened: bool,
    grader: &'static str,
    judged: usize,
    right: usize,
    raced: usize,
    wrong: Vec<String>,
}

async fn look(site: &Inginious, course: &CourseId, step: &Step) -> Looked {
    let mut looked = Looked::default();
    let path = format!("/course/{course}/{}", step.id);
    match site.raw(RawRequest::get(path)).await {
        Ok(page) if page.status() == 200 => match page.text().await {
            Ok(html) => {
                looked.opened = true;
                for sign in ["Parsing failed", "class=\"system-message\"", "class=\"problematic\""] {
                    if html.contains(sign) {
                        looked.wrong.push(format!("{}: its page shows {sign}", step.id));
                    }
                }
            }
            Err(error) => looked.wrong.push(format!("{}: {error}", step.id)),
        },
        Ok(page) => looked.wrong.push(format!("{}: its page answers {}", step.id, page.status())),
        Err(error) => looked.wrong.push(format!("{}: its page: {error}", step.id)),
    }
    let parts: Vec<(&BlockId, &Exercise)> =
        step.blocks.iter().filter_map(|block| Some((&block.id, block.exercise()?))).collect();
    let description = format!("{}/task.yaml", step.id);
    let body = match site.read_asset(course, &description.as_str().into()).await {
        Ok(body) => body.into_bytes(1 << 20).await,
        Err(error) => Err(error),
    };
    let by_site = body.is_ok_and(|text| String::from_utf8_lossy(&text).contains("\nenvironment_type: mcq\n"));
    looked.grader = if by_site { "mcq" } else { "run script" };
    for answer in answers(&parts) {
        if let Err(why) = answered(site, course, step, &parts, answer, &mut looked).await {
            looked.wrong.push(format!("{}: {why}", step.id));
        }
    }
    looked
}

/// Answers to all parts of a task: all right, all wrong, and mixed ones.
fn answers(parts: &[(&BlockId, &Exercise)]) -> Vec<Vec<(Response, Mark)>> {
    let tried: Vec<Vec<_>> = parts
        .iter()
        .map(|(_, exercise)| {
            let mut all: Vec<_> = probes(exercise).into_iter().filter(|p| is_sendable(&p.response)).collect();
            all.sort_by_key(|probe| !probe.expected.correct);
            all
        })
        .collect();
    if tried.is_empty() || tried.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    (0..TRIES)
        .map(|n| {
            tried
                .iter()
                .enumerate()
                .map(|(part, probes)| {
                    let probe = match n {
                        0 => &probes[0],
                        1 => &probes[probes.len() - 1],
                        n => &probes[(n * 7 + part) % probes.len()],
                    };
                    (probe.response.clone(), probe.expected)
                })
                .collect()
        })
        .collect()
}

/// An answer that a form can carry; leaving everything empty is none.
fn is_sendable(response: &Response) -> bool {
    match response {
        Response::Choice { selected } => !selected.is_empty(),
        Response::Text { text } => !text.trim().is_empty(),
        Response::Number { number } => !number.trim().is_empty(),
        Response::Formula { formula } => !formula.trim().is_empty(),
        _ => false,
    }
}

async fn answered(
    site: &Inginious,
    course: &CourseId,
    step: &Step,
    parts: &[(&BlockId, &Exercise)],
    answer: Vec<(Response, Mark)>,
    looked: &mut Looked,
) -> Result<(), String> {
    for ((_, exercise), (response, mark)) in parts.iter().zip(&answer) {
        assert_eq!(grade(exercise, response).ok(), Some(*mark), "probes are what the grader says");
    }
    let task = TaskRef { course: course.clone(), task: step.id.as_str().into() };
    let sent = TaskAnswer(
        parts.iter().zip(&answer).map(|((id, _), (response, _))| ((*id).clone(), response.clone())).collect(),
    );
    let judged = match site.submit_and_wait(&task, &sent, Patience::default()).await {
        Ok(judged) => judged,
        // The server raced with itself, and whether it took the answer is not known.
        Err(e) if e.kind() == ErrorKind::OutcomeUnknown => {
            println!("skipped: {e}");
            looked.raced += 1;
            return Ok(());
        }
        Err(e) => return Err(format!("{e} {sent:?}")),
    };
    if judged.state != SubmissionState::Judged {
        return Err(format!("not judged: {judged:?}"));
    }
    let verdict = judged.verdict.ok_or("no verdict")?;
    let correct = answer.iter().all(|(_, mark)| mark.correct);
    let points: Vec<f64> = parts.iter().map(|(_, exercise)| exercise.scoring.points).collect();
    let total: f64 = points.iter().sum();
    let share = |points: &[f64], total: f64| -> f64 {
        answer.iter().zip(points).map(|((_, mark), points)| mark.score * points / total).sum()
    };
    let score = if total > 0.0 {
        share(&points, total)
    } else {
        share(&vec![1.0; points.len()], points.len() as f64)
    };
    // The site rounds percents to two decimals.
    if verdict.correct != correct || (verdict.score - score).abs() > 0.000_051 {
        return Err(format!(
            "judged {} {}, expected {correct} {score}: {sent:?}",
            verdict.correct, verdict.score
        ));
    }
    looked.judged += 1;
    looked.right += usize::from(correct);
    Ok(())
}
