//! Which address leads where.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State as Ext};
use axum::http::Method;
use axum::response::Response;
use axum::routing::{any, get, post, put};

use super::call::Call;
use super::lms::{
    accounts, blocks, bulk, certificates, completion, courses, courseware, enrollment, gradebook, grades,
    history, home, instructor, modes, problems, progress, registration,
};
use super::state::App;
use super::studio::{
    assets, course_runs, export, import, legacy, libraries, newer_libraries, settings, validation, xblock,
};
use super::{oauth, reply, session};

/// The LMS.
pub(crate) fn lms(app: App) -> Router {
    let router = Router::new()
        .route("/oauth2/access_token", post(oauth::access_token))
        .route("/oauth2/access_token/", post(oauth::access_token))
        .route("/oauth2/revoke_token/", post(oauth::revoke_token))
        .route("/oauth2/authorize", get(session::authorize))
        .route("/oauth2/authorize/", get(session::authorize))
        .route("/login", get(session::sign_in_page))
        .route("/api/user/v1/account/login_session/", get(session::login_form).post(session::login))
        .route("/api/user/v2/account/login_session/", get(session::login_form).post(session::login))
        .route("/login_ajax", post(session::login))
        .route("/api/courses/v1/courses/", get(courses::list).options(courses::options))
        .route("/api/courses/v1/courses/{id}", get(courses::detail))
        .route("/api/courses/v1/courses/{id}/", get(courses::detail))
        .route("/api/courses/v1/course_ids/", get(courses::ids))
        .route("/api/courses/v1/courses_ids/", get(courses::ids))
        .route("/api/courses/v1/blocks/", get(blocks::course))
        .route("/api/courses/v2/blocks/", get(blocks::course))
        .route("/api/courses/v1/blocks/{usage}", get(blocks::subtree))
        .route("/api/courses/v2/blocks/{usage}", get(blocks::subtree))
        .route("/api/enrollment/v1/enrollment", get(enrollment::mine).post(enrollment::enroll))
        .route("/api/enrollment/v1/enrollment/{which}", get(enrollment::one))
        .route("/api/enrollment/v1/enrollments", get(enrollment::all))
        .route("/api/enrollment/v1/enrollments/", get(enrollment::all))
        .route("/api/enrollment/v1/course/{id}", get(enrollment::course))
        .route("/api/enrollment/v1/roles/", get(enrollment::roles))
        .route("/change_enrollment", post(enrollment::change))
        .route("/api/bulk_enroll/v1/bulk_enroll", post(bulk::enroll))
        .route("/api/user/v1/account/registration/", get(registration::form).post(registration::register))
        .route("/api/user/v2/account/registration/", get(registration::form).post(registration::register))
        .route("/api/user/v1/validation/registration", post(registration::validate))
        .route("/api/user/v1/me", get(accounts::me))
        .route("/api/user/v1/accounts", get(accounts::search))
        .route("/api/user/v1/accounts/search_emails", post(accounts::search_emails))
        .route("/api/user/v1/accounts/{username}", get(accounts::read).patch(accounts::change))
        .route("/api/grades/v1/courses/", get(grades::by_query))
        .route("/api/grades/v1/courses/{id}/", get(grades::course))
        .route("/api/grades/v1/policy/courses/{id}/", get(grades::policy))
        .route("/api/grades/v1/submission_history/{id}/", get(history::list))
        .route("/api/course_home/outline/{id}", get(home::outline))
        .route("/api/course_home/progress/{id}", get(home::progress))
        .route("/api/course_home/dates/{id}", get(home::dates))
        .route("/api/course_home/course_metadata/{id}", get(home::metadata))
        .route("/api/courseware/course/{id}", get(courseware::course))
        .route("/api/courseware/sequence/{usage}", get(courseware::sequence))
        .route("/api/learning_sequences/v1/course_outline/{id}", get(courseware::sequences))
        .route("/api/mobile/v1/users/{username}/course_enrollments/", get(courseware::mobile))
        .route("/api/grades/v1/gradebook/{id}/", get(gradebook::list))
        .route("/api/grades/v1/gradebook/{id}/grading-info", get(gradebook::info))
        .route("/api/grades/v1/gradebook/{id}/bulk-update", post(gradebook::update))
        .route("/api/grades/v1/subsection/{usage}/", get(gradebook::subsection))
        .route("/api/course_home/v1/progress/{id}", get(progress::own))
        .route("/api/course_home/v1/progress/{id}/{student}/", get(progress::of))
        .route("/api/completion/v1/completion-batch", post(completion::batch))
        .route(
            "/api/completion/v1/subsection-completion/{username}/{id}/{usage}",
            get(completion::subsection),
        )
        .route("/api/certificates/v0/certificates/{username}/courses/{id}/", get(certificates::one))
        .route("/api/course_modes/v1/courses/{id}/", get(modes::list))
        .route("/courses/{id}/instructor/api/{action}", post(instructor::call))
        .route("/courses/{id}/xblock/{usage}/handler/{handler}", get(problems::handle).post(problems::handle))
        .route(
            "/courses/{id}/xblock/{usage}/handler/{handler}/",
            get(problems::handle).post(problems::handle),
        )
        .route(
            "/courses/{id}/xblock/{usage}/handler/{handler}/{suffix}",
            get(problems::call).post(problems::call),
        )
        .route("/xblock/{usage}", get(problems::page));
    shared(router).with_state(app)
}

