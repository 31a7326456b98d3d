//! What a conversion of one node loses, before it is known where the node stands.

use lms_core::{AdaptLog, BlockPlace, Finding, Severity};

/// One thing that is not carried as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    pub(crate) severity: Severity,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) fallback: Option<&'static str>,
    pub(crate) marks: bool,
}

/// Collects losses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses(pub(super) Vec<Loss>);

impl Losses {
    fn push(&mut self, severity: Severity, what: &str, why: &str, fallback: Option<&'static str>) {
        self.0.push(Loss { severity, what: what.to_owned(), why: why.to_owned(), fallback, marks: false });
    }

    pub(crate) fn exact(&mut self, what: &str, why: &str) {
        self.push(Severity::Exact, what, why, None);
    }

    pub(crate) fn approximated(&mut self, what: &str, why: &str, fallback: &'static str) {
        self.push(Severity::Approximated, what, why, Some(fallback));
    }

    /// Something carried otherwise, so that answers may earn other marks; `fallback` says which.
    pub(crate) fn changing_marks(&mut self, what: &str, why: &str, fallback: &'static str) {
        self.approximated(what, why, fallback);
        self.last_changes_marks();
    }

    /// Something not carried, so that answers may earn other marks; `fallback` says which.
    pub(crate) fn dropped_changing_marks(&mut self, what: &str, why: &str, fallback: &'static str) {
        self.push(Severity::Dropped, what, why, Some(fallback));
        self.last_changes_marks();
    }

    fn last_changes_marks(&mut self) {
        if let Some(loss) = self.0.last_mut() {
            loss.marks = true;
        }
    }

    pub(crate) fn dropped(&mut self, what: &str, why: &str) {
        self.push(Severity::Dropped, what, why, None);
    }

    /// Names them about a block of the source.
    pub(crate) fn log(self, log: &mut AdaptLog, place: &BlockPlace<'_>) {
        for finding in self.findings(&place.place().to_string()) {
            log.note(finding.with_block(&place.block.1.id));
        }
    }

    /// Names them at `path`.
    pub(crate) fn findings(self, path: &str) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(move |loss| {
            let mut finding = Finding::new(loss.severity, path, loss.what, loss.why);
            finding.fallback = loss.fallback.map(str::to_owned);
            finding.marks = loss.marks;
            finding
        })
    }
}
