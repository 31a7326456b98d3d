//! A course on the emulator, and a learner in it.

use futures::StreamExt as _;
use lms_core::*;
use lms_emulator::Options;
use lms_emulator::stepik::StepikEmulator;
use lms_stepik::{Stepik, StepikBuilder};
use proptest::test_runner::TestRng;

use crate::{Seen, answers, terms};

/// Learner's answers at once.
const AT_ONCE: usize = 4;

/// One exercise on the emulator.
struct Posed {
    task: TaskRef,
    /// What the reference grader marks by.
    reference: Exercise,
    /// Answers are drawn with it.
    seed: u64,
}

pub(crate) struct Arena {
    learner: Stepik,
    posed: Vec<Posed>,
    _server: StepikEmulator,
}

impl Arena {
    /// Adapts the exercises for Stepik and writes them, a step for each.
    pub(crate) async fn open(exercises: Vec<Exercise>) -> Self {
        let server = emulator().await;
        let blocks = exercises.iter().enumerate().map(|(n, exercise)| {
            let exercise = Exercise { task: format!("b{n}").into(), ..exercise.clone() };
            Block::new(format!("b{n}"), BlockBody::Exercise(Box::new(exercise)))
        });
        let given = course(blocks);
        let adapted = author(&server).authoring().expect("authoring").adapt(&given);
        let (author, id) = publish(&server, &adapted.course).await;
        let learner = learner(&server, &id).await;
        let content = author.courses().expect("courses").content(&id).await.expect("the course").course;
        let mut posed = Vec::new();
        for (n, (exercise, place)) in exercises.into_iter().zip(content.blocks()).enumerate() {
            let named = adapted.findings.iter().any(|f| f.block == Some(BlockId::from(format!("b{n}"))));
            let block = adapted.course.block(&format!("b{n}").into()).expect("the block").block.1;
            let adapted = block.exercise().unwrap_or_else(|| panic!("it became a text: {exercise:?}"));
            let read =
                place.block.1.exercise().unwrap_or_else(|| panic!("it came back as none: {exercise:?}"));
            let again = Exercise { task: adapted.task.clone(), ..read.clone() };
            assert_eq!(again, *adapted, "what is written is what is read");
            // What was not announced marks as before, so the exercise as it was drawn is the measure.
            let reference = if named { adapted.clone() } else { exercise };
            posed.push(Posed {
                task: TaskRef::new(id.clone(), read.task.clone()),
                reference,
                seed: n as u64,
            });
        }
        Self { learner, posed, _server: server }
    }

    /// Answers everything.
    pub(crate) async fn hold(&self, salt: TestRng) -> Seen {
        let mut seen = Seen::default();
        let all = futures::stream::iter(&self.posed).map(|posed| self.answer(posed, salt.clone()));
        let all: Vec<Seen> = all.buffer_unordered(AT_ONCE).collect().await;
        for one in all {
            seen.right += one.right;
            seen.wrong += one.wrong;
            seen.refused += one.refused;
            seen.disagreements.extend(one.disagreements);
        }
        seen
    }

