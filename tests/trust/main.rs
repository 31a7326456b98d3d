//! What users of such tools have been burnt by: nothing is lost unsaid, nothing is invented, no answer
//! leaks, and no peer's mistake is made again.

mod foreseen;
mod links;
mod originals;
mod planted;
mod sites;
mod stubs;
mod traps;
mod trial;
