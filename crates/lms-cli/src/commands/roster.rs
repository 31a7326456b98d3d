//! `lms roster`.

use lms_core::{Enrollment, EnrollmentQuery, EnrollmentState, LmsProviderExt};

use super::sheet::{Cells, FormArgs, show};
use crate::exit::{DONE, Failure};
use crate::open;

/// `lms roster`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lms roster stepik:67
  lms roster openedx:course-v1:Org+Course+Run --csv > roster.csv
  lms roster inginious:tutorial --json | jq length

The list is read page by page and shown as it comes in. Whoever left stands in it as inactive where the platform says \
so.")]
pub(crate) struct Roster {
    /// The course: REMOTE:COURSE.
    course: String,
    #[command(flatten)]
    form: FormArgs,
}

impl Cells for Enrollment {
    const COLUMNS: &'static [&'static str] = &["user", "state", "mode", "since"];

    fn cells(&self) -> Vec<String> {
        let state = match self.state {
            EnrollmentState::Active => "active",
            EnrollmentState::Inactive => "inactive",
            EnrollmentState::Pending => "pending",
        };
        vec![
            self.user.to_string(),
            state.to_owned(),
            self.mode.clone().unwrap_or_default(),
            self.since.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]
    }
}

pub(crate) async fn run(args: Roster) -> Result<u8, Failure> {
    let opened = open::platform_course(&args.course).await?;
    let listing = opened.provider.require_enrollments()?.list(&opened.course, EnrollmentQuery::default())?;
    show(args.form, listing.items()).await?;
    Ok(DONE)
}
