//! Attachments, course images, videos, and their downloads. (reference stepik.md 3.15-3.17)

use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use super::form::{Form, set};
use super::rights::Caller;
use super::state::{Kind, State, now};
use super::wire::{Answer, Ask, Object, Part, Refusal, int_of, object};

fn part<'a>(ask: &'a Ask, name: &str) -> Option<&'a Part> {
    ask.parts.iter().find(|part| part.name == name)
}

fn part_id(ask: &Ask, name: &str) -> Option<i64> {
    std::str::from_utf8(&part(ask, name)?.bytes).ok()?.trim().parse().ok()
}

/// POST or PUT /api/attachments: multipart with `file` and one of `course`, `lesson`.
pub(crate) fn save_attachment(
    state: &mut State,
    caller: Caller,
    ask: &Ask,
    id: Option<i64>,
) -> Result<i64, Refusal> {
    caller.required()?;
    let Some(file) = part(ask, "file") else { return Err(Refusal::field("file", "No file was submitted.")) };
    // About 25 MB. (reference stepik.md 3.15)
    if file.bytes.len() > state.switches.largest_attachment {
        let largest = state.switches.largest_attachment;
        return Err(Refusal::field("file", format!("The file is larger than {largest} bytes.")));
    }
    let old =
        id.map(|id| state.get(Kind::Attachments, id).cloned().ok_or_else(Refusal::missing)).transpose()?;
    let held = |key: &str| old.as_ref().and_then(|old| old.get(key)).and_then(int_of);
    let (course, lesson) =
        (part_id(ask, "course").or(held("course")), part_id(ask, "lesson").or(held("lesson")));
    let (folder, owner) = match (course, lesson) {
        (None, Some(lesson)) => ("lesson", lesson),
        (Some(course), None) => ("course", course),
        _ => return Err(Refusal::field("non_field_errors", "Either course or lesson is required.")),
    };
    let kind = if folder == "lesson" { Kind::Lessons } else { Kind::Courses };
    if !state.has(kind, owner) {
        return Err(Refusal::field(folder, format!("Invalid pk '{owner}' - object does not exist.")));
    }
    match kind {
        Kind::Lessons => state.require_lesson_editor(caller, owner)?,
        _ => state.require_course_editor(caller, owner)?,
    }
    if let Some(path) = old.as_ref().and_then(|old| old.get("file")).and_then(|path| path.as_str()) {
        state.files.remove(path);
    }
    let id = id.unwrap_or_else(|| state.new_id(Kind::Attachments));
    let name = base_name(file.file_name.as_deref().unwrap_or_default());
    let path = free_path(state, &format!("/media/attachments/{folder}/{owner}/"), &name, id);
    state.files.insert(path.clone(), file.bytes.clone());
    let attachment = json!({
        "id": id, "name": name, "size": file.bytes.len(), "course": course, "lesson": lesson, "file": path,
        "has_clones": false,
    });
    state.put(Kind::Attachments, id, object(attachment));
    Ok(id)
}

pub(crate) fn delete_attachment(state: &mut State, caller: Caller, id: i64) -> Result<(), Refusal> {
    caller.required()?;
    let attachment = state.get(Kind::Attachments, id).cloned().ok_or_else(Refusal::missing)?;
    match (attachment.get("lesson").and_then(int_of), attachment.get("course").and_then(int_of)) {
        (Some(lesson), _) => state.require_lesson_editor(caller, lesson)?,
        (None, course) => state.require_course_editor(caller, course.unwrap_or_default())?,
    }
    forget(state, id);
    Ok(())
}

/// Files go with the course or lesson that they belong to.
pub(crate) fn forget_attachments(state: &mut State, owner_kind: &str, owner: i64) {
    for id in state.ids_where(Kind::Attachments, owner_kind, owner) {
        forget(state, id);
    }
}

fn forget(state: &mut State, id: i64) {
    let gone = state.remove(Kind::Attachments, id);
    if let Some(path) = gone.as_ref().and_then(|gone| gone.get("file")).and_then(|path| path.as_str()) {
        state.files.remove(path);
    }
}

/// The last segment of what the client called the file; never empty.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if last.is_empty() || last == ".." { "file".to_owned() } else { last.to_owned() }
}

/// A second file of the same name gets another path, as the storage of Django sites does; that the first one must
/// not be overwritten silently is a choice.
fn free_path(state: &State, folder: &str, name: &str, id: i64) -> String {
    let path = format!("{folder}{name}");
    if !state.files.contains_key(&path) {
        return path;
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{folder}{stem}_{id}.{extension}"),
        None => format!("{folder}{name}_{id}"),
    }
}

