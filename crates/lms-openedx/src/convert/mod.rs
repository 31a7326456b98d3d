//! Between the neutral model and what Open edX can hold.

mod adapt;
pub(crate) mod markup;
pub(crate) mod xhtml;

pub(crate) use adapt::{adapt, adapt_to_site};
