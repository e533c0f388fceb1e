//! Packets that members carry for others: of two that have no straight way to each other, a third that has one to both
//! hands on what their transports seal. It reads nothing of it, and lends no more than its share.

use bytes::Bytes;
use metaverse_protocol::{
    datagram::Datagram,
    id::{MemberNumber, PeerId},
    packet::{self, PacketPart},
};

use crate::{
    core::Core,
    inside::Inside,
    io::{Now, Output, PathKind},
};

impl Inside {
    /// Sends a packet of the own transport over another member.
    pub(crate) fn send_packet(&mut self, core: &mut Core, to: PeerId, packet: &Bytes) {
        let Some((number, carrier)) = self.carrier_to(core, to) else {
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

    /// The number of `to`, and over whom it is reached.
    fn carrier_to(&self, core: &Core, to: PeerId) -> Option<(MemberNumber, PeerId)> {
        let member = self.roster.by_peer(to)?;
        let by_last = member.carried_by.filter(|by| is_straight(core, *by));
        let host = self.roster.get(self.host).map(|host| host.admission.peer);
        let others = self.roster.iter().map(|other| other.admission.peer);
        let carrier = by_last
            .into_iter()
            .chain(host)
            .chain(others)
            .find(|&other| other != to && is_straight(core, other))?;
        Some((member.admission.number, carrier))
    }

    /// Hands on what `from` wants carried to the member `to`.
    pub(crate) fn carry(
        &self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        to: MemberNumber,
        part: PacketPart<'_>,
    ) {
        let sender = self.roster.number(from);
        let receiver = self.roster.get(to).map(|member| member.admission.peer);
        let (Some(sender), Some(receiver)) = (sender, receiver.filter(|&to| is_straight(core, to)))
        else {
            core.counters.packets_without_way += 1;
            return;
        };
        if !core
            .links
            .get_mut(&from)
            .is_some_and(|link| link.may_carry(now.time))
        {
            core.counters.flooded_packets += 1;
            return;
        }
        core.counters.packets_carried += 1;
        core.datagram(receiver, &Datagram::Carried { from: sender, part });
    }

    /// Takes in what `by` has carried from the member `from`.
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
}

/// Whether `peer` is reached without the help of other members.
fn is_straight(core: &Core, peer: PeerId) -> bool {
    core.links
        .get(&peer)
        .is_some_and(|link| matches!(link.path, PathKind::Direct | PathKind::Relay))
}
