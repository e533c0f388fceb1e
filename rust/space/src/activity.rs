//! What an activity needs: how often, from how far, and how much of others is seen.

use std::time::Duration;

/// Rates, ranges and the budget that suit an activity. The profile of whoever watches decides what is sent to them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ActivityProfile {
    /// Full bodies.
    pub near: Tier,
    /// Head, hands and feet.
    pub middle: Tier,
    /// Updates a second of everybody else, of whom only the place is sent.
    pub far_rate: f32,
    /// Bytes a second of poses that one is willing to receive; beyond it the least interesting are seen in less detail.
    pub budget: u32,
}

/// Who is seen at one level of detail.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tier {
    /// Updates a second.
    pub rate: f32,
    /// Metres up to which avatars are seen so.
    pub range: f32,
    /// The most avatars that are seen so.
    pub most: u32,
}

impl Tier {
    /// For a level at which nobody is seen.
    pub const NOBODY: Self = Self {
        rate: 1.0,
        range: 0.0,
        most: 0,
    };
}

/// Updates a second that can be asked for.
pub const RATES: std::ops::RangeInclusive<f32> = 0.2..=60.0;

/// The names of the ready-made profiles, for a space's activity.
pub const PRESETS: [&str; 4] = ["lecture", "discussion", "party", "exhibition"];

impl ActivityProfile {
    /// Everybody in full, wherever they are: what a program without levels of detail does.
    pub const PLAIN: Self = Self {
        near: Tier {
            rate: 20.0,
            range: f32::INFINITY,
            most: u32::MAX,
        },
        middle: Tier {
            rate: 20.0,
            range: f32::INFINITY,
            most: 0,
        },
        far_rate: 20.0,
        budget: u32::MAX,
    };

    /// One speaks, many listen: the speaker and the neighbours count, the rows behind hardly move.
    pub const LECTURE: Self = Self {
        near: Tier {
            rate: 20.0,
            range: 6.0,
            most: 8,
        },
        middle: Tier {
            rate: 5.0,
            range: 15.0,
            most: 24,
        },
        far_rate: 1.0,
        budget: 24_000,
    };

    /// A circle that talks: every face and hand of it counts.
    pub const DISCUSSION: Self = Self {
        near: Tier {
            rate: 20.0,
            range: 12.0,
            most: 24,
        },
        middle: Tier {
            rate: 10.0,
            range: 30.0,
            most: 48,
        },
        far_rate: 2.0,
        budget: 48_000,
    };

    /// A crowd in motion: lively nearby, an impression beyond.
    pub const PARTY: Self = Self {
        near: Tier {
            rate: 20.0,
            range: 8.0,
            most: 16,
        },
        middle: Tier {
            rate: 8.0,
            range: 25.0,
            most: 48,
        },
        far_rate: 2.0,
        budget: 40_000,
    };

    /// People stroll among things: companions count, strangers are part of the scene.
    pub const EXHIBITION: Self = Self {
        near: Tier {
            rate: 15.0,
            range: 5.0,
            most: 8,
        },
        middle: Tier {
            rate: 5.0,
            range: 20.0,
            most: 32,
        },
        far_rate: 1.0,
        budget: 20_000,
    };

    /// The ready-made profile of a space's activity; that of a discussion where the name is the game's own.
    pub fn named(activity: &str) -> Self {
        Self::preset(activity).unwrap_or(Self::DISCUSSION)
    }

    /// The ready-made profile of this name.
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "lecture" => Some(Self::LECTURE),
            "discussion" => Some(Self::DISCUSSION),
            "party" => Some(Self::PARTY),
            "exhibition" => Some(Self::EXHIBITION),
            _ => None,
        }
    }

    /// The profile with every number in its range.
    #[must_use]
    pub fn within_limits(self) -> Self {
        Self {
            near: self.near.within_limits(),
            middle: self.middle.within_limits(),
            far_rate: rate_within_limits(self.far_rate),
            budget: self.budget,
        }
    }

    /// The time between two captures of the local avatars.
    pub fn capture_interval(&self) -> Duration {
        Duration::from_secs_f32(1.0 / rate_within_limits(self.near.rate))
    }
}

impl Default for ActivityProfile {
    fn default() -> Self {
        Self::DISCUSSION
    }
}

impl Tier {
    fn within_limits(self) -> Self {
        Self {
            rate: rate_within_limits(self.rate),
            range: if self.range.is_nan() {
                0.0
            } else {
                self.range.max(0.0)
            },
            most: self.most,
        }
    }
}

fn rate_within_limits(rate: f32) -> f32 {
    if rate.is_nan() {
        return *RATES.start();
    }
    rate.clamp(*RATES.start(), *RATES.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_has_its_name() {
        for name in PRESETS {
            let profile = ActivityProfile::preset(name).expect("a preset");
            assert_eq!(profile.within_limits(), profile, "{name}");
        }
        assert_eq!(ActivityProfile::named("chess"), ActivityProfile::DISCUSSION);
    }

    #[test]
    fn absurd_numbers_are_brought_into_range() {
        let absurd = Tier {
            rate: f32::NAN,
            range: f32::NAN,
            most: 0,
        };
        let profile = ActivityProfile {
            near: absurd,
            middle: Tier {
                rate: f32::INFINITY,
                range: -1.0,
                most: 0,
            },
            far_rate: -3.0,
            budget: 0,
        }
        .within_limits();
        assert_eq!((profile.near.rate, profile.near.range), (0.2, 0.0));
        assert_eq!((profile.middle.rate, profile.middle.range), (60.0, 0.0));
        assert_eq!(profile.capture_interval(), Duration::from_secs(5));
    }
}
