//! A headless Chromium, driven over WebDriver, for what only a browser can tell.
//!
//! Each has a profile of its own, reaches nothing but this machine, and ends with the value.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key under which WebDriver hands out elements (W3C WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What may be asked of the colours of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A line of the browser's console.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// `SEVERE`, `WARNING`, `INFO`, `DEBUG`.
    pub(crate) level: String,
    /// What it says, with where.
    pub(crate) text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level, self.text)
    }
}

/// A Chromium with its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    client: reqwest::Client,
    port: u16,
    session: String,
    _profile: TempDir,
}

/// A driver that listens, and where. It takes a free port of IPv4 and then wants the same of IPv6: where that has gone
/// to somebody else meanwhile, as it may where many tests take ports, it ends at once.
fn listening(chromedriver: &str, temporary: &Path) -> (Child, u16) {
    let mut said = Vec::new();
    for _ in 0..5 {
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            // What Chromium leaves behind goes with its profile.
            .env("TMPDIR", temporary)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let port = lines.by_ref().find_map(|line| {
            let port =
                line.split("successfully on port ").nth(1).map(|port| port.trim_end_matches('.').parse());
            said.push(line);
            port?.ok()
        });
        if let Some(port) = port {
            // What the driver says later has to go somewhere, or it would block on a full pipe.
            std::thread::spawn(move || lines.for_each(drop));
            return (driver, port);
        }
        driver.wait().expect("it has ended");
    }
    panic!("chromedriver listens nowhere: {said:#?}");
}

impl Browser {
    /// Starts one; `None`, said aloud, where there is no Chromium or no driver for it.
    pub(crate) async fn start() -> Option<Self> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(program);
        let (Some(chromium), Some(chromedriver)) = (chromium, program("chromedriver")) else {
            eprintln!("skipped: no chromium");
            return None;
        };
        let profile = TempDir::new().expect("a folder for the profile");
        let (driver, port) = listening(&chromedriver, profile.path());
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut browser = Self { driver, client, port, session: String::new(), _profile: profile };
        let profile = format!("--user-data-dir={}", browser._profile.path().display());
        let answer = browser
            .call(Method::POST, "/session", json!({"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                // A dialog is evidence: it stays until the test asks for it.
                "unhandledPromptBehavior": "ignore",
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {"binary": chromium, "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                    "--no-first-run", "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--force-device-scale-factor=1", "--hide-scrollbars",
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                    profile,
                ]},
            }}}))
            .await
            .expect("a session");
        browser.session = answer["sessionId"].as_str().expect("a session's id").to_owned();
        Some(browser)
    }

    /// One WebDriver command; its `value`, or its error in words.
    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut request = self.client.request(method.clone(), url);
        if method == Method::POST {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|e| e.to_string())?;
        let failed = !answer.status().is_success();
        let mut answer: Value = answer.json().await.map_err(|e| e.to_string())?;
        let value = answer["value"].take();
        if failed { Err(format!("{}: {}", value["error"], value["message"])) } else { Ok(value) }
    }

    async fn post(&self, command: &str, body: Value) -> Result<Value, String> {
        self.call(Method::POST, &format!("/session/{}/{command}", self.session), body).await
    }

    async fn get(&self, what: &str) -> Result<Value, String> {
        self.call(Method::GET, &format!("/session/{}/{what}", self.session), Value::Null).await
    }

    /// A command of the DevTools protocol, for what WebDriver has no word for.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        self.post("goog/cdp/execute", body).await.unwrap_or_else(|e| panic!("{command}: {e}"))
    }

    /// Opens an address and waits until the page has loaded.
    pub(crate) async fn open(&self, url: &str) {
        self.post("url", json!({"url": url})).await.unwrap_or_else(|e| panic!("{url}: {e}"));
    }

    /// The address of the page that is shown.
    pub(crate) async fn url(&self) -> String {
        self.get("url").await.expect("an address").as_str().unwrap_or_default().to_owned()
    }

    /// What a function's body gives: `return document.title`.
    pub(crate) async fn evaluate(&self, body: &str) -> Value {
        let script = json!({"script": body, "args": []});
        self.post("execute/sync", script).await.unwrap_or_else(|e| panic!("{body}: {e}"))
    }

    /// The first element that a CSS selector finds, waited for.
    async fn element(&self, selector: &str) -> String {
        let started = Instant::now();
        loop {
            let found = self.post("element", json!({"using": "css selector", "value": selector})).await;
            match found {
                Ok(element) => return element[ELEMENT].as_str().expect("an element").to_owned(),
                Err(error) if started.elapsed() > PATIENCE => {
                    panic!("{selector} is not on {}: {error}", self.url().await)
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Clicks the first element that a CSS selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        let clicked = self.post(&format!("element/{element}/click"), json!({})).await;
        clicked.unwrap_or_else(|e| panic!("{selector}: {e}"));
    }

    /// Types into the first element that a CSS selector finds.
    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        let typed = self.post(&format!("element/{element}/value"), json!({"text": text})).await;
        typed.unwrap_or_else(|e| panic!("{selector}: {e}"));
    }

    /// Presses and releases a key, by its name in DevTools: `Tab`, `Enter`.
    pub(crate) async fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            other => panic!("the key {other} has no code here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// The text that is seen of the first element that a CSS selector finds.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let element = self.element(selector).await;
        let text = self.get(&format!("element/{element}/text")).await;
        text.unwrap_or_else(|e| panic!("{selector}: {e}")).as_str().unwrap_or_default().to_owned()
    }

    /// What an open dialog says, which closes it; `None` when none is open.
    pub(crate) async fn dialog(&self) -> Option<String> {
        let text = self.get("alert/text").await.ok()?.as_str().unwrap_or_default().to_owned();
        self.post("alert/dismiss", json!({})).await.expect("the dialog closes");
        Some(text)
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.post("se/log", json!({"type": kind})).await.expect("a log");
        entries.as_array().cloned().unwrap_or_default()
    }

    /// What the console has said since it was last asked.
    pub(crate) async fn console(&self) -> Vec<Message> {
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = self.log("browser").await;
        entries.iter().map(|e| Message { level: text(e, "level"), text: text(e, "message") }).collect()
    }

    /// The addresses that pages have asked for since this was last asked, their own included. What the
    /// browser shows before it is told to open anything is its own and left out.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let sent = |entry: Value| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            let is_request = message["method"] == "Network.requestWillBeSent";
            let url = message["params"]["request"]["url"].as_str()?;
            (is_request && !url.starts_with("chrome://")).then(|| url.to_owned())
        };
        self.log("performance").await.into_iter().filter_map(sent).collect()
    }

    /// Shows pages as a screen of this width and in these colours would.
    pub(crate) async fn show_as(&self, width: u32, scheme: Scheme) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// A picture of the whole page, as PNG in base64.
    pub(crate) async fn picture(&self) -> String {
        let picture = self.devtools("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await;
        picture["data"].as_str().expect("a picture").to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends Chromium; a driver that is merely killed leaves it behind.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
                self.session
            );
            let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read(&mut [0; 64]));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Where a program is, by `PATH`.
fn program(name: &str) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())?;
    found.to_str().map(str::to_owned)
}

/// The address of a file.
pub(crate) fn address(file: &Path) -> String {
    let file = file.canonicalize().expect("the file is there");
    format!("file://{}", file.display())
}
