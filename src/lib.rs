#![doc = include_str!("../README.md")]

use std::sync::Arc;

pub use lms_core::*;

#[cfg(any(feature = "stepik", feature = "openedx", feature = "inginious"))]
pub use lms_http as http;
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
    #[cfg(any(feature = "stepik", feature = "openedx", feature = "inginious"))]
    return connect_with(platform, options, http::HttpOptions::default());
    #[cfg(not(any(feature = "stepik", feature = "openedx", feature = "inginious")))]
    {
        drop(options.into_iter());
        Err(not_compiled_in(platform))
    }
}

/// As [`connect`], with a say in how requests are sent: retries, pace, limits, where tokens are kept, a
/// cassette.
///
/// ```
/// use lms::Platform;
/// use lms::http::{HttpOptions, RetryPolicy};
///
/// # fn main() -> lms::Result<()> {
/// let http = HttpOptions { retry: RetryPolicy::never(), ..HttpOptions::default() };
/// # #[cfg(feature = "stepik")]
/// let guest = lms::connect_with(Platform::Stepik, [], http)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`connect`].
#[cfg(any(feature = "stepik", feature = "openedx", feature = "inginious"))]
pub fn connect_with(
    platform: Platform,
    options: impl IntoIterator<Item = (String, String)>,
    http: http::HttpOptions,
) -> Result<Arc<dyn LmsProvider>> {
    match platform {
        #[cfg(feature = "stepik")]
        Platform::Stepik => {
            Ok(Arc::new(stepik::StepikBuilder::from_options(options)?.with_http(http).build()?))
        }
        #[cfg(feature = "openedx")]
        Platform::OpenEdx => {
            Ok(Arc::new(openedx::OpenEdxBuilder::from_options(options)?.with_http(http).build()?))
        }
        #[cfg(feature = "inginious")]
        Platform::Inginious => {
            Ok(Arc::new(inginious::InginiousBuilder::from_options(options)?.with_http(http).build()?))
        }
        _ => Err(not_compiled_in(platform)),
    }
}

fn not_compiled_in(platform: Platform) -> Error {
    Error::new(ErrorKind::Config, "this platform is not compiled in; switch its cargo feature on")
        .on(platform)
}
