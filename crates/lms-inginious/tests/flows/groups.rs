//! Groups that hand in together, audiences, and who is what in a course.

use lms_core::{
    EnrollOptions, Enrollment, EnrollmentQuery, Enrollments, ErrorKind, Patience, Response, Subject,
    SubmissionQuery, Submissions, SubmissionsExt, TaskAnswer, TaskRef, UserId,
};
use lms_http::{Method, Safety};
use lms_inginious::{Audience, Group, Inginious, InginiousBuilder, RawRequest};

use super::{COURSE, Place, kind};

/// An active account of somebody who is registered in the course of the flows.
async fn newcomer(place: &Place, admin: &Inginious, name: &str) -> Inginious {
    let fields = [
        ("action", "add_user"),
        ("username", name),
        ("realname", name),
        ("email", &format!("{name}@example.org")),
        ("password", "canary-password"),
    ];
    let request = RawRequest {
        method: Method::Post,
        safety: Safety::Once,
        form: fields.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        ..RawRequest::get("/administrator/user_action")
    };
    admin.raw(request).await.expect("a super-administrator adds people");
    let who = Subject::User(name.into());
    admin.enroll(&COURSE.into(), &who, &EnrollOptions::default()).await.expect("staff may");
    let builder = InginiousBuilder::new().with_base_url(&place.url).with_account(name, "canary-password");
    builder.build().expect("sound")
}

fn names(people: &[UserId]) -> Vec<&str> {
    people.iter().map(UserId::as_str).collect()
}

fn pair(members: &[&str]) -> Group {
    Group {
        id: String::new(),
        description: "Pair & \"co\"".to_owned(),
        size: 2,
        members: members.iter().copied().map(UserId::from).collect(),
        audiences: Vec::new(),
    }
}

/// Groups and audiences are made, changed, used and deleted.
pub(crate) async fn groups(place: &Place) {
    let (admin, course) = (place.sign_in("superadmin"), COURSE.into());
    let (ann, ben) = (newcomer(place, &admin, "ann-g").await, newcomer(place, &admin, "ben-g").await);
    let at = TaskRef::new(COURSE, "together");
    let yes = TaskAnswer::one("say", Response::text("yes"));
    assert_eq!(kind(ann.submit(&at, &yes).await), ErrorKind::PermissionDenied, "in no group");

    let made = admin.create_group(&course, &pair(&["ann-g"])).await.expect("made");
    assert_eq!((made.size, names(&made.members)), (2, vec!["ann-g"]));
    let wanted = Group { members: vec!["ann-g".into(), "ben-g".into()], ..made.clone() };
    let changed = admin.update_group(&course, &wanted).await.expect("changed");
    assert_eq!(changed, wanted);
    assert!(admin.groups(&course).await.expect("a list").contains(&wanted));

    // What one hands in is everybody's.
    let judged = ann.submit_and_wait(&at, &yes, Patience::default()).await.expect("taken");
    let seen = Submissions::get(&ben, &at, &judged.id).await.expect("it is his, too");
    assert_eq!(seen.verdict.map(|verdict| verdict.correct), Some(true));
    let listed = Submissions::list(&ben, &at, SubmissionQuery::default()).expect("claimed").all().await;
    assert_eq!(listed.expect("a list").len(), 1);

    // The platform would empty the group and say that all is well.
    let crowd = Group { size: 1, ..wanted.clone() };
    assert_eq!(kind(admin.update_group(&course, &crowd).await), ErrorKind::InvalidInput);
    let stranger = Group { members: vec!["ann-g".into(), "nobody-g".into()], ..wanted.clone() };
    let error = admin.update_group(&course, &stranger).await.expect_err("not registered");
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("nobody-g"), "{error}");
    assert!(!error.to_string().contains("ann-g"), "she was taken: {error}");
    let unknown = Group { id: "0".repeat(24), ..pair(&[]) };
    assert_eq!(kind(admin.update_group(&course, &unknown).await), ErrorKind::NotFound);
    assert_eq!(kind(ann.groups(&course).await), ErrorKind::PermissionDenied);

    audiences(&admin, &wanted).await;
    admin.delete_group(&course, &made.id).await.expect("deleted");
    assert_eq!(kind(admin.delete_group(&course, &made.id).await), ErrorKind::NotFound);
    assert!(admin.groups(&course).await.expect("a list").iter().all(|group| group.id != made.id));
    assert_eq!(kind(ben.submit(&at, &yes).await), ErrorKind::PermissionDenied, "in no group any more");
}

async fn audiences(admin: &Inginious, group: &Group) {
    let course = COURSE.into();
    let monday = Audience {
        id: String::new(),
        description: "Monday, early".to_owned(),
        learners: vec!["ben-g".into()],
        tutors: vec!["visitor".into()],
    };
    let made = admin.create_audience(&course, &monday).await.expect("made");
    assert_eq!(made, Audience { id: made.id.clone(), ..monday.clone() });
    let nobody = Audience { learners: vec!["nobody-g".into()], ..made.clone() };
    let error = admin.update_audience(&course, &nobody).await.expect_err("unknown");
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("nobody-g"), "{error}");
    assert!(admin.audiences(&course).await.expect("a list").contains(&made), "nothing has changed");
    for id in ["0".repeat(24), "no id".to_owned()] {
        let unknown = Audience { id: id.clone(), ..monday.clone() };
        assert_eq!(kind(admin.update_audience(&course, &unknown).await), ErrorKind::NotFound);
        assert_eq!(kind(admin.delete_audience(&course, &id).await), ErrorKind::NotFound);
    }
    // Only those of the audience stay in a group that is made for it.
    let bound = Group { audiences: vec![made.id.clone()], ..group.clone() };
    let error = admin.update_group(&course, &bound).await.expect_err("ann is not in it");
    assert!(error.to_string().contains("ann-g") && !error.to_string().contains("ben-g"), "{error}");
    let bound = Group { members: vec!["ben-g".into()], ..bound };
    assert_eq!(admin.update_group(&course, &bound).await.expect("changed"), bound);
    admin.delete_audience(&course, &made.id).await.expect("deleted");
    assert!(admin.audiences(&course).await.expect("a list").iter().all(|audience| audience.id != made.id));
}

/// Staff and students are told apart.
pub(crate) async fn roles(place: &Place) {
    let (admin, tutor) = (place.sign_in("superadmin"), place.sign_in("visitor"));
    let learner = Subject::User("learner".into());
    admin.enroll(&COURSE.into(), &learner, &EnrollOptions::default()).await.expect("staff may");
    let roles = async |site: &Inginious| -> Vec<(String, String)> {
        let listing = Enrollments::list(site, &COURSE.into(), EnrollmentQuery::default()).expect("claimed");
        let people: Vec<Enrollment> = listing.all().await.expect("a roster");
        people.into_iter().map(|person| (person.user.to_string(), person.mode.expect("a role"))).collect()
    };
    let has = |roles: &[(String, String)], name: &str, role: &str| {
        assert!(roles.contains(&(name.to_owned(), role.to_owned())), "{name} {role}: {roles:?}");
    };
    let seen = roles(&admin).await;
    has(&seen, "superadmin", "administrator");
    has(&seen, "visitor", "tutor");
    has(&seen, "learner", "student");
    let seen = roles(&tutor).await;
    has(&seen, "visitor", "staff");
    has(&seen, "learner", "student");
}
