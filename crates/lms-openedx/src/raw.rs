//! The authenticated raw call, for what the model lacks.

use lms_core::Result;
use lms_http::{Method, RequestBuilder, Route, Safety};

use crate::OpenEdx;

/// Which of the two applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The learning side.
    Lms,
    /// The authoring side.
    Studio,
}

impl OpenEdx {
    /// A request to `path` with this account's token. The caller says how safe it is to repeat.
    ///
    /// # Errors
    /// `Config` for Studio without an address.
    pub fn raw(&self, host: Host, method: Method, path: &str, safety: Safety) -> Result<RequestBuilder> {
        let client = match host {
            Host::Lms => self.lms(),
            Host::Studio => self.studio()?,
        };
        Ok(client.request(method, Route::given(path), safety).operation("raw"))
    }
}
