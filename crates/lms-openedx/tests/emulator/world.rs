//! An emulated site with one course of two units, and the accounts that look at it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lms_core::{CourseId, EnrollOptions, LmsProviderExt, Subject};
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_http::{HttpOptions, Pace, RetryPolicy};
use lms_openedx::{OpenEdx, OpenEdxBuilder, OpenEdxKey};

/// The course.
pub(crate) const COURSE: &str = "course-v1:Tests+SUMS+2025";

const COURSE_XML: &str = r#"<course url_name="2025" org="Tests" course="SUMS" display_name="Sums"
  start="2020-01-01T00:00:00Z" cohort_config="{&quot;cohorted&quot;: true, &quot;auto_cohort_groups&quot;: [&quot;red&quot;]}">
  <chapter url_name="week1" display_name="Week 1">
    <sequential url_name="hw1" display_name="Homework 1" graded="true" format="Homework">
      <vertical url_name="unit1" display_name="Adding">
        <html url_name="read" display_name="Read"><![CDATA[<p>Add them up.</p>]]></html>
        <problem url_name="sum" display_name="A sum" max_attempts="3" rerandomize="never" show_reset_button="true"
          showanswer="attempted"><numericalresponse answer="5"><label>2 + 3?</label><formulaequationinput/></numericalresponse>
          <solution><p>Count on.</p></solution><demandhint><hint>Fingers.</hint><hint>One hand.</hint></demandhint></problem>
      </vertical>
      <vertical url_name="unit2" display_name="Multiplying">
        <problem url_name="product" display_name="A product" weight="2"><numericalresponse answer="6"><label>2 * 3?</label>
          <formulaequationinput/></numericalresponse></problem>
        <drag-and-drop-v2 url_name="drag" xblock-family="xblock.v1" display_name="Sort" weight="3"/>
        <openassessment url_name="essay" xblock-family="xblock.v1" display_name="Essay"/>
      </vertical>
    </sequential>
  </chapter>
</course>
"#;
const GRADING: &str = r#"{"GRADER": [{"type": "Homework", "short_label": "HW", "min_count": 1, "drop_count": 0,
  "weight": 1.0}], "GRADE_CUTOFFS": {"A": 0.9, "Pass": 0.3}}"#;

/// Writes the course into a folder.
pub(crate) fn write(into: &Path) -> PathBuf {
    let dir = into.join("sums");
    std::fs::create_dir_all(dir.join("policies/2025")).expect("a folder");
    std::fs::write(dir.join("course.xml"), COURSE_XML).expect("a file");
    std::fs::write(dir.join("policies/2025/grading_policy.json"), GRADING).expect("a file");
    dir
}

/// A site with that course; pages of two.
pub(crate) async fn start() -> OpenEdxEmulator {
    let folder = tempfile::tempdir().expect("a folder");
    let load = vec![write(folder.path())];
    OpenEdxEmulator::start(Options {
        load,
        page_size: 2,
        background_delay: Duration::from_millis(1),
        ..Options::default()
    })
    .await
    .expect("an emulator")
}

/// No pauses: the emulator has no limits here.
pub(crate) fn builder(server: &OpenEdxEmulator) -> OpenEdxBuilder {
    let who = server.credentials();
    let retry = RetryPolicy { first: Duration::from_millis(1), ..RetryPolicy::default() };
    OpenEdxBuilder::new()
        .with_option(OpenEdxKey::LmsUrl, &who.lms_url)
        .with_option(OpenEdxKey::StudioUrl, &who.studio_url)
        .with_option(OpenEdxKey::ClientId, &who.client_id)
        .with_option(OpenEdxKey::ClientSecret, &who.client_secret)
        .with_http(HttpOptions { retry, pace: Some(Pace::default()), ..HttpOptions::default() })
}

/// The author, who writes block by block: in a session, and by token alone.
pub(crate) fn writers(server: &OpenEdxEmulator) -> [OpenEdx; 2] {
    let who = server.credentials();
    let by_token = builder(server).with_option(OpenEdxKey::WriteBy, "blocks");
    let author = by_token.clone().with_option(OpenEdxKey::Username, &who.username);
    let author = author.with_option(OpenEdxKey::Password, &who.password);
    [author, by_token].map(|builder| builder.build().expect("a provider"))
}

/// The author, by token alone.
pub(crate) fn by_token(server: &OpenEdxEmulator) -> OpenEdx {
    builder(server).build().expect("a provider")
}

/// The author, with a session too.
pub(crate) fn author(server: &OpenEdxEmulator) -> OpenEdx {
    let who = server.credentials();
    let builder = builder(server).with_option(OpenEdxKey::Username, &who.username);
    builder.with_option(OpenEdxKey::Password, &who.password).build().expect("a provider")
}

/// The learner, not enrolled.
pub(crate) fn outsider(server: &OpenEdxEmulator) -> OpenEdx {
    let who = server.credentials();
    let builder = builder(server).with_option(OpenEdxKey::Username, &who.learner_username);
    builder.with_option(OpenEdxKey::Password, &who.learner_password).build().expect("a provider")
}

/// The learner, enrolled.
pub(crate) async fn learner(server: &OpenEdxEmulator) -> OpenEdx {
    let edx = outsider(server);
    let people = edx.require_enrollments().expect("enrollments");
    people.enroll(&COURSE.into(), &Subject::Me, &EnrollOptions::default()).await.expect("enrolled");
    edx
}

/// A block's key.
pub(crate) fn usage(kind: &str, name: &str) -> lms_core::BlockId {
    format!("block-v1:Tests+SUMS+2025+type@{kind}+block@{name}").into()
}

/// The course's key.
pub(crate) fn course() -> CourseId {
    COURSE.into()
}
