//! One HTTP request done well: credentials, retry, limits, decoding and redaction.
//!
//! A [`Client`] speaks to one origin for one account. Whoever builds a request says how safe it is
//! to repeat ([`Safety`]); the client does the rest once, for all providers:
//!
//! - asks the [`Credential`] for each attempt, and once more after a 401;
//! - pauses and repeats by [`decide`], obeying `Retry-After` in seconds and as a date; the lost answer
//!   of a [`Safety::Once`] request is an `OutcomeUnknown` error and never a second request;
//! - has the platform's [`Dialect`] turn answers into errors, and decodes JSON with the path of what
//!   does not fit;
//! - keeps credentials to the client's own origin, off plain http, and out of errors, logs and `Debug`.
//!
//! ```
//! use std::sync::Arc;
//!
//! use lms_core::Platform;
//! use lms_http::{Client, Method, Route, Safety, StaticToken};
//!
//! # async fn example() -> lms_core::Result<()> {
//! let base = "https://lms.example.org".parse().expect("a constant");
//! let client = Client::builder(Platform::OpenEdx, base)
//!     .credential(Arc::new(StaticToken::new("JWT", "…")))
//!     .build()?;
//! let route = Route::new("/api/courses/v1/courses/{course}").id("course-v1:Org+C+R");
//! let course: serde_json::Value = client.get(route).operation("courses.get").send_json().await?;
//! client
//!     .request(Method::Post, "/api/enrollment/v1/enrollment", Safety::Repeatable)
//!     .operation("enrollments.enroll")
//!     .json(&serde_json::json!({ "course_details": { "course_id": course["id"] } }))
//!     .send()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! It knows no platform. reqwest carries the requests and shows in no public signature.

mod budget;
mod builder;
mod cassette;
mod client;
mod clock;
mod cookies;
mod credential;
mod decode;
mod dialect;
mod flight;
mod oauth;
mod observe;
mod options;
mod pace;
mod paging;
mod part;
mod polling;
mod redact;
mod request;
mod response;
mod retry;
mod route;
mod send;
mod session;
mod store;
mod target;
pub mod testing;
mod transport;
mod wire;

pub use builder::ClientBuilder;
pub use cassette::Cassette;
pub use client::Client;
pub use clock::{Clock, SystemClock};
pub use cookies::CookieJar;
pub use credential::{Credential, Outgoing, StaticToken};
pub use dialect::{Answer, Dialect, PlainDialect};
pub use oauth::{
    Authorization, Authorize, CallbackError, ClientAuth, Grant, OAuth, OAuthBuilder, Pkce, Tokens,
};
pub use observe::{Observer, RequestEvent, Stats};
pub use options::{Allow, Cookies, HttpOptions, Limits, Redirects};
pub use pace::{Pace, Pacer, Quota, Rate};
pub use paging::{PageBody, Paging, PastEnd};
pub use part::{Part, PartBody};
pub use polling::{Polling, Rhythm};
pub use redact::redact_query;
pub use request::{Method, RequestBuilder};
pub use response::Response;
pub use retry::{RetryPolicy, Safety, Seen, Verdict, decide};
pub use route::Route;
pub use session::{Csrf, Referer, Session, SessionBuilder, SignIn};
#[cfg(feature = "keyring")]
pub use store::KeyringStore;
pub use store::{FileStore, StoredTokens, TokenPlace, TokenStore};
pub use target::path_segment;
