//! A figure that moves, for the tests of the pose codec.

#![allow(dead_code, reason = "not every test uses all of it")]

use glam::{Quat, Vec3};
use metaverse_avatar::{Bone, Pose, Rig, RootPose};
use metaverse_protocol::time::Tick;

/// Milliseconds between poses.
pub const BEAT: u16 = 50;

/// When the pose of a beat was captured.
pub fn captured(beat: usize) -> Tick {
    Tick((beat as u16).wrapping_mul(BEAT))
}

/// The humanoid with four expressions.
pub fn rig() -> Rig {
    Rig::new(Rig::humanoid().bones().to_vec(), expressions(4)).expect("the humanoid")
}

fn expressions(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("Expression{at}")).collect()
}

/// A few bones: what is tested for hours need not be a whole figure.
pub fn arm() -> Rig {
    let bone = |name: &str, parent| Bone {
        name: name.to_owned(),
        parent,
        offset: Vec3::new(0.25, 0.1, 0.0),
    };
    Rig::new(
        vec![
            bone("Hips", None),
            bone("Spine", Some(0)),
            bone("LeftUpperArm", Some(1)),
            bone("LeftLowerArm", Some(2)),
            bone("LeftHand", Some(3)),
        ],
        expressions(1),
    )
    .expect("an arm")
}

/// A figure of `rig` that walks about and swings all its bones, at a moment in seconds.
pub fn moving(rig: &Rig, seconds: f32) -> Pose {
    let place = Vec3::new(4.0 * (0.2 * seconds).sin(), 0.0, 1.2 * seconds);
    let root = RootPose::new(place, Quat::from_rotation_y(0.5 * (0.3 * seconds).sin()));
    let mut pose = Pose::rest(root.expect("a root"));
    pose.hips = Vec3::Y * 0.03 * (6.0 * seconds).sin();
    for at in 0..rig.bones().len() {
        let phase = at as f32;
        let axis = Vec3::new(phase.sin(), phase.cos(), (2.0 * phase).sin()).normalize();
        let swing = 0.6 * (seconds * (1.0 + 0.1 * phase)).sin();
        pose.rotations[at] = Quat::from_axis_angle(axis, swing);
    }
    for at in 0..rig.expressions() {
        pose.expressions[at] = 0.5 + 0.5 * (seconds + at as f32).sin();
    }
    pose
}

/// The largest angle between the bones of two poses, in degrees.
pub fn worst_joint(rig: &Rig, a: &Pose, b: &Pose) -> f32 {
    (0..rig.bones().len())
        .map(|at| degrees(a.rotations[at], b.rotations[at]))
        .fold(degrees(a.root.rotation(), b.root.rotation()), f32::max)
}

fn degrees(a: Quat, b: Quat) -> f32 {
    let difference = (a.conjugate() * b).as_dquat();
    let half = difference.xyz().length().atan2(difference.w.abs());
    (2.0 * half).to_degrees() as f32
}
