//! WebDAV: the files of a course, with the API key as password (reference inginious.md 7).
//!
//! Locks are not kept, so only compliance class 1 is announced. Digest authentication is offered, as the server does
//! to a request without credentials, but only Basic is understood here.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Webdav;
use super::app::App;
use super::course::Course;
use super::files::{Folder, parent};
use super::http::respond;
use super::rst::escape;
use crate::fault::Effect;

/// How long a course file is being written: long enough to be met.
const SAVING: Duration = Duration::from_millis(2);

/// Handles one request. The first segment of the path is the course, the rest a file or folder in it.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some((course, path)) = split(parts.uri.path()) else {
        return status_page(404, "Not Found", "Unknown course ");
    };
    let sent = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(sent) = sent else {
        let nonce = crate::random::secret();
        return unauthorized(&format!(
            "Digest realm=\"{course}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\""
        ));
    };
    if app.webdav() == Webdav::Off {
        return unauthorized(&format!("Basic realm=\"{course}\""));
    }
    let careless = app.faults.fires(Effect::AcceptWrongSecret, parts.method.as_str(), parts.uri.path());
    if !authenticated(&app, sent, &course, careless) {
        return unauthorized(&format!("Basic realm=\"{course}\""));
    }
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return status_page(400, "Bad Request", "the body ended too early");
    };
    let saving = match parts.method.as_str() {
        "PUT" if path == "course.yaml" => Saving::begin(&app, &course),
        _ => None,
    };
    if saving.is_some() {
        tokio::time::sleep(SAVING).await;
    }
    drop(saving);
    let mut store = app.store();
    // A course that cannot be read does not exist here either (reference inginious.md 7).
    if store.saving.contains(&course)
        || store
            .courses
            .get(&course)
            .is_none_or(|stored| Course::read_without_tasks(&course, stored.files()).is_err())
    {
        return status_page(404, "Not Found", &format!("Unknown course {course}"));
    }
    let Some(stored) = store.courses.get_mut(&course) else {
        return status_page(404, "Not Found", &format!("Unknown course {course}"));
    };
    let target = Target { course: &course, path: &path };
    match parts.method.as_str() {
        "OPTIONS" => options(stored.files(), &path),
        "GET" | "HEAD" => get(stored.files(), target),
        "PROPFIND" => propfind(stored.files(), target, &parts.headers),
        "PUT" => put(stored.files_mut(), target, body),
        "MKCOL" => make_folder(stored.files_mut(), &path),
        "DELETE" => delete(stored.files_mut(), target),
        method @ ("MOVE" | "COPY") => transfer(stored.files_mut(), target, &parts.headers, method == "MOVE"),
        _ => status_page(405, "Method Not Allowed", "405 Method Not Allowed"),
    }
}

/// While a course file is being written, other requests find no course: the server empties the file and fills it again
/// (`INGIniousDAVCourseFile.end_write` of INGInious 0.9.2; a PUT beside it got 404 from a real one).
struct Saving<'a> {
    app: &'a App,
    course: &'a str,
}

impl<'a> Saving<'a> {
    /// `None` where somebody else is writing it.
    fn begin(app: &'a App, course: &'a str) -> Option<Self> {
        app.store().saving.insert(course.to_owned()).then_some(Self { app, course })
    }
}

impl Drop for Saving<'_> {
    fn drop(&mut self) {
        self.app.store().saving.remove(self.course);
    }
}

/// What a request is about; `path` is relative to the course, "" for the course itself.
#[derive(Debug, Clone, Copy)]
struct Target<'a> {
    course: &'a str,
    path: &'a str,
}

fn split(path: &str) -> Option<(String, String)> {
    let decoded = decode(path);
    let mut parts = decoded.split('/').filter(|part| !part.is_empty() && *part != "." && *part != "..");
    let course = parts.next()?.to_owned();
    Some((course, parts.collect::<Vec<_>>().join("/")))
}

fn decode(path: &str) -> String {
    // A form decoder would turn `+` into a blank.
    let guarded = path.replace('+', "%2B");
    url::form_urlencoded::parse(format!("p={guarded}").replace('&', "%26").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Administrators of the course only, by user name and API key; everybody else gets 401 (reference inginious.md 7).
fn authenticated(app: &App, sent: &str, course: &str, careless: bool) -> bool {
    let pair = sent.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text.trim()).ok());
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let Some((username, key)) = pair.split_once(':') else { return false };
    let store = app.store();
    let Some(user) = store.users.get(username) else { return false };
    (careless || user.api_key.as_deref() == Some(key))
        && store.courses.get(course).is_none_or(|stored| {
            let found = Course::read_without_tasks(course, stored.files());
            found.is_ok_and(|found| found.is_admin(store.person(username, course)))
        })
}

