//! One vocabulary for learning platforms.
