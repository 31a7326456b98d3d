//! Which of what should be there is which of what is there.

use std::collections::BTreeSet;

/// How one thing fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    /// It is there, perhaps changed: places from 0 in what should be there and in what is.
    Both(usize, usize),
    /// It is there unchanged, at another place among its siblings.
    Moved(usize, usize),
    /// It is not there.
    Missing(usize),
    /// Nothing like it should be there.
    Extra(usize),
}

/// Pairs siblings up. `expected` and `actual` tell them apart, each by what it says from most to least:
/// two that say the same are the same; of what is left, those between the same neighbours are.
pub(super) fn align(expected: &[Vec<String>], actual: &[Vec<String>]) -> Vec<Pair> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let levels = expected.iter().chain(actual).map(Vec::len).max().unwrap_or(0);
    for level in 0..levels {
        pairs = extend(&pairs, expected, actual, level);
    }
    let mut found: Vec<Pair> = pairs.iter().map(|(e, a)| Pair::Both(*e, *a)).collect();
    let left = |n: usize, side: fn(&(usize, usize)) -> usize| -> Vec<usize> {
        let taken: BTreeSet<usize> = pairs.iter().map(side).collect();
        (0..n).filter(|n| !taken.contains(n)).collect()
    };
    let (missing, mut extra) = (left(expected.len(), |p| p.0), left(actual.len(), |p| p.1));
    for e in missing {
        let elsewhere = extra.iter().position(|a| {
            let (e, a) = (expected.get(e), actual.get(*a));
            e.is_some() && e.and_then(|e| e.first()) == a.and_then(|a| a.first())
        });
        match elsewhere {
            Some(n) => found.push(Pair::Moved(e, extra.remove(n))),
            None => found.push(Pair::Missing(e)),
        }
    }
    found.extend(extra.into_iter().map(Pair::Extra));
    found.sort_by_key(|pair| match pair {
        Pair::Both(e, _) | Pair::Moved(e, _) | Pair::Missing(e) => (*e, 0),
        Pair::Extra(a) => (*a, 1),
    });
    found
}

/// Pairs up what lies between pairs that are known: what says the same at this level, in order.
fn extend(
    known: &[(usize, usize)],
    expected: &[Vec<String>],
    actual: &[Vec<String>],
    level: usize,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut from_e, mut from_a) = (0, 0);
    for (e, a) in known.iter().copied().chain([(expected.len(), actual.len())]) {
        let same = |x: usize, y: usize| {
            let said = |side: &[Vec<String>], n: usize| side.get(n).and_then(|s| s.get(level)).cloned();
            said(expected, x).is_some_and(|x| said(actual, y) == Some(x))
        };
        pairs.extend(common(from_e..e, from_a..a, same));
        if e < expected.len() {
            pairs.push((e, a));
        }
        (from_e, from_a) = (e + 1, a + 1);
    }
    pairs
}

/// The longest common subsequence of two stretches.
fn common(
    e: std::ops::Range<usize>,
    a: std::ops::Range<usize>,
    same: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let (rows, columns) = (e.len(), a.len());
    let width = columns + 1;
    let mut longest = vec![0usize; (rows + 1) * width];
    let get = |longest: &[usize], r: usize, c: usize| longest.get(r * width + c).copied().unwrap_or(0);
    for r in (0..rows).rev() {
        for c in (0..columns).rev() {
            let value = if same(e.start + r, a.start + c) {
                1 + get(&longest, r + 1, c + 1)
            } else {
                get(&longest, r + 1, c).max(get(&longest, r, c + 1))
            };
            if let Some(cell) = longest.get_mut(r * width + c) {
                *cell = value;
            }
        }
    }
    let (mut r, mut c, mut pairs) = (0, 0, Vec::new());
    while r < rows && c < columns {
        if same(e.start + r, a.start + c) {
            pairs.push((e.start + r, a.start + c));
            (r, c) = (r + 1, c + 1);
        } else if get(&longest, r + 1, c) >= get(&longest, r, c + 1) {
            r += 1;
        } else {
            c += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn siblings(said: &[&str]) -> Vec<Vec<String>> {
        said.iter().map(|s| vec![(*s).to_owned(), s[..1].to_owned(), String::new()]).collect()
    }

    #[test]
    fn what_is_missing_extra_moved_or_changed_is_told_apart() {
        let pair = |e: &[&str], a: &[&str]| align(&siblings(e), &siblings(a));
        assert_eq!(pair(&["a1", "b1"], &["a1", "b1"]), [Pair::Both(0, 0), Pair::Both(1, 1)]);
        assert_eq!(
            pair(&["a1", "b1", "c1"], &["a1", "c1"]),
            [Pair::Both(0, 0), Pair::Missing(1), Pair::Both(2, 1)]
        );
        assert_eq!(
            pair(&["a1", "c1"], &["a1", "b1", "c1"]),
            [Pair::Both(0, 0), Pair::Both(1, 2), Pair::Extra(1)]
        );
        assert_eq!(
            pair(&["a1", "b1"], &["a1", "b2"]),
            [Pair::Both(0, 0), Pair::Both(1, 1)],
            "changed a little"
        );
        assert_eq!(
            pair(&["a1", "b1"], &["a1", "x1"]),
            [Pair::Both(0, 0), Pair::Both(1, 1)],
            "changed wholly"
        );
        let moved = pair(&["a1", "b1", "c1"], &["c1", "a1", "b1"]);
        assert!(moved.contains(&Pair::Moved(2, 0)) && moved.contains(&Pair::Both(1, 2)), "{moved:?}");
        assert_eq!(pair(&[], &["a1"]), [Pair::Extra(0)]);
    }
}
