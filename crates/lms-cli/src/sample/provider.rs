//! The sample course as a provider that can be read.

use async_trait::async_trait;
use lms_core::{
    AssetBody, AssetId, Content, CourseId, CourseQuery, CourseSummary, CourseSupport, Courses, Error,
    ErrorKind, LmsProvider, NativeCounts, Paged, Platform, ProviderInfo, RequestCount, Result, Support,
};

/// The sample course, in memory.
#[derive(Debug)]
pub(crate) struct Sample {
    info: ProviderInfo,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self { info: ProviderInfo { platform: Platform::Other, location: "the sample course".into() } }
    }

    fn summary() -> CourseSummary {
        let course = super::course();
        CourseSummary {
            id: course.id,
            title: course.title,
            summary: course.summary,
            language: course.language,
            url: None,
            enrolled: None,
        }
    }

    fn only(id: &CourseId) -> Result<()> {
        if *id == super::course().id {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::NotFound, "the sample has one course only").on(id))
        }
    }
}

impl LmsProvider for Sample {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }
    fn requests(&self) -> RequestCount {
        RequestCount::default()
    }
    fn planned(&self, _operation: &str, _calls: u64) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn courses(&self) -> Option<&dyn Courses> {
        Some(self)
    }
}

#[async_trait]
impl Courses for Sample {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            content: Support::Native,
            keys: Support::Native,
            assets: Support::Native,
            search: Support::No,
        }
    }

    fn list(&self, _: CourseQuery) -> Result<Paged<CourseSummary>> {
        Ok(Paged::ready(vec![Self::summary()]))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        Self::only(id)?;
        Ok(Self::summary())
    }

    async fn content(&self, id: &CourseId) -> Result<Content> {
        Self::only(id)?;
        let course = super::course();
        let mut native = NativeCounts::default();
        for place in course.blocks() {
            match place.block.1.exercise() {
                Some(exercise) => native.exercise(exercise.interaction.name()),
                None => native.block(place.block.1.body.kind()),
            }
        }
        Ok(Content { course, findings: Vec::new(), native })
    }

    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        Self::only(course)?;
        super::file(asset)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the sample has no such file").on(asset))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn it_holds_what_the_demo_promises() {
        let content = Sample::new().content(&"measuring".into()).await.expect("the sample");
        let course = &content.course;
        assert!(course.sections.len() >= 3);
        assert!(course.sections.iter().map(|s| s.lessons.len()).sum::<usize>() >= 8);
        assert!(course.steps().count() >= 40);
        let interactions: BTreeSet<_> =
            course.blocks().filter_map(|p| Some(p.block.1.exercise()?.interaction.name())).collect();
        assert_eq!(interactions, BTreeSet::from(lms_core::Interaction::NAMES));
        let ids: BTreeSet<_> = course.blocks().map(|p| p.block.1.id.clone()).collect();
        assert_eq!(ids.len(), course.blocks().count(), "block ids are unique");
    }
}
