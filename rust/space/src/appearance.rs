//! How members look to one another: profiles and images.

use bytes::Bytes;
use metaverse_protocol::{
    control::{Bulk, Control},
    id::{ContentHash, PeerId},
    lane::Lane,
    profile::Profile,
    sign::Signed,
};

use crate::{
    core::{Core, Heard},
    inside::Inside,
    io::{CloseReason, Event, Now, Output, PathKind},
    link::Link,
};

impl Inside {
    pub(crate) fn tell_profile(&mut self, core: &mut Core) {
        let message = Control::Profile(core.signed_profile.clone());
        self.tell_all(core, &message);
    }

    pub(crate) fn profile_changed(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        profile: Signed<Profile>,
    ) {
        let Some(member) = self.roster.by_peer_mut(from) else {
            return;
        };
        if !member.profiles.take(now.time) {
            return self.shun(core, now, from, CloseReason::Flooding);
        }
        if member.update_profile(profile) {
            self.tell_updated(core, from);
            core.images.forget_unworn(&self.roster.worn());
            self.ask_images(core, now);
        }
        self.renew_inviter(core);
    }

    pub(crate) fn tell_updated(&self, core: &mut Core, peer: PeerId) {
        let Some(member) = self.roster.by_peer(peer) else {
            return;
        };
        let linked = core.links.get(&peer).filter(|_| member.is_linked);
        let path = linked.map_or(PathKind::Unknown, |link| link.path);
        core.event(Event::MemberUpdated(member.view(path)));
    }

    pub(crate) fn datagram(&mut self, core: &mut Core, now: Now, from: PeerId, bytes: &[u8]) {
        let before = core.links.get(&from).and_then(Link::round_trip);
        let heard = core.take_datagram(now, from, bytes);
        let after = core.links.get(&from).and_then(Link::round_trip);
        if let (Some(number), Some(time)) =
            (self.roster.number(from), after.filter(|_| after != before))
        {
            core.event(Event::RoundTrip { number, time });
        }
        match heard {
            Some(Heard::Poses(poses)) => self.take_poses(core, now, from, &poses),
            Some(Heard::Crowd(sent, entries)) => self.take_crowd(core, now, from, sent, entries),
            Some(Heard::Passed(sender, to, part)) => {
                self.passed(core, now, from, (sender, to), part);
            }
            Some(Heard::Carry(to, part)) => self.carry(core, now, from, to, part),
            Some(Heard::Carried(origin, part)) => self.carried(core, from, origin, part),
            Some(Heard::Forward(to, bytes)) => self.forward(core, now, from, to, bytes),
            Some(Heard::Forwarded(origin, bytes)) => {
                self.forwarded(core, now, from, origin, bytes);
            }
            None => {}
        }
    }

    /// Asks for images that are not here: their wearers, or those by way of whom they are reached.
    pub(crate) fn ask_images(&mut self, core: &mut Core, now: Now) {
        for member in self.roster.iter() {
            let Some(hash) = member.profile.image else {
                continue;
            };
            let linked = member.is_linked.then_some(member.admission.peer);
            let Some(peer) = linked.or_else(|| self.way_to(member.admission.number)) else {
                continue;
            };
            if core.images.ask(now.time, hash, peer) {
                core.output(Output::Frame {
                    to: peer,
                    lane: Lane::Bulk,
                    bytes: Bulk::Request(hash).encode().into(),
                });
            }
        }
        if let Some(due) = core.images.due() {
            core.alarm(due);
        }
    }

    pub(crate) fn tend_images(&mut self, core: &mut Core, now: Now) {
        for (hash, peer) in core.images.overdue(now.time) {
            core.images.fail(hash, peer);
        }
        if !core.images.unasked().is_empty() {
            self.ask_images(core, now);
        } else if let Some(due) = core.images.due() {
            core.alarm(due);
        }
    }

    pub(crate) fn bulk(&mut self, core: &mut Core, now: Now, from: PeerId, frame: &Bytes) -> bool {
        match Bulk::decode(frame) {
            Ok(Bulk::Request(hash)) => Self::send_image(core, now, from, hash),
            Ok(Bulk::Missing(hash)) => {
                core.images.fail(hash, from);
                self.ask_images(core, now);
            }
            Ok(Bulk::Image { hash, bytes }) => {
                if !core.images.take_answer(hash, from) {
                    return true;
                }
                if ContentHash::of(&bytes) != hash {
                    core.counters.rejected_images += 1;
                    return false;
                }
                let bytes = Bytes::from(bytes);
                let mut worn = self.roster.worn();
                worn.extend(core.profile.image);
                core.keep_image(hash, bytes, &worn);
            }
            Err(_) => return false,
        }
        true
    }

    pub(crate) fn send_image(core: &mut Core, now: Now, to: PeerId, hash: ContentHash) {
        if core
            .links
            .get_mut(&to)
            .is_none_or(|link| !link.images.take(now.time))
        {
            core.counters.flooded_requests += 1;
            return;
        }
        let answer = match core.images.get(hash) {
            Some(bytes) => Bulk::Image {
                hash,
                bytes: bytes.to_vec(),
            },
            None => Bulk::Missing(hash),
        };
        core.output(Output::Frame {
            to,
            lane: Lane::Bulk,
            bytes: answer.encode().into(),
        });
    }
}
