//! Marks by the problem code of Open edX itself (capa), held against the reference grader.
//!
//! `LMS_REAL_OPENEDX_PYTHON` names an interpreter with the platform's packages for the scripts in
//! `tests/real/openedx`; without it the tests print `skipped`.

mod course;
mod odd;
mod oracle;
mod random;
#[path = "../../../../tests/support/shared.rs"]
mod shared;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use lms_core::grade::{Mark, probes};
use lms_core::*;
use lms_openedx::{ArchiveForm, OlxArchive};
use oracle::{Oracle, Question, Said, input};

/// One answer whose mark is known.
struct Vector {
    course: String,
    label: String,
    exercise: Exercise,
    response: Response,
    expected: Mark,
}

/// Capa rounds the points of partly right checkboxes to two places.
fn agrees(said: Said, expected: Mark) -> bool {
    matches!(said, Said::Share(share) if (share - expected.score).abs() < 0.006)
}

/// Asks, and asks again about formulas that are marked otherwise: capa tries them at points that are
/// random each time, so a wrong one may come within the tolerance at all of them by chance.
fn ask(
    oracle: &Oracle,
    course: &Path,
    questions: &[Question],
    vectors: &[Vector],
) -> (Vec<Result<Said, String>>, BTreeMap<String, f64>) {
    let (mut said, possible) = oracle.answer(course, questions);
    for _ in 0..2 {
        let by_chance = |n: &usize| {
            matches!(vectors[*n].response, Response::Formula { .. })
                && matches!(said[*n], Ok(said) if !agrees(said, vectors[*n].expected))
        };
        let again: Vec<usize> = (0..vectors.len()).filter(by_chance).collect();
        if again.is_empty() {
            break;
        }
        let few: Vec<Question> = again.iter().map(|n| questions[*n].clone()).collect();
        for (n, answer) in again.into_iter().zip(oracle.answer(course, &few).0) {
            said[n] = answer;
        }
    }
    (said, possible)
}

/// No difference between Open edX and the reference grader is excused: the answers that are tried leave out
/// what platforms are known to read differently.
#[derive(Default)]
struct Tally {
    agreed: usize,
    unasked: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, vector: &Vector, said: Result<Said, String>) {
        let Vector { course, label, exercise, response, expected } = vector;
        let said = match said {
            Ok(said) => said,
            Err(why) => {
                *self.unasked.entry(format!("{course}: {why}")).or_default() += 1;
                return;
            }
        };
        if agrees(said, *expected) {
            self.agreed += 1;
        } else {
            let key: String =
                serde_json::to_string(&exercise.key).unwrap_or_default().chars().take(300).collect();
            self.wrong.push(format!(
                "{course} {label}: {response:?} is {said:?}, not {}; key {key}",
                expected.score
            ));
        }
    }

    fn points(&mut self, of: &str, course: &Course, possible: &BTreeMap<String, f64>) {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for place in course.blocks() {
            if let Some((problem, _, exercise)) = input(place.block.1) {
                *sums.entry(problem).or_default() += exercise.scoring.points;
            }
        }
        for (problem, sum) in sums {
            match possible.get(&problem) {
                Some(possible) if (possible - sum).abs() < 1e-9 => self.agreed += 1,
                Some(possible) => self.wrong.push(format!("{of} {problem}: {possible} points, not {sum}")),
                None => {}
            }
        }
    }

    fn report(&self, of: &str) {
        eprintln!("{of}: {} vectors agreed", self.agreed);
        for (why, n) in &self.unasked {
            eprintln!("  {n} could not be asked: {why}");
        }
    }
}

/// The inputs of problems: short id, exercise, a right answer.
type Problems = BTreeMap<String, Vec<(String, Exercise, Option<Response>)>>;

/// The inputs of a read course by problem, with one right answer for each where there is one.
fn problems(course: &Course) -> Problems {
    let mut problems = Problems::new();
    for place in course.blocks() {
        if let Some((problem, short, exercise)) = input(place.block.1) {
            let right = probes(exercise).into_iter().find(|p| p.expected.correct).map(|p| p.response);
            problems.entry(problem).or_default().push((short, exercise.clone(), right));
        }
    }
    problems
}

/// The question about one input, the others answered rightly where that is known.
fn question(problems: &Problems, problem: &str, about: &str, response: &Response) -> Question {
    let answers = problems[problem].iter().filter_map(|(short, exercise, right)| {
        let response = if short == about { response.clone() } else { right.clone()? };
        Some((short.clone(), exercise.clone(), response))
    });
    Question { problem: problem.to_owned(), answers: answers.collect(), about: about.to_owned() }
}

