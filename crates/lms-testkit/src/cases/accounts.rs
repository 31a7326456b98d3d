//! Who is signed in, and who takes part.

use futures::TryStreamExt;
use lms_core::{CourseQuery, EnrollOptions, ErrorKind, LmsProviderExt, Result, Subject};

use super::{ensure, refused};
use crate::World;

pub(super) async fn me_is_somebody(world: World) -> Result<()> {
    let author = world.author.require_accounts()?.me().await?;
    let learner = world.learner.require_accounts()?.me().await?;
    ensure(!author.id.as_str().is_empty() && author.id != learner.id, "two accounts are one")
}

/// Sends something that needs an account, with a wrong secret.
pub(super) async fn wrong_secret_is_refused(world: World) -> Result<()> {
    let kinds = [ErrorKind::Unauthenticated];
    let listing = world.impostor.require_courses()?.list(CourseQuery::new())?.items();
    refused(listing.try_collect::<Vec<_>>().await, &kinds, "a wrong secret (listing courses)")?;
    if let Some(accounts) = world.impostor.accounts() {
        refused(accounts.me().await, &kinds, "a wrong secret (who am I)")?;
    }
    Ok(())
}

pub(super) async fn enrolling_twice(world: World) -> Result<()> {
    let enrollments = world.learner.require_enrollments()?;
    let course = &world.seed.courses[0];
    for _ in 0..2 {
        let enrollment = enrollments.enroll(course, &Subject::Me, &EnrollOptions::default()).await?;
        ensure(enrollment.course == *course, "another course came back")?;
    }
    Ok(())
}
