//! Many people, as scripts and administrators have them: ten thousand rows, interrupted runs, CSVs of every kind, and
//! their answers.

#![cfg(unix)]

mod large;
mod platforms;
mod tables;
mod work;
