//! Many small pieces of work, done by several threads at once.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

/// More threads than this wait for each other in the kernel.
const MOST_THREADS: usize = 8;
/// Fewer pieces than this are done sooner than a thread is started.
const PER_THREAD: usize = 32;
/// Pieces that a thread takes at a time.
const HANDFUL: usize = 8;

/// Asking means reading files of the system.
static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS));

/// What `work` makes of each item, in the order of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = (items.len() / PER_THREAD).min(*PROCESSORS);
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let mut items = items.into_iter();
    let handfuls = (0..items.len().div_ceil(HANDFUL)).map(|_| items.by_ref().take(HANDFUL).collect());
    let handfuls: Vec<Vec<T>> = handfuls.collect();
    let mut done = Vec::with_capacity(handfuls.len());
    let left = Mutex::new(handfuls.into_iter().enumerate());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        while let Some((n, handful)) = next() {
            done.push((n, handful.into_iter().map(&work).collect()));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        done.extend(run());
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    });
    done.sort_unstable_by_key(|(n, _)| *n);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, PER_THREAD * 2 - 1, PER_THREAD * 5 + 3] {
            let results = map((0..count).collect(), |n| n.to_string());
            assert!(results.iter().map(|text| text.parse()).eq((0..count).map(Ok)), "{count}");
        }
    }

    #[test]
    #[should_panic(expected = "the piece 200")]
    fn a_panic_comes_through() {
        map((0..300).collect(), |n: usize| assert!(n != 200, "the piece {n}"));
    }
}
