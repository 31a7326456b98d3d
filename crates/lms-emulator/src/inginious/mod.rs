//! INGInious 0.9.2: REST API, web forms and WebDAV.
//!
//! Observed on a real server of that version (reference inginious.md). Courses are folders of files in memory; what a
//! file says counts from the next request on. Choices where the real thing cannot be had:
//!
//! - `docker` tasks are graded by running their Python script as a plain process; see [`RunScripts`].
//! - Groups are made by the staff of a course; students do not choose one.
//! - The dispenser `combinatory_test` draws nothing: all tasks are chosen for everybody.
//! - Texts are English; `?lang` is ignored.
//! - Only local accounts, no LTI.

mod access;
mod admin;
mod api;
mod app;
mod container;
mod course;
mod dav;
mod dispenser;
mod files;
mod front;
mod http;
mod input;
mod jobs;
mod mcq;
mod pages;
mod people;
mod reports;
mod routes;
mod rst;
mod settings;
mod state;
mod studio;
mod task;
mod web;
mod yaml;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use self::app::App;
use self::course::Stored;
use self::files::Folder;
pub use self::front::Front;
pub use self::state::Mail;
use self::state::User;
use crate::options::synthetic_person;
use crate::serve::{Running, Shared, serve};
use crate::{EmulatorError, Faults, Options, RequestLog, random};

/// Whose run scripts are run to grade tasks of the container environments. A script runs as a plain process with the
/// rights of this one: there is no sandbox. A task whose script is not run ends in `error`, as on a site that has no
/// agent for the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunScripts {
    /// Nobody's.
    Never,
    /// Those of courses that were loaded from disk, by [`Options::load`] or [`InginiousEmulator::load_course`].
    #[default]
    Loaded,
    /// Also those of courses that came over the network by WebDAV.
    Always,
}

/// Whether the site offers WebDAV, as its operator decides (reference inginious.md 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Webdav {
    /// Administrators of a course are shown its address and their key.
    #[default]
    On,
    /// Nothing is shown, and nobody gets in.
    Off,
}

/// Whether the agent that runs scripts is there. Observed on 0.9.2: when it goes, what it grades ends in an error after
/// the pings that it misses, seconds later; here at once. What is handed in then waits until it is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Agent {
    /// It grades.
    #[default]
    Up,
    /// It was ended.
    Down,
}

/// Accounts of a fresh server. Secrets are drawn at every start.
#[derive(Clone)]
#[non_exhaustive]
pub struct InginiousCredentials {
    /// Address of the web application and its API, no slash at the end.
    pub url: String,
    /// A super-administrator: may create courses and is administrator of every course.
    pub username: String,
    /// Password of `username`.
    pub password: String,
    /// Address of WebDAV, no slash at the end; a course is at `/<course>`.
    pub webdav_url: String,
    /// What `username` gives WebDAV as password: its API key, also shown on a course's task administration page.
    pub api_key: String,
    /// An ordinary account, registered in nothing.
    pub learner_username: String,
    /// Password of `learner_username`.
    pub learner_password: String,
}

impl fmt::Debug for InginiousCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InginiousCredentials")
            .field("url", &self.url)
            .field("username", &self.username)
            .field("webdav_url", &self.webdav_url)
            .field("learner_username", &self.learner_username)
            .finish_non_exhaustive()
    }
}

/// A running INGInious server on loopback. Dropping it stops it.
#[derive(Debug)]
pub struct InginiousEmulator {
    app: Arc<App>,
    shared: Shared,
    web: Running,
    webdav: Running,
    credentials: InginiousCredentials,
}

