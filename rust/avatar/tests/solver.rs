//! Middle poses made whole: what was told is kept to, and the rest is as a person's would be.

mod attitude;

use attitude::{Attitude, Globals, globals, root, summary};
use glam::{Quat, Vec3};
use metaverse_avatar::{Bone, Limb, LimbEnd, MiddlePose, Pose, Rig, Solver};
use proptest::{prelude::*, strategy::ValueTree};

fn attitudes() -> impl Strategy<Value = Attitude> {
    let some = || -1.0_f32..1.0;
    let three = move || prop::array::uniform3(some());
    (
        three(),
        three(),
        three(),
        prop::array::uniform2(prop::array::uniform5(some())),
        prop::array::uniform2(prop::array::uniform4(some())),
    )
        .prop_map(|(hips, spine, head, arms, legs)| Attitude {
            hips,
            spine,
            head,
            arms,
            legs,
        })
}

/// Where the middle joint of a limb stands out from the straight way between its ends.
fn bend(rig: &Rig, globals: &Globals, names: [&str; 3]) -> Vec3 {
    let [start, middle, end] = names.map(|name| globals[rig.find(name).expect(name)].0);
    let way = (end - start).normalize();
    let out = middle - start;
    out - way * way.dot(out)
}

fn limb_names(limb: Limb) -> [&'static str; 3] {
    match limb {
        Limb::LeftArm => ["LeftUpperArm", "LeftLowerArm", "LeftHand"],
        Limb::RightArm => ["RightUpperArm", "RightLowerArm", "RightHand"],
        Limb::LeftLeg => ["LeftUpperLeg", "LeftLowerLeg", "LeftFoot"],
        Limb::RightLeg => ["RightUpperLeg", "RightLowerLeg", "RightFoot"],
    }
}

/// The farthest that an end is from its place, in metres, and the farthest that an end or the head is turned from how it
/// should be, in radians.
fn errors(rig: &Rig, middle: &MiddlePose, pose: &Pose) -> (f32, f32) {
    let solved = summary(rig, pose);
    let mut worst = (0.0_f32, solved.head.angle_between(middle.head));
    for (is, should) in solved.ends.iter().zip(&middle.ends) {
        worst.0 = worst.0.max(is.position.distance(should.position));
        worst.1 = worst.1.max(is.rotation.angle_between(should.rotation));
    }
    worst
}

/// The steps, in metres, in which hands and feet travel: nobody is told their places more exactly.
const STEP: f32 = 0.012;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn hands_feet_and_head_are_where_they_were_told_to_be(attitude in attitudes()) {
        let rig = Rig::humanoid();
        let true_pose = attitude.pose(&rig);
        let middle = summary(&rig, &true_pose);
        let mut pose = Pose::rest(root());
        Solver::new(&rig).solve(&middle, &mut pose);
        prop_assert_eq!(pose.check(&rig), Ok(()));
        let (place, turn) = errors(&rig, &middle, &pose);
        prop_assert!(place < STEP, "{place} m");
        prop_assert!(turn < 1.0_f32.to_radians(), "{turn} rad");
        prop_assert!((pose.hips.y - middle.hips_height).abs() < 1e-5);

        let solved = globals(&rig, &pose);
        let hips = solved[rig.hips()].1;
        for limb in [Limb::LeftLeg, Limb::RightLeg] {
            let knee = bend(&rig, &solved, limb_names(limb));
            let foot = middle.ends[limb as usize].rotation;
            let forward = (hips * Vec3::Z + foot * Vec3::Z).normalize();
            prop_assert!(knee.length() < 0.02 || knee.normalize().dot(forward) > -0.2, "{limb:?}: {knee}");
        }
    }
}

/// Mean angle in degrees between the elbows' and knees' bends and the true ones, and between all bones' rotations.
fn report() -> (f32, f32) {
    let rig = Rig::humanoid();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut solver = Solver::new(&rig);
    let (mut bends, mut count) = (0.0, 0.0);
    let (mut joints, mut bones) = (0.0, 0.0);
    let mut farthest = [0.0_f32; 6];
    for _ in 0..2_000 {
        let attitude = attitudes()
            .new_tree(&mut runner)
            .expect("an attitude")
            .current();
        let truth = attitude.pose(&rig);
        let mut pose = Pose::rest(root());
        solver.solve(&summary(&rig, &truth), &mut pose);
        let (is, should) = (globals(&rig, &pose), globals(&rig, &truth));
        for limb in Limb::ALL {
            let [a, b] = [&is, &should].map(|at| bend(&rig, at, limb_names(limb)));
            if b.length() > 0.05 && a.length() > 0.05 {
                bends += a.angle_between(b).to_degrees();
                count += 1.0;
            }
        }
        for (at, name) in [
            "Hips",
            "UpperChest",
            "LeftUpperArm",
            "LeftLowerArm",
            "LeftUpperLeg",
            "LeftLowerLeg",
        ]
        .iter()
        .enumerate()
        {
            let bone = rig.find(name).expect(name);
            let angle = is[bone].1.angle_between(should[bone].1).to_degrees();
            farthest[at] += angle / 2_000.0;
            joints += angle;
            bones += 1.0;
        }
    }
    println!("hips, chest, upper arm, lower arm, upper leg, lower leg: {farthest:?} degrees");
    (bends / count, joints / bones)
}

