//! Motion for when nobody was recorded: simple, smooth, the same every time.

use std::f64::consts::TAU;

use glam::{DQuat, DVec3, EulerRot, Quat};
use metaverse_avatar::Rig;

use crate::clip::Clip;

/// Seconds between generated frames.
const FRAME_SECONDS: f64 = 1.0 / 60.0;
/// Metres a second.
const WALKING_SPEED: f64 = 1.3;
/// Steps with the same foot a second.
const STRIDES: f64 = 0.9;
/// How far to the side a walk winds, in metres, and how often a second.
const WINDING: f64 = 1.5;
const WINDINGS: f64 = 0.07;

/// What a generated figure does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activity {
    /// Walks, winding along.
    Walk,
    /// Stands, breathes, looks about.
    Idle,
    /// Stands and speaks with both hands.
    Gesture,
}

/// How a bone is turned from its rest: degrees about x (the figure's left), y (up) and z (its front).
type Turn = (&'static str, [f64; 3]);

impl Activity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Walk, Self::Idle, Self::Gesture];

    /// The bones that do not hang as in T-pose at a moment in seconds, without those of the fingers.
    fn turns(self, seconds: f64) -> Vec<Turn> {
        match self {
            Self::Walk => walk(seconds),
            Self::Idle => idle(seconds),
            Self::Gesture => gesture(seconds),
        }
    }

    /// Where the hips are, and how far the figure is turned about the vertical, in radians.
    fn place(self, seconds: f64) -> (DVec3, f64) {
        let stand = 0.95 + 0.003 * wave(0.25 * seconds);
        if self != Self::Walk {
            let sway = 0.01 * wave(0.13 * seconds);
            return (DVec3::new(sway, stand, 0.0), 0.02 * wave(0.09 * seconds));
        }
        let phase = TAU * WINDINGS * seconds;
        let aside = WINDING * phase.sin();
        let sideways = WINDING * TAU * WINDINGS * phase.cos();
        let bob = 0.02 * wave(2.0 * STRIDES * seconds + 0.1);
        let place = DVec3::new(aside, 0.93 + bob, WALKING_SPEED * seconds);
        (place, (sideways / WALKING_SPEED).atan())
    }
}

impl Clip {
    /// So many `seconds` of an activity of the reference skeleton.
    pub fn generate(activity: Activity, seconds: f64) -> Self {
        let rig = Rig::humanoid();
        let frames = (seconds.max(0.0) / FRAME_SECONDS) as usize + 1;
        let mut hips = Vec::with_capacity(frames);
        let mut rotations = Vec::with_capacity(frames * rig.bones().len());
        for frame in 0..frames {
            let seconds = frame as f64 * FRAME_SECONDS;
            let (place, heading) = activity.place(seconds);
            hips.push(place);
            let first = rotations.len();
            rotations.resize(first + rig.bones().len(), Quat::IDENTITY);
            let turned = &mut rotations[first..];
            turned[0] = Quat::from_rotation_y(heading as f32);
            for (name, degrees) in activity.turns(seconds).into_iter().chain(fingers(seconds)) {
                if let Some(bone) = rig.find(name) {
                    turned[bone] = turn(degrees);
                }
            }
        }
        Self::new(rig, FRAME_SECONDS, hips, rotations)
    }
}

fn turn(degrees: [f64; 3]) -> Quat {
    let [x, y, z] = degrees.map(f64::to_radians);
    DQuat::from_euler(EulerRot::ZYX, z, y, x).as_quat()
}

/// A sine that begins anew with each whole number.
fn wave(turns: f64) -> f64 {
    (TAU * turns).sin()
}

/// What a leg does in a stride that is done to so much: the hip forward, the knee and the ankle, in degrees.
fn leg(stride: f64) -> [f64; 3] {
    let swing = wave(stride);
    let hip = -25.0 * swing - 5.0;
    // The knee bends while the leg comes forward, and a little as it takes the weight.
    let knee = 5.0
        + 55.0 * wave(stride - 0.2).max(0.0).powi(2)
        + 10.0 * wave(stride + 0.3).max(0.0).powi(4);
    let ankle = 8.0 * wave(stride + 0.15) - 0.3 * knee + 5.0;
    [hip, knee, ankle]
}

fn walk(seconds: f64) -> Vec<Turn> {
    let stride = STRIDES * seconds;
    let [left_hip, left_knee, left_ankle] = leg(stride);
    let [right_hip, right_knee, right_ankle] = leg(stride + 0.5);
    let swing = wave(stride);
    vec![
        ("Hips", [2.0, 5.0 * swing, 3.0 * wave(stride + 0.25)]),
        ("Spine", [3.0, -3.0 * swing, -2.0 * wave(stride + 0.25)]),
        ("Chest", [1.0, -4.0 * swing, -wave(stride + 0.25)]),
        ("UpperChest", [0.0, -3.0 * swing, 0.0]),
        ("Neck", [-3.0, 2.0 * swing, 0.0]),
        ("Head", [-2.0, 3.0 * swing, 1.0 * wave(2.0 * stride)]),
        ("LeftUpperArm", [22.0 * swing, 0.0, -72.0]),
        ("RightUpperArm", [-22.0 * swing, 0.0, 72.0]),
        ("LeftLowerArm", [0.0, -18.0 + 10.0 * swing, 0.0]),
        ("RightLowerArm", [0.0, 18.0 + 10.0 * swing, 0.0]),
        ("LeftHand", [5.0 * wave(stride + 0.1), 0.0, 4.0 * swing]),
        ("RightHand", [5.0 * wave(stride + 0.6), 0.0, 4.0 * swing]),
        ("LeftUpperLeg", [left_hip, 0.0, 0.0]),
        ("LeftLowerLeg", [left_knee, 0.0, 0.0]),
        ("LeftFoot", [left_ankle, 0.0, 0.0]),
        ("LeftToes", [-10.0 * wave(stride - 0.1).max(0.0), 0.0, 0.0]),
        ("RightUpperLeg", [right_hip, 0.0, 0.0]),
        ("RightLowerLeg", [right_knee, 0.0, 0.0]),
        ("RightFoot", [right_ankle, 0.0, 0.0]),
        ("RightToes", [-10.0 * wave(stride + 0.4).max(0.0), 0.0, 0.0]),
    ]
}

