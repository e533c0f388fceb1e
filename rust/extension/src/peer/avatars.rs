//! What avatars and their spawner need of a peer.

use std::sync::Arc;

use glam::Vec3;
use metaverse_avatar::{Pose, Rig, Shown};
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

    /// Counts the spaces that were entered: what is shown in one is not known in the next.
    pub(crate) fn stay(&self) -> u64 {
        self.stay
    }

    /// The moment at which the local avatars are captured in this frame; `None` where they are not.
    pub(crate) fn capture_time(&self) -> Option<Time> {
        self.session.as_ref()?.capture_time()
    }

    /// Begins to show a local avatar with this skeleton.
    pub(crate) fn show_avatar(&self, avatar: AvatarId, rig: &Arc<Rig>) {
        if let Some(session) = &self.session {
            session.net.show_avatar(avatar, Arc::clone(rig));
        }
    }

    pub(crate) fn hide_avatar(&self, avatar: AvatarId) {
        if let Some(session) = &self.session {
            session.net.hide_avatar(avatar);
        }
    }

    /// Takes the pose of a local avatar; all of a frame go together at its end. True for the first one.
    pub(crate) fn set_pose(&mut self, avatar: AvatarId, captured: Time, pose: &Pose) -> bool {
        self.session
            .as_mut()
            .is_some_and(|session| session.set_pose(avatar, captured, pose))
    }

    /// Sends the poses of this frame.
    pub(crate) fn send_poses(&mut self) {
        if let Some(session) = &mut self.session {
            session.send_poses();
        }
    }

    /// Where the player looks from, as of a moment ago.
    pub(crate) fn eye(&self) -> Option<Vec3> {
        self.eye
    }

    /// Writes the pose of a remote avatar for this frame into `pose`. Tells what of it is to be shown, and the skeleton it
    /// is for; `None` before the first has come.
    pub(crate) fn sample_pose(
        &mut self,
        member: MemberNumber,
        avatar: AvatarId,
        pose: &mut Pose,
    ) -> Option<(Shown, &Arc<Rig>)> {
        self.session.as_mut()?.sample(member, avatar, pose)
    }
}
