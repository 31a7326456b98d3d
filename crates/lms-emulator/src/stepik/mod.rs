//! The Stepik emulator: OAuth2, authoring, reading, solving and grading on one loopback server.
//!
//! What it is true to is written in the code as `(reference stepik.md N)`. What no source states is a choice of this
//! project: most of them are [`Switches`], with the settings that sources speak for; the rest are said where they are
//! made. Those that a client may notice and that no switch turns:
//!
//! - only loopback redirects are registered; without a token public objects can be read;
//! - a foreign step-source is left out of a multi-get; a private course or lesson is a 404;
//! - PUT of a step replaces it (a cost left out is 0 again); sections and units keep the positions that were sent;
//! - deleting a course takes its sections and units along, deleting a lesson its steps, placements and files;
//! - the creator of a course is enrolled but no learner; whoever enrolls is a member of the learners' group;
//! - content steps have no points; thresholds of certificates are percent of the points of a course;
//! - two attachments of the same name get different paths.
//!
//! Stand-ins: `math` compares by numeric sampling, `sql` by the text of the query, `chemical` by its slots written in a
//! row; code, dataset, linux-code, trik and admin run nothing and are judged by [`CodeRule`].
//!
//! ```no_run
//! # async fn example() -> Result<(), lms_emulator::EmulatorError> {
//! let stepik = lms_emulator::stepik::StepikEmulator::start(lms_emulator::Options::default()).await?;
//! println!("{} as {}", stepik.url(), stepik.credentials().username);
//! stepik.stop().await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod authoring;
mod call;
mod certificates;
mod comments;
mod consent;
mod downloads;
mod files;
mod filters;
mod form;
mod grades;
mod groups;
mod index;
mod listings;
mod load;
mod people;
mod plain;
mod progress;
mod quiz;
mod read;
mod render;
mod rights;
mod routes;
mod scale;
mod site;
mod solutions;
mod state;
mod steps;
mod switches;
mod template;
mod tree;
mod user_courses;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;

use crate::error::EmulatorError;
use crate::fault::Faults;
use crate::log::RequestLog;
use crate::options::{Options, synthetic_person};
use crate::random::secret;
use crate::serve::{Running, Shared, serve};
use routes::App;
use state::State;
pub use switches::{
    BadToken, ChildLists, CodeRule, CostEdit, Expired, ForeignSource, InverseDiscount, LoginThrottle,
    MultiGetOrder, Numbers, Omitted, PageBeyondEnd, PartialCredit, Pkce, RefreshTokens, Registered, Switches,
    Worth,
};

/// What a client needs to sign in. Secrets are new with every start; `Debug` hides them.
#[derive(Clone)]
pub struct StepikCredentials {
    /// Base address, `http://127.0.0.1:PORT`, no slash at the end.
    pub url: String,
    /// The one registered application. All grants are open to it.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// E-mail of the author, who also owns the application: client credentials act as this user.
    pub username: String,
    /// The author's password.
    pub password: String,
    /// E-mail of an ordinary account, for the password grant with the same client.
    pub learner_username: String,
    /// The learner's password.
    pub learner_password: String,
}

impl fmt::Debug for StepikCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepikCredentials")
            .field("url", &self.url)
            .field("client_id", &self.client_id)
            .field("username", &self.username)
            .field("learner_username", &self.learner_username)
            .finish_non_exhaustive()
    }
}

/// A running Stepik emulator. Stops when dropped.
#[derive(Debug)]
pub struct StepikEmulator {
    running: Running,
    shared: Shared,
    credentials: StepikCredentials,
    load_notes: Vec<String>,
    synthetic_course: Option<i64>,
}

impl StepikEmulator {
    /// Starts a server on 127.0.0.1 with two accounts and whatever [`Options::load`] names: JSON files of API objects
    /// as the platform returns them, `{"courses": […], "sections": […], "units": […], "lessons": […],
    /// "step-sources": […], "steps": […], "attempts": […], "submissions": […], "progresses": […], …}`, or folders of
    /// such files.
    ///
    /// # Errors
    /// The port is taken, or a file to load cannot be read or is no such document.
    pub async fn start(options: Options) -> Result<Self, EmulatorError> {
        Self::start_with(options, Switches::default()).await
    }

    /// The same, with other choices where the real platform's behaviour is unknown.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(options: Options, switches: Switches) -> Result<Self, EmulatorError> {
        let longest_query = switches.longest_query;
        let mut state = State::default();
        state.switches = switches;
        state.background_delay = options.background_delay;
        let mut credentials = StepikCredentials {
            url: String::new(),
            client_id: secret(),
            client_secret: secret(),
            username: "author@stepik.example".to_owned(),
            password: secret(),
            learner_username: "learner@stepik.example".to_owned(),
            learner_password: secret(),
        };
        let (email, password) = (credentials.username.clone(), credentials.password.clone());
        let author = people::add_account(&mut state, email, password, "Ada", "Author");
        let (email, password) = (credentials.learner_username.clone(), credentials.learner_password.clone());
        people::add_account(&mut state, email, password, "Lea", "Learner");
        for number in 1..=options.people {
            let (_, address) = synthetic_person(number);
            people::add_account(&mut state, address, secret(), "Person", &number.to_string());
        }
        state.keyring.client_id = credentials.client_id.clone();
        state.keyring.client_secret = credentials.client_secret.clone();
        state.keyring.application_owner = author;
        state.keyring.token_lifetime = options.token_lifetime;
        let load_notes = load::load(&mut state, &options.load, author)?;
        for note in &load_notes {
            tracing::warn!("{note}");
        }
        let synthetic_course = options.scale.map(|scale| scale::generate(&mut state, scale, author));
        let shared = Shared::new(&options);
        let app = Arc::new(App {
            state: Mutex::new(state),
            faults: shared.faults.clone(),
            page_size: options.page_size,
            longest_query,
        });
        let router = Router::new()
            .fallback(routes::handle)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(app.clone());
        let running = serve(router, options.port, &shared)
            .await
            .map_err(|source| EmulatorError::Listen { port: options.port, source })?;
        app.state.lock().unwrap_or_else(PoisonError::into_inner).site.clone_from(&running.url);
        credentials.url.clone_from(&running.url);
        Ok(Self { running, shared, credentials, load_notes, synthetic_course })
    }

    /// Base address, `http://127.0.0.1:PORT`, no slash at the end; the API is below `/api/`.
    pub fn url(&self) -> &str {
        &self.running.url
    }

    /// What was asked so far.
    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    /// The dial that makes the server misbehave.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// How to sign in.
    pub fn credentials(&self) -> &StepikCredentials {
        &self.credentials
    }

    /// What of the files to load was left out, or taken with a gap; empty when all is well.
    pub fn load_notes(&self) -> &[String] {
        &self.load_notes
    }

    /// Id of the course that [`Options::scale`] asked for.
    pub fn synthetic_course(&self) -> Option<i64> {
        self.synthetic_course
    }

    /// Stops the server and waits until its connections have ended.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
