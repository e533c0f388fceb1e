//! The space's own time, which all members share, and the stamps of what is written: a hybrid logical clock (Kulkarni
//! and others, *Logical Physical Clocks*, 2014). It begins with the space and has nothing to do with the calendar, which
//! is years off on some machines.

use std::time::Duration;

use metaverse_protocol::{
    id::PeerId,
    state::{LATEST_TIME, Stamp},
    time::Time,
};

use crate::config::{CLOCK_FIRST_STEP, CLOCK_SLEW, STAMP_AHEAD};

#[derive(Debug)]
pub(crate) struct SpaceClock {
    /// This peer's steady clock at the beginning of the space's time, in microseconds.
    origin: i64,
    /// When the origin was put right last; `None` before the first time.
    adjusted: Option<Time>,
    /// The latest stamp written or seen.
    latest: (u64, u32),
}

impl SpaceClock {
    /// A clock of which the space's time is `time` milliseconds now.
    pub(crate) fn new(now: Time, time: u64) -> Self {
        let elapsed = time.min(LATEST_TIME).cast_signed() * 1000;
        Self {
            origin: signed(now) - elapsed,
            adjusted: None,
            latest: (0, 0),
        }
    }

    /// Milliseconds of the space's time.
    pub(crate) fn time(&self, now: Time) -> u64 {
        let micros = signed(now).saturating_sub(self.origin).max(0);
        (micros.cast_unsigned() / 1000).min(LATEST_TIME)
    }

    /// When the space's time will be `time`.
    pub(crate) fn when(&self, time: u64) -> Time {
        let micros = self
            .origin
            .saturating_add(time.cast_signed().saturating_mul(1000));
        Time(micros.max(0).cast_unsigned())
    }

    /// This peer's steady clock at the beginning of the space's time, in microseconds.
    pub(crate) fn origin(&self) -> i64 {
        self.origin
    }

    /// The host's origin is `origin` on its steady clock, which shows `offset` microseconds more than this peer's. The
    /// first time it is taken over, as the welcome took a while to arrive; later only by and by: a host that lies
    /// gets nowhere before it is followed by another, and clocks that drift are kept together all the same.
    pub(crate) fn adjust(&mut self, now: Time, origin: i64, offset: i64) {
        let error = origin.saturating_sub(offset).saturating_sub(self.origin);
        let most = match self.adjusted {
            None => CLOCK_FIRST_STEP,
            Some(before) => now.since(before) / CLOCK_SLEW,
        };
        let most = most.as_micros() as i64;
        self.origin += error.clamp(-most, most);
        self.adjusted = Some(now);
    }

    /// A stamp later than all that were written or seen.
    pub(crate) fn stamp(&mut self, now: Time, author: PeerId) -> Stamp {
        let time = self.time(now);
        self.latest = match self.latest {
            (latest, _) if time > latest => (time, 0),
            (latest, u32::MAX) => (latest + 1, 0),
            (latest, counter) => (latest, counter + 1),
        };
        Stamp {
            time: self.latest.0,
            counter: self.latest.1,
            author,
        }
    }

    /// Takes note of a stamp of somebody else's; false if it is from a future that nobody honest lives in.
    pub(crate) fn hear(&mut self, now: Time, stamp: &Stamp) -> bool {
        if stamp.time > self.time(now) + STAMP_AHEAD.as_millis() as u64 {
            return false;
        }
        self.latest = self.latest.max((stamp.time, stamp.counter));
        true
    }
}

fn signed(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// Milliseconds of a duration.
pub(crate) fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: PeerId = PeerId([1; 32]);

    fn at(seconds: u64) -> Time {
        Time(seconds * 1_000_000)
    }

    #[test]
    fn stamps_only_ever_grow() {
        let mut clock = SpaceClock::new(at(50), 1_000);
        let first = clock.stamp(at(50), ME);
        assert_eq!((first.time, first.counter), (1_000, 0));
        let second = clock.stamp(at(50), ME);
        assert!(second > first);
        let theirs = Stamp {
            time: 20_000,
            counter: 7,
            author: PeerId([0; 32]),
        };
        assert!(clock.hear(at(51), &theirs));
        let third = clock.stamp(at(51), ME);
        assert!(third > theirs);
        assert_eq!((third.time, third.counter), (20_000, 8));
        assert_eq!(clock.stamp(at(80), ME).time, 31_000);
    }

    #[test]
    fn the_future_is_not_believed() {
        let mut clock = SpaceClock::new(at(50), 0);
        let ahead = STAMP_AHEAD.as_millis() as u64;
        let stamp = |time| Stamp {
            time,
            counter: 0,
            author: ME,
        };
        assert!(!clock.hear(at(50), &stamp(ahead + 1)));
        assert!(!clock.hear(at(50), &stamp(LATEST_TIME)));
        assert_eq!(clock.stamp(at(50), ME).time, 0);
        assert!(clock.hear(at(50), &stamp(ahead)));
        assert_eq!(clock.stamp(at(50), ME).time, ahead);
    }

    #[test]
    fn the_host_s_clock_is_taken_over_once_and_followed_slowly() {
        // Ours began at 50 s; the host's steady clock shows 100 s more and its origin says that it began at 49.8 s of ours.
        let mut clock = SpaceClock::new(at(50), 0);
        clock.adjust(at(51), 149_800_000, 100_000_000);
        assert_eq!(clock.time(at(51)), 1_200);
        // Then it claims another ten minutes.
        clock.adjust(at(53), 149_800_000 - 600_000_000, 100_000_000);
        let gained = clock.time(at(53)) - 3_200;
        assert!(gained <= 20, "{gained} ms in two seconds");
    }

    #[test]
    fn absurd_times_do_no_harm() {
        let mut clock = SpaceClock::new(at(50), u64::MAX);
        assert_eq!(clock.time(at(60)), LATEST_TIME);
        clock.adjust(at(60), i64::MIN, i64::MAX);
        clock.adjust(at(61), i64::MAX, i64::MIN);
        clock.stamp(at(62), ME);
    }
}
