//! Stateful servers that speak the wire formats of Stepik, Open edX and INGInious on loopback.
//!
//! They are for testing an integration without an account and without a network: a write changes what the next read
//! answers, wrong credentials are refused, pages are small so that paging is always exercised, and asynchronous work
//! (step preparation, grading) really ends later than the call that asked for it.
//!
//! The crate shares no type with the clients of this workspace, so that a misreading of a wire format cannot agree
//! with itself. Every behaviour names its evidence in a comment, `(reference stepik.md 3.8)`; what no source states is
//! a choice and is called one.
//!
//! - [`Options`]: port, page size, latency, faults, files to load.
//! - [`RequestLog`]: what was asked, for counting in tests.
//! - [`Faults`]: a dial that makes the server misbehave while it runs.

mod error;
mod fault;
mod log;
mod options;
mod random;
mod serve;
mod throttle;

pub mod inginious;
pub mod openedx;
pub mod stepik;

pub use error::EmulatorError;
pub use fault::{FaultKind, FaultRule, Faults, ParseFaultError};
pub use log::{Entry, RequestLog};
pub use options::{Options, Scale, synthetic_person};
pub use throttle::Throttle;