/// PUT /api/course-images/{course}: multipart with any of three images. (reference stepik.md 3.20)
pub(crate) fn save_course_images(
    state: &mut State,
    caller: Caller,
    ask: &Ask,
    course: i64,
) -> Result<Object, Refusal> {
    caller.required()?;
    if !state.has(Kind::Courses, course) {
        return Err(Refusal::missing());
    }
    state.require_course_editor(caller, course)?;
    let mut images = object(json!({ "id": course }));
    for field in ["cover", "certificate_footer", "certificate_cover_org"] {
        if let Some(image) = part(ask, field) {
            let name = base_name(image.file_name.as_deref().unwrap_or_default());
            let path = format!("/media/cache/images/courses/{course}/{field}/{name}");
            state.files.insert(path.clone(), image.bytes.clone());
            if let Some(course) = state.get_mut(Kind::Courses, course) {
                set(course, field, path);
            }
        }
        let held = state.get(Kind::Courses, course).and_then(|c| c.get(field)).cloned();
        set(&mut images, field, held.unwrap_or_default());
    }
    if let Some(course) = state.get_mut(Kind::Courses, course) {
        set(course, "update_date", now());
    }
    Ok(images)
}

/// PUT /api/profile-images/{user}: multipart with `avatar`. (reference stepik.md 3.20)
pub(crate) fn save_avatar(
    state: &mut State,
    caller: Caller,
    ask: &Ask,
    user: i64,
) -> Result<Object, Refusal> {
    if caller.required()? != user {
        return Err(Refusal::forbidden());
    }
    let Some(image) = part(ask, "avatar") else {
        return Err(Refusal::field("avatar", "No file was submitted."));
    };
    let name = base_name(image.file_name.as_deref().unwrap_or_default());
    let path = format!("/media/users/{user}/{name}");
    state.files.insert(path.clone(), image.bytes.clone());
    let avatar = format!("{}{path}", state.site);
    if let Some(held) = state.get_mut(Kind::Users, user) {
        set(held, "avatar", avatar.clone());
    }
    Ok(object(json!({ "id": user, "avatar": avatar })))
}

/// POST /api/videos: multipart `source`, or `source_url` in a form or JSON; no GET exists. The emulator fetches
/// nothing: a `source_url` becomes the video's own address. (reference stepik.md 3.16)
pub(crate) fn create_video(state: &mut State, caller: Caller, ask: &Ask) -> Result<Object, Refusal> {
    caller.required()?;
    let mut fields = Object::new();
    if ask.parts.is_empty() {
        let is_form =
            ask.header(header::CONTENT_TYPE).is_some_and(|t| t.starts_with("application/x-www-form"));
        fields = match is_form {
            true => url::form_urlencoded::parse(&ask.body)
                .map(|(k, v)| (k.into_owned(), v.into_owned().into()))
                .collect(),
            false => ask.written()?,
        };
    } else {
        for part in ask.parts.iter().filter(|part| part.file_name.is_none()) {
            set(&mut fields, &part.name, String::from_utf8_lossy(&part.bytes).into_owned());
        }
    }
    let lesson = fields.get("lesson").and_then(int_of);
    let course = fields.get("course").and_then(int_of);
    for (name, kind, id) in [("lesson", Kind::Lessons, lesson), ("course", Kind::Courses, course)] {
        if let Some(id) = id.filter(|id| !state.has(kind, *id)) {
            return Err(Refusal::field(name, format!("Invalid pk '{id}' - object does not exist.")));
        }
    }
    match (lesson, course) {
        (Some(lesson), _) => state.require_lesson_editor(caller, lesson)?,
        (None, Some(course)) => state.require_course_editor(caller, course)?,
        (None, None) => return Err(Refusal::field("lesson", "This field is required.")),
    }
    let id = state.new_id(Kind::Videos);
    let (url, name) = match (part(ask, "source"), fields.get("source_url").and_then(|url| url.as_str())) {
        (Some(file), _) => {
            let name = base_name(file.file_name.as_deref().unwrap_or_default());
            let path = format!("/media/videos/{id}/{name}");
            state.files.insert(path.clone(), file.bytes.clone());
            (format!("{}{path}", state.site), name)
        }
        (None, Some(url)) => {
            let mut form = Form::new(&fields);
            if url::Url::parse(url).is_err() {
                form.fail("source_url", "Enter a valid URL.");
            }
            form.finish()?;
            (url.to_owned(), base_name(url))
        }
        (None, None) => return Err(Refusal::field("source", "No file was submitted.")),
    };
    let urls = json!([{ "url": url, "quality": "720" }]);
    let video = object(json!({
        "id": id, "thumbnail": "", "urls": urls, "duration": 0, "status": "raw", "upload_date": now(),
        "filename": name,
    }));
    state.put(Kind::Videos, id, video.clone());
    // Transcoding is asynchronous: the answer has no addresses yet.
    let mut shown = video;
    set(&mut shown, "urls", json!([]));
    Ok(shown)
}

/// GET /media/…: public. (reference stepik.md 3.15)
pub(crate) fn download(state: &State, path: &str) -> Answer {
    let path = percent_decoded(path);
    let bytes = state.files.get(&path).cloned().ok_or_else(Refusal::missing)?;
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    Ok(([(header::CONTENT_TYPE, kind.essence_str().to_owned())], Body::from(bytes)).into_response())
}

fn percent_decoded(path: &str) -> String {
    // A form value decodes percent signs as well; the plus sign, which means a blank there, is kept out of it.
    let query = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(key, _)| key.into_owned()).unwrap_or_default()
}
