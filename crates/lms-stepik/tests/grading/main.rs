//! The emulator marks as the reference grader does: 200 random exercises of each type are written to it,
//! and a learner gives right, wrong and nearly right answers.
//!
//! Left out, because the reference grader does not mark them or the platform is known to read them
//! otherwise: programs (`code`, `sql`, `dataset`), what people mark, white space within a number, which
//! Stepik takes out (reference stepik.md 4.6), and long texts of nothing but empty tags, on which no
//! source says a word (4.10).
//!
//! `LMS_GRADING_SEED` draws other exercises.

mod answers;
mod arena;
mod exercises;
mod native;
mod terms;

use arena::Arena;
use lms_core::Exercise;
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Exercises of each type.
const EXERCISES: usize = 200;
/// Exercises of one course.
const BATCH: usize = 50;

/// The dice of one type of exercise.
fn dice(kind: &str) -> TestRunner {
    let given = std::env::var("LMS_GRADING_SEED").unwrap_or_default();
    let mut seed = [7; 32];
    for (at, byte) in format!("{kind} {given}").bytes().enumerate() {
        seed[at % 32] ^= byte.rotate_left(at as u32 / 32);
    }
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// Draws exercises, has a learner answer them, and holds every mark against the reference grader's.
async fn hold(kind: &str, strategy: BoxedStrategy<Exercise>, wants: Wants) {
    let mut dice = dice(kind);
    let drawn: Vec<Exercise> =
        (0..EXERCISES).map(|_| strategy.new_tree(&mut dice).expect("an exercise").current()).collect();
    // Small courses side by side: what the emulator lists, it looks through.
    let salt = dice.new_rng();
    let batches = drawn.chunks(BATCH).map(|batch| {
        let (batch, salt) = (batch.to_vec(), salt.clone());
        async move { Arena::open(batch).await.hold(salt).await }
    });
    let mut seen = Seen::default();
    for Seen { right, wrong, refused, disagreements } in futures::future::join_all(batches).await {
        seen.right += right;
        seen.wrong += wrong;
        seen.refused += refused;
        seen.disagreements.extend(disagreements);
    }
    let Wants { right, wrong } = wants;
    assert!(
        seen.disagreements.is_empty(),
        "{} disagree:\n{}",
        seen.disagreements.len(),
        seen.disagreements.join("\n")
    );
    eprintln!("{kind}: {} right, {} wrong, {} refused", seen.right, seen.wrong, seen.refused);
    assert!(seen.right >= right, "only {} right answers were tried", seen.right);
    assert!(seen.wrong >= wrong, "only {} wrong answers were tried", seen.wrong);
}

/// How many right and wrong answers there must have been, so that the test says something.
#[derive(Debug, Clone, Copy)]
struct Wants {
    right: usize,
    wrong: usize,
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    right: usize,
    wrong: usize,
    /// Answers that a learner could not even send.
    refused: usize,
    disagreements: Vec<String>,
}

macro_rules! hold {
    ($($name:ident: $strategy:path, $right:literal right, $wrong:literal wrong;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            hold(stringify!($name), $strategy().boxed(), Wants { right: $right, wrong: $wrong }).await;
        }
    )*};
}

hold! {
    choice: exercises::choice, 200 right, 300 wrong;
    choice_of_a_sample: exercises::sampled_choice, 200 right, 200 wrong;
    string: exercises::string, 200 right, 300 wrong;
    number: exercises::number, 300 right, 300 wrong;
    math: exercises::math, 300 right, 300 wrong;
    matching: exercises::matching, 150 right, 150 wrong;
    sorting: exercises::sorting, 150 right, 150 wrong;
    fill_blanks: exercises::fill_blanks, 200 right, 300 wrong;
    table: exercises::table, 200 right, 300 wrong;
    free_answer: exercises::free_answer, 200 right, 200 wrong;
}
