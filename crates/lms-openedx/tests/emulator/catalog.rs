//! Courses, their blocks and who takes part, against the emulated LMS.

use lms_core::*;
use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_openedx::*;

use crate::world::{self, COURSE, course, usage};

#[tokio::test]
async fn the_catalogue_is_filtered_and_a_course_has_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/courses/openedx");
    let load = vec![world::write(folder.path()), example.into()];
    let server = OpenEdxEmulator::start(Options { load, ..Options::default() }).await.expect("an emulator");
    let (edx, staff) = (world::outsider(&server), world::author(&server));
    let ids = async |edx: &OpenEdx, query: CatalogQuery| -> Vec<String> {
        let found = edx.catalog(query).expect("a listing").all().await.expect("courses");
        found.into_iter().map(|course| course.id.to_string()).collect()
    };
    assert_eq!(ids(&edx, CatalogQuery::default()).await.len(), 2);
    assert_eq!(ids(&edx, CatalogQuery::of_org("tests")).await, [COURSE]);
    let mut by_key = CatalogQuery::default();
    by_key.courses = vec![course()];
    by_key.page_size = Some(1);
    assert_eq!(ids(&edx, by_key).await, [COURSE]);
    let mut own = CatalogQuery::default();
    own.permissions = vec!["staff".into()];
    assert_eq!((ids(&edx, own.clone()).await.len(), ids(&staff, own).await.len()), (0, 2));
    let mut others = CatalogQuery::default();
    others.viewer = Viewer::User("author".into());
    let error = edx.catalog(others.clone()).expect("a listing").all().await.expect_err("not staff");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    others.page_size = Some(0);
    assert_eq!(edx.catalog(others).expect_err("no size").kind(), ErrorKind::InvalidInput);

    let page = edx.course_detail(&course(), &Viewer::Me).await.expect("a course");
    assert_eq!((page.title.as_str(), page.org.as_str(), page.enrolled), ("Sums", "Tests", Some(false)));
    assert_eq!(page.start.map(|at| at.to_string()).as_deref(), Some("2020-01-01T00:00:00Z"));
    let unseen = edx.course_detail(&course(), &Viewer::Anonymous).await.expect("a course");
    assert_eq!(unseen.enrolled, None);
    let teaching = CourseQuery::new().with_teaching();
    let taught = async |edx: &OpenEdx| {
        let found = edx.require_courses().expect("courses").list(teaching.clone()).expect("a listing");
        found.all().await.expect("courses").len()
    };
    assert_eq!((taught(&edx).await, taught(&staff).await), (0, 2));
    let taught = staff.courses_with_role(TeamRole::Staff).all().await.expect("courses");
    assert!(taught.contains(&course()));
}

