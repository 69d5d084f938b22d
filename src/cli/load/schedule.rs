//! When each request of a load run is due.
//!
//! With a rate, the run is an open loop: request `n` is due at a moment that was fixed before the
//! run, and its latency counts from that moment. A server that stalls is therefore charged for
//! every request that had to wait, not only for the one that it held (no coordinated omission).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Schedule {
    start: Instant,
    end: Instant,
    /// Requests per second; `None` = each connection sends as soon as it is answered.
    rate: Option<f64>,
    next: AtomicU64,
}

impl Schedule {
    pub fn new(start: Instant, lasts: Duration, rate: Option<f64>) -> Self {
        Self { start, end: start + lasts, rate, next: AtomicU64::new(0) }
    }

    /// The next request's number and due moment; `None` when the run is over.
    pub fn next(&self, now: Instant) -> Option<(u64, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let due = match self.rate {
            Some(rate) => self.start + Duration::from_secs_f64(number as f64 / rate),
            None => now,
        };
        (due < self.end).then_some((number, due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_is_fixed_beforehand() {
        let start = Instant::now();
        let schedule = Schedule::new(start, Duration::from_secs(1), Some(4.0));
        let late = start + Duration::from_secs(9);
        let due: Vec<_> = std::iter::from_fn(|| schedule.next(late)).collect();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(due, [(0, at(0)), (1, at(250)), (2, at(500)), (3, at(750))]);
    }

    #[test]
    fn without_a_rate_a_request_is_due_at_once() {
        let start = Instant::now();
        let schedule = Schedule::new(start, Duration::from_secs(1), None);
        assert_eq!(schedule.next(start), Some((0, start)));
        assert_eq!(schedule.next(start + Duration::from_secs(1)), None);
    }
}
