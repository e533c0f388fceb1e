//! Pings and their answers on one link: how far the other side is, what its clock shows, how much is lost on the way.

use std::{collections::VecDeque, time::Duration};

use metaverse_protocol::time::Time;

use crate::config::{ANSWER_PATIENCE, SILENCE};

/// Answers from which the one with the least round trip counts.
const SAMPLES: usize = 8;
/// Pings by which loss is judged.
const JUDGED: usize = 32;
/// Pings that may lack an answer before any loss is spoken of.
const JUDGED_LEAST: usize = 8;

/// One ping answered: the other's clock minus ours, right to half the round trip (RFC 5905, section 8).
#[derive(Clone, Copy, Debug)]
struct Sample {
    round_trip: Duration,
    offset: i64,
}

/// The pings of a link.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    sent: VecDeque<(Time, bool)>,
    samples: VecDeque<Sample>,
    smooth: Option<Duration>,
}

impl Echoes {
    /// A ping was sent.
    pub(crate) fn sent(&mut self, now: Time) {
        if self.sent.len() == JUDGED {
            self.sent.pop_front();
        }
        self.sent.push_back((now, false));
    }

    /// A ping was answered. False if no such ping can have been sent on a link opened at `opened`.
    pub(crate) fn answered(&mut self, now: Time, opened: Time, sent: Time, received: Time) -> bool {
        let round_trip = now.since(sent);
        if sent < opened || sent > now || round_trip > SILENCE {
            return false;
        }
        if let Some((_, is_answered)) = self.sent.iter_mut().find(|(at, _)| *at == sent) {
            *is_answered = true;
        }
        self.smooth = Some(match self.smooth {
            // Smoothing as in RFC 6298.
            Some(smooth) => (smooth * 7 + round_trip) / 8,
            None => round_trip,
        });
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        let middle = sent + round_trip / 2;
        self.samples.push_back(Sample {
            round_trip,
            offset: received.micros_after(middle),
        });
        true
    }

    /// Forgets the pings that were not answered.
    pub(crate) fn forget_lost(&mut self) {
        self.sent.retain(|(_, is_answered)| *is_answered);
    }

    /// The smoothed round trip.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.smooth
    }

    /// The least round trip of late: what the way takes without what queues on it.
    pub(crate) fn least_round_trip(&self) -> Option<Duration> {
        self.quickest().map(|sample| sample.round_trip)
    }

    /// The other's clock minus ours in microseconds.
    pub(crate) fn clock_offset(&self) -> Option<i64> {
        self.quickest().map(|sample| sample.offset)
    }

    fn quickest(&self) -> Option<&Sample> {
        self.samples.iter().min_by_key(|sample| sample.round_trip)
    }

    /// The share of pings that were not answered.
    pub(crate) fn loss(&self, now: Time) -> f32 {
        let patience = self.smooth.unwrap_or_default() + ANSWER_PATIENCE;
        let judged = self
            .sent
            .iter()
            .filter(|(at, is_answered)| *is_answered || now.since(*at) >= patience);
        let count = judged.clone().count();
        if count < JUDGED_LEAST {
            return 0.0;
        }
        judged.filter(|(_, is_answered)| !is_answered).count() as f32 / count as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_read_from_the_quickest_answer() {
        let mut echoes = Echoes::default();
        // The other's clock is 5 s ahead; the first answer dawdles 80 ms on its way back.
        assert!(echoes.answered(Time(100_000), Time(0), Time(0), Time(5_010_000)));
        assert!(echoes.answered(Time(220_000), Time(0), Time(200_000), Time(5_210_000)));
        assert_eq!(echoes.clock_offset(), Some(5_000_000));
        assert_eq!(echoes.least_round_trip(), Some(Duration::from_millis(20)));
    }

    #[test]
    fn answers_to_pings_never_sent_do_not_count() {
        let mut echoes = Echoes::default();
        let (now, opened) = (Time(1_000_001), Time(1_000_000));
        assert!(!echoes.answered(now, opened, Time(2_000_000), Time(0)));
        assert!(!echoes.answered(now, opened, Time(999_999), Time(0)));
        assert_eq!(echoes.clock_offset(), None);
    }

    #[test]
    fn loss_is_the_share_without_an_answer() {
        let mut echoes = Echoes::default();
        for ping in 0..40_u64 {
            let at = Time(ping * 1_000_000);
            echoes.sent(at);
            if ping % 4 != 0 {
                assert!(echoes.answered(at + Duration::from_millis(30), Time(0), at, Time(0)));
            }
        }
        assert!((echoes.loss(Time(41_000_000)) - 0.25).abs() < 0.001);
    }

    #[test]
    fn pings_just_sent_are_not_lost() {
        let mut echoes = Echoes::default();
        for _ in 0..20 {
            echoes.sent(Time(0));
        }
        assert!(echoes.loss(Time(1)).abs() < f32::EPSILON);
    }
}
