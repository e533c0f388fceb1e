//! What the state was a few seconds ago, in a few numbers, so that two members see whether they have the same without
//! being misled by what is still on its way.
//!
//! Time goes on in steps that all members share. What was written until a step has reached everybody by the time the step
//! is taken, unless it was lost. For each bucket of keys there is the exclusive or of its entries' digests.

use std::collections::BTreeMap;

use metaverse_protocol::state::{BUCKETS, Stamp};

use super::clock::millis;
use crate::config::{STATE_RECENT, STATE_SETTLE, STATE_STEP};

pub(crate) type Digests = Box<[u64; BUCKETS]>;

#[derive(Debug)]
pub(crate) struct Settled {
    step: u64,
    digests: Digests,
    /// The step before, for who has not taken the present one yet.
    before: Option<(u64, Digests)>,
    /// The version of each entry that counts, by number.
    entries: BTreeMap<u32, Version>,
    /// Versions later than the present step.
    recent: BTreeMap<Stamp, (u32, Version)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Version {
    pub stamp: Stamp,
    pub bucket: u8,
    pub digest: u64,
}

/// The last step whose writes have arrived when the space's time is `time`.
pub(crate) fn step_at(time: u64) -> u64 {
    time.saturating_sub(millis(STATE_SETTLE)) / millis(STATE_STEP)
}

/// The space's time at which a step is taken.
pub(crate) fn taken_at(step: u64) -> u64 {
    step.saturating_mul(millis(STATE_STEP))
        .saturating_add(millis(STATE_SETTLE))
}

/// The space's time up to which a step reaches.
pub(crate) fn reach(step: u64) -> u64 {
    step.saturating_mul(millis(STATE_STEP))
}

impl Settled {
    pub(crate) fn new(step: u64) -> Self {
        Self {
            step,
            digests: Box::new([0; BUCKETS]),
            before: None,
            entries: BTreeMap::new(),
            recent: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&self) -> u64 {
        self.step
    }

    /// Takes a version in, now or at its step.
    pub(crate) fn add(&mut self, id: u32, version: Version) {
        if version.stamp.time <= reach(self.step) || self.recent.len() >= STATE_RECENT {
            self.settle(id, version);
        } else {
            self.recent.insert(version.stamp, (id, version));
        }
    }

    /// A version that nobody else will ever see, as it was overwritten before it was sent.
    pub(crate) fn supersede(&mut self, stamp: &Stamp) {
        self.recent.remove(stamp);
    }

    /// Takes the next step, or several at once.
    pub(crate) fn advance(&mut self, step: u64) {
        if step <= self.step {
            return;
        }
        self.before = Some((self.step, self.digests.clone()));
        self.step = step;
        let reach = reach(step);
        while let Some(first) = self.recent.first_entry() {
            if first.key().time > reach {
                break;
            }
            let (id, version) = first.remove();
            self.settle(id, version);
        }
    }

    /// An entry that is forgotten does not count any more.
    pub(crate) fn forget(&mut self, id: u32) {
        if let Some(version) = self.entries.remove(&id) {
            self.digests[usize::from(version.bucket)] ^= version.digest;
        }
    }

    /// What stands for each bucket at a step, if that is known.
    pub(crate) fn digests(&self, step: u64) -> Option<&Digests> {
        if step == self.step {
            return Some(&self.digests);
        }
        let (before, digests) = self.before.as_ref()?;
        (*before == step).then_some(digests)
    }

    fn settle(&mut self, id: u32, version: Version) {
        let before = self.entries.get(&id);
        if before.is_some_and(|before| before.stamp > version.stamp) {
            return;
        }
        let bucket = &mut self.digests[usize::from(version.bucket)];
        *bucket ^= version.digest ^ before.map_or(0, |before| before.digest);
        self.entries.insert(id, version);
    }
}

/// Stands for all buckets.
pub(crate) fn root(digests: &Digests) -> u64 {
    // FNV-1a over the buckets: it only has to differ when one of them does.
    digests.iter().fold(0xcbf2_9ce4_8422_2325, |hash, digest| {
        (hash ^ digest).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use metaverse_protocol::id::PeerId;

    use super::*;

    fn version(time: u64, digest: u64) -> Version {
        Version {
            stamp: Stamp {
                time,
                counter: 0,
                author: PeerId([0; 32]),
            },
            bucket: 3,
            digest,
        }
    }

    #[test]
    fn order_of_arrival_does_not_matter() {
        let (first, second) = (version(reach(10), 5), version(reach(11), 6));
        let mut a = Settled::new(9);
        a.add(0, first);
        a.add(0, second);
        a.advance(10);
        assert_eq!(a.digests(10).expect("present")[3], 5);
        a.advance(11);
        let mut b = Settled::new(9);
        b.advance(11);
        b.add(7, second);
        b.add(7, first);
        for settled in [&a, &b] {
            assert_eq!(settled.digests(11).expect("present")[3], 6);
        }
        assert_eq!(a.digests(10).expect("kept")[3], 5);
        assert!(a.digests(9).is_none() && a.digests(12).is_none());
    }

    #[test]
    fn what_is_on_its_way_does_not_count_yet() {
        let mut settled = Settled::new(9);
        settled.add(0, version(reach(10) + 1, 5));
        settled.advance(10);
        assert_eq!(
            root(settled.digests(10).expect("present")),
            root(&Settled::new(0).digests)
        );
        settled.advance(11);
        assert_ne!(
            root(settled.digests(11).expect("present")),
            root(&Settled::new(0).digests)
        );
    }

    #[test]
    fn what_was_never_sent_never_counts() {
        let mut settled = Settled::new(9);
        let unsent = version(reach(10), 5);
        settled.add(0, unsent);
        settled.supersede(&unsent.stamp);
        settled.add(0, version(reach(11), 6));
        settled.advance(10);
        assert_eq!(settled.digests(10).expect("present")[3], 0);
    }

    #[test]
    fn the_forgotten_leave_no_trace() {
        let mut settled = Settled::new(9);
        settled.add(0, version(1, 5));
        settled.forget(0);
        assert_eq!(settled.digests(9).expect("present")[3], 0);
    }

    #[test]
    fn steps_are_taken_when_what_they_reach_has_arrived() {
        for step in [0, 1, 1_000_000] {
            assert_eq!(step_at(taken_at(step)), step);
            assert!(taken_at(step) - reach(step) == millis(STATE_SETTLE));
        }
    }
}
