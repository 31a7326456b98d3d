//! The limits that the platform ships with: by account, by view, and wider for staff (reference openedx.md 1.6). They are
//! off until [`OpenEdxEmulator::keep_limits`](super::OpenEdxEmulator::keep_limits).
//!
//! Choices where no source speaks: all enrollment views count together, and so do the two course lists; who is not signed
//! in counts by address, which here is one for all.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State as Ext};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use super::auth::session_user;
use super::call::Call;
use super::reply;
use super::state::App;

const WINDOW: Duration = Duration::from_secs(60);

/// Views that count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    CourseList,
    Enrollment,
    Validation,
}

impl Class {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/api/courses/v1/courses/" | "/api/courses/v1/course_ids/" | "/api/courses/v1/courses_ids/" => {
                Some(Self::CourseList)
            }
            "/api/user/v1/validation/registration" => Some(Self::Validation),
            _ if path.starts_with("/api/enrollment/v1/")
                || path.starts_with("/api/bulk_enroll/v1/")
                || path.starts_with("/api/grades/v1/submission_history/") =>
            {
                Some(Self::Enrollment)
            }
            _ => None,
        }
    }

    /// Requests in a minute.
    fn most(self, staff: bool) -> usize {
        match (self, staff) {
            (Self::CourseList, false) => 20,
            (Self::CourseList, true) | (Self::Enrollment, false) => 40,
            (Self::Enrollment, true) => 120,
            (Self::Validation, _) => 30,
        }
    }
}

/// When whom was answered, in the last minute.
type Answered = HashMap<(Class, String), VecDeque<Instant>>;

/// `None` until they are turned on.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<Option<Answered>>);

impl Limits {
    /// From now on.
    pub(crate) fn keep(&self) {
        self.state().get_or_insert_default();
    }

    fn kept(&self) -> bool {
        self.state().is_some()
    }

    /// Seconds to wait, where it is too much.
    fn take(&self, class: Class, who: String, most: usize) -> Result<(), u32> {
        let mut state = self.state();
        let Some(answered) = state.as_mut().map(|all| all.entry((class, who)).or_default()) else {
            return Ok(());
        };
        let now = Instant::now();
        while answered.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            answered.pop_front();
        }
        match answered.front() {
            Some(oldest) if answered.len() >= most => {
                let left = WINDOW.saturating_sub(now.duration_since(*oldest)).as_secs_f64().ceil();
                Err((left as u32).max(1))
            }
            _ => {
                answered.push_back(now);
                Ok(())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, Option<Answered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what is too much. Who has to be signed in and is not is refused for that, uncounted.
pub(crate) async fn around(Ext(app): Ext<App>, request: Request, next: Next) -> Response {
    let class = Class::of(request.uri().path()).filter(|_| app.limits().kept());
    let Some(class) = class else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let who = whose(&app, &parts);
    let request = Request::from_parts(parts, body);
    if class == Class::Enrollment && who.is_none() {
        return next.run(request).await;
    }
    let staff = who.as_deref().is_some_and(|name| app.lock().is_staff(name));
    match app.limits().take(class, who.unwrap_or_default(), class.most(staff)) {
        Ok(()) => next.run(request).await,
        Err(seconds) => reply::throttled(request.uri().path(), Some(seconds)),
    }
}

/// The account of a token of either kind, or of a session.
fn whose(app: &App, parts: &axum::http::request::Parts) -> Option<String> {
    let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if let Some((_, token)) = header.and_then(|header| header.split_once(' ')) {
        return app.lock().tokens.get(token.trim()).map(|token| token.username.clone());
    }
    let call = Call {
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        query: Vec::new(),
        headers: parts.headers.clone(),
        body: Bytes::new(),
    };
    session_user(app, &call)
}
