//! Where an avatar stands, how it is turned, and how its bones are.

use glam::{Quat, Vec3};
use thiserror::Error;

use crate::{
    limits::{BONES_MOST, EXPRESSIONS_MOST, HIPS_LIMIT},
    rig::Rig,
};

/// The largest coordinate of a pose, in metres: beyond it a 32-bit float no longer holds a tenth of a metre.
pub const COORDINATE_LIMIT: f32 = 1e6;

/// How far the length of a rotation may be from 1: what rounding does to an orthonormal basis, and no more.
const LENGTH_TOLERANCE: f32 = 1e-2;

/// The place of an avatar's root. Always finite, in bounds, and with a rotation of unit length.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct RootPose {
    position: Vec3,
    rotation: Quat,
}

/// A whole figure: the root, and every bone of a [`Rig`] relative to its rest. Its size is fixed, so that playing it
/// allocates nothing; what is beyond the rig's bones and expressions means nothing.
///
/// Rotations are free of rest axes: `rotation = parent_rest * local * inverse(local_rest) * inverse(parent_rest)`, where
/// `parent_rest` is the rest rotation of the parent in skeleton space and `local` the bone's own. So the identity is the
/// rest pose, all axes are those of skeleton space, and a skeleton that stands the same at rest, with whatever axes, shows
/// it with `local = inverse(parent_rest) * rotation * parent_rest * local_rest`.
#[derive(Clone, PartialEq, Debug)]
pub struct Pose {
    /// Where the avatar is.
    pub root: RootPose,
    /// How far the hips ([`Rig::hips`]) are from their rest place, in metres, in the axes of skeleton space.
    pub hips: Vec3,
    /// One unit quaternion for each bone of the rig, in its order.
    pub rotations: [Quat; BONES_MOST],
    /// One weight, from 0 to 1, for each expression of the rig.
    pub expressions: [f32; EXPRESSIONS_MOST],
}

impl Pose {
    /// The rest pose at `root`.
    pub fn rest(root: RootPose) -> Self {
        Self {
            root,
            hips: Vec3::ZERO,
            rotations: [Quat::IDENTITY; BONES_MOST],
            expressions: [0.0; EXPRESSIONS_MOST],
        }
    }

    /// Whether it is a pose of `rig` that can be sent.
    ///
    /// # Errors
    /// Says which part of the pose has a number that is not finite or out of bounds.
    pub fn check(&self, rig: &Rig) -> Result<(), PoseError> {
        if !self.hips.is_finite() || self.hips.abs().max_element() > HIPS_LIMIT {
            return Err(PoseError::Hips);
        }
        let rotations = &self.rotations[..rig.bones().len()];
        if let Some(bone) = rotations
            .iter()
            .position(|rotation| !is_rotation(*rotation))
        {
            return Err(PoseError::Bone(bone));
        }
        let expressions = &self.expressions[..rig.expressions()];
        match expressions
            .iter()
            .position(|weight| !(0.0..=1.0).contains(weight))
        {
            Some(expression) => Err(PoseError::Expression(expression)),
            None => Ok(()),
        }
    }
}

impl Default for Pose {
    /// The rest pose at the origin.
    fn default() -> Self {
        Self::rest(RootPose::default())
    }
}

fn is_rotation(rotation: Quat) -> bool {
    (rotation.length() - 1.0).abs() <= LENGTH_TOLERANCE
}

/// Why numbers are no pose.
#[derive(Clone, Copy, PartialEq, Debug, Error)]
pub enum PoseError {
    /// A number is infinite or not a number.
    #[error("the pose has a number that is infinite or not a number")]
    NotFinite,
    /// A coordinate is beyond [`COORDINATE_LIMIT`].
    #[error("the pose is farther than {COORDINATE_LIMIT} m from the origin")]
    TooFar,
    /// The rotation is not a unit quaternion.
    #[error("the pose's rotation is not a unit quaternion")]
    NotARotation,
    /// The hips are beyond [`HIPS_LIMIT`] from their rest place, or nowhere.
    #[error("the hips are not within {HIPS_LIMIT} m of their rest place")]
    Hips,
    /// The rotation of this bone is not a unit quaternion.
    #[error("the rotation of bone {0} is not a unit quaternion")]
    Bone(usize),
    /// This weight is not from 0 to 1.
    #[error("expression {0} is not between 0 and 1")]
    Expression(usize),
}

impl RootPose {
    /// A pose from a position in metres and a unit quaternion; the rounding in the latter is removed.
    ///
    /// # Errors
    /// When a number is not finite, a coordinate is out of bounds, or the quaternion is not of unit length.
    pub fn new(position: Vec3, rotation: Quat) -> Result<Self, PoseError> {
        if !position.is_finite() || !rotation.is_finite() {
            return Err(PoseError::NotFinite);
        }
        if position.abs().max_element() > COORDINATE_LIMIT {
            return Err(PoseError::TooFar);
        }
        if !is_rotation(rotation) {
            return Err(PoseError::NotARotation);
        }
        Ok(Self {
            position,
            rotation: rotation.normalize(),
        })
    }

    /// The position in metres.
    pub fn position(&self) -> Vec3 {
        self.position
    }

    /// The rotation, a unit quaternion.
    pub fn rotation(&self) -> Quat {
        self.rotation
    }

    /// A pose from numbers that come out of poses; the position is held within bounds.
    pub(crate) fn within_bounds(position: Vec3, rotation: Quat) -> Self {
        let limit = Vec3::splat(COORDINATE_LIMIT);
        Self {
            position: position.clamp(-limit, limit),
            rotation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_numbers_are_no_pose() {
        let new = |x: f32, rotation: Quat| RootPose::new(Vec3::new(0.0, x, 0.0), rotation);
        assert_eq!(new(f32::NAN, Quat::IDENTITY), Err(PoseError::NotFinite));
        assert_eq!(
            new(f32::NEG_INFINITY, Quat::IDENTITY),
            Err(PoseError::NotFinite)
        );
        assert_eq!(
            new(0.0, Quat::from_xyzw(0.0, f32::NAN, 0.0, 1.0)),
            Err(PoseError::NotFinite)
        );
        assert_eq!(new(-1.1e6, Quat::IDENTITY), Err(PoseError::TooFar));
        assert_eq!(
            new(0.0, Quat::from_xyzw(0.0, 0.0, 0.0, 0.0)),
            Err(PoseError::NotARotation)
        );
        assert_eq!(
            new(0.0, Quat::from_xyzw(1.0, 1.0, 0.0, 0.0)),
            Err(PoseError::NotARotation)
        );
    }

    #[test]
    fn the_rounding_of_a_rotation_is_removed() {
        let pose = RootPose::new(Vec3::ZERO, Quat::from_xyzw(0.0, 0.0, 0.0, 1.005))
            .expect("nearly a unit quaternion");
        assert_eq!(pose.rotation(), Quat::IDENTITY);
    }
}
