//! Sees to it that a listing ends, and that it does not end before its end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use lms_core::{Error, ErrorKind, Result};

use super::answer::{Next, PageBody};
use super::{Form, Paging, PastEnd};

/// What becomes of an answer.
#[derive(Debug)]
pub(super) enum Step {
    /// It stands.
    Take,
    /// It is past the end, and the listing has ended.
    End,
    /// The listing ends here, with this.
    Fail(Error),
}

/// What a listing has brought so far.
#[derive(Debug)]
pub(super) struct Guard {
    past_end: PastEnd,
    most_pages: u32,
    most_empty: u32,
    pages: u32,
    empty: u32,
    /// Hashes of the pages that had items, and that of the last of them.
    seen: HashSet<u64>,
    last: Option<u64>,
}

impl Guard {
    pub(super) fn new(paging: &Paging) -> Self {
        let Paging { form, past_end, most_pages, most_empty, .. } = *paging;
        // An address is given for a page that is there.
        let past_end = if form == Form::Numbered { past_end } else { PastEnd::Error };
        Self { past_end, most_pages, most_empty, pages: 0, empty: 0, seen: HashSet::new(), last: None }
    }

    /// Before a page is asked for.
    pub(super) fn may_ask(&mut self) -> Result<()> {
        if self.pages >= self.most_pages {
            return Err(incomplete(format!(
                "the listing has not ended after {} pages and is taken to be endless; it can be resumed at the \
                 cursor of its last page",
                self.pages
            )));
        }
        self.pages += 1;
        Ok(())
    }

    /// A page with this number, if it has one, came.
    pub(super) fn page(&mut self, body: &PageBody, number: Option<u64>) -> Step {
        if let (Some(asked), Some(given)) = (number, body.number)
            && asked != given
        {
            return Step::Fail(incomplete(format!(
                "the platform answered page {given} where page {asked} was asked for"
            )));
        }
        if body.items.is_empty() {
            return self.empty(body.next != Next::End);
        }
        self.empty = 0;
        let mut hasher = DefaultHasher::new();
        for item in &body.items {
            item.to_string().hash(&mut hasher);
        }
        let print = hasher.finish();
        let known = !self.seen.insert(print);
        let again = self.last.replace(print) == Some(print);
        match (known, self.past_end) {
            (false, _) => Step::Take,
            (true, PastEnd::End) if again => Step::End,
            (true, _) => Step::Fail(incomplete("a page came a second time; the listing would never end")),
        }
    }

    fn empty(&mut self, more: bool) -> Step {
        self.empty += 1;
        match self.past_end {
            _ if !more || self.empty < self.most_empty => Step::Take,
            PastEnd::End => Step::End,
            PastEnd::Error => Step::Fail(incomplete(format!(
                "{} pages without items came in a row, and more are said to follow; the listing is taken to be \
                 endless",
                self.empty
            ))),
        }
    }

    /// The request for a page failed. A 404 after the first page means that there is no such page.
    pub(super) fn missing(&self, error: &Error, number: Option<u64>, later: bool) -> Step {
        if error.status() != Some(404) || !later {
            return Step::Take;
        }
        match (self.past_end, number) {
            (PastEnd::End, Some(2..)) => Step::End,
            // The beginning of a resumed listing: the caller's cursor is stale.
            _ if self.pages < 2 => Step::Take,
            _ => {
                let why = incomplete("the platform announced another page and does not have it");
                let why = match error.platform() {
                    Some(platform) => why.at(platform, error.operation()),
                    None => why,
                };
                let why = match error.resource() {
                    Some(resource) => why.on(resource),
                    None => why,
                };
                Step::Fail(why.with_status(404))
            }
        }
    }
}

fn incomplete(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Protocol, format!("{what}; what was read may not be all"))
}
