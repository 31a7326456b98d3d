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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lms_core::Platform;

    use super::*;

    fn pair(source: &str, course: &str, target: &str, requested: Option<&str>) -> Pair {
        let info = |at: &str| ProviderInfo { platform: Platform::Stepik, location: at.into() };
        Pair::new(&info(source), &course.into(), &info(target), requested.map(CourseId::from).as_ref())
    }

    #[test]
    fn each_pair_has_a_folder_of_its_own_and_each_course_a_lock() {
        let (a, b) = ("https://a.test", "https://b.test");
        let pairs = [
            pair(a, "1.2", b, None),
            pair(a, "1-2", b, None),
            pair(a, "1.2", a, None),
            pair(b, "1.2", b, None),
            pair(a, "1.2", b, Some("new")),
            pair(a, "1.2", b, Some("n.w")),
            pair(a, "1.2", b, Some("n-w")),
        ];
        let folders: BTreeSet<String> = pairs.iter().map(Pair::folder_name).collect();
        assert_eq!(folders.len(), pairs.len(), "{folders:?}");
        assert!(folders.contains(&pair(a, "1.2", b, None).folder_name()), "the same each time");
        let locks = [(b, "1.2"), (b, "1-2"), (a, "1.2")];
        let locks =
            locks.map(|(target, course)| pair("other", "x", target, None).target_name(&course.into()));
        assert_eq!(BTreeSet::from(locks.clone()).len(), 3, "{locks:?}");
        assert_eq!(pair(a, "y", b, Some("z")).target_name(&"1.2".into()), locks[0], "whatever the source is");
    }

    #[test]
    fn a_path_is_the_same_from_wherever_a_run_is_started() {
        let here = std::env::current_dir().expect("a folder").join("course.tar.gz");
        let (relative, whole) = ("course.tar.gz", here.display().to_string());
        let name = |source: &str, target: &str| pair(source, "c", target, None).folder_name();
        assert_eq!(name(relative, relative), name(&whole, &whole));
        assert_ne!(name(relative, relative), name("other.tar.gz", relative));
    }

    #[test]
    fn a_course_that_is_named_goes_on_with_the_journal_of_the_run_that_made_it() {
        let root = tempfile::tempdir().expect("a folder");
        let named = |course| pair("https://a.test", "1", "https://b.test", course);
        let made = named(None).folder_below(root.path()).expect("a folder");
        std::fs::create_dir_all(&made).expect("made");
        let lines = "{\"event\":\"intent\",\"n\":0,\"write\":\"course\",\"title\":\"\",\"there\":[]}\n\
                     {\"event\":\"done\",\"n\":0,\"id\":\"7\"}\n";
        std::fs::write(made.join(super::super::FILE), lines).expect("written");
        assert_eq!(named(Some("7")).folder_below(root.path()).expect("a folder"), made);
        let other = named(Some("8")).folder_below(root.path()).expect("a folder");
        assert_ne!(other, made);
        // Its own journal goes before.
        let own = root.path().join("migrations").join(named(Some("7")).folder_name());
        std::fs::create_dir_all(&own).expect("made");
        assert_eq!(named(Some("7")).folder_below(root.path()).expect("a folder"), own);
    }
}
