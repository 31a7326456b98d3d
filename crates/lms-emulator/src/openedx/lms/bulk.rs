//! stub
pub(crate) async fn enroll() {}
