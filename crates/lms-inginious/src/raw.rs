//! Calls that the traits do not cover, signed in like all others.

use std::fmt;

use lms_core::Result;
use lms_http::{Method, Response, Route, Safety};

use crate::Inginious;

/// A call to any endpoint or page of the site.
#[derive(Clone)]
pub struct RawRequest {
    /// The HTTP method.
    pub method: Method,
    /// The path below the site: `/admin/algebra/stats?progress_csv`.
    pub path: String,
    /// How safe it is to repeat.
    pub safety: Safety,
    /// The form to send; the platform takes nothing else (reference inginious.md 1, fact 4).
    pub form: Vec<(String, String)>,
    /// Statuses that are no error: 302 is how forms say yes.
    pub expect: Vec<u16>,
}

impl RawRequest {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            safety: Safety::Read,
            form: Vec::new(),
            expect: Vec::new(),
        }
    }
}

impl fmt::Debug for RawRequest {
    /// Forms may hold passwords, so only the names of their fields are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, safety, form, expect } = self;
        let fields: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("RawRequest")
            .field("method", method)
            .field("path", path)
            .field("safety", safety)
            .field("form", &fields)
            .field("expect", expect)
            .finish()
    }
}

impl Inginious {
    /// Sends a call as it is, with the provider's session, retries and error reading. Paths on other
    /// sites are refused.
    ///
    /// # Errors
    /// What the platform answers, as for every other call.
    pub async fn raw(&self, request: RawRequest) -> Result<Response> {
        let RawRequest { method, path, safety, form, expect } = request;
        let mut request = self
            .client()
            .request(method, Route::given(path.clone()), safety)
            .operation("raw")
            .resource(&path)
            .expect(&expect);
        // On a GET, the type of a form would change the answer to another format (reference inginious.md 2.2).
        if method == Method::Post || !form.is_empty() {
            let form: Vec<(&str, &str)> =
                form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            request = request.form(&form);
        }
        request.send().await
    }
}
