//! What is done against the emulator and against a real server alike, with the courses of
//! `tests/real/inginious/courses` and one more, [`COURSE`]. Each flow holds on a server that others have used.

pub(crate) mod authoring;
pub(crate) mod groups;
mod submitting;

pub(crate) use submitting::*;

use std::fs;
use std::path::{Path, PathBuf};

use lms_core::{
    CourseQuery, EnrollOptions, EnrollmentQuery, EnrollmentState, Enrollments, ErrorKind, GradeQuery,
    Interaction, LmsProviderExt, NewAccount, Patience, Registered, Response, Secret, Severity, Subject,
    Submission, SubmissionsExt, TaskAnswer, TaskQuery, TaskRef,
};
use lms_emulator::inginious::Agent;
use lms_inginious::{Inginious, InginiousBuilder, RawRequest};

const BASICS: &str = "compare-basics";
/// The folder of the course that the flows bring themselves.
pub(crate) const COURSE: &str = "flows";

/// A server.
pub(crate) struct Place {
    pub(crate) url: String,
    /// Passwords of `superadmin`, `learner` and `visitor`.
    pub(crate) passwords: Vec<(String, String)>,
    /// The texts of all mails so far.
    pub(crate) mails: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// Takes the agent that runs scripts down or up.
    pub(crate) agent: Box<dyn Fn(Agent) + Send + Sync>,
}

impl Place {
    pub(crate) fn builder(&self, name: &str) -> InginiousBuilder {
        let (_, password) = self.passwords.iter().find(|(known, _)| known == name).expect("a known account");
        InginiousBuilder::new().with_base_url(&self.url).with_account(name, password.as_str())
    }

    pub(crate) fn sign_in(&self, name: &str) -> Inginious {
        self.builder(name).build().expect("the options are sound")
    }
}

/// Writes the course of the flows into a folder of courses.
pub(crate) fn write_course(courses: &Path) -> PathBuf {
    let folder = courses.join(COURSE);
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    };
    write(
        "course.yaml",
        "name: Flows\naccessible: true\nregistration: true\nadmins: [superadmin]\ntutors: [visitor]\ntask_dispenser: \
         toc\ndispenser_data:\n    toc: [{id: all, title: All, tasks_list: [random, figure, hopeless, together, orphan]}]\n    \
         config: {random: {accessibility: true}, figure: {accessibility: true}, hopeless: {accessibility: true, weight: \
         0}, together: {accessibility: true, weight: 0, group_submission: true}, orphan: {accessibility: true, weight: 0}}\n",
    );
    let say = "environment_type: mcq\nenvironment_id: mcq\nproblems:\n    say: {type: match, name: Say, header: '', answer: 'yes'}\n";
    write("together/task.yaml", &format!("name: Together\ncontext: ''\n{say}"));
    write("random/task.yaml", &format!("name: Random\ncontext: ''\ninput_random: 2\n{say}"));
    write(
        "figure/task.yaml",
        &format!(
            "name: Figure\ncontext: |\n    See `data <figure/img/a%20b.txt>`_, `more <other.html>`_ and :math:`x^2`.\n\n    \
             .. image:: figure/dot.png\n{say}"
        ),
    );
    // This environment cannot judge programs (reference inginious.md 9.8).
    write(
        "hopeless/task.yaml",
        "name: Hopeless\nenvironment_type: mcq\nenvironment_id: mcq\nproblems: {code: {type: code, name: Code}}\n",
    );
    write(
        "orphan/task.yaml",
        "name: Orphan\nenvironment_type: docker\nenvironment_id: nobody-has-it\nproblems: {code: {type: code, name: Code}}\n",
    );
    write("figure/public/img/a b.txt", "seven");
    write("figure/public/dot.png", "PNG");
    write("$common/public/all.txt", "all");
    folder
}

fn kind<T: std::fmt::Debug>(result: lms_core::Result<T>) -> ErrorKind {
    result.expect_err("this is to fail").kind()
}

