//! Putting courses on a server, and reading them back in full.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, future, stream};
use lms_core::grade::grade;
use lms_core::{
    Asset, AssetBody, AssetLinks, AssetRole, Authoring, Block, BlockBody, Cardinality, ChoiceInteraction,
    ChoiceOption, Course, CourseId, Courses, EnrollOptions, Enrollments, ErrorKind, Exercise, ExistingCourse,
    Interaction, Key, Lesson, LessonId, NewCourse, NumberAccept, NumericInteraction, Patience, Platform,
    Response, Section, Severity, Slot, Step, StepId, Subject, SubmissionsExt, TaskAnswer, TaskRef, Text,
    TextAccept, TextEntryInteraction, TextRule, Tolerance, Visibility,
};
use lms_inginious::{Inginious, UploadBy};

use super::{Place, kind};

fn block(id: &str, exercise: Exercise) -> Block {
    Block::new(id, BlockBody::Exercise(Box::new(exercise)))
}

fn sum() -> Exercise {
    let options = ["three", "four", "five"].map(ChoiceOption::new).into();
    let choice = Interaction::Choice(ChoiceInteraction {
        cardinality: Cardinality::Single,
        options,
        shuffle: true,
        shown: None,
    });
    Exercise::new("sums", "<p>Two and two?</p>".into(), choice).with_key(Key::Choice { correct: [1].into() })
}

fn word() -> Exercise {
    let accept = TextAccept { text: "été".into(), rule: TextRule::Exact, case_sensitive: true };
    let interaction = Interaction::TextEntry(TextEntryInteraction::default());
    Exercise::new("sums", "<p>Summer in French?</p>".into(), interaction)
        .with_key(Key::Text { accept: vec![accept] })
}

fn pi() -> Exercise {
    let accept = vec![NumberAccept::Value {
        value: "3.14".into(),
        tolerance: Tolerance::Absolute { by: "0.01".into() },
    }];
    Exercise::new("pi", "<p>Pi?</p>".into(), Interaction::Numeric(NumericInteraction::default()))
        .with_key(Key::Number { accept })
}

fn page(id: &str, title: &str) -> Step {
    let mut page = Step::new(id, title);
    page.blocks.push(Block::new("page", BlockBody::Text(Text { markup: "<p>Read me.</p>".into() })));
    page
}

