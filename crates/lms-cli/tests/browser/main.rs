//! What only a browser can tell. Skipped where there is no Chromium.

mod big;
mod driver;
mod driver_sees;
#[cfg(unix)]
mod login;
mod hostile;
mod report;
mod shown;
