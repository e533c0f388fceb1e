//! Poses on their way from an encoder to decoders, over networks that lose, repeat and reorder.

use metaverse_protocol::time::Tick;
mod common;

use common::{BEAT, arm, captured, moving, rig, worst_joint};
use glam::{Quat, Vec3};
use metaverse_avatar::{
    DecodeError, Decoded, Decoder, Encoder, Level, Pose, PoseError, Rig, RootPose,
    limits::PAYLOAD_BYTES,
};
use proptest::prelude::*;

/// No joint is farther from the truth: half the diagonal of a cell of the lattice.
const JOINT_ERROR_MOST: f32 = 1.4;

fn near(decoded: Result<Decoded<'_>, DecodeError>) -> Pose {
    match decoded.expect("it decodes") {
        Decoded::Near(pose) => pose.clone(),
        other => panic!("not a near pose: {other:?}"),
    }
}

fn encode(encoder: &mut Encoder, references: &[Tick]) -> Vec<u8> {
    let mut payload = Vec::new();
    encoder.encode(Level::Near, references, &mut payload);
    assert!(!payload.is_empty() && payload.len() <= PAYLOAD_BYTES);
    payload
}

/// Sends poses to a receiver that confirms each two beats later, and to one that is told all as keyframes. Returns what both
/// have last, and the bytes of the last payload.
fn send(rig: &Rig, poses: impl Iterator<Item = Pose>) -> (Pose, Pose, usize) {
    let mut encoder = Encoder::new(rig.clone());
    let (mut receiver, mut witness) = (Decoder::new(rig.clone()), Decoder::new(rig.clone()));
    let mut last = None;
    for (beat, pose) in poses.enumerate() {
        let now = captured(beat);
        encoder.push(now, &pose).expect("a pose");
        let references: Vec<_> = (0..beat.saturating_sub(1))
            .rev()
            .take(40)
            .map(captured)
            .collect();
        let payload = encode(&mut encoder, &references);
        let keyframe = encode(&mut encoder, &[]);
        let arrived = near(receiver.decode(now, Level::Near, &payload));
        let seen = near(witness.decode(now, Level::Near, &keyframe));
        assert_eq!(arrived, seen, "beat {beat}");
        last = Some((arrived, pose, payload.len()));
    }
    last.expect("at least one pose")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_comes_decodes_to_what_the_encoder_holds_or_is_an_error(
        fates in prop::collection::vec((0..4_usize, 0..6_usize, any::<bool>(), any::<bool>()), 60..120)
    ) {
        let rig = arm();
        let mut encoder = Encoder::new(rig.clone());
        let (mut receiver, mut witness) = (Decoder::new(rig.clone()), Decoder::new(rig.clone()));
        let mut confirmed: Vec<(usize, Tick)> = Vec::new();
        let mut flying: Vec<(usize, usize, Tick, Vec<u8>)> = Vec::new();
        let mut truth = std::collections::HashMap::new();
        for (beat, (copies, delay, is_confirmed, is_told)) in fates.into_iter().enumerate() {
            let now = captured(beat);
            encoder.push(now, &moving(&rig, beat as f32 * 0.05)).expect("a pose");
            let references: Vec<_> = confirmed
                .iter()
                .rev()
                .filter(|(when, _)| *when < beat)
                .map(|(_, captured)| *captured)
                .collect();
            // Sometimes the sender uses what the receiver may not have: that must be found out, never decoded wrongly.
            let payload = if is_told { encode(&mut encoder, &references) } else { encode(&mut encoder, &[captured(beat.saturating_sub(3))]) };
            let keyframe = encode(&mut encoder, &[]);
            truth.insert(now, near(witness.decode(now, Level::Near, &keyframe)));
            for copy in 0..copies {
                flying.push((beat + delay * copy, beat, now, payload.clone()));
            }
            let arrived = flying.extract_if(.., |(due, ..)| *due <= beat);
            for (_, sent, captured, payload) in arrived.collect::<Vec<_>>() {
                match receiver.decode(captured, Level::Near, &payload) {
                    Ok(Decoded::Near(pose)) => {
                        prop_assert_eq!(pose, &truth[&captured]);
                        if is_confirmed {
                            confirmed.push((sent, captured));
                            confirmed.sort_by_key(|(sent, _)| *sent);
                            confirmed.dedup();
                        }
                    }
                    Ok(other) => prop_assert!(false, "{:?}", other),
                    Err(error) => prop_assert!(
                        matches!(error, DecodeError::UnknownReference { .. }),
                        "{}", error
                    ),
                }
            }
        }
    }

    #[test]
    fn any_poses_in_any_order_arrive(
        turns in prop::collection::vec(prop::array::uniform4(-1.0_f32..1.0), 8..40),
        places in prop::collection::vec(prop::array::uniform3(-1e6_f32..=1e6), 8..40),
    ) {
        let rig = arm();
        let poses = turns.iter().zip(&places).map(|(turn, place)| {
            let vector = glam::Vec4::from(*turn);
            let turn = vector.try_normalize().map_or(Quat::IDENTITY, Quat::from_vec4);
            let mut pose = Pose::rest(RootPose::new(Vec3::from(*place), turn).expect("in bounds"));
            pose.rotations = [turn; 56];
            pose
        });
        let (received, meant, _) = send(&rig, poses);
        prop_assert!(worst_joint(&rig, &received, &meant) < JOINT_ERROR_MOST);
        let error = (received.root.position() - meant.root.position()).abs().max_element();
        prop_assert!(error <= 0.1, "{} m off", error);
    }
}

