//! Questions to the person at the keyboard. Questions go to stderr; answers come from stdin, which may be a pipe.

use std::io::{IsTerminal, Write};

use lms_core::Secret;

use crate::exit::Failure;
use crate::terminal::{self, Paint};

/// Whether somebody sits there.
pub(crate) fn is_person() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks for a line; an empty one means `default`. An end of the input is an error that says what was wanted and how to
/// give it instead.
pub(crate) async fn line(question: &str, default: Option<&str>, instead: &str) -> Result<String, Failure> {
    let hint = default.filter(|text| !text.is_empty()).map_or(String::new(), |text| format!(" [{text}]"));
    loop {
        prompt(&format!("{question}{hint}: "));
        let answer = read(question, instead).await?;
        match (answer.trim(), default) {
            ("", Some(default)) => return Ok(default.to_owned()),
            ("", None) if is_person() => {}
            ("", None) => return Err(missing(question, instead)),
            (answer, _) => return Ok(answer.to_owned()),
        }
    }
}

/// Asks for a secret, without showing it on the terminal.
pub(crate) async fn secret(question: &str, instead: &str) -> Result<Secret, Failure> {
    // First of all: whoever pastes is quick.
    let _silence = silence::begin();
    prompt(&format!("{question}: "));
    let answer = read(question, instead).await;
    if is_person() {
        prompt("\n");
    }
    match answer?.trim_end_matches(['\r', '\n']) {
        "" => Err(missing(question, instead)),
        answer => Ok(Secret::new(answer)),
    }
}

/// Asks for one of several, by its name or number; the first is the default.
pub(crate) async fn choice(question: &str, among: &[(&str, &str)], instead: &str) -> Result<String, Failure> {
    let screen = terminal::stderr();
    for (at, (name, what)) in among.iter().enumerate() {
        prompt(&format!("  {}  {} {what}\n", at + 1, screen.paint(Paint::Strong, &format!("{name:12}"))));
    }
    loop {
        let answer = line(question, among.first().map(|(name, _)| *name), instead).await?;
        let by_number = answer.parse::<usize>().ok().and_then(|number| among.get(number.checked_sub(1)?));
        if let Some((name, _)) = among.iter().find(|(name, _)| *name == answer).or(by_number) {
            return Ok((*name).to_owned());
        }
        let names: Vec<&str> = among.iter().map(|(name, _)| *name).collect();
        let message = format!("{question}: `{answer}` is none of {}", names.join(", "));
        if !is_person() {
            return Err(Failure::Usage(message));
        }
        prompt(&format!("{message}\n"));
    }
}

/// Asks for yes or no; no answer means no.
pub(crate) async fn yes(question: &str) -> Result<bool, Failure> {
    if !is_person() {
        return Ok(false);
    }
    let answer = line(&format!("{question} (y/n)"), Some("n"), "").await?;
    Ok(answer.to_lowercase().starts_with('y'))
}

fn prompt(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Reads on a thread of its own, so that Ctrl-C is heard.
async fn read(question: &str, instead: &str) -> Result<String, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|length| (length > 0).then_some(line))
    });
    match read.await {
        Ok(Ok(Some(line))) => {
            if !is_person() {
                // The answer is not on the screen: the next question begins on a line of its own.
                prompt("\n");
            }
            Ok(line)
        }
        Ok(Ok(None)) => {
            prompt("\n");
            Err(missing(question, instead))
        }
        Ok(Err(e)) => Err(Failure::Usage(format!("{question}: the answer cannot be read: {e}"))),
        Err(e) => Err(Failure::Usage(format!("{question}: the answer cannot be read: {e}"))),
    }
}

fn missing(question: &str, instead: &str) -> Failure {
    Failure::Usage(format!("{question}: there is no answer; {instead}"))
}

/// The terminal without echo, as long as the value lives: also when Ctrl-C ends the question.
#[cfg(unix)]
mod silence {
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    pub(super) struct Silence(Option<Termios>);

    pub(super) fn begin() -> Silence {
        let stdin = std::io::stdin();
        let Ok(before) = tcgetattr(&stdin) else { return Silence(None) };
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        Silence(tcsetattr(&stdin, OptionalActions::Now, &quiet).ok().map(|()| before))
    }

    impl Drop for Silence {
        fn drop(&mut self) {
            if let Some(before) = &self.0 {
                // There is nobody left to tell.
                let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
            }
        }
    }
}

/// Elsewhere the terminal cannot be silenced without unsafe code: secrets are better given by a command or a file.
#[cfg(not(unix))]
mod silence {
    pub(super) struct Silence;

    pub(super) fn begin() -> Silence {
        super::prompt("(it will be seen) ");
        Silence
    }
}
