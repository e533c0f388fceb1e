//! The local avatars' newest poses on their way to the machine: a newer one takes the place of an unsent older one.

use bytes::Bytes;
use metaverse_protocol::{id::AvatarId, time::Time};
use metaverse_space::config::{AVATARS, POSE_BYTES};
use parking_lot::Mutex;

/// A pose that will not be sent: too large, or of one avatar too many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rejected;

/// A pose that is to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SentPose {
    pub(crate) avatar: AvatarId,
    pub(crate) captured: Time,
    pub(crate) payload: Bytes,
}

/// One slot for each avatar.
#[derive(Debug, Default)]
pub(crate) struct SentPoses(Mutex<Vec<Slot>>);

#[derive(Debug)]
struct Slot {
    avatar: AvatarId,
    captured: Time,
    payload: Vec<u8>,
    is_new: bool,
}

impl SentPoses {
    /// Puts the newest pose of an avatar in.
    pub(crate) fn put(
        &self,
        avatar: AvatarId,
        captured: Time,
        payload: &[u8],
    ) -> Result<(), Rejected> {
        if payload.len() > POSE_BYTES {
            return Err(Rejected);
        }
        let mut slots = self.0.lock();
        let place = match slots.iter().position(|slot| slot.avatar == avatar) {
            Some(place) => place,
            None if slots.len() >= AVATARS => return Err(Rejected),
            None => {
                slots.push(Slot {
                    avatar,
                    captured,
                    payload: Vec::new(),
                    is_new: false,
                });
                slots.len() - 1
            }
        };
        let slot = &mut slots[place];
        slot.captured = captured;
        slot.is_new = true;
        slot.payload.clear();
        slot.payload.extend_from_slice(payload);
        Ok(())
    }

    /// Frees the slot of an avatar that is gone.
    pub(crate) fn forget(&self, avatar: AvatarId) {
        self.0.lock().retain(|slot| slot.avatar != avatar);
    }

    /// Frees all slots.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The poses that are new since the last call.
    pub(crate) fn take(&self) -> Vec<SentPose> {
        self.0
            .lock()
            .iter_mut()
            .filter(|slot| slot.is_new)
            .map(Slot::take)
            .collect()
    }
}

impl Slot {
    fn take(&mut self) -> SentPose {
        self.is_new = false;
        SentPose {
            avatar: self.avatar,
            captured: self.captured,
            payload: Bytes::copy_from_slice(&self.payload),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(poses: &SentPoses) -> Vec<(u16, u64, Vec<u8>)> {
        poses
            .take()
            .into_iter()
            .map(|pose| (pose.avatar.0, pose.captured.0, pose.payload.to_vec()))
            .collect()
    }

    #[test]
    fn the_newest_pose_of_each_avatar_is_taken_once() {
        let poses = SentPoses::default();
        poses.put(AvatarId(0), Time(1), &[1]).expect("room");
        poses.put(AvatarId(0), Time(2), &[2]).expect("room");
        poses.put(AvatarId(1), Time(3), &[3]).expect("room");
        assert_eq!(taken(&poses), [(0, 2, vec![2]), (1, 3, vec![3])]);
        assert_eq!(taken(&poses), []);
    }

    #[test]
    fn avatars_and_bytes_are_bounded() {
        let poses = SentPoses::default();
        assert_eq!(
            poses.put(AvatarId(0), Time(0), &[0; POSE_BYTES + 1]),
            Err(Rejected)
        );
        for avatar in 0..AVATARS {
            poses
                .put(AvatarId(avatar as u16), Time(0), &[0; POSE_BYTES])
                .expect("room");
        }
        assert_eq!(poses.put(AvatarId(u16::MAX), Time(0), &[]), Err(Rejected));
        poses.forget(AvatarId(0));
        poses
            .put(AvatarId(u16::MAX), Time(0), &[])
            .expect("room again");
    }
}
