//! What the LMS and Studio share: people, credentials, courses, enrollments, answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::capa::{Accepted, Attempt};
use super::keys::{BlockId, CourseKey};
use super::olx::Course;
use super::studio::newer_libraries::NewerLibrary;
use crate::Faults;

/// Which of the two web applications a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Lms,
    Studio,
}

/// One web application over the shared state.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) host: Host,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    faults: Faults,
    page_size: usize,
    delay: Duration,
    token_lifetime: Duration,
    urls: OnceLock<(String, String)>,
}

impl App {
    pub(crate) fn new(state: State, faults: Faults, options: &crate::Options) -> Self {
        let inner = Inner {
            state: Mutex::new(state),
            faults,
            page_size: options.page_size.max(1),
            delay: options.background_delay,
            token_lifetime: options.token_lifetime,
            urls: OnceLock::new(),
        };
        Self { host: Host::Lms, inner: Arc::new(inner) }
    }

    pub(crate) fn on(&self, host: Host) -> Self {
        Self { host, inner: self.inner.clone() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    pub(crate) fn page_size(&self) -> usize {
        self.inner.page_size
    }

    pub(crate) fn delay(&self) -> Duration {
        self.inner.delay
    }

    pub(crate) fn token_lifetime(&self) -> Duration {
        self.inner.token_lifetime
    }

    /// Called once, when both ports are open.
    pub(crate) fn set_urls(&self, lms: &str, studio: &str) {
        let _ = self.inner.urls.set((lms.to_owned(), studio.to_owned()));
    }

    pub(crate) fn lms_url(&self) -> &str {
        self.inner.urls.get().map_or("", |urls| &urls.0)
    }

    pub(crate) fn studio_url(&self) -> &str {
        self.inner.urls.get().map_or("", |urls| &urls.1)
    }
}

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) staff: bool,
    pub(crate) joined: Timestamp,
    /// Fields of the account that the user has set.
    pub(crate) profile: BTreeMap<String, serde_json::Value>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("username", &self.username)
            .field("staff", &self.staff)
            .finish_non_exhaustive()
    }
}

/// How a token must be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Bearer,
    Jwt,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) username: String,
    pub(crate) expires: Instant,
}

#[derive(Debug, Clone)]
pub(crate) struct Enrollment {
    pub(crate) username: String,
    pub(crate) course: CourseKey,
    pub(crate) mode: String,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
}

/// An import or export under way.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) owner: String,
    pub(crate) course: String,
    pub(crate) file: String,
    /// `Pending`, `Unpacking`, `Updating`, `Succeeded`, `Failed`.
    pub(crate) state: &'static str,
    /// How far it came, 1 to 4, as the legacy status counts.
    pub(crate) stage: i8,
    pub(crate) message: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Export {
    pub(crate) done: Option<Result<Vec<u8>, String>>,
}

/// Somebody without an account who is enrolled on registration (reference openedx.md 3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) email: String,
    pub(crate) course: CourseKey,
    pub(crate) auto_enroll: bool,
}

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// User name of the application's owner: a client_credentials token acts as this user.
    pub(crate) owner: String,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) refresh_tokens: HashMap<String, String>,
    pub(crate) sessions: HashMap<(Host, String), String>,
    /// Codes on their way through a browser: whose, and to which address.
    pub(crate) codes: HashMap<String, (String, String)>,
    pub(crate) failed_logins: HashMap<String, u32>,
    pub(crate) courses: BTreeMap<CourseKey, Course>,
    /// Content libraries of the older kind: courses without sections, known to Studio alone.
    pub(crate) libraries: BTreeMap<CourseKey, Course>,
    /// Those of the newer kind.
    pub(crate) newer_libraries: BTreeMap<String, NewerLibrary>,
    pub(crate) enrollments: Vec<Enrollment>,
    /// Where each of them is; none is ever removed.
    pub(crate) places: HashMap<(String, CourseKey), usize>,
    pub(crate) allowed: Vec<Allowed>,
    pub(crate) tasks: Vec<(String, Task)>,
    pub(crate) exports: HashMap<CourseKey, Export>,
    pub(crate) attempts: HashMap<(String, CourseKey, BlockId), Attempt>,
    pub(crate) accepted: Accepted,
    /// Points, earned and possible, that an instructor set for a learner in a sequential.
    pub(crate) overrides: HashMap<(String, CourseKey, BlockId), (f64, f64)>,
    /// How far learners have completed a block, 0 to 1.
    pub(crate) completions: BTreeMap<(String, CourseKey, BlockId), f64>,
    /// The cohort of a learner in a course.
    pub(crate) cohorts: HashMap<(String, CourseKey), String>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("courses", &self.courses.keys()).finish_non_exhaustive()
    }
}

