//! The game's messages to one member until it has confirmed them, so that a link that breaks and opens again loses and
//! repeats none. Messages are numbered from 0 by their order; the numbers do not travel with them.

use std::collections::VecDeque;

use bytes::Bytes;
use metaverse_protocol::time::Time;

use crate::config::{LAGGARD_PATIENCE, OUTBOX_BYTES, OUTBOX_MESSAGES, OUTBOX_PATIENCE};

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The number of the first message in `waiting`.
    first: u64,
}

#[derive(Debug)]
struct Waiting {
    frame: Bytes,
    since: Time,
}

/// The other side has confirmed what was never sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImpossibleCount;

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.frames().next().is_none()
    }

    pub(crate) fn push(&mut self, now: Time, frame: Bytes) {
        self.bytes += frame.len();
        self.waiting.push_back(Waiting { frame, since: now });
    }

    /// Drops what the other side has had: the first `count` messages of all.
    pub(crate) fn confirm(&mut self, now: Time, count: u64) -> Result<(), ImpossibleCount> {
        if count > self.first + self.waiting.len() as u64 {
            return Err(ImpossibleCount);
        }
        while self.first < count {
            self.drop_first();
        }
        // Whoever takes something is not stuck: patience with the rest begins anew.
        if let Some(oldest) = self.waiting.front_mut() {
            oldest.since = now;
        }
        Ok(())
    }

    /// The number of the first message that can still be sent.
    pub(crate) fn available(&self) -> u64 {
        self.first
    }

    /// Everything that waits, in order.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Bytes> {
        self.waiting.iter().map(|waiting| &waiting.frame)
    }

    /// Whether the other side has taken so little for so long that others would suffer.
    pub(crate) fn is_stuck(&self, now: Time) -> bool {
        self.stuck_at().is_some_and(|at| now >= at)
    }

    /// When it will be stuck unless something is confirmed.
    pub(crate) fn stuck_at(&self) -> Option<Time> {
        let crowded = self.waiting.len() > OUTBOX_MESSAGES || self.bytes > OUTBOX_BYTES;
        let patience = if crowded {
            LAGGARD_PATIENCE
        } else {
            OUTBOX_PATIENCE
        };
        self.waiting.front().map(|oldest| oldest.since + patience)
    }

    /// Gives up everything that waits; returns how many messages are lost.
    pub(crate) fn clear(&mut self) -> u64 {
        let lost = self.waiting.len() as u64;
        self.first += lost;
        self.waiting.clear();
        self.bytes = 0;
        lost
    }

    fn drop_first(&mut self) {
        if let Some(dropped) = self.waiting.pop_front() {
            self.bytes -= dropped.frame.len();
        }
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(messages: u8) -> Outbox {
        let mut outbox = Outbox::default();
        for number in 0..messages {
            outbox.push(Time(0), Bytes::from(vec![number]));
        }
        outbox
    }

    #[test]
    fn what_is_confirmed_is_not_sent_again() {
        let mut outbox = outbox(5);
        assert_eq!(outbox.confirm(Time(1), 2), Ok(()));
        assert_eq!(
            outbox.frames().map(|frame| frame[0]).collect::<Vec<_>>(),
            [2, 3, 4]
        );
        assert_eq!(outbox.available(), 2);
    }

    #[test]
    fn nobody_can_confirm_the_future() {
        assert_eq!(outbox(5).confirm(Time(1), 6), Err(ImpossibleCount));
    }

    #[test]
    fn an_old_confirmation_changes_nothing() {
        let mut outbox = outbox(5);
        assert_eq!(outbox.confirm(Time(1), 3), Ok(()));
        assert_eq!(outbox.confirm(Time(1), 1), Ok(()));
        assert_eq!(outbox.available(), 3);
    }

    #[test]
    fn a_crowded_outbox_is_stuck_sooner() {
        let mut crowded = Outbox::default();
        for _ in 0..=OUTBOX_MESSAGES {
            crowded.push(Time(0), Bytes::from_static(b"x"));
        }
        let soon = Time(0) + LAGGARD_PATIENCE;
        assert!(crowded.is_stuck(soon));
        assert!(!outbox(5).is_stuck(soon));
        assert!(outbox(5).is_stuck(Time(0) + OUTBOX_PATIENCE));
        assert_eq!(crowded.clear(), OUTBOX_MESSAGES as u64 + 1);
        assert!(!crowded.is_stuck(soon));
    }
}
