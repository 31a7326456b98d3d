//! The platforms under test, and the command against them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{FaultRule, Options, RequestLog, Throttle, synthetic_person};
use tokio::runtime::Runtime;

/// How fast a platform may be asked, and what goes wrong.
pub(crate) type Limits = (Option<Throttle>, Vec<FaultRule>);

/// One emulator in this process, so that its record can be looked at.
pub(crate) enum Server {
    Stepik(StepikEmulator),
    OpenEdx(OpenEdxEmulator),
    Inginious(InginiousEmulator),
}

pub(crate) struct Platform {
    pub(crate) server: Server,
    /// As the command is given it.
    pub(crate) course: &'static str,
    /// What the CSV calls people.
    pub(crate) column: &'static str,
    environment: Vec<(String, String)>,
    pub(crate) folder: tempfile::TempDir,
    /// Ends last: the server runs in it.
    _runtime: Runtime,
}

pub(crate) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/courses").join(name)
}

impl Platform {
    pub(crate) fn stepik(people: usize, limits: Limits) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let options = options(example("stepik.json"), people, limits);
        let server = runtime.block_on(StepikEmulator::start(options)).expect("it starts");
        let who = server.credentials();
        let set = [("URL", &who.url), ("CLIENT_ID", &who.client_id), ("CLIENT_SECRET", &who.client_secret)];
        let environment = named("STEPIK", &set);
        Self::new(Server::Stepik(server), "stepik:501", "email", environment, runtime)
    }

    pub(crate) fn openedx(people: usize, limits: Limits) -> Self {
        Self::openedx_of(example("openedx"), people, limits)
    }

    pub(crate) fn openedx_of(course: PathBuf, people: usize, limits: Limits) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(OpenEdxEmulator::start(options(course, people, limits)));
        let server = server.expect("it starts");
        let who = server.credentials();
        let none = "none".to_owned();
        let set = [
            ("LMS_URL", &who.lms_url),
            ("CLIENT_ID", &who.client_id),
            ("CLIENT_SECRET", &who.client_secret),
            ("THROTTLED", &none),
        ];
        let environment = named("OPENEDX", &set);
        let course = "openedx:course-v1:Example+ONE+demo";
        Self::new(Server::OpenEdx(server), course, "username", environment, runtime)
    }

    pub(crate) fn inginious(people: usize, limits: Limits) -> Self {
        Self::inginious_of(example("inginious"), people, limits)
    }

    pub(crate) fn inginious_of(course: PathBuf, people: usize, limits: Limits) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(InginiousEmulator::start(options(course, people, limits)));
        let server = server.expect("it starts");
        let who = server.credentials();
        let set = [("URL", &who.url), ("USERNAME", &who.username), ("PASSWORD", &who.password)];
        let environment = named("INGINIOUS", &set);
        Self::new(Server::Inginious(server), "inginious:inginious", "username", environment, runtime)
    }

    fn new(
        server: Server,
        course: &'static str,
        column: &'static str,
        environment: Vec<(String, String)>,
        runtime: Runtime,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { server, course, column, environment, folder, _runtime: runtime }
    }

    pub(crate) fn log(&self) -> &RequestLog {
        match &self.server {
            Server::Stepik(server) => server.log(),
            Server::OpenEdx(server) => server.log(),
            Server::Inginious(server) => server.log(),
        }
    }

    /// The command in the folder of the test.
    pub(crate) fn lms(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
        command
            .current_dir(self.folder.path())
            .env("LMS_CONFIG", "/nonexistent/lms.toml")
            .env("LMS_STATE", self.folder.path().join("state"))
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().cloned())
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.lms(args).output().expect("the command runs")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("it can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// What the CSV calls one of the people.
    pub(crate) fn person(&self, number: usize) -> String {
        let (name, address) = synthetic_person(number);
        if self.column == "email" { address } else { name }
    }
}

fn options(course: PathBuf, people: usize, (throttle, faults): Limits) -> Options {
    Options { load: vec![course], people, throttle, faults, page_size: 100, ..Options::default() }
}

fn named(remote: &str, set: &[(&str, &String)]) -> Vec<(String, String)> {
    set.iter().map(|(key, value)| (format!("LMS_{remote}_{key}"), (*value).clone())).collect()
}

/// A running command, and the most memory that it was seen to have.
pub(crate) struct Watched {
    pub(crate) child: Child,
    pub(crate) kilobytes: u64,
}

impl Watched {
    pub(crate) fn start(mut command: Command) -> Self {
        Self { child: command.spawn().expect("it starts"), kilobytes: 0 }
    }

    /// Until it ends, or until there is something to do.
    pub(crate) fn until(&mut self, mut ready: impl FnMut() -> bool) {
        while self.child.try_wait().expect("it can be asked").is_none() && !ready() {
            let status =
                std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
            self.kilobytes = self.kilobytes.max(peak.unwrap_or_default());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    }

    pub(crate) fn end(self) -> Output {
        self.child.wait_with_output().expect("it ends")
    }
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
