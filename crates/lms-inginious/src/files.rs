//! The files of a course on a server, whichever way they are reached.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use lms_core::{Error, Platform, Result};
use tokio::sync::Mutex;

use crate::convert::write::Draft;
use crate::dav::Dav;
use crate::folder::yaml::emit;
use crate::studio::Studio;

/// The way to the files. Clones are the same way.
#[derive(Debug, Clone)]
pub(crate) enum Files {
    /// As they are, by WebDAV.
    Dav(Dav),
    /// By the forms of the course's administrators.
    Pages(Arc<Mutex<Studio>>),
}

/// What is there when a course is opened to be written.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) draft: Draft,
    pub(crate) tasks: BTreeSet<String>,
    /// All folders that need not be made; none where folders come with their files.
    pub(crate) folders: BTreeSet<String>,
}

/// What of the course file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Sections, tasks and their settings.
    Structure,
    /// Settings of the course, too.
    All,
}

impl Files {
    pub(crate) async fn open(&self, operation: &'static str) -> Result<Found> {
        match self {
            Self::Dav(dav) => {
                let listing = dav.list(operation).await?;
                let text = dav.read(operation, "course.yaml").await?;
                let draft = Draft::read(&String::from_utf8_lossy(&text))?;
                let tasks = listing.files.iter().filter_map(|entry| entry.path.strip_suffix("/task.yaml"));
                let tasks = tasks.filter(|folder| !folder.contains('/')).map(str::to_owned).collect();
                Ok(Found { draft, tasks, folders: listing.folders.into_iter().collect() })
            }
            Self::Pages(studio) => {
                let mut studio = studio.lock().await;
                let draft = Draft::read(&emit(&studio.open(operation).await?))?;
                Ok(Found { draft, tasks: studio.tasks().clone(), folders: BTreeSet::new() })
            }
        }
    }

    pub(crate) async fn save(&self, operation: &'static str, draft: &Draft, what: Changed) -> Result<()> {
        let whole = draft.to_json();
        match (self, what) {
            (Self::Dav(dav), _) => {
                dav.write(operation, "course.yaml", emit(&whole).into_bytes().into()).await
            }
            (Self::Pages(studio), Changed::All) => studio.lock().await.save_course(operation, &whole).await,
            (Self::Pages(studio), Changed::Structure) => {
                studio.lock().await.save_structure(operation, &whole).await
            }
        }
    }

    /// By WebDAV, a course file that the server cannot read is rolled back without a word (reference inginious.md 7);
    /// forms say so themselves.
    pub(crate) async fn check(&self, operation: &'static str, draft: &Draft) -> Result<()> {
        let Self::Dav(dav) = self else { return Ok(()) };
        if dav.read(operation, "course.yaml").await? == emit(&draft.to_json()).as_bytes() {
            return Ok(());
        }
        let why = "the site did not take the course file: a setting in it is none that it knows, or somebody \
                   else changes the course";
        Err(Error::invalid(why).at(Platform::Inginious, operation).on("course.yaml"))
    }

    pub(crate) async fn read(&self, operation: &'static str, inside: &str) -> Result<Bytes> {
        match self {
            Self::Dav(dav) => dav.read(operation, inside).await,
            Self::Pages(studio) => studio.lock().await.read(operation, inside).await,
        }
    }

    /// Writes a file; by WebDAV, its folder must be there.
    pub(crate) async fn write(&self, operation: &'static str, inside: &str, bytes: Bytes) -> Result<()> {
        match self {
            Self::Dav(dav) => dav.write(operation, inside, bytes).await,
            Self::Pages(studio) => studio.lock().await.write(operation, inside, bytes).await,
        }
    }

    pub(crate) async fn make_folder(&self, operation: &'static str, inside: &str) -> Result<()> {
        match self {
            Self::Dav(dav) => dav.make_folder(operation, inside).await,
            Self::Pages(_) => Ok(()),
        }
    }

    /// Removes a file, or a task with all its files.
    pub(crate) async fn remove(&self, operation: &'static str, inside: &str) -> Result<()> {
        match self {
            Self::Dav(dav) => dav.remove(operation, inside).await,
            Self::Pages(studio) => studio.lock().await.remove(operation, inside).await,
        }
    }
}
