//! Progress on stderr, only when it is a terminal.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lms_migrate::{Progress, Quiet, Stage};

/// A bar when stderr is a terminal and `quiet` is not asked for; else silence.
pub(crate) fn progress(quiet: bool) -> Box<dyn Progress> {
    if quiet || !std::io::stderr().is_terminal() { Box::new(Quiet) } else { Box::new(Bar::default()) }
}

#[derive(Debug, Default)]
struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut bar) = self.0.lock() {
            act(&mut bar);
        }
    }
}

impl Progress for Bar {
    fn begin(&self, stage: Stage, total: usize) {
        self.with(|slot| {
            let bar = match total {
                0 => ProgressBar::new_spinner(),
                n => ProgressBar::new(n as u64),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr());
            let template = if total == 0 {
                "{spinner} {msg} {elapsed}"
            } else {
                "{msg:24} {wide_bar} {human_pos}/{human_len}  {per_sec}  {eta} left"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(stage.name());
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            *slot = Some(bar);
        });
    }

    fn step(&self, _: Stage) {
        self.with(|slot| {
            if let Some(bar) = slot {
                bar.inc(1);
            }
        });
    }

    fn end(&self, _: Stage) {
        self.with(|slot| {
            if let Some(bar) = slot.take() {
                bar.finish_and_clear();
            }
        });
    }
}
