//! Who is told what and when: each member sends its own writes to all others, in batches; a newcomer asks one member for
//! everything; and what was lost on the way is found by comparing (`compare`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use metaverse_protocol::{
    id::PeerId,
    state::{Entry, Key, Stamp, StateFrame},
    time::Time,
};

use super::{
    clock::SpaceClock,
    link::{Malformed, Moment, Snapshot, StateLink, content},
    settled,
    store::{Applied, Slot, Store, Swept},
};
use crate::{
    Counters,
    config::{SNAPSHOT_PATIENCE, STATE_INTERVAL, STATE_TAKEN},
};

/// One member's part in the shared state.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) me: PeerId,
    pub(super) clock: SpaceClock,
    pub(super) store: Store,
    pub(super) links: BTreeMap<PeerId, StateLink>,
    /// The local member's writes that still hold, in their order.
    pub(super) own: BTreeMap<Moment, u32>,
    /// The last of them that was sent.
    flushed: Moment,
    flushed_at: Option<Time>,
    flush_at: Option<Time>,
    /// Whether somebody waits for all that was sent to be taken.
    is_leaving: bool,
    pub(super) entry: Entering,
    /// To whom the local member hands on what others have written.
    branches: BTreeSet<PeerId>,
    /// Whom the state was compared with last.
    pub(super) compared: Option<PeerId>,
    pub(super) effects: VecDeque<Effect>,
}

/// How far a member has come with what was there before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entering {
    /// Somebody has to be asked.
    Alone,
    /// Somebody was asked, and has patience until then.
    Asked(PeerId, Time),
    /// It has everything.
    Done,
}

/// Something to do.
#[derive(Debug)]
pub(crate) enum Effect {
    Send {
        to: PeerId,
        bytes: Bytes,
    },
    /// Another write of a key holds, of somebody else's.
    Changed {
        key: Key,
        value: Option<Bytes>,
        author: PeerId,
    },
    /// Everything from before is here.
    Synchronized,
}

/// Who has sent a frame, as far as that matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub from: PeerId,
    /// Whether it is the host, by whose clock all go.
    pub is_host: bool,
    /// Its steady clock minus ours in microseconds.
    pub offset: Option<i64>,
}

impl State {
    /// The state of a new space.
    pub(crate) fn new(now: Time, me: PeerId) -> Self {
        Self::begin(now, me, 0, Entering::Done)
    }

    /// The state of a space that is entered, whose time is `time` milliseconds.
    pub(crate) fn entered(now: Time, me: PeerId, time: u64) -> Self {
        Self::begin(now, me, time, Entering::Alone)
    }

    fn begin(now: Time, me: PeerId, time: u64, entry: Entering) -> Self {
        let clock = SpaceClock::new(now, time);
        Self {
            me,
            store: Store::new(clock.time(now)),
            clock,
            links: BTreeMap::new(),
            own: BTreeMap::new(),
            flushed: (0, 0),
            flushed_at: None,
            flush_at: None,
            is_leaving: false,
            entry,
            branches: BTreeSet::new(),
            compared: None,
            effects: VecDeque::new(),
        }
    }

    /// The space's time in milliseconds.
    pub(crate) fn time(&self, now: Time) -> u64 {
        self.clock.time(now)
    }

    /// The next thing to do; to be asked until there is none.
    pub(crate) fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// The game writes a value, or erases it.
    pub(crate) fn write(
        &mut self,
        now: Time,
        counters: &mut Counters,
        key: &Key,
        value: Option<Bytes>,
    ) {
        let stamp = self.clock.stamp(now, self.me);
        match self.store.apply(key, stamp, value) {
            Applied::Latest(id, before) => {
                if let Some(before) = before.filter(|before| self.disown(id, before))
                    && (before.time, before.counter) > self.flushed
                {
                    self.store.supersede(&before);
                }
                self.own.insert((stamp.time, stamp.counter), id);
                self.flush_soon(now);
            }
            // The game did not know yet that there is no room: it is told what holds.
            Applied::NoRoom | Applied::Known => {
                counters.refused_values += 1;
                let held = self.store.id(key).and_then(|id| self.store.slot(id));
                self.effects.push_back(Effect::Changed {
                    key: key.clone(),
                    value: held.and_then(content),
                    author: held.map_or(self.me, |slot| slot.stamp.author),
                });
            }
        }
    }

    /// Both sides of a link have introduced themselves.
    pub(crate) fn opened(&mut self, now: Time, peer: PeerId) {
        // What was written lately may not have been compared yet; what is older is.
        let recent = self.recent();
        let link = self.link(now, peer);
        link.is_open = true;
        link.pushed = (recent, 0);
        match self.entry {
            Entering::Alone => self.ask(now, peer),
            // Of two that meet, one comparison is enough.
            Entering::Done if self.me < peer => self.send_digest(peer),
            Entering::Asked(..) | Entering::Done => {}
        }
        if self.own.range((recent, 0)..).next().is_some() {
            self.flush_soon(now);
        }
        // It may have asked before it was known.
        self.pump(peer);
    }

