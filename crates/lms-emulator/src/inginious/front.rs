//! The log and the dial for misbehaviour of an emulator, in front of another server.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::serve::{Running, Shared, serve};
use crate::{EmulatorError, Faults, Options, RequestLog};

/// Stands in front of a real INGInious on loopback, so that a test sees what is asked of it and can have
/// connections fail. It passes on requests and answers as they are, one connection each, as the real server
/// does. Dropping it stops it.
pub struct Front {
    shared: Shared,
    running: Running,
}

impl Front {
    /// Starts on any free port, before the server at `address` (`127.0.0.1:8080`), which closes the connection after
    /// each answer.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(address: impl Into<String>) -> Result<Self, EmulatorError> {
        let shared = Shared::new(&Options::default());
        let router = Router::new().fallback(pass).with_state(Arc::new(address.into()));
        let running =
            serve(router, 0, &shared).await.map_err(|source| EmulatorError::Listen { port: 0, source })?;
        Ok(Self { shared, running })
    }

    /// Its address, no slash at the end.
    pub fn url(&self) -> &str {
        &self.running.url
    }

    /// Every request so far.
    pub fn log(&self) -> &RequestLog {
        &self.shared.log
    }

    /// The dial for misbehaviour. Only faults of the transport can be had here.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").field("url", &self.running.url).finish_non_exhaustive()
    }
}

async fn pass(State(address): State<Arc<String>>, request: Request) -> Response {
    match exchange(&address, request).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn exchange(address: &str, request: Request) -> std::io::Result<Response> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(std::io::Error::other)?;
    let target = parts.uri.path_and_query().map_or("/", |whole| whole.as_str());
    let mut head = format!("{} {target} HTTP/1.1\r\n", parts.method).into_bytes();
    let own = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];
    for (name, value) in parts.headers.iter().filter(|(name, _)| !own.contains(name)) {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&head).await?;
    stream.write_all(&body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    read(&answer).ok_or_else(|| std::io::Error::other("the server behind gave no HTTP answer"))
}

fn read(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut response = Bytes::copy_from_slice(answer.get(end + 4..)?).into_response();
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    response.headers_mut().clear();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.trim().parse().ok()?;
        if name != CONNECTION {
            response.headers_mut().append(name, HeaderValue::from_str(value.trim()).ok()?);
        }
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inginious::InginiousEmulator;

    #[tokio::test]
    async fn what_is_asked_is_passed_on_and_seen() {
        let server = InginiousEmulator::start(Options::default()).await.expect("it starts");
        let front = Front::start(server.url().trim_start_matches("http://")).await.expect("it starts");
        let client = reqwest::Client::builder().cookie_store(true).build().expect("a client");
        let who = server.credentials();
        let form = [("login", &who.username), ("password", &who.password)];
        let entry = format!("{}/api/v0/authentication", front.url());
        let answer = client.post(&entry).form(&form).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let me = client.get(&entry).send().await.expect("an answer").text().await.expect("a body");
        assert!(me.contains("superadmin"), "{me}");
        assert_eq!((front.log().entries().len(), server.log().entries().len()), (2, 2));
        front.faults().inject("drop".parse().expect("a fault"));
        assert!(client.get(&entry).send().await.is_err());
        assert_eq!(server.log().entries().len(), 2);
    }
}