#[tokio::test]
async fn the_blocks_of_a_course_come_in_one_call() {
    let server = world::start().await;
    let edx = world::learner(&server).await;
    edx.require_accounts().expect("accounts").me().await.expect("me");
    let requests = server.log().entries().len();
    let mut query = OutlineQuery::default();
    query.fields = ["graded", "format", "weight"].map(str::to_owned).to_vec();
    query.counts = vec!["problem".into()];
    let outline = edx.outline(&course(), &query).await.expect("an outline");
    assert_eq!(server.log().entries().len(), requests + 1);
    let kinds: Vec<&str> = outline.in_order().iter().map(|block| block.kind.as_str()).collect();
    let all = ["course", "chapter", "sequential", "vertical", "html", "problem", "vertical", "problem"];
    assert_eq!(kinds[..8], all);
    let section = &outline.blocks[&usage("sequential", "hw1")];
    assert_eq!(
        (section.fields["graded"].as_bool(), section.fields["format"].as_str()),
        (Some(true), Some("Homework"))
    );
    assert_eq!(section.fields["block_counts"]["problem"], 2);
    assert_eq!(section.children, [usage("vertical", "unit1"), usage("vertical", "unit2")]);

    let mut part = OutlineQuery::default();
    part.root = Some(usage("vertical", "unit1"));
    part.viewer = BlocksFor::Everything;
    part.depth = Depth::Levels(1);
    let unit = world::by_token(&server).outline(&course(), &part).await.expect("an outline");
    assert_eq!((unit.root.clone(), unit.blocks.len()), (usage("vertical", "unit1"), 3));
    let denied = edx.outline(&course(), &part).await.expect_err("not staff");
    assert_eq!(denied.kind(), ErrorKind::PermissionDenied);
    part.root = Some("block-v1:A+B+C+type@html+block@x".into());
    let other = edx.outline(&course(), &part).await.expect_err("another course");
    assert_eq!(other.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn enrollments_are_found_by_account_and_by_course() {
    let server = world::start().await;
    let (staff, edx) = (world::by_token(&server), world::learner(&server).await);
    let people: Vec<UserId> = ["ann", "bob", "eve"].map(UserId::from).to_vec();
    let registration = edx.require_registration().expect("registration");
    for user in &people {
        let account = NewAccount {
            username: Some(user.to_string()),
            email: format!("{user}@example.org"),
            password: "Correct-horse-7".into(),
            name: "Somebody".into(),
            accepted_terms: true,
            fields: Vec::new(),
        };
        registration.register(&account).await.expect("registered");
        let who = Subject::User(user.clone());
        let options = EnrollOptions { mode: Some("honor".into()), ..EnrollOptions::default() };
        staff
            .require_enrollments()
            .expect("enrollments")
            .enroll(&course(), &who, &options)
            .await
            .expect("in");
    }
    let mut filter = EnrollmentFilter::default();
    filter.courses = vec![course()];
    let all = staff.all_enrollments(filter.clone()).expect("a listing").all().await.expect("enrollments");
    let names: Vec<&str> = all.iter().map(|entry| entry.user.as_str()).collect();
    assert_eq!(names, ["eve", "bob", "ann", "learner"], "the newest first, over pages of two");
    filter.users = people[..2].to_vec();
    let two = staff.all_enrollments(filter.clone()).expect("a listing").all().await.expect("enrollments");
    assert_eq!((two.len(), two[0].mode.as_deref()), (2, Some("honor")));
    filter.users = (0..101).map(|n| UserId::from(format!("u{n}").as_str())).collect();
    assert_eq!(staff.all_enrollments(filter).expect_err("too many").kind(), ErrorKind::InvalidInput);

    let of = staff.enrollments_of(&"ann".into()).await.expect("enrollments");
    assert_eq!((of.len(), of[0].course.as_str()), (1, COURSE));
    assert_eq!(edx.enrollments_of(&"ann".into()).await.expect("nothing to see"), []);
    let one = staff.enrollment_of(&course(), &"ann".into()).await.expect("asked").expect("an enrollment");
    assert_eq!(one.state, EnrollmentState::Active);
    assert_eq!(staff.enrollment_of(&course(), &"author".into()).await.expect("asked"), None);
    let modes = edx.course_modes(&course()).await.expect("modes");
    assert_eq!(modes.iter().map(|mode| mode.slug.as_str()).collect::<Vec<_>>(), ["audit", "honor"]);
    assert!(staff.roles(None).await.expect("roles").staff);
    assert!(!edx.roles(Some(&course())).await.expect("roles").staff);
}

#[tokio::test]
async fn a_full_course_lets_staff_in_and_says_so_to_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = world::write(folder.path());
    let text = std::fs::read_to_string(dir.join("course.xml")).expect("a file");
    let full =
        text.replace("display_name=\"Sums\"", "display_name=\"Sums\" max_student_enrollments_allowed=\"0\"");
    std::fs::write(dir.join("course.xml"), full).expect("a file");
    let server =
        OpenEdxEmulator::start(Options { load: vec![dir], ..Options::default() }).await.expect("an emulator");
    let edx = world::outsider(&server);
    let people = edx.require_enrollments().expect("enrollments");
    let error = people.enroll(&course(), &Subject::Me, &EnrollOptions::default()).await.expect_err("full");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    assert!(error.to_string().contains("full"), "{error}");
    let odd = EnrollOptions { mode: Some("verified".into()), ..EnrollOptions::default() };
    let error = people.enroll(&course(), &Subject::Me, &odd).await.expect_err("not offered");
    assert!(!error.to_string().contains("full"), "{error}");
    let who = Subject::User("learner".into());
    let staff = world::by_token(&server);
    staff
        .require_enrollments()
        .expect("enrollments")
        .enroll(&course(), &who, &EnrollOptions::default())
        .await
        .expect("in");
}

#[tokio::test]
async fn people_are_put_into_cohorts_when_they_are_enrolled() {
    let server = world::start().await;
    let staff = world::by_token(&server);
    let mut options = BulkOptions::default();
    options.cohort = Some("red".into());
    options.email_students = true;
    let rows = ["learner".to_owned(), "nobody@example.org".to_owned()];
    let rows = staff.bulk_enroll(&course(), rows, options.clone()).expect("a job").all().await.expect("rows");
    let BulkResult::Done { before, after } = &rows[0].result else { panic!("{rows:?}") };
    assert_eq!(
        (before.cohort.as_deref(), after.cohort.as_deref(), after.enrollment),
        (None, Some("red"), true)
    );
    assert!(matches!(&rows[1].result, BulkResult::Done { after, .. } if after.allowed && !after.auto_enroll));
    options.cohort = Some("blue".into());
    let error = staff.bulk_enroll(&course(), ["learner".to_owned()], options).expect("a job").all().await;
    let error = error.expect_err("no such cohort");
    assert_eq!((error.kind(), error.fields()[0].0.as_str()), (ErrorKind::InvalidInput, "cohorts"));
}