    /// The link is gone, or another one takes its place: nothing that was said on it counts any more.
    pub(crate) fn closed(&mut self, now: Time, peer: PeerId) {
        self.links.remove(&peer);
        if matches!(self.entry, Entering::Asked(asked, _) if asked == peer) {
            self.ask_another(now, peer);
        }
    }

    /// There is nobody else in the space: what is here is all there is.
    pub(crate) fn left_alone(&mut self) {
        if self.entry != Entering::Done {
            self.synchronized();
        }
    }

    pub(super) fn link(&mut self, now: Time, peer: PeerId) -> &mut StateLink {
        self.links
            .entry(peer)
            .or_insert_with(|| StateLink::new(now))
    }

    pub(super) fn send(&mut self, to: PeerId, frame: &StateFrame) {
        self.effects.push_back(Effect::Send {
            to,
            bytes: frame.encode().into(),
        });
    }

    fn ask(&mut self, now: Time, peer: PeerId) {
        self.entry = Entering::Asked(peer, now + SNAPSHOT_PATIENCE);
        self.send(peer, &StateFrame::AskSnapshot);
    }

    /// Asks the next member, in turn; with nobody left to ask, the comparisons bring what is missing.
    fn ask_another(&mut self, now: Time, but: PeerId) {
        let mut others = self.links.iter().filter(|(_, link)| link.is_open);
        match others.find(|(peer, _)| **peer > but) {
            Some((&peer, _)) => self.ask(now, peer),
            None => self.entry = Entering::Alone,
        }
    }

    fn synchronized(&mut self) {
        self.entry = Entering::Done;
        self.effects.push_back(Effect::Synchronized);
        let waiting: Vec<PeerId> = self.links.keys().copied().collect();
        for peer in waiting {
            self.pump(peer);
        }
    }

    /// Takes a frame of the state lane in.
    pub(crate) fn frame(
        &mut self,
        now: Time,
        counters: &mut Counters,
        heard: Heard,
        bytes: &[u8],
    ) -> Result<(), Malformed> {
        let frame = StateFrame::decode(bytes).map_err(|_| Malformed)?;
        let from = heard.from;
        self.link(now, from);
        match frame {
            StateFrame::Changes(entries) => {
                self.changes(now, counters, from, entries)?;
                self.note_received(now, from, bytes.len());
            }
            StateFrame::SnapshotEnd => {
                if matches!(self.entry, Entering::Asked(asked, _) if asked == from) {
                    self.synchronized();
                }
            }
            StateFrame::Taken { bytes } => {
                self.link(now, from).note_taken(bytes)?;
                self.pump(from);
            }
            StateFrame::AskTaken => {
                let bytes = self.link(now, from).confirm();
                self.send(from, &StateFrame::Taken { bytes });
            }
            StateFrame::AskSnapshot => self.asked(now, counters, from),
            StateFrame::Digest { origin, step, root } => {
                if let Some(offset) = heard.offset.filter(|_| heard.is_host) {
                    self.clock.adjust(now, origin, offset);
                }
                self.compare_roots(now, counters, from, step, root);
            }
            StateFrame::Buckets { step, digests } => {
                self.compare_buckets(now, counters, from, step, &digests);
            }
            StateFrame::Summary { buckets, entries } => {
                self.compare_entries(now, counters, from, &buckets, &entries)?;
            }
            StateFrame::Want(ids) => {
                let known: Vec<u32> = ids
                    .into_iter()
                    .filter(|id| self.store.slot(*id).is_some())
                    .collect();
                self.link(now, from).lacking.extend(known);
                self.pump(from);
            }
        }
        Ok(())
    }

    fn changes(
        &mut self,
        now: Time,
        counters: &mut Counters,
        from: PeerId,
        entries: Vec<Entry<Option<Bytes>>>,
    ) -> Result<(), Malformed> {
        for entry in entries {
            let (key, stamp) = self.link(now, from).resolve(from, &entry)?;
            if !self.clock.hear(now, &stamp) {
                counters.values_from_the_future += 1;
                continue;
            }
            match self.store.apply(&key, stamp, entry.content.clone()) {
                Applied::Latest(id, before) => {
                    if let Some(before) = before {
                        self.disown(id, &before);
                    }
                    self.hand_on(now, from, id);
                    self.effects.push_back(Effect::Changed {
                        key,
                        value: entry.content,
                        author: stamp.author,
                    });
                }
                Applied::Known => {}
                Applied::NoRoom => counters.refused_values += 1,
            }
        }
        Ok(())
    }

    /// To whom the local member hands on what others write, from now on.
    pub(crate) fn set_branches(&mut self, branches: BTreeSet<PeerId>) {
        self.branches = branches;
    }

