//! Which journal belongs to which source and target.

use std::path::{Path, PathBuf};

use lms_core::{CourseId, ProviderInfo, Result};
use sha2::{Digest, Sha256};

use super::file;

/// A course, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub(super) source: ProviderInfo,
    pub(super) course: CourseId,
    pub(super) target: ProviderInfo,
    pub(super) requested: Option<CourseId>,
}

impl Pair {
    /// `course` of `source` goes to `target`, to the course `requested` there or to a new one.
    pub fn new(
        source: &ProviderInfo,
        course: &CourseId,
        target: &ProviderInfo,
        requested: Option<&CourseId>,
    ) -> Self {
        Self {
            source: absolute(source),
            course: course.clone(),
            target: absolute(target),
            requested: requested.cloned(),
        }
    }

    pub(super) fn names(&self) -> (String, String) {
        let requested = self.requested.as_ref().map_or("a new course", CourseId::as_str);
        (
            format!("{} {} {}", self.source.platform, self.source.location, self.course),
            format!("{} {} {requested}", self.target.platform, self.target.location),
        )
    }

    /// The folder of the pair. A course that an earlier run made is the same target when it is named.
    pub(super) fn folder_below(&self, root: &Path) -> Result<PathBuf> {
        let own = root.join("migrations").join(self.folder_name());
        if self.requested.is_none() || own.exists() {
            return Ok(own);
        }
        let unnamed = Self { requested: None, ..self.clone() };
        let folder = root.join("migrations").join(unnamed.folder_name());
        let (records, _) = file::read(&folder.join(super::FILE))?;
        let made = super::taken_together(records).course;
        Ok(if made.is_some() && made == self.requested { folder } else { own })
    }

    /// Readable, and different for different pairs.
    fn folder_name(&self) -> String {
        let (source, target) = self.names();
        let course = self.requested.as_ref().map_or("new", CourseId::as_str);
        format!(
            "{}-{}--{}-{}--{}",
            self.source.platform,
            plain(self.course.as_str()),
            self.target.platform,
            plain(course),
            short_hash(&[&source, &target])
        )
    }

    /// The name of the lock on a course of the target.
    pub(super) fn target_name(&self, course: &CourseId) -> String {
        let hash = short_hash(&[&self.target.location, course.as_str()]);
        format!("{}-{}--{hash}.lock", self.target.platform, plain(course.as_str()))
    }
}

/// A path means the same wherever a run is started.
fn absolute(info: &ProviderInfo) -> ProviderInfo {
    let mut info = info.clone();
    if !info.location.contains("://")
        && let Ok(path) = std::path::absolute(&info.location)
    {
        info.location = path.display().to_string();
    }
    info
}

fn plain(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    plain.trim_matches('-').to_owned()
}

fn short_hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
