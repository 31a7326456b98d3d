//! stub
pub(crate) async fn list() {}
