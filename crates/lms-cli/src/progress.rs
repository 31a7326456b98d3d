//! Progress on stderr, only when it is a terminal.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use console::Term;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};
use lms_migrate::{Progress, Quiet, Stage};

use crate::commands::people::count;

/// How often it moves.
const TICK: Duration = Duration::from_millis(120);
/// The shortest time that is said to be left: it is never none while there is work.
const SOON: Duration = Duration::from_secs(1);
/// Columns of the longest name of a stage.
const STAGE: usize = 28;

/// A bar when stderr is a terminal and `quiet` is not asked for; else silence.
pub(crate) fn progress(quiet: bool) -> Box<dyn Progress> {
    if is_shown(quiet) { Box::new(Bar::default()) } else { Box::new(Quiet) }
}

fn is_shown(quiet: bool) -> bool {
    !quiet && std::io::stderr().is_terminal()
}

/// A bar with counts, rate and remaining time, which go by what is done now: not by what an earlier run has done.
#[derive(Debug)]
pub(crate) struct Counter {
    bar: ProgressBar,
    past: Arc<AtomicU64>,
}

impl Counter {
    /// One more is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    /// One more was done before.
    pub(crate) fn pass(&self) {
        self.past.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
    }

    /// Takes it off the screen.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Counts to `total` behind a name that takes `columns`, from `past` on; hidden where [`progress`] is silent.
pub(crate) fn counting(total: u64, past: u64, name: String, columns: usize, quiet: bool) -> Counter {
    let past = Arc::new(AtomicU64::new(past));
    if !is_shown(quiet) {
        return Counter { bar: ProgressBar::hidden(), past };
    }
    // As wide as the window is when it is drawn: it may be made narrower while work goes on.
    let template = format!(
        "{{msg:{columns}}} {{wide_bar}} {{human_pos:>{}}}/{{human_len}} {{rate:>6}} {{left:>9}}",
        count(total).len()
    );
    let bar = ProgressBar::new(total).with_message(name).with_position(past.load(Ordering::Relaxed));
    if let Ok(style) = ProgressStyle::with_template(&template) {
        // Before the first one is done nothing is known. A line that cannot be written is no reason to end.
        let before = Arc::clone(&past);
        let rate = move |state: &ProgressState, out: &mut dyn Write| {
            let _ = pace(state, &before).map_or(Ok(()), |rate| out.write_str(&spoken_rate(rate)));
        };
        let before = Arc::clone(&past);
        let left = move |state: &ProgressState, out: &mut dyn Write| {
            let to_do = total.saturating_sub(state.pos());
            let left = pace(state, &before).map(|rate| HumanDuration(remaining(to_do, rate)));
            let _ = left.map_or(Ok(()), |left| write!(out, "{left:#} left"));
        };
        bar.set_style(style.with_key("rate", rate).with_key("left", left));
    }
    bar.set_draw_target(target());
    bar.enable_steady_tick(TICK);
    Counter { bar, past }
}

/// How many a second since the bar stands there; `None` as long as none is done.
fn pace(state: &ProgressState, past: &AtomicU64) -> Option<f64> {
    rate(state.pos(), past.load(Ordering::Relaxed), state.elapsed())
}

fn rate(done: u64, past: u64, time: Duration) -> Option<f64> {
    let now = done.saturating_sub(past);
    (now > 0 && !time.is_zero()).then(|| now as f64 / time.as_secs_f64())
}

fn remaining(to_do: u64, rate: f64) -> Duration {
    Duration::try_from_secs_f64(to_do as f64 / rate).unwrap_or(Duration::MAX).max(SOON)
}

fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(Line(Term::buffered_stderr())))
}

/// Standard error, with the cursor at the beginning of the bar. Behind it, where [`indicatif`] leaves it, the ^C that
/// the terminal writes would open a new line, and the bar above would stay for ever.
#[derive(Debug)]
struct Line(Term);

impl TermLike for Line {
    fn width(&self) -> u16 {
        TermLike::width(&self.0)
    }

    fn height(&self) -> u16 {
        TermLike::height(&self.0)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.write_str("\r")?;
        self.0.flush()
    }
}

fn spoken_rate(rate: f64) -> String {
    if rate < 2.0 { format!("{:.0}/min", rate * 60.0) } else { format!("{rate:.0}/s") }
}

#[derive(Debug, Default)]
struct Bar(Mutex<Option<Counter>>);

impl Bar {
    fn with(&self, act: impl FnOnce(&mut Option<Counter>)) {
        if let Ok(mut bar) = self.0.lock() {
            act(&mut bar);
        }
    }

    fn clear(&self) {
        self.with(|slot| {
            if let Some(bar) = slot.take() {
                bar.clear();
            }
        });
    }
}

/// What is interrupted leaves no bar behind.
impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Progress for Bar {
    fn begin(&self, stage: Stage, total: usize) {
        self.clear();
        self.with(|slot| {
            *slot = Some(match total {
                0 => spinner(stage),
                n => counting(n as u64, 0, stage.name().to_owned(), STAGE, false),
            });
        });
    }

    fn step(&self, _: Stage) {
        self.with(|slot| {
            if let Some(bar) = slot {
                bar.step();
            }
        });
    }

    fn pass(&self, _: Stage) {
        self.with(|slot| {
            if let Some(bar) = slot {
                bar.pass();
            }
        });
    }

    fn end(&self, _: Stage) {
        self.clear();
    }
}

fn spinner(stage: Stage) -> Counter {
    let bar = ProgressBar::new_spinner().with_message(stage.name());
    bar.set_draw_target(target());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    Counter { bar, past: Arc::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_before_makes_nothing_faster() {
        let time = Duration::from_secs(10);
        assert_eq!(rate(250, 250, time), None);
        assert_eq!(rate(270, 250, time), Some(2.0));
        assert_eq!(rate(0, 0, Duration::ZERO), None);
        assert_eq!(remaining(230, 2.0), Duration::from_secs(115));
        assert_eq!(remaining(0, 2.0), SOON);
    }

    #[test]
    fn rates_are_for_people() {
        let said = [0.0, 0.5, 1.99, 2.0, 42.1517].map(spoken_rate);
        assert_eq!(said, ["0/min", "30/min", "119/min", "2/s", "42/s"]);
    }
}
