//! INGInious and its course folders as providers.

mod folder;
