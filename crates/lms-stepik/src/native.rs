//! Stepik's own objects as JSON: every list of the API, for what the traits do not cover.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::future::ready;

use futures::StreamExt;
use lms_core::{Cursor, Error, Paged, Platform, Result};
use lms_http::PageBody;
use serde_json::Value;

use crate::Stepik;
use crate::endpoint::{Action, Endpoint};
use crate::page::Query;

/// Lists that come along with others (reference stepik.md 2.6).
const SIDE_LISTS: [&str; 9] = [
    "attempts",
    "courses",
    "enrollments",
    "profiles",
    "reviews",
    "rubric-scores",
    "submissions",
    "users",
    "votes",
];

const LIST: &str = "native.list";
const GET: &str = "native.get";
const MANY: &str = "native.many";
const CREATE: &str = "native.create";
const CHANGE: &str = "native.change";
const DELETE: &str = "native.delete";

/// Which objects of a list, and in which order. Filters and fields that are not documented are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NativeQuery {
    filters: Vec<(String, String)>,
    order: Option<String>,
    from: Option<Cursor>,
}

impl NativeQuery {
    /// Everything, in the platform's own order.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only objects that pass a filter, such as `lesson` with `1001`; see [`Endpoint::filters`].
    #[must_use]
    pub fn with(mut self, filter: impl Into<String>, value: impl Display) -> Self {
        self.filters.push((filter.into(), value.to_string()));
        self
    }

    /// In this order: fields with commas between them, `-` before those to be sorted downward
    /// (`-is_pinned,-last_viewed`); see [`Endpoint::orders`].
    #[must_use]
    pub fn with_order(mut self, order: impl Into<String>) -> Self {
        self.order = Some(order.into());
        self
    }

    /// From where an earlier listing stopped.
    #[must_use]
    pub fn with_from(mut self, cursor: Cursor) -> Self {
        self.from = Some(cursor);
        self
    }

    fn checked(self, endpoint: Endpoint) -> Result<(Query, Option<Cursor>)> {
        let Self { filters, order, from } = self;
        endpoint.require(Action::List, LIST)?;
        let mut query = Vec::with_capacity(filters.len() + 1);
        for (filter, value) in filters {
            endpoint.check_filter(&filter, LIST)?;
            query.extend(endpoint.filters().iter().find(|known| **known == filter).map(|f| (*f, value)));
        }
        if let Some(order) = order {
            endpoint.check_order(&order, LIST)?;
            query.push(("order", order));
        }
        Ok((query, from))
    }
}

/// One page of a list, with the other lists that came along (reference stepik.md 2.6).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NativePage {
    /// The objects, in the platform's order.
    pub objects: Vec<Value>,
    /// Side-loaded objects by the name of their list: `users` beside `comments`.
    pub side: BTreeMap<String, Vec<Value>>,
    /// Where the next page is; `None` on the last.
    pub next: Option<Cursor>,
}

/// What was found of what was asked for by id, in the asked order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What the platform gave out.
    pub items: Vec<T>,
    /// Ids that it left out without a word: unknown, deleted, or not to be seen by this account
    /// (reference stepik.md 2.5).
    pub missing: Vec<String>,
}

/// The API's own lists. Nothing is translated; paging, `ids[]`, wrappers, errors and repetition are seen to.
#[derive(Debug, Clone)]
pub struct Native(Stepik);

impl Stepik {
    /// The API's own lists, for what the traits do not cover.
    pub fn native(&self) -> Native {
        Native(self.clone())
    }
}

impl Native {
    /// The objects of a list, fetched as they are read. Calls `GET /api/ENDPOINT?page=N`.
    ///
    /// # Errors
    /// `Unsupported` at once for a filter or an order that is not documented: the platform would pass
    /// over it and give everything.
    pub fn list(&self, endpoint: Endpoint, query: NativeQuery) -> Result<Paged<Value>> {
        let (query, from) = query.checked(endpoint)?;
        Ok(self.0.listing(LIST, endpoint.name(), query, from))
    }

