//! Tests with plain requests.
