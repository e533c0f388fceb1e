//! A root pose as bytes: three coordinates, then the rotation as its three smallest components.
//!
//! | bytes | what |
//! |---|---|
//! | 12 | x, y, z in metres, each a little-endian `f32` |
//! | 6 | little-endian: three components of 15 bits, then 2 bits that name the one left out, then a zero bit |

use glam::{Quat, Vec3};
use thiserror::Error;

use crate::pose::{PoseError, RootPose};

/// Bytes of an encoded root pose.
pub const ROOT_POSE_BYTES: usize = POSITION_BYTES + ROTATION_BYTES;

const POSITION_BYTES: usize = 12;
const ROTATION_BYTES: usize = 6;
/// Bits of one component: the rotation is off by less than 0.01 degrees.
const COMPONENT_BITS: u32 = 15;
const COMPONENT_MOST: u64 = (1 << COMPONENT_BITS) - 1;
/// No component but the largest of a unit quaternion is larger.
const COMPONENT_RANGE: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// The three smallest components hold at most three quarters of the unit length; a little more for rounding.
const SMALLEST_SQUARED_MOST: f32 = 0.751;

/// Why bytes are no pose.
#[derive(Clone, Copy, PartialEq, Debug, Error)]
pub enum DecodeError {
    /// Another number of bytes than a pose has.
    #[error("{0} bytes are not the {ROOT_POSE_BYTES} of a pose")]
    Length(usize),
    /// Bits that no encoder writes.
    #[error("the rotation is not one that an encoder writes")]
    Rotation,
    /// The numbers are out of bounds.
    #[error(transparent)]
    Pose(#[from] PoseError),
    /// It was predicted from a pose that has not come, or is forgotten.
    #[error("the pose was predicted from one {age} ms before it, which is not here")]
    UnknownReference {
        /// How much older that pose is, in milliseconds.
        age: u16,
    },
    /// Bytes that no encoder writes for this skeleton.
    #[error("the bytes are not a pose of this skeleton")]
    Malformed,
    /// A number is beyond what a pose may have.
    #[error("the pose has a number that is out of bounds")]
    OutOfBounds,
}

impl RootPose {
    /// Appends the pose's [`ROOT_POSE_BYTES`] to `bytes`.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) {
        for coordinate in self.position().to_array() {
            bytes.extend_from_slice(&coordinate.to_le_bytes());
        }
        bytes.extend_from_slice(&pack(self.rotation()).to_le_bytes()[..ROTATION_BYTES]);
    }

    /// The pose in exactly `bytes`.
    ///
    /// # Errors
    /// When the length is another, a number is out of bounds, or the rotation is one that no encoder writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let length = || DecodeError::Length(bytes.len());
        let (position, rotation) = bytes
            .split_first_chunk::<POSITION_BYTES>()
            .ok_or_else(length)?;
        let rotation: [u8; ROTATION_BYTES] = rotation.try_into().map_err(|_| length())?;
        Ok(Self::new(read_position(position), unpack(rotation)?)?)
    }
}

fn read_position(bytes: &[u8; POSITION_BYTES]) -> Vec3 {
    let coordinate =
        |at: usize| f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Vec3::new(coordinate(0), coordinate(4), coordinate(8))
}

fn pack(rotation: Quat) -> u64 {
    let components = rotation.to_array();
    let largest = (1..4).fold(0, |best, at| {
        if components[at].abs() > components[best].abs() {
            at
        } else {
            best
        }
    });
    // A quaternion and its negative are the same rotation: the one whose largest component is positive travels.
    let sign = components[largest].signum();
    let mut packed = largest as u64;
    for at in (0..4).rev().filter(|at| *at != largest) {
        packed = (packed << COMPONENT_BITS) | quantise(sign * components[at]);
    }
    packed
}

fn unpack(bytes: [u8; ROTATION_BYTES]) -> Result<Quat, DecodeError> {
    let mut packed = bytes
        .iter()
        .rev()
        .fold(0_u64, |packed, byte| (packed << 8) | u64::from(*byte));
    let largest = (packed >> (3 * COMPONENT_BITS)) as usize;
    let mut components = [0.0_f32; 4];
    if largest >= components.len() {
        return Err(DecodeError::Rotation);
    }
    for at in (0..4).filter(|at| *at != largest) {
        components[at] = restore(packed & COMPONENT_MOST);
        packed >>= COMPONENT_BITS;
    }
    let squared: f32 = components
        .iter()
        .map(|component| component * component)
        .sum();
    if squared > SMALLEST_SQUARED_MOST {
        return Err(DecodeError::Rotation);
    }
    components[largest] = (1.0 - squared).sqrt();
    Ok(Quat::from_array(components))
}

