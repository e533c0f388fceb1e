//! A member's transport: it dials, sends, acknowledges, sends again, and gives up, as that of `metaverse-net` does.

use std::time::Duration;

use bytes::Bytes;
use metaverse_protocol::{lane::Lane, time::Time};
use metaverse_space::io::{CloseReason, DialError, Input, PathKind};

use crate::{
    agenda::{Arrival, Task},
    link::{ACK_DELAY, Link, Stage},
    member::Member,
    net::{Net, Who},
    wire::{FRAME_BYTES, PACKET_BYTES, PACKET_ROOM, Piece, Place},
};

/// How long one dial is tried, as `metaverse-net` has it.
const DIAL_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a dial goes straight before it also goes over members.
const STRAIGHT_HEAD_START: Duration = Duration::from_millis(400);
/// How often a step of a handshake is tried again (QUIC's first probe timeout).
const HANDSHAKE_PAUSE: Duration = Duration::from_secs(1);
/// How long nothing is heard on a link that is then given up.
const CONNECTION_SILENCE: Duration = Duration::from_secs(5);
/// How long what was sent before a close may take to arrive.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How often open links are looked after.
const TEND_INTERVAL: Duration = Duration::from_secs(1);
/// How often a straight path is looked for, in seconds.
const PROBE_SECONDS: u64 = 5;
/// Packets that are acknowledged together (RFC 9000, section 13.2.2).
const OWED_MOST: u32 = 2;

/// The packet that was begun last: what goes to the same member in the same moment joins it.
#[derive(Clone, Copy)]
pub(crate) struct Packet {
    to: Who,
    at: Time,
    room: usize,
    is_lost: bool,
}

impl Member {
    fn link(&self, with: Who) -> Option<&Link> {
        self.links.get(with)?.as_deref()
    }

    fn link_mut(&mut self, with: Who) -> Option<&mut Link> {
        self.links.get_mut(with)?.as_deref_mut()
    }

    fn set_link(&mut self, with: Who, link: Option<Link>) {
        if self.links.len() <= with {
            self.links.resize_with(with + 1, || None);
        }
        self.links[with] = link.map(Box::new);
    }

    // ---- what the machine wants ----

    pub(crate) fn dial(&mut self, net: &Net, to: Who) {
        let is_under_way = |link: &Link| !matches!(link.stage, Stage::Closing(_));
        if self.link(to).is_some_and(is_under_way) {
            return;
        }
        self.dials += 1;
        let id = (self.who as u64) << 32 | u64::from(self.dials);
        self.set_link(to, Some(Link::new(id, Stage::Dialling, false, self.now)));
        self.send_straight(net, to, id, Piece::Handshake(0));
        self.agenda
            .add(self.now + STRAIGHT_HEAD_START, Task::Tend(to, id));
    }

    pub(crate) fn send_frame(&mut self, net: &Net, to: Who, lane: Lane, frame: &Bytes) {
        let Some(link) = self.link_mut(to).filter(|link| link.is_open()) else {
            return;
        };
        for place in link.cut(lane, frame) {
            self.unsent.push_back((to, place));
        }
        self.pump(net);
    }

    pub(crate) fn send_datagram(&mut self, net: &Net, to: Who, bytes: Bytes) {
        if self.link(to).is_some_and(Link::is_open) {
            self.send(net, to, Piece::Datagram(bytes));
        }
    }

    pub(crate) fn close(&mut self, net: &Net, with: Who, reason: CloseReason) {
        let now = self.now;
        let Some(link) = self.link_mut(with) else {
            return;
        };
        let is_open = link.is_open();
        (link.stage, link.since) = (Stage::Closing(reason), now);
        let (id, is_busy) = (link.id, link.is_busy());
        if is_open && is_busy {
            return self.agenda.add(now + CLOSE_TIMEOUT, Task::Tend(with, id));
        }
        self.finish_close(net, with, reason);
    }

    fn finish_close(&mut self, net: &Net, with: Who, reason: CloseReason) {
        self.send(net, with, Piece::Close(reason));
        self.set_link(with, None);
    }

    // ---- sending ----

