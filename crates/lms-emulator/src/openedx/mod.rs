//! Open edX: an LMS and a Studio on two ports, over one state.
//!
//! What is served is listed in [`OpenEdxEmulator`]. The two hosts have separate sessions; an access token of the LMS is
//! good on both. It behaves as a platform of spring 2022 did when it was recorded, where recordings and sources differ.
//!
//! Choices where no source speaks:
//! - Login forms insist on the CSRF token, as the source says, though the recorded instance let one pass without.
//! - Studio takes no password itself: a session comes through the LMS, `GET /login/` and its redirects.
//! - Studio's session cookie is `studio_session_id`, because cookies on one address know no ports.
//! - An access token of either kind lives as long as [`Options::token_lifetime`](crate::Options) says.
//! - Creating a course run that exists is a 500.
//! - A library's block in a course is found again by nothing: what a course drew from a library stays as it came in.
//! - Made-up block names end in twelve digits of SHA-256, not SHA-1.
//! - Of a `library_content` a learner gets problems drawn by name, the same in every run; nobody is in a content group.
//! - Studio's unreadable blocks become nothing here, where the recorded one kept some as `error` blocks.

mod archive;
mod auth;
mod call;
mod capa;
mod keys;
mod limits;
mod lms;
mod loading;
mod oauth;
mod olx;
mod paging;
mod reply;
mod routes;
mod session;
mod state;
mod studio;
#[cfg(test)]
mod tests;
mod xml;

use crate::options::synthetic_person;
use crate::serve::{Running, Shared, serve};
use crate::{EmulatorError, Faults, Options, RequestLog, random};
use keys::parse_usage;
use state::{App, Host, State};

/// A running LMS and Studio.
///
/// The LMS has OAuth2 and session login, the course list, blocks, enrollment, bulk enrollment, registration, accounts,
/// grades, the grade book, progress, completion, certificates, submission history and the handlers of capa problems.
/// Studio has course runs and re-runs, import, export, blocks one by one, details and grading of a course, assets and
/// validation, and content libraries of both kinds. A course comes in by import, by `POST /api/v1/course_runs/`, or from
/// [`Options::load`]; nothing is there otherwise.
///
/// Python does not run here: a `customresponse` and its like answer the platform's general error until
/// [`OpenEdxEmulator::accept`] lists an answer for them, and a `coderesponse` stays queued until
/// [`OpenEdxEmulator::deliver_verdict`].
#[derive(Debug)]
pub struct OpenEdxEmulator {
    app: App,
    lms: Running,
    studio: Running,
    shared: Shared,
    credentials: OpenEdxCredentials,
}

/// Where the emulator is and how to sign in. Secrets are new at every start.
#[derive(Clone)]
pub struct OpenEdxCredentials {
    /// Address of the LMS, without a slash at the end.
    pub lms_url: String,
    /// Address of Studio, without a slash at the end.
    pub studio_url: String,
    /// The OAuth application; a token got with it alone acts as `username`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// An author with global staff rights, owner of the application.
    pub username: String,
    /// The author's password, for the password grant and for session login.
    pub password: String,
    /// An ordinary account, enrolled in nothing.
    pub learner_username: String,
    /// Its password.
    pub learner_password: String,
}

impl std::fmt::Debug for OpenEdxCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenEdxCredentials")
            .field("lms_url", &self.lms_url)
            .field("studio_url", &self.studio_url)
            .field("client_id", &self.client_id)
            .field("username", &self.username)
            .field("learner_username", &self.learner_username)
            .finish_non_exhaustive()
    }
}

