//! Asking again until something is done: pauses that grow, and an end.

use std::time::Duration;

use tokio::time::Instant;

/// How a platform is asked whether something is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// The first pause.
    pub first: Duration,
    /// How much longer each pause is than the one before; below 1 counts as 1.
    pub growth: f64,
    /// No pause is longer.
    pub longest: Duration,
}

impl Rhythm {
    /// Begins to wait, for no longer than `patience` in all.
    pub fn begin(self, patience: Duration) -> Polling {
        Polling { rhythm: self, pause: self.first, began: Instant::now(), patience }
    }
}

/// A wait under way.
#[derive(Debug)]
pub struct Polling {
    rhythm: Rhythm,
    pause: Duration,
    began: Instant,
    patience: Duration,
}

impl Polling {
    /// Sleeps before the next question. `false` when patience ends before it: nothing was slept then.
    #[must_use = "false means that patience is at its end"]
    pub async fn pause(&mut self) -> bool {
        self.pause_for(Duration::ZERO).await
    }

    /// The same, with a pause that the platform hints at: not shorter than `hint`, unless that is longer
    /// than the longest.
    #[must_use = "false means that patience is at its end"]
    pub async fn pause_for(&mut self, hint: Duration) -> bool {
        let pause = self.pause.max(hint).min(self.rhythm.longest);
        if self.began.elapsed().saturating_add(pause) > self.patience {
            return false;
        }
        tokio::time::sleep(pause).await;
        self.pause = self.pause.mul_f64(self.rhythm.growth.max(1.0)).min(self.rhythm.longest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_the_longest_and_end_with_patience() {
        let seconds = Duration::from_secs;
        let rhythm = Rhythm { first: seconds(1), growth: 2.0, longest: seconds(3) };
        let mut polling = rhythm.begin(seconds(20));
        let began = Instant::now();
        let mut asked = Vec::new();
        while polling.pause().await {
            asked.push(began.elapsed().as_secs());
        }
        assert_eq!(asked, [1, 3, 6, 9, 12, 15, 18]);
        assert_eq!(began.elapsed(), seconds(18), "nothing is slept when patience would end first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hint_makes_a_pause_longer_but_not_endless() {
        let seconds = Duration::from_secs;
        let mut polling = Rhythm { first: seconds(1), growth: 1.5, longest: seconds(10) }.begin(seconds(60));
        let began = Instant::now();
        assert!(polling.pause_for(seconds(4)).await);
        assert_eq!(began.elapsed(), seconds(4));
        assert!(polling.pause_for(seconds(400)).await);
        assert_eq!(began.elapsed(), seconds(14));
    }
}
