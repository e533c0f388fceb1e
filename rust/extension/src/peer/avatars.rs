//! What avatars and their spawner need of a peer.

use metaverse_avatar::RootPose;
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    time::Time,
};

use super::MetaversePeer;
use crate::roster::Roster;

impl MetaversePeer {
    /// Counts the changes in who is there; another number means that there were some.
    pub(crate) fn roster_revision(&self) -> u64 {
        self.roster_revision
    }

    /// The local player's number in the space.
    pub(crate) fn local_number(&self) -> Option<MemberNumber> {
        self.roster().map(Roster::local_number)
    }

    /// The moment on the clock of poses; `None` while the peer is not started.
    pub(crate) fn now(&self) -> Option<Time> {
        self.session.as_ref().map(|session| session.net.now())
    }

    pub(crate) fn send_pose(&mut self, avatar: AvatarId, captured: Time, pose: &RootPose) {
        if let Some(session) = &mut self.session {
            session.send_pose(avatar, captured, pose);
        }
    }

    pub(crate) fn forget_pose(&self, avatar: AvatarId) {
        if let Some(session) = &self.session {
            session.net.forget_pose(avatar);
        }
    }

    /// The pose of a remote avatar for this frame; `None` before the first has come.
    pub(crate) fn sample_pose(
        &mut self,
        member: MemberNumber,
        avatar: AvatarId,
    ) -> Option<RootPose> {
        self.session.as_mut()?.sample(member, avatar)
    }
}
