//! `lms login` in the browser: on the consent page of the emulated Stepik, and with a session of the emulated Open edX.

use std::path::Path;
use std::process::{Output, Stdio};

use lms_emulator::Options;
use lms_emulator::openedx::OpenEdxEmulator;
use lms_emulator::stepik::StepikEmulator;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use crate::driver::Browser;

/// A home with one remote, `site`.
struct Home(TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("lms.toml"), config).expect("a file");
        Self(folder)
    }

    fn stepik(stepik: &StepikEmulator) -> Self {
        let who = stepik.credentials();
        Self::new(&format!(
            "[remotes.site]\nplatform = \"stepik\"\nurl = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
             sign_in = \"browser\"\n",
            who.url, who.client_id, who.client_secret
        ))
    }

    fn lms(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
        command
            .args(args)
            .env("LMS_CONFIG", self.0.path().join("lms.toml"))
            .env("LMS_STATE", self.0.path().join("state"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, args: &[&str]) -> Output {
        self.lms(args).output().await.expect("lms runs")
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A sign-in that waits for the browser.
struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// The address to open.
    url: String,
}

impl Waiting {
    async fn begin(home: &Home) -> Self {
        let mut command = home.lms(&["login", "site", "--no-browser", "--keep", "file"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lms starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let url = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).await.expect("a line") > 0, "no address was printed");
            if line.trim().starts_with("http") {
                break line.trim().to_owned();
            }
        };
        Self { child, stderr, url }
    }

    /// Where the browser is to be sent back to.
    fn back(&self) -> String {
        let url = url::Url::parse(&self.url).expect("an address");
        let back = url.query_pairs().find(|(name, _)| name == "redirect_uri");
        back.map(|(_, value)| value.into_owned()).expect("a redirect address")
    }

    /// Exit code and both streams.
    async fn end(mut self) -> (i32, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        let mut stdout = self.child.stdout.take().expect("piped");
        stdout.read_to_string(&mut out).await.expect("text");
        self.stderr.read_to_string(&mut err).await.expect("text");
        (self.child.wait().await.expect("it ends").code().unwrap_or(-1), out, err)
    }
}

async fn stepik() -> StepikEmulator {
    StepikEmulator::start(Options::default()).await.expect("the emulator starts")
}

/// Signs in on the consent page and presses a button of it.
async fn answer(browser: &Browser, url: &str, stepik: &StepikEmulator, button: &str) {
    browser.open(url).await;
    let who = stepik.credentials();
    browser.type_into("input[name=username]", &who.learner_username).await;
    browser.type_into("input[name=password]", &who.learner_password).await;
    browser.click(&format!("button[name={button}]")).await;
}

#[tokio::test]
async fn whoever_allows_it_is_signed_in_and_stays_so() {
    let Some(browser) = Browser::start().await else { return };
    let stepik = stepik().await;
    let home = Home::stepik(&stepik);
    let waiting = Waiting::begin(&home).await;
    answer(&browser, &waiting.url, &stepik, "allow").await;
    assert_eq!(browser.text("#lms h1").await, "Signed in");
    let (code, out, err) = waiting.end().await;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("Signed in to site as"), "{out}");

    let me = home.run(&["whoami", "site", "--json"]).await;
    let me: serde_json::Value = serde_json::from_slice(&me.stdout).expect("JSON");
    assert_eq!(me["sign_in"], "browser");
    assert_eq!(me["account"]["name"], "Lea Learner");
    assert_eq!(me["token"]["renewable"], true);

    let gone = home.run(&["logout", "site"]).await;
    assert!(String::from_utf8_lossy(&gone.stdout).contains("the token in"));
    let nobody = home.run(&["whoami", "site"]).await;
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("lms login site"));
}

#[tokio::test]
async fn whoever_refuses_is_not() {
    let Some(browser) = Browser::start().await else { return };
    let stepik = stepik().await;
    let home = Home::stepik(&stepik);
    let waiting = Waiting::begin(&home).await;
    answer(&browser, &waiting.url, &stepik, "deny").await;
    assert_eq!(browser.text("#lms h1").await, "Not signed in");
    let (code, out, err) = waiting.end().await;
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("access was denied") && err.contains("asks again"), "{err}");
    assert_eq!(home.run(&["whoami", "site"]).await.status.code(), Some(1));
    assert!(!home.path().join("state/tokens.json").exists(), "nothing was kept");
}

