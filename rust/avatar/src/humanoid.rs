//! The bones of Godot's `SkeletonProfileHumanoid`, in its order, on an adult of 1.75 m in T-pose.
//!
//! The figure looks along +z with its left to +x, as Godot's humanoids do. Proportions: Winter, *Biomechanics and Motor
//! Control of Human Movement*, 4th edition, table 4.1 (segment lengths as shares of the height), rounded to centimetres.

use glam::Vec3;

use crate::rig::{Bone, Rig};

/// Name, parent, offset from the parent in centimetres. What is on the left is mirrored to the right.
type Row = (&'static str, &'static str, [f32; 3]);

const MIDDLE: [Row; 10] = [
    ("Root", "", [0.0, 0.0, 0.0]),
    ("Hips", "Root", [0.0, 95.0, 0.0]),
    ("Spine", "Hips", [0.0, 8.0, 0.0]),
    ("Chest", "Spine", [0.0, 12.0, 0.0]),
    ("UpperChest", "Chest", [0.0, 13.0, 0.0]),
    ("Neck", "UpperChest", [0.0, 18.0, 0.0]),
    ("Head", "Neck", [0.0, 10.0, 1.0]),
    ("LeftEye", "Head", [3.0, 8.0, 8.0]),
    ("RightEye", "Head", [-3.0, 8.0, 8.0]),
    ("Jaw", "Head", [0.0, 1.0, 3.0]),
];

const ARM: [Row; 19] = [
    ("Shoulder", "UpperChest", [3.0, 14.0, 0.0]),
    ("UpperArm", "Shoulder", [14.0, 0.0, 0.0]),
    ("LowerArm", "UpperArm", [29.0, 0.0, 0.0]),
    ("Hand", "LowerArm", [26.0, 0.0, 0.0]),
    ("ThumbMetacarpal", "Hand", [3.0, -1.0, 3.0]),
    ("ThumbProximal", "ThumbMetacarpal", [4.0, 0.0, 1.5]),
    ("ThumbDistal", "ThumbProximal", [3.0, 0.0, 1.0]),
    ("IndexProximal", "Hand", [9.0, 0.0, 3.0]),
    ("IndexIntermediate", "IndexProximal", [4.0, 0.0, 0.0]),
    ("IndexDistal", "IndexIntermediate", [2.5, 0.0, 0.0]),
    ("MiddleProximal", "Hand", [9.0, 0.0, 1.0]),
    ("MiddleIntermediate", "MiddleProximal", [4.5, 0.0, 0.0]),
    ("MiddleDistal", "MiddleIntermediate", [3.0, 0.0, 0.0]),
    ("RingProximal", "Hand", [8.5, 0.0, -1.0]),
    ("RingIntermediate", "RingProximal", [4.0, 0.0, 0.0]),
    ("RingDistal", "RingIntermediate", [2.5, 0.0, 0.0]),
    ("LittleProximal", "Hand", [8.0, 0.0, -3.0]),
    ("LittleIntermediate", "LittleProximal", [3.0, 0.0, 0.0]),
    ("LittleDistal", "LittleIntermediate", [2.0, 0.0, 0.0]),
];

const LEG: [Row; 4] = [
    ("UpperLeg", "Hips", [9.0, -4.0, 0.0]),
    ("LowerLeg", "UpperLeg", [0.0, -42.0, 0.0]),
    ("Foot", "LowerLeg", [0.0, -42.0, -1.0]),
    ("Toes", "Foot", [0.0, -6.0, 13.0]),
];

impl Rig {
    /// The reference skeleton: all 56 bones of the humanoid profile, no expressions.
    ///
    /// # Panics
    /// Never: its bones are constants.
    pub fn humanoid() -> Self {
        let mut bones: Vec<Bone> = Vec::new();
        add(&mut bones, "", &MIDDLE);
        for limb in [ARM.as_slice(), &LEG] {
            for side in ["Left", "Right"] {
                add(&mut bones, side, limb);
            }
        }
        Self::new(bones, Vec::new()).expect("the humanoid's bones are in order")
    }
}

fn add(bones: &mut Vec<Bone>, side: &str, rows: &[Row]) {
    let mirror = if side == "Right" { -1.0 } else { 1.0 };
    for (name, parent, [x, y, z]) in rows {
        let find = |name: &str| bones.iter().position(|bone| bone.name == name);
        let bone = Bone {
            name: format!("{side}{name}"),
            parent: find(&format!("{side}{parent}")).or_else(|| find(parent)),
            offset: Vec3::new(mirror * x, *y, *z) / 100.0,
        };
        bones.push(bone);
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::*;

    #[test]
    fn the_reference_is_a_person_in_t_pose() {
        let rig = Rig::humanoid();
        let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 56];
        rig.solve_forward(Vec3::ZERO, &[Quat::IDENTITY; 56], &mut globals);
        let place = |name: &str| globals[rig.find(name).expect(name)].0;
        for (left, right) in [("LeftHand", "RightHand"), ("LeftToes", "RightToes")] {
            assert!((place(left) * Vec3::new(-1.0, 1.0, 1.0) - place(right)).length() < 1e-6);
        }
        assert!((1.2..1.6).contains(&(place("LeftHand").x - place("RightHand").x)));
        assert!((1.45..1.7).contains(&place("Head").y));
        assert!((0.0..0.1).contains(&place("LeftToes").y));
        assert!(place("LeftToes").z > 0.0, "it looks along +z");
    }

    #[test]
    fn every_bone_but_the_root_hangs_on_one() {
        let rig = Rig::humanoid();
        let roots: Vec<_> = rig
            .bones()
            .iter()
            .filter(|bone| bone.parent.is_none())
            .collect();
        assert_eq!(roots.len(), 1);
        assert_eq!(rig.find("RightToes"), Some(55));
        assert_eq!(rig.hips(), 1);
    }
}
