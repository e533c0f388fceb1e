//! Somebody to whom poses are handed on: what it has asked for, what it was sent, what is next.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    time::Duration,
};

use metaverse_avatar::Level;
use metaverse_protocol::{
    datagram::{AGE_STEP, Crowd, CrowdEntry, PoseEntry},
    id::MemberNumber,
    time::{Tick, Time},
};

use super::{Crowds, Held, Owned, Stream, finer_of};
use crate::config::{CROWD_INTERVAL, CROWD_REPEATS, FOLLOWED_STREAMS};

#[derive(Debug, Default)]
pub(super) struct Follower {
    streams: BTreeMap<Stream, Followed>,
    /// What it was sent of places, and the last of them in their round.
    places: BTreeMap<Owned, Sent>,
    /// Members whose skeletons it was told.
    told: BTreeSet<MemberNumber>,
    last: Option<Owned>,
}

#[derive(Debug)]
struct Followed {
    /// Updates a second.
    rate: u8,
    due: Time,
    sent: Sent,
}

/// The pose that was sent last, and how often: nobody confirms it.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    pose: Option<(Tick, u8)>,
    times: u8,
}

/// Gathers poses for one receiver.
pub(super) struct Packer {
    now: Time,
    open: Crowd,
    full: Vec<Vec<u8>>,
}

impl Follower {
    /// It wants a stream at another rate; 0 is none any more. False if it wants too many.
    pub(super) fn follow(&mut self, stream: Stream, rate: u8) -> bool {
        if rate == 0 {
            self.streams.remove(&stream);
            return true;
        }
        let has_room = self.streams.len() < FOLLOWED_STREAMS || self.streams.contains_key(&stream);
        if has_room {
            let followed = self.streams.entry(stream).or_insert(Followed {
                rate,
                due: Time(0),
                sent: Sent::default(),
            });
            followed.rate = rate;
        }
        has_room
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = (Stream, u8)> {
        self.streams
            .iter()
            .map(|(&stream, followed)| (stream, followed.rate))
    }

    /// Whether it follows any of a member's avatars in more detail than the place.
    pub(super) fn follows(&self, number: MemberNumber) -> bool {
        let mut streams = self.streams.keys();
        streams.any(|&(member, _, level)| member == number && level != Level::Far)
    }

    /// Whether it follows an avatar in more detail than the place, which then comes with that.
    pub(super) fn follows_avatar(&self, owned: Owned) -> bool {
        finer_of(owned).any(|stream| self.streams.contains_key(&stream))
    }

    /// Whether it was not told a member's skeletons as they are now; it is taken as told.
    pub(super) fn tell(&mut self, number: MemberNumber) -> bool {
        self.told.insert(number)
    }

    /// A member's skeletons are others than it was told.
    pub(super) fn forget_told(&mut self, number: MemberNumber) {
        self.told.remove(&number);
    }

    pub(super) fn forget(&mut self, number: MemberNumber) {
        self.streams.retain(|(member, ..), _| *member != number);
        self.places.retain(|(member, _), _| *member != number);
        self.told.remove(&number);
    }

    /// Packs what it has asked for and is due.
    pub(super) fn pack_streams(
        &mut self,
        places: &BTreeMap<Owned, Held>,
        finer: &BTreeMap<Stream, Held>,
        packer: &mut Packer,
    ) {
        for (stream, followed) in &mut self.streams {
            if packer.now < followed.due {
                continue;
            }
            let &(member, avatar, _) = stream;
            // An avatar that has too few bones for a level comes in another one.
            let fuller = finer
                .get(stream)
                .or_else(|| finer.get(&(member, avatar, Level::Near)));
            let Some(held) = fuller.or_else(|| places.get(&(member, avatar))) else {
                continue;
            };
            if followed.sent.take(held) {
                let interval = Duration::from_secs(1) / u32::from(followed.rate);
                followed.due = (followed.due + interval).max(packer.now.before(CROWD_INTERVAL / 2));
                packer.push((member, avatar), held);
            }
        }
    }

    /// Packs as many of the places as go at once where all go within `interval`, of avatars that `concern` it.
    pub(super) fn pack_places(
        &mut self,
        places: &BTreeMap<Owned, Held>,
        interval: Duration,
        concerns: impl Fn(&Self, Owned) -> bool,
        packer: &mut Packer,
    ) {
        let share = CROWD_INTERVAL.as_secs_f32() / interval.as_secs_f32();
        let count = (places.len() as f32 * share).ceil() as usize;
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = places.range((after, Bound::Unbounded));
        let next: Vec<_> = rest
            .chain(places.iter())
            .take(count.min(places.len()))
            .collect();
        for (&owned, held) in next {
            self.last = Some(owned);
            if concerns(self, owned) && self.places.entry(owned).or_default().take(held) {
                packer.push(owned, held);
            }
        }
    }
}

impl Sent {
    /// Whether a pose is to be sent: it is new, or was not sent often enough for one of them to have arrived.
    fn take(&mut self, held: &Held) -> bool {
        let pose = Some((held.tick, held.level));
        if self.pose != pose {
            *self = Self { pose, times: 0 };
        }
        self.times = self.times.saturating_add(1);
        self.times <= CROWD_REPEATS
    }
}

impl Packer {
    pub(super) fn new(now: Time) -> Self {
        Self {
            now,
            open: Crowd::new(Tick::from(now)),
            full: Vec::new(),
        }
    }

    fn push(&mut self, (member, avatar): Owned, held: &Held) {
        let age = self.now.since(held.captured).as_micros() / AGE_STEP.as_micros();
        let entry = CrowdEntry {
            member,
            age: u8::try_from(age).unwrap_or(u8::MAX),
            captured: held.tick,
            pose: PoseEntry {
                avatar,
                level: held.level,
                payload: &held.payload,
            },
        };
        if self.open.push(&entry) {
            return;
        }
        let next = Crowd::new(Tick::from(self.now));
        self.full
            .push(std::mem::replace(&mut self.open, next).finish());
        self.open.push(&entry);
    }

    /// The datagrams.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        if !self.open.is_empty() {
            self.full.push(self.open.finish());
        }
        self.full
    }
}

impl Crowds {
    /// What a follower asks for from now on. False if it asks for too much.
    pub(super) fn follow(
        &mut self,
        peer: metaverse_protocol::id::PeerId,
        stream: Stream,
        rate: u8,
    ) -> bool {
        self.followers.entry(peer).or_default().follow(stream, rate)
    }
}
