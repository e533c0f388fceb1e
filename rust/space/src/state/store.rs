//! The values of a space as one member has them: for each key the write that is the latest of all, whatever the order in
//! which they come. Two members that have had the same writes have the same values.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use metaverse_protocol::{
    limits::{
        STATE_BYTES, STATE_ERASED_KEYS, STATE_IDS, STATE_KEYS, STATE_STAMP_BYTES, STATE_VALUE_BYTES,
    },
    state::{Key, Stamp, entry_digest},
};

use super::{
    clock::millis,
    settled::{self, Digests, Settled, Version},
};
use crate::config::{ERASED_LIFETIME, OVERFULL_STEPS};

/// Bytes and keys beyond which nothing more is taken in: two members that were cut off from each other may each have
/// filled the space, and both have to be heard before it can be decided what stays.
const MOST_BYTES: usize = 2 * STATE_BYTES;
const MOST_KEYS: usize = 2 * STATE_KEYS;
const MOST_ERASED_KEYS: usize = 2 * STATE_ERASED_KEYS;

#[derive(Debug)]
pub(crate) struct Store {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    ids: BTreeMap<Key, u32>,
    /// The erased keys, the oldest first.
    erased: BTreeSet<(Stamp, u32)>,
    bytes: usize,
    settled: Settled,
    overfull: u32,
}

/// A key and the latest write to it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub key: Key,
    pub stamp: Stamp,
    /// `None` where it was erased.
    pub value: Option<Bytes>,
    pub digest: u64,
    pub bucket: u8,
}

/// What became of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Applied {
    /// It is the latest of its key. The stamp of the one before, if there was one.
    Latest(u32, Option<Stamp>),
    /// The key has this one, or a later one.
    Known,
    /// There is no room for it.
    NoRoom,
}

/// What a step has done away with.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// Given up, as there was too much: now erased.
    pub given_up: Vec<u32>,
    /// Erased long ago: nothing is left, and the number is free.
    pub forgotten: Vec<(u32, Stamp)>,
}