#[test]
fn a_whole_figure_arrives_within_a_degree_and_a_centimetre() {
    let rig = rig();
    let (received, meant, bytes) =
        send(&rig, (0..100).map(|beat| moving(&rig, beat as f32 * 0.05)));
    assert!(worst_joint(&rig, &received, &meant) < JOINT_ERROR_MOST);
    assert!((received.root.position() - meant.root.position()).length() < 0.0125);
    for at in 0..4 {
        assert!((received.expressions[at] - meant.expressions[at]).abs() <= 0.5 / 63.0 + 1e-6);
    }
    assert!(bytes < 80, "{bytes} bytes for 56 swinging bones");
}

#[test]
fn jumps_spins_and_far_places_arrive() {
    let rig = arm();
    let root = |place, turn| Pose::rest(RootPose::new(place, turn).expect("a root"));
    let spin = |beat: usize| root(Vec3::ZERO, Quat::from_rotation_y(0.4 * beat as f32));
    let teleport = |beat: usize| {
        root(
            Vec3::splat(if beat % 7 < 3 { 1e6 } else { -1e6 }),
            Quat::IDENTITY,
        )
    };
    let cartwheel = |beat: usize| {
        let mut pose = root(Vec3::ZERO, Quat::IDENTITY);
        pose.rotations[1] = Quat::from_axis_angle(Vec3::new(0.6, 0.0, 0.8), 0.3 * beat as f32);
        pose.rotations[2] =
            -Quat::from_rotation_x(std::f32::consts::PI + 0.02 * (beat as f32).sin());
        pose
    };
    for poses in [&spin as &dyn Fn(usize) -> Pose, &teleport, &cartwheel] {
        for count in 1..80 {
            let (received, meant, _) = send(&rig, (0..count).map(poses));
            assert!(
                worst_joint(&rig, &received, &meant) < JOINT_ERROR_MOST,
                "{count}"
            );
            let off = (received.root.position() - meant.root.position())
                .abs()
                .max_element();
            assert!(off <= 0.0625, "{off} m off after {count}");
        }
    }
}

#[test]
fn who_stops_comes_to_rest_near_the_truth() {
    let rig = rig();
    let mut encoder = Encoder::new(rig.clone());
    let mut still = 0;
    for beat in 0..100_usize {
        let pose = moving(&rig, beat.min(40) as f32 * 0.05);
        encoder.push(captured(beat), &pose).expect("a pose");
        let references: Vec<_> = (0..beat.saturating_sub(1))
            .rev()
            .take(40)
            .map(captured)
            .collect();
        encode(&mut encoder, &references);
        still = if encoder.is_still() { still + 1 } else { 0 };
    }
    assert!(still > 40, "still for {still} beats only");
    let payload = encode(&mut encoder, &[captured(98), captured(97)]);
    assert!(
        payload.len() <= 6,
        "{} bytes for nothing new",
        payload.len()
    );
}

