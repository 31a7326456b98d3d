//! The addresses of the two servers.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::any;

use super::app::{App, session_layer};
use super::{api, http};

/// The web application: API and pages.
pub(crate) fn web(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/v0/{*path}", any(api::handle))
        .fallback(async || http::not_found())
        .layer(from_fn_with_state(Arc::clone(&app), session_layer))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// WebDAV, on a port of its own.
pub(crate) fn webdav(app: Arc<App>) -> Router {
    Router::new().with_state(app)
}
