//! Open edX (LMS and Studio) and OLX archives as providers.

mod convert;
mod olx;
