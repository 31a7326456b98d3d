#![doc = include_str!("../README.md")]

use std::sync::Arc;

pub use lms_core::*;

#[cfg(feature = "inginious")]
pub use lms_inginious as inginious;
#[cfg(feature = "migrate")]
pub use lms_migrate as migrate;
#[cfg(feature = "openedx")]
pub use lms_openedx as openedx;
#[cfg(feature = "stepik")]
pub use lms_stepik as stepik;

/// The platforms that are compiled in.
pub fn platforms() -> Vec<Platform> {
    vec![
        #[cfg(feature = "stepik")]
        Platform::Stepik,
        #[cfg(feature = "openedx")]
        Platform::OpenEdx,
        #[cfg(feature = "inginious")]
        Platform::Inginious,
    ]
}

/// Connects to a platform by name and options, so that the backend is a matter of configuration. The
/// keys are those of the platform's builder; they may hold secrets and are not printed. Sends nothing.
///
/// # Errors
/// `Config`, naming every fault of the options at once, or the feature that is not compiled in.
pub fn connect(
    platform: Platform,
    options: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn LmsProvider>> {
    let options = options.into_iter();
    match platform {
        #[cfg(feature = "stepik")]
        Platform::Stepik => Ok(Arc::new(stepik::StepikBuilder::from_options(options)?.build()?)),
        #[cfg(feature = "openedx")]
        Platform::OpenEdx => Ok(Arc::new(openedx::OpenEdxBuilder::from_options(options)?.build()?)),
        #[cfg(feature = "inginious")]
        Platform::Inginious => Ok(Arc::new(inginious::InginiousBuilder::from_options(options)?.build()?)),
        _ => {
            drop(options);
            Err(Error::new(
                ErrorKind::Config,
                "this platform is not compiled in; switch its cargo feature on",
            )
            .on(platform))
        }
    }
}
