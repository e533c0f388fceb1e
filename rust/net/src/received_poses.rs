//! The newest poses of the others, until the game takes them once a frame.

use std::collections::HashMap;

use metaverse_avatar::{Level, Pose};
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    limits::AVATARS,
    time::Time,
};
use parking_lot::Mutex;

use crate::config::POSE_SAMPLES;

/// A pose of somebody else's avatar.
#[derive(Clone, PartialEq, Debug)]
pub struct ReceivedPose {
    /// Whose.
    pub member: MemberNumber,
    /// Which of the member's avatars.
    pub avatar: AvatarId,
    /// When it was captured, on the local clock, as well as the clocks' offset is known.
    pub captured: Time,
    /// When it arrived, on the local clock.
    pub received: Time,
    /// In which detail it came.
    pub level: Level,
    /// The whole figure, as far as it is known.
    pub pose: Pose,
}

/// What became of a pose that was put in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Put {
    /// It waits.
    Kept,
    /// It waits in the place of an older one.
    Overwrote,
    /// Its member has too many avatars.
    Rejected,
}

/// The last few samples of each avatar.
#[derive(Debug, Default)]
pub(crate) struct ReceivedPoses(Mutex<HashMap<MemberNumber, Vec<Samples>>>);

/// The samples of one avatar, oldest first. The buffer stays when they are taken.
#[derive(Debug)]
struct Samples {
    avatar: AvatarId,
    poses: Vec<ReceivedPose>,
}

impl Samples {
    fn put(&mut self, pose: ReceivedPose) -> Put {
        let is_full = self.poses.len() >= POSE_SAMPLES;
        if is_full {
            self.poses.remove(0);
        }
        self.poses.push(pose);
        if is_full { Put::Overwrote } else { Put::Kept }
    }
}

impl ReceivedPoses {
    /// Lets a pose wait for the game.
    pub(crate) fn put(&self, pose: ReceivedPose) -> Put {
        let mut members = self.0.lock();
        let avatars = members.entry(pose.member).or_default();
        if let Some(samples) = avatars
            .iter_mut()
            .find(|samples| samples.avatar == pose.avatar)
        {
            return samples.put(pose);
        }
        if avatars.len() >= AVATARS {
            return reuse(avatars, pose);
        }
        let avatar = pose.avatar;
        let mut poses = Vec::with_capacity(POSE_SAMPLES);
        poses.push(pose);
        avatars.push(Samples { avatar, poses });
        Put::Kept
    }

    /// Replaces what is in `out` by everything that waits: for each avatar in the order of arrival.
    pub(crate) fn take(&self, out: &mut Vec<ReceivedPose>) {
        out.clear();
        for samples in self.0.lock().values_mut().flatten() {
            out.append(&mut samples.poses);
        }
    }

    /// Forgets an avatar that has gone.
    pub(crate) fn forget_avatar(&self, member: MemberNumber, avatar: AvatarId) {
        if let Some(avatars) = self.0.lock().get_mut(&member) {
            avatars.retain(|samples| samples.avatar != avatar);
        }
    }

    /// Forgets a member that has gone.
    pub(crate) fn forget(&self, member: MemberNumber) {
        self.0.lock().remove(&member);
    }

    /// Forgets everybody.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}

/// Gives the place of an avatar of which nothing waits to another.
fn reuse(avatars: &mut [Samples], pose: ReceivedPose) -> Put {
    let Some(free) = avatars.iter_mut().find(|samples| samples.poses.is_empty()) else {
        return Put::Rejected;
    };
    free.avatar = pose.avatar;
    free.put(pose)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(avatar: usize, captured: u64) -> ReceivedPose {
        let avatar = AvatarId(avatar as u16);
        ReceivedPose {
            member: MemberNumber(1),
            avatar,
            captured: Time(captured),
            received: Time(captured),
            level: Level::Far,
            pose: Pose::default(),
        }
    }

    #[test]
    fn the_newest_samples_are_taken_in_order_and_once() {
        let poses = ReceivedPoses::default();
        let put: Vec<_> = (0..10).map(|time| poses.put(pose(0, time))).collect();
        assert_eq!(put.iter().filter(|put| **put == Put::Overwrote).count(), 2);
        let mut out = vec![pose(9, 9)];
        poses.take(&mut out);
        assert_eq!(
            out.iter().map(|pose| pose.captured.0).collect::<Vec<_>>(),
            [2, 3, 4, 5, 6, 7, 8, 9]
        );
        poses.take(&mut out);
        assert_eq!(out, []);
    }

    #[test]
    fn a_member_with_ever_new_avatars_stays_within_its_places() {
        let poses = ReceivedPoses::default();
        for avatar in 0..AVATARS {
            assert_eq!(poses.put(pose(avatar, 0)), Put::Kept);
        }
        assert_eq!(poses.put(pose(AVATARS, 0)), Put::Rejected);
        let mut out = Vec::new();
        poses.take(&mut out);
        assert_eq!(poses.put(pose(AVATARS, 0)), Put::Kept);
    }

    #[test]
    fn taking_allocates_nothing_once_the_buffers_have_grown() {
        let poses = ReceivedPoses::default();
        let mut out = Vec::with_capacity(POSE_SAMPLES);
        let buffer = out.as_ptr();
        for round in 0..100 {
            for time in 0..POSE_SAMPLES as u64 {
                poses.put(pose(0, round * 100 + time));
            }
            poses.take(&mut out);
            assert_eq!((out.len(), out.as_ptr()), (POSE_SAMPLES, buffer));
        }
    }

    #[test]
    fn whoever_is_gone_leaves_nothing() {
        let poses = ReceivedPoses::default();
        poses.put(pose(0, 1));
        poses.forget(MemberNumber(1));
        let mut out = Vec::new();
        poses.take(&mut out);
        assert_eq!(out, []);
    }
}