    /// Hands on to the branches what came from `from`.
    fn hand_on(&mut self, now: Time, from: PeerId, id: u32) {
        let links = self.links.iter_mut();
        let branches = links.filter(|(peer, link)| link.is_open && self.branches.contains(peer));
        let mut hands_on = false;
        for (_, link) in branches.filter(|(peer, _)| **peer != from) {
            link.lacking.insert(id);
            hands_on = true;
        }
        if hands_on {
            self.flush_soon(now);
        }
    }

    fn note_received(&mut self, now: Time, from: PeerId, bytes: usize) {
        if let Entering::Asked(asked, patience) = &mut self.entry
            && *asked == from
        {
            *patience = now + SNAPSHOT_PATIENCE;
        }
        if let Some(bytes) = self.link(now, from).note_received(bytes, STATE_TAKEN) {
            self.send(from, &StateFrame::Taken { bytes });
        }
    }

    fn asked(&mut self, now: Time, counters: &mut Counters, from: PeerId) {
        let link = self.link(now, from);
        if link.snapshots.take(now) {
            link.snapshot = Some(Snapshot::Begin);
            self.pump(from);
        } else {
            counters.flooded_requests += 1;
        }
    }

    /// An entry is not the local member's write any more. Whether it was.
    fn disown(&mut self, id: u32, stamp: &Stamp) -> bool {
        let moment = (stamp.time, stamp.counter);
        let is_own = self.own.get(&moment) == Some(&id);
        if is_own {
            self.own.remove(&moment);
        }
        is_own
    }

    /// Sends what the local member has written, as soon as the beat allows.
    fn flush_soon(&mut self, now: Time) {
        let next = self.flushed_at.map_or(now, |last| last + STATE_INTERVAL);
        self.flush_at.get_or_insert(next.max(now));
    }

    /// Sends what the local member has written and nobody has got yet.
    pub(crate) fn flush(&mut self, now: Time) {
        self.flush_at = None;
        self.flushed_at = Some(now);
        if let Some((&last, _)) = self.own.last_key_value() {
            self.flushed = self.flushed.max(last);
        }
        let mut open = Vec::new();
        for (peer, link) in self.links.iter_mut().filter(|(_, link)| link.is_open) {
            link.due = self.flushed;
            open.push(*peer);
        }
        for peer in open {
            self.pump(peer);
            if self.is_leaving {
                self.send(peer, &StateFrame::AskTaken);
            }
        }
    }

    /// Sends everything, and asks to be told when it is taken: the local member is about to leave.
    pub(crate) fn flush_to_leave(&mut self, now: Time) {
        self.is_leaving = true;
        self.flush(now);
    }

    /// Whether all `members` have what the local one has written lately, where it is about to leave. Told once.
    pub(crate) fn is_taken(&mut self, mut members: impl Iterator<Item = PeerId>) -> bool {
        let has_recent = self.own.range((self.recent(), 0)..).next().is_some();
        let has_all = |peer| match self.links.get(&peer) {
            Some(link) if link.is_open => link.has_taken(self.flushed),
            _ => !has_recent,
        };
        if !self.is_leaving || !members.all(has_all) {
            return false;
        }
        self.is_leaving = false;
        true
    }

    /// The space's time since when a write may not have been compared yet.
    fn recent(&self) -> u64 {
        settled::reach(self.store.step().saturating_sub(1))
    }

    /// Does what is due; when to do so again.
    pub(crate) fn tend(&mut self, now: Time) -> Time {
        if self.flush_at.is_some_and(|at| now >= at) {
            self.flush(now);
        }
        if let Entering::Asked(asked, patience) = self.entry
            && now >= patience
        {
            self.ask_another(now, asked);
        }
        let step = settled::step_at(self.time(now));
        if step > self.store.step() {
            self.take_step(step);
            if self.entry == Entering::Alone {
                self.ask_anybody(now);
            }
            self.compare_with_next();
        }
        self.due()
    }

    /// When something is due.
    pub(crate) fn due(&self) -> Time {
        let step = self.clock.when(settled::taken_at(self.store.step() + 1));
        let patience = match self.entry {
            Entering::Asked(_, patience) => Some(patience),
            Entering::Alone | Entering::Done => None,
        };
        [self.flush_at, patience]
            .into_iter()
            .flatten()
            .fold(step, Time::min)
    }

    /// Whoever had nobody left to ask asks again from the beginning.
    fn ask_anybody(&mut self, now: Time) {
        let open = self.links.iter().find(|(_, link)| link.is_open);
        if let Some((&peer, _)) = open {
            self.ask(now, peer);
        }
    }

    pub(super) fn take_step(&mut self, step: u64) {
        let Swept {
            given_up,
            forgotten,
        } = self.store.advance(step);
        for id in given_up {
            let Some(Slot { key, stamp, .. }) = self.store.slot(id).cloned() else {
                continue;
            };
            self.disown(id, &stamp);
            self.effects.push_back(Effect::Changed {
                key,
                value: None,
                author: stamp.author,
            });
        }
        for (id, stamp) in forgotten {
            self.disown(id, &stamp);
            for link in self.links.values_mut() {
                link.forget(id);
            }
        }
    }
}
