//! A request, read whole.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;
use url::form_urlencoded;

use super::reply;

/// Uploads of whole courses fit; a body beyond it is refused.
const BODY_LIMIT: usize = 1 << 30;

/// Method, path, query, headers and body of one request.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One field of a multipart form.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) data: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_LIMIT)
            .await
            .map_err(|_| reply::html(413, "Request Entity Too Large"))?;
        let query =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        Ok(Self { method: parts.method, uri: parts.uri, query, headers: parts.headers, body })
    }
}

impl Call {
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A list given as repeated parameters, comma separated, or both.
    pub(crate) fn query_list(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(key, _)| key == name);
        values
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    pub(crate) fn wants_json(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("application/json"))
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|line| line.split(';')).find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value.trim_matches('"'))
        })
    }

    /// The fields of a form body; nothing for any other kind of body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        if self.content_type().starts_with("application/x-www-form-urlencoded") {
            form_urlencoded::parse(&self.body).into_owned().collect()
        } else {
            Vec::new()
        }
    }

    /// The fields of a form body of either media type; files are given by their content.
    pub(crate) async fn any_form(&self) -> Vec<(String, String)> {
        if self.content_type().starts_with("multipart/form-data") {
            let parts = self.multipart().await.into_iter();
            parts.map(|part| (part.name, String::from_utf8_lossy(&part.data).into_owned())).collect()
        } else {
            self.form()
        }
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The parts of a multipart body, up to the first that cannot be read.
    pub(crate) async fn multipart(&self) -> Vec<Part> {
        let mut request = Request::new(Body::from(self.body.clone()));
        request.headers_mut().extend(
            self.headers.get("content-type").map(|value| (axum::http::header::CONTENT_TYPE, value.clone())),
        );
        request.extensions_mut().insert(());
        let mut parts = Vec::new();
        let Ok(mut form) = Multipart::from_request(request, &()).await else { return parts };
        while let Ok(Some(field)) = form.next_field().await {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let Ok(data) = field.bytes().await else { break };
            parts.push(Part { name, file, data });
        }
        parts
    }
}

/// The first value of a form field.
pub(crate) fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