impl State {
    pub(crate) fn add_user(&mut self, username: &str, email: &str, name: &str, password: &str, staff: bool) {
        // Accounts are never removed.
        let id = u32::try_from(self.users.len()).map_or(u32::MAX, |held| held.saturating_add(4));
        let user = User {
            id,
            username: username.to_owned(),
            email: email.to_owned(),
            name: name.to_owned(),
            password: password.to_owned(),
            staff,
            joined: Timestamp::now(),
            profile: BTreeMap::new(),
        };
        self.users.insert(username.to_owned(), user);
    }

    /// By user name or e-mail address.
    pub(crate) fn find_user(&self, who: &str) -> Option<&User> {
        self.users.get(who).or_else(|| self.users.values().find(|user| user.email.eq_ignore_ascii_case(who)))
    }

    pub(crate) fn is_staff(&self, username: &str) -> bool {
        self.users.get(username).is_some_and(|user| user.staff)
    }

    /// What Studio edits under a key: a course, or a library.
    pub(crate) fn edited(&self, key: &CourseKey) -> Option<&Course> {
        if key.is_library() { self.libraries.get(key) } else { self.courses.get(key) }
    }

    pub(crate) fn edited_mut(&mut self, key: &CourseKey) -> Option<&mut Course> {
        if key.is_library() { self.libraries.get_mut(key) } else { self.courses.get_mut(key) }
    }

    /// Global staff or a member of the course team.
    pub(crate) fn is_author(&self, username: &str, key: &CourseKey) -> bool {
        let team = self.edited(key).map(|course| course.team.as_slice()).unwrap_or_default();
        self.is_staff(username) || team.iter().any(|(user, _)| user == username)
    }

    pub(crate) fn enrollment(&self, username: &str, key: &CourseKey) -> Option<&Enrollment> {
        self.enrollments.get(*self.places.get(&(username.to_owned(), key.clone()))?)
    }

    pub(crate) fn is_enrolled(&self, username: &str, key: &CourseKey) -> bool {
        self.enrollment(username, key).is_some_and(|entry| entry.active)
    }

    pub(crate) fn enroll(&mut self, username: &str, key: &CourseKey, mode: &str, active: bool) {
        let place = *self.places.entry((username.to_owned(), key.clone())).or_insert(self.enrollments.len());
        if let Some(entry) = self.enrollments.get_mut(place) {
            entry.active = active;
            mode.clone_into(&mut entry.mode);
            return;
        }
        self.enrollments.push(Enrollment {
            username: username.to_owned(),
            course: key.clone(),
            mode: mode.to_owned(),
            active,
            created: Timestamp::now(),
        });
    }

    pub(crate) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|(task, _)| task == id).map(|(_, task)| task)
    }

    /// Whether a course whose key differs from `key` at most in case is there (reference openedx.md 3.13).
    pub(crate) fn has_course_like(&self, key: &CourseKey) -> bool {
        let wanted = key.to_string().to_lowercase();
        self.courses.keys().any(|known| known.to_string().to_lowercase() == wanted)
    }
}