async fn enroll(site: &Inginious, course: &str) {
    let options = EnrollOptions::default();
    let enrollment =
        site.enroll(&course.into(), &Subject::Me, &options).await.expect("the course takes everybody");
    assert_eq!((enrollment.course.as_str(), enrollment.state), (course, EnrollmentState::Active));
}

fn task(id: &str) -> TaskRef {
    TaskRef::new(BASICS, id)
}

async fn answer(site: &Inginious, at: &TaskRef, parts: &[(&str, Response)]) -> lms_core::Result<Submission> {
    let answer = TaskAnswer(parts.iter().map(|(id, response)| ((*id).into(), response.clone())).collect());
    site.submit_and_wait(at, &answer, Patience::default()).await
}

fn code(source: &str) -> Response {
    Response::Code { language: String::new(), source: source.to_owned() }
}

/// Signing in: once, lazily; a wrong password is known.
pub(crate) async fn signing_in(place: &Place) {
    let site = place.sign_in("learner");
    let accounts = site.require_accounts().expect("accounts");
    assert_eq!(accounts.me().await.expect("signed in").id.as_str(), "learner");
    assert_eq!(kind(accounts.get(&Subject::User("visitor".into())).await), ErrorKind::Unsupported);
    let wrong = InginiousBuilder::new().with_base_url(&place.url).with_account("learner", "canary-password");
    let error =
        wrong.build().expect("sound").require_accounts().expect("accounts").me().await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    let guest = InginiousBuilder::new().with_base_url(&place.url).build().expect("sound");
    let listing =
        guest.require_courses().expect("courses").list(CourseQuery::new()).expect("claimed").all().await;
    assert_eq!(kind(listing), ErrorKind::Unauthenticated);
}

/// Listing courses, and who is in them.
pub(crate) async fn listing(place: &Place) {
    let site = place.sign_in("visitor");
    let courses = site.require_courses().expect("courses");
    let found = courses.list(CourseQuery::new()).expect("claimed").all().await.expect("a list");
    let basics = found.iter().find(|course| course.id.as_str() == BASICS).expect("a course open to all");
    assert_eq!(basics.title, "Compare: basics");
    assert_eq!(basics.url.as_deref(), Some(format!("{}/course/{BASICS}", place.url).as_str()));
    assert!(found.iter().all(|course| course.id.as_str() != "compare-shut"));
    for unknown in ["no-such-course", "compare-shut", "a/b", ""] {
        assert_eq!(kind(courses.get(&unknown.into()).await), ErrorKind::NotFound, "{unknown:?}");
    }
    // Open to everybody, although nobody can register.
    assert_eq!(courses.get(&"compare-preview".into()).await.expect("open").enrolled, Some(false));
    enroll(&site, BASICS).await;
    assert_eq!(courses.get(&BASICS.into()).await.expect("open").enrolled, Some(true));
    let mine =
        courses.list(CourseQuery::new().with_enrolled()).expect("claimed").all().await.expect("a list");
    assert!(mine.iter().any(|course| course.id.as_str() == BASICS));
    assert!(mine.iter().all(|course| course.id.as_str() != "compare-preview"));
    for query in [CourseQuery::new().with_search("x"), CourseQuery::new().with_teaching()] {
        assert_eq!(kind(courses.list(query)), ErrorKind::Unsupported);
    }
}

