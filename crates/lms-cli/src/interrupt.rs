//! Ctrl-C. A command that nobody prepared is dropped where it waits; one that holds a [`Handle`] is told, and ends at
//! the next place where it can go on later. The second Ctrl-C ends everything at once.

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::exit::Failure;

/// A command that ends within this is not announced to be ending.
const AT_ONCE: Duration = Duration::from_millis(300);

static ASKED: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));
static HANDLES: AtomicUsize = AtomicUsize::new(0);

/// As long as one lives, the first Ctrl-C drops nothing: whoever holds it ends by itself, with
/// [`Failure::Interrupted`] if work is left.
#[derive(Debug)]
pub(crate) struct Handle(watch::Receiver<bool>);

/// Takes the first Ctrl-C over.
pub(crate) fn handle() -> Handle {
    HANDLES.fetch_add(1, Ordering::SeqCst);
    Handle(ASKED.subscribe())
}

impl Handle {
    /// Whether Ctrl-C was pressed.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once Ctrl-C was pressed; at once if it was already.
    pub(crate) async fn requested(&self) {
        // The sender is static: waiting cannot fail.
        let _ = self.0.clone().wait_for(|asked| *asked).await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        HANDLES.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs a command until it ends, or until Ctrl-C ends it.
pub(crate) async fn watch(run: impl Future<Output = Result<u8, Failure>>) -> Result<u8, Failure> {
    let mut run = std::pin::pin!(run);
    tokio::select! {
        biased;
        ended = &mut run => return ended,
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    ASKED.send_replace(true);
    if HANDLES.load(Ordering::SeqCst) == 0 {
        return Err(Failure::Interrupted(None));
    }
    let again = async {
        let pressed = tokio::signal::ctrl_c();
        let say = async {
            tokio::time::sleep(AT_ONCE).await;
            // A bar stands on the line, with ^C in it.
            let begin = if std::io::stderr().is_terminal() { "\r\u{1b}[2K" } else { "" };
            let _ = writeln!(
                std::io::stderr(),
                "{begin}lms: stopping where it is safe; Ctrl-C once more stops at once"
            );
            std::future::pending::<()>().await;
        };
        tokio::select! {
            pressed = pressed => pressed,
            () = say => Ok(()),
        }
    };
    tokio::select! {
        biased;
        ended = run => ended,
        pressed = again => {
            pressed?;
            let hint = "What was done is noted; where the command has --resume, the same command with it goes on.";
            Err(Failure::Interrupted(Some(hint.to_owned())))
        }
    }
}
