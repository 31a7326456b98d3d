//! Listings in pages: the forms that platforms use, and the guards against listings that do not end
//! or end too early.

mod answer;
mod guard;
mod task;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use lms_core::{Cursor, Error, ErrorKind, Page, Paged, Result};
use serde::de::DeserializeOwned;

use crate::{RequestBuilder, Response, target};

pub use answer::PageBody;

use answer::Next;
use guard::{Guard, Step};

/// How a platform pages a listing. The provider says which form it is, how the first page is asked for,
/// and how an item becomes the model ([`Paged::try_map`] and its like); the rest is done here.
///
/// A listing either comes to the end that the platform states, or ends with an error: a `Protocol`
/// error that says that what was read may not be all. The pages before it are delivered.
///
/// ```
/// # use lms_core::{Cursor, Paged};
/// # use lms_http::{Client, Paging};
/// #[derive(serde::Deserialize)]
/// struct Lesson {
///     id: u64,
/// }
///
/// fn lessons(client: &Client, from: Option<Cursor>) -> Paged<u64> {
///     let client = client.clone();
///     Paging::numbered("lessons")
///         .list(from, move || {
///             let request = client.get("/api/lessons").operation("lessons.list");
///             async move { Ok(request) }
///         })
///         .try_map(|lesson: Lesson| Ok(lesson.id))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing is listed before `list`"]
pub struct Paging {
    form: Form,
    items: &'static str,
    past_end: PastEnd,
    most_pages: u32,
    most_empty: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Numbered,
    Link,
    Namespaced,
}

/// What a page past the end of a numbered listing is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PastEnd {
    /// An error: the platform said that there is more, and there is not.
    #[default]
    Error,
    /// The end, for platforms whose `has_next` is known to stay true after the last page. A 404, the
    /// page before once more, or [`Paging::most_empty`] pages without items end the listing.
    End,
}

impl Paging {
    /// Pages by number, `?page=N` from 1 on: `{"meta": {"page": 1, "has_next": true}, KEY: […]}`, where
    /// `items` is the key (reference stepik.md 2.1, 2.4). The cursor is the number.
    pub fn numbered(items: &'static str) -> Self {
        Self { form: Form::Numbered, items, past_end: PastEnd::Error, most_pages: 10_000, most_empty: 3 }
    }

    /// The address of the next page at the top: `{"next": URL or null, "results": […]}`, with `count` or
    /// without, whether the address has a number or an opaque cursor in it (reference openedx.md 2). The
    /// cursor is the address, which is followed as it is.
    ///
    /// An array without anything around it is a listing of one page: so did Open edX up to Hawthorn.
    pub fn next_link() -> Self {
        Self { form: Form::Link, items: "results", most_empty: 100, ..Self::numbered("") }
    }

    /// As [`Paging::next_link`] under a name of its own:
    /// `{"results": […], "pagination": {"next": URL or null, "count": n}}` (reference openedx.md 2).
    pub fn namespaced() -> Self {
        Self { form: Form::Namespaced, ..Self::next_link() }
    }

    /// Another key for the items than `results`.
    pub fn items(mut self, key: &'static str) -> Self {
        self.items = key;
        self
    }

    /// What a page past the end is taken for, where pages have numbers. Default: an error.
    pub fn past_end(mut self, past_end: PastEnd) -> Self {
        self.past_end = past_end;
        self
    }

    /// Pages after which the listing is taken to be endless, counted from where it starts; it can be
    /// resumed there. Default: 10,000; 0 is taken as 1.
    pub fn most_pages(mut self, pages: u32) -> Self {
        self.most_pages = pages.max(1);
        self
    }

    /// Pages without items in a row after which the listing is taken to be endless. Default: 3 where pages
    /// have numbers; 100 where they have addresses, since a platform may leave out what the account may
    /// not see after cutting the pages (reference openedx.md 2). 0 is taken as 1.
    pub fn most_empty(mut self, pages: u32) -> Self {
        self.most_empty = pages.max(1);
        self
    }

    /// The listing, from `from` on. `request` makes the request for the first page; the others are the same
    /// request for another page, with the same headers, bounds and names in errors.
    ///
    /// # Errors
    /// None here. The pages bring those of the request, and `Protocol`, with the HTTP status, for each of
    /// these: an answer without the items or without a word on whether more follow; the same page once
    /// more; another page than was asked for, or from another origin; a page past the end; too many pages without items or too
    /// many pages; an address that comes a second time or leads to another origin (not followed).
    /// `InvalidInput` for a cursor that is none of this listing's.
    pub fn list<W, F, Fut>(self, from: Option<Cursor>, request: F) -> Paged<W>
    where
        W: DeserializeOwned + Send + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<RequestBuilder>> + Send + 'static,
    {
        self.list_with(from, request, |body| body.items())
    }

