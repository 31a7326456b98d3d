//! stub
pub(crate) async fn mine() {}
pub(crate) async fn enroll() {}
pub(crate) async fn one() {}
pub(crate) async fn all() {}
pub(crate) async fn course() {}
pub(crate) async fn roles() {}
pub(crate) async fn change() {}
