//! stub
use crate::openedx::keys::*;
#[derive(Debug, Default)] pub(crate) struct Accepted;
impl Accepted { pub(crate) fn add(&mut self, _place: (CourseKey, BlockId), _input: &str, _answer: &str) {} }
#[derive(Debug, Default)] pub(crate) struct Attempt;
impl Attempt { pub(crate) fn deliver(&mut self, _i: &str, _s: f64, _m: &str) -> bool { false } }