/// Registering in courses and leaving them.
pub(crate) async fn enrolling(place: &Place) {
    let (learner, visitor) = (place.sign_in("learner"), place.sign_in("visitor"));
    enroll(&learner, BASICS).await;
    enroll(&learner, BASICS).await;
    learner.unenroll(&BASICS.into(), &Subject::Me).await.expect("everybody may leave");
    learner.unenroll(&BASICS.into(), &Subject::Me).await.expect("leaving twice is no error");
    let refused = answer(&learner, &task("single"), &[("sum", Response::choice(1))]).await;
    assert_eq!(kind(refused), ErrorKind::NotEnrolled);
    enroll(&learner, BASICS).await;

    let doors = "compare-doors".into();
    let with = |word: &str| EnrollOptions { mode: None, password: Some(Secret::new(word)) };
    if learner.require_courses().expect("courses").get(&doors).await.expect("seen").enrolled != Some(true) {
        let error =
            learner.enroll(&doors, &Subject::Me, &with("canary")).await.expect_err("a wrong password");
        assert_eq!((error.kind(), error.fields().len()), (ErrorKind::PermissionDenied, 1), "{error}");
        assert!(!error.to_string().contains("canary"));
        learner.enroll(&doors, &Subject::Me, &with("sesame")).await.expect("the password is right");
    }
    // A wrong password is no matter to whoever is in already.
    learner.enroll(&doors, &Subject::Me, &with("canary")).await.expect("registered already");
    assert_eq!(kind(learner.unenroll(&doors, &Subject::Me).await), ErrorKind::PermissionDenied);
    let closed = visitor.enroll(&doors, &Subject::Me, &with("sesame")).await.expect_err("for learner@ only");
    assert_eq!((closed.kind(), closed.fields().len()), (ErrorKind::PermissionDenied, 0), "{closed}");
    let options = EnrollOptions::default();
    assert_eq!(
        kind(learner.enroll(&"compare-preview".into(), &Subject::Me, &options).await),
        ErrorKind::PermissionDenied
    );
    assert_eq!(
        kind(learner.enroll(&"no-such-course".into(), &Subject::Me, &options).await),
        ErrorKind::NotFound
    );
    let other = Subject::User("visitor".into());
    assert_eq!(kind(learner.enroll(&BASICS.into(), &other, &options).await), ErrorKind::PermissionDenied);
    let other = Subject::Email("visitor@example.org".into());
    assert_eq!(kind(learner.enroll(&BASICS.into(), &other, &options).await), ErrorKind::Unsupported);
    let honor = EnrollOptions { mode: Some("honor".into()), password: None };
    assert_eq!(kind(learner.enroll(&BASICS.into(), &Subject::Me, &honor).await), ErrorKind::Unsupported);
}

/// What the staff of a course does: the roster, and everybody's marks.
pub(crate) async fn teaching(place: &Place) {
    let (admin, visitor) = (place.sign_in("superadmin"), place.sign_in("visitor"));
    let preview = "compare-preview".into();
    let (who, options) = (Subject::User("visitor".into()), EnrollOptions::default());
    let roster = || async {
        let listing = Enrollments::list(&admin, &preview, EnrollmentQuery::default()).expect("claimed");
        let people = listing.all().await.expect("a roster");
        people.into_iter().map(|enrollment| enrollment.user.to_string()).collect::<Vec<_>>()
    };
    // Its doors are shut to learners themselves.
    for _ in 0..2 {
        let enrollment = admin.enroll(&preview, &who, &options).await.expect("staff may");
        assert_eq!(enrollment.user.as_str(), "visitor");
    }
    assert!(roster().await.contains(&"visitor".to_owned()));
    answer(&visitor, &TaskRef::new("compare-preview", "one"), &[("say", Response::text("yes"))])
        .await
        .expect("judged");
    let grades = admin.require_grades().expect("grades");
    let all = grades.list(&preview, GradeQuery::default()).expect("claimed").all().await.expect("marks");
    let mark = all.iter().find(|grade| grade.user.as_str() == "visitor").expect("the learner");
    assert!((mark.share - 1.0).abs() < 1e-9, "{mark:?}");
    let nobody = Subject::User("nobody-here".into());
    assert_eq!(kind(admin.enroll(&preview, &nobody, &options).await), ErrorKind::NotFound);
    for _ in 0..2 {
        admin.unenroll(&preview, &who).await.expect("staff may");
    }
    assert!(!roster().await.contains(&"visitor".to_owned()));
    let listing =
        Enrollments::list(&visitor, &preview, EnrollmentQuery::default()).expect("claimed").all().await;
    assert_eq!(kind(listing), ErrorKind::PermissionDenied);
}

