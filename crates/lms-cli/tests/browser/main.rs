//! What only a browser can tell. Skipped where there is no Chromium.

mod driver;
mod driver_sees;
#[cfg(unix)]
mod login;
