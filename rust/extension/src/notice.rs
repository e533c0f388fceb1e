//! What a peer has to tell the game: queued while events are handled, emitted when nothing is borrowed.

use godot::prelude::*;

use crate::{
    activity_profile::MetaverseActivityProfile,
    enums::{JoinError, PathKind, State},
    member::MetaverseMember,
    peer::MetaversePeer,
    space::MetaverseSpace,
};

/// A signal that waits for its emission.
pub(crate) enum Notice {
    StateChanged(State),
    SpaceJoined(Gd<MetaverseSpace>),
    SpaceLeft(String),
    JoinFailed(JoinError, String),
    MemberJoined(Gd<MetaverseMember>),
    MemberLeft(Gd<MetaverseMember>, String),
    MemberUpdated(Gd<MetaverseMember>),
    HostChanged(Gd<MetaverseMember>),
    PathChanged(Gd<MetaverseMember>, PathKind),
    MessageReceived(Gd<MetaverseMember>, StringName, Variant),
    ActivityProfileChanged(Gd<MetaverseActivityProfile>),
    Failed(String),
}

impl Notice {
    /// Emits the signal. Runs the game's code, which may do anything, even free the peer.
    pub(crate) fn emit(self, peer: &Gd<MetaversePeer>) {
        let mut signals = peer.signals();
        match self {
            Self::StateChanged(state) => signals.state_changed().emit(state),
            Self::SpaceJoined(space) => signals.space_joined().emit(&space),
            Self::SpaceLeft(reason) => signals.space_left().emit(&reason),
            Self::JoinFailed(code, message) => signals.join_failed().emit(code, &message),
            Self::MemberJoined(member) => signals.member_joined().emit(&member),
            Self::MemberLeft(member, reason) => signals.member_left().emit(&member, &reason),
            Self::MemberUpdated(member) => signals.member_updated().emit(&member),
            Self::HostChanged(member) => signals.host_changed().emit(&member),
            Self::PathChanged(member, path) => signals.path_changed().emit(&member, path),
            Self::MessageReceived(member, topic, data) => {
                signals.message_received().emit(&member, &topic, &data);
            }
            Self::ActivityProfileChanged(profile) => {
                signals.activity_profile_changed().emit(&profile);
            }
            Self::Failed(message) => signals.failed().emit(&message),
        }
    }
}
