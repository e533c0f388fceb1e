//! What comes and goes over forwarders: what is asked for, what is handed on, what is shown.

use std::{collections::BTreeMap, sync::Arc};

use metaverse_avatar::{Level, Rig};
use metaverse_protocol::{
    control::{Control, Follow},
    datagram::{AGE_STEP, CrowdEntries, CrowdEntry},
    id::{AvatarId, MemberNumber, PeerId},
    limits::FOLLOWS,
    time::{Tick, Time},
};

use super::{
    Held, Owned, Stream,
    follower::{Follower, Packer},
};
use crate::{
    avatars::encoded,
    config::{CROWD_INTERVAL, PLACES_INTERVAL, PLACES_TO_FELLOWS},
    core::Core,
    inside::Inside,
    interest::Wanted,
    io::{CloseReason, Event, Now},
    link::Link,
    watching::{local_time, show_pose},
};

impl Inside {
    /// Sends everybody to whom the local member hands on what is due.
    pub(crate) fn tend_crowds(&mut self, core: &mut Core, now: Now) {
        if self.topology.is_full_mesh() {
            return;
        }
        if now.time < self.crowds.due {
            return core.alarm(self.crowds.due);
        }
        self.crowds.due = now.time + CROWD_INTERVAL;
        core.alarm(self.crowds.due);
        self.hold_own(core);
        let served = self.served();
        let fellows = self.fellows();
        for &peer in &served {
            let its = self.roster.number(peer);
            self.send_crowd(core, now, peer, PLACES_INTERVAL, |follower, owned| {
                Some(owned.0) != its && !follower.follows_avatar(owned)
            });
        }
        let mine = self.own_and_served();
        for &peer in fellows.iter().chain(&self.home()) {
            // They hand places on to others, whatever else they follow.
            self.send_crowd(core, now, peer, PLACES_TO_FELLOWS, |_, owned| {
                mine.contains(&owned.0)
            });
        }
    }

    fn send_crowd(
        &mut self,
        core: &mut Core,
        now: Now,
        peer: PeerId,
        interval: std::time::Duration,
        concerns: impl Fn(&Follower, Owned) -> bool,
    ) {
        let mut packer = Packer::new(now.time);
        let crowds = &mut self.crowds;
        let follower = crowds.followers.entry(peer).or_default();
        follower.pack_streams(&crowds.places, &crowds.finer, &mut packer);
        follower.pack_places(&crowds.places, interval, concerns, &mut packer);
        for bytes in packer.finish() {
            core.post(peer, bytes);
        }
    }

    fn own_and_served(&self) -> Vec<MemberNumber> {
        let served = self.served().into_iter();
        let mut numbers: Vec<_> = served.filter_map(|peer| self.roster.number(peer)).collect();
        numbers.push(self.admission.number);
        numbers
    }

    /// Holds the newest poses of the local avatars, as far as somebody wants them.
    fn hold_own(&mut self, core: &mut Core) {
        let me = self.admission.number;
        let mut streams: Vec<Stream> = core
            .avatars
            .iter()
            .map(|(avatar, _)| (me, avatar, Level::Far))
            .collect();
        let followers = self.crowds.followers.values();
        streams.extend(
            followers
                .flat_map(Follower::wanted)
                .map(|(stream, _)| stream)
                .filter(|(member, ..)| *member == me),
        );
        streams.sort_unstable();
        streams.dedup();
        for stream in streams {
            let (_, avatar, wanted) = stream;
            let Some(shown) = core.avatars.get_mut(avatar) else {
                continue;
            };
            let Some(captured) = shown.newest() else {
                continue;
            };
            let level = shown.level(wanted);
            let held = Held {
                captured,
                tick: Tick::from(captured),
                level: level.number(),
                payload: shown.encode(level, &[]),
            };
            self.crowds.hold(stream, held);
        }
    }

