//! The order of children, where both sides may have changed it.

/// Puts what only the target has among what the source orders: behind what it stands behind now.
///
/// `ours` is the wanted order; `now` the order on the target, of ours and of others.
pub(crate) fn merged<T: PartialEq + Clone>(ours: &[T], now: &[T]) -> Vec<T> {
    let mut sequence: Vec<T> = ours.to_vec();
    for (place, item) in now.iter().enumerate() {
        if sequence.contains(item) {
            continue;
        }
        let before = now.iter().take(place).rev().find_map(|other| sequence.iter().position(|s| s == other));
        sequence.insert(before.map_or(0, |at| at + 1), item.clone());
    }
    sequence
}

/// Those of `items` that are in `other`, in the order of `items`.
pub(crate) fn common<T: PartialEq + Clone>(items: &[T], other: &[T]) -> Vec<T> {
    items.iter().filter(|item| other.contains(item)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_target_has_stays_behind_its_neighbour() {
        assert_eq!(merged(&["a", "b", "c"], &["x", "a", "y", "z", "c"]), ["x", "a", "y", "z", "b", "c"]);
        assert_eq!(merged(&["c", "a"], &["a", "x", "c"]), ["c", "a", "x"]);
        assert_eq!(common(&["c", "a", "q"], &["a", "c"]), ["c", "a"]);
    }
}
