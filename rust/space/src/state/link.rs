//! What one link knows of the state: which keys and authors go by which numbers, and what is still to be sent.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use metaverse_protocol::{
    id::PeerId,
    state::{Author, Entry, Key, Stamp},
    time::Time,
};

use super::store::Slot;
use crate::{
    config::{COMPARISONS_PER_SECOND, SNAPSHOTS_PER_MINUTE, STATE_WINDOW},
    rate::Bucket,
};

/// Something that nobody who keeps to the protocol sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed;

/// By the order of one author's writes.
pub(crate) type Moment = (u64, u32);

#[derive(Debug)]
pub(crate) struct StateLink {
    /// Whether both sides have introduced themselves, so that something may be sent.
    pub is_open: bool,
    outward: Outward,
    inward: Inward,
    /// Bytes of changes sent, and how many of them the other side says that it has taken.
    sent: u64,
    taken: u64,
    /// The local member's own writes up to here were sent, and those up to there are to be sent now.
    pub pushed: Moment,
    pub due: Moment,
    /// How far the snapshot is sent that the other side has asked for.
    pub snapshot: Option<Snapshot>,
    /// Entries that the other side lacks.
    pub lacking: BTreeSet<u32>,
    /// Comparisons and snapshots that the other side may still ask for.
    pub comparisons: Bucket,
    pub snapshots: Bucket,
}

/// A snapshot on its way, in the order of keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Snapshot {
    Begin,
    After(Key),
}

/// The numbers by which this side names things.
#[derive(Debug, Default)]
struct Outward {
    keys: BTreeSet<u32>,
    authors: BTreeMap<PeerId, u8>,
    next_author: u8,
}

/// The numbers by which the other side names things.
#[derive(Debug, Default)]
struct Inward {
    keys: BTreeMap<u32, Key>,
    authors: BTreeMap<u8, PeerId>,
    received: u64,
    confirmed: u64,
}

impl StateLink {
    pub(crate) fn new(now: Time) -> Self {
        use std::time::Duration;
        Self {
            is_open: false,
            outward: Outward::default(),
            inward: Inward::default(),
            sent: 0,
            taken: 0,
            pushed: (0, 0),
            due: (0, 0),
            snapshot: None,
            lacking: BTreeSet::new(),
            comparisons: Bucket::new(now, COMPARISONS_PER_SECOND, Duration::from_secs(1)),
            snapshots: Bucket::new(now, SNAPSHOTS_PER_MINUTE, Duration::from_mins(1)),
        }
    }

    /// Whether more may be under way.
    pub(crate) fn has_room(&self) -> bool {
        self.sent - self.taken < STATE_WINDOW
    }

    /// Whether the other side has taken what the local member has written until then.
    pub(crate) fn has_taken(&self, until: Moment) -> bool {
        self.pushed >= until && self.taken == self.sent
    }

    pub(crate) fn note_sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// The other side has taken so many bytes in all.
    pub(crate) fn note_taken(&mut self, bytes: u64) -> Result<(), Malformed> {
        if bytes < self.taken || bytes > self.sent {
            return Err(Malformed);
        }
        self.taken = bytes;
        Ok(())
    }

    /// Notes bytes of changes from the other side; how many there were in all, where it is time to say so.
    pub(crate) fn note_received(&mut self, bytes: usize, every: u64) -> Option<u64> {
        self.inward.received += bytes as u64;
        let unconfirmed = self.inward.received - self.inward.confirmed;
        (unconfirmed >= every).then(|| self.confirm())
    }

    /// Bytes of changes had from the other side, which is told of them.
    pub(crate) fn confirm(&mut self) -> u64 {
        self.inward.confirmed = self.inward.received;
        self.inward.confirmed
    }

    /// An entry in terms that the other side knows; what it does not know yet is in it.
    pub(crate) fn entry<C>(&mut self, me: PeerId, id: u32, slot: &Slot, content: C) -> Entry<C> {
        let is_new = self.outward.keys.insert(id);
        Entry {
            id,
            key: is_new.then(|| slot.key.clone()),
            time: slot.stamp.time,
            counter: slot.stamp.counter,
            author: self.outward.author(me, slot.stamp.author),
            content,
        }
    }

    /// The number stands for no key any more.
    pub(crate) fn forget(&mut self, id: u32) {
        self.outward.keys.remove(&id);
        self.lacking.remove(&id);
    }

