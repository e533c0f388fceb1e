//! What the person behind a member has seen: the list of members, the hosts, the poses, what came twice.

use std::{collections::BTreeMap, time::Duration};

use metaverse_avatar::Level;
use metaverse_protocol::{id::MemberNumber, time::Time};
use metaverse_space::io::{Event, Inviter};

use crate::net::{Net, Who};

/// What is known of another member's avatar.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// When the newest pose was captured.
    pub(crate) captured: Time,
    pub(crate) arrived: Time,
    pub(crate) level: Level,
    /// Since when it has come at this level.
    pub(crate) since: Time,
}

/// How long at most nothing came of a member whose link has died.
pub(crate) struct Gap {
    pub(crate) of: Who,
    /// How long it usually is.
    pub(crate) usual: Duration,
    pub(crate) last: Time,
    pub(crate) until: Time,
    pub(crate) longest: Duration,
}

#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) members: BTreeMap<MemberNumber, Who>,
    pub(crate) inviter: Option<Box<Inviter>>,
    pub(crate) entered: Option<Time>,
    pub(crate) is_refused: bool,
    /// Whether it is out of the space again.
    pub(crate) is_out: bool,
    /// Whether the world has noted that it is out, or was not let in.
    pub(crate) is_noted: bool,
    /// Who was the host from when on.
    pub(crate) hosts: Vec<(Time, Who)>,
    /// By who it is of.
    pub(crate) seen: Vec<Option<Seen>>,
    pub(crate) gaps: Vec<Gap>,
    /// The last message of each member.
    heard: BTreeMap<Who, u32>,
    pub(crate) duplicates: u64,
    /// Bytes that were sent, with all headers.
    pub(crate) sent_bytes: u64,
    /// Pieces that were dropped in one of the two queues.
    pub(crate) dropped: u64,
}

impl Journal {
    /// Takes in what the game is told.
    pub(crate) fn take(&mut self, now: Time, net: &Net, event: &Event) {
        match event {
            Event::Joined { members, host, .. } => {
                self.entered = Some(now);
                for view in members {
                    self.add(view.number, net.who(view.peer));
                }
                self.host(now, *host);
            }
            Event::MemberJoined(view) => self.add(view.number, net.who(view.peer)),
            Event::MemberLeft { number, .. } => {
                if let Some(who) = self.members.remove(number) {
                    self.forget(who);
                }
            }
            Event::HostChanged { host } => self.host(now, *host),
            Event::Message { from, data, .. } => self.message(*from, data),
            Event::JoinFailed { .. } => self.is_refused = true,
            Event::Left { .. } => (self.entered, self.is_out) = (None, true),
            _ => {}
        }
    }

    fn add(&mut self, number: MemberNumber, who: Option<Who>) {
        let Some(who) = who else { return };
        let is_known = self.members.values().any(|other| *other == who);
        let replaced = self.members.insert(number, who);
        self.duplicates += u64::from(is_known || replaced.is_some());
    }

    fn forget(&mut self, who: Who) {
        if let Some(seen) = self.seen.get_mut(who) {
            *seen = None;
        }
        self.gaps.retain(|gap| gap.of != who);
    }

    fn host(&mut self, now: Time, number: MemberNumber) {
        if let Some(&host) = self.members.get(&number) {
            self.hosts.push((now, host));
        }
    }

    /// Messages of a member carry numbers that grow.
    fn message(&mut self, from: MemberNumber, data: &[u8]) {
        let number = data.first_chunk().map(|number| u32::from_le_bytes(*number));
        let (Some(&from), Some(number)) = (self.members.get(&from), number) else {
            return;
        };
        let last = self.heard.insert(from, number);
        self.duplicates += u64::from(last.is_some_and(|last| last >= number));
    }

    /// A pose has come.
    pub(crate) fn pose(&mut self, now: Time, of: Who, captured: Time, level: Level) {
        if self.seen.len() <= of {
            self.seen.resize(of + 1, None);
        }
        let before = self.seen[of].filter(|seen| seen.level == level);
        self.seen[of] = Some(Seen {
            captured,
            arrived: now,
            level,
            since: before.map_or(now, |seen| seen.since),
        });
        for gap in self.gaps.iter_mut().filter(|gap| gap.of == of) {
            gap.take(now);
        }
    }

    pub(crate) fn seen(&self, of: Who) -> Option<Seen> {
        self.seen.get(of).copied().flatten()
    }
}

impl Gap {
    /// Something has come, or time is over.
    pub(crate) fn take(&mut self, now: Time) {
        let now = now.min(self.until);
        self.longest = self.longest.max(now.since(self.last));
        self.last = self.last.max(now);
    }
}
