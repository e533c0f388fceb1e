//! What goes into the machine and what comes out of it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use metaverse_avatar::{Level, Pose, Rig};
use metaverse_protocol::{
    id::{AvatarId, ContentHash, MemberNumber, PeerId, SpaceId},
    invite::Invite,
    lane::Lane,
    name::Name,
    profile::{Contact, SpaceDescription},
    rights::{Certificate, Chain, Permission},
    sign::Identity,
    state::Key,
    time::{Time, UnixSeconds},
};

use crate::{activity::ActivityProfile, interest::Viewpoint, state::StateChange};

/// The present moment: on the steady clock of this peer, and in the world.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The steady clock. Never goes back.
    pub time: Time,
    /// The calendar's clock, which may be wrong.
    pub unix: UnixSeconds,
}

/// Something that happened, for the machine to handle.
#[derive(Debug)]
pub enum Input {
    /// A link to `peer` is open. If there was one before, it is replaced and what was on it is lost.
    Connected {
        /// Who, as the transport has proved.
        peer: PeerId,
    },
    /// The link to `peer` is gone.
    Disconnected {
        /// Who.
        peer: PeerId,
        /// Why.
        reason: CloseReason,
    },
    /// A [`Output::Dial`] has failed.
    DialFailed {
        /// Who was dialled.
        peer: PeerId,
        /// Why.
        error: DialError,
    },
    /// A whole frame has arrived on a lane.
    Frame {
        /// From whom.
        from: PeerId,
        /// On which lane.
        lane: Lane,
        /// The frame, at most [`Lane::frame_limit`] bytes.
        bytes: Bytes,
    },
    /// A datagram has arrived.
    Datagram {
        /// From whom.
        from: PeerId,
        /// Its bytes.
        bytes: Bytes,
    },
    /// The transport wants a packet carried to `to` by other members.
    Packet {
        /// To whom.
        to: PeerId,
        /// The packet, sealed by the transport; at most [`metaverse_protocol::limits::PACKET_BYTES`].
        bytes: Bytes,
    },
    /// The transport has found another path to `peer`.
    Path {
        /// To whom.
        peer: PeerId,
        /// What kind of path it is.
        kind: PathKind,
    },
    /// This peer is reached at other addresses than before.
    Addresses(Vec<SocketAddr>),
    /// The moment asked for by [`Output::WakeAt`] has come.
    Wake,
    /// The game wants something.
    Command(Command),
}

/// What the game wants.
#[derive(Debug)]
pub enum Command {
    /// Send a message to one member, or to all.
    Send {
        /// The receiver; `None` is everyone but oneself.
        to: Option<MemberNumber>,
        /// The encoded [`metaverse_protocol::control::GameMessage`]. Shared, not copied, among the receivers.
        frame: Bytes,
    },
    /// Begin to show one of the local avatars, or show it with another skeleton.
    ShowAvatar {
        /// Which of them; below [`metaverse_protocol::limits::AVATARS`].
        avatar: AvatarId,
        /// Its skeleton.
        rig: Arc<Rig>,
    },
    /// A local avatar is gone.
    HideAvatar {
        /// Which of them.
        avatar: AvatarId,
    },
    /// Show others the newest poses of local avatars that were captured in one moment.
    Poses {
        /// When.
        captured: Time,
        /// The poses of avatars that are shown.
        poses: Vec<(AvatarId, Pose)>,
    },
    /// Watch the others in another way from now on.
    Watch {
        /// Where the local person looks from; `None` counts everybody as equally far.
        viewpoint: Option<Viewpoint>,
        /// What the present activity needs.
        profile: ActivityProfile,
    },
    /// A member is heard to speak, or no longer.
    Speaking {
        /// Who.
        number: MemberNumber,
        /// Whether.
        is_speaking: bool,
    },
    /// Write a shared value, or erase it.
    WriteState {
        /// Its key.
        key: Key,
        /// The value; `None` erases it.
        value: Option<Bytes>,
    },
    /// Send the shared values that wait for the next beat now, as the local member is about to leave. Answered by
    /// [`Output::StateTaken`] when everyone has them.
    FlushState,
    /// Change what others see of the local person.
    SetProfile {
        /// The name.
        name: Name,
        /// The image as it travels, already encoded; `None` is no image.
        image: Option<Bytes>,
    },
    /// Leave the space.
    Leave,
}