    /// Sends segments as long as there is room on the link of the home: what is sent reliably is paced.
    pub(crate) fn pump(&mut self, net: &Net) {
        while let Some(&(to, place)) = self.unsent.front() {
            let free = self.uplink.half_free();
            if free > self.now {
                if !self.is_pumping {
                    self.is_pumping = true;
                    self.agenda.add(free, Task::Pump);
                }
                return;
            }
            self.unsent.pop_front();
            self.send_segment(net, to, place);
        }
    }

    fn send_segment(&mut self, net: &Net, to: Who, place: Place) {
        let now = self.now;
        let Some(link) = self.link_mut(to) else {
            return;
        };
        let Some(piece) = link.send(now, place) else {
            return;
        };
        let id = link.id;
        if !std::mem::replace(&mut link.is_resending, true) {
            let due = link.overdue(now).1;
            self.agenda.add(due.unwrap_or(now), Task::Resend(to, id));
        }
        self.send(net, to, piece);
    }

    pub(crate) fn resend(&mut self, net: &Net, to: Who, id: u64) {
        let now = self.now;
        let Some(link) = self.link_mut(to).filter(|link| link.id == id) else {
            return;
        };
        let (overdue, later) = link.overdue(now);
        link.is_resending = later.is_some();
        if let Some(later) = later {
            self.agenda.add(later, Task::Resend(to, id));
        }
        for place in overdue {
            self.send_segment(net, to, place);
        }
    }

    /// Sends on the link to somebody, with what is to be acknowledged there.
    fn send(&mut self, net: &Net, to: Who, piece: Piece) {
        let Some(link) = self.link_mut(to) else {
            return;
        };
        let (id, is_over) = (link.id, link.is_over);
        if let Some(ack) = link.take_owed() {
            self.send_on(net, to, id, is_over, ack);
        }
        self.send_on(net, to, id, is_over, piece);
    }

    fn send_on(&mut self, net: &Net, to: Who, id: u64, is_over: bool, piece: Piece) {
        if !is_over {
            return self.send_straight(net, to, id, piece);
        }
        let (to, bytes) = (net.peer(to), piece.seal(id));
        self.input(net, Input::Packet { to, bytes });
    }

    /// Sends on the own uplink. An acknowledgement of datagrams alone takes its room there and changes nothing elsewhere.
    fn send_straight(&mut self, net: &Net, to: Who, link: u64, piece: Piece) {
        let needed = FRAME_BYTES + piece.length();
        let open = self
            .packet
            .filter(|open| open.to == to && open.at == self.now && open.room >= needed);
        let begins_packet = open.is_none();
        let mut packet = open.unwrap_or_else(|| self.begin_packet(net, to));
        packet.room = packet.room.saturating_sub(needed);
        let bytes = if begins_packet {
            PACKET_BYTES + piece.length()
        } else {
            needed
        };
        let through = self.uplink.pass(self.now, bytes);
        self.packet = through.map(|_| packet);
        let Some(through) = through else {
            self.journal.dropped += 1;
            return;
        };
        self.journal.sent_bytes += bytes as u64;
        let is_nothing = matches!(&piece, Piece::Ack(places) if places.is_empty());
        if packet.is_lost || is_nothing {
            return;
        }
        let arrival = Arrival {
            from: self.who,
            link,
            bytes,
            begins_packet,
            piece,
        };
        self.outbox
            .push((to, through + net.delay(self.who, to), arrival));
    }

    fn begin_packet(&mut self, net: &Net, to: Who) -> Packet {
        if self.bursts.len() <= to {
            self.bursts.resize_with(to + 1, Default::default);
        }
        let takes = self.bursts[to].takes(self.now, net.loss, &mut self.chance);
        Packet {
            to,
            at: self.now,
            room: PACKET_ROOM,
            is_lost: takes || !net.carries(self.who, to),
        }
    }

    // ---- what comes ----

    /// A piece has come to the router before the home.
    pub(crate) fn arrive(&mut self, arrival: Arrival) {
        match self.downlink.pass(self.now, arrival.bytes) {
            Some(through) => self.agenda.add_inside(through, arrival),
            None => self.journal.dropped += 1,
        }
    }

