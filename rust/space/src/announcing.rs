//! What members say to all in a space that is no full mesh. It goes to the home, from there to all forwarders, and from
//! each to those it serves. Everybody counts what it has of each member; whenever two begin to hand on to each other, they
//! compare and send what is missing.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use metaverse_protocol::{
    announcement::{Announcement, AnnouncementFrame, AnnouncementKind, Head},
    control::{Control, GameMessage},
    id::{MemberNumber, PeerId},
    lane::Lane,
    time::Time,
};

use crate::{
    config::{ANNOUNCEMENT_BYTES, ANNOUNCEMENTS, ASK_AGAIN, EARLY_ANNOUNCEMENTS, EARLY_BYTES},
    core::Core,
    inside::Inside,
    io::{Event, Now, Output},
    joining::Outcome,
};

#[derive(Debug, Default)]
pub(crate) struct Announcing {
    /// How many announcements of each member were had without a gap, the local one's own among them.
    heard: BTreeMap<MemberNumber, u64>,
    /// The latest of them, for those who lack some.
    kept: VecDeque<Kept>,
    kept_bytes: usize,
    /// Those of members that the host has yet to tell of, and who has handed them on.
    early: VecDeque<(MemberNumber, PeerId, Bytes)>,
    /// When somebody was last asked for what is missing.
    asked: Option<Time>,
}

#[derive(Debug)]
struct Kept {
    origin: MemberNumber,
    sequence: u64,
    frame: Bytes,
}

impl Announcing {
    pub(crate) fn new(heard: BTreeMap<MemberNumber, u64>) -> Self {
        Self {
            heard,
            ..Self::default()
        }
    }

    /// How many were had of each member.
    pub(crate) fn heard(&self) -> Vec<(MemberNumber, u64)> {
        self.heard
            .iter()
            .map(|(&number, &count)| (number, count))
            .collect()
    }

    pub(crate) fn forget(&mut self, number: MemberNumber) {
        self.heard.remove(&number);
    }

    pub(crate) fn heard_of(&self, origin: MemberNumber) -> u64 {
        self.heard.get(&origin).copied().unwrap_or_default()
    }

    fn keep(&mut self, origin: MemberNumber, sequence: u64, frame: Bytes) {
        self.kept_bytes += frame.len();
        self.kept.push_back(Kept {
            origin,
            sequence,
            frame,
        });
        while self.kept.len() > ANNOUNCEMENTS || self.kept_bytes > ANNOUNCEMENT_BYTES {
            let Some(oldest) = self.kept.pop_front() else {
                return;
            };
            self.kept_bytes -= oldest.frame.len();
        }
    }
}

impl Inside {
    /// Tells all members something about the space.
    pub(crate) fn tell_all(&mut self, core: &mut Core, message: &Control) {
        if self.topology.is_full_mesh() {
            return self.tell_linked(core, message);
        }
        self.announce(core, AnnouncementKind::Control, message.encode());
    }

    /// Tells those to whom there is a link.
    pub(crate) fn tell_linked(&self, core: &mut Core, message: &Control) {
        for peer in self.reached(core) {
            core.send(peer, message);
        }
    }

    /// Says something to all.
    pub(crate) fn announce(&mut self, core: &mut Core, kind: AnnouncementKind, body: Vec<u8>) {
        let (space, origin) = (self.description.id, self.admission.number);
        let sequence = self.announcing.heard_of(origin);
        let said = Announcement::new(&core.identity, space, origin, sequence, kind, body);
        let frame = AnnouncementFrame::Said(said).encode().into();
        self.hand_on(core, None, (origin, sequence), frame);
    }

    /// Counts and keeps an announcement, and hands it on.
    fn hand_on(
        &mut self,
        core: &mut Core,
        from: Option<PeerId>,
        (origin, sequence): (MemberNumber, u64),
        frame: Bytes,
    ) {
        for to in self.branches(from) {
            core.output(Output::Frame {
                to,
                lane: Lane::Announcement,
                bytes: frame.clone(),
            });
        }
        self.announcing.heard.insert(origin, sequence + 1);
        self.announcing.keep(origin, sequence, frame);
    }

    /// To whom goes what comes from `from`, or is the local member's own: forwarders have it from the first of them.
    pub(crate) fn branches(&self, from: Option<PeerId>) -> Vec<PeerId> {
        let fellows = self.fellows();
        let is_from_fellow = from.is_some_and(|from| fellows.contains(&from));
        let mut branches = self.served();
        branches.extend(self.home());
        if !is_from_fellow {
            branches.extend(fellows);
        }
        branches.retain(|&to| Some(to) != from);
        branches
    }

    /// Whether the local member and `peer` hand on to each other.
    pub(crate) fn is_branch(&self, peer: PeerId) -> bool {
        let number = self.roster.number(peer);
        number.is_some_and(|number| {
            self.topology.is_served(number)
                || self.topology.home() == Some(number)
                || self.is_forwarder() && self.topology.is_forwarder(number)
        })
    }

    /// Tells `peer` what was had, so that it sends what is missing.
    pub(crate) fn tell_heard(&self, core: &mut Core, peer: PeerId) {
        let heard = AnnouncementFrame::Heard(self.announcing.heard());
        core.output(Output::Frame {
            to: peer,
            lane: Lane::Announcement,
            bytes: heard.encode().into(),
        });
    }

