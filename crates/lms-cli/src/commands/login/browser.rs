//! The sign-in in the browser: an address to open, and an answer that comes back to this machine.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use lms::http::{Authorization, CallbackError, Grant};
use lms::openedx::OpenEdxBuilder;
use lms::stepik::StepikBuilder;
use lms_core::{Account, Error, ErrorKind, LmsProvider, Platform, Result};
use tokio::net::TcpListener;

use super::callback::{Page, Visitor};
use super::{name, pending, who};
use crate::config::{Remote, Way};
use crate::exit::Failure;
use crate::terminal::{self, Paint};
use crate::{connect, output, places};

/// The path of the redirect address. The port is free unless it is said, as RFC 8252 (7.3) wants it.
const PATH: &str = "/callback";

/// How to wait.
pub(super) struct Wait {
    pub(super) open: bool,
    pub(super) port: u16,
    pub(super) patience: Duration,
}

/// Has a person sign in, and keeps the tokens.
pub(super) async fn sign_in(remote: &Remote, wait: &Wait) -> Result<Account, Failure> {
    let _turn = turn(&remote.name)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wait.port)).await.map_err(|e| {
        let error =
            Error::new(ErrorKind::Io, format!("port {} cannot be listened on", wait.port)).with_source(e);
        Failure::Advised(error, "Something else uses it: end that, or say another with --port.".into())
    })?;
    let port = listener.local_addr()?.port();
    let redirect_uri = format!("http://127.0.0.1:{port}{PATH}");
    let asking = Asking::new(remote, redirect_uri)?;
    tell(&asking.authorization, wait.open);
    let answered = tokio::time::timeout(wait.patience, answer(&listener, &asking));
    answered.await.unwrap_or_else(|_| {
        let error = Error::new(ErrorKind::Timeout, "nobody answered in the browser").on(&remote.name);
        Err(Failure::Advised(error, "Run this again; --timeout gives more time.".into()))
    })
}

/// One sign-in for each remote: two that wait at once would wait for each other's answers.
fn turn(remote: &str) -> Result<File, Failure> {
    let Some(folder) = places::state_folder() else {
        let message = "there is no folder to keep the sign-in in; say where it is to be in LMS_STATE";
        return Err(Error::new(ErrorKind::Config, message).into());
    };
    let path = folder.join(format!("login-{remote}.lock"));
    let unusable = |e: std::io::Error| {
        let error = Error::new(ErrorKind::Io, format!("the folder for sign-ins cannot be written: {e}"));
        let advice =
            "See that the folder is yours and the disk is not full, or say another folder in LMS_STATE.";
        Failure::Advised(error.on(folder.display()), advice.into())
    };
    std::fs::create_dir_all(&folder).map_err(unusable)?;
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(pending(remote)),
        Err(TryLockError::Error(e)) => Err(unusable(e)),
    }
}

fn tell(authorization: &Authorization, open: bool) {
    let screen = terminal::stderr();
    let opened = open && open_browser(authorization.url.as_str());
    let what = if opened { "The browser opens. If it does not, open" } else { "Open this in a browser:" };
    let url = screen.paint(Paint::Strong, authorization.url.as_str());
    let _ = writeln!(std::io::stderr(), "{what}\n  {url}\nWaiting for the answer; Ctrl-C ends the sign-in.");
}

/// `BROWSER`, or what the system opens addresses with.
fn open_browser(url: &str) -> bool {
    let command = std::env::var("BROWSER").ok().filter(|command| !command.is_empty());
    let mut process = match command {
        Some(command) => std::process::Command::new(command),
        None if cfg!(target_os = "macos") => std::process::Command::new("open"),
        None if cfg!(windows) => {
            let mut process = std::process::Command::new("rundll32");
            process.arg("url.dll,FileProtocolHandler");
            process
        }
        // Without a screen a browser would open in this terminal.
        None if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() => {
            return false;
        }
        None => std::process::Command::new("xdg-open"),
    };
    let silent = std::process::Stdio::null;
    // Secrets that were given by variables are no business of a browser.
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().starts_with("LMS_")) {
        process.env_remove(name);
    }
    process.arg(url).stdin(silent()).stdout(silent()).stderr(silent()).spawn().is_ok()
}

