//! When to send: not at all for a while where nothing changes.

use std::time::Duration;

use metaverse_protocol::time::Time;

/// How often a pose that does not change is sent all the same: the first ones may have been lost.
const STILL_REPEATS: u8 = 3;
/// How long nothing is sent then: who comes late or lost all repeats waits this long for the pose.
const STILL_INTERVAL: Duration = Duration::from_secs(1);

/// Decides at every beat whether the pose is worth sending: always while it changes, three times more when it has come to
/// rest, and then once a second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pacer {
    sent: Option<Time>,
    repeats: u8,
}

impl Pacer {
    /// Nothing was sent yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to send the pose of the beat at `now`. `is_still`: it is the one before, as
    /// [`Encoder::is_still`](crate::Encoder::is_still) tells.
    pub fn wants(&mut self, now: Time, is_still: bool) -> bool {
        self.repeats = if is_still {
            self.repeats.saturating_add(1)
        } else {
            0
        };
        let is_due = self
            .sent
            .is_none_or(|sent| now.since(sent) >= STILL_INTERVAL);
        let wants = is_due || self.repeats <= STILL_REPEATS;
        if wants {
            self.sent = Some(now);
        }
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_to_rest_is_repeated_and_then_sent_once_a_second() {
        let mut pacer = Pacer::new();
        let sent: Vec<u64> = (0..200)
            .filter(|beat| pacer.wants(Time(beat * 50_000), *beat >= 40))
            .collect();
        let still: Vec<u64> = vec![40, 41, 42, 62, 82, 102, 122, 142, 162, 182];
        assert_eq!(sent, (0..40).chain(still).collect::<Vec<_>>());
    }
}
