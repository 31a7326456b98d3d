//! Shapes against a real LMS.
