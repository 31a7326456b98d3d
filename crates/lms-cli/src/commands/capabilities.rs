//! `lms capabilities`.

use std::collections::BTreeMap;

use lms_core::LmsProviderExt;

use crate::args::Capabilities;
use crate::exit::{DONE, Failure};
use crate::{open, output};

pub(crate) fn run(args: &Capabilities) -> Result<u8, Failure> {
    let provider = open::remote(&args.remote)?;
    let rows = provider.abilities();
    if args.json {
        output::json(&rows.into_iter().collect::<BTreeMap<_, _>>())?;
    } else {
        let rows: Vec<_> =
            rows.iter().map(|(name, support)| vec![(*name).into(), support.to_string()]).collect();
        output::text(&output::headed(&["ability", "support"], rows))?;
    }
    Ok(DONE)
}
