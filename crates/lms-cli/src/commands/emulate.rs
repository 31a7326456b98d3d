//! `lms emulate`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lms_core::{Error, ErrorKind};
use lms_emulator::inginious::InginiousEmulator;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{EmulatorError, FaultRule, Options};
use serde_json::{Map, Value, json};

use crate::args::{Emulate, Scale};
use crate::exit::{DONE, Failure};
use crate::{interrupt, output};

pub(crate) async fn run(args: Emulate) -> Result<u8, Failure> {
    let Emulate { stepik, openedx, inginious, load, latency, fault, throttle, page_size, scale, people } =
        args;
    let everything = stepik.is_none() && openedx.is_none() && inginious.is_none();
    if scale.is_some() && stepik.is_none() && !everything {
        return Err(Failure::Usage("--scale is for Stepik: add --stepik PORT".to_owned()));
    }
    let port = |asked: Option<u16>| if everything { Some(0) } else { asked };
    let faults = fault
        .iter()
        .map(|spec| spec.parse::<FaultRule>().map_err(|e| Failure::Usage(format!("--fault {spec}: {e}"))))
        .collect::<Result<Vec<_>, _>>()?;
    let mut loads = Loads::default();
    for path in load {
        loads.sort_in(path)?;
    }
    for (paths, asked, platform, option) in [
        (&loads.stepik, stepik, "Stepik", "--stepik"),
        (&loads.openedx, openedx, "Open edX", "--openedx"),
        (&loads.inginious, inginious, "INGInious", "--inginious"),
    ] {
        if let (Some(path), false, None) = (paths.first(), everything, asked) {
            let path = path.display();
            let message = format!(
                "--load {path} is a course for {platform}, which is not asked for: add {option} PORT"
            );
            return Err(Failure::Usage(message));
        }
    }
    let options = |port: u16, load: &[PathBuf]| {
        let mut options = Options {
            port,
            latency: Duration::from_millis(latency),
            faults: faults.clone(),
            throttle,
            load: load.to_vec(),
            scale: scale.map(size),
            people,
            ..Options::default()
        };
        options.page_size = page_size.unwrap_or(options.page_size);
        options
    };

    // The first line is what scripts read; the second has accounts for trying things out as a learner, and what is
    // there from the start.
    let (mut first_line, mut learners, mut courses) = (Map::new(), Map::new(), Map::new());
    let mut running = Running::default();
    if let Some(port) = port(stepik) {
        let server = StepikEmulator::start(options(port, &loads.stepik)).await.map_err(failed)?;
        let who = server.credentials();
        first_line.insert(
            "stepik".into(),
            json!({
                "url": who.url, "client_id": who.client_id, "client_secret": who.client_secret,
                "username": who.username, "password": who.password,
            }),
        );
        learners.insert("stepik".into(), learner(&who.learner_username, &who.learner_password));
        if let Some(course) = server.synthetic_course() {
            courses.insert("stepik".into(), json!([course]));
        }
        running.stepik = Some(server);
    }
    if let Some(port) = port(openedx) {
        let server = OpenEdxEmulator::start(options(port, &loads.openedx)).await.map_err(failed)?;
        let who = server.credentials();
        first_line.insert(
            "openedx".into(),
            json!({
                "lms_url": who.lms_url, "studio_url": who.studio_url, "client_id": who.client_id,
                "client_secret": who.client_secret, "username": who.username, "password": who.password,
            }),
        );
        learners.insert("openedx".into(), learner(&who.learner_username, &who.learner_password));
        running.openedx = Some(server);
    }
    if let Some(port) = port(inginious) {
        let server = InginiousEmulator::start(options(port, &loads.inginious)).await.map_err(failed)?;
        let who = server.credentials();
        first_line.insert(
            "inginious".into(),
            json!({
                "url": who.url, "username": who.username, "password": who.password, "webdav_url": who.webdav_url,
            }),
        );
        let mut account = learner(&who.learner_username, &who.learner_password);
        account["api_key_of_username"] = who.api_key.as_str().into();
        learners.insert("inginious".into(), account);
        running.inginious = Some(server);
    }
    let mut second_line = json!({ "learners": learners });
    if !courses.is_empty() {
        second_line["courses"] = Value::Object(courses);
    }
    // Whoever has read the lines may end it at once.
    let stop = Stop::listen()?;
    output::text(&format!("{}\n{second_line}\n", Value::Object(first_line)))?;
    stop.come().await;
    running.stop().await;
    Ok(DONE)
}

fn size(asked: Scale) -> lms_emulator::Scale {
    match asked {
        Scale::M => lms_emulator::Scale::M,
        Scale::L => lms_emulator::Scale::L,
        Scale::Xl => lms_emulator::Scale::XL,
    }
}

fn learner(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

#[derive(Default)]
struct Running {
    stepik: Option<StepikEmulator>,
    openedx: Option<OpenEdxEmulator>,
    inginious: Option<InginiousEmulator>,
}

impl Running {
    async fn stop(self) {
        if let Some(server) = self.stepik {
            server.stop().await;
        }
        if let Some(server) = self.openedx {
            server.stop().await;
        }
        if let Some(server) = self.inginious {
            server.stop().await;
        }
    }
}

/// Files to load, by the platform that takes them.
#[derive(Default)]
struct Loads {
    stepik: Vec<PathBuf>,
    openedx: Vec<PathBuf>,
    inginious: Vec<PathBuf>,
}

impl Loads {
    fn sort_in(&mut self, path: PathBuf) -> Result<(), Failure> {
        if !path.exists() {
            return Err(Failure::Usage(format!(
                "--load {}: there is no such file or folder",
                path.display()
            )));
        }
        if lms::openedx::looks_like_olx(&path) {
            self.openedx.push(path);
        } else if lms::inginious::looks_like_folder(&path) {
            self.inginious.push(path);
        } else if is_json(&path) {
            self.stepik.push(path);
        } else {
            return Err(Failure::Usage(format!(
                "--load {}: neither a JSON file of Stepik objects, nor OLX, nor an INGInious course folder",
                path.display()
            )));
        }
        Ok(())
    }
}

fn is_json(path: &Path) -> bool {
    let named = |path: &Path| path.extension().is_some_and(|e| e == "json" || e == "step");
    named(path)
        || std::fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(|entry| named(&entry.path())))
}

fn failed(error: EmulatorError) -> Failure {
    // Not `Unavailable`: no server is asked that `lms doctor` could examine.
    Failure::Failed(Error::new(ErrorKind::Io, "the emulator cannot start").with_source(error))
}

/// What ends the emulators, listened for from the time it is made: Ctrl-C, and SIGTERM where there is one.
struct Stop {
    interrupt: interrupt::Handle,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupt: interrupt::handle(),
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn come(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            () = self.interrupt.requested() => {}
        }
    }

    #[cfg(not(unix))]
    async fn come(self) {
        self.interrupt.requested().await;
    }
}
