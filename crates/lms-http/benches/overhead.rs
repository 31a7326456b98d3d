//! What a small GET costs through this crate, against bare reqwest: time on the clock, and time of the
//! processor on the thread that sends. `docs/performance.md` has the figures.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput};
use lms_core::Platform;
use lms_http::{Client, StaticToken};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;

const BODY: &str = r#"{"meta":{"page":1,"has_next":false},"courses":[{"id":67,"title":"Algebra"}]}"#;

/// A server on a thread of its own, so that its work is not counted.
fn server() -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let json = || async { ([("content-type", "application/json")], BODY) };
            let app = axum::Router::new().route("/api/courses/{id}", axum::routing::get(json));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            tell.send(format!("http://{}", listener.local_addr().expect("bound"))).expect("the bench waits");
            axum::serve(listener, app).await.expect("it serves");
        });
    });
    told.recv().expect("an address")
}

fn both<M: Measurement>(criterion: &mut Criterion<M>, name: &str, runtime: &Runtime, base: &str) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(1));
    let bare = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{base}/api/courses/67");
    group.bench_function("reqwest", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let request = bare.get(&url).header("authorization", "Bearer token");
                let answer =
                    request.send().await.and_then(reqwest::Response::error_for_status).expect("an answer");
                let body = answer.bytes().await.expect("a body");
                black_box(serde_json::from_slice::<serde_json::Value>(&body).expect("JSON"))
            })
        });
    });
    let credential = Arc::new(StaticToken::bearer("token"));
    let base = base.parse().expect("an address");
    let ours = Client::builder(Platform::Stepik, base).credential(credential).build().expect("a client");
    group.bench_function("lms-http", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let route = lms_http::Route::new("/api/courses/{id}").id(67);
                let request = ours.get(route).operation("courses.get");
                black_box(request.send_json::<serde_json::Value>().await.expect("an answer"))
            })
        });
    });
    group.finish();
}

/// Time of the processor on this thread.
struct Processor;

impl Measurement for Processor {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    fn end(&self, start: Duration) -> Duration {
        self.start() - start
    }

    fn add(&self, one: &Duration, two: &Duration) -> Duration {
        *one + *two
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, time: &Duration) -> f64 {
        time.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn main() {
    let base = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    both(&mut Criterion::default().configure_from_args(), "wall", &runtime, &base);
    both(
        &mut Criterion::default().with_measurement(Processor).configure_from_args(),
        "processor",
        &runtime,
        &base,
    );
    Criterion::default().configure_from_args().final_summary();
}
