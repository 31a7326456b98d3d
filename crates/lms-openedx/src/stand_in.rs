//! Temporary.
use lms_core::*;
use std::path::Path;
/// Temporary.
#[derive(Debug, Clone)]
pub struct OlxArchive(ProviderInfo);
impl OlxArchive {
    /// Temporary.
    pub fn open(_: &Path) -> Result<Self> {
        Err(Error::unsupported(Platform::OpenEdx, "x"))
    }
    /// Temporary.
    pub fn create(_: &Path) -> Result<Self> {
        Err(Error::unsupported(Platform::OpenEdx, "x"))
    }
}
impl LmsProvider for OlxArchive {
    fn info(&self) -> &ProviderInfo {
        &self.0
    }
    fn requests(&self) -> RequestCount {
        RequestCount::default()
    }
    fn courses(&self) -> Option<&dyn Courses> {
        None
    }
    fn authoring(&self) -> Option<&dyn Authoring> {
        None
    }
    fn enrollments(&self) -> Option<&dyn Enrollments> {
        None
    }
    fn registration(&self) -> Option<&dyn Registration> {
        None
    }
    fn accounts(&self) -> Option<&dyn Accounts> {
        None
    }
    fn tasks(&self) -> Option<&dyn Tasks> {
        None
    }
    fn submissions(&self) -> Option<&dyn Submissions> {
        None
    }
    fn grades(&self) -> Option<&dyn Grades> {
        None
    }
}
