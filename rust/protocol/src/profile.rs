//! What a peer says about itself, and what a space is.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::{
    id::{ContentHash, PeerId, SpaceId},
    limits::ADDRESSES,
    name::{Name, Tag},
    rights::{Admission, Certificate, OfSpace},
    sign::{Signable, Signed},
};

/// A peer's own description, signed by it so that others can pass it on but not change it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// Of two profiles of one peer the one with the higher revision holds.
    pub revision: u32,
    /// The name others see.
    pub name: Name,
    /// The avatar image, as the hash of its bytes.
    pub image: Option<ContentHash>,
    /// Where the peer is reached, at most [`ADDRESSES`].
    pub addresses: Vec<SocketAddr>,
}

impl Signable for Profile {
    const CONTEXT: &'static [u8] = b"metaverse profile 1";
}

impl Profile {
    /// Whether the profile keeps the limits that its types alone do not hold.
    pub fn is_within_limits(&self) -> bool {
        self.addresses.len() <= ADDRESSES
    }
}

/// How to reach a peer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// Who it is.
    pub peer: PeerId,
    /// Where it may be; more than a few are ignored.
    pub addresses: Vec<SocketAddr>,
}

/// Whether a space is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Visibility {
    /// Listed for everyone.
    Public,
    /// Entered by invite only.
    #[default]
    Private,
}

/// What a space is; fixed by its creator.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpaceDescription {
    /// The space's key.
    pub id: SpaceId,
    /// Its name.
    pub name: Name,
    /// Whether it is listed.
    pub visibility: Visibility,
    /// The most members it takes, at most [`crate::limits::MEMBERS`].
    pub capacity: u16,
    /// What goes on there: the name of an activity profile.
    pub activity: Tag,
    /// Which scene of the game it is; the game gives it a meaning.
    pub scene: Tag,
}

impl Signable for SpaceDescription {
    const CONTEXT: &'static [u8] = b"metaverse description 1";
}

impl OfSpace for SpaceDescription {
    fn space(&self) -> SpaceId {
        self.id
    }
}

/// A member as the host knows it: admitted by certificate, described by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberRecord {
    /// The proof of membership.
    pub admission: Certificate<Admission>,
    /// The member's newest profile that the sender knows.
    pub profile: Signed<Profile>,
}
