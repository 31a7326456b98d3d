//! The Stepik REST API as a provider.
