//! The links among members: opened, introduced, kept up, lost and opened again.

use bytes::Bytes;
use metaverse_protocol::{
    control::Control,
    id::{MemberNumber, PeerId},
    lane::Lane,
    profile::Profile,
    sign::Signed,
};

use crate::{
    admission::removal,
    config::{DIAL_PATIENCE, INTRODUCTION_TIMEOUT, SILENCE, STRANGERS},
    core::Core,
    inside::{Farewell, Inside, Meeting, Stranger},
    io::{CloseReason, Event, Now, Output, PathKind},
    link::Link,
    roster::{Member, Redial},
};

impl Inside {
    /// Members to whom the local one has introduced itself on an open link: they can be told what concerns the space,
    /// even before they have introduced themselves.
    pub(crate) fn reached(&self, core: &Core) -> Vec<PeerId> {
        let peers = self.roster.iter().map(|member| member.admission.peer);
        peers.filter(|peer| core.links.contains_key(peer)).collect()
    }

    pub(crate) fn connected(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        if core.links.remove(&peer).is_some() {
            // The other side has lost the link that was there, and begins anew: it lives, and is lost to nobody.
            self.unlink(core, now, peer);
        }
        core.open_link(now, peer);
        self.state_closed(core, now, peer);
        match self.roster.by_peer_mut(peer) {
            Some(member) if member.is_shunned => core.close(peer, CloseReason::Unauthorized),
            Some(member) => {
                member.redial.at = None;
                self.meet(core, peer);
            }
            None if self.strangers.len() >= STRANGERS => core.close(peer, CloseReason::Flooding),
            None => {
                let by = now.time + INTRODUCTION_TIMEOUT;
                core.alarm(by);
                self.strangers.insert(peer, Stranger { by, met: None });
                if let Some(absent) = self.absent.get_mut(peer) {
                    absent.dial_at = None;
                    self.tell_side(core, peer);
                }
            }
        }
    }

    /// Introduces the local member.
    pub(crate) fn meet(&self, core: &mut Core, peer: PeerId) {
        let Some(member) = self.roster.by_peer(peer) else {
            return;
        };
        let message = Control::Meet {
            record: Box::new(self.own_record(core)),
            number: member.admission.number,
            received: member.received.count,
            available: member.outbox.available(),
        };
        core.send(peer, &message);
        self.tell_side(core, peer);
    }

    /// A member has introduced itself: from now on it gets everything, beginning with what it has missed.
    pub(crate) fn linked(
        &mut self,
        core: &mut Core,
        now: Now,
        peer: PeerId,
        received: u64,
        available: u64,
    ) {
        let path = core
            .links
            .get(&peer)
            .map_or(PathKind::Unknown, Link::shown_path);
        let Some(member) = self
            .roster
            .by_peer_mut(peer)
            .filter(|member| !member.is_linked)
        else {
            return;
        };
        if member.outbox.confirm(now.time, received).is_err() {
            core.counters.malformed_frames += 1;
            return self.shun(core, now, peer, CloseReason::Malformed);
        }
        member.received.count = member.received.count.max(available);
        member.received.confirmed = member.received.count;
        member.is_linked = true;
        member.redial = Redial::at(now.time);
        member.redial.at = None;
        let number = member.admission.number;
        let waiting: Vec<Bytes> = member.outbox.frames().cloned().collect();
        for bytes in waiting {
            core.output(Output::Frame {
                to: peer,
                lane: Lane::Message,
                bytes,
            });
        }
        self.tell_links(core, peer);
        self.joined_up(core, now, peer);
        core.show_all(now, peer);
        if path != PathKind::Unknown {
            core.event(Event::PathChanged { number, path });
        }
        self.state_opened(core, now, peer);
        self.ask_images(core, now);
        if number == self.host {
            self.succession.host_is_back();
            self.ask_about_strangers(core);
        }
        self.greet_as_host(core, peer);
        self.tell_successors(core, peer);
        self.reconsider(core, now);
    }

    pub(crate) fn unlink(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        let Some(member) = self.roster.by_peer_mut(peer) else {
            return;
        };
        member.side = None;
        if !member.is_linked {
            return;
        }
        member.is_linked = false;
        member.unlinked_since = now.time;
        member.avatars.forget_told();
        let number = member.admission.number;
        self.succession.parted(number);
        self.state_closed(core, now, peer);
        self.crowds.closed(peer);
        let path = self.unlinked_path();
        core.event(Event::PathChanged { number, path });
    }

