//! What members carry for others: the sealed packets of two whose transports have no straight way to each other, and
//! datagrams that are better off this way. A carrier lends no more than its share.

use bytes::Bytes;
use metaverse_protocol::{
    datagram::Datagram,
    id::{MemberNumber, PeerId},
    packet::{self, PacketPart},
};

use crate::{
    core::{Core, Heard},
    inside::Inside,
    io::{Now, Output},
    routing::Traffic,
};

impl Inside {
    /// Sends a packet of the own transport over another member.
    pub(crate) fn send_packet(&mut self, core: &mut Core, now: Now, to: PeerId, packet: &Bytes) {
        let Some((number, carrier)) = self.carrier_to(core, now, to) else {
            core.counters.packets_without_way += 1;
            return;
        };
        let Some(member) = self.roster.get_mut(number) else {
            return;
        };
        member.packets_sent = member.packets_sent.wrapping_add(1);
        for part in packet::split(member.packets_sent, packet) {
            core.datagram(carrier, &Datagram::Carry { to: number, part });
        }
    }

    /// The number of `to`, and who carries packets there: who does so best as far as it was reported, or who carries
    /// from there, or the host, or anybody.
    pub(crate) fn carrier_to(
        &self,
        core: &Core,
        now: Now,
        to: PeerId,
    ) -> Option<(MemberNumber, PeerId)> {
        let member = self.roster.by_peer(to)?;
        let number = member.admission.number;
        let last = member.carried_by;
        if let Some(best) = self.best_carrier(core, now, number, Traffic::Reliable, last) {
            return Some((number, best.peer));
        }
        let way = self.way_to(number);
        let host = self.roster.get(self.host).map(|host| host.admission.peer);
        let others = self.roster.iter().map(|other| other.admission.peer);
        let carrier = last
            .into_iter()
            .chain(way)
            .chain(host)
            .chain(others)
            .find(|&other| other != to && can_carry(core, other))?;
        Some((number, carrier))
    }

    /// Hands on a packet that `from` wants carried to the member `to`.
    pub(crate) fn carry(
        &self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        to: MemberNumber,
        part: PacketPart<'_>,
    ) {
        let is_linked = self
            .roster
            .get(to)
            .is_some_and(|to| can_carry(core, to.admission.peer));
        let server = self.topology.server_of(to).filter(|_| !is_linked);
        let next = server.unwrap_or(to);
        if let Some((sender, receiver)) = self.may_hand_on(core, now, from, next) {
            let datagram = match server {
                Some(_) => Datagram::Passed {
                    from: sender,
                    to,
                    part,
                },
                None => Datagram::Carried { from: sender, part },
            };
            core.datagram(receiver, &datagram);
        }
    }

    /// Takes in a packet that another forwarder passes on to a member that is served here.
    pub(crate) fn passed(
        &self,
        core: &mut Core,
        now: Now,
        by: PeerId,
        (from, to): (MemberNumber, MemberNumber),
        part: PacketPart<'_>,
    ) {
        let is_forwarder = self
            .roster
            .number(by)
            .is_some_and(|by| self.topology.is_forwarder(by));
        if !is_forwarder || !self.topology.is_served(to) {
            core.counters.packets_without_way += 1;
            return;
        }
        if let Some((_, receiver)) = self.may_hand_on(core, now, by, to) {
            core.datagram(receiver, &Datagram::Carried { from, part });
        }
    }

    /// Hands on a datagram of `from` to the member `to`.
    pub(crate) fn forward(
        &self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        to: MemberNumber,
        bytes: &[u8],
    ) {
        if let Some((from, receiver)) = self.may_hand_on(core, now, from, to) {
            core.datagram(receiver, &Datagram::Forwarded { from, bytes });
        }
    }

    /// The number of `from` and the peer behind `to`, if something may be handed on between them.
    fn may_hand_on(
        &self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        to: MemberNumber,
    ) -> Option<(MemberNumber, PeerId)> {
        let Some(sender) = self.roster.number(from) else {
            core.counters.unauthorized += 1;
            return None;
        };
        let receiver = self.roster.get(to).map(|member| member.admission.peer);
        let Some(receiver) = receiver.filter(|&to| can_carry(core, to)) else {
            core.counters.packets_without_way += 1;
            return None;
        };
        let link = core.links.get_mut(&from)?;
        if !link.may_carry(now.time) {
            core.counters.flooded_packets += 1;
            return None;
        }
        core.counters.packets_carried += 1;
        Some((sender, receiver))
    }

    /// Takes in a packet that `by` has carried from the member `from`.
    pub(crate) fn carried(
        &mut self,
        core: &mut Core,
        by: PeerId,
        from: MemberNumber,
        part: PacketPart<'_>,
    ) {
        if self.roster.number(by).is_none() {
            core.counters.unauthorized += 1;
            return;
        }
        let Some(member) = self.roster.get_mut(from).filter(|from| !from.is_shunned) else {
            core.counters.packets_without_way += 1;
            return;
        };
        member.carried_by = Some(by);
        if let Some(bytes) = member.packets.take(part) {
            let from = member.admission.peer;
            core.output(Output::Packet { from, bytes });
        }
    }

    /// Takes in a datagram that `by` says to hand on from the member `from`.
    pub(crate) fn forwarded(
        &mut self,
        core: &mut Core,
        now: Now,
        by: PeerId,
        from: MemberNumber,
        bytes: &[u8],
    ) {
        let origin = self.roster.get(from).map(|member| member.admission.peer);
        let Some(origin) = origin.filter(|&origin| self.believes(core, now, by, origin)) else {
            core.counters.unbelieved_datagrams += 1;
            return;
        };
        match core.take_forwarded(now, by, (from, origin), bytes) {
            Some(Heard::Poses(poses)) => self.take_poses(core, now, origin, &poses),
            Some(Heard::Crowd(sent, entries)) => self.take_crowd(core, now, origin, sent, entries),
            _ => {}
        }
    }

    /// Whether `by` is believed to hand on from `origin`: `origin` has said so, or it is silent where it used to speak, and
    /// may have no other way to say so. The latter is checked at once.
    fn believes(&self, core: &mut Core, now: Now, by: PeerId, origin: PeerId) -> bool {
        if self.roster.number(by).is_none() {
            return false;
        }
        let Some(link) = core.links.get_mut(&origin) else {
            return false;
        };
        if link.comes_over == Some(by) {
            return true;
        }
        let may_have_no_other_way = link.is_straight() && link.is_straight_silent(now.time);
        if !may_have_no_other_way || link.is_liar(now.time, by) {
            return false;
        }
        link.believe_unchecked(now.time, by);
        let due = link.due();
        core.alarm(due);
        true
    }
}

/// Whether `peer` is reached without the help of other members.
fn can_carry(core: &Core, peer: PeerId) -> bool {
    core.links
        .get(&peer)
        .is_some_and(|link| link.is_straight() && !link.straight.is_overdue())
}
