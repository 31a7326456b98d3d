//! Course import: `/api/courses/v0/import/{id}/` and the session form of it (reference openedx.md 3.14).

use axum::body::Bytes;
use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::json;

use crate::openedx::auth::{View, identify};
use crate::openedx::call::Call;
use crate::openedx::keys::CourseKey;
use crate::openedx::session::require_session;
use crate::openedx::state::{App, Task};
use crate::openedx::{archive, olx, reply};
use crate::random;

/// `POST`: starts the task. It answers 200 even for a course that does not exist; the task fails later (recorded).
pub(crate) async fn start(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match author(&app, &call, &id) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let upload = call.multipart().await.into_iter().find(|part| part.name == "course_data");
    let named =
        upload.and_then(|part| Some((part.file.filter(|file| file.ends_with(".tar.gz"))?, part.data)));
    // The 400 that was meant is swallowed by the view (recorded: `no file`, `wrong extension`).
    let Some((file, data)) = named.filter(|(_, data)| !data.is_empty()) else {
        return reply::developer_code(500, "", "internal_error");
    };
    let task = begin(&app, &username, &id, file, data);
    reply::ok(json!({"task_id": task}))
}

/// `GET`: `task_id` and `filename` are both required.
pub(crate) async fn status(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    if let Err(refused) = author(&app, &call, &id) {
        return *refused;
    }
    for name in ["task_id", "filename"] {
        if call.query(name).is_none() {
            return reply::developer_code(500, &format!("'{name}'"), "internal_error");
        }
    }
    let file = call.query("filename").unwrap_or_default();
    let state = app.lock();
    let wanted = call.query("task_id").unwrap_or_default();
    let task =
        state.tasks.iter().find(|(task, entry)| task == wanted && entry.file == file && entry.course == id);
    match task {
        Some((_, task)) => reply::ok(json!({"state": task.state})),
        None => reply::developer_code(500, "UserTaskStatus matching query does not exist.", "internal_error"),
    }
}

/// `POST /import/{id}` with a session, field `course-data`. Chunks are not taken: one request, no `Content-Range`.
pub(crate) async fn legacy_start(Ext(app): Ext<App>, Path(id): Path<String>, call: Call) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let Some(key) = CourseKey::parse(&id) else { return reply::not_found() };
    if !app.lock().is_author(&username, &key) {
        return reply::html(403, "403 Forbidden");
    }
    let upload = call.multipart().await.into_iter().find(|part| part.name == "course-data");
    let Some((file, data)) = upload.and_then(|part| Some((part.file?, part.data))) else {
        return reply::json(400, &json!({"ErrMsg": "no file", "Stage": -1}));
    };
    if !file.ends_with(".tar.gz") {
        return reply::json(415, &json!({"ErrMsg": "We only support uploading a .tar.gz file.", "Stage": 0}));
    }
    begin(&app, &username, &id, file, data);
    reply::ok(json!({"ImportStatus": 1}))
}

/// `GET /import_status/{id}/{filename}`: the newest task of the caller for that course and file.
pub(crate) async fn legacy_status(
    Ext(app): Ext<App>,
    Path((id, file)): Path<(String, String)>,
    call: Call,
) -> Response {
    let username = match require_session(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let state = app.lock();
    let mine =
        |task: &&Task| task.owner == username && task.course == id && task.file.replace('/', "-") == file;
    match state.tasks.iter().rev().map(|(_, task)| task).find(mine) {
        None => reply::ok(json!({"ImportStatus": 0, "Message": ""})),
        Some(task) if task.state == "Failed" => {
            reply::ok(json!({"ImportStatus": -task.stage, "Message": task.message}))
        }
        Some(task) => reply::ok(json!({"ImportStatus": task.stage, "Message": ""})),
    }
}

fn author(app: &App, call: &Call, id: &str) -> Result<String, Box<Response>> {
    let caller = identify(app, call, View::Mixin)?;
    let Some(username) = caller.0 else {
        return Err(Box::new(reply::developer(401, "Incorrect authentication credentials.")));
    };
    let state = app.lock();
    let allowed = match CourseKey::parse(id) {
        Some(key) => state.is_author(&username, &key),
        None => return Err(Box::new(reply::developer(404, "Not found."))),
    };
    if !allowed {
        let text = "The requesting user does not have course author permissions.";
        return Err(Box::new(reply::developer_code(403, text, "user_permissions")));
    }
    Ok(username)
}

fn begin(app: &App, username: &str, id: &str, file: String, data: Bytes) -> String {
    let secret = random::secret();
    let task_id = format!(
        "{}-{}-{}-{}-{}",
        &secret[..8],
        &secret[8..12],
        &secret[12..16],
        &secret[16..20],
        &secret[20..32]
    );
    let task = Task {
        owner: username.to_owned(),
        course: id.to_owned(),
        file,
        state: "Pending",
        stage: 1,
        message: String::new(),
    };
    app.lock().tasks.push((task_id.clone(), task));
    let (app, id, spawned) = (app.clone(), id.to_owned(), task_id.clone());
    tokio::spawn(async move {
        tokio::time::sleep(app.delay() / 2).await;
        set(&app, &spawned, "Unpacking", 1, "");
        tokio::time::sleep(app.delay() / 2).await;
        match run(&app, &id, &data) {
            Ok(()) => set(&app, &spawned, "Succeeded", 4, ""),
            Err((stage, why)) => set(&app, &spawned, "Failed", stage, &why),
        }
    });
    task_id
}

fn set(app: &App, task: &str, name: &'static str, stage: i8, message: &str) {
    if let Some(task) = app.lock().task_mut(task) {
        task.state = name;
        task.stage = stage;
        message.clone_into(&mut task.message);
    }
}

fn run(app: &App, id: &str, data: &[u8]) -> Result<(), (i8, String)> {
    let key = CourseKey::parse(id).filter(|key| app.lock().edited(key).is_some());
    let key = key.ok_or_else(|| (1, format!("Course {id} does not exist")))?;
    let files = archive::unpack(data).map_err(|why| (1, why))?;
    let root = if key.is_library() { "library.xml" } else { "course.xml" };
    let files = archive::top_folder(&files, root)
        .ok_or_else(|| (2, format!("Could not find the {root} file in the package.")))?;
    let incoming = olx::load(&files, &key).map_err(|why| (3, why))?;
    let mut state = app.lock();
    let Some(course) = state.edited_mut(&key) else {
        return Err((3, format!("Course {id} does not exist")));
    };
    // Blocks absent from the archive fall out of the tree, settings are replaced whole, files are
    // added or overwritten and never deleted, the team stays (reference openedx.md 3.14, 6.1).
    let mut course_now = incoming;
    course_now.team = std::mem::take(&mut course.team);
    course_now.orphans = std::mem::take(&mut course.orphans);
    course_now.orphans.append(&mut course.blocks);
    let olx::Course { blocks, orphans, .. } = &mut course_now;
    orphans.retain(|id, _| !blocks.contains_key(id));
    let mut assets = std::mem::take(&mut course.assets);
    assets.append(&mut course_now.assets);
    course_now.assets = assets;
    *course = course_now;
    Ok(())
}
