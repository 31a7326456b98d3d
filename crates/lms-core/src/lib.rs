//! The contract for learning platforms: domain model, service traits, errors, paging and the reference grader.
