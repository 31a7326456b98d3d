//! Listing and reading courses.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use lms_core::{
    CourseId, CourseQuery, Error, ErrorKind, Interaction, LmsProvider, LmsProviderExt, Result, Support,
};
use lms_emulator::FaultRule;

use super::{ensure, refused};
use crate::World;

async fn ids(provider: &dyn LmsProvider) -> Result<Vec<CourseId>> {
    provider
        .require_courses()?
        .list(CourseQuery::new())?
        .items()
        .map_ok(|course| course.id)
        .try_collect()
        .await
}

fn all_there(found: &[CourseId], world: &World) -> Result<()> {
    let unique: BTreeSet<_> = found.iter().collect();
    ensure(unique.len() == found.len(), format!("a course came twice: {found:?}"))?;
    let missing: Vec<_> = world.seed.courses.iter().filter(|id| !unique.contains(id)).collect();
    ensure(missing.is_empty(), format!("courses are missing: {missing:?}"))
}

pub(super) async fn list_walks_every_page(world: World) -> Result<()> {
    all_there(&ids(world.learner.as_ref()).await?, &world)
}

pub(super) async fn list_outlives_faults(world: World) -> Result<()> {
    for spec in ["429:retry-after=0:times=1:method=GET", "drop:times=1:method=GET", "502:times=1:method=GET"]
    {
        let rule: FaultRule = spec.parse().map_err(|e| Error::invalid(format!("{spec}: {e}")))?;
        world.faults.inject(rule);
        all_there(&ids(world.learner.as_ref()).await?, &world)?;
        world.faults.clear();
    }
    Ok(())
}

pub(super) async fn search_is_taken(world: World) -> Result<()> {
    let found: Vec<_> = world
        .learner
        .require_courses()?
        .list(CourseQuery::new().with_search("Seeded"))?
        .items()
        .try_collect()
        .await?;
    ensure(!found.is_empty(), "a word of every title finds nothing")?;
    let nonsense = CourseQuery::new().with_search("qwrtzpsdfg");
    let found: Vec<_> = world.learner.require_courses()?.list(nonsense)?.items().try_collect().await?;
    ensure(found.is_empty(), "a word that no course says finds some: the search is not heeded")
}

pub(super) async fn search_is_refused_unsent(world: World) -> Result<()> {
    let before = world.log.entries().len();
    let listing = world.learner.require_courses()?.list(CourseQuery::new().with_search("Seeded"));
    refused(listing, &[ErrorKind::Unsupported], "a search")?;
    ensure(world.log.entries().len() == before, "a refused call reached the platform")
}

pub(super) async fn unknown_is_not_found(world: World) -> Result<()> {
    let known = world.seed.courses[0].as_str();
    // Of the right form, and not there.
    let unknown = match known.strip_suffix("+run") {
        Some(key) => format!("{key}+another"),
        None if known.bytes().all(|b| b.is_ascii_digit()) => "4999".to_owned(),
        None => "no-such-course".to_owned(),
    };
    let courses = world.learner.require_courses()?;
    refused(courses.get(&unknown.into()).await, &[ErrorKind::NotFound], "an unknown course")
}

pub(super) async fn content_has_the_question(world: World) -> Result<()> {
    let courses = world.author.require_courses()?;
    let id = &world.seed.courses[0];
    let content = courses.content(id).await?;
    ensure(content.course.id == *id, "the course has another id")?;
    let choices: Vec<_> = content
        .course
        .blocks()
        .filter_map(|place| place.block.1.exercise().cloned())
        .filter_map(|exercise| match exercise.interaction {
            Interaction::Choice(choice) => Some((choice, exercise.key)),
            _ => None,
        })
        .collect();
    ensure(choices.len() == 1, format!("{} questions were read, not one", choices.len()))?;
    let (choice, key) = &choices[0];
    let said: Vec<_> = choice.options.iter().map(|option| option.text.plain()).collect();
    ensure(said == ["36", "42", "48"], format!("the options are {said:?}"))?;
    let told = courses.support().keys != Support::No;
    ensure(key.is_some() == told, if told { "the key is missing" } else { "a key came that nobody can know" })
}
