//! The blocks that something is said of, as they were and as they are to be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lms_core::{Block, BlockId, Place, Section, Severity};

use crate::Plan;

/// A block of the source that some finding is about, with what stands on the target in its place.
#[derive(Debug, Clone)]
pub(crate) struct Altered {
    /// Where it is in the source.
    pub(crate) path: String,
    /// The section it is in, with its position.
    pub(crate) section: String,
    /// How it fares.
    pub(crate) fate: Severity,
    /// As it was read.
    pub(crate) source: Block,
    /// What stands in its place; nothing where it stays behind.
    pub(crate) target: Vec<Block>,
}

/// All of them, in the order of the course.
pub(crate) fn altered(plan: &Plan, fates: &BTreeMap<&BlockId, Severity>) -> Vec<Altered> {
    let there: HashMap<&BlockId, &Block> =
        plan.adapted.course.blocks().map(|place| (&place.block.1.id, place.block.1)).collect();
    let mut carried: HashMap<&BlockId, Vec<&BlockId>> = HashMap::new();
    for entry in &plan.adapted.carried {
        carried.entry(&entry.source).or_default().extend(&entry.target);
    }
    let all = plan.content.course.blocks().filter_map(|place| {
        let block = place.block.1;
        let fate = *fates.get(&block.id)?;
        let targets = carried.get(&block.id).map(Vec::as_slice).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let target = targets.iter().filter(|id| seen.insert(**id)).filter_map(|id| there.get(*id).copied());
        Some(Altered {
            path: place.place().to_string(),
            section: section_name(place.section.0, place.section.1),
            fate,
            source: block.clone(),
            target: target.cloned().collect(),
        })
    });
    all.collect()
}

/// What a section is called in paths.
pub(crate) fn section_name(position: usize, section: &Section) -> String {
    Place::course().child(position, &section.title).to_string()
}

/// How each block fares that some finding is about. A block that stands on the target as what it was is
/// carried, even where a finding says that a part of it is left behind, and so is a video or a file that
/// became a text with a link to it; one that became a mere text of an exercise is not.
pub(crate) fn fates(plan: &Plan) -> BTreeMap<&BlockId, Severity> {
    let kinds: BTreeMap<&BlockId, &str> =
        plan.adapted.course.blocks().map(|place| (&place.block.1.id, place.block.1.body.kind())).collect();
    let source: BTreeMap<&BlockId, &str> =
        plan.content.course.blocks().map(|place| (&place.block.1.id, place.block.1.body.kind())).collect();
    let mut stays: BTreeSet<&BlockId> = BTreeSet::new();
    for carried in &plan.adapted.carried {
        let kind = source.get(&carried.source);
        if carried.target.iter().any(|id| kinds.get(id) == kind) {
            stays.insert(&carried.source);
        }
    }
    for finding in plan.findings.iter().filter(|finding| finding.severity == Severity::Approximated) {
        let of = finding.block.as_ref().and_then(|block| source.get_key_value(block));
        let linked = of.filter(|(_, kind)| matches!(**kind, "video" | "file") && finding.what == **kind);
        stays.extend(linked.map(|(block, _)| *block));
    }
    let mut fates = BTreeMap::new();
    for finding in &plan.findings {
        if let Some(block) = &finding.block {
            let most = if stays.contains(block) { Severity::Approximated } else { Severity::Blocked };
            let severity = finding.severity.min(most);
            let fate = fates.entry(block).or_insert(severity);
            *fate = (*fate).max(severity);
        }
    }
    fates
}
