//! OLX: the file form of an Open edX course (reference openedx.md 5).

pub(crate) mod archive;
pub(crate) mod capa;
pub(crate) mod fields;
pub(crate) mod files;
pub(crate) mod inherited;
pub(crate) mod loaded;
pub(crate) mod native;
pub(crate) mod origin;
pub(crate) mod read;
pub(crate) mod write;
pub(crate) mod xml;

#[cfg(test)]
mod changes;
#[cfg(test)]
mod items;
#[cfg(test)]
mod nameless;
#[cfg(test)]
mod real_courses;
#[cfg(test)]
mod studio_exports;