fn unauthorized(offer: &str) -> Response {
    let body = "<html>\n    <head><title>401 Access not authorized</title></head>\n    <body>\n        \
                <h1>401 Access not authorized</h1>\n    </body>\n</html>\n";
    with_header(respond(401, "text/html; charset=utf-8", body), header::WWW_AUTHENTICATE, offer)
}

fn status_page(status: u16, name: &str, text: &str) -> Response {
    let body = format!(
        "<html><head>\n  <title>{status} {name}</title>\n</head><body>\n  <h1>{status} {name}</h1>\n  <p>{}</p>\n\
         </body></html>",
        escape(text)
    );
    respond(status, "text/html; charset=utf-8", body)
}

fn created() -> Response {
    status_page(201, "Created", "201 Created")
}

fn empty(status: u16) -> Response {
    let mut response = respond(status, "text/html", "");
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn not_here(target: Target<'_>) -> Response {
    status_page(404, "Not Found", &format!("404 Not Found: /{}/{}", target.course, target.path))
}

fn etag(bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digest}-{}\"", bytes.len())
}

fn media_of(path: &str) -> String {
    if path.ends_with(".yaml") || path.ends_with(".yml") {
        "application/yaml".to_owned()
    } else {
        mime_guess::from_path(path).first_or_octet_stream().to_string()
    }
}

fn options(files: &Folder, path: &str) -> Response {
    let allow = match (files.is_dir(path), files.exists(path)) {
        (true, _) => "OPTIONS, HEAD, GET, PROPFIND, DELETE, COPY, MOVE",
        (_, true) => "OPTIONS, HEAD, GET, PROPFIND, DELETE, COPY, MOVE, PUT",
        _ => "OPTIONS, PUT, MKCOL",
    };
    let response = with_header(respond(200, "text/html; charset=utf-8", ""), header::ALLOW, allow);
    with_header(response, HeaderName::from_static("dav"), "1")
}

fn get(files: &Folder, target: Target<'_>) -> Response {
    if files.is_dir(target.path) {
        let (folders, names) = files.children(target.path);
        let rows = folders.iter().chain(&names).map(|name| format!("<li>{}</li>\n", escape(name)));
        let title = format!("Index of /{}/{}", target.course, target.path);
        let body = format!(
            "<!DOCTYPE html>\n<title>{}</title>\n<ul>\n{}</ul>\n",
            escape(&title),
            rows.collect::<String>()
        );
        return respond(200, "text/html; charset=utf-8", body);
    }
    match (files.file(target.path), files.modified(target.path)) {
        (Some(bytes), Some(modified)) => {
            let response = respond(200, &media_of(target.path), bytes.clone());
            let time = modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let response = with_header(response, header::LAST_MODIFIED, &time);
            with_header(response, header::ETAG, &etag(bytes))
        }
        _ => not_here(target),
    }
}

fn put(files: &mut Folder, target: Target<'_>, body: Bytes) -> Response {
    let path = target.path;
    if files.is_dir(path) {
        return status_page(405, "Method Not Allowed", "405 Method Not Allowed");
    }
    if !files.is_dir(parent(path)) {
        return status_page(409, "Conflict", "409 Conflict: PUT parent must be a collection");
    }
    let known = files.exists(path);
    let tag = etag(&body);
    if path == "course.yaml" {
        // The answer is the same, but a file that the server could not read afterwards is put back
        // (reference inginious.md 7).
        let mut tried = files.clone();
        tried.put(path, body);
        match Course::read_without_tasks(target.course, &tried) {
            Ok(_) => *files = tried,
            Err(why) => {
                tracing::warn!(course = %target.course, %why, "course.yaml is refused and rolled back")
            }
        }
    } else {
        files.put(path, body);
    }
    with_header(if known { empty(204) } else { created() }, header::ETAG, &tag)
}

fn make_folder(files: &mut Folder, path: &str) -> Response {
    if files.exists(path) {
        let text = "405 Method Not Allowed: MKCOL can only be executed on an unmapped URL.";
        return status_page(405, "Method Not Allowed", text);
    }
    if !files.is_dir(parent(path)) {
        return status_page(409, "Conflict", "409 Conflict: Parent must be an existing collection.");
    }
    files.make_dir(path);
    created()
}

