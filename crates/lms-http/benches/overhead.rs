//! What a small GET costs through this crate, against bare reqwest: time on the clock, and time of the
//! processor on the thread that sends. `docs/performance.md` has the figures.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput};
use lms_core::Platform;
use lms_http::{Client, Route, StaticToken};
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

/// The same small GET, both ways.
struct Ways {
    runtime: Runtime,
    bare: reqwest::Client,
    url: String,
    ours: Client,
}

impl Ways {
    fn new() -> Self {
        let base = server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let bare = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{base}/api/courses/67");
        let credential = Arc::new(StaticToken::bearer("token"));
        let base = base.parse().expect("an address");
        let ours = Client::builder(Platform::Stepik, base).credential(credential).build().expect("a client");
        Self { runtime, bare, url, ours }
    }

    fn bare(&self) -> serde_json::Value {
        self.runtime.block_on(async {
            let request = self.bare.get(&self.url).header("authorization", "Bearer token");
            let answer =
                request.send().await.and_then(reqwest::Response::error_for_status).expect("an answer");
            let body = answer.bytes().await.expect("a body");
            serde_json::from_slice(&body).expect("JSON")
        })
    }

    fn ours(&self) -> serde_json::Value {
        self.runtime.block_on(async {
            let route = Route::new("/api/courses/{id}").id(67);
            self.ours.get(route).operation("courses.get").send_json().await.expect("an answer")
        })
    }
}

fn both<M: Measurement>(criterion: &mut Criterion<M>, name: &str, ways: &Ways) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(1));
    group.bench_function("reqwest", |b| b.iter(|| black_box(ways.bare())));
    group.bench_function("lms-http", |b| b.iter(|| black_box(ways.ours())));
    group.finish();
}

/// The two in turns, so that both meet the same weather: what a machine does beside it changes more from
/// second to second than they differ. Ratios of the medians of so many rounds.
fn ratios(ways: &Ways) {
    const ROUNDS: usize = 200;
    const REQUESTS: usize = 50;
    let mut times: [Vec<(Duration, Duration)>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS * 2 {
        let (wall, processor) = (Instant::now(), Processor.start());
        for _ in 0..REQUESTS {
            black_box(if round % 2 == 0 { ways.bare() } else { ways.ours() });
        }
        times[round % 2].push((wall.elapsed(), Processor.end(processor)));
    }
    let median = |way: usize, of: fn(&(Duration, Duration)) -> Duration| {
        let mut sorted: Vec<Duration> = times[way].iter().map(of).collect();
        sorted.sort();
        sorted[ROUNDS / 2].as_secs_f64() / REQUESTS as f64 * 1e6
    };
    for (name, of) in [("wall", (|t| t.0) as fn(&(Duration, Duration)) -> Duration), ("processor", |t| t.1)] {
        let (bare, ours) = (median(0, of), median(1, of));
        println!("{name}: reqwest {bare:.1} µs, lms-http {ours:.1} µs, ratio {:.2}", ours / bare);
    }
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
    let ways = Ways::new();
    both(&mut Criterion::default().configure_from_args(), "wall", &ways);
    both(&mut Criterion::default().with_measurement(Processor).configure_from_args(), "processor", &ways);
    ratios(&ways);
    Criterion::default().configure_from_args().final_summary();
}