    /// Poses of many have come by way of `by`.
    pub(crate) fn take_crowd(
        &mut self,
        core: &mut Core,
        now: Now,
        by: PeerId,
        sent: Tick,
        entries: CrowdEntries<'_>,
    ) {
        let number = self.roster.number(by);
        let Some(number) = number.filter(|_| self.is_branch(by)) else {
            core.counters.unbelieved_datagrams += 1;
            return;
        };
        let offset = core.links.get(&by).and_then(Link::clock_offset);
        let Some(sent) = local_time(now.time, sent, offset) else {
            core.counters.undecodable_poses += 1;
            return;
        };
        let is_forwarder = self.topology.is_forwarder(number);
        for entry in entries {
            let is_of_sender = entry.member == number;
            // Whoever is served here or linked speaks for itself, and nobody else does for it.
            let is_believed =
                is_of_sender || is_forwarder && !self.topology.is_served(entry.member);
            if !is_believed {
                core.counters.unbelieved_datagrams += 1;
            } else if entry.member != self.admission.number {
                let captured = sent.before(AGE_STEP * u32::from(entry.age));
                self.take_crowd_entry(core, now, captured, entry);
            }
        }
    }

    fn take_crowd_entry(
        &mut self,
        core: &mut Core,
        now: Now,
        captured: Time,
        entry: CrowdEntry<'_>,
    ) {
        let Some(level) = Level::from_number(entry.pose.level) else {
            core.counters.undecodable_poses += 1;
            return;
        };
        let owned = (entry.member, entry.pose.avatar);
        if self.roster.get(entry.member).is_none() {
            core.counters.unbelieved_datagrams += 1;
            return;
        }
        let hands_on = self.is_forwarder() || !self.topology.serves_nobody();
        if hands_on && (level == Level::Far || self.crowds.has_asked_for(owned)) {
            let held = Held {
                captured,
                tick: entry.captured,
                level: entry.pose.level,
                payload: bytes::Bytes::copy_from_slice(entry.pose.payload),
            };
            self.crowds
                .hold((entry.member, entry.pose.avatar, level), held);
        }
        // What is only to be handed on is not looked into.
        let is_wanted = match level {
            Level::Far => !self.crowds.has_finer(owned),
            Level::Near | Level::Middle => self.crowds.wants(owned),
        };
        if !is_wanted || self.is_watched_directly(core, now, entry.member) {
            return;
        }
        let Some(member) = self.roster.get_mut(entry.member) else {
            return;
        };
        if member.avatars.understands(entry.pose.avatar, level) {
            show_pose(core, member, captured, entry.captured, entry.pose);
        }
    }

    /// Whether a member's poses come on a link of its own.
    fn is_watched_directly(&self, core: &Core, now: Now, number: MemberNumber) -> bool {
        let member = self.roster.get(number).filter(|member| member.is_linked);
        let link = member.and_then(|member| core.links.get(&member.admission.peer));
        link.is_some_and(|link| link.need.poses && !link.is_straight_silent(now.time))
    }

    // ---- what is asked for ----

    /// How closely the local person watches an avatar whose member is seen over forwarders.
    pub(crate) fn follow(&mut self, (member, avatar): (MemberNumber, AvatarId), wanted: Wanted) {
        for level in [Level::Near, Level::Middle] {
            let stream = (member, avatar, level);
            if level == wanted.level {
                self.crowds.wanted.insert(stream, wanted.rate.max(1));
            } else {
                self.crowds.wanted.remove(&stream);
            }
        }
    }

    /// Asks for what is wanted here and of the local member, of those by way of whom it comes, where that has changed.
    pub(crate) fn tend_follows(&mut self, core: &mut Core) {
        if self.topology.is_full_mesh() {
            return;
        }
        let me = self.admission.number;
        let mut demand: BTreeMap<Stream, (PeerId, u8)> = BTreeMap::new();
        for (stream, rate) in self.crowds.demand() {
            if let Some(way) = self.way_to(stream.0).filter(|_| stream.0 != me) {
                demand.insert(stream, (way, rate));
            }
        }
        let mut messages: BTreeMap<PeerId, Vec<Follow>> = BTreeMap::new();
        for (stream, (peer, _)) in &self.crowds.asked {
            if demand.get(stream).is_none_or(|(way, _)| way != peer) {
                messages.entry(*peer).or_default().push(follow(*stream, 0));
            }
        }
        for (stream, (way, rate)) in &demand {
            if self.crowds.asked.get(stream) != Some(&(*way, *rate)) {
                messages
                    .entry(*way)
                    .or_default()
                    .push(follow(*stream, *rate));
            }
        }
        self.crowds.asked = demand;
        for (peer, follows) in messages {
            for follows in follows.chunks(FOLLOWS) {
                core.send(peer, &Control::Follow(follows.to_vec()));
            }
        }
    }

