//! The avatars of the other members, as they are played.

use std::{collections::HashMap, sync::Arc};

use metaverse_avatar::{Level, Playback, Pose, Rig, Shown};
use metaverse_net::ReceivedPose;
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    time::Time,
};

#[derive(Default)]
pub(crate) struct RemoteAvatars(HashMap<(MemberNumber, AvatarId), RemoteAvatar>);

/// One avatar. Its place is known before its skeleton is.
#[derive(Default)]
struct RemoteAvatar {
    rig: Arc<Rig>,
    playback: Playback,
    /// What the newest pose told; `None` before the first.
    level: Option<Level>,
}

impl RemoteAvatars {
    /// An avatar has this skeleton from now on. One that it had before, as after a lost link, changes nothing.
    pub(crate) fn show(&mut self, member: MemberNumber, avatar: AvatarId, rig: Arc<Rig>) {
        let shown = self.0.entry((member, avatar)).or_default();
        if shown.rig != rig {
            *shown = RemoteAvatar {
                rig,
                ..RemoteAvatar::default()
            };
        }
    }

    pub(crate) fn hide(&mut self, member: MemberNumber, avatar: AvatarId) {
        self.0.remove(&(member, avatar));
    }

    pub(crate) fn forget_member(&mut self, number: MemberNumber) {
        self.0.retain(|(member, _), _| *member != number);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes in a pose that has come at `now`.
    pub(crate) fn push(&mut self, now: Time, received: &ReceivedPose) {
        let shown = self
            .0
            .entry((received.member, received.avatar))
            .or_default();
        shown.level = Some(received.level);
        shown
            .playback
            .push(now, received.captured, received.level, &received.pose);
    }

    /// How many avatars there are whose newest pose was of this level.
    pub(crate) fn count(&self, level: Level) -> usize {
        let levels = self.0.values().map(|shown| shown.level);
        levels.filter(|shown| *shown == Some(level)).count()
    }

    /// Writes the pose to show at `now` into `pose`, and tells what of it that is and which skeleton it is for.
    pub(crate) fn sample(
        &mut self,
        member: MemberNumber,
        avatar: AvatarId,
        now: Time,
        pose: &mut Pose,
    ) -> Option<(Shown, &Arc<Rig>)> {
        let shown = self.0.get_mut(&(member, avatar))?;
        Some((shown.playback.sample(now, pose)?, &shown.rig))
    }
}