fn idle(seconds: f64) -> Vec<Turn> {
    let breath = wave(0.25 * seconds);
    let look = wave(0.08 * seconds) + 0.5 * wave(0.19 * seconds + 0.3);
    vec![
        ("Spine", [0.5 * breath, 0.0, 1.5 * wave(0.13 * seconds)]),
        ("Chest", [1.0 * breath, 2.0 * look, 0.0]),
        ("Neck", [0.0, 8.0 * look, 0.0]),
        (
            "Head",
            [
                3.0 * wave(0.11 * seconds),
                12.0 * look,
                2.0 * wave(0.07 * seconds),
            ],
        ),
        ("LeftShoulder", [0.0, 0.0, breath]),
        ("RightShoulder", [0.0, 0.0, -breath]),
        (
            "LeftUpperArm",
            [2.0 * wave(0.1 * seconds), 0.0, -75.0 + breath],
        ),
        (
            "RightUpperArm",
            [2.0 * wave(0.12 * seconds), 0.0, 75.0 - breath],
        ),
        ("LeftLowerArm", [0.0, -12.0, 0.0]),
        ("RightLowerArm", [0.0, 12.0, 0.0]),
    ]
}

fn gesture(seconds: f64) -> Vec<Turn> {
    let beat = wave(0.7 * seconds) + 0.4 * wave(1.3 * seconds + 0.2);
    let raise = 0.5 + 0.5 * wave(0.17 * seconds);
    let mut turns = idle(seconds);
    turns.retain(|(name, _)| !name.contains("Arm"));
    turns.extend([
        (
            "LeftUpperArm",
            [-20.0 * raise, -15.0 + 6.0 * beat, -60.0 + 25.0 * raise],
        ),
        (
            "RightUpperArm",
            [-30.0 * raise, 20.0 - 8.0 * beat, 65.0 - 45.0 * raise],
        ),
        ("LeftLowerArm", [10.0 * beat, -60.0 - 15.0 * beat, 0.0]),
        (
            "RightLowerArm",
            [-12.0 * beat, 70.0 + 20.0 * wave(0.9 * seconds), 0.0],
        ),
        ("LeftHand", [8.0 * beat, 0.0, 10.0 * wave(1.1 * seconds)]),
        ("RightHand", [12.0 * wave(1.5 * seconds), 0.0, -10.0 * beat]),
    ]);
    turns
}

/// Hands that are never quite open nor closed.
fn fingers(seconds: f64) -> impl Iterator<Item = Turn> {
    let curl = 15.0 + 8.0 * wave(0.3 * seconds);
    let left = [
        "LeftIndexProximal",
        "LeftMiddleProximal",
        "LeftRingProximal",
        "LeftLittleProximal",
    ];
    let right = [
        "RightIndexProximal",
        "RightMiddleProximal",
        "RightRingProximal",
        "RightLittleProximal",
    ];
    let left = left.into_iter().map(move |name| (name, [0.0, 0.0, -curl]));
    left.chain(right.into_iter().map(move |name| (name, [0.0, 0.0, curl])))
}

#[cfg(test)]
mod tests {
    use glam::Vec3;
    use metaverse_avatar::{Pose, RootPose};

    use super::*;

    fn pose(clip: &Clip, seconds: f64) -> Pose {
        let root = RootPose::new(Vec3::ZERO, Quat::IDENTITY).expect("a root");
        let mut pose = Pose::rest(root);
        clip.pose_at(seconds, &mut pose).expect("in bounds");
        pose
    }

    #[test]
    fn generated_figures_stay_on_the_ground_with_their_arms_down() {
        for activity in Activity::ALL {
            let clip = Clip::generate(activity, 5.0);
            for frame in 0..100 {
                let pose = pose(&clip, f64::from(frame) * 0.05);
                assert_eq!(pose.check(clip.rig()), Ok(()));
                let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 56];
                clip.rig()
                    .solve_forward(pose.hips, &pose.rotations, &mut globals);
                let height = |name: &str| globals[clip.rig().find(name).expect(name)].0.y;
                let lowest = height("LeftFoot").min(height("RightFoot"));
                assert!((-0.1..0.3).contains(&lowest), "{activity:?}: {lowest}");
                assert!(height("Head") > 1.4);
                assert!(height("LeftHand") < 1.7 && height("LeftLowerArm") < height("Head"));
            }
        }
    }

    #[test]
    fn who_walks_faces_where_they_go() {
        let clip = Clip::generate(Activity::Walk, 10.0);
        for step in 1..90 {
            let (a, b) = (
                pose(&clip, f64::from(step) * 0.1),
                pose(&clip, f64::from(step) * 0.1 + 0.1),
            );
            let way = b.root.position() - a.root.position();
            let front = a.root.rotation() * Vec3::Z;
            assert!(
                way.length() > 0.1 && way.normalize().dot(front) > 0.97,
                "step {step}"
            );
        }
    }
}
