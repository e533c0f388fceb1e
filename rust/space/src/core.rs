//! What every phase of a space shares: the local person, the open links, and the queue of outputs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
};

use bytes::Bytes;
use metaverse_protocol::{
    control::Control,
    datagram::{BundleSequence, CrowdEntries, Datagram, DatagramError, PoseEntries},
    id::{ContentHash, MemberNumber, PeerId},
    lane::Lane,
    limits::ADDRESSES,
    name::Name,
    packet::PacketPart,
    profile::{Contact, Profile},
    sign::{Identity, Signed},
    time::{Tick, Time},
};

use crate::{
    Counters,
    avatars::LocalAvatars,
    images::Images,
    io::{CloseReason, Event, Local, Now, Output},
    link::Link,
    watching::Watching,
    way::Way,
};

/// What a datagram says that does not concern the link alone.
pub(crate) enum Heard<'a> {
    Poses(Poses<'a>),
    /// Poses of many members, and when they were sent.
    Crowd(Tick, CrowdEntries<'a>),
    /// A packet that a forwarder passes on from one member to another.
    Passed(MemberNumber, MemberNumber, PacketPart<'a>),
    /// A packet to carry to a member.
    Carry(MemberNumber, PacketPart<'a>),
    /// A packet carried from a member.
    Carried(MemberNumber, PacketPart<'a>),
    /// A datagram to hand on to a member.
    Forward(MemberNumber, &'a [u8]),
    /// A datagram handed on from a member.
    Forwarded(MemberNumber, &'a [u8]),
}

/// A bundle of poses that has come.
pub(crate) struct Poses<'a> {
    pub sequence: BundleSequence,
    pub captured: Tick,
    pub entries: PoseEntries<'a>,
}

#[derive(Debug)]
pub(crate) struct Core {
    pub identity: Identity,
    pub profile: Profile,
    pub signed_profile: Signed<Profile>,
    pub links: BTreeMap<PeerId, Link>,
    pub images: Images,
    pub counters: Counters,
    pub avatars: LocalAvatars,
    pub watching: Watching,
    outputs: VecDeque<Output>,
    wake: Option<Time>,
}

impl Core {
    pub(crate) fn new(local: Local) -> Self {
        let image = local.image.map(|bytes| (ContentHash::of(&bytes), bytes));
        let profile = Profile {
            revision: 0,
            name: local.name,
            image: image.as_ref().map(|(hash, _)| *hash),
            addresses: at_most_addresses(local.addresses),
        };
        let mut core = Self {
            signed_profile: Signed::new(&local.identity, &profile),
            identity: local.identity,
            profile,
            links: BTreeMap::new(),
            images: Images::default(),
            counters: Counters::default(),
            avatars: LocalAvatars::default(),
            watching: Watching::default(),
            outputs: VecDeque::new(),
            wake: None,
        };
        if let Some((hash, bytes)) = image {
            core.keep_own_image(hash, bytes);
        }
        core
    }

    /// The local peer's id.
    pub(crate) fn me(&self) -> PeerId {
        self.identity.peer_id()
    }

    pub(crate) fn contact(&self) -> Contact {
        Contact {
            peer: self.me(),
            addresses: self.profile.addresses.clone(),
        }
    }

    /// Takes a new name and image; true if that changes anything.
    pub(crate) fn set_profile(&mut self, name: Name, image: Option<Bytes>) -> bool {
        let image = image.map(|bytes| (ContentHash::of(&bytes), bytes));
        let hash = image.as_ref().map(|(hash, _)| *hash);
        if name == self.profile.name && hash == self.profile.image {
            return false;
        }
        if let Some((hash, bytes)) = image {
            self.keep_own_image(hash, bytes);
        }
        self.profile.name = name;
        self.profile.image = hash;
        self.sign_profile();
        true
    }

    /// Takes new addresses; true if that changes anything.
    pub(crate) fn set_addresses(&mut self, addresses: Vec<SocketAddr>) -> bool {
        let addresses = at_most_addresses(addresses);
        if addresses == self.profile.addresses {
            return false;
        }
        self.profile.addresses = addresses;
        self.sign_profile();
        true
    }

    fn sign_profile(&mut self) {
        self.profile.revision += 1;
        self.signed_profile = Signed::new(&self.identity, &self.profile);
    }

    fn keep_own_image(&mut self, hash: ContentHash, bytes: Bytes) {
        self.keep_image(hash, bytes, &[hash].into());
    }

    /// Keeps an image and shows it to the game.
    pub(crate) fn keep_image(
        &mut self,
        hash: ContentHash,
        bytes: Bytes,
        worn: &BTreeSet<ContentHash>,
    ) {
        if let Some(forgotten) = self.images.keep(hash, bytes.clone(), worn) {
            self.event(Event::ImageForgotten { hash: forgotten });
        }
        self.event(Event::Image { hash, bytes });
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.output(Output::Event(event));
    }

    pub(crate) fn send(&mut self, to: PeerId, message: &Control) {
        self.output(Output::Frame {
            to,
            lane: Lane::Control,
            bytes: message.encode().into(),
        });
    }

    pub(crate) fn datagram(&mut self, to: PeerId, datagram: &Datagram<'_>) {
        self.output(Output::Datagram {
            to,
            bytes: datagram.encode().into(),
        });
    }

    pub(crate) fn dial(&mut self, mut contact: Contact) {
        contact.addresses.truncate(ADDRESSES);
        self.output(Output::Dial {
            peer: contact.peer,
            addresses: contact.addresses,
        });
    }

    /// Closes the link to `peer`; nothing follows for it but a new [`crate::io::Input::Connected`].
    pub(crate) fn close(&mut self, peer: PeerId, reason: CloseReason) {
        if self.links.remove(&peer).is_none() {
            return;
        }
        if matches!(
            reason,
            CloseReason::Malformed | CloseReason::Flooding | CloseReason::Unauthorized
        ) {
            self.counters.peers_closed += 1;
        }
        self.images.release(peer);
        self.output(Output::Close { peer, reason });
    }

    /// Asks to be woken at `at`, unless that is to happen earlier anyway.
    pub(crate) fn alarm(&mut self, at: Time) {
        if self.wake.is_none_or(|wake| at < wake) {
            self.wake = Some(at);
            self.output(Output::WakeAt(at));
        }
    }

    /// The alarm has rung: the next one is set anew.
    pub(crate) fn woken(&mut self) {
        self.wake = None;
    }

    pub(crate) fn open_link(&mut self, now: Now, peer: PeerId) {
        self.links.insert(peer, Link::new(now.time));
        self.tend_link(now, peer);
    }

    /// Pings where it is time; the silent are returned.
    pub(crate) fn tend_links(&mut self, now: Now) -> Vec<PeerId> {
        let peers: Vec<PeerId> = self.links.keys().copied().collect();
        peers
            .into_iter()
            .filter(|&peer| !self.tend_link(now, peer))
            .collect()
    }

    /// Whether the link lives.
    fn tend_link(&mut self, now: Now, peer: PeerId) -> bool {
        let Some(link) = self.links.get_mut(&peer) else {
            return true;
        };
        if link.is_silent(now.time) {
            return false;
        }
        link.tend_answers(now.time);
        let ping = link.take_ping(now.time);
        let due = link.due();
        if ping {
            self.ping(now, peer);
        }
        self.alarm(due);
        true
    }

    /// Handles what concerns the link alone. Returns what is left to handle.
    pub(crate) fn take_datagram<'a>(
        &mut self,
        now: Now,
        from: PeerId,
        bytes: &'a [u8],
    ) -> Option<Heard<'a>> {
        let link = self.links.get_mut(&from)?;
        if !link.hear_datagram(now.time) {
            self.counters.flooded_datagrams += 1;
            return None;
        }
        match Datagram::decode(bytes) {
            Ok(Datagram::Carry { to, part }) => Some(Heard::Carry(to, part)),
            Ok(Datagram::Carried { from, part }) => Some(Heard::Carried(from, part)),
            Ok(Datagram::Passed { from, to, part }) => Some(Heard::Passed(from, to, part)),
            Ok(Datagram::Forward { to, bytes }) => Some(Heard::Forward(to, bytes)),
            Ok(Datagram::Forwarded { from, bytes }) => Some(Heard::Forwarded(from, bytes)),
            Ok(Datagram::Ping { sent }) => {
                let received = now.time;
                self.datagram(from, &Datagram::Pong { sent, received });
                None
            }
            Ok(Datagram::Pong { sent, received }) => {
                if !link.pong(now.time, sent, received) {
                    self.counters.malformed_datagrams += 1;
                }
                None
            }
            other => self.take_poses_or_receipt(now, from, other),
        }
    }

    /// Handles a datagram that `by` has handed on from `origin`, whose number is `number`. Returns what is left
    /// to handle.
    pub(crate) fn take_forwarded<'a>(
        &mut self,
        now: Now,
        by: PeerId,
        (number, origin): (MemberNumber, PeerId),
        bytes: &'a [u8],
    ) -> Option<Heard<'a>> {
        let link = self.links.get_mut(&origin)?;
        link.hear_carried(now.time);
        match Datagram::decode(bytes) {
            Ok(Datagram::Ping { sent }) => {
                // Answered the way it came, or else the answer would tell of another way.
                let received = now.time;
                let pong = Datagram::Pong { sent, received }.encode();
                let (to, bytes) = (number, &pong[..]);
                self.datagram(by, &Datagram::Forward { to, bytes });
                None
            }
            Ok(Datagram::Pong { sent, .. }) if link.pong_carried(now.time, sent) => None,
            other => self.take_poses_or_receipt(now, origin, other),
        }
    }

    /// Handles what may come either way. Returns what is left to handle.
    fn take_poses_or_receipt<'a>(
        &mut self,
        now: Now,
        from: PeerId,
        datagram: Result<Datagram<'a>, DatagramError>,
    ) -> Option<Heard<'a>> {
        match datagram {
            Ok(Datagram::Poses {
                sequence,
                captured,
                entries,
            }) => Some(Heard::Poses(Poses {
                sequence,
                captured,
                entries,
            })),
            Ok(Datagram::Crowd { sent, entries }) => Some(Heard::Crowd(sent, entries)),
            Ok(Datagram::Receipt(receipt)) => {
                let link = self.links.get_mut(&from)?;
                link.viewer.confirm(receipt);
                link.poses_confirmed(now.time);
                None
            }
            _ => {
                self.counters.malformed_datagrams += 1;
                None
            }
        }
    }

    /// Pings on all ways that are used.
    fn ping(&mut self, now: Now, peer: PeerId) {
        let ping = Datagram::Ping { sent: now.time };
        self.datagram(peer, &ping);
        let Some(link) = self.links.get_mut(&peer) else {
            return;
        };
        if link.way != Way::Straight && link.straight.is_overdue() {
            link.ping_carried(now.time);
            self.post(peer, ping.encode());
        }
    }

    /// Sends a datagram the way that poses go.
    pub(crate) fn post(&mut self, peer: PeerId, bytes: Vec<u8>) {
        let way = self.links.get(&peer).map(|link| link.way);
        match way.unwrap_or_default() {
            Way::Straight => {
                let bytes = bytes.into();
                self.output(Output::Datagram { to: peer, bytes });
            }
            Way::Over { carrier, to } => {
                let bytes = &bytes;
                self.datagram(carrier, &Datagram::Forward { to, bytes });
            }
        }
    }

    /// Notes a frame; an error where it must not be handled: there is no link any more, or one frame too many.
    pub(crate) fn take_frame(
        &mut self,
        now: Now,
        from: PeerId,
        lane: Lane,
    ) -> Result<(), CloseReason> {
        let link = self.links.get_mut(&from).ok_or(CloseReason::Done)?;
        if link.hear_frame(now.time, lane) {
            Ok(())
        } else {
            Err(CloseReason::Flooding)
        }
    }

    /// Sends `peer` what is due of the local avatars, and the receipt for its own.
    pub(crate) fn show_avatars(&mut self, now: Now, peer: PeerId) {
        let Some(link) = self.links.get_mut(&peer) else {
            return;
        };
        let round_trip = link.round_trip().unwrap_or_default();
        let (bundles, later) = if link.needed.poses {
            link.viewer.bundles(now.time, round_trip, &mut self.avatars)
        } else {
            (Vec::new(), None)
        };
        let is_receipt_due = link.receipts.due().is_some_and(|due| due <= now.time);
        let receipt = if is_receipt_due || !bundles.is_empty() {
            link.receipts.take()
        } else {
            None
        };
        let alarms = [later, link.receipts.due()];
        if !bundles.is_empty() {
            link.poses_sent(now.time);
            let due = link.due();
            self.alarm(due);
        }
        if let Some(receipt) = receipt {
            self.post(peer, Datagram::Receipt(receipt).encode());
        }
        for bytes in bundles {
            self.post(peer, bytes);
        }
        for at in alarms.into_iter().flatten() {
            self.alarm(at);
        }
    }
}

fn at_most_addresses(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    addresses.truncate(ADDRESSES);
    addresses
}
