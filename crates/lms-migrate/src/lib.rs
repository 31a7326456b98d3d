//! Plan, apply, verify and report the migration of a course between any two providers.