/// Studio.
pub(crate) fn studio(app: App) -> Router {
    let router = Router::new()
        .route("/signin", get(session::studio_login))
        .route("/login/", get(session::studio_login))
        .route("/login/edx-oauth2/", get(session::studio_login))
        .route("/complete/edx-oauth2/", get(session::studio_complete))
        .route("/home/", get(legacy::home))
        .route("/api/contentstore/v1/home/courses", get(legacy::home_courses))
        .route("/course/", post(legacy::create))
        .route("/library/", get(libraries::list).post(libraries::create))
        .route("/library/{id}", get(libraries::read))
        .route("/api/libraries/v2/", get(newer_libraries::list).post(newer_libraries::create))
        .route("/api/libraries/v2/{id}/", get(newer_libraries::read))
        .route("/api/libraries/v2/{id}/blocks/", get(newer_libraries::blocks).post(newer_libraries::add))
        .route("/api/libraries/v2/{id}/commit/", post(newer_libraries::commit))
        .route(
            "/api/libraries/v2/blocks/{usage}/olx/",
            get(newer_libraries::olx).post(newer_libraries::set_olx),
        )
        .route("/api/libraries/v2/blocks/{usage}/assets/", get(newer_libraries::files))
        .route("/api/libraries/v2/blocks/{usage}/assets/{*path}", put(newer_libraries::put_file))
        .route("/library_assets/blocks/{usage}/{*path}", get(newer_libraries::file))
        .route("/api/v1/course_runs/", get(course_runs::list).post(course_runs::create))
        .route(
            "/api/v1/course_runs/{id}/",
            get(course_runs::read).put(course_runs::update).patch(course_runs::update),
        )
        .route("/api/v1/course_runs/{id}/rerun/", post(course_runs::rerun))
        .route("/api/contentstore/v0/xblock/{id}", post(xblock::rest_all).patch(xblock::rest_all))
        .route("/api/contentstore/v0/xblock/{id}/{usage}", any(xblock::rest_one))
        .route("/xblock/", post(xblock::session_all).patch(xblock::session_all))
        .route("/xblock/{usage}", any(xblock::session_one))
        .route("/xblock/outline/{usage}", get(xblock::outline))
        .route("/api/contentstore/v1/course_details/{id}", get(settings::details).put(settings::details))
        .route("/settings/details/{id}", get(settings::session_details).post(settings::session_details))
        .route("/api/contentstore/v1/course_grading/{id}", get(settings::grading))
        .route("/api/contentstore/v0/course_grading/{id}", post(settings::write_grading))
        .route("/settings/grading/{id}", get(settings::session_grading).post(settings::session_grading))
        .route("/api/courses/v0/import/{id}/", get(import::status).post(import::start))
        .route("/import/{id}", post(import::legacy_start))
        .route("/import_status/{id}/{file}", get(import::legacy_status))
        .route("/export/{id}", get(export::page).post(export::start))
        .route("/export_status/{id}", get(export::status))
        .route("/export_output/{id}", get(export::output))
        .route("/api/olx-export/v1/xblock/{usage}/", get(export::block))
        .route("/assets/{id}/", get(assets::legacy).post(assets::legacy))
        .route("/assets/{id}/{asset}", put(assets::change).post(assets::change).delete(assets::change))
        .route("/api/contentstore/v0/file_assets/{id}", get(assets::rest).post(assets::rest))
        .route("/api/courses/v1/validation/{id}/", get(validation::read));
    shared(router).with_state(app)
}

fn shared(router: Router<App>) -> Router<App> {
    router
        .route("/csrf/api/v1/token", get(session::csrf_token))
        .route("/logout", get(session::logout))
        .route("/{file}", get(file))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::disable())
}

/// Static files of courses lie at the root of either host.
async fn file(Ext(app): Ext<App>, Path(name): Path<String>, call: Call) -> Response {
    assets::download(&app, &call, &name)
}

/// Django adds the slash that a GET forgot (recorded: `subsection`).
async fn unknown(call: Call) -> Response {
    let path = call.path();
    if call.method != Method::GET || path.ends_with('/') || !path.starts_with("/api/") {
        return reply::not_found();
    }
    let query = call.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    reply::moved(&format!("{path}/{query}"))
}

async fn not_allowed(call: Call) -> Response {
    let text = format!("Method \"{}\" not allowed.", call.method);
    // The token endpoint is no API view (recorded: `GET not allowed`).
    match call.path() {
        path if path.starts_with("/api/courses/") => reply::developer(405, &text),
        path if path.starts_with("/api/") => reply::detail(405, &text),
        _ => reply::text(405, ""),
    }
}
