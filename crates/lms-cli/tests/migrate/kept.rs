//! What only its own platform can be told is a loss elsewhere, and none there.

use lms_core::Platform;

use crate::site::{Site, lms, said};

const COURSE: &str = r#"<course org="Org" course="Kept" url_name="run" display_name="Kept">
  <chapter url_name="s" display_name="Section"><sequential url_name="l" display_name="Lesson">
    <vertical url_name="v" display_name="Step"><problem url_name="p" submission_wait_seconds="60"><numericalresponse answer="4">
      <label>Twice two?</label><formulaequationinput/></numericalresponse></problem></vertical>
  </sequential></chapter></course>"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_of_open_edx_is_a_loss_elsewhere_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("course");
    std::fs::create_dir(&source).expect("a folder");
    std::fs::write(source.join("course.xml"), COURSE).expect("a file");
    let strict = ["--dry-run", "--strict"];
    let same =
        lms(folder.path()).arg("migrate").arg(&source).arg("olx:copy.tar.gz").args(strict).output().await;
    let same = same.expect("it runs");
    assert_eq!(same.status.code(), Some(0), "{}", said(&same));
    assert!(said(&same).contains("exact: course.xml:3: submission_wait_seconds"), "{}", said(&same));
    let elsewhere = Site::start(Platform::Stepik).await.migrate(folder.path(), &source, &strict).await;
    assert_eq!(elsewhere.status.code(), Some(3), "{}", said(&elsewhere));
    assert!(
        said(&elsewhere).contains("approximated: course.xml:3: submission_wait_seconds"),
        "{}",
        said(&elsewhere)
    );
}