impl InginiousEmulator {
    /// Starts the web application on [`Options::port`] and WebDAV on any free port. [`Options::load`] takes course
    /// folders and `.zip` files of them; the name of the folder is the course id.
    ///
    /// # Errors
    /// A port is taken, or a course cannot be loaded. A course whose `course.yaml` the real server refuses is refused
    /// here by name; an unreadable `task.yaml` is silently left out, as there.
    pub async fn start(options: Options) -> Result<Self, EmulatorError> {
        let shared = Shared::new(&options);
        let app = Arc::new(App::new(&options, shared.faults.clone()));
        for path in &options.load {
            load(&app, path)?;
        }
        let listen = |port| move |source| EmulatorError::Listen { port, source };
        let web = serve(routes::web(Arc::clone(&app)), options.port, &shared)
            .await
            .map_err(listen(options.port))?;
        let webdav = serve(routes::webdav(Arc::clone(&app)), 0, &shared).await.map_err(listen(0))?;
        app.url.get_or_init(|| web.url.clone());
        app.webdav_url.get_or_init(|| webdav.url.clone());
        let (password, learner_password) = (random::secret(), random::secret());
        let mut admin = User::new("Sam Superadmin", "superadmin@example.org", &password);
        admin.superadmin = true;
        let api_key = admin.api_key();
        let learner = User::new("Lena Learner", "learner@example.org", &learner_password);
        app.store().users.extend([("superadmin".to_owned(), admin), ("learner".to_owned(), learner)]);
        app.store().users.extend((1..=options.people).map(|number| {
            let (name, address) = synthetic_person(number);
            (name, User::new(&format!("Person {number}"), &address, &random::secret()))
        }));
        let credentials = InginiousCredentials {
            url: web.url.clone(),
            username: "superadmin".to_owned(),
            password,
            webdav_url: webdav.url.clone(),
            api_key,
            learner_username: "learner".to_owned(),
            learner_password,
        };
        Ok(Self { app, shared, web, webdav, credentials })
    }

    /// Address of the web application and its API, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.web.url
    }

    /// Every request so far, to the web application and to WebDAV.
    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    /// The dial for misbehaviour.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Accounts and addresses.
    pub fn credentials(&self) -> &InginiousCredentials {
        &self.credentials
    }

    /// Puts a course folder, or a `.zip` of one, on the server, as its operator would by copying files. A course of
    /// the same id is replaced; its students and submissions stay. Returns the course id.
    ///
    /// # Errors
    /// The path cannot be read, or its `course.yaml` is missing or refused by INGInious.
    pub fn load_course(&self, path: &Path) -> Result<String, EmulatorError> {
        load(&self.app, path)
    }

    /// The files of a course as they are now: relative path and content, in the order of the paths. Empty for an
    /// unknown course.
    pub fn course_files(&self, course: &str) -> Vec<(String, Vec<u8>)> {
        let store = self.app.store();
        let files = store.courses.get(course).map(|stored| stored.files().under(""));
        files.into_iter().flatten().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
    }

    /// Makes an active account, or replaces it, and returns its fresh password.
    pub fn add_user(&self, username: &str, email: &str) -> String {
        let password = random::secret();
        self.app.store().users.insert(username.to_owned(), User::new(username, email, &password));
        password
    }

    /// Registers an existing user in a course as an administrator would, whatever the doors of the course say. False
    /// if there is no such user or no such course.
    pub fn add_student(&self, course: &str, username: &str) -> bool {
        let mut store = self.app.store();
        let known = store.users.contains_key(username) && store.courses.contains_key(course);
        if known {
            store.enroll(course, username);
        }
        known
    }

    /// Messages that the site would have mailed, oldest first: activation links, for example.
    pub fn mails(&self) -> Vec<Mail> {
        self.app.store().mails.clone()
    }

    /// Chooses whose run scripts are run from now on.
    pub fn set_run_scripts(&self, choice: RunScripts) {
        self.app.set_run_scripts(choice);
    }

    /// Takes the agent that runs scripts down, or up again.
    pub fn set_agent(&self, state: Agent) {
        self.app.agent.send_replace(state);
    }

    /// Chooses whether WebDAV is offered from now on.
    pub fn set_webdav(&self, choice: Webdav) {
        self.app.set_webdav(choice);
    }

    /// Stops both servers and waits until open connections have ended, at most two seconds each.
    pub async fn stop(self) {
        self.web.stop().await;
        self.webdav.stop().await;
    }
}

fn load(app: &App, path: &Path) -> Result<String, EmulatorError> {
    let (id, folder) = Folder::read(path)?;
    let mut stored = Stored::new(folder, true);
    if let Err(what) = stored.course(&id) {
        return Err(EmulatorError::Load { path: path.to_owned(), field: "course.yaml".to_owned(), what });
    }
    app.store().courses.insert(id.clone(), stored);
    Ok(id)
}
