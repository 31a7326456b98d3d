//! OLX: the file form of an Open edX course (reference openedx.md 5).

mod xml;
