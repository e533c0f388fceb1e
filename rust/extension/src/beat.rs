//! When the local avatars are captured: all in the same frame, so that they share datagrams.

use std::time::Duration;

use metaverse_protocol::time::Time;

/// The beat to which the local avatars are captured.
#[derive(Debug, Default)]
pub(crate) struct Beat {
    due: Option<Time>,
    present: Option<Time>,
}

impl Beat {
    /// Begins a frame at `now`; the beats keep their phase, whatever the frames do.
    pub(crate) fn advance(&mut self, now: Time, interval: Duration) {
        // Another profile may have made the beats quicker.
        let due = self.due.unwrap_or(now).min(now + interval);
        if now < due {
            self.due = Some(due);
            self.present = None;
            return;
        }
        self.due = Some((due + interval).max(now));
        self.present = Some(now);
    }

    /// The time of this frame's beat; `None` if there is none in it.
    pub(crate) fn present(&self) -> Option<Time> {
        self.present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(50);

    fn beats(frames_per_second: u64, seconds: u64) -> usize {
        let mut beat = Beat::default();
        (0..seconds * frames_per_second)
            .filter(|frame| {
                let micros = frame * 1_000_000 / frames_per_second;
                beat.advance(Time(1_000_000_000 + micros), INTERVAL);
                beat.present().is_some()
            })
            .count()
    }

    #[test]
    fn avatars_are_captured_20_times_a_second_at_any_frame_rate() {
        for frames_per_second in [30, 60, 144] {
            let count = beats(frames_per_second, 10);
            assert!(
                (199..=201).contains(&count),
                "{count} at {frames_per_second} frames a second"
            );
        }
        assert_eq!(beats(10, 10), 100, "no more than there are frames");
    }

    #[test]
    fn a_quicker_beat_does_not_wait_for_the_slow_one() {
        let mut beat = Beat::default();
        beat.advance(Time(0), Duration::from_secs(5));
        beat.advance(Time(100_000), INTERVAL);
        beat.advance(Time(150_000), INTERVAL);
        assert_eq!(beat.present(), Some(Time(150_000)));
    }
}
