//! Members that were cut off from each other meet again. Each side has had a host of its own; the one that fewer follow gives
//! its office to the other. Nobody is believed for others: each member says itself, on its own link, whom it follows.

use std::cmp::Reverse;

use metaverse_protocol::{
    control::{Control, Side},
    id::{Epoch, PeerId},
    profile::MemberRecord,
    time::Time,
};

use crate::{
    config::{EPOCH_PAUSE, EPOCHS_AHEAD, SIDE_PAUSE},
    core::Core,
    inside::Inside,
    io::Now,
    roster::Member,
};

impl Inside {
    /// Tells `peer` whom the local member follows.
    pub(crate) fn tell_side(&self, core: &mut Core, peer: PeerId) {
        let Some(host) = self.peer_of(core, self.host) else {
            return;
        };
        let side = Side {
            host,
            epoch: self.epoch,
            followers: self.followers(core),
        };
        let is_lost = self.absent.contains(peer);
        let record = is_lost.then(|| Box::new(self.own_record(core)));
        core.send(peer, &Control::Side { side, record });
    }

    /// Tells the host of the new epoch that the local member follows it.
    pub(crate) fn tell_new_host(&mut self, core: &mut Core) {
        let Some(host) = self.roster.get(self.host) else {
            return;
        };
        let (peer, is_linked) = (host.admission.peer, host.is_linked);
        if !core.links.contains_key(&peer) {
            return;
        }
        if is_linked {
            self.tell_side(core, peer);
        } else {
            self.meet(core, peer);
        }
    }

    /// How many follow the local member, itself among them.
    fn followers(&self, core: &Core) -> u16 {
        if !self.is_host() {
            return 0;
        }
        1 + self.supporters(core.me())
    }

    /// How many of those who are or were here have said that they follow `host`.
    fn supporters(&self, host: PeerId) -> u16 {
        let were_here = self.absent.iter().filter(|absent| absent.was_here);
        let lost = were_here.map(|absent| &absent.member);
        let sides = self
            .roster
            .iter()
            .chain(lost)
            .filter_map(|member| member.side);
        sides.filter(|side| side.host == host).count() as u16
    }

    /// What others say who are hosts themselves.
    fn other_hosts(&self) -> impl Iterator<Item = Side> {
        self.everybody().filter_map(|member| {
            member
                .side
                .filter(|side| side.host == member.admission.peer)
        })
    }

    fn everybody(&self) -> impl Iterator<Item = &Member> {
        let absent = self.absent.iter().map(|absent| &absent.member);
        self.roster.iter().chain(absent)
    }

    /// Somebody that has lost the local member proves to be one itself.
    pub(crate) fn found(&mut self, core: &mut Core, now: Now, from: PeerId, record: MemberRecord) {
        if self.roster.number(from).is_some() || self.absent.contains(from) {
            return;
        }
        let member = Member::open(now.time, self.description.id, record);
        let is_sound = |member: &Member| {
            member.admission.peer == from && !self.roster.has_left(&member.admission)
        };
        if let Some(member) = member.filter(is_sound) {
            self.absent.insert_found(now.time, member);
            self.tell_side(core, from);
        }
    }

    /// A member, or one that was lost, says whom it follows. Of strangers that is of no interest yet.
    pub(crate) fn side_told(&mut self, core: &mut Core, now: Now, from: PeerId, side: Side) {
        if let Some(member) = self.roster.by_peer_mut(from) {
            member.side = Some(side);
        } else if let Some(absent) = self.absent.get_mut(from) {
            absent.member.side = Some(side);
        } else {
            return;
        }
        core.alarm(now.time);
        let is_for_me = side.host == core.me();
        let is_host = side.host == from;
        let from_host = self.roster.number(from) == Some(self.host);
        match (self.is_host(), is_for_me) {
            (true, true) => self.take_back(core, now, from),
            (true, false) => self.compare_sides(core, now),
            // Both hosts have given their office to each other.
            (false, true) if from_host && core.me() < from => {
                self.begin_reign(core, now, Vec::new());
            }
            (false, true) => self.tell_side(core, from),
            (false, false) if from_host && !is_host && side.epoch < self.epoch => {
                self.tell_mandate(core, from);
            }
            (false, false) if from_host && !is_host => self.go_over(core, now, side),
            (false, false) if is_host && self.succession.is_hostless() => {
                self.go_over(core, now, side);
            }
            (false, false) => {}
        }
    }

    /// Takes a member back that was lost and follows the local member, who is host.
    fn take_back(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        let may_return = |absent: &&crate::absent::Absent| absent.may_return(now.time);
        let Some(absent) = self.absent.get(peer).filter(may_return) else {
            return;
        };
        let record = absent.member.record.clone();
        if let Some(member) = Member::open(now.time, self.description.id, record) {
            self.take_in(core, now, member);
        }
    }

