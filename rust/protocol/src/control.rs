//! The messages that keep a space in order. They travel on the control lane, in sequence.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{self, DecodeError},
    id::{AvatarId, ContentHash, Epoch, MemberNumber, PeerId, SpaceId},
    limits::{
        AVATARS, BULK_FRAME_BYTES, CONTROL_BYTES, FOLLOWS, FORWARDERS, IMAGE_BYTES, MEMBERS,
        MESSAGE_BYTES, MESSAGE_FRAME_BYTES, RIG_BYTES, ROSTER_PAGE, TOPIC_BYTES, WITNESSES,
    },
    profile::{Contact, MemberRecord, Profile, SpaceDescription},
    quality::LinkReport,
    rights::{Admission, Certificate, Chain, Permission, Standing},
    sign::Signed,
    vote::Vote,
};

/// A message on the control lane.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Control {
    /// A newcomer asks to be admitted.
    Join {
        /// The space it means.
        space: SpaceId,
        /// Its right to ask.
        permission: Certificate<Permission>,
        /// Who it is.
        profile: Signed<Profile>,
    },
    /// The host admits.
    Welcome(Box<Welcome>),
    /// More members, after a welcome that could not name all.
    Roster(Vec<Listed>),
    /// The answer to a newcomer who is not admitted.
    Refused(Refusal),
    /// The answer of a member that is not the host: where the host is.
    Redirect(Contact),
    /// Two members introduce themselves when their link opens, and take up their messages where they left off.
    Meet {
        /// Who the sender is.
        record: Box<MemberRecord>,
        /// The receiver's number as the sender knows it: what follows is about that stay of the receiver's.
        number: MemberNumber,
        /// How many of the receiver's game messages the sender has had.
        received: u64,
        /// The number of the sender's first game message that it can still send; those before it are lost.
        available: u64,
    },
    /// How many of the receiver's game messages the sender has had by now.
    Received {
        /// All since they are members together.
        count: u64,
    },
    /// The sender's profile has changed.
    Profile(Signed<Profile>),
    /// The host tells of a new member.
    Admitted(MemberRecord),
    /// The host tells that a member is gone.
    Removed {
        /// Who.
        number: MemberNumber,
        /// Whether it was lost, and is a member again when it is found.
        may_return: bool,
        /// Why, for people.
        reason: String,
    },
    /// The sender asks the host about a member that it does not know, or has not reached for long. It is told that it was
    /// admitted or removed.
    Ask(MemberNumber),
    /// Whom the sender follows.
    Side {
        /// That.
        side: Side,
        /// Who the sender is, where it has lost the receiver, which may never have heard of it.
        record: Option<Box<MemberRecord>>,
    },
    /// The sender has lost the host of this epoch and asks the receiver, next in standing, to follow it.
    HostLost {
        /// The epoch of the lost host.
        epoch: Epoch,
    },
    /// The sender is the host from now on.
    HostClaim {
        /// Its epoch: above that of the host before it.
        epoch: Epoch,
        /// Its right to admit.
        chain: Chain,
        /// The votes by which it follows the host before it; none where that was lost by everyone.
        votes: Vec<Signed<Vote>>,
    },
    /// The host passes on how often permissions were used, so that a successor goes on counting.
    PermissionUsed {
        /// The permission's serial number.
        serial: u64,
        /// How many entered with it.
        count: u32,
    },
    /// One of the sender's avatars has this skeleton from now on, or is gone.
    Avatar {
        /// Which.
        avatar: AvatarId,
        /// The skeleton as `metaverse-avatar` writes it; `None` is no avatar any more.
        rig: Option<Vec<u8>>,
    },
    /// How closely the sender watches avatars of the receiver; of others it is as before.
    Watch(Vec<Watch>),
    /// How good the sender's links to others are by now; those that are not named are as before.
    Links(Vec<LinkReport>),
    /// Over whom the sender's poses come to the receiver from now on; `None` is straight.
    Over(Option<MemberNumber>),
    /// The host names who would follow it, the best first: its witnesses.
    Successors(Vec<MemberNumber>),
    /// A witness does not hear the host, and wants the receiver to follow it; or the host gives its office away.
    Vote(Signed<Vote>),
    /// The host names the forwarders: beyond a full mesh, each member has one that hands on to it. None is a full mesh.
    Forwarders(Vec<MemberNumber>),
    /// For what the sender needs this link from now on.
    Need(Need),
    /// A forwarder tells another to whom it hands on.
    Serving(Vec<MemberNumber>),
    /// Which streams of avatars the sender wants handed on, and how often; of others it is as before.
    Follow(Vec<Follow>),
    /// One of another member's avatars has this skeleton, or is gone.
    AvatarOf {
        /// Whose.
        member: MemberNumber,
        /// Which.
        avatar: AvatarId,
        /// The skeleton as `metaverse-avatar` writes it; `None` is no avatar any more.
        rig: Option<Vec<u8>>,
    },
    /// The sender leaves.
    Leave {
        /// Why, for people.
        reason: String,
    },
}

/// For what a member needs a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Need {
    /// It is to stay open.
    pub open: bool,
    /// The receiver is to show its avatars on it.
    pub poses: bool,
    /// The receiver, a forwarder, is to hand on to the sender.
    pub home: bool,
}

impl Default for Need {
    /// What every link is needed for in a full mesh.
    fn default() -> Self {
        Self {
            open: true,
            poses: true,
            home: false,
        }
    }
}

