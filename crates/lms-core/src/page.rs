//! Listings that are fetched as they are read.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Where a listing stands. Opaque: a page number, a URL or a key, as the provider likes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// One page of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items, in the platform's order. May be empty although more pages follow.
    pub items: Vec<T>,
    /// Where the next page is; `None` on the last.
    pub next: Option<Cursor>,
    /// How many items there are in all, where the platform says so.
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

/// A listing not yet fetched: take it page by page, or item by item.
#[must_use = "a listing sends nothing until its pages or items are polled"]
pub struct Paged<T> {
    fetch: Fetch<T>,
    start: Option<Cursor>,
}

impl<T> fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged").field("start", &self.start).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Paged<T> {
    /// A listing whose pages `fetch` gets, from `start` on (`None`: from the first page).
    pub fn new<F, Fut>(start: Option<Cursor>, fetch: F) -> Self
    where
        F: Fn(Option<Cursor>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        Self { start, fetch: Arc::new(move |at| Box::pin(fetch(at))) }
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

    /// Pages in order; each carries the cursor from which a later run may resume.
    ///
    /// # Errors
    /// What the platform answers; [`ErrorKind::Protocol`] when a cursor comes twice, since the
    /// listing would never end.
    pub fn pages(self) -> BoxStream<'static, Result<Page<T>>> {
        enum At {
            Page(Option<Cursor>),
            End,
        }
        let seen: HashSet<Cursor> = self.start.iter().cloned().collect();
        let state = (self.fetch, At::Page(self.start), seen);
        stream::try_unfold(state, |(fetch, at, mut seen)| async move {
            let At::Page(cursor) = at else { return Ok(None) };
            let page = fetch(cursor).await?;
            let at = match &page.next {
                None => At::End,
                Some(next) if seen.insert(next.clone()) => At::Page(Some(next.clone())),
                Some(next) => {
                    return Err(Error::new(ErrorKind::Protocol, "the page cursor came a second time")
                        .on(next.as_str()));
                }
            };
            Ok(Some((page, (fetch, at, seen))))
        })
        .boxed()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(pages: Vec<Page<u8>>) -> Paged<u8> {
        Paged::new(None, move |at| {
            let n = at.map_or(0, |c| c.as_str().parse::<usize>().unwrap_or(usize::MAX));
            let page = pages.get(n).cloned();
            async move { page.ok_or_else(|| Error::new(ErrorKind::NotFound, "past the end")) }
        })
    }

    fn page(items: &[u8], next: Option<usize>) -> Page<u8> {
        Page { items: items.to_vec(), next: next.map(|n| Cursor::new(n.to_string())), total: None }
    }

    #[tokio::test]
    async fn an_empty_middle_page_is_not_the_end() {
        let listing = pages(vec![page(&[1, 2], Some(1)), page(&[], Some(2)), page(&[3], None)]);
        assert_eq!(listing.all().await.expect("pages"), [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_repeated_cursor_is_an_error() {
        let listing = pages(vec![page(&[1], Some(1)), page(&[2], Some(1))]);
        assert_eq!(listing.all().await.expect_err("loops").kind(), ErrorKind::Protocol);
    }

    #[tokio::test]
    async fn items_of_pages_read_so_far_are_kept() {
        let mut items = pages(vec![page(&[1, 2], Some(9))]).items();
        assert_eq!(items.next().await.and_then(Result::ok), Some(1));
        assert_eq!(items.next().await.and_then(Result::ok), Some(2));
        assert_eq!(items.next().await.and_then(Result::err).map(|e| e.kind()), Some(ErrorKind::NotFound));
    }
}