#[test]
fn over_an_hour_of_losses_nothing_drifts() {
    const BEATS: usize = 20 * 3600;
    let rig = arm();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig.clone());
    let mut confirmed: Vec<Tick> = Vec::new();
    let mut chance = 1_u32;
    let mut is_lost = || {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        chance >> 16 < 65_536 / 5
    };
    let mut payload = Vec::new();
    for beat in 0..BEATS {
        let now = captured(beat);
        let pose = moving(&rig, beat as f32 * 0.05);
        encoder.push(now, &pose).expect("a pose");
        let references: Vec<_> = confirmed.iter().rev().take(40).copied().collect();
        payload.clear();
        encoder.encode(Level::Near, &references, &mut payload);
        if is_lost() {
            continue;
        }
        let received = near(decoder.decode(now, Level::Near, &payload));
        assert!(
            worst_joint(&rig, &received, &pose) < JOINT_ERROR_MOST,
            "beat {beat}"
        );
        let off = received.root.position() - pose.root.position();
        assert!(off.length() < 0.0125, "{off} m off at beat {beat}");
        if !is_lost() {
            confirmed.push(now);
            confirmed.drain(..confirmed.len().saturating_sub(40));
        }
    }
}

#[test]
fn equal_references_give_equal_bytes_and_unknown_ones_are_passed_over() {
    let rig = arm();
    let mut encoder = Encoder::new(rig.clone());
    for beat in 0..90 {
        encoder
            .push(captured(beat), &moving(&rig, beat as f32 * 0.05))
            .expect("a pose");
        encode(&mut encoder, &[]);
    }
    let references = [captured(88), captured(86)];
    let payload = encode(&mut encoder, &references);
    assert_eq!(encode(&mut encoder, &references), payload);
    let never_sent = Tick(captured(87).0 + 7);
    let too_old = captured(3);
    assert_eq!(
        encode(
            &mut encoder,
            &[never_sent, captured(88), captured(86), too_old]
        ),
        payload
    );
    let keyframe = encode(&mut encoder, &[]);
    assert_eq!(encode(&mut encoder, &[too_old]), keyframe);
    assert!(keyframe.len() > payload.len());
}

#[test]
fn a_pose_is_not_decoded_without_what_it_was_predicted_from() {
    let rig = arm();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig.clone());
    encoder
        .push(captured(0), &moving(&rig, 0.0))
        .expect("a pose");
    encode(&mut encoder, &[]);
    encoder
        .push(captured(1), &moving(&rig, 0.05))
        .expect("a pose");
    let payload = encode(&mut encoder, &[captured(0)]);
    let missing = DecodeError::UnknownReference { age: BEAT };
    assert_eq!(
        decoder.decode(captured(1), Level::Near, &payload),
        Err(missing)
    );
    assert_eq!(
        missing.to_string(),
        "the pose was predicted from one 50 ms before it, which is not here"
    );
}

#[test]
fn absurd_poses_are_not_sent() {
    let rig = rig();
    let mut encoder = Encoder::new(rig.clone());
    let good = moving(&rig, 0.0);
    let mut refuse = |change: &dyn Fn(&mut Pose), error: PoseError| {
        let mut pose = good.clone();
        change(&mut pose);
        assert_eq!(encoder.push(captured(0), &pose), Err(error));
    };
    refuse(
        &|pose| pose.rotations[9] = Quat::from_xyzw(f32::NAN, 0.0, 0.0, 1.0),
        PoseError::Bone(9),
    );
    refuse(
        &|pose| pose.rotations[0] = Quat::from_xyzw(0.0, 0.0, 0.0, 0.0),
        PoseError::Bone(0),
    );
    refuse(
        &|pose| pose.rotations[55] = Quat::from_xyzw(9.0, 0.0, 0.0, 0.0),
        PoseError::Bone(55),
    );
    refuse(&|pose| pose.hips.y = f32::INFINITY, PoseError::Hips);
    refuse(&|pose| pose.hips.x = -51.0, PoseError::Hips);
    refuse(&|pose| pose.expressions[3] = 1.1, PoseError::Expression(3));
    refuse(
        &|pose| pose.expressions[0] = f32::NAN,
        PoseError::Expression(0),
    );
    let mut payload = Vec::new();
    encoder.encode(Level::Near, &[], &mut payload);
    assert!(payload.is_empty(), "nothing was taken");
}

#[test]
fn what_is_beyond_the_rig_means_nothing() {
    let rig = arm();
    let mut encoder = Encoder::new(rig.clone());
    let mut pose = moving(&rig, 1.0);
    pose.rotations[rig.bones().len()] = Quat::from_xyzw(f32::NAN, 0.0, 0.0, 0.0);
    pose.expressions[rig.expressions()] = -3.0;
    assert_eq!(encoder.push(captured(0), &pose), Ok(()));
}

