//! People in various attitudes.

use glam::{Quat, Vec3};
use metaverse_avatar::{Limb, LimbEnd, MiddlePose, Pose, Rig, RootPose};

/// Place and rotation of each bone.
pub type Globals = [(Vec3, Quat); 56];

const LEFT: f32 = 1.0;
const RIGHT: f32 = -1.0;

/// The origin.
pub fn root() -> RootPose {
    RootPose::new(Vec3::ZERO, Quat::IDENTITY).expect("a pose")
}

/// Where the bones of a pose are.
pub fn globals(rig: &Rig, pose: &Pose) -> Globals {
    let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 56];
    rig.solve_forward(pose.hips, &pose.rotations, &mut globals);
    globals
}

/// What travels of `pose`.
pub fn summary(rig: &Rig, pose: &Pose) -> MiddlePose {
    let globals = globals(rig, pose);
    let end = |name: &str| {
        let (position, rotation) = rig
            .find(name)
            .map_or((Vec3::ZERO, Quat::IDENTITY), |bone| globals[bone]);
        LimbEnd { position, rotation }
    };
    MiddlePose {
        root: pose.root,
        hips_height: pose.hips.y,
        head: end("Head").rotation,
        ends: Limb::ALL.map(|limb| end(limb.end())),
    }
}

/// How somebody stands: degrees, each a share from -1 to 1 of what people do.
#[derive(Clone, Debug)]
pub struct Attitude {
    pub hips: [f32; 3],
    pub spine: [f32; 3],
    pub head: [f32; 3],
    /// Lowered, forward, bent, forearm turned, wrist bent.
    pub arms: [[f32; 5]; 2],
    /// Raised, to the side, bent, foot raised.
    pub legs: [[f32; 4]; 2],
}

fn share(share: f32, least: f32, most: f32) -> f32 {
    (least + f32::midpoint(share, 1.0) * (most - least)).to_radians()
}

impl Attitude {
    /// The pose of `rig`, on the ground.
    pub fn pose(&self, rig: &Rig) -> Pose {
        let mut pose = Pose::rest(root());
        let mut turn = |name: &str, rotation: Quat| {
            if let Some(bone) = rig.find(name) {
                pose.rotations[bone] = rotation;
            }
        };
        let any = |[pitch, yaw, roll]: [f32; 3], most: [f32; 3]| {
            Quat::from_rotation_y(share(yaw, -most[1], most[1]))
                * Quat::from_rotation_x(share(pitch, -most[0], most[0]))
                * Quat::from_rotation_z(share(roll, -most[2], most[2]))
        };
        turn("Hips", any(self.hips, [8.0, 20.0, 4.0]));
        for bone in ["Spine", "Chest", "UpperChest"] {
            turn(bone, any(self.spine, [8.0, 8.0, 4.0]));
        }
        for bone in ["Neck", "Head"] {
            turn(bone, any(self.head, [15.0, 25.0, 8.0]));
        }
        for (side, sign, [down, forward, bend, twist, wrist]) in
            [("Left", LEFT, self.arms[0]), ("Right", RIGHT, self.arms[1])]
        {
            let lowered = Quat::from_rotation_z(-sign * share(down, -40.0, 85.0));
            let raised = Quat::from_rotation_y(-sign * share(forward, -20.0, 90.0));
            turn(&format!("{side}UpperArm"), lowered * raised);
            let hinge = Quat::from_rotation_y(-sign * share(bend, 5.0, 130.0));
            let forearm = Quat::from_rotation_x(share(twist, -60.0, 60.0));
            turn(&format!("{side}LowerArm"), hinge * forearm);
            turn(
                &format!("{side}Hand"),
                Quat::from_rotation_z(sign * share(wrist, -30.0, 30.0)),
            );
        }
        for (side, sign, [raised, aside, bend, foot]) in
            [("Left", LEFT, self.legs[0]), ("Right", RIGHT, self.legs[1])]
        {
            let swing = Quat::from_rotation_z(sign * share(aside, -3.0, 15.0))
                * Quat::from_rotation_x(-share(raised, -20.0, 80.0));
            turn(&format!("{side}UpperLeg"), swing);
            turn(
                &format!("{side}LowerLeg"),
                Quat::from_rotation_x(share(bend, 3.0, 100.0)),
            );
            turn(
                &format!("{side}Foot"),
                Quat::from_rotation_x(share(foot, -20.0, 20.0)),
            );
        }
        // Whoever stands stands on the lower foot.
        let at = globals(rig, &pose);
        let lowest = ["LeftFoot", "RightFoot"]
            .iter()
            .filter_map(|foot| rig.find(foot))
            .map(|foot| at[foot].0.y)
            .fold(f32::INFINITY, f32::min);
        if lowest.is_finite() {
            pose.hips.y = 0.07 - lowest;
        }
        pose
    }
}
