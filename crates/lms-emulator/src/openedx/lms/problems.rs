//! stub
pub(crate) async fn handle() {}
pub(crate) async fn call() {}
pub(crate) async fn page() {}
