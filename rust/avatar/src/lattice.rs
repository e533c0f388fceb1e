//! Vectors and rotations as integers.
//!
//! A rotation travels as its rotation vector (axis times angle). The integers do not depend on what they are predicted
//! from, so a pose is the same for every receiver and nothing drifts. Rotation vectors that differ by whole turns are the
//! same rotation; the one that continues the motion is taken, up to [`ANGLE_MOST`].

use std::f64::consts::{PI, TAU};

use glam::{DQuat, DVec3, IVec3, Quat};

use crate::layout::Integers;

/// The longest rotation vector, in radians: beyond half a turn, so that a limb that swings about it does not flip to and fro.
pub const ANGLE_MOST: f64 = 1.25 * PI;

/// The rotation vector of `rotation` that is nearest to `before`.
pub fn to_vector(rotation: Quat, before: DVec3) -> DVec3 {
    let rotation = rotation.as_dquat();
    let sine = rotation.xyz().length();
    if sine == 0.0 {
        return DVec3::ZERO;
    }
    let angle = 2.0 * sine.atan2(rotation.w);
    let angle = if angle > PI { angle - TAU } else { angle };
    let vector = rotation.xyz() * (angle / sine);
    if angle.abs() < TAU - ANGLE_MOST {
        return vector;
    }
    let other = vector * (1.0 - TAU / angle.abs());
    if other.distance_squared(before) < vector.distance_squared(before) {
        other
    } else {
        vector
    }
}

/// The rotation of a rotation vector.
pub fn to_rotation(vector: DVec3) -> Quat {
    DQuat::from_scaled_axis(vector).as_quat().normalize()
}

/// The integers nearest to `exact`, none beyond `most`.
pub fn nearest(exact: DVec3, most: i32) -> Integers {
    let nearest = (exact + DVec3::splat(0.5).copysign(exact)).as_ivec3();
    nearest
        .clamp(IVec3::splat(-most), IVec3::splat(most))
        .extend(0)
}

/// The vector of `integers`.
pub fn restore(integers: Integers, step: f64) -> DVec3 {
    integers.truncate().as_dvec3() * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swing_past_half_a_turn_stays_on_its_branch() {
        let mut before = DVec3::ZERO;
        for degrees in (0..=220).chain((-220..220).rev()) {
            let turn = DQuat::from_rotation_z(f64::from(degrees).to_radians());
            let vector = to_vector(turn.as_quat(), before);
            assert!((vector.z.to_degrees() - f64::from(degrees)).abs() < 1e-3);
            assert!(vector.distance(before) < 0.02);
            before = vector;
        }
    }

    #[test]
    fn a_spin_flips_once_a_turn() {
        let mut before = DVec3::ZERO;
        let mut flips = 0;
        for degrees in 0..3600 {
            let turn = Quat::from_rotation_y((degrees as f32).to_radians());
            let vector = to_vector(turn, before);
            assert!(vector.length() <= ANGLE_MOST + 1e-6);
            assert!(to_rotation(vector).dot(turn).abs() > 0.999_999);
            flips += i32::from(vector.distance(before) > 1.0);
            before = vector;
        }
        assert_eq!(flips, 10);
    }
}
