//! The local avatars on their way to the machine: a newer pose takes the place of an unsent older one.

use std::sync::Arc;

use metaverse_avatar::{Pose, Rig};
use metaverse_protocol::{id::AvatarId, limits::AVATARS, time::Time};
use metaverse_space::io::Command;
use parking_lot::Mutex;

/// An avatar that will not be shown: it is one too many, or was not shown before its pose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rejected;

/// One slot for each avatar.
#[derive(Debug, Default)]
pub(crate) struct LocalAvatars(Mutex<Vec<Slot>>);

#[derive(Debug)]
struct Slot {
    avatar: AvatarId,
    rig: Arc<Rig>,
    pose: Box<Pose>,
    captured: Time,
    has_new_rig: bool,
    has_new_pose: bool,
    is_gone: bool,
}

impl LocalAvatars {
    /// Begins to show an avatar, or shows it with another skeleton.
    pub(crate) fn show(&self, avatar: AvatarId, rig: Arc<Rig>) -> Result<(), Rejected> {
        let mut slots = self.0.lock();
        if let Some(slot) = slots.iter_mut().find(|slot| slot.avatar == avatar) {
            slot.rig = rig;
            slot.has_new_rig = true;
            slot.has_new_pose = false;
            slot.is_gone = false;
            return Ok(());
        }
        if slots.len() >= AVATARS || usize::from(avatar.0) >= AVATARS {
            return Err(Rejected);
        }
        slots.push(Slot {
            avatar,
            rig,
            pose: Box::new(Pose::default()),
            captured: Time::default(),
            has_new_rig: true,
            has_new_pose: false,
            is_gone: false,
        });
        Ok(())
    }

    /// Puts the newest pose of an avatar in.
    pub(crate) fn put(
        &self,
        avatar: AvatarId,
        captured: Time,
        pose: &Pose,
    ) -> Result<(), Rejected> {
        let mut slots = self.0.lock();
        let slot = slots
            .iter_mut()
            .find(|slot| slot.avatar == avatar && !slot.is_gone)
            .ok_or(Rejected)?;
        (*slot.pose).clone_from(pose);
        slot.captured = captured;
        slot.has_new_pose = true;
        Ok(())
    }

    /// An avatar is gone.
    pub(crate) fn hide(&self, avatar: AvatarId) {
        if let Some(slot) = self.0.lock().iter_mut().find(|slot| slot.avatar == avatar) {
            slot.is_gone = true;
        }
    }

    /// Frees all slots.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// What is new since the last call, for the machine. Poses of the same moment come together.
    pub(crate) fn take(&self) -> Vec<Command> {
        let mut slots = self.0.lock();
        let mut commands: Vec<Command> = slots.iter_mut().filter_map(Slot::take_rig).collect();
        slots.retain(|slot| !slot.is_gone);
        let mut new: Vec<&mut Slot> = slots.iter_mut().filter(|slot| slot.has_new_pose).collect();
        for slot in &mut new {
            slot.has_new_pose = false;
        }
        new.sort_by_key(|slot| slot.captured);
        commands.extend(
            new.chunk_by(|a, b| a.captured == b.captured)
                .map(|together| Command::Poses {
                    captured: together[0].captured,
                    poses: together
                        .iter()
                        .map(|slot| (slot.avatar, Pose::clone(&slot.pose)))
                        .collect(),
                }),
        );
        commands
    }
}

impl Slot {
    fn take_rig(&mut self) -> Option<Command> {
        let avatar = self.avatar;
        if self.is_gone {
            return Some(Command::HideAvatar { avatar });
        }
        let rig = Arc::clone(&self.rig);
        std::mem::take(&mut self.has_new_rig).then_some(Command::ShowAvatar { avatar, rig })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(avatars: &LocalAvatars, avatar: u16) -> Result<(), Rejected> {
        avatars.show(AvatarId(avatar), Arc::default())
    }

    fn put(avatars: &LocalAvatars, avatar: u16, captured: u64) -> Result<(), Rejected> {
        avatars.put(AvatarId(avatar), Time(captured), &Pose::default())
    }

    /// What is taken, in short.
    fn taken(avatars: &LocalAvatars) -> Vec<String> {
        let describe = |command| match command {
            Command::ShowAvatar { avatar, .. } => format!("show {}", avatar.0),
            Command::HideAvatar { avatar } => format!("hide {}", avatar.0),
            Command::Poses { captured, poses } => {
                let avatars: Vec<u16> = poses.iter().map(|(avatar, _)| avatar.0).collect();
                format!("{avatars:?} at {}", captured.0)
            }
            other => panic!("{other:?}"),
        };
        avatars.take().into_iter().map(describe).collect()
    }

    #[test]
    fn the_newest_pose_of_each_avatar_is_taken_once_and_together() {
        let avatars = LocalAvatars::default();
        for avatar in 0..3 {
            show(&avatars, avatar).expect("room");
        }
        put(&avatars, 0, 1).expect("shown");
        put(&avatars, 0, 2).expect("shown");
        put(&avatars, 2, 2).expect("shown");
        put(&avatars, 1, 1).expect("shown");
        assert_eq!(
            taken(&avatars),
            ["show 0", "show 1", "show 2", "[1] at 1", "[0, 2] at 2"]
        );
        assert!(taken(&avatars).is_empty());
    }

    #[test]
    fn whatever_is_hidden_is_told_and_takes_no_pose() {
        let avatars = LocalAvatars::default();
        assert_eq!(put(&avatars, 0, 1), Err(Rejected), "never shown");
        show(&avatars, 0).expect("room");
        put(&avatars, 0, 1).expect("shown");
        avatars.hide(AvatarId(0));
        assert_eq!(put(&avatars, 0, 2), Err(Rejected));
        assert_eq!(taken(&avatars), ["hide 0"]);
        assert!(taken(&avatars).is_empty());
    }

    #[test]
    fn another_skeleton_makes_the_unsent_pose_void() {
        let avatars = LocalAvatars::default();
        show(&avatars, 0).expect("room");
        put(&avatars, 0, 1).expect("shown");
        show(&avatars, 0).expect("room");
        assert_eq!(taken(&avatars), ["show 0"]);
    }

    #[test]
    fn avatars_are_bounded() {
        let avatars = LocalAvatars::default();
        for avatar in 0..AVATARS as u16 {
            show(&avatars, avatar).expect("room");
        }
        assert_eq!(show(&avatars, AVATARS as u16), Err(Rejected));
        avatars.hide(AvatarId(3));
        avatars.take();
        show(&avatars, 3).expect("room again");
    }
}