    /// A packet has come over other members.
    pub(crate) fn carried(&mut self, net: &Net, from: Who, bytes: &Bytes) {
        if let Some((link, piece)) = Piece::open(bytes) {
            let arrival = Arrival {
                from,
                link,
                bytes: 0,
                begins_packet: true,
                piece,
            };
            self.take(net, arrival, true);
        }
    }

    /// A piece has come.
    pub(crate) fn take(&mut self, net: &Net, arrival: Arrival, is_over: bool) {
        let Arrival {
            from,
            link: id,
            piece,
            ..
        } = arrival;
        if let Piece::Handshake(step) = piece {
            return self.shake_hands(net, from, id, step, is_over);
        }
        let now = self.now;
        let known = self.link_mut(from).filter(|link| link.id == id);
        let Some(link) = known else {
            if piece.is_acknowledged() {
                self.send_on(net, from, id, is_over, Piece::Reset);
            }
            return;
        };
        link.heard = now;
        if link.stage == Stage::Finishing {
            // What opens the link has got lost, or was overtaken.
            self.opened(net, from);
        }
        let is_owed = arrival.begins_packet && piece.is_acknowledged();
        self.take_piece(net, from, piece);
        if is_owed {
            self.owe(net, from);
        }
    }

    fn take_piece(&mut self, net: &Net, from: Who, piece: Piece) {
        let (now, peer) = (self.now, net.peer(from));
        let Some(link) = self.link_mut(from) else {
            return;
        };
        let is_closing = !link.is_open();
        match piece {
            Piece::Datagram(bytes) if !is_closing => {
                self.input(net, Input::Datagram { from: peer, bytes });
            }
            Piece::Segment(place, is_last, bytes) => {
                link.take(place, is_last, bytes);
                self.take_frames(net, from, place.0);
            }
            Piece::Ack(places) => {
                link.acknowledged(now, &places);
                if let (Stage::Closing(reason), false) = (link.stage, link.is_busy()) {
                    self.finish_close(net, from, reason);
                }
            }
            Piece::Close(reason) => self.gone(net, from, reason),
            Piece::Reset => self.gone(net, from, CloseReason::Failed),
            Piece::Probe(is_answer) => self.probed(net, from, is_answer),
            Piece::Datagram(_) | Piece::Handshake(_) => {}
        }
    }

    fn take_frames(&mut self, net: &Net, from: Who, lane: Lane) {
        let peer = net.peer(from);
        // The machine may close the link over any frame.
        while let Some(link) = self.link_mut(from).filter(|link| link.is_open()) {
            let Some(bytes) = link.frame(lane) else {
                return;
            };
            let from = peer;
            self.input(net, Input::Frame { from, lane, bytes });
        }
    }

    /// Acknowledges a packet: with what goes there next, or after a while, or at once if there are several.
    fn owe(&mut self, net: &Net, to: Who) {
        let now = self.now;
        let Some(link) = self.link_mut(to) else {
            return;
        };
        link.owed += 1;
        if link.owed >= OWED_MOST {
            return self.acknowledge(net, to);
        }
        link.owed_since = now;
        self.agenda.add_owed(now + ACK_DELAY, to);
    }

    pub(crate) fn acknowledge_due(&mut self, net: &Net, to: Who) {
        let now = self.now;
        let is_due = |link: &Link| link.owed > 0 && now.since(link.owed_since) >= ACK_DELAY;
        if self.link(to).is_some_and(is_due) {
            self.acknowledge(net, to);
        }
    }

    fn acknowledge(&mut self, net: &Net, to: Who) {
        let Some(link) = self.link_mut(to) else {
            return;
        };
        let (id, is_over) = (link.id, link.is_over);
        if let Some(ack) = link.take_owed() {
            self.send_on(net, to, id, is_over, ack);
        }
    }

    /// The other side has closed the link, or the transport gives it up.
    fn gone(&mut self, net: &Net, with: Who, reason: CloseReason) {
        let was_open = self.link(with).is_some_and(Link::is_open);
        self.set_link(with, None);
        if was_open {
            let peer = net.peer(with);
            self.input(net, Input::Disconnected { peer, reason });
        }
    }

    // ---- links ----