#[test]
fn elbows_and_knees_are_near_the_true_ones() {
    let (bends, joints) = report();
    println!("bends {bends} degrees, joints {joints} degrees off on average");
    assert!(bends < 25.0 && joints < 20.0, "{bends} {joints}");
}

/// The reference skeleton without some of its bones, times a size; what hung on them hangs on what they hung on.
fn without(missing: &[&str], size: f32) -> Rig {
    let whole = Rig::humanoid();
    let is_missing = |name: &str| missing.iter().any(|part| name.contains(part));
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut bones: Vec<Bone> = Vec::new();
    let mut skipped: Vec<Vec3> = Vec::new();
    for bone in whole.bones() {
        let above = bone.parent.map_or(Vec3::ZERO, |parent| skipped[parent]);
        let parent = bone.parent.and_then(|parent| places[parent]);
        let offset = above + bone.offset * size;
        if is_missing(&bone.name) {
            places.push(parent);
            skipped.push(offset);
            continue;
        }
        places.push(Some(bones.len()));
        skipped.push(Vec3::ZERO);
        bones.push(Bone {
            name: bone.name.clone(),
            parent,
            offset,
        });
    }
    Rig::new(bones, Vec::new()).expect("a skeleton")
}

const PARTIAL: [&[&str]; 9] = [
    &["UpperChest", "Shoulder"],
    &["Spine", "Chest"],
    &["Neck", "Toes", "Root"],
    &["Leg", "Foot", "Toes"],
    &["Arm", "Hand", "Shoulder"],
    &["LowerArm", "LowerLeg"],
    &["Head"],
    &["Hips"],
    &["Arm", "Leg", "Hand", "Foot", "Head", "Neck", "Hips"],
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_rig_with_fewer_bones_and_of_any_size_is_solved_with_what_it_has(
        attitude in attitudes(), which in 0..PARTIAL.len(), size in prop_oneof![Just(1.0_f32), 0.1_f32..8.0],
    ) {
        let rig = without(PARTIAL[which], size);
        let truth = attitude.pose(&rig);
        let middle = summary(&rig, &truth);
        let mut pose = Pose::rest(root());
        Solver::new(&rig).solve(&middle, &mut pose);
        prop_assert_eq!(pose.check(&rig), Ok(()));
        let (place, turn) = errors(&rig, &middle, &pose);
        prop_assert!(turn < 1.0_f32.to_radians(), "{turn} rad");
        let has_limbs = which < 5 || which == 6;
        prop_assert!(!has_limbs || place < 0.02 * size.max(0.5), "{place} m");
    }

    #[test]
    fn whatever_is_told_of_whatever_rig_a_pose_comes_out(
        offsets in prop::array::uniform32(prop_oneof![
            Just([0.0_f32; 3]), prop::array::uniform3(-20.0_f32..20.0), prop::array::uniform3(-0.1_f32..0.1)]),
        ends in prop::array::uniform4((
            prop_oneof![Just([0.0_f32; 3]), prop::array::uniform3(-2.0_f32..2.0), prop::array::uniform3(-1e6_f32..1e6)],
            prop::array::uniform3(-4.0_f32..4.0))),
        head in prop::array::uniform3(-4.0_f32..4.0),
        height in prop_oneof![-50.0_f32..50.0, -1.0_f32..0.2],
        again in any::<bool>(),
    ) {
        let bones = Rig::humanoid().bones().iter().enumerate().map(|(at, bone)| Bone {
            offset: offsets.get(at).map_or(bone.offset, |offset| Vec3::from(*offset)),
            ..bone.clone()
        }).collect();
        for rig in [Rig::new(bones, Vec::new()).expect("a skeleton"), Rig::humanoid()] {
            let middle = MiddlePose {
                root: root(),
                hips_height: height,
                head: Quat::from_scaled_axis(Vec3::from(head)),
                ends: ends.map(|(position, turn)| LimbEnd {
                    position: Vec3::from(position),
                    rotation: Quat::from_scaled_axis(Vec3::from(turn)),
                }),
            };
            let mut pose = Pose::rest(root());
            let mut solver = Solver::new(&rig);
            for _ in 0..=u8::from(again) {
                solver.solve(&middle, &mut pose);
                prop_assert_eq!(pose.check(&rig), Ok(()));
                let (_, turn) = errors(&rig, &middle, &pose);
                prop_assert!(turn < 1.0_f32.to_radians(), "{turn} rad");
            }
        }
    }
}

