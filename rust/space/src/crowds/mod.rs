//! Avatars that are seen over forwarders, where there is no link to their member. Each member gives its home the poses of its
//! avatars, each of which is understood without another; the home hands on to those it serves and to its fellows what they
//! have asked for, and the place of everybody in any case. Many poses share a datagram.

mod follower;
mod following;

use std::collections::BTreeMap;

use bytes::Bytes;
use metaverse_avatar::Level;
use metaverse_protocol::{
    id::{AvatarId, MemberNumber, PeerId},
    time::{Tick, Time},
};

use crate::avatars::TICKS_TELL;
use follower::Follower;

/// One member's avatar.
pub(crate) type Owned = (MemberNumber, AvatarId);
/// An avatar in one level of detail.
pub(crate) type Stream = (MemberNumber, AvatarId, Level);

/// What the local member has to hand on, and to whom.
#[derive(Debug, Default)]
pub(crate) struct Crowds {
    /// The newest poses of everybody's avatars, as far as they come by here: places, and what is more than that.
    places: BTreeMap<Owned, Held>,
    finer: BTreeMap<Stream, Held>,
    followers: BTreeMap<PeerId, Follower>,
    /// What the local person wants to see, in updates a second.
    wanted: BTreeMap<Stream, u8>,
    /// What was asked for, and of whom.
    asked: BTreeMap<Stream, (PeerId, u8)>,
    /// When the next poses go.
    due: Time,
}

/// A pose to be handed on.
#[derive(Clone, Debug)]
struct Held {
    /// When it was captured, on the local clock, and on its member's.
    captured: Time,
    tick: Tick,
    level: u8,
    payload: Bytes,
}

/// The streams that show more of an avatar than its place.
fn finer_of((member, avatar): Owned) -> impl Iterator<Item = Stream> {
    [Level::Near, Level::Middle]
        .into_iter()
        .map(move |level| (member, avatar, level))
}

impl Held {
    /// Whether it was captured later than another pose of the same avatar.
    fn is_after(&self, other: &Self) -> bool {
        let apart = self.captured.micros_after(other.captured);
        if apart.unsigned_abs() > TICKS_TELL.as_micros() as u64 {
            return apart > 0;
        }
        self.tick.millis_after(other.tick) > 0
    }
}

impl Crowds {
    /// Takes a pose to be handed on, if it is newer than what is held.
    fn hold(&mut self, (member, avatar, level): Stream, held: Held) {
        let place = match level {
            Level::Far => self.places.get_mut(&(member, avatar)),
            _ => self.finer.get_mut(&(member, avatar, level)),
        };
        match place {
            Some(known) if held.is_after(known) => *known = held,
            Some(_) => {}
            None => {
                match level {
                    Level::Far => self.places.insert((member, avatar), held),
                    _ => self.finer.insert((member, avatar, level), held),
                };
            }
        }
    }

    /// The link to `peer` is gone, and with it what was asked on it.
    pub(crate) fn closed(&mut self, peer: PeerId) {
        self.followers.remove(&peer);
        self.asked.retain(|_, (asked, _)| *asked != peer);
    }

    pub(crate) fn forget(&mut self, number: MemberNumber) {
        self.places.retain(|(member, _), _| *member != number);
        self.finer.retain(|(member, ..), _| *member != number);
        self.wanted.retain(|(member, ..), _| *member != number);
        self.asked.retain(|(member, ..), _| *member != number);
        for follower in self.followers.values_mut() {
            follower.forget(number);
        }
    }

    /// An avatar is gone or has got another skeleton: its poses are no longer understood.
    pub(crate) fn forget_poses(&mut self, number: MemberNumber, avatar: AvatarId) {
        let is_other = |member: MemberNumber, of: AvatarId| (member, of) != (number, avatar);
        self.places.retain(|&(member, of), _| is_other(member, of));
        self.finer
            .retain(|&(member, of, _), _| is_other(member, of));
    }

    /// Whether the local person wants to see more of an avatar than its place.
    fn wants(&self, owned: Owned) -> bool {
        finer_of(owned).any(|stream| self.wanted.contains_key(&stream))
    }

    /// Whether more of an avatar than its place was asked for.
    fn has_asked_for(&self, owned: Owned) -> bool {
        finer_of(owned).any(|stream| self.asked.contains_key(&stream))
    }

    /// Whether more of an avatar comes by here than its place, and is wanted.
    fn has_finer(&self, owned: Owned) -> bool {
        self.wants(owned) && finer_of(owned).any(|stream| self.finer.contains_key(&stream))
    }

    /// Everything that is to come here, for the local person and for followers, in updates a second.
    fn demand(&self) -> BTreeMap<Stream, u8> {
        let mut demand = self.wanted.clone();
        for (stream, rate) in self.followers.values().flat_map(Follower::wanted) {
            let most = demand.entry(stream).or_default();
            *most = rate.max(*most);
        }
        demand
    }
}
