//! Listings that are fetched as they are read.

mod ahead;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use futures::task::Spawn;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Where a listing stands. Opaque: a page number, a URL or a key, as the provider likes.
///
/// It may be kept and given back later. `Debug` shows nothing of it, since a URL can name people.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Wraps what the provider needs to fetch the page.
    pub fn new(cursor: impl Into<String>) -> Self {
        Self(cursor.into())
    }

    /// What the provider wrapped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

/// One page of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items, in the platform's order. May be empty although more pages follow.
    pub items: Vec<T>,
    /// Where the next page is; `None` on the last.
    pub next: Option<Cursor>,
    /// How many items there are in all, where the platform says so. What it says may be too many:
    /// Open edX counts courses before it leaves out those that may not be seen
    /// (reference openedx.md 2).
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page with nothing after it.
    pub fn last(items: Vec<T>) -> Self {
        let total = Some(items.len() as u64);
        Self { items, next: None, total }
    }
}

type Fetch<T> = Arc<dyn Fn(Option<Cursor>) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync>;
type Spawner = Arc<dyn Spawn + Send + Sync>;

/// A listing not yet fetched: take it page by page, or item by item.
#[must_use = "a listing sends nothing until its pages or items are polled"]
pub struct Paged<T> {
    fetch: Fetch<T>,
    start: Option<Cursor>,
    ahead: usize,
    spawner: Option<Spawner>,
}

impl<T> fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged")
            .field("start", &self.start)
            .field("ahead", &self.ahead)
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Paged<T> {
    /// A listing whose pages `fetch` gets, from `start` on (`None`: from the first page).
    pub fn new<F, Fut>(start: Option<Cursor>, fetch: F) -> Self
    where
        F: Fn(Option<Cursor>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        Self { start, fetch: Arc::new(move |at| Box::pin(fetch(at))), ahead: 0, spawner: None }
    }

    /// A listing that is known already.
    pub fn ready(items: Vec<T>) -> Self
    where
        T: Clone + Sync,
    {
        let items = Arc::new(items);
        Self::new(None, move |_| {
            let items = Arc::clone(&items);
            async move { Ok(Page::last(items.as_ref().clone())) }
        })
    }

    /// Where tasks of [`Paged::prefetch`] run. Said by the provider, whose requests need a runtime
    /// anyway; this crate has none.
    pub fn spawner(mut self, spawner: Arc<dyn Spawn + Send + Sync>) -> Self {
        self.spawner = Some(spawner);
        self
    }

    /// Fetches up to this many pages ahead while the consumer works on those that it has.
    ///
    /// 0 (the default) is lazy: a page is fetched when it is asked for. Nothing is sent before the
    /// first page or item is polled, and dropping the stream stops the fetching, a request under way
    /// included. Pages and errors come in the same order as without. A listing without a
    /// [`spawner`](Paged::spawner) stays lazy.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.ahead = pages;
        self
    }

    /// The same listing with each item made into something else.
    ///
    /// An error of `change` takes the place of the whole page, and the listing ends with it.
    pub fn try_map<U, F>(self, change: F) -> Paged<U>
    where
        U: Send + 'static,
        F: Fn(T) -> Result<U> + Send + Sync + 'static,
    {
        self.try_filter_map(move |item| change(item).map(Some))
    }

    /// As [`Paged::try_map`], leaving out items for which `change` has nothing.
    pub fn try_filter_map<U, F>(self, change: F) -> Paged<U>
    where
        U: Send + 'static,
        F: Fn(T) -> Result<Option<U>> + Send + Sync + 'static,
    {
        let change = Arc::new(change);
        self.try_map_pages(move |Page { items, next, total }| {
            let change = Arc::clone(&change);
            async move {
                let items = items.into_iter().filter_map(|item| change(item).transpose());
                Ok(Page { items: items.collect::<Result<_>>()?, next, total })
            }
        })
    }

    /// The same listing with each page made into another, for which more may have to be fetched. Its
    /// `next` should stay as it is.
    pub fn try_map_pages<U, F, Fut>(self, change: F) -> Paged<U>
    where
        U: Send + 'static,
        F: Fn(Page<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<U>>> + Send + 'static,
    {
        let Self { fetch, start, ahead, spawner } = self;
        let change = Arc::new(change);
        let fetch = move |at| {
            let (page, change) = (fetch(at), Arc::clone(&change));
            Box::pin(async move { change(page.await?).await }) as BoxFuture<'static, _>
        };
        Paged { fetch: Arc::new(fetch), start, ahead, spawner }
    }

    /// Pages in order; each carries the cursor from which a later run may resume.
    ///
    /// # Errors
    /// What the platform answers; [`ErrorKind::Protocol`] after a page whose cursor came before, since
    /// the listing would never end.
    pub fn pages(self) -> BoxStream<'static, Result<Page<T>>> {
        let Self { fetch, start, ahead, spawner } = self;
        let pages = one_by_one(fetch, start);
        match spawner {
            Some(spawner) if ahead > 0 => ahead::fetched_ahead(pages, ahead, spawner),
            _ => pages,
        }
    }

    /// Every item; an empty page in the middle does not end the listing.
    pub fn items(self) -> BoxStream<'static, Result<T>> {
        self.pages().map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten().boxed()
    }

    /// All items at once, for listings known to be short.
    ///
    /// # Errors
    /// The first error of any page.
    pub async fn all(self) -> Result<Vec<T>> {
        self.items().try_collect().await
    }
}

fn one_by_one<T: Send + 'static>(
    fetch: Fetch<T>,
    start: Option<Cursor>,
) -> BoxStream<'static, Result<Page<T>>> {
    enum At {
        Page(Option<Cursor>),
        /// The cursor that would come next has been followed already.
        Circle,
        End,
    }
    let seen: HashSet<Cursor> = start.iter().cloned().collect();
    stream::try_unfold((fetch, At::Page(start), seen), |(fetch, at, mut seen)| async move {
        let cursor = match at {
            At::Page(cursor) => cursor,
            At::End => return Ok(None),
            At::Circle => {
                return Err(Error::new(
                    ErrorKind::Protocol,
                    "the cursor of the next page came a second time; the listing would never end, and what was \
                     read of it may not be all",
                ));
            }
        };
        let page = fetch(cursor).await?;
        let at = match &page.next {
            None => At::End,
            Some(next) if seen.insert(next.clone()) => At::Page(Some(next.clone())),
            Some(_) => At::Circle,
        };
        Ok(Some((page, (fetch, at, seen))))
    })
    .boxed()
}

#[cfg(test)]
mod tests;
