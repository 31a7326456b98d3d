//! Accounts, sign-in, enrollment.

use lms_core::*;
use lms_stepik::{ProfileChange, StepikBuilder};

use crate::{author, learner, samples, start, write};

#[tokio::test]
async fn accounts_open_and_sign_in_and_guests_are_found_out() {
    let server = start().await;
    let who = server.credentials();
    let new = NewAccount {
        username: None,
        email: "new@stepik.example".into(),
        password: "long-enough-1".into(),
        name: "Nina New".into(),
        accepted_terms: true,
        fields: Vec::new(),
    };
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let registration = guest.registration().expect("registration");
    let Registered::Active(account) = registration.register(&new).await.expect("an account") else {
        panic!()
    };
    assert_eq!(account.name.as_deref(), Some("Nina New"));
    let twice = registration.register(&new).await.expect_err("taken");
    assert!(matches!(twice.kind(), ErrorKind::AlreadyExists | ErrorKind::InvalidInput), "{twice:?}");
    assert_eq!(twice.fields()[0].0, "email");
    let named = NewAccount { username: Some("nina".into()), ..new.clone() };
    assert_eq!(registration.register(&named).await.expect_err("no names").kind(), ErrorKind::Unsupported);
    let signed_in = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password("new@stepik.example", "long-enough-1")
        .build()
        .expect("a provider");
    let me = signed_in.accounts().expect("accounts").me().await.expect("me");
    assert_eq!(
        signed_in.accounts().expect("accounts").get(&Subject::User(me.id.clone())).await.expect("me").id,
        me.id
    );
    for stranger in
        [guest, StepikBuilder::new().with_base_url(server.url()).with_token("wrong").build().expect("it")]
    {
        let error = stranger.accounts().expect("accounts").me().await.expect_err("a guest");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    }
}

#[tokio::test]
async fn teachers_enroll_and_unenroll_others() {
    let server = start().await;
    let (stepik, learner) = (author(&server), learner(&server));
    let authoring = stepik.authoring().expect("authoring");
    let id = write(&stepik, &authoring.adapt(&samples::course(Vec::new())).course, &[]).await;
    let enrollments = stepik.enrollments().expect("enrollments");
    let who = Subject::Email(server.credentials().learner_username.clone());
    let enrolled = enrollments.enroll(&id, &who, &EnrollOptions::default()).await.expect("enrolled");
    let me = learner.accounts().expect("accounts").me().await.expect("me");
    assert_eq!(enrolled.user, me.id);
    let roster = || async { enrollments.list(&id, EnrollmentQuery::default()).expect("a list").all().await };
    assert!(roster().await.expect("a roster").iter().any(|e| e.user == me.id));
    enrollments.unenroll(&id, &Subject::User(me.id.clone())).await.expect("unenrolled");
    assert!(!roster().await.expect("a roster").iter().any(|e| e.user == me.id));
    let options = EnrollOptions { mode: Some("audit".into()), password: None };
    let refused = enrollments.enroll(&id, &Subject::Me, &options).await.expect_err("no modes");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let others = learner.enrollments().expect("enrollments").list(&id, EnrollmentQuery::default());
    let refused = others.expect("a list").all().await.expect_err("no rights");
    assert!(matches!(refused.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound), "{refused:?}");
}

#[tokio::test]
async fn complaints_about_a_new_account_come_by_field() {
    let server = start().await;
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let new = NewAccount {
        username: None,
        email: "no address".into(),
        password: "short".into(),
        name: "Nina New".into(),
        accepted_terms: true,
        fields: vec![("short_bio".into(), "Reads a lot".into()), ("is_private".into(), "true".into())],
    };
    let refused = guest.registration().expect("registration").register(&new).await.expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let fields: Vec<&str> = refused.fields().iter().map(|(field, _)| field.as_str()).collect();
    assert!(fields.contains(&"email") && fields.contains(&"password"), "{refused:?}");
    let unknown = NewAccount { fields: vec![("country".into(), "LV".into())], ..new };
    let refused = guest.registration().expect("registration").register(&unknown).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.resource()), (ErrorKind::Unsupported, Some("country")));
}

#[tokio::test]
async fn accounts_are_opened_by_the_sign_up_form_too() {
    let server = start().await;
    let who = server.credentials();
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    let new = NewAccount {
        username: None,
        email: "form@stepik.example".into(),
        password: "long-enough-1".into(),
        name: "Fay Form".into(),
        accepted_terms: true,
        fields: Vec::new(),
    };
    guest.sign_up_by_form(&new).await.expect("an account");
    let signed_in = StepikBuilder::new()
        .with_base_url(server.url())
        .with_client(&who.client_id, who.client_secret.as_str())
        .with_password("form@stepik.example", "long-enough-1")
        .build()
        .expect("a provider");
    assert_eq!(signed_in.profile().await.expect("a profile").first_name, "Fay");
    let taken = guest.sign_up_by_form(&new).await.expect_err("the form is shown again");
    assert_eq!(taken.kind(), ErrorKind::InvalidInput);
    let named = NewAccount { username: Some("fay".into()), ..new };
    assert_eq!(guest.sign_up_by_form(&named).await.expect_err("no names").kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_profile_comes_with_who_one_is_and_changes_field_by_field() {
    let server = start().await;
    let stepik = author(&server);
    server.log().clear();
    let before = stepik.profile().await.expect("a profile");
    assert_eq!(server.log().reads(), 1, "the side-loaded profile is used");
    let me = stepik.accounts().expect("accounts").me().await.expect("me").id;
    assert_eq!(before.user, me);
    let change = ProfileChange { short_bio: Some("Writes courses".into()), ..ProfileChange::default() };
    let changed = stepik.update_profile(change).await.expect("changed");
    assert_eq!(changed, lms_stepik::Profile { short_bio: "Writes courses".into(), ..before.clone() });
    let change =
        ProfileChange { private: Some(true), last_name: Some("Lovelace".into()), ..Default::default() };
    let changed = stepik.update_profile(change).await.expect("changed");
    assert!(changed.private && changed.last_name == "Lovelace" && changed.short_bio == "Writes courses");
    let guest = StepikBuilder::new().with_base_url(server.url()).build().expect("a provider");
    assert_eq!(guest.profile().await.expect_err("a guest").kind(), ErrorKind::Unauthenticated);
}
