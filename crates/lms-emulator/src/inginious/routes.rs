//! The addresses of the two servers.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};

use super::app::{App, session_layer};
use super::{admin, api, dav, pages, people, settings, studio, web};

/// The web application: API and pages.
pub(crate) fn web(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/v0/{*path}", any(api::handle))
        .route("/", get(web::course_list))
        .route("/index", get(web::course_list))
        .route("/courselist", get(web::course_list))
        .route("/signin", any(web::sign_in))
        .route("/logout", get(web::sign_out))
        .route("/mycourses", any(web::my_courses))
        .route("/register", any(web::account))
        .route("/register/{course}", any(web::register_in_course))
        .route("/course/{course}", any(pages::course))
        .route("/course/{course}/{task}", any(pages::task))
        .route("/course/{course}/{task}/{*path}", get(pages::static_file))
        .route("/admin/{course}/students", any(people::students))
        .route("/admin/{course}/edit/audience/{audience}", any(people::audience))
        .route("/admin/{course}/edit/task/{task}", any(studio::task))
        .route("/admin/{course}/edit/task/{task}/files", any(studio::files))
        .route("/admin/{course}/tasks", any(admin::tasks))
        .route("/admin/{course}", get(settings::entrance))
        .route("/admin/{course}/settings", any(settings::settings))
        .route("/admin/{course}/stats", get(admin::stats))
        .route("/admin/{course}/student/{user}", get(admin::student))
        .route("/administrator/user_action", post(admin::user_action))
        .route("/admin/{course}/search_user/{text}", any(admin::search_user))
        .fallback(web::unknown)
        .layer(from_fn_with_state(Arc::clone(&app), session_layer))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// WebDAV, on a port of its own: every path is a file or a folder of a course.
pub(crate) fn webdav(app: Arc<App>) -> Router {
    Router::new().fallback(dav::handle).layer(DefaultBodyLimit::disable()).with_state(app)
}