/// Whole courses, as far as the API shows them, and their files.
pub(crate) async fn reading(place: &Place) {
    let site = place.sign_in("learner");
    enroll(&site, BASICS).await;
    enroll(&site, COURSE).await;
    let courses = site.require_courses().expect("courses");
    let content = courses.content(&BASICS.into()).await.expect("the course can be read");
    let course = &content.course;
    assert_eq!(course.title, "Compare: basics");
    assert_eq!(course.steps().count(), 15);
    // What INGInious itself leaves out is not told.
    assert!(course.steps().all(|step| !["badtype", "broken"].contains(&step.id.as_str())));
    assert_eq!(content.native.blocks.get("task"), Some(&15));
    assert_eq!(content.native.exercises.get("multiple_choice"), Some(&5));
    let exercises: Vec<_> = course.blocks().filter_map(|place| place.block.1.exercise()).collect();
    assert!(exercises.iter().all(|exercise| exercise.key.is_none()));
    let text = course.block(&"single".into()).expect("the context");
    let text = format!("{:?}", text.block.1.body);
    assert!(text.contains("<span class=\\\"math inline\\\">\\\\(2 + 2\\\\)</span>"), "{text}");
    assert!(content.findings.iter().any(|f| f.what == "answers" && f.severity == Severity::Dropped));
    assert!(content.findings.iter().any(|f| f.what == "structure" && f.severity == Severity::Approximated));

    let content = courses.content(&COURSE.into()).await.expect("the course can be read");
    let files: Vec<&str> = content.course.assets.iter().map(|asset| asset.id.as_str()).collect();
    assert_eq!(files, ["figure/public/dot.png", "figure/public/img/a b.txt"]);
    let text = content.course.block(&"figure".into()).expect("the context");
    let lms_core::BlockBody::Text(text) = &text.block.1.body else { panic!("the context is a text") };
    let links = text.markup.links();
    assert_eq!(links[0], "asset:figure/public/img/a b.txt");
    assert_eq!(links[1], format!("{}/course/{COURSE}/other.html", place.url));
    assert_eq!(links[2], "asset:figure/public/dot.png");
    for (file, expected) in [("figure/public/img/a b.txt", "seven"), ("$common/public/all.txt", "all")] {
        let body = courses.read_asset(&COURSE.into(), &file.into()).await.expect(file);
        assert_eq!(body.into_bytes(99).await.expect("the file"), expected.as_bytes());
    }
    for missing in ["figure/public/no.txt", "figure/task.yaml", "figure/public/../task.yaml"] {
        let error = courses.read_asset(&COURSE.into(), &missing.into()).await.expect_err(missing);
        assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput), "{error}");
    }
    let visitor = place.sign_in("visitor");
    let courses = visitor.require_courses().expect("courses");
    let shut = courses.read_asset(&"compare-shut".into(), &"one/public/x".into()).await;
    assert_eq!(kind(shut), ErrorKind::PermissionDenied);
}

/// Tasks as learners meet them.
pub(crate) async fn tasks(place: &Place) {
    let site = place.sign_in("learner");
    enroll(&site, BASICS).await;
    let tasks = site.require_tasks().expect("tasks");
    let all = tasks.list(&BASICS.into(), TaskQuery::default()).expect("claimed").all().await.expect("a list");
    assert_eq!(all.len(), 15);
    let several = all.iter().find(|task| task.id.as_str() == "several").expect("the task");
    assert_eq!((several.title.as_str(), several.kinds.len()), ("Several: été", 2));
    let several = tasks.get(&task("several")).await.expect("the task");
    assert_eq!(several.statement.plain(), "Pick the even numbers.");
    let [even, odd] = several.parts.as_slice() else { panic!("two parts") };
    assert_eq!((even.block.as_str(), odd.block.as_str()), ("even", "odd"));
    assert!(even.exercise.key.is_none() && even.exercise.feedback.is_empty(), "a learner is told too much");
    let Interaction::Choice(choice) = &even.exercise.interaction else { panic!("a choice") };
    let options: Vec<String> = choice.options.iter().map(|option| option.text.plain()).collect();
    assert_eq!(options, ["2", "3", "4"]);
    let upload = tasks.get(&task("upload")).await.expect("the task");
    let Interaction::FileUpload(upload) = &upload.parts[0].exercise.interaction else { panic!("a file") };
    assert_eq!((upload.extensions.as_slice(), upload.max_bytes), ([".txt".to_owned()].as_slice(), Some(64)));
    assert_eq!(kind(tasks.get(&task("no-such-task")).await), ErrorKind::NotFound);
    assert_eq!(kind(tasks.get(&task("broken")).await), ErrorKind::NotFound);
}

