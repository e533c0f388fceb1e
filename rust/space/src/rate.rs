//! Token buckets: how much of something a peer may do.

use std::time::Duration;

use metaverse_protocol::time::Time;

/// Allows `burst` at once and then `burst` again over every `period`.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    burst: u32,
    period: Duration,
    /// Microseconds of `period` that are saved up.
    saved: u64,
    updated: Time,
}

impl Bucket {
    pub(crate) fn new(now: Time, burst: u32, period: Duration) -> Self {
        Self {
            burst,
            period,
            saved: period.as_micros() as u64,
            updated: now,
        }
    }

    /// Takes one if there is one.
    pub(crate) fn take(&mut self, now: Time) -> bool {
        let full = self.period.as_micros() as u64;
        self.saved = full.min(
            self.saved
                .saturating_add(now.since(self.updated).as_micros() as u64),
        );
        self.updated = now;
        let price = full / u64::from(self.burst);
        if self.saved < price {
            return false;
        }
        self.saved -= price;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_fills_again() {
        let mut bucket = Bucket::new(Time(0), 10, Duration::from_secs(1));
        assert_eq!((0..20).filter(|_| bucket.take(Time(0))).count(), 10);
        assert_eq!((0..20).filter(|_| bucket.take(Time(500_000))).count(), 5);
        assert_eq!(
            (0..20).filter(|_| bucket.take(Time(60_000_000))).count(),
            10
        );
    }
}