    /// A member tells what it wants handed on.
    pub(crate) fn follow_told(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        follows: &[Follow],
    ) {
        if !self.is_branch(from) {
            core.counters.unauthorized += 1;
            return;
        }
        for follow in follows {
            let Some(level) = Level::from_number(follow.level) else {
                continue;
            };
            let stream = (follow.member, follow.avatar, level);
            if !self.crowds.follow(from, stream, follow.rate) {
                core.counters.flooded_requests += 1;
            } else if follow.rate > 0 && level != Level::Far {
                self.tell_rigs(core, from, follow.member);
            }
        }
        self.tend_topology_soon(core, now);
    }

    // ---- skeletons ----

    /// Tells a follower, once, the skeletons of a member's avatars, as far as they are known here.
    fn tell_rigs(&mut self, core: &mut Core, to: PeerId, number: MemberNumber) {
        let Some(member) = self
            .roster
            .get(number)
            .filter(|member| member.admission.peer != to)
        else {
            return;
        };
        let follower = self.crowds.followers.get_mut(&to);
        if !follower.is_some_and(|follower| follower.tell(number)) {
            return;
        }
        for (avatar, rig) in member.avatars.rigs() {
            let message = Control::AvatarOf {
                member: number,
                avatar,
                rig: Some(encoded(rig)),
            };
            core.send(to, &message);
        }
    }

    /// A forwarder tells the skeleton of another member's avatar.
    pub(crate) fn avatar_of_told(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        (number, avatar): (MemberNumber, AvatarId),
        rig: Option<&[u8]>,
    ) {
        let is_forwarder = self
            .roster
            .number(from)
            .is_some_and(|by| self.topology.is_forwarder(by));
        if !is_forwarder || self.topology.is_served(number) {
            core.counters.unauthorized += 1;
            return;
        }
        if self.take_rig(core, number, avatar, rig).is_err() {
            core.counters.malformed_rigs += 1;
            self.shun(core, now, from, CloseReason::Malformed);
        }
    }

    /// Takes in which skeleton an avatar has, or that it is gone, and tells those who follow it.
    pub(crate) fn take_rig(
        &mut self,
        core: &mut Core,
        number: MemberNumber,
        avatar: AvatarId,
        encoded: Option<&[u8]>,
    ) -> Result<(), MalformedRig> {
        let rig = match encoded {
            Some(bytes) => Some(Arc::new(Rig::decode(bytes).map_err(|_| MalformedRig)?)),
            None => None,
        };
        let Some(member) = self.roster.get_mut(number) else {
            return Ok(());
        };
        match rig {
            Some(rig) if member.avatars.has_rig(avatar, &rig) => return Ok(()),
            Some(rig) => {
                if member.avatars.show(avatar, &rig) {
                    core.event(Event::AvatarShown {
                        number,
                        avatar,
                        rig,
                    });
                }
            }
            None => {
                if member.avatars.hide(avatar) {
                    core.event(Event::AvatarHidden { number, avatar });
                }
            }
        }
        self.crowds.forget_poses(number, avatar);
        let message = Control::AvatarOf {
            member: number,
            avatar,
            rig: encoded.map(<[u8]>::to_vec),
        };
        let its = self.roster.get(number).map(|member| member.admission.peer);
        for (&peer, follower) in &mut self.crowds.followers {
            if follower.follows(number) && Some(peer) != its {
                core.send(peer, &message);
            } else {
                follower.forget_told(number);
            }
        }
        Ok(())
    }
}

/// A skeleton that was not understood.
#[derive(Debug)]
pub(crate) struct MalformedRig;

fn follow((member, avatar, level): Stream, rate: u8) -> Follow {
    Follow {
        member,
        avatar,
        level: level.number(),
        rate,
    }
}