fn protected(path: &str) -> Option<Response> {
    // The course folder itself is held as safe as its file; whether the server lets it be deleted is unknown.
    matches!(path, "" | "course.yaml")
        .then(|| status_page(403, "Forbidden", "403 Forbidden: Access denied to the specified resource"))
}

fn delete(files: &mut Folder, target: Target<'_>) -> Response {
    if let Some(refusal) = protected(target.path) {
        return refusal;
    }
    if !files.exists(target.path) {
        return not_here(target);
    }
    files.remove(target.path);
    empty(204)
}

fn transfer(files: &mut Folder, target: Target<'_>, headers: &HeaderMap, remove: bool) -> Response {
    if let Some(refusal) = protected(target.path) {
        return refusal;
    }
    if !files.exists(target.path) {
        return not_here(target);
    }
    let destination = headers.get("destination").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let destination =
        url::Url::parse(destination).map_or_else(|_| destination.to_owned(), |url| url.path().to_owned());
    let to = match split(&destination) {
        Some((course, path)) if course == target.course && !path.is_empty() => path,
        _ => {
            return status_page(502, "Bad Gateway", "502 Bad Gateway: the destination is not in this course");
        }
    };
    if !files.is_dir(parent(&to)) {
        return status_page(409, "Conflict", "409 Conflict: Destination parent must be a collection");
    }
    if to == target.path || to.starts_with(&format!("{}/", target.path)) {
        return status_page(403, "Forbidden", "403 Forbidden: source and destination overlap");
    }
    let known = files.exists(&to);
    if known && headers.get("overwrite").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"F")) {
        let text = "412 Precondition Failed: Destination already exists and Overwrite is set to false";
        return status_page(412, "Precondition Failed", text);
    }
    files.remove(&to);
    files.copy(target.path, &to);
    if remove {
        files.remove(target.path);
    }
    if known { empty(204) } else { created() }
}

fn propfind(files: &Folder, target: Target<'_>, headers: &HeaderMap) -> Response {
    if !files.exists(target.path) {
        return not_here(target);
    }
    let depth = headers.get("depth").and_then(|value| value.to_str().ok()).unwrap_or("infinity");
    let mut paths = vec![target.path.to_owned()];
    let mut level = paths.clone();
    let mut left = match depth {
        "0" => 0,
        "1" => 1,
        _ => usize::MAX,
    };
    while left > 0 && !level.is_empty() {
        level = level
            .iter()
            .filter(|path| files.is_dir(path))
            .flat_map(|path| {
                let (folders, names) = files.children(path);
                folders.into_iter().chain(names)
            })
            .collect();
        paths.extend(level.iter().cloned());
        left -= 1;
    }
    let rows: String = paths.iter().map(|path| properties(files, target.course, path)).collect();
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<D:multistatus xmlns:D=\"DAV:\">{rows}</D:multistatus>\n"
    );
    respond(207, "application/xml; charset=utf-8", body)
}

fn properties(files: &Folder, course: &str, path: &str) -> String {
    let name = if path.is_empty() { course } else { path.rsplit('/').next().unwrap_or(path) };
    let slash = if files.is_dir(path) && !path.is_empty() { "/" } else { "" };
    let href: String = format!("/{course}/{path}{slash}").chars().map(href_char).collect();
    let kind = match files.file(path) {
        None => "<D:resourcetype><D:collection/></D:resourcetype>".to_owned(),
        Some(bytes) => format!(
            "<D:resourcetype/><D:getcontentlength>{}</D:getcontentlength><D:getcontenttype>{}</D:getcontenttype>\
             <D:getetag>{}</D:getetag>",
            bytes.len(),
            media_of(path),
            escape(&etag(bytes))
        ),
    };
    let time = files.modified(path).map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let time = time.map(|time| format!("<D:getlastmodified>{time}</D:getlastmodified>")).unwrap_or_default();
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{kind}{time}<D:displayname>{}</D:displayname></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>",
        escape(name)
    )
}

fn href_char(character: char) -> String {
    if character.is_ascii_alphanumeric() || "/!*'(),$-_|.~".contains(character) {
        character.to_string()
    } else {
        let mut bytes = [0; 4];
        character.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect()
    }
}