    /// One page of a list with what is side-loaded; the first, or that of `query`'s cursor.
    ///
    /// # Errors
    /// As [`Native::list`]; `Protocol` where the platform answers another page than was asked for.
    pub async fn page(&self, endpoint: Endpoint, query: NativeQuery) -> Result<NativePage> {
        let (query, from) = query.checked(endpoint)?;
        let query = move || ready(Ok(query.clone()));
        let mut pages = self.0.listing_with(LIST, endpoint.name(), from, query, read_page).pages();
        let Some(page) = pages.next().await.transpose()? else { return Ok(NativePage::default()) };
        let read = page.items.into_iter().next().unwrap_or_default();
        Ok(NativePage { next: page.next, ..read })
    }

    /// The object of this id. Calls `GET /api/ENDPOINT/ID`.
    ///
    /// # Errors
    /// `NotFound` where there is none, or it may not be seen.
    pub async fn get(&self, endpoint: Endpoint, id: impl Display + Send) -> Result<Value> {
        endpoint.require(Action::Get, GET)?;
        self.0.one(GET, endpoint.name(), id).await
    }

    /// The objects of these ids, in this order, in as few requests as the platform allows. Calls
    /// `GET /api/ENDPOINT?ids[]=…` with up to 100 ids each. No ids send nothing.
    ///
    /// # Errors
    /// Those of the platform; ids that it leaves out are no error but named in [`Found::missing`].
    pub async fn many(
        &self,
        endpoint: Endpoint,
        ids: impl IntoIterator<Item = impl Display> + Send,
    ) -> Result<Found<Value>> {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        endpoint.require(Action::List, MANY)?;
        self.0.found(MANY, endpoint.name(), &ids, id_of).await
    }

    /// Creates an object of these fields; gives the object back as the platform answers it. Calls
    /// `POST /api/ENDPOINT` and never repeats it where it may have arrived.
    ///
    /// # Errors
    /// `InvalidInput` with complaints by field; `OutcomeUnknown` when the answer was lost.
    pub async fn create(&self, endpoint: Endpoint, fields: Value) -> Result<Value> {
        endpoint.require(Action::Create, CREATE)?;
        self.0.create(CREATE, endpoint.name(), endpoint.wrapper(), fields).await
    }

    /// Changes these fields of an object. A PUT replaces the whole object (reference stepik.md 5.2), so
    /// it is read first and the other fields are sent back as they are. Calls `GET` and `PUT
    /// /api/ENDPOINT/ID`.
    ///
    /// # Errors
    /// `InvalidInput` with complaints by field, or where `fields` is no object; `NotFound`;
    /// `PermissionDenied`.
    pub async fn change(&self, endpoint: Endpoint, id: impl Display + Send, fields: Value) -> Result<()> {
        endpoint.require(Action::Replace, CHANGE)?;
        let Value::Object(fields) = fields else {
            return Err(Error::invalid("the fields to change are no JSON object")
                .at(Platform::Stepik, CHANGE)
                .on(endpoint));
        };
        self.0.change(CHANGE, endpoint.name(), id.to_string(), endpoint.wrapper(), fields).await
    }

    /// Deletes an object. One that is gone already is no error. Calls `DELETE /api/ENDPOINT/ID`.
    ///
    /// # Errors
    /// `PermissionDenied` where the account may not.
    pub async fn delete(&self, endpoint: Endpoint, id: impl Display + Send) -> Result<()> {
        endpoint.require(Action::Delete, DELETE)?;
        self.0.delete(DELETE, endpoint.name(), id).await
    }
}

impl Stepik {
    /// The objects of these ids, in this order, and the ids that the platform left out.
    pub(crate) async fn found<T: serde::de::DeserializeOwned + Send>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        ids: &[String],
        id_of: fn(&T) -> String,
    ) -> Result<Found<T>> {
        let items = self.many(operation, endpoint, ids, id_of).await?;
        let there: HashSet<String> = items.iter().map(id_of).collect();
        Ok(Found { missing: ids.iter().filter(|id| !there.contains(*id)).cloned().collect(), items })
    }
}

/// Ids are numbers, or texts such as `77-502` (reference stepik.md 2.7).
fn id_of(object: &Value) -> String {
    match object.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(id) => id.to_string(),
        None => String::new(),
    }
}

fn read_page(body: &mut PageBody) -> Result<Vec<NativePage>> {
    let mut page = NativePage { objects: body.items()?, ..NativePage::default() };
    for name in SIDE_LISTS {
        if let Some(list) = body.beside(name)? {
            page.side.insert(name.to_owned(), list);
        }
    }
    Ok(vec![page])
}
