//! Time as the pure crates see it: handed in, never read.

use std::{ops::Add, time::Duration};

use serde::{Deserialize, Serialize};

/// A moment on one peer's steady clock, in microseconds. Clocks of different peers have different origins.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Time(pub u64);

impl Time {
    /// How long ago `earlier` was; zero if it is in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This moment moved back, at most to the clock's origin.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }

    /// The signed distance `self - other` in microseconds, held to the range of an `i64`.
    pub fn micros_after(self, other: Self) -> i64 {
        let distance = i64::try_from(self.0.abs_diff(other.0)).unwrap_or(i64::MAX);
        if self < other { -distance } else { distance }
    }

    /// This moment moved by a signed number of microseconds, held at the ends of the range.
    #[must_use]
    pub fn offset(self, micros: i64) -> Self {
        Self(self.0.saturating_add_signed(micros))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

/// Seconds since 1970 in UTC, for what must outlive a program: when an invite expires.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct UnixSeconds(pub u64);

/// The sender's clock in a datagram: the low 16 bits of its [`Time`] in milliseconds, wrapping every 65.5 s.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Tick(pub u16);

/// Microseconds of a tick.
const TICK_MICROS: u64 = 1_000;

impl Tick {
    /// The signed distance `self - other` in milliseconds, right while the two are within 32 s.
    pub fn millis_after(self, other: Self) -> i32 {
        i32::from(self.0.wrapping_sub(other.0).cast_signed())
    }

    /// The moment nearest to `around`, on the same clock, that this tick stands for.
    pub fn near(self, around: Time) -> Time {
        let whole = Time(around.0 - around.0 % TICK_MICROS);
        let millis = i64::from(self.millis_after(Self::from(around)));
        whole.offset(millis * TICK_MICROS.cast_signed())
    }
}

impl From<Time> for Tick {
    fn from(time: Time) -> Self {
        Self((time.0 / TICK_MICROS) as u16)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_tick_finds_its_moment_again(time in (1_u64 << 32)..(1 << 60), off in -30_000_000_i64..30_000_000) {
            let time = Time(time);
            let found = Tick::from(time).near(time.offset(off));
            prop_assert!(time.since(found) < Duration::from_millis(1) && found <= time);
        }
    }

    #[test]
    fn distances_keep_their_sign_at_the_ends() {
        assert_eq!(Time(9).micros_after(Time(7)), 2);
        assert_eq!(Time(7).micros_after(Time(9)), -2);
        assert_eq!(Time(u64::MAX).micros_after(Time(0)), i64::MAX);
        assert_eq!(Time(0).micros_after(Time(u64::MAX)), -i64::MAX);
    }

    #[test]
    fn ticks_keep_their_order_over_the_wrap() {
        assert_eq!(Tick(5).millis_after(Tick(u16::MAX - 4)), 10);
        assert_eq!(Tick(u16::MAX - 4).millis_after(Tick(5)), -10);
    }
}
