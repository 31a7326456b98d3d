//! stub
pub(crate) async fn by_query() {}
pub(crate) async fn course() {}
pub(crate) async fn policy() {}
