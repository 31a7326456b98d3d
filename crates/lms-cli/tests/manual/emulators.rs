//! `lms emulate` as a page wants it, with addresses that stay the same in print.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a page calls each address.
const ADDRESSES: [(&str, &str, &str); 5] = [
    ("stepik", "url", "http://127.0.0.1:8001"),
    ("openedx", "lms_url", "http://127.0.0.1:8002"),
    ("openedx", "studio_url", "http://127.0.0.1:8003"),
    ("inginious", "url", "http://127.0.0.1:8004"),
    ("inginious", "webdav_url", "http://127.0.0.1:8005"),
];

/// Emulators that end with the page.
pub(crate) struct Emulators {
    child: Child,
    servers: Value,
    learners: Value,
}

impl Emulators {
    /// Starts them with the arguments of the page's comment, in the workspace's folder.
    pub(crate) fn start(arguments: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lms"))
            .arg("emulate")
            .args(arguments.split_whitespace())
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulators start");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut next = || -> Value {
            let line = lines.next().expect("a line").expect("text");
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("no JSON ({e}): {line}"))
        };
        let (servers, mut second) = (next(), next());
        Self { child, servers, learners: second["learners"].take() }
    }

    fn known(&self) -> impl Iterator<Item = (String, String)> {
        let values = |prefix: &'static str, value: &Value| -> Vec<(String, String)> {
            let servers = value.as_object().into_iter().flatten();
            servers
                .flat_map(|(server, fields)| {
                    fields.as_object().into_iter().flatten().filter_map(move |(key, value)| {
                        Some((format!("{server}_{prefix}{key}").to_uppercase(), value.as_str()?.to_owned()))
                    })
                })
                .collect()
        };
        values("", &self.servers).into_iter().chain(values("learner_", &self.learners))
    }

    /// Variables for the page's commands: `STEPIK_URL`, `OPENEDX_PASSWORD`, `INGINIOUS_LEARNER_USERNAME`.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        self.known().collect()
    }

    /// Real addresses and what the page calls them.
    pub(crate) fn addresses(&self) -> Vec<(String, &'static str)> {
        let real = |(server, key, name): (&str, &str, &'static str)| {
            Some((origin(self.servers[server][key].as_str()?), name))
        };
        let mut all: Vec<_> = ADDRESSES.into_iter().filter_map(real).collect();
        // Where one server serves both, the first name is the one that is printed.
        all.dedup_by(|later, earlier| later.0 == earlier.0);
        all
    }

    /// The configuration of all accounts: `stepik`, `openedx`, `inginious` are the authors', `stepik-learner` and so on
    /// the learners'.
    pub(crate) fn config(&self) -> String {
        let mut text = String::new();
        for (server, fields) in self.servers.as_object().into_iter().flatten() {
            let account = |name: &str, learner: Option<&Value>| {
                let mut lines = format!("[remotes.{name}]\nplatform = \"{server}\"\n");
                for (key, value) in fields.as_object().into_iter().flatten() {
                    let value = learner.and_then(|learner| learner.get(key)).unwrap_or(value);
                    // The application acts as its owner, as long as no person is named.
                    let owner = server == "stepik" && learner.is_none();
                    let studio = key == "studio_url" && learner.is_some();
                    if !(studio || owner && matches!(key.as_str(), "username" | "password")) {
                        lines.push_str(&format!("{key} = {value}\n"));
                    }
                }
                lines + "\n"
            };
            text.push_str(&account(server, None));
            text.push_str(&account(&format!("{server}-learner"), self.learners.get(server)));
        }
        text
    }
}

fn origin(address: &str) -> String {
    let end = address.find("//").and_then(|start| Some(start + 2 + address.get(start + 2..)?.find('/')?));
    address.get(..end.unwrap_or(address.len())).unwrap_or(address).to_owned()
}

impl Drop for Emulators {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
