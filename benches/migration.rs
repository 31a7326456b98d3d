//! Moving a course of a thousand steps from Stepik to Stepik over a network of 50 ms, against the same with one
//! request at a time: reading, planning and writing. The two are run in turn against emulators of their own.
//!
//! ```sh
//! cargo bench --bench migration
//! ```
//!
//! The last line is the ratio; the run fails below [`WANTED`].

use std::process::ExitCode;
use std::time::{Duration, Instant};

use lms::http::{HttpOptions, Pace};
use lms::migrate::{Quiet, apply, plan};
use lms::{NewCourse, Platform};
use lms_emulator::stepik::StepikEmulator;
use lms_emulator::{Options, Scale};

const LATENCY: Duration = Duration::from_millis(50);
const WANTED: f64 = 12.0;

/// How long reading and writing take, and how many requests they send.
async fn migrate(http: HttpOptions) -> (Duration, Duration, u64) {
    let options = Options { latency: LATENCY, scale: Some(Scale::M), page_size: 20, ..Options::default() };
    let server = StepikEmulator::start(options).await.expect("the emulator starts");
    let who = server.credentials().clone();
    let course = server.synthetic_course().expect("there is a course").to_string();
    let options = [
        ("url", who.url),
        ("client_id", who.client_id),
        ("client_secret", who.client_secret),
        ("username", who.username),
        ("password", who.password),
    ];
    let options = options.map(|(key, value)| (key.to_owned(), value));
    let stepik = lms::connect_with(Platform::Stepik, options, http).expect("the options are sound");
    let started = Instant::now();
    let planned = plan(stepik.as_ref(), &course.into(), stepik.as_ref()).await.expect("a plan");
    let read = started.elapsed();
    let written = apply(&planned, stepik.as_ref(), stepik.as_ref(), &NewCourse::default(), &Quiet).await;
    let written = written.expect("it is written");
    assert_eq!((written.sections, written.lessons, written.steps), (15, 100, 1_000));
    let whole = started.elapsed();
    let requests = stepik.requests();
    server.stop().await;
    (read, whole, requests.read + requests.write)
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let one =
        HttpOptions { pace: Some(Pace { concurrency: 1, ..Pace::default() }), ..HttpOptions::default() };
    let (read, whole, requests) = runtime.block_on(migrate(HttpOptions::default()));
    println!("as it is: read in {read:.2?}, all in {whole:.2?}, {requests} requests");
    let (read, slow, requests) = runtime.block_on(migrate(one));
    println!("one at a time: read in {read:.2?}, all in {slow:.2?}, {requests} requests");
    let ratio = slow.as_secs_f64() / whole.as_secs_f64();
    println!("{ratio:.1} times faster (at least {WANTED} wanted)");
    if ratio < WANTED { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
