//! How much of a pose travels.

use glam::{Quat, Vec3};

use crate::{
    pose::{Pose, RootPose},
    rig::Rig,
};

/// How much of a pose a receiver gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// The root, the hips, every bone, the expressions.
    Near,
    /// The root, the height of the hips, the head, the hands and the feet; the receiver's rig solves the rest.
    Middle,
    /// The root alone.
    Far,
}

impl Level {
    /// All of them, the fullest first: the place of a level in the list is its number on the wire.
    pub const ALL: [Self; 3] = [Self::Near, Self::Middle, Self::Far];

    /// Its number on the wire, of two bits.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The level with this number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// What has an end that the eye follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limb {
    /// The arm that ends in `LeftHand`.
    LeftArm,
    /// The arm that ends in `RightHand`.
    RightArm,
    /// The leg that ends in `LeftFoot`.
    LeftLeg,
    /// The leg that ends in `RightFoot`.
    RightLeg,
}

impl Limb {
    /// All of them, in the order of [`MiddlePose::ends`].
    pub const ALL: [Self; 4] = [Self::LeftArm, Self::RightArm, Self::LeftLeg, Self::RightLeg];

    /// The humanoid name of the bone at its end.
    pub fn end(self) -> &'static str {
        match self {
            Self::LeftArm => "LeftHand",
            Self::RightArm => "RightHand",
            Self::LeftLeg => "LeftFoot",
            Self::RightLeg => "RightFoot",
        }
    }
}

/// The end of a limb, relative to the root, in the axes of skeleton space.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LimbEnd {
    /// Where the hand's or foot's bone begins, in metres.
    pub position: Vec3,
    /// How it is turned from its rest in skeleton space.
    pub rotation: Quat,
}

/// What travels of a pose to those who see the avatar from the middle distance. What the rig has no bone for is as at rest.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MiddlePose {
    /// Where the avatar is.
    pub root: RootPose,
    /// How much higher the hips are than at rest, in metres.
    pub hips_height: f32,
    /// How the head is turned from its rest, in skeleton space.
    pub head: Quat,
    /// The hands and feet, in the order of [`Limb::ALL`].
    pub ends: [LimbEnd; 4],
}

/// The bones of a rig that travel to the middle distance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Landmarks {
    pub(crate) head: Option<usize>,
    pub(crate) ends: [Option<usize>; 4],
}

impl Landmarks {
    pub(crate) fn of(rig: &Rig) -> Self {
        Self {
            head: rig.find("Head"),
            ends: Limb::ALL.map(|limb| rig.find(limb.end())),
        }
    }

    /// The middle pose of `pose`, whose forward kinematics are `globals`.
    pub(crate) fn summarise(&self, pose: &Pose, globals: &[(Vec3, Quat)]) -> MiddlePose {
        let end = |bone: Option<usize>| {
            let (position, rotation) = bone.map_or((Vec3::ZERO, Quat::IDENTITY), |at| globals[at]);
            LimbEnd { position, rotation }
        };
        MiddlePose {
            root: pose.root,
            hips_height: pose.hips.y,
            head: end(self.head).rotation,
            ends: self.ends.map(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_its_number() {
        for level in Level::ALL {
            assert_eq!(Level::from_number(level.number()), Some(level));
        }
        assert_eq!(Level::from_number(3), None);
    }

    #[test]
    fn the_humanoid_has_all_landmarks() {
        let landmarks = Landmarks::of(&Rig::humanoid());
        assert!(landmarks.head.is_some() && landmarks.ends.iter().all(Option::is_some));
    }
}
