//! What members send one another reliably: who may say what, and the game's messages.

use bytes::Bytes;
use metaverse_protocol::{
    announcement::AnnouncementKind,
    control::{Control, GameMessage},
    id::{MemberNumber, PeerId},
    lane::Lane,
};

use crate::{
    config::{CONFIRM_BYTES, CONFIRM_DELAY, CONFIRM_MESSAGES},
    core::Core,
    inside::{Farewell, Inside},
    io::{CloseReason, Event, Now, Output},
    joining::Outcome,
    roster::Member,
};

impl Inside {
    pub(crate) fn send_message(
        &mut self,
        core: &mut Core,
        now: Now,
        to: Option<MemberNumber>,
        frame: &Bytes,
    ) {
        if to.is_none() && !self.topology.is_full_mesh() {
            return self.announce(core, AnnouncementKind::Message, frame.to_vec());
        }
        for member in self.roster.iter_mut() {
            if to.is_some_and(|to| to != member.admission.number) {
                continue;
            }
            member.outbox.push(now.time, frame.clone());
            if let Some(at) = member.outbox.stuck_at() {
                core.alarm(at);
            }
            if member.is_linked {
                core.output(Output::Frame {
                    to: member.admission.peer,
                    lane: Lane::Message,
                    bytes: frame.clone(),
                });
            }
        }
    }

    pub(crate) fn frame(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        lane: Lane,
        bytes: &Bytes,
    ) -> Option<Outcome> {
        match core.take_frame(now, from, lane) {
            Ok(()) => {}
            Err(CloseReason::Flooding) => {
                self.shun(core, now, from, CloseReason::Flooding);
                return None;
            }
            Err(_) => return None,
        }
        if lane == Lane::Control {
            return self.control_frame(core, now, from, bytes);
        }
        let Some(member) = self.roster.by_peer_mut(from) else {
            core.counters.unauthorized += 1;
            return None;
        };
        let understood = match lane {
            Lane::Message => take_message(core, now, member, bytes),
            Lane::State => {
                return self.state_frame(core, now, from, bytes);
            }
            Lane::Announcement => match self.announcement_frame(core, now, from, bytes) {
                Ok(outcome) => return outcome,
                Err(()) => false,
            },
            Lane::Bulk => self.bulk(core, now, from, bytes),
            Lane::Control => true,
        };
        if !understood {
            core.counters.malformed_frames += 1;
            self.shun(core, now, from, CloseReason::Malformed);
        }
        None
    }

    pub(crate) fn control_frame(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        bytes: &[u8],
    ) -> Option<Outcome> {
        let Ok(message) = Control::decode(bytes) else {
            core.counters.malformed_frames += 1;
            self.shun(core, now, from, CloseReason::Malformed);
            return None;
        };
        match message {
            Control::Join {
                space,
                permission,
                profile,
            } => {
                self.asked_to_admit(core, now, from, space, &permission, profile);
            }
            Control::Meet { .. } => self.introduced(core, now, from, message),
            Control::Removed {
                number, may_return, ..
            } if number == self.admission.number => {
                return self.told_to_go(core, from, may_return);
            }
            Control::Side { side, record } => {
                if let Some(record) = record {
                    self.found(core, now, from, *record);
                }
                self.side_told(core, now, from, side);
            }
            message if self.roster.number(from).is_some() => {
                self.member_message(core, now, from, message);
            }
            Control::Profile(profile) if self.has_met(from) => self.met_profile(from, profile),
            // It may not know yet that it is off the list.
            _ if self.absent.contains(from) => {}
            _ => {
                core.counters.unauthorized += 1;
                self.shun(core, now, from, CloseReason::Unauthorized);
            }
        }
        None
    }

