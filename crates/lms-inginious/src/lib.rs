//! INGInious and its course folders as providers.
