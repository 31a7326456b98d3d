//! stub
pub(crate) async fn form() {}
pub(crate) async fn register() {}
pub(crate) async fn validate() {}
