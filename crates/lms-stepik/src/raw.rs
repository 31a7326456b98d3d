//! Calls that the traits do not cover.

use lms_http::{Method, RequestBuilder, Route, Safety};

use crate::Stepik;

impl Stepik {
    /// A call to any endpoint of the site (`"/api/comments?target=502"`), signed in, repeated as its
    /// safety allows, with errors read like those of all others. Paths on other sites are refused when
    /// it is sent.
    pub fn raw(&self, method: Method, path: &str, safety: Safety) -> RequestBuilder {
        self.client().request(method, Route::given(path), safety).operation("raw").resource(path)
    }
}