    /// The key and the stamp of an entry from `from`, the other side.
    pub(crate) fn resolve<C>(
        &mut self,
        from: PeerId,
        entry: &Entry<C>,
    ) -> Result<(Key, Stamp), Malformed> {
        let key = match &entry.key {
            Some(key) => {
                self.inward.keys.insert(entry.id, key.clone());
                key.clone()
            }
            None => self.inward.keys.get(&entry.id).ok_or(Malformed)?.clone(),
        };
        let author = match entry.author {
            Author::Sender => from,
            Author::Known(number) => *self.inward.authors.get(&number).ok_or(Malformed)?,
            Author::New(number, peer) => {
                self.inward.authors.insert(number, peer);
                peer
            }
        };
        let stamp = Stamp {
            time: entry.time,
            counter: entry.counter,
            author,
        };
        Ok((key, stamp))
    }
}

impl Outward {
    fn author(&mut self, me: PeerId, author: PeerId) -> Author {
        if author == me {
            return Author::Sender;
        }
        if let Some(&number) = self.authors.get(&author) {
            return Author::Known(number);
        }
        // After 256 authors the numbers begin anew.
        let number = self.next_author;
        self.next_author = number.wrapping_add(1);
        self.authors.retain(|_, other| *other != number);
        self.authors.insert(author, number);
        Author::New(number, author)
    }
}

/// The value of a slot as it travels.
pub(crate) fn content(slot: &Slot) -> Option<Bytes> {
    slot.value.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: PeerId = PeerId([1; 32]);
    const YOU: PeerId = PeerId([2; 32]);

    fn slot(name: &str, author: PeerId) -> Slot {
        let key = Key::new(name).expect("a key");
        Slot {
            bucket: key.bucket(),
            key,
            stamp: Stamp {
                time: 5,
                counter: 1,
                author,
            },
            value: None,
            digest: 0,
        }
    }

    #[test]
    fn keys_and_authors_are_named_once() {
        let (mut here, mut there) = (StateLink::new(Time(0)), StateLink::new(Time(0)));
        for round in 0..2 {
            for (id, author) in [(0, ME), (1, YOU), (2, PeerId([3; 32]))] {
                let slot = slot(&format!("k{id}"), author);
                let entry = here.entry(ME, id, &slot, ());
                assert_eq!(entry.key.is_some(), round == 0);
                assert_eq!(
                    matches!(entry.author, Author::New(..)),
                    round == 0 && id > 0
                );
                assert_eq!(there.resolve(ME, &entry), Ok((slot.key, slot.stamp)));
            }
        }
    }

    #[test]
    fn a_number_that_is_free_again_gets_another_key() {
        let (mut here, mut there) = (StateLink::new(Time(0)), StateLink::new(Time(0)));
        let first = here.entry(ME, 0, &slot("a", ME), ());
        assert!(there.resolve(ME, &first).is_ok());
        here.forget(0);
        let second = here.entry(ME, 0, &slot("b", ME), ());
        let (key, _) = there.resolve(ME, &second).expect("known");
        assert_eq!(key.as_str(), "b");
    }

    #[test]
    fn the_numbers_of_authors_are_used_again() {
        let (mut here, mut there) = (StateLink::new(Time(0)), StateLink::new(Time(0)));
        for round in 0..3 {
            for author in 0..300_u16 {
                let mut id = [7; 32];
                id[..2].copy_from_slice(&author.to_le_bytes());
                let slot = slot("k", PeerId(id));
                let entry = here.entry(ME, 0, &slot, ());
                let (_, stamp) = there.resolve(ME, &entry).expect("known");
                assert_eq!(stamp.author, slot.stamp.author, "round {round}");
            }
        }
    }

    #[test]
    fn numbers_never_named_are_malformed() {
        let mut link = StateLink::new(Time(0));
        let mut entry = StateLink::new(Time(0)).entry(YOU, 0, &slot("k", YOU), ());
        entry.author = Author::Known(9);
        assert_eq!(link.resolve(YOU, &entry), Err(Malformed));
        entry.author = Author::Sender;
        assert!(link.resolve(YOU, &entry).is_ok());
        entry.key = None;
        entry.id = 1;
        assert_eq!(link.resolve(YOU, &entry), Err(Malformed));
    }

    #[test]
    fn nobody_takes_more_than_was_sent() {
        let mut link = StateLink::new(Time(0));
        link.note_sent(100);
        assert_eq!(link.note_taken(101), Err(Malformed));
        assert_eq!(link.note_taken(60), Ok(()));
        assert_eq!(link.note_taken(59), Err(Malformed));
        link.note_sent(STATE_WINDOW as usize - 40);
        assert!(!link.has_room());
        assert_eq!(link.note_taken(61), Ok(()));
        assert!(link.has_room());
    }
}
