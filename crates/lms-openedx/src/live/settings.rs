//! What the header of a course sets on the site: settings, pages about it, grading.

use std::path::Path;

use lms_core::{AssetLinks, Course, CourseId, Error, Result};
use serde_json::Map;

use super::{difference, own_settings, text, wanted};
use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::studio::blocks::BlockChange;

/// Settings of a course's root that the header gives. What else the writer sets there is for new courses, and what the
/// header leaves open stays.
pub(crate) const HEADER: [&str; 8] = [
    "display_name",
    "start",
    "end",
    "enrollment_start",
    "enrollment_end",
    "language",
    "catalog_visibility",
    "course_image",
];

impl OpenEdx {
    /// Writes what of the header differs, and forgets what was read of the course before.
    pub(crate) async fn live_header(
        &self,
        course: &CourseId,
        header: &Course,
        links: &AssetLinks,
    ) -> Result<()> {
        let key = CourseKey::parse(course)?;
        let written = wanted::course(&key, header, links).await?;
        let root = Self::course_block(course)?;
        let mut own = own_settings(&written.root);
        own.retain(|name, _| HEADER.contains(&name.as_str()));
        let now = self.studio_block(&root).await?.metadata;
        let now = now.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let mut metadata = difference("course", &own, &now);
        // A course is never without a title.
        metadata.retain(|_, value| !value.is_null());
        self.update_block(&root, &BlockChange { metadata, ..BlockChange::default() }).await?;
        let mut pages = Map::new();
        for name in ["overview", "short_description"] {
            if let Some(text) = page(&written.path, name)? {
                pages.insert(name.into(), text.trim_end_matches('\n').into());
            }
        }
        if !pages.is_empty() {
            self.update_course_details(course, pages).await?;
        }
        if let Some(policy) = &header.grading
            && self.course_grading(course).await? != *policy
        {
            self.update_course_grading(course, policy).await?;
        }
        self.live_end(course).await;
        Ok(())
    }
}

fn page(course: &Path, name: &str) -> Result<Option<String>> {
    let path = course.join(format!("about/{name}.html"));
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path.display(), error)),
    }
}