/// Something to do, for whoever drives the machine.
#[derive(Debug)]
pub enum Output {
    /// Open a link, straight or, from inside a space, by [`Input::Packet`]s over other members. Answered by [`Input::Connected`] or [`Input::DialFailed`].
    Dial {
        /// To whom.
        peer: PeerId,
        /// Where it may be.
        addresses: Vec<SocketAddr>,
    },
    /// Send a frame, in sequence with the others of its lane.
    Frame {
        /// To whom.
        to: PeerId,
        /// On which lane.
        lane: Lane,
        /// The frame.
        bytes: Bytes,
    },
    /// Send a datagram, now or never.
    Datagram {
        /// To whom.
        to: PeerId,
        /// Its bytes.
        bytes: Bytes,
    },
    /// Hand a packet to the transport that another member has carried here.
    Packet {
        /// Whose transport has sent it, if the carrier tells the truth: only the seal proves it.
        from: PeerId,
        /// The packet.
        bytes: Bytes,
    },
    /// Close the link once what was sent on it has gone out. No [`Input::Disconnected`] follows.
    Close {
        /// To whom.
        peer: PeerId,
        /// Why; told to the other side.
        reason: CloseReason,
    },
    /// Tell the game.
    Event(Event),
    /// A pose has arrived, newer than all before it.
    Pose {
        /// Whose.
        member: MemberNumber,
        /// Which of the member's avatars.
        avatar: AvatarId,
        /// When it was captured, on this peer's clock, as well as the clocks' offset is known.
        captured: Time,
        /// In which detail it came.
        level: Level,
        /// The pose.
        pose: Box<Pose>,
    },
    /// Another shared value holds than before, and not because the game has written it.
    State {
        /// Its key.
        key: Key,
        /// The value, and who has written it.
        change: StateChange,
    },
    /// Everyone has all shared values that the local member has written.
    StateTaken,
    /// Who can issue invites now, and naming whom, has changed.
    Inviter(Box<Inviter>),
    /// Hand in [`Input::Wake`] at this time. Replaces the moment asked for before.
    WakeAt(Time),
    /// The machine has ended; it wants no more input.
    Ended,
}

/// Why a link was or is to be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseReason {
    /// One side has left the space, or has no more use for the link.
    Done,
    /// Nothing was heard for too long.
    Silent,
    /// The other side sent what nobody may send.
    Malformed,
    /// The other side sent more than anybody may send.
    Flooding,
    /// The other side does not take what is sent to it.
    NotReading,
    /// The other side has no right to be here.
    Unauthorized,
    /// The transport has failed.
    Failed,
}

/// Why nobody was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DialError {
    /// Nobody answers there.
    Unreachable,
    /// Somebody answers in another version of the protocol.
    Incompatible,
}

/// How a member is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PathKind {
    /// There is no link, or not yet.
    #[default]
    Unknown,
    /// Straight.
    Direct,
    /// Over a relay server.
    Relay,
    /// Over another member.
    Forwarded,
}

