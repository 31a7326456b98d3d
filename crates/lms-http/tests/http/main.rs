//! The client against a scripted server. No test waits: pauses go to a clock that stands still.

mod bodies;
mod canary;
mod capture;
mod cassette;
mod cassette_oauth;
mod cassette_secrets;
mod cassette_strict;
mod credentials;
mod decide;
mod matrix;
mod oauth;
mod oauth_flight;
mod oauth_store;
mod pace;
mod paging;
mod paging_guards;
mod redirects;
mod retry;
mod secrets;
mod server;
mod session;
mod session_secrets;
mod store;

use std::sync::Arc;

use lms_core::Platform;
use lms_http::testing::ManualClock;
use lms_http::{Client, ClientBuilder};

use crate::server::Server;

/// A client for `server` on a clock that stands still.
fn builder(server: &Server) -> (ClientBuilder, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (Client::builder(Platform::Other, server.url.clone()).clock(clock.clone()), clock)
}

fn client(server: &Server) -> (Client, Arc<ManualClock>) {
    let (builder, clock) = builder(server);
    (builder.build().expect("client"), clock)
}

/// The error and all that is behind it, as a reporter would print them.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} | {error:?}");
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(&format!(" <- {error} | {error:?}"));
        next = error.source();
    }
    text
}

#[test]
fn public_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Client>();
    check::<ClientBuilder>();
    check::<lms_http::RequestBuilder>();
    check::<lms_http::Outgoing>();
    check::<lms_http::OAuth>();
    check::<lms_http::CookieJar>();
    fn check_send<T: Send>() {}
    check_send::<lms_http::Response>();
}
