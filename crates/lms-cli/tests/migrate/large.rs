//! A course of 1,000 steps, killed at random requests until it is there: it is what an undisturbed run makes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lms_core::Platform;
use lms_emulator::{FaultKind, FaultRule};
use lms_migrate::compare;

use crate::resume::{all_kills, outcome};
use crate::site::{Site, said};

/// 15 sections, 100 lessons, 1,000 steps, as a course folder of Open edX.
fn course(folder: &Path) -> PathBuf {
    let mut xml =
        String::from(r#"<course org="Org" course="Large" url_name="run" display_name="A large course">"#);
    for section in 0..15 {
        let _ = write!(xml, r#"<chapter url_name="s{section}" display_name="Section {section}">"#);
        for lesson in (0..100).filter(|lesson| lesson * 15 / 100 == section) {
            let _ = write!(xml, r#"<sequential url_name="l{lesson}" display_name="Lesson {lesson}">"#);
            for step in 0..10 {
                let name = format!("{lesson}t{step}");
                let _ = write!(
                    xml,
                    r#"<vertical url_name="v{name}" display_name="Step {name}"><html url_name="h{name}"><p>Words of {name}</p></html></vertical>"#
                );
            }
            xml.push_str("</sequential>");
        }
        xml.push_str("</chapter>");
    }
    xml.push_str("</course>");
    let path = folder.join("large");
    std::fs::create_dir(&path).expect("a folder");
    std::fs::write(path.join("course.xml"), xml).expect("a file");
    path
}

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).expect("it is below a u32")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = course(folder.path());
    let site = Site::start(Platform::Stepik).await;
    let undisturbed = site.migrate(folder.path(), &source, &["--no-verify"]).await;
    assert!(undisturbed.status.success(), "{}", said(&undisturbed));
    let expected = site.only_course().await;
    assert_eq!(expected.steps().count(), 1_000);
    let expected = (outcome(&site, &expected), expected);

    let wanted = if all_kills() { 50 } else { 8 };
    let (mut random, mut kills) = (Random(20_261_123), 0);
    while kills < wanted {
        let (site, state) = (Site::start(Platform::Stepik).await, tempfile::tempdir().expect("a folder"));
        let mut more: &[&str] = &[];
        while kills < wanted {
            let kind = if random.below(2) == 0 { FaultKind::Slow } else { FaultKind::SlowAfterCommit };
            let rule = FaultRule::once(kind(Duration::from_secs(3_600)));
            site.faults().inject(FaultRule { after: random.below(400), ..rule });
            if !site.killed(state.path(), &source, more).await {
                break;
            }
            kills += 1;
            more = &["--resume"];
        }
        let ended = site.migrate(state.path(), &source, &["--resume", "--no-verify"]).await;
        assert!(ended.status.success(), "after {kills} kills: {}", said(&ended));
        let course = site.only_course().await;
        assert_eq!(outcome(&site, &course).differences(&expected.0), Vec::<String>::new(), "{kills} kills");
        assert_eq!(compare(&expected.1, &course), vec![], "{kills} kills");
    }
    eprintln!("killed {kills} times");
}