    /// Gives the office away if more follow another host, and those that the local member knows itself say so: at least
    /// half as many as it would bring along.
    fn compare_sides(&mut self, core: &mut Core, now: Now) {
        let me = core.me();
        let own = (self.followers(core), Reverse(me));
        let hosts = self.everybody().filter_map(|member| {
            let side = member
                .side
                .filter(|side| side.host == member.admission.peer)?;
            Some((side.followers, Reverse(side.host)))
        });
        let Some(other) = hosts.max().filter(|other| *other > own) else {
            return;
        };
        let Reverse(peer) = other.1;
        if 2 * self.supporters(peer) + 1 >= own.0 {
            self.yield_to(core, now, peer);
        }
    }

    fn yield_to(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        if let Some(absent) = self.absent.get(peer) {
            let record = absent.member.record.clone();
            self.tell_others(core, peer, &Control::Admitted(record));
            self.list_again(core, now, peer);
        }
        if let Some(number) = self.roster.number(peer) {
            self.hand_over(core, now, number, peer);
        }
    }

    /// Tells a host that has not heard that it is one by whose votes it is.
    fn tell_mandate(&self, core: &mut Core, peer: PeerId) {
        for vote in self.witnesses.mandate() {
            core.send(peer, &Control::Vote(vote.clone()));
        }
    }

    /// Follows the host of a side.
    fn go_over(&mut self, core: &mut Core, now: Now, side: Side) {
        self.list_again(core, now, side.host);
        if let Some(number) = self.roster.number(side.host) {
            let epoch = self.epoch.next().max(side.epoch.min(self.latest_epoch()));
            self.begin_epoch(core, now, number, epoch, Vec::new());
        }
    }

    /// Puts a member that was lost on the list again. It is linked when it says that the local member is on its list too.
    fn list_again(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        let Some(absent) = self.absent.get(peer) else {
            return;
        };
        let record = absent.member.record.clone();
        if let Some(member) = Member::open(now.time, self.description.id, record) {
            self.welcome_member(core, now, member);
            if self.is_host() {
                self.meet(core, peer);
            }
        }
    }

    /// The latest epoch that others are believed to have.
    pub(crate) fn latest_epoch(&self) -> Epoch {
        Epoch(self.epoch.0.saturating_add(EPOCHS_AHEAD))
    }

    /// Dials who was lost, and lets those who come back have their say.
    pub(crate) fn tend_absent(&mut self, core: &mut Core, now: Now) {
        for admission in self.absent.expire(now.time) {
            self.roster.end(&admission);
        }
        if !self.is_host() {
            return;
        }
        self.dial_absent(core, now.time);
        self.take_epoch(core, now);
        self.compare_sides(core, now);
        self.tell_rivals(core, now);
    }

    /// Tells other hosts how many follow the local member by now, as long as there are any.
    fn tell_rivals(&mut self, core: &mut Core, now: Now) {
        let rivals: Vec<PeerId> = self.other_hosts().map(|side| side.host).collect();
        if rivals.is_empty() || !self.is_host() {
            return;
        }
        let due = self.office.rivals_told + SIDE_PAUSE;
        if now.time < due {
            return core.alarm(due);
        }
        self.office.rivals_told = now.time;
        core.alarm(now.time + SIDE_PAUSE);
        for peer in rivals {
            self.tell_side(core, peer);
        }
    }

    fn dial_absent(&mut self, core: &mut Core, now: Time) {
        for absent in self
            .absent
            .iter_mut()
            .filter(|absent| absent.may_return(now))
        {
            match absent.dial_at {
                Some(at) if now >= at => {
                    absent.dial_at = None;
                    core.dial(absent.member.contact());
                }
                Some(at) => core.alarm(at),
                None => {}
            }
        }
    }

    /// Takes the latest epoch of those who follow, so that all have the same.
    fn take_epoch(&mut self, core: &mut Core, now: Now) {
        let following = self.roster.iter().filter_map(|member| member.side);
        let latest = following
            .filter(|side| side.host == core.me() && side.epoch <= self.latest_epoch())
            .map(|side| side.epoch)
            .max();
        let Some(epoch) = latest.filter(|epoch| *epoch > self.epoch) else {
            return;
        };
        let due = self.office.epoch_taken.map(|taken| taken + EPOCH_PAUSE);
        if let Some(due) = due.filter(|due| now.time < *due) {
            return core.alarm(due);
        }
        self.office.epoch_taken = Some(now.time);
        self.begin_epoch(core, now, self.admission.number, epoch, Vec::new());
        self.greet_all(core);
    }
}