    /// As [`Paging::list`], with `read` taking the items of a page and what came beside them.
    ///
    /// # Errors
    /// As [`Paging::list`], and those of `read`.
    pub fn list_with<T, R, F, Fut>(self, from: Option<Cursor>, request: F, read: R) -> Paged<T>
    where
        T: Send + 'static,
        R: Fn(&mut PageBody) -> Result<Vec<T>> + Send + Sync + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<RequestBuilder>> + Send + 'static,
    {
        let listing = Arc::new(Listing { guard: Mutex::new(Guard::new(&self)), paging: self, read });
        let request = Arc::new(request);
        Paged::new(from, move |at| {
            let (listing, request) = (Arc::clone(&listing), Arc::clone(&request));
            async move {
                let room = listing.guard().may_ask();
                // Errors of our own go with the request, which knows what to call itself.
                let request = request().await?.readdress(room.map(|()| None));
                listing.page(request, at).await
            }
        })
        .spawner(Arc::new(task::Runtime))
    }
}

struct Listing<R> {
    paging: Paging,
    guard: Mutex<Guard>,
    read: R,
}

impl<R> Listing<R> {
    fn guard(&self) -> std::sync::MutexGuard<'_, Guard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn page<T>(&self, request: RequestBuilder, at: Option<Cursor>) -> Result<Page<T>>
    where
        R: Fn(&mut PageBody) -> Result<Vec<T>>,
    {
        let home = request.base_url().clone();
        let (request, number) = match (self.paging.form, &at) {
            (Form::Numbered, _) => {
                let number = page_number(at.as_ref());
                let asked = *number.as_ref().unwrap_or(&0);
                (request.readdress(number.map(|_| None)).query("page", asked), Some(asked))
            }
            (_, Some(link)) => (request.readdress(target::next_page(&home, link.as_str()).map(Some)), None),
            (_, None) => (request, None),
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                return match self.guard().missing(&error, number, at.is_some()) {
                    Step::End => Ok(Page { items: Vec::new(), next: None, total: None }),
                    Step::Fail(why) => Err(why.with_source(error)),
                    Step::Take => Err(error),
                };
            }
        };
        if !target::same_origin(&home, &answer.url) {
            let elsewhere = target::origin(&answer.url);
            let what =
                format!("the platform sent us to another origin, {elsewhere}, for a page of the listing");
            return Err(answer
                .origin
                .stamp(Error::new(ErrorKind::Protocol, what).with_status(answer.status)));
        }
        self.read_page(answer, number).await
    }

    async fn read_page<T>(&self, answer: Response, number: Option<u64>) -> Result<Page<T>>
    where
        R: Fn(&mut PageBody) -> Result<Vec<T>>,
    {
        let (origin, status, url) = (answer.origin.clone(), answer.status, answer.url.clone());
        let stamp = |error: Error| origin.stamp(error.with_status(status));
        let mut body = answer::read(answer, self.paging.form, self.paging.items).await?;
        let step = self.guard().page(&body, number);
        match step {
            Step::Take => {}
            Step::End => return Ok(Page { items: Vec::new(), next: None, total: body.total }),
            Step::Fail(error) => return Err(stamp(error)),
        }
        let next = match body.next.take() {
            Next::End => None,
            Next::More => number.map(|number| Cursor::new((number + 1).to_string())),
            Next::At(link) => {
                // Whether it may be followed is asked when it is, so that this page is not lost.
                let link = url.join(&link).map_err(|e| {
                    stamp(
                        Error::new(ErrorKind::Protocol, "the address of the next page is none")
                            .with_source(e),
                    )
                })?;
                Some(Cursor::new(link))
            }
        };
        let items = (self.read)(&mut body).map_err(stamp)?;
        Ok(Page { items, next, total: body.total })
    }
}

fn page_number(at: Option<&Cursor>) -> Result<u64> {
    let Some(at) = at else { return Ok(1) };
    at.as_str()
        .parse()
        .ok()
        .filter(|number| (1..u64::MAX).contains(number))
        .ok_or_else(|| Error::invalid("this cursor is none of this listing, whose pages have numbers"))
}
