//! How good a link is, as members tell each other: in steps, so that a report is small and changes seldom.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::MemberNumber;

/// The round trip of step 0.
const SHORTEST: f64 = 0.000_5;
/// How many times as long each step is: finer than what tells good ways from bad.
const RATIO: f64 = 1.05;

/// A round trip in steps of 5 %, from half a millisecond to two minutes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RoundTripStep(u8);

impl RoundTripStep {
    /// The step nearest to `time`.
    pub fn of(time: Duration) -> Self {
        let steps = (time.as_secs_f64() / SHORTEST).ln() / RATIO.ln();
        Self(steps.round().clamp(0.0, 255.0) as u8)
    }

    /// The round trip it stands for.
    pub fn time(self) -> Duration {
        Duration::from_secs_f64(SHORTEST * RATIO.powi(i32::from(self.0)))
    }

    /// How many steps it is away from `other`.
    pub fn steps_from(self, other: Self) -> u8 {
        self.0.abs_diff(other.0)
    }
}

/// A share of datagrams that are lost, in 255ths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct LossStep(u8);

impl LossStep {
    /// The step nearest to `share`, 0 to 1.
    pub fn of(share: f32) -> Self {
        Self((share * 255.0).round().clamp(0.0, 255.0) as u8)
    }

    /// The share it stands for.
    pub fn share(self) -> f32 {
        f32::from(self.0) / 255.0
    }
}

/// How good a link is that needs no other member's help.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkQuality {
    /// Whether it goes over a relay server.
    pub is_relayed: bool,
    /// How long a datagram takes there and back.
    pub round_trip: RoundTripStep,
    /// How many of the datagrams that go there and back are lost.
    pub loss: LossStep,
}

/// What a member says of its link to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkReport {
    /// To whom.
    pub to: MemberNumber,
    /// How good it is; `None` is no link any more.
    pub quality: Option<LinkQuality>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_round_trip_is_told_within_three_per_cent(micros in 500_u64..60_000_000) {
            let time = Duration::from_micros(micros);
            let told = RoundTripStep::of(time).time().as_secs_f64();
            prop_assert!((told / time.as_secs_f64() - 1.0).abs() < 0.03);
        }
    }

    #[test]
    fn what_is_out_of_range_is_told_as_the_nearest() {
        assert_eq!(RoundTripStep::of(Duration::ZERO), RoundTripStep(0));
        assert_eq!(RoundTripStep::of(Duration::MAX), RoundTripStep(255));
        assert_eq!(LossStep::of(f32::NAN), LossStep(0));
        assert!((LossStep::of(2.0).share() - 1.0).abs() < f32::EPSILON);
    }
}
