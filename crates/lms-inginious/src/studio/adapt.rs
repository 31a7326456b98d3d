//! What the pages of a course's administrators cannot take, found before anything is written.

use lms_core::{Adapted, Asset, AssetLinks, AssetRole, Finding, Place, Platform, Severity};
use serde_json::Value;

use super::forms::KNOWN;
use super::task::Formed;
use crate::convert::write::{plain_id, write_task};
use crate::folder::yaml::parse;

/// Fits a course that was adapted to INGInious to its pages.
pub(crate) fn fit(mut adapted: Adapted) -> Adapted {
    let mut findings = Vec::new();
    settings(&adapted, &mut findings);
    tasks(&adapted, &mut findings);
    files(&mut adapted, &mut findings);
    adapted.findings.extend(findings);
    adapted
}

fn settings(adapted: &Adapted, findings: &mut Vec<Finding>) {
    let settings = adapted.course.extras.get(Platform::Inginious, "course").and_then(Value::as_object);
    for key in settings.into_iter().flatten().map(|(key, _)| key).filter(|key| !KNOWN.contains(&key.as_str()))
    {
        let why = "the form of a course's settings has no field for it";
        findings.push(Finding::new(
            Severity::Dropped,
            Place::course().to_string(),
            format!("setting {key}"),
            why,
        ));
    }
    let unlisted =
        |section: &&lms_core::Section| section.extras.get(Platform::Inginious, "unlisted").is_some();
    if let Some(section) = adapted.course.sections.iter().find(unlisted) {
        let why = "the form of the structure drops the settings of tasks that are in no section, and so closes them";
        let finding = Finding::new(
            Severity::Approximated,
            format!("section {}", section.title),
            "dates and weights",
            why,
        );
        findings
            .push(finding.with_fallback("the tasks are there, closed; put them into a section to open them"));
    }
}

/// Tasks are written as they will be, to see what of them the form would lose.
fn tasks(adapted: &Adapted, findings: &mut Vec<Finding>) {
    for step in adapted.course.steps() {
        // What cannot be written at all is told when it is.
        let Ok(written) = write_task(step, &AssetLinks::new()) else { continue };
        let description = written.files.iter().find(|(name, _)| name.as_str() == "task.yaml");
        let Some(description) = description.and_then(|(_, text)| parse(text).ok()) else { continue };
        for (field, why) in Formed::task(&description.to_json()).lost {
            let at = format!("task {}: {field}", step.id);
            findings.push(Finding::new(Severity::Approximated, at, "field of a task", why));
        }
    }
}

/// Only folders of tasks can be reached. What learners see goes to the first task that shows it.
fn files(adapted: &mut Adapted, findings: &mut Vec<Finding>) {
    let steps: Vec<(String, String)> = adapted
        .course
        .steps()
        .map(|step| (plain_id(step.id.as_str()), serde_json::to_string(step).unwrap_or_default()))
        .collect();
    let all = std::mem::take(&mut adapted.course.assets);
    let mut taken: std::collections::BTreeSet<String> = all.iter().map(|asset| asset.name.clone()).collect();
    for mut asset in all {
        let of_task = |asset: &Asset| {
            asset.name.split_once('/').is_some_and(|(folder, _)| steps.iter().any(|(id, _)| id == folder))
        };
        if of_task(&asset) && !asset.name.contains("..") {
            adapted.course.assets.push(asset);
            continue;
        }
        let home =
            steps.iter().find(|(_, text)| text.contains(&format!("asset:{}", asset.id))).or(steps.first());
        match home {
            Some((task, _)) if asset.role == AssetRole::Content => {
                let inside =
                    asset.name.split_once("/public/").map_or(asset.name.as_str(), |(_, inside)| inside);
                let inside = inside.replace("..", "-");
                let name =
                    crate::convert::write::free(&format!("{task}/public/{inside}"), |n| taken.contains(n));
                taken.insert(name.clone());
                let why = "the pages of administrators do not reach files that tasks share";
                let finding = Finding::new(Severity::Approximated, asset.place(), "shared file", why);
                let there =
                    "in the folder of the first task that shows it; others show it while that one is open";
                findings.push(finding.with_fallback(there));
                asset.name = name;
                adapted.course.assets.push(asset);
            }
            _ => {
                let why = "the pages of administrators reach files of single tasks only";
                let finding = Finding::new(Severity::Dropped, asset.place(), "file", why);
                findings.push(finding.with_fallback("have it copied to the server, or write by WebDAV"));
            }
        }
    }
}
