//! Calls that the traits do not cover.

use lms_http::{Method, RequestBuilder, Route, Safety};

use crate::Stepik;

impl Stepik {
    /// A call to any address of the site (`"/api/comments?target=502"`), signed in like all others. The
    /// caller says how safe it is to repeat; tokens, pace, retries and errors are seen to. Errors name the
    /// path without its query, which may hold names and addresses.
    ///
    /// # Errors
    /// When it is sent: what the platform answers, as everywhere; `Protocol`, unsent, for an address of
    /// another site.
    ///
    /// ```
    /// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/world.rs")); }
    /// # world::run(|_, stepik, _| async move {
    /// use lms_http::{Method, Safety};
    /// use serde_json::{Value, json};
    ///
    /// let request = stepik.raw(Method::Post, "/api/views", Safety::Repeatable);
    /// let seen = request.json(&json!({"view": {"step": 501, "assignment": null}})).send().await?;
    /// assert_eq!(seen.status(), 201);
    /// # Ok(()) });
    /// ```
    pub fn raw(&self, method: Method, path: &str, safety: Safety) -> RequestBuilder {
        let bare = path.split(['?', '#']).next().unwrap_or_default();
        self.client().request(method, Route::given(path), safety).operation("raw").resource(bare)
    }
}
