//! Once warm, nothing allocates on the way of a pose: neither side of the codec, nor what brings it to the screen.

mod common;

use std::ops::Range;

use allocation_counter::measure;
use common::{captured, moving, rig};
use glam::{Quat, Vec3};
use metaverse_avatar::{
    Decoder, Encoder, Level, MiddlePose, Playback, Pose, Rig, RootPose, Shown, Solver,
    limits::PAYLOAD_BYTES,
};
use metaverse_protocol::time::{Tick, Time};

fn pose_at(beat: u64) -> Pose {
    let seconds = beat as f32 * 0.05;
    let root = RootPose::new(Vec3::X * seconds, Quat::from_rotation_y(seconds)).expect("a pose");
    let mut pose = Pose::rest(root);
    pose.rotations
        .fill(Quat::from_rotation_x(0.2 * seconds.sin()));
    pose
}

fn middle_at(beat: u64) -> MiddlePose {
    let pose = pose_at(beat);
    let end = |x: f32, y: f32| metaverse_avatar::LimbEnd {
        position: Vec3::new(x, y, 0.2 * (beat as f32 * 0.1).sin()),
        rotation: Quat::IDENTITY,
    };
    MiddlePose {
        root: pose.root,
        hips_height: -0.1,
        head: Quat::IDENTITY,
        ends: [end(0.4, 1.1), end(-0.4, 1.1), end(0.1, 0.1), end(-0.1, 0.1)],
    }
}

/// Two seconds: poses of all levels at 20 a second, three frames for each, some poses late, some lost. Says how many
/// frames had a body.
fn two_seconds(solver: &mut Solver, playback: &mut Playback, known: &mut Pose, from: u64) -> u32 {
    let mut buffer = known.clone();
    let mut bodies = 0;
    for beat in from..from + 40 {
        let level = match beat % 40 {
            0..15 => Level::Near,
            15..25 => Level::Middle,
            _ => Level::Far,
        };
        match level {
            Level::Near => known.clone_from(&pose_at(beat)),
            Level::Middle => solver.solve(&middle_at(beat), known),
            Level::Far => known.root = pose_at(beat).root,
        }
        let captured = Time(1_000_000 + beat * 50_000);
        let received = Time(captured.0 + 20_000 + beat % 7 * 9_000);
        if beat % 11 != 5 {
            playback.push(received, captured, level, known);
        }
        for frame in 0..3 {
            let now = Time(received.0 + frame * 16_667);
            let shown = playback.sample(now, &mut buffer);
            bodies += u32::from(matches!(shown, Some(Shown::Body { .. })));
        }
    }
    bodies
}

/// These beats on the way through both sides of the codec, at all levels, with references and without.
fn travel(encoder: &mut Encoder, decoder: &mut Decoder, poses: &[Pose], beats: Range<usize>) {
    let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
    let mut references: Vec<Tick> = Vec::with_capacity(64);
    let counted = measure(|| {
        for beat in beats.clone() {
            encoder.push(captured(beat), &poses[beat]).expect("a pose");
            references.clear();
            references.extend((0..beat.saturating_sub(1)).rev().take(40).map(captured));
            for level in Level::ALL {
                for references in [&references[..], &[]] {
                    payload.clear();
                    encoder.encode(level, references, &mut payload);
                    decoder
                        .decode(captured(beat), level, &payload)
                        .expect("it decodes");
                }
            }
        }
    });
    assert_eq!(counted.count_total, 0, "in beats {beats:?}");
}

#[test]
fn encoding_and_decoding_allocate_nothing() {
    let rig = rig();
    let poses: Vec<_> = (0..300)
        .map(|beat| moving(&rig, beat as f32 * 0.05))
        .collect();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig);
    travel(&mut encoder, &mut decoder, &poses, 0..300);
}

#[test]
fn solving_pushing_and_sampling_allocate_nothing_once_warm() {
    let mut solver = Solver::new(&Rig::humanoid());
    let mut playback = Playback::new();
    let mut known = pose_at(0);
    two_seconds(&mut solver, &mut playback, &mut known, 0);
    let mut bodies = 0;
    let counted = measure(|| {
        for round in 1..10 {
            bodies += two_seconds(&mut solver, &mut playback, &mut known, round * 40);
        }
    });
    assert!(bodies > 300, "{bodies} frames had a body");
    assert_eq!(counted.count_total, 0);
}

#[test]
fn who_stays_far_never_allocates() {
    let mut playback = Playback::new();
    let mut buffer = pose_at(0);
    let counted = measure(|| {
        for beat in 0..100 {
            let now = Time(1_000_000 + beat * 1_000_000);
            playback.push(now, now, Level::Far, &pose_at(beat));
            playback.sample(now, &mut buffer);
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn the_counter_counts() {
    let counted = measure(|| drop(std::hint::black_box(vec![1_u8; 100])));
    assert_eq!(counted.count_total, 1);
}
