//! The files of a course on the server, by WebDAV (reference inginious.md 7). Only administrators of the course
//! have them, with the key that its task page shows.

use bytes::Bytes;
use lms_core::{Error, ErrorKind, Platform, Result, Secret};
use lms_http::{Client, Method, RequestBuilder, Route, Safety, path_segment};
use quick_xml::events::Event;
use quick_xml::{Reader, escape};

use crate::convert::read::percent_decoded;
use crate::folder::store::{Entry, MAX_FILE, is_safe};

/// Where WebDAV is, and who may use it, as the task page says.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Of the course, with its id.
    pub(crate) url: String,
    pub(crate) username: String,
    /// The account's API key, which is good for nothing else.
    pub(crate) key: Secret,
}

/// The files of one course.
#[derive(Debug, Clone)]
pub(crate) struct Dav {
    client: Client,
    course: String,
}

/// What is in a course.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Listing {
    pub(crate) files: Vec<Entry>,
    /// Without a slash at the end; the course folder itself is not among them.
    pub(crate) folders: Vec<String>,
}

impl Dav {
    pub(crate) fn new(client: Client, course: &str) -> Self {
        Self { client, course: course.to_owned() }
    }

    fn request(
        &self,
        operation: &'static str,
        method: Method,
        inside: &str,
        safety: Safety,
    ) -> RequestBuilder {
        let mut path = format!("/{}", path_segment(&self.course));
        for part in inside.split('/').filter(|part| !part.is_empty()) {
            path.push('/');
            path.push_str(&path_segment(part));
        }
        let file = if inside.is_empty() { "course.yaml" } else { inside };
        self.client
            .request(method, Route::given(path), safety)
            .operation(operation)
            .resource(format!("file {file} of course {}", self.course))
    }

    /// Everything in the course: `PROPFIND`, all the way down since no depth is given (RFC 4918, 9.1).
    pub(crate) async fn list(&self, operation: &'static str) -> Result<Listing> {
        let request = self.request(operation, Method::Other("PROPFIND"), "", Safety::Read).expect(&[207]);
        let answer = request.send().await?;
        listing(&answer.text().await?, &self.course).map_err(|why| {
            Error::new(ErrorKind::Protocol, format!("the list of files cannot be read: {why}"))
                .at(Platform::Inginious, operation)
                .on(format!("course {}", self.course))
        })
    }

    /// A file as it is on the server.
    pub(crate) async fn read(&self, operation: &'static str, inside: &str) -> Result<Bytes> {
        self.request(operation, Method::Get, inside, Safety::Read)
            .max_body(MAX_FILE)
            .send()
            .await?
            .bytes()
            .await
    }

    /// A file, as it comes.
    pub(crate) async fn open(&self, operation: &'static str, inside: &str) -> Result<lms_http::Response> {
        self.request(operation, Method::Get, inside, Safety::Read).streaming().send().await
    }

    /// Writes a file; its folder must be there.
    pub(crate) async fn write(&self, operation: &'static str, inside: &str, bytes: Bytes) -> Result<()> {
        self.request(operation, Method::Put, inside, Safety::Repeatable)
            .body(bytes, "application/octet-stream")
            .send()
            .await
            .map(drop)
    }

    /// Makes a folder; 405 says that it is there already.
    pub(crate) async fn make_folder(&self, operation: &'static str, inside: &str) -> Result<()> {
        self.request(operation, Method::Other("MKCOL"), inside, Safety::Repeatable)
            .expect(&[405])
            .send()
            .await
            .map(drop)
    }

    /// Removes a file, or a folder with what is in it; 404 says that it is gone already.
    pub(crate) async fn remove(&self, operation: &'static str, inside: &str) -> Result<()> {
        self.request(operation, Method::Delete, inside, Safety::Repeatable)
            .expect(&[404])
            .send()
            .await
            .map(drop)
    }
}

/// Reads a `multistatus`: the paths are URL paths that begin with the course.
fn listing(xml: &str, course: &str) -> std::result::Result<Listing, String> {
    let mut reader = Reader::from_str(xml);
    let (mut listing, mut inside) = (Listing::default(), Vec::new());
    let (mut href, mut size, mut folder) = (String::new(), String::new(), false);
    let mut responses = 0;
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                if name == "response" {
                    (href, size, folder) = (String::new(), String::new(), false);
                }
                folder |= name == "collection";
                inside.push(name);
            }
            Event::Empty(empty) => folder |= empty.local_name().as_ref() == "collection",
            Event::Text(text) => {
                let text = escape::unescape(&text).map_err(|e| e.to_string())?;
                match inside.last().map(String::as_str) {
                    Some("href") => href.push_str(&text),
                    Some("getcontentlength") => size.push_str(&text),
                    _ => {}
                }
            }
            Event::GeneralRef(entity) => {
                let entity: &str = &entity;
                if inside.last().is_some_and(|name| name == "href") {
                    href.push_str(&escape::unescape(&format!("&{entity};")).map_err(|e| e.to_string())?);
                }
            }
            Event::End(_) => {
                let closed = inside.pop();
                if closed.as_deref() != Some("response") {
                    continue;
                }
                responses += 1;
                let path = percent_decoded(href.trim());
                // A server behind a proxy may name itself in front.
                let below = path.split_once(&format!("/{course}/")).map_or("", |(_, below)| below);
                let below = below.trim_matches('/');
                if !is_safe(below) {
                    continue;
                }
                if folder {
                    listing.folders.push(below.to_owned());
                } else {
                    let size = size.trim().parse().unwrap_or_default();
                    listing.files.push(Entry { path: below.to_owned(), size });
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if responses == 0 {
        return Err("it names nothing, not even the course".to_owned());
    }
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_as_the_real_server_writes_it() {
        let xml = "<?xml version='1.0' encoding='UTF-8'?>\n<D:multistatus xmlns:D=\"DAV:\">\
            <D:response><D:href>/algebra/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat></D:response>\
            <D:response><D:href>/algebra/one/public/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat></D:response>\
            <D:response><D:href>/algebra/one/a%20b&amp;c.txt</D:href><D:propstat><D:prop><D:resourcetype></D:resourcetype><D:getcontentlength>145</D:getcontentlength></D:prop></D:propstat></D:response>\
            <D:response><D:href>/algebra/../../etc/passwd</D:href></D:response></D:multistatus>";
        let listing = listing(xml, "algebra").expect("it can be read");
        assert_eq!(listing.folders, ["one/public"]);
        assert_eq!(listing.files, [Entry { path: "one/a b&c.txt".into(), size: 145 }]);
    }

    #[test]
    fn another_page_is_no_empty_course() {
        assert!(listing("<html><body>Sign in</body></html>", "algebra").is_err());
        assert!(listing("", "algebra").is_err());
        assert!(listing("<D:multistatus", "algebra").is_err());
    }
}
