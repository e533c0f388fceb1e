//! How two members find out in what they differ, step by step: one number for everything, one for each bucket, the
//! stamps in the buckets that differ, and at last the values. Most of the time the first number is the end of it.

use metaverse_protocol::{
    id::PeerId,
    limits::STATE_ENTRIES,
    state::{BUCKETS, Entry, EntryWriter, StateFrame},
    time::Time,
};

use super::{
    exchange::{Effect, Entering, State},
    link::Malformed,
    settled::{root, taken_at},
    store::Slot,
};
use crate::{
    Counters,
    config::{STATE_FRAME, STATE_SETTLE},
};

impl State {
    /// Compares with one of the others, each time with another.
    pub(super) fn compare_with_next(&mut self) {
        if self.entry != Entering::Done {
            return;
        }
        let open: Vec<PeerId> = self
            .links
            .iter()
            .filter_map(|(peer, link)| link.is_open.then_some(*peer))
            .collect();
        let next = open
            .iter()
            .find(|peer| self.compared.is_none_or(|last| **peer > last))
            .or(open.first());
        self.compared = next.copied();
        if let Some(&peer) = next {
            self.send_digest(peer);
        }
    }

    pub(super) fn send_digest(&mut self, peer: PeerId) {
        let step = self.store.step();
        let Some(digests) = self.store.digests(step) else {
            return;
        };
        let digest = StateFrame::Digest {
            origin: self.clock.origin(),
            step,
            root: root(digests),
        };
        self.send(peer, &digest);
    }

    pub(super) fn compare_roots(
        &mut self,
        now: Time,
        counters: &mut Counters,
        from: PeerId,
        step: u64,
        theirs: u64,
    ) {
        if !self.may_compare(now, counters, from) {
            return;
        }
        // The other's clock may be a little ahead.
        let soon = now + STATE_SETTLE / 2;
        if step > self.store.step() && taken_at(step) <= self.time(soon) {
            self.take_step(step);
        }
        let Some(digests) = self.store.digests(step).filter(|ours| root(ours) != theirs) else {
            return;
        };
        counters.state_differences += 1;
        let digests = Box::new(digests.map(|digest| digest as u32));
        self.send(from, &StateFrame::Buckets { step, digests });
    }

    pub(super) fn compare_buckets(
        &mut self,
        now: Time,
        counters: &mut Counters,
        from: PeerId,
        step: u64,
        theirs: &[u32; BUCKETS],
    ) {
        if !self.may_compare(now, counters, from) {
            return;
        }
        let Some(ours) = self.store.digests(step) else {
            return;
        };
        let differing: Vec<u8> = (0..=u8::MAX)
            .filter(|&bucket| ours[usize::from(bucket)] as u32 != theirs[usize::from(bucket)])
            .collect();
        self.send_summary(now, from, &differing);
    }

    /// Tells what is in some buckets, as many as fit into a frame: the others differ the next time as well.
    fn send_summary(&mut self, now: Time, to: PeerId, differing: &[u8]) {
        let mut contents: Vec<Vec<u32>> = vec![Vec::new(); BUCKETS];
        for (id, slot) in self.store.slots() {
            contents[usize::from(slot.bucket)].push(id);
        }
        let mut writer = EntryWriter::summary(&[0; BUCKETS / 8]);
        let mut is_empty = true;
        for &bucket in differing {
            let ids = &contents[usize::from(bucket)];
            if ids.len() * LARGEST_ENTRY > STATE_FRAME {
                // Nobody's keys fall into one bucket like that by chance. Then all of it is sent as it is.
                self.link(now, to).lacking.extend(ids);
                continue;
            }
            if writer.len() + ids.len() * LARGEST_ENTRY > 2 * STATE_FRAME
                || writer.entries() + ids.len() > STATE_ENTRIES
            {
                break;
            }
            is_empty = false;
            writer.add_bucket(bucket);
            for &id in ids {
                let (Some(link), Some(slot)) = (self.links.get_mut(&to), self.store.slot(id))
                else {
                    continue;
                };
                writer.push(&link.entry(self.me, id, slot, slot.digest));
            }
        }
        if !is_empty {
            self.push_summary(to, writer);
        }
        self.pump(to);
    }

    fn push_summary(&mut self, to: PeerId, writer: EntryWriter<u64>) {
        self.effects.push_back(Effect::Send {
            to,
            bytes: writer.finish().into(),
        });
    }

    /// Sends what the other lacks, and asks for what it has.
    pub(super) fn compare_entries(
        &mut self,
        now: Time,
        counters: &mut Counters,
        from: PeerId,
        buckets: &[u8; BUCKETS / 8],
        theirs: &[Entry<u64>],
    ) -> Result<(), Malformed> {
        let is_allowed = self.may_compare(now, counters, from);
        let mut mentioned = std::collections::BTreeSet::new();
        let mut wanted = Vec::new();
        let mut lacking = Vec::new();
        for entry in theirs {
            // Even where it is not answered: from now on its numbers stand for keys.
            let (key, stamp) = self.link(now, from).resolve(from, entry)?;
            let Some((id, ours)) = self.known(&key) else {
                wanted.push(entry.id);
                continue;
            };
            mentioned.insert(id);
            if (stamp, entry.content) == (ours.stamp, ours.digest) {
                continue;
            }
            if ours.stamp >= stamp {
                lacking.push(id);
            }
            if stamp >= ours.stamp {
                wanted.push(entry.id);
            }
        }
        if !is_allowed {
            return Ok(());
        }
        let is_meant = |bucket: u8| buckets[usize::from(bucket / 8)] & 1 << (bucket % 8) != 0;
        lacking.extend(
            self.store
                .slots()
                .filter(|(id, slot)| is_meant(slot.bucket) && !mentioned.contains(id))
                .map(|(id, _)| id),
        );
        self.link(now, from).lacking.extend(lacking);
        if !wanted.is_empty() {
            self.send(from, &StateFrame::Want(wanted));
        }
        self.pump(from);
        Ok(())
    }

    fn known(&self, key: &metaverse_protocol::state::Key) -> Option<(u32, &Slot)> {
        let id = self.store.id(key)?;
        Some((id, self.store.slot(id)?))
    }

    /// Whether a comparison is answered: not before everything is here, and not any number of them.
    fn may_compare(&mut self, now: Time, counters: &mut Counters, from: PeerId) -> bool {
        if self.entry != Entering::Done {
            return false;
        }
        let link = self.link(now, from);
        if !link.is_open {
            return false;
        }
        let is_allowed = link.comparisons.take(now);
        counters.flooded_requests += u64::from(!is_allowed);
        is_allowed
    }
}

/// The most bytes that an entry takes in a summary: a new key, a new author, a stamp and a digest.
const LARGEST_ENTRY: usize = 4 + 2 + metaverse_protocol::limits::STATE_KEY_BYTES + 8 + 5 + 33 + 8;
