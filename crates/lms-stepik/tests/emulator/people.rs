//! Accounts, sign-in, enrollment.

use lms_core::*;
use lms_stepik::StepikBuilder;

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
