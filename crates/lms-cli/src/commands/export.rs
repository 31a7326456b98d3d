//! `lms export`: `lms migrate` into a bundle.

use crate::args::Migrate;
use crate::commands::migrate;
use crate::exit::Failure;
use crate::locator::{Format, Locator};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  lms export stepik:67 algebra\n  lms export course.tar.gz bundle:course --replace\n\n\
                  The same as `lms migrate SOURCE bundle:PATH`: TARGET is a path or bundle:PATH. What is not of a \
                  bundle that is replaced (.git, a README) stays. A bundle holds keys and hidden tests."
)]
pub(crate) struct Export {
    #[command(flatten)]
    migrate: Migrate,
}

pub(crate) async fn run(args: Export, quiet: bool) -> Result<u8, Failure> {
    let target = locator(&args.migrate.target)?;
    migrate::run(Migrate { target, ..args.migrate }, quiet).await
}

/// A path is a bundle here, whatever it is elsewhere.
///
/// # Errors
/// A usage error where it is said to be something else.
pub(super) fn locator(text: &str) -> Result<String, Failure> {
    let bundle = Some(Format::Bundle);
    match text.parse()? {
        Locator::Path { format, .. } if format == bundle => Ok(text.to_owned()),
        Locator::Remote { course: None, .. } if !text.contains(':') => Ok(format!("bundle:{text}")),
        Locator::Path { .. } if !text.starts_with("olx:") && !text.starts_with("folder:") => {
            Ok(format!("bundle:{text}"))
        }
        _ => Err(Failure::Usage(format!(
            "{text} is no bundle; say a path or bundle:PATH, or use `lms migrate`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_bundle() {
        for (text, means) in [
            ("algebra", "bundle:algebra"),
            ("./a/b", "bundle:./a/b"),
            ("bundle:x", "bundle:x"),
            ("a.d/b", "bundle:a.d/b"),
        ] {
            assert_eq!(locator(text).expect("a bundle"), means);
        }
        for text in ["olx:x", "folder:x", "stepik:67", "stepik:"] {
            assert_eq!(locator(text).expect_err("none").code(), crate::exit::USAGE, "{text}");
        }
    }
}