#[tokio::test]
async fn the_answer_to_another_sign_in_is_not_taken_and_ends_nothing() {
    let Some(browser) = Browser::start().await else { return };
    let stepik = stepik().await;
    let home = Home::stepik(&stepik);
    // An earlier sign-in whose page is still open.
    let earlier = Waiting::begin(&home).await;
    let stale = earlier.url.clone();
    drop(earlier);
    let waiting = loop {
        // The earlier one gives its turn back when the system has ended it.
        if let Ok(waiting) =
            tokio::time::timeout(std::time::Duration::from_secs(20), Waiting::begin(&home)).await
        {
            break waiting;
        }
    };
    let back = waiting.back();
    for forged in ["code=stolen&state=forged", "code=stolen", "error=access_denied&state=forged"] {
        browser.open(&format!("{back}?{forged}")).await;
        assert_eq!(browser.text("#lms h1").await, "Not this sign-in");
    }
    // The page of the earlier sign-in, sent to this one.
    let state = |url: &str| {
        let url = url::Url::parse(url).expect("an address");
        url.query_pairs()
            .find(|(name, _)| name == "state")
            .map(|(_, value)| value.into_owned())
            .expect("a state")
    };
    let crossed = waiting.url.replace(&state(&waiting.url), &state(&stale));
    answer(&browser, &crossed, &stepik, "allow").await;
    assert_eq!(browser.text("#lms h1").await, "Not this sign-in");
    assert!(!home.path().join("state/tokens.json").exists(), "nothing was kept");

    // The session of the consent page is open by now: only the button is asked for.
    browser.open(&waiting.url).await;
    if browser.evaluate("return document.querySelector('input[name=username]') !== null").await == true {
        answer(&browser, &waiting.url, &stepik, "allow").await;
    } else {
        browser.click("button[name=allow]").await;
    }
    assert_eq!(browser.text("#lms h1").await, "Signed in");
    let (code, out, err) = waiting.end().await;
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("still waiting"), "{err}");
}

#[tokio::test]
async fn a_second_sign_in_waits_for_nothing_and_the_first_goes_on() {
    let Some(browser) = Browser::start().await else { return };
    let stepik = stepik().await;
    let home = Home::stepik(&stepik);
    let waiting = Waiting::begin(&home).await;
    let second = home.run(&["login", "site", "--no-browser", "--keep", "file"]).await;
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another sign-in is waiting") && said.contains("Ctrl-C"), "{said}");
    assert!(!said.contains("http"), "no second address to mix up with the first: {said}");
    answer(&browser, &waiting.url, &stepik, "allow").await;
    assert_eq!(browser.text("#lms h1").await, "Signed in");
    assert_eq!(waiting.end().await.0, 0);
}

#[tokio::test]
async fn the_browser_of_the_environment_is_opened() {
    use std::os::unix::fs::PermissionsExt;
    let stepik = stepik().await;
    let home = Home::stepik(&stepik);
    let script = home.path().join("browser");
    let seen = home.path().join("seen");
    std::fs::write(&script, format!("#!/bin/sh\necho \"$1\" > {}\n", seen.display())).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("mine");
    let ended = home
        .lms(&["login", "site", "--keep", "file", "--timeout", "1"])
        .env("BROWSER", &script)
        .output()
        .await
        .expect("lms runs");
    assert_eq!(ended.status.code(), Some(1), "nobody answers");
    let opened = std::fs::read_to_string(seen).expect("the browser was opened");
    assert!(opened.starts_with(&format!("{}/oauth2/authorize/?", stepik.url())), "{opened}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("nobody answered"));
}

#[tokio::test]
async fn a_person_of_open_edx_is_signed_in() {
    let Some(browser) = Browser::start().await else { return };
    let openedx = OpenEdxEmulator::start(Options::default()).await.expect("the emulator starts");
    let who = openedx.credentials();
    let home = Home::new(&format!(
        "[remotes.site]\nplatform = \"openedx\"\nlms_url = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
         sign_in = \"browser\"\n",
        who.lms_url, who.client_id, who.client_secret
    ));
    let waiting = Waiting::begin(&home).await;
    // The emulated page for people has no form: the session is opened as its script would.
    browser.open(&format!("{}/login", who.lms_url)).await;
    let signed_in = browser
        .evaluate(&format!(
            "const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
             const request = new XMLHttpRequest();
             request.open('POST', '/api/user/v2/account/login_session/', false);
             request.setRequestHeader('X-CSRFToken', token);
             request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
             request.send(new URLSearchParams({{email_or_username: '{}', password: '{}'}}).toString());
             return request.status",
            who.learner_username, who.learner_password
        ))
        .await;
    assert_eq!(signed_in, 200);
    browser.open(&waiting.url).await;
    assert_eq!(browser.text("#lms h1").await, "Signed in");
    let (code, out, err) = waiting.end().await;
    assert_eq!(code, 0, "{out}{err}");
    let me = home.run(&["whoami", "site", "--json"]).await;
    let me: serde_json::Value = serde_json::from_slice(&me.stdout).expect("JSON");
    assert_eq!(me["account"]["id"], who.learner_username.as_str(), "{me}");
}