    pub(crate) fn member_message(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        message: Control,
    ) {
        match message {
            Control::Received { count } => self.confirmed(core, now, from, count),
            Control::Profile(profile) => self.profile_changed(core, now, from, profile),
            Control::Avatar { avatar, rig } => {
                self.avatar_told(core, now, from, avatar, rig.as_deref());
            }
            Control::Links(reports) => self.links_told(core, from, &reports),
            Control::Over(over) => self.over_told(core, from, over),
            Control::Watch(watches) => core.watched(now, from, &watches),
            Control::Need(need) => self.need_told(core, now, from, need),
            Control::Serving(served) => self.serving_told(core, from, served),
            Control::Follow(follows) => self.follow_told(core, now, from, &follows),
            Control::AvatarOf {
                member,
                avatar,
                rig,
            } => self.avatar_of_told(core, now, from, (member, avatar), rig.as_deref()),
            Control::Leave { reason } => self.left(core, now, from, &reason),
            Control::Ask(number) => self.asked_about(core, from, number),
            Control::HostLost { epoch } => self.voted(core, now, from, epoch),
            Control::HostClaim {
                epoch,
                chain,
                votes,
            } => self.claimed(core, now, from, epoch, &chain, votes),
            Control::Vote(vote) => self.vote_given(core, now, from, vote),
            Control::Admitted(_)
            | Control::Removed { .. }
            | Control::PermissionUsed { .. }
            | Control::Successors(_)
            | Control::Forwarders(_) => {
                self.told_by_host(core, now, from, message);
            }
            // Answers to a question that was settled, as a newcomer asks several members at once; and what was handled
            // before it was asked whether the sender is a member.
            Control::Welcome(_)
            | Control::Roster(_)
            | Control::Refused(_)
            | Control::Redirect(_)
            | Control::Side { .. }
            | Control::Join { .. }
            | Control::Meet { .. } => {}
        }
    }

    pub(crate) fn confirmed(&mut self, core: &mut Core, now: Now, from: PeerId, count: u64) {
        let Some(member) = self.roster.by_peer_mut(from) else {
            return;
        };
        if member.outbox.confirm(now.time, count).is_err() {
            core.counters.malformed_frames += 1;
            self.shun(core, now, from, CloseReason::Malformed);
        }
    }

    pub(crate) fn left(&mut self, core: &mut Core, now: Now, from: PeerId, reason: &str) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        core.close(from, CloseReason::Done);
        if self.is_host() {
            return self.remove_as_host(core, now, number, reason, Farewell::ForGood);
        }
        if number == self.host {
            self.unlink(core, now, from);
            return self.host_lost(core, now);
        }
        self.forget(core, now, number, reason, Farewell::ForGood);
    }

    /// Confirms messages, and gives up links on which nothing moves.
    pub(crate) fn tend_members(&mut self, core: &mut Core, now: Now) {
        let mut stuck = Vec::new();
        for member in self.roster.iter_mut() {
            let peer = member.admission.peer;
            if member.outbox.is_stuck(now.time) {
                core.counters.lost_messages += member.outbox.clear();
                stuck.push(peer);
            }
            if let Some(at) = member.outbox.stuck_at() {
                core.alarm(at);
            }
            if member.is_linked {
                confirm(core, peer, member);
            }
        }
        for peer in stuck {
            if core.links.contains_key(&peer) {
                core.close(peer, CloseReason::NotReading);
                self.lost(core, now, peer);
            }
        }
    }
}

/// Hands a member's message to the game. False if it is not one.
fn take_message(core: &mut Core, now: Now, member: &mut Member, frame: &Bytes) -> bool {
    let Ok(message) = GameMessage::decode(frame) else {
        return false;
    };
    member.received.count += 1;
    member.received.unconfirmed_bytes += frame.len();
    let from = member.admission.number;
    core.event(Event::Message {
        from,
        topic: message.topic,
        private: message.private,
        data: message.data.into(),
    });
    let due = member.received.count - member.received.confirmed >= CONFIRM_MESSAGES
        || member.received.unconfirmed_bytes >= CONFIRM_BYTES;
    if due {
        confirm(core, member.admission.peer, member);
    } else {
        core.alarm(now.time + CONFIRM_DELAY);
    }
    true
}

/// Tells a member how many of its messages were had, if it does not know.
fn confirm(core: &mut Core, peer: PeerId, member: &mut Member) {
    let received = &mut member.received;
    if received.count == received.confirmed {
        return;
    }
    received.confirmed = received.count;
    received.unconfirmed_bytes = 0;
    core.send(
        peer,
        &Control::Received {
            count: received.count,
        },
    );
}
