//! Selections to try.

use std::collections::BTreeSet;

use super::{EACH, Tries};
use crate::{Cardinality, Response};

pub(super) fn tries(cardinality: Cardinality, options: usize, correct: &BTreeSet<usize>, tries: &mut Tries) {
    let wrong: Vec<usize> = (0..options).filter(|option| !correct.contains(option)).collect();
    if cardinality == Cardinality::Single {
        for (at, option) in correct.iter().take(EACH).enumerate() {
            tries.add(if at == 0 { "right" } else { "another right answer" }, Response::choice(*option));
        }
        tries.add("empty", Response::choices([]));
        for option in wrong.into_iter().take(EACH) {
            tries.add("wrong option", Response::choice(option));
        }
        return;
    }
    let with = |more: usize| Response::choices(correct.iter().copied().chain([more]));
    let without = |less: usize| Response::choices(correct.iter().copied().filter(|option| *option != less));
    tries.add("right", Response::choices(correct.iter().copied()));
    tries.add("empty", Response::choices([]));
    tries.add("everything", Response::choices(0..options));
    tries.add("the other way round", Response::choices(wrong.iter().copied()));
    for option in wrong.iter().take(EACH) {
        tries.add("one too many", with(*option));
    }
    for option in correct.iter().take(EACH) {
        tries.add("one missing", without(*option));
    }
    if let (Some(less), Some(more)) = (correct.first(), wrong.first()) {
        let swapped = correct.iter().copied().filter(|option| option != less).chain([*more]);
        tries.add("one for another", Response::choices(swapped));
    }
    for option in 0..options.min(EACH) {
        tries.add("one option", Response::choice(option));
    }
}