    /// The transport has no connection to `peer` any more. Whoever is heard over others meanwhile is not lost, but to be
    /// linked over them. Nor does a host give a member up at once whose link has failed.
    pub(crate) fn disconnected(
        &mut self,
        core: &mut Core,
        now: Now,
        peer: PeerId,
        reason: CloseReason,
    ) {
        let Some(link) = core.links.remove(&peer) else {
            return;
        };
        core.images.release(peer);
        let may_be_back =
            link.is_heard_over_others(now.time) || self.is_host() && reason == CloseReason::Failed;
        if reason == CloseReason::Done || !may_be_back {
            return self.lost(core, now, peer);
        }
        self.unlink(core, now, peer);
        if let Some(member) = self.roster.by_peer_mut(peer) {
            member.redial = Redial::at(now.time);
            core.alarm(now.time);
            core.alarm(now.time + SILENCE);
        }
    }

    /// How members are reached to whom there is no link.
    pub(crate) fn unlinked_path(&self) -> PathKind {
        if self.topology.is_full_mesh() {
            PathKind::Unknown
        } else {
            PathKind::Forwarded
        }
    }

    /// The link to `peer` is gone for good or for now.
    pub(crate) fn lost(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        self.strangers.remove(&peer);
        self.unlink(core, now, peer);
        if let Some(absent) = self.absent.get_mut(peer) {
            absent.parted(now.time);
            core.alarm(now.time);
        }
        let Some(member) = self.roster.by_peer_mut(peer) else {
            return;
        };
        member.redial.back_off(now.time);
        core.alarm(now.time);
        let number = member.admission.number;
        if self.is_host() && self.topology.is_full_mesh() {
            self.remove_as_host(core, now, number, "lost the connection", Farewell::Lost);
        } else if number == self.host && self.watches_host() {
            self.host_lost(core, now);
        } else {
            self.reconsider(core, now);
        }
    }

    /// Closes the link to a member that breaks the rules and opens none to it any more.
    pub(crate) fn shun(&mut self, core: &mut Core, now: Now, peer: PeerId, reason: CloseReason) {
        core.close(peer, reason);
        if let Some(member) = self.roster.by_peer_mut(peer) {
            member.is_shunned = true;
        }
        self.lost(core, now, peer);
    }

    pub(crate) fn path(&mut self, core: &mut Core, peer: PeerId, kind: PathKind) {
        let Some(link) = core.links.get_mut(&peer) else {
            return;
        };
        if link.path == kind {
            return;
        }
        let before = link.shown_path();
        link.path = kind;
        let path = link.shown_path();
        if let Some(member) = self.roster.by_peer(peer).filter(|member| member.is_linked) {
            let number = member.admission.number;
            if path != before {
                core.event(Event::PathChanged { number, path });
            }
        }
    }

    /// Dials the members whose time has come.
    pub(crate) fn dial_due(&mut self, core: &mut Core, now: Now) {
        let needed: Vec<MemberNumber> = self
            .roster
            .iter()
            .filter(|member| self.need_of(member).open)
            .map(|member| member.admission.number)
            .collect();
        for number in needed {
            let Some(member) = self.roster.get_mut(number) else {
                continue;
            };
            let peer = member.admission.peer;
            if core.links.contains_key(&peer) || member.is_shunned {
                continue;
            }
            match member.redial.at {
                Some(at) if now.time >= at => {
                    member.redial.at = None;
                    core.dial(member.contact());
                }
                Some(at) => core.alarm(at),
                None => {}
            }
        }
    }

    pub(crate) fn tend_strangers(&mut self, core: &mut Core, now: Now) {
        let late: Vec<PeerId> = self
            .strangers
            .iter()
            .filter(|(_, stranger)| now.time >= stranger.by)
            .map(|(&peer, _)| peer)
            .collect();
        for peer in late {
            self.strangers.remove(&peer);
            match self.absent.get_mut(peer) {
                Some(absent) => {
                    absent.parted(now.time);
                    core.close(peer, CloseReason::Done);
                }
                None => core.close(peer, CloseReason::Unauthorized),
            }
        }
        if let Some(by) = self.strangers.values().map(|stranger| stranger.by).min() {
            core.alarm(by);
        }
    }