#[test]
fn a_hand_out_of_reach_is_reached_for() {
    let rig = Rig::humanoid();
    let mut middle = summary(&rig, &Pose::rest(root()));
    let far = Vec3::new(1.0, 1.4, 8.0);
    middle.ends[0].position = far;
    let mut pose = Pose::rest(root());
    Solver::new(&rig).solve(&middle, &mut pose);
    let at = globals(&rig, &pose);
    let place = |name: &str| at[rig.find(name).expect(name)].0;
    let arm = place("LeftHand") - place("LeftUpperArm");
    assert!(arm.length() > 0.54, "stretched: {}", arm.length());
    assert!(
        arm.normalize()
            .dot((far - place("LeftUpperArm")).normalize())
            > 0.999
    );
    for (name, end) in [("RightHand", 1), ("LeftFoot", 2), ("RightFoot", 3)] {
        assert!(
            place(name).distance(middle.ends[end].position) < 0.01,
            "{name}"
        );
    }
}

#[test]
fn straight_limbs_do_not_flip() {
    let rig = Rig::humanoid();
    let mut solver = Solver::new(&rig);
    let rest = summary(&rig, &Pose::rest(root()));
    let mut pose = Pose::rest(root());
    let mut before: Option<[Quat; 56]> = None;
    // A straight arm goes all round the shoulder, in two planes, a hair in and out of reach; a leg swings.
    for step in 0..720_u16 {
        let angle = f32::from(step).to_radians();
        let reach = 0.55 + 0.002 * (f32::from(step) * 1.7).sin();
        let mut middle = rest;
        let round = Quat::from_rotation_z(angle) * Quat::from_rotation_y((angle * 0.5).sin() * 0.8);
        middle.ends[0].position = Vec3::new(0.17, 1.42, 0.0) + round * Vec3::X * reach;
        middle.ends[0].rotation = round;
        middle.ends[2].position += Quat::from_rotation_x(0.5 * angle.sin()) * Vec3::Y * 0.05;
        solver.solve(&middle, &mut pose);
        if let Some(before) = before.filter(|_| step > 1) {
            let worst = (0..56)
                .map(|bone| {
                    (
                        before[bone]
                            .angle_between(pose.rotations[bone])
                            .to_degrees(),
                        bone,
                    )
                })
                .fold((0.0, 0), |a: (f32, usize), b| if b.0 > a.0 { b } else { a });
            assert!(
                worst.0 < 15.0,
                "{} by {} degrees at {step}",
                rig.bones()[worst.1].name,
                worst.0
            );
        }
        before = Some(pose.rotations);
    }
}

#[test]
fn fingers_and_expressions_stay_as_they_were() {
    let rig = Rig::humanoid();
    let mut pose = Pose::rest(root());
    let finger = rig.find("LeftIndexProximal").expect("a finger");
    pose.rotations[finger] = Quat::from_rotation_z(-0.7);
    pose.expressions[3] = 0.25;
    let middle = summary(&rig, &pose);
    Solver::new(&rig).solve(&middle, &mut pose);
    assert!(pose.rotations[finger].angle_between(Quat::from_rotation_z(-0.7)) < 1e-3);
    assert!((pose.expressions[3] - 0.25).abs() < f32::EPSILON);
}

#[test]
fn a_limb_without_length_has_a_pose() {
    let humanoid = Rig::humanoid();
    let bones = humanoid.bones().iter().map(|bone| Bone {
        offset: if bone.name.contains("Arm") || bone.name.contains("Hand") {
            Vec3::ZERO
        } else {
            bone.offset
        },
        ..bone.clone()
    });
    let rig = Rig::new(bones.collect(), Vec::new()).expect("a skeleton");
    let middle = summary(&humanoid, &Pose::rest(root()));
    let mut pose = Pose::rest(root());
    let mut solver = Solver::new(&rig);
    for _ in 0..2 {
        solver.solve(&middle, &mut pose);
        assert_eq!(pose.check(&rig), Ok(()));
    }
}