impl Store {
    pub(crate) fn new(time: u64) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            ids: BTreeMap::new(),
            erased: BTreeSet::new(),
            bytes: 0,
            settled: Settled::new(settled::step_at(time)),
            overfull: 0,
        }
    }

    pub(crate) fn id(&self, key: &Key) -> Option<u32> {
        self.ids.get(key).copied()
    }

    pub(crate) fn slot(&self, id: u32) -> Option<&Slot> {
        self.slots.get(id as usize)?.as_ref()
    }

    /// All entries, the erased included.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        let numbered = self.slots.iter().enumerate();
        numbered.filter_map(|(id, slot)| Some((id as u32, slot.as_ref()?)))
    }

    /// The first entry behind `key` by the order of keys, or of all.
    pub(crate) fn after(&self, key: Option<&Key>) -> Option<(u32, &Slot)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = key.map_or(Unbounded, Excluded);
        let (_, &id) = self.ids.range::<Key, _>((from, Unbounded)).next()?;
        Some((id, self.slot(id)?))
    }

    /// Takes a write in, if it is the latest of its key.
    pub(crate) fn apply(&mut self, key: &Key, stamp: Stamp, value: Option<Bytes>) -> Applied {
        let digest = entry_digest(key, &stamp, value.as_deref());
        let known = self.id(key);
        let before = known.and_then(|id| self.slot(id));
        let rank = (stamp, value.is_none(), digest);
        if before.is_some_and(|slot| rank <= slot.rank()) {
            return Applied::Known;
        }
        if !self.has_room(before, key, value.as_ref()) {
            return Applied::NoRoom;
        }
        let before = before.map(|slot| slot.stamp);
        let id = known.unwrap_or_else(|| self.new_id(key));
        let slot = Slot {
            key: key.clone(),
            stamp,
            value,
            digest,
            bucket: key.bucket(),
        };
        self.settled.add(id, slot.version());
        self.put(id, slot);
        Applied::Latest(id, before)
    }

    /// The write with this stamp was overwritten before anybody else has seen it.
    pub(crate) fn supersede(&mut self, stamp: &Stamp) {
        self.settled.supersede(stamp);
    }

    pub(crate) fn step(&self) -> u64 {
        self.settled.step()
    }

    /// What stands for each bucket at a step, if that is known.
    pub(crate) fn digests(&self, step: u64) -> Option<&Digests> {
        self.settled.digests(step)
    }

    /// Takes the next step: sums up what has settled, gives up what is too much, and forgets what was erased long ago.
    pub(crate) fn advance(&mut self, step: u64) -> Swept {
        if step <= self.step() {
            return Swept::default();
        }
        self.settled.advance(step);
        Swept {
            given_up: self.give_up(),
            forgotten: self.forget(),
        }
    }

    /// What was written last is given up until the rest is within the limits, where it was not for several steps. Every
    /// member does so by itself and comes to the same, as all have the same by then; and as an entry that is given up
    /// comes after the same entry that is not, it is enough that one does.
    fn give_up(&mut self) -> Vec<u32> {
        self.overfull = if self.is_overfull() {
            self.overfull + 1
        } else {
            0
        };
        if self.overfull < OVERFULL_STEPS {
            return Vec::new();
        }
        let reach = settled::reach(self.step());
        let mut written: Vec<(Stamp, u32)> = self
            .slots()
            .filter(|(_, slot)| slot.value.is_some() && slot.stamp.time <= reach)
            .map(|(id, slot)| (slot.stamp, id))
            .collect();
        written.sort_unstable();
        let mut given_up = Vec::new();
        while self.is_overfull() {
            let Some((_, id)) = written.pop() else { break };
            self.erase(id);
            given_up.push(id);
        }
        given_up
    }

    fn is_overfull(&self) -> bool {
        self.bytes > STATE_BYTES || self.live() > STATE_KEYS
    }

    /// Makes an entry an erased one of the same stamp.
    fn erase(&mut self, id: u32) {
        let Some(slot) = self.slot(id) else { return };
        let mut slot = slot.clone();
        slot.value = None;
        slot.digest = entry_digest(&slot.key, &slot.stamp, None);
        self.settled.add(id, slot.version());
        self.put(id, slot);
    }

    fn forget(&mut self) -> Vec<(u32, Stamp)> {
        let reach = settled::reach(self.step());
        let mut forgotten = Vec::new();
        while let Some(&(stamp, id)) = self.erased.first() {
            let is_old = stamp.time.saturating_add(millis(ERASED_LIFETIME)) <= reach;
            let is_too_much = self.erased.len() > STATE_ERASED_KEYS && stamp.time <= reach;
            if !is_old && !is_too_much {
                break;
            }
            self.erased.remove(&(stamp, id));
            if let Some(slot) = self.slots[id as usize].take() {
                self.ids.remove(&slot.key);
            }
            self.settled.forget(id);
            self.free.push(id);
            forgotten.push((id, stamp));
        }
        forgotten
    }

    fn live(&self) -> usize {
        self.ids.len() - self.erased.len()
    }

    fn has_room(&self, before: Option<&Slot>, key: &Key, value: Option<&Bytes>) -> bool {
        if before.is_none() && self.ids.len() >= STATE_IDS {
            return false;
        }
        let Some(value) = value else {
            return before.is_some() || self.erased.len() < MOST_ERASED_KEYS;
        };
        let was_live = before.is_some_and(|slot| slot.value.is_some());
        let bytes = self.bytes - before.map_or(0, Slot::bytes) + size(key, value);
        value.len() <= STATE_VALUE_BYTES
            && bytes <= MOST_BYTES
            && (was_live || self.live() < MOST_KEYS)
    }

    fn new_id(&mut self, key: &Key) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.ids.insert(key.clone(), id);
        id
    }

    fn put(&mut self, id: u32, slot: Slot) {
        self.bytes += slot.bytes();
        if slot.value.is_none() {
            self.erased.insert((slot.stamp, id));
        }
        let Some(before) = self.slots[id as usize].replace(slot) else {
            return;
        };
        self.bytes -= before.bytes();
        if before.value.is_none() && self.slot(id).map(|slot| slot.stamp) != Some(before.stamp) {
            self.erased.remove(&(before.stamp, id));
        }
    }
}

impl Slot {
    /// By which of two writes to a key is the latest: the stamp; where somebody has written two things at once, which
    /// nobody honest does, an erasure, and then the greater digest.
    pub(crate) fn rank(&self) -> (Stamp, bool, u64) {
        (self.stamp, self.value.is_none(), self.digest)
    }

    fn version(&self) -> Version {
        Version {
            stamp: self.stamp,
            bucket: self.bucket,
            digest: self.digest,
        }
    }

    /// What it counts to the limit of the space.
    fn bytes(&self) -> usize {
        self.value
            .as_ref()
            .map_or(0, |value| size(&self.key, value))
    }
}

/// What a value counts to the limit of the space.
pub(crate) fn size(key: &Key, value: &Bytes) -> usize {
    key.as_str().len() + value.len() + STATE_STAMP_BYTES
}

#[cfg(test)]
mod tests {
    use metaverse_protocol::id::PeerId;