    /// Takes in a [`Control::Meet`].
    pub(crate) fn introduced(&mut self, core: &mut Core, now: Now, from: PeerId, meet: Control) {
        if let Control::Meet {
            record,
            number,
            received,
            available,
        } = meet
        {
            let meeting = Meeting {
                record: *record,
                number,
                received,
                available,
            };
            self.met(core, now, from, meeting);
        }
    }

    pub(crate) fn met(&mut self, core: &mut Core, now: Now, from: PeerId, meeting: Meeting) {
        if meeting.number != self.admission.number {
            // It knows the local peer from an earlier stay, and will hear of this one.
            return;
        }
        let listed = self.roster.by_peer(from);
        let has_another = |listed: &Member| listed.record.admission != meeting.record.admission;
        if let Some(number) = listed
            .filter(|listed| has_another(listed))
            .map(|listed| listed.admission.number)
        {
            if !self.is_host() {
                // It has come back, which the host has yet to tell.
                return;
            }
            // Two hosts have admitted it at once, and it holds with the other.
            self.remove_came_back(core, now, number);
        }
        if let Some(member) = self.roster.by_peer_mut(from) {
            if member.update_profile(meeting.record.profile) {
                self.tell_updated(core, from);
            }
            return self.linked(core, now, from, meeting.received, meeting.available);
        }
        let Some(member) = Member::open(now.time, self.description.id, meeting.record.clone())
        else {
            core.counters.unauthorized += 1;
            self.strangers.remove(&from);
            return core.close(from, CloseReason::Unauthorized);
        };
        if member.admission.peer != from || self.roster.has_left(&member.admission) {
            core.counters.unauthorized += 1;
            self.strangers.remove(&from);
            let number = member.admission.number;
            core.send(from, &removal(number, "lost the connection"));
            return core.close(from, CloseReason::Unauthorized);
        }
        if self.is_host() && !self.absent.contains(from) {
            // Admitted by the host before, who was lost before everyone had heard of it.
            return self.admit_known(core, now, member, &meeting);
        }
        if let Some(stranger) = self.strangers.get_mut(&from) {
            stranger.met = Some(meeting);
            self.ask_about(core, member.admission.number);
        }
    }

    /// Asks the host about those who have introduced themselves while it was not reached.
    fn ask_about_strangers(&self, core: &mut Core) {
        let space = self.description.id;
        for met in self
            .strangers
            .values()
            .filter_map(|stranger| stranger.met.as_ref())
        {
            if let Ok(admission) = met.record.admission.open(space) {
                self.ask_about(core, admission.number);
            }
        }
    }

    /// Whether `peer` has introduced itself and waits for the host to confirm that it is a member.
    pub(crate) fn has_met(&self, peer: PeerId) -> bool {
        let stranger = self.strangers.get(&peer);
        stranger.is_some_and(|stranger| stranger.met.is_some())
    }

    /// The profile of somebody who waits so is another by now.
    pub(crate) fn met_profile(&mut self, peer: PeerId, profile: Signed<Profile>) {
        let stranger = self.strangers.get_mut(&peer);
        if let Some(meeting) = stranger.and_then(|stranger| stranger.met.as_mut()) {
            meeting.record.profile = profile;
        }
    }

    /// Puts a member on the list, and meets it if it waits for that.
    pub(crate) fn welcome_member(&mut self, core: &mut Core, now: Now, mut member: Member) {
        let peer = member.admission.peer;
        // Who is new dials; only if that does not come is it dialled.
        let patience = now.time + DIAL_PATIENCE;
        member.redial = Redial::at(patience);
        core.alarm(patience);
        self.latest = self.latest.max(member.admission.standing);
        self.highest = self.highest.max(member.admission.number);
        if let Some(lost) = self.absent.remove(peer)
            && lost.admission == member.admission
        {
            member.found_again(now.time, lost);
            core.alarm(now.time);
        }
        let number = member.admission.number;
        let view = member.view(self.unlinked_path());
        if !self.roster.add(member) {
            return;
        }
        core.event(Event::MemberJoined(view));
        self.renew_inviter(core);
        self.take_early(core, now, number);
        let Some(stranger) = self.strangers.remove(&peer) else {
            return;
        };
        if !self.is_host() {
            self.meet(core, peer);
        }
        if let Some(meeting) = stranger.met {
            self.met(core, now, peer, meeting);
        }
    }
}
