//! A motion: a rig, and its pose at any moment.

use glam::{DQuat, DVec3, Quat, Vec3};
use metaverse_avatar::{Pose, PoseError, Rig, RootPose};

use crate::{
    bvh::{Bvh, BvhError, Problem},
    skeleton::Skeleton,
};

/// A motion that was recorded or generated.
///
/// The avatar's root is on the ground below the hips and turns with them about the vertical; what is left of the hips'
/// motion is that of the rig's first bone.
#[derive(Clone, Debug)]
pub struct Clip {
    rig: Rig,
    frame_seconds: f64,
    /// Of each frame the place of the hips in the world, in metres.
    hips: Vec<DVec3>,
    /// Of each frame the rotations of all bones relative to their parents; the first one's is that in the world.
    rotations: Vec<Quat>,
}

impl Clip {
    /// The motion in the text of a BVH file. Its unit of length is the one that makes the figure as tall as a person. Of more
    /// joints than a rig can have, those that move least are left out.
    ///
    /// # Errors
    /// Names the line and what is wrong with it.
    pub fn read(text: &str) -> Result<Self, BvhError> {
        let bvh = Bvh::parse(text)?;
        let skeleton = Skeleton::new(&bvh).map_err(|error| BvhError {
            line: 1,
            problem: Problem::Skeleton(error.to_string()),
        })?;
        let hips = (0..bvh.frames())
            .map(|frame| bvh.position(frame, 0) * skeleton.unit)
            .collect();
        let rotations = (0..bvh.frames())
            .flat_map(|frame| skeleton.joints.iter().map(move |joint| (frame, *joint)))
            .map(|(frame, joint)| bvh.rotation(frame, joint).as_quat())
            .collect();
        Ok(Self::new(skeleton.rig, bvh.frame_seconds, hips, rotations))
    }

    /// A motion of `rig`, with as many `rotations` as bones for each place of the `hips`.
    pub(crate) fn new(
        rig: Rig,
        frame_seconds: f64,
        hips: Vec<DVec3>,
        rotations: Vec<Quat>,
    ) -> Self {
        Self {
            rig,
            frame_seconds,
            hips,
            rotations,
        }
    }

    /// The skeleton.
    pub fn rig(&self) -> &Rig {
        &self.rig
    }

    /// How many moments of it are kept.
    pub(crate) fn frames(&self) -> usize {
        self.hips.len()
    }

    pub(crate) fn frame_seconds(&self) -> f64 {
        self.frame_seconds
    }

    /// The place of the hips in the world at a frame, and how the bones are turned.
    pub(crate) fn frame(&self, frame: usize) -> (DVec3, &[Quat]) {
        let count = self.rig.bones().len();
        (self.hips[frame], &self.rotations[frame * count..][..count])
    }

    /// How long it is, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frame_seconds * (self.hips.len() - 1) as f64
    }

    /// Writes the pose at `seconds` from the beginning into `pose`; before the beginning it is the first, after the end the
    /// last.
    ///
    /// # Errors
    /// When the figure is farther away than a pose may be.
    pub fn pose_at(&self, seconds: f64, pose: &mut Pose) -> Result<(), PoseError> {
        let last = self.hips.len() - 1;
        let place = (seconds / self.frame_seconds).clamp(0.0, last as f64);
        let frame = (place as usize).min(last);
        let next = (frame + 1).min(last);
        let share = place - frame as f64;
        let ((hips, turns), (next_hips, next_turns)) = (self.frame(frame), self.frame(next));
        for (at, (a, b)) in turns.iter().zip(next_turns).enumerate() {
            pose.rotations[at] = a.slerp(*b, share as f32).normalize();
        }
        self.stand(hips.lerp(next_hips, share), pose)
    }

    /// Puts the root on the ground below `hips`, with what the first bone turns about the vertical.
    fn stand(&self, hips: DVec3, pose: &mut Pose) -> Result<(), PoseError> {
        let (heading, lean) = split_heading(pose.rotations[0]);
        pose.root = RootPose::new(DVec3::new(hips.x, 0.0, hips.z).as_vec3(), heading)?;
        pose.rotations[0] = lean;
        pose.hips = Vec3::Y * (hips.y as f32 - self.rig.bones()[self.rig.hips()].offset.y);
        Ok(())
    }
}

/// Splits a rotation into one about the vertical and, before it, one about a horizontal axis ("swing and twist"): the product
/// of the two is the rotation.
fn split_heading(rotation: Quat) -> (Quat, Quat) {
    let rotation = rotation.as_dquat();
    let twist = DQuat::from_xyzw(0.0, rotation.y, 0.0, rotation.w);
    if twist.length_squared() < 1e-12 {
        return (Quat::IDENTITY, rotation.as_quat());
    }
    let heading = twist.normalize();
    let lean = heading.inverse() * rotation;
    (
        heading.as_quat().normalize(),
        lean.normalize().as_quat().normalize(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_its_heading_after_its_lean() {
        for step in 0..100 {
            let turn = 0.37 * step as f32;
            let rotation = Quat::from_euler(glam::EulerRot::YXZ, turn, turn.sin(), 1.3 * turn);
            let (heading, lean) = split_heading(rotation);
            assert!((heading * lean).dot(rotation).abs() > 0.999_999);
            assert!(heading.x.abs() + heading.z.abs() < 1e-6);
            assert!(lean.y.abs() < 1e-5);
        }
    }
}
