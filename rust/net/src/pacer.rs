//! Slows a fast sender down: frames are read no faster than this allows.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Allows a burst after a pause, and a steady rate otherwise (the generic cell rate algorithm, ITU-T I.371).
#[derive(Debug)]
pub(crate) struct Pacer {
    interval: Duration,
    burst: Duration,
    /// When the next one would be due at the steady rate.
    due: Mutex<Instant>,
}

impl Pacer {
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second;
        Self {
            interval,
            burst: interval * burst,
            due: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the turn of one more.
    pub(crate) async fn turn(&self) {
        let due = self.take();
        sleep_until(due.checked_sub(self.burst).unwrap_or(due)).await;
    }

    fn take(&self) -> Instant {
        let mut due = self.due.lock();
        let this = (*due).max(Instant::now());
        *due = this + self.interval;
        this
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_at_once_and_then_the_rate_holds() {
        let pacer = Pacer::new(1_000, 100);
        let begun = Instant::now();
        for _ in 0..100 {
            pacer.turn().await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for _ in 0..2_000 {
            pacer.turn().await;
        }
        let elapsed = begun.elapsed();
        assert!(
            (Duration::from_millis(1_990)..Duration::from_millis(2_010)).contains(&elapsed),
            "{elapsed:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_earns_no_more_than_the_burst() {
        let pacer = Pacer::new(1_000, 100);
        tokio::time::sleep(Duration::from_hours(1)).await;
        let begun = Instant::now();
        for _ in 0..200 {
            pacer.turn().await;
        }
        assert!(
            begun.elapsed() >= Duration::from_millis(95),
            "{:?}",
            begun.elapsed()
        );
    }
}
