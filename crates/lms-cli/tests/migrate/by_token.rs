//! Open edX takes courses from an application, and lets only people read them.

use std::path::Path;
use std::process::Output;

use lms_core::Platform;

use crate::site::{Site, demo, said};

/// `lms migrate`, signed in as an application and nothing else.
async fn migrate(site: &Site, state: &Path, source: &Path, more: &[&str]) -> Output {
    let mut command = site.lms(state);
    command.env_remove("LMS_OPENEDX_USERNAME").env_remove("LMS_OPENEDX_PASSWORD");
    command.arg("migrate").arg(source).arg("openedx:").args(more).output().await.expect("it runs")
}

/// Requests but those for tokens.
fn asked(site: &Site) -> usize {
    site.log().entries().iter().filter(|entry| !entry.path.contains("/oauth2/")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_back_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, site) = (demo(folder.path()).await, Site::start(Platform::OpenEdx).await);
    for more in [&[][..], &["--dry-run"]] {
        let refused = migrate(&site, folder.path(), &source, more).await;
        assert_eq!(refused.status.code(), Some(1), "{more:?}: {}", said(&refused));
        for word in ["not be read back", "lms doctor", "--no-verify"] {
            assert!(said(&refused).contains(word), "{word}: {}", said(&refused));
        }
        assert_eq!(asked(&site), 0, "{more:?}");
    }

    let written = migrate(&site, folder.path(), &source, &["--no-verify"]).await;
    assert!(written.status.success(), "{}", said(&written));
    let course = site.only_course().await;
    assert!(!course.sections.is_empty());

    // Nothing was seen of the course yet: whoever may read it finds nothing to do.
    let again = site.migrate(folder.path(), &source, &[]).await;
    assert!(again.status.success(), "{}", said(&again));
    assert!(said(&again).contains("nothing to do"), "{}", said(&again));
    assert_eq!(site.only_course().await, course);
}
