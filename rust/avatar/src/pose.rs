//! Where an avatar stands and how it is turned.

use glam::{Quat, Vec3};
use thiserror::Error;

/// The largest coordinate of a pose, in metres: beyond it a 32-bit float no longer holds a tenth of a metre.
pub const COORDINATE_LIMIT: f32 = 1e6;

/// How far the length of a rotation may be from 1: what rounding does to an orthonormal basis, and no more.
const LENGTH_TOLERANCE: f32 = 1e-2;

/// The place of an avatar's root. Always finite, in bounds, and with a rotation of unit length.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RootPose {
    position: Vec3,
    rotation: Quat,
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
        if (rotation.length() - 1.0).abs() > LENGTH_TOLERANCE {
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
