//! Paging: `next` as a URL, at the top or under `pagination` (reference openedx.md 2).

use std::future::Future;

use lms_core::{Cursor, Error, ErrorKind, Page, Paged, Platform, Result};
use lms_http::{Client, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A page in any of the three forms.
#[derive(Debug, Deserialize)]
pub(crate) struct Listing<T> {
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    pagination: Option<Pagination>,
    results: Vec<T>,
}

#[derive(Debug, Deserialize)]
struct Pagination {
    #[serde(default)]
    next: Option<String>,
}

/// A listing whose first page `first` asks for, and whose others are where the platform says. `next`
/// is followed as it is and never rebuilt; one that leads to another origin is refused by the client.
/// A page may be short or empty although more follow: only a missing `next` ends it.
pub(crate) fn paged<W, T, F, Fut>(
    client: Client,
    operation: &'static str,
    start: Option<Cursor>,
    first: F,
    model: fn(W) -> Result<T>,
) -> Paged<T>
where
    W: DeserializeOwned + Send + 'static,
    T: Send + 'static,
    F: Fn(Client) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<RequestBuilder>> + Send + 'static,
{
    Paged::new(start, move |at| {
        let (client, first) = (client.clone(), first.clone());
        async move {
            let request = match at {
                Some(url) => client.get(url.as_str()),
                None => first(client).await?,
            };
            let page: Listing<W> = request.operation(operation).send_json().await?;
            let next = page.next.or(page.pagination.and_then(|p| p.next)).map(Cursor::new);
            let items = page.results.into_iter().map(model).collect::<Result<Vec<T>>>()?;
            Ok(Page { items, next, total: None })
        }
    })
}

/// A date as the platform writes it: RFC 3339, leniently.
pub(crate) fn date(text: Option<&str>) -> Result<Option<lms_core::Timestamp>> {
    text.filter(|t| !t.is_empty())
        .map(|t| {
            t.parse().map_err(|e: Error| {
                Error::new(ErrorKind::Protocol, "a date cannot be read")
                    .at(Platform::OpenEdx, "decode")
                    .on(t)
                    .with_source(e)
            })
        })
        .transpose()
}
