//! Deciding about files: which are sent, and which of those would fall upon what somebody put on the target.

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{
    Asset, AssetId, AssetLink, AssetRole, Course, CourseId, LmsProvider, LmsProviderExt, Result, StepId,
};

use super::Winner;
use super::changes::{Action, Change};
use super::decide::{BOTH, DELETED_AND_CHANGED, Removal, Verdict, judge};
use super::fingerprint::Hashes;
use crate::Plan;
use crate::journal::record::{Kind, Write};
use crate::journal::state::{KnownAsset, State};
use crate::verify::{files, is_rewritten};

/// What happens to the files that the source has new or changed.
#[derive(Debug, Default)]
pub(super) struct SentFiles {
    pub(super) changes: Vec<Change>,
    /// Those that are not sent, since the target keeps its own in their place, and how that is linked.
    pub(super) theirs: BTreeMap<AssetId, AssetLink>,
}

/// Decides about the files whose bytes are not those that an earlier run sent. Of the target's files it reads those
/// that would be written over, and no others.
///
/// # Errors
/// What reading them gives.
pub(super) async fn sent_files(
    plan: &Plan,
    target: &dyn LmsProvider,
    (course, there): (&CourseId, &Course),
    state: &State,
    hashes: &Hashes,
    winner: Winner,
) -> Result<SentFiles> {
    let authoring = target.require_authoring()?;
    let sent: Vec<Sent<'_>> = plan
        .adapted
        .course
        .assets
        .iter()
        .filter_map(|asset| {
            let sha256 = hashes.get(&asset.id)?;
            let known = state.assets.get(&asset.id);
            let is_new = known.is_none_or(|known| known.sha256 != *sha256);
            is_new.then(|| Sent { asset, sha256, over: authoring.written_over(asset, &there.assets) })
        })
        .collect();
    // What an upload that broke off left behind is nobody's work, and what the target writes anew by itself tells nothing.
    let begun: BTreeSet<&AssetId> = state.pending.values().filter_map(uploaded).collect();
    let in_doubt = sent.iter().filter(|s| !begun.contains(&s.asset.id) && !is_rewritten(plan, s.asset));
    let places: BTreeMap<&AssetId, Asset> = in_doubt
        .filter_map(|s| s.over.as_ref().map(|over| (&over.id, s.asset)))
        .map(|(id, asset)| (id, Asset { id: id.clone(), ..asset.clone() }))
        .collect();
    let places: Vec<Asset> = places.into_values().collect();
    let found = files(target, course, &places, &Hashes::new()).await?.hashes();
    // Whichever file of the source it was, an earlier run wrote it there.
    let ours: BTreeSet<(&str, &str)> =
        state.assets.values().map(|known| (known.link.url.as_str(), known.sha256.as_str())).collect();
    let is_ours = |over: &AssetLink, sha256: &str| ours.contains(&(over.url.as_str(), sha256));

    // What an earlier run wrote and is not listed any more. Where each upload has a place of its own, that tells nothing.
    let deleted = |asset: &Asset| {
        let known = state.assets.get(&asset.id)?;
        if begun.contains(&asset.id) || is_rewritten(plan, asset) {
            return None;
        }
        let as_it_was = Asset { id: known.link.id.clone(), ..asset.clone() };
        // Some go with the step that a run removed.
        if state.removed.iter().any(|step| authoring.deleted_with(step, &as_it_was)) {
            return None;
        }
        let over = authoring.written_over(asset, &[as_it_was])?;
        (over.url == known.link.url).then_some(&known.link)
    };

    let mut decided = SentFiles::default();
    for Sent { asset, sha256, over } in sent {
        let deleted = over.is_none().then(|| deleted(asset)).flatten();
        let theirs = over
            .as_ref()
            .filter(|over| found.get(&over.id).is_some_and(|there| there != sha256 && !is_ours(over, there)))
            .or(deleted);
        let was_here = over
            .as_ref()
            .is_some_and(|over| state.assets.get(&asset.id).is_some_and(|known| known.link.url == over.url));
        let verdict = judge(true, theirs.is_some(), winner);
        let (action, why) = match verdict {
            Verdict::Conflict if deleted.is_some() => (Action::Conflict, Some(DELETED_AND_CHANGED)),
            Verdict::Keep if deleted.is_some() => (Action::Keep, Some("deleted on the target")),
            Verdict::Same | Verdict::Write if deleted.is_some() => {
                (Action::Create, Some("deleted on the target, and changed in the source"))
            }
            Verdict::Conflict if was_here => (Action::Conflict, Some(BOTH)),
            Verdict::Conflict => {
                (Action::Conflict, Some("new in the source, and the target has its own of this name"))
            }
            Verdict::Keep if was_here => (Action::Keep, Some("changed on the target")),
            Verdict::Keep => (Action::Keep, Some("the target has its own of this name")),
            Verdict::Same | Verdict::Write if over.is_some() => (Action::Update, None),
            Verdict::Same | Verdict::Write => (Action::Create, None),
        };
        decided.changes.push(Change {
            action,
            kind: "file",
            path: asset.name.clone(),
            id: over.as_ref().or(deleted).map(|place| place.id.to_string()),
            why: why.map(str::to_owned),
        });
        if let (Verdict::Keep, Some(theirs)) = (verdict, theirs) {
            decided.theirs.insert(asset.id.clone(), theirs.clone());
        }
    }
    Ok(decided)
}

/// A file that is sent unless it stands in the way of another.
struct Sent<'a> {
    asset: &'a Asset,
    sha256: &'a str,
    /// What is in its place.
    over: Option<AssetLink>,
}

fn uploaded(write: &Write) -> Option<&AssetId> {
    match write {
        Write::Asset { asset, .. } => Some(asset),
        _ => None,
    }
}

/// What of others would go with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// A file of an earlier run that was changed since.
    Changed,
    /// A file that learners see, and that no run wrote. What they do not see a platform may have made itself.
    Own,
}

/// Those of the steps to be removed that must not go unasked, for the sake of files that would go with them.
///
/// # Errors
/// What reading these files gives.
pub(super) async fn held_files(
    target: &dyn LmsProvider,
    (course, there): (&CourseId, &Course),
    state: &State,
    removals: &[Removal],
) -> Result<BTreeMap<String, Held>> {
    let authoring = target.require_authoring()?;
    let (mut held, mut written) = (BTreeMap::new(), BTreeMap::new());
    for removal in removals.iter().filter(|removal| removal.key.kind == Kind::Step) {
        let step = StepId::from(removal.id.as_str());
        for file in there.assets.iter().filter(|file| authoring.deleted_with(&step, file)) {
            if state.assets.values().any(|known| known.link.id == file.id) {
                written.insert(file.id.clone(), (file.clone(), &removal.id));
            } else if file.role == AssetRole::Content {
                held.insert(removal.id.clone(), Held::Own);
            }
        }
    }
    let read: Vec<Asset> = written.values().map(|(file, _)| file.clone()).collect();
    for (file, sha256) in files(target, course, &read, &Hashes::new()).await?.0 {
        let ours = |known: &KnownAsset| known.link.id == file.id && known.sha256 == sha256;
        if let Some((_, step)) = written.get(&file.id)
            && !state.assets.values().any(ours)
        {
            held.entry((*step).clone()).or_insert(Held::Changed);
        }
    }
    Ok(held)
}
