//! Listings, page by page (reference stepik.md 2.4).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use lms_core::{Cursor, Error, ErrorKind, Page, Paged, Platform, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Stepik;
use crate::objects::list_of;
use crate::wire::Envelope;

/// Pages after which a listing is taken to be endless.
const MOST_PAGES: u32 = 10_000;
/// Empty pages in a row after which it is.
const MOST_EMPTY: u32 = 3;

/// Sees to it that a listing ends: `has_next` has been seen to stay true past the end
/// (reference stepik.md 2.4).
#[derive(Debug, Default)]
pub(crate) struct Guard(Mutex<Passed>);

#[derive(Debug, Default)]
struct Passed {
    last: Option<u64>,
    empty: u32,
}

impl Guard {
    /// Whether another page is to be asked for; `None` where this one is the last one again.
    fn pass(&self, envelope: &Envelope, endpoint: &'static str, page: u32) -> Option<bool> {
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = envelope.lists.get(endpoint);
        if list.and_then(Value::as_array).is_none_or(Vec::is_empty) {
            // An empty page in the middle is not the end, but many of them are.
            passed.empty += 1;
            return Some(envelope.meta.has_next && passed.empty < MOST_EMPTY);
        }
        let mut hasher = DefaultHasher::new();
        list.map(Value::to_string).hash(&mut hasher);
        let print = Some(hasher.finish());
        if passed.last == print {
            return None;
        }
        *passed = Passed { last: print, empty: 0 };
        Some(envelope.meta.has_next && page < MOST_PAGES)
    }
}

impl Stepik {
    /// The page at a cursor, and the cursor of the next. `guard` is that of the listing.
    pub(crate) async fn page_at<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: &[(&'static str, String)],
        at: Option<&Cursor>,
        guard: &Guard,
    ) -> Result<(Vec<T>, Option<Cursor>)> {
        let (mut envelope, next) = self.envelope_at(operation, endpoint, query, at, guard).await?;
        Ok((envelope.take(endpoint).map_err(|e| e.at(Platform::Stepik, operation))?, next))
    }

    /// The same with the lists that came along.
    pub(crate) async fn envelope_at(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: &[(&'static str, String)],
        at: Option<&Cursor>,
        guard: &Guard,
    ) -> Result<(Envelope, Option<Cursor>)> {
        let page = page_number(at, operation)?;
        let mut request = self.client().get(list_of(endpoint)).operation(operation).query("page", page);
        for (name, value) in query {
            request = request.query(name, value);
        }
        let envelope: Envelope = match request.send_json().await {
            Ok(envelope) => envelope,
            // A page beyond the end may be answered with 404 (reference stepik.md 2.4).
            Err(e) if page > 1 && e.kind() == ErrorKind::NotFound => return Ok((Envelope::default(), None)),
            Err(e) => return Err(e),
        };
        if envelope.meta.page.is_some_and(|given| given != f64::from(page)) {
            return Err(Error::new(
                ErrorKind::Protocol,
                "the platform answered another page than was asked for",
            )
            .at(Platform::Stepik, operation)
            .on(format!("{endpoint}, page {page}")));
        }
        let Some(more) = guard.pass(&envelope, endpoint, page) else {
            return Ok((Envelope::default(), None));
        };
        Ok((envelope, more.then(|| Cursor::new((page + 1).to_string()))))
    }

    /// A listing, fetched as it is read; the cursor is the number of the page.
    pub(crate) fn listing<T, U, F>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: Vec<(&'static str, String)>,
        from: Option<Cursor>,
        map: F,
    ) -> Paged<U>
    where
        T: DeserializeOwned + Send + 'static,
        U: Send + 'static,
        F: Fn(T) -> Option<U> + Clone + Send + Sync + 'static,
    {
        let this = self.clone();
        let guard = Arc::new(Guard::default());
        Paged::new(from, move |at| {
            let (this, query, map, guard) = (this.clone(), query.clone(), map.clone(), guard.clone());
            async move {
                let (items, next) =
                    this.page_at::<T>(operation, endpoint, &query, at.as_ref(), &guard).await?;
                Ok(Page { items: items.into_iter().filter_map(map).collect(), next, total: None })
            }
        })
    }

    /// All items of a listing that is short.
    pub(crate) async fn all<T: DeserializeOwned + Send>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: Vec<(&'static str, String)>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let (guard, mut at) = (Guard::default(), None);
        loop {
            let (mut items, next) = self.page_at(operation, endpoint, &query, at.as_ref(), &guard).await?;
            all.append(&mut items);
            match next {
                Some(_) => at = next,
                None => break,
            }
        }
        Ok(all)
    }
}

fn page_number(at: Option<&Cursor>, operation: &'static str) -> Result<u32> {
    at.map_or(Ok(1), |at| {
        at.as_str().parse().ok().filter(|page| *page > 0).ok_or_else(|| {
            Error::invalid("not a place in a listing of Stepik")
                .at(Platform::Stepik, operation)
                .on(at.as_str())
        })
    })
}
