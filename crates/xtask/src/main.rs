//! Tasks of this workspace: test, docs.
fn main() {}
