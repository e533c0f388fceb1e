//! How far what was decoded is from what was meant.

use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, Rig, limits::BONES_MOST};

/// A joint that never turns farther than this from how it began does not move, in radians.
const STILL_ANGLE: f32 = 1e-3;

/// What every pose was off by: joints in degrees, each of both wrists and the root in centimetres.
#[derive(Debug, Default)]
pub struct Errors {
    pub joints: Vec<f64>,
    pub wrists: Vec<f64>,
    pub roots: Vec<f64>,
}

impl Errors {
    /// Adds those of a pose. `moving` are the joints that count.
    pub fn add(&mut self, rig: &Rig, moving: &[usize], meant: &Pose, decoded: &Pose) {
        for joint in moving {
            let error = angle(local(rig, meant, *joint), local(rig, decoded, *joint));
            self.joints.push(error.to_degrees());
        }
        let (meant_globals, decoded_globals) = (globals(rig, meant), globals(rig, decoded));
        for wrist in ["LeftHand", "RightHand"]
            .iter()
            .filter_map(|name| rig.find(name))
        {
            let error = meant_globals[wrist].0.distance(decoded_globals[wrist].0);
            self.wrists.push(100.0 * f64::from(error));
        }
        let hips = rig.hips();
        let error = place(meant, meant_globals[hips].0) - place(decoded, decoded_globals[hips].0);
        self.roots.push(100.0 * error.length());
    }
}

/// The joints that move in `poses`.
pub fn moving(rig: &Rig, poses: &[Pose]) -> Vec<usize> {
    let Some(first) = poses.first() else {
        return Vec::new();
    };
    let moves = |joint: &usize| {
        let begin = local(rig, first, *joint);
        poses
            .iter()
            .any(|pose| angle(begin, local(rig, pose, *joint)) > f64::from(STILL_ANGLE))
    };
    (0..rig.bones().len()).filter(moves).collect()
}

/// The rotation of a joint relative to its parent; of the hips in the world.
fn local(rig: &Rig, pose: &Pose, joint: usize) -> Quat {
    if joint == rig.hips() {
        return pose.root.rotation() * globals(rig, pose)[joint].1;
    }
    pose.rotations[joint]
}

fn globals(rig: &Rig, pose: &Pose) -> [(Vec3, Quat); BONES_MOST] {
    let mut globals = [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST];
    rig.solve_forward(pose.hips, &pose.rotations, &mut globals);
    globals
}

fn place(pose: &Pose, position: Vec3) -> glam::DVec3 {
    pose.root.position().as_dvec3() + (pose.root.rotation() * position).as_dvec3()
}

fn angle(a: Quat, b: Quat) -> f64 {
    let difference = (a.conjugate() * b).as_dquat();
    2.0 * difference.xyz().length().atan2(difference.w.abs())
}
