//! A whole provider is recorded on an emulator and replayed after it has stopped (`docs/cassettes.md`).

use std::path::Path;
use std::sync::Arc;

use lms::{
    EnrollOptions, Interaction, LmsProvider, LmsProviderExt, Patience, Response, Result, Subject,
    SubmissionsExt, TaskAnswer, TaskQuery, TaskRef,
};
use lms_emulator::Options;
use lms_http::{Cassette, HttpOptions};
use lms_testkit::seed::{self, Seed};

/// Lists courses, reads one, answers its question wrongly and rightly, and asks for what is not there.
/// Everything that came back, as text.
async fn look_and_answer(provider: Arc<dyn LmsProvider>, seed: &Seed) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    let course = seed.courses[0].clone();
    let courses = provider.require_courses()?;
    seen.push(format!("{:?}", courses.list(Default::default())?.all().await?));
    let enrollments = provider.require_enrollments()?;
    seen.push(format!("{:?}", enrollments.enroll(&course, &Subject::Me, &EnrollOptions::default()).await?));
    seen.push(format!("{:?}", courses.content(&course).await?));
    let tasks = provider.require_tasks()?;
    let found = tasks.list(&course, TaskQuery::default())?.all().await?;
    let place = TaskRef { course, task: found[0].id.clone() };
    for says in [seed.wrong, seed.right] {
        let task = tasks.get(&place).await?;
        seen.push(format!("{task:?}"));
        let part = &task.parts[0];
        let Interaction::Choice(choice) = &part.exercise.interaction else { panic!("no choice: {task:?}") };
        let at = choice.options.iter().position(|option| option.text.plain() == says).expect("the option");
        let answer = TaskAnswer::one(part.block.clone(), Response::choice(at));
        let submissions = provider.require_submissions()?;
        let judged = submissions.submit_and_wait(&place, &answer, Patience::default()).await?;
        assert_eq!(judged.verdict.as_ref().map(|verdict| verdict.correct), Some(says == seed.right));
        seen.push(format!("{judged:?}"));
    }
    let missing = courses.content(&"999999".into()).await.expect_err("no such course");
    seen.push(format!("{missing:?} {:?}", missing.retry()));
    seen.push(format!("{:?}", provider.requests()));
    Ok(seen)
}

fn http(cassette: &Cassette) -> HttpOptions {
    HttpOptions { cassette: Some(cassette.clone()), ..HttpOptions::default() }
}

/// Replays what `path` holds with `provider`, for which there is no server any more.
async fn replay(
    path: &Path,
    provider: impl FnOnce(HttpOptions) -> Arc<dyn LmsProvider>,
    seed: &Seed,
) -> Vec<String> {
    let cassette = Cassette::replay(path).expect("a cassette");
    let seen = look_and_answer(provider(http(&cassette)), seed).await.expect("replayed");
    cassette.finish().expect("everything was used, and nothing else was asked");
    seen
}

fn assert_hidden(path: &Path, secrets: &[&str]) {
    let text = std::fs::read_to_string(path).expect("the cassette");
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} is in the cassette");
    }
}

#[tokio::test]
async fn inginious_is_replayed_with_its_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let (seed, load) = seed::inginious(folder.path(), 3).expect("the seed is written");
    let options = Options { load, ..Options::default() };
    let server =
        lms_emulator::inginious::InginiousEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials().clone();
    let provider = |password: &str, http| -> Arc<dyn LmsProvider> {
        let builder = lms::inginious::InginiousBuilder::new().with_base_url(&who.url).with_http(http);
        Arc::new(
            builder.with_account(&who.learner_username, password).build().expect("the options are sound"),
        )
    };
    let path = folder.path().join("inginious.json");
    let cassette = Cassette::record(&path).expect("new");
    let recorded =
        look_and_answer(provider(&who.learner_password, http(&cassette)), &seed).await.expect("recorded");
    let (saved, asked) = (cassette.save().expect("written"), server.log().entries().len());
    assert_eq!(saved, asked, "every request is recorded, the sign-in too");
    server.stop().await;
    assert_eq!(replay(&path, |http| provider("any", http), &seed).await, recorded);
    assert_hidden(&path, &[&who.learner_password]);
}

#[tokio::test]
async fn stepik_is_replayed_with_its_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let (seed, load) = seed::stepik(folder.path(), 3).expect("the seed is written");
    let options = Options { load, page_size: 2, ..Options::default() };
    let server = lms_emulator::stepik::StepikEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials().clone();
    let provider = |secret: &str, password: &str, http| -> Arc<dyn LmsProvider> {
        let builder = lms::stepik::StepikBuilder::new().with_base_url(&who.url).with_http(http);
        let builder = builder.with_client(&who.client_id, secret);
        Arc::new(
            builder.with_password(&who.learner_username, password).build().expect("the options are sound"),
        )
    };
    let path = folder.path().join("stepik.json");
    let cassette = Cassette::record(&path).expect("new");
    let recorded = provider(&who.client_secret, &who.learner_password, http(&cassette));
    let recorded = look_and_answer(recorded, &seed).await.expect("recorded");
    let (saved, asked) = (cassette.save().expect("written"), server.log().entries().len());
    assert_eq!(saved, asked, "every request is recorded, those for tokens too");
    server.stop().await;
    assert_eq!(replay(&path, |http| provider("any", "any", http), &seed).await, recorded);
    assert_hidden(&path, &[&who.client_secret, &who.learner_password, &who.learner_username]);
}