/// One's own mark.
pub(crate) async fn grades(place: &Place) {
    let site = place.sign_in("learner");
    enroll(&site, COURSE).await;
    let at = TaskRef::new(COURSE, "figure");
    answer(&site, &at, &[("say", Response::text("yes"))]).await.expect("judged");
    let service = site.require_grades().expect("grades");
    let grade = service.mine(&COURSE.into()).await.expect("a mark");
    assert_eq!(grade.user.as_str(), "learner");
    assert!(grade.share == 0.5 || grade.share == 1.0, "{grade:?}");
    assert_eq!(kind(service.mine(&"no-such-course".into()).await), ErrorKind::NotFound);
    let all = service.list(&COURSE.into(), GradeQuery::default()).expect("claimed").all().await;
    assert_eq!(kind(all), ErrorKind::PermissionDenied);
}

/// Opening an account.
pub(crate) async fn opening_an_account(place: &Place) {
    let guest = InginiousBuilder::new().with_base_url(&place.url).build().expect("sound");
    let service = guest.require_registration().expect("registration");
    let account = |name: Option<&str>, email: &str, password: &str| NewAccount {
        username: name.map(str::to_owned),
        email: email.to_owned(),
        password: password.into(),
        name: "Nora Newcomer".to_owned(),
        accepted_terms: true,
        fields: Vec::new(),
    };
    for (name, email, password, field) in [
        (Some("no"), "newcomer@example.org", "canary-password", "username"),
        (Some("newcomer"), "nowhere", "canary-password", "email"),
        (Some("newcomer"), "newcomer@example.org", "tiny5", "password"),
        (None, "newcomer@example.org", "canary-password", "username"),
    ] {
        let error = service.register(&account(name, email, password)).await.expect_err(field);
        assert_eq!((error.kind(), error.fields()[0].0.as_str()), (ErrorKind::InvalidInput, field), "{error}");
        assert!(!format!("{error:?}").contains(password), "{error}");
    }
    let taken = service.register(&account(Some("learner"), "newcomer@example.org", "canary-password")).await;
    assert_eq!(kind(taken), ErrorKind::AlreadyExists);

    let made = service.register(&account(Some("newcomer"), "newcomer@example.org", "canary-password")).await;
    let Ok(Registered::AwaitingActivation(account)) = made else { panic!("{made:?}") };
    assert_eq!(account.id.as_str(), "newcomer");
    let me = || async {
        let builder =
            InginiousBuilder::new().with_base_url(&place.url).with_account("newcomer", "canary-password");
        builder.build().expect("sound").require_accounts().expect("accounts").me().await
    };
    assert_eq!(kind(me().await), ErrorKind::Unauthenticated, "not activated yet");
    let mail = (place.mails)().into_iter().find(|mail| mail.contains("/register?activate=")).expect("a mail");
    let at = mail.find("/register?activate=").expect("the link");
    let link: String = mail[at..].chars().take_while(|c| !c.is_whitespace()).collect();
    guest.raw(RawRequest::get(link)).await.expect("the link can be followed");
    assert_eq!(me().await.expect("activated").id.as_str(), "newcomer");
}
