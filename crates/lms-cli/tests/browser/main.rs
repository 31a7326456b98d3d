//! What only a browser can tell. Skipped where there is no Chromium.

mod big;
mod driver;
mod driver_sees;
mod hostile;
#[cfg(unix)]
mod login;
mod report;
mod shown;
