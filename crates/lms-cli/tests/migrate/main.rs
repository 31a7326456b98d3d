//! `lms migrate`, killed and repeated: the command is the real one, the platforms are emulated here.

mod again;
mod by_token;
mod files;
mod kept;
mod large;
mod later;
mod others;
mod resume;
#[path = "../../src/sample/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "the command uses all of it")]
mod sample;
mod site;
mod trial;