    async fn answer(&self, posed: &Posed, mut dice: TestRng) -> Seen {
        let mut seen = Seen::default();
        let tasks = self.learner.tasks().expect("tasks");
        let submissions = self.learner.submissions().expect("submissions");
        let mut shown = tasks.get(&posed.task).await.expect("the task").parts.remove(0);
        let as_shown = |shown: &Exercise| {
            terms::as_shown(&posed.reference, shown)
                .unwrap_or_else(|| panic!("it is shown otherwise: {:?}\n{shown:?}", posed.reference))
        };
        let mut reference = as_shown(&shown.exercise);
        let mut all = answers::all(&reference);
        for turn in 0..answers::EACH {
            if turn > 0 && terms::is_sampled(&posed.reference) {
                shown = tasks.get(&posed.task).await.expect("the task").parts.remove(0);
                reference = as_shown(&shown.exercise);
                all = answers::all(&reference);
            }
            let Some((response, expected)) = answers::pick(&all, posed.seed, turn, &mut dice) else {
                continue;
            };
            let said = terms::translate(&reference.interaction, &shown.exercise.interaction, &response)
                .unwrap_or_else(|| panic!("it is shown otherwise: {reference:?}\n{:?}", shown.exercise));
            let answer = TaskAnswer::one(shown.block.clone(), said.clone());
            match submissions.submit_and_wait(&posed.task, &answer, Patience::default()).await {
                Ok(got) => {
                    let got = got.verdict.expect("a verdict");
                    if got.correct != expected.correct || (got.score - expected.score).abs() > 1e-9 {
                        seen.disagreements.push(format!(
                            "{:?} is worth {} and got {} ({:?}): {:?} {:?}",
                            response,
                            expected.score,
                            got.score,
                            got.feedback,
                            reference.interaction,
                            reference.key
                        ));
                    }
                    if got.correct { seen.right += 1 } else { seen.wrong += 1 }
                }
                // What cannot be sent is no right answer.
                Err(e) if e.kind() == ErrorKind::InvalidInput && !expected.correct => seen.refused += 1,
                Err(e) => seen.disagreements.push(format!("{response:?} was refused: {e}: {reference:?}")),
            }
        }
        seen
    }
}

/// One that judges at once.
pub(crate) async fn emulator() -> StepikEmulator {
    let options =
        Options { background_delay: std::time::Duration::ZERO, page_size: 50, ..Options::default() };
    StepikEmulator::start(options).await.expect("an emulator")
}

fn builder(server: &StepikEmulator) -> StepikBuilder {
    let who = server.credentials();
    let builder = StepikBuilder::new().with_base_url(server.url());
    builder.with_client(&who.client_id, who.client_secret.as_str())
}

pub(crate) fn author(server: &StepikEmulator) -> Stepik {
    builder(server).build().expect("a provider")
}

/// A learner who is enrolled.
pub(crate) async fn learner(server: &StepikEmulator, course: &CourseId) -> Stepik {
    let who = server.credentials();
    let builder = builder(server).with_password(&who.learner_username, who.learner_password.as_str());
    let learner = builder.build().expect("a provider");
    let enrollments = learner.enrollments().expect("enrollments");
    enrollments.enroll(course, &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    learner
}

/// A course of one lesson with these blocks, a step for each.
pub(crate) fn course(blocks: impl Iterator<Item = Block>) -> Course {
    let mut course = Course::new("c", "Drawn");
    course.language = Some("en".into());
    course.visibility = Visibility::Public;
    let mut section = Section::new("s", "Section");
    let mut lesson = Lesson::new("l", "Lesson");
    for block in blocks {
        let mut step = Step::new(block.id.as_str(), "");
        step.blocks.push(block);
        lesson.steps.push(step);
    }
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

/// Writes a course of one lesson; answers its author and its id.
pub(crate) async fn publish(server: &StepikEmulator, course: &Course) -> (Stepik, CourseId) {
    let author = author(server);
    let authoring = author.authoring().expect("authoring");
    let links = AssetLinks::new();
    let id = authoring.create_course(&course.header(), &NewCourse::default()).await.expect("a course");
    let (section, lesson) = (&course.sections[0], &course.sections[0].lessons[0]);
    let section_id = authoring.put_section(&id, section, &Slot::new(1), &links).await.expect("a section");
    let lesson_id = authoring.put_lesson(&id, &section_id, lesson, &Slot::new(1)).await.expect("a lesson");
    for (position, step) in (1..).zip(&lesson.steps) {
        authoring.put_step(&id, &lesson_id, step, &Slot::new(position), &links).await.expect("a step");
    }
    authoring.finish(&id, &course.header(), &links).await.expect("steps that are ready");
    (author.clone(), id)
}
