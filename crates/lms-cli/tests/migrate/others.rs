//! What others put onto the target between two runs, of each kind that it has: after a run all of it is as it was, but for
//! what the plan named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lms::openedx::{BlockChange, NewBlock, OpenEdx, OpenEdxBuilder, OpenEdxKey};
use lms::stepik::{Endpoint, Owner, Stepik, StepikBuilder};
use lms_core::{AssetBody, CourseId, CoursesExt, Patience, Platform};
use serde_json::{Value, json};

use crate::site::{Site, said};

const UNITS: [&str; 3] = [
    r#"<vertical url_name="v" display_name="First"><html url_name="h"><p>One.</p></html></vertical>"#,
    r#"<vertical url_name="w" display_name="Second"><html url_name="i"><p>Two.</p></html></vertical>"#,
    r#"<vertical url_name="x" display_name="Third"><html url_name="j"><p>Three.</p></html></vertical>"#,
];

/// The source: these units in a lesson, and another lesson behind it.
fn source(folder: &Path, units: &[&str], last: Option<&str>) -> PathBuf {
    let path = folder.join("source");
    std::fs::create_dir_all(&path).expect("a folder");
    let last =
        last.map(|unit| format!(r#"<sequential url_name="m" display_name="Last">{unit}</sequential>"#));
    let course = format!(
        r#"<course org="Org" course="Others" url_name="run" display_name="Others"><chapter url_name="s" display_name="Section">
        <sequential url_name="l" display_name="Lesson">{}</sequential>{}</chapter></course>"#,
        units.concat(),
        last.unwrap_or_default()
    );
    std::fs::write(path.join("course.xml"), course).expect("a file");
    path
}

/// Another text in the first unit, and a unit put before the second.
fn edited(folder: &Path, last: Option<&str>) {
    let first = UNITS[0].replace("One.", "One, improved.");
    let new = r#"<vertical url_name="n" display_name="New"><html url_name="k"><p>New.</p></html></vertical>"#;
    source(folder, &[&first, new, UNITS[1]], last);
}

struct Pair {
    site: Site,
    folder: tempfile::TempDir,
    options: &'static [(&'static str, &'static str)],
}

impl Pair {
    async fn migrated(platform: Platform, options: &'static [(&'static str, &'static str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        source(folder.path(), &UNITS[..2], Some(UNITS[2]));
        let pair = Self { site: Site::start(platform).await, folder, options };
        let (code, said) = pair.run(&[]).await;
        assert_eq!(code, 0, "{said}");
        pair
    }

    async fn run(&self, more: &[&str]) -> (i32, String) {
        let mut command = self.site.lms(&self.folder.path().join("state"));
        for (key, value) in self.options {
            command.env(format!("LMS_{}_{key}", self.site.platform()).to_uppercase(), value);
        }
        command.arg("migrate").arg(self.folder.path().join("source")).arg(self.site.target());
        let output = command.args(more).arg("--no-verify").output().await.expect("it runs");
        (output.status.code().expect("it was not killed"), said(&output))
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// What is otherwise: the types of blocks whose files changed, and of those that came.
fn changes(before: &Files, after: &Files) -> (Vec<String>, Vec<String>) {
    for name in before.keys() {
        assert!(after.contains_key(name), "{name} is gone");
    }
    // A page has two files of one name.
    let types = |names: Vec<&String>| -> Vec<String> {
        let blocks: BTreeSet<&str> =
            names.iter().filter_map(|name| name.rsplit_once('.')).map(|(block, _)| block).collect();
        blocks.iter().filter_map(|block| block.split('/').next()).map(str::to_owned).collect()
    };
    let changed =
        after.iter().filter(|(name, bytes)| before.get(*name).is_some_and(|before| before != *bytes));
    let new = after.keys().filter(|name| !before.contains_key(*name));
    (types(changed.map(|(name, _)| name).collect()), types(new.collect()))
}

/// The author in Studio.
struct Studio {
    edx: OpenEdx,
    course: CourseId,
}

impl Studio {
    async fn of(site: &Site) -> Self {
        let options = site.options();
        let keys = [
            (OpenEdxKey::LmsUrl, "lms_url"),
            (OpenEdxKey::StudioUrl, "studio_url"),
            (OpenEdxKey::ClientId, "client_id"),
            (OpenEdxKey::ClientSecret, "client_secret"),
            (OpenEdxKey::Username, "username"),
            (OpenEdxKey::Password, "password"),
        ];
        let builder = OpenEdxBuilder::new();
        let builder =
            keys.into_iter().fold(builder, |builder, (key, name)| builder.with_option(key, &options[name]));
        let edx = builder.build().expect("a provider");
        let course = edx.first_course().await.expect("a course").id;
        Self { edx, course }
    }

    /// All that an export holds, unpublished units included.
    async fn exported(&self) -> Files {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.tar.gz");
        self.edx.export_archive(&self.course, &path).await.expect("exported");
        let file = std::fs::File::open(path).expect("a file");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let entries = archive.entries().expect("members").map(|entry| entry.expect("a member"));
        entries
            .map(|mut entry| {
                let name = entry
                    .path()
                    .expect("a path")
                    .strip_prefix("course")
                    .expect("one folder")
                    .display()
                    .to_string();
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut entry, &mut bytes).expect("bytes");
                (name, bytes)
            })
            .collect()
    }

    async fn import(&self, files: &Files) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.tar.gz");
        let file = std::fs::File::create(&path).expect("a file");
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, format!("course/{name}"), &**bytes).expect("a member");
        }
        archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed");
        let task = self.edx.start_import(&self.course, &path).await.expect("sent");
        self.edx.finish_import(&task, Patience::default()).await.expect("imported");
    }

    /// The key of the block whose file says this.
    async fn block(&self, kind: &str, says: &str) -> lms_core::BlockId {
        let files = self.exported().await;
        let ours = |(name, text): &(&String, &Vec<u8>)| {
            name.starts_with(&format!("{kind}/")) && String::from_utf8_lossy(text).contains(says)
        };
        let (name, _) = files.iter().find(ours).expect("it is there");
        let name = name.split('/').next_back().expect("a name").split('.').next().expect("a name");
        let run = self.course.as_str().trim_start_matches("course-v1:");
        format!("block-v1:{run}+type@{kind}+block@{name}").into()
    }

    /// A thing of each kind.
    async fn furnish(&self) {
        let mut files = self.exported().await;
        let run = self.course.as_str().rsplit('+').next().expect("a run").to_owned();
        for (name, text) in [
            ("tabs/own.html", "<p>A page of their own</p>"),
            ("info/updates.html", "<ol><li>News</li></ol>"),
            (
                "info/updates.items.json",
                r#"[{"id": 1, "date": "May 1, 2026", "content": "News", "status": "visible"}]"#,
            ),
            ("info/handouts.html", "<p>Handouts</p>"),
            ("about/effort.html", "3 h"),
            ("about/overview.html", "<p>About it</p>"),
            ("static/own.csv", "1;2"),
            ("chapter/own.xml", r#"<chapter display_name="Own"><sequential url_name="own"/></chapter>"#),
            (
                "sequential/own.xml",
                r#"<sequential display_name="Own"><vertical url_name="own"/></sequential>"#,
            ),
            ("vertical/own.xml", r#"<vertical display_name="Own"><problem url_name="own"/></vertical>"#),
            ("problem/own.xml", r#"<problem display_name="Own" rerandomize="always"><p>Own</p></problem>"#),
        ] {
            files.insert(name.to_owned(), text.into());
        }
        let edit = |files: &mut Files, name: &str, from: &str, to: &str| {
            let text = String::from_utf8(files[name].clone()).expect("text");
            assert!(text.contains(from), "{name}: {text}");
            files.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
        };
        let more = r#"<textbook title="Book" book_url="https://books.example.org/"/><chapter url_name="own"/></course>"#;
        edit(&mut files, &format!("course/{run}.xml"), "</course>", more);
        let policy = format!("policies/{run}/policy.json");
        edit(&mut files, &policy, "{", r#"{"problem/own": {"showanswer": "never"},"#);
        let mut settings: Value = serde_json::from_slice(&files[&policy]).expect("JSON");
        settings[format!("course/{run}")]["advanced_modules"] = json!(["poll"]);
        settings[format!("course/{run}")]["tabs"] =
            json!([{"name": "Own", "type": "static_tab", "url_slug": "own"}]);
        files.insert(policy, settings.to_string().into_bytes());
        let grading = json!({"GRADER": [{"type": "Own", "min_count": 1, "drop_count": 0, "weight": 1.0}],
            "GRADE_CUTOFFS": {"Pass": 0.7}});
        files.insert(format!("policies/{run}/grading_policy.json"), grading.to_string().into_bytes());
        self.import(&files).await;

        // A unit of theirs in a lesson of ours, one that is not published, and a change that is not.
        let lesson = self.block("sequential", "display_name=\"Lesson\"").await;
        for (title, publish) in [("Theirs", true), ("Soon", false)] {
            let unit = self.edx.create_block(&lesson, &NewBlock::new("vertical", title)).await.expect("made");
            let page = self.edx.create_block(&unit, &NewBlock::new("html", title)).await.expect("made");
            self.edx
                .update_block(&page, &BlockChange::data(format!("<p>{title}</p>")))
                .await
                .expect("changed");
            if publish {
                let publish = BlockChange::publish(lms::openedx::Publish::MakePublic);
                self.edx.update_block(&unit, &publish).await.expect("published");
            }
        }
        let third = self.block("html", "<p>Three.</p>").await;
        self.edx
            .update_block(&third, &BlockChange::data("<p>Three, unpublished.</p>"))
            .await
            .expect("changed");
        self.edx.upload_file(&self.course, "uploaded.txt", "uploaded".into()).await.expect("stored");
    }
}

async fn open_edx(options: &'static [(&'static str, &'static str)]) {
    let pair = Pair::migrated(Platform::OpenEdx, options).await;
    let studio = Studio::of(&pair.site).await;
    studio.furnish().await;
    let before = studio.exported().await;
    edited(pair.folder.path(), Some(UNITS[2]));
    let (code, said) = pair.run(&[]).await;
    assert_eq!(code, 0, "{said}");
    let after = studio.exported().await;
    // The place of the unit that is not published is told by a number.
    let (mut changed, new) = changes(&before, &after);
    changed.retain(|top| top != "drafts");
    assert_eq!(changed, ["html", "sequential"]);
    assert_eq!(new, ["html", "vertical"]);
    let drafts = |files: &Files| -> Vec<String> {
        let drafts =
            files.iter().filter(|(name, _)| name.starts_with("drafts/html/") && name.ends_with(".html"));
        drafts.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect()
    };
    assert_eq!(drafts(&after), drafts(&before));
    assert_eq!(drafts(&after).len(), 2);

    // What is to go and holds work that is not published stays, and with it all else.
    edited(pair.folder.path(), None);
    let (code, said) = pair.run(&["--delete"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("not published"), "{said}");
    assert_eq!(changes(&after, &studio.exported().await), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_open_edx_by_archive() {
    open_edx(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_open_edx_block_by_block() {
    open_edx(&[("write_by", "blocks")]).await;
}

/// All objects of a course, by endpoint and id, without what the platform counts by itself.
async fn objects(stepik: &Stepik, course: &str) -> BTreeMap<String, Value> {
    let native = stepik.native();
    let mut found = BTreeMap::new();
    let mut next = vec![(Endpoint::Courses, course.to_owned())];
    while let Some((endpoint, id)) = next.pop() {
        let mut object = native.get(endpoint, &id).await.expect("an object");
        let fields = object.as_object_mut().expect("fields");
        fields.retain(|name, _| {
            !["update_date", "progress", "total_units", "position", "time_to_complete", "assignments"]
                .contains(&name.as_str())
        });
        let below = |field: &str, to: Endpoint| -> Vec<(Endpoint, String)> {
            let ids = fields.get(field).and_then(Value::as_array).into_iter().flatten();
            ids.map(|id| (to, id.to_string())).collect()
        };
        match endpoint {
            Endpoint::Courses => next.extend(below("sections", Endpoint::Sections)),
            Endpoint::Sections => next.extend(below("units", Endpoint::Units)),
            Endpoint::Lessons => next.extend(below("steps", Endpoint::StepSources)),
            Endpoint::Units => next.push((Endpoint::Lessons, fields["lesson"].to_string())),
            _ => {}
        }
        found.insert(format!("{endpoint:?} {id}"), object);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_stepik() {
    let pair = Pair::migrated(Platform::Stepik, &[]).await;
    let who = pair.site.options();
    let stepik = StepikBuilder::new()
        .with_base_url(&who["url"])
        .with_client(&who["client_id"], who["client_secret"].as_str())
        .build()
        .expect("a provider");
    let course = stepik.first_course().await.expect("a course").id;
    let native = stepik.native();
    let id_of = |object: Value| object["id"].as_u64().expect("an id");
    let number: u64 = course.as_str().parse().expect("a number");

    // What the course says of itself, beside what the run wrote.
    let own = json!({"requirements": "A pen", "workload": "2 h", "target_audience": "All"});
    native.change(Endpoint::Courses, &course, own).await.expect("changed");
    // A section, a lesson in it and in one of ours, and a step in a lesson of ours.
    let there = objects(&stepik, course.as_str()).await;
    let first = |kind: &str| -> u64 {
        let key = there.keys().find(|key| key.starts_with(kind)).expect("one of them");
        key.rsplit(' ').next().expect("an id").parse().expect("a number")
    };
    let (section, lesson) = (first("Sections"), first("Lessons"));
    let own = json!({"course": number, "title": "Own", "position": 2});
    let own = id_of(native.create(Endpoint::Sections, own).await.expect("a section"));
    let theirs = id_of(native.create(Endpoint::Lessons, json!({"title": "Own"})).await.expect("a lesson"));
    for (section, position) in [(own, 1), (section, 3)] {
        let unit = json!({"section": section, "lesson": theirs, "position": position});
        native.create(Endpoint::Units, unit).await.expect("a place");
    }
    for (lesson, position) in [(theirs, 1), (lesson, 3)] {
        let block = json!({"name": "text", "text": "<p>Theirs</p>", "source": {}});
        let step = json!({"lesson": lesson, "position": position, "block": block, "cost": 0});
        native.create(Endpoint::StepSources, step).await.expect("a step");
    }
    for owner in [Owner::Course(course.clone()), Owner::Lesson(lesson.into())] {
        stepik.attach(&owner, "own.txt", None, AssetBody::from_bytes("theirs")).await.expect("attached");
    }

    let before = objects(&stepik, course.as_str()).await;
    edited(pair.folder.path(), Some(UNITS[2]));
    let (code, said) = pair.run(&[]).await;
    assert_eq!(code, 0, "{said}");
    let after = objects(&stepik, course.as_str()).await;
    let kind = |key: &String| key.split(' ').next().expect("a kind").to_owned();
    let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    assert_eq!(gone, Vec::<&String>::new());
    let changed = fields(&before, &after);
    let new: Vec<String> = after.keys().filter(|key| !before.contains_key(*key)).map(kind).collect();
    assert_eq!(
        (changed.join(", "), new.join(", ")),
        ("Lessons.steps, StepSources.block".into(), "StepSources".into())
    );

    // The second lesson goes, with what the run wrote; the first has a step of theirs and stays.
    edited(pair.folder.path(), None);
    let before = after;
    let (code, said) = pair.run(&["--delete"]).await;
    assert_eq!(code, 0, "{said}");
    let after = objects(&stepik, course.as_str()).await;
    let gone: Vec<String> = before.keys().filter(|key| !after.contains_key(*key)).map(kind).collect();
    assert_eq!(gone.join(", "), "Lessons, StepSources, Units", "{said}");
    assert_eq!(fields(&after, &before).join(", "), "Courses.lessons_count, Sections.units");
}

/// The fields in which objects of both differ.
fn fields(one: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (key, object) in one {
        let (Some(object), Some(there)) = (object.as_object(), other.get(key)) else { continue };
        let kind = key.split(' ').next().unwrap_or_default();
        let changed = object.iter().filter(|(field, value)| there[field.as_str()] != **value);
        found.extend(changed.map(|(field, _)| format!("{kind}.{field}")));
    }
    found
}
