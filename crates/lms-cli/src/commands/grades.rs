//! `lms grades`.

use futures::{StreamExt, stream};
use lms_core::{Grade, GradeQuery, LmsProviderExt};

use super::sheet::{Cells, FormArgs, show};
use super::submit::verdict::rounded;
use crate::exit::{DONE, Failure};
use crate::open;

/// `lms grades`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  lms grades stepik:67                  what this account has reached
  lms grades stepik:67 --all --csv      everybody, for teachers
  lms grades inginious:tutorial --all --json")]
pub(crate) struct Grades {
    /// The course: REMOTE:COURSE.
    course: String,
    /// Everybody's, as far as the account may see.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    form: FormArgs,
}

impl Cells for Grade {
    const COLUMNS: &'static [&'static str] = &["user", "percent", "points", "grade", "passed"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.user.to_string(),
            rounded(self.share * 100.0),
            self.points.map(rounded).unwrap_or_default(),
            self.letter.clone().unwrap_or_default(),
            self.passed.map(|passed| if passed { "yes" } else { "no" }.to_owned()).unwrap_or_default(),
        ]
    }
}

pub(crate) async fn run(args: Grades) -> Result<u8, Failure> {
    let opened = open::platform_course(&args.course).await?;
    let service = opened.provider.require_grades()?;
    let listing = if args.all {
        service.list(&opened.course, GradeQuery::default())?.items().boxed()
    } else {
        let mine = service.mine(&opened.course).await?;
        stream::iter([Ok(mine)]).boxed()
    };
    show(args.form, listing).await?;
    Ok(DONE)
}
