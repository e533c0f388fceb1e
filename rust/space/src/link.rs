//! One open link: whether the other side lives, how far away it is, what its clock shows, how much it may send.

use std::time::Duration;

use metaverse_protocol::{lane::Lane, time::Time};

use crate::{
    avatars::{Receipts, Viewer},
    config::{
        CARRIED_PER_SECOND, CONTROL_PER_SECOND, DATAGRAMS_PER_SECOND, FRAMES_PER_SECOND,
        IMAGES_PER_MINUTE, PING_INTERVAL, PROFILES_PER_MINUTE, SILENCE,
    },
    io::PathKind,
    rate::Bucket,
};

/// Clock samples from which the one with the least round trip counts: six seconds' worth.
const SAMPLES: usize = 8;

/// How often a link is pinged until the first answer, without which the other's clock is unknown, and whenever the
/// other side is strangely silent: lost datagrams alone must not look like death.
const WORRIED_PINGS: Duration = Duration::from_millis(150);

#[derive(Debug)]
pub(crate) struct Link {
    /// When it was opened.
    pub opened: Time,
    /// How the transport reaches the other side.
    pub path: PathKind,
    last_heard: Time,
    next_ping: Time,
    round_trip: Option<Duration>,
    samples: [Option<Sample>; SAMPLES],
    next_sample: usize,
    datagrams: Bucket,
    /// Packets that are still carried for the other side.
    carried: Bucket,
    control: Bucket,
    frames: Bucket,
    /// Profile changes that the other side may still make.
    pub profiles: Bucket,
    /// Images that the other side may still ask for.
    pub images: Bucket,
    /// What the other side sees of the local avatars.
    pub viewer: Viewer,
    /// What the other side is to know of the poses that have come.
    pub receipts: Receipts,
}

/// One ping answered: the other's clock minus ours, right to half the round trip (RFC 5905, section 8).
#[derive(Clone, Copy, Debug)]
struct Sample {
    round_trip: Duration,
    offset: i64,
}

impl Link {
    pub(crate) fn new(now: Time) -> Self {
        let second = Duration::from_secs(1);
        let minute = Duration::from_mins(1);
        Self {
            opened: now,
            path: PathKind::Unknown,
            last_heard: now,
            next_ping: now,
            round_trip: None,
            samples: [None; SAMPLES],
            next_sample: 0,
            datagrams: Bucket::new(now, DATAGRAMS_PER_SECOND, second),
            carried: Bucket::new(now, CARRIED_PER_SECOND, second),
            control: Bucket::new(now, CONTROL_PER_SECOND, second),
            frames: Bucket::new(now, FRAMES_PER_SECOND, second),
            profiles: Bucket::new(now, PROFILES_PER_MINUTE, minute),
            images: Bucket::new(now, IMAGES_PER_MINUTE, minute),
            viewer: Viewer::new(),
            receipts: Receipts::default(),
        }
    }

    /// Notes a datagram; false if it is one too many.
    pub(crate) fn hear_datagram(&mut self, now: Time) -> bool {
        self.last_heard = now;
        self.datagrams.take(now)
    }

    /// Whether one more packet is carried for the other side.
    pub(crate) fn may_carry(&mut self, now: Time) -> bool {
        self.carried.take(now)
    }

    /// Notes a frame; false if it is one too many.
    pub(crate) fn hear_frame(&mut self, now: Time, lane: Lane) -> bool {
        self.last_heard = now;
        match lane {
            Lane::Control => self.control.take(now),
            Lane::Message | Lane::State | Lane::Bulk => self.frames.take(now),
        }
    }

    pub(crate) fn is_silent(&self, now: Time) -> bool {
        now.since(self.last_heard) >= SILENCE
    }

    /// Whether it is time for a ping, which is then taken as sent.
    pub(crate) fn take_ping(&mut self, now: Time) -> bool {
        if now < self.next_ping {
            return false;
        }
        let is_worrying = self.round_trip.is_none() || now.since(self.last_heard) > PING_INTERVAL;
        let pause = if is_worrying {
            WORRIED_PINGS
        } else {
            PING_INTERVAL
        };
        self.next_ping = now + pause;
        true
    }

    /// When the link next needs to be looked at.
    pub(crate) fn due(&self) -> Time {
        self.next_ping.min(self.last_heard + SILENCE)
    }

    /// Takes in the answer to a ping. False if no such ping can have been sent.
    pub(crate) fn pong(&mut self, now: Time, sent: Time, received: Time) -> bool {
        let round_trip = now.since(sent);
        if sent < self.opened || sent > now || round_trip > SILENCE {
            return false;
        }
        self.round_trip = Some(match self.round_trip {
            // Smoothing as in RFC 6298.
            Some(smooth) => (smooth * 7 + round_trip) / 8,
            None => round_trip,
        });
        let middle = sent + round_trip / 2;
        self.samples[self.next_sample] = Some(Sample {
            round_trip,
            offset: received.micros_after(middle),
        });
        self.next_sample = (self.next_sample + 1) % SAMPLES;
        true
    }

    /// The smoothed round trip.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// The other's clock minus ours in microseconds.
    pub(crate) fn clock_offset(&self) -> Option<i64> {
        self.samples
            .iter()
            .flatten()
            .min_by_key(|sample| sample.round_trip)
            .map(|sample| sample.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_read_from_the_quickest_answer() {
        let mut link = Link::new(Time(0));
        // The other's clock is 5 s ahead; the first answer dawdles 80 ms on its way back.
        assert!(link.pong(Time(100_000), Time(0), Time(5_010_000)));
        assert!(link.pong(Time(220_000), Time(200_000), Time(5_210_000)));
        assert_eq!(link.clock_offset(), Some(5_000_000));
    }

    #[test]
    fn answers_to_pings_never_sent_do_not_count() {
        let mut link = Link::new(Time(1_000_000));
        assert!(!link.pong(Time(1_000_001), Time(2_000_000), Time(0)));
        assert!(!link.pong(Time(1_000_001), Time(999_999), Time(0)));
        assert_eq!(link.clock_offset(), None);
    }

    #[test]
    fn silence_is_counted_from_the_last_word() {
        let mut link = Link::new(Time(0));
        link.hear_datagram(Time(1_000_000));
        assert!(!link.is_silent(Time(0) + SILENCE));
        assert!(link.is_silent(Time(1_000_000) + SILENCE));
    }
}
