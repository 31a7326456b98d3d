//! How many retries a client may spend, so that a server that is going down is not pushed.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::RetryPolicy;

/// Thousandths of a retry.
const WHOLE: i64 = 1000;

/// Retries left. Successes fill it up to the reserve.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicI64,
    reserve: i64,
    per_success: i64,
}

impl Budget {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        let reserve = i64::from(policy.reserve) * WHOLE;
        let per_success = i64::from(policy.earned_percent) * (WHOLE / 100);
        Self { left: AtomicI64::new(reserve), reserve, per_success }
    }

    /// Takes one retry; `false` when there is none.
    pub(crate) fn spend(&self) -> bool {
        let take = |left: i64| (left >= WHOLE).then_some(left - WHOLE);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// A request was answered as it should be.
    pub(crate) fn earn(&self) {
        let add = |left: i64| (left < self.reserve).then_some((left + self.per_success).min(self.reserve));
        // `Err` means that it is full.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_is_earned_back_by_successes() {
        let budget = Budget::new(&RetryPolicy { reserve: 2, earned_percent: 20, ..RetryPolicy::default() });
        assert!(budget.spend() && budget.spend());
        assert!(!budget.spend(), "the reserve is spent");
        for _ in 0..4 {
            budget.earn();
        }
        assert!(!budget.spend(), "four fifths of a retry");
        budget.earn();
        assert!(budget.spend());
        for _ in 0..100 {
            budget.earn();
        }
        assert!(budget.spend() && budget.spend() && !budget.spend(), "never more than the reserve");
    }
}