/// Something the game is told.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// The local peer is in the space.
    Joined {
        /// What the space is.
        description: SpaceDescription,
        /// The local member's number.
        local: MemberNumber,
        /// The host's number.
        host: MemberNumber,
        /// Everyone, the local member included, by standing.
        members: Vec<MemberView>,
    },
    /// The local peer did not get in. The machine ends.
    JoinFailed {
        /// What kind of failure.
        error: JoinError,
        /// A sentence for the player.
        message: String,
    },
    /// The local peer is out of the space. The machine ends.
    Left {
        /// A sentence for the player; empty if it was their own wish.
        reason: String,
    },
    /// Somebody has come.
    MemberJoined(MemberView),
    /// A member's name or image is another.
    MemberUpdated(MemberView),
    /// Somebody has gone.
    MemberLeft {
        /// Who.
        number: MemberNumber,
        /// Why, for people.
        reason: String,
    },
    /// Another member is the host.
    HostChanged {
        /// Who.
        host: MemberNumber,
    },
    /// A member is reached in another way.
    PathChanged {
        /// Who.
        number: MemberNumber,
        /// How.
        path: PathKind,
    },
    /// How long a datagram takes to a member and back.
    RoundTrip {
        /// Who.
        number: MemberNumber,
        /// The smoothed round trip.
        time: Duration,
    },
    /// A member shows an avatar, or shows it with another skeleton.
    AvatarShown {
        /// Who.
        number: MemberNumber,
        /// Which of its avatars.
        avatar: AvatarId,
        /// The skeleton.
        rig: Arc<Rig>,
    },
    /// A member shows an avatar no longer.
    AvatarHidden {
        /// Who.
        number: MemberNumber,
        /// Which of its avatars.
        avatar: AvatarId,
    },
    /// An image that members wear is here, the local one included; its hash was checked, its content was not. It comes
    /// once, until it is forgotten.
    Image {
        /// Its hash.
        hash: ContentHash,
        /// Its bytes.
        bytes: Bytes,
    },
    /// An image is no longer kept; it comes again if somebody wears it again.
    ImageForgotten {
        /// Its hash.
        hash: ContentHash,
    },
    /// All shared values from before the local member came have come.
    StateSynchronized,
    /// A member has sent a message.
    Message {
        /// Who.
        from: MemberNumber,
        /// What about.
        topic: String,
        /// Whether to the local member alone.
        private: bool,
        /// The game's bytes.
        data: Bytes,
    },
}

/// What the game may know of a member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberView {
    /// Its id.
    pub peer: PeerId,
    /// Its number.
    pub number: MemberNumber,
    /// Its name.
    pub name: Name,
    /// The hash of its image.
    pub image: Option<ContentHash>,
    /// How it is reached.
    pub path: PathKind,
}

/// Why somebody did not get in. The Godot API has the same names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinError {
    /// The invite cannot be used.
    InvalidInvite,
    /// Nobody that the invite names answers.
    Unreachable,
    /// The host says no.
    Refused,
    /// The space has as many members as it takes.
    Full,
    /// The other side speaks another version.
    Incompatible,
    /// The other side answers too slowly.
    TimedOut,
    /// The player changed their mind.
    Cancelled,
    /// The invite's time, or its number of uses, is over.
    Expired,
    /// The person was sent away for good.
    Banned,
}

/// Who the local person is as the machine begins.
#[derive(Clone, Debug)]
pub struct Local {
    /// The key pair; its public half is the peer's id.
    pub identity: Identity,
    /// The name others see.
    pub name: Name,
    /// The image others see, as it travels (see [`crate::picture`]).
    pub image: Option<Bytes>,
    /// Where this peer is reached.
    pub addresses: Vec<SocketAddr>,
}

/// Issues invites in the local member's name, anywhere and at once: a snapshot of what that takes.
#[derive(Clone, Debug)]
pub struct Inviter {
    pub(crate) identity: Identity,
    pub(crate) space: SpaceId,
    pub(crate) chain: Chain,
    pub(crate) contacts: Vec<Contact>,
}

impl Inviter {
    /// An invite that admits `uses` people (`None`: any number) until `expires` (`None`: for ever).
    /// `serial` tells it from other invites: draw it at random.
    pub fn issue(&self, serial: u64, uses: Option<u32>, expires: Option<UnixSeconds>) -> Invite {
        let permission = Permission {
            space: self.space,
            serial,
            uses,
            expires,
        };
        Invite {
            space: self.space,
            permission: Certificate::new(self.chain.clone(), &self.identity, &permission),
            contacts: self.contacts.clone(),
        }
    }
}

/// How a machine begins.
#[derive(Debug)]
pub enum Start {
    /// A new space, with the local member as host.
    Create {
        /// The secret of the space's key.
        secret: [u8; 32],
        /// The name, activity, and so on; its `id` is set from the secret.
        description: SpaceDescription,
    },
    /// Somebody else's space.
    Join(Box<Invite>),
}
