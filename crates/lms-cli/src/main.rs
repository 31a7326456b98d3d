//! The command `lms`.
fn main() {}
