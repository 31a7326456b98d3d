//! The files beside the blocks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::Checker;
use super::{CheckOptions, Defect, Harm, Rule};
use crate::convert::markup::flat_name;

/// `policy.json` and `grading_policy.json` of a run.
pub(super) fn policies(checker: &mut Checker<'_>, run: &str) {
    let folder = format!("policies/{run}");
    let policy = [format!("{folder}/policy.json"), format!("policies/{run}.json")];
    if let Some(file) = policy.iter().find(|file| checker.files.has(file)) {
        match read(checker, file) {
            None | Some(Value::Object(_)) => {}
            Some(_) => {
                // The loader then finds no course at all (seen on a real Studio).
                let message = "the policy is no JSON object, and the whole import fails: write {} for none";
                checker.find(Rule::BadPolicy, Harm::Refused, file, 1, message);
            }
        }
    }
    let grading = format!("{folder}/grading_policy.json");
    if checker.files.has(&grading) {
        read(checker, &grading);
    }
}

fn read(checker: &mut Checker<'_>, file: &str) -> Option<Value> {
    let text = checker.files.text(file)?;
    let value = text
        .map_err(|error| (1, error.message().to_owned()))
        .and_then(|text| serde_json::from_str(&text).map_err(|error| (error.line(), error.to_string())));
    match value {
        Ok(value) => Some(value),
        Err((line, what)) => {
            let message = format!("{what}; all settings in this file would be left out");
            checker.find(Rule::BadPolicy, Harm::Lost, file, line, message);
            None
        }
    }
}

/// Whether an import leaves out a file of this name (reference openedx.md 5.7).
pub(crate) fn is_ignored(name: &str) -> bool {
    name.starts_with("._") || name == ".DS_Store" || name.ends_with('~')
}

/// Names of files that do not survive an import (reference openedx.md 5.7).
pub(super) fn statics(checker: &mut Checker<'_>) {
    let files = checker.files;
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for path in files.list() {
        let Some(name) = path.strip_prefix("static/") else { continue };
        let last = name.rsplit('/').next().unwrap_or(name);
        if is_ignored(last) {
            let message = "the import leaves out files that are called so";
            checker.find(Rule::IgnoredFile, Harm::Doubtful, path, 0, message);
            continue;
        }
        if let Some(other) = names.insert(flat_name(name), path) {
            let message = format!("gets the same name as {other} on import, and only one of them stays");
            checker.find(Rule::SameStaticName, Harm::Lost, path, 0, message);
        }
    }
}

/// The archive itself.
pub(crate) fn size(name: &str, bytes: u64, options: &CheckOptions) -> Option<Defect> {
    (bytes > options.max_archive).then(|| Defect {
        rule: Rule::TooLarge,
        harm: Harm::Refused,
        file: name.to_owned(),
        line: 0,
        message: format!(
            "the archive has {bytes} bytes and Studio's server takes {}: leave files out, or raise max_upload if \
             the site takes more",
            options.max_archive
        ),
    })
}