    /// Takes in a frame of the announcement lane. An error if it is none.
    pub(crate) fn announcement_frame(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        frame: &Bytes,
    ) -> Result<Option<Outcome>, ()> {
        match AnnouncementFrame::decode(frame).map_err(|_| ())? {
            AnnouncementFrame::Said(said) => {
                let head = said.claimed().ok_or(())?;
                return Ok(self.said(core, now, from, (head, &said), frame));
            }
            AnnouncementFrame::Heard(heard) => {
                let link = core.links.get_mut(&from);
                if link.is_some_and(|link| link.heard.take(now.time)) {
                    self.catch_up(core, from, heard);
                } else {
                    core.counters.flooded_requests += 1;
                }
            }
            AnnouncementFrame::Begins(origin, sequence) => {
                self.begins(core, from, origin, sequence);
            }
        }
        Ok(None)
    }

    fn said(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        (claimed, said): (Head, &Announcement),
        frame: &Bytes,
    ) -> Option<Outcome> {
        let origin = claimed.origin;
        if origin == self.admission.number {
            return None;
        }
        let Some(member) = self.roster.get(origin) else {
            self.keep_early(origin, from, frame);
            return None;
        };
        let next = self.announcing.heard_of(origin);
        if claimed.sequence < next {
            return None;
        }
        if claimed.sequence > next {
            self.ask_missing(core, now, from);
            return None;
        }
        let signer = member.admission.peer;
        let opened = said.open(signer);
        let Some((head, body)) = opened.filter(|(head, _)| head.space == self.description.id)
        else {
            core.counters.unauthorized += 1;
            return None;
        };
        self.hand_on(core, Some(from), (origin, head.sequence), frame.clone());
        self.announced(core, now, signer, head, body)
    }

    /// Takes in what a member has said to all.
    fn announced(
        &mut self,
        core: &mut Core,
        now: Now,
        origin: PeerId,
        head: Head,
        body: &[u8],
    ) -> Option<Outcome> {
        match head.kind {
            AnnouncementKind::Message => match GameMessage::decode(body) {
                Ok(message) => core.event(Event::Message {
                    from: head.origin,
                    topic: message.topic,
                    private: false,
                    data: message.data.into(),
                }),
                Err(_) => core.counters.malformed_frames += 1,
            },
            AnnouncementKind::Control => match Control::decode(body) {
                Ok(Control::Removed {
                    number, may_return, ..
                }) if number == self.admission.number => {
                    return self.told_to_go(core, origin, may_return);
                }
                Ok(
                    message @ (Control::Profile(_)
                    | Control::Admitted(_)
                    | Control::Removed { .. }
                    | Control::PermissionUsed { .. }
                    | Control::Successors(_)
                    | Control::Forwarders(_)
                    | Control::HostClaim { .. }
                    | Control::Vote(_)
                    | Control::Leave { .. }),
                ) => self.member_message(core, now, origin, message),
                _ => core.counters.malformed_frames += 1,
            },
        }
        None
    }

    fn keep_early(&mut self, origin: MemberNumber, from: PeerId, frame: &Bytes) {
        if frame.len() > EARLY_BYTES {
            // It is asked for again when the next one comes.
            return;
        }
        let early = &mut self.announcing.early;
        early.push_back((origin, from, frame.clone()));
        if early.len() > EARLY_ANNOUNCEMENTS {
            early.pop_front();
        }
    }

    /// Takes in what a member has said before the host told of it.
    pub(crate) fn take_early(&mut self, core: &mut Core, now: Now, number: MemberNumber) {
        let early = std::mem::take(&mut self.announcing.early);
        let (its, others) = early
            .into_iter()
            .partition(|(origin, ..)| *origin == number);
        self.announcing.early = others;
        let its: VecDeque<(MemberNumber, PeerId, Bytes)> = its;
        for (_, from, frame) in its {
            if self.announcement_frame(core, now, from, &frame).is_err() {
                core.counters.malformed_frames += 1;
            }
        }
    }

    fn ask_missing(&mut self, core: &mut Core, now: Now, from: PeerId) {
        let asked = self.announcing.asked;
        if asked.is_none_or(|at| now.time.since(at) >= ASK_AGAIN) && self.is_branch(from) {
            self.announcing.asked = Some(now.time);
            self.tell_heard(core, from);
        }
    }

    /// Sends `peer` what it has not had.
    fn catch_up(&self, core: &mut Core, peer: PeerId, heard: Vec<(MemberNumber, u64)>) {
        let heard: BTreeMap<MemberNumber, u64> = heard.into_iter().collect();
        let is_home = self.home() == Some(peer);
        let mut begun = BTreeMap::new();
        for kept in &self.announcing.kept {
            let had = heard.get(&kept.origin).copied().unwrap_or_default();
            let is_own = kept.origin == self.admission.number;
            if kept.sequence < had || is_home && !is_own {
                continue;
            }
            if *begun.entry(kept.origin).or_insert(kept.sequence) == kept.sequence
                && kept.sequence > had
            {
                let begins = AnnouncementFrame::Begins(kept.origin, kept.sequence);
                core.output(Output::Frame {
                    to: peer,
                    lane: Lane::Announcement,
                    bytes: begins.encode().into(),
                });
            }
            core.output(Output::Frame {
                to: peer,
                lane: Lane::Announcement,
                bytes: kept.frame.clone(),
            });
        }
    }

    /// Whoever hands on has no announcements of a member before this one.
    fn begins(&mut self, core: &mut Core, from: PeerId, origin: MemberNumber, sequence: u64) {
        if !self.is_branch(from) {
            core.counters.unauthorized += 1;
            return;
        }
        let heard = self.announcing.heard_of(origin);
        if sequence > heard && self.roster.get(origin).is_some() {
            core.counters.lost_messages += sequence - heard;
            self.announcing.heard.insert(origin, sequence);
        }
    }
}
