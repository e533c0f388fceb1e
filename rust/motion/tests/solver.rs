//! What the middle distance sees of generated motion: bodies whose knees and elbows are about where they were, and never
//! jump.

use glam::{Quat, Vec3};
use metaverse_avatar::{
    Limb, LimbEnd, MiddlePose, Pose, Rig, RootPose, Solver, limits::BONES_MOST,
};
use metaverse_motion::{Activity, Clip};

const RATE: f64 = 20.0;
const SECONDS: f64 = 20.0;
/// How far a knee and an elbow may be from where they were, in metres, 95 times of 100.
const KNEE_OFF: f32 = 0.03;
const ELBOW_OFF: f32 = 0.08;
/// How much farther than it did a bone of a limb may turn from one pose to the next, in degrees.
const JUMP: f32 = 6.0;

type Globals = [(Vec3, Quat); BONES_MOST];

fn globals(rig: &Rig, pose: &Pose) -> Globals {
    let mut globals = [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST];
    rig.solve_forward(pose.hips, &pose.rotations, &mut globals);
    globals
}

fn find(rig: &Rig, name: &str) -> usize {
    rig.find(name).expect(name)
}

fn summary(rig: &Rig, pose: &Pose) -> MiddlePose {
    let globals = globals(rig, pose);
    MiddlePose {
        root: pose.root,
        hips_height: pose.hips.y,
        head: globals[find(rig, "Head")].1,
        ends: Limb::ALL.map(|limb| {
            let (position, rotation) = globals[find(rig, limb.end())];
            LimbEnd { position, rotation }
        }),
    }
}

/// What 95 of 100 are not larger than.
fn usual_most(mut samples: Vec<f32>) -> f32 {
    samples.sort_by(f32::total_cmp);
    samples[samples.len() * 95 / 100]
}

#[test]
fn generated_motion_is_seen_from_the_middle_distance_without_jumps() {
    for activity in Activity::ALL {
        let clip = Clip::generate(activity, SECONDS);
        let rig = clip.rig();
        let mut truth = Pose::rest(RootPose::new(Vec3::ZERO, Quat::IDENTITY).expect("a root"));
        clip.pose_at(0.0, &mut truth).expect("a pose");
        let mut seen = truth.clone();
        let mut solver = Solver::new(rig);
        let (mut knees, mut elbows) = (Vec::new(), Vec::new());
        for beat in 0..(SECONDS * RATE) as usize {
            let (truth_before, seen_before) = (truth.clone(), seen.clone());
            clip.pose_at(beat as f64 / RATE, &mut truth)
                .expect("a pose");
            solver.solve(&summary(rig, &truth), &mut seen);
            let (should, is) = (globals(rig, &truth), globals(rig, &seen));
            for side in ["Left", "Right"] {
                for (joint, off) in [("LowerLeg", &mut knees), ("LowerArm", &mut elbows)] {
                    let bone = find(rig, &format!("{side}{joint}"));
                    off.push(is[bone].0.distance(should[bone].0));
                }
                for name in ["UpperLeg", "LowerLeg", "UpperArm", "LowerArm"] {
                    let bone = find(rig, &format!("{side}{name}"));
                    let turned = |before: &Pose, now: &Pose| {
                        let turned = before.rotations[bone].angle_between(now.rotations[bone]);
                        turned.to_degrees()
                    };
                    let jump = turned(&seen_before, &seen) - turned(&truth_before, &truth);
                    assert!(
                        jump < JUMP || beat == 0,
                        "{activity:?} {side}{name}: {jump}"
                    );
                }
            }
        }
        let (knees, elbows) = (usual_most(knees), usual_most(elbows));
        assert!(knees < KNEE_OFF, "{activity:?}: knees {knees} m");
        assert!(elbows < ELBOW_OFF, "{activity:?}: elbows {elbows} m");
    }
}
