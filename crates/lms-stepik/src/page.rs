//! Listings, page by page (reference stepik.md 2.4).

use std::future::{Future, ready};

use futures::StreamExt;
use lms_core::{Cursor, Paged, Result};
use lms_http::{PageBody, Paging, PastEnd};
use serde::de::DeserializeOwned;

use crate::Stepik;
use crate::objects::list_of;

/// Filters of a listing.
pub(crate) type Query = Vec<(&'static str, String)>;

impl Stepik {
    /// A listing, fetched as it is read; the cursor is the number of the page.
    pub(crate) fn listing<T: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: Query,
        from: Option<Cursor>,
    ) -> Paged<T> {
        self.listing_with(operation, endpoint, from, move || ready(Ok(query.clone())), PageBody::items)
    }

    /// The same where the query is only known when the listing is read, or more than its items is wanted.
    pub(crate) fn listing_with<T, F, Fut, R>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        from: Option<Cursor>,
        query: F,
        read: R,
    ) -> Paged<T>
    where
        T: Send + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Query>> + Send + 'static,
        R: Fn(&mut PageBody) -> Result<Vec<T>> + Send + Sync + 'static,
    {
        let client = self.client().clone();
        let request = move || {
            let (client, query) = (client.clone(), query());
            async move {
                let request = client.get(list_of(endpoint)).operation(operation).resource(endpoint);
                Ok(query.await?.into_iter().fold(request, |r, (name, value)| r.query(name, value)))
            }
        };
        // `has_next` has been seen to stay true past the end, and a page there may be a 404
        // (reference stepik.md 2.4).
        Paging::numbered(endpoint).past_end(PastEnd::End).list_with(from, request, read)
    }

    /// All items of a listing that is short.
    pub(crate) async fn all<T: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: Query,
    ) -> Result<Vec<T>> {
        self.listing(operation, endpoint, query, None).all().await
    }

    /// The items of the first page.
    pub(crate) async fn first_page<T: DeserializeOwned + Send + 'static>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        query: Query,
    ) -> Result<Vec<T>> {
        let mut pages = self.listing(operation, endpoint, query, None).pages();
        Ok(pages.next().await.transpose()?.map(|page| page.items).unwrap_or_default())
    }
}
