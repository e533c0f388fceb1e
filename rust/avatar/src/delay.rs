//! How far behind the sender to play: as little as the network's unevenness allows.

use std::time::Duration;

use metaverse_protocol::time::Time;

/// What poses are taken to be apart until it is known.
const INTERVAL: f32 = 0.05;
/// A longer gap is a pause of the sender, who stands still, and says nothing about its rate.
const PAUSE: Duration = Duration::from_millis(250);
/// The weight of one more gap or transit in the mean.
const MEAN_WEIGHT: f32 = 0.05;
/// How much of the way from the worst transit to the mean is forgotten with each pose: half in 1.7 s at 20 a second.
const FORGET: f32 = 0.02;
/// Room for the frame in which a pose is picked up.
const MARGIN: f32 = 0.005;
/// Later than this nobody can react to one another; poses that are still later are extrapolated.
const DELAY_MOST: Duration = Duration::from_millis(400);

/// The delay, learnt from the poses as they come. Seconds inside.
#[derive(Debug, Default)]
pub(crate) struct Delay {
    learnt: Option<Learnt>,
}

#[derive(Clone, Copy, Debug)]
struct Learnt {
    interval: f32,
    /// From capture to reception; negative where the clocks' offset is not known well.
    transit: f32,
    /// The worst transit lately.
    worst: f32,
}

impl Delay {
    /// Learns from a pose that came `gap` after the one before it, as captured.
    pub(crate) fn observe(&mut self, received: Time, captured: Time, gap: Option<Duration>) {
        let transit = received.micros_after(captured) as f32 / 1e6;
        let mut learnt = self.learnt.unwrap_or(Learnt {
            interval: INTERVAL,
            transit,
            worst: transit,
        });
        if let Some(gap) = gap.filter(|gap| *gap < PAUSE) {
            learnt.interval += (gap.as_secs_f32() - learnt.interval) * MEAN_WEIGHT;
        }
        learnt.transit += (transit - learnt.transit) * MEAN_WEIGHT;
        learnt.worst = transit.max(learnt.worst + (learnt.transit - learnt.worst) * FORGET);
        self.learnt = Some(learnt);
    }

    /// The delay to play with now.
    pub(crate) fn current(&self) -> Duration {
        let seconds = self
            .learnt
            .map_or(INTERVAL, |learnt| learnt.interval + learnt.worst)
            + MARGIN;
        Duration::try_from_secs_f32(seconds.max(0.0))
            .map_or(DELAY_MOST, |delay| delay.min(DELAY_MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Poses every 50 ms, each with its transit in milliseconds.
    fn after(transits: impl IntoIterator<Item = u64>) -> Duration {
        let mut delay = Delay::default();
        let mut captured = Time(1_000_000);
        for transit in transits {
            delay.observe(
                captured + Duration::from_millis(transit),
                captured,
                Some(Duration::from_millis(50)),
            );
            captured = captured + Duration::from_millis(50);
        }
        delay.current()
    }

    #[test]
    fn an_even_network_needs_one_interval_and_the_transit() {
        let delay = after([10; 100]);
        assert!(
            delay > Duration::from_millis(60) && delay < Duration::from_millis(70),
            "{delay:?}"
        );
    }

    #[test]
    fn jitter_raises_the_delay_at_once_and_calm_lowers_it_slowly() {
        let calm = after([10; 100]);
        let jitter = after([10; 100].into_iter().chain([80]));
        let soon = after([10; 100].into_iter().chain([80]).chain([10; 10]));
        let later = after([10; 100].into_iter().chain([80]).chain([10; 400]));
        assert!(jitter >= calm + Duration::from_millis(60), "{jitter:?}");
        assert!(
            soon < jitter && soon > calm + Duration::from_millis(40),
            "{soon:?}"
        );
        assert!(later < calm + Duration::from_millis(2), "{later:?}");
    }

    #[test]
    fn a_pause_says_nothing_about_the_rate() {
        let mut delay = Delay::default();
        delay.observe(Time(5_000_000), Time(5_000_000), None);
        for second in 6..60 {
            delay.observe(
                Time(second * 1_000_000),
                Time(second * 1_000_000),
                Some(Duration::from_secs(1)),
            );
        }
        assert!(delay.current() < Duration::from_millis(60));
    }

    #[test]
    fn the_delay_has_a_limit_whatever_the_clocks_say() {
        assert_eq!(after([3_600_000; 10]), DELAY_MOST);
        let mut delay = Delay::default();
        delay.observe(Time(0), Time(u64::MAX / 4), None);
        assert_eq!(delay.current(), Duration::ZERO);
    }
}
