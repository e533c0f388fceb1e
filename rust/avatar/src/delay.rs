//! How far behind the sender to play: as little as its rate and the network's unevenness allow.

use std::time::Duration;

use metaverse_protocol::time::Time;

use crate::level::Level;

/// What the poses of each level are taken to be apart until it is known, in seconds: the middle of the usual rates.
const INTERVALS: [f64; Level::ALL.len()] = [0.05, 0.15, 0.75];
/// So many intervals without a pose are more than lost datagrams ...
const PAUSE_INTERVALS: f64 = 4.0;
/// ... and so is no shorter gap than this, in seconds: the sender stood still.
const PAUSE_LEAST: f64 = 0.25;
/// How much of an interval one gap may add to it: what looks like a slower rate may be loss.
const GAP_MOST: f64 = 2.0;
/// Senders repeat themselves this often while they stand still, in seconds: such a gap says nothing about a rate above it.
const STILL: f64 = 0.9;
/// The weight of one more gap or transit in the mean.
const MEAN_WEIGHT: f64 = 0.05;
/// How fast the worst transit is forgotten, in shares a second: half of the way to the mean in 1.7 s.
const FORGET_RATE: f64 = 0.4;
/// Room for the frame in which a pose is picked up, in seconds.
const MARGIN: f64 = 0.005;
/// What is still later than this after the usual transit is extrapolated: nobody could react to one another, in seconds.
const JITTER_MOST: f64 = 0.4;
/// Poses that are farther apart are extrapolated in part, so that who comes near again is soon shown nearly as late as
/// they are, in seconds.
const INTERVAL_MOST: f64 = 0.5;

/// The delay, learnt from the poses as they come. Seconds inside, in `f64` because the clocks may be years apart.
#[derive(Debug)]
pub(crate) struct Delay {
    intervals: [f64; Level::ALL.len()],
    level: Level,
    transits: Option<Transits>,
}

#[derive(Clone, Copy, Debug)]
struct Transits {
    /// From capture to reception; negative where the clocks' offset is not known well.
    mean: f64,
    /// The worst lately.
    worst: f64,
}

impl Default for Delay {
    fn default() -> Self {
        Self {
            intervals: INTERVALS,
            level: Level::Near,
            transits: None,
        }
    }
}

impl Delay {
    /// Learns from a pose of `level` that came `gap` after the one before it, as captured.
    pub(crate) fn observe(
        &mut self,
        received: Time,
        captured: Time,
        level: Level,
        gap: Option<Duration>,
    ) {
        let gap = gap.map(|gap| gap.as_secs_f64());
        if let Some(gap) = gap.filter(|_| level == self.level) {
            self.learn_interval(gap);
        }
        self.level = level;
        let transit = received.micros_after(captured) as f64 / 1e6;
        let known = self.transits.unwrap_or(Transits {
            mean: transit,
            worst: transit,
        });
        let mean = known.mean + (transit - known.mean) * MEAN_WEIGHT;
        let keep = (-FORGET_RATE * gap.unwrap_or(0.0)).exp();
        self.transits = Some(Transits {
            mean,
            worst: transit.max(mean + (known.worst - mean) * keep),
        });
    }

    /// Forgets the sender's clock, not its rates.
    pub(crate) fn restart(&mut self) {
        self.transits = None;
    }

    /// How long a gap of `gap` before a pose of `level` was spent moving: all of it, or one interval after a pause.
    pub(crate) fn moving(&self, level: Level, gap: Duration) -> Duration {
        let interval = self.interval(level).max(self.interval(self.level));
        if gap.as_secs_f64() <= (interval * PAUSE_INTERVALS).max(PAUSE_LEAST) {
            return gap;
        }
        Duration::from_secs_f64(interval).min(gap)
    }

