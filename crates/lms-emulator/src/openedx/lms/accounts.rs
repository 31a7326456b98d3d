//! stub
pub(crate) async fn me() {}
pub(crate) async fn search() {}
pub(crate) async fn search_emails() {}
pub(crate) async fn read() {}
pub(crate) async fn change() {}
