//! Stepik as a provider.
mod convert;
mod wire;