    /// The delay to play with now, in microseconds; negative when the sender's clock seems ahead.
    pub(crate) fn current(&self) -> i64 {
        let transit = self.transits.map_or(0.0, |transits| {
            transits.mean + (transits.worst - transits.mean).min(JITTER_MOST)
        });
        let interval = self.interval(self.level).min(INTERVAL_MOST);
        ((interval + transit + MARGIN) * 1e6) as i64
    }

    fn interval(&self, level: Level) -> f64 {
        self.intervals[usize::from(level.number())]
    }

    fn learn_interval(&mut self, gap: f64) {
        let interval = &mut self.intervals[usize::from(self.level.number())];
        if gap < STILL || *interval > STILL / 2.0 {
            *interval += (gap.min(*interval * GAP_MOST) - *interval) * MEAN_WEIGHT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Poses of `level` every `gap` milliseconds, each with its transit in milliseconds.
    fn learn(
        delay: &mut Delay,
        level: Level,
        gap: u64,
        transits: impl IntoIterator<Item = u64>,
    ) -> i64 {
        let mut captured = Time(1_000_000);
        let gap = Duration::from_millis(gap);
        for transit in transits {
            delay.observe(
                captured + Duration::from_millis(transit),
                captured,
                level,
                Some(gap),
            );
            captured = captured + gap;
        }
        delay.current() / 1_000
    }

    fn after(transits: impl IntoIterator<Item = u64>) -> i64 {
        learn(&mut Delay::default(), Level::Near, 50, transits)
    }

    #[test]
    fn an_even_network_needs_one_interval_and_the_transit() {
        assert_eq!(after([10; 100]), 65);
    }

    #[test]
    fn jitter_raises_the_delay_at_once_and_calm_lowers_it_slowly() {
        let calm = after([10; 100]);
        let jitter = after([10; 100].into_iter().chain([80]));
        let soon = after([10; 100].into_iter().chain([80]).chain([10; 10]));
        let later = after([10; 100].into_iter().chain([80]).chain([10; 400]));
        assert!(jitter >= calm + 60, "{jitter:?}");
        assert!(soon < jitter && soon > calm + 40, "{soon:?}");
        assert!(later < calm + 2, "{later:?}");
    }

    #[test]
    fn standing_still_says_nothing_about_the_rate() {
        for (level, most) in [(Level::Near, 60), (Level::Middle, 160)] {
            let delay = learn(&mut Delay::default(), level, 1_000, [0; 60]);
            assert!(delay < most, "{level:?}: {delay}");
        }
    }

    #[test]
    fn every_level_has_a_rate_of_its_own() {
        let mut delay = Delay::default();
        learn(&mut delay, Level::Near, 16, [10; 200]);
        let middle = learn(&mut delay, Level::Middle, 200, [10; 100]);
        assert!((210..=220).contains(&middle), "{middle}");
        let near = learn(&mut delay, Level::Near, 16, [10; 1]);
        assert!(near < 35, "{near}");
        let far = learn(&mut delay, Level::Far, 1_000, [10; 100]);
        assert_eq!(far, 515);
    }

    #[test]
    fn a_pause_was_spent_moving_for_one_interval() {
        let mut delay = Delay::default();
        learn(&mut delay, Level::Near, 50, [10; 100]);
        let moving = |millis| {
            delay
                .moving(Level::Near, Duration::from_millis(millis))
                .as_millis()
        };
        assert_eq!(moving(50), 50);
        assert_eq!(moving(200), 200);
        assert_eq!(moving(1_000), 50);
        assert_eq!(
            delay.moving(Level::Far, Duration::from_secs(1)).as_secs(),
            1
        );
    }

    #[test]
    fn jitter_has_a_limit_and_clocks_may_be_years_apart() {
        let uneven = after((0..100).map(|beat| if beat % 10 == 9 { 5_000 } else { 10 }));
        assert!(uneven < 1_500, "{uneven}");
        let hour = after([3_600_000; 10]);
        assert_eq!(hour, 3_600_055);
        let mut delay = Delay::default();
        delay.observe(Time(0), Time(u64::MAX / 4), Level::Near, None);
        assert!(delay.current() < 0);
    }
}