fn quantise(component: f32) -> u64 {
    let share = f32::midpoint(component / COMPONENT_RANGE, 1.0);
    (share.clamp(0.0, 1.0) * COMPONENT_MOST as f32).round() as u64
}

fn restore(quantised: u64) -> f32 {
    (quantised as f32 / COMPONENT_MOST as f32 * 2.0 - 1.0) * COMPONENT_RANGE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(pose: &RootPose) -> Vec<u8> {
        let mut bytes = Vec::new();
        pose.encode_into(&mut bytes);
        bytes
    }

    fn rotations() -> impl Strategy<Value = Quat> {
        prop::array::uniform4(-1.0_f32..1.0)
            .prop_map(glam::Vec4::from)
            .prop_filter("a direction", |vector| vector.length() > 0.01)
            .prop_map(|vector| Quat::from_vec4(vector.normalize()))
    }

    proptest! {
        #[test]
        fn a_pose_survives_the_wire(
            position in prop::array::uniform3(-1e6_f32..=1e6).prop_map(Vec3::from),
            rotation in rotations(),
        ) {
            let pose = RootPose::new(position, rotation).expect("in bounds");
            let bytes = encode(&pose);
            prop_assert_eq!(bytes.len(), ROOT_POSE_BYTES);
            let back = RootPose::decode(&bytes).expect("what was encoded decodes");
            prop_assert_eq!(back.position(), pose.position());
            let cosine = f64::from(back.rotation().dot(pose.rotation()).abs()).min(1.0);
            prop_assert!((2.0 * cosine.acos()).to_degrees() < 0.1);
        }
    }

    #[test]
    fn turns_about_the_axes_keep_their_sense() {
        for rotation in [
            Quat::from_rotation_x(3.0),
            Quat::from_rotation_y(-2.0),
            Quat::from_rotation_z(1.0),
        ] {
            let pose = RootPose::new(Vec3::ZERO, rotation).expect("a rotation");
            let back = RootPose::decode(&encode(&pose)).expect("decodes");
            for axis in Vec3::AXES {
                assert!(
                    (back.rotation() * axis - rotation * axis).length() < 1e-3,
                    "{rotation}"
                );
            }
        }
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        let good = encode(&RootPose::new(Vec3::ONE, Quat::IDENTITY).expect("a pose"));
        assert_eq!(
            RootPose::decode(&good[1..]),
            Err(DecodeError::Length(ROOT_POSE_BYTES - 1))
        );
        assert_eq!(RootPose::decode(&[]), Err(DecodeError::Length(0)));
        assert_eq!(
            RootPose::decode(&[good.as_slice(), &[0]].concat()),
            Err(DecodeError::Length(ROOT_POSE_BYTES + 1))
        );

        let with = |at: usize, bytes: &[u8]| {
            let mut changed = good.clone();
            changed[at..at + bytes.len()].copy_from_slice(bytes);
            RootPose::decode(&changed)
        };
        assert_eq!(
            with(4, &f32::NAN.to_le_bytes()),
            Err(DecodeError::Pose(PoseError::NotFinite))
        );
        assert_eq!(
            with(8, &2e6_f32.to_le_bytes()),
            Err(DecodeError::Pose(PoseError::TooFar))
        );
        assert_eq!(
            with(17, &[good[17] | 0x80]),
            Err(DecodeError::Rotation),
            "the spare bit"
        );
        assert_eq!(
            with(12, &[0; 6]),
            Err(DecodeError::Rotation),
            "three components at their most"
        );
    }

    #[test]
    fn any_bytes_decode_or_are_refused() {
        bolero::check!().for_each(|bytes: &[u8]| {
            let Ok(pose) = RootPose::decode(bytes) else {
                return;
            };
            assert!(pose.position().is_finite() && pose.rotation().is_normalized());
            let again = RootPose::decode(&encode(&pose)).expect("a decoded pose encodes");
            assert_eq!(again.position(), pose.position());
            assert!(again.rotation().dot(pose.rotation()).abs() > 0.999_999);
        });
    }
}
