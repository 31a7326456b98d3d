//! One loopback server: socket, log, faults, latency, shutdown.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fault::{FaultKind, Faults};
use crate::log::{Entry, RequestLog};
use crate::options::Options;
use crate::throttle::Bucket;

/// How a platform refuses who asks too fast: the path, and the seconds until it may be asked again.
pub(crate) type Refusal = fn(&str, Option<u32>) -> Response;

/// What the server and its owner's handle both hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared {
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    pub(crate) latency: Duration,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) refusal: Option<Refusal>,
}

impl Shared {
    pub(crate) fn new(options: &Options) -> Self {
        let bucket = options.throttle.map(Bucket::new);
        let shared = Self { latency: options.latency, bucket, ..Self::default() };
        for rule in &options.faults {
            shared.faults.inject(rule.clone());
        }
        shared
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Running {
    /// `http://127.0.0.1:PORT`, no slash at the end.
    pub(crate) url: String,
    /// Dropping it stops the server as well: the receiver wakes up with an error.
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Running {
    /// Closes the socket and waits until open connections have ended, at most two seconds.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(Duration::from_secs(2), &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

/// Starts `router` on 127.0.0.1, under the log, the latency and the transport faults of `shared`.
pub(crate) async fn serve(router: Router, port: u16, shared: &Shared) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = router.layer(middleware::from_fn_with_state(shared.clone(), around));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "emulator stopped");
        }
    });
    Ok(Running { url, stop: Some(stop), task: Some(task) })
}

async fn around(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let throttled =
        |seconds| shared.refusal.map_or_else(|| throttled(seconds), |refuse| refuse(&path, seconds));
    if let Some(Err(seconds)) = shared.bucket.as_ref().map(Bucket::take) {
        let (response, status) = with_status(throttled(seconds));
        shared.log.record(Entry { method, path, query, status });
        return response;
    }
    let (response, status) = match shared.faults.take_transport(&method, &path) {
        Some(FaultKind::DropConnection) => (broken_off(), 0),
        Some(FaultKind::DropAfterCommit) => {
            next.run(request).await;
            (broken_off(), 0)
        }
        Some(FaultKind::Slow(wait)) => {
            tokio::time::sleep(wait).await;
            with_status(next.run(request).await)
        }
        Some(FaultKind::TooManyRequests { retry_after }) => with_status(throttled(retry_after)),
        Some(FaultKind::Status(code)) => with_status(html(code)),
        Some(FaultKind::HtmlBadGateway) => with_status(html(502)),
        _ => with_status(next.run(request).await),
    };
    shared.log.record(Entry { method, path, query, status });
    response
}

fn with_status(response: Response) -> (Response, u16) {
    let status = response.status().as_u16();
    (response, status)
}

fn throttled(retry_after: Option<u32>) -> Response {
    let body = r#"{"detail":"Request was throttled."}"#;
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn html(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, [(header::CONTENT_TYPE, "text/html")], body).into_response()
}

/// A body that fails at once makes the HTTP layer close the socket before the head is flushed: the client sees no
/// answer at all.
fn broken_off() -> Response {
    let broken =
        futures::stream::once(async { Err::<&[u8], _>(io::Error::other("fault: connection dropped")) });
    Body::from_stream(broken).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::routing::post;

    use super::*;
    use crate::fault::FaultRule;

    async fn counter() -> (Running, Shared, Arc<AtomicU32>) {
        let hits = Arc::new(AtomicU32::new(0));
        let seen = hits.clone();
        let router = Router::new()
            .route("/hit", post(move || async move { seen.fetch_add(1, Ordering::SeqCst).to_string() }));
        let shared = Shared::default();
        let running = serve(router, 0, &shared).await.unwrap();
        (running, shared, hits)
    }

    #[tokio::test]
    async fn a_dropped_connection_gives_no_answer_and_only_one_kind_commits() {
        let (running, shared, hits) = counter().await;
        let client = reqwest::Client::new();
        let url = format!("{}/hit?a=1", running.url);
        shared.faults.inject(FaultRule::once(FaultKind::DropConnection));
        assert!(client.post(&url).send().await.is_err());
        assert_eq!(hits.load(Ordering::SeqCst), 0);
        shared.faults.inject(FaultRule::once(FaultKind::DropAfterCommit));
        assert!(client.post(&url).send().await.is_err());
        assert_eq!(hits.load(Ordering::SeqCst), 1);
        assert_eq!(client.post(&url).send().await.unwrap().status(), 200);
        let statuses: Vec<u16> = shared.log.entries().iter().map(|e| e.status).collect();
        assert_eq!(statuses, [0, 0, 200]);
        assert_eq!(shared.log.entries()[2].query, "a=1");
        assert_eq!((shared.log.reads(), shared.log.writes(), shared.log.count("POST", "/hi")), (0, 3, 3));
    }

    #[tokio::test]
    async fn faults_answer_before_the_handler() {
        let (running, shared, hits) = counter().await;
        let client = reqwest::Client::new();
        let url = format!("{}/hit", running.url);
        shared.faults.inject("429:retry-after=3".parse().unwrap());
        let answer = client.post(&url).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (429, &"3".parse().unwrap())
        );
        shared.faults.inject("502".parse().unwrap());
        let answer = client.post(&url).send().await.unwrap();
        assert_eq!(answer.status(), 502);
        assert!(answer.text().await.unwrap().contains("<html>"));
        assert_eq!(hits.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn latency_and_slowness_delay_the_answer() {
        let router = Router::new().route("/", axum::routing::get(|| async { "" }));
        let options = Options {
            latency: Duration::from_millis(40),
            faults: vec!["slow:ms=80".parse().unwrap()],
            ..Options::default()
        };
        let running = serve(router, 0, &Shared::new(&options)).await.unwrap();
        for least in [120, 40] {
            let begin = std::time::Instant::now();
            assert_eq!(reqwest::get(&running.url).await.unwrap().status(), 200);
            assert!(begin.elapsed() >= Duration::from_millis(least), "{:?}", begin.elapsed());
        }
    }

    #[tokio::test]
    async fn a_stopped_or_dropped_server_refuses_connections() {
        let (running, _, _) = counter().await;
        let url = running.url.clone();
        running.stop().await;
        assert!(reqwest::Client::new().post(&url).send().await.unwrap_err().is_connect());
        let (running, _, _) = counter().await;
        let url = running.url.clone();
        drop(running);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(reqwest::Client::new().post(&url).send().await.unwrap_err().is_connect());
    }
}
