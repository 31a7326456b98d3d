//! Calls that the traits do not cover, signed in like all others.

use lms_core::Result;
use lms_http::{Method, Response, Safety};
use serde_json::Value;

use crate::Stepik;

/// A call to any endpoint of the site.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// The HTTP method.
    pub method: Method,
    /// The path below the site: `/api/comments?target=502`.
    pub path: String,
    /// How safe it is to repeat.
    pub safety: Safety,
    /// The JSON to send.
    pub body: Option<Value>,
}

impl RawRequest {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), safety: Safety::Read, body: None }
    }
}

impl Stepik {
    /// Sends a call as it is, with the provider's credentials, retries and error reading. Paths on
    /// other sites are refused.
    ///
    /// # Errors
    /// What the platform answers, as for every other call.
    pub async fn raw(&self, request: RawRequest) -> Result<Response> {
        let RawRequest { method, path, safety, body } = request;
        let mut request = self.client().request(method, &path, safety).operation("raw").resource(&path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await
    }
}