/// A picture, a task that the site judges, one that a script of ours judges, a page.
fn course(id: &str) -> Course {
    let mut course = Course::new(id, "Uploaded: été");
    course.visibility = Visibility::Public;
    course.description = "<p>A course that came by wire.</p>".into();
    course.assets = vec![Asset {
        id: "pictures/dot one.png".into(),
        name: "pictures/dot one.png".into(),
        media_type: None,
        size: None,
        role: AssetRole::Content,
    }];
    let mut sums = Step::new("sums", "Sums");
    let text = "<p>See <img src=\"asset:pictures/dot one.png\">.</p>";
    sums.blocks.push(Block::new("intro", BlockBody::Text(Text { markup: text.into() })));
    sums.blocks.extend([block("sum", sum()), block("word", word())]);
    let mut circle = Step::new("circle", "Circle");
    circle.blocks.push(block("pi", pi()));
    let mut lesson = Lesson::new("first", "First");
    lesson.steps = vec![sums, circle, page("page", "A page")];
    let mut section = Section::new("first", "First");
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

/// Writes a course the way a migration does; ids are those of the sections, lessons and steps.
async fn write(
    site: &Inginious,
    course: &Course,
    new: &NewCourse,
) -> lms_core::Result<(CourseId, Vec<StepId>)> {
    let id = site.create_course(&course.header(), new).await?;
    let mut links = AssetLinks::new();
    for asset in &course.assets {
        let body = AssetBody::from_bytes("a dot");
        links.insert(asset.id.clone(), site.put_asset(&id, asset, body).await?);
    }
    let mut steps = Vec::new();
    for (s, section) in (1..).zip(&course.sections) {
        let at = site.put_section(&id, section, &Slot::new(s), &links).await?;
        for (l, lesson) in (1..).zip(&section.lessons) {
            let at = site.put_lesson(&id, &at, lesson, &Slot::new(l)).await?;
            for (t, step) in (1..).zip(&lesson.steps) {
                steps.push(site.put_step(&id, &at, step, &Slot::new(t), &links).await?);
            }
        }
    }
    site.finish(&id, &course.header(), &links).await?;
    Ok((id, steps))
}

fn new(id: &str, existing: ExistingCourse) -> NewCourse {
    NewCourse { id: Some(id.into()), existing }
}

/// A course is made, filled, answered, read back, changed and written over.
pub(crate) async fn writing(place: &Place, by: UploadBy) {
    let sign_in = || place.builder("superadmin").with_upload(by).build().expect("the options are sound");
    let (admin, learner) = (sign_in(), place.sign_in("learner"));
    let (name, picture) = match by {
        UploadBy::Webdav => ("uploaded", "$common/public/pictures/dot one.png"),
        _ => ("formed", "sums/public/pictures/dot one.png"),
    };
    let planned = Authoring::adapt(&admin, &course(name));
    let shared = planned.findings.iter().any(|finding| finding.what == "shared file");
    assert_eq!(shared, by == UploadBy::Pages, "{:?}", planned.findings);
    let (id, steps) =
        write(&admin, &planned.course, &new(name, ExistingCourse::Refuse)).await.expect("written");
    assert_eq!(steps.iter().map(StepId::as_str).collect::<Vec<_>>(), ["sums", "circle", "page"]);

    let read = Courses::content(&admin, &id).await.expect("its administrators read all of it");
    let sections: Vec<&str> = read.course.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!((read.course.title.as_str(), sections), ("Uploaded: été", vec!["First"]));
    assert_eq!(read.course.visibility, Visibility::Public);
    let there = |id: &str| read.course.block(&id.into()).expect(id).block.1.exercise().expect(id).clone();
    for (id, asked) in [("sums/sum", sum()), ("sums/word", word()), ("circle/pi", pi())] {
        assert_eq!(there(id).key, asked.key, "{id}");
    }
    let file = read.course.assets.first().expect("the picture");
    let bytes = admin.read_asset(&id, &file.id).await.expect("given").into_bytes(99).await.expect("bytes");
    assert_eq!((file.id.as_str(), &bytes[..]), (picture, &b"a dot"[..]));
    let grading = admin.read_asset(&id, &"circle/grading.json".into()).await.expect("for administrators");
    assert!(grading.into_bytes(99_999).await.expect("bytes").starts_with(b"{"));
    let told = learner.read_asset(&id, &"circle/grading.json".into()).await;
    assert_eq!(kind(told), ErrorKind::NotFound, "not for learners");

    learner.enroll(&id, &Subject::Me, &EnrollOptions::default()).await.expect("open to all");
    let (right, wrong) = (("sum", sum(), Response::choice(1)), ("sum", sum(), Response::choice(2)));
    let summer = |text: &str| ("word", word(), Response::text(text));
    let about = |number: &str| vec![("pi", pi(), Response::number(number))];
    for (task, parts, expected) in [
        ("sums", vec![right.clone(), summer(" été ")], true),
        ("sums", vec![right, summer("ete")], false),
        ("sums", vec![wrong, summer("été")], false),
        ("circle", about("3,15"), true),
        ("circle", about("3.1501"), false),
    ] {
        let by_key = parts.iter().all(|(_, asked, said)| grade(asked, said).expect("it fits").correct);
        assert_eq!(by_key, expected, "{task}");
        let answer = TaskAnswer(parts.into_iter().map(|(id, _, said)| (id.into(), said)).collect());
        let task = TaskRef::new(id.as_str(), task);
        let judged = learner.submit_and_wait(&task, &answer, Patience::default()).await.expect("judged");
        assert_eq!(judged.verdict.map(|v| v.correct), Some(expected), "{answer:?}");
    }

    let mut circle = planned.course.sections[0].lessons[0].steps[1].clone();
    circle.title = "Sums again".into();
    circle.blocks = vec![block("sum", sum())];
    let slot = Slot { position: 1, existing: Some("circle".into()) };
    let lesson = read.course.sections[0].lessons[0].id.clone();
    let again = sign_in();
    again.put_step(&id, &lesson, &circle, &slot, &AssetLinks::new()).await.expect("written anew");
    again.delete_step(&id, &"page".into()).await.expect("removed");
    assert_eq!(kind(again.delete_step(&id, &"page".into()).await), ErrorKind::NotFound);
    let read = Courses::content(&admin, &id).await.expect("read").course;
    let titles: Vec<&str> = read.steps().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Sums again", "Sums"]);
    assert_eq!(
        kind(admin.read_asset(&id, &"circle/grading.json".into()).await),
        ErrorKind::NotFound,
        "no left-over"
    );
    assert_eq!(
        kind(admin.read_asset(&id, &"page/task.yaml".into()).await),
        ErrorKind::NotFound,
        "no left-over"
    );

    let mut other = course(name);
    other.sections[0].lessons[0].steps.truncate(1);
    other.assets.clear();
    other.sections[0].lessons[0].steps[0].blocks.remove(0);
    let other = Authoring::adapt(&admin, &other).course;
    let refused = write(&again, &other, &new(name, ExistingCourse::Refuse)).await;
    assert_eq!(kind(refused), ErrorKind::AlreadyExists);
    write(&again, &other, &new(name, ExistingCourse::Replace)).await.expect("written over");
    let read = Courses::content(&admin, &id).await.expect("read").course;
    let steps: Vec<&str> = read.steps().map(|step| step.id.as_str()).collect();
    assert_eq!((steps, read.assets.len()), (vec!["sums"], 0));
    assert_eq!(
        kind(admin.read_asset(&id, &"circle/task.yaml".into()).await),
        ErrorKind::NotFound,
        "no left-over"
    );
}

/// Forty steps of two lessons by WebDAV, those of both side by side, as a migration writes them; two in one lesson would
/// go by one id.
pub(crate) async fn writing_at_once(place: &Place) {
    let name = "at-once";
    let admin = place.sign_in("superadmin");
    let links = AssetLinks::new();
    let mut whole = course(name);
    whole.assets.clear();
    let id = admin.create_course(&whole.header(), &new(name, ExistingCourse::Refuse)).await.expect("made");
    let section = Section::new("s", "S");
    let section = admin.put_section(&id, &section, &Slot::new(1), &links).await.expect("a section");
    let lessons: Vec<LessonId> = future::try_join_all((1..=2).map(|n| {
        let lesson = Lesson::new(format!("lesson{n}"), format!("Lesson {n}"));
        let (admin, id, section) = (&admin, &id, &section);
        async move { admin.put_lesson(id, section, &lesson, &Slot::new(n)).await }
    }))
    .await
    .expect("lessons");
    let steps = (0..40).map(|n| {
        let from = if n < 2 { format!("{n}/same") } else { format!("step{n}") };
        let step = page(&from, &format!("Step {n}"));
        let (admin, id, links, lesson) = (&admin, &id, &links, &lessons[n / 20]);
        let slot = Slot::new(1 + n as u32 % 20);
        async move { admin.put_step(id, lesson, &step, &slot, links).await }
    });
    let given: HashSet<StepId> = stream::iter(steps.collect::<Vec<_>>())
        .buffered(Authoring::parallel(&admin))
        .try_collect()
        .await
        .expect("steps");
    assert_eq!(given.len(), 40, "each has an id of its own: {given:?}");
    // What was answered for is listed, whatever happens next.
    let other = place.sign_in("superadmin");
    for n in 1..=2 {
        let step = page(&format!("late{n}"), "Late");
        let put = admin.put_step(&id, &lessons[1], &step, &Slot::new(20 + n), &links).await;
        put.expect("written");
        let read = Courses::content(&other, &id).await.expect("read").course;
        assert_eq!(read.sections.len(), 1, "{:?}", read.sections.last());
    }
    admin.finish(&id, &whole.header(), &links).await.expect("whole");
    let read = Courses::content(&admin, &id).await.expect("read").course;
    assert_eq!(read.steps().count(), 42);
    for (lesson, among) in read.sections[0].lessons.iter().zip([0..20, 20..40]) {
        let titles: HashSet<String> = lesson.steps.iter().map(|step| step.title.clone()).collect();
        assert!(among.into_iter().all(|n| titles.contains(&format!("Step {n}"))), "{titles:?}");
    }
}

/// Who may not write, and what the site does not take.
pub(crate) async fn writing_refused(place: &Place) {
    let (admin, learner) = (place.sign_in("superadmin"), place.sign_in("learner"));
    let small = Authoring::adapt(&admin, &course("small")).course;
    let refused = write(&learner, &small, &new("not-for-me", ExistingCourse::Refuse)).await;
    assert_eq!(kind(refused), ErrorKind::PermissionDenied);
    let refused = write(&learner, &small, &new("compare-basics", ExistingCourse::Replace)).await;
    assert_eq!(kind(refused), ErrorKind::PermissionDenied);
    let refused = write(&admin, &small, &new("no id", ExistingCourse::Refuse)).await;
    assert_eq!(kind(refused), ErrorKind::InvalidInput);
    let (section, slot, links) = (Section::new("a", "A"), Slot::new(1), AssetLinks::new());
    let put = learner.put_section(&"compare-basics".into(), &section, &slot, &links).await;
    assert_eq!(kind(put), ErrorKind::PermissionDenied);

    // The server takes such a file with 204 and puts the old one back (reference inginious.md 7).
    let mut odd = small.clone();
    let settings = serde_json::json!({"registration_ac": "by moonlight"});
    odd.extras.set(Platform::Inginious, "course", settings);
    let error = write(&admin, &odd, &new("odd", ExistingCourse::Refuse)).await.expect_err("rolled back");
    assert_eq!((error.kind(), error.resource()), (ErrorKind::InvalidInput, Some("course.yaml")), "{error}");

    // A task that the server cannot read is nowhere named by it.
    let mut broken = small.clone();
    let settings = serde_json::json!({"environment_type": "abacus"});
    broken.sections[0].lessons[0].steps[0].extras.set(Platform::Inginious, "task", settings);
    let error = write(&admin, &broken, &new("broken", ExistingCourse::Refuse)).await.expect_err("unreadable");
    assert!(error.kind() == ErrorKind::InvalidInput && error.message().contains(": sums"), "{error}");

    // A broken catalogue of translations closes the course, and then not even a mended one can be uploaded.
    let (id, _) = write(&admin, &small, &new("translated", ExistingCourse::Refuse)).await.expect("made");
    for (name, bytes, is_fine) in [
        ("$i18n/fr.mo", "version https://git-lfs".as_bytes(), false),
        ("sums/$i18n/fr.mo", b"", false),
        ("$i18n/fr.po", b"msgid", true),
        ("sums/public/fr.mo", b"not translations", true),
    ] {
        let asset = Asset { id: name.into(), name: name.into(), ..small.assets[0].clone() };
        let put = admin.put_asset(&id, &asset, AssetBody::from_bytes(bytes)).await;
        let said = put.as_ref().map_err(ToString::to_string).err().unwrap_or_default();
        assert!(put.is_ok() == is_fine && (is_fine || said.contains("compile it again")), "{name}: {put:?}");
    }
    admin.content(&id).await.expect("the course still opens");
}

/// What the pages of administrators cannot carry is said before, and is what is missing afterwards.
pub(crate) async fn forms_lose_what_they_say(place: &Place) {
    let admin = place.builder("superadmin").with_upload(UploadBy::Pages).build().expect("sound");
    let mut lossy = course("lossy");
    lossy.extras.set(Platform::Inginious, "course", serde_json::json!({
        "nofrontend": false, "tags": {"loops": {"name": "Loops", "description": "For and while", "type": 1, "visible": true},
                     "warmup": {"name": "Warm-up", "description": "", "type": 2, "visible": false}},
        "registration_password": "sesame", "accessible": "2020-01-01 10:00:00/2035-01-01", "allow_unregister": false,
            "task_dispenser": "combinatory_test",
    }));
    lossy.schedule = lms_core::Schedule {
        start: lms_core::Timestamp::from_naive("2020-01-01 10:00:00").ok(),
        due: None,
        end: lms_core::Timestamp::from_naive("2035-01-01").ok(),
    };
    let program = Exercise::new(
        "program",
        "<p>Double it.</p>".into(),
        Interaction::Code(lms_core::CodeInteraction {
            languages: vec![lms_core::CodeLanguage {
                name: "python".into(),
                template: "def f(n):\n\treturn n".into(),
                header: String::new(),
                footer: String::new(),
                seconds: None,
                megabytes: None,
            }],
            ..lms_core::CodeInteraction::default()
        }),
    );
    lossy.sections[0].lessons[0].steps[2].blocks = vec![block("code", program)];
    lossy.sections[0].lessons[0].steps[2].extras.set(
        Platform::Inginious,
        "graded_by",
        serde_json::json!("run script"),
    );
    for name in ["$common/data.csv", "notes.txt", "page/answers.txt"] {
        let role = if name == "notes.txt" { AssetRole::Other } else { AssetRole::Grader };
        lossy.assets.push(Asset { id: name.into(), name: name.into(), media_type: None, size: None, role });
    }
    lossy.sections[0].extras.set(Platform::Inginious, "toc", serde_json::json!({"config": {"amount": 2}}));
    let planned = Authoring::adapt(&admin, &lossy);
    for (path, what) in [
        ("file $common/data.csv", "file"),
        ("file notes.txt", "file"),
        ("task page: problems.code.default", "field of a task"),
        ("course", "setting nofrontend"),
    ] {
        let said =
            planned.findings.iter().any(|f| f.path == path && f.what == what && f.severity > Severity::Exact);
        assert!(said, "{path}: {what} is lost without a word: {:#?}", planned.findings);
    }
    let (id, _) =
        write(&admin, &planned.course, &new("lossy", ExistingCourse::Refuse)).await.expect("written");
    let read = Courses::content(&admin, &id).await.expect("read").course;
    let settings = read.extras.get(Platform::Inginious, "course").expect("settings");
    assert_eq!(settings["tags"], lossy.extras.get(Platform::Inginious, "course").expect("settings")["tags"]);
    assert_eq!(
        (&settings["registration_password"], &settings["allow_unregister"]),
        (&"sesame".into(), &false.into())
    );
    assert_eq!(settings["task_dispenser"], "combinatory_test");
    assert_eq!(read.sections[0].extras, lossy.sections[0].extras);
    assert_eq!(read.schedule, lossy.schedule);
    let exercise =
        read.block(&"page/code".into()).expect("the task").block.1.exercise().expect("an exercise");
    let Interaction::Code(code) = &exercise.interaction else { panic!("a program") };
    assert_eq!(code.languages[0].template, "def f(n):\n    return n");
    let bytes = admin.read_asset(&id, &"page/answers.txt".into()).await.expect("carried");
    assert_eq!(&bytes.into_bytes(99).await.expect("bytes")[..], b"a dot");

    let odd = serde_json::json!({"registration_ac": "by moonlight"});
    let mut refused = planned.course.clone();
    refused.extras.set(Platform::Inginious, "course", odd);
    let error = write(&admin, &refused, &new("lossy", ExistingCourse::Replace)).await.expect_err("unknown");
    assert_eq!(
        (error.kind(), error.resource()),
        (ErrorKind::InvalidInput, Some("course.yaml: registration_ac"))
    );
}
