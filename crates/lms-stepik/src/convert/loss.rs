//! What a conversion of one node loses, before it is known where the node stands.

use lms_core::{AdaptLog, BlockPlace, Finding, Severity};

/// One thing that is not carried as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(crate) severity: Severity,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) fallback: Option<&'static str>,
}

/// Collects losses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses(pub(super) Vec<Loss>);

impl Losses {
    fn push(&mut self, severity: Severity, what: &str, why: &str, fallback: Option<&'static str>) {
        self.0.push(Loss { severity, what: what.to_owned(), why: why.to_owned(), fallback });
    }

    pub(crate) fn exact(&mut self, what: &str, why: &str) {
        self.push(Severity::Exact, what, why, None);
    }

    pub(crate) fn approximated(&mut self, what: &str, why: &str, fallback: &'static str) {
        self.push(Severity::Approximated, what, why, Some(fallback));
    }

    pub(crate) fn dropped(&mut self, what: &str, why: &str) {
        self.push(Severity::Dropped, what, why, None);
    }

    /// Names them about a block of the source.
    pub(crate) fn log(self, log: &mut AdaptLog, place: &BlockPlace<'_>) {
        for loss in self.0 {
            log.lose(place, loss.severity, loss.what, loss.why, loss.fallback);
        }
    }

    /// Names them at `path`.
    pub(crate) fn findings(self, path: &str) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(move |loss| {
            let mut finding = Finding::new(loss.severity, path, loss.what, loss.why);
            finding.fallback = loss.fallback.map(str::to_owned);
            finding
        })
    }
}
