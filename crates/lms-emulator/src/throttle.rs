//! A limit on how fast the server is asked: a bucket of tokens, as most servers have one.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many requests a server takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Requests that may come at once.
    pub burst: u32,
    /// Requests per second that it takes in the long run.
    pub per_second: f64,
    /// From this time after the start, another number of requests per second.
    pub later: Option<(Duration, f64)>,
    /// Whether a refusal says in `Retry-After` when to come again.
    pub says_when: bool,
}

impl Throttle {
    /// So many a second, ten at once, with `Retry-After`.
    pub fn per_second(per_second: f64) -> Self {
        Self { burst: 10, per_second, later: None, says_when: true }
    }
}

impl FromStr for Throttle {
    type Err = String;

    /// Reads `RATE[:BURST]`: requests per second, and how many at once (10 if not given).
    fn from_str(text: &str) -> Result<Self, String> {
        let (rate, burst) = text.split_once(':').map_or((text, None), |(rate, burst)| (rate, Some(burst)));
        let per_second = rate.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
        let burst = burst.map_or(Some(10), |burst| burst.parse().ok().filter(|burst| *burst > 0));
        match (per_second, burst) {
            (Some(per_second), Some(burst)) => Ok(Self { burst, ..Self::per_second(per_second) }),
            _ => Err(format!("`{text}` is no limit; write requests per second and a burst: 2 or 2:10")),
        }
    }
}

/// The bucket of a running server.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    throttle: Throttle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    started: Instant,
    filled: Instant,
    tokens: f64,
}

impl Bucket {
    pub(crate) fn new(throttle: Throttle) -> Self {
        let now = Instant::now();
        let state = State { started: now, filled: now, tokens: throttle.burst.into() };
        Self { throttle, state: Arc::new(Mutex::new(state)) }
    }

    /// Takes a token. Without one: `Err` with the seconds until there is one, if the server says so.
    pub(crate) fn take(&self) -> Result<(), Option<u32>> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = match self.throttle.later {
            Some((from, rate)) if now - state.started >= from => rate,
            _ => self.throttle.per_second,
        };
        let gained = (now - state.filled).as_secs_f64() * rate;
        (state.tokens, state.filled) = ((state.tokens + gained).min(self.throttle.burst.into()), now);
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - state.tokens) / rate).ceil().max(1.0);
        Err(self.throttle.says_when.then_some(seconds as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_empties_and_fills() {
        let later = Some((Duration::from_secs(60), 10.0));
        let bucket = Bucket::new(Throttle { burst: 2, later, ..Throttle::per_second(0.5) });
        assert_eq!((bucket.take(), bucket.take(), bucket.take()), (Ok(()), Ok(()), Err(Some(2))));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!((bucket.take(), bucket.take()), (Ok(()), Err(Some(2))));
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!((bucket.take(), bucket.take(), bucket.take()), (Ok(()), Ok(()), Err(Some(1))));
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(bucket.take(), Ok(()), "ten a second now");
    }

    #[test]
    fn a_limit_is_read_from_text() {
        assert_eq!("2".parse(), Ok(Throttle::per_second(2.0)));
        assert_eq!("0.5:3".parse(), Ok(Throttle { burst: 3, ..Throttle::per_second(0.5) }));
        for bad in ["", "0", "-1", "x", "2:", "2:0", "inf"] {
            assert!(bad.parse::<Throttle>().expect_err(bad).contains("requests per second"));
        }
    }
}