/// Every probe of every exercise of a read course.
fn of_course(name: &str, course: &Course) -> (Vec<Question>, Vec<Vector>) {
    let problems = problems(course);
    let (mut questions, mut vectors) = (Vec::new(), Vec::new());
    for (problem, inputs) in &problems {
        // Without a try nothing is marked.
        let open = inputs.iter().filter(|(_, exercise, _)| exercise.scoring.attempts != Some(0));
        for (short, exercise, _) in open {
            for probe in probes(exercise) {
                questions.push(question(&problems, problem, short, &probe.response));
                vectors.push(Vector {
                    course: name.to_owned(),
                    label: format!("{problem} {short} ({})", probe.label),
                    exercise: exercise.clone(),
                    response: probe.response,
                    expected: probe.expected,
                });
            }
        }
    }
    (questions, vectors)
}

async fn only_course(archive: &OlxArchive) -> Result<Content> {
    let courses = archive.require_courses()?;
    let all = courses.list(CourseQuery::new())?.all().await?;
    courses.content(&all.first().ok_or_else(|| Error::invalid("no course"))?.id).await
}

async fn write(archive: &OlxArchive, course: &Course) -> Result<()> {
    let authoring = archive.require_authoring()?;
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await?;
    write_into(archive, &id, course).await
}

/// A course as it is, its files included.
async fn copy_files(from: &OlxArchive, to: &OlxArchive, course: &Course) -> Result<()> {
    let (courses, authoring) = (from.require_courses()?, to.require_authoring()?);
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await?;
    for asset in &course.assets {
        let body = courses.read_asset(&course.id, &asset.id).await?;
        authoring.put_asset(&id, asset, body).await?;
    }
    write_into(to, &id, course).await
}

async fn write_into(archive: &OlxArchive, id: &CourseId, course: &Course) -> Result<()> {
    let authoring = archive.require_authoring()?;
    let links = AssetLinks::new();
    for (s, section) in (1..).zip(&course.sections) {
        let section_id = authoring.put_section(id, section, &Slot::new(s), &links).await?;
        for (l, lesson) in (1..).zip(&section.lessons) {
            let lesson_id = authoring.put_lesson(id, &section_id, lesson, &Slot::new(l)).await?;
            for (t, step) in (1..).zip(&lesson.steps) {
                authoring.put_step(id, &lesson_id, step, &Slot::new(t), &links).await?;
            }
        }
    }
    authoring.finish(id, &course.header(), &links).await
}

fn exercise_blocks(course: &Course) -> Vec<&Block> {
    course.blocks().map(|place| place.block.1).filter(|block| block.exercise().is_some()).collect()
}

