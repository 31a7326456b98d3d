//! Fetching and sending objects: single, many by id, page by page (reference stepik.md 2).

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{Cursor, Error, ErrorKind, Page, Paged, Platform, Result};
use lms_http::{Method, Safety};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::provider::Stepik;
use crate::wire::{Envelope, Object};

/// Ids in one request: the most that a client of the platform's partners uses; longer lists run into
/// the limit of the request line (reference stepik.md 2.5).
pub(crate) const BATCH: usize = 100;
/// Requests for batches under way at once.
const AT_ONCE: usize = 4;
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
    fn pass(&self, envelope: &Envelope, endpoint: &str, page: u32) -> Option<bool> {
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

/// An id of the platform: a number (reference stepik.md 1.1).
pub(crate) fn number(id: &str, what: &str) -> Result<u64> {
    id.parse().map_err(|_| {
        Error::invalid(format!("not the id of a {what} on Stepik, which is a number"))
            .at(Platform::Stepik, "ids")
            .on(id)
    })
}

impl Stepik {
    /// The object of this id.
    pub(crate) async fn one<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: impl Display + Send,
    ) -> Result<T> {
        let resource = format!("{endpoint} {id}");
        let request =
            self.client().get(&format!("/api/{endpoint}/{id}")).operation(operation).resource(&resource);
        let gone = |e: Error| {
            let status = e.status();
            let named = Error::new(ErrorKind::NotFound, "there is none, or this account may not see it")
                .at(Platform::Stepik, operation)
                .on(&resource);
            if let Some(status) = status { named.with_status(status) } else { named }
        };
        let read = match request.send_json::<Envelope>().await {
            Ok(mut envelope) => envelope.one(endpoint),
            Err(e) => Err(e),
        };
        read.map_err(|e| match e.kind() {
            ErrorKind::NotFound => gone(e),
            _ if e.platform().is_none() => e.at(Platform::Stepik, operation).on(&resource),
            _ => e,
        })
    }

    /// The objects of these ids, in this order; those that the platform leaves out are missing
    /// (reference stepik.md 2.5).
    pub(crate) async fn many<T: DeserializeOwned + Send>(
        &self,
        operation: &'static str,
        endpoint: &str,
        ids: &[String],
        id_of: fn(&T) -> String,
    ) -> Result<Vec<T>> {
        let batches = ids.chunks(BATCH).map(|batch| {
            let mut request = self.client().get(&format!("/api/{endpoint}")).operation(operation);
            for id in batch {
                request = request.query("ids[]", id);
            }
            async move {
                let mut envelope: Envelope = request.send_json().await?;
                envelope.take::<T>(endpoint).map_err(|e| e.at(Platform::Stepik, operation))
            }
        });
        // Collected first: the closure borrows, and the stream has to be `Send` for any lifetime.
        let batches: Vec<_> = batches.collect();
        let found: Vec<Vec<T>> = stream::iter(batches).buffered(AT_ONCE).try_collect().await?;
        let mut by_id: HashMap<String, T> =
            found.into_iter().flatten().map(|item| (id_of(&item), item)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The page at a cursor, and the cursor of the next. `guard` is that of the listing.
    pub(crate) async fn page_at<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &str,
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
        endpoint: &str,
        query: &[(&'static str, String)],
        at: Option<&Cursor>,
        guard: &Guard,
    ) -> Result<(Envelope, Option<Cursor>)> {
        let page = page_number(at, operation)?;
        let mut request =
            self.client().get(&format!("/api/{endpoint}")).operation(operation).query("page", page);
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

    /// Creates an object; `wrapper` is the key around it (reference stepik.md 2.2).
    pub(crate) async fn create<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &str,
        wrapper: &str,
        payload: Value,
    ) -> Result<T> {
        let request = self
            .client()
            .request(Method::Post, &format!("/api/{endpoint}"), Safety::Once)
            .operation(operation)
            .resource(endpoint)
            .json(&json!({ wrapper: payload }));
        let mut envelope: Envelope = request.send_json().await?;
        envelope.one(endpoint).map_err(|e| lost(e).at(Platform::Stepik, operation).on(endpoint))
    }

    /// Replaces an object: a PUT is no patch (reference stepik.md 3.8, 5.2).
    pub(crate) async fn replace(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: impl Display + Send,
        wrapper: &str,
        payload: Value,
    ) -> Result<()> {
        let request = self
            .client()
            .request(Method::Put, &format!("/api/{endpoint}/{id}"), Safety::Repeatable)
            .operation(operation)
            .resource(format!("{endpoint} {id}"))
            .json(&json!({ wrapper: payload }));
        request.send().await.map(drop)
    }

    /// Replaces the fields of `payload` in an object and sends the others back as they are: what a PUT
    /// leaves out may be reset (reference stepik.md 5.2).
    pub(crate) async fn change(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: impl Display + Send,
        wrapper: &str,
        payload: Object,
    ) -> Result<()> {
        let id = id.to_string();
        let whole: Object = self.one(operation, endpoint, &id).await?;
        self.change_from(operation, endpoint, id, wrapper, whole, payload).await
    }

    /// The same where the object is known already.
    pub(crate) async fn change_from(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: impl Display + Send,
        wrapper: &str,
        mut whole: Object,
        payload: Object,
    ) -> Result<()> {
        // Practice of a client that does this; the lists and rights are the server's.
        for server_side in ["units", "actions", "sections", "steps", "assignments"] {
            whole.remove(server_side);
        }
        whole.extend(payload);
        self.replace(operation, endpoint, id, wrapper, Value::Object(whole)).await
    }

    /// Deletes an object; one that is gone already is gone.
    pub(crate) async fn delete(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: impl Display + Send,
    ) -> Result<()> {
        let request = self
            .client()
            .request(Method::Delete, &format!("/api/{endpoint}/{id}"), Safety::Repeatable)
            .operation(operation)
            .resource(format!("{endpoint} {id}"));
        match request.send().await {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }
}

/// An object was created, but which?
fn lost(error: Error) -> Error {
    Error::new(ErrorKind::OutcomeUnknown, "the platform took it and did not say under which id")
        .with_source(error)
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