/// What was asked, and how the answer becomes an account.
struct Asking<'a> {
    remote: &'a Remote,
    redirect_uri: String,
    authorization: Authorization,
}

impl<'a> Asking<'a> {
    fn new(remote: &'a Remote, redirect_uri: String) -> Result<Self> {
        let options = connect::options(remote, Way::Browser)?;
        let authorization = match remote.platform {
            Platform::Stepik => StepikBuilder::from_options(options)?.authorize(&redirect_uri)?,
            _ => OpenEdxBuilder::from_options(options)?.authorize(&redirect_uri)?,
        };
        Ok(Self { remote, redirect_uri, authorization })
    }

    /// Exchanges the code; the tokens are saved before anything is sent with them.
    async fn exchange(&self, grant: Grant) -> Result<Account, Failure> {
        let Grant::AuthorizationCode { code, .. } = grant else {
            return Err(Error::new(ErrorKind::Protocol, "the browser brought no code").into());
        };
        let options = connect::options(self.remote, Way::Browser)?;
        let http = connect::http(self.remote)?;
        let back = self.redirect_uri.as_str();
        let provider: Arc<dyn LmsProvider> = match self.remote.platform {
            Platform::Stepik => {
                Arc::new(StepikBuilder::from_options(options)?.with_http(http).with_code(code, back).build()?)
            }
            _ => Arc::new(
                OpenEdxBuilder::from_options(options)?.with_http(http).with_code(code, back).build()?,
            ),
        };
        who(provider.as_ref(), &self.remote.name).await
    }
}

/// Hears visitors until one brings the answer. What is no answer, or the answer to another sign-in, ends nothing.
async fn answer(listener: &TcpListener, asking: &Asking<'_>) -> Result<Account, Failure> {
    let (visitors, mut came) = tokio::sync::mpsc::channel(8);
    let hear = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let visitors = visitors.clone();
            // A browser opens connections that it does not use: nobody waits for another.
            tokio::spawn(async move {
                if let Some(visitor) = Visitor::read(stream).await {
                    let _ = visitors.send(visitor).await;
                }
            });
        }
    };
    let judge = async {
        while let Some(visitor) = came.recv().await {
            if visitor.path() != PATH {
                visitor.answer(404, &Page::new("There is nothing here", "Go back to the terminal.")).await;
                continue;
            }
            match asking.authorization.grant(visitor.target()) {
                Ok(grant) => {
                    let account = asking.exchange(grant).await;
                    visitor
                        .answer(if account.is_ok() { 200 } else { 502 }, &page(&account, asking.remote))
                        .await;
                    return account;
                }
                Err(CallbackError::WrongState | CallbackError::NoAnswer) => {
                    output::note(
                        "lms: an answer came that is not to this sign-in, and was not used; still waiting",
                    );
                    let text = "This answer belongs to another sign-in and was not used. The terminal still waits for \
                                the right one.";
                    visitor.answer(400, &Page::new("Not this sign-in", text)).await;
                }
                Err(error) => {
                    let page = Page::new("Not signed in", &format!("{error}. You can close this page."));
                    visitor.answer(200, &page).await;
                    let advice =
                        format!("Nothing was changed. `lms login {}` asks again.", asking.remote.name);
                    return Err(Failure::Advised(error.into_error().on(&asking.remote.name), advice));
                }
            }
        }
        Err(Error::new(ErrorKind::Io, "the browser's answer cannot be heard any more").into())
    };
    tokio::select! {
        () = hear => Err(Error::new(ErrorKind::Io, "the browser's answer cannot be heard any more").into()),
        account = judge => account,
    }
}

fn page(account: &Result<Account, Failure>, remote: &Remote) -> Page {
    match account {
        Ok(account) => {
            let text = format!("{} acts as {} now. You can close this page.", remote.name, name(account));
            Page::new("Signed in", &text)
        }
        Err(_) => {
            Page::new("Not signed in", "The platform gave no token for the answer; the terminal says why.")
        }
    }
}
