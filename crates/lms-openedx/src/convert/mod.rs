//! Between the neutral model and what Open edX can hold.

pub(crate) mod markup;
pub(crate) mod xhtml;
