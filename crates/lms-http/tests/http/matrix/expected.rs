//! What is expected, cell by cell: `Read`, `Repeatable`, `Once`, a listing, a token request.

use super::fault::Fault;

type Row = (Fault, [&'static str; 5]);

pub(super) const PASSING: &[Row] = &[];
pub(super) const LASTING: &[Row] = &[];