impl OpenEdxEmulator {
    /// Starts both servers. The LMS takes `options.port` and Studio the one after it; 0 takes any two free ports.
    /// Each path in `options.load` is an OLX folder or a `.tar.gz` and becomes the course that its `course.xml` names, or
    /// the library of its `library.xml`.
    ///
    /// # Errors
    /// A port cannot be opened, or a path in `options.load` does not hold a course.
    pub async fn start(options: Options) -> Result<Self, EmulatorError> {
        let shared = Shared { refusal: Some(reply::throttled), ..Shared::new(&options) };
        let mut state = State {
            client_id: random::secret()[..20].to_owned(),
            client_secret: random::secret(),
            owner: "author".into(),
            ..State::default()
        };
        let (password, learner_password) =
            (random::secret()[..20].to_owned(), random::secret()[..20].to_owned());
        state.add_user("author", "author@example.org", "Course Author", &password, true);
        state.add_user("learner", "learner@example.org", "Ordinary Learner", &learner_password, false);
        for number in 1..=options.people {
            let (name, address) = synthetic_person(number);
            state.add_user(&name, &address, &format!("Person {number}"), &random::secret(), false);
        }
        for path in &options.load {
            let course = loading::course(path)?;
            let place = if course.key.is_library() { &mut state.libraries } else { &mut state.courses };
            place.insert(course.key.clone(), course);
        }
        let (client_id, client_secret) = (state.client_id.clone(), state.client_secret.clone());
        let app = App::new(state, shared.faults.clone(), &options);
        let listen = |port: u16| move |source| EmulatorError::Listen { port, source };
        let lms_port = options.port;
        let studio_port = if lms_port == 0 { 0 } else { lms_port.saturating_add(1) };
        let lms = serve(routes::lms(app.on(Host::Lms)), lms_port, &shared).await.map_err(listen(lms_port))?;
        let studio = serve(routes::studio(app.on(Host::Studio)), studio_port, &shared)
            .await
            .map_err(listen(studio_port))?;
        app.set_urls(&lms.url, &studio.url);
        let credentials = OpenEdxCredentials {
            lms_url: lms.url.clone(),
            studio_url: studio.url.clone(),
            client_id,
            client_secret,
            username: "author".into(),
            password,
            learner_username: "learner".into(),
            learner_password,
        };
        Ok(Self { app, lms, studio, shared, credentials })
    }

    /// Address of the LMS.
    pub fn url(&self) -> &str {
        &self.lms.url
    }

    /// Address of Studio.
    pub fn studio_url(&self) -> &str {
        &self.studio.url
    }

    /// Every request to either host so far.
    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    /// The dial for misbehaviour, of both hosts.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Addresses and secrets of this run.
    pub fn credentials(&self) -> &OpenEdxCredentials {
        &self.credentials
    }

    /// From now on the LMS keeps to the limits that the platform ships with, in a minute: 20 course lists (staff 40), 40
    /// requests about enrollments and submission histories (staff 120), 30 validations of registrations. Each account has
    /// its own; beyond, it answers 429.
    pub fn keep_limits(&self) {
        self.app.limits().keep();
    }

    /// Lists `answer` as right for one input of a problem whose grader cannot run here. Once one answer is listed for
    /// an input, all others are wrong.
    ///
    /// `usage` is the problem's usage key; `input` is response and input number, such as `2_1`.
    pub fn accept(&self, usage: &str, input: &str, answer: &str) {
        if let Some((key, id)) = parse_usage(usage) {
            self.app.lock().accepted.add((key, id), input, answer);
        }
    }

    /// Delivers what an external grader says about the queued `coderesponse` of a learner: the share of the points, and
    /// a message in HTML. Returns whether that learner had an answer waiting there.
    pub fn deliver_verdict(
        &self,
        username: &str,
        usage: &str,
        input: &str,
        score: f64,
        message: &str,
    ) -> bool {
        let Some((key, id)) = parse_usage(usage) else { return false };
        let mut state = self.app.lock();
        let place = (username.to_owned(), key, id.clone());
        let input = format!("{}_{input}", id.id);
        state.attempts.get_mut(&place).is_some_and(|attempt| attempt.deliver(&input, score, message))
    }

    /// Stops both servers.
    pub async fn stop(self) {
        self.lms.stop().await;
        self.studio.stop().await;
    }
}
