//! INGInious and its course folders as providers.
#![allow(dead_code)]

mod convert;
mod folder;