    fn shake_hands(&mut self, net: &Net, from: Who, id: u64, step: u8, is_over: bool) {
        let now = self.now;
        let own = self.link_mut(from).filter(|link| link.id == id);
        match (step, own) {
            (0, _) => self.send_on(net, from, id, is_over, Piece::Handshake(1)),
            (1, Some(link)) if link.stage == Stage::Dialling || link.is_over && !is_over => {
                (link.stage, link.since, link.is_over) = (Stage::Finishing, now, is_over);
                self.send_on(net, from, id, is_over, Piece::Handshake(2));
            }
            (2, Some(_)) => self.send_on(net, from, id, is_over, Piece::Handshake(3)),
            (2, None) => self.chosen(net, from, id, is_over),
            (3, Some(link)) if link.stage == Stage::Finishing => {
                link.heard = now;
                self.opened(net, from);
            }
            _ => {}
        }
    }

    /// A link that the other side has dialled is complete. Of two dials at once that of the smaller id stays.
    fn chosen(&mut self, net: &Net, from: Who, id: u64, is_over: bool) {
        let is_dialling = |link: &Link| matches!(link.stage, Stage::Dialling | Stage::Finishing);
        if self.link(from).is_some_and(is_dialling) && net.peer(self.who) < net.peer(from) {
            return;
        }
        self.set_link(
            from,
            Some(Link::new(id, Stage::Finishing, is_over, self.now)),
        );
        self.send_on(net, from, id, is_over, Piece::Handshake(3));
        self.opened(net, from);
    }

    fn opened(&mut self, net: &Net, with: Who) {
        let now = self.now;
        let Some(link) = self.link_mut(with) else {
            return;
        };
        (link.stage, link.since) = (Stage::Open, now);
        let (id, is_over) = (link.id, link.is_over);
        self.agenda.add(now + TEND_INTERVAL, Task::Tend(with, id));
        let peer = net.peer(with);
        self.input(net, Input::Connected { peer });
        let kind = if is_over {
            PathKind::Forwarded
        } else {
            PathKind::Direct
        };
        self.input(net, Input::Path { peer, kind });
    }

    /// Looks after a link whose time has come.
    pub(crate) fn tend(&mut self, net: &Net, with: Who, id: u64) {
        let now = self.now;
        let Some(link) = self.link(with).filter(|link| link.id == id) else {
            return;
        };
        let age = now.since(link.since);
        match link.stage {
            Stage::Dialling | Stage::Finishing if age >= DIAL_TIMEOUT => {
                self.set_link(with, None);
                let (peer, error) = (net.peer(with), DialError::Unreachable);
                return self.input(net, Input::DialFailed { peer, error });
            }
            Stage::Dialling => {
                self.agenda.add(now + HANDSHAKE_PAUSE, Task::Tend(with, id));
                self.send_on(net, with, id, false, Piece::Handshake(0));
                return self.send_on(net, with, id, true, Piece::Handshake(0));
            }
            Stage::Finishing => {
                let is_over = link.is_over;
                self.send_on(net, with, id, is_over, Piece::Handshake(2));
            }
            Stage::Open if now.since(link.heard) >= CONNECTION_SILENCE => {
                return self.gone(net, with, CloseReason::Failed);
            }
            Stage::Open if link.is_over && age.as_secs().is_multiple_of(PROBE_SECONDS) => {
                self.send_straight(net, with, id, Piece::Probe(false));
            }
            Stage::Open => {}
            Stage::Closing(reason) if age >= CLOSE_TIMEOUT => {
                return self.finish_close(net, with, reason);
            }
            Stage::Closing(_) => return,
        }
        self.agenda.add(now + TEND_INTERVAL, Task::Tend(with, id));
    }

    /// A straight path was found for a link that goes over members.
    fn probed(&mut self, net: &Net, from: Who, is_answer: bool) {
        let Some(link) = self.link_mut(from) else {
            return;
        };
        let id = link.id;
        let was_over = std::mem::replace(&mut link.is_over, false);
        if !is_answer {
            self.send_straight(net, from, id, Piece::Probe(true));
        }
        if was_over {
            let (peer, kind) = (net.peer(from), PathKind::Direct);
            self.input(net, Input::Path { peer, kind });
        }
    }
}