    use super::*;

    fn key(name: &str) -> Key {
        Key::new(name).expect("a key")
    }

    fn stamp(time: u64, author: u8) -> Stamp {
        Stamp {
            time,
            counter: 0,
            author: PeerId([author; 32]),
        }
    }

    fn value(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    fn get<'a>(store: &'a Store, name: &str) -> Option<&'a Bytes> {
        store.slot(store.id(&key(name))?)?.value.as_ref()
    }

    #[test]
    fn the_latest_write_holds_in_whatever_order_they_come() {
        let writes = [
            (stamp(1, 1), Some(value("a"))),
            (stamp(2, 1), None),
            (stamp(2, 2), Some(value("b"))),
            (stamp(2, 2), Some(value("c"))),
        ];
        let mut seen = BTreeSet::new();
        for turn in 0..writes.len() {
            let mut store = Store::new(0);
            for (stamp, value) in writes.iter().cycle().skip(turn).take(writes.len()) {
                store.apply(&key("k"), *stamp, value.clone());
            }
            seen.insert(get(&store, "k").cloned());
            store.advance(10);
            assert!(store.digests(10).is_some());
        }
        assert_eq!(seen.len(), 1);
        assert!(!seen.contains(&None));
    }

    #[test]
    fn bytes_are_counted_as_they_come_and_go() {
        let mut store = Store::new(0);
        store.apply(&key("k"), stamp(1, 1), Some(value("four")));
        assert_eq!(store.bytes, 1 + 4 + STATE_STAMP_BYTES);
        store.apply(&key("k"), stamp(2, 1), Some(value("seven77")));
        assert_eq!(store.bytes, 1 + 7 + STATE_STAMP_BYTES);
        store.apply(&key("k"), stamp(3, 1), None);
        assert_eq!((store.bytes, store.live(), store.erased.len()), (0, 0, 1));
        store.apply(&key("k"), stamp(4, 1), Some(value("")));
        assert_eq!((store.live(), store.erased.len()), (1, 0));
    }

    #[test]
    fn the_erased_are_remembered_for_a_while_and_then_gone() {
        let mut store = Store::new(0);
        store.apply(&key("k"), stamp(1, 1), Some(value("v")));
        store.apply(&key("k"), stamp(5, 1), None);
        let last = (millis(ERASED_LIFETIME)) / millis(crate::config::STATE_STEP);
        assert!(store.advance(last).forgotten.is_empty());
        assert_eq!(
            store.apply(&key("k"), stamp(4, 1), Some(value("old"))),
            Applied::Known
        );
        assert_eq!(store.advance(last + 1).forgotten, [(0, stamp(5, 1))]);
        assert_eq!(store.slots().count(), 0);
        assert_eq!(settled::root(store.digests(last + 1).expect("present")), {
            settled::root(Store::new(0).digests(0).expect("present"))
        });
    }

    #[test]
    fn too_much_is_refused_and_what_was_written_last_is_given_up() {
        let mut store = Store::new(0);
        let large = Some(Bytes::from(vec![0; STATE_VALUE_BYTES]));
        let mut taken = 0;
        for time in 0..1_000 {
            let name = format!("k{time:03}");
            match store.apply(&key(&name), stamp(time, 1), large.clone()) {
                Applied::Latest(..) => taken += 1,
                Applied::NoRoom => break,
                Applied::Known => panic!("new keys"),
            }
        }
        assert_eq!(
            taken,
            MOST_BYTES / (STATE_VALUE_BYTES + 4 + STATE_STAMP_BYTES)
        );
        assert!(store.advance(1).given_up.is_empty());
        assert!(store.advance(2).given_up.is_empty());
        let given_up = store.advance(3).given_up;
        assert!(!store.is_overfull());
        let kept = STATE_BYTES / (STATE_VALUE_BYTES + 4 + STATE_STAMP_BYTES);
        assert_eq!(given_up.len(), taken - kept);
        assert!(get(&store, "k000").is_some() && get(&store, &format!("k{kept:03}")).is_none());
    }

    #[test]
    fn erased_keys_are_bounded() {
        let mut store = Store::new(0);
        for number in 0..MOST_ERASED_KEYS {
            let applied = store.apply(&key(&number.to_string()), stamp(1, 1), None);
            assert!(matches!(applied, Applied::Latest(..)));
        }
        assert_eq!(
            store.apply(&key("more"), stamp(1, 1), None),
            Applied::NoRoom
        );
        store.advance(1);
        assert_eq!(store.erased.len(), STATE_ERASED_KEYS);
    }
}
