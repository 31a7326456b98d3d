//! Where the command keeps what is the user's.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use lms_core::{Error, Result};

/// The configuration: `LMS_CONFIG`, else `lms/lms.toml` in the user's configuration folder. `None` where the user has
/// no home.
pub(crate) fn config_file() -> Option<PathBuf> {
    if let Some(path) = said("LMS_CONFIG") {
        return Some(path);
    }
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("lms").join("lms.toml"))
}

/// The folder of what is remembered between runs, such as tokens: `LMS_STATE`, else `lms` in the user's folder for
/// such things. `None` where the user has no home.
pub(crate) fn state_folder() -> Option<PathBuf> {
    if let Some(path) = said("LMS_STATE") {
        return Some(path);
    }
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("lms"))
}

/// A temporary folder for courses with their answers: other accounts of the machine do not see into it.
///
/// # Errors
/// `Io`, when it cannot be made.
pub(crate) fn temporary() -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().map_err(|e| Error::io("a temporary folder", e))
}

fn said(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// `~/x` is in the user's home, also where no shell said so.
pub(crate) fn home(path: &std::path::Path) -> PathBuf {
    match (path.strip_prefix("~"), etcetera::home_dir()) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}
