//! The Stepik emulator: OAuth2, authoring, reading, solving and grading on one loopback server.
//!
//! What it is true to is written in the code as `(reference stepik.md N)`. What no source states is a choice of this
//! project; each is called one where it is made. Two things are stand-ins: `math` compares by numeric sampling, and
//! `code` never runs code: a reply counts as right when one of its comment lines says `expect: correct`
//! (`# expect: correct`, `// expect: correct`, …).
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
mod files;
mod form;
mod listings;
mod load;
mod people;
mod progress;
mod quiz;
mod read;
mod rights;
mod routes;
mod site;
mod solutions;
mod state;
mod steps;
mod template;
mod tree;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;

use crate::error::EmulatorError;
use crate::fault::Faults;
use crate::log::RequestLog;
use crate::options::Options;
use crate::random::secret;
use crate::serve::{Running, Shared, serve};
use routes::App;
use state::State;

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
}

impl StepikEmulator {
    /// Starts a server on 127.0.0.1 with two accounts and whatever [`Options::load`] names: JSON files of API objects
    /// as the platform returns them, `{"courses": […], "sections": […], "units": […], "lessons": […],
    /// "step-sources": […], "steps": […]}`, or folders of such files.
    ///
    /// # Errors
    /// The port is taken, or a file to load cannot be read or is no such document.
    pub async fn start(options: Options) -> Result<Self, EmulatorError> {
        let mut state = State::default();
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
        state.keyring.client_id = credentials.client_id.clone();
        state.keyring.client_secret = credentials.client_secret.clone();
        state.keyring.application_owner = author;
        state.keyring.token_lifetime = options.token_lifetime;
        let mut load_notes = Vec::new();
        for path in &options.load {
            load_notes.extend(load::load(&mut state, path, author)?);
        }
        for note in &load_notes {
            tracing::warn!("{note}");
        }
        let shared = Shared::new(&options);
        let app = Arc::new(App {
            state: Mutex::new(state),
            faults: shared.faults.clone(),
            page_size: options.page_size,
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
        Ok(Self { running, shared, credentials, load_notes })
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

    /// Stops the server and waits until its connections have ended.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