#[test]
fn the_payload_of_another_skeleton_is_an_error_or_a_pose_but_never_a_panic() {
    let (full, arm) = (rig(), arm());
    let mut encoder = Encoder::new(full.clone());
    encoder
        .push(captured(0), &moving(&full, 1.0))
        .expect("a pose");
    let payload = encode(&mut encoder, &[]);
    let decoded = Decoder::new(arm)
        .decode(captured(0), Level::Near, &payload)
        .map(|_| ());
    assert_eq!(decoded, Err(DecodeError::Malformed));
}

#[test]
fn the_middle_distance_gets_head_hands_and_feet() {
    let rig = rig();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig.clone());
    let mut sizes = Vec::new();
    for beat in 0..60 {
        let pose = moving(&rig, beat as f32 * 0.05);
        let now = captured(beat);
        encoder.push(now, &pose).expect("a pose");
        let references: Vec<_> = (0..beat.saturating_sub(1)).rev().map(captured).collect();
        let mut payload = Vec::new();
        encoder.encode(Level::Middle, &references, &mut payload);
        sizes.push(payload.len());
        let Ok(Decoded::Middle(middle)) = decoder.decode(now, Level::Middle, &payload) else {
            panic!("a middle pose");
        };
        let mut globals = [(Vec3::ZERO, Quat::IDENTITY); 56];
        rig.solve_forward(pose.hips, &pose.rotations, &mut globals);
        for (end, name) in
            middle
                .ends
                .iter()
                .zip(["LeftHand", "RightHand", "LeftFoot", "RightFoot"])
        {
            let (position, rotation) = globals[rig.find(name).expect(name)];
            assert!((end.position - position).length() < 0.0125);
            assert!(end.rotation.angle_between(rotation).to_degrees() < JOINT_ERROR_MOST);
        }
        let head = globals[rig.find("Head").expect("a head")].1;
        assert!(middle.head.angle_between(head).to_degrees() < JOINT_ERROR_MOST);
        assert!((middle.hips_height - pose.hips.y).abs() < 0.006);
        let mut far = Vec::new();
        encoder.encode(Level::Far, &[], &mut far);
        let Ok(Decoded::Far(root)) = decoder.decode(now, Level::Far, &far) else {
            panic!("a far pose")
        };
        assert!((root.position() - pose.root.position()).length() < 0.0125);
    }
    assert!(sizes[0] > sizes[59]);
}

#[test]
fn two_poses_tell_that_a_motion_is_over() {
    let rig = arm();
    for place in 0..50_u16 {
        let mut encoder = Encoder::new(rig.clone());
        let mut sent = Vec::new();
        for beat in 0..20 {
            let x = if beat < 5 {
                0.0
            } else {
                f32::from(place) * 0.1 + 1.0
            };
            let root = RootPose::new(Vec3::X * x, Quat::IDENTITY).expect("a pose");
            let has_changed = encoder
                .push_if_changed(captured(beat), &Pose::rest(root))
                .expect("a pose");
            sent.extend(has_changed.then_some(beat));
            encoder.encode(Level::Near, &[], &mut Vec::new());
        }
        assert!(
            sent.contains(&5) && sent.contains(&6),
            "to {place}: {sent:?}"
        );
        assert!(sent.last() < Some(&10), "to {place}: {sent:?}");
    }
}

#[test]
fn what_makes_no_difference_leaves_the_newest_pose_as_it_is() {
    let rig = rig();
    let (mut encoder, mut receiver) = (Encoder::new(rig.clone()), Decoder::new(rig.clone()));
    let mut confirmed: Vec<Tick> = Vec::new();
    let mut newest = captured(0);
    let mut stood = 0;
    for beat in 0..200 {
        // Moves for a second, stands for a second, and is not always watched.
        let moved = beat / 40 * 20 + (beat % 40).min(20);
        let pose = moving(&rig, moved as f32 * 0.05);
        let has_changed = encoder
            .push_if_changed(captured(beat), &pose)
            .expect("a pose");
        if has_changed {
            newest = captured(beat);
        }
        stood += usize::from(!has_changed);
        if beat % 3 == 1 {
            continue;
        }
        let mut payload = Vec::new();
        let references: Vec<_> = confirmed
            .iter()
            .copied()
            .filter(|at| *at != newest)
            .collect();
        encoder.encode(Level::Near, &references, &mut payload);
        let Decoded::Near(seen) = receiver
            .decode(newest, Level::Near, &payload)
            .expect("it decodes")
        else {
            panic!("a near pose")
        };
        assert!(worst_joint(&rig, seen, &pose) < 3.0, "beat {beat}");
        if !confirmed.contains(&newest) {
            confirmed.insert(0, newest);
            confirmed.truncate(14);
        }
    }
    assert!(stood > 50, "{stood}");
}
