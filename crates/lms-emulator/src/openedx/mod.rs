//! The Open edX emulator: LMS and Studio.
