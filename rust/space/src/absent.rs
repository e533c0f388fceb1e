//! Members that were lost: off the list, but not forgotten, for they may only be cut off.

use std::collections::BTreeMap;

use metaverse_protocol::{id::PeerId, limits::MEMBERS, rights::Admission, time::Time};

use crate::{
    config::{ABSENCE, ABSENT_PAUSE},
    roster::Member,
};

/// A member that was lost.
#[derive(Debug)]
pub(crate) struct Absent {
    pub member: Member,
    since: Time,
    /// Whether it was lost here. Of others there is only their own word.
    pub was_here: bool,
    /// When to dial it; `None` while a dial is under way or a link open.
    pub dial_at: Option<Time>,
}

impl Absent {
    /// Whether it is a member again when it is found.
    pub(crate) fn may_return(&self, now: Time) -> bool {
        now.since(self.since) < ABSENCE
    }

    /// There is no link: it is dialled again in a moment.
    pub(crate) fn parted(&mut self, now: Time) {
        self.member.side = None;
        self.dial_at = Some(now + ABSENT_PAUSE);
    }
}

/// All members that were lost.
#[derive(Debug, Default)]
pub(crate) struct Absents(BTreeMap<PeerId, Absent>);

impl Absents {
    /// A member was lost.
    pub(crate) fn insert(&mut self, now: Time, member: Member) {
        self.add(now, member, true);
    }

    /// A member has come that was never here, and lost others.
    pub(crate) fn insert_found(&mut self, now: Time, member: Member) {
        self.add(now, member, false);
    }

    fn add(&mut self, now: Time, mut member: Member, was_here: bool) {
        if self.0.len() >= MEMBERS {
            return;
        }
        member.side = None;
        let absent = Absent {
            member,
            since: now,
            was_here,
            dial_at: Some(now + ABSENT_PAUSE),
        };
        self.0.insert(absent.member.admission.peer, absent);
    }

    pub(crate) fn contains(&self, peer: PeerId) -> bool {
        self.0.contains_key(&peer)
    }

    pub(crate) fn get(&self, peer: PeerId) -> Option<&Absent> {
        self.0.get(&peer)
    }

    pub(crate) fn get_mut(&mut self, peer: PeerId) -> Option<&mut Absent> {
        self.0.get_mut(&peer)
    }

    pub(crate) fn remove(&mut self, peer: PeerId) -> Option<Member> {
        self.0.remove(&peer).map(|absent| absent.member)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Absent> {
        self.0.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Absent> {
        self.0.values_mut()
    }

    /// Forgets who has been away for too long. A host waits for half as long, so that whoever it takes back is still
    /// known to all others.
    pub(crate) fn expire(&mut self, now: Time) -> Vec<Admission> {
        let is_late = |absent: &Absent| now.since(absent.since) >= 2 * ABSENCE;
        let late: Vec<Admission> = self
            .iter()
            .filter(|absent| is_late(absent))
            .map(|absent| absent.member.admission.clone())
            .collect();
        self.0.retain(|_, absent| !is_late(absent));
        late
    }
}
