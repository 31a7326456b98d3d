//! `lms inspect`.

use std::fmt::Write as _;

use lms_core::LmsProviderExt;
use lms_migrate::Inspection;

use super::people::counted;
use crate::args::Inspect;
use crate::exit::{DONE, Failure};
use crate::{open, output};

pub(crate) async fn run(args: Inspect) -> Result<u8, Failure> {
    let opened = open::course(&args.locator).await?;
    let content = opened.provider.require_courses()?.content(&opened.course).await?;
    let inspection = Inspection::of(opened.provider.info().platform, &content);
    if args.json {
        output::json(&inspection)?;
    } else {
        output::prose(&to_text(&inspection))?;
    }
    Ok(DONE)
}

fn to_text(inspection: &Inspection) -> String {
    let mut text = format!(
        "“{}” ({}): {}, {}, {}, {}\n",
        inspection.title,
        inspection.platform,
        counted(inspection.sections as u64, "section", "sections"),
        counted(inspection.lessons as u64, "lesson", "lessons"),
        counted(inspection.steps as u64, "step", "steps"),
        counted(inspection.assets as u64, "file", "files")
    );
    let mut group = |title: &str, counts: &mut dyn Iterator<Item = (&str, usize)>| {
        let rows: Vec<_> = counts.map(|(name, n)| vec![format!("  {name}"), n.to_string()]).collect();
        if !rows.is_empty() {
            let _ = write!(text, "{title}\n{}", output::table(&rows));
        }
    };
    group("blocks", &mut inspection.blocks.iter().map(|(k, n)| (*k, *n)));
    group("exercises", &mut inspection.exercises.iter().map(|(k, n)| (*k, *n)));
    group("native blocks", &mut inspection.native.blocks.iter().map(|(k, n)| (k.as_str(), *n)));
    group("native exercises", &mut inspection.native.exercises.iter().map(|(k, n)| (k.as_str(), *n)));
    for finding in &inspection.findings {
        let _ = writeln!(text, "{finding}");
    }
    text
}