/// A stream of an avatar that is to be handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Follow {
    /// Whose avatar.
    pub member: MemberNumber,
    /// Which.
    pub avatar: AvatarId,
    /// The level of detail, as `metaverse-avatar` numbers it.
    pub level: u8,
    /// Updates a second; 0 is none any more.
    pub rate: u8,
}

/// Whom a member follows: after members were cut off from each other there may be two hosts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Side {
    /// Its host.
    pub host: PeerId,
    /// The epoch of that host, as far as the member knows.
    pub epoch: Epoch,
    /// How many follow the member, itself among them, if it is that host.
    pub followers: u16,
}

/// How closely somebody watches an avatar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Watch {
    /// Which of the receiver's avatars.
    pub avatar: AvatarId,
    /// The level of detail, as `metaverse-avatar` numbers it.
    pub level: u8,
    /// Updates a second, at least 1.
    pub rate: u8,
}

/// What a new member needs to begin.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// What the space is.
    pub description: Certificate<SpaceDescription>,
    /// The new member's own proof.
    pub admission: Certificate<Admission>,
    /// The right to admit, should the member become host.
    pub chain: Chain,
    /// The present epoch.
    pub epoch: Epoch,
    /// The host's number.
    pub host: MemberNumber,
    /// The last admission, from which a successor counts on.
    pub latest: Standing,
    /// The space's time in milliseconds.
    pub space_time: u64,
    /// Other members, the host among them.
    pub roster: Vec<Listed>,
    /// How many more follow, in [`Control::Roster`]s.
    pub more: u16,
    /// How often each limited permission was used.
    pub permissions_used: Vec<(u64, u32)>,
    /// The forwarders; none in a full mesh.
    pub forwarders: Vec<MemberNumber>,
}

/// A member as a newcomer is told of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// Who it is.
    pub record: MemberRecord,
    /// How many announcements it has made so far.
    pub announced: u64,
}

/// Why somebody is not admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// The receiver is in no space, or in another one.
    WrongSpace,
    /// The permission is forged, broken, or for another space.
    InvalidPermission,
    /// The permission's time is over.
    Expired,
    /// As many have entered with the permission as it allows.
    UsedUp,
    /// The space has as many members as it takes.
    Full,
    /// The profile breaks a limit.
    InvalidProfile,
    /// There is no host at the moment; ask again soon.
    NoHost,
    /// The host has admitted as many as it can at the moment; ask again soon.
    Busy,
}

impl Control {
    /// Encodes the message for the control lane.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes a frame of the control lane.
    ///
    /// # Errors
    /// When the bytes are too many or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = codec::decode::<Self, CONTROL_BYTES>(bytes)?;
        match &message {
            Self::Avatar { rig: Some(rig), .. } | Self::AvatarOf { rig: Some(rig), .. } => {
                at_most(rig.len(), RIG_BYTES)?;
            }
            Self::Welcome(welcome) => at_most(welcome.roster.len(), ROSTER_PAGE)?,
            Self::Roster(listed) => at_most(listed.len(), ROSTER_PAGE)?,
            Self::Watch(watches) => at_most(watches.len(), AVATARS)?,
            Self::HostClaim { votes, .. } => at_most(votes.len(), WITNESSES)?,
            Self::Successors(listed) => at_most(listed.len(), WITNESSES)?,
            Self::Forwarders(listed) => at_most(listed.len(), FORWARDERS)?,
            Self::Serving(served) => at_most(served.len(), MEMBERS)?,
            Self::Follow(follows) => at_most(follows.len(), FOLLOWS)?,
            Self::Links(reports) => at_most(reports.len(), MEMBERS)?,
            _ => {}
        }
        Ok(message)
    }
}

/// A message of the game's own, on the message lane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GameMessage {
    /// What it is about, as the game names it.
    pub topic: String,
    /// Whether it went to this receiver alone.
    pub private: bool,
    /// The game's bytes.
    pub data: Vec<u8>,
}

impl GameMessage {
    /// Encodes the message for the message lane.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes a frame of the message lane.
    ///
    /// # Errors
    /// When the bytes are malformed or the topic or the data are over their limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = codec::decode::<Self, MESSAGE_FRAME_BYTES>(bytes)?;
        at_most(message.topic.len(), TOPIC_BYTES)?;
        at_most(message.data.len(), MESSAGE_BYTES)?;
        Ok(message)
    }
}

/// A message on the bulk lane, where size may delay nobody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Bulk {
    /// Asks for the image with this hash.
    Request(ContentHash),
    /// The image asked for.
    Image {
        /// Its hash, which the receiver checks.
        hash: ContentHash,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The sender does not have the image with this hash.
    Missing(ContentHash),
}

impl Bulk {
    /// Encodes the message for the bulk lane.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes a frame of the bulk lane.
    ///
    /// # Errors
    /// When the bytes are malformed or the image is over its limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message = codec::decode::<Self, BULK_FRAME_BYTES>(bytes)?;
        if let Self::Image { bytes, .. } = &message {
            at_most(bytes.len(), IMAGE_BYTES)?;
        }
        Ok(message)
    }
}

fn at_most(length: usize, limit: usize) -> Result<(), DecodeError> {
    if length > limit {
        return Err(DecodeError::TooLong { length, limit });
    }
    Ok(())
}