/// Writes a course, reads it back and has every probe of every exercise marked: by the key that was read, and
/// by the source's wherever no finding says that it is carried otherwise.
async fn hold(oracle: &Oracle, name: &str, source: &Course) -> Tally {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("course");
    let archive = OlxArchive::create(&path, ArchiveForm::Folder).expect("an archive");
    let adapted = archive.require_authoring().expect("authoring").adapt(source);
    write(&archive, &adapted.course).await.expect("written");
    let archive = OlxArchive::open(&path).expect("an archive");
    let back = only_course(&archive).await.expect("the course");
    let (written, read) = (exercise_blocks(&adapted.course), exercise_blocks(&back.course));
    let tasks = |blocks: &[&Block]| -> Vec<String> {
        blocks.iter().filter_map(|block| Some(block.exercise()?.task.to_string())).collect()
    };
    let (wanted, there) = (tasks(&written), tasks(&read));
    assert_eq!(wanted.len(), there.len(), "written {wanted:?}, read {there:?}, {:?}", back.findings);
    for (written, read) in written.iter().zip(&read) {
        let parts =
            |block: &Block| block.exercise().map(|e| (e.interaction.clone(), e.key.clone(), e.scoring));
        assert_eq!(parts(written), parts(read), "{}", written.id);
    }
    let (mut questions, mut vectors) = of_course(name, &back.course);
    let problems = problems(&back.course);
    let mut known: HashSet<String> =
        questions.iter().zip(&vectors).map(|(q, v)| format!("{q:?} {:?}", v.expected)).collect();
    for block in exercise_blocks(source) {
        let carried = adapted.carried.iter().find(|c| c.source == block.id).expect("carried");
        let ([target], false) =
            (carried.target.as_slice(), adapted.findings.iter().any(|f| f.block.as_ref() == Some(&block.id)))
        else {
            continue;
        };
        let Some(at) = written.iter().position(|written| written.id == *target) else { continue };
        let Some((problem, short, _)) = input(read[at]) else { panic!("{target} is no input") };
        let exercise = block.exercise().expect("an exercise");
        for probe in probes(exercise) {
            let asked = question(&problems, &problem, &short, &probe.response);
            // What was read mostly gives the same questions; one answer to each is enough.
            if !known.insert(format!("{asked:?} {:?}", probe.expected)) {
                continue;
            }
            questions.push(asked);
            vectors.push(Vector {
                course: "source".into(),
                label: format!("{} ({})", block.id, probe.label),
                exercise: exercise.clone(),
                response: probe.response,
                expected: probe.expected,
            });
        }
    }
    let (said, possible) = ask(oracle, &path, &questions, &vectors);
    let mut tally = Tally::default();
    for (vector, said) in vectors.iter().zip(said) {
        tally.add(vector, said);
    }
    tally.points(name, &back.course, &possible);
    tally.report(name);
    assert!(tally.wrong.is_empty(), "{} vectors disagree:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(tally.unasked.is_empty(), "every exercise that we write loads");
    tally
}

/// What we write is marked by Open edX as the reference grader marks what we read back, and as it marks
/// the source.
#[tokio::test(flavor = "multi_thread")]
async fn written_exercises_are_marked_as_their_keys_say() {
    let Some(oracle) = Oracle::find() else { return };
    let tally = hold(&oracle, "written", &course::every_interaction()).await;
    assert!(tally.agreed > 300, "{} agreed", tally.agreed);
}

/// The same for a hundred random exercises of each response type and form.
#[tokio::test(flavor = "multi_thread")]
async fn random_exercises_are_marked_as_their_keys_say() {
    let Some(oracle) = Oracle::find() else { return };
    let exercises = random::exercises();
    let all = exercises.len();
    assert_eq!(all, random::FORMS * random::EACH);
    let tally = hold(&oracle, "random", &course::of(exercises)).await;
    // Five answers to each at least.
    assert!(tally.agreed > 5 * all, "{} agreed", tally.agreed);
}

/// Every problem of every real course loads when we have written it, if it loaded before: those that have no neutral
/// form (programs, variables, drawings) too, for which the reader says so.
#[tokio::test(flavor = "multi_thread")]
async fn problems_of_real_courses_load_when_they_are_written() {
    let Some(oracle) = Oracle::find() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let mut courses = Vec::new();
    for folder in shared::folders("courses/openedx") {
        let Ok(archive) = OlxArchive::open(Path::new(&folder)) else { continue };
        let Ok(content) = only_course(&archive).await else { continue };
        let copy = place.path().join(folder.file_name().unwrap_or_default());
        let written = OlxArchive::create(&copy, ArchiveForm::Folder).expect("an archive");
        copy_files(&archive, &written, &content.course).await.expect("copied");
        courses.extend([folder, copy]);
    }
    let (mut wrong, mut all) = (Vec::new(), 0);
    for (folder, pair) in courses.chunks(2).zip(oracle.loaded(&courses).chunks(2)) {
        let [was, is] = pair else { continue };
        all += is.len();
        let other: Vec<_> = was.iter().filter(|(name, loads)| is.get(*name) != Some(*loads)).collect();
        if !other.is_empty() || was.len() != is.len() {
            let name = folder[0].display();
            wrong.push(format!("{name}: {} problems, now {}; otherwise: {other:?}", was.len(), is.len()));
        }
    }
    eprintln!("{all} problems of real courses load as they did");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 250 || courses.is_empty(), "only {all} problems");
}

/// The exercises of real courses, written anew from the model alone, are marked by Open edX as the reference grader
/// marks what was read.
#[tokio::test(flavor = "multi_thread")]
async fn exercises_of_real_courses_are_marked_the_same_when_written_anew() {
    let Some(oracle) = Oracle::find() else { return };
    let mut exercises = Vec::new();
    for folder in shared::folders("courses/openedx") {
        let Ok(archive) = OlxArchive::open(Path::new(&folder)) else { continue };
        let Ok(content) = only_course(&archive).await else { continue };
        let all = content.course.blocks().filter_map(|place| place.block.1.exercise().cloned());
        // Files are not copied here, so that options with pictures would link to nothing.
        let pictures =
            |e: &Exercise| serde_json::to_string(&e.interaction).is_ok_and(|t| t.contains("asset:"));
        let open = all.filter(|exercise| exercise.scoring.attempts != Some(0));
        exercises.extend(open.filter(|exercise| !probes(exercise).is_empty() && !pictures(exercise)));
    }
    let all = exercises.len();
    let tally = hold(&oracle, "real exercises written anew", &course::of(exercises)).await;
    eprintln!("{all} exercises");
    assert!(tally.agreed >= 3 * all, "{} agreed", tally.agreed);
}

/// What we read in real courses is marked by Open edX as the reference grader marks it.
#[tokio::test(flavor = "multi_thread")]
async fn exercises_of_real_courses_are_marked_as_read() {
    let Some(oracle) = Oracle::find() else { return };
    let mut tally = Tally::default();
    let mut all = 0;
    for folder in shared::folders("courses/openedx") {
        let Ok(archive) = OlxArchive::open(Path::new(&folder)) else { continue };
        let Ok(content) = only_course(&archive).await else { continue };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (questions, vectors) = of_course(&name, &content.course);
        if questions.is_empty() {
            continue;
        }
        all += vectors.len();
        let (said, possible) = ask(&oracle, &folder, &questions, &vectors);
        for (vector, said) in vectors.iter().zip(said) {
            tally.add(vector, said);
        }
        tally.points(&name, &content.course, &possible);
    }
    tally.report("real courses");
    assert!(tally.wrong.is_empty(), "{} of {all} disagree:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
}
