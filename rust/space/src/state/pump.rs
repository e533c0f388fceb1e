//! What goes out to a member, as fast as it takes it.

use std::ops::Bound::{Excluded, Included};

use bytes::Bytes;
use metaverse_protocol::{
    id::PeerId,
    limits::STATE_ENTRIES,
    state::{EntryWriter, StateFrame},
};

use super::{
    exchange::{Effect, Entering, State},
    link::{Snapshot, content},
};
use crate::config::STATE_FRAME;

impl State {
    /// Sends a member as much of what it is to get as may be under way: what the local member has written first, then
    /// what the other lacks, then the snapshot.
    pub(super) fn pump(&mut self, peer: PeerId) {
        while self
            .links
            .get(&peer)
            .is_some_and(|link| link.is_open && link.has_room())
        {
            let mut writer = EntryWriter::changes();
            while writer.len() < STATE_FRAME && writer.entries() < STATE_ENTRIES {
                let Some(id) = self.next_for(peer) else { break };
                let (Some(link), Some(slot)) = (self.links.get_mut(&peer), self.store.slot(id))
                else {
                    break;
                };
                writer.push(&link.entry(self.me, id, slot, content(slot)));
            }
            if writer.is_empty() {
                return self.end_snapshot(peer);
            }
            let bytes = Bytes::from(writer.finish());
            if let Some(link) = self.links.get_mut(&peer) {
                link.note_sent(bytes.len());
            }
            self.effects.push_back(Effect::Send { to: peer, bytes });
            self.end_snapshot(peer);
        }
    }

    /// The number of the next entry that a member is to get.
    fn next_for(&mut self, peer: PeerId) -> Option<u32> {
        let link = self.links.get_mut(&peer)?;
        let own = (Excluded(link.pushed), Included(link.due));
        if link.pushed < link.due {
            if let Some((&moment, &id)) = self.own.range(own).next() {
                link.pushed = moment;
                return Some(id);
            }
            link.pushed = link.due;
        }
        if let Some(id) = link.lacking.pop_first() {
            return Some(id);
        }
        if self.entry != Entering::Done {
            return None;
        }
        let after = match link.snapshot.as_ref()? {
            Snapshot::Begin => None,
            Snapshot::After(key) => Some(key),
        };
        let (id, slot) = self.store.after(after)?;
        link.snapshot = Some(Snapshot::After(slot.key.clone()));
        Some(id)
    }

    /// Says that the snapshot is over when it is.
    fn end_snapshot(&mut self, peer: PeerId) {
        let Some(link) = self.links.get_mut(&peer) else {
            return;
        };
        let is_over = self.entry == Entering::Done
            && match &link.snapshot {
                None => false,
                Some(Snapshot::Begin) => self.store.after(None).is_none(),
                Some(Snapshot::After(key)) => self.store.after(Some(key)).is_none(),
            };
        if is_over {
            link.snapshot = None;
            self.send(peer, &StateFrame::SnapshotEnd);
        }
    }
}
