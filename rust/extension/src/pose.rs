//! Poses between Godot's transforms and the wire.

use glam::{Mat3, Quat, Vec3};
use godot::prelude::*;
use metaverse_avatar::{PoseError, RootPose};

/// The pose of a global transform; its scale is left out.
///
/// # Errors
/// When the transform has numbers that are not finite or too large, or a scale of zero.
pub(crate) fn from_transform(transform: &Transform3D) -> Result<RootPose, PoseError> {
    RootPose::new(vec3(transform.origin), rotation(&transform.basis)?)
}

/// The global transform of a pose, with a scale.
pub(crate) fn to_transform(pose: &RootPose, scale: Vector3) -> Transform3D {
    let rotation = quaternion(pose.rotation());
    let basis = Basis::from_quaternion(rotation) * Basis::from_scale(scale);
    Transform3D::new(basis, vector3(pose.position()))
}

/// The rotation in a rest basis; none in one that is flat.
pub(crate) fn rest_rotation(basis: &Basis) -> Quat {
    rotation(basis).unwrap_or(Quat::IDENTITY)
}

/// The rotation in a basis of any scale, by Gram and Schmidt. (Godot's own panics on small ones.)
fn rotation(basis: &Basis) -> Result<Quat, PoseError> {
    let unit = |vector: Vec3| vector.try_normalize().ok_or(PoseError::NotARotation);
    let x = unit(vec3(basis.col_a()))?;
    let y = vec3(basis.col_b());
    let y = unit(y - x * x.dot(y))?;
    // Where an axis is mirrored, the third tells; it is left out like the rest of the scale.
    Ok(Quat::from_mat3(&Mat3::from_cols(x, y, x.cross(y))))
}

pub(crate) fn vec3(vector: Vector3) -> Vec3 {
    Vec3::new(vector.x, vector.y, vector.z)
}

pub(crate) fn vector3(vector: Vec3) -> Vector3 {
    Vector3::new(vector.x, vector.y, vector.z)
}

pub(crate) fn quat(rotation: Quaternion) -> Quat {
    Quat::from_xyzw(rotation.x, rotation.y, rotation.z, rotation.w)
}

pub(crate) fn quaternion(rotation: Quat) -> Quaternion {
    Quaternion::new(rotation.x, rotation.y, rotation.z, rotation.w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_survives_but_for_its_scale() {
        let rotation = Basis::from_quaternion(Quaternion::new(0.5, -0.5, 0.5, 0.5));
        for scale in [1.0, 0.01, 300.0] {
            let basis = rotation * Basis::from_scale(Vector3::new(scale, 2.0 * scale, scale));
            let pose = from_transform(&Transform3D::new(basis, Vector3::new(1.0, -2.0, 3.0)))
                .expect("a pose");
            let back = to_transform(&pose, Vector3::ONE);
            assert!((back.origin - Vector3::new(1.0, -2.0, 3.0)).length() < 1e-6);
            assert!(
                (back.basis.col_a() - rotation.col_a()).length() < 1e-5,
                "{back}"
            );
            assert!(
                (back.basis.col_b() - rotation.col_b()).length() < 1e-5,
                "{back}"
            );
            assert!(
                (back.basis.col_c() - rotation.col_c()).length() < 1e-5,
                "{back}"
            );
        }
    }

    #[test]
    fn flat_and_broken_transforms_are_no_pose() {
        let flat = Basis::from_scale(Vector3::new(0.0, 1.0, 1.0));
        assert_eq!(
            from_transform(&Transform3D::new(flat, Vector3::ZERO)),
            Err(PoseError::NotARotation)
        );
        let lost = Vector3::new(f32::NAN, 0.0, 0.0);
        assert_eq!(
            from_transform(&Transform3D::new(Basis::IDENTITY, lost)),
            Err(PoseError::NotFinite)
        );
    }
}
