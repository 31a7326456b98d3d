//! Single objects and many by id: fetching, creating, replacing, deleting (reference stepik.md 2).

use std::collections::HashMap;
use std::fmt::Display;

use futures::stream::{self, StreamExt, TryStreamExt};
use lms_core::{Error, ErrorKind, Platform, Result};
use lms_http::{Method, Route, Safety};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Stepik;
use crate::wire::{Envelope, Object};

/// Ids in one request: the most that a client of the platform's partners uses; longer lists run into
/// the limit of the request line (reference stepik.md 2.5).
pub(crate) const BATCH: usize = 100;
/// Requests for batches under way at once.
const AT_ONCE: usize = 4;
/// An id of the platform: a number (reference stepik.md 1.1).
pub(crate) fn number(id: &str, what: &str) -> Result<u64> {
    id.parse().map_err(|_| {
        Error::invalid(format!("not the id of a {what} on Stepik, which is a number"))
            .at(Platform::Stepik, "ids")
            .on(id)
    })
}

/// The list of an endpoint.
pub(crate) fn list_of(endpoint: &'static str) -> Route {
    Route::new("/api/{endpoint}").word(endpoint)
}

/// One object of an endpoint.
pub(crate) fn object_of(endpoint: &'static str, id: impl Display) -> Route {
    Route::new("/api/{endpoint}/{id}").word(endpoint).id(id)
}

impl Stepik {
    /// The object of this id.
    pub(crate) async fn one<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        id: impl Display + Send,
    ) -> Result<T> {
        let resource = format!("{endpoint} {id}");
        let request = self.client().get(object_of(endpoint, &id)).operation(operation).resource(&resource);
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
        endpoint: &'static str,
        ids: &[String],
        id_of: fn(&T) -> String,
    ) -> Result<Vec<T>> {
        let batches = ids.chunks(BATCH).map(|batch| {
            let mut request = self.client().get(list_of(endpoint)).operation(operation);
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

    /// Creates an object; `wrapper` is the key around it (reference stepik.md 2.2).
    pub(crate) async fn create<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        endpoint: &'static str,
        wrapper: &str,
        payload: Value,
    ) -> Result<T> {
        let request = self
            .client()
            .request(Method::Post, list_of(endpoint), Safety::Once)
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
        endpoint: &'static str,
        id: impl Display + Send,
        wrapper: &str,
        payload: Value,
    ) -> Result<()> {
        let request = self
            .client()
            .request(Method::Put, object_of(endpoint, &id), Safety::Repeatable)
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
        endpoint: &'static str,
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
        endpoint: &'static str,
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
        endpoint: &'static str,
        id: impl Display + Send,
    ) -> Result<()> {
        let request = self
            .client()
            .request(Method::Delete, object_of(endpoint, &id), Safety::Repeatable)
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
