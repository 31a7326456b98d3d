//! Files: those that are there with the same bytes are not sent again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, StreamExt};
use lms_core::{Asset, AssetBody, AssetLink, ErrorKind, Finding, LmsProviderExt, Result, Severity};
use sha2::{Digest, Sha256};

use super::{Run, Written};
use crate::Stage;
use crate::journal::record::{Outcome, Record, Write};
use crate::sync::fingerprint::hex;

/// What became of a file.
enum Copied {
    /// It was there.
    Kept(AssetLink),
    /// It was sent; the second is the SHA-256 of what was.
    Sent(AssetLink, String),
    /// The source does not have it.
    Missing,
}

impl Run<'_> {
    /// Writes the files that are new or have changed, several at once.
    pub(super) async fn write_assets(&mut self, written: &mut Written) -> Result<()> {
        let assets = &self.work.plan.adapted.course.assets;
        self.progress.begin(Stage::Assets, assets.len());
        let mut first_error = None;
        let mut copies = Vec::new();
        {
            let run = &*self;
            let failed = &AtomicBool::new(false);
            // Collected first: a closure that borrows would keep the whole from being `Send`.
            let under_way: Vec<_> = assets
                .iter()
                .map(|asset| async move {
                    // What is under way elsewhere ends; nothing new begins.
                    if failed.load(Ordering::Relaxed) {
                        return Ok(None);
                    }
                    let copied = run.copy(asset).await;
                    failed.fetch_or(copied.is_err(), Ordering::Relaxed);
                    copied.map(|copied| Some((asset, copied)))
                })
                .collect();
            let mut done = stream::iter(under_way).buffered(run.authoring.parallel().max(1));
            while let Some(copied) = done.next().await {
                match copied {
                    Ok(Some((_, Copied::Kept(_)))) => run.progress.pass(Stage::Assets),
                    _ => run.progress.step(Stage::Assets),
                }
                match copied {
                    Ok(copied) => copies.extend(copied),
                    Err(error) => drop(first_error.get_or_insert(error)),
                }
            }
        }
        if let Some(error) = first_error {
            return Err(error);
        }
        for (asset, copied) in copies {
            match copied {
                Copied::Kept(link) => self.links.insert(asset.id.clone(), link),
                Copied::Sent(link, sha256) => {
                    self.links.insert(asset.id.clone(), link);
                    self.files.insert(asset.id.clone(), sha256);
                    written.assets += 1;
                }
                Copied::Missing => written.findings.push(Finding::new(
                    Severity::Dropped,
                    format!("file {}", asset.name),
                    "file",
                    "the source lists it and does not give it",
                )),
            }
        }
        self.progress.end(Stage::Assets);
        Ok(())
    }

    async fn copy(&self, asset: &Asset) -> Result<Copied> {
        let known = self.journal.state().assets.get(&asset.id).cloned();
        if let (Some(known), Some(sha256)) = (known, self.files.get(&asset.id))
            && known.sha256 == *sha256
        {
            return Ok(Copied::Kept(known.link));
        }
        if let (Some(theirs), Some(sha256)) =
            (self.work.decided.theirs.get(&asset.id), self.files.get(&asset.id))
        {
            let (asset, link, sha256) = (asset.id.clone(), theirs.clone(), sha256.clone());
            self.journal.write(vec![Record::Left { asset, link, sha256 }], false).await?;
            return Ok(Copied::Kept(theirs.clone()));
        }
        let from = &self.work.plan.content.course.id;
        let body = match self.source.require_courses()?.read_asset(from, &asset.id).await {
            Ok(body) => body,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Copied::Missing),
            Err(error) => return Err(error),
        };
        let hash = Arc::new(Mutex::new(Sha256::new()));
        let intent = Write::Asset { asset: asset.id.clone(), name: asset.name.clone() };
        let sent = self.authoring.put_asset(&self.course, asset, hashed(body, Arc::clone(&hash)));
        let digest = || {
            let hash = hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
            hex(&hash.finalize())
        };
        let link = self
            .write(intent, sent, |link: &AssetLink| Outcome {
                link: Some(link.clone()),
                sha256: Some(digest()),
                ..Outcome::default()
            })
            .await?;
        Ok(Copied::Sent(link, digest()))
    }
}

/// The same bytes, hashed on their way.
fn hashed(body: AssetBody, hash: Arc<Mutex<Sha256>>) -> AssetBody {
    let size = body.size();
    let pieces = body.into_stream().map(move |piece| {
        if let Ok(piece) = &piece {
            hash.lock().unwrap_or_else(PoisonError::into_inner).update(piece);
        }
        piece
    });
    AssetBody::from_stream(pieces.boxed(), size)
}
